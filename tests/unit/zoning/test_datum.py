"""GCJ-02 and BD-09: the formulas, the names that give them away, and the shift test."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from zoning.datum import (
    bd09_to_cgcs2000,
    cgcs2000_to_bd09,
    cgcs2000_to_gcj02,
    declared_datum,
    gcj02_to_bd09,
    gcj02_to_cgcs2000,
    shift_guess,
)
from zoning.frame import LocalFrame


def test_forward_formulas_give_the_published_pair():
    """A pair that the public implementations of the formulas all print for a point in Beijing."""
    lon, lat = cgcs2000_to_gcj02([116.404], [39.915])
    assert (lon[0], lat[0]) == pytest.approx((116.41024449916938, 39.91640428150164), abs=1e-12)
    lon, lat = gcj02_to_bd09([116.404], [39.915])
    assert (lon[0], lat[0]) == pytest.approx((116.41036949371029, 39.92133699351021), abs=1e-12)


@pytest.mark.parametrize(
    ("forward", "back"), [(cgcs2000_to_gcj02, gcj02_to_cgcs2000), (cgcs2000_to_bd09, bd09_to_cgcs2000)]
)
def test_inverse_returns_every_point_of_shanxi_within_a_millimetre(forward, back):
    lon, lat = (v.ravel() for v in np.meshgrid(np.linspace(110, 114.8, 60), np.linspace(34.4, 40.9, 60)))
    there = forward(lon, lat)
    assert np.hypot((there[0] - lon) * 90_000, (there[1] - lat) * 111_000).min() > 400
    again = back(*there)
    assert np.abs(again[0] - lon).max() < 1e-8
    assert np.abs(again[1] - lat).max() < 1e-8


def test_outside_china_nothing_is_shifted_and_no_points_are_no_error():
    lon, lat = cgcs2000_to_gcj02([2.35], [48.85])
    assert (lon[0], lat[0]) == (2.35, 48.85)
    assert len(gcj02_to_cgcs2000([], [])[0]) == 0


@pytest.mark.parametrize(
    ("given", "datum"),
    [
        ({"crs": "GCJ-02"}, "gcj02"),
        ({"crs": "火星坐标系"}, "gcj02"),
        ({"crs": "高德"}, "gcj02"),
        ({"crs": "BD09LL"}, "bd09"),
        ({"file_name": "地块_GCJ02.geojson"}, "gcj02"),
        ({"file_name": "高德地图导出.zip"}, "gcj02"),
        ({"file_name": "选址_百度.geojson"}, "bd09"),
        ({"file_name": "site-bd09.json"}, "bd09"),
        ({"properties": {"坐标系": "百度"}}, "bd09"),
        ({"properties": {"source": "amap"}}, "gcj02"),
        ({"properties": {"gcj02_lon": 111.0}}, "gcj02"),
        ({"properties": {"备注": "坐标为火星坐标"}}, "gcj02"),
    ],
)
def test_a_declared_shifted_datum_is_found(given, datum):
    found = declared_datum(**given)
    assert found is not None
    assert found.datum == datum


@pytest.mark.parametrize(
    "given",
    [
        {"crs": "EPSG:4490"},
        {"file_name": "百度云计算中心.geojson"},
        {"file_name": "site.geojson"},
        {"properties": {"name": "阳泉百度云计算中心", "面积": 12.5, "坐标系": "CGCS2000"}},
        {"properties": {"code": "ABD0912"}},
    ],
)
def test_a_project_named_like_a_map_is_not_refused(given):
    assert declared_datum(**given) is None


def _county() -> shapely.Polygon:
    """A wiggly ring of about 10 km."""
    turn = np.linspace(0, 2 * np.pi, 240, endpoint=False)
    radius = 0.05 + 0.008 * np.sin(7 * turn) + 0.004 * np.cos(17 * turn)
    return shapely.Polygon(np.column_stack([112.2 + radius * np.cos(turn), 35.7 + radius * np.sin(turn)]))


def _moved(shape, forward):
    return shapely.transform(shape, lambda xy: np.column_stack(forward(xy[:, 0], xy[:, 1])))


@pytest.mark.parametrize(("forward", "datum"), [(cgcs2000_to_gcj02, "gcj02"), (cgcs2000_to_bd09, "bd09")])
def test_a_shifted_copy_of_a_boundary_is_told_with_its_shift(forward, datum):
    county = _county()
    guess = shift_guess([_moved(county, forward)], [county])
    assert guess is not None
    assert guess.datum == datum
    assert guess.share_undone > 0.99
    assert guess.share_as_given < 0.2
    frame = LocalFrame.at(112.2, 35.7)
    moved, still = frame.to_metres([_moved(shapely.Point(112.2, 35.7), forward), shapely.Point(112.2, 35.7)])
    assert guess.shift_m == pytest.approx(moved.distance(still), rel=0.05)


def test_a_site_that_shares_one_side_with_a_held_boundary_is_told():
    county = _county()
    part = shapely.intersection(county, shapely.box(112.2, 35.6, 112.4, 35.8))
    guess = shift_guess([_moved(part, cgcs2000_to_gcj02)], [county])
    assert guess is not None
    assert guess.datum == "gcj02"
    assert guess.share_undone > 0.5


def test_no_guess_without_a_shared_boundary_or_when_the_lines_fit_already():
    county = _county()
    assert shift_guess([county], [county]) is None
    assert shift_guess([shapely.box(112.19, 35.69, 112.21, 35.71)], [county]) is None
    assert shift_guess([], [county]) is None
    assert shift_guess([county], []) is None
