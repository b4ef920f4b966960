"""The national industry classification GB/T 4754-2017 and named groups on top of it; it knows no rules."""

from __future__ import annotations

import csv
import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal, NewType

import yaml

from zoning.bilingual import Bilingual
from zoning.errors import BadProject

IndustryCode = NewType("IndustryCode", str)
"""A section letter and 0, 2, 3 or 4 digits: C, C25, C252, C2521."""

Level = Literal["section", "division", "group", "class"]
_LEVELS: Mapping[int, Level] = {1: "section", 3: "division", 4: "group", 5: "class"}

EDITION_2011: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "C2520": ("炼焦", ("C2521",)),
    "C2512": ("人造原油制造", ("C2522", "C2523")),
    "D4412": ("水力发电", ("D4413",)),
    "D4413": ("核力发电", ("D4414",)),
    "D4414": ("风力发电", ("D4415",)),
    "D4415": ("太阳能发电", ("D4416",)),
}
"""Codes of the 2011 edition that are gone or mean something else now: their name then, and where it is in 2017."""


@dataclass(frozen=True, slots=True)
class Industry:
    """One entry of the classification. `name_en` is empty where no English name is kept."""

    code: IndustryCode
    name_zh: str
    name_en: str
    level: Level
    section: str


@dataclass(frozen=True, slots=True)
class Group:
    """A named set of industries: codes or beginnings of codes. `to_confirm` groups stand in for words a text leaves undefined."""

    id: str
    title: Bilingual
    members: tuple[str, ...]
    excepted: tuple[str, ...]
    status: Literal["confirmed", "to_confirm"]
    source: Bilingual

    def holds(self, code: str) -> bool:
        return code.startswith(self.members) and not (self.excepted and code.startswith(self.excepted))


@dataclass(frozen=True, slots=True)
class Found:
    """Search results; `total` counts all matches, `shown` holds the first of them."""

    shown: tuple[Industry, ...]
    total: int


class Industries:
    """The whole classification, by code."""

    def __init__(self, entries: Mapping[IndustryCode, Industry]) -> None:
        self.entries = entries

    def __len__(self) -> int:
        return len(self.entries)

    def search(self, text: str, limit: int = 20) -> Found:
        """Entries whose code begins with, or whose name holds, `text`; classes first, then by code."""
        wanted = text.strip()
        code = _spelled(wanted)
        hits = [
            e
            for e in self.entries.values()
            if (code and (e.code.startswith(code) or e.code[1:].startswith(code)))
            or (wanted and (wanted in e.name_zh or wanted.lower() in e.name_en.lower()))
        ]
        hits.sort(key=lambda e: (e.level != "class", e.code))
        return Found(tuple(hits[:limit]), len(hits))

    def children(self, code: str) -> tuple[Industry, ...]:
        return tuple(e for e in self.entries.values() if e.level == "class" and e.code.startswith(code) and e.code != code)

    def resolve(self, text: str) -> Industry:
        """The class that a request means: ``C2521``, ``2521``, ``炼焦`` or ``C2521 炼焦``.

        Raises `BadProject` ``industry-2011-edition``, ``industry-unknown`` (with suggestions) or ``industry-too-coarse``.
        """
        match = re.fullmatch(r"\s*([A-Za-z]?\d{2,4}|[A-Ta-t](?=\s*$))[\s,，、]*(.*?)\s*", text)
        code, name = (match[1].upper(), match[2]) if match else ("", text.strip())
        if code and not code[0].isalpha():
            code = next((e for e in self.entries if e[1:] == code), code)
        old = EDITION_2011.get(code) or next((v for k, v in EDITION_2011.items() if k[1:] == code), None)
        if old and (code not in self.entries or name == old[0]):
            raise self._edition(text, code, old)
        if not code and name:
            return self._by_name(name)
        entry = self.entries.get(IndustryCode(code))
        if entry is None:
            raise self._unknown(text, name)
        if name and name not in (entry.name_zh, entry.name_en):
            raise BadProject(
                "industry-name-differs",
                Bilingual(
                    f"代码 {entry.code} 是“{entry.name_zh}”，不是“{name}”。请只写代码或改正名称。",
                    f"{entry.code} is {entry.name_zh} {entry.name_en}, not {name}. Give the code alone or mend the name.",
                ),
                field="industry",
                value=text,
            )
        if entry.level != "class":
            some = "、".join(f"{c.code} {c.name_zh}" for c in self.children(entry.code))
            raise BadProject(
                "industry-too-coarse",
                Bilingual(f"{entry.code} {entry.name_zh} 不是小类，请选小类：{some}。", f"{entry.code} is not a class; choose one: {some}."),
                field="industry",
                value=text,
            )
        return entry

    def renamed(self, code: str) -> Bilingual | None:
        """A notice for a class whose code meant something else in the 2011 edition."""
        old = EDITION_2011.get(code)
        if old is None or code not in self.entries:
            return None
        now = self.entries[IndustryCode(code)]
        return Bilingual(
            f"{code} 在 2011 版是“{old[0]}”，此处按 GB/T 4754-2017 的“{now.name_zh}”核查。",
            f"{code} was {old[0]} in the 2011 edition; it is taken as {now.name_zh} of GB/T 4754-2017.",
        )

    def _by_name(self, name: str) -> Industry:
        found = [e for e in self.entries.values() if e.level == "class" and name in (e.name_zh, e.name_en)]
        if len(found) != 1:
            raise self._unknown(name, name)
        return found[0]

    def _edition(self, text: str, code: str, old: tuple[str, tuple[str, ...]]) -> BadProject:
        now = "、".join(f"{c} {self.entries[IndustryCode(c)].name_zh}" for c in old[1])
        return BadProject(
            "industry-2011-edition",
            Bilingual(
                f"{text} 是 2011 版代码（{old[0]}），本系统用 GB/T 4754-2017：{now}。",
                f"{text} is a code of the 2011 edition ({old[0]}); GB/T 4754-2017 has {now}.",
            ),
            field="industry",
            value=code,
        )

    def _unknown(self, text: str, name: str) -> BadProject:
        classes = {e.name_zh: e for e in self.entries.values() if e.level == "class"}
        near = [classes[n] for n in difflib.get_close_matches(name, classes, n=3, cutoff=0.4)]
        near = near or list(self.search(name or text, 3).shown)
        hint = "、".join(f"{e.code} {e.name_zh}" for e in near)
        zh, en = (f"是否为：{hint}？", f" Did you mean {hint}?") if hint else ("可用 shanhe industries 查找。", " Search with shanhe industries.")
        return BadProject(
            "industry-unknown",
            Bilingual(f"GB/T 4754-2017 中没有 {text!r}。{zh}", f"GB/T 4754-2017 has no {text!r}.{en}"),
            field="industry",
            value=text,
        )


def _spelled(text: str) -> str:
    return text.upper() if re.fullmatch(r"[A-Za-z]?\d{1,4}|[A-Ta-t]", text) else ""


@cache
def industries() -> Industries:
    """The packaged classification: 20 sections, 97 divisions, 473 groups, 1,381 classes."""
    text = (files("zoning") / "gbt4754-2017.csv").read_text(encoding="utf-8")
    entries = {}
    for row in csv.DictReader(text.splitlines()):
        code = IndustryCode(row["code"])
        entries[code] = Industry(code, row["name_zh"], row["name_en"], _LEVELS[len(code)], code[0])
    return Industries(entries)


@cache
def packaged() -> Mapping[str, Any]:
    """The data behind the groups."""
    data: Mapping[str, Any] = yaml.safe_load((files("zoning") / "industry_groups.yaml").read_text(encoding="utf-8"))
    return data


@cache
def groups() -> Mapping[str, Group]:
    """All named groups; a group of groups holds the members of each."""
    data = packaged()["groups"]

    def collected(id: str, key: str) -> tuple[str, ...]:
        own = tuple(data[id].get(key, ()))
        return own + tuple(code for other in data[id].get("groups", ()) for code in collected(other, key))

    return {
        id: Group(
            id,
            Bilingual.of(entry["title"]),
            collected(id, "members"),
            collected(id, "except"),
            entry["status"],
            Bilingual.of(entry["source"]),
        )
        for id, entry in data.items()
    }


@cache
def groups_of(code: str) -> frozenset[str]:
    """The groups that a class is in.

    >>> sorted(groups_of("C2521"))[:2]
    ['chemical', 'coking']
    """
    return frozenset(id for id, group in groups().items() if group.holds(code))
