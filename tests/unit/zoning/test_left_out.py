"""A rule on a kind of layer that the deployment leaves out is kept and counted, and no check looks at it."""

from __future__ import annotations

import datetime as dt

from tests.unit.zoning.scenes import box
from tests.unit.zoning.test_check import project, site, world
from zoning.answer import document
from zoning.check import check
from zoning.identity import Question
from zoning.rulebook import load_texts, packaged_texts, rulebook

DAY = dt.date(2024, 6, 30)
TEXTS = packaged_texts()
ADDED = """
  - id: test-wetland
    title: {zh: 湿地内禁止填埋, en: no filling of wetlands}
    demand: {zh: 不得填埋湿地, en: fill no wetland}
    effect: prohibit
    where: {layer: wetland}
    activities: [new]
    jurisdiction: '140824'
    cites: [{source: jishan-plan, at: L239}]
"""
DORMANT = load_texts({**TEXTS, "jishan-plan.yaml": TEXTS["jishan-plan.yaml"] + ADDED})
SCOPE = (
    TEXTS["scope.yaml"]
    .replace("left_out:\n", "left_out:\n")
    .replace("  - control_unit\n", "  - control_unit\n  - wetland\n")
)
IN_SCOPE = load_texts(
    {
        **TEXTS,
        "jishan-plan.yaml": TEXTS["jishan-plan.yaml"] + ADDED,
        "scope.yaml": "".join(line for line in SCOPE.splitlines(keepends=True) if not line.startswith("  wetland:")),
    }
)


def answer(book, activity: str = "new", home: str = "140824"):
    asked = Question(site(box(0, 0, 200, 200)), project("N7820", activity), DAY)
    return document(check(asked, world(home), book))


def test_a_dormant_rule_is_skipped_and_counted() -> None:
    before, said = answer(rulebook()), answer(DORMANT)
    assert said["verdict"] == before["verdict"]
    assert "test-wetland" not in {f["rule"] for f in said["findings"]}
    own = [k for k in said["rules_not_in_scope"]["kinds"] if k["layer"] == "wetland"]
    others = [k["count"] for k in before["rules_not_in_scope"]["kinds"] if k["layer"] == "wetland"]
    assert own[0]["count"] == sum(others) + 1
    assert said["rules_not_in_scope"]["count"] == before["rules_not_in_scope"]["count"] + 1
    assert f"其 {said['rules_not_in_scope']['count']} 条规定可能涉及本项目" in said["lines"][4]["zh"]


def test_only_rules_that_could_concern_the_project_here_are_counted() -> None:
    assert answer(DORMANT, "close")["rules_not_in_scope"] == answer(rulebook(), "close")["rules_not_in_scope"]
    assert (
        answer(DORMANT, home="140826")["rules_not_in_scope"] == answer(rulebook(), home="140826")["rules_not_in_scope"]
    )


def test_moving_the_kind_into_scope_wakes_the_rule() -> None:
    said = answer(IN_SCOPE)
    assert said["verdict"] == "unknown"
    assert said["at_worst"] == "prohibited"
    assert "test-wetland" in {f["rule"] for f in said["findings"]}


def test_a_dormant_rule_stays_in_the_rule_set() -> None:
    assert DORMANT.get("test-wetland") in DORMANT.dormant(DAY)
    assert DORMANT.get("test-wetland") in DORMANT.in_force(DAY)
    assert DORMANT.get("test-wetland") not in DORMANT.on(DAY)
