"""GB/T 4754-2017 is complete, and a code of the edition before it is told apart."""

from __future__ import annotations

from collections import Counter

import pytest

from zoning.errors import BadProject
from zoning.industry import groups_of, industries

ALL = industries()


def test_the_classification_is_complete() -> None:
    assert Counter(e.level for e in ALL.entries.values()) == {
        "section": 20,
        "division": 97,
        "group": 473,
        "class": 1381,
    }


@pytest.mark.parametrize("text", ["C2521", "c2521", "2521", "炼焦", "C2521 炼焦", " C2521、炼焦 "])
def test_a_class_is_found_by_code_or_name(text: str) -> None:
    assert ALL.resolve(text).code == "C2521"


@pytest.mark.parametrize(
    ("text", "type", "hint"),
    [
        ("C2520", "industry-2011-edition", "C2521"),
        ("2520", "industry-2011-edition", "C2521"),
        ("D4412 水力发电", "industry-2011-edition", "D4413"),
        ("C9999", "industry-unknown", "shanhe industries"),
        ("水泥", "industry-unknown", "C3011"),
        ("", "industry-unknown", ""),
        ("C25", "industry-too-coarse", "C2521"),
        ("C", "industry-too-coarse", "C2521"),
        ("C2521 炼铁", "industry-name-differs", "炼焦"),
    ],
)
def test_what_cannot_be_told_is_refused_with_a_way_on(text: str, type: str, hint: str) -> None:
    with pytest.raises(BadProject) as caught:
        ALL.resolve(text)
    assert caught.value.type == type
    assert hint in caught.value.message.zh + caught.value.message.en


def test_a_code_that_changed_its_meaning_says_so() -> None:
    notice = ALL.renamed("D4412")
    assert notice is not None
    assert "水力发电" in notice.zh
    assert ALL.renamed("C2521") is None


def test_search_counts_what_it_does_not_show() -> None:
    found = ALL.search("制造", 5)
    assert len(found.shown) == 5
    assert found.total > 300
    assert [e.code for e in ALL.search("炼焦").shown] == ["C2521"]
    assert {e.code for e in ALL.search("252").shown} >= {"C2521", "C252"}


@pytest.mark.parametrize(
    ("code", "inside", "outside"),
    [
        ("C2521", {"coking", "chemical", "high_pollution", "two_high"}, {"steel"}),
        ("C2524", set(), {"chemical", "two_high"}),
        ("C2653", {"chemical", "high_pollution"}, {"coking"}),
        ("C3034", {"building_materials", "high_pollution"}, {"cement", "brick_kiln"}),
        ("N7723", {"solid_waste"}, {"mining", "soil_polluting"}),
        ("N7820", set(), {"solid_waste", "high_pollution"}),
        ("C4210", {"heavy_metal"}, {"high_pollution"}),
        ("E4811", {"linear_infrastructure"}, {"water_supply_and_hydraulic"}),
    ],
)
def test_groups(code: str, inside: set[str], outside: set[str]) -> None:
    assert inside <= groups_of(code)
    assert not outside & groups_of(code)
