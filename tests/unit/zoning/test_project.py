"""What a request says of a project is typed, validated, and completed only where an industry leaves no doubt."""

from __future__ import annotations

from typing import Any

import pytest

from zoning.attributes import declared, defaults, parse
from zoning.errors import BadProject
from zoning.project import Document, Project


def test_attributes_come_as_mapping_or_as_texts() -> None:
    texts = parse(["net_new_capacity=1,060,000", "discharges_to_water=是", "fuel=gas"])
    mapping = parse({"fuel": "gas", "net_new_capacity": 1_060_000, "discharges_to_water": True})
    assert texts == mapping == {"discharges_to_water": True, "fuel": "gas", "net_new_capacity": 1_060_000.0}


def test_an_attribute_given_as_null_is_not_given() -> None:
    assert parse({"fuel": None}) == {}


@pytest.mark.parametrize(
    ("stated", "type"),
    [
        ({"fule": "gas"}, "attribute-unknown"),
        ({"fuel": "wood"}, "attribute-value"),
        ({"discharges_to_water": "maybe"}, "attribute-value"),
        ({"discharges_to_water": 1}, "attribute-value"),
        ({"net_new_capacity": "much"}, "attribute-value"),
        ({"net_new_capacity": True}, "attribute-value"),
        ({"net_new_capacity": float("nan")}, "attribute-value"),
        (["fuel"], "attribute-value"),
        (["fuel=gas", "fuel=coal"], "attribute-twice"),
    ],
)
def test_bad_attributes_are_refused(stated: Any, type: str) -> None:
    with pytest.raises(BadProject) as caught:
        parse(stated)
    assert caught.value.type == type


def test_the_nearest_name_is_offered() -> None:
    with pytest.raises(BadProject, match="Did you mean fuel"):
        parse({"fule": "gas"})


def test_every_attribute_has_a_question_in_both_languages_and_every_default_a_reason() -> None:
    for attribute in declared().values():
        assert attribute.question.zh
        assert attribute.question.en
        assert (attribute.type == "number") == (attribute.unit is not None)
        assert (attribute.type == "enum") == bool(attribute.values)
        assert all(d.reason.zh and d.reason.en for d in attribute.defaults)


def test_defaults_never_override_what_was_said() -> None:
    assumed, reasons = defaults("C3110", "retrofit", {})
    assert assumed["net_new_capacity"] == 0
    assert set(assumed) == set(reasons)
    assert "net_new_capacity" not in defaults("C3110", "retrofit", {"net_new_capacity": 5})[0]
    assert "net_new_capacity" not in defaults("C3110", "new", {})[0]


@pytest.mark.parametrize(
    ("data", "type"),
    [
        ({"kind": "energy_review"}, "document-incomplete"),
        ({"kind": "blessing", "number": "1"}, "document-unknown"),
        ({"kind": "energy_review", "number": "1", "stamp": "red"}, "document-key-unknown"),
        ({"kind": "energy_review", "number": "1", "date": "30/06/2024"}, "date-invalid"),
        ("energy_review", "document-incomplete"),
    ],
)
def test_bad_documents_are_refused(data: Any, type: str) -> None:
    with pytest.raises(BadProject) as caught:
        Document.of(data)
    assert caught.value.type == type


def test_an_unknown_activity_lists_the_known_ones() -> None:
    with pytest.raises(BadProject, match="retrofit") as caught:
        Project.of("C2521", "build")
    assert caught.value.type == "activity-unknown"


def test_the_name_is_no_part_of_what_is_decided() -> None:
    one, two = Project.of("C2521", "new", name="甲"), Project.of("炼焦", "new", name="乙")
    assert one.as_dict() == two.as_dict()
