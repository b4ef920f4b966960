"""How the site and a feature stand to each other, at the millimetre where one relation turns into the next."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from tests.unit.zoning.scenes import FRAME, at, box, evidence, layer
from tests.unit.zoning.test_check import project, run, site, world
from tests.unit.zoning.test_edges_of_terms import rule
from tests.unit.zoning.test_relation import SITE, meet
from zoning.answer import document
from zoning.chainage import Route
from zoning.decision_table import ClauseSet, cells, clause_sets
from zoning.depth import reach_into
from zoning.finding import Part
from zoning.parts import parts_of
from zoning.relation import LayerView
from zoning.rule import Where
from zoning.search import Closure, closure, uncovered
from zoning.sweep import Sweep
from zoning.view import View, cut_by, distances, measure, measures, only_dimension, stretches_of


def view(geometry: shapely.Geometry) -> View:
    return View(geometry, int(shapely.get_dimensions(geometry)), FRAME)


def test_a_site_of_which_a_thousandth_is_outside_is_not_inside() -> None:
    crossed, _ = meet(SITE, box(-500, -500, 999.7, 1500))
    assert crossed.kind == "overlap"
    assert crossed.overlap_size > 0.999 * 1_000_000
    on_the_line, _ = meet(SITE, box(0, 0, 1000, 1000))
    assert on_the_line.kind == "inside"
    within_a_millimetre, _ = meet(SITE, box(-0.0005, -500, 1500, 1500))
    assert within_a_millimetre.kind == "inside"


def test_a_line_that_ends_a_little_outside_is_not_inside() -> None:
    line = at(shapely.LineString([(0, 500), (1000, 500)]))
    assert meet(line, box(-10, 0, 999.9, 1000))[0].kind == "overlap"
    assert meet(line, box(0, 0, 1000, 1000))[0].kind == "inside"
    assert meet(line, box(999.95, 0, 2000, 1000))[0].kind == "sliver"
    assert meet(line, box(999.8, 0, 2000, 1000))[0].kind == "overlap"


def test_a_line_in_an_area_site_is_a_sliver_below_a_metre() -> None:
    short = at(shapely.LineString([(999.1, 500), (3000, 500)]))
    long = at(shapely.LineString([(998.9, 500), (3000, 500)]))
    assert meet(SITE, short)[0].kind == "sliver"
    assert meet(SITE, long)[0].kind == "overlap"
    within = at(shapely.LineString([(200, 500), (600, 500)]))
    assert meet(SITE, within)[0].kind == "contains"


def test_a_point_or_line_on_the_outline_only_touches() -> None:
    for grazing in (shapely.LineString([(0, 0), (1000, 0)]), shapely.Point(1000, 500)):
        met, _ = meet(at(grazing), box(0, 0, 1000, 1000))
        assert met.kind == "touch"
        assert met.distance_m == pytest.approx(0, abs=1e-6)
    into = at(shapely.LineString([(0, 0), (1000, 0), (1000, -50), (500, 500)]))
    assert meet(into, box(0, 0, 1000, 1000))[0].kind == "overlap"


def test_the_shortest_line_goes_to_the_nearest_point_and_a_line_site_alone_has_crossings() -> None:
    met, seen = meet(SITE, box(1250, 200, 2000, 800))
    nearest = seen.shortest_line(met)
    assert nearest is not None
    assert shapely.length(FRAME.to_metres(nearest)[0]) == pytest.approx(250, abs=0.01)
    assert seen.crossings(met) == ()
    assert seen.depth_m(met) == 0.0
    line, seen = meet(at(shapely.LineString([(-500, 100), (1500, 100)])), box(0, 0, 1000, 1000))
    places = sorted(FRAME.to_metres(shapely.points(seen.crossings(line))), key=shapely.get_x)
    assert [shapely.get_x(p) for p in places] == pytest.approx([0, 1000], abs=0.01)
    assert [shapely.get_y(p) for p in places] == pytest.approx([100, 100], abs=0.1)


def test_nothing_near_has_no_distance_no_line_and_no_depth() -> None:
    empty = layer("zone", [("z", box(0, 0, 10, 10), {})])
    bare = LayerView(
        type(empty)(empty.meta, empty.features, empty.pieces[:0], empty.piece_feature[:0], empty.edges[:0],
                    empty.edge_feature[:0], empty.coverage),
        view(SITE),
    )  # fmt: skip
    (met,) = bare.encounters
    assert (met.kind, met.distance_m, met.overlap, met.overlap_size, met.dimension) == ("disjoint", None, None, 0.0, 0)
    assert bare.shortest_line(met) is None
    assert bare.layer_dimension == 2


# --- depth -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("inner", "boundary", "depth"),
    [
        (shapely.Point(3, 4), shapely.Point(0, 0), 5),
        (shapely.LineString([(0, 0), (100, 0)]), shapely.LineString([(-10, 5), (110, 5)]), 5),
        (shapely.LineString([(0, 0), (0, 40)]), shapely.LineString([(-50, 0), (50, 0)]), 40),
        (shapely.box(0, 0, 100, 60), shapely.boundary(shapely.box(0, 0, 100, 60)), 30),
        (shapely.box(0, 0, 100, 60), shapely.LineString([(0, -1000), (0, 1000)]), 100),
        (shapely.box(40, 40, 60, 60), shapely.boundary(shapely.box(0, 0, 100, 100)), 50),
    ],
)
def test_depth_is_the_farthest_a_point_lies_from_the_boundary(
    inner: shapely.Geometry, boundary: shapely.Geometry, depth: float
) -> None:
    found = reach_into(inner, np.array([boundary], dtype=object))
    assert found == pytest.approx(depth, rel=0.012, abs=0.1)
    assert found <= depth + 1e-9


def test_of_very_many_boundaries_the_near_ones_are_enough() -> None:
    far = [shapely.Point(x, y) for x in range(1000, 1040) for y in range(1000, 1040)]
    near = shapely.LineString([(-100, 7), (200, 7)])
    assert reach_into(shapely.LineString([(0, 0), (100, 0)]), np.array([*far, near], dtype=object)) == pytest.approx(7)


# --- whether parts make up the whole -----------------------------------------------------------------------------------
def test_the_error_of_a_closure_is_relative_and_forgives_what_the_grid_bends() -> None:
    assert Closure(60.0, 40.0, 100.0).error == 0.0
    assert Closure(60.0, 30.0, 100.0).error == pytest.approx(0.1)
    assert Closure(70.0, 40.0, 100.0).error == pytest.approx(0.1)
    assert Closure(60.0, 30.0, 100.0, bend=4.0).error == pytest.approx(0.06)
    assert Closure(60.0, 30.0, 100.0, bend=40.0).error == 0.0
    assert Closure(0.0, 0.0, 0.0).error == 0.0


def test_units_close_when_they_share_their_lines_and_not_when_they_overlap() -> None:
    def closed(*shapes: shapely.Geometry) -> Closure:
        found = closure(LayerView(layer("u", [(str(n), s, {}) for n, s in enumerate(shapes)]), view(SITE)))
        assert found is not None
        return found

    halves = closed(box(-500, -500, 400, 1500), box(400, -500, 1500, 1500))
    assert (halves.parts, halves.site) == pytest.approx((1_000_000, 1_000_000), rel=1e-5)
    assert halves.error < 1e-6
    assert halves.outside == pytest.approx(0, abs=0.5)
    doubled = closed(box(-500, -500, 600, 1500), box(400, -500, 1500, 1500))
    assert doubled.error == pytest.approx(0.2, rel=1e-3)
    gap = closed(box(-500, -500, 400, 1500), box(600, -500, 1500, 1500))
    assert (gap.parts, gap.outside) == pytest.approx((800_000, 200_000), rel=1e-3)
    none = closed(box(5000, 0, 6000, 100))
    assert (none.parts, none.outside) == pytest.approx((0, 1_000_000), rel=1e-4)
    whole = closed(box(-500, -500, 1500, 1500))
    assert whole == Closure(whole.site, 0.0, whole.site)
    point = LayerView(layer("u", [("a", SITE, {})]), view(at(shapely.Point(5, 5))))
    assert closure(point) is None


def test_ground_without_coverage_is_measured_and_hairlines_do_not_count() -> None:
    def without(coverage: shapely.Geometry, need: shapely.Geometry = SITE) -> float:
        return uncovered(layer("z", coverage=coverage), need, int(shapely.get_dimensions(need)))

    assert without(box(-10, -10, 2000, 2000)) == 0.0
    assert without(box(-10, -10, 900, 2000)) == pytest.approx(100_000, rel=1e-3)
    assert without(box(-10, -10, 999.996, 2000)) == 0.0
    assert without(box(-10, -10, 999.97, 2000)) == pytest.approx(30, rel=0.02)
    assert without(shapely.Polygon()) == pytest.approx(1_000_000, rel=1e-4)
    assert without(box(5000, 0, 6000, 10)) == pytest.approx(1_000_000, rel=1e-4)
    assert uncovered(layer("z"), shapely.Polygon(), 2) == 0.0
    line = at(shapely.LineString([(0, 500), (1000, 500)]))
    assert without(box(-10, 0, 400, 1000), line) == pytest.approx(600, abs=0.05)
    assert without(box(-10, 0, 999.995, 1000), line) == 0.0
    assert without(box(-10, 0, 10, 10), at(shapely.Point(500, 500))) == 1.0


# --- the view ----------------------------------------------------------------------------------------------------------
def test_geometries_are_measured_by_their_own_dimension() -> None:
    line = at(shapely.LineString([(0, 0), (300, 400)]))
    points = at(shapely.MultiPoint([(0, 0), (1, 1), (2, 2)]))
    area = box(0, 0, 100, 50)
    assert measures([area, points, line, area]) == pytest.approx([5000, 3, 500, 5000], rel=1e-4)
    assert [measure(g, d) for g, d in ((area, 2), (line, 1), (points, 0))] == pytest.approx([5000, 500, 3], rel=1e-4)
    assert measures([]) == []


def test_what_a_line_runs_over_twice_counts_once() -> None:
    there = shapely.LineString([(110.98, 35.6), (110.99, 35.6)])
    there_and_back = shapely.LineString([(110.98, 35.6), (110.99, 35.6), (110.985, 35.6)])
    assert view(there_and_back).size == pytest.approx(view(there).size, rel=1e-9)
    assert view(there).size == pytest.approx(906, abs=1)


def test_only_the_parts_of_one_dimension_are_kept() -> None:
    mixed = shapely.GeometryCollection(
        [shapely.box(0, 0, 1, 1), shapely.LineString([(5, 5), (6, 6)]), shapely.Point(9, 9)]
    )
    for dimension, kind in ((2, "MultiPolygon"), (1, "MultiLineString"), (0, "MultiPoint")):
        kept = only_dimension(mixed, dimension)
        assert (kept.geom_type, len(kept.geoms)) == (kind, 1)
    assert only_dimension(shapely.box(0, 0, 1, 1), 1).is_empty
    assert only_dimension(shapely.box(0, 0, 1, 1), 2).geom_type == "Polygon"


def test_a_line_is_cut_into_stretches_that_join() -> None:
    line = shapely.LineString([(n, n % 2) for n in range(10)])
    cut = stretches_of(line, 4)
    assert [shapely.get_num_points(c) for c in cut] == [5, 5, 2]
    assert shapely.line_merge(shapely.union_all(cut)).equals(line)
    assert len(stretches_of(shapely.MultiPoint([(0, 0), (1, 1)]), 4)) == 2


def test_distances_of_a_winding_outline_are_those_of_the_outline_itself() -> None:
    turn = np.linspace(0, 2 * np.pi, 400)[:-1]
    wiggly = at(shapely.Polygon(np.column_stack([(800 + 40 * np.sin(9 * turn)) * f(turn) for f in (np.cos, np.sin)])))
    others = FRAME.to_metres(
        [box(2000, 0, 3000, 100), box(0, 0, 10, 10), at(shapely.Point(0, 1500)), box(700, 0, 2000, 50)]
    )
    seen = view(wiggly)
    assert distances(seen, others) == pytest.approx(shapely.distance(seen.metres, others), abs=1e-6)
    assert len(distances(seen, others[:0])) == 0


def test_pieces_are_cut_to_the_view_and_whole_ones_are_left_alone() -> None:
    pieces = np.array(
        [box(100, 100, 200, 200), box(900, 0, 1200, 1000), box(-500, -500, 2000, 2000), box(3000, 0, 4000, 1)]
    )
    near, cut = cut_by(view(SITE), pieces)
    assert list(near) == [0, 1, 2]
    assert cut[0] is pieces[0]
    assert measures(list(cut)) == pytest.approx([10_000, 100_000, 1_000_000], rel=1e-3)


def test_all_layers_measured_together_give_what_each_gives_alone() -> None:
    layers = [
        layer("a", [("1", box(900, 0, 2000, 1000), {}), ("2", box(100, 100, 300, 300), {})], cell=0.004),
        layer("none"),
        layer("b", [("3", at(shapely.LineString([(-100, 500), (1500, 500)])), {}), ("4", box(3000, 0, 3100, 9), {})]),
    ]
    on, site = evidence(*layers), view(SITE)
    sweep = Sweep(on, site)
    for name in ("a", "none", "b"):
        together, alone = sweep.seen(name, site), LayerView(on.layers[name], site)
        assert [(e.kind, e.overlap_size, e.distance_m) for e in together.encounters] == [
            (e.kind, e.overlap_size, e.distance_m) for e in alone.encounters
        ]
        other = view(box(0, 0, 500, 500))
        assert sweep.seen(name, other).measured is None
        assert together.measured is not None


# --- chainage ----------------------------------------------------------------------------------------------------------
def test_chainage_runs_on_each_leg_from_its_own_start() -> None:
    first = at(shapely.LineString([(0, 0), (3000, 0), (3000, 4000)]))
    second = at(shapely.LineString([(0, 100), (0, 600)]))
    route = Route([("1", None, first), ("2", 1, second)])
    assert [leg.length_m for leg in route.legs] == pytest.approx([7000, 500], abs=0.2)
    assert route.length_m == pytest.approx(7500, abs=0.2)
    assert list(route.lengths_m) == [leg.length_m for leg in route.legs]
    places = route.place(np.array([0, 0, 1, 1]), np.array([0.0, 5000.0, 0.0, 250.0]))
    metres = FRAME.to_metres(shapely.points(places))
    assert [shapely.get_x(p) for p in metres] == pytest.approx([0, 3000, 0, 0], abs=0.2)
    assert [shapely.get_y(p) for p in metres] == pytest.approx([0, 2000, 100, 350], abs=0.2)
    beyond = route.place(np.array([0, 1]), np.array([-5.0, 9999.0]))
    assert beyond[0] == pytest.approx(route.legs[0].start)
    assert beyond[1] == pytest.approx(route.legs[1].end)
    assert route.points(np.array([0]), np.array([0.0]))[0] == pytest.approx(route.legs[0].start)


# --- the table of who decides ------------------------------------------------------------------------------------------
def test_a_place_is_bound_by_its_county_city_province_and_the_yellow_river() -> None:
    everywhere = [
        rule(id=f"r-{code}", jurisdiction=code, where=where)
        for code, where in (
            ("140000", None), ("140800", None), ("140824", Where("river")), ("140825", None), ("yellow_river", None),
        )
    ]  # fmt: skip
    assert {s.id: {c.id for c in s.clauses} for s in clause_sets(everywhere)} == {
        "140000/anywhere": {"r-140000", "r-yellow_river"},
        "140800/anywhere": {"r-140000", "r-140800", "r-yellow_river"},
        "140824/anywhere": {"r-140000", "r-140800", "r-yellow_river"},
        "140824/river": {"r-140824"},
        "140825/anywhere": {"r-140000", "r-140800", "r-140825", "r-yellow_river"},
        "yellow_river/anywhere": {"r-yellow_river"},
    }


def test_the_worst_clause_decides_then_the_wider_text_then_the_first_id_and_silence_is_said() -> None:
    own = {"industries": ("coking",), "activities": ("new",), "when": None, "unless": None, "where": None}
    ban = rule(id="b-ban", effect="prohibit", **own)
    same = rule(id="a-ban", effect="prohibit", **own)
    wider = rule(id="c-ban", effect="prohibit", jurisdiction="140800", **own)
    duty = rule(id="a-duty", effect="require", bound_to="sector", **own)

    def decides(*clauses: object, silent: str | None = "none") -> dict[tuple[str, str], tuple[str | None, str]]:
        table = cells([ClauseSet("s", clauses, silent)])  # type: ignore[arg-type]
        return {(cell.group, cell.activity): (cell.decides, cell.outcome) for cell in table}

    assert decides(duty, ban)["coking", "new"] == ("b-ban", "prohibited")
    assert decides(ban, same)["coking", "new"] == ("a-ban", "prohibited")
    assert decides(ban, same, wider)["coking", "new"] == ("c-ban", "prohibited")
    assert decides(duty)["coking", "new"] == ("a-duty", "attention")
    assert decides(ban)["coking", "close"] == ("none", "clear")
    assert decides(ban, silent=None)["steel", "new"] == (None, "clear")


# --- parts -------------------------------------------------------------------------------------------------------------
def test_an_overlap_is_shared_out_by_parcel_and_county_and_shares_are_of_the_parcel() -> None:
    two = site(box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000))
    met, seen = meet(two.geometry, box(500, 0, 3000, 1000))
    halves = [("a", box(0, 0, 1500, 1000)), ("b", box(1500, 0, 3000, 1000))]
    parts = list(parts_of(met, two, seen.view.size, halves))  # type: ignore[arg-type]
    assert [(p.parcel, p.county) for p in parts] == [("1", "a"), ("2", "a"), ("2", "b")]
    assert [p.area_m2 for p in parts] == pytest.approx([500_000] * 3, rel=1e-3)
    assert [p.share for p in parts] == pytest.approx([0.5] * 3, rel=1e-3)
    one = site(box(0, 0, 1000, 1000))
    met, seen = meet(one.geometry, box(750, 0, 3000, 1000))
    (part,) = parts_of(met, one, seen.view.size, [("a", None)])
    assert part == Part("1", "a", met.overlap_size / seen.view.size, area_m2=met.overlap_size)


# --- the finding -------------------------------------------------------------------------------------------------------
def test_a_finding_gives_the_shares_of_site_and_feature_and_the_overlap_itself() -> None:
    on = world(redline=layer("redline", [("RL-1", box(900, -1000, 2900, 2000), {})]))
    found = next(
        f
        for f in run(site(box(0, 0, 1000, 1000)), project(land_take="permanent"), on).findings
        if f.feature is not None and f.feature.code == "RL-1"
    )
    assert found.share_of_site == pytest.approx(0.1, rel=1e-3)
    assert found.share_of_feature == pytest.approx(100_000 / 6_000_000, rel=1e-3)
    assert found.geometry is not None
    assert measure(found.geometry, 2) == pytest.approx(100_000, rel=1e-3)
    assert found.distance_m == 0.0


def test_what_meets_the_site_is_listed_with_its_share_to_one_part_in_a_million() -> None:
    on = world(
        redline=layer("redline", [("RL-1", box(666.6666, -1000, 2900, 2000), {}), ("RL-2", box(3000, 0, 4000, 9), {})])
    )
    (row,) = run(site(box(0, 0, 1000, 1000)), project(), on).touching["redline"]
    assert row["code"] == "RL-1"
    assert row["share_of_site"] == pytest.approx(1 / 3, abs=2e-6)
    assert row["share_of_site"] == round(row["share_of_site"], 6)
    assert row["overlap_m2"] == pytest.approx(333_333, abs=5)


def test_a_unit_that_is_perhaps_entered_says_so() -> None:
    rough = layer("control_unit", [("ZH14082439001", box(1010, -900, 9000, 900), {"class_": "3"})], accuracy_m=50.0)
    (unit,) = document(run(site(box(0, 0, 1000, 1000)), project(), world(control_unit=rough)))["clauses"]
    assert (unit["certainty"], unit["share_of_site"]) == ("uncertain", None)
