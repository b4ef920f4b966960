"""The CRSs that features are asked for and given in, by OGC URI, with their axis order; it reads no file's CRS.

Stored positions are CGCS2000 (EPSG:4490). From there to WGS 84 (CRS84, EPSG:4326) is a null transform by policy: both are
realisations of ITRS that agree within their own accuracy of some decimetres, and no parameters between them are published.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from psycopg import sql

from layers.bad_query import BadQuery, wrong
from zoning.crs import gauss_krueger_epsg, read_crs

CRS84: Final = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG: Final = "http://www.opengis.net/def/crs/EPSG/0/"
STORED: Final = f"{EPSG}4490"
_STEP: Final = 0.005
"""Degrees between the points of a projected box's sides."""

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class MapCRS:
    """A CRS as the service speaks it: CRS84 in longitude and latitude, all others in the order EPSG gives their axes,

    which is latitude and longitude for EPSG:4490 and 4326, and northing and easting for the Gauss-Krüger zones.
    """

    uri: str
    srid: int

    @property
    def geographic(self) -> bool:
        return self.srid in (4490, 4326)

    @property
    def swapped(self) -> bool:
        """Whether the first axis points north."""
        return self.uri != CRS84

    @property
    def digits(self) -> int:
        """Digits after the point: 1e-9 degrees, 0.1 mm."""
        return 9 if self.geographic else 4

    def geometry_sql(self, stored: sql.Composable) -> sql.Composable:
        """The SQL of a stored geometry in this CRS and axis order; edges go from corner to corner."""
        turned = stored
        if not self.geographic:
            turned = sql.SQL("ST_Transform({}, {})").format(stored, sql.Literal(self.srid))
        return sql.SQL("ST_FlipCoordinates({})").format(turned) if self.swapped else turned

    def to_lonlat(self, geometry: shapely.Geometry) -> shapely.Geometry:
        """A geometry in this CRS and axis order, as longitude and latitude on CGCS2000, corner by corner."""
        source = read_crs(self.srid)

        def turn(xy: np.ndarray) -> np.ndarray:
            ordered = xy[:, ::-1] if self.swapped else xy
            return source.to_lonlat(np.ascontiguousarray(ordered))

        return shapely.transform(geometry, turn)


_GEOGRAPHIC: Final = (MapCRS(CRS84, 4326), MapCRS(STORED, 4490), MapCRS(f"{EPSG}4326", 4326))


def offered(west: float, east: float) -> tuple[MapCRS, ...]:
    """The CRSs for features between two longitudes: the geographic ones and the 3° zones that the stretch meets, each with
    and without zone number in its eastings.

    >>> [crs.srid for crs in offered(110.2, 114.6)]
    [4326, 4490, 4326, 4525, 4546, 4526, 4547]
    """
    meridians = [3 * n for n in range(round(west / 3), round(east / 3) + 1) if 75 <= 3 * n <= 135]
    zones = [(m, prefix) for m in meridians for prefix in (m // 3, None)]
    codes = [gauss_krueger_epsg(float(m), prefix) for m, prefix in zones]
    return (*_GEOGRAPHIC, *(MapCRS(f"{EPSG}{code}", code) for code in codes if code is not None))


def named(uri: str | None, known: Sequence[MapCRS], field: str) -> MapCRS:
    """The CRS of that URI, or CRS84 for None; raises `BadQuery` ``parameter-invalid`` when it is not offered."""
    if uri is None:
        return known[0]
    bare = uri.removeprefix("[").removesuffix("]") if uri.startswith("[") else uri
    for crs in known:
        if bare == crs.uri:
            return crs
    listed = ", ".join(crs.uri for crs in known)
    raise wrong(
        field,
        f"{field} 不是本要素集提供的坐标系。可用：{listed}。",
        f"{field} is not offered here. Offered: {listed}.",
        uri,
    )


def _box_invalid(text: str) -> BadQuery:
    return wrong(
        "bbox",
        "bbox 应为四个数（或带高程的六个数），以逗号分隔，先小角后大角，按 bbox-crs 的轴序，且在其范围之内。",
        "bbox must be four numbers (or six, with heights) separated by commas, the lower corner first, in the axis order of "
        "bbox-crs and within its bounds.",
        text,
    )


def box_of(text: str, crs: MapCRS) -> shapely.Geometry:
    """What a `bbox` parameter covers, in longitude and latitude; a box over the antimeridian is two.

    Raises
    ------
    BadQuery
        ``parameter-invalid``: no four or six numbers, corners the wrong way round, or outside what the CRS is for.
    """
    try:
        values = [float(part) for part in text.split(",")]
    except ValueError as error:
        raise _box_invalid(text) from error
    if len(values) not in (4, 6) or not np.isfinite(values).all():
        raise _box_invalid(text)
    half = len(values) // 2
    first, second, third, fourth = *values[:2], *values[half : half + 2]
    west, south, east, north = (second, first, fourth, third) if crs.swapped else (first, second, third, fourth)
    if south > north:
        raise _box_invalid(text)
    if crs.geographic:
        if not (-180 <= west <= 180 and -180 <= east <= 180 and south >= -90 and north <= 90):
            raise _box_invalid(text)
        if west > east:
            return shapely.union(shapely.box(west, south, 180, north), shapely.box(-180, south, east, north))
        return shapely.box(west, south, east, north)
    return _projected(text, crs, (west, south, east, north))


def _projected(text: str, crs: MapCRS, box: Box) -> shapely.Geometry:
    west, south, east, north = box
    # A zone's eastings lie about 500 km, with its number in front where it has one.
    middle = (read_crs(crs.srid).prefix or 0) * 1e6 + 500_000
    if west > east or not (middle - 1e6 <= west and east <= middle + 1e6 and south >= 0 and north <= 1e7):
        raise _box_invalid(text)
    size = max(east - west, north - south)
    sides = shapely.segmentize(shapely.box(south, west, north, east), max(_STEP * 111_000, size / 200))
    return shapely.make_valid(crs.to_lonlat(sides))
