"""What one rule sees on one site, number by number: certainty at exact limits, each key of a finding, the clip to a county."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest
import shapely

from tests.unit.zoning.scenes import at, box, evidence, layer
from tests.unit.zoning.test_check import JISHAN, RULES, SITE, THEN, project, site, two_counties
from zoning.applicable import facts_at
from zoning.evidence import LayerWindow
from zoning.examine import Examiner
from zoning.finding import Finding
from zoning.project import Project
from zoning.rule import Period, Rule, Where
from zoning.site import Site

ACCURACY = 200.0
COUNTY = layer("county", [("140824", JISHAN, {"properties": {"yellow_river": True}})], accuracy_m=ACCURACY)
EAST = box(900, -200, 3000, 1200)
"""Holds the easternmost 100 m of the site; 2100 m by 1400 m."""


def zone(*shapes: Any, **meta: Any) -> LayerWindow:
    named = [one if isinstance(one, tuple) else (f"Z{n}", one, {}) for n, one in enumerate(shapes, 1)]
    return layer("zone", named, **meta)


def ban(where: Where | None = None, **changed: Any) -> Rule:
    """A plain prohibition of everything in a zone, everywhere in the province."""
    facts: dict[str, Any] = {
        "id": "ban", "effect": "prohibit", "where": Where("zone") if where is None else where, "industries": (),
        "activities": (), "when": None, "unless": None, "needs": (), "jurisdiction": "140000", "bound_to": "place",
        "in_force": Period(None, None), "plan_period": None, "open": None, "open_text": None,
    }  # fmt: skip
    return dataclasses.replace(RULES.get("red-line-development"), **{**facts, **changed})


def everywhere(**changed: Any) -> Rule:
    return dataclasses.replace(ban(**changed), where=None)


def examiner(*layers: LayerWindow, where: Site = SITE, as_of: dt.date = THEN, county: LayerWindow = COUNTY) -> Examiner:
    return Examiner(where, evidence(county, *layers), as_of)


def found(on: Examiner, rule: Rule, what: Project | None = None) -> list[Finding]:
    what = what or project()
    examined = on.examine(rule, facts_at(what, on.site))
    return [] if examined is None else list(on.findings(examined, what))


def one(on: Examiner, rule: Rule, what: Project | None = None) -> Finding:
    (finding,) = found(on, rule, what)
    return finding


def row(on: Examiner) -> Mapping[str, Any]:
    (only,) = on.touching("zone")
    return only


# --- what lies on the site ---------------------------------------------------------------------------------------------


def test_a_feature_on_the_site_is_listed_with_every_number() -> None:
    named = ("Z1", EAST, {"name": "东区", "class_": "core", "properties": {"name_en": "East"}})
    assert row(examiner(zone(named))) == {
        "code": "Z1",
        "name": "东区",
        "name_en": "East",
        "class": "core",
        "relation": "overlap",
        "overlap_m2": pytest.approx(100_000, rel=1e-4),
        "share_of_site": pytest.approx(0.1, rel=1e-4),
    }


@pytest.mark.parametrize("west", [667.123, 771.377, 883.719])
def test_listed_numbers_are_rounded_to_the_square_centimetre_and_a_millionth(west: float) -> None:
    listed = row(examiner(zone(box(west, -200, 3000, 1200))))
    assert listed["overlap_m2"] == round(listed["overlap_m2"], 2)
    assert listed["share_of_site"] == round(listed["share_of_site"], 6) == pytest.approx(1 - west / 1000, abs=1e-4)
    river = at(shapely.LineString([(west, -300), (900.111, 1300)]))
    assert (size := row(examiner(zone(river)))["overlap_m"]) == round(size, 2)


def test_a_line_through_an_area_is_listed_in_metres_without_a_share_of_the_site() -> None:
    listed = row(examiner(zone(at(shapely.LineString([(500, -300), (500, 1300)])))))
    assert listed["overlap_m"] == pytest.approx(1000, abs=0.05) == round(listed["overlap_m"], 2)
    assert "overlap_m2" not in listed
    assert "share_of_site" not in listed


def test_a_line_site_in_an_area_is_listed_in_metres_with_its_share() -> None:
    road = site(at(shapely.LineString([(0, 500), (1000, 500)])))
    listed = row(examiner(zone(EAST), where=road))
    assert listed["overlap_m"] == pytest.approx(100, abs=0.05)
    assert listed["share_of_site"] == pytest.approx(0.1, abs=1e-4)


def test_a_feature_that_only_touches_is_listed_without_numbers_and_one_apart_is_not() -> None:
    on = examiner(zone(box(1000, 0, 2000, 1000), box(1500, 0, 2000, 1000)))
    assert [(r["code"], r["relation"], set(r) & {"overlap_m2", "overlap_m", "share_of_site"}) for r in on.touching("zone")] == [
        ("Z1", "touch", set())
    ]  # fmt: skip


def test_what_is_listed_stands_in_the_order_of_codes() -> None:
    on = examiner(zone(("B", EAST, {}), ("A", EAST, {}), ("C", EAST, {})))
    assert [r["code"] for r in on.touching("zone")] == ["A", "B", "C"]


@pytest.mark.parametrize(
    ("span", "in_force"),
    [
        ({"valid_from": THEN}, True),
        ({"valid_from": THEN + dt.timedelta(1)}, False),
        ({"valid_to": THEN}, True),
        ({"valid_to": THEN - dt.timedelta(1)}, False),
        ({"valid_from": THEN, "valid_to": THEN}, True),
    ],
)
def test_a_feature_is_in_force_on_its_first_and_its_last_day(span: dict[str, Any], in_force: bool) -> None:
    on = examiner(zone(("Z1", EAST, span)))
    assert row(on).get("in_force", True) is in_force
    assert bool(found(on, ban())) is in_force
    assert on.nearest("zone") == (0.0 if in_force else None)


def test_the_nearest_feature_is_told_up_to_the_reach_of_the_window_and_no_further() -> None:
    near, far = box(3000, 0, 4000, 1000), box(9200, 0, 9900, 1000)
    assert examiner(zone(far, near)).nearest("zone") == pytest.approx(2000, abs=0.1)
    assert examiner(zone(far)).nearest("zone") is None
    assert examiner(zone()).nearest("zone") is None


# --- certainty at exact limits -----------------------------------------------------------------------------------------


def test_each_number_of_a_certain_finding() -> None:
    finding = one(examiner(zone(EAST)), ban())
    assert (finding.outcome, finding.certain, finding.relation, finding.layer) == (
        "prohibited",
        True,
        "overlap",
        "zone",
    )
    assert finding.overlap_dimension == 2
    assert finding.overlap_size == pytest.approx(100_000, rel=1e-4)
    assert finding.share_of_site == pytest.approx(0.1, rel=1e-4)
    assert finding.share_of_feature == pytest.approx(100_000 / (2100 * 1400), rel=1e-3)
    assert finding.margin_m == pytest.approx(100, rel=0.01)
    assert (finding.distance_m, finding.margin_beyond_m, finding.blur_m, finding.site_blur_m) == (0.0, None, 0.0, 0.0)
    assert (finding.crossings, finding.alongside, finding.needs, finding.search) == ((), {}, (), None)
    assert finding.geometry is not None
    assert shapely.get_dimensions(finding.geometry) == 2
    assert [(p.parcel, p.county) for p in finding.parts] == [("1", "140824")]
    assert [text.en for text in finding.changes_if] == [
        "trim or move off the overlap of 10.00 ha (100,000 m²) (up to 100 m deep)"
    ]


def test_a_line_on_an_area_site_has_a_share_of_its_own_length_only() -> None:
    finding = one(examiner(zone(at(shapely.LineString([(500, -300), (500, 1300)])))), ban())
    assert finding.overlap_dimension == 1
    assert finding.share_of_site is None
    assert finding.share_of_feature == pytest.approx(1000 / 1600, rel=1e-3)


def test_a_point_feature_has_no_share_of_itself() -> None:
    finding = one(examiner(zone(at(shapely.Point(500, 500)))), ban())
    assert (finding.overlap_dimension, finding.share_of_feature, finding.outcome) == (0, None, "prohibited")


def test_a_feature_within_the_distance_says_so_and_draws_the_shortest_line() -> None:
    finding = one(examiner(zone(box(1300, 0, 2000, 1000))), ban(Where("zone", within_m=500)))
    assert (finding.relation, finding.outcome) == ("within_distance", "prohibited")
    assert finding.distance_m == pytest.approx(300, abs=0.05)
    assert finding.margin_m == pytest.approx(200, abs=0.05)
    assert (finding.overlap_size, finding.share_of_site, finding.share_of_feature, finding.parts) == (
        0.0,
        None,
        None,
        (),
    )
    assert finding.geometry is not None
    assert shapely.get_dimensions(finding.geometry) == 1


def test_inside_a_distance_rule_the_depth_adds_to_the_distance() -> None:
    finding = one(examiner(zone(EAST)), ban(Where("zone", within_m=500)))
    assert finding.relation == "overlap"
    assert finding.margin_m == pytest.approx(600, rel=0.01)


@pytest.mark.parametrize(
    ("gap", "own", "bound", "sites", "outcome"),
    [
        (499, 0, 0, 0, "prohibited"),
        (501, 0, 0, 0, None),
        (410, 60, 20, 5, "prohibited"),
        (420, 60, 20, 5, "unknown"),
        (580, 60, 20, 5, "unknown"),
        (590, 60, 20, 5, None),
    ],
)
def test_accuracies_of_feature_bound_and_site_add_up_on_either_side_of_a_distance(
    gap: float, own: float, bound: float, sites: float, outcome: str | None
) -> None:
    near = zone(box(1000 + gap, 0, 3000, 1000), accuracy_m=own, stands_for_bound_m=bound)
    findings = found(
        examiner(near, where=site(box(0, 0, 1000, 1000), accuracy_m=sites)), ban(Where("zone", within_m=500))
    )
    assert [f.outcome for f in findings] == ([] if outcome is None else [outcome])
    for finding in findings:
        assert (finding.blur_m, finding.site_blur_m) == (own + bound + sites, sites)
        assert finding.contribution.reasons == (() if outcome == "prohibited" else ("accuracy",))


def test_a_features_own_accuracy_counts_and_not_its_layers() -> None:
    exact = zone(("Z1", EAST, {"accuracy_m": 0.0}), accuracy_m=500.0)
    assert one(examiner(exact), ban()).certain
    rough = zone(("Z1", EAST, {"accuracy_m": 150.0}), accuracy_m=0.0)
    finding = one(examiner(rough), ban())
    assert (finding.outcome, finding.contribution.at_worst, finding.blur_m) == ("unknown", "prohibited", 150.0)
    assert finding.contribution.reasons == ("accuracy",)


def test_a_rough_feature_of_an_exact_layer_is_looked_for_as_far_out_as_its_own_accuracy() -> None:
    finding = one(examiner(zone(("Z1", box(1100, -200, 3000, 1200), {"accuracy_m": 150.0}), accuracy_m=0.0)), ban())
    assert (finding.relation, finding.outcome, finding.distance_m) == (
        "disjoint",
        "unknown",
        pytest.approx(100, abs=0.05),
    )


@pytest.mark.parametrize(("deep", "certain"), [(0.3, False), (0.7, True), (50.0, True)])
def test_an_accuracy_of_less_than_a_metre_counts_too(deep: float, certain: bool) -> None:
    assert one(examiner(zone(box(1000 - deep, -200, 3000, 1200), accuracy_m=0.5)), ban()).certain is certain


def test_a_touch_is_neither_surely_nor_possibly_under_the_rule() -> None:
    examined = examiner(zone(box(1000, 0, 2000, 1000))).examine(ban(), facts_at(project(), SITE))
    assert examined is not None
    assert [(s.surely, s.possibly, s.reasons) for s in examined.sights] == [(False, False, ())]


def test_a_touch_or_sliver_is_written_down_as_clear_and_certain_only_where_no_distance_counts() -> None:
    touching = zone(box(1000, 0, 2000, 1000))
    finding = one(examiner(touching), ban())
    assert (finding.relation, finding.outcome, finding.certain) == ("touch", "clear", True)
    assert (finding.margin_m, finding.changes_if) == (0.0, ())
    within = one(examiner(touching), ban(Where("zone", within_m=10)))
    assert (within.relation, within.outcome) == ("within_distance", "prohibited")
    thin = one(examiner(zone(box(999.995, -200, 3000, 1200))), ban())
    assert (thin.relation, thin.outcome) == ("sliver", "clear")


def test_where_no_boundary_is_in_sight_the_margin_is_beyond_the_reach() -> None:
    around = zone(box(-20_000, -20_000, 20_000, 20_000))
    without = dataclasses.replace(around, edges=around.edges[:0], edge_feature=around.edge_feature[:0])
    finding = one(examiner(without), ban())
    assert (finding.relation, finding.certain, finding.margin_m) == ("inside", True, None)
    assert finding.margin_beyond_m == 8000.0
    rough = dataclasses.replace(without, features=(dataclasses.replace(without.features[0], accuracy_m=1000.0),))
    assert one(examiner(rough), ban()).certain


def test_a_feature_apart_whose_boundary_is_out_of_sight_is_not_met() -> None:
    apart = zone(box(5000, 0, 6000, 1000), accuracy_m=10.0)
    without = dataclasses.replace(apart, edges=apart.edges[:0], edge_feature=apart.edge_feature[:0])
    assert found(examiner(without), ban()) == []


def test_what_only_informs_has_no_margin() -> None:
    finding = one(examiner(zone(EAST)), ban(effect="inform"))
    assert (finding.outcome, finding.margin_m) == ("clear", 0.0)
    assert one(examiner(zone(EAST)), ban(effect="require")).margin_m == pytest.approx(100, rel=0.01)


# --- which features a rule binds ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filter", "excepted", "bound"),
    [
        ({"class": ("core",)}, {}, ["Z1"]),
        ({"name": ("东区",)}, {}, ["Z1"]),
        ({"code": ("Z2",)}, {}, ["Z2"]),
        ({"grade": (1,)}, {}, ["Z1"]),
        ({}, {"class": ("core",)}, ["Z2"]),
        ({"class": ("core", "rim")}, {"grade": (1,)}, ["Z2"]),
        ({"class": ("other",)}, {}, []),
    ],
)
def test_a_rule_binds_the_features_it_names_and_not_those_it_excepts(
    filter: dict[str, Any], excepted: dict[str, Any], bound: list[str]
) -> None:
    two = zone(
        ("Z1", EAST, {"class_": "core", "name": "东区", "properties": {"grade": 1}}),
        ("Z2", EAST, {"class_": "rim", "name": "边区", "properties": {"grade": 2}}),
    )
    findings = found(examiner(two), ban(Where("zone", filter=filter, excepted=excepted)))
    assert [f.feature.code for f in findings if f.feature] == bound
    assert all(f.certain for f in findings)


@pytest.mark.parametrize("said", [{}, {"grade": None}, {"grade": ""}])
def test_a_feature_that_does_not_say_what_the_rule_asks_leaves_it_open(said: dict[str, Any]) -> None:
    silent = examiner(zone(("Z1", EAST, {"properties": said})))
    for where in (Where("zone", filter={"grade": (1,)}), Where("zone", excepted={"grade": (1,)})):
        finding = one(silent, ban(where))
        assert (finding.outcome, finding.contribution.at_worst) == ("unknown", "prohibited")
        assert finding.contribution.reasons == ("feature",)


def test_what_a_feature_does_not_say_counts_for_nothing_where_another_word_rules_it_out() -> None:
    silent = examiner(zone(("Z1", EAST, {"class_": "rim"})))
    assert found(silent, ban(Where("zone", filter={"grade": (1,), "class": ("core",)}))) == []


# --- jurisdiction ------------------------------------------------------------------------------------------------------


def test_a_rule_for_the_whole_jurisdiction_says_no_feature_and_no_size_of_one() -> None:
    finding = one(examiner(), everywhere())
    assert (finding.layer, finding.feature, finding.relation, finding.outcome) == (
        None,
        None,
        "jurisdiction",
        "prohibited",
    )
    assert (finding.overlap_dimension, finding.share_of_site, finding.share_of_feature) == (0, None, None)
    assert finding.overlap_size == pytest.approx(1_000_000, rel=1e-4)
    assert (finding.distance_m, finding.margin_m, finding.margin_beyond_m, finding.geometry) == (None, None, None, None)
    assert (finding.parts, finding.crossings, finding.alongside, finding.blur_m, finding.site_blur_m) == (
        (),
        (),
        {},
        0,
        0,
    )
    assert finding.legal_status == "statutory"


@pytest.mark.parametrize(
    ("line", "size", "outcome"),
    [(1300, 1_000_000, "prohibited"), (1100, 1_000_000, "prohibited"), (400, 400_000, "prohibited"),
     (100, 100_000, "unknown"), (-100, 100_000, "unknown"), (-300, None, None)],
)  # fmt: skip
def test_a_countys_own_rule_is_sure_only_deeper_than_the_accuracy_of_its_line(
    line: float, size: float | None, outcome: str | None
) -> None:
    findings = found(examiner(county=two_counties(line)), everywhere(jurisdiction="140824"))
    if outcome is None or size is None:
        assert findings == []
        return
    (finding,) = findings
    assert finding.outcome == outcome
    assert finding.contribution.reasons == (() if outcome == "prohibited" else ("jurisdiction",))
    assert finding.overlap_size == pytest.approx(size, rel=2e-3)


def test_a_clipped_finding_is_a_share_of_the_whole_site() -> None:
    half = zone(box(-500, 500, 3000, 1500))
    finding = one(examiner(half, county=two_counties(400)), ban(jurisdiction="140824"))
    assert finding.overlap_size == pytest.approx(200_000, rel=1e-3)
    assert finding.share_of_site == pytest.approx(0.2, rel=1e-3)
    assert [(p.county, round(p.share, 3)) for p in finding.parts] == [("140824", 0.2)]


def test_a_provincial_finding_across_a_county_line_is_split_by_it() -> None:
    half = zone(box(-500, 500, 3000, 1500))
    finding = one(examiner(half, county=two_counties(400)), ban())
    assert finding.certain
    assert [(p.county, round(p.share, 3)) for p in finding.parts] == [("140824", 0.2), ("140825", 0.3)]


@pytest.mark.parametrize(
    ("west", "outcome", "reasons"),
    [
        (100, "prohibited", ()),
        (250, "unknown", ("jurisdiction",)),
        (450, "unknown", ("jurisdiction",)),
        (650, None, None),
    ],
)
def test_a_zone_that_only_the_doubtful_strip_of_a_county_meets_is_open_for_its_jurisdiction(
    west: float, outcome: str | None, reasons: Any
) -> None:
    findings = found(examiner(zone(box(west, -200, 3000, 1200)), county=two_counties(400)), ban(jurisdiction="140824"))
    assert [(f.outcome, f.contribution.reasons) for f in findings] == ([] if outcome is None else [(outcome, reasons)])


def test_without_counties_a_rule_is_not_searched_for_want_of_them() -> None:
    on = Examiner(SITE, evidence(zone(EAST)), THEN)
    assert (on.jurisdictions, on.outside, on.near_any_county()) == (None, 0.0, False)
    finding = one(on, ban())
    assert (finding.layer, finding.relation, finding.outcome, finding.contribution.at_worst) == (
        "county", "not_searched", "unknown", "prohibited",
    )  # fmt: skip
    assert finding.contribution.reasons == ("not_searched",)


def test_counties_that_are_out_of_date_place_no_rule() -> None:
    stale = layer("county", [("140824", JISHAN, {})], review_by=THEN - dt.timedelta(1))
    on = examiner(zone(EAST), county=stale)
    assert on.jurisdictions is None
    assert [f.contribution.reasons for f in found(on, ban())] == [("not_searched",)]


def test_a_site_is_near_a_county_up_to_the_accuracy_of_its_line() -> None:
    assert examiner(where=site(box(9150, 0, 9500, 100))).near_any_county()
    assert not examiner(where=site(box(9250, 0, 9500, 100))).near_any_county()


# --- the search --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("held", "where", "outcome"),
    [
        (zone(feature_count=0), Where("zone"), "empty"),
        (zone(EAST, review_by=THEN - dt.timedelta(1)), Where("zone"), "stale"),
        (zone(EAST, review_by=THEN), Where("zone"), "searched"),
        (zone(EAST, complete_for={"name": ("甲",)}), Where("zone", filter={"name": ("乙",)}), "incomplete"),
        (zone(box(-9e3, -9e3, 9e3, 9e3), full_cover=True), Where("zone"), "searched"),
        (zone(box(-9e3, -9e3, 500, 9e3), box(499, -9e3, 9e3, 9e3), full_cover=True), Where("zone"), "invalid"),
        (zone(EAST), Where("zone", within_m=8000), "searched"),
        (zone(EAST), Where("zone", within_m=8001), "no_coverage"),
        (zone(EAST, accuracy_m=30, stands_for_bound_m=20), Where("zone", within_m=7950), "searched"),
        (zone(EAST, accuracy_m=30, stands_for_bound_m=20), Where("zone", within_m=7951), "no_coverage"),
        (zone(EAST, coverage=box(-9e3, -9e3, 990, 9e3)), Where("zone"), "no_coverage"),
    ],
)
def test_each_way_a_layer_may_not_be_searched(held: LayerWindow, where: Where, outcome: str) -> None:
    examined = examiner(held).examine(ban(where), facts_at(project(), SITE))
    assert examined is not None
    assert examined.search.outcome == outcome
    assert examined.search.layer == "zone"
    if outcome in ("empty", "stale", "invalid"):
        assert examined.sights == ()


def test_what_is_seen_counts_even_where_coverage_ends_and_the_rest_stays_open() -> None:
    held = zone(EAST, coverage=box(200, -9000, 9000, 9000))
    findings = found(examiner(held), ban())
    assert [(f.relation, f.outcome) for f in findings] == [("overlap", "prohibited"), ("not_searched", "unknown")]
    examined = examiner(held).examine(ban(), facts_at(project(), SITE))
    assert examined is not None
    assert examined.search.uncovered_m2 == pytest.approx(200_000, rel=1e-3)


# --- the project -------------------------------------------------------------------------------------------------------


def test_a_missing_fact_leaves_a_ban_open_and_a_fact_against_it_ends_it() -> None:
    rule = ban(when={"attribute": "landfill", "is": True})
    on = examiner(zone(EAST))
    finding = one(on, rule)
    assert (finding.outcome, finding.contribution.reasons) == ("unknown", ("attribute",))
    assert finding.contribution.missing == {"landfill"}
    assert one(on, rule, project(landfill=True)).certain
    assert found(on, rule, project(landfill=False)) == []
    assert on.terms(rule, facts_at(project(landfill=False), SITE)) is None


def test_supposed_facts_decide_in_place_of_those_said() -> None:
    rule = ban(when={"attribute": "landfill", "is": True})
    on, what = examiner(zone(EAST)), project()
    examined = on.examine(rule, facts_at(what, SITE))
    assert examined is not None
    assert [c.outcome for c, _ in on.contributions(examined, what)] == ["unknown"]
    for landfill, outcomes in ((True, ["prohibited"]), (False, [])):
        supposed = facts_at(what, SITE, landfill=landfill)
        assert [c.outcome for c, _ in on.contributions(examined, what, supposed)] == outcomes
    assert [c.outcome for c in on.as_said(examined, what)] == ["unknown"]


@pytest.mark.parametrize(
    ("effect", "ended"), [("prohibit", True), ("restrict", True), ("phase_out", True), ("require", False)]
)
def test_the_end_of_a_plan_and_an_open_substance_leave_only_what_forbids_open(effect: str, ended: bool) -> None:
    on = examiner(zone(EAST))
    over = ban(effect=effect, plan_period=Period(None, THEN - dt.timedelta(1)))
    assert one(on, over).contribution.reasons == (("plan_ended",) if ended else ())
    assert one(on, ban(effect=effect, plan_period=Period(None, THEN))).certain
    assert one(on, ban(effect=effect, open="substance")).contribution.reasons == (("substance",) if ended else ())
    assert one(on, ban(effect=effect, open="citation")).certain


def test_a_named_document_eases_a_restriction_but_never_a_ban_and_every_one_is_needed() -> None:
    paper = {"kind": "red_line_recognition", "number": "晋政函〔2024〕1号", "date": "2024-01-02"}
    on, held = examiner(zone(EAST)), project("N7820", "new", [paper])
    eased = one(on, ban(effect="restrict", needs=("red_line_recognition",)), held)
    assert (eased.outcome, eased.contribution.at_worst, eased.contribution.documents_named) == (
        "attention",
        "attention",
        True,
    )
    without = one(on, ban(effect="restrict", needs=("red_line_recognition",)))
    assert (without.outcome, without.contribution.documents_named) == ("restricted", False)
    assert [n["kind"] for n in without.needs] == ["red_line_recognition"]
    banned = one(on, ban(needs=("red_line_recognition",)), held)
    assert (banned.outcome, banned.contribution.documents_named) == ("prohibited", True)
    nothing = one(on, ban(effect="restrict"), held)
    assert (nothing.outcome, nothing.contribution.documents_named) == ("restricted", False)


def test_a_finding_is_as_weak_as_the_weaker_of_its_source_and_its_feature() -> None:
    for status in ("illustrative", "reference", "planning"):
        assert one(examiner(zone(EAST, legal_status=status)), ban()).legal_status == status
    finding = one(examiner(zone(EAST, legal_status="illustrative")), everywhere())
    assert finding.legal_status == "statutory"


# --- a full cover and a line site --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("gap", "closes"), [(0.0, True), (0.0006, True), (1.0, False), (-1.0, False)])
def test_units_close_on_a_line_site_as_on_an_area(gap: float, closes: bool) -> None:
    units = zone(box(-9000, -9000, 500, 9000), box(500 + gap, -9000, 9000, 9000), full_cover=True)
    assert examiner(units).closes("zone") is closes
    road = site(at(shapely.LineString([(0, 500), (1000, 500)])))
    assert examiner(units, where=road).closes("zone") is closes
    assert examiner(units, where=site(at(shapely.Point(700, 500)))).closes("zone")


def test_a_line_finding_tells_its_stretches_crossings_and_parts_in_its_county() -> None:
    road = site(at(shapely.LineString([(0, 500), (1000, 500)])))
    finding = one(
        examiner(zone(box(200, 0, 800, 1000)), where=road, county=two_counties(600)), ban(jurisdiction="140824")
    )
    assert finding.overlap_size == pytest.approx(400, abs=0.1)
    assert finding.share_of_site == pytest.approx(0.4, abs=1e-3)
    assert finding.share_of_feature is not None
    (stretch,) = finding.alongside["stretches"]
    assert (stretch["from_m"], stretch["to_m"]) == (pytest.approx(200, abs=0.1), pytest.approx(600, abs=0.1))
    assert [c["way"] for c in finding.alongside["crossed_at"]] == ["enters"]
    assert [(p.county, p.from_m, p.to_m) for p in finding.parts] == [
        ("140824", pytest.approx(200, abs=0.1), pytest.approx(600, abs=0.1))
    ]
    assert len(finding.crossings) == 1


def test_a_line_site_that_only_touches_a_zone_has_no_stretches() -> None:
    road = site(at(shapely.LineString([(0, 500), (1000, 500)])))
    finding = one(examiner(zone(box(1000, 0, 2000, 1000)), where=road), ban())
    assert (finding.outcome, finding.alongside, finding.crossings) == ("clear", {}, ())


def test_a_long_winding_road_where_coverage_ends_is_answered() -> None:
    bends = [(x, 20 * (x // 30 % 2)) for x in range(0, 3000, 30)]
    road = site(at(shapely.LineString(bends)))
    held = zone(box(0, 500, 3000, 700), coverage=box(-9000, -9000, 2500, 9000))
    findings = found(examiner(held, where=road), ban(Where("zone", within_m=200)))
    assert [(f.relation, f.outcome) for f in findings] == [("not_searched", "unknown")]
