"""`/rasters` over HTTP: bytes that can be kept, errors that are problems, and no database needed for any of it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import shapely
import sqlalchemy as sa
from starlette.testclient import TestClient

from app.http import create_app
from layers.settings import settings
from tests.unit.layers.rasters import FIELD, NORTH, WEST, entry, fill, write

KIND = {"Content-Type": "application/geo+json"}
AREA = shapely.box(112.05, 36.7, 112.15, 36.8)
TILE = "WebMercatorQuad/9/415/199.png"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A service with the test rasters, whose database cannot be reached."""
    folder = fill(tmp_path_factory.mktemp("rasters"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHANHE_RASTERS", str(folder))
        settings.cache_clear()
        engine = sa.create_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
        with TestClient(create_app(lambda: engine), raise_server_exceptions=False) as client:
            yield client
    settings.cache_clear()


def problem(answer) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    data = answer.json()
    assert data["detail_zh"]
    assert data["detail_en"]
    return answer.status_code, data["type"].removeprefix("urn:shanhe:problem:")


def version(client) -> str:
    return client.get("/rasters/field").json()["version"]


def test_the_list_has_the_public_layers_with_all_a_reader_must_know(client):
    listed = client.get("/rasters").json()["rasters"]
    assert [one["id"] for one in listed] == ["field", "kind"]
    first = listed[0]
    assert first["unit"]["symbol"] == "m"
    assert first["accuracy"]["value"] == 3.5
    assert first["legal_status"] == "illustrative"
    assert first["tiles"] == f"/rasters/field/{first['version']}/{{tms}}/{{z}}/{{x}}/{{y}}.png"


def test_a_tile_at_a_version_is_kept_for_good_and_not_sent_twice(client):
    address = f"/rasters/field/{version(client)}/{TILE}"
    answer = client.get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert "immutable" in answer.headers["cache-control"]
    tag = answer.headers["etag"]
    assert tag.startswith('"')
    again = client.get(address, headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    head = client.head(address)
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", tag)
    newest = client.get(f"/rasters/field/{TILE}")
    assert newest.content == answer.content
    assert "immutable" not in newest.headers["cache-control"]


def test_a_tile_with_nothing_in_it_has_no_content(client):
    answer = client.get("/rasters/field/WebMercatorQuad/9/0/0.png")
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("field/WebMercatorQuad/13/0/0.png", (404, "tile-outside")),
        ("field/WebMercatorQuad/4/0/0.png", (404, "tile-outside")),
        ("field/WebMercatorQuad/9/512/0.png", (404, "tile-outside")),
        ("field/CGCS2000Quad/9/0/256.png", (404, "tile-outside")),
        ("field/NoSuchQuad/9/0/0.png", (404, "tile-matrix-set-unknown")),
        ("field/0000000000000000/WebMercatorQuad/9/0/0.png", (404, "layer-version-unknown")),
        ("nothing/WebMercatorQuad/9/0/0.png", (404, "raster-unknown")),
        ("field/WebMercatorQuad/-1/0/0.png", (400, "parameter-invalid")),
        ("field/WebMercatorQuad/9/x/0.png", (400, "parameter-invalid")),
        ("field/WebMercatorQuad/9/0/1.5.png", (400, "parameter-invalid")),
        ("field/WebMercatorQuad/9/0/99999999999999999999999.png", (400, "parameter-invalid")),
        ("field/WebMercatorQuad/9/415/199.png?style=red", (400, "parameter-unknown")),
        ("field/point?lon=nan&lat=37", (400, "parameter-invalid")),
        ("field/point?lon=1e400&lat=37", (400, "parameter-invalid")),
        ("field/point?lon=181&lat=37", (400, "parameter-invalid")),
        ("field/point?lat=37", (400, "parameter-invalid")),
        ("field/point?lon=1&lon=2&lat=37", (400, "parameter-invalid")),
        ("..%2f..%2fetc%2fpasswd", (404, "page-unknown")),
        ("%2Fvsicurl%2Fhttp:", (404, "page-unknown")),
        ("field.tif/legend", (404, "raster-unknown")),
        ("field%00/legend", (400, "parameter-invalid")),
        ("%F0%9F%92%A9/legend", (404, "raster-unknown")),
        ("x" * 101 + "/legend", (400, "parameter-invalid")),
        ("' or 1=1 --/point?lon=1&lat=1", (404, "raster-unknown")),
    ],
)
def test_a_wrong_address_is_answered_with_a_problem(client, path, wanted):
    assert problem(client.get(f"/rasters/{path}")) == wanted


@pytest.mark.parametrize(
    "path", ["", "/legend", "/legend.svg", "/tilejson.json", "/point?lon=112&lat=36.9", f"/{TILE}", f"/0/{TILE}"]
)
def test_a_layer_that_is_not_public_is_as_one_that_is_not_there(client, path):
    assert problem(client.get(f"/rasters/secret{path}")) == (404, "raster-unknown")
    assert (
        client.get(f"/rasters/secret{path}").text.replace("secret", "nobody")
        == client.get(f"/rasters/nobody{path}").text
    )
    assert "secret" not in client.get("/rasters").text


def test_tilejson_leads_to_the_tiles_of_this_version(client):
    data = client.get("/rasters/field/tilejson.json").json()
    assert (data["tilejson"], data["minzoom"], data["maxzoom"]) == ("3.0.0", 5, 12)
    address = data["tiles"][0].format(z=9, x=415, y=199)
    assert address.startswith("http://testserver/rasters/field/")
    assert client.get(address).status_code == 200
    assert data["bounds"] == pytest.approx([112.0, 36.6, 112.6, 37.0])


def test_the_legend_has_what_is_drawn_and_its_picture_keeps_text_as_text(client):
    data = client.get("/rasters/kind/legend").json()
    assert [one["colour"] for one in data["classes"]] == ["#ff0000", "#0000ff80"]
    assert client.get("/rasters/field/legend").json()["ramp"][1] == {"value": 459.0, "colour": "#ffffff"}
    picture = client.get("/rasters/kind/legend.svg", headers={"Accept-Language": "en"})
    assert picture.headers["content-type"] == "image/svg+xml"
    assert "Two &amp; &lt;more&gt;" in picture.text
    assert "<b>" not in picture.text
    assert "乙" in client.get("/rasters/kind/legend.svg", headers={"Accept-Language": "zh-CN"}).text


def test_a_point_has_value_unit_cell_and_accuracy(client):
    data = client.get("/rasters/field/point", params={"lon": WEST + 0.075, "lat": NORTH - 0.205}).json()
    assert (data["value"], data["state"]) == (float(FIELD[20, 7]), "value")
    assert (data["unit"]["symbol"], data["accuracy"]["value"]) == ("m", 3.5)
    assert data["cell_m"] == pytest.approx([891, 1111], rel=0.01)
    kind = client.get("/rasters/kind/point", params={"lon": 111.01, "lat": 36.98}).json()
    assert kind["class"] == {"zh": "甲", "en": "One"}


def post(client, body, raster="field", headers=KIND):
    content = body if isinstance(body, (bytes, str)) else json.dumps(body)
    return client.post(f"/rasters/{raster}/statistics", content=content, headers=headers)


def test_statistics_are_of_the_cells_in_the_polygon(client):
    data = post(client, shapely.geometry.mapping(AREA)).json()
    values = FIELD[20:30, 5:15]
    assert (data["cells"], data["min"], data["max"]) == (100, float(values.min()), float(values.max()))
    assert data["mean"] == pytest.approx(values.mean(), abs=0.2)
    assert (data["share_nodata"], data["share_outside"]) == (0, 0)


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (b"", (422, "json-invalid")),
        (b"[", (422, "json-invalid")),
        (b"\xff\xfe", None),
        (b'{"type": "Polygon", "coordinates": NaN}', (422, "json-invalid")),
        ([1, 2], None),
        (7, None),
        (None, None),
        ({"type": "Point", "coordinates": [112.1, 36.8]}, (422, "polygon-needed")),
        ({"type": "LineString", "coordinates": [[112.1, 36.8], [112.2, 36.8]]}, (422, "polygon-needed")),
        ({"type": "Polygon", "coordinates": []}, None),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}, (422, "site-outside-region")),
        ({"type": "Polygon", "coordinates": [[[112, 36], [113, 37], [113, 36], [112, 37], [112, 36]]]}, None),
        ({"type": "FeatureCollection", "features": []}, None),
        ({"type": "Polygon", "coordinates": [[["a", "b"]]]}, None),
    ],
)
def test_a_body_that_is_no_polygon_is_refused(client, body, wanted):
    answer = post(client, body)
    assert answer.status_code in (400, 422)
    found = problem(answer)
    assert wanted is None or found == wanted


def test_statistics_refuse_other_media_and_an_unknown_layer(client):
    assert problem(post(client, b"x", headers={"Content-Type": "text/plain"})) == (415, "media-type-unsupported")
    assert problem(post(client, shapely.geometry.mapping(AREA), raster="secret")) == (404, "raster-unknown")


def test_a_raster_that_vanishes_while_served_is_a_problem_and_no_stack(tmp_path):
    write(tmp_path, FIELD, entry("field"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHANHE_RASTERS", str(tmp_path))
        settings.cache_clear()
        engine = sa.create_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
        with TestClient(create_app(lambda: engine), raise_server_exceptions=False) as client:
            assert client.get("/rasters").status_code == 200
            (tmp_path / "field.tif").unlink()
            answer = client.get("/rasters/field/WebMercatorQuad/8/207/99.png")
            assert problem(answer) == (503, "raster-unavailable")
            assert str(tmp_path) not in answer.text
    settings.cache_clear()


def test_one_broken_entry_leaves_the_others_listed(tmp_path):
    fill(tmp_path)
    (tmp_path / "kind.tif").write_bytes(b"no raster")
    (tmp_path / "spoilt.yaml").write_text("id: [", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHANHE_RASTERS", str(tmp_path))
        settings.cache_clear()
        engine = sa.create_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
        with TestClient(create_app(lambda: engine), raise_server_exceptions=False) as client:
            answer = client.get("/rasters")
            assert (answer.status_code, [one["id"] for one in answer.json()["rasters"]]) == (200, ["field"])
            assert problem(client.get("/rasters/kind")) == (503, "raster-unavailable")
            assert problem(client.get("/rasters/spoilt")) == (404, "raster-unknown")
            assert client.get("/rasters/field/WebMercatorQuad/8/207/99.png").status_code == 200
    settings.cache_clear()
