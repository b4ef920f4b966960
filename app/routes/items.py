"""`/collections/{layer}/items`: features page by page and one by one, as GeoJSON or as a page for people."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from app import feature_pages, items
from app.collections import GEOJSON
from app.links import links_of
from app.routes.collections import LayerPath, ReleaseQuery, visible
from app.routes.documents import operation, problems
from app.routes.html import VARY, PageLanguage, WantsHtml, asked_of, html
from app.routes.parameters import Engine, refuse_others
from app.routes.schema import zh
from layers.map_crs import CRS84, MapCRS, named
from zoning.errors import NotFound

router = APIRouter(tags=["features"])

_FREE: dict[str, Any] = {
    "name": "properties",
    "in": "query",
    "required": False,
    "style": "form",
    "explode": True,
    "schema": {
        "type": "object",
        "additionalProperties": {"type": "string"},
        "description": "Any queryable of the layer with the value it must have, e.g. class=core.",
        **zh("图层的任一可查询属性及其值，如 class=core。"),
    },
}

_Text = str | None


def _asked(description: str, description_zh: str, example: str) -> Any:
    return Query(description=description, json_schema_extra=zh(description_zh), examples=[example])


def _named(name: str, description: str, description_zh: str) -> Any:
    return Query(alias=name, description=description, json_schema_extra=zh(description_zh))


@router.get(
    "/collections/{layer}/items",
    responses=problems(400, 404, 503),
    **operation(
        "Features of a layer", "图层的要素",
        "GeoJSON, page by page in the order of codes; `next` leads on and nothing is cut off. A page of large features may hold "
        f"fewer than `limit`. A limit over {items.MOST} counts as {items.MOST}. `numberMatched` comes where it is known without "
        "counting, and with resultType=hits.",
        f"按编码次序分页的 GeoJSON，next 为下一页，不截断。大图形的页可能少于 limit。limit 超过 {items.MOST} 按 {items.MOST}。"
        "numberMatched 只在不必计数时给出；resultType=hits 时计数。",
        parameters=[_FREE],
    ),
)  # fmt: skip
def listed(
    request: Request,
    engine: Engine,
    wants_html: WantsHtml,
    lang: PageLanguage,
    *,
    layer: LayerPath,
    limit: Annotated[_Text, _asked("The most features on a page.", "每页最多要素数。", "100")] = None,
    bbox: Annotated[
        _Text, _asked("Only features that meet this box.", "只要与此范围相交的要素。", "111,35,112,36")
    ] = None,
    bbox_crs: Annotated[_Text, _named("bbox-crs", "CRS of bbox; CRS84 if not given.", "bbox 的坐标系；不填为 CRS84。")] = None,
    datetime: Annotated[
        _Text,
        _asked(
            "Only features in force then: a day, a moment, or an interval.", "只要当时有效的要素：日期、时刻或时段。",
            "2024-06-30",
        ),
    ] = None,
    filter: Annotated[_Text, _asked("A CQL2 filter.", "CQL2 过滤条件。", "area_m2 > 1000000")] = None,
    filter_lang: Annotated[_Text, _named("filter-lang", "cql2-text or cql2-json.", "cql2-text 或 cql2-json。")] = None,
    filter_crs: Annotated[_Text, _named("filter-crs", "CRS of geometries in the filter.", "过滤条件中图形的坐标系。")] = None,
    crs: Annotated[_Text, _named("crs", "CRS of the answer, one that the collection lists.", "结果的坐标系，取要素集所列之一。")] = None,
    resultType: Annotated[_Text, _asked("hits: only the number of features.", "hits 只给要素个数。", "results")] = None,  # noqa: N803 (its name)
    after: Annotated[_Text, _named("after", "Page mark; follow `next`.", "翻页标记；请用 next 链接。")] = None,
    release: ReleaseQuery = None,
) -> Response:  # fmt: skip
    del (
        limit,
        bbox,
        bbox_crs,
        datetime,
        filter,
        filter_lang,
        filter_crs,
        crs,
        resultType,
    )  # read with the queryables, below
    try:
        found = visible(engine, layer, release if release is not None else items.marked_release(after))
    except NotFound:
        refuse_others(request, (*items.CHOOSING, *items.GIVING))
        raise
    refuse_others(request, items.names(found))
    given = dict(request.query_params)
    asked = items.asked_of(found, given)
    if wants_html:
        page = asked_of(request, lang)
        readable = {**given, "crs": CRS84}
        data = json.loads(
            items.page(engine, found, items.asked_of(found, readable), given, links=page.links, lang=lang)
        )
        return html(feature_pages.items(found, data, page), page.nonce, lang)
    return _geojson(items.page(engine, found, asked, given, links=links_of(request), lang=lang), asked.crs, release)


@router.get(
    "/collections/{layer}/items/{code}",
    responses=problems(400, 404, 503),
    **operation("One feature", "单个要素", "A feature as GeoJSON, with all its attributes.", "单个要素的 GeoJSON 及全部属性。"),
)  # fmt: skip
def one(
    request: Request,
    engine: Engine,
    wants_html: WantsHtml,
    lang: PageLanguage,
    *,
    layer: LayerPath,
    code: Annotated[
        str, Path(description="Its code.", json_schema_extra=zh("编码。"), examples=["RL-140105-1"], max_length=200)
    ],
    crs: Annotated[_Text, _named("crs", "CRS of the answer.", "结果的坐标系。")] = None,
    release: ReleaseQuery = None,
) -> Response:
    refuse_others(request, ("crs", "release", "f", "lang"))
    found = visible(engine, layer, release)
    chosen = named(crs, found.crs, "crs")
    if wants_html:
        page = asked_of(request, lang)
        data = json.loads(items.one(engine, found, code, found.crs[0], links=page.links, lang=lang))
        return html(feature_pages.feature(found, data, page), page.nonce, lang)
    return _geojson(items.one(engine, found, code, chosen, links=links_of(request), lang=lang), chosen, release)


def _geojson(content: bytes, crs: MapCRS, release: int | None) -> Response:
    headers = {
        "Content-Crs": f"<{crs.uri}>",
        "Cache-Control": "no-cache" if release is None else "public, max-age=3600",  # a release never changes
        **VARY,
    }
    return Response(content, headers=headers, media_type=GEOJSON)
