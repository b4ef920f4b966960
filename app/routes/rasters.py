"""`/rasters`: raster layers as tiles, legend, value at a place and figures in a polygon."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from typing import Annotated, Final, TypeVar

import anyio
import anyio.to_thread
from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from app import rasters
from app.routes.documents import operation, problems
from app.routes.parameters import JSON_TYPES, Language, json_value, media_type, only, refuse_media
from app.routes.schema import SITE_EXAMPLE, zh
from layers.raster import named
from layers.sitefile import read_site_geojson
from layers.tile_grids import WEB_MERCATOR, Place
from zoning.canonical import canonical_json

router = APIRouter(tags=["rasters"])

_AT_WORK: Final = anyio.CapacityLimiter(max(2, os.cpu_count() or 2))
"""Threads that may work on rasters at a time; requests beyond them wait."""
_FOR_GOOD: Final = "public, max-age=31536000, immutable"
_FOR_A_WHILE: Final = "public, max-age=300"

T = TypeVar("T")

Id = Annotated[
    str,
    Path(
        description="The raster layer.", json_schema_extra=zh("栅格图层。"), examples=["hillshade"], max_length=100
    ),
]  # fmt: skip
Version = Annotated[
    str,
    Path(
        description="Its version, from GET /rasters.", json_schema_extra=zh("版本，见 GET /rasters。"), max_length=100
    ),
]  # fmt: skip
Tms = Annotated[
    str,
    Path(
        description="Tile matrix set: WebMercatorQuad or CGCS2000Quad.",
        json_schema_extra=zh("切片方案：WebMercatorQuad 或 CGCS2000Quad。"),
        examples=[WEB_MERCATOR],
        max_length=100,
    ),
]
_MOST: Final = 2**31 - 1
Z = Annotated[
    int, Path(description="Level.", json_schema_extra=zh("级别。"), examples=[7], ge=0, le=30),
]  # fmt: skip
X = Annotated[
    int, Path(description="Column from the left.", json_schema_extra=zh("自左的列号。"), examples=[103], ge=0, le=_MOST)
]  # fmt: skip
Y = Annotated[
    int, Path(description="Row from the top.", json_schema_extra=zh("自上的行号。"), examples=[49], ge=0, le=_MOST)
]  # fmt: skip


async def _worked(work: Callable[[], T]) -> T:
    return await anyio.to_thread.run_sync(work, limiter=_AT_WORK)


def _sent(request: Request, data: bytes, media_type: str, kept: str) -> Response:
    """The bytes with a strong tag, or 304 to who has them, or 204 when there are none."""
    tag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": kept}
    known = [t.strip().removeprefix("W/") for t in request.headers.get("if-none-match", "").split(",")]
    if tag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    if not data:
        return Response(status_code=204, headers=headers)
    return Response(data, headers=headers, media_type=media_type)


def _json(data: object) -> Response:
    return Response(canonical_json(data), media_type="application/json", headers={"Cache-Control": "no-cache"})


@router.get(
    "/rasters",
    dependencies=[Depends(only())],
    responses=problems(400, 503),
    **operation(
        "Raster layers", "栅格图层",
        "Every public raster layer: unit, accuracy, cell, legal status, source, licence, style, zoom range and address of its tiles.",
        "全部公开的栅格图层：单位、精度、像元、法律效力、来源、许可、样式、级别范围和切片地址。",
    ),
)  # fmt: skip
async def every() -> Response:
    return _json(await _worked(rasters.listed))


@router.get(
    "/rasters/{id}",
    dependencies=[Depends(only())],
    responses=problems(400, 404, 503),
    **operation("One raster layer", "栅格图层说明", "What its entry says, and its bounds and cell.", "条目内容、范围和像元。"),
)  # fmt: skip
async def one(id: Id) -> Response:
    return _json(await _worked(lambda: rasters.described(named(id))))


@router.get(
    "/rasters/{id}/tilejson.json",
    dependencies=[Depends(only())],
    responses=problems(400, 404, 503),
    **operation(
        "TileJSON of a raster layer", "栅格图层的 TileJSON", "TileJSON 3.0.0 of its Web-Mercator tiles, at its version.",
        "Web 墨卡托切片的 TileJSON 3.0.0，含版本。",
    ),
)  # fmt: skip
async def tilejson(request: Request, id: Id, lang: Language) -> Response:
    base = str(request.base_url).rstrip("/")
    return _json(await _worked(lambda: rasters.tilejson(named(id), base, lang)))


@router.get(
    "/rasters/{id}/legend",
    dependencies=[Depends(only())],
    responses=problems(400, 404, 503),
    **operation(
        "Legend of a raster layer", "栅格图例", "Values or classes with their colours.", "取值或分类及其颜色。"
    ),
)
async def legend(id: Id) -> Response:
    return _json(await _worked(lambda: rasters.legend(named(id))))


@router.get(
    "/rasters/{id}/legend.svg",
    dependencies=[Depends(only())],
    responses=problems(400, 404, 503),
    **operation(
        "Legend as a picture", "图例图片", "A small SVG in the language of Accept-Language.", "小幅 SVG，语言按 Accept-Language。"
    ),
)  # fmt: skip
async def legend_svg(request: Request, id: Id, lang: Language) -> Response:
    picture = await _worked(lambda: rasters.legend_svg(named(id), lang))
    answer = _sent(request, picture.encode(), "image/svg+xml", _FOR_A_WHILE)
    answer.headers["Vary"] = "Accept-Language"
    return answer


@router.get(
    "/rasters/{id}/point",
    dependencies=[Depends(only("lon", "lat"))],
    responses=problems(400, 404, 503),
    **operation(
        "Value at a place", "某点的值",
        "The value of the cell that holds the place, not interpolated, with unit, size of the cell and accuracy. `state` says "
        "whether there is a value, nodata, or the place lies outside.",
        "该点所在像元的值（不内插），附单位、像元大小和精度；state 为 value、nodata 或 outside。",
    ),
)  # fmt: skip
async def point(
    id: Id,
    lon: Annotated[
        float,
        Query(
            ge=-180, le=180, allow_inf_nan=False, examples=[112.55], description="Longitude, EPSG:4490.",
            json_schema_extra=zh("经度，EPSG:4490。"),
        ),
    ],
    lat: Annotated[
        float,
        Query(
            ge=-90, le=90, allow_inf_nan=False, examples=[37.87], description="Latitude, EPSG:4490.",
            json_schema_extra=zh("纬度，EPSG:4490。"),
        ),
    ],
) -> Response:  # fmt: skip
    return _json(await _worked(lambda: rasters.point(named(id), lon, lat)))


@router.post(
    "/rasters/{id}/statistics",
    dependencies=[Depends(only())],
    responses=problems(400, 404, 413, 415, 422, 503),
    **operation(
        "Figures in a polygon", "面内统计",
        "Least, greatest, mean and median value in a polygon (GeoJSON, read as any site is), each cell weighed by the area of it "
        "inside; shares without a value and beyond the raster; shares of the classes. Nothing is stored.",
        "面（GeoJSON，与选址同样读取）内的最小、最大、平均和中位值，像元按面内面积加权；无值和超出栅格的占比，各类占比。不保存。",
        request_body={
            "required": True,
            "content": {"application/geo+json": {"schema": {"type": "object", "examples": [SITE_EXAMPLE]}}},
        },
    ),
)  # fmt: skip
async def statistics(request: Request, id: Id) -> Response:
    if media_type(request) not in JSON_TYPES:
        raise refuse_media(request, *JSON_TYPES)
    raw = await request.body()
    return _json(await _worked(lambda: rasters.figures(named(id), read_site_geojson(json_value(raw)))))


@router.get(
    "/rasters/{id}/{version}/{tms}/{z}/{x}/{y}.png",
    dependencies=[Depends(only())],
    responses=problems(400, 404, 503),
    **operation(
        "Raster tile at a version", "指定版本的栅格切片",
        "A PNG of 256 by 256 pixels; for a version it never changes. 204 where the layer has nothing.",
        "256 × 256 像素的 PNG；同一版本不变。图层无内容处返回 204。",
        curl="curl -o tile.png {base}/rasters/hillshade/VERSION/WebMercatorQuad/7/103/49.png",
    ),
)  # fmt: skip
async def tile(request: Request, *, id: Id, version: Version, tms: Tms, z: Z, x: X, y: Y) -> Response:
    image = await _worked(lambda: rasters.tile(rasters.of_version(id, version), Place(tms, z, x, y)))
    return _sent(request, image, "image/png", _FOR_GOOD)


@router.get(
    "/rasters/{id}/{tms}/{z}/{x}/{y}.png",
    dependencies=[Depends(only())],
    responses=problems(400, 404, 503),
    **operation(
        "Raster tile", "栅格切片", "The tile at the version held now; to be asked again after five minutes.",
        "现有版本的切片，五分钟后应重新查询。",
        curl="curl -o tile.png {base}/rasters/hillshade/WebMercatorQuad/7/103/49.png",
    ),
)  # fmt: skip
async def newest_tile(request: Request, *, id: Id, tms: Tms, z: Z, x: X, y: Y) -> Response:
    image = await _worked(lambda: rasters.tile(named(id), Place(tms, z, x, y)))
    return _sent(request, image, "image/png", _FOR_A_WHILE)
