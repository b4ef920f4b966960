"""What of the public layers lies on a map's sheet, at the release and on the day of a check; what is not public is only counted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
import shapely
import sqlalchemy as sa
from shapely import Geometry

from app.report.frame import Sheet, fine
from layers import store
from layers.catalogue import Catalogue, read_catalogue
from layers.public_form import form
from layers.release import HeldLayer, Release, layers_at
from layers.style import Style, of_layer, read_style
from zoning.bilingual import Bilingual
from zoning.evidence import Feature, LayerWindow

_DOUBLES: Final = ("province", "city")
"""Their lines are those of counties."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One feature on paper: its area (None for lines and outlines only) and its true boundary or line."""

    feature: Feature
    area: Geometry | None
    lines: Geometry


@dataclass(frozen=True, slots=True)
class DrawnLayer:
    """A layer with what of it lies on the sheet."""

    id: str
    kind: str
    title: Bilingual
    legal_status: str
    full_cover: bool
    style: Style
    classes: Mapping[str, Bilingual]
    features: tuple[Drawn, ...]

    @property
    def illustrative(self) -> bool:
        return self.legal_status == "illustrative" or any(
            f.feature.legal_status == "illustrative" for f in self.features
        )


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The layers on a sheet, the lowest first, and how many there are that may not be shown."""

    layers: tuple[DrawnLayer, ...]
    withheld: int


def exact(spec: Mapping[str, Any]) -> bool:
    """Whether anybody may see a layer's exact boundaries, which are all that a report draws."""
    return form(spec) == "exact"


def surroundings(engine: sa.Engine, view: Release, sheet: Sheet, day: dt.date) -> Surroundings:
    """The public layers on a sheet. Raises `Unavailable` or `BadProject` as `layers.store.gather` does."""
    window = sheet.window
    evidence = store.gather(engine, view, window, piece_box=(window.west, window.south, window.east, window.north))
    held = {layer.meta.id: layer for layer in layers_at(engine, view)}
    shown, withheld = [], 0
    for id, layer in evidence.layers.items():
        if id in _DOUBLES:
            continue
        if not exact(held[id].spec):
            withheld += 1
        elif drawn := _drawn(layer, sheet, day):
            shown.append(_layer(held[id], drawn))
    return Surroundings(tuple(sorted(shown, key=lambda layer: (layer.style.rank, layer.id))), withheld)


@cache
def _catalogue() -> Catalogue:
    """The packaged catalogue, read once."""
    return read_catalogue()


def _layer(held: HeldLayer, drawn: tuple[Drawn, ...]) -> DrawnLayer:
    """A layer as the map page draws it: by today's style, which is no part of a release."""
    meta, spec = held.meta, held.spec
    declared = _catalogue().get(meta.id)
    style = declared.style if declared else read_style(spec.get("style"))
    made = of_layer(
        style, illustrative=meta.legal_status == "illustrative", area=spec.get("geometry") == "MultiPolygon"
    )
    classes = {id: Bilingual.of(title) for id, title in (spec.get("classes") or {}).items()}
    return DrawnLayer(meta.id, meta.kind, meta.title, meta.legal_status, meta.full_cover, made, classes, drawn)


def _drawn(layer: LayerWindow, sheet: Sheet, day: dt.date) -> tuple[Drawn, ...]:
    found = []
    for index, feature in enumerate(layer.features):
        if not _in_force(feature, day):
            continue
        pieces = sheet.placed(layer.pieces[layer.piece_feature == index])
        areas = pieces[shapely.get_dimensions(pieces) == 2]
        edges = sheet.placed(layer.edges[layer.edge_feature == index])
        lines = shapely.line_merge(shapely.union_all(edges[~shapely.is_empty(edges)]))
        area = fine(shapely.union_all(areas)) if len(areas) and not shapely.is_empty(areas).all() else None
        if area is not None or not shapely.is_empty(lines):
            found.append(Drawn(feature, area, fine(lines)))
    return tuple(found)


def _in_force(feature: Feature, day: dt.date) -> bool:
    starts, ends = feature.valid_from, feature.valid_to
    return (starts is None or starts <= day) and (ends is None or day <= ends)


def label_point(area: Geometry) -> tuple[float, float] | None:
    """A point well inside the largest part of an area on paper, or None when there is no room for a word."""
    parts = shapely.get_parts(area)
    parts = parts[shapely.get_dimensions(parts) == 2]
    if not len(parts):
        return None
    largest = parts[int(np.argmax(shapely.area(parts)))]
    if shapely.area(largest) < 20_000:
        return None
    point = shapely.point_on_surface(largest)
    return float(point.x), float(point.y)
