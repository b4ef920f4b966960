"""What comes back through the door: layers of features as WKB and plain values, and the bytes they travel in; nothing
in them can run."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from zoning.bilingual import Bilingual
from zoning.errors import BadSite

_LENGTH = struct.Struct(">Q")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader is told: the file's name as its user knows it, the layer wanted or None, and the most features and
    vertices taken."""

    name: str
    layer: str | None
    features: int
    vertices: int


@dataclass(frozen=True, slots=True)
class Row:
    """One feature: its id in the file, its fields, its geometry as WKB in two dimensions without curves, and its own
    name and number if the format has them."""

    fid: int
    fields: Mapping[str, Any]
    wkb: bytes | None
    name: str | None = None
    number: str | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """The features of one layer; `crs` is a code or WKT as the file states it, None where it states none.

    `rings` says what the direction of a polygon's rings means: ``free`` nothing; ``rfc7946`` a shell should run
    counter-clockwise; ``loose`` it tells shells (clockwise) from holes, in any order, as in a Shapefile.
    """

    name: str
    crs: str | None
    rows: tuple[Row, ...]
    rings: str = "free"


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


def pack(found: Table | Fault | BadSite) -> bytes:
    """A length, a JSON header of that length, and the geometries one after another."""
    if isinstance(found, Fault | BadSite):
        whole = isinstance(found, BadSite)
        reason = found.message if isinstance(found, BadSite) else found.reason
        return _joined(
            {"fault": {"type": found.type, "reason": reason.as_dict(), "where": found.where, "whole": whole}}, []
        )
    blobs: list[bytes] = []
    layers = []
    for layer in found.layers:
        rows = []
        for row in layer.rows:
            size = None if row.wkb is None else len(row.wkb)
            rows.append([row.fid, row.name, row.number, dict(row.fields), size])
            blobs.append(row.wkb or b"")
        layers.append({"name": layer.name, "crs": layer.crs, "rings": layer.rings, "rows": rows})
    return _joined({"layers": layers, "notes": dict(found.notes), "guards": dict(found.guards)}, blobs)


def _joined(header: Mapping[str, Any], blobs: list[bytes]) -> bytes:
    text = json.dumps(header, ensure_ascii=True).encode("ascii")
    return b"".join([_LENGTH.pack(len(text)), text, *blobs])


def unpack(data: bytes) -> Table:
    """The table of `pack`.

    Raises
    ------
    Fault, BadSite
        The one that the reader raised.
    ValueError
        The bytes are no table; also KeyError, TypeError and struct.error.
    """
    (length,) = _LENGTH.unpack_from(data)
    at = _LENGTH.size + length
    header = json.loads(data[_LENGTH.size : at])
    if "fault" in header:
        raise _raised(header["fault"])
    layers = []
    for layer in header["layers"]:
        rows = []
        for fid, name, number, fields, size in layer["rows"]:
            wkb = None if size is None else data[at : at + size]
            at += size or 0
            rows.append(Row(int(fid), dict(fields), wkb, name, number))
        layers.append(Layer(str(layer["name"]), layer["crs"], tuple(rows), str(layer["rings"])))
    if at != len(data):
        raise ValueError("the geometries do not fill the rest")
    return Table(tuple(layers), header["notes"], header["guards"])


def _raised(given: Mapping[str, Any]) -> Fault | BadSite:
    reason = Bilingual(str(given["reason"]["zh"]), str(given["reason"]["en"]))
    fault = Fault(str(given["type"]), reason, **given["where"])
    return BadSite(fault.type, reason, **fault.where) if given["whole"] else fault


def counted(names: list[str]) -> dict[str, int]:
    """How often each name comes, most often first."""
    found: dict[str, int] = {}
    for name in names:
        found[name] = found.get(name, 0) + 1
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))
