"""An owner's decision on a rule counts from its day, is cited in the finding, and leaves the rule file as it is."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import yaml

from tests.unit.zoning.scenes import box
from tests.unit.zoning.test_check import fen, project, site, world
from zoning.answer import document
from zoning.check import check, reach_m
from zoning.decision import Outcome
from zoning.identity import Question
from zoning.rulebook import Rulebook, RuleError, load_texts, packaged_texts, rulebook

TEXTS = packaged_texts()
RULE = "jishan-239-fen-1km"
BEFORE, LATER = dt.date(2026, 2, 28), dt.date(2026, 3, 1)
NEAR = box(100, 0, 300, 200)
HELD: dict[str, Any] = {
    "kind": "notice",
    "title": {"zh": "关于规划继续执行的通知", "en": "Notice that the plan continues"},
    "issuer": {"zh": "示例县人民政府", "en": "Example county government"},
    "number": "示政发〔2026〕1号",
    "date": dt.date(2026, 2, 20),
}


def decision(word: str, **more: Any) -> dict[str, Any]:
    return {"rule": RULE, "decision": word, "from": LATER, "document": HELD, **more}


def with_decisions(*decisions: dict[str, Any], rules: str | None = None) -> Rulebook:
    said = yaml.safe_dump({"decisions": list(decisions)}, allow_unicode=True, sort_keys=False)
    return load_texts({**TEXTS, "decisions.yaml": said, "jishan-plan.yaml": rules or TEXTS["jishan-plan.yaml"]})


UNDECIDED = TEXTS["jishan-plan.yaml"].replace(
    "within_m: 1000}",
    "within_m: null, up_to_m: 2000}\n    open: substance\n    open_text: {zh: 距离未定, en: no distance}",
    1,
)
"""The Fen rule as if its text left the distance out."""

OPEN = TEXTS["jishan-plan.yaml"].replace(
    "within_m: 1000}", "within_m: 1000}\n    open: substance\n    open_text: {zh: 待核实, en: to be settled}", 1
)


def found(book: Rulebook, day: dt.date, at: Any = NEAR) -> dict[str, Any]:
    """What a coking plant beside a surveyed Fen gets, and the finding of the Fen rule."""
    river = fen(accuracy_m=0.0, bound=0.0)
    evidence = world(river=river)
    said = document(check(Question(site(at), project("C2521", net_new_capacity=0), day), evidence, book))
    return next((f for f in said["findings"] if f["rule"] == RULE), {})


def outcome(book: Rulebook, day: dt.date, at: Any = NEAR) -> Outcome | None:
    return found(book, day, at).get("outcome")


def test_a_continued_rule_decides_again_from_that_day() -> None:
    book = with_decisions(decision("continued"))
    assert outcome(rulebook(), LATER) == "unknown"
    assert outcome(book, BEFORE) == "unknown"
    assert outcome(book, LATER) == "prohibited"


def test_a_finding_cites_the_decision_that_it_rests_on() -> None:
    book = with_decisions(decision("continued"))
    assert found(book, BEFORE)["decisions"] == []
    cited = found(book, LATER)["decisions"]
    assert [d["decision"] for d in cited] == ["continued"]
    assert "示政发〔2026〕1号" in cited[0]["label"]["zh"]
    assert "2026-03-01" in cited[0]["label"]["en"]


def test_a_repealed_rule_is_not_in_force_from_that_day() -> None:
    book = with_decisions(decision("repealed"))
    assert outcome(book, BEFORE) == "unknown"
    assert outcome(book, LATER) is None
    assert RULE in {rule.id for rule in book.rules}, "the rule itself stays"


def test_a_confirmed_rule_is_open_no_more() -> None:
    day = dt.date(2024, 6, 30)
    open_rules = with_decisions(rules=OPEN)
    settled = with_decisions(decision("confirmed", **{"from": dt.date(2024, 6, 1)}), rules=OPEN)
    assert outcome(open_rules, day) == "unknown"
    assert outcome(settled, day) == "prohibited"
    assert found(settled, day)["open"] is None


def test_a_distance_that_the_text_leaves_out_is_open_as_far_as_it_says_until_it_is_decided() -> None:
    day = dt.date(2024, 6, 30)
    near, far, beyond = box(700, 0, 900, 200), box(1500, 0, 1700, 200), box(2500, 0, 2700, 200)
    undecided = with_decisions(rules=UNDECIDED)
    decided = with_decisions(
        decision("parameter", parameters={"within_m": 800}, **{"from": dt.date(2024, 6, 1)}), rules=UNDECIDED
    )
    assert [outcome(undecided, day, at) for at in (near, far, beyond)] == ["unknown", "unknown", None]
    assert [outcome(decided, day, at) for at in (near, far, beyond)] == ["prohibited", None, None]


def test_evidence_reaches_as_far_as_any_decided_distance() -> None:
    book = with_decisions(decision("parameter", parameters={"within_m": 9000}), rules=UNDECIDED)
    metas = {"river": fen(accuracy_m=0.0, bound=0.0).meta}
    assert reach_m(book, metas, 0.0) > 9000


def test_a_decision_moves_the_hash_and_leaves_the_rule_alone() -> None:
    book = with_decisions(decision("continued"))
    assert book.hash != rulebook().hash
    assert book.get(RULE) == rulebook().get(RULE)


def without(key: str) -> dict[str, Any]:
    return {k: v for k, v in decision("continued").items() if k != key}


WRONG: list[tuple[str, list[dict[str, Any]], str]] = [
    ("unknown rule", [{**decision("repealed"), "rule": "no-such"}], "no rule no-such"),
    ("unknown word", [decision("forgotten")], "unknown decision forgotten"),
    ("unknown key", [decision("repealed", why="x")], "unknown keys: why"),
    ("no document", [without("document")], "lacks document"),
    ("no day", [without("from")], "lacks from"),
    ("no number", [decision("repealed", document={**HELD, "number": ""})], "number is empty"),
    (
        "unknown document",
        [decision("repealed", document={**HELD, "kind": "rumour"})],
        "unknown kind of document rumour",
    ),
    ("no date", [decision("repealed", document={**HELD, "date": "soon"})], "date is a date"),
    ("one language", [decision("repealed", document={**HELD, "title": {"zh": "甲"}})], "title needs texts"),
    ("nothing open", [decision("confirmed")], "nothing of jishan-239-fen-1km is open"),
    ("no plan period", [{**decision("continued"), "rule": "river-works-review"}], "has no plan period"),
    ("distance of the text", [decision("parameter", parameters={"within_m": 5})], "no undecided distance"),
    ("parameter without one", [decision("parameter")], "gives parameters"),
    ("parameters besides", [decision("repealed", parameters={"within_m": 5})], "gives parameters"),
    ("no number of metres", [decision("parameter", parameters={"within_m": "far"})], "a number of metres"),
    ("twice", [decision("continued"), decision("continued")], "decided twice"),
    ("after repeal", [decision("repealed"), decision("continued")], "after its repeal"),
]


@pytest.mark.parametrize(("decisions", "message"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG])
def test_a_wrong_decision_is_refused_with_file_and_line(decisions: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(RuleError, match=message) as caught:
        with_decisions(*decisions)
    assert caught.value.problems[0].file == "decisions.yaml"
    assert caught.value.problems[0].line


def test_an_undecided_distance_is_decided_not_confirmed() -> None:
    with pytest.raises(RuleError, match="decide it with parameter"):
        with_decisions(decision("confirmed"), rules=UNDECIDED)
