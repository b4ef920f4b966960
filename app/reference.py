"""What a user may look up before asking: industries, attributes and words, as JSON data. It needs no database."""

from __future__ import annotations

from typing import Any

from zoning import attributes, industry, terms
from zoning.decision import ACTIVITIES


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
                "titles": {value: title.as_dict() for value, title in one.titles.items()},
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
