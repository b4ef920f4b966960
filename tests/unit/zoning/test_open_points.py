"""What is still worth knowing: what may make the verdict worse, each once, with what it would come to."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from tests.unit.zoning.scenes import box
from tests.unit.zoning.test_check import SITE, THEN, project
from tests.unit.zoning.test_examined import EAST, ban, everywhere, examiner, zone
from zoning.applicable import facts_at
from zoning.decision import Outcome
from zoning.examine import Examiner
from zoning.finding import Contribution, Finding, Reason
from zoning.project import Project
from zoning.questions import answers, beyond_the_counties, open_points, verdict_if
from zoning.rule import Rule, Where


def points(on: Examiner, *rules: Rule, what: Project | None = None) -> list[tuple[str, str, dict[str, Any]]]:
    what = what or project()
    seen = [e for rule in rules if (e := on.examine(rule, facts_at(what, on.site)))]
    findings = [f for e in seen for f in on.findings(e, what)]
    return [(p["what"], p["kind"], p["outcomes"]) for p in open_points(on, seen, findings, what)]


def either(worst: str) -> dict[str, str]:
    return {"confirmed": worst, "refuted": "no_effect"}


ROUGH = zone(box(950, -200, 3000, 1200), accuracy_m=100.0)


@pytest.mark.parametrize(("effect", "worst"), [("prohibit", "prohibited"), ("restrict", "restricted")])
def test_a_possible_ban_or_restriction_is_an_open_point_with_what_it_would_come_to(effect: Any, worst: str) -> None:
    assert points(examiner(ROUGH), ban(effect=effect)) == [("zone", "accuracy", either(worst))]


def test_a_mere_duty_that_may_not_hold_is_none() -> None:
    assert points(examiner(ROUGH), ban(effect="require")) == []


def test_only_what_may_make_the_verdict_worse_is_open() -> None:
    rough, certain = ban(effect="restrict"), everywhere(id="all", effect="restrict")
    assert points(examiner(ROUGH), rough, certain) == []
    assert points(examiner(ROUGH), ban(), certain) == [("zone", "accuracy", either("prohibited"))]
    assert points(examiner(ROUGH), ban(), everywhere(id="all")) == []


def test_where_all_is_unknown_a_possible_restriction_counts_beside_a_possible_ban() -> None:
    found = points(examiner(ROUGH), everywhere(id="plan", open="substance", effect="restrict"), ban())
    assert [(what, kind, one["confirmed"]) for what, kind, one in found] == [
        ("plan", "substance", "restricted"),
        ("zone", "accuracy", "prohibited"),
    ]


def test_two_rules_with_one_doubt_about_one_layer_are_one_point_but_two_plans_are_two() -> None:
    assert len(points(examiner(ROUGH), ban(), ban(id="other"))) == 1
    plans = (everywhere(id="a", open="substance"), everywhere(id="b", open="substance"))
    assert [(what, kind) for what, kind, _ in points(examiner(), *plans)] == [("a", "substance"), ("b", "substance")]


def test_a_layer_that_was_not_searched_is_named_and_a_doubtful_county_is_the_countys() -> None:
    assert points(examiner(), ban()) == [("zone", "not_searched", either("prohibited"))]
    on = Examiner(SITE, dataclasses.replace(examiner().evidence, layers={}), THEN)
    assert points(on, everywhere()) == [("county", "not_searched", either("prohibited"))]


def test_a_missing_fact_is_asked_first_with_the_verdict_either_way() -> None:
    rule = everywhere(id="landfill", when={"attribute": "landfill", "is": True})
    found = points(examiner(ROUGH), ban(effect="restrict"), rule)
    assert found[0] == (
        "landfill",
        "attribute",
        {
            "true": {"verdict": "prohibited", "at_worst": "prohibited"},
            "false": {"verdict": "unknown", "at_worst": "restricted"},
        },
    )
    assert found[1:] == [("zone", "accuracy", either("restricted"))]


def test_answers_worth_telling_apart_are_the_sides_of_every_limit() -> None:
    limits = [everywhere(id=str(n), when={"attribute": "net_new_capacity", "over": n}) for n in (7, 0)]
    on = examiner()
    seen = [e for rule in limits if (e := on.examine(rule, facts_at(project(), SITE)))]
    assert list(answers("net_new_capacity", seen)) == [("<= 0", 0), ("> 0", 1), ("<= 7", 7), ("> 7", 8)]
    assert list(answers("landfill", seen)) == [("true", True), ("false", False)]
    assert [value for _, value in answers("land_take", seen)] == ["none", "existing", "temporary", "permanent"]
    assert verdict_if(on, seen, project(), net_new_capacity=7) == ("prohibited", "prohibited")
    assert verdict_if(on, seen, project(), net_new_capacity=0) == ("clear", "clear")
    assert verdict_if(on, seen, project()) == ("unknown", "prohibited")


@pytest.mark.parametrize(
    ("size", "dimension", "said"),
    [(3.0, 0, "3 points of"), (250.4, 1, "250 m of"), (12_345.0, 2, "1.23 ha of")],
)
def test_what_lies_beyond_the_counties_is_said_in_its_own_unit(size: float, dimension: int, said: str) -> None:
    (point,) = beyond_the_counties(size, dimension)
    assert point["text"]["en"].startswith(said)
    assert (point["what"], point["kind"], point["outcomes"]) == ("county", "outside", {"at_worst": "prohibited"})
    assert beyond_the_counties(0.0, dimension) == []


@pytest.mark.parametrize("worst", ["clear", "attention", "unknown"])
def test_what_cannot_come_to_a_restriction_is_never_open(worst: Outcome) -> None:
    on, reasons = examiner(zone(EAST)), ("accuracy",)
    examined = on.examine(ban(Where("zone")), facts_at(project(), SITE))
    assert examined is not None
    (finding,) = on.findings(examined, project())
    doubtful: Finding = dataclasses.replace(finding, contribution=Contribution("clear", worst, _reasons(*reasons)))
    assert open_points(on, [examined], [doubtful], project()) == []


def _reasons(*names: Reason) -> tuple[Reason, ...]:
    return names
