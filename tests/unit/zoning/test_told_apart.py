"""The kinds of projects that conditions tell apart: each side of every limit, every choice, no more and no fewer."""

from __future__ import annotations

from collections import Counter

import pytest

from zoning import industry, told_apart
from zoning.condition import Facts
from zoning.decision import ACTIVITIES
from zoning.told_apart import implies, projects, satisfied_by, signatures

OVER = {"attribute": "net_new_capacity", "over": 5}
COKING = {"industry": ["coking"]}


def test_a_number_is_told_apart_just_below_at_and_just_above_each_limit() -> None:
    values = [f.attributes["net_new_capacity"] for f in projects([OVER])]
    assert Counter(values) == dict.fromkeys((4, 5, 6), len(ACTIVITIES))
    both = projects([OVER, {"all": [{"attribute": "net_new_capacity", "at_most": 6}]}])
    assert [f.attributes["net_new_capacity"] for f in both][:4] == [4, 5, 6, 7]


def test_yes_and_no_and_every_choice_are_told_apart() -> None:
    assert [f.attributes for f in projects([{"attribute": "landfill", "is": True}])][:2] == [
        {"landfill": True},
        {"landfill": False},
    ]
    land = [f.attributes["land_take"] for f in projects([{"attribute": "land_take", "is": "none"}])]
    assert Counter(land) == dict.fromkeys(("none", "existing", "temporary", "permanent"), len(ACTIVITIES))


def test_attributes_are_told_apart_together() -> None:
    found = list(projects([{"attribute": "landfill", "is": True}, {"attribute": "fuel", "is": "coal"}]))
    assert len(found) == 2 * 6 * len(ACTIVITIES)
    assert {(f.attributes["fuel"], f.attributes["landfill"]) for f in found} >= {("coal", True), ("gas", False)}
    assert all(sorted(f.attributes) == ["fuel", "landfill"] for f in found)


def test_an_industry_counts_only_by_the_groups_that_are_asked_for() -> None:
    found = list(projects([COKING]))
    assert {f.groups for f in found} == {frozenset(), frozenset({"coking"})}
    assert [f.activity for f in found] == [a for a in ACTIVITIES for _ in range(2)]
    two = [f.groups for f in projects([COKING, {"not": {"industry": ["steel", "cement"]}}])][:4]
    assert two == [frozenset(), frozenset({"cement"}), frozenset({"coking"}), frozenset({"steel"})]


def test_conditions_that_ask_nothing_know_one_project_for_each_activity() -> None:
    assert list(projects([])) == [Facts(a, frozenset(), {}) for a in ACTIVITIES]


def test_signatures_are_those_of_the_classes_of_industry() -> None:
    assert industry.groups_of("C2521") in signatures()
    assert "coking" in industry.groups_of("C2521")
    classes = [e for e in industry.industries().entries.values() if e.level == "class"]
    assert {industry.groups_of(e.code) for e in classes} == signatures()
    assert 1 < len(signatures()) < len(classes)


def test_conditions_that_ask_far_too_much_are_refused_with_the_number(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = [OVER, {"attribute": "landfill", "is": True}, COKING]
    size = 3 * 2 * 2 * len(ACTIVITIES)
    monkeypatch.setattr(told_apart, "MOST", size)
    assert len(list(projects(asked))) == size
    monkeypatch.setattr(told_apart, "MOST", size - 1)
    with pytest.raises(
        ValueError, match=rf"^conditions on landfill, net_new_capacity tell {size} kinds of projects apart$"
    ):
        next(projects(asked))


def test_a_project_is_found_that_meets_all_conditions_or_none() -> None:
    found = satisfied_by(OVER, COKING, {"activity": ["expand"]})
    assert found == Facts("expand", frozenset({"coking"}), {"net_new_capacity": 6})
    assert satisfied_by(OVER, {"attribute": "net_new_capacity", "at_most": 5}) is None
    assert satisfied_by(COKING, {"not": COKING}) is None


@pytest.mark.parametrize(
    ("narrow", "wide", "follows"),
    [
        (OVER, {"attribute": "net_new_capacity", "over": 4}, True),
        ({"attribute": "net_new_capacity", "over": 4}, OVER, False),
        (OVER, OVER, True),
        ({"activity": ["new"]}, {"activity": ["new", "expand"]}, True),
        ({"activity": ["new", "expand"]}, {"activity": ["new"]}, False),
        (COKING, {"any": [COKING, OVER]}, True),
        ({"any": [COKING, OVER]}, COKING, False),
    ],
)
def test_a_narrower_condition_implies_the_wider_and_not_the_other_way(narrow: dict, wide: dict, follows: bool) -> None:  # type: ignore[type-arg]
    assert implies(narrow, wide) is follows
