"""The tile matrix sets that maps are cut in, and where a tile of them lies. It draws nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from typing import Final, NamedTuple

import morecantile
from morecantile import Tile, TileMatrixSet
from pyproj import CRS

from zoning.bilingual import Bilingual
from zoning.errors import NotFound

WEB_MERCATOR: Final = "WebMercatorQuad"
CGCS2000: Final = "CGCS2000Quad"
SRIDS: Final[Mapping[str, int]] = {WEB_MERCATOR: 3857, CGCS2000: 4490}

_RADIUS: Final = 6378137.0
_LAST: Final = math.atan(math.sinh(math.pi))
"""Latitude at which EPSG:3857 ends, 85.06°."""

Box = tuple[float, float, float, float]
"""Left, bottom, right, top: metres in EPSG:3857, degrees of longitude and latitude in EPSG:4490."""


class Place(NamedTuple):
    """A tile's place: matrix set, level, column from the left, row from the top."""

    tms: str
    z: int
    x: int
    y: int


@cache
def grids() -> Mapping[str, TileMatrixSet]:
    """Both sets by identifier.

    `CGCS2000Quad` is the grid of 天地图 (its matrix set ``c``): EPSG:4490, origin 90° N 180° W, tiles of 256 pixels, level 1
    of two tiles side by side, each level halving the one before, to level 18. Level n has the same pixels in degrees as
    level n of `WebMercatorQuad` at the equator.
    """
    whole = TileMatrixSet.custom(
        [-180, -90, 180, 90],
        CRS.from_epsg(SRIDS[CGCS2000]),
        matrix_scale=[2, 1],
        minzoom=0,
        maxzoom=17,
        id=CGCS2000,
        title="CGCS2000 经纬度 longitude and latitude (天地图 c)",
    )
    levels = [one.model_copy(update={"id": str(int(one.id) + 1)}) for one in whole.tileMatrices]
    document = whole.model_dump(exclude_none=True) | {"tileMatrices": [m.model_dump(exclude_none=True) for m in levels]}
    return {WEB_MERCATOR: morecantile.tms.get(WEB_MERCATOR), CGCS2000: TileMatrixSet.model_validate(document)}


def grid(id: str) -> TileMatrixSet:
    """The set of that identifier. Raises `NotFound` ``tile-matrix-set-unknown``."""
    found = grids().get(id)
    if found is None:
        known = ", ".join(grids())
        raise NotFound(
            "tile-matrix-set-unknown",
            Bilingual(f"没有切片方案 {id}。可用：{known}。", f"There is no tile matrix set {id}. Known: {known}."),
            field="tms",
            value=id,
        )
    return found


def box(place: Place) -> Box:
    """Where a tile lies, in the set's own CRS, x before y. Raises `NotFound` when the set has no such tile."""
    found = grid(place.tms)
    if not found.minzoom <= place.z <= found.maxzoom:
        raise outside(place)
    matrix = found.matrix(place.z)
    if not (0 <= place.x < matrix.matrixWidth and 0 <= place.y < matrix.matrixHeight):
        raise outside(place)
    left, bottom, right, top = found.xy_bounds(Tile(x=place.x, y=place.y, z=place.z))
    return left, bottom, right, top


def mercator(tms: str, box: Box) -> Box:
    """A box of a set's CRS as one of EPSG:3857; what lies beyond the end of that projection is cut off."""
    if SRIDS[tms] == SRIDS[WEB_MERCATOR]:
        return box
    west, south, east, north = (math.radians(degrees) for degrees in box)
    low, high = (math.log(math.tan(math.pi / 4 + max(min(lat, _LAST), -_LAST) / 2)) for lat in (south, north))
    return _RADIUS * west, _RADIUS * low, _RADIUS * east, _RADIUS * high


def outside(place: Place) -> NotFound:
    """The error for a tile outside a set or outside a layer's zoom range."""
    said = f"{place.z}/{place.x}/{place.y}"
    return NotFound(
        "tile-outside",
        Bilingual(
            f"切片 {said} 不在该切片方案或图层的级别范围内。",
            f"Tile {said} is outside the tile matrix set or the layer's zoom range.",
        ),
        field="tile",
        value=said,
    )
