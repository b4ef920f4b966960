"""Named groups of industries that rules speak of, on top of GB/T 4754-2017 codes; it says where each list comes from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import yaml

from zoning.bilingual import Bilingual

_KEYS = {"title", "members", "except", "groups", "status", "source", "note"}


@dataclass(frozen=True, slots=True)
class Group:
    """A named set of industries, by codes or beginnings of codes.

    `to_confirm` groups stand in for words that a text leaves undefined; `note` says what is open.
    """

    id: str
    title: Bilingual
    members: tuple[str, ...]
    excepted: tuple[str, ...]
    status: Literal["confirmed", "to_confirm"]
    source: Bilingual
    note: Bilingual | None = None

    def holds(self, code: str) -> bool:
        return code.startswith(self.members) and not (self.excepted and code.startswith(self.excepted))


@cache
def packaged() -> Mapping[str, Any]:
    """The data behind this module."""
    data: Mapping[str, Any] = yaml.safe_load((files("zoning") / "industry_groups.yaml").read_text(encoding="utf-8"))
    return data


def _collected(data: Mapping[str, Any], id: str, key: str) -> tuple[str, ...]:
    own = tuple(data[id].get(key, ()))
    return own + tuple(code for other in data[id].get("groups", ()) for code in _collected(data, other, key))


@cache
def groups() -> Mapping[str, Group]:
    """All named groups by id; a group of groups holds the members of each."""
    data = packaged()["groups"]
    return {
        id: Group(
            id=id,
            title=Bilingual.of(entry["title"]),
            members=_collected(data, id, "members"),
            excepted=_collected(data, id, "except"),
            status=entry["status"],
            source=Bilingual.of(entry["source"]),
            note=Bilingual.of(entry["note"]) if "note" in entry else None,
        )
        for id, entry in data.items()
    }


@cache
def groups_of(code: str) -> frozenset[str]:
    """The groups that a class is in.

    >>> {"coking", "two_high"} <= groups_of("C2521")
    True
    """
    return frozenset(id for id, group in groups().items() if group.holds(code))


def in_group(code: str, group: str) -> bool:
    """Whether a class is in a group; raises `KeyError` for a group that is not declared.

    >>> in_group("C2653", "chemical"), in_group("C2524", "chemical")
    (True, False)
    """
    return groups()[group].holds(code)


def lint_groups(data: Mapping[str, Any], codes: Collection[str]) -> list[str]:
    """Everything wrong with group declarations, one line each; `codes` are all codes of the classification.

    Finds codes that do not exist, exceptions that take nothing out, unknown keys and groups, groups without members, and
    groups that are to be confirmed without saying why.
    """
    problems: list[str] = []
    for id, entry in data.items():
        problems += [f"{id}: unknown key {key}" for key in sorted(set(entry) - _KEYS)]
        problems += [f"{id}: unknown group {other}" for other in entry.get("groups", ()) if other not in data]
        if problems:
            continue
        members, excepted = _collected(data, id, "members"), _collected(data, id, "except")
        if not members:
            problems.append(f"{id}: no members")
        problems += [f"{id}: no code {code}" for code in (*members, *excepted) if code not in codes]
        problems += [f"{id}: {code} is not in it anyway" for code in excepted if not code.startswith(members)]
        if entry["status"] not in ("confirmed", "to_confirm"):
            problems.append(f"{id}: unknown status {entry['status']}")
        if entry["status"] == "to_confirm" and "note" not in entry:
            problems.append(f"{id}: to be confirmed, but no note says why")
    return problems
