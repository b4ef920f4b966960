"""How a line crosses is asked of lines and corridors only, only where a rule in force needs it, and never assumed."""

from __future__ import annotations

import copy
import datetime as dt
from typing import Any

import pytest
import shapely

from tests.unit.zoning.scenes import box, layer
from tests.unit.zoning.test_check import THEN, project, run, site, world
from tests.unit.zoning.test_rules import documents
from tests.unit.zoning.test_wrong_answers import read
from zoning import attributes, terms
from zoning.answer import document
from zoning.applicable import facts_at, is_line
from zoning.check import check
from zoning.evidence import Evidence
from zoning.identity import Question
from zoning.rulebook import Rulebook, load
from zoning.site import Site

PIPE = read(shapely.LineString([(-1000, 500), (3000, 500)]))
CORRIDOR = read(shapely.LineString([(-1000, 500), (3000, 500)]), half_width_m=20)
STATION = site(box(100, 100, 300, 300))
RIVER = world("140825", river_management=layer("river_management", [("RM", box(0, 0, 1000, 1000), {})]))
AWAY = world("140825")
CONSENT = {"kind": "river_crossing_review", "number": "1"}


def rules_that_ban(how: str) -> Rulebook:
    """The packaged rules with one made-up ban that depends on how a line crosses: a test of the machinery, not of law."""
    data: dict[str, Any] = copy.deepcopy(documents())
    ban = next(r for r in data["rivers"]["rules"] if r["id"] == "river-bridge-height")
    ban.update(effect="prohibit", when={"attribute": "crossing", "is": how})
    return load(data)


def asked(where: Site, on: Evidence, rules: Rulebook, **said: Any) -> list[str]:
    decided = check(Question(where, project("E4852", "new", [CONSENT], **said), THEN), on, rules)
    return [item["what"] for item in decided.not_known if item["kind"] == "attribute"]


@pytest.mark.parametrize("where", [PIPE, CORRIDOR], ids=["line", "corridor"])
def test_a_line_is_asked_how_it_crosses_where_a_rule_needs_it(where: Site) -> None:
    rules = rules_that_ban("open_cut")
    assert asked(where, RIVER, rules) == ["crossing"]
    assert asked(where, RIVER, rules, crossing="drilled") == []
    assert asked(where, AWAY, rules) == []


def test_the_question_shows_where_each_answer_leads() -> None:
    decided = check(Question(PIPE, project("E4852", "new", [CONSENT]), THEN), RIVER, rules_that_ban("open_cut"))
    (item,) = decided.not_known
    assert {k: v["verdict"] for k, v in item["outcomes"].items()} == {
        kind: "prohibited" if kind == "open_cut" else "attention" for kind in terms.Crossing
    }
    assert decided.verdict == "unknown"


def test_an_area_is_not_asked_how_it_crosses_and_is_not_left_open() -> None:
    rules = rules_that_ban("open_cut")
    assert asked(STATION, RIVER, rules) == []
    assert check(Question(STATION, project("E4852", "new", [CONSENT]), THEN), RIVER, rules).verdict == "attention"


def test_an_area_that_says_how_it_crosses_is_taken_at_its_word() -> None:
    rules = rules_that_ban("open_cut")
    what = project("E4852", "new", [CONSENT], crossing="open_cut")
    assert check(Question(STATION, what, THEN), RIVER, rules).verdict == "prohibited"


def test_nothing_else_is_taken_from_an_area() -> None:
    what = project("C2521")
    assert {a.id for a in attributes.declared().values() if a.asked_of == "line"} == {"crossing"}
    assert facts_at(what, STATION).unasked == {"crossing"}
    assert facts_at(what, PIPE).unasked == frozenset()
    assert [is_line(s) for s in (PIPE, CORRIDOR, STATION, read(shapely.Point(0, 0), half_width_m=9))] == [
        True,
        True,
        False,
        False,
    ]


DUTY = {"aerial": "river-aerial-clearance", "bridge": "river-bridge-height"}


@pytest.mark.parametrize("crossing", list(terms.Crossing))
def test_each_way_over_a_river_has_the_duty_that_the_regulation_gives_it(crossing: str) -> None:
    result = run(PIPE, project("E4852", crossing=crossing), RIVER)
    duties = {f.rule.id for f in result.findings} & {"river-aerial-clearance", "river-bridge-height"}
    assert duties == ({DUTY[crossing]} if crossing in DUTY else set())
    assert "river-works-review" in {f.rule.id for f in result.deciding}


def test_the_flood_standard_binds_crossings_in_the_yellow_river_basin_since_its_law() -> None:
    def bound(day: dt.date) -> bool:
        return "yellow-river-crossing-works" in {f.rule.id for f in run(PIPE, project("E4852"), RIVER, day).findings}

    assert not bound(dt.date(2023, 3, 31))
    assert bound(dt.date(2023, 4, 1))


def test_an_unstated_way_is_missing_in_the_duty_that_depends_on_it_and_decides_nothing() -> None:
    data = document(run(PIPE, project("E4852"), RIVER))
    duty = next(f for f in data["findings"] if f["rule"] == "river-bridge-height")
    assert (duty["outcome"], duty["certainty"], duty["missing"]) == ("attention", "uncertain", ["crossing"])
    assert "crossing" in duty["changes_if"][0]["en"]
