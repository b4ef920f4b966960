"""Three-valued logic: a missing attribute is neither true nor false, and is named."""

from __future__ import annotations

import itertools

import pytest

from zoning.condition import FALSE, TRUE, Facts, Truth, every, holds, mentioned, negate, some, thresholds

T, F, U = Truth(True), Truth(False), Truth(None, frozenset({"x"}))
FACTS = Facts("new", frozenset({"coking", "two_high"}), {"net_new_capacity": 0.0, "fuel": "gas"})


@pytest.mark.parametrize(
    ("a", "b", "both", "either"),
    [
        (T, T, True, True), (T, F, False, True), (T, U, None, True),
        (F, F, False, False), (F, U, False, None), (U, U, None, None),
    ],
)  # fmt: skip
def test_kleene_tables(a: Truth, b: Truth, both: bool | None, either: bool | None) -> None:
    for one, two in itertools.permutations((a, b)):
        assert every([one, two]).value is both
        assert some([one, two]).value is either


def test_unknown_stays_unknown_when_negated_and_names_what_is_missing() -> None:
    assert negate(U) == U
    assert every([T, U]).missing == {"x"}


def test_nothing_demanded_is_true() -> None:
    assert holds({"all": []}, FACTS).value is True


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"activity": ["new", "expand"]}, True),
        ({"activity": ["operate"]}, False),
        ({"industry": ["coking"]}, True),
        ({"industry": ["steel"]}, False),
        ({"attribute": "net_new_capacity", "over": 0}, False),
        ({"attribute": "net_new_capacity", "under": 1}, True),
        ({"attribute": "net_new_capacity", "under": 0}, False),
        ({"attribute": "net_new_capacity", "at_most": 0}, True),
        ({"attribute": "fuel", "is": "gas"}, True),
        ({"attribute": "fuel", "not": "gas"}, False),
        ({"attribute": "fuel", "one_of": ["coal", "gas"]}, True),
        ({"attribute": "land_take", "is": "none"}, None),
        ({"not": {"attribute": "land_take", "is": "none"}}, None),
        ({"any": [{"attribute": "land_take", "is": "none"}, {"activity": ["new"]}]}, True),
    ],
)
def test_each_kind_of_condition(condition: dict[str, object], expected: bool | None) -> None:
    assert holds(condition, FACTS).value is expected


@pytest.mark.parametrize("broken", [{}, {"attribute": "x"}, {"attribute": "x", "like": 1}, {"colour": "red"}])
def test_a_malformed_condition_is_an_error_not_false(broken: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="not a condition"):
        holds(broken, FACTS)


def test_what_a_condition_mentions_and_compares() -> None:
    condition = {
        "all": [
            {"activity": ["new"]},
            {"not": {"attribute": "size", "over": 5}},
            {"any": [{"attribute": "size", "one_of": [7, 9]}]},
        ]
    }
    assert mentioned(condition, "activity") == {"new"}
    assert mentioned(condition, "attribute") == {"size"}
    assert thresholds(condition, "size") == {5, 7, 9}


def test_all_facts_that_are_missing_are_named_and_none_once_one_part_settles_it() -> None:
    a, b = Truth(None, frozenset({"a"})), Truth(None, frozenset({"b"}))
    assert every([TRUE, a, TRUE, b]) == Truth(None, frozenset({"a", "b"}))
    assert every([a, FALSE, b]) == FALSE
    assert every([TRUE, TRUE]) == every([]) == TRUE
    assert some([FALSE, a, b]) == Truth(None, frozenset({"a", "b"}))
    assert some([a, TRUE]) == TRUE
    assert some([FALSE]) == some([]) == FALSE
    assert [negate(t) for t in (TRUE, FALSE, a)] == [FALSE, TRUE, a]


def test_what_a_site_cannot_be_asked_is_false_and_what_was_not_said_is_missing() -> None:
    condition = {"attribute": "crossing", "is": "bridge"}
    assert holds(condition, Facts("new", frozenset(), {})) == Truth(None, frozenset({"crossing"}))
    assert holds(condition, Facts("new", frozenset(), {}, frozenset({"crossing"}))) == FALSE
    assert holds(condition, Facts("new", frozenset(), {"crossing": "bridge"}, frozenset({"crossing"}))) == TRUE


def test_several_words_of_one_kind_are_all_mentioned() -> None:
    condition = {"all": [{"activity": ["new", "expand"]}, {"any": [{"activity": ["close"]}]}]}
    assert mentioned(condition, "activity") == {"new", "expand", "close"}
