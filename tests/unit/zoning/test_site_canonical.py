"""The same ground gives the same bytes, however its corners are listed; each clause of the canonical form by itself."""

from __future__ import annotations

import struct
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from zoning.crs import read_crs
from zoning.rings import polygon_of
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


# The form itself, built here from the words of `Site.canonical_wkb` alone


def _cut(points):
    """Clause 1 and 2: on the grid, nothing repeated."""
    on_grid = [(round(x * 1e9) / 1e9, round(y * 1e9) / 1e9) for x, y in points]
    return [point for n, point in enumerate(on_grid) if n == 0 or point != on_grid[n - 1]]


def _turned(points, clockwise):
    """Clause 3, for a closed ring: from its westernmost, then southernmost vertex, in the one direction."""
    ring = _cut(points)[:-1]
    first = ring.index(min(ring))
    ring = ring[first:] + ring[:first]
    (x, y), doubled = ring[0], 0.0
    for (ax, ay), (bx, by) in pairwise(ring):
        doubled += (ax - x) * (by - y) - (bx - x) * (ay - y)
    if (doubled < 0) != clockwise:
        ring = [ring[0], *ring[:0:-1]]
    return [*ring, ring[0]]


def _rank(points):
    return len(points), points


def _polygon(shape):
    holes = [_turned(shapely.get_coordinates(hole).tolist(), False) for hole in shape.interiors]
    return [_turned(shapely.get_coordinates(shape.exterior).tolist(), True), *sorted(holes, key=_rank, reverse=True)]


def _line(shape):
    points = _cut(shapely.get_coordinates(shape).tolist())
    return _turned(points, True) if points[0] == points[-1] else min(points, points[::-1])


def _wkb(kind, content):
    if kind == 1:
        body = struct.pack("<2d", *content)
    else:
        listed = [content] if kind == 2 else content
        body = b"" if kind == 2 else struct.pack("<I", len(listed))
        body += b"".join(
            struct.pack("<I", len(ring)) + b"".join(struct.pack("<2d", *p) for p in ring) for ring in listed
        )
    return struct.pack("<BI", 1, kind) + body


def _by_the_words(kind, members):
    """Clause 4: one part by itself, several in descending order as a collection of their kind."""
    rank = {1: lambda point: point, 2: _rank, 3: lambda rings: _rank(rings[0])}[kind]
    ordered = [_wkb(kind, member) for member in sorted(members, key=rank, reverse=True)]
    return ordered[0] if len(ordered) == 1 else struct.pack("<BII", 1, kind + 3, len(ordered)) + b"".join(ordered)


@st.composite
def holed(draw):
    """Separate parcels with up to two holes each."""
    shapes = []
    for shape in draw(parcels()):
        x, y = shape.representative_point().x, shape.representative_point().y
        room = 0.4 * shapely.distance(shapely.Point(x, y), shape.exterior)
        holes = []
        for east in (-room, room)[: draw(st.integers(0, 2))]:
            sides = draw(st.integers(3, 5))
            turn = 2 * np.pi * np.arange(sides) / sides + draw(st.integers(0, 6))
            holes.append(
                np.column_stack([x + east + room * 0.9 * np.cos(turn), y + room * 0.9 * np.sin(turn)]).round(9)
            )
        shapes.append(shapely.Polygon(shape.exterior, holes))
    return shapes


@often
@given(holed())
def test_areas_have_the_form_that_the_words_say(shapes):
    assert _bytes(shapes) == _by_the_words(3, [_polygon(shape) for shape in shapes])


@often
@given(parcels(), st.booleans())
def test_lines_have_the_form_that_the_words_say(shapes, closed):
    lines = [shapely.LineString(_ring(shape)) for shape in shapes]
    if closed:
        lines[0] = shapely.LineString(shapely.get_coordinates(shapes[0]))
    assert _bytes(lines) == _by_the_words(2, [_line(line) for line in lines])


@often
@given(parcels())
def test_points_have_the_form_that_the_words_say(shapes):
    points = [shapely.Point(*corner) for shape in shapes for corner in _ring(shape)]
    assert _bytes(points) == _by_the_words(1, [_cut(shapely.get_coordinates(p).tolist())[0] for p in points])


@often
@given(holed(), st.randoms(use_true_random=False))
def test_start_and_direction_and_order_of_holes_do_not_matter(shapes, random):
    def turned(ring):
        points = shapely.get_coordinates(ring)[:-1]
        points = np.roll(points, random.randrange(len(points)), axis=0)
        return points[::-1] if random.random() < 0.5 else points

    other = []
    for shape in shapes:
        holes = [turned(hole) for hole in shape.interiors]
        random.shuffle(holes)
        other.append(shapely.Polygon(turned(shape.exterior), holes))
    assert _bytes(other) == _bytes(shapes)


@often
@given(parcels(), st.integers(0, 9))
def test_start_and_direction_of_a_closed_line_do_not_matter(shapes, start):
    ring = _ring(shapes[0])
    other = np.roll(ring, start, axis=0)[::-1]
    assert _bytes([shapely.LineString([*other, other[0]])]) == _bytes([shapely.LineString([*ring, ring[0]])])


@often
@given(parcels(), st.randoms(use_true_random=False))
def test_order_of_lines_and_of_points_does_not_matter_nor_repeats_of_a_point(shapes, random):
    lines = [shapely.LineString(_ring(shape)) for shape in shapes]
    assert _bytes(random.sample(lines, len(lines))) == _bytes(lines) == _bytes([shapely.MultiLineString(lines)])
    points = [shapely.Point(*corner) for corner in _ring(shapes[0])]
    assert _bytes([*random.sample(points, len(points)), points[0]]) == _bytes(points)
    assert _bytes([shapely.MultiPoint(points)]) == _bytes(points)


@often
@given(holed(), st.floats(-4.9e-10, 4.9e-10), st.floats(-4.9e-10, 4.9e-10))
def test_what_is_off_by_less_than_half_a_step_is_the_same(shapes, east, north):
    assert _bytes([shapely.transform(s, lambda xy: np.add(xy, [east, north])) for s in shapes]) == _bytes(shapes)


@often
@given(parcels(), st.integers(0, 9))
def test_vertices_that_meet_on_the_grid_are_one(shapes, at):
    ring = _ring(shapes[0])
    at %= len(ring)
    beside = np.insert(ring, at, ring[at] + [3e-10, -2e-10], axis=0)
    assert _bytes([shapely.Polygon(beside)]) == _bytes([shapes[0]])


@often
@given(parcels())
def test_heights_do_not_matter(shapes):
    assert _bytes([shapely.force_3d(shape, 812.5) for shape in shapes]) == _bytes(shapes)


SQUARE = [(112.0, 37.0), (112.001, 37.0), (112.001, 37.001), (112.0, 37.001)]


def test_an_unclosed_ring_is_closed():
    closed, _ = polygon_of([np.array(SQUARE)])
    assert _bytes([closed]) == _bytes([shapely.Polygon([*SQUARE, SQUARE[0]])])


def test_a_vertex_on_a_straight_edge_stays():
    given_one = shapely.Polygon([*SQUARE[:1], (112.0005, 37.0), *SQUARE[1:]])
    assert _bytes([given_one]) != _bytes([shapely.Polygon(SQUARE)])
    assert shapely.get_num_coordinates(read_site([RawPart(given_one)], crs=4490).geometry) == 6


def test_neighbours_are_one_area_and_the_corners_between_them_stay():
    left, right = shapely.box(112, 37, 112.001, 37.001), shapely.box(112.001, 37, 112.002, 37.001)
    outline = [(112, 37), (112, 37.001), (112.001, 37.001), (112.002, 37.001), (112.002, 37), (112.001, 37), (112, 37)]
    assert _bytes([left, right]) == _wkb(3, [outline])
    assert _bytes([shapely.MultiPolygon([left, right])]) == _bytes([left, right])


def test_an_edge_in_two_lines_is_not_one_line_but_a_line_run_over_twice_is():
    first, second = [(112.0, 37.0), (112.001, 37.0)], [(112.001, 37.0), (112.002, 37.001)]
    pieces = [shapely.LineString(first), shapely.LineString(second)]
    assert _bytes(pieces) == _by_the_words(2, [first, second])
    assert _bytes(pieces) != _bytes([shapely.LineString([*first, second[1]])])
    assert _bytes([pieces[0], shapely.reverse(pieces[0])]) == _wkb(2, first)


@pytest.mark.parametrize(("decimals", "same"), [(5, True), (3, False)])
def test_five_decimals_of_a_metre_resolve_the_grid_and_three_do_not(decimals, same):
    """A file in millimetres is another site than the one it was copied from, by up to half a millimetre."""
    rng = np.random.default_rng(20241122)
    corners = np.column_stack([rng.integers(0, 10**6, 200), rng.integers(0, 10**6, 200)]) * 1e-9 + [113.5, 38.5]
    points = [shapely.Point(*corner) for corner in corners]
    zone = read_crs(4526)
    written = [shapely.transform(p, lambda xy: zone.from_lonlat(xy).round(decimals)) for p in points]
    assert (_bytes(written, 4526) == _bytes(points)) is same
    read = np.array([shapely.get_coordinates(read_site([RawPart(p)], crs=4526).geometry)[0] for p in written])
    assert np.abs(read - corners).max() < 0.5 * 10.0**-decimals / 85_000 + 1e-9
