"""How routes describe themselves in the OpenAPI document: summaries in both languages and the problem responses."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from app.problem import MEDIA_TYPE, URN

PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "detail_zh", "detail_en", "where"],
    "properties": {
        "type": {"type": "string", "description": f"{URN}<type>; the types are listed at /docs."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "In the language of Accept-Language."},
        "detail_zh": {"type": "string"},
        "detail_en": {"type": "string"},
        "remedy": {"type": "string", "description": "What to do about this type of problem."},
        "where": {"type": "object", "description": "File, feature, ring, coordinate, field, value: what is known."},
    },
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problem responses of a route."""
    return {
        status: {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: {"schema": PROBLEM_SCHEMA}}}
        for status in statuses
    }


def operation(
    summary: str,
    summary_zh: str,
    description: str,
    description_zh: str,
    *,
    request_body: dict[str, Any] | None = None,
    parameters: list[dict[str, Any]] | None = None,
    curl: str | None = None,
) -> dict[str, Any]:
    """Keyword arguments of a route: English where OpenAPI has a place for one language, Chinese beside it."""
    extra: dict[str, Any] = {"x-summary-zh": summary_zh, "x-description-zh": description_zh}
    if request_body is not None:
        extra["requestBody"] = request_body
    if parameters:
        extra["parameters"] = parameters
    if curl:
        extra["x-curl"] = curl
    return {"summary": summary, "description": description, "openapi_extra": extra}
