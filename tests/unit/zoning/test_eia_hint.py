"""The hint at the class of environmental assessment: always to be confirmed, never part of a verdict."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.unit.zoning.test_check import REDLINE_OVER, SITE, THEN, project, run, world
from zoning import industry
from zoning.answer import document
from zoning.decision import ACTIVITIES
from zoning.eia_hint import BUILDS, hint, packaged, rows
from zoning.project import Project
from zoning.terms import LayerKind

BEFORE, SINCE = dt.date(2026, 8, 14), dt.date(2026, 8, 15)


@pytest.mark.parametrize(
    ("words", "class_", "row"),
    [
        ("C2521 new", "report", "coal-processing"),
        ("C2524 new", "form", "coal-products"),
        ("B0610 expand", "report", "coal-mining"),
        ("B0610 restore", "form", "coal-mine-restoration"),
        ("B1011 new", "form", "quarrying"),
        ("C2653 new", "report", "chemicals"),
        ("C3011 rebuild", "report", "cement"),
        ("C3110 retrofit", "report", "iron-and-steel"),
        ("D4416 new", None, "solar-power"),
        ("N7820 new", None, None),
        ("C2521 operate", None, None),
    ],
)
def test_the_class_that_industry_and_activity_suggest(words: str, class_: str | None, row: str | None) -> None:
    found = hint(Project.of(*words.split()), (), BEFORE)
    titles = {r.id: r.title.as_dict() for r in rows()}
    assert (found["class"], found["row"]) == (class_, titles[row] if row else None)
    assert found["status"] == "to_confirm"


def test_a_likely_class_says_in_both_languages_that_it_is_to_be_confirmed() -> None:
    found = hint(Project.of("C3011", "new"), (), BEFORE)["text"]
    assert found["zh"] == "可能编制环境影响报告书（名录“水泥制造”），待核实。粉磨站可能为报告表。"
    assert found["en"].startswith("Probably an environmental impact report (catalogue: “cement”), to be confirmed.")


def test_an_industry_without_a_row_is_told_to_look_it_up_and_running_a_plant_is_told_nothing() -> None:
    assert "须查阅" in hint(Project.of("N7820", "new"), (), BEFORE)["text"]["zh"]
    assert "不作环评类别提示" in hint(Project.of("N7820", "close"), ("redline",), BEFORE)["text"]["zh"]
    assert hint(Project.of("N7820", "close"), ("redline",), BEFORE)["sensitive"] == []


def test_sensitive_areas_under_the_site_are_named_and_others_are_not() -> None:
    found = hint(Project.of("C3011", "new"), ("control_unit", "redline", "water_source"), BEFORE)
    assert [s["layer"] for s in found["sensitive"]] == ["redline", "water_source"]
    assert "生态保护红线、饮用水水源保护区" in found["text"]["zh"]


def test_since_the_code_the_catalogue_itself_is_to_be_confirmed() -> None:
    assert "法典" not in hint(Project.of("C3011", "new"), (), BEFORE)["text"]["zh"]
    assert "法典" in hint(Project.of("C3011", "new"), (), SINCE)["text"]["zh"]


def test_the_answer_carries_it_and_no_verdict_hangs_on_it() -> None:
    result = run(SITE, project("N7861"), world(redline=REDLINE_OVER))
    said = document(result)["eia_hint"]
    assert [s["layer"] for s in said["sensitive"]] == ["redline"]
    assert said == hint(result.question.project, ["redline"], THEN)
    clear = run(SITE, project(), world())
    assert clear.verdict == "clear"
    assert document(clear)["eia_hint"]["sensitive"] == []


def test_rows_name_codes_classes_activities_and_layers_that_exist() -> None:
    codes = set(industry.industries().entries)
    for row in rows():
        assert set(row.industries) <= codes, row.id
        assert set(row.activities) <= set(ACTIVITIES), row.id
        assert row.class_ is None or row.class_ in packaged()["classes"], row.id
    assert set(packaged()["sensitive"]) <= set(LayerKind)
    assert set(BUILDS) < set(ACTIVITIES)


def test_no_row_hides_another() -> None:
    for n, row in enumerate(rows()):
        earlier = [r for r in rows()[:n] if not r.activities]
        assert not any(row.industries[0].startswith(r.industries) for r in earlier), row.id
