"""The decision table of the access list: every unit, dimension, industry group and activity has one answer, or the lint says no."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoning import industry
from zoning.access import Clause, ClauseSource, Terms
from zoning.bilingual import Bilingual
from zoning.decision import ACTIVITIES
from zoning.decision_table import NONE, Cell, cells, keys
from zoning.rule import Period
from zoning.rulebook import rulebook
from zoning.terms import Dimension, UnitClass
from zoning.unit_table import NOT_PROVIDED, UnitTable, unit_sets, unit_table

UNIT, OTHER_UNIT = "ZH14082420001", "ZH14082430001"
FIRST_DAY = rulebook().scope.known_from
DIMENSIONS = list(Dimension)


def clause(id: str, code: str = UNIT, dimension: str = "space", *, kind: str | None = None, **terms: Any) -> Clause:
    valid = Period.of(terms.pop("valid", None))
    status = terms.pop("legal_status", "planning")
    return Clause(
        id=f"{code}:{id}",
        code=code,
        dimension=Dimension(dimension),
        text=Bilingual("甲", "a"),
        source=ClauseSource("list", Bilingual("清单", "list"), "3", Bilingual("《清单》第3行", "list, row 3")),
        legal_status=status,
        unit_class=UnitClass(kind) if kind else None,
        terms=Terms.of(terms),
        valid=valid,
    )


def whole(code: str = UNIT) -> list[Clause]:
    """A clause in every dimension that a person has to read."""
    return [clause("text", code, d.value) for d in Dimension]


def table(*clauses: Clause, units: tuple[str, ...] = (UNIT,), **more: Any) -> UnitTable:
    return unit_table(clauses, units, FIRST_DAY, **more)


def cell(clauses: list[Clause], group: str, activity: str, dimension: str = "space", **more: Any) -> Cell:
    wanted = f"{UNIT}/{dimension}", group, activity
    return next(c for c in cells(unit_sets(clauses, [UNIT], **more)) if (c.set, c.group, c.activity) == wanted)


def test_every_cell_of_every_unit_is_decided_none_or_not_provided_or_named_as_empty() -> None:
    looked = table(*whole(), units=(UNIT, OTHER_UNIT))
    cells_of_unit = 4 * len(keys())
    assert looked.cells == 2 * cells_of_unit
    assert (looked.decided, looked.none, looked.not_provided) == (cells_of_unit, 0, cells_of_unit)
    assert not looked.empty
    assert not looked.errors


def test_a_unit_without_clauses_of_its_own_says_that_they_are_not_provided() -> None:
    province = clause("ban", "140000", effect="prohibit", industries=["coking"], activities=["new"])
    assert cell([province], "coking", "new").decides == "clause:140000:ban"
    assert cell([province], "flat_glass", "new").decides == NOT_PROVIDED
    assert not table(province).errors


def test_a_dimension_of_which_a_unit_says_nothing_is_an_empty_cell_and_an_error() -> None:
    silent = [c for c in whole() if c.dimension != Dimension.RISK]
    assert cell(silent, "coking", "new", "risk").decides is None
    looked = table(*silent)
    assert list(looked.empty) == [f"{UNIT}/risk"]
    assert looked.empty[f"{UNIT}/risk"] == len(keys())
    (error,) = looked.errors
    assert error.rule == UNIT
    assert "no explicit none" in error.text.en
    assert "环境风险防控" in error.text.zh


def test_an_explicit_none_fills_the_dimension_and_clauses_above_the_unit_fill_what_they_name() -> None:
    silent = [c for c in whole() if c.dimension != Dimension.RISK]
    assert cell(silent, "coking", "new", "risk", none={(UNIT, Dimension.RISK)}).decides == NONE
    assert not table(*silent, none={(UNIT, Dimension.RISK)}).errors
    city = clause("duty", "140800", "risk", effect="require", industries=["coking"])
    partly = table(*silent, city)
    assert cell([*silent, city], "coking", "new", "risk").decides == "clause:140800:duty"
    assert 0 < partly.empty[f"{UNIT}/risk"] < len(keys())


def test_an_explicit_none_alone_says_that_the_list_speaks_of_the_unit() -> None:
    nothing = {(UNIT, d) for d in Dimension}
    assert cell([], "coking", "new", none=nothing).decides == NONE
    assert list(table(none={(UNIT, Dimension.SPACE)}).empty) == [f"{UNIT}/{d.value}" for d in DIMENSIONS[1:]]


def test_the_worst_clause_decides_and_one_that_a_person_must_read_may_be_a_ban() -> None:
    clauses = [
        *whole(),
        clause("ban", effect="prohibit", industries=["coking"], activities=["new"]),
        clause("duty", effect="require", industries=["coking", "flat_glass"]),
        clause("limit", "140800", effect="restrict", industries=["flat_glass"], needs=["energy_review"]),
    ]
    assert (cell(clauses, "coking", "new").decides, cell(clauses, "coking", "new").outcome) == (
        f"clause:{UNIT}:ban",
        "prohibited",
    )
    assert cell(clauses, "flat_glass", "new").decides == "clause:140800:limit"
    assert cell(clauses, "tailings_pond", "new").outcome == "unknown"
    assert cell(clauses, "coking", "operate").outcome == "unknown", "worse than the duty: the text may say no"


def test_a_clause_of_another_class_or_day_fills_no_cell() -> None:
    key = clause("key", "140800", effect="prohibit", kind="key")
    priority = clause("priority", "140800", effect="prohibit", kind="priority")
    assert cell([key, priority], "coking", "new").decides == "clause:140800:key"
    past = clause("past", effect="prohibit", valid=[dt.date(2022, 1, 1), dt.date(2023, 1, 1)])
    assert cell([past], "coking", "new", as_of=dt.date(2024, 6, 30)).decides == NOT_PROVIDED
    assert cell([past], "coking", "new", as_of=dt.date(2023, 1, 1)).decides == f"clause:{UNIT}:past"


def test_clauses_that_allow_and_forbid_the_same_project_are_listed_with_both_citations_and_the_ban_goes_first() -> None:
    looked = table(
        *whole(),
        *whole(OTHER_UNIT),
        clause("limit", "140800", effect="restrict", industries=["coking"], needs=["energy_review"]),
        clause("ban", effect="prohibit", industries=["chemical", "coking"], activities=["new"]),
        units=(UNIT, OTHER_UNIT),
    )
    (pair,) = looked.conflicts
    said = pair.as_dict()
    assert (said["first"], said["by"], said["units"]) == (f"clause:{UNIT}:ban", "stricter", [UNIT])
    assert said["allows"]["cites"][0]["label"]["en"]
    assert said["prohibits"]["cites"][0]["source"] == "list"
    assert said["example"]["activity"] == "new"
    assert "coking" in said["example"]["industry_groups"]
    assert not looked.errors, "a stricter clause of a unit settles itself"


@pytest.mark.parametrize(
    "ban",
    [
        {"dimension": "risk", "industries": ["coking"]},
        {"industries": ["flat_glass"]},
        {"industries": ["coking"], "activities": ["operate"]},
        {"industries": ["coking"], "when": {"attribute": "fuel", "is": "coal"}},
    ],
)
def test_clauses_that_never_speak_of_one_project_do_not_contradict(ban: dict[str, Any]) -> None:
    limit = clause(
        "limit",
        effect="restrict",
        industries=["coking"],
        activities=["new"],
        needs=["energy_review"],
        when={"attribute": "fuel", "is": "gas"},
    )
    assert not table(*whole(), limit, clause("ban", effect="prohibit", **ban)).conflicts


def test_a_clause_that_can_never_apply_is_an_error() -> None:
    never = clause("never", effect="prohibit", industries=["coking"], when={"industry": ["flat_glass"]})
    old = clause("old", effect="prohibit", industries=["coking"], valid=[dt.date(2001, 1, 1), dt.date(2002, 1, 1)])
    same = [
        clause(id, effect="prohibit", industries=list(g)) for id, g in (("a", ["coking", "steel"]), ("b", ["coking"]))
    ]
    errors = {str(p.rule).rpartition(":")[2]: p.text.en for p in table(*whole(), never, old, *same).errors}
    assert set(errors) == {"never", "old", "b"}
    assert "can never apply" in errors["never"]


def test_a_ban_of_the_list_on_what_a_law_encourages_is_left_to_its_owner() -> None:
    law = next(r for r in rulebook().rules if r.effect == "encourage" and r.where is None)
    lifted = rulebook().get("water-source-first-grade").cites
    encourages = type(law)(**{**{f: getattr(law, f) for f in law.__dataclass_fields__}, "cites": lifted[:1]})
    ban = clause("all", "140000", effect="prohibit")
    looked = table(*whole(), ban, rules=[encourages])
    assert any("owner of the list has to decide" in p.text.en for p in looked.errors)
    assert not table(*whole(), ban, rules=[law]).errors, "a plan that encourages does not stand above the list"


TERMS = st.fixed_dictionaries(
    {},
    optional={
        "effect": st.sampled_from(["prohibit", "phase_out", "require"]),
        "industries": st.lists(st.sampled_from(sorted(industry.groups())), min_size=1, max_size=3, unique=True),
        "activities": st.lists(st.sampled_from(ACTIVITIES), min_size=1, max_size=3, unique=True),
    },
)


@given(st.lists(st.tuples(st.sampled_from(["140000", "140800", UNIT]), st.sampled_from(DIMENSIONS), TERMS), max_size=5))
def test_whatever_a_list_says_the_cells_add_up_and_each_names_a_clause_that_binds_the_unit(said: list[Any]) -> None:
    clauses = [clause(str(n), code, d.value, **terms) for n, (code, d, terms) in enumerate(said)]
    looked = table(*clauses)
    assert looked.decided + looked.none + looked.not_provided + sum(looked.empty.values()) == looked.cells
    known = {f"clause:{c.id}" for c in clauses}
    for one in cells(unit_sets(clauses, [UNIT])):
        assert one.decides in (None, NONE, NOT_PROVIDED) or one.decides in known
        assert one.decides is not None or one.set in looked.empty
