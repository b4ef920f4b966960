"""A layer as everybody may see it at a release: its facts, extent, queryables and CRSs. It reads no single feature."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import psycopg
import sqlalchemy as sa
from psycopg import sql

from layers.database import driver, driver_queries
from layers.map_crs import Box, MapCRS, offered
from layers.queryable import Queryable, queryables_of
from layers.release import Release
from layers.visibility import Form, form_of, geometry_sql
from zoning.bilingual import Bilingual

_SQL = driver_queries("collection")
_MOST_EXTENTS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Collection:
    """A visible layer at a release. `box` (degrees) is None where no feature has a place; `days` are the first and the last
    day on which some feature is in force, None where that is open."""

    id: str
    view: Release
    title: Bilingual
    form: Form
    version: int
    feature_count: int
    legal_status: str
    accuracy_m: float
    spec: Mapping[str, Any]
    box: Box | None
    days: tuple[dt.date | None, dt.date | None]

    @property
    def geometry(self) -> sql.Composable:
        """The SQL of a feature's geometry (of the row `f`) in the form everybody may see."""
        return geometry_sql(self.form)

    @property
    def queryables(self) -> dict[str, Queryable]:
        return queryables_of(self.spec, self.geometry)

    @property
    def crs(self) -> tuple[MapCRS, ...]:
        """The CRSs its features are given in, CRS84 first."""
        return offered(self.box[0], self.box[2]) if self.box else offered(112.5, 112.5)[:3]


class _Extents:
    """Boxes of layer versions, which never change: remembered by content."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._boxes: dict[tuple[str, str, Form], Box | None] = {}

    def of(
        self, connection: psycopg.Connection[Any], layer: str, content: str, view: Release, form: Form
    ) -> Box | None:
        key = (layer, content, form)
        if key not in self._boxes:
            query = sql.SQL(_SQL["extent"]).format(geometry=geometry_sql(form))
            row = connection.execute(query, {"layer": layer, "release": int(view.number)}).fetchone()
            box = (
                None if row is None or row[0] is None else (float(row[0]), float(row[1]), float(row[2]), float(row[3]))
            )
            with self._lock:
                while len(self._boxes) >= _MOST_EXTENTS:
                    self._boxes.pop(next(iter(self._boxes)))
                self._boxes[key] = box
        return self._boxes[key]


_extents: Final = _Extents()


def collections_at(source: sa.Engine | sa.Connection, view: Release) -> tuple[Collection, ...]:
    """The layers that everybody may see at a release, in display order. Raises `Unavailable`."""
    return _read(source, view, None)


def collection_at(source: sa.Engine | sa.Connection, view: Release, layer: str) -> Collection | None:
    """One of them, or None: a layer that is not held and one that is not for everybody are the same from outside."""
    found = _read(source, view, layer)
    return found[0] if found else None


def _read(source: sa.Engine | sa.Connection, view: Release, layer: str | None) -> tuple[Collection, ...]:
    with driver(source) as connection:
        rows = connection.execute(_SQL["layers"], {"release": int(view.number), "layer": layer}).fetchall()
        found = []
        for id, version, title_zh, title_en, content, count, status, accuracy, spec, now, first, last in rows:
            form = form_of(spec, now)
            if form is not None:
                box = _extents.of(connection, id, content, view, form)
                title = Bilingual(title_zh, title_en)
                found.append(
                    Collection(id, view, title, form, version, count, status, accuracy, spec, box, (first, last))
                )
    return tuple(found)
