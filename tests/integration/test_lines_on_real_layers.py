"""A 42 km pipeline through two counties on the bundled layers: lengths close, chainages agree with plain geodesy, corridors widen."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pyproj
import pytest
import shapely
import sqlalchemy as sa

from app.service import decide
from layers.release import open_release
from tests.integration.test_check_on_real_layers import whole_features
from zoning.answer import document
from zoning.identity import Question
from zoning.measure import INVERSE_FLATTENING, A
from zoning.project import Project
from zoning.site import RawPart, Site, read_site

AS_OF = dt.date(2024, 6, 30)
GEOD = pyproj.Geod(a=A, rf=INVERSE_FLATTENING)
# Made up: from Jishan county (稷山) across the Fen into Xinjiang county (新绛).
PIPELINE = shapely.LineString(
    [(110.868, 35.58), (110.93, 35.585), (110.985, 35.64), (111.06, 35.60), (111.13, 35.635), (111.26, 35.60)]
)


def answer(engine: sa.Engine, site: Site) -> dict[str, Any]:
    what = Project.of("E4852", "new", {"land_take": "temporary", "new_groundwater_intake": False})
    return document(decide(engine, Question(site, what, AS_OF), open_release(engine)))


def pipeline(line: shapely.Geometry = PIPELINE, half_width_m: float | None = None) -> Site:
    return read_site([RawPart(line)], crs="EPSG:4490", half_width_m=half_width_m)


def geodesic_length(geometry: shapely.Geometry) -> float:
    """Length by pyproj alone, edges cut to 50 m."""
    parts = shapely.get_parts(shapely.segmentize(geometry, 0.0005))
    lines = [g for g in parts if shapely.get_dimensions(g) == 1]
    return sum(GEOD.line_length(*shapely.get_coordinates(line).T) for line in lines)


@pytest.fixture(scope="module")
def route(bundled_db: sa.Engine) -> dict[str, Any]:
    found: dict[str, Any] = answer(bundled_db, pipeline())["route"]
    return found


def test_it_is_about_42_km_through_two_counties(route: dict[str, Any]) -> None:
    assert route["length_m"] == pytest.approx(42_000, rel=0.02)
    counties = next(one for one in route["layers"] if one["layer"] == "county")
    assert {f["code"] for f in counties["features"] if f["length_m"] > 1000} == {"140824", "140825"}


def test_lengths_close_in_every_layer(route: dict[str, Any]) -> None:
    whole = geodesic_length(PIPELINE)
    assert route["length_m"] == pytest.approx(whole, rel=1e-6)
    for layer in route["layers"]:
        assert layer["inside_m"] + layer["outside_m"] == pytest.approx(whole, rel=1e-6)
        if layer["full_cover"]:
            assert sum(f["length_m"] for f in layer["features"]) + layer["outside_m"] == pytest.approx(whole, rel=1e-6)


def test_lengths_and_stretches_agree_with_whole_features_and_geodesics(route: dict[str, Any]) -> None:
    looked = 0
    for layer in route["layers"]:
        shapes = dict(whole_features(layer["layer"]))
        for feature in layer["features"]:
            if not feature["stretches"]:
                continue
            expected = geodesic_length(shapely.intersection(shapes[feature["code"]], PIPELINE))
            assert feature["length_m"] == pytest.approx(expected, rel=1e-6, abs=0.03)
            assert sum(s["length_m"] for s in feature["stretches"]) == pytest.approx(expected, rel=1e-6, abs=0.03)
            looked += 1
    assert looked > 8


def test_crossings_stand_on_the_line_at_their_chainage_and_on_the_boundary(route: dict[str, Any]) -> None:
    fine = shapely.get_coordinates(shapely.segmentize(PIPELINE, 0.0002))
    run = np.concatenate([[0.0], np.cumsum(GEOD.inv(*fine[:-1].T, *fine[1:].T)[2])])
    ways = set()
    for layer in route["layers"]:
        shapes = dict(whole_features(layer["layer"]))
        for feature in layer["features"]:
            whole = shapes[feature["code"]]
            bounds = shapely.boundary(whole) if shapely.get_dimensions(whole) == 2 else whole
            for one in feature["crossings"]:
                place = [float(np.interp(one["at_m"], run, fine[:, axis])) for axis in (0, 1)]
                assert place == pytest.approx([one["lon"], one["lat"]], abs=2e-7)
                assert shapely.distance(bounds, shapely.Point(one["lon"], one["lat"])) < 2e-8
                ways.add(one["way"])
    assert ways >= {"enters", "leaves", "crosses"}


def test_it_crosses_the_fen_once_for_each_time_the_whole_river_says_so(route: dict[str, Any]) -> None:
    rivers = dict(whole_features("river"))
    told = {f["code"]: len([c for c in f["crossings"] if c["way"] == "crosses"])
            for layer in route["layers"] if layer["layer"] == "river" for f in layer["features"]}  # fmt: skip
    met = {
        code: len(shapely.get_parts(shapely.intersection(g, PIPELINE)))
        for code, g in rivers.items()
        if g.intersects(PIPELINE)
    }
    assert told == met
    assert "R-FEN" in told


def test_drawn_from_the_other_end_it_is_the_same_answer(bundled_db: sa.Engine) -> None:
    one, two = (answer(bundled_db, pipeline(line)) for line in (PIPELINE, shapely.reverse(PIPELINE)))
    for data in (one, two):
        data["site"].pop("notices")
    assert one == two


def test_its_corridor_has_the_same_axis_and_the_area_of_a_band(bundled_db: sa.Engine, route: dict[str, Any]) -> None:
    data = answer(bundled_db, pipeline(half_width_m=10))
    assert data["route"]["layers"] == route["layers"]
    assert data["route"]["of"] == "axis"
    # Inner bends are covered twice by the two bands that meet there, outer ones are rounded: together far under 1e-4.
    assert data["site"]["area_m2"] == pytest.approx(20 * route["length_m"] + np.pi * 100, rel=1e-4)
    for finding in data["findings"]:
        if finding["overlap_m2"]:
            assert finding["stretches"]
            abreast = sum(s["length_m"] for s in finding["stretches"])
            assert finding["overlap_m2"] <= 20 * abreast + np.pi * 100
