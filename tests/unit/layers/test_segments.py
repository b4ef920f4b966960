"""Lines are cut at their own vertices only: no point invented, none lost, none longer than asked."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from layers.segments import edges, short_lines


@given(st.lists(st.integers(2, 200), min_size=1, max_size=6), st.integers(2, 40))
def test_short_lines_put_together_are_the_lines(counts, vertices):
    lines = [shapely.LineString([(i, (i * 7) % 5 + 10 * j) for i in range(n)]) for j, n in enumerate(counts)]
    parts, owner = short_lines(lines, vertices)
    assert shapely.get_num_coordinates(parts).max() <= vertices
    assert np.all(np.diff(owner) >= 0)
    for i, line in enumerate(lines):
        mine = parts[owner == i]
        joined = [tuple(xy) for xy in shapely.get_coordinates(mine[0])]
        for part in mine[1:]:
            coordinates = [tuple(xy) for xy in shapely.get_coordinates(part)]
            assert coordinates[0] == joined[-1]
            joined += coordinates[1:]
        assert joined == [tuple(xy) for xy in shapely.get_coordinates(line)]


def test_edges_of_a_polygon_are_all_its_rings():
    holed = shapely.Polygon(shapely.Point(0, 0).buffer(2).exterior, [shapely.Point(0, 0).buffer(1).exterior])
    parts, owner = edges([shapely.MultiPolygon([shapely.box(9, 9, 10, 10)]), holed], 8)
    assert shapely.length(parts[owner == 0]).sum() == pytest.approx(4)
    assert shapely.length(parts[owner == 1]).sum() == pytest.approx(shapely.length(holed))
    assert shapely.get_num_coordinates(parts).max() <= 8


def test_edges_of_points_are_the_points_and_of_nothing_nothing():
    parts, owner = edges([shapely.MultiPoint([(0, 0), (1, 1)]), shapely.MultiPoint([(2, 2)])])
    assert [p.wkt for p in parts] == ["POINT (0 0)", "POINT (1 1)", "POINT (2 2)"]
    assert owner.tolist() == [0, 0, 1]
    for empty in (edges([]), short_lines([], 5)):
        assert [len(part) for part in empty] == [0, 0]


def test_mixed_dimensions_are_refused():
    with pytest.raises(ValueError, match="different dimensions"):
        edges([shapely.Point(0, 0), shapely.box(0, 0, 1, 1)])
