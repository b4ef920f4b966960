"""The access list: whom a clause binds, what it answers and why, and which clauses weigh in a verdict."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest
import shapely

from tests.unit.zoning.scenes import at, box, layer
from tests.unit.zoning.test_check import SITE, THEN, project, run, site, world
from zoning.access import Clause, ClauseSource, Terms, UnitCode, level_of, scopes_of
from zoning.answer import document
from zoning.applicable import facts_at
from zoning.bilingual import Bilingual
from zoning.canonical import canonical_json
from zoning.check import Check
from zoning.conformity import problems, rule_of, units_met
from zoning.evidence import Evidence
from zoning.examine import Examiner
from zoning.project import Project
from zoning.rule import Period
from zoning.terms import ClauseAnswer, Dimension, UnitClass

UNIT = "ZH14082439001"
COKING: dict[str, Any] = {"effect": "prohibit", "industries": ["coking"], "activities": ["new", "expand"]}


def clause(terms: dict[str, Any] | None = None, code: str = UNIT, **facts: Any) -> Clause:
    source = ClauseSource("list", Bilingual("清单", "List"), "3", Bilingual("《清单》第3条", "List, art. 3"))
    given: dict[str, Any] = {
        "id": f"{code}:one", "code": code, "dimension": Dimension.SPACE, "text": Bilingual("条款", "clause"),
        "source": source, "legal_status": "planning", "terms": Terms.of(terms),
    }  # fmt: skip
    return Clause(**{**given, **facts})


def listed(*clauses: Clause, on: Evidence | None = None) -> Evidence:
    by_code: dict[str, tuple[Clause, ...]] = {}
    for one in clauses:
        by_code[one.code] = (*by_code.get(one.code, ()), one)
    return dataclasses.replace(on or world(), clauses=by_code)


def answer(terms: dict[str, Any] | None, what: Project) -> tuple[str, str]:
    result = run(SITE, what, listed(clause(terms, legal_status="illustrative")))
    (unit,) = result.units
    (said,) = unit.answers
    return said.answer.value, said.reason.en


# --- codes -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code",
    ["", "ZH14082430001 ", "ZH1408243000", "ZH140824300012", "ZH14082440001", "ZH14082400001", "ZX14082430001",
     "zh14082430001", "ZH14080030001", "ZH14000010001", "140824", "14", "ＺＨ14082430001", "ZH١٤٠٨٢٤٣٠٠٠١"],
)  # fmt: skip
def test_what_is_no_scope_of_the_list_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="unit code"):
        level_of(code)
    assert scopes_of(code) == ()


def test_every_unit_code_says_its_county_city_province_and_class() -> None:
    for kind in UnitClass:
        code = UnitCode.of(f"ZH140824{kind.digit}0001")
        assert (code.county, code.city, code.province, code.unit_class) == ("140824", "140800", "140000", kind)
        assert str(code) == f"ZH140824{kind.digit}0001"


# --- whom a clause binds -----------------------------------------------------------------------------------------------


def bound(*clauses: Clause, as_of: dt.date = THEN) -> list[str]:
    (unit,) = run(SITE, project(), listed(*clauses), as_of).units
    return [a.clause.code for a in unit.answers]


def test_a_unit_is_bound_by_its_province_city_and_itself_in_this_order() -> None:
    found = bound(clause(code=UNIT), clause(code="140800"), clause(code="140000"))
    assert found == ["140000", "140800", UNIT]


def test_another_city_and_another_unit_do_not_bind() -> None:
    assert bound(clause(code="140500"), clause(code="ZH14082439002")) == []


def test_a_clause_for_a_class_binds_units_of_that_class_only() -> None:
    general = clause(code="140800", unit_class=UnitClass.GENERAL)
    assert bound(general, clause(code="140000", unit_class=UnitClass.PRIORITY)) == ["140800"]


def test_a_clause_binds_on_the_days_it_is_in_force() -> None:
    old = clause(valid=Period(dt.date(2020, 1, 1), dt.date(2024, 6, 29)))
    assert bound(old) == []
    assert bound(old, as_of=dt.date(2024, 6, 29)) == [UNIT]


def test_a_unit_without_clauses_of_its_own_says_that_none_are_provided() -> None:
    for held, provided in ((listed(), False), (listed(clause(code="140000")), False), (listed(clause()), True)):
        (unit,) = document(run(SITE, project(), held))["clauses"]
        assert unit["provided"] is provided
        assert ("本单元条款未提供。" in [note["zh"] for note in unit["notes"]]) is not provided


def test_every_unit_met_is_answered_with_its_share_and_none_beside() -> None:
    units = layer(
        "control_unit",
        [(UNIT, box(-9000, -9000, 250, 9000), {"class_": "3"}), ("ZH14082429002", box(250, -9000, 9000, 9000), {"class_": "2"})],
        full_cover=True,
    )  # fmt: skip
    result = run(SITE, project(), world(control_unit=units))
    assert [(u.unit.code, round(u.share_of_site or 0, 3)) for u in result.units] == [
        ("ZH14082429002", 0.75), (UNIT, 0.25),
    ]  # fmt: skip
    beside = run(site(box(300, 0, 400, 100)), project(), world(control_unit=units))
    assert [u.unit.code for u in beside.units] == ["ZH14082429002"]


# --- the answers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "what", "said"),
    [
        (None, project(), "to_verify"),
        ({"industries": ["coking"]}, project(), "not_concerned"),
        ({"industries": ["coking"]}, project("C2521"), "to_verify"),
        ({"activities": ["expand"]}, project(), "not_concerned"),
        (COKING, project(), "not_concerned"),
        (COKING, project("C2521"), "violates"),
        (COKING, project("C2521", "operate"), "not_concerned"),
        ({**COKING, "when": {"attribute": "net_new_capacity", "over": 0}}, project("C2521"), "to_verify"),
        ({**COKING, "when": {"attribute": "net_new_capacity", "over": 0}}, project("C2521", net_new_capacity=5), "violates"),
        ({**COKING, "when": {"attribute": "net_new_capacity", "over": 0}}, project("C2521", net_new_capacity=0), "conforms"),
        ({**COKING, "unless": {"attribute": "fuel", "is": "gas"}}, project("C2521", fuel="gas"), "conforms"),
        ({"effect": "prohibit", "when": {"attribute": "fuel", "is": "coal"}}, project(fuel="gas"), "not_concerned"),
        ({"effect": "phase_out", "industries": ["coking"]}, project("C2521"), "violates"),
        ({"effect": "phase_out", "industries": ["coking"]}, project("C2521", "operate"), "violates"),
        ({"effect": "phase_out", "industries": ["coking"]}, project("C2521", "close"), "conforms"),
        ({"effect": "restrict", "needs": ["energy_review"]}, project(), "violates"),
        ({"effect": "restrict", "needs": ["energy_review"]},
         project(documents=[{"kind": "energy_review", "number": "1号"}]), "to_verify"),
        ({"effect": "require"}, project(), "to_verify"),
        ({"effect": "require", "when": {"attribute": "fuel", "is": "coal"}}, project(fuel="gas"), "not_concerned"),
        ({"effect": "require", "met": {"attribute": "fuel", "is": "gas"}}, project(fuel="gas"), "conforms"),
        ({"effect": "require", "met": {"attribute": "fuel", "is": "gas"}}, project(fuel="coal"), "violates"),
        ({"effect": "require", "met": {"attribute": "fuel", "is": "gas"}}, project(), "to_verify"),
    ],
)  # fmt: skip
def test_a_clause_is_answered_with_its_reason(terms: dict[str, Any] | None, what: Project, said: str) -> None:
    found, reason = answer(terms, what)
    assert found == said
    assert reason
    assert "{" not in reason


def test_a_missing_fact_is_named() -> None:
    terms = {**COKING, "when": {"attribute": "net_new_capacity", "over": 0}}
    assert "net_new_capacity" in answer(terms, project("C2521"))[1]


def test_a_violation_in_a_unit_the_site_may_not_enter_is_to_be_verified() -> None:
    units = layer(
        "control_unit",
        [(UNIT, box(-9000, -9000, 990, 9000), {"class_": "3"}), ("ZH14082429002", box(990, -9000, 9000, 9000), {"class_": "2"})],
        full_cover=True,
        accuracy_m=50.0,
    )  # fmt: skip
    neighbour = clause(COKING, code="ZH14082429002")
    result = run(
        SITE, project("C2521", net_new_capacity=1), listed(clause(COKING), neighbour, on=world(control_unit=units))
    )
    said = {u.unit.code: (u.certain, u.answers[0].answer) for u in result.units}
    assert said == {
        UNIT: (True, ClauseAnswer.VIOLATES),
        "ZH14082429002": (False, ClauseAnswer.TO_VERIFY),
    }
    aside = run(site(box(1010, 0, 1500, 500)), project("C2521"), listed(clause(COKING), on=world(control_unit=units)))
    assert [(u.unit.code, u.certain, u.share_of_site) for u in aside.units if u.unit.code == UNIT] == [
        (UNIT, False, None)
    ]


# --- what weighs -------------------------------------------------------------------------------------------------------


CLEAR = project("C2521", "restore", land_take="none")
RESTORE = {"effect": "prohibit", "activities": ["restore"]}


def verdicts(result: Check) -> tuple[str, str]:
    return result.verdict, result.at_worst


def test_a_machine_readable_clause_of_a_real_list_weighs_like_a_rule_of_its_effect() -> None:
    without = run(SITE, CLEAR, listed())
    assert without.verdict in ("clear", "attention")
    for terms, verdict in (
        (RESTORE, "prohibited"),
        ({"effect": "restrict", "activities": ["restore"], "needs": ["energy_review"]}, "restricted"),
        ({"effect": "require", "activities": ["restore"]}, "attention"),
    ):
        result = run(SITE, CLEAR, listed(clause(terms)))
        assert result.verdict == verdict
        (finding,) = [f for f in result.findings if f.rule.id == f"clause:{UNIT}:one"]
        assert (finding.cites[0].source.title.zh, finding.legal_status) == ("清单", "planning")


def test_an_illustrative_clause_and_one_that_only_a_person_can_read_stand_beside_the_verdict() -> None:
    without = run(SITE, CLEAR, listed())
    for beside in (clause(RESTORE, legal_status="illustrative"), clause(), clause({"industries": ["coking"]})):
        result = run(SITE, CLEAR, listed(beside))
        assert verdicts(result) == verdicts(without)
        assert [f.rule.id for f in result.findings] == [f.rule.id for f in without.findings]
        assert result.units[0].answers


def test_a_clause_of_another_unit_city_or_class_does_not_weigh() -> None:
    without = run(SITE, CLEAR, listed())
    others = [
        clause(RESTORE, code="ZH14082429002"), clause(RESTORE, code="140500"),
        clause(RESTORE, code="140800", unit_class=UnitClass.PRIORITY),
        clause(RESTORE, valid=Period(dt.date(2025, 1, 1), None)),
    ]  # fmt: skip
    for other in others:
        assert verdicts(run(SITE, CLEAR, listed(other))) == verdicts(without)


@pytest.mark.parametrize("code", ["140000", "140800", UNIT])
def test_clauses_of_all_three_levels_weigh(code: str) -> None:
    assert run(SITE, CLEAR, listed(clause(RESTORE, code=code))).verdict == "prohibited"


def test_a_clause_that_lacks_a_fact_is_unknown_and_the_fact_is_asked_for() -> None:
    terms = {**RESTORE, "when": {"attribute": "tailings_pond", "is": True}}
    what = project("B0810", "restore", land_take="none")
    result = run(SITE, what, listed(clause(terms)))
    assert verdicts(result) == ("unknown", "prohibited")
    assert "tailings_pond" in {item["what"] for item in result.not_known}
    assert run(SITE, project("B0810", "restore", tailings_pond=False), listed(clause(terms))).verdict != "unknown"


def test_a_clause_in_a_unit_layer_that_is_not_searched_is_not_answered_and_not_silent() -> None:
    result = run(SITE, CLEAR, listed(clause(RESTORE), on=world(control_unit=None)))
    assert result.units == ()
    assert verdicts(result) == ("unknown", "prohibited")


def test_the_answer_document_is_canonical_and_holds_all_four_dimensions() -> None:
    result = run(SITE, CLEAR, listed(clause(RESTORE), clause(code="140000")))
    data = document(result)
    canonical_json(data)
    (unit,) = data["clauses"]
    assert set(unit["dimensions"]) == {"space", "pollution", "risk", "resources"}
    assert {c["answer_text"]["zh"] for c in unit["dimensions"]["space"]} == {"不符合", "待核实"}


def test_an_illustrative_clause_says_so_beside_the_unit() -> None:
    for status, said in (("illustrative", True), ("planning", False)):
        (unit,) = document(run(SITE, CLEAR, listed(clause(legal_status=status))))["clauses"]
        assert any("示意条款" in note["zh"] for note in unit["notes"]) is said


@pytest.mark.parametrize(
    ("clauses", "said"),
    [
        ((), "（本单元条款未提供）"),
        ((clause(legal_status="illustrative"),), "（仅有示意条款）"),
        ((clause(code="140000"),), "（本单元条款未提供）"),
        ((clause(), clause(code="140000")), "准入清单条款 2 条待核实"),
        ((clause(COKING),), None),
    ],
)
def test_the_line_of_what_was_searched_says_which_clauses_are_open(
    clauses: tuple[Clause, ...], said: str | None
) -> None:
    line = document(run(SITE, project(), listed(*clauses)))["lines"][4]["zh"]
    assert (said in line) if said else "准入清单" not in line


def test_a_source_reads_back_from_what_it_says() -> None:
    source = clause().source
    assert ClauseSource.of(source.as_dict()) == source


# --- lint --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "facts"),
    [
        ({"effect": "prohibit", "industries": ["no_such"]}, {}),
        ({"effect": "prohibit", "activities": ["no_such"]}, {}),
        ({"industries": ["no_such"]}, {}),
        ({"activities": ["no_such"]}, {}),
        ({"when": {"attribute": "fuel", "is": "coal"}}, {}),
        ({"effect": "prohibit", "when": {"attribute": "no_such", "is": 1}}, {}),
        ({"effect": "prohibit", "when": {"colour": "red"}}, {}),
        ({"effect": "restrict"}, {}),
        ({"effect": "restrict", "needs": ["no_such"]}, {}),
        ({"effect": "prohibit", "needs": ["energy_review"]}, {}),
        ({"effect": "prohibit", "met": {"attribute": "fuel", "is": "gas"}}, {}),
        (None, {"unit_class": UnitClass.PRIORITY}),
    ],
)  # fmt: skip
def test_a_wrong_machine_part_is_a_problem(terms: dict[str, Any] | None, facts: dict[str, Any]) -> None:
    assert list(problems(clause(terms, **facts)))
    assert not list(problems(clause(COKING)))


@pytest.mark.parametrize(
    "terms", [{"effect": "inform"}, {"effect": "x"}, {"colour": 1}, {"industries": "coking"}, {"when": []}]
)
def test_terms_that_are_no_terms_are_refused(terms: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        Terms.of(terms)


def test_terms_read_back_from_what_they_say() -> None:
    terms = {**COKING, "when": {"attribute": "net_new_capacity", "over": 0}}
    assert Terms.of(Terms.of(terms).as_dict()) == Terms.of(terms)
    assert Terms.of(None).as_dict() is None
    assert rule_of(clause(terms)).effect == "prohibit"


def test_a_clause_in_units_that_do_not_close_is_open_as_a_whole_and_says_nothing_of_any_unit() -> None:
    doubled = [
        (UNIT, box(-9000, -9000, 600, 9000), {"class_": "3"}),
        ("b", box(500, -9000, 9000, 9000), {"class_": "3"}),
    ]
    on = world(control_unit=layer("control_unit", doubled, full_cover=True))
    result = run(SITE, CLEAR, listed(clause(RESTORE), on=on))
    (finding,) = [f for f in result.findings if f.rule.id == f"clause:{UNIT}:one"]
    assert (finding.feature, finding.relation, finding.outcome) == (None, "not_searched", "unknown")


# --- which units are met -----------------------------------------------------------------------------------------------


def units(edge: float, own_m: float = 0.0, bound_m: float = 0.0, **facts: Any) -> Evidence:
    held = layer(
        "control_unit",
        [(UNIT, box(edge, -9000, 9000, 9000), {"class_": "2", "accuracy_m": own_m, **facts})],
        stands_for_bound_m=bound_m,
    )
    return world(control_unit=held)


@pytest.mark.parametrize(
    ("edge", "own", "bound", "sites", "met"),
    [
        (900, 0, 0, 0, (True, 0.1)),
        (1000, 0, 0, 0, None),
        (880, 60, 30, 20, (True, 0.12)),
        (900, 60, 30, 20, (False, 0.1)),
        (1000, 60, 30, 20, (False, None)),
        (1100, 60, 30, 20, (False, None)),
        (1120, 60, 30, 20, None),
        (890, 0, 0, 100, (True, 0.11)),
        (910, 0, 0, 100, (False, 0.09)),
    ],
)
def test_a_unit_is_met_for_certain_only_deeper_than_all_accuracies_together(
    edge: float, own: float, bound: float, sites: float, met: tuple[bool, float | None] | None
) -> None:
    where = site(box(0, 0, 1000, 1000), accuracy_m=sites)
    examiner = Examiner(where, units(edge, own, bound), THEN)
    found = units_met(examiner, facts_at(project(), where), project())
    said = [(u.certain, None if u.share_of_site is None else round(u.share_of_site, 3)) for u in found]
    assert said == ([] if met is None else [met])


@pytest.mark.parametrize(
    ("span", "met"),
    [
        ({"valid_from": THEN}, True),
        ({"valid_from": THEN + dt.timedelta(1)}, False),
        ({"valid_to": THEN}, True),
        ({"valid_to": THEN - dt.timedelta(1)}, False),
    ],
)
def test_a_unit_is_met_only_while_it_is_in_force(span: dict[str, Any], met: bool) -> None:
    examiner = Examiner(SITE, units(500, **span), THEN)
    assert bool(units_met(examiner, facts_at(project(), SITE), project())) is met


def test_a_unit_met_is_written_with_each_of_its_facts() -> None:
    facts = {"name": "某单元", "legal_status": "planning", "properties": {"name_en": "A unit"}}
    examiner = Examiner(SITE, units(667, **facts), THEN)
    (unit,) = units_met(examiner, facts_at(project(), SITE), project())
    said = unit.as_dict()
    assert {key: said[key] for key in ("code", "name", "class", "legal_status", "certainty", "provided")} == {
        "code": UNIT,
        "name": {"zh": "某单元", "en": "A unit"},
        "class": "key",
        "legal_status": "planning",
        "certainty": "certain",
        "provided": False,
    }
    assert said["share_of_site"] == round(said["share_of_site"], 6) == pytest.approx(0.333, abs=1e-3)
    assert [note["en"] for note in said["notes"]] == ["The clauses of this unit are not provided."]
    assert list(said["dimensions"]) == [d.value for d in Dimension]
    assert dataclasses.replace(unit, certain=False, share_of_site=None).as_dict()["certainty"] == "uncertain"
    assert dataclasses.replace(unit, share_of_site=None).as_dict()["share_of_site"] is None


def test_a_line_site_has_a_share_in_a_unit_and_a_touched_one_has_none() -> None:
    road = site(at(shapely.LineString([(0, 500), (1000, 500)])))
    (unit,) = units_met(Examiner(road, units(700), THEN), facts_at(project(), road), project())
    assert unit.share_of_site == pytest.approx(0.3, abs=1e-3)
    assert units_met(Examiner(road, units(1000), THEN), facts_at(project(), road), project()) == ()
