"""Whether a layer covers all the ground that a rule looks at: the site, grown by the rule's distance, in its jurisdiction."""

from __future__ import annotations

import shapely
from shapely import Geometry

from zoning.canonical import GRID
from zoning.evidence import Evidence, LayerWindow
from zoning.jurisdiction import Clip, Jurisdictions
from zoning.search import uncovered
from zoning.view import View, distances, only_dimension


class Ground:
    """The coverages around one site; what was measured is kept."""

    def __init__(self, evidence: Evidence, view: View, jurisdictions: Jurisdictions | None) -> None:
        self.window = evidence.window
        self.view = view
        self.jurisdictions = jurisdictions
        self._covered: dict[tuple[str, float, int], tuple[Clip, float]] = {}
        self._without: dict[str, Geometry] = {}

    def uncovered(self, window: LayerWindow, grown_m: float, clip: Clip) -> float:
        """How much of a clipped site, grown by a distance, lies outside a layer's coverage: m², m or points."""
        key = (window.meta.id, grown_m, id(clip))
        if key not in self._covered:
            view = clip.possible or self.view
            # Ground that is only possibly in the jurisdiction is already cut out in `clip.possible`, and has to be covered.
            if grown_m == 0:
                missing = uncovered(window, view.geometry, view.dimension)
            elif uncovered(window, self._hull(view, grown_m), 2) == 0:
                missing = 0.0
            else:
                missing = self._around(view, window, grown_m)
                # Where all of it is covered, what the jurisdiction would cut away makes no difference.
                if missing and self.jurisdictions is not None:
                    region = self.jurisdictions.reach(clip)
                    missing = self._around(view, window, grown_m, region)
            # The clip is kept too, so that its id stays its own.
            self._covered[key] = clip, missing
        return self._covered[key][1]

    def _hull(self, view: View, by_m: float) -> Geometry:
        """The convex hull of a view grown by a distance, EPSG:4490."""
        hull = shapely.buffer(shapely.convex_hull(view.metres), by_m)
        return shapely.set_precision(self.view.frame.to_degrees(hull)[0], GRID)

    def _around(self, view: View, window: LayerWindow, by_m: float, within: Geometry | None = None) -> float:
        """How much of the view grown by a distance lies outside a layer's coverage, m²; of that, what is in a region.

        Only the stretches of the outline that come so near to ground without coverage are grown: a wide buffer of a long,
        winding outline takes memory by the square of its vertices.
        """
        bare = self._bare(window)
        bare_m = self.view.frame.to_metres(bare)[0]
        if bare.is_empty or float(distances(view, shapely.get_parts(bare_m)).min()) > by_m:
            return 0.0
        shapely.prepare(bare_m)
        stretches = view.stretches.geometries
        near = stretches[shapely.dwithin(bare_m, stretches, by_m)]
        # Lines and points are all in what is grown of them; where they are not near, they need none.
        body = [view.metres] if view.dimension == 2 else []
        grown_m = shapely.union_all([*body, *shapely.buffer(near, by_m)])
        grown = shapely.set_precision(self.view.frame.to_degrees(grown_m)[0], GRID)
        if within is not None:
            grown = only_dimension(shapely.intersection(grown, within, grid_size=GRID), 2)
        return uncovered(window, grown, 2)

    def _bare(self, window: LayerWindow) -> Geometry:
        """The ground of the window without coverage, EPSG:4490."""
        if window.meta.id not in self._without:
            w = self.window
            box = shapely.box(w.west, w.south, w.east, w.north)
            covered = shapely.union_all(window.coverage, grid_size=GRID)
            self._without[window.meta.id] = only_dimension(shapely.difference(box, covered, grid_size=GRID), 2)
        return self._without[window.meta.id]
