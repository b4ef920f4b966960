"""One line through a few simple zones, with every number that an answer gives for it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import shapely

from tests.unit.zoning.scenes import at, box, layer
from tests.unit.zoning.test_check import site
from tests.unit.zoning.test_lines import beside, site_of_line
from zoning.alongside import Alongside
from zoning.chainage import route_of
from zoning.evidence import LayerWindow
from zoning.jurisdiction import Clip
from zoning.relation import LayerView
from zoning.view import View
from zoning.walk import Crossing, Stretch

A, B, C, D = (
    shapely.get_coordinates(at(shapely.Point(x, y)))[0] for x, y in ((0, 0), (1000, 0), (1000, 600), (2000, 600))
)
ALONG = [A, B, C, D]
"""A kilometre east, 600 m north, a kilometre east."""


def zone(*corners: np.ndarray) -> shapely.Geometry:
    return shapely.Polygon(corners)


def route_beside(*layers: LayerWindow, parts: int = 1) -> Alongside:
    line = shapely.LineString(ALONG)
    if parts == 2:
        line = shapely.MultiLineString([line, shapely.LineString([at_(0, 5000), at_(500, 5000)])])
    return beside(site_of_line(line), *layers)


def at_(x: float, y: float) -> np.ndarray:
    return shapely.get_coordinates(at(shapely.Point(x, y)))[0]


def test_lengths_inside_along_and_outside_are_told_apart() -> None:
    # The first holds 400–1000 m of the way and the corner's edge B–C; the second starts at that edge.
    west = zone(at_(400, -300), at_(1000, -300), B, C, at_(400, 600))
    zones = layer("redline", [("z-west", west, {}), ("a-far", box(200, 500, 300, 590), {})])
    found = route_beside(zones).lengths("redline")
    assert (found.layer, found.full_cover, found.title.zh) == ("redline", False, "redline")
    assert [f.feature.code for f in found.features] == ["z-west"]
    assert (found.whole_m, found.inside_m, found.along_m, found.outside_m, found.doubled_m) == pytest.approx(
        (2600, 1200, 600, 1400, 0), abs=0.5
    )
    (one,) = found.features
    assert (one.length_m, one.along_m) == pytest.approx((1200, 600), abs=0.5)
    assert one.shared_with == ()
    inside, along = one.stretches
    assert (inside.along, along.along) == (False, True)
    assert (inside.from_m, inside.to_m, along.from_m, along.to_m) == pytest.approx((400, 1000, 1000, 1600), abs=0.5)
    assert [c.way for c in one.crossings] == ["enters", "leaves"]


def test_a_shared_edge_counts_for_the_first_code_in_a_full_cover_layer_only() -> None:
    west = zone(at_(-500, -500), at_(1000, -500), B, C, at_(1000, 1500), at_(-500, 1500))
    east = zone(at_(1000, -500), at_(2500, -500), at_(2500, 1500), at_(1000, 1500), C, B)
    for full, lengths in ((True, (1600, 1000)), (False, (1600, 1600))):
        units = layer("control_unit", [("a", west, {}), ("b", east, {})], full_cover=full)
        found = route_beside(units).lengths("control_unit")
        assert [f.length_m for f in found.features] == pytest.approx(lengths, abs=0.5)
        assert [f.shared_with for f in found.features] == [("b",), ("a",)]
        assert [f.along_m for f in found.features] == pytest.approx([600, 600], abs=0.5)
        assert (found.inside_m, found.along_m, found.outside_m) == pytest.approx((2600, 600, 0), abs=0.5)
        assert found.doubled_m == pytest.approx(0, abs=1e-6)
    closure = route_beside(units).closure("control_unit")
    assert (closure.parts, closure.outside, closure.site) == pytest.approx((2600, 0, 2600), abs=0.5)


def test_units_that_overlap_count_the_ground_twice_and_the_closure_says_so() -> None:
    units = layer(
        "control_unit",
        [("a", box(-500, -500, 800, 900), {}), ("b", box(700, -500, 2500, 900), {})],
        full_cover=True,
    )
    beside_ = route_beside(units)
    assert beside_.lengths("control_unit").doubled_m == pytest.approx(100, abs=0.5)
    closure = beside_.closure("control_unit")
    assert (closure.parts, closure.outside, closure.site) == pytest.approx((2700, 0, 2600), abs=0.5)
    assert closure.error == pytest.approx(100 / 2600, rel=0.01)


def test_a_line_that_is_only_crossed_is_listed_without_length() -> None:
    river = layer("river", [("R", at(shapely.LineString([(500, -100), (500, 100)])), {})])
    (one,) = route_beside(river).lengths("river").features
    assert (one.length_m, one.along_m, one.stretches) == (0.0, 0.0, ())
    assert [(c.way, round(c.at_m), round(c.angle_deg or 0)) for c in one.crossings] == [("crosses", 500, 90)]


def test_a_stretch_and_a_crossing_are_written_whole_and_to_the_centimetre() -> None:
    beside_ = route_beside(parts=2)
    legs = {round(leg.length_m): (n, leg) for n, leg in enumerate(beside_.route.legs)}
    number, leg = legs[2600]
    assert beside_.stretch_dict(Stretch(number, 400.006, 1500.014)) == {
        "parcel": leg.parcel,
        "part": leg.part,
        "from": "K0+400.01",
        "to": "K1+500.01",
        "from_m": 400.01,
        "to_m": 1500.01,
        "length_m": 1100.0,
        "kind": "inside",
    }
    assert leg.part in (1, 2)
    assert beside_.stretch_dict(Stretch(number, 0.0, 1.0, along=True))["kind"] == "along"
    assert beside_.stretch_dict(Stretch(number, 0.0, 1.0, along=True), "abreast")["kind"] == "abreast"
    crossing = Crossing(number, 1234.567, 110.9812345678, 35.6123456789, "enters", 44.44)
    assert beside_.crossing_dict(crossing) == {
        "parcel": leg.parcel,
        "part": leg.part,
        "at": "K1+234.57",
        "at_m": 1234.57,
        "lon": 110.981234568,
        "lat": 35.612345679,
        "way": "enters",
        "text": {"zh": "进入", "en": "enters"},
        "angle_deg": 44.4,
    }
    assert beside_.crossing_dict(Crossing(number, 1.0, 1.0, 1.0, "ends", None))["angle_deg"] is None


def test_the_axis_of_a_corridor_belongs_to_the_smallest_parcel_that_holds_it() -> None:
    axis = shapely.LineString([A, B])
    wide, narrow = box(-500, -500, 1500, 500), box(-20, -20, 1020, 20)
    both = site(wide, narrow)
    held = dataclasses.replace(both, axis=axis, half_width_m=20.0)
    found = route_of(held)
    assert found is not None
    assert [(leg.parcel, leg.part) for leg in found.legs] == [("2", None)]
    elsewhere = route_of(dataclasses.replace(held, axis=shapely.LineString([at_(0, 9000), at_(5, 9000)])))
    assert elsewhere is not None
    assert elsewhere.legs[0].parcel is None
    assert route_of(both) is None


def counties() -> LayerWindow:
    west = zone(at_(-3000, -3000), at_(1000, -3000), B, C, at_(1000, 3000), at_(-3000, 3000))
    east = zone(at_(1000, -3000), at_(3000, -3000), at_(3000, 3000), at_(1000, 3000), C, B)
    return layer("county", [("140824", west, {}), ("140825", east, {})], full_cover=True)


def test_stretches_are_shared_out_by_county_and_a_county_line_counts_for_the_first_code() -> None:
    on = counties()
    beside_ = route_beside(on)
    found = list(beside_.parts([Stretch(0, 800.0, 1000.0), Stretch(0, 1000.0, 2000.0, along=True)], on.features))
    said = [(p.county, p.from_m, p.to_m, p.length_m) for p in found]
    assert [s[0] for s in said] == ["140824", "140825"]
    assert [v for s in said for v in s[1:]] == pytest.approx([800, 1600, 800, 1600, 2000, 400], abs=0.5)
    whole_m = beside_.route.length_m
    assert [p.share for p in found] == pytest.approx([(p.length_m or 0.0) / whole_m for p in found], rel=1e-9)
    assert [(p.parcel, p.line_part, p.area_m2) for p in found] == [("1", None, None)] * 2
    (whole,) = beside_.parts([Stretch(0, 0.0, 1300.0)], on.features[:1])
    assert (whole.county, whole.from_m, whole.to_m) == ("140824", 0.0, 1300.0)
    (nowhere,) = beside_.parts([Stretch(0, 0.0, 1300.0)], ())
    assert (nowhere.county, nowhere.share) == (None, pytest.approx(0.5, rel=1e-3))


def test_a_parts_share_is_of_all_its_parcels_legs() -> None:
    beside_ = route_beside(parts=2)
    number = next(n for n, leg in enumerate(beside_.route.legs) if leg.length_m > 2000)
    (part,) = beside_.parts([Stretch(number, 0.0, 310.0)], ())
    assert part.share == pytest.approx(310 / 3100, rel=1e-3)
    both = list(beside_.parts([Stretch(0, 0.0, 100.0), Stretch(1, 0.0, 100.0)], ()))
    assert [p.line_part for p in both] == [1, 2]


def test_a_finding_says_only_what_lies_in_its_rules_jurisdiction() -> None:
    on = counties()
    redline = layer("redline", [("z", box(500, -300, 2500, 900), {})])
    beside_ = route_beside(on, redline)
    view = View(beside_.site.geometry, 1, beside_.frame)
    (met,) = LayerView(redline, view).encounters
    west = View(shapely.LineString([A, B]), 1, beside_.frame)

    def said(clip: Clip | None) -> list[tuple[int, int]]:
        return [(round(s.from_m), round(s.to_m)) for s in beside_.stretches("redline", met, clip, view)]

    assert said(None) == [(500, 2600)]
    assert said(Clip(view, view, view, frozenset({0}))) == [(500, 2600)]
    assert said(Clip(None, None, None, frozenset())) == [(500, 2600)]
    assert said(Clip(west, west, west, frozenset({0}))) == [(500, 1600)]
    assert said(Clip(west, west, west, frozenset({1}))) == [(1000, 2600)]
    told = beside_.said("redline", met, Clip(west, west, west, frozenset({0})), view)
    assert [(s["from_m"], s["kind"]) for s in told["stretches"]] == [(pytest.approx(500, abs=0.5), "inside")]
    assert [c["way"] for c in told["crossed_at"]] == ["enters"]
    assert beside_.said("redline", met, Clip(west, west, west, frozenset({1})), view)["crossed_at"] == []
    assert [c["way"] for c in beside_.said("redline", met, None, view)["crossed_at"]] == ["enters"]
