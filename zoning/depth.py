"""How deep one geometry reaches beyond a boundary: the largest distance from its points to that boundary."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from shapely import Geometry

from zoning.evidence import Geometries

MOST_CELLS = 20_000
_MOST_SAMPLES = 2048
_FEW = 8


def _within_reach(inner: Geometry, boundary: Geometries) -> Geometries:
    """The parts of a boundary that some point of `inner` may be nearest to.

    No point of `inner` is further from one of its vertices than its extent, nor from the boundary than that vertex by more.
    """
    vertices = shapely.points(shapely.get_coordinates(inner)[:_FEW])
    west, south, east, north = shapely.bounds(inner)
    furthest = float(shapely.distance(vertices, shapely.geometrycollections(boundary)).min())
    extent = float(np.hypot(east - west, north - south))
    near: Geometries = boundary[shapely.distance(boundary, shapely.box(west, south, east, north)) <= furthest + extent]
    return near


def reach_into(inner: Geometry, boundary: Geometries) -> float:
    """The largest distance from a point of `inner` to `boundary`, frame metres: to 10 cm or one in a hundred, never too large.

    Distance to the boundary changes by at most a metre a metre, so squares that cannot hold a better point are dropped and
    the rest are quartered. An outline so long and thin that this takes over `MOST_CELLS` squares is left with what was found.
    """
    if len(boundary) > _FEW:
        boundary = _within_reach(inner, boundary)
    whole = shapely.geometrycollections(boundary)

    def away(points: Geometries) -> Any:
        return shapely.distance(points, whole)

    outline = inner
    if shapely.get_dimensions(inner) > 0:
        # A line is sampled finely; for an area the squares below find what lies between a few points of its outline.
        steps = 512 if shapely.get_dimensions(inner) == 1 else 32
        outline = shapely.segmentize(inner, max(float(shapely.length(inner)) / steps, 0.5))
    xy = shapely.get_coordinates(outline)
    if shapely.get_dimensions(inner) == 2:
        xy = xy[:: len(xy) // _MOST_SAMPLES + 1]
    best = float(away(shapely.points(xy)).max())
    if shapely.get_dimensions(inner) < 2:
        return best
    shapely.prepare(inner)
    west, south, east, north = shapely.bounds(inner)
    half = max(east - west, north - south) / 16
    grid = np.arange(8) * 2 * half + half
    centres = np.column_stack([(west + grid).repeat(len(grid)), np.tile(south + grid, len(grid))])
    while 0 < len(centres) <= MOST_CELLS:
        points = shapely.points(centres)
        distance = away(points)
        inside = shapely.intersects_xy(inner, centres[:, 0], centres[:, 1])
        best = max(best, float(distance[inside].max(initial=0.0)))
        corner = half * np.sqrt(2)
        open_ = distance + corner > best + max(0.1, 0.01 * best)
        edge = np.flatnonzero(open_ & ~inside)
        open_[edge] = shapely.dwithin(inner, points[edge], corner)
        half /= 2
        shifts = np.array([(-half, -half), (-half, half), (half, -half), (half, half)])
        centres = (centres[open_][:, None, :] + shifts[None, :, :]).reshape(-1, 2)
    return best
