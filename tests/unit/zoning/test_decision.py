"""The effect table: every cell filled, and the order of verdicts."""

from __future__ import annotations

from typing import get_args

import pytest

from zoning.decision import ACTIVITIES, SEVERITY, Binding, outcome_of, weakest, when_uncertain, worst
from zoning.rule import Effect


def test_every_cell_of_effect_activity_and_binding_is_filled() -> None:
    for effect in get_args(Effect):
        for activity in ACTIVITIES:
            for binding in get_args(Binding):
                assert outcome_of(effect, activity, binding) in SEVERITY


def test_only_possible_bans_and_restrictions_become_unknown() -> None:
    assert [when_uncertain(o) for o in SEVERITY] == ["clear", "attention", "unknown", "unknown", "unknown"]


@pytest.mark.parametrize("activity", ["rebuild", "expand", "retrofit", "operate"])
def test_phase_out_restricts_what_exists(activity: str) -> None:
    assert outcome_of("phase_out", activity, "place") == "restricted"  # type: ignore[arg-type]


def test_phase_out_prohibits_what_is_new_and_lets_go_what_leaves() -> None:
    assert outcome_of("phase_out", "new", "place") == "prohibited"
    assert outcome_of("phase_out", "close", "place") == "clear"


def test_a_duty_of_everyone_has_no_effect_on_the_verdict() -> None:
    assert outcome_of("require", "new", "area") == "clear"
    assert outcome_of("require", "new", "place") == "attention"


def test_worst_wins_and_unknown_ranks_above_attention() -> None:
    assert worst(["clear", "unknown", "attention"]) == "unknown"
    assert worst(["unknown", "restricted"]) == "restricted"
    assert worst(SEVERITY) == "prohibited"


def test_weakest_status() -> None:
    assert weakest(["statutory", "illustrative", "planning"]) == "illustrative"
