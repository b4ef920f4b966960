"""Conditions on a project in three-valued logic: true, false, or not known because an attribute is missing.

Rules state them as data:

    {activity: [new, expand]}                 one of these activities
    {industry: [coking, steel]}               the industry is in one of these groups
    {attribute: net_new_capacity, over: 0}    also: is, not, one_of, at_most, under
    {all: […]}, {any: […]}, {not: …}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "is": lambda value, wanted: bool(value == wanted),
    "not": lambda value, wanted: bool(value != wanted),
    "one_of": lambda value, wanted: value in wanted,
    "over": lambda value, wanted: bool(value > wanted),
    "at_most": lambda value, wanted: bool(value <= wanted),
    "under": lambda value, wanted: bool(value < wanted),
}


@dataclass(frozen=True, slots=True)
class Truth:
    """`value` is True, False or None (not known); `missing` names the attributes that would settle it."""

    value: bool | None
    missing: frozenset[str] = frozenset()


TRUE = Truth(True)
FALSE = Truth(False)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a project says, as conditions see it: its activity, the groups its industry is in, its attributes."""

    activity: str
    groups: frozenset[str]
    attributes: Mapping[str, Any]


def every(truths: list[Truth]) -> Truth:
    """Kleene's conjunction: false if any is false, else not known if any is not known."""
    if any(t.value is False for t in truths):
        return FALSE
    missing = frozenset[str]().union(*(t.missing for t in truths if t.value is None))
    return TRUE if all(t.value for t in truths) else Truth(None, missing)


def negate(truth: Truth) -> Truth:
    return truth if truth.value is None else Truth(not truth.value)


def some(truths: list[Truth]) -> Truth:
    """Kleene's disjunction: true if any is true, else not known if any is not known."""
    return negate(every([negate(t) for t in truths]))


def holds(condition: Mapping[str, Any], facts: Facts) -> Truth:
    """Whether `condition` holds for the project.

    Raises `ValueError` on a malformed condition; the rule set's lint finds those before any check.

    >>> facts = Facts("new", frozenset({"coking"}), {"net_new_capacity": 0})
    >>> holds({"attribute": "net_new_capacity", "over": 0}, facts).value
    False
    >>> holds({"all": [{"industry": ["coking"]}, {"attribute": "fuel", "is": "coal"}]}, facts).missing
    frozenset({'fuel'})
    """
    keys = set(condition)
    if keys == {"all"}:
        found = []
        for part in condition["all"]:
            found.append(holds(part, facts))
            if found[-1].value is False:
                return FALSE
        return every(found)
    if keys == {"any"}:
        return some([holds(c, facts) for c in condition["any"]])
    if keys == {"not"}:
        return negate(holds(condition["not"], facts))
    if keys == {"activity"}:
        return Truth(facts.activity in condition["activity"])
    if keys == {"industry"}:
        return Truth(not facts.groups.isdisjoint(condition["industry"]))
    if "attribute" in keys and len(keys) == 2 and (operator := next(iter(keys - {"attribute"}))) in _COMPARISONS:
        name = condition["attribute"]
        value = facts.attributes.get(name)
        if value is None:
            return Truth(None, frozenset({name}))
        return Truth(_COMPARISONS[operator](value, condition[operator]))
    raise ValueError(f"not a condition: {dict(condition)!r}")


def require_form(condition: Mapping[str, Any]) -> None:
    """Walk all of a condition; raises `ValueError` at the first part that is none, also where `holds` would not look."""
    keys = set(condition)
    if keys in ({"all"}, {"any"}):
        for part in next(iter(condition.values())):
            require_form(part)
    elif keys == {"not"}:
        require_form(condition["not"])
    else:
        holds(condition, Facts("", frozenset(), {}))


def mentioned(condition: Mapping[str, Any], key: str) -> frozenset[str]:
    """All activities, industry groups or attributes (`key`) that a condition names, for lint and for questions."""
    found: set[str] = set()
    for name, value in condition.items():
        if name in ("all", "any"):
            for part in value:
                found |= mentioned(part, key)
        elif name == "not" and isinstance(value, Mapping):
            found |= mentioned(value, key)
        elif name == key:
            found |= {value} if isinstance(value, str) else set(value)
    return frozenset(found)


def thresholds(condition: Mapping[str, Any], attribute: str) -> frozenset[Any]:
    """The values that `condition` compares `attribute` with."""
    found: set[Any] = set()
    for name, value in condition.items():
        if name in ("all", "any"):
            for part in value:
                found |= thresholds(part, attribute)
        elif name == "not" and isinstance(value, Mapping):
            found |= thresholds(value, attribute)
    if condition.get("attribute") == attribute:
        for name, value in condition.items():
            if name != "attribute":
                found |= set(value) if isinstance(value, list) else {value}
    return frozenset(found)
