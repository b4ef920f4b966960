"""Contract 7: what is written badly is mended visibly, what may be drawn wrongly is refused with its coordinate."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from zoning.crs import read_crs
from zoning.errors import BadSite
from zoning.measure import ellipsoidal_area
from zoning.rings import BrokenRingsError, assemble, polygon_of
from zoning.site import RawPart, read_site

UNIT = 0.01
RING = [(0, 0), (4, 0), (4, 4), (0, 4), (0, 0)]


def _place(points):
    """Little numbers to degrees near Houma."""
    return np.asarray(points, dtype=float) * UNIT + [111.3, 35.6]


def _polygon(shell, *holes):
    return shapely.Polygon(_place(shell), [_place(hole) for hole in holes])


def _site(*shapes, **more):
    return read_site(
        [RawPart(shape, file="a.geojson", feature=n) for n, shape in enumerate(shapes, 1)], crs=4490, **more
    )


def _refused(shape) -> BadSite:
    with pytest.raises(BadSite) as caught:
        _site(shape)
    return caught.value


def _at(error):
    return (np.array(error.where["coordinate"]) - [111.3, 35.6]) / UNIT


def _one_repair(shape):
    site = _site(shape)
    assert len(site.repairs) == 1, site.repairs
    repair = site.repairs[0]
    assert shapely.is_valid(site.geometry)
    assert repair.where["file"] == "a.geojson"
    assert repair.where["feature"] == 1
    assert repair.text.zh
    assert repair.text.en
    return site, repair


def test_a_bow_tie_is_refused_with_the_crossing_in_degrees_and_as_given():
    error = _refused(_polygon([(0, 0), (4, 4), (4, 0), (0, 4), (0, 0)]))
    assert error.type == "site-self-crossing"
    assert _at(error) == pytest.approx([2, 2])
    assert "111.320000000°E 35.620000000°N" in error.text("zh")
    assert error.where["crossings"] == [[111.32, 35.62]]


def test_an_uneven_bow_tie_in_survey_metres_names_the_crossing_in_both():
    origin = read_crs(4525).from_lonlat([[111.3, 35.6]])[0]
    bow = shapely.Polygon(np.array([(0, 0), (300, 100), (300, 0), (0, 50)]) + origin)
    with pytest.raises(BadSite) as caught:
        read_site([RawPart(bow, feature=1)], crs=4525)
    expected = np.add(origin, [100, 100 / 3])
    assert caught.value.where["source_coordinate"] == pytest.approx(expected.tolist(), abs=1e-6)
    lonlat = read_crs(4525).to_lonlat([expected])[0]
    assert caught.value.where["coordinate"] == pytest.approx(lonlat.tolist(), abs=1e-9)
    assert f"{expected[0]:.4f}" in caught.value.text("en")


def test_a_crossing_at_a_shared_vertex_is_a_crossing_not_a_touch():
    error = _refused(_polygon([(0, 0), (2, 2), (4, 4), (4, 0), (2, 2), (0, 4), (0, 0)]))
    assert error.type == "site-self-crossing"
    assert _at(error) == pytest.approx([2, 2])


def test_a_ring_that_runs_round_twice_is_refused():
    twice = [(0, 0), (4, 0), (4, 4), (0, 4), (0, 0), (4, 0), (4, 4), (0, 4), (0, 0)]
    assert _refused(_polygon(twice)).type == "site-self-crossing"


def test_a_self_touch_at_a_point_is_repaired_with_the_same_area():
    site, repair = _one_repair(_polygon([(0, 0), (4, 0), (4, 4), (2, 0), (0, 4), (0, 0)]))
    assert repair.type == "self-touch"
    assert (np.array(repair.where["coordinate"]) - [111.3, 35.6]) / UNIT == pytest.approx([2, 0])
    assert len(site.geometry.geoms) == 2
    assert repair.area_after_m2 == pytest.approx(repair.area_before_m2, rel=1e-9)
    assert repair.area_after_m2 == pytest.approx(ellipsoidal_area([site.geometry])[0], rel=1e-9)


def test_an_inner_touch_becomes_a_hole():
    ring = [(0, 0), (4, 0), (4, 4), (0, 4), (0, 0), (1, 2), (2, 2), (2, 1), (0, 0)]
    site, repair = _one_repair(_polygon(ring))
    assert repair.type == "self-touch"
    assert len(site.geometry.interiors) == 1


def test_a_keyhole_cut_to_a_hole_is_repaired_to_the_hole():
    ring = [(0, 0), (4, 0), (4, 4), (0, 4), (0, 0), (1, 1), (1, 2), (2, 2), (2, 1), (1, 1), (0, 0)]
    site, repair = _one_repair(_polygon(ring))
    assert repair.type == "self-touch"
    hole = ellipsoidal_area([_polygon([(1, 1), (2, 1), (2, 2), (1, 2), (1, 1)])])[0]
    assert repair.area_after_m2 == pytest.approx(ellipsoidal_area([_polygon(RING)])[0] - hole, rel=1e-9)
    assert len(site.geometry.interiors) == 1


def test_an_edge_traced_three_times_is_repaired():
    site, repair = _one_repair(_polygon([(0, 0), (4, 0), (0, 0), (4, 0), (4, 4), (0, 4), (0, 0)]))
    assert repair.type == "self-touch"
    assert site.canonical_wkb() == _site(_polygon(RING)).canonical_wkb()


def test_an_outward_spike_is_refused_with_its_tip():
    error = _refused(_polygon([(0, 0), (4, 0), (4, 4), (6, 6), (4, 4), (0, 4), (0, 0)]))
    assert error.type == "site-spike"
    assert _at(error) == pytest.approx([6, 6])


def test_a_crossing_thinner_than_a_millimetre_is_rounding_and_repaired():
    """A vertex meant to lie on another edge, given to the tenth of a millimetre, may fall on the far side of it."""
    origin = np.round(read_crs(4525).from_lonlat([[111.3, 35.6]])[0])
    ring = np.array([(0, 0), (100, 0), (100, 100), (50, -0.0003), (0, 100)]) + origin
    site = read_site([RawPart(shapely.Polygon(ring))], crs=4525)
    assert [r.type for r in site.repairs] == ["self-touch"]
    deeper = np.array([(0, 0), (100, 0), (100, 100), (50, -0.5), (0, 100)]) + origin
    with pytest.raises(BadSite) as caught:
        read_site([RawPart(shapely.Polygon(deeper))], crs=4525)
    assert caught.value.type == "site-self-crossing"


def test_a_repair_that_would_change_the_area_is_refused():
    """A frame ten centimetres wide whose ends overlap by half a millimetre: rounding by its width, but 0.14 % of its area."""
    low, high = 0.04975, 0.05025
    outside = [(0, high), (0, 0), (0.1, 0), (0.1, 0.1), (0, 0.1), (0, low)]
    inside = [(0.01, low), (0.01, 0.09), (0.09, 0.09), (0.09, 0.01), (0.01, 0.01), (0.01, high)]
    origin = read_crs(4525).from_lonlat([[111.3, 35.6]])[0]
    with pytest.raises(BadSite) as caught:
        read_site([RawPart(shapely.Polygon(np.add(outside + inside, origin)), feature=7)], crs=4525)
    assert (caught.value.type, caught.value.where["feature"]) == ("site-repair-too-large", 7)
    assert caught.value.where["area_after_m2"] == pytest.approx(0.0036, rel=1e-3)
    assert caught.value.where["area_before_m2"] == pytest.approx(0.003605, rel=1e-3)


def test_a_ring_that_touches_itself_everywhere_is_refused_not_waited_for():
    step = np.arange(2400) * 1e-6
    teeth = np.column_stack([111.3 + step, 35.6 + np.where(np.arange(2400) % 2, 0.0, 0.01)])
    base = [(111.3 + 2400e-6, 35.6), (111.3 - 1e-6, 35.6)]
    assert _refused(shapely.Polygon(np.vstack([teeth, base]))).type == "site-too-many-touches"


def test_repeated_points_are_counted_and_removed():
    site, repair = _one_repair(_polygon([(0, 0), (4, 0), (4, 0), (4, 0), (4, 4), (0, 4), (0, 4), (0, 0)]))
    assert repair.type == "repeated-points"
    assert "3" in repair.text.zh
    assert site.canonical_wkb() == _site(_polygon(RING)).canonical_wkb()


def test_a_ring_the_wrong_way_round_is_turned_and_said():
    _, repair = _one_repair(_polygon(RING[::-1]))
    assert (repair.type, repair.where["ring"]) == ("ring-order", 1)
    hole = [(1, 1), (1, 2), (2, 2), (2, 1), (1, 1)]
    assert _site(_polygon(RING, hole)).repairs == ()
    _, repair = _one_repair(_polygon(RING, hole[::-1]))
    assert (repair.type, repair.where["ring"]) == ("ring-order", 2)


def test_a_hole_that_touches_its_shell_twice_is_repaired():
    site, repair = _one_repair(_polygon(RING, [(0, 2), (2, 3), (4, 2), (2, 1), (0, 2)]))
    assert repair.type == "self-touch"
    assert len(site.geometry.geoms) == 2


@pytest.mark.parametrize(
    ("holes", "kind", "place"),
    [
        ([[(6, 6), (6, 7), (7, 7), (6, 6)]], "site-hole-outside", (6, 6)),
        ([[(3, 1), (3, 2), (5, 2), (5, 1), (3, 1)]], "site-self-crossing", (4, 2)),
        (
            [[(1, 1), (1, 3), (3, 3), (3, 1), (1, 1)], [(1.5, 1.5), (1.5, 2), (2, 2), (1.5, 1.5)]],
            "site-nested-holes",
            (1.5, 1.5),
        ),
        (
            [[(1, 1), (1, 3), (3, 3), (3, 1), (1, 1)], [(2, 2), (2, 3.5), (3.5, 3.5), (3.5, 2), (2, 2)]],
            "site-self-crossing",
            (2, 3),
        ),
    ],
)
def test_holes_that_cannot_be_are_refused_with_the_reason(holes, kind, place):
    error = _refused(_polygon(RING, *holes))
    assert error.type == kind
    found = np.array(error.where.get("crossings", [error.where["coordinate"]]))
    assert np.abs((found - [111.3, 35.6]) / UNIT - place).sum(axis=1).min() < 1e-6


@pytest.mark.parametrize(
    "ring", [[(0, 0), (1, 0), (2, 0), (0, 0)], [(0, 0), (1, 1), (0, 0), (1, 1), (0, 0)], [(0, 0)] * 5]
)
def test_a_ring_without_area_is_refused(ring):
    assert _refused(_polygon(ring)).type == "site-zero-area"


def test_an_area_below_the_grid_is_no_area():
    tiny = shapely.Polygon(np.add([(0, 0), (1e-11, 0), (1e-11, 1e-11)], [111.3, 35.6]))
    assert _refused(tiny).type == "site-zero-area"


def test_a_line_without_length_is_refused():
    assert _refused(shapely.LineString([(111.3, 35.6), (111.3, 35.6)])).type == "site-zero-length"


def test_repeated_points_of_lines_and_points_are_removed():
    line, _ = _one_repair(shapely.LineString([(111.1, 36), (111.1, 36), (111.2, 36)]))
    assert shapely.get_num_coordinates(line.geometry) == 2
    points, _ = _one_repair(shapely.MultiPoint([(111.1, 36), (111.2, 36), (111.1, 36)]))
    assert len(points.geometry.geoms) == 2


def test_parts_that_share_an_edge_are_merged_and_parts_that_overlap_are_refused():
    left, right = _polygon(RING), _polygon([(4, 0), (8, 0), (8, 4), (4, 4), (4, 0)])
    site, repair = _one_repair(shapely.MultiPolygon([left, right]))
    assert repair.type == "parts-merged"
    assert shapely.get_type_id(site.geometry) == 3
    over = _polygon([(3, 0), (8, 0), (8, 4), (3, 4), (3, 0)])
    assert _refused(shapely.MultiPolygon([left, over])).type == "site-parts-overlap"
    inner = _polygon([(1, 1), (2, 1), (2, 2), (1, 2), (1, 1)])
    assert _refused(shapely.MultiPolygon([left, inner])).type == "site-nested-shells"


def test_a_scribble_of_many_vertices_is_refused_without_counting_every_crossing():
    wild = np.random.default_rng(5).uniform(0, 4, (20_000, 2))
    error = _refused(_polygon(np.vstack([wild, wild[:1]])))
    assert error.type == "site-self-crossing"
    assert error.where["crossings_complete"] is False


def test_an_unclosed_ring_is_closed_on_record():
    polygon, faults = polygon_of([_place(RING[:-1])])
    assert [(f.type, f.ring, f.amount) for f in faults] == [("ring-unclosed", 1, pytest.approx(4 * UNIT))]
    site = read_site([RawPart(polygon, faults=tuple(faults))], crs=4490)
    assert [r.type for r in site.repairs] == ["ring-unclosed"]
    assert site.canonical_wkb() == _site(_polygon(RING)).canonical_wkb()


CW, HOLE = RING[::-1], [(1, 1), (3, 1), (3, 3), (1, 3), (1, 1)]


@pytest.mark.parametrize("turn", [1, -1])
def test_loose_rings_are_assembled_by_direction_and_a_file_all_reversed_is_said(turn):
    island = [(1.5, 1.5), (1.5, 2), (2, 2), (1.5, 1.5)]
    polygons, faults = assemble([_place(ring)[::turn] for ring in (HOLE, CW, island)])
    assert [len(p.interiors) for p in polygons] == [1, 0]
    assert [f.type for f in faults] == ([] if turn == 1 else ["ring-order"])


def test_one_reversed_ring_alone_is_a_shell_and_said():
    polygons, faults = assemble([_place(RING)])
    assert shapely.equals(polygons[0], _polygon(RING))
    assert [f.type for f in faults] == ["ring-order"]


@pytest.mark.parametrize(
    ("rings", "kind"),
    [
        ([CW, [(6, 6), (7, 6), (7, 7), (6, 6)]], "hole-outside"),
        ([CW, HOLE[::-1]], "nested-shells"),
        ([CW, [(0, 0), (1, 1), (0, 0)]], "too-few-points"),
        ([CW, [(1, 1), (np.nan, 1), (3, 3), (1, 1)]], "not-finite"),
    ],
)
def test_loose_rings_that_make_no_polygon_are_refused(rings, kind):
    with pytest.raises(BrokenRingsError) as caught:
        assemble([_place(ring) for ring in rings])
    assert caught.value.type == kind
    assert caught.value.ring == 2
