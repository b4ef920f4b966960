"""For every control unit, dimension, industry group and activity: the clause of the access list that decides, an explicit none,
or that the unit's clauses are not provided; and the pairs of clauses that speak against each other. It answers no project."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from zoning.access import Clause, UnitCode, scopes_of
from zoning.bilingual import Bilingual
from zoning.condition import Facts
from zoning.conformity import rule_of
from zoning.contradiction import Reason, cited, contradictions, rank, said_of
from zoning.decision import SEVERITY, outcome_of
from zoning.decision_table import NONE, ClauseSet, decided, keys
from zoning.errors import Problem
from zoning.rule import Rule
from zoning.rule_lint import unreachable
from zoning.terms import AccessLevel, Dimension, label
from zoning.told_apart import projects

NOT_PROVIDED: Final = "not_provided"
"""What decides where a unit has no clause of its own: 本单元条款未提供."""
LIST: Final = "access-list"
"""What a problem calls the list as a whole."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two clauses of one unit and dimension: what the one lets be with a document, the other prohibits. `first` goes before."""

    allows: Rule
    prohibits: Rule
    example: Facts
    units: tuple[str, ...]

    @property
    def first(self) -> Rule:
        """The ban: the stricter of two always goes first."""
        return self.prohibits

    @property
    def by(self) -> Reason:
        return "higher_law" if rank(self.prohibits) > rank(self.allows) else "stricter"

    def as_dict(self) -> dict[str, Any]:
        return {
            "allows": cited(self.allows),
            "prohibits": cited(self.prohibits),
            "example": said_of(self.example),
            "first": self.first.id,
            "by": self.by,
            "units": list(self.units),
        }


@dataclass(frozen=True)
class UnitTable:
    """The table of all units, counted. `empty` are sets, by unit and dimension, that have cells in which nothing decides."""

    units: int
    sets: int
    decided: int
    none: int
    not_provided: int
    empty: Mapping[str, int]
    conflicts: tuple[Conflict, ...]
    errors: tuple[Problem, ...]

    @property
    def cells(self) -> int:
        return self.sets * len(keys())

    def as_dict(self) -> dict[str, Any]:
        return {
            "units": self.units,
            "clause_sets": self.sets,
            "cells": self.cells,
            "decided": self.decided,
            "none": self.none,
            "not_provided": self.not_provided,
            "empty": [[set, n] for set, n in self.empty.items()],
            "contradictions": [conflict.as_dict() for conflict in self.conflicts],
        }


def unit_sets(
    clauses: Iterable[Clause],
    units: Collection[str],
    none: Collection[tuple[str, Dimension]] = (),
    as_of: dt.date | None = None,
) -> Iterator[ClauseSet]:
    """A set of clauses for each unit and dimension: those of the unit, its city and its province that bind it.

    Parameters
    ----------
    units
        Codes of the units there are; those that only the list names come on top.
    none
        Units and dimensions of which the list says that there is no clause. A unit with clauses that says nothing of a
        dimension leaves it open, and then a cell that no clause fills is empty.
    as_of
        Only clauses in force on that day; None: all.
    """
    under: dict[str, list[Clause]] = defaultdict(list)
    for clause in clauses:
        if as_of is None or as_of in clause.valid:
            under[clause.code].append(clause)
    spoken = {code for code in (*under, *(code for code, _ in none)) if UnitCode.read(code)}
    rules: dict[str, Rule] = {}
    for unit in sorted({*units, *spoken}):
        binding = [c for scope in scopes_of(unit) for c in under.get(scope, ()) if c.of_class(unit)]
        for dimension in Dimension:
            own = [c for c in binding if c.dimension == dimension]
            stated = (unit, dimension) in none or any(c.level == AccessLevel.UNIT for c in own)
            silent = NOT_PROVIDED if unit not in spoken else NONE if stated else None
            heard = tuple(rules.setdefault(c.id, rule_of(c)) for c in own)
            yield ClauseSet(f"{unit}/{dimension.value}", heard, silent)


def unit_table(
    clauses: Sequence[Clause],
    units: Collection[str],
    known_from: dt.date,
    *,
    none: Collection[tuple[str, Dimension]] = (),
    rules: Sequence[Rule] = (),
    as_of: dt.date | None = None,
) -> UnitTable:
    """Look an access list over. `rules` are those beside it: what they encourage a clause may prohibit.

    Errors are empty cells, clauses that can never apply, and a ban against a higher text that encourages.
    """
    sets = tuple(unit_sets(clauses, units, none, as_of))
    every = len(keys())
    counts = {NONE: 0, NOT_PROVIDED: 0}
    empty: dict[str, int] = {}
    full = 0
    for one in sets:
        filled = len(decided(one))
        full += filled
        if one.silent is None and filled < every:
            empty[one.id] = every - filled
        elif one.silent is not None:
            counts[one.silent] += every - filled
    machine = [rule_of(c) for c in clauses if c.terms.effect is not None]
    errors = [*unreachable(machine, known_from), *_unsettled(machine, rules), *(_empty(s, n) for s, n in empty.items())]
    number = len(sets) // len(Dimension)
    conflicts = tuple(_conflicts(sets))
    return UnitTable(number, len(sets), full, counts[NONE], counts[NOT_PROVIDED], empty, conflicts, tuple(errors))


def _conflicts(sets: Iterable[ClauseSet]) -> Iterator[Conflict]:
    """Every pair once, with all units in which it stands."""
    found: dict[tuple[str, str], tuple[Rule, Rule, list[str]]] = {}
    for one in sets:
        bans = [c for c in one.clauses if c.effect in ("prohibit", "phase_out")]
        for milder in (c for c in one.clauses if c.effect in ("restrict", "phase_out")):
            for ban in bans:
                if ban is not milder:
                    pair = found.setdefault((milder.id, ban.id), (milder, ban, []))
                    pair[2].append(one.id.partition("/")[0])
    for milder, ban, units in found.values():
        example = _both(milder, ban)
        if example is not None:
            yield Conflict(milder, ban, example, tuple(units))


def _both(milder: Rule, ban: Rule) -> Facts | None:
    """A project that the one clause restricts and the other prohibits."""
    for facts in projects([milder.condition(), ban.condition()]):
        outcomes = [outcome_of(c.effect, facts.activity, c.bound_to) for c in (milder, ban)]  # type: ignore[arg-type]
        if outcomes == ["restricted", SEVERITY[-1]] and milder.test(facts).value and ban.test(facts).value:
            return facts
    return None


def _unsettled(machine: Sequence[Rule], rules: Sequence[Rule]) -> Iterator[Problem]:
    """Bans of the list on what a text above it encourages everywhere."""
    # A clause of a whole province or city binds all its ground, whatever unit that is in.
    wide = [replace(r, where=None) if r.where is not None and not r.where.filter else r for r in machine]
    kinds = [rule for rule in rules if rule.effect == "encourage"]
    for pair in contradictions([*kinds, *wide]):
        if not pair.settled:
            yield Problem(
                LIST,
                None,
                pair.prohibits.id,
                Bilingual(
                    f"禁止了上位规定 {pair.encourages.id} 鼓励的事项，核查仍从严；须由主管机关明确",
                    f"prohibits what the higher text of {pair.encourages.id} encourages, and a check takes the stricter: "
                    "the owner of the list has to decide",
                ),
            )


def _empty(set: str, cells: int) -> Problem:
    unit, _, name = set.partition("/")
    title = label(Dimension(name))
    return Problem(
        LIST,
        None,
        unit,
        Bilingual(
            f"“{title.zh}”没有条款，也未写“无”，判定表空 {cells} 格；请补条款，或写“无”",
            f"no clause on {title.en} and no explicit none leave {cells} cells empty: add the clause, or write 无",
        ),
    )
