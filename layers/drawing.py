"""What tiles draw of features at each band of zooms: projected, simplified, and nothing dropped. It is never measured on.

A band is named by its last zoom. Polygons that cover an area without gaps are simplified together, so that neighbours keep
one common line; others each by itself. A part smaller than a pixel at the band's last zoom becomes a point.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from zoning.evidence import Geometries, Indices

BANDS: Final = (7, 10, 12, 18)
"""Zooms up to 7, 8–10, 11–12, and 13 and more, where nothing is simplified."""

COARSEST: Final = BANDS[0]
SRID: Final = 3857
_RADIUS: Final = 6378137.0
_WORLD: Final = 2 * math.pi * _RADIUS
_TILE_PIXELS: Final = 256


def pixel_m(z: int) -> float:
    """Side of a pixel at a zoom, in metres of EPSG:3857, for tiles of 256 pixels.

    >>> round(pixel_m(7)), round(pixel_m(18), 3)
    (1223, 0.597)
    """
    return _WORLD / _TILE_PIXELS / float(2**z)


def band_of(z: int) -> int:
    """The band a zoom is drawn from.

    >>> [band_of(z) for z in (3, 7, 8, 11, 13, 22)]
    [7, 7, 10, 12, 18, 18]
    """
    return next((band for band in BANDS if z <= band), BANDS[-1])


def projected(geometries: Geometries) -> Geometries:
    """EPSG:4490 degrees to EPSG:3857 metres, vertex by vertex, as PostGIS does it: the two datums are taken as one."""
    found: Geometries = shapely.transform(geometries, _mercator)
    return found


def _mercator(lonlat: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    lon, lat = np.radians(lonlat).T
    return np.column_stack([_RADIUS * lon, _RADIUS * np.log(np.tan(math.pi / 4 + lat / 2))])


@dataclass(frozen=True, slots=True)
class Drawn:
    """The parts of features in one band. `owner[i]` is the index of the feature that part i belongs to.

    `extent_m` is the longer side of a part's box in metres of EPSG:3857; NaN for points of point layers, which are never too
    small. A part that became a point keeps the extent it had.
    """

    band: int
    parts: Geometries
    owner: Indices
    extent_m: npt.NDArray[np.float64]


def bands(geometries: Geometries, *, together: bool) -> Iterator[Drawn]:
    """All bands of some features, EPSG:4490 in and EPSG:3857 out; empty geometries have no part.

    `together` says that they are polygons that share their boundaries.
    """
    whole = projected(geometries)
    for band in BANDS:
        yield _drawn(band, whole if band == BANDS[-1] else _simplified(whole, pixel_m(band) / 4, together=together))


def _simplified(whole: Geometries, tolerance: float, *, together: bool) -> Geometries:
    found: Any = shapely.coverage_simplify(whole, tolerance) if together else shapely.simplify(whole, tolerance)
    # Simplifying each ring by itself may make two of them touch or cross: such a feature stays as it is.
    return np.where(shapely.is_valid(found), found, whole)


def _drawn(band: int, whole: Geometries) -> Drawn:
    parts, owner = shapely.get_parts(whole, return_index=True)
    box = shapely.bounds(parts).reshape(-1, 4)
    extent = np.maximum(box[:, 2] - box[:, 0], box[:, 3] - box[:, 1])
    extent[shapely.get_dimensions(parts) == 0] = np.nan
    small = extent < pixel_m(band)
    parts[small] = shapely.point_on_surface(parts[small])
    return Drawn(band, parts, owner, extent)
