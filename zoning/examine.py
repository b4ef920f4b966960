"""Looks at one rule on one site: jurisdiction, search, encounters, certainty; and turns what it saw into findings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from shapely import Geometry

from zoning import terms
from zoning.alongside import Alongside
from zoning.condition import Facts, Truth
from zoning.decision import Outcome, outcome_of, weakest, when_uncertain
from zoning.evidence import Evidence, Feature, LayerWindow
from zoning.finding import Contribution, Finding, Part, Reason
from zoning.frame import LocalFrame
from zoning.ground import Ground
from zoning.jurisdiction import Clip, Jurisdictions
from zoning.parts import parts_of
from zoning.project import Project
from zoning.relation import Encounter, LayerView
from zoning.remedy import changes
from zoning.rule import Rule, Where
from zoning.search import CLOSURE, Search, claims, closure, standing
from zoning.sight import Sight
from zoning.site import Site
from zoning.sweep import Sweep
from zoning.view import View


@dataclass(frozen=True)
class Examination:
    """What was seen of one rule. All but `truth`, whether its terms hold for the project as asked, is independent of the
    project's attributes, so what-if questions reuse it."""

    rule: Rule
    truth: Truth
    clip: Clip | None
    search: Search
    sights: tuple[Sight, ...]


class Examiner:
    """One site on one release on one day. Everything measured is kept, so each overlap is cut once."""

    def __init__(self, site: Site, evidence: Evidence, as_of: dt.date) -> None:
        self.site = site
        self.evidence = evidence
        self.as_of = as_of
        west, south, east, north = shapely.bounds(site.geometry)
        self.frame = LocalFrame.at(float(west + east) / 2, float(south + north) / 2)
        self.view = View(site.geometry, site.dimension, self.frame)
        self.sweep = Sweep(evidence, self.view)
        self._layers: dict[tuple[str, int], LayerView] = {}
        self._said: dict[int, tuple[Examination, tuple[Contribution, ...]]] = {}
        self._bound: dict[int, tuple[Where, list[tuple[int, Feature, bool | None]]]] = {}
        self._closes: dict[str, bool] = {}
        self._split: dict[tuple[int, int], tuple[Encounter, tuple[Part, ...]]] = {}

    @cached_property
    def jurisdictions(self) -> Jurisdictions | None:
        counties = self.evidence.layers.get("county")
        if counties is None or not standing("county", self.evidence, self.as_of).done:
            return None
        return Jurisdictions(counties, self.seen("county"), self.evidence.window, self.site.accuracy_m)

    @cached_property
    def ground(self) -> Ground:
        """Where the layers' coverages end."""
        return Ground(self.evidence, self.view, self.jurisdictions)

    @cached_property
    def along(self) -> Alongside | None:
        """The site as a line with chainages; None when it is none."""
        return Alongside.of(self.site, self.evidence, self.frame)

    @cached_property
    def outside(self) -> float:
        """How much of the site lies in no county held."""
        return self.jurisdictions.outside() if self.jurisdictions else 0.0

    def near_any_county(self) -> bool:
        return self.jurisdictions is not None and any(
            self.jurisdictions.clip(f.code).possible for f in self.jurisdictions.counties.features
        )

    def seen(self, layer: str, view: View | None = None) -> LayerView:
        view = view or self.view
        key = (layer, id(view))
        if key not in self._layers:
            self._layers[key] = self.sweep.seen(layer, view)
        return self._layers[key]

    def closes(self, layer: str) -> bool:
        """Contract of full-cover layers: inside the coverage the parts make up the site to one part in a million."""
        if layer not in self._closes:
            line = self.along if self.site.dimension == 1 else None
            measured = line.closure(layer) if line else closure(self.seen(layer))
            self._closes[layer] = measured is None or (
                measured.error <= CLOSURE and measured.outside <= max(CLOSURE * measured.site, 0.01)
            )
        return self._closes[layer]

    def touching(self, layer: str) -> tuple[Mapping[str, Any], ...]:
        """Every feature of a layer that meets the site, with its numbers: nothing below a threshold is dropped.

        One that is not in force on the day stands there too, and says so; no rule looks at it.
        """
        rows = []
        for encounter in self.seen(layer).encounters:
            if encounter.kind == "disjoint":
                continue
            row: dict[str, Any] = {
                "code": encounter.feature.code,
                "name": encounter.feature.name,
                "name_en": encounter.feature.properties.get("name_en"),
                "class": encounter.feature.class_,
                "relation": encounter.kind,
            }
            if encounter.dimension == 2:
                row["overlap_m2"] = round(encounter.overlap_size, 2)
            elif encounter.dimension == 1:
                row["overlap_m"] = round(encounter.overlap_size, 2)
            if encounter.overlap is not None and encounter.dimension == self.view.dimension:
                row["share_of_site"] = round(encounter.overlap_size / self.view.size, 6)
            if not self._in_force(encounter.feature):
                row["in_force"] = False
            rows.append(row)
        return tuple(sorted(rows, key=lambda row: str(row["code"])))

    def nearest(self, layer: str) -> float | None:
        """Distance in metres to the layer's nearest feature in force; None when none is within the window's reach."""
        seen = self.seen(layer).encounters
        least = [e.distance_m for e in seen if e.distance_m is not None and self._in_force(e.feature)]
        return min(least) if least and min(least) <= self.evidence.window.reach_m else None

    # --- examining -----------------------------------------------------------------------------------------------

    def terms(self, rule: Rule, facts: Facts) -> tuple[Clip | None, Truth] | None:
        """The site in the rule's jurisdiction, and whether its terms hold for the project; None when either is certainly not so.

        The rule's place is not looked at.
        """
        clip = None if self.jurisdictions is None else self.jurisdictions.clip(rule.jurisdiction)
        if clip is not None and clip.drawn is None and clip.possible is None:
            return None
        truth = rule.test(facts)
        return None if truth.value is False else (clip, truth)

    def examine(self, rule: Rule, facts: Facts) -> Examination | None:
        """Look at a rule where it could apply; None when the project or the jurisdiction is certainly outside its terms."""
        met = self.terms(rule, facts)
        if met is None:
            return None
        clip, truth = met
        if clip is None:
            return Examination(rule, truth, None, standing("county", self.evidence, self.as_of), ())
        if rule.where is None:
            return Examination(rule, truth, clip, Search("county", "searched"), (self._whole(rule, clip),))
        search = self._search(rule.where, clip)
        if search.outcome in ("not_held", "failed", "empty", "out_of_force", "stale", "invalid"):
            return Examination(rule, truth, clip, search, ())
        return Examination(rule, truth, clip, search, tuple(self._sights(rule, rule.where, clip)))

    def _whole(self, rule: Rule, clip: Clip) -> Sight:
        counties = self.evidence.layers["county"]
        home = next((f for f in counties.features if f.code == rule.jurisdiction), counties.features[0])
        view = clip.drawn or clip.possible or self.view
        encounter = Encounter(home, -1, "inside", view.dimension, view.geometry, view.size, 0.0)
        sure = clip.sure is not None
        return Sight(encounter, sure, True, () if sure else ("jurisdiction",), None)

    def _search(self, where: Where, clip: Clip) -> Search:
        layer = where.layer
        base = standing(layer, self.evidence, self.as_of)
        if not base.done:
            return base
        window = self.evidence.layers[layer]
        if not claims(window, where.filter):
            return Search(layer, "incomplete")
        if window.meta.full_cover and not self.closes(layer):
            return Search(layer, "invalid")
        if where.within_m + self._blur(window, None) > self.evidence.window.reach_m:
            return Search(layer, "no_coverage")
        missing = self.ground.uncovered(window, where.within_m, clip)
        return base if missing == 0 else Search(layer, "no_coverage", missing)

    def _blur(self, window: LayerWindow, feature: Feature | None) -> float:
        """Accuracy of the feature (or layer), what a line stands in for, and the site's own accuracy, m."""
        accuracy = feature.accuracy_m if feature else window.meta.accuracy_m
        return accuracy + window.meta.stands_for_bound_m + self.site.accuracy_m

    def _sights(self, rule: Rule, where: Where, clip: Clip) -> Iterator[Sight]:
        window = self.evidence.layers[where.layer]
        drawn = clip.drawn or clip.possible or self.view
        if clip.certain:
            by_view = dict.fromkeys(("drawn", "sure", "possible"), self.seen(where.layer, drawn))
        else:
            views = {"drawn": drawn, "sure": clip.sure, "possible": clip.possible or drawn}
            by_view = {name: self.seen(where.layer, view) for name, view in views.items() if view is not None}
        margins = rule.effect not in ("inform", "encourage")
        encounters = by_view["drawn"].encounters
        for index, feature, matches in self._candidates(where):
            if clip.certain and (encounter := encounters[index]).kind == "disjoint":
                # Too far for any accuracy to matter: nothing would be seen.
                near = where.within_m + self._blur(window, feature)
                if encounter.distance_m is None or encounter.distance_m > near:
                    continue
            at = {name: layer.encounters[index] for name, layer in by_view.items()}
            sight = self._sight(where, by_view, at, margins=margins)
            if sight is not None and matches is None:
                sight = replace(sight, surely=False, reasons=(*sight.reasons, "feature"))
            if sight is not None:
                yield sight

    def _candidates(self, where: Where) -> list[tuple[int, Feature, bool | None]]:
        """The features in force that a rule binds, or may bind, with their index; rules of the same terms share them."""
        if id(where) not in self._bound:
            found: list[tuple[int, Feature, bool | None]] = []
            for index, feature in enumerate(self.evidence.layers[where.layer].features):
                matches = self._matches(feature, where)
                if matches is not False and self._in_force(feature):
                    found.append((index, feature, matches))
            # The place is kept too, so that its id stays its own.
            self._bound[id(where)] = where, found
        return self._bound[id(where)][1]

    def _in_force(self, feature: Feature) -> bool:
        started = feature.valid_from is None or self.as_of >= feature.valid_from
        return started and (feature.valid_to is None or self.as_of <= feature.valid_to)

    def _matches(self, feature: Feature, where: Where) -> bool | None:
        """Whether a feature is one that the rule binds; None when the feature does not say what the rule asks."""
        answer: bool | None = True
        own = {"class": feature.class_, "name": feature.name, "code": feature.code}
        for chosen, wanted in ((where.filter, True), (where.excepted, False)):
            for key, values in chosen.items():
                value = own[key] if key in own else feature.properties.get(key)
                if value in (None, ""):
                    answer = None
                elif (value in values) != wanted:
                    return False
        return answer

    def _sight(
        self, where: Where, layers: Mapping[str, LayerView], at: Mapping[str, Encounter], *, margins: bool
    ) -> Sight | None:
        drawn, layer = at["drawn"], layers["drawn"]
        blur, within = self._blur(layer.layer, drawn.feature), where.within_m

        def gap(name: str) -> float | None:
            """Signed distance to the feature, minus the depth when the site reaches into it; None when out of sight."""
            encounter = at.get(name)
            if encounter is None:
                return None
            if encounter.hit:
                depth = layers[name].depth_m(encounter) if blur > 0 else 0.0
                return -np.inf if depth is None else -depth
            return encounter.distance_m

        def met(name: str, slack: float) -> bool:
            """Whether the terms hold for one view of the site when every line is off by `slack` against them."""
            if blur == 0 and within == 0:
                return name in at and at[name].hit
            signed = gap(name)
            return signed is not None and signed + slack <= within

        surely, possibly = met("sure", blur), met("possible", -blur)
        if not possibly:
            if drawn.kind in ("touch", "sliver") and within == 0:
                return Sight(drawn, False, False, (), layer.depth_m(drawn))
            return None
        reasons: list[Reason] = []
        if not met("drawn", blur):
            reasons.append("accuracy" if met("drawn", -blur) else "jurisdiction")
        elif not surely:
            reasons.append("jurisdiction")
        if not margins:
            return Sight(drawn, surely, True, tuple(reasons), 0.0)
        if drawn.hit:
            depth = layer.depth_m(drawn)
            margin = None if depth is None else depth + within
        else:
            margin = None if drawn.distance_m is None else abs(within - drawn.distance_m)
        return Sight(drawn, surely, True, tuple(reasons), margin)

    # --- deciding ------------------------------------------------------------------------------------------------

    def contributions(
        self, examined: Examination, project: Project, supposed: Facts | None = None
    ) -> Iterator[tuple[Contribution, Sight | None]]:
        """What an examined rule does to the verdict, feature by feature, for the facts as said or as supposed."""
        rule = examined.rule
        truth = examined.truth if supposed is None else rule.test(supposed)
        if truth.value is False:
            return
        certain = outcome_of(rule.effect, project.activity, rule.bound_to)
        named = bool(rule.needs) and all(project.holds_document(k, self.as_of) for k in rule.needs)
        if named and certain == "restricted":
            certain = "attention"
        for sight in examined.sights:
            if not sight.possibly:
                yield Contribution("clear", "clear"), sight
            else:
                yield self._contribution(rule, truth, certain, list(sight.reasons), named), sight
        if not examined.search.done:
            yield self._contribution(rule, truth, certain, ["not_searched"], named), None

    def as_said(self, examined: Examination, project: Project) -> tuple[Contribution, ...]:
        """`contributions` for the facts as said, kept for the questions that do not touch this rule."""
        key = id(examined)
        if key not in self._said:
            self._said[key] = examined, tuple(c for c, _ in self.contributions(examined, project))
        return self._said[key][1]

    def _contribution(
        self, rule: Rule, truth: Truth, certain: Outcome, reasons: list[Reason], named: bool
    ) -> Contribution:
        if truth.value is None:
            reasons.append("attribute")
        if rule.effect in ("prohibit", "restrict", "phase_out"):
            if rule.plan_ended(self.as_of):
                reasons.append("plan_ended")
            if rule.open == "substance":
                reasons.append("substance")
        outcome = when_uncertain(certain) if reasons else certain
        return Contribution(outcome, certain, tuple(reasons), truth.missing, named)

    def findings(self, examined: Examination, project: Project) -> Iterator[Finding]:
        """Write down what `contributions` decided, with measures, parts and what would change it."""
        rule = examined.rule
        cites = rule.citing(self.as_of)
        source_status = weakest(c.source.status for c in cites)
        needs = tuple(terms.document_kinds()[k].as_dict() for k in rule.needs)
        for contribution, sight in self.contributions(examined, project):
            if sight is None:
                yield Finding(
                    rule, contribution, examined.search.layer, None, "not_searched", None, cites, source_status,
                    search=examined.search.text, needs=needs, changes_if=tuple(changes(rule, contribution, None, needs)),
                )  # fmt: skip
                continue
            encounter = sight.encounter
            local = rule.where is not None
            status = weakest([source_status, encounter.feature.legal_status]) if local else source_status
            clip = examined.clip
            view = (clip.drawn or clip.possible if clip else None) or self.view
            depth = sight.margin_m
            beyond = self.evidence.window.reach_m if local and depth is None else None
            same = encounter.overlap is not None and encounter.dimension == view.dimension
            full = encounter.feature.area_m2 if encounter.dimension == 2 else encounter.feature.length_m
            relation = encounter.kind
            if rule.where and rule.where.within_m > 0 and not encounter.hit and sight.possibly:
                relation = "within_distance"  # type: ignore[assignment]
            layer = self.seen(rule.where.layer, view) if rule.where else None
            blur = self._blur(layer.layer, encounter.feature) if layer else 0.0
            yield Finding(
                rule=rule,
                contribution=contribution,
                layer=rule.where.layer if rule.where else None,
                feature=encounter.feature if local else None,
                relation=relation if local else "jurisdiction",
                margin_m=depth,
                cites=cites,
                legal_status=status,
                margin_beyond_m=beyond,
                blur_m=blur,
                site_blur_m=self.site.accuracy_m if layer else 0.0,
                parts=self._parts(encounter, rule, clip) if encounter.overlap is not None and local else (),
                overlap_dimension=encounter.dimension if local else 0,
                overlap_size=encounter.overlap_size,
                share_of_site=encounter.overlap_size / self.view.size if same and local else None,
                share_of_feature=encounter.overlap_size / full
                if local and encounter.overlap is not None and full > 0 and encounter.dimension > 0
                else None,
                distance_m=encounter.distance_m if local else None,
                crossings=layer.crossings(encounter) if layer and encounter.hit else (),
                alongside=self.along.said(layer.layer.meta.id, encounter, clip, self.view)
                if self.along and layer and sight.possibly
                else {},
                geometry=self._drawn(encounter, layer) if layer else None,
                needs=needs,
                changes_if=tuple(changes(rule, contribution, sight, needs, blur=blur, site_blur=self.site.accuracy_m)),
            )

    def _parts(self, encounter: Encounter, rule: Rule, clip: Clip | None) -> tuple[Part, ...]:
        key = (id(encounter), id(clip) if self.along else 0)
        if key not in self._split:
            # The encounter is kept too, so that its id stays its own.
            self._split[key] = encounter, tuple(self._split_up(encounter, rule, clip))
        return self._split[key][1]

    def _split_up(self, encounter: Encounter, rule: Rule, clip: Clip | None) -> Iterator[Part]:
        counties = self.jurisdictions.names() if self.jurisdictions else ()
        if self.along and rule.where and encounter.dimension == self.site.dimension == 1:
            yield from self.along.parts(self.along.stretches(rule.where.layer, encounter, clip, self.view), counties)
            return
        regions: list[tuple[str | None, Geometry | None]] = [(c.code, None) for c in counties[:1]] or [(None, None)]
        if len(counties) > 1 and self.jurisdictions:
            regions = [(c.code, v.geometry) for c in counties if (v := self.jurisdictions.clip(c.code).drawn)]
        yield from parts_of(encounter, self.site, self.view.size, regions)

    def _drawn(self, encounter: Encounter, layer: LayerView) -> Geometry | None:
        return encounter.overlap if encounter.overlap is not None else layer.shortest_line(encounter)
