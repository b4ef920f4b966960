"""Every attribute a project may state: its type, its question, and what an industry implies; it asks nobody."""

from __future__ import annotations

import difflib
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import yaml

from zoning import industry, terms
from zoning.bilingual import Bilingual
from zoning.errors import BadProject

_YES_NO: Mapping[str, bool] = {
    **dict.fromkeys(("true", "yes", "1", "是", "有"), True),
    **dict.fromkeys(("false", "no", "0", "否", "无"), False),
}
_NUMBER = re.compile(r"([+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)\s*(万?)\s*(.*)")


@dataclass(frozen=True, slots=True)
class Default:
    """A value implied by an industry group or an activity, with the reason. Empty sets do not limit it.

    What the planner states and `not_given` names speaks against it: then it is asked.
    """

    value: Any
    reason: Bilingual
    industries: frozenset[str]
    activities: frozenset[str]
    not_industries: frozenset[str]
    not_given: Mapping[str, Any] = field(default_factory=dict)

    def fits(self, groups: frozenset[str], activity: str, given: Mapping[str, Any]) -> bool:
        return (
            (not self.industries or bool(self.industries & groups))
            and (not self.activities or activity in self.activities)
            and not self.not_industries & groups
            and not any(given.get(name) == value for name, value in self.not_given.items())
        )


@dataclass(frozen=True, slots=True)
class Attribute:
    """A declared attribute. `unit` is given for numbers; `titles` hold the words for the values of a choice.

    `asked_when` says for people which rules need it; what is really asked for is worked out in each check. `asked_of` limits
    it to sites that are lines or corridors.
    """

    id: str
    type: Literal["bool", "number", "enum"]
    question: Bilingual
    unit: str | None
    titles: Mapping[str, Bilingual]
    defaults: tuple[Default, ...]
    asked_when: Bilingual
    unit_words: tuple[str, ...] = ()
    asked_of: Literal["any", "line"] = "any"

    @property
    def values(self) -> tuple[str, ...]:
        """The ids of the values of a choice, in the order they are declared; empty for other types."""
        return tuple(self.titles)


@cache
def packaged() -> Mapping[str, Any]:
    """The data behind this module."""
    data: Mapping[str, Any] = yaml.safe_load((files("zoning") / "attributes.yaml").read_text(encoding="utf-8"))
    return data


def _default(data: Mapping[str, Any]) -> Default:
    return Default(
        value=data["value"],
        reason=Bilingual.of(data["reason"]),
        industries=frozenset(data.get("industry", ())),
        activities=frozenset(data.get("activity", ())),
        not_industries=frozenset(data.get("not_industry", ())),
        not_given=data.get("not_given", {}),
    )


def _titles(data: Mapping[str, Any]) -> Mapping[str, Bilingual]:
    if "terms" in data:
        return {term.value: terms.label(term) for term in terms.TERMS[data["terms"]]}
    return {value: Bilingual.of(title) for value, title in data.get("values", {}).items()}


@cache
def declared() -> Mapping[str, Attribute]:
    """All attributes by id, in the order they are declared."""
    return {
        id: Attribute(
            id=id,
            type=data["type"],
            question=Bilingual.of(data["question"]),
            unit=data.get("unit"),
            titles=_titles(data),
            defaults=tuple(_default(d) for d in data.get("defaults", ())),
            asked_when=Bilingual.of(data["asked_when"]),
            unit_words=tuple(data.get("unit_words", ())),
            asked_of=data.get("asked_of", "any"),
        )
        for id, data in packaged()["attributes"].items()
    }


def _pairs(stated: Mapping[str, Any] | Sequence[str]) -> list[tuple[str, Any]]:
    if isinstance(stated, Mapping):
        return list(stated.items())
    pairs = []
    for text in stated:
        name, equals, value = text.replace("＝", "=").partition("=")
        if not equals or not value.strip():
            raise BadProject(
                "attribute-value",
                Bilingual(f"属性写作 名称=值：{text!r}。", f"Write an attribute as name=value: {text!r}."),
                field=name.strip(),
                value=text,
            )
        pairs.append((name.strip(), value.strip()))
    return pairs


def parse(stated: Mapping[str, Any] | Sequence[str]) -> dict[str, Any]:
    """Typed attributes by id, in id order, from a mapping or from ``name=value`` texts; a value of None is not stated.

    Yes and no may be written true/false, yes/no, 1/0, 是/否; a choice by its id or its word in either language; a number with
    thousands separators, 万 (ten thousand) and its own unit.

    Raises `BadProject` ``attribute-unknown`` (with the nearest name), ``attribute-value`` or ``attribute-twice``.

    >>> parse(["net_new_capacity=1,060,000", "fuel=gas"])
    {'fuel': 'gas', 'net_new_capacity': 1060000.0}
    >>> parse({"net_new_capacity": "106万吨/年", "tailings_pond": "否"})
    {'net_new_capacity': 1060000.0, 'tailings_pond': False}
    """
    found: dict[str, Any] = {}
    for name, value in _pairs(stated):
        attribute = declared().get(name)
        if attribute is None:
            raise _unknown(name)
        if name in found:
            raise BadProject(
                "attribute-twice",
                Bilingual(f"属性 {name} 给了两次。", f"Attribute {name} is given twice."),
                field=name,
            )
        if value is not None:
            found[name] = _value(attribute, value)
    return dict(sorted(found.items()))


def _unknown(name: str) -> BadProject:
    near = difflib.get_close_matches(name, declared(), n=1)
    hint = Bilingual(f"是否为 {near[0]}？", f"Did you mean {near[0]}? ") if near else Bilingual("", "")
    names = ", ".join(declared())
    return BadProject(
        "attribute-unknown",
        Bilingual(
            f"不认识的属性 {name!r}。{hint.zh}可用：{names}。",
            f"Unknown attribute {name!r}. {hint.en}Known: {names}.",
        ),
        field=name,
        choices=near or None,
    )


def _value(attribute: Attribute, value: Any) -> Any:
    read = {"bool": _yes_or_no, "enum": _choice, "number": _number}[attribute.type]
    found = read(attribute, value)
    if found is not None:
        return found
    if attribute.type == "bool":
        wanted = Bilingual("应为 true（是）或 false（否）", "must be true or false")
    elif attribute.type == "enum":
        zh = "、".join(f"{id}（{title.zh}）" for id, title in attribute.titles.items())
        en = "; ".join(f"{id} ({title.en})" for id, title in attribute.titles.items())
        wanted = Bilingual(f"应为其中之一：{zh}", f"must be one of {en}")
    else:
        wanted = Bilingual(f"应为数值，单位 {attribute.unit}", f"must be a number in {attribute.unit}")
    raise BadProject(
        "attribute-value",
        Bilingual(
            f"属性 {attribute.id} 的值 {value!r} 不对，{wanted.zh}。",
            f"Attribute {attribute.id}: {value!r} {wanted.en}.",
        ),
        field=attribute.id,
        value=str(value),
    )


def _yes_or_no(_attribute: Attribute, value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    return _YES_NO.get(value.strip().lower()) if isinstance(value, str) else None


def _choice(attribute: Attribute, value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    wanted = value.strip().lower()
    words = ((id, word) for id, title in attribute.titles.items() for word in (id, title.zh, title.en))
    return next((id for id, word in words if word.lower() == wanted), None)


def _number(attribute: Attribute, value: Any) -> float | None:
    if isinstance(value, str):
        match = _NUMBER.fullmatch(unicodedata.normalize("NFKC", value).strip())
        if match is None or match[3] not in ("", attribute.unit, *attribute.unit_words):
            return None
        number = float(Decimal(match[1].replace(",", "")) * (10_000 if match[2] else 1))
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            return None
    else:
        return None
    return number + 0.0 if math.isfinite(number) else None


def defaults(code: str, activity: str, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Bilingual]]:
    """What a class of industry and an activity imply for attributes that were not given, and why."""
    groups = industry.groups_of(code)
    assumed: dict[str, Any] = {}
    reasons: dict[str, Bilingual] = {}
    for attribute in declared().values():
        if attribute.id in given:
            continue
        fitting = next((d for d in attribute.defaults if d.fits(groups, activity, given)), None)
        if fitting is not None:
            assumed[attribute.id] = float(fitting.value) if attribute.type == "number" else fitting.value
            reasons[attribute.id] = fitting.reason
    return assumed, reasons
