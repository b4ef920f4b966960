"""`/identify`: everything visible at a place, by true geometry, in metres at the place."""

from __future__ import annotations

from collections.abc import Iterator

import pyproj
import pytest
import shapely
import sqlalchemy as sa
from starlette.testclient import TestClient

from app.http import create_app
from layers.database import make_engine
from layers.load import load_bundled
from tests.integration.conftest import feature


@pytest.fixture(scope="module")
def client(database_url_of_worker: sa.URL) -> Iterator[TestClient]:
    with TestClient(create_app(lambda: make_engine(database_url_of_worker)), raise_server_exceptions=False) as client:
        yield client


def layers(client, lon, lat, **more):
    answer = client.get("/identify", params={"lon": lon, "lat": lat, **more})
    assert answer.status_code == 200, answer.text
    return {one["layer"]: one["features"] for one in answer.json()["layers"]}


def test_areas_are_those_that_hold_the_place(client, bundled_db):
    with bundled_db.connect() as connection:
        text = """select layer, code from feature where releases @> 1 and ST_Dimension(geom) = 2
                  and ST_Intersects(geom, ST_SetSRID(ST_MakePoint(:lon, :lat), 4490))"""
        for lon, lat in [(111.57, 35.49), (112.5, 37.8), (111.0, 35.6), (100.0, 30.0)]:
            expected = {tuple(row) for row in connection.execute(sa.text(text), {"lon": lon, "lat": lat})}
            found = layers(client, lon, lat, tolerance_m=0)
            assert {(layer, one["code"]) for layer, some in found.items() for one in some} == expected
    assert layers(client, 100.0, 30.0) == {}


def test_a_feature_comes_with_what_it_rests_on(client):
    answer = client.get("/identify?lon=111.57&lat=35.49&geometry=true").json()
    assert answer["release"] == 1
    assert "redline" in answer["searched"]
    unit = next(one for one in answer["layers"] if one["layer"] == "control_unit")
    assert unit["title"]["zh"]
    assert unit["title"]["en"]
    (one,) = unit["features"]
    for key in (
        "code",
        "name",
        "name_en",
        "class_zh",
        "class_en",
        "source",
        "method",
        "licence",
        "accuracy_m",
        "legal_status",
        "area_m2",
    ):
        assert one[key] is not None, key
    assert shapely.geometry.shape(one["geometry"]).covers(shapely.Point(111.57, 35.49))
    assert "geometry" not in layers(client, 111.57, 35.49)["county"][0]


@pytest.mark.parametrize("offset_m", [3.0, 80.0, 900.0])
def test_lines_and_points_are_measured_in_metres_at_the_place(empty_db, world, offset_m):
    """A line along the meridian and a point, each a known geodesic distance away, at a latitude where degrees differ by a quarter."""
    geod = pyproj.Geod(ellps="GRS80")
    lon = geod.fwd(112.3, 36.3, 90, offset_m)[0]
    line = shapely.LineString([(lon, 36.2), (lon, 36.4)])
    north = geod.fwd(112.3, 36.3, 0, offset_m)
    world.put("river", [feature("R-1", line)], order=4, geometry="MultiLineString", complete_for={"name": ["名R-1"]})
    world.put("water_source", [feature("W-1", shapely.Point(north[:2]))], order=5, geometry="MultiPoint")
    load_bundled(empty_db, world.folder, world.catalogue)
    with TestClient(create_app(lambda: make_engine(empty_db.url))) as client:
        found = layers(client, 112.3, 36.3, tolerance_m=offset_m + 0.2)
        assert found["river"][0]["distance_m"] == pytest.approx(offset_m, abs=0.06)
        assert found["water_source"][0]["distance_m"] == pytest.approx(offset_m, abs=0.06)
        assert {"river", "water_source"} & set(layers(client, 112.3, 36.3, tolerance_m=offset_m - 0.2)) == set()


def test_a_long_edge_is_straight_in_longitude_and_latitude(empty_db, world):
    world.put("river", [feature("R-1", shapely.LineString([(112.0, 36.5), (113.0, 36.5)]))], order=4, geometry="MultiLineString",
              complete_for={"name": ["名R-1"]})  # fmt: skip
    load_bundled(empty_db, world.folder, world.catalogue)
    with TestClient(create_app(lambda: make_engine(empty_db.url))) as client:
        assert layers(client, 112.5, 36.5, tolerance_m=1)["river"][0]["distance_m"] == 0.0


def test_too_many_features_are_refused_and_never_cut(client, monkeypatch):
    monkeypatch.setattr("layers.identify.MOST", 3)
    answer = client.get("/identify?lon=111.57&lat=35.49")
    assert answer.status_code == 400
    assert answer.json()["type"].endswith(":place-crowded")


@pytest.mark.parametrize(
    "query",
    ["", "lon=111", "lon=x&lat=35", "lon=181&lat=35", "lon=111&lat=91", "lon=nan&lat=35", "lon=inf&lat=35", "lon=111&lat=35&tolerance_m=-1",
     "lon=111&lat=35&tolerance_m=5001", "lon=111&lat=35&tolerance_m=nan", "lon=111&lat=35&geometry=maybe", "lon=111&lat=35&x=1",
     "lon=111&lon=112&lat=35", "lon=111&lat=35&release=x"],
)  # fmt: skip
def test_a_wrong_question_is_refused(client, query):
    answer = client.get(f"/identify?{query}")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(("lon", "lat"), [(180, 90), (-180, -90), (0, 0), (180, 0), (0, 90), (111, 89.99999)])
def test_the_ends_of_the_earth_are_no_failure(client, lon, lat):
    assert layers(client, lon, lat, tolerance_m=5000) == {}
