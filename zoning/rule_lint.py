"""What is wrong with rules as a set: clauses that can never decide anything; the form of each is looked at when it is read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence

from zoning.bilingual import Bilingual
from zoning.errors import Problem
from zoning.rule import Period, Rule, Where
from zoning.told_apart import implies, satisfied_by

_DECIDING = ("prohibit", "phase_out", "restrict")


def unreachable(rules: Sequence[Rule], known_from: dt.date) -> Iterator[Problem]:
    """Rules that no project can meet, that are never in force, or that another rule of the same text makes void."""
    live = []
    for rule in rules:
        if satisfied_by(rule.condition()) is None:
            yield _problem(
                rule,
                "永远不会适用：没有任何行业、活动和资料组合符合其条件",
                "can never apply: no industry, activity and facts together meet its terms",
            )
        elif not _ever_in_force(rule, known_from):
            yield _problem(
                rule,
                f"永远不会适用：自 {known_from.isoformat()} 起从未与其出处同时有效",
                f"can never apply: it and a text it cites are never in force on one day from {known_from.isoformat()} on",
            )
        else:
            live.append(rule)
    for rule, over in _covered(live, _same_place_in_text):
        yield _problem(
            rule,
            f"被同一出处的规则 {over.id} 完全覆盖，不会改变任何结论；应并入该规则或列入 not-encoded.yaml",
            f"rule {over.id} of the same text covers all of it, so it changes no answer: merge them, or list it in not-encoded.yaml",
        )


def repeated(rules: Sequence[Rule]) -> Iterator[Problem]:
    """Rules that another article of the same law covers: each is a ground of its own, so they may stay."""
    for rule, over in _covered(rules, _same_text):
        if not _same_place_in_text(over, rule):
            yield _problem(
                rule,
                f"同一法律的规则 {over.id} 已全部涵盖，仅作另一依据",
                f"rule {over.id} of the same law covers it: a second ground",
            )


def idle_exceptions(rules: Sequence[Rule]) -> Iterator[Problem]:
    """Exceptions (`unless`) that take nothing out: no project meets both them and the rest of their rule."""
    for rule in rules:
        if rule.unless and satisfied_by(_without_exception(rule), rule.unless) is None:
            yield _problem(
                rule,
                "例外（unless）永远用不上：没有项目同时符合它和其余条件",
                "its exception can never apply: no project meets both it and the terms",
            )


def _without_exception(rule: Rule) -> dict[str, object]:
    parts = rule.condition()["all"]
    return {"all": parts[:-1]}


def _problem(rule: Rule, zh: str, en: str) -> Problem:
    return Problem(rule.file, rule.line, rule.id, Bilingual(zh, en))


def _ever_in_force(rule: Rule, known_from: dt.date) -> bool:
    return any(span.end is None or span.end >= known_from for span in rule.spans())


def _same_text(one: Rule, other: Rule) -> bool:
    return bool({c.source.id for c in one.cites} & {c.source.id for c in other.cites})


def _same_place_in_text(one: Rule, other: Rule) -> bool:
    """Whether two rules rest on one article of a law, or anywhere on one plan, which says a thing once for all its lines."""
    return any(
        a.source.id == b.source.id and (a.source.status == "planning" or (a.at is not None and a.at == b.at))
        for a in one.cites
        for b in other.cites
    )


def _covered(rules: Sequence[Rule], grounds: Callable[[Rule, Rule], bool]) -> Iterator[tuple[Rule, Rule]]:
    """Rules with one that covers them; of two that say the same, the one with the later id."""
    for rule in rules:
        if rule.effect not in _DECIDING:
            continue
        over = next((o for o in rules if o is not rule and grounds(o, rule) and _shadows(o, rule)), None)
        if over is not None and not (_shadows(rule, over) and rule.id < over.id):
            yield rule, over


def _shadows(over: Rule, rule: Rule) -> bool:
    """Whether `over` says all that `rule` says: in the same jurisdiction, at least there, then, and of these projects."""
    return (
        over.effect == rule.effect
        and over.jurisdiction == rule.jurisdiction
        and over.open in (None, rule.open)
        and over.plan_period in (None, rule.plan_period)
        and _holds(over.in_force, rule.in_force)
        and set(rule.needs) <= set(over.needs)
        and covers(over.where, rule.where)
        and implies(rule.condition(), over.condition())
    )


def _holds(wide: Period, narrow: Period) -> bool:
    starts = wide.start is None or (narrow.start is not None and wide.start <= narrow.start)
    return starts and (wide.end is None or (narrow.end is not None and narrow.end <= wide.end))


def covers(wide: Where | None, narrow: Where | None) -> bool:
    """Whether one place holds the other: the whole jurisdiction holds every place in it."""
    if wide is None or narrow is None:
        return wide is None
    chosen = all(key in narrow.filter and set(narrow.filter[key]) <= set(values) for key, values in wide.filter.items())
    sure = not wide.undecided or narrow.undecided
    whole = wide.excepted in ({}, narrow.excepted)
    return wide.layer == narrow.layer and chosen and whole and sure and wide.within_m >= narrow.within_m
