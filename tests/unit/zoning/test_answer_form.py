"""What programs read of an answer keeps its names, its units and its rounding; each piece is shown whole."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from typing import Any

import pytest
import shapely

from tests.unit.zoning.scenes import feature
from tests.unit.zoning.test_access import UNIT, clause, listed
from tests.unit.zoning.test_check import RULES, SITE, THEN, project, run, world
from zoning.access import ClauseSource
from zoning.answer import document
from zoning.applicable import facts_at
from zoning.attributes import declared
from zoning.bilingual import Bilingual
from zoning.canonical import canonical_json
from zoning.condition import TRUE
from zoning.conformity import answered, rule_of
from zoning.examine import Examination
from zoning.finding import REASONS, Contribution, Finding, Part
from zoning.identity import ENGINE, Question, identity
from zoning.owner_decision import Instrument, OwnerDecision
from zoning.project import Project
from zoning.questions import answers, beyond_the_counties
from zoning.rule import Cite, Period, Source, Where
from zoning.search import Search
from zoning.terms import UnitClass

NOTICE = Instrument(
    "notice", Bilingual("继续执行", "It continues"), Bilingual("县政府", "The county"), "1号", dt.date(2026, 2, 20)
)
NOTICE_WRITTEN = {
    "kind": "notice",
    "kind_title": {"zh": "通知", "en": "notice"},
    "title": {"zh": "继续执行", "en": "It continues"},
    "issuer": {"zh": "县政府", "en": "The county"},
    "number": "1号",
    "date": "2026-02-20",
}
PLAN = Source(
    id="a-plan",
    title=Bilingual("某规划", "A plan"),
    number=None,
    issuer=Bilingual("县政府", "The county"),
    status="planning",
    in_force=Period(None, None),
    file=None,
)


def test_the_document_behind_a_decision_is_written_whole() -> None:
    assert NOTICE.as_dict() == NOTICE_WRITTEN
    assert NOTICE.label() == Bilingual(
        "县政府《继续执行》（1号，2026-02-20）", "It continues (The county, 1号, 2026-02-20)"
    )


def test_a_decision_is_written_with_its_day_its_metres_and_its_note() -> None:
    since = dt.date(2026, 3, 1)
    distance = OwnerDecision("r", "parameter", since, NOTICE, 500.0, Bilingual("注", "note"))
    assert distance.as_dict() == {
        "decision": "parameter",
        "from": "2026-03-01",
        "parameters": {"within_m": 500.0},
        "document": NOTICE_WRITTEN,
        "note": {"zh": "注", "en": "note"},
        "label": {
            "zh": "自 2026-03-01 起距离定为 500 米：县政府《继续执行》（1号，2026-02-20）",
            "en": "since 2026-03-01 its distance is 500 m: It continues (The county, 1号, 2026-02-20)",
        },
    }
    bare = OwnerDecision("r", "continued", since, NOTICE).as_dict()
    assert (bare["parameters"], bare["note"]) == ({}, None)


def test_a_citation_says_line_article_or_that_it_is_to_be_added() -> None:
    assert Cite(PLAN, "L239", "严禁").as_dict() == {
        "source": "a-plan",
        "at": "L239",
        "quote": "严禁",
        "open": False,
        "label": {"zh": "《某规划》第239行", "en": "A plan, line 239"},
    }
    assert Cite(PLAN, "12", None).label() == Bilingual("《某规划》第12条", "A plan, art. 12")
    to_be_added = Bilingual("《某规划》条款号待补", "A plan, article number to be added")
    assert Cite(PLAN, "12", None, open=True).label() == Cite(PLAN, None, None).label() == to_be_added


def test_a_part_carries_only_what_was_measured_and_always_its_county() -> None:
    area = Part("1", None, 0.12345678, area_m2=1234.567)
    assert area.as_dict() == {"parcel": "1", "county": None, "area_m2": 1234.57, "share": 0.123457}
    stretch = Part("2", "140824", 1.0, length_m=10.004, from_m=1200.006, to_m=1210.01, line_part=1)
    assert stretch.as_dict() == {
        "parcel": "2",
        "county": "140824",
        "length_m": 10.0,
        "from_m": 1200.01,
        "to_m": 1210.01,
        "share": 1.0,
        "part": 1,
        "from": "K1+200.01",
        "to": "K1+210.01",
    }


def test_a_finding_is_written_whole_and_rounded_to_what_was_measured() -> None:
    rule = next(r for r in RULES.rules if r.id == "jishan-239-fen-1km")
    line = shapely.LineString([(110.98, 35.6), (110.99, 35.6)])
    met = feature("river", "R-FEN", line, name="汾河", class_="main", properties={"name_en": "Fen"}, accuracy_m=2000.0)
    found = Finding(
        rule=rule,
        contribution=Contribution("unknown", "prohibited", ("accuracy", "attribute"), frozenset({"b", "a"}), True),
        layer="river",
        feature=met,
        relation="within_distance",
        margin_m=12.3456,
        cites=(Cite(PLAN, "L239", "严禁"),),
        legal_status="reference",
        search=Bilingual("已查", "searched"),
        margin_beyond_m=8000.004,
        blur_m=2500.004,
        parts=(Part("1", None, 1.0),),
        overlap_dimension=1,
        overlap_size=77.777,
        share_of_site=0.12345678,
        share_of_feature=0.87654321,
        distance_m=987.654,
        crossings=((110.98, 35.6),),
        alongside={"stretches": [{"from_m": 0.0}], "crossed_at": [{"at_m": 1.0}]},
        geometry=line,
        needs=({"zh": "许可", "en": "a permit"},),
        changes_if=(Bilingual("再测", "measure again"),),
    )
    assert found.as_dict() == {
        "rule": "jishan-239-fen-1km",
        "title": rule.title.as_dict(),
        "demand": rule.demand.as_dict(),
        "effect": "prohibit",
        "outcome": "unknown",
        "at_worst": "prohibited",
        "layer": "river",
        "feature": {
            "code": "R-FEN",
            "name": "汾河",
            "name_en": "Fen",
            "class": "main",
            "accuracy_m": 2000.0,
            "legal_status": "statutory",
        },
        "relation": "within_distance",
        "certainty": "uncertain",
        "reasons": [{"reason": r, "text": REASONS[r].as_dict()} for r in ("accuracy", "attribute")],  # type: ignore[index]
        "search": {"zh": "已查", "en": "searched"},
        "missing": ["a", "b"],
        "margin_m": 12.35,
        "margin_beyond_m": 8000.0,
        "accuracy_m": 2500.0,
        "parts": [{"parcel": "1", "county": None, "share": 1.0}],
        "overlap_m2": None,
        "overlap_m": 77.78,
        "share_of_site": 0.123457,
        "share_of_feature": 0.876543,
        "distance_m": 987.65,
        "crossings": [[110.98, 35.6]],
        "stretches": [{"from_m": 0.0}],
        "crossed_at": [{"at_m": 1.0}],
        "geometry": {"type": "LineString", "coordinates": [[110.98, 35.6], [110.99, 35.6]]},
        "needs": [{"zh": "许可", "en": "a permit"}],
        "documents_named": True,
        "changes_if": [{"zh": "再测", "en": "measure again"}],
        "legal_status": "reference",
        "cites": [Cite(PLAN, "L239", "严禁").as_dict()],
        "decisions": [],
        "open": None,
    }
    bare = Finding(rule, Contribution("prohibited", "prohibited"), None, None, "inside", None, (), "planning")
    said = bare.as_dict()
    assert said["certainty"] == "certain"
    empty = ("feature", "search", "margin_m", "overlap_m2", "overlap_m", "share_of_site", "distance_m", "geometry")
    assert [said[key] for key in empty] == [None] * len(empty)
    assert said["stretches"] == said["crossed_at"] == []


def test_an_overlap_of_areas_is_in_square_metres_and_a_shape_is_written_once() -> None:
    over = feature("redline", "RL-1", shapely.box(110.98, 35.6, 110.99, 35.61))
    rule = RULES.rules[0]
    shape = shapely.box(110.98, 35.6, 110.985, 35.605)
    found = Finding(
        rule, Contribution("clear", "clear"), "redline", over, "overlap", None, (), "statutory",
        overlap_dimension=2, overlap_size=12.341, geometry=shape,
    )  # fmt: skip
    shapes: dict[int, dict[str, object]] = {}
    first, again = found.as_dict(shapes), found.as_dict(shapes)
    assert (first["overlap_m2"], first["overlap_m"]) == (12.34, None)
    assert first["geometry"] is again["geometry"]
    assert list(shapes) == [id(shape)]


def test_what_an_answer_holds_beside_its_findings() -> None:
    said = document(run(SITE, project(), world()))
    assert set(said) == {
        "id", "number", "verdict", "at_worst", "basis", "demonstration", "certainty", "sentence", "lines", "release",
        "release_date", "rules_hash", "engine", "as_of", "project", "site", "route", "findings", "duties", "clauses",
        "searched", "not_searched", "not_known", "eia_hint", "rules_considered", "rules_not_in_scope",
    }  # fmt: skip
    assert [s["features"] for s in said["searched"] if s["layer"] == "control_unit"] == [
        [
            {
                "code": "ZH14082439001",
                "name": "ZH14082439001",
                "name_en": None,
                "class": "3",
                "relation": "inside",
                "overlap_m2": 999999.95,
                "share_of_site": 1.0,
            }
        ]
    ]


def test_a_question_still_open_names_its_unit_and_what_either_answer_brings() -> None:
    (asked,) = document(run(SITE, project("C2521", "expand"), world()))["not_known"]
    assert asked == {
        "what": "net_new_capacity",
        "kind": "attribute",
        "text": declared()["net_new_capacity"].question.as_dict(),
        "unit": "t/a",
        "outcomes": {
            "<= 0": {"verdict": "attention", "at_worst": "attention"},
            "> 0": {"verdict": "prohibited", "at_worst": "prohibited"},
        },
    }


def test_a_layer_not_held_is_an_open_point_with_what_it_may_bring() -> None:
    held = document(run(SITE, project(), world(redline=None)))["not_known"]
    (missing,) = [item for item in held if item["what"] == "redline"]
    assert missing["what"] == "redline"
    assert missing["kind"] == "not_searched"
    assert missing["outcomes"] == {"confirmed": "prohibited", "refuted": "no_effect"}


def test_ground_in_no_county_is_said_in_hectares_metres_or_points() -> None:
    assert beyond_the_counties(0.0, 2) == []
    (area,) = beyond_the_counties(12_345.0, 2)
    assert (area["what"], area["kind"], area["outcomes"]) == ("county", "outside", {"at_worst": "prohibited"})
    said = [beyond_the_counties(size, d)[0]["text"] for size, d in ((12_345.0, 2), (700.4, 1), (2.0, 0))]
    assert [text["zh"].split("选址有 ")[1].split(" 在")[0] for text in said] == ["1.23 公顷", "700 米", "2 个点"]
    assert [text["en"].split(" of the site")[0] for text in said] == ["1.23 ha", "700 m", "2 points"]


# --- the access list ---------------------------------------------------------------------------------------------------
def test_a_clause_and_its_unit_are_written_whole() -> None:
    terms = {"effect": "prohibit", "industries": ["coking"], "when": {"attribute": "net_new_capacity", "over": 0}}
    one = clause(
        terms, valid=Period(dt.date(2020, 1, 1), None), unit_class=UnitClass.GENERAL, legal_status="illustrative"
    )
    (unit,) = document(run(SITE, project("C2521"), listed(one)))["clauses"]
    said = {
        "clause": f"{UNIT}:one",
        "code": UNIT,
        "level": "unit",
        "dimension": "space",
        "unit_class": "general",
        "text": {"zh": "条款", "en": "clause"},
        "source": {
            "id": "list",
            "title": {"zh": "清单", "en": "List"},
            "at": "3",
            "label": {"zh": "《清单》第3条", "en": "List, art. 3"},
        },
        "legal_status": "illustrative",
        "terms": terms,
        "valid": ["2020-01-01", None],
    }
    assert one.as_dict() == said
    assert ClauseSource.of(one.source.as_dict()) == one.source
    answered_ = {
        **said,
        "answer": "to_verify",
        "answer_text": {"zh": "待核实", "en": unit["dimensions"]["space"][0]["answer_text"]["en"]},
        "reason": {
            "zh": "缺项目资料：net_new_capacity。",
            "en": "A fact about the project is missing: net_new_capacity.",
        },
        "missing": ["net_new_capacity"],
        "decides": False,
    }
    assert unit == {
        "code": UNIT,
        "name": {"zh": UNIT, "en": None},
        "class": "general",
        "class_title": unit["class_title"],
        "legal_status": "statutory",
        "certainty": "certain",
        "share_of_site": 1.0,
        "provided": True,
        "notes": [
            {
                "zh": "示意条款，由规划文本推得，不是官方清单，不影响结论。",
                "en": "Illustrative clauses derived from plans, no official list; they do not decide.",
            }
        ],
        "dimensions": {"space": [answered_], "pollution": [], "risk": [], "resources": []},
    }
    assert set(unit["class_title"]) == {"zh", "en"}


FUEL = {"attribute": "fuel", "is": "gas"}
PERMIT = {"kind": "energy_review", "number": "1", "date": "2024-01-02"}


@pytest.mark.parametrize(
    ("terms", "what", "answer", "reason", "missing"),
    [
        (None, project(), "to_verify", "A person has to read the clause and compare it.", ()),
        ({"activities": ["close"]}, project(), "not_concerned", "The clause concerns", ()),
        ({"industries": ["coking"]}, project(), "not_concerned", "The clause concerns", ()),
        ({"effect": "prohibit", "when": FUEL}, project("C2521"), "to_verify", "A fact about the project is missing: fuel.", ("fuel",)),
        ({"effect": "prohibit", "unless": FUEL}, project("C2521", fuel="gas"), "not_concerned", "By what the project", ()),
        (
            {"effect": "prohibit", "industries": ["coking"], "unless": FUEL},
            project("C2521", fuel="gas"), "conforms", "The clause concerns it, and by what the project says it keeps within.", (),
        ),
        ({"effect": "require", "industries": ["coking"], "when": FUEL}, project("C2521", fuel="coal"), "not_concerned", "By what the", ()),
        ({"effect": "prohibit"}, project(), "violates", "The clause does not allow such a project.", ()),
        ({"effect": "phase_out"}, project(), "violates", "The clause phases such projects out.", ()),
        ({"effect": "phase_out"}, project("C2521", "close"), "conforms", "The clause phases such projects out, and this one closes", ()),
        ({"effect": "restrict", "needs": ["energy_review"]}, project(), "violates", "First needed: ", ()),
        ({"effect": "restrict", "needs": ["energy_review"]}, project(documents=[PERMIT]), "to_verify", "The documents are named", ()),
        ({"effect": "require"}, project(), "to_verify", "Documents have to prove that the requirement is met.", ()),
        ({"effect": "require", "met": FUEL}, project("C2521"), "to_verify", "A fact about the project is missing: fuel.", ("fuel",)),
        ({"effect": "require", "met": FUEL}, project("C2521", fuel="gas"), "conforms", "By what the project says the requirement", ()),
        ({"effect": "require", "met": FUEL}, project("C2521", fuel="coal"), "violates", "By what the project says the requirement", ()),
    ],
)  # fmt: skip
def test_every_answer_of_a_clause_says_why(
    terms: dict[str, Any] | None, what: Project, answer: str, reason: str, missing: tuple[str, ...]
) -> None:
    said = answered(clause(terms), facts_at(what, SITE), what, THEN)
    assert (said.answer.value, said.missing) == (answer, frozenset(missing))
    assert said.reason.en.startswith(reason)
    assert said.reason.zh


def test_a_ban_in_a_unit_that_is_perhaps_not_entered_is_to_be_verified_for_both_reasons() -> None:
    said = answered(clause({"effect": "prohibit"}), facts_at(project(), SITE), project(), THEN, certain=False)
    assert said.answer.value == "to_verify"
    assert said.reason == Bilingual(
        "条款不允许这样的项目。选址是否进入本单元在制图精度之内，不能确定。",
        "The clause does not allow such a project. Whether the site enters this unit is within the accuracy of the boundary.",
    )


def test_a_clause_as_a_rule_keeps_its_terms_its_place_and_its_days() -> None:
    days = Period(dt.date(2020, 1, 1), dt.date(2030, 1, 1))
    terms = {
        "effect": "require", "industries": ["coking"], "activities": ["new"],
        "when": {"attribute": "net_new_capacity", "over": 0}, "unless": {"attribute": "tailings_pond", "is": True}, "met": FUEL,
    }  # fmt: skip
    own = rule_of(clause(terms, valid=days))
    assert (own.id, own.effect, own.bound_to, own.jurisdiction) == (f"clause:{UNIT}:one", "require", "place", "140824")
    assert own.where == Where("control_unit", {"code": (UNIT,)})
    assert (own.industries, own.activities, own.unless) == (("coking",), ("new",), terms["unless"])
    assert own.when == {"all": [terms["when"], {"not": FUEL}]}
    assert (own.in_force, own.plan_period, own.open) == (days, None, None)
    (cited,) = own.cites
    assert (cited.at, cited.open, cited.source.in_force, cited.source.status) == ("3", False, days, "planning")
    of_city = rule_of(clause({"effect": "prohibit"}, code="140800", unit_class=UnitClass.PRIORITY))
    assert (of_city.jurisdiction, of_city.where, of_city.when) == (
        "140800",
        Where("control_unit", {"class": ("1",)}),
        None,
    )
    assert rule_of(clause({"effect": "prohibit"}, code="140800")).where == Where("control_unit", {})


# --- the address -------------------------------------------------------------------------------------------------------
def test_the_id_of_a_check_is_the_hash_of_what_was_asked_and_of_nothing_else() -> None:
    what = project("C2521", net_new_capacity=0)
    said = {
        "site": hashlib.sha256(SITE.canonical_wkb()).hexdigest(),
        "parcels": [["1", hashlib.sha256(shapely.to_wkb(shapely.normalize(SITE.geometry), byte_order=1)).hexdigest()]],
        "site_accuracy_m": 0.0,
        "half_width_m": None,
        "axis": None,
        "project": what.as_dict(),
        "as_of": THEN,
        "release": 7,
        "rules": "abc",
        "engine": dict(ENGINE),
    }
    expected = hashlib.sha256(canonical_json(said).encode()).hexdigest()
    assert identity(Question(SITE, what, THEN), 7, "abc") == expected


def test_what_is_open_is_said_with_its_text_if_it_has_one() -> None:
    for what, text, said in (
        ("substance", Bilingual("丙", "c"), {"what": "substance", "text": {"zh": "丙", "en": "c"}}),
        ("citation", None, {"what": "citation", "text": None}),
    ):
        rule = dataclasses.replace(RULES.rules[0], open=what, open_text=text)
        found = Finding(rule, Contribution("clear", "clear"), None, None, "inside", None, (), "planning")
        assert found.as_dict()["open"] == said


def test_the_answers_worth_telling_apart_are_yes_and_no_each_choice_and_each_side_of_a_threshold() -> None:
    assert list(answers("tailings_pond", [])) == [("true", True), ("false", False)]
    fuels = declared()["fuel"].values
    assert list(answers("fuel", [])) == [(value, value) for value in fuels]
    rules = [
        dataclasses.replace(RULES.rules[0], when={"attribute": "net_new_capacity", "over": n}, unless=None)
        for n in (5, 3, 5)
    ]
    looked = [Examination(rule, TRUE, None, Search("county", "searched"), ()) for rule in rules]
    assert list(answers("net_new_capacity", looked)) == [("<= 3", 3), ("> 3", 4), ("<= 5", 5), ("> 5", 6)]
