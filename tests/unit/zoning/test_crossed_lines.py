"""Whether a line feature is crossed or only touched, told from a short chord, also where meetings are close together."""

from __future__ import annotations

from typing import Any

import pytest
import shapely

from tests.unit.zoning.scenes import LAT, LON, layer
from zoning.canonical import GRID
from zoning.chainage import Route
from zoning.walk import Crossing, walk

Line = shapely.LineString


def at(line: shapely.Geometry) -> shapely.Geometry:
    """Metres as degrees by one plain factor each way, so that what is straight or shared in the one is so in the other."""
    moved = shapely.transform(line, lambda xy: xy / (90_627.0, 110_950.0) + (LON, LAT))
    return shapely.set_precision(moved, GRID)


def met(road: list[Any], *lines: list[Any], index: int = 0) -> list[tuple[str, float]]:
    """How and where a road meets a line feature, m."""
    rivers = layer("river", [(f"R{n}", at(Line(xy)), {}) for n, xy in enumerate(lines)])
    route = Route([("1", None, at(Line(road)))])
    return [(c.way, round(c.at_m, 1)) for c in walk(route, rivers).crossings.get(index, ())]


STRAIGHT = [(0, 0), (1000, 0)]


@pytest.mark.parametrize(
    "river",
    [
        [(300, -50), (300, 50)],
        [(250, -50), (350, 50)],
        [(280, -50), (300, 0), (320, -50)],
        [(280, -50), (300, 0), (320, 50)],
    ],
)
def test_a_straight_road_crosses_a_river_that_reaches_it(river: list[Any]) -> None:
    ((way, where),) = met(STRAIGHT, river)
    assert (way, where) == ("crosses", pytest.approx(300, abs=0.1))


@pytest.mark.parametrize(
    ("road", "way"),
    [
        ([(0, 100), (300, 0), (600, 100)], "touches"),
        ([(0, -100), (300, 0), (600, -100)], "touches"),
        ([(0, 100), (300, 0), (600, -100)], "crosses"),
        ([(0, 100), (300, 0), (300.4, 0.2), (600, 100)], "touches"),
        ([(0, 100), (300, 0), (300.4, -0.2), (600, -100)], "crosses"),
    ],
)
def test_a_bent_road_that_turns_back_at_a_river_only_touches_it(road: list[Any], way: str) -> None:
    ways = met(road, [(-500, 0), (1500, 0)])
    assert [w for w, _ in ways] == [way]
    assert ways[0][1] == pytest.approx(316.2, abs=0.2)


@pytest.mark.parametrize("apart", [0.2, 0.8, 1.5, 3.0, 40.0])
def test_a_touch_close_before_or_after_a_crossing_stays_a_touch(apart: float) -> None:
    # The road comes down to the river, turns at it, and only then, a little further on, really crosses.
    river = [(-500, 0), (500, 0)]
    road = [(-100, 100), (0, 0), (apart, apart), (2 * apart + 1e-3, 0), (2 * apart + 100, -100)]
    assert [w for w, _ in met(road, river)] == ["touches", "crosses"]
    assert [w for w, _ in met(road[::-1], river)] == ["crosses", "touches"]


def test_where_the_road_begins_or_ends_on_the_river_it_neither_crosses_nor_touches() -> None:
    assert met(STRAIGHT, [(0, -50), (0, 50)]) == [("ends", 0.0)]
    ((way, where),) = met(STRAIGHT, [(1000, -50), (1000, 50)])
    assert (way, where) == ("ends", pytest.approx(1000, abs=0.5))


@pytest.mark.parametrize("from_end", [0.3, 0.9, 5.0])
def test_a_crossing_close_to_either_end_of_the_road_is_one(from_end: float) -> None:
    assert [w for w, _ in met(STRAIGHT, [(from_end, -50), (from_end, 50)])] == ["crosses"]
    assert [w for w, _ in met(STRAIGHT, [(1000 - from_end, -50), (1000 - from_end, 50)])] == ["crosses"]


def test_each_line_is_judged_by_itself() -> None:
    road = [(0, 100), (300, 0), (600, 100)]
    along, across = [(-500, 0), (1500, 0)], [(300, -50), (300, 50)]
    assert [w for w, _ in met(road, along, across)] == ["touches"]
    assert [w for w, _ in met(road, along, across, index=1)] == ["crosses"]


def test_a_meeting_at_the_start_of_one_leg_does_not_shorten_the_chord_of_another() -> None:
    first, second = at(Line([(0, 0), (1000, 0)])), at(Line([(0, 500), (1000, 500)]))
    rivers = layer(
        "river", [("R", at(Line([(400, -50), (400, 600)])), {}), ("S", at(Line([(999.2, -50), (999.2, 50)])), {})]
    )
    found = walk(Route([("1", None, first), ("2", None, second)]), rivers).crossings

    def told(one: Crossing) -> tuple[int, str, float]:
        return one.leg, one.way, round(one.at_m, -1)

    assert [told(c) for c in found[0]] == [(0, "crosses", 400), (1, "crosses", 400)]
    assert [told(c) for c in found[1]] == [(0, "crosses", 1000)]
    assert all(c.angle_deg == pytest.approx(90, abs=0.1) for c in found[0])
