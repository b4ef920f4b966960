"""Streams rows into a table with COPY, and writes geometries as COPY reads them. It opens no transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

import psycopg
import shapely
import sqlalchemy as sa
from psycopg import sql

from zoning.evidence import Geometries


def copy(connection: sa.Connection, table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Add rows to a table inside the connection's transaction."""
    driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    named = sql.SQL(", ").join(map(sql.Identifier, columns))
    statement = sql.SQL("copy {} ({}) from stdin").format(sql.Identifier(table), named)
    with driver.cursor() as cursor, cursor.copy(statement) as stream:
        for row in rows:
            stream.write_row(row)


def ewkb(geometries: Geometries, srid: int) -> list[str]:
    """Geometries with their CRS, in hex."""
    with_srid = shapely.set_srid(geometries, srid)
    # Six times as fast as asking for hex.
    return [wkb.hex() for wkb in shapely.to_wkb(with_srid, include_srid=True)]
