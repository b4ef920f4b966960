"""Tile matrix sets and tilesets of layers as OGC API Tiles describes them, as JSON data. It draws no tile."""

from __future__ import annotations

from typing import Any, Final

from app.links import Links
from layers.collection import Collection
from layers.tile_grids import SRIDS, grids
from layers.tiles import FIELDS, MEDIA_TYPE, TileLayer
from zoning.bilingual import Bilingual, Lang

_EPSG: Final = "http://www.opengis.net/def/crs/EPSG/0/"
_SCHEME: Final = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"
_TILESET: Final = Bilingual("矢量瓦片", "vector tiles")


def matrix_sets(links: Links) -> dict[str, Any]:
    """The tile matrix sets there are."""
    found = []
    for id, grid in grids().items():
        title = str(grid.title or id)
        found.append(
            {"id": id, "title": title, "links": [links.link("self", "application/json", title, "tileMatrixSets", id)]}
        )
    return {"tileMatrixSets": found}


def matrix_set(id: str) -> dict[str, Any]:
    """One of them, as OGC's Tile Matrix Set standard writes it."""
    document: dict[str, Any] = grids()[id].model_dump(mode="json", exclude_none=True, by_alias=True)
    return document


def _head(collection: Collection, tms: str, links: Links, lang: Lang, path: tuple[str, ...]) -> dict[str, Any]:
    title = f"{collection.title.get(lang)} · {_TILESET.get(lang)} · {tms}"
    return {
        "title": title,
        "dataType": "vector",
        "crs": f"{_EPSG}{SRIDS[tms]}",
        "tileMatrixSetURI": str(grids()[tms].uri or links.bare().to("tileMatrixSets", tms)),
        "links": [
            links.link("self", "application/json", title, *path, tms),
            links.bare().link(_SCHEME, "application/json", tms, "tileMatrixSets", tms),
        ],
    }


def tilesets(collection: Collection, links: Links, lang: Lang) -> dict[str, Any]:
    """The tilesets of a layer: one for each tile matrix set."""
    path = ("collections", collection.id, "tiles")
    return {
        "links": [links.link("self", "application/json", collection.title.get(lang), *path)],
        "tilesets": [_head(collection, tms, links, lang, path) for tms in grids()],
    }


def tileset(collection: Collection, layer: TileLayer, tms: str, links: Links, lang: Lang) -> dict[str, Any]:
    """One tileset, with the address of its tiles: with release, row before column, as the standard has it."""
    path = ("collections", collection.id, "tiles")
    document = _head(collection, tms, links, lang, path)
    grid = grids()[tms]
    lowest, highest = max(layer.zoom[0], grid.minzoom), min(layer.zoom[1], grid.maxzoom)
    base, _, query = links.to(*path, tms).partition("?")
    template = f"{base}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}{'?' if query else ''}{query}"
    document["links"] = [
        *document["links"],
        {"href": template, "rel": "item", "type": MEDIA_TYPE, "templated": True, "title": _TILESET.get(lang)},
        links.link("describedby", "application/json", "TileJSON", "tiles", collection.id, "tilejson.json", tms=tms),
    ]
    schema = {name: {"type": "string"} for name in FIELDS}
    scale = {matrix.id: matrix.scaleDenominator for matrix in grid.tileMatrices}
    document["layers"] = [
        {
            "id": collection.id,
            "dataType": "vector",
            "title": collection.title.get(lang),
            "minTileMatrix": str(lowest),
            "maxTileMatrix": str(highest),
            "propertiesSchema": {"type": "object", "properties": schema},
        }
    ]
    document["minScaleDenominator"], document["maxScaleDenominator"] = scale[str(highest)], scale[str(lowest)]
    if collection.box:
        west, south, east, north = collection.box
        corners = {"lowerLeft": [west, south], "upperRight": [east, north]}
        document["boundingBox"] = {**corners, "crs": collection.crs[0].uri}
    return document
