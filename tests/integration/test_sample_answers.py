"""What each sample project is answered and why, as a table; together they show every verdict, effect and relation there is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import get_args

import pytest
import sqlalchemy as sa

from tests.integration.test_sample_projects import THEN, cases, run
from zoning import terms
from zoning.check import Check
from zoning.decision import SEVERITY
from zoning.rule import Effect

ANSWERS = """
site: project                                         verdict     rule                               effect     relation         outcome
01 coking new                                         prohibited  shanxi-171-capacity                prohibit   jurisdiction     prohibited
01 coking new: no capacity given                      unknown     shanxi-171-capacity                prohibit   jurisdiction     unknown
01 coking new: capacity replaced one for one          restricted  jishan-195-admission               restrict   jurisdiction     restricted
02 caprolactam                                        prohibited  jishan-239-planning-area           prohibit   inside           prohibited
03 coal shed                                          unknown     jishan-239-fen-1km                 prohibit   within_distance  unknown
04 steel retrofit                                     attention   jishan-195-ultra-low               require    jurisdiction     attention
05 mine restoration                                   restricted  red-line-ha08-restoration          restrict   inside           restricted
05 mine restoration: with the recognition named       attention   red-line-ha08-restoration          restrict   inside           attention
06 rail siding                                        restricted  red-line-ha06-linear               restrict   overlap          restricted
07 scenic area                                        restricted  red-line-ha05-visiting             restrict   overlap          restricted
08 coal gangue                                        clear       qinshui-673-gangue                 encourage  jurisdiction     clear
09 gangue ceramics                                    unknown     qinshui-609-county                 prohibit   jurisdiction     unknown
09 gangue ceramics: fired with gas                    attention   qinshui-541-park                   require    inside           attention
10 battery recycling                                  unknown     linfen-514-heavy-metal             prohibit   not_searched     unknown
11 reservoir fence                                    attention   qinshui-591-source                 require    inside           attention
11 reservoir fence: a tourist site at the same place  prohibited  water-source-first-grade           prohibit   inside           prohibited
12 kitchen waste                                      clear       eia-before-work                    require    jurisdiction     clear
13 beside red line                                    clear       red-line-development               prohibit   touch            clear
14 sliver on red line                                 clear       red-line-development               prohibit   sliver           clear
15 drawn by hand                                      unknown     red-line-development               prohibit   disjoint         unknown
15 drawn by hand: surveyed                            clear       unit-lookup                        inform     inside           clear
16 around a well field                                prohibited  water-source-first-grade           prohibit   contains         prohibited
16 around a well field                                prohibited  river-works-review                 restrict   overlap          restricted
16 around a well field                                prohibited  jiang-537-green-energy             encourage  jurisdiction     clear
17 starch works at a source                           restricted  water-source-first-grade-existing  phase_out  inside           restricted
17 starch works at a source: newly built there        prohibited  water-source-first-grade           prohibit   inside           prohibited
17 starch works at a source: closed and cleared       clear       unit-lookup                        inform     inside           clear
18 park by the fen                                    clear       linfen-352-green-30                inform     within_distance  clear
"""
"""As of 2024-06-30. `outcome` is what this one rule does to the verdict; the worst outcome of all rules is the verdict."""

ROWS = [tuple(re.split(r"  +", line.strip())) for line in ANSWERS.strip().splitlines()[1:]]


@pytest.fixture(scope="module")
def decided(bundled_db: sa.Engine) -> dict[str, Check]:
    """Every sample project, by its name in the table, decided as of the table's day."""
    return dict(_decided(bundled_db))


def _decided(engine: sa.Engine) -> Iterator[tuple[str, Check]]:
    for case in cases():
        sample, _, day = case.values
        if day == THEN:
            planned = case.id.removeprefix(f"{sample['id']}-").removesuffix("-then")
            name = sample["id"] if planned == "as-planned" else f"{sample['id']}: {planned}"
            yield name.replace("-", " "), run(engine, sample, day)


@pytest.mark.parametrize("row", ROWS, ids=[f"{row[0]}: {row[2]}" for row in ROWS])
def test_the_answer_is_the_one_in_the_table(decided: dict[str, Check], row: tuple[str, ...]) -> None:
    project, verdict, rule, effect, relation, outcome = row
    answer = decided[project]
    assert answer.verdict == verdict
    assert (effect, relation, outcome) in {
        (f.rule.effect, f.relation, f.outcome) for f in answer.findings if f.rule.id == rule
    }


def test_the_table_has_every_sample_project(decided: dict[str, Check]) -> None:
    assert {row[0] for row in ROWS} == set(decided)


def test_the_table_shows_every_verdict() -> None:
    assert {row[1] for row in ROWS} == set(SEVERITY)


def test_the_table_shows_every_effect() -> None:
    assert {row[3] for row in ROWS} == set(get_args(Effect)) == {e.value for e in terms.Effect}


def test_the_table_shows_every_relation() -> None:
    assert {row[4] for row in ROWS} == {relation.value for relation in terms.Relation}
