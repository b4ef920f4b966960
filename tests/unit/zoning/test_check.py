"""The contracts of a check, on small hand-made layers: what decides, what stays unknown, and that nothing is silent."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import math
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.zoning.scenes import FRAME, at, box, evidence, layer
from zoning.answer import document
from zoning.bilingual import Bilingual
from zoning.canonical import canonical_geometry, canonical_json
from zoning.check import Check, check, window_for
from zoning.errors import BadProject
from zoning.evidence import Evidence, LayerWindow
from zoning.finding import Finding
from zoning.identity import Question
from zoning.parcel import Parcel
from zoning.project import Project
from zoning.rulebook import rulebook
from zoning.site import Site
from zoning.sitedoc import site_of

THEN, NOW = dt.date(2024, 6, 30), dt.date(2026, 11, 22)
FAR = box(20_000, 20_000, 21_000, 21_000)
JISHAN = box(-9_000, -9_000, 9_000, 9_000)
RULES = rulebook()


def site(*geometries: shapely.Geometry, accuracy_m: float = 0.0) -> Site:
    shapes = [canonical_geometry(g) for g in geometries]
    whole = canonical_geometry(shapely.union_all(shapes))
    return Site(
        geometry=whole,
        dimension=int(shapely.get_dimensions(whole)),  # type: ignore[arg-type]
        parcels=tuple(Parcel(str(n), "", g, {}) for n, g in enumerate(shapes, 1)),
        accuracy_m=accuracy_m,
        half_width_m=None,
        axis=None,
        crs="EPSG:4490",
        notices=(),
        repairs=(),
    )


def world(home: str = "140824", **changed: LayerWindow | None) -> Evidence:
    """Every layer kind in scope, held, covered and empty around the origin, except what a test changes."""
    shapes: dict[str, Any] = {
        kind: layer(kind, [(f"{kind}-far", FAR, {})])
        for kind in RULES.scope.kinds
        if kind not in ("control_unit", "river", "heavy_metal_key_area")
    }
    shapes["county"] = layer(
        "county",
        [(home, JISHAN, {"name": "示例县", "properties": {"yellow_river": True}})],
        legal_status="reference",
        accuracy_m=200.0,
        full_cover=True,
    )
    shapes["control_unit"] = layer("control_unit", [("ZH14082439001", JISHAN, {"class_": "3"})], full_cover=True)
    shapes["river"] = fen(far=True)
    shapes.update(changed)
    return evidence(*(w for w in shapes.values() if w is not None))


def fen(*, east: float = 0.0, far: bool = False, accuracy_m: float = 2000.0, bound: float = 500.0) -> LayerWindow:
    line = at(shapely.LineString([(east, -30_000), (east, 30_000)])) if not far else shapely.boundary(FAR)
    return layer(
        "river",
        [("R-FEN", line, {"name": "汾河"})],
        legal_status="reference",
        accuracy_m=accuracy_m,
        stands_for_bound_m=bound,
        complete_for={"name": ("黄河", "汾河", "桑干河", "滹沱河", "漳河", "清漳河", "沁河", "涑水河", "唐河", "沙河")},
    )


def project(industry: str = "N7820", activity: str = "new", documents: Any = (), **attributes: Any) -> Project:
    return Project.of(industry, activity, attributes, documents)


def run(where: Site, what: Project, on: Evidence, as_of: dt.date = THEN) -> Check:
    return check(Question(where, what, as_of), on, RULES)


def only(result: Check, rule: str) -> Finding:
    found = [f for f in result.findings if f.rule.id == rule]
    assert len(found) == 1
    return found[0]


SITE = site(box(0, 0, 1000, 1000))
REDLINE_OVER = layer("redline", [("RL-1", box(900, -200, 3000, 1200), {})], legal_status="illustrative")
RECOGNITION = {"kind": "red_line_recognition", "number": "晋政函〔2024〕1号", "date": "2024-01-02"}


# --- clear needs proof -----------------------------------------------------------------------------------------------


def test_clear_when_every_layer_is_held_covered_and_empty_here() -> None:
    result = run(SITE, project(), world())
    assert (result.verdict, result.at_worst) == ("clear", "clear")
    assert {s.layer for s in result.searches if s.done} == set(RULES.scope.kinds) - {"heavy_metal_key_area"}


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        (None, "not_held"),
        (layer("redline", feature_count=0), "empty"),
        (layer("redline", [("f", FAR, {})], valid_days=((None, dt.date(2024, 6, 30)),)), "out_of_force"),
        (layer("redline", [("f", FAR, {})], valid_days=((dt.date(2024, 7, 1), None),)), "out_of_force"),
        (layer("redline", [("f", FAR, {})], review_by=dt.date(2024, 6, 29)), "stale"),
        (layer("redline", [("f", FAR, {})], coverage=shapely.Polygon()), "no_coverage"),
        (layer("redline", [("f", FAR, {})], coverage=box(-9000, -9000, 990, 9000)), "no_coverage"),
    ],
    ids=[
        "not held",
        "empty",
        "only in force before",
        "only in force later",
        "stale",
        "no coverage",
        "coverage ends within the site",
    ],
)
def test_a_layer_not_searched_makes_clear_unknown(change: LayerWindow | None, outcome: str) -> None:
    result = run(SITE, project(), world(redline=change))
    assert (result.verdict, result.at_worst) == ("unknown", "prohibited")
    data = document(result)
    assert [n["outcome"] for n in data["not_searched"] if n["layer"] == "redline"] == [outcome]
    assert any(item["what"] == "redline" and item["kind"] == "not_searched" for item in data["not_known"])


def test_a_layer_that_failed_to_read_is_unknown() -> None:
    held = world()
    broken = dataclasses.replace(held, failed={"redline": Bilingual("超时", "timed out")})
    assert run(SITE, project(), broken).verdict == "unknown"


def test_coverage_must_hold_the_rules_distance_but_only_inside_the_jurisdiction() -> None:
    coking = project(
        "C2521", "expand", net_new_capacity=0, new_groundwater_intake=False, fuel="gas", land_take="existing"
    )
    near = dataclasses.replace(fen(far=True), coverage=np.array([box(-9000, -9000, 1500, 9000)], dtype=object))
    assert run(SITE, coking, world(river=near)).verdict == "unknown"
    enough = dataclasses.replace(fen(far=True), coverage=np.array([box(-9000, -9000, 2100, 9000)], dtype=object))
    assert run(SITE, coking, world(river=enough)).verdict == "attention"
    edge_of_county = site(box(8000, 0, 8500, 500))
    to_the_line = dataclasses.replace(fen(far=True), coverage=np.array([box(-9000, -9000, 9001, 9001)], dtype=object))
    assert run(edge_of_county, coking, world(river=to_the_line)).verdict == "attention"


def test_a_layer_that_does_not_claim_the_river_asked_for_is_not_searched() -> None:
    silent = dataclasses.replace(fen(far=True), meta=dataclasses.replace(fen().meta, complete_for={"name": ("沁河",)}))
    result = run(SITE, project("C3011", "relocate", net_new_capacity=0, fuel="gas"), world(river=silent))
    assert only(result, "jishan-239-fen-1km").search == Bilingual(
        "图层不含该规则所需对象", "the layer does not claim to hold what the rule asks for"
    )


def test_units_with_a_gap_or_an_overlap_are_invalid_not_clear() -> None:
    halves = [("a", box(-9000, -9000, 400, 9000), {}), ("b", box(500, -9000, 9000, 9000), {})]
    gap = layer("control_unit", halves, full_cover=True)
    data = document(run(SITE, project(), world(control_unit=gap)))
    assert [n["outcome"] for n in data["not_searched"] if n["layer"] == "control_unit"] == ["invalid"]
    doubled = [("a", box(-9000, -9000, 600, 9000), {}), ("b", box(500, -9000, 9000, 9000), {})]
    data = document(run(SITE, project(), world(control_unit=layer("control_unit", doubled, full_cover=True))))
    assert [n["outcome"] for n in data["not_searched"] if n["layer"] == "control_unit"] == ["invalid"]


def test_growing_a_site_never_lowers_the_verdict() -> None:
    small = run(SITE, project(land_take="permanent"), world(redline=REDLINE_OVER))
    large = run(site(box(0, 0, 2500, 1000)), project(land_take="permanent"), world(redline=REDLINE_OVER))
    assert small.verdict == large.verdict == "prohibited"


# --- inside, whitelist, documents ------------------------------------------------------------------------------------


def test_red_line_prohibits_what_is_not_a_limited_activity() -> None:
    result = run(SITE, project(), world(redline=REDLINE_OVER))
    finding = only(result, "red-line-development")
    assert result.verdict == "prohibited"
    assert result.demonstration
    assert result.basis == "illustrative"
    assert finding.overlap_size == pytest.approx(100_000, rel=1e-4)
    assert finding.share_of_site == pytest.approx(0.1, rel=1e-4)
    assert finding.margin_m == pytest.approx(100, rel=0.01)


@pytest.mark.parametrize("activity", ["new", "expand"])
def test_a_limited_activity_needs_its_document_and_is_never_a_permit(activity: str) -> None:
    without = run(SITE, project("N7861", activity), world(redline=REDLINE_OVER))
    assert without.verdict == "restricted"
    assert without.findings[0].needs[0]["kind"] == "red_line_recognition"
    held = run(SITE, project("N7861", activity, [RECOGNITION]), world(redline=REDLINE_OVER))
    assert held.verdict == "attention"
    assert "不是行政许可" in document(held)["sentence"]["zh"]


def test_a_document_dated_after_the_check_does_not_count() -> None:
    later = {**RECOGNITION, "date": "2024-07-01"}
    assert run(SITE, project("N7861", "new", [later]), world(redline=REDLINE_OVER)).verdict == "restricted"


def test_avoidable_linear_works_lose_their_exception() -> None:
    assert run(SITE, project("E4811"), world(redline=REDLINE_OVER)).verdict == "restricted"
    assert run(SITE, project("E4811", unavoidable=False), world(redline=REDLINE_OVER)).verdict == "prohibited"


def test_touch_and_sliver_are_listed_with_numbers_and_do_not_decide() -> None:
    touching = layer("redline", [("RL-1", box(1000, -200, 3000, 1200), {})])
    result = run(SITE, project(), world(redline=touching))
    assert result.verdict == "clear"
    assert only(result, "red-line-development").relation == "touch"
    thin = layer("redline", [("RL-1", box(999.995, -200, 3000, 1200), {})])
    result = run(SITE, project(), world(redline=thin))
    row = next(s for s in document(result)["searched"] if s["layer"] == "redline")["features"][0]
    assert row["relation"] == "sliver"
    assert row["overlap_m2"] > 0


def test_a_feature_outside_its_legal_validity_does_not_bind() -> None:
    ended = layer("redline", [("RL-1", box(900, 0, 3000, 1000), {"valid_to": dt.date(2024, 1, 1)})])
    assert run(SITE, project(), world(redline=ended)).verdict == "clear"
    coming = layer("redline", [("RL-1", box(900, 0, 3000, 1000), {"valid_from": dt.date(2025, 1, 1)})])
    assert run(SITE, project(), world(redline=coming)).verdict == "clear"
    assert run(SITE, project(), world(redline=coming), dt.date(2025, 1, 1)).verdict == "prohibited"


def test_a_feature_not_in_force_is_listed_as_such_and_is_nobodys_nearest() -> None:
    ended = {"valid_to": dt.date(2024, 1, 1)}
    both = layer("redline", [("RL-1", box(900, 0, 3000, 1000), ended), ("RL-2", box(1400, 0, 3000, 1000), {})])
    row = next(s for s in document(run(SITE, project(), world(redline=both)))["searched"] if s["layer"] == "redline")
    assert [(one["code"], one.get("in_force", True)) for one in row["features"]] == [("RL-1", False)]
    assert row["nearest_m"] == pytest.approx(400, abs=0.01)


# --- distance and certainty ------------------------------------------------------------------------------------------

EXPAND = {"net_new_capacity": 0, "new_groundwater_intake": False, "fuel": "gas", "land_take": "existing"}


@pytest.mark.parametrize(
    ("accuracy", "bound", "distance", "verdict"),
    [
        (0.0, 0.0, 900, "prohibited"),
        (0.0, 0.0, 1100, "attention"),
        (50.0, 0.0, 900, "prohibited"),
        (50.0, 0.0, 960, "unknown"),
        (50.0, 0.0, 1040, "unknown"),
        (50.0, 0.0, 1060, "attention"),
        (50.0, 30.0, 1060, "unknown"),
        (2000.0, 500.0, 900, "unknown"),
        (2000.0, 500.0, 3490, "unknown"),
        (2000.0, 500.0, 3510, "attention"),
    ],
)
def test_a_distance_rule_is_certain_only_beyond_every_accuracy(
    accuracy: float, bound: float, distance: float, verdict: str
) -> None:
    river = fen(east=1000 + distance, accuracy_m=accuracy, bound=bound)
    result = run(SITE, project("C2521", "expand", **EXPAND), world(river=river))
    assert result.verdict == verdict
    if verdict != "attention":
        finding = only(result, "jishan-239-fen-1km")
        assert finding.distance_m == pytest.approx(distance, abs=0.2)
        assert finding.margin_m == pytest.approx(abs(1000 - distance), abs=0.2)
        assert finding.certain == (verdict == "prohibited")


def test_the_sites_own_accuracy_counts() -> None:
    river = fen(east=2060, accuracy_m=50.0, bound=0.0)
    drawn = site(box(0, 0, 1000, 1000), accuracy_m=20.0)
    assert run(drawn, project("C2521", "expand", **EXPAND), world(river=river)).verdict == "unknown"


@pytest.mark.parametrize(("depth", "verdict"), [(30, "unknown"), (70, "prohibited"), (-30, "unknown"), (-70, "clear")])
def test_an_area_of_limited_accuracy_binds_only_beyond_it(depth: float, verdict: str) -> None:
    zone = layer("redline", [("RL-1", box(1000 - depth, -3000, 5000, 3000), {})], accuracy_m=50.0)
    assert run(SITE, project(), world(redline=zone)).verdict == verdict


def test_a_distance_the_window_does_not_reach_is_not_searched() -> None:
    vague = fen(far=True, accuracy_m=50_000.0)
    assert run(SITE, project("C2521", "expand", **EXPAND), world(river=vague)).verdict == "unknown"


# --- the project's own facts -----------------------------------------------------------------------------------------


def test_missing_capacity_is_unknown_and_asked_for_with_the_outcome_either_way() -> None:
    others = {"new_groundwater_intake": False, "fuel": "gas", "land_take": "permanent"}
    result = run(SITE, project("C2521", **others), world())
    asked = [item for item in document(result)["not_known"] if item["kind"] == "attribute"]
    assert [item["what"] for item in asked] == ["net_new_capacity"]
    assert asked[0]["outcomes"]["<= 0"]["verdict"] == "restricted"
    assert asked[0]["outcomes"]["> 0"]["verdict"] == "prohibited"
    assert run(SITE, project("C2521", net_new_capacity=1_060_000, **others), world()).verdict == "prohibited"
    assert run(SITE, project("C2521", net_new_capacity=0, **others), world()).verdict == "restricted"


def test_restricted_says_when_it_may_still_be_prohibited() -> None:
    spring = layer("spring_domain", [("S-1", box(-2000, -2000, 2000, 2000), {"class_": "domain"})])
    result = run(SITE, project("C2521"), world(spring_domain=spring))
    assert (result.verdict, result.at_worst) == ("restricted", "prohibited")
    assert "最坏可能：禁止" in document(result)["sentence"]["zh"]


def test_nothing_is_asked_that_cannot_change_the_verdict() -> None:
    result = run(SITE, project("C2521", net_new_capacity=5), world(redline=REDLINE_OVER))
    assert result.verdict == "prohibited"
    assert result.not_known == ()


def test_a_retrofit_is_not_new_capacity() -> None:
    result = run(SITE, project("C3110", "retrofit"), world())
    assert result.verdict == "attention"
    assert [f.rule.id for f in result.deciding] == ["jishan-195-ultra-low"]


def test_works_that_take_no_land_do_not_occupy_farmland() -> None:
    farmland = layer("permanent_basic_farmland", [("F-1", box(0, 0, 1000, 1000), {})])
    on = world(permanent_basic_farmland=farmland)
    clean = {"fuel": "none", "adds_soil_pollution": False, "national_key_project": False}
    assert run(SITE, project("E4851", land_take="none", **clean), on).verdict == "clear"
    assert run(SITE, project("D4416", land_take="permanent", **clean), on).verdict == "prohibited"
    assert run(SITE, project("D4416", **clean), on).verdict == "unknown"


def test_existing_plants_inside_the_red_line_leave_and_new_ones_never_come() -> None:
    on = world("140826", redline=REDLINE_OVER)
    assert run(SITE, project("C3011", "operate"), on).verdict == "restricted"
    assert run(SITE, project("C3011", "new", net_new_capacity=0), on).verdict == "prohibited"
    assert run(SITE, project("C3011", "close"), on).verdict == "clear"


# --- time, jurisdiction, open points ---------------------------------------------------------------------------------


def test_after_the_plan_period_a_ban_becomes_unknown_with_the_same_worst() -> None:
    what = project("C2521", net_new_capacity=5, new_groundwater_intake=False)
    assert run(SITE, what, world(), dt.date(2025, 12, 31)).verdict == "prohibited"
    later = run(SITE, what, world(), dt.date(2026, 1, 1))
    assert (later.verdict, later.at_worst) == ("unknown", "prohibited")
    assert "规划期已于 2025-12-31 结束" in document(later)["lines"][0]["zh"]


def test_a_rule_not_yet_in_force_is_silent() -> None:
    what, on = project("C3034", fuel="coal"), world("140521")
    assert run(SITE, what, on, dt.date(2023, 6, 11)).verdict == "clear"
    assert run(SITE, what, on, dt.date(2023, 6, 12)).verdict == "unknown"


def test_an_open_citation_keeps_the_effect_and_says_the_number_is_missing() -> None:
    source = layer("water_source", [("W-1", box(0, 0, 1000, 1000), {"class_": "grade1"})])
    before = run(SITE, project("N7861"), world(water_source=source), THEN)
    after = run(SITE, project("N7861"), world(water_source=source), NOW)
    assert before.verdict == after.verdict == "prohibited"
    fence = project("E4821", "new", protects_water_source=True, discharges_to_water=False)
    assert run(SITE, fence, world(water_source=source), NOW).verdict == "clear"
    assert run(SITE, project("E4821"), world(water_source=source), NOW).verdict == "unknown"
    assert "第65条" in only(before, "water-source-first-grade").cites[0].label().zh
    assert "条款号待补" in only(after, "water-source-first-grade").cites[0].label().zh


def test_open_substance_is_unknown_never_a_ban() -> None:
    on = world("140521")
    result = run(SITE, project("C3034", fuel="coal"), on)
    assert (result.verdict, result.at_worst) == ("unknown", "prohibited")
    assert run(SITE, project("C3034", fuel="gas"), on).verdict == "clear"


def test_a_countys_rule_does_not_bind_its_neighbour() -> None:
    what = project("C3110", "retrofit")
    assert run(SITE, what, world("140824")).verdict == "attention"
    assert run(SITE, what, world("140825")).verdict == "clear"


def two_counties(line_at: float) -> LayerWindow:
    return layer(
        "county",
        [
            ("140824", box(-9000, -9000, line_at, 9000), {"properties": {"yellow_river": True}}),
            ("140825", box(line_at, -9000, 9000, 9000), {"properties": {"yellow_river": True}}),
        ],
        accuracy_m=200.0,
        full_cover=True,
    )


def test_measures_are_taken_inside_the_jurisdiction() -> None:
    planning = layer("county_planning_area", [("P-1", box(-2000, -2000, 2000, 2000), {})])
    what = project("C3024", "new", new_groundwater_intake=False, fuel="gas", land_take="permanent")
    result = run(SITE, what, world(county=two_counties(400), county_planning_area=planning))
    finding = only(result, "jishan-239-planning-area")
    assert result.verdict == "prohibited"
    assert finding.overlap_size == pytest.approx(400_000, rel=1e-3)
    assert [p.county for p in finding.parts] == ["140824"]


def test_so_near_a_county_line_that_the_rule_may_not_bind_is_unknown() -> None:
    planning = layer("county_planning_area", [("P-1", box(-2000, -2000, 2000, 2000), {})])
    what = project("C3024", "new", new_groundwater_intake=False, fuel="gas", land_take="permanent")
    for line in (100, -100):
        result = run(SITE, what, world(county=two_counties(line), county_planning_area=planning))
        finding = only(result, "jishan-239-planning-area")
        assert (result.verdict, result.at_worst) == ("unknown", "prohibited")
        assert finding.contribution.reasons == ("jurisdiction",)


def test_a_site_partly_outside_every_county_is_unknown() -> None:
    result = run(site(box(8000, 0, 10_000, 1000)), project(), world())
    assert (result.verdict, result.at_worst) == ("unknown", "prohibited")
    assert document(result)["not_known"][0]["kind"] == "outside"


def test_a_site_outside_every_county_is_refused() -> None:
    with pytest.raises(BadProject, match="no county") as caught:
        run(site(box(10_000, 0, 11_000, 1000)), project(), world())
    assert caught.value.type == "site-outside-counties"


def test_without_a_county_layer_no_rule_can_be_placed_and_all_is_unknown() -> None:
    assert run(SITE, project(), world(county=None)).verdict == "unknown"


# --- the written answer ----------------------------------------------------------------------------------------------


def test_worst_wins_and_every_contributor_is_kept() -> None:
    spring = layer("spring_domain", [("S-1", box(-2000, -2000, 2000, 2000), {"class_": "domain"})])
    result = run(SITE, project(), world(redline=REDLINE_OVER, spring_domain=spring))
    assert result.verdict == "prohibited"
    assert {"red-line-development", "spring-domain-assessment"} <= {f.rule.id for f in result.findings}


def test_parcels_carry_their_own_measures() -> None:
    two = site(box(0, 0, 500, 1000), box(600, 0, 1000, 1000))
    finding = only(run(two, project(), world(redline=REDLINE_OVER)), "red-line-development")
    assert [(p.parcel, p.county) for p in finding.parts] == [("2", "140824")]
    assert finding.parts[0].area_m2 == pytest.approx(100_000, rel=1e-4)
    assert finding.parts[0].share == pytest.approx(0.25, rel=1e-3)


def test_a_line_reports_stretches_and_crossings() -> None:
    road = site(at(shapely.LineString([(-1000, 500), (500, 500), (4000, 500)])))
    result = run(road, project("E4812"), world(redline=REDLINE_OVER))
    finding = only(result, "red-line-ha06-linear")
    assert result.verdict == "restricted"
    assert len(finding.parts) == 1
    assert finding.parts[0].from_m == pytest.approx(1900, abs=1)
    assert finding.parts[0].to_m == pytest.approx(4000, abs=1)
    assert finding.parts[0].length_m == pytest.approx(2100, abs=1)
    assert len(finding.crossings) == 2


def test_a_point_site_is_checked() -> None:
    well = site(at(shapely.Point(1500, 0)))
    assert run(well, project(), world(redline=REDLINE_OVER)).verdict == "prohibited"
    assert run(site(at(shapely.Point(0, 0))), project(), world()).verdict == "clear"


@pytest.mark.parametrize(
    "shape",
    [
        shapely.Point(112.3, 36.1),
        shapely.LineString([(112.3, 36.1), (112.34, 36.1)]),
        shapely.LineString([(112.3, 36.1), (112.3, 36.13)]),
        shapely.LineString([(112.3, 36.1), (112.34, 36.13)]),
        shapely.box(112.3, 36.1, 112.34, 36.13),
    ],
    ids=["a point", "due east", "due north", "aslant", "an area"],
)
def test_the_window_holds_a_site_of_any_shape_with_its_reach(shape: shapely.Geometry) -> None:
    window = window_for(site(shape), 5000.0)
    west, south, east, north = shapely.bounds(shape)
    up, along = 5000 / 111_000, 5000 / 111_320 / math.cos(math.radians(36.1))
    found = (window.west, window.south, window.east, window.north)
    assert found == pytest.approx((west - along, south - up, east + along, north + up), abs=0.002)


def test_no_word_of_the_answer_is_a_permit() -> None:
    banned = ("通过", "合格", "准予", "可以建", "pass", "qualified", "may build", "✓", "✔", "✅")
    for on in (world(), world(redline=REDLINE_OVER), world(redline=None)):
        for line in document(run(SITE, project("N7861"), on))["lines"]:
            assert not [word for word in banned if word in line["zh"] or word in line["en"]]


def test_six_lines_in_both_languages_whatever_the_verdict() -> None:
    for on in (world(), world(redline=REDLINE_OVER), world(redline=None)):
        data = document(run(SITE, project(), on))
        assert len(data["lines"]) == 6
        assert all(line["zh"] and line["en"] for line in data["lines"])
        assert data["sentence"] == data["lines"][0]


def test_the_answer_is_canonical_json_and_its_site_can_be_asked_again() -> None:
    data = document(run(SITE, project(), world(redline=REDLINE_OVER)), "140824-20240630-0001")
    again = json.loads(canonical_json(data))
    assert site_of(again["site"]).canonical_wkb() == SITE.canonical_wkb()


@given(
    st.sampled_from(["reverse", "rotate", "duplicate", "split"]),
    st.integers(-600, 1500),
    st.integers(-600, 1500),
)
@settings(max_examples=20, deadline=None)
def test_how_a_ring_is_written_or_split_does_not_change_the_verdict(how: str, x: int, y: int) -> None:
    plain = shapely.box(x, y, x + 700, y + 500)
    ring = list(plain.exterior.coords)
    if how == "reverse":
        other = [at(shapely.Polygon(ring[::-1]))]
    elif how == "rotate":
        other = [at(shapely.Polygon([*ring[2:], *ring[1:3]]))]
    elif how == "duplicate":
        other = [at(shapely.Polygon([ring[0], *ring]))]
    else:
        other = [at(shapely.box(x, y, x + 300, y + 500)), at(shapely.box(x + 300, y, x + 700, y + 500))]
    one = run(site(at(plain)), project(), world(redline=REDLINE_OVER))
    two = run(site(*other), project(), world(redline=REDLINE_OVER))
    assert (one.verdict, one.at_worst) == (two.verdict, two.at_worst)
    if how != "split":
        assert one.id == two.id


def test_moving_the_whole_scene_keeps_the_verdict() -> None:
    # The same scene some kilometres further north-east: distances stay, degrees differ.
    def moved(geometry: shapely.Geometry) -> shapely.Geometry:
        return shapely.affinity.translate(geometry, 0.03, 0.02)

    here = run(SITE, project(), world(redline=REDLINE_OVER))
    zone = layer("redline", [("RL-1", moved(box(900, -200, 3000, 1200)), {})], legal_status="illustrative")
    there = run(site(moved(box(0, 0, 1000, 1000))), project(), world(redline=zone))
    assert there.verdict == here.verdict
    assert there.findings[0].share_of_site == pytest.approx(here.findings[0].share_of_site or 0, rel=1e-3)


def test_frame_is_shared_by_scene_and_check() -> None:
    assert FRAME.meridian_tenths == 1110


# --- a site drawn roughly --------------------------------------------------------------------------------------------


def beside_the_red_line(accuracy_m: float, own_m: float) -> tuple[Finding, Check]:
    line = layer("redline", [("RL-1", box(1008, -200, 3000, 1200), {})], legal_status="planning", accuracy_m=own_m)
    result = run(site(box(0, 0, 1000, 1000), accuracy_m=accuracy_m), project(), world(redline=line))
    return only(result, "red-line-development"), result


def test_where_only_the_site_is_drawn_roughly_it_is_the_site_that_has_to_be_surveyed() -> None:
    finding, result = beside_the_red_line(20, 0)
    assert (finding.relation, result.verdict, result.at_worst) == ("disjoint", "unknown", "prohibited")
    assert [text.en for text in finding.changes_if] == [
        "check again with surveyed coordinates of the site",
        "move at least 12 m further away",
    ]
    missing = [item["text"]["en"] for item in result.not_known if item["kind"] == "accuracy"]
    assert missing == ["surveyed coordinates of the site (those given are good to ±20 m)"]


def test_where_the_boundary_is_drawn_roughly_it_is_the_boundary() -> None:
    finding, result = beside_the_red_line(5, 20)
    assert [text.en for text in finding.changes_if] == [
        "check again with a surveyed, authoritative boundary",
        "move at least 17 m further away",
    ]
    (missing,) = (item["text"]["en"] for item in result.not_known if item["kind"] == "accuracy")
    assert missing.endswith("(the one held is good to ±25 m)")
