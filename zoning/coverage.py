"""The account of the plans' sentences: each is encoded by a rule or is no rule for a stated reason; it judges no rule."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

from zoning.bilingual import Bilingual
from zoning.errors import Problem
from zoning.marked import Marked, Spot
from zoning.rule import Effect, Rule

Reason = Literal["procedural", "past_measure", "no_target", "duplicate"]

REASONS: Final[Mapping[str, Bilingual]] = {
    "procedural": Bilingual("程序或政府职责", "procedural, or a duty of government"),
    "past_measure": Bilingual("回顾已完成的措施", "reports a past measure"),
    "no_target": Bilingual("无空间或项目对象", "no spatial or project target"),
    "duplicate": Bilingual("与已编码规则重复", "duplicate of an encoded rule"),
}
"""Why a sentence of a plan is no rule of its own; there are no other reasons."""

PLANS: Final[Mapping[str, Bilingual]] = {
    "shanxi-province": Bilingual("山西省", "Shanxi province"),
    "linfen-city": Bilingual("临汾市", "Linfen city"),
    "jishan-county": Bilingual("稷山县", "Jishan county"),
    "jiang-county": Bilingual("绛县", "Jiang county"),
    "qinshui-county": Bilingual("沁水县", "Qinshui county"),
}
_ARTICLE = re.compile(r"art\d+(-\d+)*[a-z]?")
EFFECTS: Final[tuple[Effect, ...]] = ("prohibit", "phase_out", "restrict", "require", "encourage", "inform")


@dataclass(frozen=True, slots=True)
class Entry:
    """A sentence of a plan that reads as a rule: its lines, its leading effect as first read, and how checkable it is.

    `check`: A site and industry are enough; B an attribute or list is needed as well; C the text leaves its distance or
    threshold out; D procedural; empty where it was not classed. `must`: has to be accounted for.
    """

    id: str
    plan: str
    lines: tuple[int, ...]
    effect: Effect
    check: str
    must: bool


@dataclass(frozen=True, slots=True)
class NotEncoded:
    """Why an entry is no rule of its own; `of` names the rule that says the same already."""

    entry: str
    reason: Reason
    of: str | None = None
    note: Bilingual | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """What became of the entries: the rules that encode each, and the reasons of those that are none.

    `articles` are the articles of laws that were looked at and are no rules, by source.
    """

    encoded: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    not_encoded: Mapping[str, NotEncoded] = field(default_factory=dict)
    articles: Mapping[str, tuple[NotEncoded, ...]] = field(default_factory=dict)


@cache
def entries() -> Mapping[str, Entry]:
    """All entries by id, plan by plan in the order of their lines."""
    text = (files("zoning") / "rules" / "plan-entries.csv").read_text(encoding="utf-8")
    return {
        row["id"]: Entry(
            row["id"],
            row["plan"],
            tuple(int(n) for n in row["lines"].split()),
            row["effect"],  # type: ignore[arg-type]
            row["check"],
            row["must"] == "yes",
        )
        for row in csv.DictReader(text.splitlines())
    }


def account_of(
    document: Marked | None, rules: Sequence[tuple[Rule, Spot]], sources: Collection[str] = ()
) -> tuple[Account, list[Problem]]:
    """The account, and everything wrong with it: unknown entries, entries encoded and not, duplicates of nothing.

    `sources` are the laws and notices whose articles (`art42`) may be listed too.
    """
    problems: list[Problem] = []
    encoded: dict[str, tuple[str, ...]] = {}
    for rule, spot in rules:
        for number, id in enumerate(rule.entries):
            if id not in entries():
                problems.append(spot.at("entries", number).problem(f"没有条目 {id}", f"no plan entry {id}"))
            encoded[id] = (*encoded.get(id, ()), rule.id)
    reasons: dict[str, NotEncoded] = {}
    articles: dict[str, tuple[NotEncoded, ...]] = {}
    ids = {rule.id for rule, _ in rules}
    for plan, listed in ((document.data if document else None) or {}).items():
        at = Spot(document, (plan,))  # type: ignore[arg-type]
        if (plan not in PLANS and plan not in sources) or not isinstance(listed, Mapping):
            known = ", ".join((*PLANS, *sorted(sources)))
            problems.append(at.problem(f"没有规划或法律 {plan}", f"no plan or law {plan}; known: {known}"))
            continue
        for id in listed:
            spot = Spot(at.document, (plan, id), str(id))
            wrong = list(_wrong(spot, plan, id, ids, encoded))
            problems += wrong
            if not wrong:
                data = spot.data
                note = Bilingual.of(data["note"]) if data.get("note") else None
                listed_one = NotEncoded(id, data["reason"], data.get("of"), note)
                if plan in PLANS:
                    reasons[id] = listed_one
                else:
                    articles[plan] = (*articles.get(plan, ()), listed_one)
    return Account(encoded, reasons, articles), problems


def _wrong(spot: Spot, plan: str, id: Any, rules: set[str], encoded: Mapping[str, tuple[str, ...]]) -> list[Problem]:
    found = list(spot.keys({"reason", "of", "note"}, {"reason"}))
    if found:
        return found
    data = spot.data
    entry = entries().get(id)
    if plan not in PLANS:
        if not _ARTICLE.fullmatch(str(id)):
            found.append(spot.problem(f"条款写作 art42：{id}", f"write an article as art42: {id}"))
    elif entry is None or entry.plan != plan:
        found.append(spot.problem(f"{plan} 没有条目 {id}", f"{plan} has no entry {id}"))
    if data["reason"] not in REASONS:
        known = ", ".join(REASONS)
        found.append(spot.at("reason").problem(f"不认识的原因 {data['reason']}", f"unknown reason; known: {known}"))
    if (data["reason"] == "duplicate") != ("of" in data):
        found.append(
            spot.problem("原因为 duplicate 时须写 of，其他原因不写", "a duplicate, and only that, says of which rule")
        )
    if "of" in data and data["of"] not in rules:
        found.append(spot.at("of").problem(f"没有规则 {data['of']}", f"no rule {data['of']}"))
    if id in encoded:
        by = encoded[id][0]
        found.append(
            spot.problem(f"已由规则 {by} 编码，不应再列", f"rule {by} encodes it: it cannot be listed here too")
        )
    if data.get("note") is not None:
        try:
            Bilingual.of(data["note"])
        except ValueError as error:
            found.append(spot.at("note").problem(str(error), str(error)))
    return found


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: a plan's entries of one effect."""

    plan: str
    effect: Effect
    total: int
    must: int
    encoded: int
    reasons: Mapping[str, int]
    open: tuple[str, ...]
    unaccounted: tuple[str, ...]


def table(account: Account) -> tuple[Row, ...]:
    """The account by plan and effect. `unaccounted` are the entries that must be accounted for and are not; `open` those
    that need not be and are not."""
    rows = []
    for plan in PLANS:
        for effect in EFFECTS:
            own = [e for e in entries().values() if e.plan == plan and e.effect == effect]
            if not own:
                continue
            without = [e for e in own if e.id not in account.encoded and e.id not in account.not_encoded]
            reasons = Counter(account.not_encoded[e.id].reason for e in own if e.id in account.not_encoded)
            rows.append(
                Row(
                    plan,
                    effect,
                    len(own),
                    sum(e.must for e in own),
                    sum(e.id in account.encoded for e in own),
                    {reason: reasons.get(reason, 0) for reason in REASONS},  # type: ignore[call-overload]
                    tuple(e.id for e in without if not e.must),
                    tuple(e.id for e in without if e.must),
                )
            )
    return tuple(rows)
