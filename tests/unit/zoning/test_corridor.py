"""A corridor is the ground within its half-width: as wide at the end of a 400 km line as in its middle, whole or in parts."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from zoning.canonical import canonical_geometry
from zoning.corridor import BAND_DEG, widened
from zoning.frame import LocalFrame
from zoning.identity import Question, identity
from zoning.measure import ellipsoidal_area, ellipsoidal_length
from zoning.project import Project
from zoning.site import RawPart, read_site
from zoning.sitedoc import site_dict, site_of

LINES = {
    "42 km": [(111.0, 35.6), (111.1, 35.65), (111.3, 35.6), (111.45, 35.65)],
    "395 km west-east": [(110.3, 36.0), (114.5, 36.05)],
    "420 km across": [(110.4, 35.0), (112.0, 36.0), (114.4, 37.5)],
    "420 km south-north": [(112.0, 35.0), (112.3, 37.0), (112.2, 38.8)],
}


def widths(area: shapely.Geometry, line: shapely.Geometry) -> np.ndarray:
    """Distances on the ground from points of a corridor's outline to its axis, each in a frame at that very point, m."""
    axis = shapely.get_coordinates(shapely.segmentize(line, 0.0005))
    tree = shapely.STRtree(shapely.linestrings(np.stack([axis[:-1], axis[1:]], axis=1)))
    outline = shapely.get_exterior_ring(shapely.get_parts(area))
    shares = np.random.default_rng(7).uniform(0, 1, 300)
    corners = shapely.points(shapely.get_coordinates(outline)[::7])
    points = np.concatenate(
        [shapely.line_interpolate_point(ring, shares, normalized=True) for ring in outline] + [corners]
    )
    found = []
    for point in points:
        frame = LocalFrame.at(point.x, point.y)
        near = tree.geometries[tree.query(shapely.buffer(point, 0.02))]
        found.append(float(shapely.distance(frame.to_metres(point)[0], frame.to_metres(near)).min()))
    return np.array(found)


@pytest.mark.parametrize("name", LINES)
@pytest.mark.parametrize("half_width_m", [10.0, 500.0])
def test_the_outline_keeps_its_distance(name: str, half_width_m: float) -> None:
    line = shapely.LineString(LINES[name])
    found = widths(widened(line, half_width_m), line)
    assert found.max() <= half_width_m * 1.00001 + 0.001
    assert found.min() >= half_width_m * (1 - 0.0004) - 0.001  # under 1 cm in 10 m


def test_a_long_corridor_is_one_piece_without_seams() -> None:
    area = widened(shapely.LineString(LINES["420 km across"]), 10.0)
    assert shapely.get_type_id(area) == 3
    assert shapely.get_num_interior_rings(area) == 0
    assert shapely.is_valid(area)
    length = float(ellipsoidal_length([shapely.LineString(LINES["420 km across"])])[0])
    assert ellipsoidal_area([area])[0] == pytest.approx(20 * length + np.pi * 100, rel=1e-5)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(111.0, 111.0 + 3 * BAND_DEG), st.floats(35.5, 36.0)), min_size=3, max_size=6, unique=True
    ),
    st.floats(5, 300),
    st.integers(1, 4),
)
def test_a_corridor_is_the_union_of_its_parts(points: list[tuple[float, float]], half_width_m: float, cut: int) -> None:
    cut = min(cut, len(points) - 2)
    whole = canonical_geometry(shapely.LineString(points))
    first, second = shapely.LineString(points[: cut + 1]), shapely.LineString(points[cut:])
    together = shapely.union(widened(first, half_width_m), widened(second, half_width_m))
    rest = shapely.symmetric_difference(widened(whole, half_width_m), together)
    # Parts have frames of their own and round ends at other angles: 0.04 % of the half-width around the outline at most.
    allowed = 2 * float(ellipsoidal_length([together])[0]) * (0.0004 * half_width_m + 0.001)
    assert ellipsoidal_area([rest])[0] <= allowed


def test_the_direction_of_the_line_does_not_move_its_corridor() -> None:
    for points in LINES.values():
        one, two = (
            read_site([RawPart(shapely.LineString(p))], crs=4490, half_width_m=25) for p in (points, points[::-1])
        )
        assert one.canonical_wkb() == two.canonical_wkb()


def test_two_axes_with_one_corridor_are_two_questions() -> None:
    """An axis that runs out and back has other chainages than one that runs out, and so another answer."""
    there = read_site([RawPart(shapely.LineString([(111.0, 35.6), (111.01, 35.6)]))], crs=4490, half_width_m=25)
    back = dataclasses.replace(there, axis=shapely.LineString([(111.0, 35.6), (111.01, 35.6), (111.0, 35.6)]))
    what, day = Project.of("E4852", "new"), dt.date(2024, 6, 30)
    ids = [identity(Question(site, what, day), 1, "rules") for site in (there, back)]
    assert ids[0] != ids[1]
    assert [identity(Question(site_of(site_dict(site)), what, day), 1, "rules") for site in (there, back)] == ids


def test_points_far_apart_are_discs_of_one_size() -> None:
    places = shapely.MultiPoint([(110.4, 35.0), (112.3, 36.2), (114.4, 37.5)])
    discs = shapely.get_parts(widened(places, 1000.0))
    assert ellipsoidal_area(discs) == pytest.approx(np.pi * 1e6, rel=1e-3)
    assert np.ptp(ellipsoidal_area(discs)) < 100
