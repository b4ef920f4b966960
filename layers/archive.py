"""Stored checks: one row per question, numbered per county and day without gaps. It computes no check."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg.types.json import Jsonb

from layers.database import driver, driver_queries
from zoning.bilingual import Bilingual
from zoning.errors import NotFound

_SQL = driver_queries("archive")


@dataclass(frozen=True, slots=True)
class StoredCheck:
    """A check as it was stored. `result` is the canonical text of the answer, byte for byte."""

    id: str
    number: str
    release: int
    request: Mapping[str, Any]
    result: str
    created_at: dt.datetime


class _LostRaceError(Exception):
    """Another process stored the same check first; the serial taken here is given back by rolling back."""


def next_number(connection: psycopg.Connection[Any], county: str, day: dt.date) -> str:
    """The next `<county>-<YYYYMMDD>-<serial>`; given back if the caller's transaction rolls back.

    The serial has at least four digits; after 9999 it grows.
    """
    row = connection.execute(_SQL["next_serial"], {"county": county, "day": day}).fetchone()
    serial = int(row[0]) if row else 0
    return f"{county}-{day:%Y%m%d}-{serial:04d}"


def save_check(
    source: sa.Engine | sa.Connection,
    *,
    id: str,
    release: int,
    request: Mapping[str, Any],
    county: str,
    day: dt.date,
    result: Callable[[str], str],
) -> StoredCheck:
    """Store a check once; the same id again gives back what was stored first, number and bytes included.

    Parameters
    ----------
    source
        An engine, or a connection of `layers.database.borrowed`.
    id
        The check's content address.
    county, day
        GB/T 2260 code and day that the number is made of.
    result
        Gives the canonical text for a number; called at most once, before anything is written.

    Raises
    ------
    Unavailable
        The database cannot be reached; nothing is stored.
    """
    try:
        with driver(source) as connection, connection.transaction():
            number = next_number(connection, county, day)
            text = result(number)
            values = {"id": id, "number": number, "release": release, "request": Jsonb(dict(request)), "result": text}
            row = connection.execute(_SQL["insert"], values).fetchone()
            if row is None:
                raise _LostRaceError  # noqa: TRY301 (rolls the transaction back)
            return StoredCheck(id, number, release, dict(request), text, row[0])
    except _LostRaceError:
        return load_check(source, id)


def find_check(source: sa.Engine | sa.Connection, name: str) -> StoredCheck | None:
    """The stored check of that id or number, or None. Raises `Unavailable`."""
    with driver(source) as connection:
        row = connection.execute(_SQL["by_name"], {"name": name}).fetchone()
    return None if row is None else StoredCheck(*row)


def load_check(source: sa.Engine | sa.Connection, name: str) -> StoredCheck:
    """The stored check of that id or number; raises `NotFound`."""
    stored = find_check(source, name)
    if stored is not None:
        return stored
    raise NotFound(
        "check-unknown",
        Bilingual(f"没有编号为 {name} 的核查记录。", f"There is no check {name}."),
        field="id",
        value=name,
    )
