"""What the page is told when it opens: layers of a release with their styles, presets, settings and texts. It reads no geometry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from app.viewer import assets, strings
from app.viewer.base_map import BaseMap
from app.viewer.layout import Layout, layout
from layers import extents
from layers.catalogue import Catalogue, LayerSpec, read_catalogue
from layers.extents import Extent
from layers.public_form import form, public
from layers.release import HeldLayer, Release, layers_at, newest_release, open_release
from layers.style import GROUPS, of_layer, read_style
from zoning.bilingual import Lang

TILES: Final = "/tiles/{layers}/{versions}/WebMercatorQuad/{z}/{x}/{y}.mvt"
"""Vector tiles of several layers at once, as `app.routes.tiles` serves them."""

HILLSHADE: Final = "/rasters/hillshade/{version}/WebMercatorQuad/{z}/{x}/{y}.png"
MOST_RELEASES: Final = 200
_OPENING: Final = ((110.2, 34.5), (114.6, 40.8))
"""Where the map opens when no province is held."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a deployment's settings add to the page."""

    base_map: BaseMap | None = None
    map_approval: str | None = None


def config(
    engine: sa.Engine, number: int | None, lang: Lang, chosen: Chosen, *, hillshade: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The page's configuration as JSON data, in one language.

    Parameters
    ----------
    number
        The release to look at, or None for the newest.
    hillshade
        Version and zoom range of the relief tiles, or None when this deployment has none.

    Raises
    ------
    BadProject, Unavailable
        As `layers.release.open_release`.
    """
    newest = newest_release(engine)
    view = open_release(engine, number)
    published = extents.releases(engine, newest, MOST_RELEASES)
    return {
        "lang": lang,
        "release": {"number": view.number, "newest": newest.number},
        "releases": [{"number": one.number, "day": one.day, "note": one.note} for one in published],
        "layers": _layers(engine, view, lang),
        "groups": [{"id": group, "title": strings.all_texts()[f"group.{group}"].get(lang)} for group in GROUPS],
        "layout": _layout(layout(), lang),
        "bounds": _bounds(extents.extents(engine, view, _named(engine, view, "province"))),
        "tiles": TILES,
        "hillshade": hillshade,
        "base_map": chosen.base_map.as_json() if chosen.base_map else None,
        "map_approval": chosen.map_approval,
        "assets": f"/viewer/assets/{assets.version()}/",
        "strings": strings.texts(lang),
    }


def _layers(engine: sa.Engine, view: Release, lang: Lang) -> list[dict[str, Any]]:
    catalogue = read_catalogue()
    return [_layer(held, catalogue, lang) for held in layers_at(engine, view) if public(held.spec)]


def _named(engine: sa.Engine, view: Release, *ids: str) -> list[str]:
    """Those of the layers that anybody may see in their true form: of others no box and no naming point is given."""
    return [one.meta.id for one in layers_at(engine, view) if one.meta.id in ids and form(one.spec) == "exact"]


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


def _layout(made: Layout, lang: Lang) -> dict[str, Any]:
    return {
        "title": made.title.get(lang),
        "mountains": [
            {"id": id, "name": one.name.get(lang), "axis": [list(at) for at in one.axis]}
            for id, one in made.mountains.items()
        ],
        "rivers": [{"id": id, "name": one.name.get(lang), "codes": list(one.codes)} for id, one in made.rivers.items()],
        "basin": {"name": made.basin.name.get(lang), "river": made.basin.river},
    }


def _bounds(provinces: tuple[Extent, ...]) -> list[list[float]]:
    boxes = [one.box for one in provinces]
    if not boxes:
        return [list(corner) for corner in _OPENING]
    west, south, east, north = (min(b[0] for b in boxes), min(b[1] for b in boxes), *_far(boxes))
    return [[west, south], [east, north]]


def _far(boxes: list[tuple[float, float, float, float]]) -> tuple[float, float]:
    return max(b[2] for b in boxes), max(b[3] for b in boxes)


def presets(engine: sa.Engine, number: int | None, lang: Lang) -> dict[str, Any]:
    """Where to go and what to write on the map: rivers, cities, counties, lakes, and the counties of the basin.

    Raises as `config` does.
    """
    view = open_release(engine, number)
    made = layout()
    named = _named(engine, view, "city", "county", "river", "plan_place")
    found = extents.extents(engine, view, [id for id in named if id != "plan_place"])
    lakes = extents.extents(engine, view, [id for id in named if id == "plan_place"], ["lake"])
    return {
        "release": view.number,
        "cities": [_place(one, lang) for one in found if one.layer == "city"],
        "counties": [
            {**_place(one, lang), "city": one.properties.get("city_code")} for one in found if one.layer == "county"
        ],
        "rivers": [_place(one, lang) for one in found if one.layer == "river"],
        "lakes": [_place(one, lang) for one in lakes if one.name.zh in made.lakes],
        "basin": [one.code for one in found if one.layer == "county" and one.properties.get(made.basin.property)],
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
