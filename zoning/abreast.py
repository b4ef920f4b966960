"""Which stretches of a corridor's axis an overlap lies beside: by cross-sections square to the axis; it measures no area."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import shapely
from shapely import Geometry

from zoning.chainage import Route
from zoning.evidence import Geometries
from zoning.frame import LocalFrame
from zoning.walk import Stretch

_SLACK_M = 0.01
_JOINT_M = 0.05
"""Stretches nearer to each other than this are one: cross-sections leave hairlines at bends."""


class Corridor:
    """A route with a half-width, in the frame of its site, as one rectangle for each straight segment."""

    def __init__(self, route: Route, half_width_m: float, frame: LocalFrame) -> None:
        self.route = route
        self.half_width_m = half_width_m
        self.frame = frame

    @cached_property
    def _segments(self) -> Geometries:
        return self.frame.to_metres(self.route.tree.geometries, dense=False)

    @cached_property
    def _sections(self) -> shapely.STRtree:
        wide = self.half_width_m * 1.001 + _SLACK_M
        return shapely.STRtree(shapely.buffer(self._segments, wide, cap_style="flat"))

    def abreast(self, overlap: Geometry) -> tuple[Stretch, ...]:
        """From where to where the corridor meets an overlap (EPSG:4490), in chainages of the axis, m.

        What lies only in the round end of a corridor or outside of a bend is met at one chainage: a stretch of no length.
        """
        overlap_m = self.frame.to_metres(overlap)[0]
        near = np.sort(self._sections.query(overlap_m, predicate="intersects"))
        cut = shapely.intersection(self._sections.geometries[near], overlap_m)
        parts, owner = shapely.get_parts(cut, return_index=True)
        points, of = shapely.get_coordinates(parts, return_index=True)
        if not len(points):
            return (self._nearest(overlap_m),)
        segment = near[owner]
        share = shapely.line_locate_point(self._segments[segment][of], shapely.points(points), normalized=True)
        first = np.searchsorted(of, np.arange(len(parts)))
        low = self.route.chainage(segment, np.minimum.reduceat(share, first))
        high = self.route.chainage(segment, np.maximum.reduceat(share, first))
        leg = self.route.leg[segment]
        found: list[Stretch] = []
        for n in np.lexsort((high, low, leg)).tolist():
            last = found[-1] if found else None
            if last and last.leg == leg[n] and low[n] <= last.to_m + _JOINT_M:
                found[-1] = Stretch(last.leg, last.from_m, max(last.to_m, float(high[n])))
            else:
                found.append(Stretch(int(leg[n]), float(low[n]), float(high[n])))
        return tuple(found)

    def _nearest(self, overlap_m: Geometry) -> Stretch:
        n = int(np.argmin(shapely.distance(self._segments, overlap_m)))
        near = shapely.get_point(shapely.shortest_line(self._segments[n], overlap_m), 0)
        share = np.array([shapely.line_locate_point(self._segments[n], near, normalized=True)])
        at = float(self.route.chainage(np.array([n]), share)[0])
        return Stretch(int(self.route.leg[n]), at, at)
