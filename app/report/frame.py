"""What part of the ground the report's map shows, and where on paper a place lies: local metres at the site, north up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from shapely import Geometry

from zoning.evidence import Geometries, Window
from zoning.frame import LocalFrame
from zoning.measure import ellipsoidal_length

WIDE, HIGH = 1800, 820
"""The map on paper in tenths of a millimetre."""
_LEAST_M: Final = 600.0
_FARTHEST_M: Final = 5_000.0
"""A shortest line longer than this, and than twice the site, is not shown whole: it would make the site a dot."""
_FINE: Final = 0.5
"""Half a tenth of a millimetre: what is finer cannot be seen in print."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A rectangle of the local frame on paper. `metres` is the ground width of a tenth of a millimetre."""

    frame: LocalFrame
    west: float
    north: float
    metres: float

    @classmethod
    def around(cls, site: Geometry, shown: list[Geometry]) -> Sheet:
        """The sheet that holds a site and what findings show, EPSG:4490, with room around it."""
        middle = shapely.centroid(site)
        frame = LocalFrame.at(float(middle.x), float(middle.y))
        own = frame.to_metres(site)[0]
        x0, y0, x1, y1 = shapely.bounds(own)
        limit = max(_FARTHEST_M, 2 * float(np.hypot(x1 - x0, y1 - y0)))
        near = [g for g in shown if float(ellipsoidal_length([g])[0]) <= limit or shapely.get_dimensions(g) == 2]
        x0, y0, x1, y1 = shapely.total_bounds(
            np.asarray([own, *frame.to_metres(near)] if near else [own], dtype=object)
        )
        wide, high = max(1.9 * (x1 - x0), _LEAST_M), max(1.9 * (y1 - y0), _LEAST_M * HIGH / WIDE)
        metres = max(wide / WIDE, high / HIGH)
        return cls(frame, float(x0 + x1 - metres * WIDE) / 2, float(y0 + y1 + metres * HIGH) / 2, float(metres))

    @property
    def window(self) -> Window:
        """The sheet's box in degrees, for asking what lies in it."""
        east, south = self.west + self.metres * WIDE, self.north - self.metres * HIGH
        ground = shapely.segmentize(shapely.box(self.west, south, east, self.north), (east - self.west) / 8)
        box = [float(v) for v in shapely.bounds(self.frame.to_degrees(ground)[0])]
        return Window(box[0], box[1], box[2], box[3], 0.0)

    @property
    def scale(self) -> int:
        """One to so many, when printed at full size."""
        return round(self.metres * 10_000)

    def placed(self, geometries: Any) -> Geometries:
        """EPSG:4490 geometries on paper (x right, y down, tenths of a millimetre), clipped to the sheet."""
        metres = self.frame.to_metres(geometries)

        def turn(xy: Any) -> Any:
            return np.column_stack([(xy[:, 0] - self.west) / self.metres, (self.north - xy[:, 1]) / self.metres])

        placed = shapely.transform(metres, turn)
        return np.asarray(shapely.clip_by_rect(placed, -20, -20, WIDE + 20, HIGH + 20), dtype=object)


def path(geometry: Geometry) -> str:
    """An SVG path of lines and areas on paper, to half a tenth of a millimetre."""
    drawn = []
    for part in shapely.get_parts(shapely.get_parts(geometry)):
        if shapely.get_dimensions(part) == 2:
            drawn += [(ring, True) for ring in shapely.get_rings(part)]
        elif shapely.get_dimensions(part) == 1:
            drawn.append((part, False))
    return "".join(_stroke(line, closed=closed) for line, closed in drawn)


def fine(geometry: Geometry) -> Geometry:
    """Without the vertices that print cannot show."""
    return shapely.simplify(geometry, _FINE)


def _stroke(line: Geometry, *, closed: bool) -> str:
    xy = np.round(shapely.get_coordinates(line) / _FINE) * _FINE
    points = [f"{x:g} {y:g}" for x, y in xy]
    if len(points) < 2:
        return ""
    if closed:
        return f"M{'L'.join(points[:-1])}Z"
    return f"M{'L'.join(points)}"
