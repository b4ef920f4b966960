"""What a user may look up before asking: rules, industries, attributes and words, as JSON data. It needs no database."""

from __future__ import annotations

from typing import Any

from zoning import attributes, industry, terms
from zoning.decision import ACTIVITIES
from zoning.rule import Period, Rule
from zoning.rulebook import Rulebook


def _period(period: Period | None) -> list[str | None] | None:
    if period is None:
        return None
    return [day.isoformat() if day else None for day in (period.start, period.end)]


def _rule(rule: Rule) -> dict[str, Any]:
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
            "within_m": where.within_m,
        },
        "industries": list(rule.industries),
        "activities": list(rule.activities),
        "needs": list(rule.needs),
        "jurisdiction": rule.jurisdiction,
        "in_force": _period(rule.in_force),
        "plan_period": _period(rule.plan_period),
        "open": rule.open,
        "cites": [cite.as_dict() for cite in rule.cites],
    }


def rules(book: Rulebook) -> dict[str, Any]:
    """All rules in id order, their scope and the hash over everything that decides."""
    return {
        "rules_hash": book.hash,
        "scope": {
            "kinds": list(book.scope.kinds),
            "left_out": {kind: why.as_dict() for kind, why in book.scope.left_out.items()},
        },
        "rules": [_rule(rule) for rule in book.rules],
    }


def industries(text: str, limit: int) -> dict[str, Any]:
    """The industries found by code or name, and how many there are in all."""
    found = industry.industries().search(text, limit)
    return {
        "query": text,
        "total": found.total,
        "industries": [
            {"code": one.code, "name": {"zh": one.name_zh, "en": one.name_en or None}, "level": one.level}
            for one in found.shown
        ],
    }


def facts() -> dict[str, Any]:
    """Everything a project may say: attributes with their questions, activities and kinds of documents."""
    return {
        "attributes": [
            {
                "attribute": name,
                "type": one.type,
                "unit": one.unit,
                "values": list(one.values),
                "question": one.question.as_dict(),
            }
            for name, one in attributes.declared().items()
        ],
        "activities": [{"activity": name, "title": terms.activity_title(name).as_dict()} for name in ACTIVITIES],
        "documents": [
            {"kind": id, "title": kind.title.as_dict(), "issuer": kind.issuer.as_dict()}
            for id, kind in terms.document_kinds().items()
        ],
    }
