"""`/tileMatrixSets` and `/collections/{layer}/tiles`: OGC API Tiles. A tile itself has one address, that of its version."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import RedirectResponse, Response

from app import tile_sets
from app.links import links_of
from app.problem import BadRequest
from app.routes.collections import LayerPath, ReleaseQuery, given, visible
from app.routes.documents import operation, problems
from app.routes.html import PageLanguage
from app.routes.parameters import Engine, only
from app.routes.schema import zh
from layers import tile_grids, tiles
from layers.tile_grids import Place
from zoning.bilingual import Bilingual

router = APIRouter(tags=["tiles"])

TmsPath = Annotated[
    str,
    Path(
        description="WebMercatorQuad or CGCS2000Quad.",
        json_schema_extra=zh("WebMercatorQuad 或 CGCS2000Quad。"),
        examples=["WebMercatorQuad"],
        max_length=100,
    ),
]


def _json(
    f: Annotated[
        str | None,
        Query(description="json, the only form.", json_schema_extra=zh("只有 json。"), examples=["json"]),
    ] = None,
) -> None:
    if f not in (None, "json"):
        raise BadRequest("parameter-invalid", Bilingual("f 只能是 json。", "f can only be json."), field="f", value=f)


@router.get(
    "/tileMatrixSets",
    dependencies=[Depends(only("f", "lang")), Depends(_json)],
    responses=problems(400),
    **operation("Tile matrix sets", "切片方案", "The grids that tiles are cut in.", "切片所用的格网。"),
)
def matrix_sets(request: Request, lang: PageLanguage) -> Response:
    return given(tile_sets.matrix_sets(links_of(request)), lang)


@router.get(
    "/tileMatrixSets/{tms}",
    dependencies=[Depends(only("f", "lang")), Depends(_json)],
    responses=problems(400, 404),
    **operation(
        "One tile matrix set", "单个切片方案", "Origin, levels and tile sizes, as OGC writes them.",
        "原点、级别和切片大小，按 OGC 标准写法。",
    ),
)  # fmt: skip
def matrix_set(lang: PageLanguage, tms: TmsPath) -> Response:
    tile_grids.grid(tms)
    return given(tile_sets.matrix_set(tms), lang)


@router.get(
    "/collections/{layer}/tiles",
    dependencies=[Depends(only("release", "f", "lang")), Depends(_json)],
    responses=problems(400, 404, 503),
    **operation("Tilesets of a layer", "图层的切片集", "One for each tile matrix set.", "每种切片方案一个。"),
)
def tilesets(
    request: Request, engine: Engine, lang: PageLanguage, layer: LayerPath, release: ReleaseQuery = None
) -> Response:
    return given(tile_sets.tilesets(visible(engine, layer, release), links_of(request), lang), lang)


@router.get(
    "/collections/{layer}/tiles/{tms}",
    dependencies=[Depends(only("release", "f", "lang")), Depends(_json)],
    responses=problems(400, 404, 503),
    **operation(
        "One tileset", "单个切片集", "Its extent, levels, and the address of its tiles.", "范围、级别和切片地址模板。"
    ),
)
def tileset(
    request: Request,
    engine: Engine,
    lang: PageLanguage,
    *,
    layer: LayerPath,
    tms: TmsPath,
    release: ReleaseQuery = None,
) -> Response:
    tile_grids.grid(tms)
    found = visible(engine, layer, release)
    (drawn,) = tiles.shown(engine).pick([layer], int(found.view.number))
    return given(tile_sets.tileset(found, drawn, tms, links_of(request), lang), lang)


@router.get(
    "/collections/{layer}/tiles/{tms}/{level}/{row}/{column}",
    dependencies=[Depends(only("release"))],
    status_code=307,
    responses=problems(400, 404, 503),
    **operation(
        "A tile of a layer", "图层的切片",
        "Leads (307) to the tile at the layer's version, which never changes and may be kept for ever.",
        "转到（307）该图层版本的切片，内容永不改变，可长期缓存。",
    ),
)  # fmt: skip
def tile(
    request: Request,
    engine: Engine,
    *,
    layer: LayerPath,
    tms: TmsPath,
    level: Annotated[int, Path(ge=0, le=99, description="Level.", json_schema_extra=zh("级别。"), examples=[8])],
    row: Annotated[int, Path(ge=0, le=10**9, description="Row from the top.", json_schema_extra=zh("行，自上而下。"), examples=[99])],
    column: Annotated[int, Path(ge=0, le=10**9, description="Column.", json_schema_extra=zh("列。"), examples=[208])],
    release: ReleaseQuery = None,
) -> Response:  # fmt: skip
    place = Place(tms, level, column, row)
    tile_grids.box(place)
    found = visible(engine, layer, release)
    (drawn,) = tiles.shown(engine).pick([layer], int(found.view.number))
    if not drawn.drawn_at(level):
        raise tile_grids.outside(place)
    path = ("tiles", drawn.id, str(drawn.version), tms, str(level), str(column), f"{row}.mvt")
    life = "public, max-age=60" if release is None else "public, max-age=3600"
    return RedirectResponse(links_of(request).bare().to(*path), 307, headers={"Cache-Control": life})
