"""How a site and the features of one layer stand to each other: touch, overlap, inside, distance, depth. It applies no rule.

Overlaps are cut once, from pieces, on the one grid; inside, touch, distance and depth come from true boundaries (edges),
because the cut lines of pieces are not boundaries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import shapely
from shapely import Geometry

from zoning.canonical import GRID
from zoning.evidence import Feature, Geometries, Indices, LayerWindow
from zoning.frame import LocalFrame
from zoning.measure import ellipsoidal_area, ellipsoidal_length

Kind = Literal["inside", "contains", "overlap", "sliver", "touch", "disjoint"]

SLIVER_AREA_M2 = 1.0
SLIVER_LENGTH_M = 1.0
SLIVER_SHARE = 0.01
SLIVER_WIDTH_M = 0.01
"""An overlap is a sliver when it is under 1 m² (1 m) and under 1 % of the site, or narrower on average than 1 cm."""

METRES_IN_A_DEGREE = 111_700.0
"""At most: a degree of latitude at the poles has 111 694 m."""
TOUCH_M = 0.001
MOST_CELLS = 20_000
_MOST_SAMPLES = 2048
_FEW = 8
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


@dataclass(frozen=True)
class Encounter:
    """One feature seen from the site. `overlap_size` is m², m or a count by `dimension`; `distance_m` None is beyond reach."""

    feature: Feature
    index: int
    kind: Kind
    dimension: int
    overlap: Geometry | None
    overlap_size: float
    distance_m: float | None

    @property
    def hit(self) -> bool:
        return self.kind in ("inside", "contains", "overlap")


@dataclass(frozen=True)
class Measured:
    """What was measured of one layer together with all others, in place of `LayerView`'s own; see `zoning.sweep`."""

    edge_distances: npt.NDArray[np.float64]
    overlaps: Mapping[int, Geometry]
    sizes: Mapping[int, float]


class LayerView:
    """One layer as seen from one site: encounters by feature, computed once and kept for all rules.

    `edges_m`: the layer's edges in frame metres where they are known already.
    """

    def __init__(
        self, layer: LayerWindow, view: View, edges_m: Geometries | None = None, measured: Measured | None = None
    ) -> None:
        self.layer = layer
        self.view = view
        self.measured = measured
        self._edges_m = edges_m
        self._depths: dict[int, float | None] = {}

    @cached_property
    def edges_m(self) -> Geometries:
        return self.view.frame.to_metres(self.layer.edges) if self._edges_m is None else self._edges_m

    @cached_property
    def edge_distances(self) -> npt.NDArray[np.float64]:
        if self.measured is not None:
            return self.measured.edge_distances
        return distances(self.view, self.edges_m)

    @cached_property
    def layer_dimension(self) -> int:
        held = self.layer.pieces if len(self.layer.pieces) else self.layer.edges
        return int(shapely.get_dimensions(held).max()) if len(held) else 2

    @cached_property
    def overlaps(self) -> Mapping[int, Geometry]:
        """Overlap by feature index, in degrees, on the grid, of the dimension that site and layer can share."""
        if self.measured is not None:
            return self.measured.overlaps
        near, cut = cut_by(self.view, self.layer.pieces)
        return self.assembled(near, cut)

    def assembled(self, near: Indices, cut: Geometries) -> dict[int, Geometry]:
        """Overlaps by feature index, from what `cut_by` gave for this layer's pieces."""
        if len(near) == 0:
            return {}
        pieces = self.layer.pieces[near]
        owner: Indices = self.layer.piece_feature[near]
        lines_cross = self.view.dimension == 1 and self.layer_dimension == 1
        found: dict[int, Geometry] = {}
        for index in np.unique(owner):
            mine = owner == index
            parts = cut[mine]
            own = int(shapely.get_dimensions(pieces[mine]).max())
            wanted = min(self.view.dimension, own)
            whole = parts[0] if len(parts) == 1 else shapely.union_all(parts, grid_size=GRID)
            kept = only_dimension(whole, wanted)
            if kept.is_empty and lines_cross:
                kept = only_dimension(whole, 0)
            if not kept.is_empty:
                found[int(index)] = shapely.normalize(kept)
        return found

    @cached_property
    def sizes(self) -> Mapping[int, float]:
        """Size of each overlap: m², m or a count, by its own dimension."""
        if self.measured is not None:
            return self.measured.sizes
        return dict(zip(self.overlaps, measures(list(self.overlaps.values())), strict=True))

    @cached_property
    def distances(self) -> Any:
        """Least distance in metres from the site to each feature's true boundary; inf where no edge is in the window."""
        least = np.full(len(self.layer.features), np.inf)
        if len(self.layer.edges):
            np.minimum.at(least, self.layer.edge_feature, self.edge_distances)
        return least

    def _crossed(self, index: int) -> bool:
        """Whether the feature's boundary runs through the inside of the site."""
        near = (self.layer.edge_feature == index) & (self.edge_distances <= TOUCH_M)
        edges = self.edges_m[near]
        if len(edges) == 0:
            return False
        inner = self.view.metres
        if self.view.dimension == 2:
            inner = shapely.buffer(inner, -2 * TOUCH_M)
        elif self.view.dimension == 1:
            ends = shapely.buffer(shapely.boundary(inner), 2 * TOUCH_M)
            inner = shapely.difference(inner, ends)
        else:
            return False
        return bool(shapely.intersects(inner, edges).any())

    def _grazes(self, index: int, overlap: Geometry) -> bool:
        """Whether a point or line only runs along the outline of an area, and nowhere into it."""
        mine = self.layer.piece_feature == index
        if not bool((shapely.get_dimensions(self.layer.pieces[mine]) == 2).any()):
            return False
        edges = self.edges_m[self.layer.edge_feature == index]
        inner = self.view.frame.to_metres(overlap)[0]
        if shapely.get_dimensions(inner) == 1:
            middles = shapely.line_interpolate_point(shapely.get_parts(inner), 0.5, normalized=True)
            if shapely.distance(middles, edges[shapely.STRtree(edges).nearest(middles)]).max() > TOUCH_M:
                return False
        return reach_into(inner, edges) <= TOUCH_M

    def _kind(self, index: int, overlap: Geometry, size: float, dimension: int) -> Kind:
        feature, view = self.layer.features[index], self.view
        if dimension == view.dimension and size > 0.999 * view.size and not self._crossed(index):
            return "inside"
        full = feature.area_m2 if dimension == 2 else feature.length_m
        if dimension == self.layer_dimension and full > 0 and size >= full * (1 - 1e-6):
            return "contains"
        if dimension == 2:
            # A degree is nowhere longer than this, so what is wide by it needs no exact measure of its outline.
            thin = 2 * size < SLIVER_WIDTH_M * METRES_IN_A_DEGREE * shapely.length(overlap)
            if thin:
                around = float(ellipsoidal_length([overlap])[0])
                thin = around > 0 and 2 * size / around < SLIVER_WIDTH_M
            # Thin on average may still be wide somewhere: only what is nowhere as wide as the limit is a sliver.
            thin = thin and shapely.buffer(view.frame.to_metres(overlap)[0], -SLIVER_WIDTH_M / 2).is_empty
            small = size < SLIVER_AREA_M2 and size < SLIVER_SHARE * view.size
            return "sliver" if thin or small else "overlap"
        if dimension == 1 and size < SLIVER_LENGTH_M and (view.dimension != 1 or size < SLIVER_SHARE * view.size):
            return "sliver"
        return "overlap"

    @cached_property
    def encounters(self) -> tuple[Encounter, ...]:
        """Every feature of the layer in the window, in the layer's order."""
        result = []
        for index, feature in enumerate(self.layer.features):
            overlap = self.overlaps.get(index)
            edge_m = float(self.distances[index])
            if overlap is None:
                kind: Kind = "touch" if edge_m <= TOUCH_M else "disjoint"
                distance = None if np.isinf(edge_m) else edge_m
                result.append(Encounter(feature, index, kind, 0, None, 0.0, distance))
                continue
            dimension = int(shapely.get_dimensions(overlap))
            size = self.sizes[index]
            if dimension < 2 and edge_m <= TOUCH_M and self._grazes(index, overlap):
                result.append(Encounter(feature, index, "touch", dimension, overlap, size, 0.0))
                continue
            kind = self._kind(index, overlap, size, dimension)
            result.append(Encounter(feature, index, kind, dimension, overlap, size, 0.0))
        return tuple(result)

    def depth_m(self, encounter: Encounter) -> float | None:
        """How far the overlap reaches into the feature: the boundary (or the site) must move by this for the overlap to end.

        None when no boundary is within the window's reach. See `reach_into` for how exact it is.
        """
        if encounter.overlap is None:
            return 0.0
        if encounter.index not in self._depths:
            self._depths[encounter.index] = self._depth(encounter.index, encounter.overlap)
        return self._depths[encounter.index]

    def _depth(self, index: int, overlap: Geometry) -> float | None:
        edges = self.edges_m[self.layer.edge_feature == index]
        if len(edges) == 0:
            return None
        return reach_into(self.view.frame.to_metres(overlap)[0], edges)

    def shortest_line(self, encounter: Encounter) -> Geometry | None:
        """From the site to the nearest point of the feature, EPSG:4490; None beyond reach."""
        mine = np.flatnonzero(self.layer.edge_feature == encounter.index)
        if len(mine) == 0:
            return None
        nearest = mine[int(np.argmin(self.edge_distances[mine]))]
        line: Geometry = self.view.frame.to_degrees(shapely.shortest_line(self.view.metres, self.edges_m[nearest]))[0]
        return line

    def crossings(self, encounter: Encounter) -> tuple[tuple[float, float], ...]:
        """Where a line site crosses the feature's boundary (or the feature, when it is a line): lon, lat in degrees."""
        if self.view.dimension != 1:
            return ()
        edges = self.layer.edges[self.layer.edge_feature == encounter.index]
        points = shapely.union_all(shapely.intersection(edges, self.view.geometry), grid_size=GRID)
        return tuple(
            (round(float(x), 9), round(float(y), 9)) for x, y in shapely.get_coordinates(only_dimension(points, 0))
        )
