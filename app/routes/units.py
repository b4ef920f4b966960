"""`/units/{code}`: a control unit with its areas, the access list of all three levels, and the layers it overlaps."""

from __future__ import annotations

import io
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from rich.console import Console
from starlette.responses import Response

from app import units
from app.cli.screen import Screen
from app.cli.units import show
from app.routes.documents import operation, problems
from app.routes.lookups import release_in_address
from app.routes.negotiated import given
from app.routes.parameters import Engine, Language, only
from app.routes.schema import zh
from zoning.bilingual import Lang
from zoning.canonical import canonical_json

router = APIRouter(tags=["units"])


@router.get(
    "/units/{code}",
    dependencies=[Depends(only("release"))],
    responses=problems(400, 404, 503),
    **operation(
        "One control unit", "管控单元",
        "Class, shape, area on both bases, the clauses of province, city and unit in four dimensions, and the layers that overlap "
        "it with their areas, by element. A code that is not held is answered with those that begin alike. With "
        "`Accept: text/plain` it comes as text.",
        "分类、图形、两种面积、省市单元三级四维度条款，以及按要素列出的重叠图层及面积。没有该编码时列出相近的编码。"
        "Accept 为 text/plain 时返回文本。",
    ),
)  # fmt: skip
def unit(
    request: Request,
    engine: Engine,
    lang: Language,
    code: Annotated[
        str,
        Path(
            description="Its code: ZH, county, class, serial.",
            json_schema_extra=zh("编码：ZH、县级代码、分类、序号。"),
            examples=["ZH14082429001"],
            max_length=60,
        ),
    ],
    release: Annotated[
        int | None, Query(description="The newest if not given.", json_schema_extra=zh("不填为最新。"))
    ] = None,
) -> Response:
    with release_in_address():
        data = units.one(engine, code, release)
    return given(request, lang, canonical_json(data), lambda: _text(data, lang), {"Cache-Control": "private, no-cache"})


def _text(data: dict[str, object], lang: Lang) -> str:
    written = io.StringIO()
    console = Console(file=written, highlight=False, markup=False, emoji=False, soft_wrap=True, width=100)
    show(data, Screen(console, lang, wraps=True))
    return written.getvalue()
