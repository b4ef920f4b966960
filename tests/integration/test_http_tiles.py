"""Vector tiles over HTTP: addresses, caching, compression, what is refused, and what may be seen."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import mapbox_vector_tile
import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from app.guard import HEADERS
from app.http import create_app
from layers.database import make_engine
from layers.load import load_bundled
from layers.tile_grids import grid
from layers.tiles import FIELDS

TILE = "/tiles/county/1/WebMercatorQuad/8/208/99.mvt"


@pytest.fixture(scope="module")
def client(database_url_of_worker: sa.URL) -> Iterator[TestClient]:
    with TestClient(create_app(lambda: make_engine(database_url_of_worker)), raise_server_exceptions=False) as client:
        yield client


def problem(answer) -> str:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    assert answer.json()["detail_zh"]
    return answer.json()["type"].removeprefix("urn:shanhe:problem:")


def decoded(answer):
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    return mapbox_vector_tile.decode(answer.content, default_options={"y_coord_down": True})


@pytest.fixture(params=["drawn", "kept"])
def got(request, client):
    """A tile drawn for the request, and one sent from memory: they must not differ."""

    def get(path: str, **headers: str):
        if request.param == "kept":
            client.get(path)
        return client.get(path, headers=headers)

    return get


def test_a_tile_holds_its_layer_by_name_with_ids_and_the_common_attributes(got):
    layers = decoded(got(TILE))
    assert list(layers) == ["county"]
    for feature in layers["county"]["features"]:
        assert feature["id"] > 0
        assert {"code", "name", "class", "legal_status"} <= set(feature["properties"]) <= {*FIELDS}


def test_a_versioned_tile_is_kept_for_ever_and_not_sent_twice(got):
    first = got(TILE)
    assert first.headers["cache-control"] == "public, max-age=31536000, immutable"
    tag = first.headers["etag"]
    assert tag.startswith('"')
    for known in (tag, f'W/{tag}, "other"', "*"):
        again = got(TILE, **{"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert got(TILE, **{"If-None-Match": '"other"'}).status_code == 200


def test_a_tile_is_stored_compressed_and_sent_plain_to_whom_does_not_take_that(got):
    packed, plain = got(TILE, **{"Accept-Encoding": "gzip"}), got(TILE, **{"Accept-Encoding": "identity"})
    refused = got(TILE, **{"Accept-Encoding": "gzip;q=0, br"})
    assert packed.headers["content-encoding"] == "gzip"
    assert {"content-encoding"}.isdisjoint(plain.headers)
    assert packed.content == plain.content == refused.content
    assert int(packed.headers["content-length"]) < len(packed.content) == int(plain.headers["content-length"])
    # A strong tag names bytes: the two forms have one each.
    assert packed.headers["etag"] != plain.headers["etag"] == refused.headers["etag"]
    assert {answer.headers["vary"] for answer in (packed, plain)} == {"Accept-Encoding"}


def test_a_tile_carries_the_security_headers(got):
    answer = got(TILE)
    for name, value in HEADERS.items():
        assert answer.headers[name] == ("public, max-age=31536000, immutable" if name == "Cache-Control" else value)


def test_head_is_get_without_the_body(got, client):
    answer, head = got(TILE), client.head(TILE)
    assert (head.status_code, head.content) == (200, b"")
    assert {name: value for name, value in head.headers.items() if name != "date"} == dict(answer.headers)


def test_only_get_is_answered(client):
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        answer = client.request(method, TILE)
        assert (answer.status_code, problem(answer), answer.headers["allow"]) == (
            405,
            "method-not-allowed",
            "GET, HEAD",
        )


def test_several_layers_come_in_one_tile_in_the_order_asked(got):
    layers = decoded(got("/tiles/river,county,city/1,1,1/WebMercatorQuad/8/208/99.mvt"))
    assert list(layers) == ["river", "county", "city"]


def test_the_address_without_version_is_the_newest_and_short_lived(client):
    versioned, plain = client.get(TILE), client.get(TILE.replace("/1/", "/"))
    assert plain.content == versioned.content
    assert plain.headers["etag"] == versioned.headers["etag"]
    assert plain.headers["cache-control"] == "public, max-age=60"
    assert client.get(TILE.replace("/1/", "/") + "?release=1").content == versioned.content


def test_an_empty_place_is_no_content(got):
    answer = got("/tiles/county/1/WebMercatorQuad/8/0/0.mvt")
    assert (answer.status_code, answer.content) == (204, b"")
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize(
    ("path", "status", "type"),
    [
        ("/tiles/moon/1/WebMercatorQuad/8/208/99.mvt", 404, "map-layer-unknown"),
        ("/tiles/moon/WebMercatorQuad/8/208/99.mvt", 404, "map-layer-unknown"),
        ("/tiles//1/WebMercatorQuad/8/208/99.mvt", 404, "map-layer-unknown"),
        ("/tiles/county;drop/WebMercatorQuad/8/208/99.mvt", 404, "map-layer-unknown"),
        ("/tiles/county/9/WebMercatorQuad/8/208/99.mvt", 404, "layer-version-unknown"),
        ("/tiles/county/0/WebMercatorQuad/8/208/99.mvt", 404, "layer-version-unknown"),
        ("/tiles/county/one/WebMercatorQuad/8/208/99.mvt", 400, "parameter-invalid"),
        ("/tiles/county/1,1/WebMercatorQuad/8/208/99.mvt", 400, "parameter-invalid"),
        ("/tiles/county,city/1/WebMercatorQuad/8/208/99.mvt", 400, "parameter-invalid"),
        ("/tiles/county/1/MarsQuad/8/208/99.mvt", 404, "tile-matrix-set-unknown"),
        ("/tiles/county/1/WebMercatorQuad/2/3/1.mvt", 404, "tile-outside"),
        ("/tiles/county/1/WebMercatorQuad/19/3/1.mvt", 404, "tile-outside"),
        ("/tiles/county/1/WebMercatorQuad/99/3/1.mvt", 404, "tile-outside"),
        ("/tiles/county/1/WebMercatorQuad/8/256/1.mvt", 404, "tile-outside"),
        ("/tiles/county/1/WebMercatorQuad/8/1/256.mvt", 404, "tile-outside"),
        ("/tiles/county/1/CGCS2000Quad/8/1/128.mvt", 404, "tile-outside"),
        ("/tiles/county/1/WebMercatorQuad/8/-1/1.mvt", 400, "parameter-invalid"),
        ("/tiles/county/1/WebMercatorQuad/8/1/1.5.mvt", 400, "parameter-invalid"),
        ("/tiles/county/1/WebMercatorQuad/8/1/٣.mvt", 400, "parameter-invalid"),
        ("/tiles/county/1/WebMercatorQuad/8/1/9999999999999999999999.mvt", 400, "parameter-invalid"),
        ("/tiles/county,county/1,1/WebMercatorQuad/8/208/99.mvt", 400, "parameter-invalid"),
        (f"/tiles/{','.join(['county'] * 1000)}/WebMercatorQuad/8/208/99.mvt", 400, "parameter-invalid"),
        (f"/tiles/{','.join(map(str, range(1000)))}/WebMercatorQuad/8/208/99.mvt", 400, "parameter-invalid"),
        ("/tiles/county/1/WebMercatorQuad/8/208/99.mvt?release=1", 400, "parameter-unknown"),
        ("/tiles/county/WebMercatorQuad/8/208/99.mvt?relese=1", 400, "parameter-unknown"),
        ("/tiles/county/WebMercatorQuad/8/208/99.mvt?release=1&release=1", 400, "parameter-invalid"),
        ("/tiles/county/WebMercatorQuad/8/208/99.mvt?release=x", 400, "parameter-invalid"),
        ("/tiles/county/WebMercatorQuad/8/208/99.mvt?release=2", 404, "release-unknown"),
        ("/tiles/county/1/WebMercatorQuad/8/208/99.png", 404, "page-unknown"),
        ("/tiles/county/1/WebMercatorQuad/8/208/99", 404, "page-unknown"),
        ("/tiles/", 404, "page-unknown"),
        ("/tiles/moon/tilejson.json", 404, "map-layer-unknown"),
        ("/tiles/county/tilejson.json?tms=MarsQuad", 404, "tile-matrix-set-unknown"),
        ("/tiles/county/tilejson.json?release=7", 404, "release-unknown"),
        ("/tiles/county/tilejson.json?x=7", 400, "parameter-unknown"),
    ],
)
def test_what_is_wrong_in_an_address_is_a_problem(client, path, status, type):
    for _ in range(2):
        answer = client.get(path)
        assert (answer.status_code, problem(answer)) == (status, type)


def test_tilejson_leads_to_the_tiles_of_that_release(client):
    said = client.get("/tiles/redline,county/tilejson.json?release=1").json()
    assert said["tilejson"] == "3.0.0"
    assert [one["id"] for one in said["vector_layers"]] == ["redline", "county"]
    assert all(set(one["fields"]) >= {"code", "name"} for one in said["vector_layers"])
    assert (said["minzoom"], said["maxzoom"]) == (4, 18)
    assert said["demonstration"] is True
    assert "示意" in said["attribution"]
    left, bottom, right, top = said["bounds"]
    assert (110 < left < 111, 34 < bottom < 35, 114 < right < 115, 40 < top < 41) == (True,) * 4
    address = said["tiles"][0].format(z=8, x=208, y=99)
    assert address.startswith("http://testserver/tiles/redline,county/1,1/WebMercatorQuad/")
    assert list(decoded(client.get(address))) == ["redline", "county"]


def test_both_matrix_sets_lead_to_tiles_of_the_same_place(client):
    for tms in ("WebMercatorQuad", "CGCS2000Quad"):
        said = client.get(f"/tiles/county/tilejson.json?tms={tms}").json()
        assert said["tile_matrix_set"] == tms
    found = []
    for tms in ("WebMercatorQuad", "CGCS2000Quad"):
        at = grid(tms).tile(112.55, 37.87, 12)
        layers = decoded(client.get(f"/tiles/county/1/{tms}/12/{at.x}/{at.y}.mvt"))
        found.append({feature["properties"]["code"] for feature in layers["county"]["features"]})
    assert found[0] & found[1]


# ---- what may be seen


@pytest.fixture
def private(empty_db, world):
    """The tiny world with a layer for those who log in and one that is hidden."""
    world.entries["redline"]["visibility"] = "login"
    world.entries["river"]["public_form"] = "hidden"
    load_bundled(empty_db, world.folder, world.catalogue)
    url = empty_db.url
    with TestClient(create_app(lambda: make_engine(url)), raise_server_exceptions=False) as client:
        yield client


def test_a_layer_that_is_not_public_looks_as_one_that_is_not_held(private):
    for path in ("/tiles/{}/1/WebMercatorQuad/8/207/100.mvt", "/tiles/{}/WebMercatorQuad/8/207/100.mvt",
                 "/tiles/{}/tilejson.json", "/tiles/county,{}/WebMercatorQuad/8/207/100.mvt"):  # fmt: skip
        answers = [private.get(path.format(id)) for id in ("redline", "river", "moon")]
        assert [(one.status_code, problem(one)) for one in answers] == [(404, "map-layer-unknown")] * 3
        texts = {one.text.replace(id, "?") for one, id in zip(answers, ("redline", "river", "moon"), strict=True)}
        assert len(texts) == 1


def test_a_layer_taken_from_the_public_is_gone_with_its_older_versions(empty_db, world, monkeypatch):
    monkeypatch.setattr("app.tile_store.FRESH_S", 0.0)
    load_bundled(empty_db, world.folder, world.catalogue)
    url, path = empty_db.url, "/tiles/redline/1/WebMercatorQuad/8/207/100.mvt"
    with TestClient(create_app(lambda: make_engine(url)), raise_server_exceptions=False) as client:
        assert client.get(path).status_code == 200
        world.entries["redline"]["visibility"] = "role"
        load_bundled(empty_db, world.folder, world.catalogue)
        assert client.get(path).status_code == 404
        assert client.get(path.replace("/1/", "/") + "?release=1").status_code == 404


def test_versions_do_not_change_when_a_release_follows(empty_db, world, monkeypatch):
    monkeypatch.setattr("app.tile_store.FRESH_S", 0.0)
    load_bundled(empty_db, world.folder, world.catalogue)
    url = empty_db.url
    first, plain = (
        "/tiles/redline,county/1,1/WebMercatorQuad/9/415/200.mvt",
        "/tiles/redline/WebMercatorQuad/9/415/200.mvt",
    )
    with TestClient(create_app(lambda: make_engine(url))) as client:
        before, short = client.get(first), client.get(plain)
        world.features["redline"].pop(0)
        load_bundled(empty_db, world.folder, world.catalogue)
        with TestClient(create_app(lambda: make_engine(url))) as anew:
            for one in (client, anew):
                after = one.get(first)
                assert (after.content, after.headers["etag"]) == (before.content, before.headers["etag"])
                assert one.get(plain).headers["etag"] != short.headers["etag"]
                assert one.get(plain + "?release=1").content == short.content
                assert one.get("/tiles/redline,county/tilejson.json").json()["tiles"][0].split("/")[5] == "2,1"


def test_hostile_names_stay_text(empty_db, world):
    hostile = "<script>alert('1')</script>\"; drop table feature; --"
    world.features["redline"][0]["properties"] |= {"name": hostile, "class": hostile, "name_en": hostile}
    load_bundled(empty_db, world.folder, world.catalogue)
    url = empty_db.url
    with TestClient(create_app(lambda: make_engine(url))) as client:
        (feature,) = [
            one
            for one in decoded(client.get("/tiles/redline/1/WebMercatorQuad/9/415/200.mvt"))["redline"]["features"]
            if one["properties"]["code"] == "RL-1"
        ]
        assert {feature["properties"][name] for name in ("name", "class", "name_en")} == {hostile}


def test_compressed_bytes_are_gzip_with_no_time_in_them(client):
    with client.stream("GET", TILE, headers={"Accept-Encoding": "gzip"}) as answer:
        raw = b"".join(answer.iter_raw())
    assert raw[4:8] == b"\0\0\0\0"
    assert mapbox_vector_tile.decode(gzip.decompress(raw))
