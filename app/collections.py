"""Collections and their queryables as JSON data for the HTTP service. It reads no feature."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from app.links import Links
from layers.collection import Collection
from layers.map_crs import STORED
from layers.queryable import Queryable
from zoning.bilingual import Bilingual, Lang

GEOJSON: Final = "application/geo+json"
SCHEMA: Final = "application/schema+json"
OPENAPI: Final = "application/vnd.oai.openapi+json;version=3.1"

_ILLUSTRATIVE: Final = Bilingual(
    "示意数据，不是官方数据，不得用于审批、征收或维权。", "Illustrative, not official data; do not rely on it."
)
_DESCRIPTION: Final = Bilingual(
    "生态环境分区管控图层，有版本、来源和精度；核查选址能否建设。",
    "Layers of ecological zoning and control with releases, sources and accuracy; checks whether a site may be built on.",
)
_GENERALISED: Final = Bilingual("公开的图形已概化。", "The geometry given to the public is generalised.")
_FORMATS: Final = {
    "MultiPolygon": "geometry-multipolygon",
    "MultiLineString": "geometry-multilinestring",
    "MultiPoint": "geometry-multipoint",
}


def described(collection: Collection) -> Bilingual:
    """What a layer is, in a sentence or two: its source, and the mark of what is not official or not exact."""
    source = Bilingual.of(dict(collection.spec["source"]))
    zh, en = source.zh, source.en
    for applies, mark in (
        (collection.legal_status == "illustrative", _ILLUSTRATIVE),
        (collection.form == "generalised", _GENERALISED),
    ):
        if applies:
            zh, en = f"{zh}{mark.zh}", f"{en} {mark.en}"
    return Bilingual(zh, en)


def _links(collection: Collection, links: Links, lang: Lang) -> list[dict[str, Any]]:
    title, own = collection.title.get(lang), ("collections", collection.id)
    said = {
        "items": Bilingual("要素", "features"), "queryables": Bilingual("可查询的属性", "queryables"),
        "tiles": Bilingual("瓦片", "tiles"),
    }  # fmt: skip
    return [
        links.link("items", GEOJSON, f"{title} · {said['items'].get(lang)}", *own, "items"),
        links.link("items", "text/html", f"{title} · {said['items'].get(lang)}", *own, "items", f="html"),
        links.link(
            "http://www.opengis.net/def/rel/ogc/1.0/queryables",
            SCHEMA,
            said["queryables"].get(lang),
            *own,
            "queryables",
        ),
        links.link(
            "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector",
            "application/json",
            said["tiles"].get(lang),
            *own,
            "tiles",
        ),
    ]


def one(collection: Collection, links: Links, lang: Lang, *, html: bool = False, alone: bool = True) -> dict[str, Any]:
    """A collection. `alone`: with links to itself as JSON and as HTML, else to itself only."""
    title, description, spec = collection.title, described(collection), collection.spec
    path = ("collections", collection.id)
    own = (
        links.two(html, title.get(lang), *path)
        if alone
        else [links.link("self", "application/json", title.get(lang), *path)]
    )
    first, last = collection.days
    extent: dict[str, Any] = {
        "temporal": {"interval": [[first.isoformat() if first else None, last.isoformat() if last else None]]}
    }
    if collection.box:
        extent = {"spatial": {"bbox": [[*collection.box]], "crs": collection.crs[0].uri}, **extent}
    return {
        "id": collection.id,
        "title": title.get(lang),
        "description": description.get(lang),
        "titles": title.as_dict(),
        "descriptions": description.as_dict(),
        "attribution": spec["licence"],
        "itemType": "feature",
        "extent": extent,
        "crs": [crs.uri for crs in collection.crs],
        "storageCrs": STORED,
        "release": int(collection.view.number),
        "version": collection.version,
        "features": collection.feature_count,
        "legal_status": collection.legal_status,
        "accuracy_m": collection.accuracy_m,
        "public_form": collection.form,
        "review_by": spec["review_by"],
        "style": spec["style"],
        "zoom": spec["zoom"],
        "classes": spec["classes"],
        "links": [*own, *_links(collection, links, lang)],
    }


def several(found: tuple[Collection, ...], links: Links, lang: Lang, *, html: bool = False) -> dict[str, Any]:
    """All collections of a release."""
    title = Bilingual("图层", "Layers").get(lang)
    return {
        "links": links.two(html, title, "collections"),
        "collections": [one(collection, links, lang, alone=False) for collection in found],
    }


def queryables(collection: Collection, links: Links, lang: Lang) -> dict[str, Any]:
    """The JSON Schema of what a filter may use."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": links.to("collections", collection.id, "queryables"),
        "title": collection.title.get(lang),
        "type": "object",
        "properties": {name: _schema(one, collection, lang) for name, one in collection.queryables.items()},
        "additionalProperties": False,
    }


def _schema(queryable: Queryable, collection: Collection, lang: Lang) -> dict[str, Any]:
    said: dict[str, Any] = {"title": queryable.title.get(lang), "x-titles": queryable.title.as_dict()}
    if queryable.type == "geometry":
        form = _FORMATS[collection.spec["geometry"]] if collection.form == "exact" else "geometry-any"
        return {**said, "x-ogc-role": "primary-geometry", "format": form}
    if queryable.type == "date":
        return {**said, "type": "string", "format": "date"}
    said["type"] = {"text": "string", "number": "number", "bool": "boolean"}[queryable.type]
    if queryable.values:
        said["enum"] = list(queryable.values)
    return said


def landing(links: Links, more: Sequence[str], lang: Lang) -> dict[str, Any]:
    """The landing page for API clients. `more`: other addresses of the service."""
    said = {
        "api": Bilingual("接口定义（OpenAPI）", "API definition (OpenAPI)"),
        "docs": Bilingual("接口说明", "HTTP reference"),
        "conformance": Bilingual("符合的标准", "Conformance"),
        "data": Bilingual("图层", "Layers"),
        "grids": Bilingual("切片方案", "Tile matrix sets"),
        "self": Bilingual("山河 Shanhe", "Shanhe 山河"),
    }
    title = {name: text.get(lang) for name, text in said.items()}
    return {
        "title": title["self"],
        "description": _DESCRIPTION.get(lang),
        "links": [
            links.link("self", "application/json", title["self"], "", f="json"),
            links.link("alternate", "text/html", title["self"], "", f="html"),
            links.link("service-desc", OPENAPI, title["api"], "api"),
            links.link("service-doc", "text/html", title["docs"], "docs"),
            links.link("conformance", "application/json", title["conformance"], "conformance"),
            links.link("data", "application/json", title["data"], "collections"),
            links.link(
                "http://www.opengis.net/def/rel/ogc/1.0/conformance",
                "application/json",
                title["conformance"],
                "conformance",
            ),
            links.link("http://www.opengis.net/def/rel/ogc/1.0/data", "application/json", title["data"], "collections"),
            links.link(
                "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes",
                "application/json",
                title["grids"],
                "tileMatrixSets",
            ),
            *({"href": f"{links.base}{path}", "rel": "related"} for path in more if path != "/collections"),
        ],
    }
