"""Whether a reader wants a page or data, and the headers of a page; it writes no page."""

from __future__ import annotations

import secrets
from typing import Annotated, Final

from fastapi import Depends, Query, Request
from starlette.responses import HTMLResponse, Response

from app import language
from app.feature_pages import Asked
from app.links import links_of
from app.problem import BadRequest
from app.routes.schema import zh
from zoning.bilingual import Bilingual, Lang

VARY: Final = {"Vary": "Accept, Accept-Language"}


def wants_html(
    request: Request,
    f: Annotated[
        str | None,
        Query(
            description="json or html; by the Accept header if not given.",
            json_schema_extra=zh("json 或 html；不填时按 Accept 请求头。"),
            examples=["json"],
        ),
    ] = None,
) -> bool:
    """Whether `f` or, without it, the Accept header asks for a page. Raises `BadRequest`."""
    if f is None:
        offered = ["application/json", "application/geo+json", "application/schema+json", "text/html"]
        return language.media_type(request.headers.get("accept"), offered) == "text/html"
    if f not in ("json", "html"):
        raise BadRequest(
            "parameter-invalid", Bilingual("f 为 json 或 html。", "f is json or html."), field="f", value=f
        )
    return f == "html"


def chosen_language(request: Request, lang: str | None) -> Lang:
    """The language named in the address, or the one that the reader likes. Raises `BadRequest` ``language-unknown``."""
    if lang is None:
        return language.from_header(request.headers.get("accept-language"))
    if lang not in ("zh", "en"):
        text = Bilingual("语言只有 zh 和 en。", "The languages are zh and en.")
        raise BadRequest("language-unknown", text, field="lang", value=lang)
    return "zh" if lang == "zh" else "en"


def _page_language(
    request: Request,
    lang: Annotated[
        str | None,
        Query(
            description="zh or en; by the Accept-Language header if not given.",
            json_schema_extra=zh("zh 或 en；不填时按 Accept-Language 请求头。"),
            examples=["zh"],
        ),
    ] = None,
) -> Lang:
    return chosen_language(request, lang)


WantsHtml = Annotated[bool, Depends(wants_html)]
PageLanguage = Annotated[Lang, Depends(_page_language)]


def asked_of(request: Request, lang: Lang) -> Asked:
    """What a page needs to know of its request."""
    return Asked(links_of(request), request.url.path, request.url.query, secrets.token_urlsafe(16), lang)


def html(text: str, nonce: str, lang: Lang) -> Response:
    """A page whose only style is its own, and which runs nothing."""
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    said = "zh-CN" if lang == "zh" else "en"
    return HTMLResponse(text, headers={"Content-Security-Policy": policy, "Content-Language": said, **VARY})
