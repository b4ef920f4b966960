"""Rules as JSON data for both doors: the list with its filters, one rule whole, and the account. It decides nothing."""

from __future__ import annotations

import datetime as dt
import difflib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, get_args

from app.problem import BadRequest
from zoning import attributes, coverage, industry, terms
from zoning.bilingual import Bilingual
from zoning.condition import Facts, mentioned
from zoning.condition_words import spoken
from zoning.decision import ACTIVITIES
from zoning.errors import BadProject, NotFound
from zoning.jurisdiction import significant
from zoning.rule import Effect, Period, Rule
from zoning.rulebook import Rulebook

MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rules: each None does not choose. `industry` is a code of any level or a class's name, `jurisdiction` an
    admin code: the rules that bind there, its own and those of the city and province above it."""

    layer: str | None = None
    effect: str | None = None
    industry: str | None = None
    activity: str | None = None
    jurisdiction: str | None = None
    date: dt.date | None = None


def _period(period: Period | None) -> list[str | None] | None:
    if period is None:
        return None
    return [day.isoformat() if day else None for day in (period.start, period.end)]


def _brief(book: Rulebook, rule: Rule) -> dict[str, Any]:
    where = rule.where
    return {
        "rule": rule.id,
        "effect": rule.effect,
        "title": rule.title.as_dict(),
        "demand": rule.demand.as_dict(),
        "where": None
        if where is None
        else {
            "layer": where.layer,
            "filter": {key: list(values) for key, values in where.filter.items()},
            "except": {key: list(values) for key, values in where.excepted.items()},
            "within_m": None if where.undecided else where.within_m,
            "up_to_m": where.within_m if where.undecided else None,
        },
        "in_scope": not book.is_dormant(rule),
        "industries": list(rule.industries),
        "activities": list(rule.activities),
        "needs": list(rule.needs),
        "jurisdiction": rule.jurisdiction,
        "in_force": _period(rule.in_force),
        "plan_period": _period(rule.plan_period),
        "open": rule.open,
        "cites": [cite.as_dict() for cite in rule.cites],
        "decisions": [d.as_dict() for d in book.decisions if d.rule == rule.id],
    }


def found(book: Rulebook, wanted: Wanted, limit: int | None = None, after: str = "") -> dict[str, Any]:
    """One page of rules in id order; `next` is what to give as `after` for the next page, None on the last.

    Raises `BadRequest` ``parameter-invalid`` (or the type of an unknown industry or activity).
    """
    _validate(book, wanted)
    rules = [rule for rule in _chosen(book, wanted) if rule.id > after]
    page = rules if limit is None else rules[:limit]
    return {
        "rules_hash": book.hash,
        "scope": {
            "kinds": list(book.scope.kinds),
            "left_out": {kind: why.as_dict() for kind, why in book.scope.left_out.items()},
        },
        "rules": [_brief(book, rule) for rule in page],
        "next": page[-1].id if len(page) < len(rules) else None,
    }


def _validate(book: Rulebook, wanted: Wanted) -> None:
    kinds = (*book.scope.kinds, *book.scope.left_out, "county")
    for field, value, known in (("layer", wanted.layer, kinds), ("effect", wanted.effect, get_args(Effect))):
        if value is not None and value not in known:
            text = Bilingual(
                f"{field} 没有 {value}；可用：{'、'.join(known)}。", f"No {field} {value}; known: {', '.join(known)}."
            )
            raise BadRequest("parameter-invalid", text, field=field, value=value, choices=list(known))
    code = wanted.jurisdiction
    if code is not None and code != "yellow_river" and not (code.isascii() and code.isdigit() and len(code) == 6):
        text = Bilingual(
            f"jurisdiction 应为 6 位行政区代码（如 140824）或 yellow_river：{code}",
            f"jurisdiction is an admin code of 6 digits, as 140824, or yellow_river: {code}",
        )
        raise BadRequest("parameter-invalid", text, field="jurisdiction", value=code)


def _chosen(book: Rulebook, wanted: Wanted) -> Iterator[Rule]:
    rules: Iterable[Rule] = book.rules if wanted.date is None else book.in_force(wanted.date)
    projects = list(_projects(wanted))
    for rule in rules:
        if wanted.layer is not None and (rule.where is None or rule.where.layer != wanted.layer):
            continue
        if wanted.effect is not None and rule.effect != wanted.effect:
            continue
        if wanted.jurisdiction is not None and not _binds(rule.jurisdiction, wanted.jurisdiction):
            continue
        if projects and not any(rule.test(facts).value is not False for facts in projects):
            continue
        yield rule


def _binds(jurisdiction: str, code: str) -> bool:
    """Whether a rule binds somewhere in all of a place; the basin's rules count for every place of the province."""
    if "yellow_river" in (jurisdiction, code):
        return jurisdiction == code or (jurisdiction == "yellow_river" and code.startswith("14"))
    return significant(code).startswith(significant(jurisdiction))


def _projects(wanted: Wanted) -> Iterator[Facts]:
    """The projects asked for, with nothing said of their attributes; none when neither industry nor activity is asked for."""
    if wanted.industry is None and wanted.activity is None:
        return
    try:
        activities = ACTIVITIES if wanted.activity is None else (terms.activity(wanted.activity),)
        signatures = {industry.groups_of(code) for code in _classes(wanted.industry)}
    except BadProject as error:
        raise BadRequest(error.type, error.message, **error.where) from error
    for signature in signatures:
        for activity in activities:
            yield Facts(activity, signature, {})


def _classes(text: str | None) -> list[str]:
    known = industry.industries()
    if text is None:
        return [e.code for e in known.entries.values() if e.level == "class"]
    spelled = industry.IndustryCode.of(text)
    entry = known.get(text) if spelled else known.resolve(text)
    return [entry.code] if entry.level == "class" else [e.code for e in known.children(entry.code)]


def one(book: Rulebook, id: str) -> dict[str, Any]:
    """A rule whole: with its conditions in words, what it asks, its sources and where it stands. Raises `NotFound`."""
    rule = next((rule for rule in book.rules if rule.id == id), None)
    if rule is None:
        near = _near(book, id)
        zh, en = (f"是否为 {'、'.join(near)}？", f" Did you mean {', '.join(near)}?") if near else ("", "")
        raise NotFound("rule-unknown", Bilingual(f"没有规则 {id}。{zh}", f"There is no rule {id}.{en}"), value=id)
    asked = sorted(mentioned(rule.condition(), "attribute"))
    groups = sorted(mentioned(rule.condition(), "industry"))
    return {
        **_brief(book, rule),
        "when": rule.when,
        "unless": rule.unless,
        "terms": spoken(rule.condition()).as_dict() if rule.condition()["all"] else None,
        "asks": [{"attribute": name, "question": attributes.declared()[name].question.as_dict()} for name in asked],
        "industry_groups": [_group(name) for name in groups],
        "documents": [{"kind": kind, **terms.document_kinds()[kind].as_dict()} for kind in rule.needs],
        "bound_to": rule.bound_to,
        "open_text": rule.open_text.as_dict() if rule.open_text else None,
        "entries": [
            {"entry": e.id, "plan": e.plan, "lines": list(e.lines)}
            for e in (coverage.entries()[entry] for entry in rule.entries)
        ],
        "sources": [_source(source) for source in {c.source.id: c.source for c in rule.cites}.values()],
        "file": rule.file,
        "line": rule.line,
    }


def _near(book: Rulebook, id: str) -> list[str]:
    return difflib.get_close_matches(id, [rule.id for rule in book.rules], n=3)


def _group(name: str) -> dict[str, Any]:
    group = industry.groups()[name]
    return {
        "group": name,
        "title": group.title.as_dict(),
        "status": group.status,
        "source": group.source.as_dict(),
        "note": group.note.as_dict() if group.note else None,
        "members": list(group.members),
        "except": list(group.excepted),
    }


def _source(source: Any) -> dict[str, Any]:
    return {
        "source": source.id,
        "title": source.title.as_dict(),
        "number": source.number,
        "issuer": source.issuer.as_dict(),
        "status": source.status,
        "in_force": _period(source.in_force),
        "note": source.note.as_dict() if source.note else None,
    }


def account(book: Rulebook) -> dict[str, Any]:
    """What became of every sentence of the plans, by plan and effect, and how many rules rest on each text."""
    rows = coverage.table(book.account)
    texts = Counter(source for rule in book.rules for source in {cite.source.id for cite in rule.cites})
    return {
        "plans": {plan: title.as_dict() for plan, title in coverage.PLANS.items()},
        "reasons": {reason: title.as_dict() for reason, title in coverage.REASONS.items()},
        "rows": [
            {
                "plan": row.plan,
                "effect": row.effect,
                "entries": row.total,
                "must": row.must,
                "encoded": row.encoded,
                "not_encoded": dict(row.reasons),
                "need_not": list(row.open),
                "unaccounted": list(row.unaccounted),
            }
            for row in rows
        ],
        "must": sum(row.must for row in rows),
        "unaccounted": sum(len(row.unaccounted) for row in rows),
        "rules": len(book.rules),
        "sources": [
            {
                "source": id,
                "title": source.title.as_dict(),
                "status": source.status,
                "rules": texts[id],
                "articles_not_encoded": len(book.account.articles.get(id, ())),
            }
            for id, source in book.sources.items()
        ],
    }
