"""Attributes: declared once, read into their type or refused with what is allowed, assumed only with a reason."""

from __future__ import annotations

import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoning import terms
from zoning.attributes import declared, defaults, packaged, parse
from zoning.condition import mentioned, thresholds
from zoning.errors import BadProject
from zoning.industry import groups
from zoning.rulebook import rulebook

ALL = declared()


def test_every_attribute_has_its_question_in_both_languages_and_says_when_it_is_asked():
    assert len(ALL) >= 15
    for attribute in ALL.values():
        for text in (attribute.question, attribute.asked_when, *attribute.titles.values()):
            assert text.zh.strip()
            assert text.en.strip()


def test_numbers_have_units_choices_have_values_and_nothing_else_does():
    for attribute in ALL.values():
        assert (attribute.unit is not None) == (attribute.type == "number")
        assert (len(attribute.values) >= 2) == (attribute.type == "enum")


def test_choices_that_are_terms_are_those_terms():
    assert ALL["land_take"].values == tuple(terms.LandTake)
    assert ALL["crossing"].values == tuple(terms.Crossing)


def test_attributes_have_no_unknown_keys():
    known = {"type", "unit", "unit_words", "values", "terms", "question", "asked_when", "asked_of", "defaults"}
    assert {key for data in packaged()["attributes"].values() for key in data} <= known
    known_default = {"value", "reason", "industry", "not_industry", "not_given", "activity"}
    found = {key for data in packaged()["attributes"].values() for d in data.get("defaults", ()) for key in d}
    assert found <= known_default


def test_every_attribute_that_rules_ask_for_is_declared_and_compared_with_values_it_can_have():
    for rule in rulebook().rules:
        for name in mentioned(rule.condition(), "attribute"):
            for value in thresholds(rule.condition(), name):
                assert parse({name: value}) == {name: value}


def test_every_default_has_a_reason_a_value_of_its_type_and_limits_that_exist():
    for attribute in ALL.values():
        for default in attribute.defaults:
            assert default.reason.zh
            assert default.reason.en
            assert parse({attribute.id: default.value}) == {attribute.id: default.value}
            assert default.industries | default.not_industries <= set(groups())
            assert default.activities <= set(terms.Activity)
            assert default.industries or default.not_industries or default.activities or default.not_given


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("YES", True),
        ("1", True),
        ("是", True),
        ("false", False),
        ("No", False),
        ("0", False),
        ("否", False),
    ],
)
def test_yes_and_no_in_both_languages(text, value):
    assert parse([f"tailings_pond={text}"]) == {"tailings_pond": value}
    assert parse({"tailings_pond": text}) == {"tailings_pond": value}


@pytest.mark.parametrize(
    ("given_value", "value"),
    [
        ("1060000", 1.06e6),
        ("1,060,000", 1.06e6),
        ("106万", 1.06e6),
        ("106万吨/年", 1.06e6),
        ("1060000 t/a", 1.06e6),
        ("１０６万吨", 1.06e6),
        ("-5", -5.0),
        ("0.1万", 1000.0),
        (1060000, 1.06e6),
        (0, 0.0),
        (-0.0, 0.0),
    ],
)
def test_numbers_with_separators_ten_thousands_and_their_unit(given_value, value):
    found = parse({"net_new_capacity": given_value})["net_new_capacity"]
    assert isinstance(found, float)
    assert found == value
    assert math.copysign(1, found) == math.copysign(1, value)


@pytest.mark.parametrize(
    ("text", "value"), [("coal", "coal"), ("燃煤", "coal"), ("Heavy Oil", "heavy_oil"), ("none", "none")]
)
def test_a_choice_by_id_or_word(text, value):
    assert parse({"fuel": text}) == {"fuel": value}


def test_attributes_come_out_typed_and_in_one_order_however_they_are_given():
    wanted = {"fuel": "gas", "land_take": "permanent", "net_new_capacity": 0.0}
    assert list(parse(["net_new_capacity=0", "land_take = permanent", "fuel=gas"]).items()) == list(wanted.items())
    assert list(parse({"land_take": "permanent", "fuel": "gas", "net_new_capacity": 0}).items()) == list(wanted.items())


def test_a_null_is_not_stated():
    assert parse({"fuel": None}) == {}


def refusal(stated) -> BadProject:
    with pytest.raises(BadProject) as caught:
        parse(stated)
    return caught.value


@pytest.mark.parametrize(
    "stated",
    [
        {"tailings_pond": "maybe"},
        {"tailings_pond": 1},
        {"tailings_pond": []},
        {"net_new_capacity": "many"},
        {"net_new_capacity": "1,06"},
        {"net_new_capacity": "106 m3"},
        {"net_new_capacity": "1e6"},
        {"net_new_capacity": True},
        {"net_new_capacity": math.nan},
        {"net_new_capacity": math.inf},
        {"net_new_capacity": "9" * 400},
        {"net_new_capacity": 10**400},
        {"net_new_capacity": [1]},
        {"fuel": "peat"},
        {"fuel": 3},
        {"fuel": ""},
    ],
)
def test_a_value_of_the_wrong_type_is_refused_with_what_is_allowed(stated):
    error = refusal(stated)
    ((name, value),) = stated.items()
    assert error.type == "attribute-value"
    assert error.where == {"field": name, "value": str(value)}
    for allowed in (*ALL[name].values, ALL[name].unit or "", "true" if ALL[name].type == "bool" else ""):
        assert allowed in error.text("zh")
        assert allowed in error.text("en")


def test_an_unknown_attribute_is_refused_with_the_nearest_and_all_names():
    error = refusal(["net_capacity=3"])
    assert (error.type, error.where["field"], error.where["choices"]) == (
        "attribute-unknown",
        "net_capacity",
        ["net_new_capacity"],
    )
    assert all(name in error.text("zh") and name in error.text("en") for name in ALL)
    assert "choices" not in refusal({"zzz": 1}).where


@pytest.mark.parametrize("text", ["fuel", "fuel=", "fuel= "])
def test_an_attribute_without_a_value_is_refused(text):
    error = refusal([text])
    assert error.type == "attribute-value"
    assert error.where["field"] == "fuel"


def test_an_attribute_given_twice_is_refused():
    error = refusal(["fuel=gas", "fuel=coal"])
    assert error.type == "attribute-twice"


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_text_is_read_or_refused_never_an_accident(name, value):
    for stated in ([f"{name}={value}"], {name: value}, *({known: value} for known in ALL)):
        with contextlib.suppress(BadProject):
            assert set(parse(stated)) <= set(ALL)


def test_what_the_activity_implies():
    assumed, reasons = defaults("C3110", "retrofit", {})
    assert assumed["net_new_capacity"] == 0.0
    assert isinstance(assumed["net_new_capacity"], float)
    assert "产能" in reasons["net_new_capacity"].zh
    assert "net_new_capacity" not in defaults("C3110", "new", {})[0]
    assert defaults("C3110", "operate", {})[0]["land_take"] == "existing"


def test_what_the_industry_implies():
    assert defaults("E4811", "new", {})[0]["fuel"] == "none"
    assert defaults("C2521", "new", {})[0]["emits_pollutants"] is True
    assert defaults("N7861", "new", {})[0]["adds_heavy_metal"] is False
    assert "adds_heavy_metal" not in defaults("C4210", "new", {})[0]
    assert "fuel" not in defaults("C3034", "new", {})[0]


def test_only_supply_and_ecological_works_may_protect_a_source_without_saying_so():
    assert defaults("C2521", "new", {})[0]["protects_water_source"] is False
    assert "protects_water_source" not in defaults("E4821", "new", {})[0]
    assert "protects_water_source" not in defaults("E4863", "restore", {})[0]


def test_a_gangue_heap_is_asked_about_tailings_and_a_coal_mine_is_not():
    assert "tailings_pond" not in defaults("N7723", "new", {})[0]
    assert defaults("B0610", "new", {})[0]["tailings_pond"] is False


def test_what_is_stated_comes_before_what_is_implied():
    stated = {"protects_water_source": True, "net_new_capacity": 5.0}
    assumed, reasons = defaults("C2521", "retrofit", stated)
    assert set(assumed).isdisjoint(stated)
    assert set(reasons) == set(assumed)
