"""`/` and `/docs`: pages made on the server from the OpenAPI document, without script and without anything from elsewhere."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from app import language
from app.page import landing, reference
from app.routes.parameters import only
from zoning.bilingual import Lang

router = APIRouter(include_in_schema=False)

LINKS = (
    "/docs",
    "/openapi.json",
    "/layers",
    "/rules",
    "/places?q=漳沱河",
    "/industries?q=炼焦",
    "/attributes",
    "/readyz",
    "/healthz",
)


def _page_language(request: Request, lang: Annotated[str | None, Query()] = None) -> Lang:
    return language.named(lang) if lang else language.from_header(request.headers.get("accept-language"))


PageLanguage = Annotated[Lang, Depends(_page_language)]


def _html(text: str, nonce: str, lang: Lang) -> Response:
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    headers = {
        "Content-Security-Policy": policy,
        "Content-Language": "zh-CN" if lang == "zh" else "en",
        "Vary": "Accept, Accept-Language",
    }
    return HTMLResponse(text, headers=headers)


@router.get("/", dependencies=[Depends(only("lang"))])
async def home(request: Request, lang: PageLanguage) -> Response:
    accept = request.headers.get("accept")
    if language.media_type(accept, ["application/json", "text/html"]) == "text/html":
        nonce = secrets.token_urlsafe(16)
        return _html(landing(LINKS, nonce, lang), nonce, lang)
    return JSONResponse(
        {"title": "Shanhe 山河", "links": [{"href": link} for link in LINKS]},
        headers={"Vary": "Accept, Accept-Language"},
    )


@router.get("/docs", dependencies=[Depends(only("lang"))])
async def docs(request: Request, lang: PageLanguage) -> Response:
    nonce = secrets.token_urlsafe(16)
    base = f"{request.url.scheme}://{request.url.netloc}"
    return _html(reference(request.app.openapi(), base, nonce, lang), nonce, lang)
