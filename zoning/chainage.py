"""Where things stand along a line site: its parts (legs), metres from each leg's start, and 里程桩号; it compares with no layer.

Chainage counts from the canonical start of a leg, so that one line has one answer whichever way it was digitised: the
western end (the southern one of two on a meridian); for a closed line its westernmost vertex.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import shapely

from zoning.measure import ellipsoidal_area, geodesics
from zoning.parcel import Parcel, in_order
from zoning.site import Site

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_NODE_STEP = 0.01
"""Degrees between nodes: a straight lon/lat edge this short is as long as its geodesic to 1e-8."""


def station(metres: float, *, whole: bool = False) -> str:
    """A chainage as it is written on a drawing: kilometres + metres, to the centimetre or (`whole`) to the metre.

    >>> station(0), station(12345.678), station(999.999), station(999.6, whole=True)
    ('K0+000.00', 'K12+345.68', 'K1+000.00', 'K1+000')
    """
    if whole:
        return f"K{round(metres) // 1000}+{round(metres) % 1000:03d}"
    centimetres = round(metres * 100)
    return f"K{centimetres // 100_000}+{centimetres % 100_000 / 100:06.2f}"


@dataclass(frozen=True, slots=True)
class Leg:
    """One connected part of a line site. `part` counts the parts of a parcel from 1; None when it has only one.

    `parcel` is None where the axes of several parcels run over each other and were merged. `coordinates` (n, 2) are
    EPSG:4490 degrees in canonical direction; `length_m` is ellipsoidal.
    """

    parcel: str | None
    part: int | None
    coordinates: Floats
    length_m: float

    @property
    def start(self) -> tuple[float, float]:
        return float(self.coordinates[0, 0]), float(self.coordinates[0, 1])

    @property
    def end(self) -> tuple[float, float]:
        return float(self.coordinates[-1, 0]), float(self.coordinates[-1, 1])


class Route:
    """The legs of a line site (or of a corridor's axis), cut into short straight segments with the chainage of each.

    Segments of all legs stand one after another: `starts` and `ends` (n, 2) in degrees, `leg` (n,) the leg of each,
    `at_m` (n,) the chainage of its start and `run_m` (n,) its length, both ellipsoidal metres.
    """

    def __init__(self, lines: Sequence[tuple[str | None, int | None, shapely.Geometry]]) -> None:
        rows = [shapely.get_coordinates(shapely.segmentize(line, _NODE_STEP)) for _, _, line in lines]
        self.starts = np.vstack([xy[:-1] for xy in rows])
        self.ends = np.vstack([xy[1:] for xy in rows])
        self.leg: Ints = np.repeat(np.arange(len(rows)), [len(xy) - 1 for xy in rows])
        self.run_m = geodesics(self.starts, self.ends)
        total = np.concatenate([[0.0], np.cumsum(self.run_m)])
        first = np.searchsorted(self.leg, np.arange(len(rows)))
        last = np.searchsorted(self.leg, np.arange(len(rows)), side="right")
        self.at_m = total[:-1] - total[first][self.leg]
        self.legs = tuple(
            Leg(parcel, part, np.asarray(shapely.get_coordinates(line)), float(total[b] - total[a]))
            for (parcel, part, line), a, b in zip(lines, first, last, strict=True)
        )

    @property
    def length_m(self) -> float:
        """Ellipsoidal length of all legs, each as drawn: what is drawn twice counts twice."""
        return sum(leg.length_m for leg in self.legs)

    @cached_property
    def tree(self) -> shapely.STRtree:
        """The segments as lines, EPSG:4490, in a search tree."""
        return shapely.STRtree(shapely.linestrings(np.stack([self.starts, self.ends], axis=1)))

    def points(self, segment: Ints, share: Floats) -> Floats:
        """Positions (n, 2), degrees, at a share (0–1) of each segment."""
        return np.asarray(self.starts[segment] + (self.ends - self.starts)[segment] * share[:, None])

    def chainage(self, segment: Ints, share: Floats) -> Floats:
        """Chainage in metres of the position at a share (0–1) of each segment."""
        return np.asarray(self.at_m[segment] + geodesics(self.starts[segment], self.points(segment, share)))

    def place(self, leg: Ints, chainage_m: Floats) -> Floats:
        """Positions (n, 2), degrees, at chainages of legs, to under a millimetre."""
        segment = np.searchsorted(self._starts, leg * self._longest + chainage_m, side="right") - 1
        segment = np.minimum(np.maximum(segment, 0), len(self.leg) - 1)
        share = (chainage_m - self.at_m[segment]) / self.run_m[segment]
        for _ in range(2):
            share = share + (chainage_m - self.chainage(segment, share)) / self.run_m[segment]
            share = np.minimum(np.maximum(share, 0.0), 1.0)
        return self.points(segment, share)

    @cached_property
    def lengths_m(self) -> Floats:
        """Length of each leg, m."""
        return np.array([one.length_m for one in self.legs])

    @cached_property
    def _longest(self) -> float:
        return float(self.lengths_m.max()) + 1.0

    @cached_property
    def _starts(self) -> Floats:
        """The segments' starts as one rising sequence over all legs."""
        return np.asarray(self.leg * self._longest + self.at_m)


def route_of(site: Site) -> Route | None:
    """The route of a line site or of a corridor around a line; None for areas, points and discs.

    Legs are taken parcel by parcel in the order of `in_order`, and within a parcel in canonical order. A corridor keeps
    one axis for all its parcels: each part of it is given to the smallest parcel that holds it.
    """
    parcels = in_order(site.parcels)
    lines: list[tuple[str | None, shapely.Geometry]]
    if site.dimension == 1:
        lines = [(p.number, line) for p in parcels for line in shapely.get_parts(p.geometry)]
    elif site.axis is not None and shapely.get_dimensions(site.axis) == 1:
        areas = ellipsoidal_area([p.geometry for p in parcels])
        small_first = [parcels[int(i)] for i in np.argsort(areas, kind="stable")]
        rank = {p.number: n for n, p in enumerate(parcels)}
        lines = [(_owner(line, small_first), line) for line in shapely.get_parts(site.axis)]
        lines.sort(key=lambda one: len(parcels) if one[0] is None else rank[one[0]])
    else:
        return None
    several = Counter(number for number, _ in lines)
    counted: Counter[str | None] = Counter()
    found: list[tuple[str | None, int | None, shapely.Geometry]] = []
    for number, line in lines:
        counted[number] += 1
        found.append((number, counted[number] if several[number] > 1 else None, line))
    return Route(found)


def _owner(line: shapely.Geometry, parcels: Sequence[Parcel]) -> str | None:
    return next((p.number for p in parcels if shapely.covers(p.geometry, line)), None)
