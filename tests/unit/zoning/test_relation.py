"""Touch, overlap, inside, contains and distance are different facts, and cut lines of pieces are not boundaries."""

from __future__ import annotations

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.zoning.scenes import FRAME, at, box, layer
from zoning.measure import ellipsoidal_area
from zoning.relation import Encounter, LayerView
from zoning.view import View


def meet(site: shapely.Geometry, zone: shapely.Geometry, cell: float | None = None) -> tuple[Encounter, LayerView]:
    seen = LayerView(layer("zone", [("z", zone, {})], cell=cell), View(site, int(shapely.get_dimensions(site)), FRAME))
    return seen.encounters[0], seen


SITE = box(0, 0, 1000, 1000)


@pytest.mark.parametrize(
    ("zone", "kind", "area", "distance"),
    [
        (box(-500, -500, 2000, 2000), "inside", 1_000_000, 0),
        (box(200, 200, 300, 400), "contains", 20_000, 0),
        (box(900, 0, 2000, 1000), "overlap", 100_000, 0),
        (box(1000, 0, 2000, 1000), "touch", 0, 0),
        (box(1000, 1000, 2000, 2000), "touch", 0, 0),
        (box(1250, 0, 2000, 1000), "disjoint", 0, 250),
        (box(999.9995, 0, 2000, 1000), "sliver", 0.5, 0),
        (box(999.92, 0, 2000, 10), "sliver", 0.8, 0),
        (box(999.88, 0, 2000, 1), "overlap", 0.12, 0),
        (box(999.92, 0, 2000, 20), "overlap", 1.6, 0),
        (box(990, 0, 2000, 1), "overlap", 10, 0),
    ],
)
def test_each_relation(zone: shapely.Geometry, kind: str, area: float, distance: float) -> None:
    encounter, _ = meet(SITE, zone)
    assert encounter.kind == kind
    assert encounter.overlap_size == pytest.approx(area, rel=1e-4, abs=0.05)
    assert encounter.distance_m == pytest.approx(distance, abs=0.01)


@given(st.integers(2, 9), st.floats(-900, 900), st.floats(-900, 900))
@settings(max_examples=25, deadline=None)
def test_cutting_a_feature_into_pieces_changes_nothing(cuts: int, dx: float, dy: float) -> None:
    zone = at(shapely.affinity.rotate(shapely.box(dx, dy, dx + 1500, dy + 1200), 20))
    whole, whole_view = meet(SITE, zone)
    cut, cut_view = meet(SITE, zone, cell=0.02 / cuts)
    assert cut.kind == whole.kind
    # A cut puts a new corner on the grid: it may bend an edge by a tenth of a millimetre along at most a kilometre here.
    assert cut.overlap_size == pytest.approx(whole.overlap_size, rel=1e-6, abs=0.1)
    assert cut.distance_m == pytest.approx(whole.distance_m, abs=1e-6)
    if whole.hit:
        assert cut_view.depth_m(cut) == pytest.approx(whole_view.depth_m(whole), rel=0.005, abs=0.02)


def test_a_site_deep_inside_a_cut_feature_is_inside_with_its_true_depth() -> None:
    encounter, view = meet(box(0, 0, 100, 100), box(-2000, -2000, 2000, 2000), cell=0.0005)
    assert encounter.kind == "inside"
    assert view.depth_m(encounter) == pytest.approx(2000, abs=1)


def test_ten_small_parts_of_one_feature_count_together() -> None:
    strips = shapely.union_all([shapely.box(i * 100, -10, i * 100 + 0.9, 1) for i in range(10)])
    encounter, _ = meet(SITE, at(strips))
    assert encounter.kind == "overlap"
    assert encounter.overlap_size == pytest.approx(9, abs=0.15)


def test_a_line_site_is_measured_in_metres_and_its_crossings_are_told() -> None:
    line = at(shapely.LineString([(-1000, 50), (3000, 50)]))
    encounter, view = meet(line, box(0, 0, 1000, 1000), cell=0.003)
    assert encounter.kind == "overlap"
    assert encounter.overlap_size == pytest.approx(1000, abs=0.01)
    assert len(view.crossings(encounter)) == 2


def test_a_line_along_a_cut_line_is_not_counted_twice() -> None:
    zone = box(0, 0, 1000, 1000)
    west, south, _, _ = shapely.bounds(zone)
    line = shapely.LineString([(west + 0.004, south + 0.001), (west + 0.004, south + 0.003)])
    encounter, view = meet(line, zone, cell=0.004)
    assert encounter.overlap_size == pytest.approx(view.view.size, rel=1e-9)


def test_a_line_site_crossing_a_river_line_is_a_hit_without_length() -> None:
    road = at(shapely.LineString([(0, -500), (0, 500)]))
    encounter, view = meet(road, at(shapely.LineString([(-3000, 0), (3000, 0)])))
    assert encounter.hit
    assert len(view.crossings(encounter)) == 1


@pytest.mark.parametrize(("x", "kind"), [(500, "inside"), (1000, "touch"), (1100, "disjoint")])
def test_a_point_site(x: float, kind: str) -> None:
    encounter, _ = meet(at(shapely.Point(x, 500)), box(0, 0, 1000, 1000))
    assert encounter.kind == kind


def test_a_hole_is_outside() -> None:
    ring = at(shapely.difference(shapely.box(-3000, -3000, 3000, 3000), shapely.box(-500, -500, 1500, 1500)))
    encounter, _ = meet(SITE, ring)
    assert encounter.kind == "disjoint"
    assert encounter.distance_m == pytest.approx(500, abs=0.05)


def test_an_overlap_is_measured_on_the_ellipsoid() -> None:
    encounter, _ = meet(SITE, box(900, 0, 2000, 1000))
    assert encounter.overlap is not None
    assert encounter.overlap_size == ellipsoidal_area([encounter.overlap])[0]
