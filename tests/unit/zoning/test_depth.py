"""How deep a shape reaches beyond a boundary, against depths that are known by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely

from zoning.depth import _within_reach, reach_into


def lines(*geometries: shapely.Geometry) -> np.ndarray:  # type: ignore[type-arg]
    return np.array(geometries, dtype=object)


EDGE = lines(shapely.LineString([(0, -5000), (0, 5000)]))


def short(step: float = 100.0, x: float = 0.0) -> np.ndarray:  # type: ignore[type-arg]
    """The same edge in many short parts, as a store keeps it."""
    ys = np.arange(-5000, 5000, step)
    return lines(*(shapely.LineString([(x, y), (x, y + step)]) for y in ys))


@pytest.mark.parametrize("edge", [EDGE, short()], ids=["one edge", "many short ones"])
@pytest.mark.parametrize(
    ("inner", "depth"),
    [
        (shapely.Point(30, 40), 30),
        (shapely.MultiPoint([(30, 40), (70, -90)]), 70),
        (shapely.LineString([(0, 0), (50, 10), (20, 20)]), 50),
        (shapely.box(0, 0, 100, 100), 100),
        (shapely.box(-40, 0, 100, 100), 100),
        (shapely.box(0, 0, 3, 700), 3),
        (shapely.MultiPolygon([shapely.box(0, 0, 10, 10), shapely.box(0, 500, 250, 510)]), 250),
    ],
)
def test_beside_a_straight_edge_the_depth_is_the_furthest_corner(
    edge: np.ndarray, inner: shapely.Geometry, depth: float  # type: ignore[type-arg]
) -> None:  # fmt: skip
    assert reach_into(inner, edge) == pytest.approx(depth, rel=1e-6)


@pytest.mark.parametrize(
    ("outline", "depth"),
    [
        (shapely.box(0, 0, 1000, 1000), 500),
        (shapely.box(0, 0, 4000, 600), 300),
        (shapely.box(0, 0, 300, 5000), 150),
        (shapely.box(-7000, 2000, -6000, 9000), 500),
        (shapely.Point(0, 0).buffer(800, 64), 800),
        (shapely.Polygon([(0, 0), (3000, 0), (0, 4000)]), 1000),
        (shapely.box(0, 0, 20, 20), 10),
    ],
    ids=["square", "wide", "high", "elsewhere", "disc", "triangle with an inscribed circle", "small"],
)
def test_inside_its_own_outline_the_deepest_place_is_found_and_never_deeper(
    outline: shapely.Geometry, depth: float
) -> None:
    found = reach_into(outline, lines(shapely.boundary(outline)))
    assert depth - max(0.1, 0.0101 * depth) <= found <= depth + 1e-6


@pytest.mark.parametrize("x", [310.0, 705.0, 1297.0, 1611.0])
@pytest.mark.parametrize("y", [287.0, 913.0, 1703.0])
def test_a_wide_place_on_a_thin_frame_is_found_wherever_it_lies(x: float, y: float) -> None:
    frame = shapely.box(0, 0, 2000, 2000).difference(shapely.box(4, 4, 1996, 1996))
    outline = frame.union(shapely.box(x - 2, 0, x + 2, y)).union(shapely.Point(x, y).buffer(100, 64))
    assert reach_into(outline, lines(*shapely.get_parts(shapely.boundary(outline)))) == pytest.approx(100, rel=0.0105)


def test_the_deepest_place_lies_inside_and_not_in_a_hole_or_between_two_parts() -> None:
    # A frame 100 m wide around a yard of 800 m: nowhere on it is further than 50 m from its outline, save at the corners.
    frame = shapely.box(0, 0, 1000, 1000).difference(shapely.box(100, 100, 900, 900))
    corner = 200 * (1 - 1 / math.sqrt(2))
    found = reach_into(frame, lines(*shapely.get_parts(shapely.boundary(frame))))
    assert 50 <= found <= corner + 1e-6
    assert found == pytest.approx(corner, rel=0.02)
    two = shapely.MultiPolygon([shapely.box(0, 0, 100, 1000), shapely.box(900, 0, 1000, 1000)])
    assert reach_into(two, lines(*shapely.boundary(shapely.get_parts(two)))) == pytest.approx(50, rel=0.011)


def test_a_place_between_the_corners_counts_on_a_line() -> None:
    # A line from one wall to the other: deepest half way, where it has no vertex.
    walls = lines(shapely.LineString([(0, -9), (0, 9)]), shapely.LineString([(1000, -9), (1000, 9)]))
    assert reach_into(shapely.LineString([(0, 0), (1000, 0)]), walls) == pytest.approx(500, abs=2)
    assert reach_into(shapely.LineString([(0, 0), (10, 0)]), lines(shapely.Point(0, 0), shapely.Point(10, 0))) == 5


def test_a_long_thin_winding_outline_has_a_depth_in_bounded_work() -> None:
    xs = np.linspace(0, 700, 110)
    river = shapely.LineString(np.column_stack([xs, 100 * np.sin(xs / 60)])).buffer(4)
    found = reach_into(river, lines(*shapely.get_parts(shapely.boundary(river))))
    assert 0 < found <= 4.1


@pytest.mark.parametrize("x", [-300.0, 0.0, 40.0, 800.0])
def test_leaving_out_far_parts_of_a_boundary_changes_no_depth(x: float) -> None:
    inner = shapely.Polygon([(0, 0), (60, 10), (90, 80), (20, 50)])
    edge = np.concatenate([short(50, x), short(50, x + 3000)])
    whole = reach_into(inner, lines(shapely.union_all(edge)))
    assert reach_into(inner, edge) == pytest.approx(whole, rel=0.011)
    near = _within_reach(inner, edge)
    assert 0 < len(near) < len(edge) / 2
    spots = shapely.points(shapely.get_coordinates(shapely.segmentize(inner, 1)))
    kept, all_ = shapely.geometrycollections(near), shapely.geometrycollections(edge)
    assert shapely.distance(spots, kept) == pytest.approx(shapely.distance(spots, all_), abs=1e-9)


def test_the_part_nearest_to_only_one_far_corner_is_kept() -> None:
    # All but the last corner lie by the left wall; the right wall is nearest to the last alone.
    inner = shapely.LineString([(i, 0) for i in range(12)] + [(400, 0)])
    parts = [shapely.LineString([(-5, y), (-5, y + 1)]) for y in range(-6, 6)]
    far = shapely.LineString([(403, -1), (403, 1)])
    assert far in list(_within_reach(inner, lines(*parts, far)))
    assert reach_into(inner, lines(*parts, far)) == pytest.approx(204, abs=1)
