"""The illustrative layers have the published areas, fit each other as the law wants, and leave the samples their places."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from bundled.round_shape import band, distance_m

from zoning.measure import ellipsoidal_area

SPECIAL = (
    "redline",
    "protected_area",
    "permanent_basic_farmland",
    "water_source",
    "spring_domain",
    "groundwater_zone",
    "county_planning_area",
    "industrial_park",
    "no_coal_zone",
    "river_corridor",
    "river_management",
)
PLACES = Path(__file__).resolve().parents[3] / "data/boundaries/build/bundled/sample_places.csv"
Read = Callable[[str], Any]


def _total(geometries: Any) -> float:
    return float(ellipsoidal_area(geometries).sum())


def _overlap_m2(one: Any, other: Any) -> float:
    return _total([shapely.intersection(shapely.union_all(one), shapely.union_all(other))])


def test_jiang_county_red_line_has_the_published_area(layer: Read) -> None:
    assert _total(layer("redline").where(county_code="140826")) == pytest.approx(387.97e6, abs=10)


def test_red_line_is_the_published_share_of_the_province(layer: Read) -> None:
    share = _total(layer("redline").geometries) / _total(layer("province").geometries)
    assert share == pytest.approx(0.2195, abs=1e-10)


def test_jishan_farmland_has_the_published_area(layer: Read) -> None:
    assert _total(layer("permanent_basic_farmland").where(county_code="140824")) == pytest.approx(277.85e6, abs=10)


def test_control_units_are_a_valid_coverage(layer: Read) -> None:
    assert shapely.coverage_is_valid(layer("control_unit").geometries)


def test_control_units_tile_every_county_exactly(layer: Read) -> None:
    for properties, county in zip(layer("county").properties, layer("county").geometries, strict=True):
        units = layer("control_unit").where(county_code=properties["code"])
        assert shapely.equals(shapely.coverage_union_all(units), county), properties["code"]
        assert _total(units) == pytest.approx(_total([county]), rel=1e-12)


def test_every_county_has_one_general_unit(layer: Read) -> None:
    general = [p["county_code"] for p in layer("control_unit").properties if p["class"] == "3"]
    assert general == sorted({p["code"] for p in layer("county").properties})


def test_unit_codes_agree_with_county_and_class_and_no_serial_is_real(layer: Read) -> None:
    for properties in layer("control_unit").properties:
        code = properties["code"]
        assert code[:9] == f"ZH{properties['county_code']}{properties['class']}"
        assert 9001 <= int(code[9:]) <= 9999
        assert properties["unit_class"] == {"1": "priority", "2": "key", "3": "general"}[properties["class"]]


@pytest.mark.parametrize("name", ["redline", "protected_area", "water_source"])
def test_protected_ground_is_inside_priority_units(name: str, layer: Read) -> None:
    priority = layer("control_unit").where(**{"class": "1"})
    inside = shapely.coverage_union_all(layer(name).geometries)
    assert shapely.covers(shapely.coverage_union_all(priority), inside)


def test_key_zones_of_springs_are_inside_priority_units(layer: Read) -> None:
    priority = shapely.coverage_union_all(layer("control_unit").where(**{"class": "1"}))
    assert shapely.covers(priority, layer("spring_domain").where(**{"class": "key"})).all()


def test_protected_areas_lie_in_the_red_line(layer: Read) -> None:
    red = shapely.coverage_union_all(layer("redline").geometries)
    assert shapely.covers(red, layer("protected_area").geometries).all()


def test_core_and_general_zones_make_one_patch_without_overlap(layer: Read) -> None:
    counties = sorted({p["county_code"] for p in layer("protected_area").properties})
    assert len(counties) >= 15
    for code in counties:
        core, general = (
            layer("protected_area").where(county_code=code, **{"class": c})[0] for c in ("core", "general")
        )
        assert shapely.area(shapely.intersection(core, general)) == 0
        assert shapely.coverage_is_valid([core, general])
        assert len(shapely.get_parts(shapely.coverage_union_all([core, general]))) == 1
        assert _total([core]) < _total([general])


@pytest.mark.parametrize("name", ["water_source", "spring_domain", "redline", "protected_area", "control_unit"])
def test_features_of_a_layer_do_not_overlap(name: str, layer: Read) -> None:
    geometries = layer(name).geometries
    assert _total([shapely.union_all(geometries)]) == pytest.approx(_total(geometries), abs=1)


def test_zhangfeng_reservoir_has_three_grades_on_the_qin(layer: Read) -> None:
    rings = layer("water_source").where(county_code="140521")
    assert sorted(p["class"] for p in layer("water_source").properties if p["county_code"] == "140521") == [
        "grade1",
        "grade2",
        "quasi",
    ]
    qin = layer("river").where(name="沁河")[0]
    assert qin.intersects(layer("water_source").where(county_code="140521", **{"class": "grade1"})[0])
    assert len(rings) == 3


def test_parks_planning_areas_and_farmland_avoid_the_red_line(layer: Read) -> None:
    red = layer("redline").geometries
    for name in ("industrial_park", "county_planning_area", "no_coal_zone", "permanent_basic_farmland"):
        assert _overlap_m2(layer(name).geometries, red) < 1, name


def test_there_are_nineteen_springs_and_a_planning_area_in_each_county(layer: Read) -> None:
    assert len(layer("spring_domain").properties) == 38
    codes = [p["county_code"] for p in layer("county_planning_area").properties]
    assert codes == [p["code"] for p in layer("county").properties]


def test_named_parks_are_there(layer: Read) -> None:
    names = {p["name"] for p in layer("industrial_park").properties}
    assert {"沁水经济技术开发区（示意）", "稷山经济技术开发区（示意）", "绛县经济开发区（示意）"} <= names


@pytest.mark.parametrize(("name", "width"), [("river_corridor", 300.0), ("river_management", 150.0)])
def test_bands_follow_the_river_at_their_width(name: str, width: float, layer: Read) -> None:
    line = layer("river").where(name="沁河")[0]
    polygon = layer(name).where(river="沁河")[0]
    place = shapely.Point(112.475, 35.685)
    edge = shapely.points(shapely.get_coordinates(polygon))
    near = edge[shapely.distance(edge, place) < 0.1]
    measured = [distance_m(point, line) for point in near]
    assert min(measured) > width - 10
    assert max(measured) < width + 10


def _places() -> list[dict[str, str]]:
    with PLACES.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("place", _places(), ids=lambda place: place["key"])
def test_places_for_samples_are_clear_for_half_a_kilometre(place: dict[str, str], layer: Read) -> None:
    ground = band(shapely.Point(float(place["lon"]), float(place["lat"])), 500, 0, 7)
    county = layer("county").where(code=place["county"])[0]
    assert shapely.covers(county, ground)
    hit = [name for name in SPECIAL if shapely.intersects(layer(name).geometries, ground).any()]
    assert hit == []
    units = [
        p["class"]
        for p, g in zip(layer("control_unit").properties, layer("control_unit").geometries, strict=True)
        if g.intersects(ground)
    ]
    assert units == ["3"]


def test_every_county_can_show_the_red_line_unless_it_is_small(layer: Read) -> None:
    held = {p["county_code"] for p in layer("redline").properties}
    areas = ellipsoidal_area(layer("county").geometries)
    bare = [
        p["code"] for p, a in zip(layer("county").properties, areas, strict=True) if p["code"] not in held and a > 150e6
    ]
    assert bare == []


def test_provincial_area_is_unchanged_by_the_noding(layer: Read) -> None:
    counties = layer("county").geometries
    assert _total(counties) == pytest.approx(_total(layer("province").geometries), rel=1e-12)
    assert np.isclose(_total(counties) / 1e6, 156_805.46, atol=0.05)
