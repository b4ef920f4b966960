"""A tiny world for database tests: a square province of two counties, a red line, a river and a section point."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import shapely

from layers.catalogue import Catalogue, parse

STATUS = "illustrative"


def entry(layer: str, **changes: Any) -> dict[str, Any]:
    """A catalogue entry, complete, with what a test changes."""
    base: dict[str, Any] = {
        "id": layer, "kind": layer, "order": 10, "title": {"zh": layer, "en": layer}, "geometry": "MultiPolygon",
        "full_cover": False, "accuracy_m": 0, "legal_status": STATUS, "review_by": None, "visibility": "public",
        "public_form": "exact", "stands_for_bound_m": 0, "complete_for": {}, "code_pattern": ".+", "classes": {},
        "properties": {}, "zoom": [5, 18], "style": {}, "source": {"zh": "测试", "en": "test"}, "licence": "CC0",
        "coverage": "admin:140000", "file": f"{layer}.geojson",
    }  # fmt: skip
    return {**base, **changes}


def feature(code: str, geometry: shapely.Geometry, **changes: Any) -> dict[str, Any]:
    """A GeoJSON feature with all common properties, with what a test changes."""
    properties: dict[str, Any] = {
        "code": code, "name": f"名{code}", "name_en": None, "class": "any", "source": "s", "method": "m", "licence": "l",
        "plan_line": None, "accuracy_m": None, "legal_status": None, "valid_from": None, "valid_to": None, **changes,
    }  # fmt: skip
    return {"type": "Feature", "properties": properties, "geometry": shapely.geometry.mapping(geometry)}


@dataclass
class World:
    """Boundary files in a folder and the catalogue that declares them; tests change both and load again."""

    folder: Path
    entries: dict[str, dict[str, Any]] = field(default_factory=dict)
    features: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def put(self, layer: str, features: list[dict[str, Any]], **changes: Any) -> None:
        self.entries[layer] = entry(layer, **changes)
        self.features[layer] = features

    @property
    def catalogue(self) -> Catalogue:
        for layer, features in self.features.items():
            text = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
            (self.folder / f"{layer}.geojson").write_text(text, encoding="utf-8")
        return parse(self.entries)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Province 112–113° E, 36–37° N; counties west and east of 112.5°; a wavy red line of 2,000 vertices."""
    made = World(tmp_path)
    west, east = shapely.box(112, 36, 112.5, 37), shapely.box(112.5, 36, 113, 37)
    made.put("province", [feature("140000", shapely.union(west, east))], order=1)
    made.put(
        "county",
        [feature("140001", west, yellow_river=True), feature("140002", east, yellow_river=False)],
        order=2,
        full_cover=True,
        properties={"yellow_river": {"type": "bool", "zh": "黄河流域", "en": "Yellow River basin"}},
    )
    wavy = shapely.Point(112.5, 36.5).buffer(0.2, quad_segs=500)
    made.put("redline", [feature("RL-1", wavy), feature("RL-2", shapely.box(112.05, 36.05, 112.1, 36.1))], order=3)
    river = shapely.LineString([(112.0 + i / 1000, 36.8 + (i % 7) / 1e4) for i in range(1000)])
    made.put("river", [feature("R-1", river)], order=4, geometry="MultiLineString", complete_for={"name": ["名R-1"]})
    made.put("water_source", [feature("W-1", shapely.Point(112.3, 36.3))], order=5, geometry="MultiPoint")
    return made
