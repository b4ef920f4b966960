"""A boundary file that is not what its entry promises is refused before any database is asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import shapely

from layers.boundary_file import COMMON, BadBoundary, read_layer
from layers.catalogue import LayerSpec, read_catalogue

FACTS: dict[str, Any] = {
    **dict.fromkeys(COMMON), "code": "NC-1", "name": "名", "class": "c", "source": "s", "method": "m", "licence": "l",
}  # fmt: skip


@pytest.fixture
def spec() -> LayerSpec:
    found = read_catalogue().get("redline")
    assert found is not None
    return found.model_copy(update={"code_pattern": r"NC-\d", "classes": {}, "properties": {}})


def write(folder: Path, spec: LayerSpec, content: Any) -> Path:
    assert spec.file is not None
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / spec.file).write_text(text, encoding="utf-8")
    return folder


def collection(*shapes: shapely.Geometry, **facts: Any) -> dict[str, Any]:
    return {
        "type": "FeatureCollection",
        "features": [
            {"properties": {**FACTS, "code": f"NC-{i}", **facts}, "geometry": shapely.geometry.mapping(shape)}
            for i, shape in enumerate(shapes)
        ],
    }


def test_single_parts_become_multi_parts_in_code_order_with_the_layers_own_status(tmp_path, spec):
    given = collection(shapely.box(112, 36, 112.1, 36.1), shapely.box(112.2, 36, 112.3, 36.1))
    given["features"].reverse()
    layer = read_layer(spec, write(tmp_path, spec, given))
    assert [f.code for f in layer.facts] == ["NC-0", "NC-1"]
    assert [g.geom_type for g in layer.geometries] == ["MultiPolygon"] * 2
    assert layer.geometries[0].bounds == (112, 36, 112.1, 36.1)
    assert {(f.legal_status, f.accuracy_m) for f in layer.facts} == {(spec.legal_status, spec.accuracy_m)}


def test_hash_follows_content_not_ring_order(tmp_path, spec):
    box = shapely.box(112, 36, 112.1, 36.1)
    first = read_layer(spec, write(tmp_path, spec, collection(box)))
    turned = read_layer(spec, write(tmp_path, spec, collection(box.reverse())))
    renamed = read_layer(spec, write(tmp_path, spec, collection(box, name="另")))
    moved = read_layer(spec, write(tmp_path, spec, collection(shapely.box(112, 36, 112.1, 36.10001))))
    assert first.hashes == turned.hashes
    assert len({first.hashes, renamed.hashes, moved.hashes}) == 3


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"features": [{"properties": {}}]}', '{"features": 1}'])
def test_file_that_is_no_collection_is_refused(tmp_path, spec, content):
    with pytest.raises(BadBoundary) as caught:
        read_layer(spec, write(tmp_path, spec, content))
    assert caught.value.where["file"] == spec.file


def test_missing_file_is_named(tmp_path, spec):
    with pytest.raises(BadBoundary, match="does not exist"):
        read_layer(spec, tmp_path)


def test_declared_property_of_another_type_is_refused(tmp_path, spec):
    declared = read_catalogue().get("county")
    assert declared is not None
    typed = spec.model_copy(update={"properties": {"yellow_river": declared.properties["yellow_river"]}})
    box = shapely.box(112, 36, 112.1, 36.1)
    assert len(read_layer(typed, write(tmp_path, spec, collection(box, yellow_river=True))).facts) == 1
    with pytest.raises(BadBoundary, match="must be bool"):
        read_layer(typed, write(tmp_path, spec, collection(box, yellow_river="yes")))


def test_layer_that_is_not_held_has_no_file_to_read(tmp_path):
    (declared,) = read_catalogue().not_held
    with pytest.raises(ValueError, match="not held"):
        read_layer(declared, tmp_path)


def test_only_a_layer_that_is_not_checked_may_hold_a_feature_without_a_place(tmp_path, spec):
    points = spec.model_copy(update={"geometry": "MultiPoint", "full_cover": False, "coverage": None})
    given = collection(shapely.MultiPoint([(112, 36)]), shapely.MultiPoint())
    with pytest.raises(BadBoundary, match="empty"):
        read_layer(points, write(tmp_path, points, given))
    layer = read_layer(points.model_copy(update={"checked": False}), write(tmp_path, points, given))
    assert shapely.is_empty(layer.geometries).tolist() == [False, True]
    assert layer.area_m2.tolist() == [0, 0]
