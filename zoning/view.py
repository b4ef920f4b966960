"""A site in degrees and in metres: its size, what lies in it, and how far other geometries are from it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt
import shapely
from shapely import Geometry

from zoning.canonical import GRID
from zoning.evidence import Geometries, Indices
from zoning.frame import LocalFrame
from zoning.measure import ellipsoidal_area, ellipsoidal_length

_PLAIN, _STRETCH, _SHORT = 256, 32, 4
"""An outline of more vertices than the first is measured in stretches of the second, to others in stretches of the third."""


class View:
    """A site, or the part of it inside one jurisdiction, in degrees and in the metres of the site's frame."""

    def __init__(self, geometry: Geometry, dimension: int, frame: LocalFrame) -> None:
        self.geometry = geometry
        self.dimension = dimension
        self.frame = frame

    @cached_property
    def metres(self) -> Geometry:
        metres: Geometry = self.frame.to_metres(self.geometry)[0]
        shapely.prepare(metres)
        return metres

    @cached_property
    def stretches(self) -> shapely.STRtree:
        """The outline (of a line or points: itself) in short stretches, frame metres, indexed."""
        outline = shapely.boundary(self.metres) if self.dimension == 2 else self.metres
        return shapely.STRtree(stretches_of(outline, _STRETCH))

    @cached_property
    def size(self) -> float:
        """Area in m², length in m (what a line runs over twice counts once), or number of points."""
        once = self.dimension != 1 or shapely.is_simple(self.geometry)
        return measure(self.geometry if once else shapely.union_all(self.geometry, grid_size=GRID), self.dimension)


def measure(geometry: Geometry, dimension: int) -> float:
    """Ellipsoidal area (m²), ellipsoidal length (m) or the number of points of a geometry, by dimension."""
    if dimension == 2:
        return float(ellipsoidal_area([geometry])[0])
    if dimension == 1:
        return float(ellipsoidal_length([geometry])[0])
    return float(len(shapely.get_parts(geometry)))


def measures(geometries: Sequence[Geometry]) -> list[float]:
    """`measure` of many at once, each by its own dimension."""
    found = np.zeros(len(geometries))
    array = np.asarray(geometries, dtype=object)
    dimensions = shapely.get_dimensions(array)
    for dimension, sized in ((2, ellipsoidal_area), (1, ellipsoidal_length)):
        if (these := dimensions == dimension).any():
            found[these] = sized(array[these])
    if (points := dimensions == 0).any():
        found[points] = shapely.get_num_geometries(array[points])
    return [float(v) for v in found]


def cut_by(view: View, pieces: Geometries) -> tuple[Indices, Geometries]:
    """Which pieces meet a view, and what of them lies in it, on the grid."""
    shapely.prepare(view.geometry)
    near = np.flatnonzero(shapely.intersects(view.geometry, pieces))
    met = pieces[near]
    # What holds all of the other is not cut: both lie on the grid already.
    whole = shapely.covers(view.geometry, met)
    cut: Geometries = met.copy()
    rest = np.flatnonzero(~whole)
    shapely.prepare(met[rest])
    around = shapely.covers(met[rest], view.geometry)
    for at in rest[around]:
        cut[at] = view.geometry
    rest = rest[~around]
    cut[rest] = shapely.intersection(met[rest], view.geometry, grid_size=GRID)
    return near, cut


def only_dimension(geometry: Geometry, dimension: int) -> Geometry:
    """The parts of a geometry that have this dimension, as one geometry (empty when there are none)."""
    if shapely.get_type_id(geometry) in ({0, 4}, {1, 5}, {3, 6})[dimension]:
        return geometry
    parts = shapely.get_parts(shapely.get_parts(geometry))
    wanted = parts[shapely.get_dimensions(parts) == dimension]
    builder = (shapely.multipoints, shapely.multilinestrings, shapely.multipolygons)[dimension]
    return builder(wanted)


def stretches_of(line: Geometry, segments: int) -> Geometries:
    """A line in stretches of so many segments; points as they are."""
    parts = shapely.get_parts(line)
    if shapely.get_dimensions(line) == 0:
        return np.asarray(parts, dtype=object)
    found = []
    for part in parts:
        xy = shapely.get_coordinates(part)
        found += [shapely.LineString(xy[i : i + segments + 1]) for i in range(0, len(xy) - 1, segments)]
    return np.asarray(found, dtype=object)


def _in_stretches(geometries: Geometries) -> tuple[Geometries, Indices]:
    """Lines and outlines in short stretches, points as they are, and whose each is."""
    parts, owner = shapely.get_parts(geometries, return_index=True)
    outlines = np.where(shapely.get_dimensions(parts) == 2, shapely.boundary(parts), parts)
    found = [stretches_of(outline, _SHORT) for outline in outlines]
    return np.concatenate(found), np.repeat(owner, [len(each) for each in found])


def distances(view: View, others: Geometries) -> npt.NDArray[np.float64]:
    """Least distance from a view to each of other geometries in frame metres, m.

    An outline of many vertices is looked at in stretches, so that the time does not grow with every pair of vertices.
    """
    if len(others) == 0 or shapely.get_num_coordinates(view.metres) <= _PLAIN:
        return np.asarray(shapely.distance(view.metres, others), dtype=np.float64)
    small, owner = _in_stretches(others)
    (of, _), away = view.stretches.query_nearest(small, return_distance=True, all_matches=False)
    found = np.full(len(others), np.inf)
    np.minimum.at(found, owner[of], away)
    if view.dimension == 2:
        found[shapely.intersects(view.metres, others)] = 0.0
    return found
