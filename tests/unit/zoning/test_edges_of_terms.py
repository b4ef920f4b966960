"""Where a term ends: the first and the last day, the last metre, the narrower place, the higher text."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest
import shapely

from tests.unit.zoning.scenes import FRAME, box, feature, layer
from tests.unit.zoning.test_check import RULES, SITE, THEN, fen, only, project, run, site, world
from zoning.bilingual import Bilingual
from zoning.check import REACH_M, reach_m, window_for
from zoning.condition import Facts, holds, mentioned, thresholds
from zoning.contradiction import contradictions, rank
from zoning.decided import decided
from zoning.decision import outcome_of, weakest, when_uncertain, worst
from zoning.errors import BadProject
from zoning.evidence import Window
from zoning.finding import Contribution
from zoning.jurisdiction import within
from zoning.owner_decision import Instrument, OwnerDecision
from zoning.remedy import changes
from zoning.rule import Cite, Period, Rule, Source, Where
from zoning.rule_lint import covers, repeated, unreachable
from zoning.search import claims, standing

DAY = dt.date(2024, 6, 30)
EARLIER, LATER = DAY - dt.timedelta(days=1), DAY + dt.timedelta(days=1)
ALWAYS = Period(None, None)
FEN = next(rule for rule in RULES.rules if rule.id == "jishan-239-fen-1km")


def source(id: str = "a", status: Any = "planning", in_force: Period = ALWAYS) -> Source:
    return Source(id, Bilingual("甲", "A"), None, Bilingual("甲", "A"), status, in_force, None)


def rule(**facts: Any) -> Rule:
    return dataclasses.replace(FEN, **facts)


# --- days --------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("period", "days"),
    [
        (Period(DAY, DAY), [DAY]),
        (Period(DAY, None), [DAY, LATER]),
        (Period(None, DAY), [EARLIER, DAY]),
        (Period(None, None), [EARLIER, DAY, LATER]),
        (Period(LATER, None), [LATER]),
    ],
)
def test_a_period_holds_its_first_and_its_last_day(period: Period, days: list[dt.date]) -> None:
    assert [day for day in (EARLIER, DAY, LATER) if day in period] == days


def test_a_period_is_read_as_two_days_of_which_either_may_be_open() -> None:
    assert Period.of(None) == Period.of([None, None]) == ALWAYS
    assert Period.of([DAY, None]) == Period(DAY, None)
    assert Period.of([None, DAY]) == Period(None, DAY)
    for wrong in ([DAY], [DAY, LATER, None], "2024-06-30", {"start": DAY}, [DAY, "2024-07-01"]):
        with pytest.raises(ValueError, match=r"a period is \[date or null, date or null\]"):
            Period.of(wrong)


def test_a_plan_ends_after_its_last_day_unless_its_owner_continues_it() -> None:
    notice = Instrument("notice", Bilingual("甲", "A"), Bilingual("甲", "A"), "1", DAY)
    planned = rule(plan_period=Period(EARLIER, DAY))
    assert [planned.plan_ended(day) for day in (DAY, LATER)] == [False, True]
    assert not rule(plan_period=Period(EARLIER, None)).plan_ended(LATER)
    assert not rule(plan_period=None).plan_ended(LATER)
    for word, ended in (("continued", False), ("confirmed", True)):
        decision = OwnerDecision(FEN.id, word, DAY, notice)  # type: ignore[arg-type]
        assert rule(plan_period=Period(EARLIER, DAY), decisions=(decision,)).plan_ended(LATER) is ended


def test_a_rule_is_in_force_while_it_and_one_of_its_texts_are() -> None:
    old, new = source("old", in_force=Period(None, EARLIER)), source("new", in_force=Period(LATER, None))
    both = rule(cites=(Cite(old, "L1", None), Cite(new, "L1", None)), in_force=ALWAYS)
    assert [both.applies_on(day) for day in (EARLIER, DAY, LATER)] == [True, False, True]
    assert [cite.source.id for cite in both.citing(LATER)] == ["new"]
    assert both.spans() == (Period(None, EARLIER), Period(LATER, None))
    one_day = rule(cites=(Cite(source(in_force=Period(None, DAY)), "L1", None),), in_force=Period(DAY, None))
    assert one_day.spans() == (Period(DAY, DAY),)
    never = rule(cites=(Cite(source(in_force=Period(None, EARLIER)), "L1", None),), in_force=Period(DAY, None))
    assert never.spans() == ()
    assert not never.applies_on(EARLIER)


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        ({"valid_from": THEN}, "prohibited"),
        ({"valid_from": THEN + dt.timedelta(days=1)}, "clear"),
        ({"valid_to": THEN}, "prohibited"),
        ({"valid_to": THEN - dt.timedelta(days=1)}, "clear"),
    ],
)
def test_a_feature_binds_from_its_first_to_its_last_day(facts: dict[str, Any], verdict: str) -> None:
    redline = layer("redline", [("RL-1", box(500, 0, 2000, 1000), facts)])
    assert run(SITE, project(land_take="permanent"), world(redline=redline)).verdict == verdict


def test_a_layer_may_be_searched_up_to_the_day_it_is_to_be_reviewed() -> None:
    held = world(redline=layer("redline", [("f", box(20_000, 0, 21_000, 1000), {})], review_by=DAY))
    assert standing("redline", held, DAY).outcome == "searched"
    assert standing("redline", held, LATER).outcome == "stale"


@pytest.mark.parametrize(
    ("spans", "days"),
    [
        (((None, None),), [EARLIER, DAY, LATER]),
        (((DAY, None),), [DAY, LATER]),
        (((None, DAY),), [EARLIER]),
        (((DAY, LATER),), [DAY]),
        (((None, DAY), (LATER, None)), [EARLIER, LATER]),
        ((), []),
    ],
)
def test_a_layer_is_in_force_from_the_first_day_to_before_the_second(spans: Any, days: list[dt.date]) -> None:
    meta = layer("redline", valid_days=spans).meta
    assert [day for day in (EARLIER, DAY, LATER) if meta.in_force(day)] == days


# --- distances and places ----------------------------------------------------------------------------------------------
def test_evidence_reaches_as_far_as_the_farthest_rule_and_every_doubt_about_it() -> None:
    farthest = max(within_m for of, within_m in RULES.distances if of == "river")
    coarse = {"river": fen(accuracy_m=40_000.0, bound=500.0).meta}
    assert reach_m(RULES, coarse, 7.0) == farthest + 40_000.0 + 500.0 + 7.0 + 10
    assert reach_m(RULES, {}, 7.0) == REACH_M + 10


def test_a_window_holds_the_site_and_its_reach_on_every_side() -> None:
    window = window_for(site(box(0, 0, 2000, 1000)), 3000.0)
    west, south, east, north = shapely.bounds(
        FRAME.to_metres(shapely.box(window.west, window.south, window.east, window.north))[0]
    )
    assert [west, south, east, north] == pytest.approx([-3000, -3000, 5000, 4000], abs=5.0)
    assert window == Window(window.west, window.south, window.east, window.north, 3000.0)


def test_a_layer_complete_for_some_names_answers_for_those_only() -> None:
    river = fen()
    assert claims(river, {"name": ("汾河", "沁河")})
    assert not claims(river, {"name": ("汾河", "无名河")})
    assert not claims(river, {"class": ("x",)})
    assert claims(layer("lake"), {})


@pytest.mark.parametrize(
    ("wide", "narrow", "holds_it"),
    [
        (None, Where("river"), True),
        (None, None, True),
        (Where("river"), None, False),
        (Where("river"), Where("lake"), False),
        (Where("river", within_m=10), Where("river", within_m=10), True),
        (Where("river", within_m=9), Where("river", within_m=10), False),
        (Where("river"), Where("river", {"name": ("a",)}), True),
        (Where("river", {"name": ("a", "b")}), Where("river", {"name": ("a",)}), True),
        (Where("river", {"name": ("a",)}), Where("river", {"name": ("a", "b")}), False),
        (Where("river", {"name": ("a",)}), Where("river"), False),
        (Where("river", undecided=True), Where("river"), False),
        (Where("river", undecided=True), Where("river", undecided=True), True),
        (Where("river"), Where("river", undecided=True), True),
    ],
)
def test_a_place_holds_another_when_every_limit_is_as_wide(
    wide: Where | None, narrow: Where | None, holds_it: bool
) -> None:
    assert covers(wide, narrow) is holds_it


@pytest.mark.parametrize(
    ("code", "jurisdiction", "inside"),
    [
        ("140824", "140824", True),
        ("140824", "140800", True),
        ("140824", "140000", True),
        ("140824", "140825", False),
        ("140824", "140900", False),
        ("140824", "yellow_river", False),
    ],
)
def test_a_county_belongs_to_its_city_and_province(code: str, jurisdiction: str, inside: bool) -> None:
    county = feature("county", code, box(0, 0, 1, 1))
    assert within(county, jurisdiction) is inside
    flagged = dataclasses.replace(county, properties={"yellow_river": True})
    assert within(flagged, "yellow_river")


# --- the order of texts and outcomes --------------------------------------------------------------------------------------
def test_law_goes_before_plan_and_then_the_wider_place() -> None:
    law, plan = (Cite(source("x", status), "1", None) for status in ("statutory", "planning"))
    order = [
        rule(cites=(plan,), jurisdiction="140824"),
        rule(cites=(plan,), jurisdiction="140800"),
        rule(cites=(plan,), jurisdiction="140000"),
        rule(cites=(plan,), jurisdiction="yellow_river"),
        rule(cites=(law, plan), jurisdiction="140824"),
        rule(cites=(law,), jurisdiction="140000"),
    ]
    ranks = [rank(one) for one in order]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) == len(ranks)


@pytest.mark.parametrize(
    ("effect", "bound_to", "outcome"),
    [
        ("prohibit", "place", "prohibited"),
        ("restrict", "place", "restricted"),
        ("phase_out", "place", "prohibited"),
        ("require", "place", "attention"),
        ("require", "sector", "attention"),
        ("require", "area", "clear"),
        ("encourage", "place", "clear"),
        ("inform", "place", "clear"),
    ],
)
def test_every_effect_has_its_outcome(effect: str, bound_to: Any, outcome: str) -> None:
    assert outcome_of(effect, "new", bound_to) == outcome


def test_what_may_not_hold_is_unknown_only_where_it_would_forbid_or_restrict() -> None:
    outcomes = ("prohibited", "restricted", "unknown", "attention", "clear")
    assert [when_uncertain(o) for o in outcomes] == ["unknown", "unknown", "unknown", "attention", "clear"]


def test_the_weakest_status_counts_and_no_status_at_all_is_what_is_said() -> None:
    assert weakest(["statutory", "illustrative", "planning"]) == "illustrative"
    assert weakest(["planning", "reference"]) == "reference"
    assert weakest([]) == "statutory"
    assert weakest([], default="reference") == "reference"


# --- conditions ----------------------------------------------------------------------------------------------------------
def test_a_condition_names_its_words_at_every_depth() -> None:
    condition = {
        "all": [
            {"industry": ["coking"]},
            {"any": [{"attribute": "fuel", "one_of": ["coal", "coke"]}, {"not": {"activity": ["new"]}}]},
            {"not": {"attribute": "net_new_capacity", "over": 5}},
            {"attribute": "net_new_capacity", "at_most": 9},
        ]
    }
    assert mentioned(condition, "industry") == {"coking"}
    assert mentioned(condition, "activity") == {"new"}
    assert mentioned(condition, "attribute") == {"fuel", "net_new_capacity"}
    assert thresholds(condition, "net_new_capacity") == {5, 9}
    assert thresholds(condition, "fuel") == {"coal", "coke"}


def test_what_is_no_condition_is_refused_and_shown() -> None:
    facts = Facts("new", frozenset(), {})
    for wrong in (
        {"attribute": "fuel"},
        {"attribute": "fuel", "like": 1},
        {"all": [], "any": []},
        {},
        {"is": 1, "a": 2},
    ):
        with pytest.raises(ValueError, match=r"not a condition: \{"):
            holds(wrong, facts)


# --- what would change a finding -------------------------------------------------------------------------------------------
def near_fen(metres: float) -> list[str]:
    """What is said to coking at so many metres from a surveyed Fen."""
    place = site(box(metres, 0, metres + 500, 500))
    told = only(run(place, project("C2521", net_new_capacity=0), world(river=fen(accuracy_m=0, bound=0))), FEN.id)
    return [text.en for text in told.changes_if]


def test_the_way_to_move_is_what_is_missing_to_the_distance() -> None:
    assert "move at least 600 m further away" in near_fen(400)
    assert "move at least 100 m further away" in near_fen(900)


def test_an_overlap_is_trimmed_as_deep_as_it_goes() -> None:
    exact = layer("redline", [("RL-1", box(900, -5000, 6000, 6000), {})])
    finding = next(
        f
        for f in run(SITE, project(land_take="permanent"), world(redline=exact)).findings
        if f.feature is not None and f.feature.code == "RL-1" and f.outcome == "prohibited"
    )
    said = [text.en for text in finding.changes_if]
    assert "trim or move off the overlap of 10.00 ha (100,001 m²) (up to 100 m deep)" in said


def test_nothing_is_advised_where_nothing_stands_in_the_way() -> None:
    assert list(changes(FEN, Contribution("clear", "clear"), None, ())) == []


def test_each_reason_for_doubt_has_its_own_remedy() -> None:
    reasons = ("plan_ended", "not_searched", "jurisdiction", "feature", "accuracy")
    told = changes(FEN, Contribution("unknown", "prohibited", reasons), None, (), blur=200.0, site_blur=0.0)  # type: ignore[arg-type]
    assert [text.en for text in told] == [
        "the plan's owner confirms whether this rule continues",
        "obtain and load the needed layer",
        "confirm which county the site is in",
        "find out the feature's class or name",
        "check again with a surveyed, authoritative boundary",
    ]
    rough = Contribution("unknown", "prohibited", ("accuracy",))
    told = changes(FEN, rough, None, (), blur=30.0, site_blur=30.0)
    assert [text.en for text in told] == ["check again with surveyed coordinates of the site"]


def test_the_documents_needed_are_named_with_who_issues_them_until_they_are_at_hand() -> None:
    issuer = {"zh": "省政府", "en": "the province"}
    needs = ({"zh": "意见", "en": "an opinion", "issuer": issuer}, {"zh": "许可", "en": "a permit", "issuer": issuer})
    (told,) = changes(FEN, Contribution("restricted", "restricted"), None, needs)
    assert told == Bilingual(
        "取得意见（省政府）、许可（省政府）", "obtain: an opinion (the province) and a permit (the province)"
    )
    assert not list(changes(FEN, Contribution("attention", "attention", documents_named=True), None, needs))


def test_nothing_found_is_clear_and_of_several_the_worst_counts() -> None:
    assert worst([]) == "clear"
    assert worst(["clear", "restricted", "attention", "unknown"]) == "restricted"


# --- rules that another covers -----------------------------------------------------------------------------------------
BASE = rule(id="a-base", in_force=Period(DAY, LATER), plan_period=None, file="f.yaml", line=1)


@pytest.mark.parametrize(
    ("change", "void"),
    [
        ({}, "b-other"),
        ({"in_force": Period(DAY, DAY)}, "b-other"),
        ({"in_force": Period(LATER, LATER)}, "b-other"),
        ({"in_force": Period(EARLIER, LATER)}, "a-base"),
        ({"in_force": Period(None, LATER)}, "a-base"),
        ({"in_force": Period(DAY, LATER + dt.timedelta(days=1))}, "a-base"),
        ({"in_force": Period(DAY, None)}, "a-base"),
        ({"jurisdiction": "140825"}, None),
        ({"effect": "phase_out"}, None),
        ({"effect": "inform"}, None),
        ({"where": None}, "a-base"),
        ({"needs": ("energy_review",)}, "a-base"),
        ({"open": "substance"}, "b-other"),
        ({"plan_period": Period(DAY, LATER)}, "b-other"),
        ({"cites": (Cite(source("other"), "L1", None),)}, None),
    ],
)
def test_a_rule_is_void_when_another_of_its_text_says_as_much_everywhere_and_always(
    change: dict[str, Any], void: str | None
) -> None:
    base = dataclasses.replace(BASE, cites=(Cite(source("own"), "L1", None),))
    other = dataclasses.replace(base, id="b-other", line=9, **change)
    said = list(unreachable([base, other], DAY))
    lines = {"a-base": 1, "b-other": 9}
    assert [(p.rule, p.file, p.line) for p in said] == ([(void, "f.yaml", lines[void])] if void else [])


def test_a_settled_rule_makes_an_open_one_void_and_not_the_other_way() -> None:
    base = dataclasses.replace(BASE, open="substance", cites=(Cite(source("own"), "L1", None),))
    settled = dataclasses.replace(base, id="b-other", open=None)
    assert [p.rule for p in unreachable([base, settled], DAY)] == ["a-base"]


def test_two_articles_of_a_law_are_two_grounds_and_a_plan_is_one() -> None:
    law = source("law", "statutory")
    first = dataclasses.replace(BASE, cites=(Cite(law, "38", None),))
    second = dataclasses.replace(first, id="b-other", cites=(Cite(law, "39", None),))
    assert list(unreachable([first, second], DAY)) == []
    assert [p.rule for p in repeated([first, second])] == ["b-other"]
    unnumbered = [dataclasses.replace(one, cites=(Cite(law, None, None),)) for one in (first, second)]
    assert list(unreachable(unnumbered, DAY)) == []
    assert list(repeated([first, dataclasses.replace(second, cites=first.cites)])) == []


def test_a_rule_is_never_in_force_when_it_ended_before_the_first_day() -> None:
    ended = dataclasses.replace(BASE, in_force=Period(None, EARLIER))
    assert [p.rule for p in unreachable([ended], DAY)] == ["a-base"]
    assert list(unreachable([dataclasses.replace(BASE, in_force=Period(None, DAY))], DAY)) == []


# --- what is encouraged here and prohibited there ----------------------------------------------------------------------
WISH = dataclasses.replace(BASE, id="a-wish", effect="encourage", industries=("coking",), when=None, unless=None)
BAN = dataclasses.replace(WISH, id="b-ban", effect="prohibit")


@pytest.mark.parametrize(
    ("change", "clash"),
    [
        ({}, True),
        ({"where": None}, True),
        ({"where": Where("lake")}, False),
        ({"where": Where("river", {"name": ("沁河",)})}, False),
        ({"where": Where("river", {"class": ("x",)})}, True),
        ({"jurisdiction": "140800"}, True),
        ({"jurisdiction": "140825"}, False),
        ({"jurisdiction": "yellow_river"}, True),
        ({"in_force": Period(LATER, None)}, True),
        ({"in_force": Period(LATER + dt.timedelta(days=1), None)}, False),
        ({"in_force": Period(None, EARLIER)}, False),
        ({"effect": "phase_out"}, True),
        ({"effect": "phase_out", "activities": ("operate",)}, False),
        ({"effect": "restrict"}, False),
        ({"industries": ("flat_glass",)}, False),
        ({"when": {"attribute": "fuel", "is": "coal"}}, False),
    ],
)
def test_a_ban_contradicts_a_wish_when_place_day_and_project_are_the_same(change: dict[str, Any], clash: bool) -> None:
    found = list(contradictions([WISH, dataclasses.replace(BAN, **change)]))
    assert [(c.encourages.id, c.prohibits.id, c.first.id, c.by) for c in found] == (
        [("a-wish", "b-ban", "b-ban", "stricter")] if clash else []
    )


def test_the_higher_text_goes_first_and_only_the_stricter_is_what_a_check_applies() -> None:
    law = dataclasses.replace(WISH, cites=(Cite(source("law", "statutory"), "1", None),))
    (pair,) = contradictions([law, BAN])
    assert (pair.first, pair.by, pair.settled) == (law, "higher_law", False)
    (pair,) = contradictions([WISH, dataclasses.replace(BAN, cites=law.cites)])
    assert (pair.first.id, pair.by, pair.settled) == ("b-ban", "higher_law", True)
    said = pair.as_dict()
    assert set(said) == {"encourages", "prohibits", "example", "first", "by", "settled"}
    assert (said["first"], said["by"], said["settled"]) == ("b-ban", "higher_law", True)
    assert said["encourages"] == {
        "rule": "a-wish",
        "title": FEN.title.as_dict(),
        "effect": "encourage",
        "jurisdiction": "140824",
        "file": "f.yaml",
        "line": 1,
        "cites": [cite.as_dict() for cite in FEN.cites],
    }
    assert said["example"] == {
        "activity": pair.example.activity,
        "industry_groups": ["coking"],
        "attributes": {},
    }


# --- what an owner's decision does to a rule ---------------------------------------------------------------------------
def test_a_decided_distance_is_the_rules_own_and_settles_it() -> None:
    undecided = rule(where=Where("river", within_m=2000.0, undecided=True), open="substance", open_text=FEN.title)
    notice = Instrument("notice", Bilingual("甲", "A"), Bilingual("甲", "A"), "1", DAY)
    said = OwnerDecision(FEN.id, "parameter", DAY, notice, within_m=700.0)
    settled = decided(undecided, [said], DAY)
    assert settled is not None
    assert settled.where == Where("river", within_m=700.0, undecided=False)
    assert (settled.open, settled.open_text, settled.decisions) == (None, None, (said,))
    assert decided(undecided, [said], EARLIER) == undecided
    assert decided(undecided, [dataclasses.replace(said, rule="other")], DAY) == undecided
    confirmed = decided(undecided, [dataclasses.replace(said, word="confirmed", within_m=None)], DAY)
    assert confirmed is not None
    assert (confirmed.open, confirmed.where) == (None, undecided.where)
    assert decided(undecided, [dataclasses.replace(said, word="repealed")], DAY) is None
    kept = decided(undecided, [dataclasses.replace(said, word="continued")], DAY)
    assert kept is not None
    assert kept.open == "substance"


def test_the_first_day_of_the_rules_is_decided_and_the_day_before_is_refused() -> None:
    first = RULES.scope.known_from
    assert run(SITE, project(), world(), first).question.as_of == first
    before = first - dt.timedelta(days=1)
    with pytest.raises(BadProject) as caught:
        run(SITE, project(), world(), before)
    assert caught.value.type == "as-of-too-early"
    assert caught.value.where == {"field": "as_of", "value": before.isoformat()}
