"""What the page is told when it opens: layers of a release with their styles, presets, settings and texts. It reads no geometry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from app.rasters import described
from app.viewer import assets, strings
from app.viewer.base_map import BaseMap
from app.viewer.layout import Layout, layout
from layers import extents
from layers import raster as rasters
from layers.catalogue import Catalogue, LayerSpec, read_catalogue
from layers.extents import Box, Extent
from layers.public_form import form, public
from layers.release import HeldLayer, layers_at, newest_release, open_release
from layers.style import GROUPS, of_layer, read_style
from zoning.bilingual import Lang

TILES: Final = "/tiles/{layers}/{versions}/WebMercatorQuad/{z}/{x}/{y}.mvt"
"""Vector tiles of several layers at once, as `app.routes.tiles` serves them."""

_RELIEF: Final = "hillshade"
"""The raster layer that lies beneath everything."""

MOST_RELEASES: Final = 200
_OPENING: Final = ((110.2, 34.5), (114.6, 40.8))
"""Where the map opens when no province is held."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a deployment's settings add to the page."""

    base_map: BaseMap | None = None
    map_approval: str | None = None


def config(engine: sa.Engine, number: int | None, lang: Lang, chosen: Chosen) -> dict[str, Any]:
    """The page's configuration as JSON data, in one language. `number`: the release to look at, or None for the newest.

    Raises
    ------
    BadProject, Unavailable
        As `layers.release.open_release`.
    """
    newest = newest_release(engine)
    view = open_release(engine, number)
    published = extents.releases(engine, newest, MOST_RELEASES)
    held = layers_at(engine, view)
    named = _named(held)
    found = extents.boxes(engine, view, [id for id in ("province", "county") if id in named])
    catalogue = read_catalogue()
    return {
        "lang": lang,
        "release": {"number": view.number, "newest": newest.number},
        "releases": [{"number": one.number, "day": one.day, "note": one.note} for one in published],
        "layers": [_layer(one, catalogue, lang) for one in held if public(one.spec)],
        "groups": [{"id": group, "title": strings.all_texts()[f"group.{group}"].get(lang)} for group in GROUPS],
        "layout": _layout(layout(), found, lang),
        "bounds": _bounds([one for one in found if one.layer == "province"]),
        "tiles": TILES,
        "hillshade": _hillshade(lang),
        "base_map": chosen.base_map.as_json() if chosen.base_map else None,
        "map_approval": chosen.map_approval,
        "assets": f"/viewer/assets/{assets.version()}/",
        "strings": strings.texts(lang),
    }


def _named(held: Sequence[HeldLayer]) -> list[str]:
    """The layers that anybody may see in their true form: of others no box and no naming point is given."""
    return [one.meta.id for one in held if form(one.spec) == "exact"]


def _hillshade(lang: Lang) -> dict[str, Any] | None:
    relief = rasters.public().get(_RELIEF)
    if relief is None:
        return None
    lowest, highest = relief.spec.zoom
    url = described(relief)["tiles"].replace("{tms}", "WebMercatorQuad")
    return {"url": url, "title": relief.spec.title.get(lang), "min_zoom": lowest, "max_zoom": highest}


def _layer(held: HeldLayer, catalogue: Catalogue, lang: Lang) -> dict[str, Any]:
    """One layer. Its style is today's: how a layer is drawn is no part of a release."""
    meta, spec = held.meta, held.spec
    declared = catalogue.get(meta.id)
    area = spec.get("geometry") == "MultiPolygon"
    style = declared.style if declared else read_style(spec.get("style"))
    drawn = of_layer(style, illustrative=meta.legal_status == "illustrative", area=area)
    return {
        "id": meta.id,
        "title": meta.title.get(lang),
        "kind": meta.kind,
        "geometry": spec.get("geometry"),
        "version": meta.version,
        "legal_status": meta.legal_status,
        "accuracy_m": meta.accuracy_m,
        "source": _said(spec.get("source"), lang),
        "licence": spec.get("licence"),
        "zoom": list(spec.get("zoom") or (0, 18)),
        "features": meta.feature_count,
        "classes": [
            {"id": id, "title": _said(title, lang), "paint": drawn.of_class(id).model_dump(exclude_none=True)}
            for id, title in _classes(spec, declared)
        ],
        "properties": {name: _said(title, lang) for name, title in (spec.get("properties") or {}).items()},
        "style": drawn.model_dump(exclude_none=True, exclude={"classes"}),
    }


def _classes(spec: Mapping[str, Any], declared: LayerSpec | None) -> list[tuple[str, Any]]:
    """The classes of the stored entry, in the order in which the catalogue gives them."""
    order = list(declared.classes) if declared else []
    held = dict(spec.get("classes") or {})
    return sorted(held.items(), key=lambda one: order.index(one[0]) if one[0] in order else len(order))


def _said(value: Any, lang: Lang) -> str | None:
    return value.get(lang) if isinstance(value, dict) else value


def _layout(made: Layout, found: Sequence[Box], lang: Lang) -> dict[str, Any]:
    return {
        "title": made.title.get(lang),
        "mountains": [
            {"id": id, "name": one.name.get(lang), "axis": [list(at) for at in one.axis]}
            for id, one in made.mountains.items()
        ],
        "rivers": [{"id": id, "name": one.name.get(lang), "codes": list(one.codes)} for id, one in made.rivers.items()],
        "basin": {
            "name": made.basin.name.get(lang),
            "river": made.basin.river,
            "counties": [
                one.code for one in found if one.layer == "county" and one.properties.get(made.basin.property)
            ],
        },
    }


def _bounds(provinces: Sequence[Box]) -> list[list[float]]:
    """The corners in the south-west and north-east of all provinces."""
    if not provinces:
        return [list(corner) for corner in _OPENING]
    west, south, east, north = zip(*(one.box for one in provinces), strict=True)
    return [[min(west), min(south)], [max(east), max(north)]]


def presets(engine: sa.Engine, number: int | None, lang: Lang) -> dict[str, Any]:
    """Where to go and what to write on the map: rivers, cities, counties and lakes.

    Raises as `config` does.
    """
    view = open_release(engine, number)
    made = layout()
    named = _named(layers_at(engine, view))
    found = extents.extents(engine, view, [id for id in ("city", "county", "river") if id in named])
    lakes = extents.extents(engine, view, [id for id in named if id == "plan_place"], ["lake"])
    return {
        "release": view.number,
        "cities": [_place(one, lang) for one in found if one.layer == "city"],
        "counties": [
            {**_place(one, lang), "city": one.properties.get("city_code")} for one in found if one.layer == "county"
        ],
        "rivers": [_place(one, lang) for one in found if one.layer == "river"],
        "lakes": [_place(one, lang) for one in lakes if one.name.zh in made.lakes],
        "river_names": [
            {
                "code": one.code,
                "name": one.name.get(lang),
                "at": [round(v, 4) for v in one.at],
                "azimuth": round(one.azimuth),
                "long": one.long,
            }
            for one in (extents.line_names(engine, view, "river") if "river" in named else ())
        ],
    }


def _place(one: Extent, lang: Lang) -> dict[str, Any]:
    return {
        "code": one.code,
        "name": one.name.get(lang),
        "at": [round(v, 4) for v in one.at],
        "box": [round(v, 4) for v in one.box],
    }
