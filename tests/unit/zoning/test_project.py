"""What a request says of a project is typed, validated, and completed only where an industry leaves no doubt."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from zoning.attributes import Default, declared, defaults, parse
from zoning.bilingual import Bilingual
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


@pytest.mark.parametrize(
    ("data", "type", "zh", "en", "where"),
    [
        (
            {"kind": "energy_review"}, "document-incomplete",
            "文件须写明种类 kind 和文号 number：{'kind': 'energy_review'}",
            "a document needs its kind and number: {'kind': 'energy_review'}", {"field": "documents"},
        ),
        (
            {"kind": "blessing", "number": "1"}, "document-unknown", "不认识的文件种类 blessing；可用：",
            "unknown kind of document blessing; known: ", {"field": "documents", "value": "blessing"},
        ),
        (
            {"kind": "energy_review", "number": "1", "stamp": "red"}, "document-key-unknown",
            "文件中有不认识的键：['stamp']", "unknown keys in a document: ['stamp']", {"field": "documents"},
        ),
        (
            {"kind": "energy_review", "number": "1", "date": "soon"}, "date-invalid",
            "日期写作 2024-06-30：soon", "write dates as 2024-06-30: soon", {"field": "documents", "value": "soon"},
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_document_is_said_in_both_languages(
    data: dict[str, Any], type: str, zh: str, en: str, where: dict[str, str]
) -> None:
    with pytest.raises(BadProject) as caught:
        Document.of(data)
    assert (caught.value.type, caught.value.where) == (type, where)
    assert caught.value.message.zh.startswith(zh)
    assert caught.value.message.en.startswith(en)


@pytest.mark.parametrize(
    ("stated", "zh", "en", "where"),
    [
        (["fuel"], "属性写作 名称=值：'fuel'。", "Write an attribute as name=value: 'fuel'.", {"field": "fuel", "value": "fuel"}),
        (["fuel= "], "属性写作", "Write an attribute", {"field": "fuel", "value": "fuel= "}),
        (["fuel=gas", "fuel=coal"], "属性 fuel 给了两次。", "Attribute fuel is given twice.", {"field": "fuel"}),
        (
            {"fule": "gas"}, "不认识的属性 'fule'。是否为 fuel？可用：", "Unknown attribute 'fule'. Did you mean fuel? Known: ",
            {"field": "fule", "choices": ["fuel"]},
        ),
        ({"qqqq": 1}, "不认识的属性 'qqqq'。可用：", "Unknown attribute 'qqqq'. Known: ", {"field": "qqqq"}),
        (
            {"tailings_pond": "x"}, "属性 tailings_pond 的值 'x' 不对，应为 true（是）或 false（否）。",
            "Attribute tailings_pond: 'x' must be true or false.", {"field": "tailings_pond", "value": "x"},
        ),
        (
            {"fuel": "wood"}, "属性 fuel 的值 'wood' 不对，应为其中之一：", "Attribute fuel: 'wood' must be one of ",
            {"field": "fuel", "value": "wood"},
        ),
        (
            {"net_new_capacity": "x"}, "属性 net_new_capacity 的值 'x' 不对，应为数值，单位 t/a。",
            "Attribute net_new_capacity: 'x' must be a number in t/a.", {"field": "net_new_capacity", "value": "x"},
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_attribute_is_said_in_both_languages(
    stated: Any, zh: str, en: str, where: dict[str, Any]
) -> None:
    with pytest.raises(BadProject) as caught:
        parse(stated)
    assert caught.value.where == where
    assert caught.value.message.zh.startswith(zh)
    assert caught.value.message.en.startswith(en)


def test_a_document_counts_from_its_day_and_is_written_whole() -> None:
    dated = {"kind": "energy_review", "number": " 1 ", "issuer": " 省厅 ", "date": "2024-06-30"}
    one = Document.of(dated)
    assert one == Document("energy_review", "1", "省厅", dt.date(2024, 6, 30))
    assert one.as_dict() == {"kind": "energy_review", "number": "1", "issuer": "省厅", "date": "2024-06-30"}
    assert Document.of({**dated, "issuer": " ", "date": None}) == Document("energy_review", "1")
    assert Document.of({**dated, "date": dt.date(2024, 6, 30)}) == one
    held = Project.of("C2521", "new", documents=[dated])
    assert [held.holds_document("energy_review", dt.date(2024, 6, day)) for day in (29, 30)] == [False, True]
    assert not held.holds_document("red_line_recognition", dt.date(2024, 6, 30))
    assert Project.of("C2521", "new", documents=[{**dated, "date": None}]).holds_document("energy_review", dt.date.min)


def test_a_project_is_written_with_what_was_stated_and_seen_with_what_is_assumed() -> None:
    one = Project.of("C3110", "retrofit", {"fuel": "gas"}, name="甲")
    assert one.as_dict() == {
        "industry": "C3110",
        "activity": "retrofit",
        "attributes": {"fuel": "gas"},
        "documents": [],
    }
    facts = one.facts(discharges_to_water=True)
    assert (facts.activity, facts.attributes["fuel"], facts.attributes["net_new_capacity"]) == ("retrofit", "gas", 0)
    assert facts.attributes["discharges_to_water"] is True
    assert one.facts(fuel="coal").attributes["fuel"] == "coal"


def test_a_default_fits_by_industry_and_activity_and_falls_before_what_speaks_against_it() -> None:
    reason = Bilingual("因", "why")
    for limits, fits in (
        ({}, True),
        ({"industries": {"coking"}}, True),
        ({"industries": {"steel"}}, False),
        ({"activities": {"new"}}, True),
        ({"activities": {"close"}}, False),
        ({"not_industries": {"coking"}}, False),
        ({"not_industries": {"steel"}}, True),
        ({"not_given": {"fuel": "coal"}}, False),
        ({"not_given": {"fuel": "gas"}}, True),
        ({"not_given": {"tailings_pond": True}}, True),
        ({"industries": {"coking"}, "activities": {"close"}}, False),
    ):
        given = {"industries": (), "activities": (), "not_industries": (), "not_given": {}, **limits}
        sets = {key: frozenset(given[key]) for key in ("industries", "activities", "not_industries")}
        one = Default(True, reason, **sets, not_given=given["not_given"])
        assert one.fits(frozenset({"coking"}), "new", {"fuel": "coal"}) is fits, limits
