"""The packaged rule set: linted, quoted exactly, and able to say something about every kind of rule there is."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable
from importlib.resources import files
from typing import Any, get_args

import pytest
import yaml

from layers.settings import settings
from zoning import industry, quotes, terms
from zoning.decision import ACTIVITIES
from zoning.rule import Effect, Period
from zoning.rulebook import NEVER_OUT_OF_SCOPE, RuleError, load, load_texts, packaged_texts, rulebook

RULES = rulebook()
SOURCES = settings().texts


def documents() -> dict[str, Any]:
    folder = files("zoning") / "rules"
    return {
        e.name.removesuffix(".yaml"): yaml.safe_load(e.read_text(encoding="utf-8"))
        for e in folder.iterdir()
        if e.name.endswith(".yaml") and e.name != "not-encoded.yaml"
    }


def quoted() -> list[Any]:
    return [
        pytest.param(rule.id, cite, id=f"{rule.id}-{cite.source.id}")
        for rule in RULES.rules
        for cite in rule.cites
        if cite.quote is not None
    ]


@pytest.mark.parametrize(("rule", "cite"), quoted())
def test_every_quote_stands_in_its_source_at_the_cited_place(rule: str, cite: Any) -> None:
    assert quotes.digest(cite) in quotes.checked(), f"{rule}: the quote changed after it was found in its source"
    text = None if SOURCES is None else SOURCES / cite.source.file
    if text is None or not text.exists():
        pytest.skip(f"{cite.source.file} is not beside the project; the committed hash was compared")
    assert cite.quote in quotes.place(text.read_text(encoding="utf-8"), cite.at)


def test_the_committed_hashes_are_those_of_the_quotes_and_no_others() -> None:
    text = (files("zoning") / "rules" / quotes.FILE).read_text(encoding="utf-8")
    assert text == quotes.written(RULES.rules)


def test_a_quote_is_looked_for_in_its_own_article_only() -> None:
    law = "第三条　甲\n\n乙\n\n第三十条　丙，依照第三条办理\n第三十一条　丁\n"
    assert quotes.place(law, "3").split() == ["第三条", "甲", "乙"]
    assert "丙" in quotes.place(law, "30")
    assert "丁" not in quotes.place(law, "30")
    assert quotes.place(law, "32") == ""
    assert quotes.place(law, "L3") == "乙"


def test_the_packaged_rules_are_refused_when_a_quote_is_not_the_one_that_was_found() -> None:
    texts = packaged_texts()
    texts["jishan-plan.yaml"] = texts["jishan-plan.yaml"].replace(
        "严禁在汾河岸线一公里范围内", "严禁在汾河岸线两公里范围内"
    )
    with pytest.raises(RuleError, match="not looked for in its text, or changed since") as caught:
        load_texts(texts, quotes_checked=quotes.checked())
    line = caught.value.problems[0].line
    assert line is not None
    assert "两公里" in texts["jishan-plan.yaml"].splitlines()[line - 1]


def test_the_rule_set_has_every_effect_and_every_kind_of_place_and_condition() -> None:
    rules = RULES.rules
    assert {r.effect for r in rules} == set(get_args(Effect))
    assert any(r.where and r.where.within_m > 0 for r in rules)
    assert any(r.where and not r.where.within_m for r in rules)
    assert any(r.where is None for r in rules)
    assert any(r.unless for r in rules)
    assert any(r.plan_period for r in rules)
    assert {r.open for r in rules} >= {"substance"}
    assert any(c.open for r in rules for c in r.cites)
    assert {r.jurisdiction for r in rules} >= {"140000", "141000", "140824", "140521", "140826", "yellow_river"}


def test_red_line_protected_area_farmland_and_water_source_are_in_scope() -> None:
    assert set(NEVER_OUT_OF_SCOPE) <= set(RULES.scope.kinds)


def test_every_kind_in_scope_has_a_title_and_a_rule_or_is_context() -> None:
    bound = {r.where.layer for r in RULES.rules if r.where}
    assert set(RULES.scope.kinds) <= bound
    for kind in (*RULES.scope.kinds, *RULES.scope.left_out):
        assert terms.layer_kind_title(kind).zh != kind


def test_no_title_or_demand_copies_more_than_a_quote_may() -> None:
    for rule in RULES.rules:
        for cite in rule.cites:
            assert cite.quote is None or len(cite.quote) <= 60


def test_the_wording_in_force_is_chosen_by_date() -> None:
    rule = RULES.get("water-source-first-grade")
    assert [c.source.id for c in rule.citing(dt.date(2026, 8, 14))] == ["water-pollution-law"]
    assert [c.source.id for c in rule.citing(dt.date(2026, 8, 15))] == ["ecological-code"]


def test_the_hash_moves_with_any_change_of_a_rule() -> None:
    changed = documents()
    changed["jishan-plan"]["rules"][0]["where"]["within_m"] = 999
    assert load(changed).hash != RULES.hash
    assert load(documents()).hash == RULES.hash


def _first(data: dict[str, Any]) -> dict[str, Any]:
    rule: dict[str, Any] = data["jishan-plan"]["rules"][0]
    return rule


BROKEN: list[tuple[str, Callable[[dict[str, Any]], Any], str]] = [
    ("id twice", lambda d: d["jishan-plan"]["rules"].append(copy.deepcopy(_first(d))), "used twice"),
    ("effect", lambda d: _first(d).update(effect="forbid"), "forbid"),
    ("layer", lambda d: _first(d)["where"].update(layer="glacier"), "unknown layer glacier"),
    ("distance", lambda d: _first(d)["where"].update(within_m=-1), "below 0"),
    ("document", lambda d: _first(d).update(effect="restrict", needs=["blessing"]), "unknown document kind blessing"),
    ("no document", lambda d: _first(d).update(effect="restrict"), "names the document"),
    ("ban with document", lambda d: _first(d).update(needs=["energy_review"]), "only a restriction"),
    ("open", lambda d: _first(d).update(open="substance"), "says what is open"),
    ("sector", lambda d: _first(d).update(bound_to="sector", industries=[]), "no industries"),
    ("jurisdiction", lambda d: _first(d).update(jurisdiction="Jishan"), "neither an admin code"),
    ("no cite", lambda d: _first(d).update(cites=[]), "cites nothing"),
    ("long quote", lambda d: _first(d)["cites"][0].update(quote="字" * 61), "longer than 60"),
    ("no place", lambda d: _first(d)["cites"][0].pop("at"), "must be open"),
    ("industry", lambda d: _first(d).update(industries=["bakery"]), "unknown industry group bakery"),
    ("activity", lambda d: _first(d).update(activities=["dream"]), "unknown activity dream"),
    ("attribute", lambda d: _first(d).update(when={"attribute": "colour", "is": 1}), "unknown attribute colour"),
    ("condition", lambda d: _first(d).update(when={"colour": 1}), "not a condition"),
    ("key", lambda d: _first(d).update(severity=3), "unknown keys"),
    ("no effect", lambda d: _first(d).update(effect="phase_out", activities=["close"]), "never have an effect"),
    ("scope", lambda d: d["scope"]["kinds"].remove("redline"), "may never be left out"),
    ("one language", lambda d: _first(d)["title"].pop("zh"), "texts zh and en"),
    ("source", lambda d: _first(d)["cites"][0].update(source="rumour"), "rumour"),
]


@pytest.mark.parametrize(("change", "message"), [b[1:] for b in BROKEN], ids=[b[0] for b in BROKEN])
def test_lint_finds(change: Callable[[dict[str, Any]], Any], message: str) -> None:
    data = copy.deepcopy(documents())
    change(data)
    with pytest.raises(RuleError, match=message):
        load(data)


def test_a_period_includes_both_its_days() -> None:
    period = Period.of([dt.date(2021, 1, 1), dt.date(2025, 12, 31)])
    assert dt.date(2025, 12, 31) in period
    assert dt.date(2026, 1, 1) not in period
    assert dt.date(1900, 1, 1) in Period.of(None)
    with pytest.raises(ValueError, match="a period is"):
        Period.of(["soon", None])


def test_terms_name_every_activity_and_verdict() -> None:
    assert set(terms.packaged()["activities"]) == set(ACTIVITIES)
    assert set(terms.packaged()["effects"]) == set(get_args(Effect))


def test_industry_groups_name_only_codes_that_exist() -> None:
    codes = set(industry.industries().entries)
    for group in industry.groups().values():
        assert set(group.members) <= codes, group.id
        assert set(group.excepted) <= codes, group.id
