"""Absolute links of the OGC resources: where the service was reached, and the release and language that links keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request

from app.problem import BadRequest
from zoning.bilingual import Bilingual


@dataclass(frozen=True, slots=True)
class Links:
    """`base` is the service's address without a slash at its end; `kept` are query parameters that every link carries on."""

    base: str
    kept: Mapping[str, str] = field(default_factory=dict)

    def to(self, *path: str, **query: str | int | None) -> str:
        """The address of a resource, each part of its path quoted."""
        given = {**self.kept, **{name: value for name, value in query.items() if value is not None}}
        asked = f"?{urlencode(given)}" if given else ""
        return f"{self.base}/{'/'.join(quote(part, safe='') for part in path)}{asked}"

    def bare(self) -> Links:
        """The same, keeping nothing."""
        return Links(self.base)

    def link(self, rel: str, media_type: str, title: str, *path: str, **query: str | int | None) -> dict[str, Any]:
        return {"href": self.to(*path, **query), "rel": rel, "type": media_type, "title": title}

    def two(self, html: bool, lang_title: str, *path: str, **query: str | int | None) -> list[dict[str, Any]]:
        """`self` and `alternate` of a resource that is there as JSON and as HTML."""
        said = [("application/json", "json"), ("text/html", "html")]
        own, other = reversed(said) if html else said
        return [
            self.link(rel, media, lang_title, *path, **query, f=name)
            for rel, (media, name) in (("self", own), ("alternate", other))
        ]


def links_of(request: Request) -> Links:
    """Links that start where this request was sent to, and keep its release. Raises `BadRequest` for a Host that is none."""
    try:
        base = f"{request.url.scheme}://{request.url.netloc}"
    except ValueError as error:
        text = Bilingual("请求头 Host 有误。", "The Host header is malformed.")
        raise BadRequest("request-invalid", text, field="Host") from error
    release = request.query_params.get("release")
    return Links(base, {"release": release} if release else {})
