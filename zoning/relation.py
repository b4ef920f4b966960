"""How a site and the features of one layer stand to each other: touch, overlap, inside, distance, depth. It applies no rule.

Overlaps are cut once, from pieces, on the one grid; inside, touch, distance and depth come from true boundaries (edges),
because the cut lines of pieces are not boundaries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt
import shapely
from shapely import Geometry

from zoning.canonical import GRID
from zoning.depth import reach_into
from zoning.evidence import Feature, Geometries, Indices, LayerWindow
from zoning.view import View, cut_by, distances, measures, only_dimension

Kind = Literal["inside", "contains", "overlap", "sliver", "touch", "disjoint"]

SLIVER_WIDTH_M = 0.01
SLIVER_AREA_M2 = 1.0
SLIVER_AREA_WIDTH_M = 0.1
SLIVER_LENGTH_M = 1.0
SLIVER_LINE_M = 0.1
"""An overlap of areas is a sliver when it is nowhere as wide as 1 cm, or under 1 m² and nowhere as wide as 10 cm; that of a
line site when it is shorter than 10 cm, that of a line with an area site when it is shorter than 1 m.

None of it depends on the size of the site: the same overlap counts the same, however much other ground stands beside it.
"""

METRES_IN_A_DEGREE = 111_700.0
"""At most: a degree of latitude at the poles has 111 694 m."""
TOUCH_M = 0.001


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
    def distances(self) -> npt.NDArray[np.float64]:
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
            return "sliver" if self._narrow(overlap, size) else "overlap"
        if dimension == 1 and size < (SLIVER_LINE_M if view.dimension == 1 else SLIVER_LENGTH_M):
            return "sliver"
        return "overlap"

    def _narrow(self, overlap: Geometry, size: float) -> bool:
        """Whether an overlap of areas is nowhere as wide as a sliver may be; what is thin on average may be wide somewhere."""
        limit = SLIVER_AREA_WIDTH_M if size < SLIVER_AREA_M2 else SLIVER_WIDTH_M
        # A degree is nowhere longer than this, so what is wide by it needs no exact measure of its outline.
        if 2 * size >= limit * METRES_IN_A_DEGREE * shapely.length(overlap):
            return False
        return bool(shapely.buffer(self.view.frame.to_metres(overlap)[0], -limit / 2).is_empty)

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
