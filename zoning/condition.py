"""Conditions on a project in three-valued logic: true, false, or not known because an attribute is missing.

Rules state them as data:

    {activity: [new, expand]}                 one of these activities
    {industry: [coking, steel]}               the industry is in one of these groups
    {attribute: net_new_capacity, over: 0}    also: is, not, one_of, at_most, under
    {all: […]}, {any: […]}, {not: …}
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
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
    """What a project says, as conditions see it: its activity, the groups its industry is in, its attributes.

    `unasked` names attributes that this site cannot have: a comparison with one is false, not open.
    """

    activity: str
    groups: frozenset[str]
    attributes: Mapping[str, Any]
    unasked: frozenset[str] = frozenset()


Compiled = Callable[[Facts], Truth]


def every(truths: Iterable[Truth]) -> Truth:
    """Kleene's conjunction: false if any is false, else not known if any is not known."""
    missing: frozenset[str] | None = None
    for truth in truths:
        if truth.value is False:
            return FALSE
        if truth.value is None:
            missing = truth.missing if missing is None else missing | truth.missing
    return TRUE if missing is None else Truth(None, missing)


def negate(truth: Truth) -> Truth:
    return truth if truth.value is None else FALSE if truth.value else TRUE


def some(truths: Iterable[Truth]) -> Truth:
    """Kleene's disjunction: true if any is true, else not known if any is not known."""
    return negate(every(negate(t) for t in truths))


def compiled(condition: Mapping[str, Any]) -> Compiled:
    """A condition as a function of a project's facts. Raises `ValueError` on a malformed condition, whole depth."""
    keys = set(condition)
    if keys in ({"all"}, {"any"}):
        name = next(iter(keys))
        tests = tuple(compiled(part) for part in condition[name])
        if name == "any":
            return lambda facts: some(test(facts) for test in tests)
        return tests[0] if len(tests) == 1 else lambda facts: every(test(facts) for test in tests)
    if keys == {"not"}:
        inner = compiled(condition["not"])
        return lambda facts: negate(inner(facts))
    if keys == {"activity"}:
        activities = condition["activity"]
        return lambda facts: TRUE if facts.activity in activities else FALSE
    if keys == {"industry"}:
        groups = frozenset(condition["industry"])
        return lambda facts: FALSE if groups.isdisjoint(facts.groups) else TRUE
    if "attribute" in keys and len(keys) == 2 and (operator := next(iter(keys - {"attribute"}))) in _COMPARISONS:
        return _comparison(condition["attribute"], _COMPARISONS[operator], condition[operator])
    raise ValueError(f"not a condition: {dict(condition)!r}")


def _comparison(name: str, compare: Callable[[Any, Any], bool], wanted: Any) -> Compiled:
    unknown = Truth(None, frozenset({name}))

    def test(facts: Facts) -> Truth:
        value = facts.attributes.get(name)
        if value is None:
            return FALSE if name in facts.unasked else unknown
        return TRUE if compare(value, wanted) else FALSE

    return test


def holds(condition: Mapping[str, Any], facts: Facts) -> Truth:
    """Whether `condition` holds for the project.

    Raises `ValueError` on a malformed condition; the rule set's lint finds those before any check.

    >>> facts = Facts("new", frozenset({"coking"}), {"net_new_capacity": 0})
    >>> holds({"attribute": "net_new_capacity", "over": 0}, facts).value
    False
    >>> holds({"all": [{"industry": ["coking"]}, {"attribute": "fuel", "is": "coal"}]}, facts).missing
    frozenset({'fuel'})
    """
    return compiled(condition)(facts)


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
