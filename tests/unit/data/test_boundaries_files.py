"""Every bundled file is as built, every feature says where it comes from, and the catalogue tells the truth about both."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
import yaml

ROOT = Path(__file__).resolve().parents[3]
CATALOGUE = {
    path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in (ROOT / "layers/catalogue").glob("*.yaml")
}
HELD = sorted(name for name, entry in CATALOGUE.items() if entry["file"])
COMMON = [
    "code",
    "name",
    "name_en",
    "class",
    "source",
    "method",
    "licence",
    "plan_line",
    "accuracy_m",
    "legal_status",
    "valid_from",
    "valid_to",
]
MAY_BE_NULL = {
    "name_en", "plan_line", "valid_from", "valid_to", "aliases", "printed", "division_codes", "river_code", "named_by",
    "township", "see", "misprints", "why",
}  # fmt: skip
TYPES: dict[str, type | tuple[type, ...]] = {"text": str, "number": (int, float), "bool": bool}


def test_files_match_the_committed_hashes(boundaries: Path) -> None:
    lines = (boundaries / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    stated = {name: digest for digest, name in (line.split("  ") for line in lines)}
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in boundaries.glob("*.geojson")}
    assert found == stated


def test_catalogue_and_files_name_the_same_layers(boundaries: Path) -> None:
    assert {path.stem for path in boundaries.glob("*.geojson")} == set(HELD)
    assert all(entry["id"] == name and entry["file"] in {f"{name}.geojson", None} for name, entry in CATALOGUE.items())


def test_layers_not_held_say_why_and_claim_no_coverage() -> None:
    absent = {name: entry for name, entry in CATALOGUE.items() if not entry["file"]}
    assert set(absent) == {"heavy_metal_key_area"}
    assert all(
        entry["held_why"]["zh"] and entry["held_why"]["en"] and entry["coverage"] is None for entry in absent.values()
    )


def test_bundled_files_stay_small(boundaries: Path) -> None:
    assert sum(path.stat().st_size for path in boundaries.glob("*.geojson")) <= 6_600_000


@pytest.mark.parametrize("name", HELD)
def test_every_feature_carries_its_provenance(name: str, layer: Callable[[str], Any]) -> None:
    declared = list(CATALOGUE[name]["properties"])
    for properties in layer(name).properties:
        assert list(properties) == COMMON + declared
        missing = {key for key, value in properties.items() if value is None or value == ""} - MAY_BE_NULL
        if properties.get("why"):
            missing -= {"accuracy_m"}  # it has no position
        assert not missing, (properties["code"], missing)


@pytest.mark.parametrize("name", HELD)
def test_attributes_agree_with_the_catalogue(name: str, layer: Callable[[str], Any]) -> None:
    entry = CATALOGUE[name]
    for properties in layer(name).properties:
        assert re.fullmatch(entry["code_pattern"], properties["code"])
        assert properties["class"] in entry["classes"]
        assert properties["legal_status"] == entry["legal_status"]
        for key, declared in entry["properties"].items():
            value = properties[key]
            assert (value is None and key in MAY_BE_NULL) or isinstance(value, TYPES[declared["type"]])


@pytest.mark.parametrize("name", HELD)
def test_the_catalogue_states_the_worst_accuracy_of_a_layer(name: str, layer: Callable[[str], Any]) -> None:
    worst = max(properties["accuracy_m"] or 0 for properties in layer(name).properties)
    assert CATALOGUE[name]["accuracy_m"] == worst
    for properties in layer(name).properties:
        if name == "river":
            assert properties["accuracy_m"] == (5000 if properties["class"] == "schematic" else 2000)


@pytest.mark.parametrize("name", HELD)
def test_geometry_is_valid_multipart_and_of_seven_decimals(name: str, layer: Callable[[str], Any]) -> None:
    geometries = layer(name).geometries
    wanted = {"MultiPolygon": 6, "MultiLineString": 5, "MultiPoint": 4}[CATALOGUE[name]["geometry"]]
    assert (shapely.get_type_id(geometries) == wanted).all()
    assert shapely.is_valid(geometries).all()
    coordinates = shapely.get_coordinates(geometries)
    assert (np.round(coordinates, 7) == coordinates).all()
    assert coordinates.min(axis=0).tolist() > [110.0, 34.0]
    assert coordinates.max(axis=0).tolist() < [115.5, 41.5]


@pytest.mark.parametrize("name", HELD)
def test_file_form_is_canonical(name: str, boundaries: Path) -> None:
    data = (boundaries / f"{name}.geojson").read_bytes()
    assert b"\r" not in data
    lines = data.decode("utf-8").splitlines()
    assert (lines[0], lines[-1]) == ('{"type":"FeatureCollection","features":[', "]}")
    codes = [json.loads(line.removesuffix(","))["properties"]["code"] for line in lines[1:-1]]
    assert codes == sorted(set(codes))


@pytest.mark.parametrize("name", HELD)
def test_illustrative_layers_say_so_everywhere(name: str, layer: Callable[[str], Any]) -> None:
    if CATALOGUE[name]["legal_status"] != "illustrative":
        assert name in {"province", "city", "county", "river", "plan_place"}
        return
    assert "示意" in CATALOGUE[name]["title"]["zh"]
    assert "illustrative" in CATALOGUE[name]["title"]["en"]
    for properties in layer(name).properties:
        assert properties["accuracy_m"] == 0
        assert "示意" in properties["method"]
        assert properties["name"].endswith("（示意）")
        assert properties["name_en"].endswith("(illustrative)")


def test_administrative_layers_state_their_uncertain_rights(layer: Callable[[str], Any]) -> None:
    for name in ("province", "city", "county"):
        for properties in layer(name).properties:
            assert "权利不明" in properties["licence"]
            assert "无审图号" in properties["method"]
            assert "GCJ-02" in properties["method"]


def test_plan_lines_name_a_plan_and_a_line(layer: Callable[[str], Any]) -> None:
    plans = "jiang-county|jishan-county|linfen-city|qinshui-county|shanxi-province"
    for name in HELD:
        for properties in layer(name).properties:
            assert properties["plan_line"] is None or re.fullmatch(rf"({plans}):\d+", properties["plan_line"])
