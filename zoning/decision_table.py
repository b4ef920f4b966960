"""For every set of clauses, industry group and activity: the clause that decides, or that none does. It measures nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Final

from zoning import industry
from zoning.access import TO_READ
from zoning.contradiction import rank
from zoning.decision import ACTIVITIES, SEVERITY, Activity, Outcome, outcome_of
from zoning.jurisdiction import significant
from zoning.rule import Rule
from zoning.told_apart import projects, signatures

NONE: Final = "none"
OTHER: Final = "other"
"""Stands for the industries that are in no group, while there are such."""


@dataclass(frozen=True, slots=True)
class ClauseSet:
    """Clauses that bind one place together. `silent`: what it means that none of them speaks of a project; None if not said."""

    id: str
    clauses: tuple[Rule, ...]
    silent: str | None = NONE


@dataclass(frozen=True, slots=True)
class Cell:
    """`decides` is a rule's id, `NONE`, or None: an empty cell, where the set does not say what its silence means."""

    set: str
    group: str
    activity: Activity
    decides: str | None
    outcome: Outcome


def clause_sets(rules: Sequence[Rule]) -> tuple[ClauseSet, ...]:
    """The sets that the rules make: of each jurisdiction with those above it, the rules without a place, and those of each layer.

    Rules are silent on purpose: what none of them names, none of them decides.
    """
    found = []
    for code in sorted({rule.jurisdiction for rule in rules}):
        own = [rule for rule in rules if _binds(rule.jurisdiction, code)]
        for layer in sorted({rule.where.layer if rule.where else "" for rule in own}):
            clauses = tuple(r for r in own if (r.where.layer if r.where else "") == layer)
            found.append(ClauseSet(f"{code}/{layer or 'anywhere'}", clauses))
    return tuple(found)


def _binds(jurisdiction: str, code: str) -> bool:
    if "yellow_river" in (jurisdiction, code):
        return jurisdiction == code or code.startswith("14")
    return significant(code).startswith(significant(jurisdiction))


def cells(sets: Iterable[ClauseSet]) -> Iterator[Cell]:
    """Every cell of every set."""
    for one in sets:
        deciding = decided(one)
        nothing: tuple[Outcome, str | None] = "clear", one.silent
        for group, activity in keys():
            outcome, decides = deciding.get((group, activity), nothing)
            yield Cell(one.id, group, activity, decides, outcome)


@cache
def keys() -> tuple[tuple[str, Activity], ...]:
    """The groups of industry and the activities of every set's cells."""
    outside = [OTHER] if frozenset() in signatures() else []
    return tuple(product([*sorted(industry.groups()), *outside], ACTIVITIES))


def decided(one: ClauseSet) -> Mapping[tuple[str, Activity], tuple[Outcome, str]]:
    """The cells of a set that a clause decides, with its id: the worst, then the higher text, then the first id."""
    deciding: dict[tuple[str, Activity], tuple[Outcome, str]] = {}
    for clause in sorted(one.clauses, key=lambda c: (*(-n for n in rank(c)), c.id)):
        for key, outcome in _reach_of(clause).items():
            if key not in deciding or SEVERITY.index(outcome) > SEVERITY.index(deciding[key][0]):
                deciding[key] = outcome, clause.id
    return deciding


def _reach_of(clause: Rule) -> Mapping[tuple[str, Activity], Outcome]:
    said = clause.said
    if said not in _REACHES:
        if len(_REACHES) >= _MOST_REACHES:
            _REACHES.clear()
        _REACHES[said] = _reach(clause)
    return _REACHES[said]


_MOST_REACHES: Final = 4_096
_REACHES: dict[str, Mapping[tuple[str, Activity], Outcome]] = {}
"""What clauses reach, by all that they say of a project: many units carry the same clause."""


def _reach(clause: Rule) -> Mapping[tuple[str, Activity], Outcome]:
    """The groups and activities that a clause may speak of, each with what it then does."""
    met = {(facts.groups, facts.activity) for facts in projects([clause.condition()]) if clause.test(facts).value}
    named = frozenset[str]().union(*(facts.groups for facts in projects([clause.condition()])))
    found: dict[tuple[str, Activity], Outcome] = {}
    for signature in signatures():
        for activity in ACTIVITIES:
            if (signature & named, activity) in met:
                # What only a person can read may turn out to be a ban.
                read = str(clause.effect) == TO_READ
                outcome: Outcome = "unknown" if read else outcome_of(clause.effect, activity, clause.bound_to)
                for group in signature or {OTHER}:
                    found[group, activity] = outcome
    return found
