"""Every attribute a project may state: its type, its question, and what an industry implies; it asks nobody."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import yaml

from zoning import industry
from zoning.bilingual import Bilingual
from zoning.errors import BadProject

_YES = {"true": True, "yes": True, "1": True, "是": True, "false": False, "no": False, "0": False, "否": False}


@dataclass(frozen=True, slots=True)
class Default:
    """A value implied by an industry group or an activity, with the reason."""

    value: Any
    reason: Bilingual
    industries: frozenset[str]
    activities: frozenset[str]
    not_industries: frozenset[str]

    def fits(self, groups: frozenset[str], activity: str) -> bool:
        return (
            (not self.industries or bool(self.industries & groups))
            and (not self.activities or activity in self.activities)
            and not self.not_industries & groups
        )


@dataclass(frozen=True, slots=True)
class Attribute:
    """A declared attribute. `unit` is given for numbers, `values` for choices."""

    id: str
    type: Literal["bool", "number", "enum"]
    question: Bilingual
    unit: str | None
    values: tuple[str, ...]
    defaults: tuple[Default, ...]


@cache
def packaged() -> Mapping[str, Any]:
    """The data behind this module."""
    data: Mapping[str, Any] = yaml.safe_load((files("zoning") / "attributes.yaml").read_text(encoding="utf-8"))
    return data


@cache
def declared() -> Mapping[str, Attribute]:
    """All attributes by id, in the order they are declared."""
    return {
        id: Attribute(
            id=id,
            type=data["type"],
            question=Bilingual.of(data["question"]),
            unit=data.get("unit"),
            values=tuple(data.get("values", ())),
            defaults=tuple(
                Default(
                    d["value"],
                    Bilingual.of(d["reason"]),
                    frozenset(d.get("industry", ())),
                    frozenset(d.get("activity", ())),
                    frozenset(d.get("not_industry", ())),
                )
                for d in data.get("defaults", ())
            ),
        )
        for id, data in packaged()["attributes"].items()
    }


def _pairs(stated: Mapping[str, Any] | Sequence[str]) -> list[tuple[str, Any]]:
    if isinstance(stated, Mapping):
        return list(stated.items())
    pairs = []
    for text in stated:
        name, equals, value = text.partition("=")
        if not equals:
            raise BadProject(
                "attribute-value",
                Bilingual(f"属性写作 名称=值：{text!r}", f"write an attribute as name=value: {text!r}"),
                value=text,
            )
        pairs.append((name.strip(), value.strip()))
    return pairs


def parse(stated: Mapping[str, Any] | Sequence[str]) -> dict[str, Any]:
    """Typed attributes from a mapping or from ``name=value`` texts.

    Raises `BadProject` ``attribute-unknown`` (with the nearest name), ``attribute-value`` or ``attribute-twice``.

    >>> parse(["net_new_capacity=1,060,000", "fuel=gas"])
    {'fuel': 'gas', 'net_new_capacity': 1060000.0}
    """
    found: dict[str, Any] = {}
    for name, value in _pairs(stated):
        attribute = declared().get(name)
        if attribute is None:
            near = difflib.get_close_matches(name, declared(), n=1)
            hint = Bilingual(f"是否为 {near[0]}？", f"Did you mean {near[0]}? ") if near else Bilingual("", "")
            names = ", ".join(declared())
            raise BadProject(
                "attribute-unknown",
                Bilingual(
                    f"不认识的属性 {name!r}。{hint.zh}可用：{names}。",
                    f"Unknown attribute {name!r}. {hint.en}Known: {names}.",
                ),
                field=name,
            )
        if name in found:
            raise BadProject(
                "attribute-twice", Bilingual(f"属性 {name} 给了两次。", f"Attribute {name} is given twice."), field=name
            )
        if value is not None:
            found[name] = _value(attribute, value)
    return dict(sorted(found.items()))


def _value(attribute: Attribute, value: Any) -> Any:
    if attribute.type == "bool":
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.strip().lower() in _YES:
            return _YES[value.strip().lower()]
        wanted = Bilingual("应为 true 或 false", "must be true or false")
    elif attribute.type == "enum":
        if isinstance(value, str) and value in attribute.values:
            return value
        listed = ", ".join(attribute.values)
        wanted = Bilingual(f"应为其中之一：{listed}", f"must be one of {listed}")
    else:
        number = _number(value)
        if number is not None:
            return number
        wanted = Bilingual(f"应为数值，单位 {attribute.unit}", f"must be a number in {attribute.unit}")
    raise BadProject(
        "attribute-value",
        Bilingual(
            f"属性 {attribute.id} 的值 {value!r} {wanted.zh}。", f"Attribute {attribute.id}: {value!r} {wanted.en}."
        ),
        field=attribute.id,
        value=str(value),
    )


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        number = float(value.replace(",", "") if isinstance(value, str) else value)
    except (TypeError, ValueError):
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
        for default in attribute.defaults:
            if default.fits(groups, activity):
                assumed[attribute.id] = default.value
                reasons[attribute.id] = default.reason
                break
    return assumed, reasons
