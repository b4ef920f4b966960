"""Ellipsoidal areas and lengths agree with independent formulas; edges are straight in longitude/latitude."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from zoning.frame import LocalFrame
from zoning.measure import (
    INVERSE_FLATTENING,
    A,
    central_meridian,
    ellipsoidal_area,
    ellipsoidal_length,
    projected_area,
)

GEOD = pyproj.Geod(a=A, rf=INVERSE_FLATTENING)

# The official trapezoid formula (国土调查办发〔2008〕32号), its printed form, as an oracle for cells bounded by meridians and parallels.
_F = 1 / INVERSE_FLATTENING
_E2 = _F * (2 - _F)


def trapezoid(lon: float, lat: float, width: float, height: float) -> float:
    e2, e4, e6, e8 = _E2, _E2**2, _E2**3, _E2**4
    a = 1 + 3 / 6 * e2 + 30 / 80 * e4 + 35 / 112 * e6 + 630 / 2304 * e8
    b = 1 / 6 * e2 + 15 / 80 * e4 + 21 / 112 * e6 + 420 / 2304 * e8
    c = 3 / 80 * e4 + 7 / 112 * e6 + 180 / 2304 * e8
    d = 1 / 112 * e6 + 45 / 2304 * e8
    e = 5 / 2304 * e8
    semi_minor = A * (1 - _F)
    middle, half = np.radians(lat + height / 2), np.radians(height) / 2
    bracket = sum(
        sign * k * np.sin(n * half) * np.cos(n * middle)
        for sign, k, n in ((1, a, 1), (-1, b, 3), (1, c, 5), (-1, d, 7), (1, e, 9))
    )
    return float(2 * semi_minor**2 * np.radians(width) * bracket)


CELLS = [(110.975, 35.595), (111.565, 35.485), (112.185, 35.685), (114.495, 39.995)]


@pytest.mark.parametrize(("lon", "lat"), CELLS)
def test_area_is_the_official_formula_on_cells(lon: float, lat: float) -> None:
    cell = shapely.box(lon, lat, lon + 0.01, lat + 0.01)
    assert ellipsoidal_area([cell])[0] == pytest.approx(trapezoid(lon, lat, 0.01, 0.01), rel=1e-10)


@given(
    st.lists(st.tuples(st.floats(110.3, 114.4), st.floats(34.6, 40.6)), min_size=3, max_size=9, unique=True),
)
@settings(max_examples=60, deadline=None)
def test_area_agrees_with_geodesics_of_densified_edges_to_one_ppm(points: list[tuple[float, float]]) -> None:
    hull = shapely.MultiPoint(points).convex_hull
    if hull.geom_type != "Polygon" or hull.area < 1e-4:
        return
    dense = shapely.segmentize(hull, 0.0008)
    expected = abs(GEOD.geometry_area_perimeter(dense)[0])
    assert ellipsoidal_area([hull])[0] == pytest.approx(expected, rel=1e-6)


def test_holes_count_against_and_multipolygons_add() -> None:
    outer, hole = shapely.box(112, 35, 112.1, 35.1), shapely.box(112.02, 35.02, 112.04, 35.04)
    other = shapely.box(113, 36, 113.01, 36.01)
    whole = shapely.MultiPolygon([shapely.difference(outer, hole), other])
    parts = ellipsoidal_area([outer, hole, other])
    assert ellipsoidal_area([whole])[0] == pytest.approx(parts[0] - parts[1] + parts[2], rel=1e-12)


def test_lines_points_and_nothing_have_no_area() -> None:
    geometries = [shapely.LineString([(112, 35), (113, 36)]), shapely.Point(112, 35), shapely.Polygon()]
    assert ellipsoidal_area(geometries).tolist() == [0.0, 0.0, 0.0]


def test_splitting_a_polygon_keeps_its_area() -> None:
    whole = shapely.Polygon([(112, 35), (112.5, 35.2), (112.3, 35.7), (111.9, 35.5)])
    left = shapely.intersection(whole, shapely.box(111, 34, 112.2, 36))
    right = shapely.difference(whole, left)
    assert ellipsoidal_area([left, right]).sum() == pytest.approx(ellipsoidal_area([whole])[0], rel=1e-9)


def test_length_agrees_with_a_densified_geodesic() -> None:
    line = shapely.LineString([(111, 35), (112.3, 36.1), (112.3, 37)])
    expected = GEOD.geometry_length(shapely.segmentize(line, 0.0008))
    assert ellipsoidal_length([line])[0] == pytest.approx(expected, rel=1e-7)


def test_projected_area_exceeds_the_ellipsoidal_away_from_the_meridian() -> None:
    cell = shapely.box(112.185, 35.685, 112.195, 35.695)
    ratio = projected_area([cell], 111)[0] / ellipsoidal_area([cell])[0] - 1
    assert ratio == pytest.approx(285.9e-6, abs=1e-6)


@pytest.mark.parametrize(("lon", "meridian"), [(110.2, 111), (112.49, 111), (112.51, 114), (114.6, 114)])
def test_zone_of_a_longitude(lon: float, meridian: int) -> None:
    assert central_meridian(lon) == meridian


@given(st.floats(110.3, 114.4), st.floats(34.6, 40.6), st.floats(0, 360), st.floats(1, 20_000))
@settings(max_examples=80, deadline=None)
def test_frame_distances_are_geodesic_to_ten_ppm(lon: float, lat: float, azimuth: float, metres: float) -> None:
    lon2, lat2, _ = GEOD.fwd(lon, lat, azimuth, metres)
    frame = LocalFrame.at(lon, lat)
    here, there = frame.to_metres([shapely.Point(lon, lat), shapely.Point(lon2, lat2)])
    assert shapely.distance(here, there) == pytest.approx(metres, rel=1e-5)
    back = frame.to_degrees([there])[0]
    assert (back.x, back.y) == pytest.approx((lon2, lat2), abs=1e-11)
