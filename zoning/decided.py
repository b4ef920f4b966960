"""Reads the owners' decisions and puts them on the rules, day by day; the rule files stay as they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from zoning.bilingual import Bilingual
from zoning.errors import Problem
from zoning.marked import Marked, Spot
from zoning.owner_decision import INSTRUMENTS, WORDS, Instrument, OwnerDecision
from zoning.rule import Rule

_KEYS: Final = {"rule", "decision", "from", "parameters", "document", "note"}
_NEEDS: Final = {"rule", "decision", "from", "document"}
_DOCUMENT: Final = {"kind", "title", "issuer", "number", "date"}


def decided(rule: Rule, decisions: Sequence[OwnerDecision], as_of: dt.date) -> Rule | None:
    """The rule as it stands on a day after all decisions on it that are in force then; None once it is repealed."""
    own = tuple(d for d in decisions if d.rule == rule.id and d.since <= as_of)
    for one in own:
        if one.word == "repealed":
            return None
        if one.word in ("confirmed", "parameter"):
            rule = replace(rule, open=None, open_text=None)
        if one.word == "parameter" and rule.where and one.within_m is not None:
            rule = replace(rule, where=replace(rule.where, within_m=one.within_m, undecided=False))
    return replace(rule, decisions=own) if own else rule


def decisions_of(document: Marked | None, rules: Mapping[str, Rule]) -> tuple[tuple[OwnerDecision, ...], list[Problem]]:
    """All decisions in the order of their days, and everything wrong with the file."""
    if document is None:
        return (), []
    root = Spot(document)
    problems = list(root.keys({"decisions"}, {"decisions"}))
    if problems:
        return (), problems
    if not isinstance(root.data["decisions"], list):
        return (), [root.at("decisions").problem("decisions 应为列表", "decisions must be a list")]
    found: list[OwnerDecision] = []
    for number in range(len(root.data["decisions"])):
        spot = root.at("decisions", number)
        wrong = list(_form(spot))
        if not wrong:
            one = _decision(spot.data)
            wrong = [*_fits(spot, one, rules), *_agrees(spot, one, found)]
            found.append(one)
        problems += wrong
    return tuple(sorted(found, key=lambda d: (d.since, d.rule, d.word))), problems


def _form(spot: Spot) -> Iterator[Problem]:
    wrong = list(spot.keys(_KEYS, _NEEDS)) or list(spot.at("document").keys(_DOCUMENT, _DOCUMENT))
    yield from wrong
    if wrong:
        return
    data, held = spot.data, spot.at("document")
    if data["decision"] not in WORDS:
        yield spot.at("decision").problem(
            f"不认识的决定 {data['decision']}；可用：{'、'.join(WORDS)}",
            f"unknown decision {data['decision']}; known: {', '.join(WORDS)}",
        )
    if held.data["kind"] not in INSTRUMENTS:
        yield held.at("kind").problem(
            f"不认识的文件种类 {held.data['kind']}；可用：{'、'.join(INSTRUMENTS)}",
            f"unknown kind of document {held.data['kind']}; known: {', '.join(INSTRUMENTS)}",
        )
    for at, key in ((spot, "from"), (held, "date")):
        if not isinstance(at.data[key], dt.date):
            yield at.at(key).problem(f"{key} 应为日期，写作 2026-03-01", f"{key} is a date, as 2026-03-01")
    if not str(held.data["number"] or "").strip():
        yield held.at("number").problem("文号为空", "the document's number is empty")
    for at, key in ((held, "title"), (held, "issuer"), (spot, "note")):
        value = at.data.get(key)
        if (key != "note" or value is not None) and not _bilingual(value):
            yield at.at(key).problem(f"{key} 应只有 zh 和 en 两个文本", f"{key} needs texts zh and en and nothing else")
    yield from _parameters(spot)


def _parameters(spot: Spot) -> Iterator[Problem]:
    given = spot.data.get("parameters")
    if (spot.data["decision"] == "parameter") != (given is not None):
        yield spot.problem(
            "decision 为 parameter 时须写 parameters，其他决定不写",
            "a parameter decision, and only that, gives parameters",
        )
    elif given is not None:
        value = given.get("within_m") if isinstance(given, Mapping) and set(given) == {"within_m"} else None
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
            yield spot.at("parameters").problem(
                "parameters 应为 {within_m: 米数}", "parameters is {within_m: a number of metres}"
            )


def _bilingual(value: Any) -> bool:
    try:
        Bilingual.of(value)
    except ValueError:
        return False
    return True


def _decision(data: Mapping[str, Any]) -> OwnerDecision:
    held = data["document"]
    return OwnerDecision(
        rule=str(data["rule"]),
        word=data["decision"],
        since=data["from"],
        document=Instrument(
            held["kind"],
            Bilingual.of(held["title"]),
            Bilingual.of(held["issuer"]),
            str(held["number"]).strip(),
            held["date"],
        ),
        within_m=float(data["parameters"]["within_m"]) if data.get("parameters") else None,
        note=Bilingual.of(data["note"]) if data.get("note") else None,
    )


def _fits(spot: Spot, one: OwnerDecision, rules: Mapping[str, Rule]) -> Iterator[Problem]:
    """Whether there is anything in the rule for the decision to decide."""
    rule = rules.get(one.rule)
    if rule is None:
        yield spot.at("rule").problem(f"没有规则 {one.rule}", f"no rule {one.rule}")
    elif one.word == "continued" and rule.plan_period is None:
        yield spot.at("decision").problem(f"{rule.id} 没有规划期", f"{rule.id} has no plan period to continue after")
    elif one.word == "confirmed" and rule.open is None:
        yield spot.at("decision").problem(f"{rule.id} 没有待核实的内容", f"nothing of {rule.id} is open")
    elif one.word == "confirmed" and rule.where and rule.where.undecided:
        yield spot.at("decision").problem(
            f"{rule.id} 未定距离，须用 parameter 给出", f"{rule.id} has no distance: decide it with parameter"
        )
    elif one.word == "parameter" and not (rule.where and rule.where.undecided):
        yield spot.at("decision").problem(f"{rule.id} 没有未定的距离", f"{rule.id} has no undecided distance")


def _agrees(spot: Spot, one: OwnerDecision, before: Sequence[OwnerDecision]) -> Iterator[Problem]:
    """Whether a decision can stand beside those listed before it."""
    own = [d for d in before if d.rule == one.rule]
    if any(d.word == one.word and d.since == one.since for d in own):
        yield spot.problem(f"{one.rule} 同一天有两个同类决定", f"{one.rule} is decided twice for the same day")
    if any({"repealed"} & {d.word, one.word} and d.word != one.word and _after_repeal(d, one) for d in own):
        yield spot.problem(f"{one.rule} 停止执行后又有决定", f"{one.rule} is decided again after its repeal")


def _after_repeal(first: OwnerDecision, second: OwnerDecision) -> bool:
    repeal, other = (first, second) if first.word == "repealed" else (second, first)
    return other.since >= repeal.since
