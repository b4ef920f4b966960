"""The kinds of projects that conditions can tell apart: every industry, activity and attribute value that matters to them.

With all attributes said, a condition is true or false; so a few projects stand for all that there can be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import product
from typing import Any, Final

from zoning import attributes, industry
from zoning.condition import Facts, compiled, mentioned, thresholds
from zoning.decision import ACTIVITIES

Condition = Mapping[str, Any]

MOST: Final = 100_000
"""More projects than this for one question means that a condition asks for far too much."""


@cache
def signatures() -> frozenset[frozenset[str]]:
    """The sets of groups that a class of industry can be in: about as many as there are groups, not as many as classes."""
    return frozenset(industry.groups_of(e.code) for e in industry.industries().entries.values() if e.level == "class")


def _values(name: str, conditions: Sequence[Condition]) -> tuple[Any, ...]:
    declared = attributes.declared()[name]
    if declared.type == "bool":
        return (True, False)
    if declared.type == "enum":
        return declared.values
    limits = {limit for c in conditions for limit in thresholds(c, name)}
    return tuple(sorted({limit + step for limit in limits for step in (-1, 0, 1)}))


def projects(conditions: Sequence[Condition]) -> Iterator[Facts]:
    """One project of each kind that these conditions together can tell apart.

    Raises `ValueError` where that are more than `MOST`.
    """
    groups = frozenset[str]().union(*(mentioned(c, "industry") for c in conditions))
    names = sorted(frozenset[str]().union(*(mentioned(c, "attribute") for c in conditions)))
    values = [_values(name, conditions) for name in names]
    seen = sorted({signature & groups for signature in signatures()}, key=sorted)
    size = len(seen) * len(ACTIVITIES)
    for several in values:
        size *= max(len(several), 1)
    if size > MOST:
        raise ValueError(f"conditions on {', '.join(names)} tell {size} kinds of projects apart")
    for activity, signature, chosen in product(ACTIVITIES, seen, product(*values)):
        yield Facts(activity, signature, dict(zip(names, chosen, strict=True)))


def satisfied_by(*conditions: Condition) -> Facts | None:
    """A project for which all these conditions hold; None when there can be none."""
    tests = [compiled(c) for c in conditions]
    return next((facts for facts in projects(conditions) if all(test(facts).value for test in tests)), None)


def implies(narrow: Condition, wide: Condition) -> bool:
    """Whether every project that meets the one condition meets the other too."""
    return satisfied_by(narrow, {"not": wide}) is None
