"""What the encoded rules look for, so that the national set holds it and the projects asked about meet it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import product
from typing import Any

from layers.catalogue import read_catalogue
from zoning.condition import compiled
from zoning.decision import ACTIVITIES
from zoning.errors import BadInput
from zoning.industry import industries
from zoning.industry_group import groups
from zoning.jurisdiction import significant
from zoning.project import Project
from zoning.rule import Rule
from zoning.rulebook import rulebook

AS_OF = dt.date(2024, 6, 30)
_SHARES = 20
"""Into so many parts the counties are dealt out to the jurisdictions, by how many rules each has."""


def looked_at() -> frozenset[str]:
    """Layers that rules look at and the catalogue declares; a layer that it does not is held by no deployment."""
    declared = {spec.id for spec in read_catalogue().layers}
    return frozenset({r.where.layer for r in rulebook().rules if r.where} | set(rulebook().scope.kinds)) & declared


def undeclared() -> int:
    """How many rules look at a kind of layer that no catalogue declares: they are dormant, and a check counts them."""
    return sum(r.where is not None and r.where.layer not in looked_at() for r in rulebook().rules)


@cache
def values(layer: str, key: str) -> tuple[str, ...]:
    """What rules ask of a layer's features under a key (`name`, `class` or a property), in order."""
    wheres = [r.where for r in rulebook().rules if r.where and r.where.layer == layer]
    return tuple(sorted({str(v) for where in wheres for v in where.filter.get(key, ())}))


def wanted() -> dict[str, tuple[str, ...]]:
    """All that the set takes from the rules: with other rules it is another set."""
    keys = sorted({(r.where.layer, key) for r in rulebook().rules if r.where for key in r.where.filter})
    return {"jurisdictions": jurisdictions(), **{f"{layer}.{key}": values(layer, key) for layer, key in keys}}


@cache
def jurisdictions() -> tuple[str, ...]:
    """County codes, one of each jurisdiction below the province, those with more rules more often.

    A city's code stands for one of its districts, so that a county of the list is never also in another's rules alone.
    """
    counted = Counter(r.jurisdiction for r in rulebook().rules)
    local = {c: n for c, n in counted.items() if c.isdigit() and not c.endswith("0000")}
    total = sum(local.values())
    turns = {_county_of(code): max(round(_SHARES * n / total), 1) for code, n in sorted(local.items())}
    return tuple(code for turn in range(max(turns.values())) for code, most in turns.items() if turn < most)


def _county_of(jurisdiction: str) -> str:
    return f"{significant(jurisdiction)}02" if jurisdiction.endswith("00") else jurisdiction


@cache
def projects() -> tuple[Project, ...]:
    """Projects that together meet the terms of every rule in force: each meets terms that no earlier one met."""
    rules = rulebook().on(AS_OF)
    chosen, wanted = _fewest(rules, {r.id for r in rules}, _plain())
    chosen_too, wanted = _fewest(rules, wanted, (p for r in rules if r.id in wanted for p in _meeting(r)))
    if wanted:
        raise ValueError(f"no project of the benchmark meets the terms of {', '.join(sorted(wanted))}")
    return (*chosen, *chosen_too)


def _fewest(rules: tuple[Rule, ...], wanted: set[str], among: Iterator[Project]) -> tuple[list[Project], set[str]]:
    """Greedily: always the project that meets most of what is still wanted; and what no project meets."""
    tests = [(rule.id, set(rule.activities), set(rule.industries), compiled(rule.condition())) for rule in rules]
    meets: list[tuple[set[str], Project]] = []
    for project in among:
        facts = project.facts()
        met = {
            id
            for id, activities, trades, test in tests
            if id in wanted
            and (not activities or facts.activity in activities)
            and (not trades or trades & facts.groups)
            and test(facts).value is not False
        }
        meets.append((met, project))
    chosen: list[Project] = []
    while wanted and meets:
        met, project = max(meets, key=lambda m: len(m[0] & wanted))
        if not met & wanted:
            break
        chosen.append(project)
        wanted = wanted - met
    return chosen, wanted


@cache
def _of_group(group: str) -> str | None:
    return next((c for c in _classes() if groups()[group].holds(c)), None)


@cache
def _classes() -> tuple[str, ...]:
    return tuple(str(entry.code) for entry in industries().entries.values() if entry.level == "class")


def _plain() -> Iterator[Project]:
    """One class of every group with every activity, told without attributes."""
    codes = sorted({code for group in groups() if (code := _of_group(group))})
    return _made(codes, ACTIVITIES, {})


def _meeting(rule: Rule) -> Iterator[Project]:
    """Projects told so that the rule's conditions hold."""
    codes = [code for group in rule.industries if (code := _of_group(group))] or ["C2521", "A0111"]
    return _made(codes, rule.activities or ACTIVITIES, dict(_told(rule.when or {})))


def _made(codes: list[str], activities: tuple[str, ...], told: Mapping[str, Any]) -> Iterator[Project]:
    for code, activity in product(codes, activities):
        try:
            yield Project.of(code, activity, told)
        except BadInput:
            continue


def _told(condition: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Values under which the comparisons of a condition hold."""
    for part in (*condition.get("all", ()), *condition.get("any", ())):
        yield from _told(part)
    if (name := condition.get("attribute")) is None:
        return
    for word, value in condition.items():
        if word in ("is", "at_most"):
            yield name, value
        elif word == "one_of":
            yield name, value[0]
        elif word == "not" and isinstance(value, bool):
            yield name, not value
        elif word in ("over", "under"):
            yield name, value + (1 if word == "over" else -1)
