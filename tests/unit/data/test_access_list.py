"""The bundled access list: illustrative and said so, whole for every bundled unit, cited to lines that are there, and as built."""

from __future__ import annotations

import importlib.util
import json
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from layers.access_list import read_access_list
from layers.access_sheet import Known
from zoning.access import Clause, scopes_of
from zoning.rulebook import rulebook
from zoning.terms import AccessLevel, Dimension

ROOT = Path(__file__).resolve().parents[3]
ACCESS = ROOT / "data/access"
SHARED = ROOT.parent / "shared"
UNITS = {
    f["properties"]["code"]: f["properties"]["name"]
    for f in json.loads((ROOT / "data/boundaries/control_unit.geojson").read_text(encoding="utf-8"))["features"]
}


@cache
def plan(source: str) -> str | None:
    """The text of a plan, where it stands beside the project."""
    path = SHARED / (rulebook().sources[source].file or "")
    return path.read_text(encoding="utf-8") if path.exists() else None


@pytest.fixture(scope="module")
def clauses() -> tuple[Clause, ...]:
    return read_access_list(ACCESS, Known(UNITS)).clauses


def test_every_unit_has_a_clause_in_each_dimension_at_each_level(clauses: tuple[Clause, ...]) -> None:
    there = Counter((c.code, c.dimension) for c in clauses if c.unit_class is None)
    assert all(there[scope, dimension] for unit in UNITS for scope in scopes_of(unit) for dimension in Dimension)
    assert {c.level for c in clauses} == set(AccessLevel)


def test_every_clause_is_illustrative_in_both_languages_and_cites_a_plans_line(clauses: tuple[Clause, ...]) -> None:
    for clause in {clause.id.split(":")[1]: clause for clause in clauses}.values():
        assert (clause.legal_status, clause.decides) == ("illustrative", False)
        assert clause.text.en != clause.text.zh
        source = rulebook().sources[clause.source.id]
        assert source.status == "planning"
        at = clause.source.at or ""
        assert at.startswith("L")
        if text := plan(clause.source.id):
            assert len(text.splitlines()[int(at[1:]) - 1]) > 20


def test_no_clause_copies_a_plan(clauses: tuple[Clause, ...]) -> None:
    for clause in clauses:
        assert clause.text.zh not in (plan(clause.source.id) or "")


def test_a_rebuild_gives_the_same_bytes() -> None:
    spec = importlib.util.spec_from_file_location("access_build", ACCESS / "build/__main__.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.built() == (ACCESS / "illustrative.json").read_text(encoding="utf-8")
