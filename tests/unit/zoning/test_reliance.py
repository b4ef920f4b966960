"""An answer says of the assumed facts only those that something here asks for, and nothing else changes by that."""

from __future__ import annotations

import dataclasses

import pytest

from tests.unit.zoning.test_access import clause, listed
from tests.unit.zoning.test_check import SITE, THEN, project, run, world
from zoning.answer import document
from zoning.check import check
from zoning.identity import Question
from zoning.project import Project
from zoning.rulebook import rulebook

JIANG = world("140826")


def said(what: Project, home: str = "140826") -> set[str]:
    return set(document(run(SITE, what, world(home)))["project"]["assumed"])


def test_a_default_that_no_rule_here_asks_for_is_not_said() -> None:
    waste = project("N7820")
    assert "grazes" in waste.assumed
    assert "grazes" not in said(waste)


def test_a_default_that_settles_a_rule_is_said_though_the_rule_then_does_not_apply() -> None:
    starch = project("C1391")
    assert starch.assumed["national_key_project"] is False
    assert "red-line-key-project" not in {f.rule.id for f in run(SITE, starch, JIANG).findings}
    assert "national_key_project" in said(starch)


def test_what_was_stated_is_not_said_to_be_assumed() -> None:
    works = project("C2521", "retrofit")
    assert "net_new_capacity" in said(works, "140824")
    assert "net_new_capacity" not in said(project("C2521", "retrofit", net_new_capacity=0), "140824")


@pytest.mark.parametrize(("discharges", "grazing_is_asked"), [(True, False), (False, True)])
def test_a_default_is_not_said_where_a_stated_fact_settles_the_matter(
    *, discharges: bool, grazing_is_asked: bool
) -> None:
    either = {"any": [{"attribute": "discharges_to_water", "is": True}, {"attribute": "grazes", "is": True}]}
    on = listed(clause({"effect": "prohibit", "when": either}))
    result = run(SITE, project("N7820", discharges_to_water=discharges), on)
    assert ("grazes" in result.relied_on) is grazing_is_asked


def test_a_rule_of_another_county_asks_for_nothing_here() -> None:
    rules = rulebook()
    elsewhere = tuple(dataclasses.replace(rule, jurisdiction="140221") for rule in rules.rules)
    far = dataclasses.replace(rules, rules=elsewhere)
    works = project("C2521", "retrofit")
    assert run(SITE, works, world()).relied_on
    assert check(Question(SITE, works, THEN), world(), far).relied_on == frozenset()


@pytest.mark.parametrize(
    ("industries", "said_of"),
    [(["sanitation"], frozenset({"grazes"})), (["coking"], frozenset())],
    ids=["its own", "another"],
)
def test_a_clause_of_the_unit_counts_like_a_rule(industries: list[str], said_of: frozenset[str]) -> None:
    one = clause({"effect": "prohibit", "industries": industries, "when": {"attribute": "grazes", "is": True}})
    on = listed(one)
    assert run(SITE, project("N7820"), on).relied_on & {"grazes"} == said_of


def test_the_id_does_not_depend_on_what_is_said() -> None:
    what = project("N7820")
    bare = dataclasses.replace(what, assumed={}, reasons={})
    one, two = run(SITE, what, JIANG), run(SITE, bare, JIANG)
    assert one.relied_on
    assert two.relied_on == frozenset()
    assert one.id == two.id
