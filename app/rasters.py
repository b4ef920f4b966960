"""What the service says of raster layers: list, TileJSON, legend, values; and the tiles lately drawn. It draws none itself."""

from __future__ import annotations

from html import escape
from typing import Any, Final

import cachebox

from layers import raster as rasters
from layers.raster import Raster
from layers.raster_statistics import statistics
from layers.raster_style import rgba
from layers.tile_grids import WEB_MERCATOR, Place
from zoning.bilingual import Bilingual, Lang
from zoning.errors import BadSite, NotFound
from zoning.site import Site

_MOST_KEPT: Final = 32 * 1024 * 1024
_SPARE: Final = 200
"""Bytes that a kept tile costs beside its own."""

_Key = tuple[str, str, Place]


def _weight(_: _Key, image: bytes) -> int:
    return len(image) + _SPARE


_kept: cachebox.LRUCache[_Key, bytes] = cachebox.LRUCache(_MOST_KEPT, getsizeof=_weight)


def tile(raster: Raster, place: Place) -> bytes:
    """A tile as PNG, kept for the next who asks; empty where the layer has nothing. Raises as `layers.raster.tile`."""
    key = (raster.spec.id, raster.version, place)
    image: bytes | None = _kept.get(key)
    if image is None:
        image = rasters.tile(raster, place) or b""
        _kept[key] = image
    return image


def of_version(id: str, version: str) -> Raster:
    """The raster layer at that version. Raises `NotFound` ``raster-unknown`` or ``layer-version-unknown``."""
    raster = rasters.named(id)
    if raster.version != version:
        text = Bilingual("栅格图层没有该版本。", "The raster layer has no such version.")
        raise NotFound("layer-version-unknown", text, layer=id, value=version[:100])
    return raster


def listed() -> dict[str, Any]:
    """Every public raster layer with all its entry says."""
    return {"rasters": [described(one) for one in rasters.public().values()]}


def described(raster: Raster) -> dict[str, Any]:
    return {**raster.as_json(), "tiles": f"{_path(raster)}/{{tms}}/{{z}}/{{x}}/{{y}}.png"}


def _path(raster: Raster) -> str:
    return f"/rasters/{raster.spec.id}/{raster.version}"


def tilejson(raster: Raster, base: str, lang: Lang) -> dict[str, Any]:
    """TileJSON 3.0.0 of the Web-Mercator tiles at this version; `base` is the address of the service."""
    spec = raster.spec
    return {
        "tilejson": "3.0.0",
        "name": spec.title.get(lang),
        "description": spec.accuracy.text.get(lang),
        "version": "1.0.0",
        "attribution": escape(spec.source.get(lang)),
        "scheme": "xyz",
        "tiles": [f"{base}{_path(raster)}/{WEB_MERCATOR}/{{z}}/{{x}}/{{y}}.png"],
        "minzoom": spec.zoom[0],
        "maxzoom": spec.zoom[1],
        "bounds": list(raster.bounds),
    }


def legend(raster: Raster) -> dict[str, Any]:
    """The colours with their values or labels, as drawn."""
    spec, unit = raster.spec, raster.spec.unit
    return {
        "raster": spec.id,
        "version": raster.version,
        "title": spec.title.as_dict(),
        "unit": unit.model_dump() if unit else None,
        "ramp": [{"value": value, "colour": colour} for value, colour in spec.style.ramp],
        "classes": [one.model_dump(mode="json", exclude_none=True) for one in spec.style.classes],
    }


_ROW: Final = 20
_INK: Final = "#33393a"


def legend_svg(raster: Raster, lang: Lang) -> str:
    """The legend as a small picture without script, style sheet or font of its own."""
    spec = raster.spec
    symbol = f" ({spec.unit.symbol})" if spec.unit else ""
    rows: list[str] = []
    if spec.style.classes:
        for place, one in enumerate(spec.style.classes):
            top = 30 + place * _ROW
            rows.append(f'<rect x="8" y="{top}" width="24" height="14" {_fill(one.colour)} stroke="{_INK}"/>')
            rows.append(f'<text x="40" y="{top + 12}">{escape(one.label.get(lang))}</text>')
        height = 36 + len(spec.style.classes) * _ROW
    else:
        ramp = spec.style.ramp
        deep = _ROW * (len(ramp) - 1)
        stops = "".join(
            f'<stop offset="{place / (len(ramp) - 1):.4f}" stop-color="{colour[:7]}" stop-opacity="{rgba(colour)[3] / 255:.3f}"/>'
            for place, (_, colour) in enumerate(reversed(ramp))
        )
        rows.append(f'<defs><linearGradient id="r" x1="0" y1="0" x2="0" y2="1">{stops}</linearGradient></defs>')
        rows.append(f'<rect x="8" y="34" width="24" height="{deep}" fill="url(#r)" stroke="{_INK}"/>')
        rows += [
            f'<text x="40" y="{38 + place * _ROW}">{value:g}</text>' for place, (value, _) in enumerate(reversed(ramp))
        ]
        height = 48 + deep
    title = escape(spec.title.get(lang) + symbol)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="260" height="{height}" viewBox="0 0 260 {height}" role="img" '
        f'aria-label="{title}" font-family="sans-serif" font-size="12" fill="{_INK}">'
        f'<text x="8" y="18" font-weight="bold">{title}</text>{"".join(rows)}</svg>\n'
    )


def _fill(colour: str) -> str:
    return f'fill="{colour[:7]}" fill-opacity="{rgba(colour)[3] / 255:.3f}"'


def point(raster: Raster, lon: float, lat: float) -> dict[str, Any]:
    """The value of the cell at a place, with what is needed to judge it."""
    spec = raster.spec
    value, state = rasters.value_at(raster, lon, lat)
    found = next((one for one in spec.style.classes if value is not None and one.contains(value)), None)
    return {
        "raster": spec.id,
        "version": raster.version,
        "lon": lon,
        "lat": lat,
        "value": value,
        "state": state,
        "class": found.label.as_dict() if found else None,
        "unit": spec.unit.model_dump() if spec.unit else None,
        "cell_m": [round(one, 1) for one in raster.cell_m],
        "accuracy": spec.accuracy.model_dump(mode="json"),
        "legal_status": spec.legal_status,
        "source": spec.source.as_dict(),
    }


def figures(raster: Raster, site: Site) -> dict[str, Any]:
    """Figures of the layer inside a site that is an area. Raises `BadSite` ``polygon-needed`` or ``site-too-large``."""
    spec = raster.spec
    if site.dimension != 2:
        text = Bilingual("统计需要面，点或线没有面积。", "Statistics need a polygon; points and lines have no area.")
        raise BadSite("polygon-needed", text)
    found = statistics(raster, site.geometry)
    return {
        "raster": spec.id,
        "version": raster.version,
        "unit": spec.unit.model_dump() if spec.unit else None,
        "area_m2": round(found.area_m2, 1),
        "cells": found.cells,
        "min": found.minimum,
        "max": found.maximum,
        "mean": found.mean,
        "median": found.median,
        "share_nodata": found.share_nodata,
        "share_outside": found.share_outside,
        "classes": [
            {"label": one.label.as_dict(), "share": share}
            for one, share in zip(spec.style.classes, found.class_shares, strict=True)
        ],
        "cell_m": [round(one, 1) for one in raster.cell_m],
        "accuracy": spec.accuracy.model_dump(mode="json"),
        "legal_status": spec.legal_status,
        "source": spec.source.as_dict(),
    }
