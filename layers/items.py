"""Features of a visible layer page by page, as the GeoJSON text that the database writes; Python joins bytes and parses none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import sqlalchemy as sa
from psycopg import sql

from layers.collection import Collection
from layers.cql2_sql import Where
from layers.database import driver, driver_queries
from layers.map_crs import MapCRS

BUDGET: Final = 8 * 1024 * 1024
"""Stored bytes of geometry after which a page ends: some 16 MB of GeoJSON."""

_SQL = driver_queries("items")


@dataclass(frozen=True, slots=True)
class Page:
    """`features` is their GeoJSON, separated by commas; `after` is the code that the next page starts behind, if there is one."""

    features: bytes
    returned: int
    after: str | None


def _query(name: str, collection: Collection, crs: MapCRS | None, where: Where | None = None) -> sql.Composed:
    slots: dict[str, sql.Composable] = {"where": where.condition if where else sql.SQL("true")}
    if crs is not None:
        slots["feature"] = feature_sql(collection.geometry, crs)
    return sql.SQL(_SQL[name]).format(**slots)


def feature_sql(geometry: sql.Composable | None, crs: MapCRS) -> sql.Composable:
    """The SQL of the GeoJSON of the feature `f`, with its geometry or, for None, without; it reads the parameter `classes`,
    the class titles by layer."""
    written: sql.Composable = sql.SQL("'null'")
    if geometry is not None:
        written = sql.SQL(_SQL["geometry"]).format(geometry=crs.geometry_sql(geometry), digits=sql.Literal(crs.digits))
    return sql.SQL(_SQL["feature"]).format(geometry=written)


def _asked(collection: Collection, more: Mapping[str, Any]) -> dict[str, Any]:
    classes = json.dumps({collection.id: collection.spec["classes"]})
    return {"layer": collection.id, "release": int(collection.view.number), "classes": classes, **more}


def page(
    source: sa.Engine, collection: Collection, where: Where, *, crs: MapCRS, limit: int, after: str | None = None
) -> Page:
    """One page of the features that meet a condition, in the order of their codes.

    Parameters
    ----------
    limit
        The most features, at least 1. A page of large features may end sooner, and says so in `after`.
    after
        Where the page before ended.

    Raises
    ------
    Unavailable
        The database cannot be reached, or takes longer than the statement timeout.
    """
    asked = _asked(collection, {**where.values, "after": after, "limit": limit, "budget": BUDGET})
    with driver(source) as connection, connection.cursor(binary=True) as cursor:
        row = cursor.execute(_query("page", collection, crs, where), asked).fetchone()
    more, returned, last, features = cast("tuple[bool, int, str | None, bytes | None]", row)
    return Page(features or b"", returned, last if more else None)


def count(source: sa.Engine, collection: Collection, where: Where) -> int:
    """How many features meet a condition. Raises `Unavailable`."""
    with driver(source) as connection:
        row = connection.execute(_query("count", collection, None, where), _asked(collection, where.values)).fetchone()
    return int(row[0]) if row else 0


def one(source: sa.Engine, collection: Collection, code: str, *, crs: MapCRS) -> bytes | None:
    """The GeoJSON of the feature of that code, or None. Raises `Unavailable`."""
    with driver(source) as connection, connection.cursor(binary=True) as cursor:
        row = cursor.execute(_query("one", collection, crs), _asked(collection, {"code": code})).fetchone()
    return bytes(row[0]) if row else None
