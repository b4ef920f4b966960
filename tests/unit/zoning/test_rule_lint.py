"""The rule set as a whole: no clause that can never decide, no silent contradiction, no empty cell in the decision table."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise, product

import pytest

from zoning import attributes, industry
from zoning.condition import Facts, holds
from zoning.contradiction import contradictions, rank
from zoning.decision import ACTIVITIES, SEVERITY, outcome_of
from zoning.decision_table import OTHER, ClauseSet, cells, clause_sets, keys
from zoning.rule_lint import covers, idle_exceptions, repeated, unreachable
from zoning.rule_report import report
from zoning.rulebook import Rulebook, load_texts, packaged_texts, rulebook
from zoning.told_apart import implies, projects, satisfied_by, signatures

TEXTS = packaged_texts()
FILE = "jishan-plan.yaml"
FIRST_DAY = rulebook().scope.known_from
SETS = clause_sets(rulebook().rules)
TABLE = tuple(cells(SETS))


def added(*rules: str) -> Rulebook:
    """The packaged rule set with more rules of Jishan's plan."""
    return load_texts({**TEXTS, FILE: TEXTS[FILE].rstrip("\n") + "\n" + "".join(rules)})


def rule(id: str, effect: str = "prohibit", line: str = "L239", jurisdiction: str = "140824", **more: str) -> str:
    terms = {"where": "{layer: river, filter: {name: 汾河}, within_m: 1000}", "activities": "[new]", **more}
    listed = "".join(f"    {key}: {value}\n" for key, value in terms.items() if value)
    return (
        f"  - id: {id}\n    title: {{zh: 甲, en: a}}\n    demand: {{zh: 甲, en: a}}\n    effect: {effect}\n"
        f"    jurisdiction: '{jurisdiction}'\n{listed}    cites: [{{source: jishan-plan, at: {line}}}]\n"
    )


def found(book: Rulebook) -> dict[str, str]:
    return {str(p.rule): p.text.en for p in unreachable(book.rules, FIRST_DAY)}


def test_the_packaged_rule_set_is_sound() -> None:
    looked = report(rulebook())
    assert not looked.errors, [p.said().en for p in looked.errors]
    assert looked.empty == ()


# --- unreachable ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({"activities": "[new]", "when": "{activity: [expand]}"}, "no industry, activity and facts"),
        ({"industries": "[coking]", "when": "{industry: [flat_glass]}"}, "no industry, activity and facts"),
        (
            {"when": "{all: [{attribute: fuel, is: coal}, {attribute: fuel, is: gas}]}"},
            "no industry, activity and facts",
        ),
        (
            {"when": "{all: [{attribute: net_new_capacity, over: 5}, {attribute: net_new_capacity, under: 5}]}"},
            "no industry, activity and facts",
        ),
        ({"unless": "{activity: [new]}"}, "no industry, activity and facts"),
        ({"in_force": "[2000-01-01, 2001-01-01]"}, "never in force on one day"),
        ({"industries": "[coking]"}, "rule jishan-239-fen-1km of the same text covers all of it"),
        (
            {"industries": "[coking]", "where": "{layer: river, filter: {name: 汾河}, within_m: 500}"},
            "covers all of it",
        ),
    ],
)
def test_a_rule_that_can_never_decide_is_an_error(terms: dict[str, str], message: str) -> None:
    period = {"plan_period": "[2021-01-01, 2025-12-31]"}
    assert message in found(added(rule("test-idle", **{**period, **terms})))["test-idle"]


@pytest.mark.parametrize(
    "terms",
    [
        {"industries": "[coking]", "where": "{layer: river, filter: {name: 汾河}, within_m: 1200}"},
        {"industries": "[coking]", "where": "{layer: river, within_m: 900}"},
        {"industries": "[flat_glass, textile_dyeing]"},
        {"industries": "[coking]", "activities": "[new, operate]"},
        {"industries": "[coking]", "jurisdiction": "140826"},
        {"industries": "[coking]", "effect": "phase_out"},
        {"industries": "[coking]", "plan_period": ""},
    ],
)
def test_a_rule_that_says_more_than_another_is_no_error(terms: dict[str, str]) -> None:
    period = {"plan_period": "[2021-01-01, 2025-12-31]"}
    assert "test-more" not in found(added(rule("test-more", **{**period, **terms})))


def test_a_second_article_of_a_law_that_says_no_more_is_noticed_and_the_same_article_is_an_error() -> None:
    law = rule("test-a", line="38", industries="[flat_glass]").replace("jishan-plan", "water-law")
    narrower = rule(
        "test-b", line="39", industries="[flat_glass]", activities="[new]", unless="{attribute: fuel, is: gas}"
    )
    second = narrower.replace("jishan-plan", "water-law")
    book = added(law, second)
    assert "test-b" not in found(book)
    assert "test-b" in {p.rule for p in repeated(book.rules)}
    same = added(law, second.replace("at: 39", "at: 38"))
    assert "rule test-a" in found(same)["test-b"]
    assert "test-b" not in {p.rule for p in repeated(same.rules)}


def test_of_two_rules_that_say_the_same_one_is_named() -> None:
    same = {"industries": "[flat_glass]", "where": "{layer: no_coal_zone}"}
    names = found(added(rule("test-a", **same), rule("test-b", **same)))
    assert "test-a" not in names
    assert "rule test-a" in names["test-b"]


def test_an_error_stands_at_the_rules_own_line() -> None:
    book = added(rule("test-idle", when="{activity: [expand]}"))
    problem = next(p for p in unreachable(book.rules, FIRST_DAY) if p.rule == "test-idle")
    assert problem.file == FILE
    assert problem.line == TEXTS[FILE].rstrip("\n").count("\n") + 2


def test_an_exception_that_takes_nothing_out_is_noticed() -> None:
    book = added(
        rule("test-idle", industries="[coking]", unless="{industry: [flat_glass]}"),
        rule("test-used", industries="[coking]", unless="{attribute: fuel, is: gas}"),
    )
    assert [p.rule for p in idle_exceptions(book.rules) if str(p.rule).startswith("test-")] == ["test-idle"]


def test_one_place_covers_another_only_when_every_limit_is_wider() -> None:
    book = added(
        rule("test-all", where="", bound_to="area"),
        rule(
            "test-open",
            where="{layer: river, within_m: null, up_to_m: 3000}",
            open="substance",
            open_text="{zh: 甲, en: a}",
        ),
    )
    fen, everywhere, undecided = (book.get(id).where for id in ("jishan-239-fen-1km", "test-all", "test-open"))
    assert covers(everywhere, fen)
    assert not covers(fen, everywhere)
    assert not covers(undecided, fen), "a distance that is not decided covers nothing for sure"


# --- contradictions ------------------------------------------------------------------------------------------------------


def pairs(book: Rulebook) -> list[tuple[str, str, str, str]]:
    return [
        (c.encourages.id, c.prohibits.id, c.first.id, c.by)
        for c in contradictions(book.rules)
        if c.encourages.id.startswith("test-")
    ]


def test_what_one_rule_encourages_and_another_prohibits_is_listed_with_the_stricter_first() -> None:
    book = added(rule("test-kind", "encourage", industries="[coking]"))
    assert ("test-kind", "jishan-239-fen-1km", "jishan-239-fen-1km", "stricter") in pairs(book)
    told = next(c for c in contradictions(book.rules) if c.prohibits.id == "jishan-239-fen-1km").as_dict()
    assert told["encourages"]["cites"]
    assert told["prohibits"]["cites"][0]["quote"] == "严禁在汾河岸线一公里范围内布设高污染工业项目"
    assert (
        told["example"] == {"activity": "new", "industry_groups": ["high_pollution"], "attributes": {}}
        or told["settled"]
    )


@pytest.mark.parametrize(
    "terms",
    [
        {"industries": "[flat_glass]", "activities": "[operate]"},
        {"industries": "[coking]", "activities": "[close]"},
        {"industries": "[coking]", "where": "{layer: river, filter: {name: 沁河}}"},
        {"industries": "[coking]", "jurisdiction": "140521"},
        {"industries": "[coking]", "in_force": "[null, 2022-03-30]"},
    ],
)
def test_rules_that_never_meet_do_not_contradict(terms: dict[str, str]) -> None:
    assert [p for p in pairs(added(rule("test-kind", "encourage", **terms))) if p[1] == "jishan-239-fen-1km"] == []


def test_a_ban_at_one_place_does_not_contradict_what_is_encouraged_elsewhere() -> None:
    book = added(rule("test-kind", "encourage", where="", activities="", industries="[coking]"))
    places = {book.get(ban).where for _, ban, _, _ in pairs(book)}
    assert places <= {None}


def test_a_ban_that_a_fact_not_spoken_of_escapes_does_not_contradict() -> None:
    ban = rule("test-ban", where="{layer: industrial_park}", when="{attribute: fuel, is: coal}")
    park = {"where": "{layer: industrial_park}", "industries": "[flat_glass]"}
    silent = added(ban, rule("test-kind", "encourage", **park))
    spoken = added(ban, rule("test-kind", "encourage", when="{attribute: fuel, is: coal}", **park))
    assert "test-ban" not in {p[1] for p in pairs(silent)}
    assert "test-ban" in {p[1] for p in pairs(spoken)}


def test_a_higher_law_that_encourages_what_a_plan_prohibits_is_an_error_until_its_owner_decides() -> None:
    law = rule("test-law", "encourage", industries="[coking]").replace(
        "source: jishan-plan, at: L239", "source: water-law, at: 38"
    )
    book = added(law)
    assert ("test-law", "jishan-239-fen-1km", "test-law", "higher_law") in pairs(book)
    errors = {p.rule: p.text.en for p in report(book).errors}
    assert "let the owner decide" in errors["jishan-239-fen-1km"]


def test_law_stands_above_plans_and_a_province_above_its_counties() -> None:
    order = [rulebook().get(id) for id in ("river-works-review", "shanxi-171-capacity", "jishan-239-fen-1km")]
    assert all(rank(high) > rank(low) for high, low in pairwise(order))


# --- the decision table --------------------------------------------------------------------------------------------------


def test_every_clause_set_group_and_activity_has_exactly_one_cell_and_none_is_empty() -> None:
    found = {(c.set, c.group, c.activity) for c in TABLE}
    assert len(found) == len(TABLE) == len(SETS) * len(keys())
    assert {group for group, _ in keys()} - {OTHER} == set(industry.groups())
    assert all(c.decides is not None for c in TABLE)


def test_the_worst_clause_decides_a_cell() -> None:
    book = rulebook()
    clauses = tuple(book.get(id) for id in ("jishan-195-ultra-low", "jishan-239-fen-1km", "shanxi-171-capacity"))
    table = {(c.group, c.activity): c for c in cells([ClauseSet("one", clauses)])}
    assert (table["coking", "operate"].decides, table["coking", "operate"].outcome) == (
        "jishan-195-ultra-low",
        "attention",
    )
    assert (table["flat_glass", "new"].decides, table["flat_glass", "new"].outcome) == (
        "jishan-239-fen-1km",
        "prohibited",
    )
    assert table["coking", "new"].decides == "shanxi-171-capacity", "of two bans the province's goes first"
    assert table["coking", "close"].decides == table["protection_and_survey", "new"].decides == "none"


def test_a_cell_agrees_with_the_clauses_asked_one_by_one() -> None:
    chosen = next(s for s in clause_sets(rulebook().rules) if s.id == "140824/anywhere")
    met: dict[tuple[str, str], set[str]] = {}
    for clause in chosen.clauses:
        answers = {tuple(sorted(facts.attributes.items())) for facts in projects([clause.condition()])}
        for signature, activity in product(signatures(), ACTIVITIES):
            if any(clause.test(Facts(activity, signature, dict(said))).value for said in answers):
                for group in signature or {OTHER}:
                    met.setdefault((group, activity), set()).add(outcome_of(clause.effect, activity, clause.bound_to))
    assert met
    for cell in cells([chosen]):
        outcomes = met.get((cell.group, cell.activity), set())
        assert (cell.decides == "none") == (not outcomes), cell
        assert cell.outcome == max(outcomes, key=SEVERITY.index, default="clear"), cell


def test_a_set_that_does_not_say_what_its_silence_means_has_empty_cells() -> None:
    unit = ClauseSet("ZH14082420001", (rulebook().get("jishan-239-fen-1km"),), silent=None)
    looked = report(rulebook(), [unit])
    assert looked.empty
    assert not looked.sound
    assert ("ZH14082420001", "coking", "new") not in {(c.set, c.group, c.activity) for c in looked.empty}
    assert looked.as_dict()["table"]["empty"][0][0] == "ZH14082420001"


# --- projects told apart -------------------------------------------------------------------------------------------------


def test_every_class_of_industry_has_a_signature() -> None:
    assert industry.groups_of("C2521") in signatures()
    assert len(signatures()) < 400


def test_a_few_projects_stand_for_all() -> None:
    condition = {"all": [{"industry": ["coking"]}, {"attribute": "net_new_capacity", "over": 0}]}
    said = list(projects([condition]))
    assert len(said) == len(ACTIVITIES) * 2 * 3
    assert {holds(condition, facts).value for facts in said} == {True, False}
    yes = satisfied_by(condition)
    assert yes is not None
    assert yes.attributes["net_new_capacity"] > 0


def test_one_condition_implies_another_when_no_project_meets_only_the_first() -> None:
    assert implies({"industry": ["coking"]}, {"industry": ["chemical"]})
    assert not implies({"industry": ["chemical"]}, {"industry": ["coking"]})
    assert implies({"attribute": "net_new_capacity", "over": 10}, {"attribute": "net_new_capacity", "over": 0})


def test_a_condition_that_asks_for_far_too_much_is_refused() -> None:
    names = [name for name, one in attributes.declared().items() if one.type == "bool"]
    wide = {"any": [*({"attribute": name, "is": True} for name in names), {"industry": sorted(industry.groups())},
                    {"attribute": "fuel", "is": "coal"}, {"attribute": "land_take", "is": "none"},
                    {"attribute": "crossing", "is": "aerial"}, {"attribute": "mining_method", "is": "both"}]}  # fmt: skip
    with pytest.raises(ValueError, match="kinds of projects apart"):
        next(projects([wide]))


def test_the_days_of_a_rule_count_from_the_first_that_the_set_speaks_for() -> None:
    assert dt.date(2022, 8, 16) == FIRST_DAY
