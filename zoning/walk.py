"""Walks a route through one layer: which stretches lie in which feature, and where it enters, leaves, crosses or touches.

Stretches come from true boundaries, never from the cut lines of pieces; they part the route without gap or overlap, so
lengths close by construction. A stretch nearer than a millimetre to a boundary runs along it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import shapely

from zoning.bilingual import Bilingual
from zoning.canonical import GRID
from zoning.chainage import Floats, Ints, Route
from zoning.evidence import LayerWindow
from zoning.meeting import NEAR_DEG, Meetings, meetings

Way = Literal["enters", "leaves", "crosses", "touches", "ends"]

WAYS: Final[Mapping[Way, Bilingual]] = {
    "enters": Bilingual("进入", "enters"),
    "leaves": Bilingual("离开", "leaves"),
    "crosses": Bilingual("穿越", "crosses"),
    "touches": Bilingual("相接而未穿越", "touches without crossing"),
    "ends": Bilingual("起止于此", "begins or ends on it"),
}
_ALONG_M = 0.01
"""What lies on a boundary for less than this only crosses it."""
_CHORD_M = 1.0


@dataclass(frozen=True, slots=True)
class Stretch:
    """From one chainage to another on one leg, m. `along`: on the feature's boundary (or on the line) all the way."""

    leg: int
    from_m: float
    to_m: float
    along: bool = False

    @property
    def length_m(self) -> float:
        return self.to_m - self.from_m


@dataclass(frozen=True, slots=True)
class Crossing:
    """Where the route meets a feature's boundary (or a line feature): chainage in m, position EPSG:4490.

    `angle_deg` is between route and boundary (0–90, the least where several edges meet); None where it has none.
    """

    leg: int
    at_m: float
    lon: float
    lat: float
    way: Way
    angle_deg: float | None


@dataclass(frozen=True)
class Walk:
    """One layer along a route, by feature index.

    `leg`, `from_m` and `to_m` (n,) part the route at every meeting with an edge; `inside` and `along` (n, features) say
    which features hold each part.
    """

    leg: Ints
    from_m: Floats
    to_m: Floats
    inside: npt.NDArray[np.bool_]
    along: npt.NDArray[np.bool_]
    features: Ints
    crossings: Mapping[int, tuple[Crossing, ...]]

    def stretches(self, index: int) -> tuple[Stretch, ...]:
        """The stretches of one feature, in order; neighbours of one kind are one."""
        at = np.flatnonzero(self.features == index)
        if not len(at):
            return ()
        column = int(at[0])
        return self.joined(self.inside[:, column] | self.along[:, column], self.along[:, column])

    def joined(self, chosen: npt.NDArray[np.bool_], along: npt.NDArray[np.bool_] | None = None) -> tuple[Stretch, ...]:
        """The chosen parts as stretches."""
        flags = np.zeros(len(chosen), dtype=bool) if along is None else along
        found: list[Stretch] = []
        for n in np.flatnonzero(chosen):
            part = Stretch(int(self.leg[n]), float(self.from_m[n]), float(self.to_m[n]), bool(flags[n]))
            last = found[-1] if found else None
            if last and (last.leg, last.to_m, last.along) == (part.leg, part.from_m, part.along):
                found[-1] = Stretch(last.leg, last.from_m, part.to_m, part.along)
            else:
                found.append(part)
        return tuple(found)


def walk(route: Route, layer: LayerWindow) -> Walk:
    """Part a route by the features of one layer.

    Parameters
    ----------
    route
        Legs in EPSG:4490, edges straight in longitude/latitude.
    layer
        Its window must hold the route: all pieces and edges that meet it.

    Returns
    -------
    A `Walk`: stretches and crossings in metres along each leg.
    """
    met = meetings(route, layer)
    leg, from_m, to_m = _parts(route, met)
    held = np.flatnonzero(shapely.get_dimensions(layer.pieces) == 2)
    if not len(met.edges) and not len(held):
        nothing = np.zeros((len(leg), 0), dtype=bool)
        return Walk(leg, from_m, to_m, nothing, nothing, np.empty(0, dtype=np.int64), {})
    middles = shapely.points(route.place(leg, (from_m + to_m) / 2))
    part_in, piece = shapely.STRtree(layer.pieces[held]).query(middles, predicate="dwithin", distance=GRID)
    edges = shapely.linestrings(met.edges.reshape(-1, 2, 2))
    part_on, edge = shapely.STRtree(edges).query(middles, predicate="dwithin", distance=NEAR_DEG)
    long = (to_m - from_m)[part_on] > _ALONG_M
    part_on, edge = part_on[long], edge[long]
    owner_in, owner_on = layer.piece_feature[held][piece], met.edge_feature[edge]
    features = np.unique(np.concatenate([owner_in, owner_on, met.feature])).astype(np.int64)
    inside = np.zeros((len(leg), len(features)), dtype=bool)
    along = np.zeros_like(inside)
    inside[part_in, np.searchsorted(features, owner_in)] = True
    along[part_on, np.searchsorted(features, owner_on)] = True
    inside &= ~along
    areas = np.isin(features, layer.piece_feature[held])
    sides = _sides(met, leg, from_m, to_m)
    crossings = {}
    for column, index in enumerate(features.tolist()):
        member = inside[:, column] | along[:, column]
        crossings[index] = _events(route, met, member, sides, index, area=bool(areas[column]))
    return Walk(leg, from_m, to_m, inside, along, features, crossings)


def _parts(route: Route, met: Meetings) -> tuple[Ints, Floats, Floats]:
    """The route parted at every meeting: leg, from and to of each part."""
    legs = np.arange(len(route.legs))
    length = route.lengths_m
    leg = np.concatenate([legs, legs, met.leg])
    at_m = np.concatenate([np.zeros(len(legs)), length, met.at_m])
    order = np.lexsort((at_m, leg))
    leg, at_m = leg[order], at_m[order]
    whole = (leg[1:] == leg[:-1]) & (at_m[1:] > at_m[:-1])
    return leg[:-1][whole], at_m[:-1][whole], at_m[1:][whole]


def _sides(met: Meetings, leg: Ints, from_m: Floats, to_m: Floats) -> tuple[Ints, Ints]:
    """The parts before and after each meeting; -1 where the leg begins or ends there."""
    starts = {(one, at): n for n, (one, at) in enumerate(zip(leg.tolist(), from_m.tolist(), strict=True))}
    ends = {(one, at): n for n, (one, at) in enumerate(zip(leg.tolist(), to_m.tolist(), strict=True))}
    places = list(zip(met.leg.tolist(), met.at_m.tolist(), strict=True))
    before = np.array([ends.get(place, -1) for place in places], dtype=np.int64)
    return before, np.array([starts.get(place, -1) for place in places], dtype=np.int64)


def _events(
    route: Route, met: Meetings, member: npt.NDArray[np.bool_], sides: tuple[Ints, Ints], index: int, *, area: bool
) -> tuple[Crossing, ...]:
    """Every change of membership of one feature, and every meeting with it from outside."""
    before, after = sides
    held_before, held_after = (before >= 0) & member[before], (after >= 0) & member[after]
    own = met.feature == index
    angle = np.full(len(met.leg), np.nan)
    angle[met.place[own]] = met.angle[own]
    met_here = np.zeros(len(met.leg), dtype=bool)
    met_here[met.place[own]] = True
    inner = (before >= 0) & (after >= 0)
    changes = inner & (held_before != held_after)
    at = np.flatnonzero(changes | (met_here & ~held_before & ~held_after))
    if not len(at):
        return ()
    spots = route.place(met.leg[at], met.at_m[at])
    cut = np.zeros(len(at), dtype=bool) if area else _cut(route, met, at, index)
    found = []
    for n, place in enumerate(at.tolist()):
        way: Way = "leaves" if held_before[place] else "enters"
        if not changes[place]:
            way = "ends" if not inner[place] else "crosses" if cut[n] else "touches"
        degrees = None if np.isnan(angle[place]) else float(angle[place])
        found.append(
            Crossing(int(met.leg[place]), float(met.at_m[place]), float(spots[n, 0]), float(spots[n, 1]), way, degrees)
        )
    return tuple(found)


def _cut(route: Route, met: Meetings, at: Ints, index: int) -> npt.NDArray[np.bool_]:
    """Whether a line feature is really crossed at a meeting: a short chord across it, up to half way to the next, cuts the line."""
    length = route.lengths_m
    gap_before = np.where(np.r_[True, met.leg[1:] != met.leg[:-1]], met.at_m, np.diff(met.at_m, prepend=0.0))
    gap_after = np.where(
        np.r_[met.leg[1:] != met.leg[:-1], True], length[met.leg] - met.at_m, np.diff(met.at_m, append=0.0)
    )
    leg, here = met.leg[at], met.at_m[at]
    back, ahead = np.minimum(_CHORD_M, gap_before[at] / 2), np.minimum(_CHORD_M, gap_after[at] / 2)
    chords = shapely.linestrings(np.stack([route.place(leg, here - back), route.place(leg, here + ahead)], axis=1))
    mine = shapely.linestrings(met.edges[met.edge_feature == index].reshape(-1, 2, 2))
    cut = np.zeros(len(at), dtype=bool)
    cut[shapely.STRtree(mine).query(chords, predicate="intersects")[0]] = True
    return cut
