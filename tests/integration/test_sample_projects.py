"""The twelve sample projects get the verdicts that their plan lines and the bundled layers call for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import sqlalchemy as sa
import yaml

from app.service import decide
from layers.release import open_release
from layers.settings import CHECKOUT
from layers.sitefile import read_site_file
from zoning.check import Check
from zoning.decision import SEVERITY
from zoning.identity import Question
from zoning.project import Project

FOLDER = CHECKOUT / "data" / "projects"
PROJECTS = yaml.safe_load((FOLDER / "projects.yaml").read_text(encoding="utf-8"))["projects"]
THEN, LATER = dt.date(2024, 6, 30), dt.date(2026, 11, 22)


def cases() -> Iterator[Any]:
    for base in PROJECTS:
        for variant in ({}, *base.get("variants", ())):
            attributes = {k: v for k, v in base["attributes"].items() if k not in variant.get("without", ())}
            merged = {
                **base,
                **{k: v for k, v in variant.items() if k in ("industry", "activity", "documents", "expected")},
                "attributes": {**attributes, **variant.get("attributes", {})},
            }
            for when, day in (("then", THEN), ("later", LATER)):
                title = variant.get("title", "as planned").replace(" ", "-")
                yield pytest.param(merged, when, day, id=f"{base['id']}-{title}-{when}")


def run(engine: sa.Engine, sample: Mapping[str, Any], day: dt.date) -> Check:
    project = Project.of(
        sample["industry"], sample["activity"], sample["attributes"], sample.get("documents", ()), sample["title"]["zh"]
    )
    site = read_site_file(FOLDER / sample["file"])
    return decide(engine, Question(site, project, day), open_release(engine))


@pytest.mark.parametrize(("sample", "when", "day"), list(cases()))
def test_sample_project(bundled_db: sa.Engine, sample: Mapping[str, Any], when: str, day: dt.date) -> None:
    expected = sample["expected"]
    result = run(bundled_db, sample, day)
    if expected.get("at_most"):
        assert SEVERITY.index(result.verdict) <= SEVERITY.index(expected[when])
        return
    assert result.verdict == expected[when]
    if "at_worst" in expected:
        assert result.at_worst == expected["at_worst"]
    if "basis" in expected and when == "then":
        assert result.basis == expected["basis"]
    illustrative = any(f.legal_status == "illustrative" for f in result.deciding)
    assert result.demonstration or not illustrative
