"""`make bench`: builds the set of national size where it is not there, and measures all of it in one run on one machine.

The table is printed row by row, each figure beside its aim, and written to build/bench.json. `python -m tests.benchmarks
tiles [national]` measures map tiles alone.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator

import sqlalchemy as sa

from layers.database import database_url, make_engine
from layers.settings import CHECKOUT
from tests.benchmarks import asked, items, over_http, questions, rule_terms, tiles, viewer
from tests.benchmarks.in_process import Timing, grow_in_pieces
from tests.benchmarks.national import TENTH, WHOLE, counts, national
from tests.benchmarks.report import Aim, Report
from tests.benchmarks.restart import in_use, restart_cold
from zoning.errors import ShanheError
from zoning.rulebook import rulebook

_COLD = Aim(1000.0, "ms")
"""“No multi-second cold case.”"""


def _about(url: sa.URL) -> dict[str, object]:
    engine = make_engine(url)
    with engine.connect() as connection:
        version = connection.execute(
            sa.text("select split_part(version(), ' ', 2) || ', PostGIS ' || postgis_lib_version()")
        )
        database = f"PostgreSQL {version.scalar_one()}"
        pieces = connection.execute(sa.text("select sum(piece_count) from layer_version")).scalar_one()
    engine.dispose()
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],  # noqa: S607 (the one on the path)
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    return {
        "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "commit": commit.stdout.strip(),
        "database": database,
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load_before": os.getloadavg()[0],
        "pieces": int(pieces),
    }


def _pieces(url: sa.URL) -> int:
    return int(str(_about(url)["pieces"]))


@contextlib.contextmanager
def _timing(url: sa.URL) -> Iterator[Timing]:
    timing = Timing(url)
    try:
        yield timing
    finally:
        timing.close()


def _after_a_restart(report: Report, url: sa.URL) -> None:
    report.title("After a restart")
    report.header()
    bodies = over_http.bodies(questions.squares(40, seed=41), 3_000_000)
    if others := in_use(url):
        report.failed(
            "first check after the cluster restarted", f"not tried, {others} others are connected to the cluster"
        )
    else:
        restart_cold()
        with over_http.running(url) as service:
            report.figure(
                "first check, cluster and service just started, cold files", service.post(next(bodies)), "ms", _COLD
            )
            report.times(
                "  the 30 checks after it, each somewhere else", [service.post(next(bodies)) for _ in range(30)]
            )
        with _timing(url) as timing:
            timing.visits(report)
    with over_http.running(url) as service:
        report.figure("first check, service just started", service.post(next(bodies)), "ms", _COLD)


def main() -> None:
    start = time.perf_counter()
    url, tenth = national(WHOLE), national(TENTH)
    about, report = _about(url), Report()
    print(counts(url))
    print(
        f"{about['database']}; {about['cores']} cores, load {about['load_before']:.1f} before the run; commit {about['commit']}"
    )
    rules = len(rulebook().on(questions.AS_OF))
    print(
        f"{rules} rules in scope and in force on {questions.AS_OF} ({rule_terms.undeclared()} more about kinds of layers left out); "
        f"{len(questions.projects())} projects in turn meet every rule's terms"
    )
    over_http.forget(url)
    try:
        _after_a_restart(report, url)
        with _timing(url) as whole, _timing(tenth) as small:
            report.title("In process, warm")
            report.header()
            whole.rounds(report)
            report.title("As the set grows")
            report.header()
            grow_in_pieces(report, whole, small, (_pieces(tenth), _pieces(url)))
            report.title("As the site grows")
            report.header()
            whole.grow_in_vertices(report)
        report.title("Questions asked, on the bundled layers")
        asked.figures(report, database_url())
        report.title("Map tiles, on the bundled layers, one process")
        tiles.figures(report, database_url())
        viewer.figures(report, database_url())
        report.title("Over HTTP, warm, one service")
        report.header()
        with over_http.running(url) as service:
            over_http.one_by_one(report, service)
            over_http.under_load(report, service, url)
        report.title(f"Items: pages of {items.PAGE} features, the first two in turn")
        report.header()
        items.figures(report, url)
    finally:
        over_http.forget(url)
        seconds = time.perf_counter() - start
        report.write(
            CHECKOUT / "build" / "bench.json", **about, seconds=round(seconds, 1), load_after=os.getloadavg()[0]
        )
    print(f"\n{report.missed()} aims missed; {seconds:.0f} s in all; written to build/bench.json")


if __name__ == "__main__":
    try:
        tiles.main(sys.argv[2:]) if sys.argv[1:2] == ["tiles"] else main()
    except ShanheError as error:
        raise SystemExit(error.text("en")) from None
