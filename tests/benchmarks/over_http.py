"""Times checks over HTTP against a service of its own on 127.0.0.1, which it starts and ends; each answer is stored."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import shapely
import sqlalchemy as sa

from layers.database import make_engine
from layers.settings import CHECKOUT
from tests.benchmarks import questions
from tests.benchmarks.report import Aim, Report
from zoning.site import Site

CONNECTIONS = 8
LOAD_S, ROUND_S = 15.0, 12.0
START_S = 60.0
SITES, PIPELINES = 200, 60


@dataclass(frozen=True)
class Service:
    """A running service: where it listens, and the process that was started."""

    port: int
    pid: int

    def post(self, body: bytes, connection: http.client.HTTPConnection | None = None) -> float:
        """Milliseconds of one check; an answer that is not 200 ends the benchmark."""
        line = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        start = time.perf_counter()
        line.request("POST", "/checks", body, {"Content-Type": "application/json"})
        response = line.getresponse()
        said = response.read()
        taken = (time.perf_counter() - start) * 1e3
        if response.status != 200:
            raise RuntimeError(f"POST /checks answered {response.status}: {said[:300]!r}")
        return taken

    def resident_mb(self) -> tuple[float, int]:
        """Memory of the service's processes, shared pages counted once (PSS, Linux), and how many they are."""
        family = _family(self.pid)
        return sum(_pss_mb(pid) for pid in family), len(family)

    def backends(self, url: sa.URL) -> list[int]:
        """The database's processes that serve it, where they run on this machine and may be looked at."""
        engine = make_engine(url)
        with engine.connect() as connection:
            pids = connection.execute(_BACKENDS).scalars().all()
        engine.dispose()
        return [pid for pid in pids if _pss_mb(pid) > 0]


_BACKENDS = sa.text(
    "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() "
    "and application_name = 'shanhe'"
)


@contextmanager
def running(url: sa.URL) -> Iterator[Service]:
    """A service as `shanhe serve` starts it, on a free port; it is ended by its process id."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = int(listener.getsockname()[1])
    environment = {**os.environ, "SHANHE_DATABASE_URL": url.render_as_string(hide_password=False)}
    program = "import sys; from app.cli import main; sys.exit(main())"
    process = subprocess.Popen(
        [sys.executable, "-c", program, "serve", "--port", str(port)],
        cwd=CHECKOUT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _await_ready(process, port)
        yield Service(port, process.pid)
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await_ready(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the service ended with {process.returncode} instead of starting")
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            # Not /readyz: the first look into the database belongs to the first check.
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"the service did not start in {START_S:.0f} s")


def bodies(sites: Sequence[Site], first: int = 0) -> Iterator[bytes]:
    """Questions without end, no two alike, so that none is answered from the archive: sites and projects in turn."""
    shapes = [shapely.geometry.mapping(site.geometry) for site in sites]
    projects = questions.projects()
    for n in count(first):
        project = projects[n % len(projects)]
        said: dict[str, Any] = {
            "industry": str(project.industry.code),
            "activity": project.activity,
            "attributes": {**project.given, "net_new_capacity": 1000 + n},
        }
        question = {"site": shapes[n % len(shapes)], "project": said, "as_of": questions.AS_OF.isoformat()}
        yield json.dumps(question).encode()


def forget(url: sa.URL) -> None:
    """Remove the checks that a run stored, so that the next run asks anew."""
    engine = make_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("truncate site_check, check_serial"))
    engine.dispose()


def one_by_one(report: Report, service: Service) -> None:
    """One connection, warm: each site once before, with another question."""
    for name, sites, start in (
        ("site of 1 km²", questions.squares(SITES), 0),
        ("pipeline of 42 km", questions.pipelines(PIPELINES), 1_000_000),
    ):
        line = http.client.HTTPConnection("127.0.0.1", service.port, timeout=120)
        asked = bodies(sites, start)
        for taken in (_round(service, line, asked, len(sites)), _round(service, line, asked, len(sites))):
            last = taken
        report.times(f"check over HTTP, {name}, each stored", last)


def _round(service: Service, line: http.client.HTTPConnection, asked: Iterator[bytes], most: int) -> list[float]:
    deadline = time.perf_counter() + ROUND_S
    taken: list[float] = []
    while len(taken) < most and time.perf_counter() < deadline:
        taken.append(service.post(next(asked), line))
    return taken


def under_load(report: Report, service: Service, url: sa.URL) -> None:
    """Eight connections at once, each asking as fast as it is answered; warm."""
    asked = bodies(questions.squares(SITES), 2_000_000)
    lock, taken, failed = threading.Lock(), [], []
    deadline = time.perf_counter() + LOAD_S

    def ask() -> None:
        line = http.client.HTTPConnection("127.0.0.1", service.port, timeout=120)
        while time.perf_counter() < deadline and not failed:
            with lock:
                body = next(asked)
            try:
                taken.append(service.post(body, line))
            except (OSError, RuntimeError) as error:
                failed.append(error)

    threads = [threading.Thread(target=ask) for _ in range(CONNECTIONS)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - start
    if failed:
        report.failed(f"checks a second over HTTP, {CONNECTIONS} connections", str(failed[0]))
        return
    report.times(f"check over HTTP, site of 1 km², {CONNECTIONS} connections", taken)
    rate = len(taken) / seconds
    report.figure(f"checks a second over HTTP, {CONNECTIONS} connections", rate, "/s", Aim(150.0, "/s", at_least=True))
    memory, processes = service.resident_mb()
    report.figure(f"memory of the service after that, {processes} process(es)", memory, "MB")
    backends = service.backends(url)
    if backends:
        of_database = sum(map(_pss_mb, backends))
        report.figure(f"memory of its {len(backends)} database connections", of_database, "MB, cached pages among it")


def _family(pid: int) -> list[int]:
    """A process and all its descendants."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text(encoding="utf-8", errors="replace").rsplit(")", 1)[1].split()
            except OSError:
                continue
            parents[int(entry.name)] = int(fields[1])
    family = [pid]
    for member in family:
        family += [child for child, parent in parents.items() if parent == member]
    return family


def _pss_mb(pid: int) -> float:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0.0
    return next(int(line.split()[1]) / 1024 for line in text.splitlines() if line.startswith("Pss:"))
