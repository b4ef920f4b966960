"""Databases for tests: real PostGIS, one per worker, cloned from templates that are made once and kept.

Uses `SHANHE_DATABASE_URL` (a role that may create databases) or the checkout's own cluster, which is started when down.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import hypothesis
import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql

from layers.catalogue import read_catalogue
from layers.database import database_url, make_engine, migrate
from layers.load import load_bundled
from layers.settings import CHECKOUT, settings
from tests.serving import Served, serving

# The same examples on every run, so that a failure is of the change at hand; SHANHE_HYPOTHESIS=deep looks for new ones.
hypothesis.settings.register_profile("steady", derandomize=True, deadline=None)
hypothesis.settings.register_profile("deep", deadline=None, max_examples=500)
hypothesis.settings.load_profile(os.environ.get("SHANHE_HYPOTHESIS", "steady"))

# Tiles that tests cut stay out of the checkout's own.
TILES = tempfile.TemporaryDirectory(prefix="shanhe-tiles-")
os.environ["SHANHE_TILES"] = TILES.name
settings.cache_clear()

PREFIX = "shanhe_test_"
TEMPLATE_PREFIX = "shanhe_tpl_"


class Databases:
    """The server tests run on. Every database in use is guarded by an advisory lock that dies with its test run."""

    def __init__(self, base: sa.URL) -> None:
        self.base = base
        self.guard = psycopg.connect(self._dsn(base), autocommit=True)

    @staticmethod
    def _dsn(url: sa.URL) -> str:
        return url.set(drivername="postgresql").render_as_string(hide_password=False)

    def url(self, name: str) -> sa.URL:
        return self.base.set(database=name)

    def exists(self, name: str) -> bool:
        return self.guard.execute("select 1 from pg_database where datname = %s", [name]).fetchone() is not None

    def create(self, name: str, template: str) -> None:
        statement = sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(template))
        self.guard.execute(statement)

    def drop(self, name: str) -> None:
        forced = sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
        for _ in range(50):
            try:
                self.guard.execute(forced)
            except psycopg.errors.InsufficientPrivilege:
                time.sleep(0.1)  # an autovacuum worker is inside: it is the superuser's, and soon gone
            else:
                return
        self.guard.execute(forced)

    @contextmanager
    def locked(self, name: str) -> Iterator[None]:
        self.guard.execute("select pg_advisory_lock(hashtext(%s))", [name])
        try:
            yield
        finally:
            self.guard.execute("select pg_advisory_unlock(hashtext(%s))", [name])

    def claim(self, name: str) -> bool:
        row = self.guard.execute("select pg_try_advisory_lock(hashtext(%s))", [name]).fetchone()
        return bool(row and row[0])

    def sweep(self) -> None:
        """Drop the databases of runs that died."""
        rows = self.guard.execute("select datname from pg_database where starts_with(datname, %s)", [PREFIX]).fetchall()
        for (name,) in rows:
            if self.claim(name):
                self.drop(name)
                self.guard.execute("select pg_advisory_unlock(hashtext(%s))", [name])

    def forget_templates(self, prefix: str, keep: str) -> None:
        """Drop older templates in the own cluster; in a server given by URL others may be using theirs."""
        if settings().database_url is None:
            rows = self.guard.execute(
                "select datname from pg_database where starts_with(datname, %s)", [prefix]
            ).fetchall()
            for (name,) in rows:
                if not name.startswith(keep):
                    self.drop(name)

    def template(self, name: str, origin: str, fill: Callable[[sa.Engine], object]) -> str:
        """A template database, made once: under another name until it is filled, so that half a one is never used."""
        with self.locked(name):
            if not self.exists(name):
                draft = f"{name}_draft"
                self.drop(draft)
                self.create(draft, origin)
                engine = make_engine(self.url(draft))
                try:
                    fill(engine)
                finally:
                    engine.dispose()
                rename = sql.SQL("alter database {} rename to {}")
                self.forget_templates(name.rsplit("_", 1)[0] + "_", name)
                self.guard.execute(rename.format(sql.Identifier(draft), sql.Identifier(name)))
        return name


def _hash(paths: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(str(path.relative_to(CHECKOUT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """The server; the databases of dead runs are gone."""
    server = Databases(database_url())
    with closing(server.guard):
        server.sweep()
        yield server


@pytest.fixture(scope="session")
def migrated_template(databases: Databases) -> str:
    """Name of a template with all tables and no data."""
    scripts = [*(CHECKOUT / "alembic").rglob("*.py"), CHECKOUT / "layers" / "tables.py"]
    origin = "shanhe_postgis" if databases.exists("shanhe_postgis") else "template0"
    return databases.template(TEMPLATE_PREFIX + _hash(scripts), origin, migrate)


@pytest.fixture(scope="session")
def bundled_template(databases: Databases, migrated_template: str) -> str:
    """Name of a template with the bundled boundaries and access list published as release 1."""
    folder = settings().boundaries
    access = settings().access_list
    inputs = [
        *folder.glob("*.geojson"),
        *access.glob("*.json"),
        *access.glob("*.yaml"),
        *(CHECKOUT / "layers").rglob("*.yaml"),
        *(CHECKOUT / "layers").rglob("*.sql"),
    ]
    inputs += [
        *(CHECKOUT / "layers").glob("*.py"),
        CHECKOUT / "zoning" / "measure.py",
        CHECKOUT / "zoning" / "canonical.py",
    ]
    name = f"{migrated_template}_{_hash(inputs)}"
    return databases.template(
        name, migrated_template, lambda engine: load_bundled(engine, folder, read_catalogue(), access)
    )


@contextmanager
def _clone(databases: Databases, template: str, name: str) -> Iterator[sa.URL]:
    assert databases.claim(name)
    try:
        databases.create(name, template)
        yield databases.url(name)
    finally:
        databases.drop(name)
        databases.guard.execute("select pg_advisory_unlock(hashtext(%s))", [name])


@contextmanager
def _engine(url: sa.URL) -> Iterator[sa.Engine]:
    engine = make_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def _name(worker: str, what: str) -> str:
    return f"{PREFIX}{os.getpid()}_{worker}_{what}"


@pytest.fixture(scope="session")
def database_url_of_worker(databases: Databases, bundled_template: str, worker_id: str) -> Iterator[sa.URL]:
    """A database of this worker with the bundled boundaries as release 1; its URL holds the password."""
    with _clone(databases, bundled_template, _name(worker_id, "bundled")) as url:
        yield url


@pytest.fixture(scope="session")
def bundled_db(database_url_of_worker: sa.URL) -> Iterator[sa.Engine]:
    """The bundled boundaries as release 1. Shared by a worker's tests: publish nothing in it."""
    with _engine(database_url_of_worker) as engine:
        yield engine


@pytest.fixture(scope="session")
def service(database_url_of_worker: sa.URL) -> Iterator[Served]:
    """The real service on a free port, in a process of its own, on the worker's bundled boundaries."""
    with serving(database_url_of_worker) as served:
        yield served


@pytest.fixture
def empty_db(databases: Databases, migrated_template: str, worker_id: str) -> Iterator[sa.Engine]:
    """All tables, no data, one database for each test."""
    with _clone(databases, migrated_template, _name(worker_id, "empty")) as url, _engine(url) as engine:
        yield engine


@pytest.fixture
def bare_db(databases: Databases, worker_id: str) -> Iterator[sa.Engine]:
    """A database without tables."""
    origin = "shanhe_postgis" if databases.exists("shanhe_postgis") else "template0"
    with _clone(databases, origin, _name(worker_id, "bare")) as url, _engine(url) as engine:
        yield engine
