"""Where one position lies: in or out of an area layer, how far and which way its nearest line is, and how sure that is.

No project is asked about and nothing is decided; what cannot be told is told so, and is never a "nothing there".
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import shapely
from shapely import Geometry

from zoning.bilingual import Bilingual
from zoning.evidence import Evidence, Feature, Indices, LayerWindow
from zoning.frame import LocalFrame
from zoning.search import standing, uncovered

Floats = npt.NDArray[np.float64]
State = Literal["inside", "outside", "unclear", "no_coverage", "demonstration", "not_searched"]
"""`unclear`: nearer to a line than the accuracies allow to tell. `demonstration`: the layer is illustrative. `not_searched`: it
is not held, empty, stale or not in force."""

DIRECTIONS: Final = (
    Bilingual("北", "north"),
    Bilingual("东北", "north-east"),
    Bilingual("东", "east"),
    Bilingual("东南", "south-east"),
    Bilingual("南", "south"),
    Bilingual("西南", "south-west"),
    Bilingual("西", "west"),
    Bilingual("西北", "north-west"),
)


def direction(bearing_deg: float) -> Bilingual:
    """The nearest of the eight directions; degrees clockwise from north.

    >>> direction(44).zh, direction(359).en
    ('东北', 'north')
    """
    return DIRECTIONS[round(bearing_deg / 45) % 8]


@dataclass(frozen=True, slots=True)
class Position:
    """A point in EPSG:4490, degrees, with how far off it may be, m."""

    lon: float
    lat: float
    accuracy_m: float


@dataclass(frozen=True, slots=True)
class Nearest:
    """The nearest line of a layer: of which feature, how far in metres, and which way, degrees clockwise from north.

    `complete`: the layer claims to hold everything within that distance, so that nothing nearer can be missing.
    """

    feature: Feature
    distance_m: float
    bearing_deg: float
    complete: bool

    @property
    def direction(self) -> Bilingual:
        return direction(self.bearing_deg)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a position stands to one layer. `features`: those it lies in, or may lie in; `nearest` None: no line within reach."""

    state: State
    features: tuple[Feature, ...] = ()
    nearest: Nearest | None = None
    why: Bilingual | None = None


def stands(position: Position, layer: str, evidence: Evidence, day: dt.date) -> Standing:
    """How a position stands to a layer of areas, by what a release holds around it.

    Parameters
    ----------
    evidence
        Pieces where the position is, edges and coverage within the window's reach.
    day
        Features legally valid on that day count.
    """
    searched = standing(layer, evidence, day)
    if not searched.done:
        return Standing("not_searched", why=searched.text)
    window = evidence.layers[layer]
    point = shapely.Point(position.lon, position.lat)
    if uncovered(window, point, 0):
        return Standing("no_coverage")
    if window.meta.legal_status == "illustrative":
        return Standing("demonstration")
    return _placed(position, point, window, day)


def _placed(position: Position, point: Geometry, window: LayerWindow, day: dt.date) -> Standing:
    frame = LocalFrame.at(position.lon, position.lat)
    valid = np.array([_in_force(feature, day) for feature in window.features], dtype=bool)
    held = np.zeros(len(window.features), dtype=bool)
    held[window.piece_feature[shapely.intersects(window.pieces, point)]] = True
    held &= valid
    lines = _Lines(position, frame, window, np.flatnonzero(valid[window.edge_feature]))
    close = np.zeros(len(window.features), dtype=bool)
    close[lines.owners[lines.away <= lines.blurs]] = True
    nearest = lines.nearest()
    possible = tuple(window.features[i] for i in np.flatnonzero(held | close))
    shown = [*possible, *([nearest.feature] if nearest else [])]
    if any(feature.legal_status == "illustrative" for feature in shown):
        return Standing("demonstration")
    sure = bool((held & ~close).any())
    if close.any() and not sure:
        return Standing("unclear", possible, nearest)
    return Standing("inside" if sure else "outside", tuple(window.features[i] for i in np.flatnonzero(held)), nearest)


class _Lines:
    """The lines of a layer's valid features as seen from a position: whose they are, how far, and how sure."""

    def __init__(self, position: Position, frame: LocalFrame, window: LayerWindow, which: Indices) -> None:
        self.position, self.frame, self.window = position, frame, window
        self.here = frame.to_metres(shapely.Point(position.lon, position.lat))[0]
        self.edges = frame.to_metres(window.edges[which])
        self.owners: Indices = window.edge_feature[which]
        self.away: Floats = np.asarray(shapely.distance(self.here, self.edges), dtype=np.float64)
        own = np.array([feature.accuracy_m for feature in window.features], dtype=np.float64)
        self.blurs: Floats = own[self.owners] + position.accuracy_m + window.meta.stands_for_bound_m

    def nearest(self) -> Nearest | None:
        if not len(self.away):
            return None
        index = int(np.argmin(self.away))
        line = shapely.shortest_line(self.here, self.edges[index])
        (x0, y0), (x1, y1) = shapely.get_coordinates(line)
        distance = float(self.away[index])
        ground = shapely.buffer(self.here, max(distance + self.position.accuracy_m, 1.0))
        complete = uncovered(self.window, self.frame.to_degrees(ground)[0], 2) == 0
        bearing = math.degrees(math.atan2(x1 - x0, y1 - y0)) % 360
        return Nearest(self.window.features[int(self.owners[index])], distance, bearing, complete)


def _in_force(feature: Feature, day: dt.date) -> bool:
    starts, ends = feature.valid_from, feature.valid_to
    return (starts is None or starts <= day) and (ends is None or day <= ends)


def names_of(features: tuple[Feature, ...]) -> Bilingual:
    """The features' names in both languages."""
    english: Iterator[str] = (str(f.properties.get("name_en") or f.name) for f in features)
    return Bilingual("、".join(f.name for f in features), ", ".join(english))
