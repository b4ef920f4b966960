"""How much of the ground that a rule looks at has no coverage: the site, grown by a distance, in its jurisdiction."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely

from tests.unit.zoning.scenes import FRAME, at, box, evidence, layer
from zoning.evidence import LayerWindow
from zoning.ground import Ground
from zoning.jurisdiction import Clip, Jurisdictions
from zoning.relation import LayerView
from zoning.view import View

SITE = box(0, 0, 1000, 1000)
WIDE = box(-12_000, -12_000, 12_000, 12_000)


def view_of(geometry: shapely.Geometry) -> View:
    return View(geometry, int(shapely.get_dimensions(geometry)), FRAME)


def covered(area: shapely.Geometry, id: str = "zone") -> LayerWindow:
    return layer(id, coverage=area)


def bare(
    area: shapely.Geometry, grown_m: float, where: shapely.Geometry = SITE, county: LayerWindow | None = None
) -> float:
    """What of a site, grown, lies outside a coverage, in square metres, metres or points."""
    view, zone = view_of(where), covered(area)
    on = evidence(zone, *([county] if county else []))
    drawn = Jurisdictions(county, LayerView(county, view), on.window, 0.0) if county else None
    clip = drawn.clip("140824") if drawn else Clip(view, view, view, frozenset())
    return Ground(on, view, drawn).uncovered(zone, grown_m, clip)


@pytest.mark.parametrize(
    ("where", "missing"),
    [(SITE, 100_000), (at(shapely.LineString([(0, 500), (1000, 500)])), 100), (at(shapely.Point(950, 500)), 1)],
    ids=["square metres", "metres", "points"],
)
def test_without_a_distance_the_site_itself_has_to_be_covered(where: shapely.Geometry, missing: float) -> None:
    assert bare(box(-9000, -9000, 900, 9000), 0, where) == pytest.approx(missing, rel=1e-3)
    assert bare(WIDE, 0, where) == 0


@pytest.mark.parametrize(
    ("edge", "missing"),
    [(1501, 0), (1500.005, 0), (1400, None), (1000, 1000 * 500 + math.pi * 500**2 / 2)],
)
def test_with_a_distance_the_ground_around_has_to_be_covered_to_just_that_distance(
    edge: float, missing: float | None
) -> None:
    found = bare(box(-9000, -9000, edge, 9000), 500)
    if missing is None:
        half = math.acos(400 / 500)
        missing = 1000 * 100 + 500**2 * (half - math.sin(half) * math.cos(half))
    assert found == pytest.approx(missing, rel=0.02, abs=0.5)


@pytest.mark.parametrize("grown", [100.0, 499.0])
def test_ground_without_coverage_beyond_the_distance_does_not_matter(grown: float) -> None:
    hole = shapely.difference(WIDE, box(1500, 300, 1600, 700))
    assert bare(hole, grown) == 0
    assert bare(hole, grown + 50) == (0 if grown < 400 else pytest.approx(400 * 49, rel=0.05))


def test_a_layer_without_any_coverage_covers_nothing() -> None:
    assert bare(shapely.Polygon(), 0) == pytest.approx(1_000_000, rel=1e-4)
    around = 1_000_000 + 4 * 1000 * 200 + math.pi * 200**2
    assert bare(shapely.Polygon(), 200) == pytest.approx(around, rel=0.01)


def test_what_only_the_hull_of_a_bent_line_holds_need_not_be_covered() -> None:
    bent = at(shapely.LineString([(0, 0), (4000, 0), (4000, 4000)]))
    hole = shapely.difference(WIDE, box(2000, 1000, 2500, 1500))
    assert bare(hole, 200, bent) == 0
    near = shapely.difference(WIDE, box(1000, 150, 1500, 500))
    assert bare(near, 200, bent) == pytest.approx(500 * 50, rel=0.02)


def test_a_point_is_grown_to_a_disc() -> None:
    half = bare(box(-9000, -9000, 0, 9000), 300, at(shapely.Point(0, 0)))
    assert half == pytest.approx(math.pi * 300**2 / 2, rel=0.01)


def test_a_long_winding_outline_is_grown_only_where_coverage_ends() -> None:
    xs = np.linspace(0, 3000, 700)
    winding = at(shapely.LineString(np.column_stack([xs, 40 * np.sin(xs / 30)])))
    # Coverage ends at its far end: half a disc is bare, and the rest of the line is not even looked at.
    assert bare(box(-9000, -9000, 3000, 9000), 100, winding) == pytest.approx(math.pi * 100**2 / 2, rel=0.05)


def counties(line: float, accuracy_m: float = 0.0) -> LayerWindow:
    return layer(
        "county",
        [("140824", box(-9000, -9000, line, 9000), {}), ("140825", box(line, -9000, 9000, 9000), {})],
        accuracy_m=accuracy_m,
    )


def strip(near: float, far: float, radius: float) -> float:
    """The area between two distances east of the site, of the site grown by a radius."""

    def segment(d: float) -> float:
        return d * math.sqrt(radius**2 - d**2) + radius**2 * math.asin(d / radius)

    return 1000 * (far - near) + segment(far) - segment(near)


@pytest.mark.parametrize(
    ("line", "accuracy", "far"),
    [(1100, 0, 200), (1300, 0, 300), (1100, 50, 200), (1100, 110, 210), (1100, 200, 300), (950, 300, 250)],
)
def test_ground_of_another_county_need_not_be_covered_beyond_the_accuracy_of_the_line(
    line: float, accuracy: float, far: float
) -> None:
    found = bare(box(-9000, -9000, 1200, 9000), 400, county=counties(line, accuracy))
    assert found == pytest.approx(strip(200, far, 400), rel=0.02, abs=1)


def test_what_was_measured_is_kept_for_each_layer_distance_and_clip() -> None:
    view = view_of(SITE)
    half, whole = covered(box(-9000, -9000, 900, 9000), "half"), covered(WIDE, "whole")
    ground = Ground(evidence(half, whole), view, None)
    one, other = (Clip(v, v, v, frozenset()) for v in (view, view_of(box(0, 0, 950, 1000))))
    assert ground.uncovered(half, 0, one) == pytest.approx(100_000, rel=1e-3)
    assert ground.uncovered(half, 0, other) == pytest.approx(50_000, rel=1e-3)
    assert ground.uncovered(half, 300, one) > 300_000
    assert ground.uncovered(whole, 300, one) == 0
    assert ground.uncovered(half, 0, one) == pytest.approx(100_000, rel=1e-3)


def test_ground_that_is_only_possibly_in_the_jurisdiction_has_to_be_covered_too() -> None:
    view = view_of(SITE)
    zone = covered(box(-9000, -9000, 400, 9000))
    possible, drawn = view_of(box(0, 0, 600, 1000)), view_of(box(0, 0, 400, 1000))
    ground = Ground(evidence(zone), view, None)
    assert ground.uncovered(zone, 0, Clip(drawn, drawn, possible, frozenset())) == pytest.approx(200_000, rel=1e-3)
    assert ground.uncovered(zone, 0, Clip(None, None, None, frozenset())) == pytest.approx(600_000, rel=1e-3)
