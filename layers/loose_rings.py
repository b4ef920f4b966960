"""Makes one geometry of the loose corner points of a parcel, as survey tables list them; it reads no file and judges no
crossing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from zoning.bilingual import Bilingual
from zoning.rings import BrokenRingsError, close_ring
from zoning.sitefault import too_large

Floats = npt.NDArray[np.float64]

MOST_RINGS = 2_000
"""Of one parcel."""
_RINGS = Bilingual("环的个数", "rings")


@dataclass(frozen=True, slots=True)
class Nested:
    """A polygon or multipolygon with shells counter-clockwise; 1-based numbers of the rings that were taken as holes,
    and of those whose first point was not repeated at the end."""

    geometry: shapely.Geometry
    holes: tuple[int, ...]
    unclosed: tuple[int, ...]


def nest(rings: Sequence[Floats], where: dict[str, object]) -> Nested:
    """Rings in any order and direction, made into an area: a ring inside an odd number of larger rings is a hole.

    Raises
    ------
    BadSite
        ``site-too-large`` for more than `MOST_RINGS` rings.
    BrokenRingsError
        As `zoning.rings.close_ring`.
    """
    if len(rings) > MOST_RINGS:
        raise too_large(_RINGS, len(rings), MOST_RINGS, where)
    closed: list[Floats] = []
    unclosed: list[int] = []
    for number, points in enumerate(rings, start=1):
        ring, faults = close_ring(points, number)
        closed.append(ring)
        if faults:
            unclosed.append(number)
    if len(closed) == 1:
        return Nested(shapely.orient_polygons(shapely.Polygon(closed[0])), (), tuple(unclosed))
    faces = shapely.polygons([shapely.LinearRing(ring) for ring in closed])
    inner = shapely.get_point(shapely.get_exterior_ring(faces), 0)
    valid = shapely.is_valid(faces)
    inner[valid] = shapely.point_on_surface(faces[valid])
    areas = shapely.area(faces)
    inside, around = shapely.STRtree(faces).query(inner, predicate="within")
    larger = areas[around] > areas[inside]
    inside, around = inside[larger], around[larger]
    depth = np.bincount(inside, minlength=len(closed))
    members: dict[int, list[Floats]] = {int(n): [] for n in np.flatnonzero(depth % 2 == 0)}
    holes = np.flatnonzero(depth % 2)
    for hole in holes:
        holders = [int(n) for n in around[inside == hole] if depth[n] == depth[hole] - 1]
        if not holders:
            at = (float(closed[hole][0, 0]), float(closed[hole][0, 1]))
            raise BrokenRingsError("hole-outside", at, ring=int(hole) + 1)
        members[min(holders, key=lambda n: float(areas[n]))].append(closed[hole])
    polygons = [shapely.Polygon(closed[shell], inners) for shell, inners in members.items()]
    whole = polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)
    return Nested(shapely.orient_polygons(whole), tuple(int(n) + 1 for n in holes), tuple(unclosed))


def open_shape(points: Floats, kind: str) -> shapely.Geometry:
    """A ``line`` or ``point`` of listed points, (n, 2).

    Raises
    ------
    BrokenRingsError
        ``zero-length`` for a line of one point.
    """
    if kind == "point":
        return shapely.Point(points[0]) if len(points) == 1 else shapely.MultiPoint(points)
    if len(points) < 2:
        raise BrokenRingsError("zero-length", (float(points[0, 0]), float(points[0, 1])))
    return shapely.LineString(points)
