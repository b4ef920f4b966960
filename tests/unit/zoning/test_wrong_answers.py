"""Ways to a wrong answer that were found once: each must stay closed."""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from tests.unit.zoning.scenes import FRAME, at, box, layer
from tests.unit.zoning.test_check import (
    JISHAN,
    REDLINE_OVER,
    SITE,
    only,
    project,
    run,
    site,
    two_counties,
    world,
)
from zoning.answer import document
from zoning.canonical import canonical_json
from zoning.check import Check
from zoning.errors import BadProject
from zoning.evidence import Evidence
from zoning.finding import Part
from zoning.rulebook import rulebook
from zoning.search import claims
from zoning.site import RawPart, Site, read_site
from zoning.wording import share

EDGE: dict[str, Any] = {"new_groundwater_intake": False, "fuel": "gas"}
CHECKOUT = Path(__file__).resolve().parents[3]
AS_READ = ("crs", "notices", "repairs")


def read(*shapes: shapely.Geometry, numbers: Any = None, names: Any = None, **more: Any) -> Site:
    parts = [
        RawPart(at(g), number=numbers[i] if numbers else str(i + 1), name=names[i] if names else None)
        for i, g in enumerate(shapes)
    ]
    return read_site(parts, crs=4490, **more)


def zone(kind: str, **facts: Any) -> Evidence:
    return world("140825", **{kind: layer(kind, [("Z", box(0, 0, 1000, 1000), facts)])})


# --- clear with nothing searched, at and beyond the outer border -------------------------------------------------------
@pytest.mark.parametrize("west", [9050, 8900], ids=["beyond the border", "across the border"])
def test_ground_without_coverage_is_never_clear(west: float) -> None:
    covered = {
        k: dataclasses.replace(w, coverage=np.array([JISHAN], dtype=object))
        for k, w in world().layers.items()
        if k != "county"
    }
    result = run(site(box(west, 0, 9150, 100)), project(), world(**covered))
    assert not any(s.done for s in result.searches)
    assert (result.verdict, result.at_worst) == ("unknown", "prohibited")


# --- whitelist by declaration ------------------------------------------------------------------------------------------
def test_a_coking_plant_that_says_it_protects_the_source_is_not_clear() -> None:
    on = world(
        "140825",
        redline=REDLINE_OVER,
        water_source=layer("water_source", [("W", box(0, 0, 1000, 1000), {"class_": "grade1"})]),
    )
    said = {"protects_water_source": True, "net_new_capacity": 0, "discharges_to_water": False, **EDGE}
    assert run(SITE, project("C2521", **said), on).verdict not in ("clear", "attention")


# --- memory and time ---------------------------------------------------------------------------------------------------
def test_growing_a_wiggly_site_is_affordable() -> None:
    """20,000 vertices once took 6.4 GB; a process of its own may use 1.5 GB and 60 s of processor time."""
    code = (
        "import numpy as np, shapely, resource\n"
        "resource.setrlimit(resource.RLIMIT_CPU, (60, 60))\n"
        "from tests.unit.zoning.test_check import *\n"
        "n=20000; t=np.linspace(0,2*np.pi,n+1)[:-1]; r=4500*(1+0.01*np.sin(t*n/4))\n"
        "s=site(at(shapely.Polygon(np.column_stack([r*np.cos(t),r*np.sin(t)]))))\n"
        "run(s, project('C2521', net_new_capacity=0, fuel='gas', new_groundwater_intake=False), world('140824'))\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=CHECKOUT,
        env={**os.environ, "PYTHONPATH": "."},
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 1_500_000


# --- a long hairline hides a real overlap ------------------------------------------------------------------------------
def test_a_hairline_does_not_turn_25_square_metres_into_a_sliver() -> None:
    zone_ = at(shapely.union_all([shapely.box(2499.999, -2500, 5000, 2500), shapely.box(2495, 500, 2500, 504)]))
    on = world(redline=layer("redline", [("RL-1", zone_, {})]))
    assert run(site(box(-2500, -2500, 2500, 2500)), project(), on).verdict == "prohibited"


# --- touch reported as a certain ban -----------------------------------------------------------------------------------
def test_a_point_on_the_boundary_touches() -> None:
    zone_ = box(900, -200, 3000, 1200)
    corner = shapely.Point(shapely.get_coordinates(zone_)[0])
    result = run(site(corner), project(), world(redline=layer("redline", [("RL-1", zone_, {})])))
    assert result.verdict == "clear"
    assert only(result, "red-line-development").relation == "touch"


def test_a_line_along_the_boundary_touches() -> None:
    zone_ = box(900, -200, 3000, 1200)
    along = shapely.LineString(shapely.get_coordinates(zone_)[:2])
    on = world(redline=layer("redline", [("RL-1", zone_, {})]))
    assert run(site(along), project("E4812", unavoidable=False), on).verdict != "prohibited"


# --- chainages ---------------------------------------------------------------------------------------------------------
def chain(line: shapely.Geometry, zone_: shapely.Geometry) -> tuple[Part, ...]:
    on = world(redline=layer("redline", [("RL-1", zone_, {})]))
    return only(run(read(line), project("E4812"), on), "red-line-ha06-linear").parts


def test_chainage_of_a_loop() -> None:
    loop = shapely.LineString([(0, 0), (1000, 0), (1000, 1000), (0, 1000), (0, 0)])
    start = FRAME.to_metres([shapely.Point(shapely.get_coordinates(read(loop).geometry)[0])])[0]
    for part in chain(loop, box(start.x - 200, start.y - 200, start.x + 200, start.y + 200)):
        assert part.to_m - part.from_m == pytest.approx(part.length_m, abs=1)  # 200–3800 for 400 m


def test_chainage_of_a_line_that_crosses_itself() -> None:
    bow = shapely.LineString([(0, 0), (1000, 1000), (1000, 0), (0, 1000)])
    for part in chain(bow, box(400, 400, 600, 600)):
        assert part.to_m - part.from_m == pytest.approx(part.length_m, abs=1)


# --- one parcel is given the length of all -----------------------------------------------------------------------------
def test_the_sentence_gives_a_parcel_its_own_length() -> None:
    two = read(shapely.LineString([(500, 100), (2000, 100)]), shapely.LineString([(500, 300), (1200, 300)]))
    result = run(two, project("E4812"), world(redline=REDLINE_OVER))
    assert "1,400" not in document(result)["lines"][1]["zh"]  # parcel 1 has 1 100 m in it


# --- full-cover closure on small sites ---------------------------------------------------------------------------------
def test_a_small_site_on_a_unit_border_is_not_called_a_broken_layer() -> None:
    a = at(shapely.Polygon([(-9000, -9000), (3, -9000), (1.2, 9000), (-9000, 9000)]))
    b = at(shapely.Polygon([(3, -9000), (9000, -9000), (9000, 9000), (1.2, 9000)]))
    units = layer("control_unit", [("a", a, {}), ("b", b, {})], full_cover=True)
    outcomes = set()
    for k in range(20):
        result = run(site(box(-8, k * 7.3, 12, k * 7.3 + 20)), project(), world(control_unit=units))
        outcomes |= {s.outcome for s in result.searches if s.layer == "control_unit"}
    assert outcomes == {"searched"}


# --- a feature of another dimension than the layer's vanishes ----------------------------------------------------------
def test_a_point_in_a_layer_with_polygons_is_not_lost() -> None:
    mixed = layer("redline", [("a", box(-3000, 0, -2000, 1000), {}), ("b", at(shapely.Point(500, 500)), {})])
    assert run(SITE, project(), world(redline=mixed)).verdict == "prohibited"


# --- one id, two answers -----------------------------------------------------------------------------------------------
def decided(result: Check) -> str:
    """An answer without what says how its file was read: a service puts that in for whoever asks."""
    data = document(result)
    return canonical_json({**data, "site": {k: v for k, v in data["site"].items() if k not in AS_READ}})


def same_id_same_bytes(one: Check, two: Check) -> None:
    assert one.id == two.id
    assert decided(one) == decided(two)


def test_parcel_names_are_in_the_bytes_but_not_in_the_id() -> None:
    shape = shapely.box(0, 0, 300, 300)
    same_id_same_bytes(*(run(read(shape, names=[n]), project(), world()) for n in ("甲公司", "乙公司")))


def test_parcel_order_is_in_the_bytes_but_not_in_the_id() -> None:
    a, b = shapely.box(0, 0, 300, 300), shapely.box(400, 0, 700, 300)
    one, two = read(a, b, numbers=["A", "B"]), read(b, a, numbers=["B", "A"])
    same_id_same_bytes(*(run(s, project(), world()) for s in (one, two)))


def test_order_of_documents_is_not_in_the_id() -> None:
    docs = [{"kind": "red_line_recognition", "number": "1", "date": f"202{n}-01-01"} for n in (2, 3)]
    assert (
        run(SITE, project("N7861", "new", docs), world()).id
        == run(SITE, project("N7861", "new", docs[::-1]), world()).id
    )


# --- the written answer ------------------------------------------------------------------------------------------------
OUT = site(box(8000, 0, 10_000, 1000))


def test_unknown_is_not_certain() -> None:
    result = run(OUT, project(), world("140825"))
    assert result.verdict == "unknown"
    assert document(result)["certainty"] == "uncertain"


def test_what_if_does_not_forget_the_ground_outside() -> None:
    asked = document(run(OUT, project("C2521", new_groundwater_intake=False), world("140825")))["not_known"]
    capacity = next(item for item in asked if item["what"] == "net_new_capacity")
    assert capacity["outcomes"]["<= 0"]["verdict"] == "unknown"  # says clear


def test_a_document_that_is_held_is_not_first_needed() -> None:
    held = [{"kind": "energy_review", "number": "1"}]
    result = run(SITE, project("C3011", "new", held, net_new_capacity=0, **EDGE), world())
    assert "节能审查意见" not in document(result)["sentence"]["zh"]


def test_trim_is_never_zero_hectares() -> None:
    on = world(redline=layer("redline", [("RL-1", box(998, 498, 3000, 510), {})]))
    assert " 0.00 公顷" not in document(run(SITE, project(), on))["lines"][2]["zh"]


def test_share_below_one_never_reads_100() -> None:
    assert share(0.9996) != "100.0 %"


def test_one_duty_at_two_features_is_one_duty() -> None:
    two = layer("redline", [("a", box(0, 0, 400, 1000), {}), ("b", box(600, 0, 1000, 1000), {})])
    result = run(SITE, project("A0311", "operate"), world("140825", redline=two))
    assert result.verdict == "attention"
    assert "1 项" in document(result)["sentence"]["zh"]


def test_doubt_about_the_county_is_not_called_doubt_about_the_boundary() -> None:
    planning = layer("county_planning_area", [("P-1", box(130, -2000, 2000, 2000), {})])
    what = project("C3024", "new", land_take="permanent", **EDGE)
    result = run(SITE, what, world(county=two_counties(100), county_planning_area=planning))
    finding = only(result, "jishan-239-planning-area")
    assert finding.contribution.reasons == ("jurisdiction",)  # "accuracy", "±0 m"


# --- rules that are silent ---------------------------------------------------------------------------------------------
SILENT = [
    ("art65-operate", zone("water_source", class_="grade1"), ("C2614", "operate"), {}),
    ("art65-retrofit", zone("water_source", class_="grade1"), ("C2614", "retrofit"), {"discharges_to_water": False}),
    ("art65-explore", zone("water_source", class_="grade1"), ("B0810", "explore"), {}),
    ("art66-operate", zone("water_source", class_="grade2"), ("C2614", "operate"), {"emits_pollutants": True}),
    ("art66-temporary", zone("water_source", class_="grade2"), ("C2614", "temporary"), {"emits_pollutants": True}),
    ("redline-operate", world("140825", redline=REDLINE_OVER), ("C2521", "operate"), {}),
    ("ha02-relocate", world("140825", redline=REDLINE_OVER), ("A0311", "relocate"), {"land_take": "none"}),
    ("ha02-temporary", world("140825", redline=REDLINE_OVER), ("A0311", "temporary"), {"land_take": "none"}),
    ("ha02-expand", world("140825", redline=REDLINE_OVER), ("A0313", "expand"), {"land_take": "existing"}),
    ("ha04-logging", world("140825", redline=REDLINE_OVER), ("A0241", "new"), {"land_take": "none"}),
    (
        "art17-landfill",
        zone("permanent_basic_farmland"),
        ("N7820", "new"),
        {"land_take": "temporary", "adds_soil_pollution": False},
    ),
    ("art17-temporary", zone("permanent_basic_farmland"), ("C3021", "temporary"), {"land_take": "temporary"}),
    ("art25-drilling", zone("river_management"), ("B0810", "explore"), {}),
    ("art25-sand", zone("river_management"), ("B1019", "operate"), {}),
    (
        "art26-smelter",
        zone("river_corridor", properties={"river": "汾河"}),
        ("C3211", "new"),
        {"tailings_pond": True, "adds_heavy_metal": False},
    ),
    ("art26-builder", zone("river_corridor", properties={"river": "汾河"}), ("E4862", "new"), {"tailings_pond": True}),
    (
        "L183-coal-trade",
        world("140824", no_coal_zone=layer("no_coal_zone", [("N", box(0, 0, 1000, 1000), {})])),
        ("F5161", "new"),
        {"fuel": "none", "new_groundwater_intake": False},
    ),
    (
        "L170-retrofit",
        world(
            "140824",
            groundwater_zone=layer("groundwater_zone", [("G", box(0, 0, 1000, 1000), {"class_": "overexploited"})]),
        ),
        ("C2221", "retrofit"),
        {"new_groundwater_intake": True},
    ),
    (
        "class-unknown-source",
        zone("water_source", class_=""),
        ("C2614", "new"),
        {"emits_pollutants": True, "discharges_to_water": False, "net_new_capacity": 0},
    ),
    ("class-unknown-reserve", zone("protected_area", class_=""), ("C2614", "new"), {}),
]


@pytest.mark.parametrize(("on", "what", "said"), [s[1:] for s in SILENT], ids=[s[0] for s in SILENT])
def test_is_not_silent(on: Any, what: Any, said: Any) -> None:
    assert run(SITE, project(*what, **said), on).verdict not in ("clear", "attention")


CERTAIN = [
    ("ha01-research", world("140825", redline=REDLINE_OVER), ("M7320", "new"), {}),
    ("ha07-survey", world("140825", redline=REDLINE_OVER), ("M7472", "explore"), {}),
    (
        "art26-safety-rebuild",
        zone("river_corridor", properties={"river": "汾河"}),
        ("B0810", "rebuild"),
        {"tailings_pond": True},
    ),
    (
        "art35-energy",
        zone("permanent_basic_farmland"),
        ("D4413", "new"),
        {"land_take": "permanent", "adds_soil_pollution": False, "fuel": "none"},
    ),
]


@pytest.mark.parametrize(("on", "what", "said"), [s[1:] for s in CERTAIN], ids=[s[0] for s in CERTAIN])
def test_is_not_a_certain_ban(on: Any, what: Any, said: Any) -> None:
    assert run(SITE, project(*what, **said), on).verdict != "prohibited"


# --- days that the rule set knows nothing of ---------------------------------------------------------------------------
@pytest.mark.parametrize("day", [dt.date(2022, 8, 15), dt.date(2017, 12, 31)])
def test_a_day_before_the_rules_begin_is_refused_not_clear(day: dt.date) -> None:
    with pytest.raises(BadProject) as caught:
        run(SITE, project("C2614", "new"), world("140825", redline=REDLINE_OVER), day)
    assert caught.value.type == "as-of-too-early"


# --- a rule tied to a display name -------------------------------------------------------------------------------------
def test_the_park_rule_survives_the_official_name() -> None:
    park = layer("industrial_park", [("K", box(0, 0, 1000, 1000), {"name": "沁水经济技术开发区"})])
    result = run(SITE, project("C3034", "new", fuel="gas"), world("140521", industrial_park=park))
    assert "qinshui-541-park" in {f.rule.id for f in result.findings}


# --- ways round a rule ---------------------------------------------------------------------------------------------------


def test_a_retrofit_that_adds_capacity_is_no_retrofit() -> None:
    """What is called a retrofit would pass the bans on new and larger plants."""
    for activity in ("retrofit", "restore", "explore", "close"):
        with pytest.raises(BadProject, match="adds no capacity"):
            project("C2653", activity, net_new_capacity=1)
    assert project("C2653", "retrofit", net_new_capacity=0).activity == "retrofit"


@pytest.mark.parametrize("activity", ["retrofit", "restore", "explore", "temporary"])
def test_no_activity_takes_permanent_basic_farmland_for_good(activity: str) -> None:
    on = zone("permanent_basic_farmland")
    said = {"land_take": "permanent", "fuel": "none", "adds_soil_pollution": False, "national_key_project": False}
    assert run(SITE, project("G5951", activity, **said), on).at_worst == "prohibited"


@pytest.mark.parametrize("land_take", ["none", "existing"])
def test_a_works_on_permanent_basic_farmland_that_says_it_takes_none_is_looked_into(land_take: str) -> None:
    on = zone("permanent_basic_farmland")
    said = {"land_take": land_take, "fuel": "none", "adds_soil_pollution": False, "new_groundwater_intake": False}
    answer = run(SITE, project("G5951", **said), on)
    assert (answer.verdict, answer.at_worst) == ("unknown", "prohibited")
    assert run(SITE, project("E4851", **said), on).verdict == "clear", "a line over the fields is no building on them"


def test_restoration_in_a_first_grade_zone_is_open_unless_it_protects_the_source() -> None:
    on = zone("water_source", class_="grade1")
    quiet = {"fuel": "none", "land_take": "existing", "discharges_to_water": False, "emits_pollutants": False}
    answer = run(SITE, project("E4863", "restore", protects_water_source=False, **quiet), on)
    assert (answer.verdict, answer.at_worst) == ("unknown", "prohibited")
    kept = run(SITE, project("E4863", "restore", protects_water_source=True, **quiet), on)
    assert kept.at_worst != "prohibited"


def test_a_running_plant_with_an_outfall_in_a_water_source_area_is_not_clear() -> None:
    on = zone("water_source", class_="quasi")
    assert run(SITE, project("C1311", "operate", discharges_to_water=True), on).verdict == "restricted"
    assert run(SITE, project("C1311", "operate", discharges_to_water=False), on).verdict == "clear"


def test_the_key_zone_of_a_named_spring_domain_is_part_of_the_domain() -> None:
    named = [r for r in rulebook().rules if r.where and r.where.layer == "spring_domain" and "name" in r.where.filter]
    assert named
    for rule in named:
        assert rule.where is not None
        names = rule.where.filter["name"]
        assert all(f"{name}重点保护区" in names for name in names if name.endswith("泉域"))


@pytest.mark.parametrize(
    ("issuer", "counts"),
    [
        (None, True),
        ("山西省人民政府", True),
        ("Shanxi provincial government", True),
        ("稷山县林业局", False),
        ("某镇政府", False),
    ],
)
def test_a_recognition_named_from_below_the_province_does_not_count(issuer: str | None, counts: bool) -> None:
    paper = {"kind": "red_line_recognition", "number": "1号", "issuer": issuer, "date": "2024-01-01"}
    held = project("E4863", "restore", documents=[paper], land_take="existing")
    assert held.holds_document("red_line_recognition", dt.date(2024, 6, 30)) is counts
    answer = run(SITE, held, zone("redline"))
    assert answer.verdict == ("attention" if counts else "restricted")


def test_the_yellow_river_law_does_not_reach_the_rivers_of_other_basins() -> None:
    plant = {"fuel": "gas", "net_new_capacity": 0, "land_take": "permanent", "discharges_to_water": False}
    for river, verdict in (("沁河", "prohibited"), ("桑干河", None)):
        on = zone("river_corridor", properties={"river": river})
        found = [f for f in run(SITE, project("C2614", **plant), on).findings if f.rule.id == "yellow-river-chemical"]
        assert {f.outcome for f in found if f.outcome != "clear"} == ({verdict} if verdict else set()), river


def test_a_rule_that_names_a_river_which_an_illustrative_layer_does_not_hold_was_not_searched() -> None:
    band = layer(
        "river_management",
        [("RM-1", box(5000, 5000, 6000, 6000), {"properties": {"river": "汾河"}})],
        legal_status="illustrative",
    )
    band = dataclasses.replace(band, meta=dataclasses.replace(band.meta, complete_for={"river": ("汾河", "沁河")}))
    assert claims(band, {"river": ("汾河",)})
    assert not claims(band, {"river": ("汾河", "昕水河")}), "nothing drawn of it is no proof that it is not there"
    assert claims(band, {}), "an illustrative layer is taken as drawn"
    known = dataclasses.replace(band, meta=dataclasses.replace(band.meta, legal_status="planning"))
    assert not claims(known, {})


def test_the_outer_belt_lies_outside_the_protected_area() -> None:
    on = zone("protected_area", class_="outer")
    answer = run(SITE, project("C1353", fuel="gas", land_take="permanent", emits_pollutants=True), on)
    met = {
        f.rule.id
        for f in answer.findings
        if f.rule.where and f.rule.where.layer == "protected_area" and f.outcome != "clear"
    }
    assert met == {"protected-outer"}


def test_a_ban_that_rests_on_a_list_which_stands_in_says_so() -> None:
    on = world("140824", river=layer("river", [("R", box(0, 0, 1000, 1000), {"name": "汾河"})]))
    said = document(run(SITE, project("C3011", "new", net_new_capacity=0, fuel="gas"), on), number=None)
    (ban,) = [f for f in said["findings"] if f["rule"] == "jishan-239-fen-1km"]
    assert [g["group"] for g in ban["industry_groups"]] == ["high_pollution"]
    assert "没有定义" in ban["industry_groups"][0]["note"]["zh"]


def test_a_plant_that_is_called_temporary_is_a_plant() -> None:
    coking = {"net_new_capacity": 1, "fuel": "gas", "land_take": "permanent"}
    for activity in ("new", "temporary"):
        assert run(SITE, project("C2521", activity, **coking), world("140824")).verdict == "prohibited"
    assert (
        run(SITE, project("G5951", "temporary", fuel="none", land_take="temporary"), world("140824")).verdict == "clear"
    )


def test_a_project_that_says_it_adds_heavy_metals_is_caught_whatever_its_industry() -> None:
    said = {"fuel": "gas", "land_take": "permanent", "net_new_capacity": 0}
    for industry, adds, at_worst in (
        ("C2651", True, "prohibited"),
        ("C2651", False, None),
        ("C4210", True, "prohibited"),
    ):
        answer = run(SITE, project(industry, adds_heavy_metal=adds, **said), world("141002"))
        found = {f.contribution.at_worst for f in answer.findings if f.rule.id == "linfen-514-heavy-metal"}
        assert found == ({at_worst} if at_worst else set())


@pytest.mark.parametrize("county", ["140826", "140521", "140824"])
def test_what_the_red_line_notice_may_allow_is_not_barred_by_a_county(county: str) -> None:
    """Heritage works and an unavoidable key state project need papers; the counties' plans bar only what is not allowed."""
    on, quiet = (
        world(county, redline=REDLINE_OVER),
        {"fuel": "none", "land_take": "permanent", "discharges_to_water": False},
    )
    heritage = run(SITE, project("R8840", "rebuild", **quiet), on)
    key = run(SITE, project("D4420", "new", national_key_project=True, unavoidable=True, **quiet), on)
    power = run(SITE, project("D4414", "expand", national_key_project=True, unavoidable=True, **quiet), on)
    assert {heritage.at_worst, key.at_worst, power.at_worst} == {"restricted"}
    assert run(SITE, project("C2614", "new", net_new_capacity=0, **quiet), on).verdict == "prohibited"
