"""`/`, `/docs` and `/api`: pages made on the server from the OpenAPI document, without script and without anything from elsewhere."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from app import language
from app.collections import OPENAPI
from app.collections import landing as landing_document
from app.links import links_of
from app.page import landing, reference
from app.routes.html import VARY, PageLanguage, html, wants_html
from app.routes.parameters import only

router = APIRouter(include_in_schema=False)

LINKS = (
    "/viewer",
    "/docs",
    "/openapi.json",
    "/collections",
    "/layers",
    "/rules",
    "/places?q=漳沱河",
    "/industries?q=炼焦",
    "/attributes",
    "/readyz",
    "/healthz",
)


def _wants_page(request: Request, f: Annotated[str | None, Query()] = None) -> bool:
    """Who gets a page at `/`: a browser; an API client gets the OGC landing page."""
    if f is not None:
        return wants_html(request, f)
    return language.media_type(request.headers.get("accept"), ["application/json", "text/html"]) == "text/html"


@router.get("/", dependencies=[Depends(only("lang", "f"))])
async def home(request: Request, wants_page: Annotated[bool, Depends(_wants_page)], lang: PageLanguage) -> Response:
    """A browser is sent to the map; `f=html` gives the list of addresses, and an API client its landing page."""
    if not wants_page:
        return JSONResponse(landing_document(links_of(request), LINKS, lang), headers=VARY)
    if "f" not in request.query_params:
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"/viewer{query}", 302, headers=VARY)
    nonce = secrets.token_urlsafe(16)
    return html(landing(LINKS, nonce, lang), nonce, lang)


@router.get("/api", dependencies=[Depends(only())])
async def api(request: Request) -> Response:
    """The OpenAPI document under the media type that OGC clients look for."""
    return JSONResponse(request.app.openapi(), media_type=OPENAPI)


@router.get("/docs", dependencies=[Depends(only("lang"))])
async def docs(request: Request, lang: PageLanguage) -> Response:
    nonce = secrets.token_urlsafe(16)
    base = f"{request.url.scheme}://{request.url.netloc}"
    return html(reference(request.app.openapi(), base, nonce, lang), nonce, lang)
