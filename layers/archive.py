"""Stored checks: one row per question, numbered per county and day without gaps. It computes no check."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from layers.database import queries, reading, writing
from zoning.bilingual import Bilingual
from zoning.errors import NotFound

_SQL = queries("archive")


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


def next_number(connection: sa.Connection, county: str, day: dt.date) -> str:
    """The next `<county>-<YYYYMMDD>-<serial>`; given back if the caller's transaction rolls back.

    The serial has at least four digits; after 9999 it grows.
    """
    serial = int(connection.execute(_SQL["next_serial"], {"county": county, "day": day}).scalar_one())
    return f"{county}-{day:%Y%m%d}-{serial:04d}"


def save_check(
    engine: sa.Engine,
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
        with writing(engine) as connection:
            stored = connection.execute(_SQL["by_id"], {"id": id}).one_or_none()
            if stored is None:
                number = next_number(connection, county, day)
                statement = _SQL["insert"].bindparams(sa.bindparam("request", type_=sa.JSON))
                values = {
                    "id": id,
                    "number": number,
                    "release": release,
                    "request": dict(request),
                    "result": result(number),
                }
                stored = connection.execute(statement, values).one_or_none()
                if stored is None:
                    raise _LostRaceError  # noqa: TRY301 (rolls the transaction back)
            return StoredCheck(*stored)
    except _LostRaceError:
        return load_check(engine, id)


def load_check(engine: sa.Engine, name: str) -> StoredCheck:
    """The stored check of that id or number; raises `NotFound`."""
    with reading(engine) as connection:
        for query, key in (("by_id", "id"), ("by_number", "number")):
            row = connection.execute(_SQL[query], {key: name}).one_or_none()
            if row is not None:
                return StoredCheck(*row)
    raise NotFound(
        "check-unknown",
        Bilingual(f"没有编号为 {name} 的核查记录。", f"There is no check {name}."),
        field="id",
        value=name,
    )
