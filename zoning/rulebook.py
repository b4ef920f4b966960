"""Reads the packaged rule files into one linted, hashed rule set; it applies none of them."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, get_args

import yaml

from zoning import attributes, industry, terms
from zoning.bilingual import Bilingual
from zoning.canonical import canonical_json
from zoning.condition import compiled, mentioned
from zoning.decision import ACTIVITIES, outcome_of
from zoning.rule import Cite, Effect, Period, Rule, Source, Where

NEVER_OUT_OF_SCOPE = ("redline", "protected_area", "permanent_basic_farmland", "water_source")
QUOTE_LIMIT = 60
_RULE_KEYS = {
    "id", "title", "demand", "effect", "where", "industries", "activities", "when", "unless", "needs", "jurisdiction",
    "bound_to", "in_force", "plan_period", "open", "open_text", "cites",
}  # fmt: skip


class RuleError(ValueError):
    """A rule file is wrong; the message names file, rule and what to change. It stops the start, never a check."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The layer kinds searched here, in display order, those left out, and the first day that the rules speak for."""

    kinds: tuple[str, ...]
    left_out: Mapping[str, Bilingual]
    known_from: dt.date


_MOST_DAYS = 64


@dataclass(frozen=True)
class Rulebook:
    """All rules in id order, their sources, the deployment's scope, and one hash over everything that decides."""

    rules: tuple[Rule, ...]
    sources: Mapping[str, Source]
    scope: Scope
    hash: str

    @cached_property
    def _days(self) -> dict[dt.date, tuple[Rule, ...]]:
        return {}

    def on(self, as_of: dt.date) -> tuple[Rule, ...]:
        """The rules in force on a day, in id order."""
        found = self._days.get(as_of)
        if found is None:
            found = tuple(rule for rule in self.rules if rule.applies_on(as_of))
            if len(self._days) >= _MOST_DAYS:
                self._days.clear()
            self._days[as_of] = found
        return found

    def get(self, rule_id: str) -> Rule:
        return next(rule for rule in self.rules if rule.id == rule_id)


def _source(id: str, data: Mapping[str, Any]) -> Source:
    return Source(
        id=id,
        title=Bilingual.of(data["title"]),
        number=data.get("number"),
        issuer=Bilingual.of(data["issuer"]),
        status=data["status"],
        in_force=Period.of(data.get("in_force")),
        file=data.get("file"),
        note=Bilingual.of(data["note"]) if data.get("note") else None,
    )


def _cite(data: Mapping[str, Any], sources: Mapping[str, Source]) -> Cite:
    at = data.get("at")
    return Cite(
        sources[data["source"]], None if at is None else str(at), data.get("quote"), bool(data.get("open", False))
    )


def _listed(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, list) else (value,)


def _where(data: Mapping[str, Any] | None) -> Where | None:
    if data is None:
        return None
    chosen = {key: _listed(value) for key, value in (data.get("filter") or {}).items()}
    return Where(data["layer"], chosen, float(data.get("within_m", 0)))


def _rule(data: Mapping[str, Any], sources: Mapping[str, Source]) -> Rule:
    unknown = set(data) - _RULE_KEYS
    if unknown:
        raise RuleError(f"unknown keys {sorted(unknown)}")
    where = _where(data.get("where"))
    return Rule(
        id=data["id"],
        title=Bilingual.of(data["title"]),
        demand=Bilingual.of(data["demand"]),
        effect=data["effect"],
        where=where,
        industries=tuple(data.get("industries", ())),
        activities=tuple(data.get("activities", ())),
        when=data.get("when"),
        unless=data.get("unless"),
        needs=tuple(data.get("needs", ())),
        jurisdiction=str(data["jurisdiction"]),
        bound_to=data.get("bound_to", "place" if where else "area"),
        in_force=Period.of(data.get("in_force")),
        plan_period=Period.of(data["plan_period"]) if data.get("plan_period") else None,
        open=data.get("open"),
        open_text=Bilingual.of(data["open_text"]) if data.get("open_text") else None,
        cites=tuple(_cite(c, sources) for c in data["cites"]),
    )


def lint(rules: Iterable[Rule], kinds: Iterable[str]) -> list[str]:
    """Everything wrong with a rule set, one line each; an empty list means it may be used."""
    known = set(kinds)
    problems: list[str] = []
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            problems.append(f"{rule.id}: id used twice")
        seen.add(rule.id)
        found = (
            *_form_problems(rule, known),
            *_document_problems(rule),
            *_cite_problems(rule),
            *_condition_problems(rule),
        )
        problems.extend(f"{rule.id}: {problem}" for problem in found)
    return problems


def _form_problems(rule: Rule, kinds: set[str]) -> Iterator[str]:
    if rule.effect not in get_args(Effect):
        yield f"unknown effect {rule.effect}"
    if rule.where and rule.where.layer not in kinds:
        yield f"unknown layer {rule.where.layer}"
    if rule.where and rule.where.within_m < 0:
        yield "within_m below 0"
    if rule.open == "substance" and rule.open_text is None:
        yield "open substance says what is open"
    if rule.bound_to == "sector" and not rule.industries:
        yield "bound to a sector, but no industries named"
    if rule.bound_to == "place" and rule.where is None:
        yield "bound to a place, but no place named"
    if not (rule.jurisdiction.isdigit() and len(rule.jurisdiction) == 6) and rule.jurisdiction != "yellow_river":
        yield f"jurisdiction {rule.jurisdiction} is neither an admin code nor yellow_river"


def _document_problems(rule: Rule) -> Iterator[str]:
    for document in rule.needs:
        if document not in terms.document_kinds():
            yield f"unknown document kind {document}"
    if rule.effect == "restrict" and not rule.needs:
        yield "a restriction names the document that is needed"
    if rule.effect != "restrict" and rule.needs:
        yield "only a restriction needs documents"


def _cite_problems(rule: Rule) -> Iterator[str]:
    if not rule.cites:
        yield "cites nothing"
    for cite in rule.cites:
        if cite.quote is not None and len(cite.quote) > QUOTE_LIMIT:
            yield f"quote longer than {QUOTE_LIMIT} characters"
        if cite.at is None and not cite.open:
            yield "a citation without a place must be open"


def _condition_problems(rule: Rule) -> list[str]:
    problems = []
    condition = rule.condition()
    try:
        compiled(condition)
    except (ValueError, TypeError, KeyError) as error:
        return [str(error)]
    problems += [f"unknown activity {a}" for a in mentioned(condition, "activity") if a not in ACTIVITIES]
    problems += [f"unknown industry group {g}" for g in mentioned(condition, "industry") if g not in industry.groups()]
    problems += [f"unknown attribute {a}" for a in mentioned(condition, "attribute") if a not in attributes.declared()]
    activities = rule.activities or ACTIVITIES
    if rule.effect in ("prohibit", "restrict", "phase_out") and not problems:
        outcomes = {outcome_of(rule.effect, a, rule.bound_to) for a in ACTIVITIES if a in activities}
        if outcomes == {"clear"}:
            problems.append("can never have an effect: its activities all end in clear")
    return problems


def _folder() -> Any:
    return files("zoning") / "rules"


def load(documents: Mapping[str, Any]) -> Rulebook:
    """Build a rule set from parsed YAML documents by file name; `sources` and `scope` are reserved names.

    Raises `RuleError` with every problem found.
    """
    try:
        sources = {id: _source(id, data) for id, data in documents["sources"]["sources"].items()}
        scope = Scope(
            tuple(documents["scope"]["kinds"]),
            {k: Bilingual.of(v) for k, v in (documents["scope"].get("left_out") or {}).items()},
            documents["scope"]["known_from"],
        )
    except (KeyError, ValueError, TypeError) as error:
        raise RuleError(f"sources or scope: {error!r}") from error
    rules: list[Rule] = []
    for name in sorted(set(documents) - {"sources", "scope"}):
        for data in documents[name]["rules"]:
            try:
                rules.append(_rule(data, sources))
            except (KeyError, ValueError, TypeError) as error:
                raise RuleError(f"{name}.yaml, rule {data.get('id')}: {error!r}") from error
    rules.sort(key=lambda rule: rule.id)
    problems = lint(rules, (*scope.kinds, *scope.left_out, "county"))
    problems += [f"scope: {kind} may never be left out" for kind in NEVER_OUT_OF_SCOPE if kind not in scope.kinds]
    if problems:
        raise RuleError("\n".join(problems))
    decides = {"rules": documents, "groups": industry.packaged(), "attributes": attributes.packaged()}
    digest = hashlib.sha256(canonical_json(decides).encode()).hexdigest()
    return Rulebook(tuple(rules), sources, scope, digest)


@cache
def rulebook() -> Rulebook:
    """The packaged rule set."""
    found = {
        entry.name.removesuffix(".yaml"): yaml.safe_load(entry.read_text(encoding="utf-8"))
        for entry in _folder().iterdir()
        if entry.name.endswith(".yaml")
    }
    return load(found)
