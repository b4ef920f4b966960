"""Times checks in this process: warm, on first visits, beside the hand-written statement, and as sites and sets grow."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
import shapely
import sqlalchemy as sa

from app.service import decide, evidence_for, metas_of
from layers.database import make_engine
from layers.release import Release, open_release
from tests.benchmarks import questions
from tests.benchmarks.report import Aim, Report
from tests.benchmarks.statement import by_hand
from zoning.answer import document
from zoning.canonical import canonical_json
from zoning.check import check, reach_m, window_for
from zoning.identity import Question
from zoning.rulebook import rulebook
from zoning.site import Site

SITES, PIPELINES = 200, 60
BUDGET_S = 12.0
"""No row takes longer than about this; `n` in the table says how many were measured."""
GROWTH_S = 40.0
"""A site that takes longer to check is stopped and stands in the table as a miss."""


def timed(run: Callable[[Any], object], among: Sequence[Any], budget_s: float = BUDGET_S) -> list[float]:
    """Milliseconds of each, in order, until the time is used up."""
    taken: list[float] = []
    deadline = time.perf_counter() + budget_s
    for one in among:
        start = time.perf_counter()
        run(one)
        end = time.perf_counter()
        taken.append((end - start) * 1e3)
        if end > deadline:
            break
    return taken


def together(among: Sequence[Any], *runs: Callable[[Any], object]) -> list[list[float]]:
    """Milliseconds of several ways for the same, one after the other at each, so that a busy moment falls on all alike.

    A first round over the same goes before, so that nothing is met for the first time.
    """

    def each(one: Any) -> list[float]:
        return [timed(run, [one])[0] for run in runs]

    rounds = among[: len(timed(each, among, 3 * BUDGET_S))]
    return np.asarray([each(one) for one in rounds]).T.tolist()


class Timing:
    """One database of the national set and all its questions."""

    def __init__(self, url: sa.URL) -> None:
        self.url = url
        self.engine = make_engine(url)
        self.view: Release = open_release(self.engine)
        self.rules = rulebook()
        self.found: set[str] = set()

    def close(self) -> None:
        self.engine.dispose()

    def decide(self, question: Question) -> str:
        """All that an answer takes but storing it: evidence, decision and canonical text."""
        return canonical_json(document(decide(self.engine, question, self.view, self.rules)))

    def stages(self, question: Question) -> tuple[float, float, float]:
        """`decide` step by step: milliseconds of gathering evidence, of deciding, and of writing the answer."""
        start = time.perf_counter()
        evidence = evidence_for(self.engine, question.site, self.view, self.rules)
        gathered = time.perf_counter()
        decided = check(question, evidence, self.rules)
        done = time.perf_counter()
        canonical_json(document(decided))
        end = time.perf_counter()
        self.found |= {finding.rule.id for finding in decided.findings if finding.relation != "not_searched"}
        return (gathered - start) * 1e3, (done - gathered) * 1e3, (end - done) * 1e3

    def ask_all(self, sites: Sequence[Site]) -> list[Question]:
        return [questions.question(site, n) for n, site in enumerate(sites)]

    def first(self) -> float:
        """Milliseconds of the first check of a fresh engine."""
        return timed(self.decide, self.ask_all(questions.squares(1, seed=7)))[0]

    def visits(self, report: Report) -> None:
        """Places all over the country that nobody has asked about since the database started."""
        with self.engine.connect() as connection:
            country = shapely.from_wkb(bytes(connection.execute(_COUNTRY).scalar_one()))
        shapely.prepare(country)
        sites = questions.squares(SITES, questions.COUNTRY, seed=11)
        held = self.ask_all([s for s in sites if shapely.contains_properly(country, s.geometry)])
        report.times("check of a place never asked about, all over the country", timed(self.decide, held))

    def rounds(self, report: Report) -> None:
        """Squares and pipelines, warm, each with its steps and beside the statement."""
        for name, sites, aims in (
            ("site of 1 km²", questions.squares(SITES), (5.0, 20.0)),
            ("pipeline of 42 km", questions.pipelines(PIPELINES), (None, None)),
        ):
            steps: list[tuple[float, float, float]] = []
            reach = reach_m(self.rules, metas_of(self.engine, self.view), sites[0].accuracy_m)
            with self.engine.connect() as connection:
                whole, alone = together(
                    self.ask_all(sites),
                    lambda q, steps=steps: steps.append(self.stages(q)),
                    lambda q, reach=reach: by_hand(connection, q.site, window_for(q.site, reach), self.view.number),
                )
            report.times(f"check in process, {name}", whole, *aims)
            for step, taken in zip(
                ("gathering", "deciding", "writing"), zip(*steps[-len(whole) :], strict=True), strict=True
            ):
                report.times(f"  of which {step}", taken)
            report.times(f"  one PostGIS statement: overlaps, distances to {reach / 1e3:.1f} km", alone)
            ratio = float(np.median(whole) / np.median(alone))
            report.figure("  check to statement, ratio of medians", ratio, "×", Aim(2.0, "×"))
        report.figure("rules that found something there", len(self.found), f"of {len(self.rules.on(questions.AS_OF))}")

    def grow_in_vertices(self, report: Report) -> None:
        """Sites of the same size in the same place with ever more vertices; reading the site is timed apart."""
        for name, shape in (("star-shaped", questions.star), ("winding", questions.winding)):
            for vertices in (10, 1_000, 100_000):
                label = f"check of a {name} site of {vertices:,} vertices"
                found = _within_limit(_read_and_check, self.url, shape, vertices)
                if found is None:
                    report.failed(label, f"stopped after {GROWTH_S:.0f} s")
                else:
                    reading, checking = found
                    report.times(label, checking)
                    report.times("  reading the site, before that", reading)


_COUNTRY = sa.text("select st_asbinary(geom) from feature where layer = 'province'")


def grow_in_pieces(report: Report, whole: Timing, tenth: Timing, pieces: tuple[int, int]) -> None:
    """The same sites on both sets, whose ground there is the same; time may grow as an index does, by the logarithm."""
    sites = questions.squares(SITES, questions.MIDDLE, seed=23)
    asked = whole.ask_all(sites)
    for question in asked[:10]:
        if _seen(whole, question) != _seen(tenth, question):
            raise ValueError("the two sets of the benchmark differ on the ground they share")
    few, many = together(asked, tenth.decide, whole.decide)
    for taken, count in ((few, pieces[0]), (many, pieces[1])):
        report.times(f"check among {count:,} pieces, the same sites", taken)
    ratio = float(np.median(many) / np.median(few))
    aim = Aim(round(float(np.log(pieces[1]) / np.log(pieces[0])), 2), "× (logarithmic)")
    report.figure(f"  {pieces[1] / pieces[0]:.1f}× the pieces take", ratio, "× the time", aim)


def _seen(timing: Timing, question: Question) -> dict[str, Any]:
    evidence = evidence_for(timing.engine, question.site, timing.view, timing.rules)
    return {
        name: ([f.code for f in w.features], len(w.pieces), len(w.edges))
        for name, w in evidence.layers.items()
        if name != "province"
    }


def _read_and_check(url: sa.URL, shape: Callable[[int], Site], vertices: int) -> tuple[list[float], list[float]]:
    timing = Timing(url)
    timing.first()
    start = time.perf_counter()
    site = shape(vertices)
    reading = (time.perf_counter() - start) * 1e3
    question = questions.question(site, 0)
    found = timed(timing.decide, [question] * 5, budget_s=5.0)
    timing.close()
    return [reading], found[1:] or found


def _within_limit(run: Callable[..., Any], *given: Any) -> Any:
    """The result of a call in a process of its own, or None when it takes longer than the limit."""
    here, there = multiprocessing.Pipe(duplex=False)

    def work(out: Connection) -> None:
        out.send(run(*given))

    process = multiprocessing.get_context("fork").Process(target=work, args=(there,))
    process.start()
    there.close()
    try:
        return here.recv() if here.poll(GROWTH_S) else None
    except EOFError:
        raise RuntimeError(f"{run.__name__}{given[1:]} failed in its own process") from None
    finally:
        process.kill()
        process.join()
