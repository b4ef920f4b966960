"""What comes back through the door: layers of features as WKB and plain values, and the bytes they travel in; nothing
in them can run."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from zoning.bilingual import Bilingual

_LENGTH = struct.Struct(">Q")


@dataclass(frozen=True, slots=True)
class Row:
    """One feature: its id in the file, its own name if the format has one, its fields, and its geometry as WKB."""

    fid: int
    fields: Mapping[str, Any]
    wkb: bytes | None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """The features of one layer; `crs` is a code or WKT as the file states it, None where it states none."""

    name: str
    crs: str | None
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The content of one file. `notes` are what a reader left out or chose, `guards` how it was confined."""

    layers: tuple[Layer, ...]
    notes: Mapping[str, Any] = field(default_factory=dict)
    guards: Mapping[str, Any] = field(default_factory=dict)


class Fault(Exception):
    """What a reader in the child cannot take: the type of the error, its reason in both languages, and the place."""

    def __init__(self, type: str, reason: Bilingual, **where: Any) -> None:
        super().__init__(type)
        self.type = type
        self.reason = reason
        self.where = where


def pack(found: Table | Fault) -> bytes:
    """A length, a JSON header of that length, and the geometries one after another."""
    if isinstance(found, Fault):
        reason = {"zh": found.reason.zh, "en": found.reason.en}
        return _joined({"fault": {"type": found.type, "reason": reason, "where": found.where}}, [])
    blobs: list[bytes] = []
    layers = []
    for layer in found.layers:
        rows = []
        for row in layer.rows:
            size = None if row.wkb is None else len(row.wkb)
            rows.append([row.fid, row.name, dict(row.fields), size])
            blobs.append(row.wkb or b"")
        layers.append({"name": layer.name, "crs": layer.crs, "rows": rows})
    return _joined({"layers": layers, "notes": dict(found.notes), "guards": dict(found.guards)}, blobs)


def _joined(header: Mapping[str, Any], blobs: list[bytes]) -> bytes:
    text = json.dumps(header, ensure_ascii=True).encode("ascii")
    return b"".join([_LENGTH.pack(len(text)), text, *blobs])


def unpack(data: bytes) -> Table:
    """The table of `pack`.

    Raises
    ------
    Fault
        The one that the reader raised.
    ValueError
        The bytes are no table; also KeyError, TypeError and struct.error.
    """
    (length,) = _LENGTH.unpack_from(data)
    at = _LENGTH.size + length
    header = json.loads(data[_LENGTH.size : at])
    if fault := header.get("fault"):
        reason = Bilingual(str(fault["reason"]["zh"]), str(fault["reason"]["en"]))
        raise Fault(str(fault["type"]), reason, **fault["where"])
    layers = []
    for layer in header["layers"]:
        rows = []
        for fid, name, fields, size in layer["rows"]:
            wkb = None if size is None else data[at : at + size]
            at += size or 0
            rows.append(Row(int(fid), dict(fields), wkb, name))
        layers.append(Layer(str(layer["name"]), layer["crs"], tuple(rows)))
    if at != len(data):
        raise ValueError("the geometries do not fill the rest")
    return Table(tuple(layers), header["notes"], header["guards"])
