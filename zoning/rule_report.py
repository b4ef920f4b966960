"""The whole rule set looked over once: errors, notices, contradictions and the decision table; it mends nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from zoning.bilingual import Bilingual
from zoning.contradiction import Contradiction, contradictions
from zoning.decision_table import Cell, ClauseSet, cells, clause_sets, decided, keys
from zoning.errors import Problem
from zoning.rule_lint import idle_exceptions, repeated, unreachable
from zoning.rulebook import Rulebook


@dataclass(frozen=True)
class Report:
    """Errors must be mended; notices may stay. `empty` are cells in which no clause decides and nothing says that this is meant
    so; `decided` counts those in which one does."""

    rules: int
    errors: tuple[Problem, ...]
    notices: tuple[Problem, ...]
    contradictions: tuple[Contradiction, ...]
    sets: tuple[ClauseSet, ...]
    decided: int
    empty: tuple[Cell, ...]

    @property
    def cells(self) -> int:
        return len(self.sets) * len(keys())

    @property
    def sound(self) -> bool:
        return not self.errors

    def as_dict(self) -> dict[str, Any]:
        return {
            "rules": self.rules,
            "sound": self.sound,
            "errors": [_problem(p) for p in self.errors],
            "notices": [_problem(p) for p in self.notices],
            "contradictions": [c.as_dict() for c in self.contradictions],
            "table": {
                "clause_sets": len(self.sets),
                "groups": len({group for group, _ in keys()}),
                "activities": len({activity for _, activity in keys()}),
                "cells": self.cells,
                "decided": self.decided,
                "none": self.cells - self.decided - len(self.empty),
                "empty": [[cell.set, cell.group, cell.activity] for cell in self.empty],
            },
        }


def _problem(problem: Problem) -> dict[str, Any]:
    return {"file": problem.file, "line": problem.line, "rule": problem.rule, "text": problem.text.as_dict()}


def report(book: Rulebook, more: Iterable[ClauseSet] = ()) -> Report:
    """Look over a rule set, and the clause sets of an access list beside it.

    The form of each rule was looked at when the set was read. Errors are unreachable rules, contradictions in which the
    text that goes first is not the one that a check applies, and empty cells.
    """
    sets = (*clause_sets(book.rules), *more)
    filled = sum(len(decided(one)) for one in sets)
    empty = tuple(cell for cell in cells(s for s in sets if s.silent is None) if cell.decides is None)
    pairs = tuple(contradictions(book.rules))
    errors = [
        *unreachable(book.rules, book.scope.known_from),
        *(_unsettled(pair) for pair in pairs if not pair.settled),
        *(_empty(cell) for cell in empty),
    ]
    notices = (*idle_exceptions(book.rules), *repeated(book.rules))
    return Report(len(book.rules), tuple(errors), notices, pairs, sets, filled, empty)


def _unsettled(pair: Contradiction) -> Problem:
    ban = pair.prohibits
    return Problem(
        ban.file,
        ban.line,
        ban.id,
        Bilingual(
            f"禁止了上位规定 {pair.encourages.id} 鼓励的事项，核查仍从严；须由主管机关决定并记入 decisions.yaml",
            f"prohibits what the higher text of {pair.encourages.id} encourages, and a check takes the stricter: "
            "let the owner decide, and enter it in decisions.yaml",
        ),
    )


def _empty(cell: Cell) -> Problem:
    return Problem(
        cell.set,
        None,
        None,
        Bilingual(
            f"{cell.group} × {cell.activity} 没有条款，也未写明不涉及",
            f"{cell.group} × {cell.activity}: no clause, and no explicit none",
        ),
    )
