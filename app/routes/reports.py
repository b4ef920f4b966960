"""`/checks/{id}/report`: a stored check as a page to print and file."""

from __future__ import annotations

import base64
import hashlib
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import HTMLResponse, Response

from app import service, withheld
from app.report import page
from app.routes.checks import CheckId
from app.routes.documents import operation, problems
from app.routes.html import chosen_language
from app.routes.negotiated import tag_of, unchanged
from app.routes.parameters import Engine, only
from app.routes.schema import zh

router = APIRouter(tags=["checks"])


@router.get(
    "/checks/{id}/report",
    dependencies=[Depends(only("lang"))],
    responses={200: {"content": {"text/html": {"schema": {"type": "string"}}}}, **problems(400, 404, 503)},
    response_class=HTMLResponse,
    **operation(
        "Report of a check", "核查报告",
        "A page to print (A4): the six lines first, a map, what is covered by parcel and county, every finding with its clause, the "
        "access list clause by clause, coordinates, hashes, and what the report does not answer.",
        "可打印的页面（A4）：先是六行结论，再是地图、分地块分县压占、逐条发现及条款、准入清单逐条核对、坐标、校验值，以及本报告没有回答的问题。",
    ),
)  # fmt: skip
def report(
    id: CheckId,
    request: Request,
    engine: Engine,
    lang: Annotated[
        str | None,
        Query(
            description="zh or en; by Accept-Language if not given.",
            json_schema_extra=zh("zh 或 en；不填按 Accept-Language。"),
            examples=["zh"],
        ),
    ] = None,
) -> Response:
    chosen = chosen_language(request, lang)
    stored = service.stored_check(engine, id).data
    seen = withheld.check(stored, withheld.forms_of(engine, stored["release"])) or stored
    text = page.report(engine, seen, chosen).encode()
    style = base64.b64encode(hashlib.sha256(page.css().encode()).digest()).decode()
    headers = {
        "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'",
        "Content-Language": "zh-CN" if chosen == "zh" else "en",
        "Cache-Control": "private, no-cache",
        "ETag": tag_of(text),
        "Vary": "Accept-Language",
    }
    if unchanged(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return HTMLResponse(text, headers=headers)
