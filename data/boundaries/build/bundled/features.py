"""Features of the real layers, and the common form of illustrative ones; it draws no shape but the bands along rivers."""

from __future__ import annotations

import shapely

from bundled import provenance
from bundled.divisions import Geometries, divisions, unions
from bundled.feature_file import Feature, Provenance
from bundled.redline import GRID
from bundled.rivers import River
from bundled.round_shape import band

Layers = dict[str, list[Feature]]

BAND_TOLERANCE_M = 5.0
"""How far the outline of a band may be simplified."""


def administrative(counties: Geometries) -> Layers:
    polygons = unions(counties)
    layers: Layers = {"province": [], "city": [], "county": []}
    for division in divisions():
        county = division.kind == "county"
        extra = {"city_code": f"{division.code[:4]}00", "yellow_river": division.yellow_river} if county else {}
        origin = provenance.ADMINISTRATIVE if county else provenance.UNION
        layers[division.kind].append(
            Feature(
                division.code,
                division.name,
                division.kind,
                polygons[division.code],
                origin,
                division.name_en,
                None,
                extra,
            )
        )
    return layers


def river_lines(rivers: list[River]) -> list[Feature]:
    return [
        Feature(
            river.code,
            river.name,
            river.kind,
            river.line,
            provenance.RIVER if river.kind == "centre_line" else provenance.SCHEMATIC_RIVER,
            river.name_en,
            river.plan_line,
            {"aliases": river.aliases},
        )
        for river in rivers
    ]


def river_bands(rivers: list[River], province: shapely.Geometry) -> Layers:
    layers: Layers = {}
    for layer, kind, prefix, width, zh, en, origin in (
        ("river_corridor", "control", "RC", 300.0, "岸线管控范围", "shoreline control band", provenance.CORRIDOR),
        (
            "river_management",
            "management",
            "RM",
            150.0,
            "河道管理范围",
            "channel management band",
            provenance.MANAGEMENT,
        ),
    ):
        layers[layer] = [
            Feature(
                f"{prefix}-{river.code[2:]}",
                f"{river.name}{zh}（示意）",
                kind,
                shapely.intersection(band(river.line, width, BAND_TOLERANCE_M, 7), province, grid_size=GRID),
                origin,
                f"{river.name_en} {en} (illustrative)",
                None,
                {"river": river.name},
            )
            for river in rivers
        ]
    return layers


def drawn(
    code: str,
    *,
    zh: str,
    en: str,
    kind: str,
    geometry: shapely.Geometry,
    origin: Provenance,
    county: str,
    plan_line: str | None = None,
) -> Feature:
    """An illustrative feature of one county: its names say that it is illustrative."""
    extra = {"county_code": county}
    return Feature(code, f"{zh}（示意）", kind, geometry, origin, f"{en} (illustrative)", plan_line, extra)
