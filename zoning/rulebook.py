"""Brings the packaged rule files together into one linted, hashed rule set; it applies none of them.

Loading is a pure function that raises before anything is replaced: whoever holds a rule set keeps it when new files are wrong.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from zoning import attributes, industry
from zoning.canonical import canonical_json
from zoning.condition import Facts
from zoning.coverage import Account, account_of
from zoning.decided import decided, decisions_of
from zoning.errors import Problem, RuleError, wrong_rules
from zoning.marked import Marked, Spot, marked
from zoning.owner_decision import OwnerDecision
from zoning.quotes import checked
from zoning.rule import Rule, Source
from zoning.rule_file import Scope, rules_of, scope_of, sources_of
from zoning.rule_form import QUOTE_LIMIT, form_problems, quote_problems

__all__ = [
    "NEVER_OUT_OF_SCOPE",
    "QUOTE_LIMIT",
    "RuleError",
    "Rulebook",
    "Scope",
    "load",
    "load_texts",
    "packaged_texts",
    "rulebook",
]

NEVER_OUT_OF_SCOPE: Final = ("redline", "protected_area", "permanent_basic_farmland", "water_source")
RESERVED: Final = ("sources", "scope", "decisions", "not-encoded")
"""Files of the rules' folder that hold something else than rules."""

_MOST_DAYS = 64
_MOST_PROJECTS = 1_000


@dataclass(frozen=True)
class Rulebook:
    """All rules in id order, their sources, the deployment's scope, and one hash over everything that decides."""

    rules: tuple[Rule, ...]
    sources: Mapping[str, Source]
    scope: Scope
    hash: str
    account: Account
    decisions: tuple[OwnerDecision, ...] = ()

    @cached_property
    def _days(self) -> dict[dt.date, tuple[Rule, ...]]:
        return {}

    def in_force(self, as_of: dt.date) -> tuple[Rule, ...]:
        """The rules in force on a day, in id order, as their owners' decisions leave them then; dormant ones too."""
        found = self._days.get(as_of)
        if found is None:
            stand = (decided(rule, self.decisions, as_of) for rule in self.rules if rule.applies_on(as_of))
            found = tuple(rule for rule in stand if rule is not None)
            if len(self._days) >= _MOST_DAYS:
                self._days.clear()
            self._days[as_of] = found
        return found

    def is_dormant(self, rule: Rule) -> bool:
        """Whether it binds a kind of layer that this deployment leaves out: it is kept, and no check looks at it."""
        return rule.where is not None and rule.where.layer in self.scope.left_out

    def on(self, as_of: dt.date) -> tuple[Rule, ...]:
        """The rules that a check looks at on a day, in id order."""
        return tuple(rule for rule in self.in_force(as_of) if not self.is_dormant(rule))

    def dormant(self, as_of: dt.date) -> tuple[Rule, ...]:
        """The rules in force on a day on kinds of layers that are left out here."""
        return tuple(rule for rule in self.in_force(as_of) if self.is_dormant(rule))

    @cached_property
    def _possible(self) -> dict[tuple[dt.date, str, frozenset[str]], tuple[tuple[Rule, ...], tuple[Rule, ...]]]:
        return {}

    def possible(self, as_of: dt.date, facts: Facts) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
        """Of `on` and of `dormant`, the rules that may hold for a project of this activity and industry, whatever else is said.

        A condition that is false while every attribute is unknown stays false whatever they are.
        """
        key = (as_of, facts.activity, facts.groups)
        found = self._possible.get(key)
        if found is None:
            bare = Facts(facts.activity, facts.groups, {})
            may = [rule for rule in self.in_force(as_of) if rule.test(bare).value is not False]
            found = (
                tuple(rule for rule in may if not self.is_dormant(rule)),
                tuple(rule for rule in may if self.is_dormant(rule)),
            )
            if len(self._possible) >= _MOST_PROJECTS:
                self._possible.clear()
            self._possible[key] = found
        return found

    @cached_property
    def distances(self) -> frozenset[tuple[str, float]]:
        """How far around a site the rules look, on any day: pairs of layer and metres."""
        layers = {rule.id: rule.where.layer for rule in self.rules if rule.where}
        decided_m = {(layers[d.rule], d.within_m) for d in self.decisions if d.within_m is not None}
        return frozenset({(rule.where.layer, rule.where.within_m) for rule in self.rules if rule.where} | decided_m)

    def get(self, rule_id: str) -> Rule:
        return next(rule for rule in self.rules if rule.id == rule_id)


def load(
    documents: Mapping[str, Any],
    sources_read: Mapping[str, str] | None = None,
    quotes_checked: Collection[str] | None = None,
) -> Rulebook:
    """Build a rule set from documents by file name without its suffix: `Marked`, or plain data, whose errors have no line.

    `sources_read` are the texts at hand of plans and laws by `Source.file`: quotes are looked for in them, and the others
    among the hashes of those found before, where these are given (`zoning.quotes`).
    Raises `RuleError` with every problem found.
    """
    read = {name: d if isinstance(d, Marked) else Marked(f"{name}.yaml", d) for name, d in documents.items()}
    if missing := [name for name in ("sources", "scope") if name not in read]:
        spots = [Spot(Marked(f"{name}.yaml", None)) for name in missing]
        raise wrong_rules([spot.problem("缺少此文件", "the file is missing") for spot in spots])
    sources, scope = sources_of(read["sources"]), scope_of(read["scope"])
    rules: list[tuple[Rule, Spot]] = []
    problems: list[Problem] = []
    for name in sorted(set(read) - set(RESERVED)):
        for rule, spot, wrong in rules_of(read[name], sources):
            problems += wrong
            if rule is not None:
                rules.append((rule, spot))
    rules.sort(key=lambda pair: pair[0].id)
    problems += _problems(rules, scope)
    problems += [p for rule, spot in rules for p in quote_problems(rule, spot, sources_read or {}, quotes_checked)]
    account, wrong = account_of(read.get("not-encoded"), rules, sources)
    problems += wrong
    decisions, wrong = decisions_of(read.get("decisions"), {rule.id: rule for rule, _ in rules})
    problems += wrong
    kinds = Spot(read["scope"], ("kinds",))
    for kind in NEVER_OUT_OF_SCOPE:
        if kind not in scope.kinds:
            problems.append(kinds.problem(f"{kind} 不得排除在核查范围之外", f"{kind} may never be left out"))
    if problems:
        raise wrong_rules(problems)
    return Rulebook(tuple(rule for rule, _ in rules), sources, scope, _hash(read), account, decisions)


def _problems(rules: list[tuple[Rule, Spot]], scope: Scope) -> list[Problem]:
    kinds = {*scope.kinds, *scope.left_out, "county"}
    times = Counter(rule.id for rule, _ in rules)
    problems: list[Problem] = []
    for rule, spot in rules:
        if times[rule.id] > 1:
            problems.append(spot.at("id").problem("规则标识重复", "id used twice"))
        problems += form_problems(rule, spot, kinds)
    return problems


def _hash(read: Mapping[str, Marked]) -> str:
    """SHA-256 of everything that decides; which sentences of a plan a rule accounts for does not."""
    rules = {
        name: {"rules": [{k: v for k, v in rule.items() if k != "entries"} for rule in d.data["rules"]]}
        if name not in RESERVED
        else d.data
        for name, d in read.items()
        if name != "not-encoded"
    }
    decides = {"rules": rules, "groups": industry.packaged(), "attributes": attributes.packaged()}
    return hashlib.sha256(canonical_json(decides).encode()).hexdigest()


def load_texts(
    texts: Mapping[str, str],
    sources_read: Mapping[str, str] | None = None,
    quotes_checked: Collection[str] | None = None,
) -> Rulebook:
    """Build a rule set from the texts of YAML files by file name, as `load` does. Raises `RuleError` with file and line."""
    read = {name.removesuffix(".yaml"): marked(name, text) for name, text in texts.items()}
    return load(read, sources_read, quotes_checked)


def packaged_texts() -> dict[str, str]:
    """The packaged rule files by name."""
    return texts_of(packaged_folder())


def packaged_folder() -> Path:
    """Where the packaged rule files are."""
    return Path(str(files("zoning") / "rules"))


def texts_of(folder: Path) -> dict[str, str]:
    """The rule files of a folder by name. Raises `OSError` and `UnicodeDecodeError`."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.yaml"))}


@cache
def rulebook() -> Rulebook:
    """The packaged rule set, all its quotes as they were found in their texts."""
    return load_texts(packaged_texts(), quotes_checked=checked())
