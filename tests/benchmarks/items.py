"""Times pages of 1,000 features beside tipg, which serves the same features of the same database from a view; and the bare SQL.

`python -m tests.benchmarks.items` measures on a tenth of the national set, built when it is not there.
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from urllib.parse import urlsplit

import sqlalchemy as sa
from psycopg import sql

from layers.collection import collection_at
from layers.cql2_sql import Where
from layers.database import make_engine
from layers.items import page
from layers.map_crs import named
from layers.release import open_release
from tests.benchmarks.national import TENTH, national
from tests.benchmarks.report import Aim, Report
from tests.serving import free_port, serving

PAGE = 1_000
ROUNDS = 12
START_S = 60.0
LEAST = Aim(2.0, "×", at_least=True)
_SCHEMA = "bench_items"


@dataclass(frozen=True)
class Server:
    """A server that is asked for pages by path."""

    port: int

    def get(self, path: str) -> tuple[float, bytes]:
        """Milliseconds and body of one page, read to its end but not parsed, on a connection of its own."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        start = time.perf_counter()
        line.request("GET", path, headers={"Accept": "application/geo+json", "Accept-Encoding": "identity"})
        response = line.getresponse()
        body = response.read()
        taken = (time.perf_counter() - start) * 1e3
        line.close()
        if response.status != 200:
            raise RuntimeError(f"GET {path} answered {response.status}: {body[:300]!r}")
        return taken, body


def _following(body: bytes) -> str | None:
    links = json.loads(body)["links"]
    found = next((one["href"] for one in links if one["rel"] == "next"), None)
    if found is None:
        return None
    parts = urlsplit(found)
    return f"{parts.path}?{parts.query}"


def _first_two(server: Server, path: str) -> tuple[list[str], list[set[str]]]:
    """The addresses of the first two pages, and the codes of their features."""
    paths, codes = [], []
    following: str | None = path
    while following is not None and len(paths) < 2:
        body = server.get(following)[1]
        paths.append(following)
        codes.append({one["properties"]["code"] for one in json.loads(body)["features"]})
        following = _following(body)
    return paths, codes


@contextmanager
def _tipg(url: sa.URL) -> Iterator[Server]:
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "DATABASE_URL": url.set(drivername="postgresql").render_as_string(hide_password=False),
            "TIPG_DB_SCHEMAS": json.dumps([_SCHEMA]),
            "TIPG_DB_SPATIAL_EXTENT": "false",
            "TIPG_DB_DATETIME_EXTENT": "false",
        }
        command = [sys.executable, "-m", "uvicorn", "tipg.main:app", "--host", "127.0.0.1", "--port", str(port)]
        process = subprocess.Popen(
            [*command, "--log-level", "warning", "--timeout-keep-alive", "600"],
            cwd=folder,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        try:
            deadline = time.monotonic() + START_S
            while time.monotonic() < deadline:
                if process.poll() is not None:
                    raise RuntimeError((process.stderr.read() if process.stderr else b"").decode()[-1000:])
                try:
                    line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                    line.request("GET", "/healthz")
                    line.getresponse().read()
                    line.close()
                    break
                except OSError:
                    time.sleep(0.1)
            yield Server(port)
        finally:
            process.terminate()
            process.wait(timeout=30)


@contextmanager
def _views(engine: sa.Engine, layers: list[str], release: int) -> Iterator[None]:
    """Views with the attributes that our items have, in a schema of their own, gone afterwards."""
    text = f"""
        create view {_SCHEMA}.{{layer}} as
        select code, name, name_en, class, legal_status, accuracy_m, source, method, licence, plan_line, valid_from, valid_to,
               area_m2, length_m, properties, geom
        from feature where layer = '{{layer}}' and releases @> {release}"""
    with engine.begin() as connection:
        connection.execute(sa.text(f"drop schema if exists {_SCHEMA} cascade"))
        connection.execute(sa.text(f"create schema {_SCHEMA}"))
        for layer in layers:
            connection.execute(sa.text(text.format(layer=layer)))
    try:
        yield
    finally:
        with engine.begin() as connection:
            connection.execute(sa.text(f"drop schema if exists {_SCHEMA} cascade"))


def _layers(engine: sa.Engine) -> list[str]:
    """Layers with two pages at least: the one with the most vertices to a feature, and the one with the fewest."""
    text = """select layer from feature where releases @> (select max(number) from release) group by layer
              having count(*) >= :least and avg(ST_MemSize(geom)) < 8000 order by avg(ST_MemSize(geom))"""
    with engine.connect() as connection:
        found = list(connection.execute(sa.text(text), {"least": 2 * PAGE}).scalars())
    return list(dict.fromkeys([found[0], found[-1]])) if found else []


def _bare(engine: sa.Engine, layer: str) -> Callable[[], float]:
    view = open_release(engine)
    collection = collection_at(engine, view, layer)
    if collection is None:
        raise RuntimeError(f"{layer} is not public")
    crs, everything = named(None, collection.crs, "crs"), Where(sql.SQL("true"))

    def once() -> float:
        start = time.perf_counter()
        page(engine, collection, everything, crs=crs, limit=PAGE)
        return (time.perf_counter() - start) * 1e3

    return once


def figures(report: Report, url: sa.URL) -> None:
    """Pages of both servers in turn, from the same database on the same machine."""
    engine = make_engine(url)
    release = int(open_release(engine).number)
    layers = _layers(engine)
    if not layers:
        report.failed(f"items pages of {PAGE} features", "no layer has two pages")
    try:
        with _views(engine, layers, release), serving(url) as ours, _tipg(url) as theirs:
            for layer in layers:
                paths, codes = _first_two(Server(ours.port), f"/collections/{layer}/items?limit={PAGE}")
                their_paths, their_codes = _first_two(theirs, f"/collections/{_SCHEMA}.{layer}/items?limit={PAGE}")
                # Its second page may repeat features of the first: it pages by offset without an order.
                sizes = [len(one) for one in (*codes, *their_codes)]
                if sizes != [PAGE] * 4:
                    report.failed(f"items page, {layer}", f"the pages hold {sizes} features")
                    continue
                own, other, bare = [], [], []
                once = _bare(engine, layer)
                for _ in range(ROUNDS):  # in turn, so that all three meet the same weather
                    own += [Server(ours.port).get(path)[0] for path in paths]
                    other += [theirs.get(path)[0] for path in their_paths]
                    bare.append(once())
                report.times(f"items page, {layer}, Shanhe", own)
                report.times(f"  tipg {version('tipg')}", other)
                report.times("  the bare SQL", bare)
                middle = sorted(other)[len(other) // 2] / sorted(own)[len(own) // 2]
                report.figure(f"  page of {PAGE} features, times as fast as tipg", middle, "×", LEAST)
    finally:
        engine.dispose()


def main() -> None:
    report = Report()
    report.title(f"Items: pages of {PAGE} features, the first two in turn")
    report.header()
    figures(report, national(TENTH))


if __name__ == "__main__":
    main()
