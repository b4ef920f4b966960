"""Site files over HTTP: the hostile set gets its problem documents and never a 500; a form asks a check as JSON does."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from app.http import create_app
from app.routes.schema import CHECK_EXAMPLE, SITE_EXAMPLE
from layers.database import make_engine
from tests.unit.layers.hostile import AREA, HOSTILE, Hostile, archive, geojson, gpkg, polygon, shapefile

URN = "urn:shanhe:problem:"
QUESTION = json.dumps({key: value for key, value in CHECK_EXAMPLE.items() if key != "site"})
FILE = json.dumps(SITE_EXAMPLE).encode()
TWO = gpkg(AREA, layers=("甲", "乙"))


@pytest.fixture(scope="module")
def client(database_url_of_worker: sa.URL) -> Iterator[TestClient]:
    with TestClient(create_app(lambda: make_engine(database_url_of_worker)), raise_server_exceptions=False) as client:
        yield client


def problem(answer) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    data = answer.json()
    assert data["detail_zh"]
    assert data["detail_en"]
    return answer.status_code, data["type"].removeprefix(URN)


@pytest.mark.parametrize("one", HOSTILE, ids=lambda one: one.name)
def test_a_hostile_file_is_a_problem_and_no_failure(client, one: Hostile):
    form = {} if one.crs is None else {"crs": one.crs}
    answer = client.post("/sites", files={"file": (one.file, one.make())}, data=form)
    if one.type is None:
        assert answer.status_code == 200
        said = [item["type"] for key in ("notices", "repairs") for item in answer.json()[key]]
        assert (one.notice or one.repair) in said
        return
    status, type = problem(answer)
    if status == 413:  # more than a body may have: told before the file is looked at
        assert (one.type, type) == ("file-too-large", "body-too-large")
    else:
        assert (status, type) == (422, one.type)


def test_a_layer_is_named_in_the_form_or_in_the_address(client):
    file = {"file": ("a.gpkg", TWO)}
    assert problem(client.post("/sites", files=file)) == (422, "layers-several")
    by_form = client.post("/sites", files=file, data={"layer": "乙"})
    by_address = client.post("/sites?layer=乙", files=file)
    assert by_form.status_code == 200
    assert by_form.content == by_address.content
    assert "layer-read" in [notice["type"] for notice in by_form.json()["notices"]]
    assert problem(client.post("/sites?layer=丙", files=file)) == (422, "layer-unknown")
    assert problem(client.post("/sites?layer=乙", files=file, data={"layer": "乙"})) == (400, "parameter-invalid")
    json_type = {"Content-Type": "application/geo+json"}
    assert problem(client.post("/sites?layer=乙", content=FILE, headers=json_type)) == (422, "layer-unknown")


def test_a_check_of_a_file_is_the_check_of_its_geojson(client):
    as_json = client.post("/checks", json=CHECK_EXAMPLE)
    as_form = client.post("/checks", files={"file": ("site.geojson", FILE)}, data={"check": QUESTION})
    assert as_form.status_code == 200
    assert as_form.headers["location"] == as_json.headers["location"]
    assert as_form.json()["verdict"] == as_json.json()["verdict"]


def test_a_check_reads_one_layer_of_a_file(client):
    file = {"file": ("a.gpkg", TWO)}
    assert problem(client.post("/checks", files=file, data={"check": QUESTION})) == (422, "layers-several")
    for answer in (
        client.post("/checks?layer=甲", files=file, data={"check": QUESTION}),
        client.post("/checks", files=file, data={"check": QUESTION, "layer": "甲"}),
    ):
        assert answer.status_code == 200
        assert "layer-read" in [notice["type"] for notice in answer.json()["site"]["notices"]]


@pytest.mark.parametrize(
    ("path", "form", "type"),
    [
        ("/checks", {}, "parameter-invalid"),
        ("/checks", {"check": "{"}, "json-invalid"),
        ("/checks", {"check": json.dumps(CHECK_EXAMPLE)}, "body-invalid"),
        ("/checks?crs=EPSG:4490", {"check": QUESTION}, "parameter-unknown"),
        ("/checks", {"check": QUESTION, "release": "1"}, "parameter-unknown"),
    ],
)
def test_a_form_that_asks_wrongly_is_refused(client, path, form, type):
    status, told = problem(client.post(path, files={"file": ("site.geojson", FILE)}, data=form))
    assert told == type
    assert 400 <= status < 500


def test_a_layer_beside_a_json_check_is_refused(client):
    assert problem(client.post("/checks?layer=a", json=CHECK_EXAMPLE)) == (400, "parameter-unknown")


def test_a_check_of_an_old_datum_is_refused_whatever_is_stated(client):
    file = {"file": ("a.zip", archive(shapefile(code=2361)))}
    answer = client.post("/checks", files=file, data={"check": QUESTION, "crs": "EPSG:4525"})
    assert problem(answer) == (422, "datum-unsupported")


def test_json_nested_deeply_or_huge_is_refused_in_process(client):
    body = {"Content-Type": "application/json"}
    assert problem(client.post("/checks", content=b"[" * 100_000, headers=body)) == (422, "json-invalid")
    many = geojson(polygon([[111.5, 35.4]] * 200_001))
    assert problem(client.post("/checks", json={**CHECK_EXAMPLE, "site": json.loads(many)})) == (422, "site-too-large")
