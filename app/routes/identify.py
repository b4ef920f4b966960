"""`/identify`: everything visible at a place, from true geometry, never from a tile."""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from app import identify
from app.routes.collections import ReleaseQuery
from app.routes.documents import operation, problems
from app.routes.lookups import release_in_address
from app.routes.parameters import Engine, only
from app.routes.schema import zh
from layers.identify import FARTHEST_M

router = APIRouter(tags=["features"])


@router.get(
    "/identify",
    dependencies=[Depends(only("lon", "lat", "release", "tolerance_m", "geometry"))],
    responses=problems(400, 404, 503),
    **operation(
        "What is at a place", "此处有什么",
        "The features of all public layers at a position: areas that hold it, lines and points within tolerance_m with their "
        "distance, with attributes, source, accuracy and legal status. The position is not stored.",
        "全部公开图层在该点的要素：含该点的面，以及 tolerance_m 之内的线和点及其距离；附属性、来源、精度和法律状态。位置不保存。",
    ),
)  # fmt: skip
def at(
    engine: Engine,
    lon: Annotated[
        float,
        Query(ge=-180, le=180, allow_inf_nan=False, description="Longitude, degrees.", json_schema_extra=zh("经度。"), examples=[111.5]),
    ],
    lat: Annotated[
        float,
        Query(ge=-90, le=90, allow_inf_nan=False, description="Latitude, degrees.", json_schema_extra=zh("纬度。"), examples=[35.5]),
    ],
    *,
    tolerance_m: Annotated[
        float,
        Query(ge=0, le=FARTHEST_M, description="Reach of lines and points, m.", json_schema_extra=zh("线和点的范围，米。")),
    ] = 50.0,
    geometry: Annotated[
        bool, Query(description="true: with the geometries.", json_schema_extra=zh("true 时附图形。"))
    ] = False,
    release: ReleaseQuery = None,
) -> Response:  # fmt: skip
    with release_in_address():
        data = identify.at(engine, lon, lat, tolerance_m=tolerance_m, geometry=geometry, number=release)
    return Response(json.dumps(data, ensure_ascii=False), media_type="application/json")
