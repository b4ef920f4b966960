"""What not everybody may see leaves the service on no way: every address is walked with hidden, login and generalised layers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import numpy as np
import pytest
import shapely
import sqlalchemy as sa
from starlette.testclient import TestClient

from app.http import create_app
from layers.database import make_engine
from layers.load import load_bundled
from layers.visibility import GRID
from tests.integration.conftest import World, feature

SECRET = {"hidden": "SECRETHIDDEN", "login": "SECRETLOGIN", "role": "SECRETROLE"}
FORMS = {
    "hidden": {"visibility": "public", "public_form": "hidden"},
    "login": {"visibility": "login", "public_form": "exact"},
    "role": {"visibility": "role", "public_form": "generalised"},
}
KINDS = {"hidden": "water_source", "login": "protected_area", "role": "spring_domain", "generalised": "redline"}
SITE = shapely.box(112.301234567, 36.301234567, 112.302345678, 36.302345678)


def place(secret: str, n: int) -> list[dict]:
    """A polygon over the site, whose corners are seen nowhere else."""
    shape = SITE.buffer(0.01 + n / 1000, quad_segs=2)
    return [feature(f"{secret}-CODE", shape, name=f"{secret}名", name_en=f"{secret} name", source=f"{secret} source")]


def load(engine: sa.Engine, world: World) -> None:
    load_bundled(engine, world.folder, world.catalogue)


@pytest.fixture
def secrets(empty_db: sa.Engine, world: World) -> Iterator[tuple[TestClient, sa.Engine]]:
    """A release with one layer of each kind over the site, and a generalised red line."""
    for n, (kind, form) in enumerate(FORMS.items()):
        world.put(KINDS[kind], place(SECRET[kind], n), order=10 + n, **form)
    bump = shapely.Point(112.31, 36.31).buffer(0.05, quad_segs=50)
    world.put("redline", [feature("RL-1", bump), feature("RL-2", shapely.Point(112.7, 36.7).buffer(0.0003))], order=3,
              public_form="generalised")  # fmt: skip
    load(empty_db, world)
    with TestClient(create_app(lambda: make_engine(empty_db.url)), raise_server_exceptions=False) as client:
        yield client, empty_db


def check_body(**changes) -> dict:
    project = {"industry": "C2521", "activity": "new", "attributes": {}}
    return {"site": shapely.geometry.mapping(SITE), "project": project, "as_of": "2024-06-30", **changes}


def everything(client: TestClient) -> dict[str, str]:
    """The body of every GET address of the service, with what its OpenAPI document takes as parameters."""
    check = client.post("/checks", json=check_body()).json()
    layers = [*KINDS.values(), "county", "river"]
    codes = [*(f"{secret}-CODE" for secret in SECRET.values()), "RL-1", "140001"]
    filled = {
        "layer": layers, "layers": layers, "code": codes, "id": [check["id"], *(f"{a}:{b}" for a in layers for b in codes)],
        "number": ["1"], "tms": ["WebMercatorQuad"], "level": ["10"], "z": ["10"], "column": ["831"], "x": ["831"], "row": ["399"],
        "y": ["399"], "versions": ["1"],
    }  # fmt: skip
    asked = {
        "/places": ["?q=SECRET", "?q=名", "?kind=protected_area", ""],
        "/identify": ["?lon=112.302&lat=36.302&tolerance_m=5000&geometry=true"],
        "/collections/{layer}/items": ["", "?f=html", "?bbox=112,36,113,37", "?filter=name IS NOT NULL"], "/industries": ["?q=炼焦"],
        "/collections": ["", "?f=html"], "/collections/{layer}": ["", "?f=html"], "/collections/{layer}/items/{code}": ["", "?f=html"],
    }  # fmt: skip
    found = {}
    for path, methods in client.get("/openapi.json").json()["paths"].items():
        if "get" not in methods:
            continue
        addresses = [path]
        for name in re.findall(r"\{(\w+)\}", path):
            addresses = [one.replace(f"{{{name}}}", value) for one in addresses for value in filled.get(name, ["x"])]
        for address in addresses:
            for query in asked.get(path, [""]):
                answer = client.get(address + query)
                assert answer.status_code < 500, f"{address}{query}: {answer.text[:300]}"
                found[address + query] = answer.content.decode("utf-8", "replace")
    for path in ("/", "/docs", "/api"):
        found[path] = client.get(path).text
    found["POST /checks"] = json.dumps(check, ensure_ascii=False)
    found["verify"] = client.post(f"/checks/{check['id']}/verify").text
    found["plain"] = client.post(
        "/checks", json=check_body(), headers={"Accept": "text/plain", "Accept-Language": "zh"}
    ).text
    return found


def without_echo(address: str, body: str) -> str:
    """The body without what the address itself said: an error may repeat it."""
    return "" if '"status": 4' in body or '"status":4' in body else body


def test_no_address_tells_of_a_layer_that_is_not_public(secrets):
    client, engine = secrets
    found = everything(client)
    assert len(found) > 60
    with engine.connect() as connection:
        rows = connection.execute(sa.text("select ST_AsBinary(geom) from feature where code like 'SECRET%'")).scalars()
        corners = {f"{x:.6f}" for row in rows for x in shapely.get_coordinates(shapely.from_wkb(bytes(row)))[:, 0]}
    for address, body in found.items():
        told = without_echo(address, body)
        assert "SECRET" not in told.replace("q=SECRET", "").replace('"query": "SECRET"', "").replace(
            '"query":"SECRET"', ""
        ), address
        numbers = {f"{float(n):.6f}" for n in re.findall(r"112\.\d{5,}", told)}
        site = {f"{x:.6f}" for x in shapely.get_coordinates(SITE)[:, 0]}
        assert not (numbers - site) & corners, address


def test_a_hidden_layer_is_as_one_that_is_not_there(secrets):
    client, _ = secrets
    for kind in FORMS:
        for rest in ("", "/queryables", "/items", f"/items/{SECRET[kind]}-CODE", "/tiles", "/tiles/WebMercatorQuad",
                     "/tiles/WebMercatorQuad/10/399/831"):  # fmt: skip
            hidden, absent = (client.get(f"/collections/{id}{rest}") for id in (KINDS[kind], "no_such_layer"))
            assert hidden.status_code == absent.status_code == 404, rest
            assert hidden.json()["type"] == absent.json()["type"]
        place = client.get(f"/places/{KINDS[kind]}:{SECRET[kind]}-CODE")
        assert place.status_code == 404
    listed = {one["id"] for one in client.get("/collections").json()["collections"]}
    assert listed == {"province", "county", "river", "redline"}


def test_a_check_keeps_its_verdict_and_says_that_something_is_not_public(secrets, monkeypatch):
    client, engine = secrets
    told = client.post("/checks", json=check_body()).json()
    with engine.connect() as connection:
        stored = json.loads(connection.execute(sa.text("select result from site_check")).scalar_one())
    assert "SECRETHIDDEN" in json.dumps(stored), "the stored bytes are whole"
    for key in ("id", "verdict", "at_worst", "basis", "sentence", "release", "rules_hash"):
        assert told[key] == stored[key]
    assert [one["rule"] for one in told["findings"]] == [one["rule"] for one in stored["findings"]]
    kinds = {one["layer"] for one in stored["findings"] if one["feature"]}
    assert {"water_source", "redline"} <= kinds, "the scene must have something to take out"
    for one in told["findings"]:
        if one["layer"] in (KINDS["hidden"], KINDS["login"], KINDS["role"]) and one["feature"]:
            assert one["feature"]["withheld"] is True
            assert one["distance_m"] is one["margin_m"] is one["overlap_m2"] is one["geometry"] is None
            assert one["cites"]
        if one["layer"] == "redline":
            assert one["geometry"] is None
    again = client.post("/checks", json=check_body())
    assert again.json() == told
    assert client.get(f"/checks/{told['id']}").content == again.content


def test_a_generalised_layer_gives_grid_corners_only(secrets):
    client, engine = secrets
    page = client.get("/collections/redline/items").json()
    given = {one["id"]: shapely.geometry.shape(one["geometry"]) for one in page["features"]}
    here = client.get("/identify?lon=112.31&lat=36.31&geometry=true").json()
    hit = next(layer for layer in here["layers"] if layer["layer"] == "redline")
    assert hit["public_form"] == "generalised"
    alone = client.get("/collections/redline/items/RL-1").json()["geometry"]
    place = client.get("/places/redline:RL-1").json()
    box = client.get("/collections/redline").json()["extent"]["spatial"]["bbox"][0]
    shapes = [*given.values(), shapely.geometry.shape(alone), shapely.geometry.shape(hit["features"][0]["geometry"]),
              shapely.Point(place["position"]), shapely.box(*place["box"]), shapely.box(*box)]  # fmt: skip
    for shape in shapes:
        cells = shapely.get_coordinates(shape) / GRID
        assert np.abs(cells - np.round(cells)).max() < 1e-4
    assert given["RL-2"].geom_type == "Point", "what is smaller than a cell stays"
    # A filter asks the geometry that is seen: no box, however small, finds the true edge.
    with engine.connect() as connection:
        text = "select ST_AsBinary(geom) from feature where code = 'RL-1' and layer = 'redline'"
        true = shapely.from_wkb(bytes(connection.execute(sa.text(text)).scalar_one()))
    for x, y in shapely.get_coordinates(true)[::25]:
        box = f"{x - 1e-6},{y - 1e-6},{x + 1e-6},{y + 1e-6}"
        found = client.get("/collections/redline/items", params={"bbox": box}).json()["numberReturned"]
        assert found == int(given["RL-1"].intersects(shapely.box(*map(float, box.split(",")))))


def test_a_layer_that_is_no_longer_public_is_gone_from_older_releases_too(empty_db, world):
    world.put("protected_area", place("SECRETHIDDEN", 0), order=9)
    load(empty_db, world)
    with TestClient(create_app(lambda: make_engine(empty_db.url))) as client:
        assert client.get("/collections/protected_area/items").json()["numberReturned"] == 1
        world.put("protected_area", place("SECRETHIDDEN", 0), order=9, public_form="hidden")
        load(empty_db, world)
        assert client.get("/releases/2").status_code == 200
        for path in ("/collections/protected_area", "/places/protected_area:SECRETHIDDEN-CODE"):
            for release in (1, 2):
                assert client.get(path, params={"release": release}).status_code == 404
        seen = client.get("/identify?lon=112.302&lat=36.302&release=1").text
        assert "SECRET" not in seen


@pytest.mark.parametrize("visibility", ["public", "login"])
def test_a_unit_names_no_county_that_is_not_public(empty_db, world, visibility):
    world.entries["county"]["visibility"] = visibility
    world.put("control_unit", [feature("ZH14000110001", shapely.box(112.1, 36.1, 112.3, 36.3))], order=9)
    load(empty_db, world)
    with TestClient(create_app(lambda: make_engine(empty_db.url))) as client:
        answer = client.get("/units/ZH14000110001")
        assert answer.status_code == 200
        assert ("名140001" in answer.text) == (visibility == "public")
