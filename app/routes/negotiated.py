"""How an answer is sent: as JSON or as plain text by what the reader likes, with a tag by which it need not be sent twice."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

from fastapi import Request
from starlette.responses import Response

from app import language
from zoning.bilingual import Lang


def given(
    request: Request, lang: Lang, content: str, plain: Callable[[], str], headers: Mapping[str, str] | None = None
) -> Response:
    """The canonical JSON text itself, or `plain` where text/plain is asked for; 304 for a GET of what is known already."""
    more = dict(headers or {})
    text, media_type = content, "application/json"
    if language.media_type(request.headers.get("accept"), ["application/json", "text/plain"]) == "text/plain":
        text, media_type = plain(), "text/plain; charset=utf-8"
        more["Content-Language"] = "zh-CN" if lang == "zh" else "en"
    data = text.encode()
    tag = tag_of(data)
    more |= {"ETag": tag, "Vary": "Accept, Accept-Language"}
    if unchanged(request, tag):
        return Response(status_code=304, headers=more)
    return Response(data, headers=more, media_type=media_type)


def tag_of(data: bytes) -> str:
    """The strong entity tag of these bytes."""
    return f'"{hashlib.sha256(data).hexdigest()[:32]}"'


def unchanged(request: Request, tag: str) -> bool:
    """Whether a GET asks for what the reader has already."""
    known = [t.strip().removeprefix("W/") for t in request.headers.get("if-none-match", "").split(",")]
    return request.method in ("GET", "HEAD") and (tag in known or "*" in known)
