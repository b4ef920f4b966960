"""Reading a site: what is taken and noticed, where it must lie, and how known coordinate mistakes are named."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely

from zoning.crs import read_crs
from zoning.errors import BadSite
from zoning.measure import ellipsoidal_area, ellipsoidal_length
from zoning.site import MOST_PARCELS, MOST_VERTICES, RawPart, read_site

SQUARE = shapely.box(111.57, 35.49, 111.572, 35.492)


def _site(*shapes, crs=None, **more):
    return read_site([RawPart(s, file="site.geojson", feature=n) for n, s in enumerate(shapes, 1)], crs=crs, **more)


def _in(shape, code):
    return shapely.transform(shape, read_crs(code).from_lonlat)


def _refused(*shapes, **more) -> BadSite:
    with pytest.raises(BadSite) as caught:
        _site(*shapes, **more)
    error = caught.value
    assert error.text("zh")
    assert error.text("en")
    return error


def _types(site):
    return [notice.type for notice in site.notices]


def test_a_plain_square_is_taken_as_it_is_and_the_assumed_crs_is_said():
    site = _site(SQUARE)
    assert shapely.equals(site.geometry, SQUARE)
    assert (site.dimension, site.crs, site.repairs, site.axis) == (2, "EPSG:4490", (), None)
    assert _types(site) == ["crs-assumed"]
    assert [p.number for p in site.parcels] == ["1"]


def test_wgs84_is_taken_as_the_same_frame_and_said_so():
    site = _site(SQUARE, crs="EPSG:4326")
    assert shapely.equals(site.geometry, SQUARE)
    assert _types(site) == ["datum-taken-as-cgcs2000"]
    assert _types(_site(_in(SQUARE, 3857), crs=3857)) == ["datum-taken-as-cgcs2000", "web-mercator"]
    assert _types(_site(_in(SQUARE, 32649), crs=32649)) == ["datum-taken-as-cgcs2000"]


@pytest.mark.parametrize("code", [4525, 4546, 4497, 4508, 4526, 4547])
def test_a_surveyed_square_comes_back_to_its_place(code):
    site = _site(_in(SQUARE, code), crs=code)
    assert site.canonical_wkb() == _site(SQUARE).canonical_wkb()
    assert site.crs == f"EPSG:{code}"


def test_a_zone_prefix_chooses_the_zone_with_a_notice():
    for code in (4525, 4526):
        site = _site(_in(SQUARE, code))
        assert site.crs == f"EPSG:{code}"
        assert "zone-chosen" in _types(site)
        assert site.canonical_wkb() == _site(SQUARE).canonical_wkb()


def test_six_digit_eastings_are_asked_about_never_guessed():
    error = _refused(_in(SQUARE, 4546))
    assert error.type == "crs-needed"
    assert error.where["candidates"] == ["EPSG:4546", "EPSG:4547"]
    assert "111.5720°E" in error.text("zh")


def test_a_site_far_from_its_meridian_is_noticed():
    east = shapely.box(113.9, 36, 113.904, 36.004)
    assert "far-from-meridian" in _types(_site(_in(east, 4546), crs=4546))
    assert "far-from-meridian" not in _types(_site(_in(east, 4547), crs=4547))


@pytest.mark.parametrize(
    ("given", "stated", "diagnosis", "suggested"),
    [
        ((None, True), None, "swapped-axes", None),
        ((None, True), 4326, "swapped-axes", None),
        ((4525, True), None, "swapped-axes", None),
        ((4525, True), 4525, "swapped-axes", None),
        ((4546, False), 4525, "zone-prefix-missing", "EPSG:4546"),
        ((4525, False), 4546, "zone-prefix-extra", "EPSG:4525"),
        ((4525, False), 4526, "wrong-zone", "EPSG:4525"),
        ((4525, False), 4547, "wrong-zone", "EPSG:4525"),
        ((4547, False), 4508, "wrong-zone", "EPSG:4547"),
        ((None, False), 4525, "degrees-in-projected-crs", "EPSG:4490"),
        ((None, True), 4546, "degrees-in-projected-crs", "EPSG:4490"),
        ((4525, False), 4490, "metres-in-geographic-crs", "EPSG:4525"),
        ((4546, True), 4490, "metres-in-geographic-crs", "EPSG:4546"),
        ((4525, True), 4546, "zone-prefix-extra", "EPSG:4525"),
    ],
)
def test_known_coordinate_mistakes_are_named(given, stated, diagnosis, suggested):
    code, swap = given
    place = shapely.box(110.4, 35.49, 110.404, 35.494)
    shape = _in(place, code) if code else place
    shape = shapely.transform(shape, lambda xy: xy[:, ::-1]) if swap else shape
    error = _refused(shape, crs=stated)
    assert error.type == "site-outside-region"
    assert error.where["diagnosis"] == diagnosis
    assert error.where.get("suggested_crs") == suggested
    assert error.where["source_coordinate"] == shapely.get_coordinates(shape)[0].tolist()


@pytest.mark.parametrize(
    "shape",
    [
        shapely.box(37_400_000, 3_900_000, 38_600_000, 3_900_100),
        shapely.box(99_400_000, 3_900_000, 99_400_100, 3_900_100),
        shapely.box(1_000, 2_000, 1_100, 2_100),
    ],
)
def test_metres_that_fit_no_zone_are_asked_about_without_candidates(shape):
    error = _refused(shape)
    assert error.type == "crs-needed"
    assert "candidates" not in error.where


def test_a_place_far_away_gets_no_diagnosis():
    error = _refused(shapely.box(2.3, 48.8, 2.4, 48.9), crs=4326)
    assert "diagnosis" not in error.where
    error = _refused(shapely.box(450_000, 5_400_000, 450_100, 5_400_100), crs=4546)
    assert "diagnosis" not in error.where


def test_too_many_overlaps_are_refused_not_waited_for():
    error = _refused(*[shapely.box(111, 36, 111.01 + n * 1e-6, 36.01) for n in range(210)])
    assert error.type == "site-too-large"


def test_a_cure_that_is_suggested_works():
    shape = _in(shapely.box(110.4, 35.49, 110.404, 35.494), 4525)
    error = _refused(shape, crs=4526)
    assert _site(shape, crs=error.where["suggested_crs"]).crs == "EPSG:4525"


def test_one_corner_outside_the_region_is_named_with_its_feature_and_no_mistake_invented():
    error = _refused(SQUARE, shapely.box(114.7, 36, 114.9, 36.1))
    assert error.type == "site-outside-region"
    assert error.where["feature"] == 2
    assert error.where["coordinate"][0] == 114.9
    assert "diagnosis" not in error.where


@pytest.mark.parametrize("words", [{"坐标系": "GCJ-02"}, {"来源": "高德地图"}])
def test_a_feature_that_says_gcj02_is_refused(words):
    with pytest.raises(BadSite) as caught:
        read_site([RawPart(SQUARE, properties=words, file="a.geojson", feature=3)], crs=4490)
    assert caught.value.type == "datum-gcj02"
    assert caught.value.where["feature"] == 3


def test_a_file_named_after_a_map_is_refused():
    with pytest.raises(BadSite) as caught:
        read_site([RawPart(SQUARE, file="拐点_百度坐标.geojson")], crs=None)
    assert caught.value.type == "datum-bd09"


def test_long_surveyed_edges_stay_straight_in_their_own_plane():
    source = read_crs(4525)
    corner = source.from_lonlat([[110.3, 35.0]])[0]
    plane = shapely.box(*corner, *(corner + 8000))
    site = _site(plane, crs=4525)
    notice = next(n for n in site.notices if n.type == "vertices-inserted")
    assert notice.where["count"] == shapely.get_num_coordinates(site.geometry) - 5 > 0
    back = shapely.transform(shapely.segmentize(site.geometry, 0.001), source.from_lonlat)
    assert shapely.hausdorff_distance(back.boundary, shapely.segmentize(plane.boundary, 50)) < 60
    off = shapely.distance(shapely.points(shapely.get_coordinates(back)), plane.boundary)
    assert off.max() < 0.0012
    naive = shapely.transform(shapely.segmentize(shapely.transform(plane, source.to_lonlat), 0.001), source.from_lonlat)
    assert shapely.distance(shapely.points(shapely.get_coordinates(naive)), plane.boundary).max() > 0.05
    assert "vertices-inserted" not in _types(_site(_in(SQUARE, 4525), crs=4525))


def test_neighbours_with_a_long_shared_edge_leave_no_gap_and_no_overlap():
    x, y = read_crs(4525).from_lonlat([[110.6, 35.0]])[0]
    left = shapely.Polygon([(x, y), (x + 3000, y + 100), (x + 3100, y + 4000), (x, y + 4000)])
    right = shapely.Polygon([(x + 6000, y), (x + 6000, y + 4000), (x + 3100, y + 4000), (x + 3000, y + 100)])
    site = _site(left, right, crs=4525)
    assert shapely.get_type_id(site.geometry) == 3
    assert len(site.geometry.interiors) == 0
    assert "parcels-overlap" not in _types(site)
    parts = ellipsoidal_area([p.geometry for p in site.parcels]).sum()
    assert parts == pytest.approx(ellipsoidal_area([site.geometry])[0], rel=1e-10)


def test_overlapping_parcels_count_once_and_the_overlap_is_said():
    other = shapely.box(111.571, 35.49, 111.575, 35.492)
    site = _site(SQUARE, other)
    notice = next(n for n in site.notices if n.type == "parcels-overlap")
    expected = ellipsoidal_area([shapely.box(111.571, 35.49, 111.572, 35.492)])[0]
    assert notice.where["overlap_m2"] == pytest.approx(expected, rel=1e-6)
    assert notice.where["features"] == [[1, 2]]
    assert shapely.equals(site.geometry, shapely.union(SQUARE, other))
    assert len(site.parcels) == 2


def test_touching_parcels_are_no_overlap():
    assert "parcels-overlap" not in _types(_site(SQUARE, shapely.box(111.572, 35.49, 111.575, 35.492)))


def test_parcels_keep_their_own_numbers_only_when_all_have_one():
    def parts(*numbers):
        return [
            RawPart(shapely.box(111 + n / 10, 36, 111.01 + n / 10, 36.01), properties={"地块编号": v, "名称": f"甲{n}"})
            for n, v in enumerate(numbers)
        ]

    site = read_site(parts("A-1", "A-2"), crs=4490)
    assert [(p.number, p.name) for p in site.parcels] == [("A-1", "甲0"), ("A-2", "甲1")]
    repeated = read_site(parts("A", "A"), crs=4490)
    assert [p.number for p in repeated.parcels] == ["1", "2"]
    assert _types(repeated) == ["parcels-renumbered"]


def test_points_and_lines_are_sites_too():
    line = shapely.LineString([(111.1, 36.1), (111.2, 36.1), (111.15, 36.0), (111.15, 36.2)])
    site = _site(line)
    assert site.dimension == 1
    assert ellipsoidal_length([site.geometry])[0] == pytest.approx(ellipsoidal_length([line])[0], rel=1e-9)
    assert shapely.get_type_id(site.geometry) == 1, "a line that crosses itself is one line"
    assert _site(shapely.Point(111.1, 36.1)).dimension == 0


def test_lines_that_cross_keep_their_length_and_lines_on_each_other_count_once():
    across = shapely.LineString([(111.0, 36.0), (111.2, 36.2)])
    other = shapely.LineString([(111.0, 36.2), (111.2, 36.0)])
    crossing = _site(across, other)
    assert len(crossing.geometry.geoms) == 2
    half = shapely.LineString([(111.0, 36.0), (111.1, 36.1)])
    doubled = _site(across, half)
    assert ellipsoidal_length([doubled.geometry])[0] == pytest.approx(ellipsoidal_length([across])[0], rel=1e-9)


def test_a_line_against_the_canonical_direction_says_where_distances_start():
    site = _site(shapely.LineString([(111.2, 36.1), (111.1, 36.1)]))
    notice = next(n for n in site.notices if n.type == "line-direction")
    assert notice.where["coordinate"] == [111.1, 36.1]
    assert "line-direction" not in _types(_site(shapely.LineString([(111.1, 36.1), (111.2, 36.1)])))


def test_a_half_width_makes_an_area_around_the_axis():
    line = shapely.LineString([(111.1, 36.1), (111.12, 36.1)])
    site = _site(line, half_width_m=30)
    length = ellipsoidal_length([line])[0]
    assert (site.dimension, site.half_width_m) == (2, 30.0)
    assert shapely.equals(site.axis, line)
    assert ellipsoidal_area([site.geometry])[0] == pytest.approx(60 * length + math.pi * 900, rel=1e-3)
    point = _site(shapely.Point(111.1, 36.1), half_width_m=100)
    assert ellipsoidal_area([point.geometry])[0] == pytest.approx(math.pi * 1e4, rel=5e-3)


@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), 1e6])
def test_a_half_width_must_be_a_sensible_length(value):
    assert _refused(shapely.Point(111, 36), half_width_m=value).type == "half-width-invalid"


def test_an_area_takes_no_half_width():
    assert _refused(SQUARE, half_width_m=5).type == "half-width-invalid"


@pytest.mark.parametrize("value", [-0.1, float("nan"), float("inf")])
def test_an_accuracy_must_be_a_length(value):
    assert _refused(SQUARE, accuracy_m=value).type == "accuracy-invalid"


def test_mixed_dimensions_are_refused_also_inside_one_collection():
    error = _refused(SQUARE, shapely.Point(111.1, 36))
    assert (error.type, error.where["feature"]) == ("site-mixed-dimensions", 2)
    collection = shapely.GeometryCollection([SQUARE, shapely.Point(111.1, 36)])
    assert _refused(collection).type == "site-mixed-dimensions"
    alike = shapely.GeometryCollection([SQUARE, shapely.box(111.1, 36, 111.11, 36.01)])
    assert len(_site(alike).geometry.geoms) == 2


@pytest.mark.parametrize("shape", [None, shapely.Polygon(), shapely.GeometryCollection()])
def test_a_feature_without_geometry_is_named(shape):
    error = _refused(SQUARE, shape)
    assert (error.type, error.where["feature"]) == ("site-empty", 2)


def test_no_features_is_empty():
    with pytest.raises(BadSite) as caught:
        read_site([], crs=None)
    assert caught.value.type == "site-empty"


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_coordinate_that_is_no_number_is_refused(bad):
    with np.errstate(invalid="ignore"):
        line = shapely.LineString([(111, 36), (bad, 36.1)])
    assert _refused(line).type == "site-not-finite"
    assert _refused(shapely.Point(111, bad), crs=4490).type == "site-not-finite"


def test_too_many_parcels_or_vertices_are_refused_with_their_number():
    error = _refused(*[shapely.Point(111, 36)] * (MOST_PARCELS + 1))
    assert (error.type, error.where["value"]) == ("site-too-large", MOST_PARCELS + 1)
    turn = np.linspace(0, 2 * np.pi, MOST_VERTICES + 1)
    ring = shapely.LineString(np.column_stack([112 + np.cos(turn) / 9, 36 + np.sin(turn) / 9]))
    assert _refused(ring).type == "site-too-large"


def test_several_surveyed_points_and_lines_come_back_to_their_places():
    points = shapely.MultiPoint([(111.1, 36), (111.2, 36.1)])
    lines = shapely.MultiLineString([[(111.1, 36), (111.101, 36)], [(111.2, 36), (111.201, 36)]])
    for shape in (points, points.geoms[0], lines, lines.geoms[0]):
        assert _site(_in(shape, 4525), crs=4525).canonical_wkb() == _site(shape).canonical_wkb()


def test_heights_do_not_matter():
    high = shapely.force_3d(SQUARE, 900.0)
    assert _site(high).canonical_wkb() == _site(SQUARE).canonical_wkb()


def test_a_northing_that_lost_its_decimal_point_is_outside_although_the_projection_comes_round() -> None:
    wrapped = shapely.Polygon(
        [(37411000, 3941165.8), (37411100, 3941165.8), (37411100, 3941265.8), (37411000, 39411658154)]
    )
    with pytest.raises(BadSite) as caught:
        read_site([RawPart(wrapped)], crs=4525)
    assert caught.value.type == "site-outside-region"
