"""Keeps a surveyed edge straight in its own projected plane on the way to longitude and latitude; it moves no given
vertex."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from zoning.crs import SourceCRS
from zoning.measure import A

Floats = npt.NDArray[np.float64]

DEPARTURE_M = 0.001
"""How far an edge straight in longitude/latitude may depart from the surveyed one before vertices are inserted, m."""


def to_lonlat(geometry: shapely.Geometry, source: SourceCRS) -> tuple[shapely.Geometry, int]:
    """A geometry in source coordinates as EPSG:4490, and how many vertices were inserted.

    Edges of a projected CRS are straight in its plane; stored edges are straight in longitude/latitude. Where the two
    depart by more than 1 mm (east–west from about 250 m length), vertices on the surveyed edge are inserted. The same
    edge gives the same vertices in either direction.
    """
    if source.geographic:
        return geometry, 0
    inserted = 0
    parts: list[Any] = []
    for part in shapely.get_parts(geometry):
        kind = shapely.get_type_id(part)
        if kind == 0:
            parts.append(shapely.Point(source.to_lonlat(shapely.get_coordinates(part))[0]))
            continue
        lines = [part] if kind in (1, 2) else list(shapely.get_rings(part))
        made = []
        for line in lines:
            points, more = _follow(np.asarray(shapely.get_coordinates(line)), source)
            inserted += more
            made.append(points)
        parts.append(shapely.LineString(made[0]) if kind in (1, 2) else shapely.Polygon(made[0], made[1:]))
    if len(parts) == 1:
        return parts[0], inserted
    if shapely.get_type_id(parts[0]) == 0:
        return shapely.MultiPoint(parts), inserted
    return (shapely.MultiPolygon if shapely.get_type_id(parts[0]) == 3 else shapely.MultiLineString)(parts), inserted


def _follow(points: Floats, source: SourceCRS) -> tuple[Floats, int]:
    """Line vertices (n, 2) in the source plane to degrees, with vertices inserted where the edges would depart."""
    lonlat = source.to_lonlat(points)
    counts = _pieces(points, lonlat, source)
    if not (counts > 1).any():
        return lonlat, 0
    edge = np.repeat(np.arange(len(counts)), counts)
    step = np.arange(len(edge)) - np.repeat(np.cumsum(counts) - counts, counts)
    # Interpolated from the lexically smaller end, so both owners of a shared edge get the same floats.
    start, end = points[:-1], points[1:]
    flip = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    low, high = np.where(flip[:, None], end, start), np.where(flip[:, None], start, end)
    along = np.where(flip[edge], counts[edge] - step, step) / counts[edge]
    plane = low[edge] + (high - low)[edge] * along[:, None]
    made = source.to_lonlat(plane)
    given = step == 0
    made[given] = lonlat[edge[given]]
    return np.vstack([made, lonlat[-1:]]), int((~given).sum())


def _pieces(points: Floats, lonlat: Floats, source: SourceCRS) -> npt.NDArray[np.int64]:
    """Into how many pieces each edge must be cut."""
    start, end = lonlat[:-1], lonlat[1:]
    metres = (
        np.radians(1.0) * A * np.column_stack([np.cos(np.radians((start[:, 1] + end[:, 1]) / 2)), np.ones(len(start))])
    )
    chord = (end - start) * metres
    length = np.hypot(chord[:, 0], chord[:, 1])
    worst = np.zeros(len(start))
    for share in (0.25, 0.5, 0.75):
        off = (source.to_lonlat(points[:-1] + (points[1:] - points[:-1]) * share) - start) * metres
        across = np.abs(off[:, 0] * chord[:, 1] - off[:, 1] * chord[:, 0])
        worst = np.maximum(worst, np.divide(across, length, out=np.zeros_like(across), where=length > 0))
    return np.maximum(1, np.ceil(np.sqrt(worst / DEPARTURE_M))).astype(np.int64)
