"""Writing one bundled layer as a GeoJSON file with the same bytes each time; it derives nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from bundled.divisions import DECIMALS


@dataclass(frozen=True)
class Provenance:
    """Where the features of a layer come from, and how far they can be trusted."""

    source: str
    method: str
    licence: str
    accuracy_m: float | None
    """None: the layer's own, or for a feature without a place none at all."""
    legal_status: str


@dataclass(frozen=True)
class Feature:
    """A feature of a bundled layer: the common attributes, those of its layer, and its geometry in EPSG:4490."""

    code: str
    name: str
    kind: str
    """Value of the attribute `class`."""
    geometry: shapely.Geometry
    provenance: Provenance
    name_en: str | None = None
    plan_line: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


_MULTI = {"Polygon": shapely.multipolygons, "LineString": shapely.multilinestrings}


def _coordinates(value: Any) -> Any:
    if not value:
        return []
    if isinstance(value[0], (int, float)):
        return [round(float(number), DECIMALS) for number in value]
    return [_coordinates(part) for part in value]


def _geometry(geometry: shapely.Geometry) -> dict[str, Any]:
    geometry = shapely.normalize(geometry)
    if geometry.geom_type in _MULTI:
        geometry = _MULTI[geometry.geom_type]([geometry])
    if geometry.geom_type == "MultiPolygon":
        geometry = shapely.orient_polygons(geometry)
    mapped = shapely.geometry.mapping(geometry)
    return {"type": mapped["type"], "coordinates": _coordinates(mapped["coordinates"])}


def _line(feature: Feature) -> str:
    provenance = feature.provenance
    properties = {
        "code": feature.code,
        "name": feature.name,
        "name_en": feature.name_en,
        "class": feature.kind,
        "source": provenance.source,
        "method": provenance.method,
        "licence": provenance.licence,
        "plan_line": feature.plan_line,
        "accuracy_m": provenance.accuracy_m,
        "legal_status": provenance.legal_status,
        "valid_from": None,
        "valid_to": None,
        **feature.extra,
    }
    mapped = {"type": "Feature", "properties": properties, "geometry": _geometry(feature.geometry)}
    return json.dumps(mapped, ensure_ascii=False, separators=(",", ":"))


def write(path: Path, features: Iterable[Feature]) -> None:
    """Write features sorted by code, one on each line, UTF-8 with LF, coordinates of 7 decimals.

    Raises `ValueError` when a code repeats, or a geometry is not valid after rounding or empty; only points may
    be empty (an object that has no place).
    """
    ordered = sorted(features, key=lambda feature: feature.code)
    codes = [feature.code for feature in ordered]
    if len(set(codes)) != len(codes):
        raise ValueError(f"{path.name}: a code repeats")
    rounded = shapely.transform([feature.geometry for feature in ordered], lambda xy: np.round(xy, DECIMALS))
    for code, geometry in zip(codes, np.atleast_1d(rounded), strict=True):
        if not shapely.is_valid(geometry) or (shapely.is_empty(geometry) and geometry.geom_type != "MultiPoint"):
            raise ValueError(f"{path.name} {code}: {shapely.is_valid_reason(geometry)}")
    body = ",\n".join(_line(feature) for feature in ordered)
    text = f'{{"type":"FeatureCollection","features":[\n{body}\n]}}\n'
    path.write_text(text, encoding="utf-8", newline="\n")
