"""Writes and takes apart well-known binary ring by ring as given, so that a fault of closing is seen; it builds no
geometry."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
POINT, LINE, POLYGON, MULTIPOINT, MULTILINE, MULTIPOLYGON, COLLECTION = range(1, 8)
_DEEPEST = 8
_MEMBERS = (MULTIPOINT, MULTILINE, MULTIPOLYGON, COLLECTION)

Position = tuple[float, float]


class CurvesError(ValueError):
    """A kind of geometry that is no point, line or polygon: arcs, surfaces, solids."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A point, line or polygon: `rings` are its (n, 2) coordinates, one array but for a polygon."""

    kind: int
    rings: tuple[Floats, ...]


def point(at: Position) -> bytes:
    return struct.pack("<BI2d", 1, POINT, *at)


def line(points: Sequence[Position]) -> bytes:
    return struct.pack("<BI", 1, LINE) + _ring(points)


def polygon(rings: Sequence[Sequence[Position]]) -> bytes:
    return struct.pack("<BII", 1, POLYGON, len(rings)) + b"".join(_ring(ring) for ring in rings)


def collection(members: Sequence[bytes]) -> bytes:
    return struct.pack("<BII", 1, COLLECTION, len(members)) + b"".join(members)


def _ring(points: Sequence[Position]) -> bytes:
    flat = [value for position in points for value in position]
    return struct.pack(f"<I{len(flat)}d", len(points), *flat)


def pieces(data: bytes) -> tuple[list[Piece], bool]:
    """The points, lines and polygons in order, and whether any had heights or measures, which are left out.

    Raises
    ------
    CurvesError
        There is a curve or surface in it.
    ValueError
        The bytes contradict themselves.
    """
    found: list[Piece] = []
    try:
        end, heights = _walk(data, 0, found, 0)
    except struct.error as error:
        raise ValueError("cut short") from error
    if end != len(data):
        raise ValueError("bytes left over")
    return found, heights


def _walk(data: bytes, at: int, found: list[Piece], depth: int) -> tuple[int, bool]:
    order = "<" if data[at : at + 1] == b"\x01" else ">"
    (word,) = struct.unpack_from(f"{order}I", data, at + 1)
    at += 5
    kind, extra = _kind(word)
    if word & 0x20000000:
        at += 4  # an SRID
    width = 2 + extra
    if kind == POINT:
        values, at = _points(data, at, 1, width, order)
        if not np.isnan(values).all():
            found.append(Piece(POINT, (values,)))
    elif kind in (LINE, POLYGON):
        count = 1
        if kind == POLYGON:
            (count,) = struct.unpack_from(f"{order}I", data, at)
            at += 4
        rings = []
        for _ in range(count):
            (number,) = struct.unpack_from(f"{order}I", data, at)
            values, at = _points(data, at + 4, number, width, order)
            rings.append(values)
        if any(len(ring) for ring in rings):
            found.append(Piece(kind, tuple(rings)))
    elif kind in _MEMBERS:
        if depth >= _DEEPEST:
            raise ValueError("nested too deeply")
        (count,) = struct.unpack_from(f"{order}I", data, at)
        at += 4
        any_extra = extra > 0
        for _ in range(count):
            at, more = _walk(data, at, found, depth + 1)
            any_extra = any_extra or more
        return at, any_extra
    else:
        raise CurvesError(str(kind))
    return at, extra > 0


def _kind(word: int) -> tuple[int, int]:
    """The kind and the number of values beyond x and y, of ISO and of extended WKB."""
    extra = int(bool(word & 0x80000000)) + int(bool(word & 0x40000000))
    base = word & 0x0FFFFFFF
    thousands, kind = divmod(base, 1000)
    return kind, extra or (0, 1, 1, 2)[thousands] if thousands < 4 else 0


def _points(data: bytes, at: int, count: int, width: int, order: str) -> tuple[Floats, int]:
    end = at + 8 * width * count
    if end > len(data):
        raise ValueError("cut short")
    values = np.frombuffer(data, dtype=f"{order}f8", count=width * count, offset=at).reshape(-1, width)
    return values[:, :2].astype(np.float64), end


def counted(names: Iterable[str]) -> dict[str, Any]:
    """How often each name comes, most often first."""
    found: dict[str, int] = {}
    for name in names:
        found[name] = found.get(name, 0) + 1
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))
