"""The catalogue is data: every entry complete, consistent, and refused with file and field when it is not."""

from __future__ import annotations

from typing import Any, get_args

import pytest
import yaml

from layers.catalogue import BadCatalogue, Kind, parse, read_catalogue
from layers.settings import CHECKOUT
from zoning.rulebook import rulebook


def documents() -> dict[str, Any]:
    folder = CHECKOUT / "layers" / "catalogue"
    return {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in folder.glob("*.yaml")}


def test_packaged_catalogue_has_one_layer_of_every_kind_in_display_order():
    catalogue = read_catalogue()
    assert sorted(layer.kind for layer in catalogue.layers) == sorted(get_args(Kind))
    assert [layer.order for layer in catalogue.layers] == sorted(layer.order for layer in catalogue.layers)


def test_held_and_not_held_layers_make_the_whole():
    catalogue = read_catalogue()
    assert len(catalogue.held) + len(catalogue.not_held) == len(catalogue.layers)
    assert [layer.id for layer in catalogue.not_held] == ["heavy_metal_key_area"]
    assert all(layer.held_why is not None for layer in catalogue.not_held)


def test_layer_is_found_by_id_and_an_unknown_one_is_none():
    catalogue = read_catalogue()
    found = catalogue.get("redline")
    assert found is not None
    assert found.kind == "redline"
    assert catalogue.get("nowhere") is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "volcano"}, "kind"),
        ({"legal_status": "draft"}, "legal_status"),
        ({"accuracy_m": -1}, "accuracy_m"),
        ({"title": {"zh": "只有中文"}}, "title"),
        ({"coverage": "everywhere"}, "coverage"),
        ({"file": "../secret.geojson"}, "file"),
        ({"code_pattern": "("}, "code_pattern"),
        ({"colour": "red"}, "colour"),
        ({"zoom": [18, 5]}, "(whole)"),
        ({"file": None, "held_why": None}, "(whole)"),
        ({"properties": {"depth": {"type": "colour", "zh": "深", "en": "depth"}}}, "properties.depth.type"),
        ({"id": "blueline"}, "id"),
        ({"checked": False}, "(whole)"),
    ],
)
def test_wrong_entry_is_refused_with_file_and_field(change, field):
    entry = {**documents()["redline"], **change}
    with pytest.raises(BadCatalogue) as caught:
        parse({"redline": entry})
    assert caught.value.where["file"] == "redline.yaml"
    assert caught.value.where["field"].startswith(field)


@pytest.mark.parametrize(
    "key", ["id", "kind", "title", "geometry", "accuracy_m", "legal_status", "coverage", "file", "licence"]
)
def test_entry_without_a_key_is_refused(key):
    entry = {name: value for name, value in documents()["redline"].items() if name != key}
    with pytest.raises(BadCatalogue) as caught:
        parse({"redline": entry})
    assert caught.value.where["field"] == key


def test_file_that_is_no_yaml_is_refused(tmp_path):
    (tmp_path / "redline.yaml").write_text("{", encoding="utf-8")
    with pytest.raises(BadCatalogue, match=r"redline\.yaml"):
        read_catalogue(tmp_path)


def test_only_plan_places_are_not_checked_and_checked_layers_do_not_say_so():
    catalogue = read_catalogue()
    assert [layer.id for layer in catalogue.layers if not layer.checked] == ["plan_place"]
    assert {layer.id: layer.as_json()["checked"] for layer in catalogue.layers if "checked" in layer.as_json()} == {
        "plan_place": False
    }


def test_no_rule_and_no_scope_looks_at_a_layer_that_is_not_checked():
    unchecked = {layer.kind for layer in read_catalogue().layers if not layer.checked}
    book = rulebook()
    assert not unchecked & {rule.where.layer for rule in book.rules if rule.where}
    assert not unchecked & {*book.scope.kinds, *book.scope.left_out}
