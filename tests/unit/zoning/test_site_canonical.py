"""The same ground gives the same bytes, however its corners are listed."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from zoning.crs import read_crs
from zoning.site import RawPart, read_site

often = settings(deadline=None, max_examples=40)


@st.composite
def parcels(draw):
    """One to four separate star-shaped parcels of 3–10 corners, edges under 250 m, corners on the 1e-9° grid."""
    count = draw(st.integers(1, 4))
    shapes = []
    for n in range(count):
        corners = draw(st.integers(3, 10))
        radii = draw(st.lists(st.integers(300_000, 1_200_000), min_size=corners, max_size=corners))
        turn = 2 * np.pi * np.arange(corners) / corners + 0.1
        east = draw(st.integers(110_200_000_000, 114_400_000_000)) + n * 10_000_000
        north = draw(st.integers(34_600_000_000, 40_700_000_000))
        ring = np.column_stack([east + radii * np.cos(turn), north + radii * np.sin(turn)]).round()
        shapes.append(shapely.Polygon(ring / 1e9))
    return shapes


def _bytes(shapes, crs=4490):
    return read_site([RawPart(shape) for shape in shapes], crs=crs).canonical_wkb()


def _ring(shape):
    return shapely.get_coordinates(shape)[:-1]


@often
@given(parcels(), st.integers(0, 9))
def test_ring_start_does_not_matter(shapes, start):
    turned = [shapely.Polygon(np.roll(_ring(shape), start, axis=0)) for shape in shapes]
    assert _bytes(turned) == _bytes(shapes)


@often
@given(parcels())
def test_ring_direction_does_not_matter(shapes):
    assert _bytes([shapely.Polygon(_ring(shape)[::-1]) for shape in shapes]) == _bytes(shapes)


@often
@given(parcels(), st.randoms(use_true_random=False))
def test_part_order_does_not_matter_nor_whether_parts_are_one_feature(shapes, random):
    mixed = random.sample(shapes, len(shapes))
    assert _bytes(mixed) == _bytes(shapes)
    if shapely.is_valid(shapely.MultiPolygon(shapes)):
        assert _bytes([shapely.MultiPolygon(mixed)]) == _bytes(shapes)


@often
@given(parcels(), st.integers(0, 9), st.integers(1, 4))
def test_repeated_vertices_do_not_matter(shapes, at, times):
    doubled = []
    for shape in shapes:
        ring = _ring(shape)
        doubled.append(shapely.Polygon(np.insert(ring, [at % len(ring)] * times, ring[at % len(ring)], axis=0)))
    assert _bytes(doubled) == _bytes(shapes)


@often
@given(parcels(), st.sampled_from([4525, 4526, 4546, 4547, 4497]))
def test_a_way_through_a_survey_zone_does_not_matter(shapes, code):
    plane = [shapely.transform(shape, read_crs(code).from_lonlat) for shape in shapes]
    assert _bytes(plane, code) == _bytes(shapes)


@often
@given(parcels())
def test_other_ground_gives_other_bytes(shapes):
    moved = [shapely.transform(shape, lambda xy: np.add(xy, [1e-8, 0])) for shape in shapes]
    assert _bytes(moved) != _bytes(shapes)


@often
@given(parcels())
def test_reading_what_was_read_changes_nothing(shapes):
    site = read_site([RawPart(shape) for shape in shapes], crs=4490)
    again = read_site([RawPart(site.geometry)], crs=4490)
    assert again.canonical_wkb() == site.canonical_wkb()


@often
@given(parcels())
def test_the_direction_of_a_line_does_not_matter(shapes):
    line = shapely.LineString(_ring(shapes[0]))
    assert _bytes([line]) == _bytes([shapely.reverse(line)])
