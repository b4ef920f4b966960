"""The one place that opens database connections: engine, snapshot, transaction, migration. It knows no table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, LiteralString, cast

import psycopg
import psycopg.errors
import sqlalchemy as sa
from sqlalchemy import exc

from layers import cluster
from layers.settings import CHECKOUT, settings
from zoning.bilingual import Bilingual
from zoning.errors import Unavailable

if TYPE_CHECKING:
    from alembic.config import Config

_SCHEMA_MISSING = Bilingual(
    "数据库里还没有本系统的表或版本不符，请先运行 shanhe load。",
    "The database does not hold the current tables; run shanhe load first.",
)
_TIMEOUT = Bilingual(
    "数据库在规定时间内没有答复，本次未作判断，请缩小范围或稍后再试。",
    "The database did not answer in time, so nothing was decided; try a smaller site or try again later.",
)
_RIGHTS = Bilingual(
    "数据库账号无权建表或建扩展，请由超级用户先在库中执行 create extension postgis; create extension btree_gist; 并授予建表权限。",
    "The database role may not create tables or extensions: have a superuser run `create extension postgis; create "
    "extension btree_gist;` there and grant the role the right to create tables.",
)
_LACKING = (
    psycopg.errors.InsufficientPrivilege,
    psycopg.errors.InvalidSchemaName,
    psycopg.errors.FeatureNotSupported,
)
_UNREACHABLE = Bilingual(
    "连接不上数据库，请检查数据库是否已启动、SHANHE_DATABASE_URL 是否正确。",
    "The database cannot be reached; check that it runs and that SHANHE_DATABASE_URL is right.",
)


def with_driver(url: str) -> sa.URL:
    """A PostgreSQL URL of any spelling as one that names psycopg 3; raises `Unavailable` when it is no such URL."""
    try:
        parsed = sa.make_url(url)
    except exc.ArgumentError:
        parsed = None
    if parsed is None or parsed.get_backend_name() not in ("postgresql", "postgres"):
        raise Unavailable(
            "database-url",
            Bilingual(
                "SHANHE_DATABASE_URL 应形如 postgresql://用户@主机/库名。",
                "SHANHE_DATABASE_URL must look like postgresql://user@host/database.",
            ),
        )
    return parsed.set(drivername="postgresql+psycopg")


def database_url() -> sa.URL:
    """`SHANHE_DATABASE_URL`, or the checkout's own cluster, which is started when it is down."""
    given = settings().database_url
    return with_driver(given.get_secret_value() if given is not None else cluster.up())


def make_engine(url: str | sa.URL, *, prepared: bool = False) -> sa.Engine:
    """An engine with its own pool; the caller disposes of it. Tests use it, everything else `engine()`.

    `prepared` is for one statement that is asked over and over, as tiles are: it is planned once for each connection, and a
    connection is not tried before it is used.
    """
    chosen = settings()
    return sa.create_engine(
        with_driver(url) if isinstance(url, str) else url,
        pool_size=chosen.pool_size,
        max_overflow=0 if prepared else chosen.pool_size,
        pool_pre_ping=not prepared,
        connect_args={
            "connect_timeout": chosen.connect_timeout_s,
            "application_name": "shanhe",
            # Prepared statements would be planned without the window, and break behind a transaction pooler.
            "prepare_threshold": 1 if prepared else None,
            "options": f"-c statement_timeout={chosen.statement_timeout_ms} -c timezone=Asia/Shanghai -c jit=off"
            + (" -c plan_cache_mode=force_generic_plan" if prepared else ""),
        },
    )


@cache
def engine() -> sa.Engine:
    """The engine of this process."""
    return make_engine(database_url())


@contextmanager
def translated() -> Iterator[None]:
    """Turns failures of the database into `Unavailable`; errors in the data pass through."""
    try:
        yield
    except (exc.DBAPIError, psycopg.Error) as error:
        # COPY runs on the driver itself, so its errors come without SQLAlchemy's wrapping.
        cause = error.orig if isinstance(error, exc.DBAPIError) else error
        if isinstance(cause, psycopg.errors.QueryCanceled):
            raise Unavailable("database-timeout", _TIMEOUT) from error
        if isinstance(cause, (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn)):
            raise Unavailable("database-schema", _SCHEMA_MISSING) from error
        if isinstance(cause, (psycopg.OperationalError, psycopg.InterfaceError)):
            raise Unavailable("database-unreachable", _UNREACHABLE) from error
        raise
    except exc.TimeoutError as error:
        raise Unavailable("database-unreachable", _UNREACHABLE) from error


@contextmanager
def borrowed(source: sa.Engine) -> Iterator[sa.Connection]:
    """One connection of the pool for several short reads and writes, each statement its own snapshot.

    Raises `Unavailable`.
    """
    with translated(), source.connect() as connection:
        yield connection.execution_options(isolation_level="AUTOCOMMIT")


@contextmanager
def driver(source: sa.Engine | sa.Connection) -> Iterator[psycopg.Connection[Any]]:
    """The driver's own connection, for the statements of every check: of an engine, borrowed; of a connection, in its
    transaction. Raises `Unavailable`."""
    if isinstance(source, sa.Engine):
        with borrowed(source) as connection, driver(connection) as own:
            yield own
    else:
        with translated():
            yield cast("psycopg.Connection[Any]", source.connection.driver_connection)


@contextmanager
def reading(source: sa.Engine) -> Iterator[sa.Connection]:
    """One read-only snapshot: everything read inside is of one moment. Raises `Unavailable`."""
    with translated(), source.connect() as connection:
        connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            yield connection


@contextmanager
def writing(source: sa.Engine, *, timeout_ms: int | None = None) -> Iterator[sa.Connection]:
    """One transaction: all or nothing. `timeout_ms` replaces the statement timeout (0: none). Raises `Unavailable`."""
    with translated(), source.begin() as connection:
        if timeout_ms is not None:
            connection.execute(sa.text("select set_config('statement_timeout', :ms, true)"), {"ms": str(timeout_ms)})
        yield connection


def alembic_config(url: sa.URL) -> Config:
    """Alembic's configuration for a database, by path: the current directory does not matter."""
    from alembic.config import Config  # noqa: PLC0415 (half a second that only migrations need)

    config = Config(CHECKOUT / "alembic.ini")
    config.attributes["url"] = url
    return config


def migrate(source: sa.Engine, revision: str = "head") -> None:
    """Bring the tables to a revision, upwards. Raises `Unavailable`."""
    from alembic import command  # noqa: PLC0415 (as above)

    with translated():
        try:
            command.upgrade(alembic_config(source.url), revision)
        except exc.DBAPIError as error:
            if isinstance(error.orig, _LACKING):
                raise Unavailable("database-rights", _RIGHTS) from error
            raise


def _blocks(name: str) -> Iterator[tuple[str, str]]:
    for block in (files("layers") / f"{name}.sql").read_text(encoding="utf-8").split("-- name: ")[1:]:
        title, body = block.split("\n", 1)
        yield title.strip(), body.strip().removesuffix(";")


def queries(name: str) -> dict[str, sa.TextClause]:
    """The named queries of `layers/<name>.sql`: each starts at a line `-- name: <query>`."""
    return {title: sa.text(body) for title, body in _blocks(name)}


def driver_queries(name: str) -> dict[str, LiteralString]:
    """The same, with parameters written as the driver wants them, for use with `driver`."""
    return {
        title: re.sub(r"(?<![:\w]):([a-z]\w*)", r"%(\1)s", body.replace("%", "%%")) for title, body in _blocks(name)
    }
