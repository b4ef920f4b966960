"""How a position stands to a layer: inside, outside or too near to tell, and when nothing can be told at all."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.zoning.scenes import at, box, evidence, layer
from zoning.bilingual import Bilingual
from zoning.here import DIRECTIONS, Position, Standing, direction, names_of, stands

DAY = dt.date(2026, 11, 28)
SQUARE = shapely.box(-1000, -1000, 1000, 1000)


def position(x: float, y: float, accuracy_m: float = 0.0) -> Position:
    point = at(shapely.Point(x, y))
    return Position(float(point.x), float(point.y), accuracy_m)


def seen(
    x: float, y: float, *, accuracy_m: float = 0.0, day: dt.date = DAY, facts: Any = None, **meta: Any
) -> Standing:
    held = layer("redline", [("RL", at(SQUARE), facts or {})], cell=0.004, **meta)
    return stands(position(x, y, accuracy_m), "redline", evidence(held), day)


@pytest.mark.parametrize(
    ("x", "y", "way"), [(0, 900, "north"), (900, 0, "east"), (0, -900, "south"), (-900, 0, "west")]
)
def test_inside_the_nearest_edge_is_named_with_its_direction(x: float, y: float, way: str) -> None:
    found = seen(x, y)
    assert found.state == "inside"
    assert [f.code for f in found.features] == ["RL"]
    assert found.nearest is not None
    assert found.nearest.distance_m == pytest.approx(100, abs=0.1)
    assert found.nearest.direction.en == way
    assert found.nearest.complete


@given(st.floats(0, 359.99), st.floats(1600, 6000))
def test_outside_the_distance_and_direction_are_those_of_the_nearest_line(bearing: float, away: float) -> None:
    x, y = away * math.sin(math.radians(bearing)), away * math.cos(math.radians(bearing))
    found = seen(x, y)
    line = shapely.shortest_line(shapely.Point(x, y), SQUARE)
    (x0, y0), (x1, y1) = line.coords
    assert (found.state, found.features) == ("outside", ())
    assert found.nearest is not None
    assert found.nearest.distance_m == pytest.approx(line.length, abs=0.2)
    off = found.nearest.bearing_deg - math.degrees(math.atan2(x1 - x0, y1 - y0))
    assert abs((off + 180) % 360 - 180) < 0.2


@pytest.mark.parametrize(("x", "state"), [(980, "unclear"), (1020, "unclear"), (960, "inside"), (1040, "outside")])
def test_within_the_accuracies_together_nothing_is_sure(x: float, state: str) -> None:
    found = seen(x, 0, accuracy_m=10, facts={"accuracy_m": 15.0}, stands_for_bound_m=5.0)
    assert found.state == state
    assert bool(found.features) == (state != "outside")


def test_deep_inside_one_area_it_does_not_matter_that_another_begins_here() -> None:
    shapes = [("A", at(SQUARE), {}), ("B", box(0, -1000, 2000, 1000), {})]
    found = stands(position(1, 0, 5.0), "redline", evidence(layer("redline", shapes)), DAY)
    assert found.state == "inside"
    assert {f.code for f in found.features} == {"A", "B"}


def test_cut_lines_of_pieces_are_no_edges() -> None:
    shapes = [("A", at(SQUARE), {})]
    for cell in (None, 0.001, 0.0037):
        found = stands(position(3, 7, 50.0), "redline", evidence(layer("redline", shapes, cell=cell)), DAY)
        assert found.state == "inside"
        assert found.nearest is not None
        assert found.nearest.distance_m == pytest.approx(993, abs=0.1)


def test_without_coverage_nothing_is_said() -> None:
    assert seen(0, 0, coverage=shapely.Polygon()) == Standing("no_coverage")
    assert seen(0, 0, coverage=box(5000, 5000, 6000, 6000)).state == "no_coverage"
    half = seen(3000, 0, coverage=box(2900, -9000, 9000, 9000))
    assert half.state == "outside"
    assert half.nearest is not None
    assert not half.nearest.complete


def test_what_is_illustrative_is_not_told() -> None:
    assert seen(0, 0, legal_status="illustrative") == Standing("demonstration")
    assert seen(0, 0, facts={"legal_status": "illustrative"}) == Standing("demonstration")
    assert seen(5000, 0, facts={"legal_status": "illustrative"}) == Standing("demonstration")


@pytest.mark.parametrize(
    ("meta", "why"),
    [
        ({"review_by": dt.date(2020, 1, 1)}, "图层已过复核期限"),
        ({"feature_count": 0}, "图层无要素"),
        ({"valid_days": ((dt.date(2030, 1, 1), None),)}, "图层没有当日有效的要素"),
    ],
)
def test_a_layer_that_is_not_searched_says_why(meta: dict[str, Any], why: str) -> None:
    found = seen(0, 0, **meta)
    assert found.state == "not_searched"
    assert found.why is not None
    assert found.why.zh == why


def test_a_layer_that_is_not_held_says_so() -> None:
    found = stands(position(0, 0), "redline", evidence(), DAY)
    assert found == Standing("not_searched", why=Bilingual("未持有该图层", "the layer is not held"))


@pytest.mark.parametrize(
    ("day", "state"),
    [("2019-12-31", "outside"), ("2020-01-01", "inside"), ("2025-06-30", "inside"), ("2025-07-01", "outside")],
)
def test_only_features_valid_on_the_day_count(day: str, state: str) -> None:
    facts = {"valid_from": dt.date(2020, 1, 1), "valid_to": dt.date(2025, 6, 30)}
    found = seen(0, 0, day=dt.date.fromisoformat(day), facts=facts)
    assert found.state == state
    assert (found.nearest is None) == (state == "outside")


def test_an_empty_window_of_a_held_layer_is_outside_without_a_nearest_line() -> None:
    found = stands(position(0, 0), "redline", evidence(layer("redline", feature_count=7)), DAY)
    assert found == Standing("outside")


def test_directions_are_eight_and_turn_clockwise() -> None:
    assert [direction(45.0 * n) for n in range(8)] == list(DIRECTIONS)
    assert direction(359.9) == direction(22.4) == DIRECTIONS[0]
    assert direction(22.6) == DIRECTIONS[1]


def test_names_are_given_in_both_languages_where_there_are_both() -> None:
    shapes = [("A", at(SQUARE), {"name": "甲", "properties": {"name_en": "First"}}), ("B", at(SQUARE), {"name": "乙"})]
    features = layer("redline", shapes).features
    assert names_of(features) == Bilingual("甲、乙", "First, 乙")
