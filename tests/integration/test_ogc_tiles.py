"""OGC API Tiles: tile matrix sets and tilesets lead to the tiles, and say what is true of them."""

from __future__ import annotations

from collections.abc import Iterator

import mapbox_vector_tile
import morecantile
import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from app.http import create_app
from layers.database import make_engine


@pytest.fixture(scope="module")
def client(database_url_of_worker: sa.URL) -> Iterator[TestClient]:
    with TestClient(create_app(lambda: make_engine(database_url_of_worker)), raise_server_exceptions=False) as client:
        yield client


def followed(client, href):
    return client.get(href.removeprefix("http://testserver"))


def test_tile_matrix_sets_are_those_of_the_standard(client):
    listed = client.get("/tileMatrixSets").json()["tileMatrixSets"]
    assert [one["id"] for one in listed] == ["WebMercatorQuad", "CGCS2000Quad"]
    for one in listed:
        document = followed(client, one["links"][0]["href"]).json()
        assert document["id"] == one["id"]
        assert morecantile.TileMatrixSet.model_validate(document).crs.srs
    assert client.get("/tileMatrixSets/none").status_code == 404


@pytest.mark.parametrize("tms", ["WebMercatorQuad", "CGCS2000Quad"])
@pytest.mark.parametrize("query", ["", "?release=1"])
def test_a_tileset_leads_to_its_tiles(client, tms, query):
    collection = client.get(f"/collections/county{query}").json()
    href = next(one["href"] for one in collection["links"] if one["rel"].endswith("tilesets-vector"))
    listed = followed(client, href).json()["tilesets"]
    head = next(one for one in listed if one["links"][0]["href"].split("?")[0].endswith(tms))
    document = followed(client, head["links"][0]["href"]).json()
    for one in document["links"]:
        if not one.get("templated"):
            assert followed(client, one["href"]).status_code == 200, one
    template = next(one["href"] for one in document["links"] if one["rel"] == "item")
    grid = morecantile.TileMatrixSet.model_validate(
        followed(client, next(one["href"] for one in document["links"] if one["rel"].endswith("tiling-scheme"))).json()
    )
    (layer,) = document["layers"]
    for level in (int(layer["minTileMatrix"]), 9):
        tile = grid.tile(111.57, 35.49, level)
        address = template.format(tileMatrix=level, tileRow=tile.y, tileCol=tile.x)
        answer = followed(client, address)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
        drawn = mapbox_vector_tile.decode(answer.content)["county"]["features"]
        assert "140826" in {one["properties"]["code"] for one in drawn}


@pytest.mark.parametrize(
    "path",
    ["county/tiles/none", "county/tiles/none/8/99/208", "none/tiles", "none/tiles/WebMercatorQuad", "county/tiles/WebMercatorQuad/1/0/0",
     "none/tiles/WebMercatorQuad/8/99/208", "county/tiles/WebMercatorQuad/8/256/0", "county/tiles/WebMercatorQuad/99/0/0"],
)  # fmt: skip
def test_what_is_not_there_is_not_found(client, path):
    assert client.get(f"/collections/{path}").status_code == 404


@pytest.mark.parametrize(
    "path", ["WebMercatorQuad/8/x/0", "WebMercatorQuad/-1/0/0", "WebMercatorQuad/8/0/0?x=1", "WebMercatorQuad?f=html"]
)
def test_a_malformed_tile_address_is_refused(client, path):
    assert client.get(f"/collections/county/tiles/{path}").status_code == 400
