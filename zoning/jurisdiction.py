"""Which part of a site lies where a rule is law, and how sure that is; county lines have an accuracy of their own.

Works on the county layer inside the window. A jurisdiction is an admin code (140000 province, 140800 city, 140824 county) or
`yellow_river`: the counties that carry that flag.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from shapely import Geometry

from zoning.canonical import GRID
from zoning.evidence import Feature, Geometries, LayerWindow, Window
from zoning.frame import LocalFrame
from zoning.relation import LayerView
from zoning.view import View, only_dimension


def within(county: Feature, jurisdiction: str) -> bool:
    """Whether a county belongs to a jurisdiction."""
    if jurisdiction == "yellow_river":
        return bool(county.properties.get("yellow_river"))
    return county.code.startswith(significant(jurisdiction))


def significant(code: str) -> str:
    """The digits of an admin code that its parts share: 140000 → 14, 140800 → 1408, 140824 → 140824."""
    if code.endswith("0000"):
        return code[:2]
    return code[:4] if code.endswith("00") else code


@dataclass(frozen=True)
class Clip:
    """A site clipped to a jurisdiction: as drawn, surely inside, and possibly inside. None is an empty part.

    `members` are the indices of the jurisdiction's counties in the window.
    """

    drawn: View | None
    sure: View | None
    possible: View | None
    members: frozenset[int]

    @property
    def certain(self) -> bool:
        return self.drawn is self.sure is self.possible


def _together(pieces: Geometries, box: Geometry) -> Geometry:
    """The pieces as one, inside a box, on the grid."""
    near = pieces[shapely.intersects(box, pieces)]
    return (
        shapely.intersection(shapely.union_all(near, grid_size=GRID), box, grid_size=GRID)
        if len(near)
        else shapely.Polygon()
    )


class Jurisdictions:
    """Clips of one site, by jurisdiction. Two jurisdictions that hold the same counties of the window share a clip."""

    def __init__(self, counties: LayerWindow, seen: LayerView, window: Window, site_accuracy_m: float) -> None:
        self.counties = counties
        self.seen = seen
        self.view = seen.view
        self.window = window
        accuracy = max((f.accuracy_m for f in counties.features), default=counties.meta.accuracy_m)
        self.tolerance_m = accuracy + site_accuracy_m
        self._clips: dict[frozenset[int], Clip] = {}
        self._by_code: dict[str, Clip] = {}
        self._regions: dict[frozenset[int], Geometry] = {}
        self._grounds: dict[frozenset[int], Geometry] = {}
        self._parts: dict[frozenset[int], View | None] = {}

    @cached_property
    def _box(self) -> Geometry:
        w = self.window
        return shapely.box(w.west, w.south, w.east, w.north)

    @cached_property
    def _close(self) -> Geometry:
        """A box around the site, wide enough to tell whether a county line is within the accuracy; EPSG:4490."""
        by = 1.5 * self.tolerance_m + 10
        west, south, east, north = shapely.bounds(self.view.metres)
        corners = shapely.box(west - by, south - by, east + by, north + by)
        return shapely.intersection(shapely.envelope(self._frame.to_degrees(corners)[0]), self._box)

    @cached_property
    def _close_m(self) -> Geometry:
        return self._frame.to_metres(self._close)[0]

    @property
    def _frame(self) -> LocalFrame:
        return self.view.frame

    @cached_property
    def _here(self) -> frozenset[int]:
        """The counties whose ground the site meets."""
        met = shapely.intersects(self.counties.pieces, self.view.geometry)
        return frozenset(int(i) for i in self.counties.piece_feature[met])

    @cached_property
    def _deep(self) -> int | None:
        """The one county that the site is in, deeper than every county line's accuracy; None near any line."""
        away = self.seen.edge_distances
        if len(away) and float(away.min()) <= self.tolerance_m:
            return None
        return next(iter(self._here)) if len(self._here) == 1 else None

    @cached_property
    def _near(self) -> frozenset[int]:
        """The counties whose ground is within the accuracy of the site."""
        pieces_m = self._frame.to_metres(self.counties.pieces)
        near = shapely.distance(self.view.metres, pieces_m) <= self.tolerance_m
        return frozenset(int(i) for i in self.counties.piece_feature[near])

    @cached_property
    def _at_the_outer_edge(self) -> bool:
        """Whether ground of no county held is within the accuracy of the site."""
        rest = shapely.difference(self._close_m, self._ground_m(frozenset(range(len(self.counties.features)))))
        return not rest.is_empty and float(shapely.distance(self.view.metres, rest)) <= self.tolerance_m

    @cached_property
    def _names(self) -> tuple[Feature, ...]:
        """The counties that the site as drawn lies in, in code order."""
        here = [(self.counties.features[i], i) for i in self._here]
        if self._deep is None:
            here = [(f, i) for f, i in here if self._drawn(frozenset({i})) is not None]
        return tuple(sorted((f for f, _ in here), key=lambda f: f.code))

    def _drawn(self, members: frozenset[int]) -> View | None:
        """The part of the site on the ground of some counties, as the lines are drawn."""
        if members not in self._parts:
            on_it = shapely.intersection(self.view.geometry, self._ground(members), grid_size=GRID)
            part = self._part(on_it)
            self._parts[members] = part if part is not None and part.size > 0 else None
        return self._parts[members]

    def names(self) -> tuple[Feature, ...]:
        """The counties that the site as drawn lies in, in code order."""
        return self._names

    def outside(self) -> float:
        """How much of the site lies beyond every county held, further out than the county lines' accuracy: m², m or points."""
        everything = frozenset(range(len(self.counties.features)))
        clip = self._members(everything)
        if clip.certain and clip.drawn is not None:
            return 0.0
        near = shapely.buffer(self._ground_m(everything), self.tolerance_m)
        beyond = self._part(self._degrees(shapely.difference(self.view.metres, near)))
        return beyond.size if beyond else 0.0

    def clip(self, jurisdiction: str) -> Clip:
        """The site clipped to an admin code or to `yellow_river`."""
        if jurisdiction not in self._by_code:
            members = frozenset(i for i, f in enumerate(self.counties.features) if within(f, jurisdiction))
            self._by_code[jurisdiction] = self._members(members)
        return self._by_code[jurisdiction]

    def _ground(self, members: frozenset[int]) -> Geometry:
        """The ground of some counties close to the site, EPSG:4490."""
        if members not in self._grounds:
            mine = self.counties.pieces[np.isin(self.counties.piece_feature, sorted(members))]
            self._grounds[members] = _together(mine, self._close)
        return self._grounds[members]

    def _ground_m(self, members: frozenset[int]) -> Geometry:
        return self._frame.to_metres(self._ground(members))[0]

    def region(self, members: frozenset[int]) -> Geometry:
        """The ground of some counties inside the window, EPSG:4490."""
        if members not in self._regions:
            mine = self.counties.pieces[np.isin(self.counties.piece_feature, sorted(members))]
            self._regions[members] = _together(mine, self._box)
        return self._regions[members]

    def reach(self, clip: Clip) -> Geometry:
        """The ground that may be under a clip's jurisdiction: its counties, and where that is in doubt their accuracy around."""
        region = self.region(clip.members)
        if clip.certain or region.is_empty:
            return region
        return self._degrees(shapely.buffer(self._frame.to_metres(region)[0], self.tolerance_m))

    def _members(self, members: frozenset[int]) -> Clip:
        if members not in self._clips:
            self._clips[members] = self._clip(members)
        return self._clips[members]

    def _clip(self, members: frozenset[int]) -> Clip:
        if self._deep is not None:
            whole = self.view if self._deep in members else None
            return Clip(whole, whole, whole, members)
        if not self._near & members:
            return Clip(None, None, None, members)
        if self._near <= members and not self._at_the_outer_edge:
            return Clip(self.view, self.view, self.view, members)
        region_m = self._ground_m(members)
        others_m = shapely.difference(self._close_m, region_m)
        gap_in = float(shapely.distance(self.view.metres, region_m))
        gap_out = float(shapely.distance(self.view.metres, others_m)) if not others_m.is_empty else np.inf
        if gap_out > self.tolerance_m:
            return Clip(self.view, self.view, self.view, members)
        if gap_in > self.tolerance_m:
            return Clip(None, None, None, members)
        drawn = self._drawn(members)
        near_others = shapely.buffer(others_m, self.tolerance_m)
        near_region = shapely.buffer(region_m, self.tolerance_m)
        sure = self._part(self._degrees(shapely.difference(self.view.metres, near_others)))
        possible = self._part(self._degrees(shapely.intersection(self.view.metres, near_region)))
        return Clip(drawn, sure, possible, members)

    def _degrees(self, metres: Geometry) -> Geometry:
        return shapely.set_precision(self._frame.to_degrees(metres)[0], GRID)

    def _part(self, geometry: Geometry) -> View | None:
        kept = only_dimension(geometry, self.view.dimension)
        return None if kept.is_empty else View(kept, self.view.dimension, self._frame)
