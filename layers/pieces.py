"""Takes apart the plain WKB that comes through the door, ring by ring as given; it builds no geometry."""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from layers.door.wkb import COLLECTION, LINE, POINT, POLYGON

Floats = npt.NDArray[np.float64]
_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Piece:
    """A point, line or polygon: `rings` are its (n, 2) coordinates, one array but for a polygon."""

    kind: int
    rings: tuple[Floats, ...]


def pieces(data: bytes) -> list[Piece]:
    """The points, lines and polygons in order. Raises ValueError where the bytes are no WKB of two dimensions."""
    found: list[Piece] = []
    try:
        end = _walk(data, 0, found, 0)
    except struct.error as error:
        raise ValueError("cut short") from error
    if end != len(data):
        raise ValueError("bytes left over")
    return found


def _walk(data: bytes, at: int, found: list[Piece], depth: int) -> int:
    order, kind = struct.unpack_from("<BI", data, at)
    at += 5
    if order != 1 or depth > _DEEPEST:
        raise ValueError("not as written behind the door")
    if kind == POINT:
        values, at = _points(data, at, 1)
        found.append(Piece(POINT, (values,)))
        return at
    count = 1
    if kind != LINE:
        (count,) = struct.unpack_from("<I", data, at)
        at += 4
    if kind == COLLECTION:
        for _ in range(count):
            at = _walk(data, at, found, depth + 1)
        return at
    if kind not in (LINE, POLYGON):
        raise ValueError(f"kind {kind}")
    rings = []
    for _ in range(count):
        (number,) = struct.unpack_from("<I", data, at)
        values, at = _points(data, at + 4, number)
        rings.append(values)
    if any(len(ring) for ring in rings):
        found.append(Piece(kind, tuple(rings)))
    return at


def _points(data: bytes, at: int, count: int) -> tuple[Floats, int]:
    end = at + 16 * count
    if end > len(data):
        raise ValueError("cut short")
    values = np.frombuffer(data, dtype="<f8", count=2 * count, offset=at).reshape(-1, 2)
    return values.astype(np.float64), end
