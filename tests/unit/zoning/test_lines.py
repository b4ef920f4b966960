"""Lines close: lengths by feature, chainages and crossings of a line site, whichever way it was drawn."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.unit.zoning.scenes import FRAME, at, box, evidence, layer
from tests.unit.zoning.test_check import REDLINE_OVER, fen, only, project, run, two_counties, world
from tests.unit.zoning.test_wrong_answers import read
from zoning.alongside import Alongside
from zoning.answer import document
from zoning.canonical import canonical_json
from zoning.chainage import Route, route_of, station
from zoning.evidence import LayerWindow
from zoning.measure import ellipsoidal_length, geodesics
from zoning.site import RawPart, Site, read_site

Line = shapely.LineString

# Six units that share their edges exactly: corners given in metres, moved to the grid once.
CORNERS = {
    (i, j): shapely.get_coordinates(at(shapely.Point(x, y)))[0]
    for i, row in enumerate([(-900, -850, -900), (-210, -160, -300), (330, 410, 260), (900, 880, 900)])
    for j, (x, y) in enumerate(zip(row, (-700, 40, 700), strict=True))
}
UNITS = layer(
    "control_unit",
    [
        (f"U{i}{j}", shapely.Polygon([CORNERS[i, j], CORNERS[i + 1, j], CORNERS[i + 1, j + 1], CORNERS[i, j + 1]]), {})
        for i in range(3)
        for j in range(2)
    ],
    cell=0.004,
    full_cover=True,
)
ZONES = layer("redline", [("A", box(-500, -300, 100, 300), {}), ("B", box(0, 0, 600, 500), {})], cell=0.003)

corners = st.sampled_from([tuple(xy) for xy in CORNERS.values()])
anywhere = st.tuples(st.floats(-1100, 1100), st.floats(-900, 900)).map(
    lambda xy: tuple(shapely.get_coordinates(at(shapely.Point(xy)))[0])
)
vertices = st.lists(st.one_of(corners, anywhere), min_size=2, max_size=8)


@st.composite
def drawn(draw: Any) -> shapely.Geometry:
    """One or two lines among the units: along shared edges, back on themselves, across themselves, ending on boundaries."""
    lines = [Line(draw(vertices)) for _ in range(draw(st.integers(1, 2)))]
    if draw(st.booleans()):
        xy = shapely.get_coordinates(lines[0])
        lines[0] = Line(np.vstack([xy, xy[-2::-1]]))
    assume(all(line.length > 1e-6 for line in lines))
    return lines[0] if len(lines) == 1 else shapely.MultiLineString(lines)


def site_of_line(line: shapely.Geometry, **more: Any) -> Site:
    return read_site([RawPart(line)], crs=4490, **more)


def beside(site: Site, *layers: LayerWindow) -> Alongside:
    found = Alongside.of(site, evidence(*layers), FRAME)
    assert found is not None
    return found


often = settings(max_examples=60, deadline=None)


# --- lengths -----------------------------------------------------------------------------------------------------------


@often
@given(drawn())
def test_lengths_close_to_one_part_in_a_million(line: shapely.Geometry) -> None:
    site = site_of_line(line)
    along = beside(site, UNITS, ZONES)
    whole = float(ellipsoidal_length([p.geometry for p in site.parcels]).sum())
    assert along.route.length_m == pytest.approx(whole, rel=1e-6)
    units, zones = along.lengths("control_unit"), along.lengths("redline")
    assert sum(f.length_m for f in units.features) + units.outside_m == pytest.approx(whole, rel=1e-6)
    for found in (units, zones):
        assert found.inside_m + found.outside_m == pytest.approx(whole, rel=1e-6)
        assert 0 <= found.along_m <= found.inside_m + 1e-9
        assert found.doubled_m == pytest.approx(0, abs=1e-6 * whole)
    assert along.closure("control_unit").error <= 1e-6


@often
@given(drawn())
def test_each_features_length_is_that_of_a_plain_intersection(line: shapely.Geometry) -> None:
    site = site_of_line(line)
    # An intersection forgets what is drawn twice, also where the two are a tenth of a millimetre apart.
    kept = shapely.intersection(box(-5000, -5000, 5000, 5000), site.geometry)
    assume(shapely.is_simple(site.geometry) and abs(kept.length - site.geometry.length) < 1e-9)
    along = beside(site, UNITS, ZONES)
    for window in (UNITS, ZONES):
        walked = along.walk(window.meta.id)
        for index in range(len(window.features)):
            ours = sum(s.length_m for s in walked.stretches(index))
            mine = window.pieces[window.piece_feature == index]
            grown = shapely.buffer(shapely.union_all(mine), 3e-8)
            shrunk = shapely.buffer(shapely.union_all(mine), -3e-8)
            most, least = ellipsoidal_length(shapely.intersection([grown, shrunk], site.geometry))
            assert least - 0.02 <= ours <= most + 0.02, (
                window.features[index].code,
                shapely.to_wkt(site.geometry, rounding_precision=17),
                least,
                ours,
                most,
            )


@often
@given(drawn())
def test_chainages_run_on_and_crossings_stand_where_they_say(line: shapely.Geometry) -> None:
    along = beside(site_of_line(line), UNITS, ZONES)
    for window in (UNITS, ZONES):
        walked = along.walk(window.meta.id)
        for index in range(len(window.features)):
            stretches, crossings = walked.stretches(index), walked.crossings.get(index, ())
            for one, after in pairwise(stretches):
                assert (one.leg, one.to_m) <= (after.leg, after.from_m)
            for one in stretches:
                assert 0 <= one.from_m < one.to_m <= along.route.legs[one.leg].length_m
            ends = {(s.leg, at) for s in stretches for at in (s.from_m, s.to_m)}
            changes = {(c.leg, c.at_m) for c in crossings if c.way in ("enters", "leaves")}
            assert changes <= ends
            inner = {(leg, at) for leg, at in ends if 0 < at < along.route.legs[leg].length_m}
            joins = {(a.leg, a.to_m) for a, b in pairwise(stretches) if (a.leg, a.to_m) == (b.leg, b.from_m)}
            assert inner - joins <= changes
            for crossing in crossings:
                assert metres_to(along.route, crossing.leg, crossing.at_m) == pytest.approx(
                    [crossing.lon, crossing.lat], abs=2e-8
                )


def metres_to(route: Route, leg: int, chainage_m: float) -> list[float]:
    """Where a chainage is, by walking the vertices of a leg in small steps: an oracle that shares no code with the route."""
    fine = shapely.get_coordinates(shapely.segmentize(Line(route.legs[leg].coordinates), 2e-4))
    run = np.concatenate([[0.0], np.cumsum(geodesics(fine[:-1], fine[1:]))])
    return [float(np.interp(chainage_m, run, fine[:, axis])) for axis in (0, 1)]


def test_a_stretch_on_a_shared_edge_counts_once_and_says_so() -> None:
    line = Line([CORNERS[1, j] for j in (0, 1, 2)])
    result = run(site_of_line(line), project("E4812"), world(control_unit=UNITS))
    units = next(one for one in document(result)["route"]["layers"] if one["layer"] == "control_unit")
    lengths = {f["code"]: f["length_m"] for f in units["features"]}
    assert [code for code, metres in lengths.items() if metres > 0] == ["U00", "U01"]
    assert {f["code"]: f["shared_with"] for f in units["features"]} == {
        "U00": ["U10"], "U01": ["U11"], "U10": ["U00"], "U11": ["U01"],
    }  # fmt: skip
    assert sum(lengths.values()) == pytest.approx(units["inside_m"], abs=0.001)
    assert units["along_m"] == units["inside_m"]


def test_a_line_along_a_county_line_does_not_break_the_layers() -> None:
    west = shapely.Polygon([(-9000, -9000), (100, -9000), (100, -500), (100, 900), (100, 9000), (-9000, 9000)])
    east = shapely.Polygon([(9000, -9000), (100, -9000), (100, -500), (100, 900), (100, 9000), (9000, 9000)])
    halves = [(west, "140824"), (east, "140825")]
    on = world(
        county=layer("county", [(code, at(g), {}) for g, code in halves], accuracy_m=200.0, full_cover=True),
        control_unit=layer("control_unit", [(code, at(g), {}) for g, code in halves], full_cover=True),
    )
    on_it = site_of_line(at(Line([(100, -500), (100, 900)])))
    result = run(on_it, project("E4812", new_groundwater_intake=False), on)
    assert "invalid" not in {s.outcome for s in result.searches}
    assert {c for c, _ in result.counties} == {"140824", "140825"}


def test_out_and_back_counts_twice_along_the_line_and_once_on_the_ground() -> None:
    there = at(Line([(500, 500), (2000, 500), (500, 500)]))
    result = run(site_of_line(there), project("E4812"), world(redline=REDLINE_OVER))
    finding, data = only(result, "red-line-ha06-linear"), document(result)
    assert finding.overlap_size == pytest.approx(1100, abs=1)
    assert sum(p.length_m or 0.0 for p in finding.parts) == pytest.approx(2200, abs=1)
    assert data["route"]["twice_m"] == pytest.approx(1500, abs=1)
    assert {s.outcome for s in result.searches if s.layer == "control_unit"} == {"searched"}
    assert result.verdict == "restricted"


def test_units_that_overlap_or_leave_a_gap_do_not_close() -> None:
    line = site_of_line(at(Line([(-500, 0), (1500, 0)])))
    for west, error in ((450, 50), (550, 50)):
        halves = [("a", box(-9000, -9000, 500, 9000), {}), ("b", box(west, -9000, 9000, 9000), {})]
        units = layer("control_unit", halves, full_cover=True)
        closure = beside(line, units).closure("control_unit")
        assert abs(closure.parts + closure.outside - closure.site) + closure.outside == pytest.approx(error, abs=0.1)
        result = run(line, project("E4812"), world(control_unit=units))
        assert {s.outcome for s in result.searches if s.layer == "control_unit"} == {"invalid"}


def test_a_line_far_from_every_feature_lies_outside_all_of_it() -> None:
    along = beside(read(Line([(3000, 3000), (4000, 3000)])), UNITS, ZONES)
    for kind in ("control_unit", "redline"):
        found = along.lengths(kind)
        assert (found.inside_m, found.features) == (0.0, ())
        assert found.outside_m == pytest.approx(along.route.length_m, rel=1e-9)
    assert along.closure("control_unit").outside == pytest.approx(1000, abs=1)


# --- chainage ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("metres", "text"),
    [
        (0, "K0+000.00"),
        (0.004, "K0+000.00"),
        (999.996, "K1+000.00"),
        (42_195, "K42+195.00"),
        (100_000.5, "K100+000.50"),
    ],
)
def test_a_station_reads_as_on_a_drawing(metres: float, text: str) -> None:
    assert station(metres) == text


def test_each_part_counts_from_its_own_start() -> None:
    two = shapely.MultiLineString([[(-1000, 500), (2000, 500)], [(0, 900), (2000, 900)]])
    finding = only(run(read(two), project("E4812"), world(redline=REDLINE_OVER)), "red-line-ha06-linear")
    found = {(p.line_part, round(p.from_m or 0), round(p.to_m or 0)) for p in finding.parts}
    assert found in ({(1, 1900, 3000), (2, 900, 2000)}, {(2, 1900, 3000), (1, 900, 2000)})


def test_the_answer_says_in_words_where_chainage_begins() -> None:
    line = at(Line([(2000, 0), (0, 0)]))
    lon, lat = shapely.get_coordinates(line)[1]
    route = document(run(site_of_line(line), project("E4812"), world()))["route"]
    for lang in ("zh", "en"):
        assert f"{lon:.6f}°E" in route["counted_from"][lang]
        assert f"{lat:.6f}°N" in route["counted_from"][lang]
    assert route["legs"][0]["start"] == pytest.approx([lon, lat], abs=1e-9)
    assert "西端" in route["counted_from"]["zh"]


@settings(max_examples=25, deadline=None)
@given(drawn())
def test_the_direction_drawn_changes_nothing(line: shapely.Geometry) -> None:
    turned = shapely.reverse(line)
    if shapely.get_num_geometries(line) == 2:
        turned = shapely.MultiLineString(list(turned.geoms)[::-1])
    on = world(control_unit=UNITS, redline=ZONES)
    one, two = (run(site_of_line(g), project("E4812"), on) for g in (line, turned))
    assert one.id == two.id
    texts = []
    for result in (one, two):
        data = json.loads(canonical_json(document(result)))
        data["site"] |= {"notices": [], "repairs": []}  # they say how this drawing was read
        texts.append(canonical_json(data))
    assert texts[0] == texts[1]


# --- rivers ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("turn", "angle"), [(90, 90), (30, 30), (150, 30), (5, 5)])
def test_a_river_is_crossed_at_an_angle(turn: float, angle: float) -> None:
    pipe = shapely.affinity.rotate(Line([(0, -800), (0, 800)]), turn - 90, origin=(0, 0))
    river = layer("river", [("R", at(Line([(-300, 0), (300, 0)])), {})])
    (crossing,) = beside(read(pipe), river).walk("river").crossings[0]
    assert crossing.way == "crosses"
    assert crossing.at_m == pytest.approx(800, abs=0.5)
    assert crossing.angle_deg == pytest.approx(angle, abs=0.1)


def test_a_line_that_only_touches_a_river_does_not_cross_it() -> None:
    river = at(Line([(-3000, 0), (0, 0), (3000, 0)]))
    tip = shapely.get_coordinates(river)[1]
    corner = Line([tip - [0.005, 0.004], tip, tip + np.array([0.005, -0.004])])
    walked = beside(site_of_line(corner), layer("river", [("R", river, {})])).walk("river")
    assert [c.way for c in walked.crossings[0]] == ["touches"]
    ending = Line([tip - [0.005, 0.004], tip])
    walked = beside(site_of_line(ending), layer("river", [("R", river, {})])).walk("river")
    assert [c.way for c in walked.crossings[0]] == ["ends"]


def test_a_line_in_a_river_bed_runs_along_it() -> None:
    river = at(Line([(-3000, 0), (3000, 0)]))
    a, b = shapely.get_coordinates(river)
    half = Line(
        [a + (b - a) * 0.25 + [0, 0.003], a + (b - a) * 0.25, a + (b - a) * 0.5, a + (b - a) * 0.5 - [0, 0.003]]
    )
    walked = beside(site_of_line(half), layer("river", [("R", river, {})])).walk("river")
    (stretch,) = walked.stretches(0)
    assert stretch.along
    assert stretch.length_m == pytest.approx(1500, abs=0.1)


def test_the_sentence_says_at_which_chainage_a_river_is_crossed() -> None:
    # A coking plant's belt conveyor: drawn as a line, and within a kilometre of the Fen wherever it crosses it.
    belt = read(Line([(-500, 0), (1500, 0)]))
    what = project(
        "C2521", "expand", net_new_capacity=0, new_groundwater_intake=False, fuel="gas", land_take="existing"
    )
    data = document(run(belt, what, world(river=fen(east=0, accuracy_m=0.0, bound=0.0))))
    assert data["verdict"] == "prohibited"
    assert "在 K0+500 处穿越汾河" in data["lines"][1]["zh"]
    assert "crosses 汾河 at K0+500" in data["lines"][1]["en"].replace("rivers: ", "")


# --- jurisdictions and corridors ---------------------------------------------------------------------------------------


def test_stretches_stay_inside_the_rules_county() -> None:
    planning = layer("county_planning_area", [("P-1", box(-2000, -2000, 2000, 2000), {})])
    belt = read(Line([(-1000, 0), (1500, 0)]))
    what = project("C3024", "new", new_groundwater_intake=False, fuel="gas", land_take="permanent")
    result = run(belt, what, world(county=two_counties(400), county_planning_area=planning))
    found = only(result, "jishan-239-planning-area").as_dict()
    assert [(s["from"][:6], round(s["to_m"])) for s in found["stretches"]] == [("K0+000", 1400)]
    assert [p["county"] for p in found["parts"]] == ["140824"]


def test_a_corridor_gives_its_area_and_the_stretches_of_its_axis() -> None:
    pipe = read(Line([(-1000, 500), (4000, 500)]), half_width_m=50)
    finding = only(run(pipe, project("E4852"), world(redline=REDLINE_OVER)), "red-line-ha06-linear").as_dict()
    assert finding["overlap_m2"] == pytest.approx(2100 * 100, rel=1e-3)
    (stretch,) = finding["stretches"]
    assert (stretch["kind"], stretch["from_m"], stretch["to_m"]) == (
        "abreast",
        pytest.approx(1900, abs=1),
        pytest.approx(4000, abs=1),
    )
    assert [c["way"] for c in finding["crossed_at"]] == ["enters", "leaves"]


def test_a_corridor_beside_a_zone_that_its_axis_never_enters_says_where() -> None:
    pipe = read(Line([(0, 1240), (2000, 1240), (2000, 3000)]), half_width_m=50)
    finding = only(run(pipe, project("E4852"), world(redline=REDLINE_OVER)), "red-line-ha06-linear").as_dict()
    (stretch,) = finding["stretches"]
    assert stretch["from_m"] == pytest.approx(900, abs=1)
    assert stretch["to_m"] == pytest.approx(2000, abs=1)
    assert finding["crossed_at"] == []


def test_areas_and_points_have_no_route() -> None:
    assert route_of(read(shapely.box(0, 0, 100, 100))) is None
    assert route_of(read(shapely.Point(0, 0), half_width_m=50)) is None
    assert document(run(read(shapely.box(0, 0, 100, 100)), project(), world()))["route"] is None
