"""A line site (or a corridor's axis) beside every layer: lengths that close, and the stretches and crossings of each finding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from zoning.abreast import Corridor
from zoning.bilingual import Bilingual
from zoning.chainage import Route, route_of, station
from zoning.evidence import Evidence, Feature
from zoning.finding import Part
from zoning.frame import LocalFrame
from zoning.jurisdiction import Clip
from zoning.relation import Encounter
from zoning.search import Closure
from zoning.site import Site
from zoning.view import View
from zoning.walk import WAYS, Crossing, Stretch, Walk, walk


@dataclass(frozen=True, slots=True)
class FeatureLength:
    """One feature along the route: metres counted for it, metres on its boundary, and the features that share those."""

    feature: Feature
    length_m: float
    along_m: float
    shared_with: tuple[str, ...]
    stretches: tuple[Stretch, ...]
    crossings: tuple[Crossing, ...]


@dataclass(frozen=True, slots=True)
class LayerLength:
    """One layer along the route, m. `inside_m` holds what runs along a boundary (`along_m` of it); the rest is outside.

    `doubled_m` is what the features of a full-cover layer count too much, because they overlap by more than a millimetre.
    """

    layer: str
    title: Bilingual
    full_cover: bool
    whole_m: float
    inside_m: float
    along_m: float
    outside_m: float
    doubled_m: float
    features: tuple[FeatureLength, ...]


class Alongside:
    """The route of one site on one release; each layer is walked once and kept."""

    def __init__(self, route: Route, site: Site, evidence: Evidence, frame: LocalFrame) -> None:
        self.route = route
        self.site = site
        self.evidence = evidence
        self.frame = frame
        self._walks: dict[str, Walk] = {}

    @classmethod
    def of(cls, site: Site, evidence: Evidence, frame: LocalFrame) -> Alongside | None:
        """None for areas, points and discs."""
        route = route_of(site)
        return None if route is None else cls(route, site, evidence, frame)

    @cached_property
    def _corridor(self) -> Corridor | None:
        width = self.site.half_width_m
        return None if width is None else Corridor(self.route, width, self.frame)

    @cached_property
    def ground_m(self) -> float:
        """Length of the ground under a line site, m: what is drawn twice counts once."""
        return View(self.site.geometry, 1, self.frame).size

    def walk(self, layer: str) -> Walk:
        if layer not in self._walks:
            self._walks[layer] = walk(self.route, self.evidence.layers[layer])
        return self._walks[layer]

    def lengths(self, layer: str) -> LayerLength:
        """Lengths by feature. In a full-cover layer a stretch on a shared boundary counts for the first code only, so that
        parts and outside make up the whole; in any other layer inside and outside do."""
        window, walked = self.evidence.layers[layer], self.walk(layer)
        metres = walked.to_m - walked.from_m
        held = walked.inside | walked.along
        counted = _once(walked) if window.meta.full_cover else held
        inside = held.any(axis=1)
        bounds = inside & ~walked.inside.any(axis=1)
        features = []
        for column, index in enumerate(walked.features.tolist()):
            if not held[:, column].any() and not walked.crossings[index]:
                continue
            along = walked.along[:, column]
            others = np.flatnonzero(walked.along[along].any(axis=0)).tolist() if along.any() else []
            features.append(
                FeatureLength(
                    window.features[index],
                    float(metres[counted[:, column]].sum()),
                    float(metres[along].sum()),
                    tuple(window.features[int(walked.features[o])].code for o in others if o != column),
                    walked.stretches(index),
                    walked.crossings[index],
                )
            )
        whole = float(metres.sum())
        within = float(metres[inside].sum())
        return LayerLength(
            layer=layer,
            title=window.meta.title,
            full_cover=window.meta.full_cover,
            whole_m=whole,
            inside_m=within,
            along_m=float(metres[bounds].sum()),
            outside_m=float(metres[~inside].sum()),
            doubled_m=sum(f.length_m for f in features) - within if window.meta.full_cover else 0.0,
            features=tuple(sorted(features, key=lambda f: f.feature.code)),
        )

    def closure(self, layer: str) -> Closure:
        """Whether the parts of a full-cover layer and the rest make up the route; a shared boundary counts once."""
        found = self.lengths(layer)
        return Closure(found.inside_m + found.doubled_m, found.outside_m, self.route.length_m)

    # --- for one finding -----------------------------------------------------------------------------------------------

    def stretches(self, layer: str, encounter: Encounter, clip: Clip | None, view: View) -> tuple[Stretch, ...]:
        """Where the site meets the feature of a finding, inside the rule's jurisdiction."""
        if self._corridor is not None:
            return () if encounter.overlap is None else self._corridor.abreast(encounter.overlap)
        own = self.walk(layer).stretches(encounter.index)
        if clip is None or clip.drawn is None or clip.drawn is view or "county" not in self.evidence.layers:
            return own
        return _common(own, self._ground(clip.members))

    def _ground(self, members: frozenset[int]) -> tuple[Stretch, ...]:
        counties = self.walk("county")
        mine = np.isin(counties.features, sorted(members))
        return counties.joined(np.any((counties.inside | counties.along)[:, mine], axis=1))

    def said(self, layer: str, encounter: Encounter, clip: Clip | None, view: View) -> Mapping[str, Any]:
        """Stretches and crossings of a finding in the form of the answer."""
        stretches = self.stretches(layer, encounter, clip, view)
        crossings: Sequence[Crossing] = self.walk(layer).crossings.get(encounter.index, ())
        if self._corridor is None and clip is not None and clip.drawn is not None and clip.drawn is not view:
            ground = self._ground(clip.members)
            crossings = [c for c in crossings if any(_holds(s, c) for s in ground)]
        kind = "abreast" if self._corridor is not None else None
        return {
            "stretches": [self.stretch_dict(s, kind) for s in stretches],
            "crossed_at": [self.crossing_dict(c) for c in crossings],
        }

    def parts(self, stretches: Sequence[Stretch], counties: Sequence[Feature]) -> Iterator[Part]:
        """A finding's stretches by parcel and county; a stretch on a county line counts for the first code."""
        whole: dict[str | None, float] = {}
        for leg in self.route.legs:
            whole[leg.parcel] = whole.get(leg.parcel, 0.0) + leg.length_m
        grounds: list[tuple[str | None, tuple[Stretch, ...]]] = [(c.code, self._counted(c)) for c in counties]
        if len(grounds) < 2:
            code = counties[0].code if counties else None
            grounds = [(code, tuple(Stretch(n, 0.0, leg.length_m) for n, leg in enumerate(self.route.legs)))]
        found = [(s, code) for code, ground in grounds for s in _common(_plain(stretches), ground)]
        for stretch, code in sorted(found, key=lambda one: (one[0].leg, one[0].from_m)):
            leg = self.route.legs[stretch.leg]
            yield Part(
                leg.parcel or "", code, stretch.length_m / whole[leg.parcel], length_m=stretch.length_m,
                from_m=stretch.from_m, to_m=stretch.to_m, line_part=leg.part,
            )  # fmt: skip

    def _counted(self, county: Feature) -> tuple[Stretch, ...]:
        walked = self.walk("county")
        codes = [self.evidence.layers["county"].features[i].code for i in walked.features.tolist()]
        return walked.joined(_once(walked)[:, codes.index(county.code)]) if county.code in codes else ()

    # --- written down --------------------------------------------------------------------------------------------------

    def _leg_of(self, leg: int) -> dict[str, Any]:
        one = self.route.legs[leg]
        return {"parcel": one.parcel, "part": one.part}

    def stretch_dict(self, stretch: Stretch, kind: str | None = None) -> dict[str, Any]:
        """A stretch as JSON: chainages to the centimetre, the length between them as written."""
        from_m, to_m = round(stretch.from_m, 2), round(stretch.to_m, 2)
        return {
            **self._leg_of(stretch.leg),
            "from": station(stretch.from_m),
            "to": station(stretch.to_m),
            "from_m": from_m,
            "to_m": to_m,
            "length_m": round(to_m - from_m, 2),
            "kind": kind or ("along" if stretch.along else "inside"),
        }

    def crossing_dict(self, crossing: Crossing) -> dict[str, Any]:
        """A crossing as JSON: chainage, position (EPSG:4490, on the grid) and angle to a tenth of a degree."""
        return {
            **self._leg_of(crossing.leg),
            "at": station(crossing.at_m),
            "at_m": round(crossing.at_m, 2),
            "lon": round(crossing.lon, 9),
            "lat": round(crossing.lat, 9),
            "way": crossing.way,
            "text": WAYS[crossing.way].as_dict(),
            "angle_deg": None if crossing.angle_deg is None else round(crossing.angle_deg, 1),
        }


def _once(walked: Walk) -> Any:
    """Who counts each part: every feature that it is truly inside; else the first of those whose boundary it runs along."""
    counted = walked.inside.copy()
    alone = np.flatnonzero(~walked.inside.any(axis=1) & walked.along.any(axis=1))
    if len(alone):
        counted[alone, np.argmax(walked.along[alone], axis=1)] = True
    return counted


def _plain(stretches: Sequence[Stretch]) -> tuple[Stretch, ...]:
    """Stretches without regard to whether they run along: neighbours are one."""
    found: list[Stretch] = []
    for one in stretches:
        if found and found[-1].leg == one.leg and found[-1].to_m == one.from_m:
            found[-1] = Stretch(one.leg, found[-1].from_m, one.to_m)
        else:
            found.append(Stretch(one.leg, one.from_m, one.to_m))
    return tuple(found)


def _common(these: Sequence[Stretch], those: Sequence[Stretch]) -> tuple[Stretch, ...]:
    """What two lists of stretches have in common, with the first list's kind."""
    found = []
    for one in these:
        for other in those:
            low, high = max(one.from_m, other.from_m), min(one.to_m, other.to_m)
            if one.leg == other.leg and low < high:
                found.append(Stretch(one.leg, low, high, one.along))
    return tuple(found)


def _holds(stretch: Stretch, crossing: Crossing) -> bool:
    return stretch.leg == crossing.leg and stretch.from_m <= crossing.at_m <= stretch.to_m
