"""`/conformance`, `/collections` and their queryables: the layers that everybody may see, as OGC API resources."""

from __future__ import annotations

import json
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from app import collections, conformance, feature_pages
from app.links import links_of
from app.routes.documents import operation, problems
from app.routes.html import VARY, PageLanguage, WantsHtml, asked_of, html
from app.routes.lookups import release_in_address
from app.routes.parameters import Engine, only
from app.routes.schema import zh
from layers.collection import Collection, collection_at, collections_at
from layers.release import open_release
from zoning.bilingual import Bilingual, Lang
from zoning.errors import NotFound

router = APIRouter(tags=["features"])

ReleaseQuery = Annotated[
    int | None,
    Query(
        description="Number of the data release; the newest if not given. Links keep it.",
        json_schema_extra=zh("数据版本号；不填为最新。链接沿用。"),
    ),
]
LayerPath = Annotated[
    str,
    Path(
        description="A layer, from /collections.",
        json_schema_extra=zh("图层，见 /collections。"),
        examples=["redline"],
        max_length=100,
    ),
]


def visible(engine: sa.Engine, layer: str, release: int | None) -> Collection:
    """A layer that everybody may see at a release. Raises `NotFound` ``collection-unknown`` or ``release-unknown``."""
    with release_in_address():
        view = open_release(engine, release)
    found = collection_at(engine, view, layer) if layer.isascii() and layer.isprintable() else None
    if found is None:
        text = Bilingual(
            f"第 {view.number} 版没有公开图层 {layer}；见 /collections。",
            f"Release {view.number} has no public layer {layer}; see /collections.",
        )
        raise NotFound("collection-unknown", text, value=layer)
    return found


def given(data: Any, lang: Lang, media_type: str = "application/json") -> Response:
    """JSON data in a reader's language."""
    said = {"Content-Language": "zh-CN" if lang == "zh" else "en", "Cache-Control": "no-cache", **VARY}
    return Response(json.dumps(data, ensure_ascii=False), headers=said, media_type=media_type)


@router.get(
    "/conformance",
    dependencies=[Depends(only("f", "lang"))],
    responses=problems(400),
    **operation(
        "Conformance", "符合的标准", "The OGC conformance classes; each is proven by a test.",
        "所符合的 OGC 一致性类，每一项都有测试证明。",
    ),
)  # fmt: skip
def conforms(request: Request, wants_html: WantsHtml, lang: PageLanguage) -> Response:
    uris = conformance.conforms_to()
    if wants_html:
        asked = asked_of(request, lang)
        return html(feature_pages.conformance(uris, asked), asked.nonce, lang)
    return given({"conformsTo": uris}, lang)


@router.get(
    "/collections",
    dependencies=[Depends(only("release", "f", "lang"))],
    responses=problems(400, 404, 503),
    **operation(
        "Layers as collections", "图层（要素集）",
        "The layers of a release that everybody may see, with extent, CRSs, legal status, style and links.",
        "某一数据版本的公开图层：范围、坐标系、法律状态、样式和链接。",
    ),
)  # fmt: skip
def listed(
    request: Request, engine: Engine, wants_html: WantsHtml, lang: PageLanguage, release: ReleaseQuery = None
) -> Response:
    with release_in_address():
        found = collections_at(engine, open_release(engine, release))
    if wants_html:
        asked = asked_of(request, lang)
        return html(feature_pages.collections(found, asked), asked.nonce, lang)
    return given(collections.several(found, links_of(request), lang), lang)


@router.get(
    "/collections/{layer}",
    dependencies=[Depends(only("release", "f", "lang"))],
    responses=problems(400, 404, 503),
    **operation(
        "One layer", "单个图层", "What a layer is, where it is, and what it may be asked in.",
        "图层的内容、范围和可用的坐标系。",
    ),
)  # fmt: skip
def collection(
    request: Request,
    engine: Engine,
    wants_html: WantsHtml,
    lang: PageLanguage,
    *,
    layer: LayerPath,
    release: ReleaseQuery = None,
) -> Response:
    found = visible(engine, layer, release)
    if wants_html:
        asked = asked_of(request, lang)
        return html(feature_pages.collection(found, asked), asked.nonce, lang)
    return given(collections.one(found, links_of(request), lang), lang)


@router.get(
    "/collections/{layer}/queryables",
    dependencies=[Depends(only("release", "f", "lang"))],
    responses=problems(400, 404, 503),
    **operation(
        "What a filter may use", "可查询的属性", "A JSON Schema of the names that filter and parameters may use.",
        "filter 和查询参数可用的名称（JSON Schema）。",
    ),
)  # fmt: skip
def queryables(
    request: Request,
    engine: Engine,
    wants_html: WantsHtml,
    lang: PageLanguage,
    *,
    layer: LayerPath,
    release: ReleaseQuery = None,
) -> Response:
    found = visible(engine, layer, release)
    if wants_html:
        asked = asked_of(request, lang)
        return html(feature_pages.collection(found, asked), asked.nonce, lang)
    return given(collections.queryables(found, links_of(request), lang), lang, collections.SCHEMA)
