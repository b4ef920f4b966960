"""Whatever is wrong with rules, decisions or the account is said at its own line, in both languages, by small texts alone."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any

import pytest

from zoning.bilingual import Bilingual
from zoning.condition import Facts
from zoning.coverage import account_of
from zoning.decided import decisions_of
from zoning.errors import Problem, wrong_rules
from zoning.industry_group import lint_groups
from zoning.marked import Spot, marked
from zoning.rule import Cite, Period, Rule, Source, Where
from zoning.rule_file import rules_of, scope_of, sources_of
from zoning.rule_form import form_problems, quote_problems
from zoning.rulebook import NEVER_OUT_OF_SCOPE, RuleError, load, load_texts

PLAN = Source(
    "plan", Bilingual("规划", "Plan"), None, Bilingual("县", "County"), "planning", Period(None, None), "p.txt"
)
TEXT = """rules:
  - id: r
    title: {zh: 甲, en: a}
    demand: {zh: 乙, en: b}
    effect: prohibit
    where: {layer: river, filter: {name: 汾河}, within_m: 1000}
    industries: [coking]
    activities: [new]
    jurisdiction: '140824'
    cites:
      - {source: plan, at: L1, quote: 严禁}
"""


def one_language_each(problems: Iterable[Problem]) -> list[tuple[int | None, str]]:
    """Line and English of every problem; each is also said in Chinese."""
    found = list(problems)
    assert all(isinstance(p.text.zh, str) and re.search(r"[一-鿿]", p.text.zh) for p in found), found
    return [(p.line, p.text.en) for p in found]


def looked_at(text: str) -> list[Problem]:
    """Everything wrong with the rules of one file, by themselves."""
    found: list[Problem] = []
    for rule, spot, wrong in rules_of(marked("f.yaml", text), {"plan": PLAN}):
        found += wrong if rule is None else form_problems(rule, spot, {"river", "county"})
        assert spot.rule in ("r", None)
    assert all(p.file == "f.yaml" for p in found)
    return found


def rule(text: str = TEXT) -> Rule:
    (read,) = [rule for rule, _, _ in rules_of(marked("f.yaml", text), {"plan": PLAN})]
    assert read is not None
    return read


def test_a_sound_rule_is_read_as_it_stands() -> None:
    assert looked_at(TEXT) == []
    assert rule() == Rule(
        id="r",
        title=Bilingual("甲", "a"),
        demand=Bilingual("乙", "b"),
        effect="prohibit",
        where=Where("river", {"name": ("汾河",)}, 1000.0),
        industries=("coking",),
        activities=("new",),
        when=None,
        unless=None,
        needs=(),
        jurisdiction="140824",
        bound_to="place",
        in_force=Period(None, None),
        plan_period=None,
        open=None,
        open_text=None,
        cites=(Cite(PLAN, "L1", "严禁"),),
        file="f.yaml",
        line=2,
    )
    more = rule(
        TEXT.replace("    where: {layer: river, filter: {name: 汾河}, within_m: 1000}\n", "")
        + "    when: {attribute: fuel, is: coal}\n    unless: {attribute: tailings_pond, is: true}\n"
        + "    in_force: [2020-01-01, null]\n    plan_period: [null, 2025-12-31]\n    open: substance\n"
        + "    open_text: {zh: 丙, en: c}\n    entries: [J-R001]\n"
    )
    assert (more.where, more.bound_to, more.entries) == (None, "area", ("J-R001",))
    assert (more.when, more.unless) == (
        {"attribute": "fuel", "is": "coal"},
        {"attribute": "tailings_pond", "is": True},
    )
    assert more.in_force == Period(dt.date(2020, 1, 1), None)
    assert more.plan_period == Period(None, dt.date(2025, 12, 31))
    assert (more.open, more.open_text) == ("substance", Bilingual("丙", "c"))
    assert rule(TEXT.replace("{name: 汾河}, within_m: 1000", "{name: [汾河, 沁河]}")).where == Where(
        "river", {"name": ("汾河", "沁河")}
    )
    open_ = TEXT.replace("within_m: 1000", "within_m: null, up_to_m: 500")
    assert rule(open_).where == Where("river", {"name": ("汾河",)}, 500.0, undecided=True)
    assert rule(TEXT.replace("at: L1, quote: 严禁", "at: 12, open: true")).cites == (Cite(PLAN, "12", None, open=True),)


QUOTES = "; one with a comma or colon stands in quotes"
NO_DISTANCE = "where the text names no distance write within_m: null with up_to_m (how far out the answer stays open)"
KINDS = "unknown kind of document rumour; known: law, plan, decision, approval, notice, announcement, reply"
METRES = "parameters is {within_m: a number of metres}"
WRONG = [
    ("effect: prohibit", "effect: forbid", 5, "unknown effect forbid"),
    ("layer: river", "layer: canal", 6, "unknown layer canal; see scope.yaml"),
    ("'140824'", "'14082'", 9, "jurisdiction 14082 is neither an admin code nor yellow_river"),
    ("'140824'", "somewhere", 9, "jurisdiction somewhere is neither an admin code nor yellow_river"),
    ("    cites:", "    open: perhaps\n    cites:", 10, "unknown kind of open: perhaps"),
    ("    cites:", "    open: substance\n    cites:", 10, "open substance says what is open (open_text)"),
    ("within_m: 1000", "within_m: null, up_to_m: 5", 6, "a rule without its distance has open: substance"),
    ("    cites:", "    bound_to: heaven\n    cites:", 10, "unknown binding heaven"),
    ("    industries: [coking]", "    bound_to: sector", 7, "bound to a sector, but no industries named"),
    ("    where: {layer: river, filter: {name: 汾河}, within_m: 1000}", "    bound_to: place", 6, "bound to a place, but no place named"),
    ("effect: prohibit", "effect: restrict", 5, "a restriction names the document that is needed"),
    ("    effect: prohibit", "    needs: [energy_review]\n    effect: prohibit", 5, "only a restriction needs documents"),
    ("    effect: prohibit", "    needs: [energy_review, x]\n    effect: restrict", 5, "unknown document kind x"),
    ("    cites:\n      - {source: plan, at: L1, quote: 严禁}", "    cites: []", 10, "cites nothing"),
    ("quote: 严禁", f"quote: {'严' * 61}", 11, "quote longer than 60 characters"),
    ("at: L1, quote: 严禁", "open: false", 11, "a citation without a place must be open"),
    ("at: L1", "at: Lx", 11, "a line is written as L239"),
    ("at: L1, quote", "open: true, quote", 11, "a quote without a text or a place to check it at"),
    ("    cites:", "    when: {colour: red}\n    cites:", 10, "not a condition: {'colour': 'red'}"),
    ("    cites:", "    unless: {colour: red}\n    cites:", 10, "not a condition: {'colour': 'red'}"),
    ("activities: [new]", "activities: [dream]", 8, "unknown activity dream"),
    ("industries: [coking]", "industries: [bakery]", 7, "unknown industry group bakery"),
    ("    cites:", "    when: {attribute: mood, is: x}\n    cites:", 10, "unknown attribute mood"),
    ("    cites:", "    unless: {attribute: mood, is: x}\n    cites:", 10, "unknown attribute mood"),
    ("effect: prohibit", "effect: phase_out\n    unless: {activity: [close]}", None, None),
    ("industries: [coking]\n    activities: [new]", "activities: [close]\n    industries: [coking]", None, None),
    ("id: r", "id: r\n    colour: red", 3, None),
    ("    effect: prohibit\n", "", 2, "lacks effect"),
    ("industries: [coking]", "industries: coking", 7, "industries must be a list"),
    ("activities: [new]", "activities: new", 8, "activities must be a list"),
    ("    cites:", "    needs: x\n    cites:", 10, "needs must be a list"),
    ("    cites:", "    entries: x\n    cites:", 10, "entries must be a list"),
    ("title: {zh: 甲, en: a}", "title: 甲", 3, "title needs texts zh and en and nothing else" + QUOTES),
    ("demand: {zh: 乙, en: b}", "demand: {zh: 乙}", 4, "demand needs texts zh and en and nothing else" + QUOTES),
    ("    cites:", "    open_text: x\n    cites:", 10, "open_text needs texts zh and en and nothing else" + QUOTES),
    ("    cites:", "    in_force: soon\n    cites:", 10, "in_force is [date or null, date or null]"),
    ("    cites:", "    plan_period: [1]\n    cites:", 10, "plan_period is [date or null, date or null]"),
    ("    cites:\n      - {source: plan, at: L1, quote: 严禁}", "    cites: x", 10, "cites must be a list"),
    ("source: plan", "source: rumour", 11, "unknown source rumour"),
    ("source: plan, at", "at", 11, "lacks source"),
    ("layer: river, ", "", 6, "lacks layer"),
    ("within_m: 1000", "up_to_m: 5", 6, NO_DISTANCE),
    ("within_m: 1000", "within_m: null", 6, NO_DISTANCE),
    ("within_m: 1000", "within_m: true", 6, "within_m is a number of metres, got True"),
    ("within_m: 1000", "within_m: far", 6, "within_m is a number of metres, got 'far'"),
    ("within_m: 1000", "within_m: -1", 6, "within_m below 0"),
    ("within_m: 1000", "within_m: null, up_to_m: -1", 6, "up_to_m below 0"),
    ("within_m: 1000", "within_m: null, up_to_m: null", 6, "up_to_m is a number of metres, got None"),
    ("{name: 汾河}", "汾河", 6, "filter must be a mapping"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "message"), WRONG)
def test_each_thing_wrong_with_a_rule_is_said_at_its_line(
    old: str, new: str, line: int | None, message: str | None
) -> None:
    assert old in TEXT
    found = one_language_each(looked_at(TEXT.replace(old, new, 1)))
    if line is None:
        assert found == [] or found[0][1].startswith("can never have an effect")
    elif message is None:
        assert found[0][0] == line
        assert found[0][1].startswith("unknown keys: colour; known: activities, bound_to, cites,")
    else:
        assert found[0] == (line, message)


def test_a_ban_on_what_it_never_touches_has_no_effect() -> None:
    text = TEXT.replace("effect: prohibit", "effect: phase_out").replace("[new]", "[close, restore]")
    assert one_language_each(looked_at(text)) == [(8, "can never have an effect: its activities all end in clear")]
    assert looked_at(text.replace("[close, restore]", "[close, operate]")) == []


@pytest.mark.parametrize(
    ("place", "text", "stands"),
    [
        ("L1", "严禁建设\n第二行", True),
        ("L2", "严禁建设\n第二行", False),
        ("L2", "第一行\n严禁建设", True),
        ("L9", "严禁建设", False),
        ("12", "第十二条　第一行\n严禁建设", True),
        ("12", "第十一条　严禁建设\n第十二条　第一行", False),
        ("12", "严禁建设", False),
    ],
)
def test_a_quote_is_looked_for_at_its_line_or_in_its_own_article(place: str, text: str, stands: bool) -> None:
    read = marked("f.yaml", TEXT.replace("at: L1", f"at: {place}"))
    ((own, spot, _),) = rules_of(read, {"plan": PLAN})
    assert own is not None
    said = one_language_each(quote_problems(own, spot, {"p.txt": text}))
    assert said == ([] if stands else [(11, f"the quote does not stand in p.txt at {place}")])
    assert list(quote_problems(own, spot, {})) == []


def test_a_file_of_rules_is_a_list_of_rules() -> None:
    for text, message in (
        ("rules: x\n", "f.yaml:1: rules must be a list"),
        ("rule: []\n", "f.yaml:1: unknown keys: rule; known: rules\nf.yaml:1: lacks rules"),
        ("[]\n", "f.yaml:1: must be a mapping of keys, got []"),
        ("rules: [\n", "f.yaml:2: not valid YAML: "),
        ("rules: []\nrules: []\n", "f.yaml:2: key rules stands twice"),
        ("rules:\n  - a: 1\n    a: 2\n", "f.yaml:3: key a stands twice"),
    ):
        with pytest.raises(RuleError) as caught:
            list(rules_of(marked("f.yaml", text), {}))
        assert caught.value.message.en.startswith(message)
        one_language_each(caught.value.problems)
    ((none, spot, problems),) = rules_of(marked("f.yaml", "rules:\n  - 7\n"), {})
    assert (none, spot.rule) == (None, None)
    assert one_language_each(problems) == [(2, "must be a mapping of keys, got 7")]


def test_all_problems_are_named_and_the_first_says_where() -> None:
    problems = [
        Problem("a.yaml", 3, "r", Bilingual("甲", "a")),
        Problem("b.yaml", None, None, Bilingual("乙", "b")),
    ]
    error = wrong_rules(problems)
    assert error.message == Bilingual("a.yaml:3: r：甲\nb.yaml：乙", "a.yaml:3: r: a\nb.yaml: b")
    assert (error.type, error.where) == ("rules-invalid", {"file": "a.yaml", "line": 3, "rule": "r"})
    assert error.problems == tuple(problems)


# --- sources and scope -------------------------------------------------------------------------------------------------
SOURCES = """sources:
  law:
    title: {zh: 法, en: Law}
    issuer: {zh: 人大, en: NPC}
    status: statutory
    number: 第1号
    in_force: [2020-01-01, null]
    file: laws/law.txt
    note: {zh: 注, en: note}
"""


def test_a_source_is_read_as_it_stands() -> None:
    assert sources_of(marked("sources.yaml", SOURCES)) == {
        "law": Source(
            "law", Bilingual("法", "Law"), "第1号", Bilingual("人大", "NPC"), "statutory",
            Period(dt.date(2020, 1, 1), None), "laws/law.txt", Bilingual("注", "note"),
        )
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("    status: statutory\n", "", 2, "lacks status"),
        ("    status", "    colour: x\n    status", 5, "unknown keys: colour"),
        ("{zh: 法, en: Law}", "法", 2, "needs texts zh and en and nothing else"),
        ("[2020-01-01, null]", "soon", 2, "a period is"),
        ("sources:", "source:", 1, "unknown keys: source; known: sources"),
    ],
)
def test_a_wrong_source_is_refused_at_its_line(old: str, new: str, line: int, message: str) -> None:
    with pytest.raises(RuleError) as caught:
        sources_of(marked("sources.yaml", SOURCES.replace(old, new, 1)))
    first = caught.value.problems[0]
    assert (first.file, first.line) == ("sources.yaml", line)
    assert first.text.en.startswith(message)
    assert isinstance(first.text.zh, str)


def test_the_scope_names_its_layers_in_order_and_its_first_day() -> None:
    text = "kinds: [county, river]\nknown_from: 2020-01-01\nleft_out:\n  lake: {zh: 湖, en: lake}\n"
    scope = scope_of(marked("scope.yaml", text))
    assert (scope.kinds, scope.known_from) == (("county", "river"), dt.date(2020, 1, 1))
    assert scope.left_out == {"lake": Bilingual("湖", "lake")}
    assert scope_of(marked("scope.yaml", "kinds: []\nknown_from: 2020-01-01\n")).left_out == {}
    for wrong, line, message in (
        ("kinds: []\n", 1, "lacks known_from"),
        ("kinds: []\nknown_from: soon\n", 2, "known_from must be a date"),
        ("kinds: 7\nknown_from: 2020-01-01\n", 1, "'int' object"),
        (text.replace("{zh: 湖, en: lake}", "湖"), 1, "needs texts zh and en"),
        (text.replace("kinds", "kind"), 1, "unknown keys: kind"),
    ):
        with pytest.raises(RuleError) as caught:
            scope_of(marked("scope.yaml", wrong))
        assert caught.value.problems[0].line == line
        assert caught.value.problems[0].text.en.startswith(message)
        assert caught.value.where["file"] == "scope.yaml"


# --- decisions ---------------------------------------------------------------------------------------------------------
DECISION = """decisions:
  - rule: r
    decision: continued
    from: 2026-03-01
    document:
      kind: notice
      title: {zh: 甲, en: a}
      issuer: {zh: 乙, en: b}
      number: ' 1号 '
      date: 2026-02-20
    note: {zh: 丙, en: c}
"""


def planned(**facts: Any) -> dict[str, Rule]:
    base = rule(TEXT + "    plan_period: [2021-01-01, 2025-12-31]\n")
    return {"r": Rule(**{**{f: getattr(base, f) for f in base.__dataclass_fields__}, **facts})}


def test_a_decision_is_read_as_it_stands() -> None:
    (one,), problems = decisions_of(marked("decisions.yaml", DECISION), planned())
    assert problems == []
    assert (one.rule, one.word, one.since, one.within_m) == ("r", "continued", dt.date(2026, 3, 1), None)
    assert one.note == Bilingual("丙", "c")
    held = one.document
    assert (held.kind, held.title, held.issuer) == ("notice", Bilingual("甲", "a"), Bilingual("乙", "b"))
    assert (held.number, held.date) == ("1号", dt.date(2026, 2, 20))
    assert decisions_of(None, {}) == ((), [])


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("rule: r", "rule: x", 2, "no rule x"),
        ("decision: continued", "decision: forgotten", 3, "unknown decision forgotten; known: continued, repealed, confirmed, parameter"),
        ("kind: notice", "kind: rumour", 6, KINDS),
        ("from: 2026-03-01", "from: soon", 4, "from is a date, as 2026-03-01"),
        ("date: 2026-02-20", "date: soon", 10, "date is a date, as 2026-03-01"),
        ("number: ' 1号 '", "number: ' '", 9, "the document's number is empty"),
        ("number: ' 1号 '", "number: null", 9, "the document's number is empty"),
        ("title: {zh: 甲, en: a}", "title: 甲", 7, "title needs texts zh and en and nothing else"),
        ("issuer: {zh: 乙, en: b}", "issuer: {zh: 乙}", 8, "issuer needs texts zh and en and nothing else"),
        ("note: {zh: 丙, en: c}", "note: 丙", 11, "note needs texts zh and en and nothing else"),
        ("    note", "    parameters: {within_m: 5}\n    note", 2, "a parameter decision, and only that, gives parameters"),
        ("decision: continued", "decision: parameter", 2, "a parameter decision, and only that, gives parameters"),
        ("decision: continued", "decision: parameter\n    parameters: {within_m: -1}", 4, METRES),
        ("decision: continued", "decision: parameter\n    parameters: {within_m: true}", 4, METRES),
        ("decision: continued", "decision: parameter\n    parameters: {within_m: 5, x: 1}", 4, METRES),
        ("decision: continued", "decision: parameter\n    parameters: 5", 4, METRES),
        ("decision: continued", "decision: parameter\n    parameters: {within_m: 0}", 3, "r has no undecided distance"),
        ("decision: continued", "decision: confirmed", 3, "nothing of r is open"),
        ("    from", "    colour: red\n    from", 4, "unknown keys: colour; known: decision, document, from, note, parameters, rule"),
        ("      kind: notice\n", "", 5, "lacks kind"),
        ("    from: 2026-03-01\n", "", 2, "lacks from"),
    ],
)  # fmt: skip
def test_each_thing_wrong_with_a_decision_is_said_at_its_line(old: str, new: str, line: int, message: str) -> None:
    said, problems = decisions_of(marked("decisions.yaml", DECISION.replace(old, new, 1)), planned())
    assert one_language_each(problems) == [(line, message)]
    assert all(p.file == "decisions.yaml" for p in problems)
    assert len(said) <= 1


def test_a_decision_needs_something_to_decide() -> None:
    read = marked("decisions.yaml", DECISION)
    assert one_language_each(decisions_of(read, planned(plan_period=None))[1]) == [
        (3, "r has no plan period to continue after")
    ]
    undecided = planned(where=Where("river", {}, 500.0, undecided=True), open="substance")
    confirmed = marked("decisions.yaml", DECISION.replace("continued", "confirmed"))
    assert one_language_each(decisions_of(confirmed, undecided)[1]) == [
        (3, "r has no distance: decide it with parameter")
    ]
    given = DECISION.replace("decision: continued", "decision: parameter\n    parameters: {within_m: 700}")
    (one,), problems = decisions_of(marked("decisions.yaml", given), undecided)
    assert (problems, one.within_m) == ([], 700.0)
    assert decisions_of(confirmed, planned(open="citation"))[1] == []


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (("continued", "2026-03-01"), ("continued", "2026-03-01"), "r is decided twice for the same day"),
        (("continued", "2026-03-01"), ("continued", "2026-03-02"), None),
        (("repealed", "2026-03-01"), ("continued", "2026-03-01"), "r is decided again after its repeal"),
        (("repealed", "2026-03-01"), ("continued", "2026-04-01"), "r is decided again after its repeal"),
        (("repealed", "2026-03-02"), ("continued", "2026-03-01"), None),
        (("continued", "2026-03-02"), ("repealed", "2026-03-01"), "r is decided again after its repeal"),
        (("continued", "2026-03-01"), ("repealed", "2026-03-02"), None),
        (("repealed", "2026-03-01"), ("repealed", "2026-03-02"), None),
    ],
)
def test_two_decisions_on_a_rule_stand_together_or_the_second_is_refused(
    first: tuple[str, str], second: tuple[str, str], message: str | None
) -> None:
    entry = DECISION.removeprefix("decisions:\n")
    text = "decisions:\n"
    for word, day in (first, second):
        text += entry.replace("continued", word).replace("2026-03-01", day)
    said, problems = decisions_of(marked("decisions.yaml", text), planned())
    assert one_language_each(problems) == ([(12, message)] if message else [])
    assert [d.since for d in said] == sorted(d.since for d in said)


def test_a_file_of_decisions_is_a_list() -> None:
    for text, message in (
        ("decisions: 7\n", "decisions must be a list"),
        ("x: []\n", "unknown keys: x; known: decisions"),
    ):
        said, problems = decisions_of(marked("decisions.yaml", text), {})
        assert said == ()
        assert one_language_each(problems)[0] == (1, message)


# --- the account -------------------------------------------------------------------------------------------------------
def accounted(text: str, entries: tuple[str, ...] = ("J-R045",)) -> tuple[Any, list[tuple[int | None, str]]]:
    own = planned(entries=entries)["r"]
    lines = TEXT + f"    entries: [{', '.join(entries)}]\n"
    spot = Spot(marked("f.yaml", lines), ("rules", 0), "r")
    account, problems = account_of(marked("not-encoded.yaml", text), [(own, spot)], {"law"})
    return account, one_language_each(problems)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("jishan-county:\n  J-R999: {reason: procedural}\n", 2, "jishan-county has no entry J-R999"),
        ("jishan-county:\n  S-R001: {reason: procedural}\n", 2, "jishan-county has no entry S-R001"),
        ("nowhere:\n  J-R001: {reason: procedural}\n", 1, "no plan or law nowhere; known: "),
        ("jishan-county: [J-R001]\n", 1, "no plan or law jishan-county; known: "),
        ("jishan-county:\n  J-R001: {reason: tedious}\n", 2, "unknown reason; known: "),
        ("jishan-county:\n  J-R001: {reason: duplicate}\n", 2, "a duplicate, and only that, says of which rule"),
        (
            "jishan-county:\n  J-R001: {reason: procedural, of: r}\n",
            2,
            "a duplicate, and only that, says of which rule",
        ),
        ("jishan-county:\n  J-R001: {reason: duplicate, of: x}\n", 2, "no rule x"),
        ("jishan-county:\n  J-R045: {reason: procedural}\n", 2, "rule r encodes it: it cannot be listed here too"),
        ("jishan-county:\n  J-R001: {of: r}\n", 2, "lacks reason"),
        ("law:\n  42: {reason: procedural}\n", 2, "write an article as art42: 42"),
    ],
)
def test_each_thing_wrong_with_the_account_is_said_at_its_line(text: str, line: int, message: str) -> None:
    account, found = accounted(text)
    ((at, said),) = found
    assert at == line
    assert said.startswith(message)
    assert (account.not_encoded, account.articles) == ({}, {})


def test_the_account_knows_what_is_encoded_and_what_is_not_and_why() -> None:
    account, found = accounted(
        "jishan-county:\n  J-R001: {reason: duplicate, of: r, note: {zh: 注, en: note}}\n  J-R002: {reason: procedural}\n"
        "law:\n  art42: {reason: procedural}\n  art43: {reason: procedural}\n"
    )
    assert found == []
    assert account.encoded == {"J-R045": ("r",)}
    first, second = account.not_encoded["J-R001"], account.not_encoded["J-R002"]
    assert (first.entry, first.reason, first.of, first.note) == ("J-R001", "duplicate", "r", Bilingual("注", "note"))
    assert (second.reason, second.of, second.note) == ("procedural", None, None)
    assert [one.entry for one in account.articles["law"]] == ["art42", "art43"]
    assert accounted("{}", ("J-R045", "J-R999"))[1] == [(12, "no plan entry J-R999")]


# --- industry groups ---------------------------------------------------------------------------------------------------
GROUP = {"title": {}, "members": ["C25"], "status": "confirmed", "source": {}}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({}, None),
        ({"colour": 1}, "a: unknown key colour"),
        ({"groups": ["b"]}, "a: unknown group b"),
        ({"members": []}, "a: no members"),
        ({"members": ["C25", "Z9"]}, "a: no code Z9"),
        ({"except": ["C26"]}, "a: C26 is not in it anyway"),
        ({"except": ["C252"]}, None),
        ({"status": "maybe"}, "a: unknown status maybe"),
        ({"status": "to_confirm"}, "a: to be confirmed, but no note says why"),
        ({"status": "to_confirm", "note": {}}, None),
    ],
)
def test_each_thing_wrong_with_a_group_is_said_by_its_name(change: dict[str, Any], message: str | None) -> None:
    assert lint_groups({"a": {**GROUP, **change}}, {"C25", "C252", "C26"}) == ([message] if message else [])


def test_every_group_is_looked_at_also_after_a_wrong_one() -> None:
    both = {"a": {**GROUP, "colour": 1}, "b": {**GROUP, "shape": 1}}
    assert lint_groups(both, {"C25"}) == ["a: unknown key colour", "b: unknown key shape"]


def test_every_citation_is_looked_at_and_each_part_at_its_own_line() -> None:
    cites = "      - source: plan\n        at: 3\n      - source: plan\n        at: L1\n        quote: 严禁\n"
    text = TEXT.replace("      - {source: plan, at: L1, quote: 严禁}\n", cites)
    ((own, spot, _),) = rules_of(marked("f.yaml", text), {"plan": PLAN})
    assert own is not None
    assert one_language_each(quote_problems(own, spot, {"p.txt": "别的"})) == [
        (15, "the quote does not stand in p.txt at L1")
    ]
    long = text.replace("quote: 严禁", f"quote: {'严' * 61}").replace("at: L1", "at: Lx")
    assert one_language_each(looked_at(long)) == [
        (15, "quote longer than 60 characters"),
        (14, "a line is written as L239"),
    ]


def test_a_rule_set_needs_its_sources_its_scope_and_the_layers_that_may_never_be_left_out() -> None:
    with pytest.raises(RuleError) as caught:
        load({})
    assert [p.file for p in caught.value.problems] == ["sources.yaml", "scope.yaml"]
    assert [p.text for p in caught.value.problems] == [Bilingual("缺少此文件", "the file is missing")] * 2
    scope: dict[str, Any] = {"kinds": ["county"], "known_from": dt.date(2020, 1, 1)}
    with pytest.raises(RuleError) as caught:
        load({"sources": {"sources": {}}, "scope": scope})
    assert {p.text.en for p in caught.value.problems} == {f"{k} may never be left out" for k in NEVER_OUT_OF_SCOPE}
    assert {p.text.zh for p in caught.value.problems} == {f"{k} 不得排除在核查范围之外" for k in NEVER_OUT_OF_SCOPE}
    empty = load({"sources": {"sources": {}}, "scope": {**scope, "kinds": ["county", *NEVER_OUT_OF_SCOPE]}})
    assert (empty.rules, empty.sources, empty.decisions) == ((), {}, ())
    twice = TEXT.replace("rules:\n", "") + TEXT.replace("rules:\n", "")
    texts = {
        "sources.yaml": SOURCES.replace("law:", "plan:"),
        "scope.yaml": f"kinds: [county, river, {', '.join(NEVER_OUT_OF_SCOPE)}]\nknown_from: 2020-01-01\n",
    }
    with pytest.raises(RuleError) as caught:
        load_texts({**texts, "f.yaml": f"rules:\n{twice}"})
    assert [(p.line, p.text.en) for p in caught.value.problems] == [(2, "id used twice"), (12, "id used twice")]
    book = load_texts({**texts, "f.yaml": TEXT})
    assert [r.id for r in book.rules] == ["r"]
    assert book.get("r") is book.rules[0]
    assert book.distances == {("river", 1000.0)}
    assert book.on(dt.date(2024, 1, 1)) == book.in_force(dt.date(2024, 1, 1)) == book.rules
    assert book.on(dt.date(2019, 1, 1)) == ()
    moved = load_texts({**texts, "f.yaml": TEXT.replace("within_m: 1000", "within_m: 999")})
    assert moved.hash != book.hash == load_texts({**texts, "f.yaml": TEXT}).hash


def test_rules_on_layers_left_out_are_kept_and_not_looked_at() -> None:
    kinds = ", ".join(k for k in ("county", *NEVER_OUT_OF_SCOPE) if k != "river")
    scope = f"kinds: [{kinds}]\nknown_from: 2020-01-01\nleft_out:\n  river: {{zh: 河, en: river}}\n"
    book = load_texts({"sources.yaml": SOURCES.replace("law:", "plan:"), "scope.yaml": scope, "f.yaml": TEXT})
    day = dt.date(2024, 1, 1)
    assert (book.on(day), book.dormant(day)) == ((), book.rules)
    coking = Facts("new", frozenset({"coking"}), {})
    assert book.possible(day, coking) == ((), book.rules)
    assert book.possible(day, Facts("new", frozenset(), {})) == ((), ())
