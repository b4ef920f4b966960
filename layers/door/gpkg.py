"""Reads a GeoPackage as the SQLite database it is, in memory, with views held to reading; runs behind the door only. It
loads no GDAL, which would draw arcs as chords and close rings without a word."""

from __future__ import annotations

import math
import sqlite3
import struct
from dataclasses import dataclass
from typing import Any

from layers.door import wkb
from layers.door.choice import Held, chosen
from layers.door.table import Asked, Fault, Layer, Row, Table
from zoning.bilingual import Bilingual

_LAYERS = """
select c.table_name, g.column_name, g.srs_id, s.organization, s.organization_coordsys_id, s.definition
  from gpkg_contents c
  join gpkg_geometry_columns g on lower(g.table_name) = lower(c.table_name)
  left join gpkg_spatial_ref_sys s on s.srs_id = g.srs_id
 where c.data_type = 'features'
 order by c.rowid
"""
_OTHERS = "select table_name, data_type from gpkg_contents where data_type <> 'features' order by rowid"
_ALLOWED = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE)
_MOST_LAYERS = 500
_MOST_COLUMNS = 500
_ENVELOPES = (0, 32, 48, 48, 64)
_WAL = b"\2\2"


@dataclass(frozen=True, slots=True)
class _Declared:
    """A layer as the GeoPackage's own tables declare it."""

    name: str
    column: str
    crs: str | None


def read(data: bytes, asked: Asked) -> Table:
    """The one layer with features, or the one asked for; triggers are not run and views are read as what they show.

    Raises
    ------
    Fault
        ``file-open-failed``, ``curve-unsupported``, ``gpkg-no-features``, ``too-many-*``.
    BadSite
        Those of `layers.door.choice`.
    """
    try:
        return _Reader(_opened(data), asked).read()
    except sqlite3.Error as error:
        raise _damaged(Bilingual("GeoPackage 内容损坏", "the GeoPackage is damaged"), said=str(error)[:200]) from error


def _damaged(reason: Bilingual, **where: Any) -> Fault:
    return Fault("file-open-failed", reason, **where)


def _opened(data: bytes) -> sqlite3.Connection:
    if data[18:20] == _WAL:  # its log is not with it; without this mark the database itself is read
        data = data[:18] + b"\1\1" + data[20:]
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.deserialize(data)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.setlimit(sqlite3.SQLITE_LIMIT_COLUMN, _MOST_COLUMNS)
    for setting in ("trusted_schema = off", "query_only = on", "cell_size_check = on", "temp_store = memory"):
        connection.execute(f"PRAGMA {setting}")
    connection.set_authorizer(_judged)
    return connection


def _judged(action: int, what: str | None, _two: str | None, _database: str | None, _inner: str | None) -> int:
    """Only reading is allowed, and asking for the columns of a table."""
    allowed = action in _ALLOWED or (action == sqlite3.SQLITE_PRAGMA and what == "table_info")
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


class _Reader:
    def __init__(self, connection: sqlite3.Connection, asked: Asked) -> None:
        self.connection = connection
        self.asked = asked
        self.heights = False
        self.guess: str | None = None
        self.room = asked.vertices
        connection.text_factory = self.text

    def text(self, raw: bytes) -> str:
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            self.guess = "gb18030"
            return raw.decode("gb18030", "replace")

    def read(self) -> Table:
        layers = self.declared()
        held = [Held(layer.name, self.count(layer)) for layer in layers]
        number = chosen(held, self.asked)
        if number is None:
            raise self.without_features()
        layer = layers[number]
        rows = tuple(self.rows(layer))
        notes: dict[str, Any] = {"heights": self.heights, "held": len(layers)}
        if self.guess:
            notes["encoding"] = {"encoding": self.guess}
        return Table((Layer(layer.name, layer.crs, rows),), notes, {"drivers": ["sqlite"]})

    def declared(self) -> list[_Declared]:
        found = self.connection.execute(_LAYERS).fetchmany(_MOST_LAYERS + 1)
        if len(found) > _MOST_LAYERS:
            reason = Bilingual(f"图层超过 {_MOST_LAYERS} 个", f"it has more than {_MOST_LAYERS} layers")
            raise _damaged(reason)
        return [
            _Declared(str(table), str(column), _crs(srs, body, code, text))
            for table, column, srs, body, code, text in found
        ]

    def without_features(self) -> Fault:
        others = [f"{name}（{kind}）" for name, kind in self.connection.execute(_OTHERS).fetchmany(20)]
        zh, en = "，".join(others), ", ".join(others).replace("（", " (").replace("）", ")")
        reason = Bilingual(f"，只有 {zh}" if others else "", f", only {en}" if others else "")
        return Fault("gpkg-no-features", reason)

    def count(self, layer: _Declared) -> int | None:
        """How many features, as far as the limit; None where the layer cannot be read."""
        statement = f"select count(*) from (select 1 from {_quoted(layer.name)} limit ?)"  # noqa: S608 (quoted)
        try:
            return int(self.connection.execute(statement, [self.asked.features + 1]).fetchone()[0])
        except sqlite3.OperationalError:
            return None

    def rows(self, layer: _Declared) -> list[Row]:
        table = _quoted(layer.name)
        kinds = {
            str(row[1]): (str(row[2]).upper(), int(row[5]))
            for row in self.connection.execute(f"PRAGMA table_info({table})")
        }
        cursor = self.connection.execute(f"select * from {table} limit ?", [self.asked.features + 1])  # noqa: S608
        columns = [str(column[0]) for column in cursor.description]
        try:
            at = [column.lower() for column in columns].index(layer.column.lower())
        except ValueError:
            reason = Bilingual(
                f"图层“{layer.name}”没有几何列“{layer.column}”",
                f"layer “{layer.name}” lacks its column “{layer.column}”",
            )
            raise _damaged(reason, layer=layer.name) from None
        key = next((n for n, column in enumerate(columns) if kinds.get(column, ("", 0))[1] == 1), None)
        if key is None and "fid" in columns:
            key = columns.index("fid")
        found: list[Row] = []
        for number, values in enumerate(cursor, start=1):
            if number > self.asked.features:
                raise Fault("too-many-features", Bilingual("图形", "features"), count=number, layer=layer.name)
            fields = {
                column: _plain(values[n], kinds.get(column, ("", 0))[0])
                for n, column in enumerate(columns)
                if n not in (at, key)
            }
            fid = values[key] if key is not None and isinstance(values[key], int) else number
            found.append(Row(fid, fields, self.geometry(values[at], number, layer.name)))
        return found

    def geometry(self, blob: Any, number: int, layer: str) -> bytes | None:
        """The WKB of a GeoPackage geometry in two dimensions; None where there is none."""
        if blob is None:
            return None
        where = {"feature": number, "layer": layer}
        try:
            found, heights, vertices = wkb.simplified(_wkb(blob), self.room)
        except wkb.CurvesError as error:
            kind = str(error)
            reason = Bilingual(
                f"图层“{layer}”第 {number} 个图形含有 {kind}", f"layer “{layer}”, feature {number} has a {kind}"
            )
            raise Fault("curve-unsupported", reason, **where, value=kind) from error
        except wkb.TooManyError as error:
            most = self.asked.vertices - self.room + int(error.args[0])
            raise Fault("too-many-vertices", Bilingual("顶点", "vertices"), count=most, layer=layer) from error
        except (ValueError, IndexError, struct.error) as error:
            reason = Bilingual(
                f"图层“{layer}”第 {number} 个图形的数据不完整", f"layer “{layer}”, feature {number} is incomplete"
            )
            raise _damaged(reason, **where) from error
        self.room -= vertices
        self.heights = self.heights or heights
        return found


def _wkb(blob: Any) -> bytes:
    """The WKB behind the header of a GeoPackage geometry. Raises ValueError where there is none."""
    if not isinstance(blob, bytes) or len(blob) < 8 or blob[:2] != b"GP" or blob[3] & 0x20:
        raise ValueError("no geometry of a GeoPackage")
    return blob[8 + _ENVELOPES[blob[3] >> 1 & 7] :]


def _crs(srs: Any, body: Any, code: Any, text: Any) -> str | None:
    """The CRS as a code or WKT; None where the file says that it does not know it (srs_id −1 and 0) or not what it is."""
    if srs in (-1, 0) or body is None:
        return None
    if str(body).upper() == "EPSG" and isinstance(code, int):
        return f"EPSG:{code}"
    return str(text) if text else None


def _plain(value: Any, kind: str) -> Any:
    """A value as JSON has it; bytes and what is no number are no value."""
    if isinstance(value, bytes) or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return bool(value) if kind == "BOOLEAN" and value in (0, 1) else value
