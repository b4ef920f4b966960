"""What is drawn of features: nothing dropped, neighbours together, small parts as points, close to the true line."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from layers import drawing

coordinate = st.floats(0, 1, allow_nan=False).map(lambda part: 112 + part)


@st.composite
def blobs(draw):
    """Polygons of one or several parts, from a few metres to half a degree."""
    made = []
    for _ in range(draw(st.integers(1, 4))):
        radius = draw(st.sampled_from([1e-5, 1e-3, 0.02, 0.2]))
        parts = [
            shapely.Point(draw(coordinate) + 3 * n, draw(coordinate) - 76).buffer(radius, draw(st.integers(1, 40)))
            for n in range(draw(st.integers(1, 3)))
        ]
        made.append(shapely.MultiPolygon(parts))
    return np.asarray(made, dtype=object)


@given(blobs())
def test_every_part_is_in_every_band_as_itself_or_as_a_point_within_it(shapes):
    whole = drawing.projected(shapes)
    parts, owner = shapely.get_parts(whole, return_index=True)
    for band in drawing.bands(shapes, together=False):
        assert band.owner.tolist() == owner.tolist()
        points = shapely.get_dimensions(band.parts) == 0
        assert (points == (band.extent_m < drawing.pixel_m(band.band))).all()
        assert shapely.is_valid(band.parts).all()
        apart = shapely.distance(band.parts, parts)
        assert (apart <= drawing.pixel_m(band.band) / 4).all()
        assert (shapely.hausdorff_distance(band.parts, parts)[~points] <= drawing.pixel_m(band.band)).all()


def test_the_last_band_is_the_shape_itself():
    shapes = np.asarray([shapely.Point(112, 36).buffer(0.1)], dtype=object)
    last = list(drawing.bands(shapes, together=False))[-1]
    assert last.parts[0].equals_exact(drawing.projected(shapes)[0])


def test_points_are_never_too_small_and_an_empty_geometry_has_no_part():
    shapes = shapely.from_wkt(["MULTIPOINT (112 36, 113 37)", "MULTIPOINT EMPTY"])
    for band in drawing.bands(shapes, together=False):
        assert band.owner.tolist() == [0, 0]
        assert np.isnan(band.extent_m).all()
    assert all(len(band.parts) == 0 for band in drawing.bands(shapely.from_wkt(["MULTIPOINT EMPTY"]), together=False))


def test_a_line_that_is_short_becomes_a_point_and_a_long_one_stays_a_line():
    shapes = shapely.from_wkt(["LINESTRING (112 36, 112.000001 36)", "LINESTRING (112 36, 113 36, 113 37)"])
    coarse = next(drawing.bands(shapes, together=False))
    assert [part.geom_type for part in coarse.parts] == ["Point", "LineString"]


@given(st.lists(st.floats(-0.4, 0.4), min_size=5, max_size=60))
def test_neighbours_keep_one_common_line(wiggles):
    edge = [(112.5 + wiggle / 10, 36 + (n + 1) / (len(wiggles) + 1)) for n, wiggle in enumerate(wiggles)]
    west = shapely.Polygon([(112, 36), (112.5, 36), *edge, (112.5, 37), (112, 37)])
    east = shapely.Polygon([(113, 36), (112.5, 36), *edge, (112.5, 37), (113, 37)])
    for band in drawing.bands(np.asarray([west, east], dtype=object), together=True):
        assert shapely.coverage_is_valid(band.parts)
        assert len(band.parts) == 2
