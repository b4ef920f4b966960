"""Pairs of rules of which one encourages what the other prohibits at the same place, and which of the two goes first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from zoning.condition import Facts, mentioned
from zoning.decision import ACTIVITIES, SEVERITY, STATUS_STRENGTH, Activity, outcome_of
from zoning.jurisdiction import significant
from zoning.rule import Rule, Where
from zoning.told_apart import projects

Reason = Literal["higher_law", "stricter"]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """`example` is a project that both speak of. `first` goes before the other, by the higher law or as the stricter rule."""

    encourages: Rule
    prohibits: Rule
    example: Facts
    first: Rule
    by: Reason

    @property
    def settled(self) -> bool:
        """Whether the one that goes first is also the one that a check applies: there the worst always wins."""
        return self.first is self.prohibits

    def as_dict(self) -> dict[str, Any]:
        return {
            "encourages": cited(self.encourages),
            "prohibits": cited(self.prohibits),
            "example": said_of(self.example),
            "first": self.first.id,
            "by": self.by,
            "settled": self.settled,
        }


def said_of(example: Facts) -> dict[str, Any]:
    """An example of a project as JSON data."""
    return {
        "activity": example.activity,
        "industry_groups": sorted(example.groups),
        "attributes": dict(example.attributes),
    }


def cited(rule: Rule) -> dict[str, Any]:
    """One of a pair as JSON data, with its citations."""
    return {
        "rule": rule.id,
        "title": rule.title.as_dict(),
        "effect": rule.effect,
        "jurisdiction": rule.jurisdiction,
        "file": rule.file,
        "line": rule.line,
        "cites": [cite.as_dict() for cite in rule.cites],
    }


def rank(rule: Rule) -> tuple[int, int]:
    """How high a rule's text stands: law before plan, then province before city before county. More is higher."""
    status = max(STATUS_STRENGTH.index(cite.source.status) for cite in rule.cites)
    wide = 6 if rule.jurisdiction == "yellow_river" else 6 - len(significant(rule.jurisdiction))
    return status, wide


def contradictions(rules: Sequence[Rule]) -> Iterator[Contradiction]:
    """All pairs, in id order."""
    bans = [rule for rule in rules if rule.effect in ("prohibit", "phase_out")]
    for kind in (rule for rule in rules if rule.effect == "encourage"):
        for ban in bans:
            example = _both(kind, ban)
            if example is not None:
                higher = rank(kind)[0] > rank(ban)[0]
                by: Reason = "higher_law" if rank(kind)[0] != rank(ban)[0] else "stricter"
                yield Contradiction(kind, ban, example, kind if higher else ban, by)


def _both(kind: Rule, ban: Rule) -> Facts | None:
    """A project that the one encourages and the other prohibits, at one place on one day, whatever else is said of it.

    A ban that a project escapes by a fact on which the other rule says nothing, such as its fuel, limits that rule and does
    not contradict it.
    """
    if not (_meet(kind, ban) and _at_once(kind, ban) and _same_place(kind.where, ban.where)):
        return None
    prohibited = [a for a in _activities(ban) if outcome_of(ban.effect, a, ban.bound_to) == SEVERITY[-1]]
    named = mentioned(kind.condition(), "attribute")
    caught: dict[tuple[Any, ...], Facts | None] = {}
    for facts in projects([kind.condition(), ban.condition()]):
        if facts.activity not in prohibited or not kind.test(facts).value:
            continue
        own = {name: value for name, value in facts.attributes.items() if name in named}
        key = (facts.activity, facts.groups, *sorted(own.items()))
        before = caught.setdefault(key, Facts(facts.activity, facts.groups, own))
        caught[key] = before if ban.test(facts).value else None
    return next((facts for facts in caught.values() if facts is not None), None)


def _activities(rule: Rule) -> list[Activity]:
    """The activities that a rule names, or all."""
    return [cast("Activity", a) for a in rule.activities] or list(ACTIVITIES)


def _meet(one: Rule, other: Rule) -> bool:
    """Whether two jurisdictions share ground. The Yellow River's counties are known to the county layer only: they may."""
    codes = one.jurisdiction, other.jurisdiction
    if "yellow_river" in codes:
        return True
    a, b = (significant(code) for code in codes)
    return a.startswith(b) or b.startswith(a)


def _at_once(one: Rule, other: Rule) -> bool:
    """Whether there is a day on which both are in force."""
    for a in one.spans():
        for b in other.spans():
            starts, ends = [p.start for p in (a, b) if p.start], [p.end for p in (a, b) if p.end]
            if not starts or not ends or max(starts) <= min(ends):
                return True
    return False


def _same_place(kind: Where | None, ban: Where | None) -> bool:
    """Whether the ban holds where the other encourages. A ban at one place only limits what is encouraged everywhere."""
    if ban is None:
        return True
    if kind is None or kind.layer != ban.layer:
        return False
    shared = set(kind.filter) & set(ban.filter)
    return all(set(kind.filter[key]) & set(ban.filter[key]) for key in shared)
