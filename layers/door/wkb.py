"""Writes well-known binary ring by ring as given, and brings any that a file holds to two dimensions; it builds no
geometry, so that a fault of closing is seen later."""

from __future__ import annotations

import math
import struct
import sys
from array import array
from collections.abc import Sequence

POINT, LINE, POLYGON, MULTIPOINT, MULTILINE, MULTIPOLYGON, COLLECTION = range(1, 8)
_DEEPEST = 8
_MEMBERS = (MULTIPOINT, MULTILINE, MULTIPOLYGON, COLLECTION)
CURVED = {
    8: "CIRCULARSTRING", 9: "COMPOUNDCURVE", 10: "CURVEPOLYGON", 11: "MULTICURVE", 12: "MULTISURFACE", 13: "CURVE",
    14: "SURFACE", 15: "POLYHEDRALSURFACE", 16: "TIN", 17: "TRIANGLE",
}  # fmt: skip

Position = tuple[float, float]


class CurvesError(ValueError):
    """A kind of geometry that is no point, line or polygon: arcs, surfaces, solids. Its one argument is its name."""


class TooManyError(ValueError):
    """More vertices, or members of collections, than are taken."""


def point(at: Position) -> bytes:
    return struct.pack("<BI2d", 1, POINT, *at)


def line(points: Sequence[Position]) -> bytes:
    return struct.pack("<BI", 1, LINE) + ring(points)


def polygon(rings: Sequence[Sequence[Position]]) -> bytes:
    return polygon_of([ring(points) for points in rings])


def polygon_of(rings: Sequence[bytes]) -> bytes:
    """A polygon of rings made by `ring`."""
    return struct.pack("<BII", 1, POLYGON, len(rings)) + b"".join(rings)


def collection(members: Sequence[bytes]) -> bytes:
    return struct.pack("<BII", 1, COLLECTION, len(members)) + b"".join(members)


def whole(members: Sequence[bytes]) -> bytes | None:
    """One geometry of several: None of none."""
    if len(members) < 2:
        return members[0] if members else None
    return collection(members)


def ring(points: Sequence[Position]) -> bytes:
    flat = [value for position in points for value in position]
    return struct.pack(f"<I{len(flat)}d", len(points), *flat)


def simplified(data: bytes, room: int) -> tuple[bytes | None, bool, int]:
    """Any WKB, ISO or extended, as points, lines and polygons of two dimensions.

    Returns
    -------
    The WKB or None where it is empty, whether heights or measures were left out, and the number of vertices.

    Raises
    ------
    CurvesError
        There is a curve or surface in it, however deep.
    TooManyError
        It has more than `room` vertices.
    ValueError
        The bytes contradict themselves.
    """
    walk = _Walk(data, room)
    try:
        end = walk.geometry(0, 0)
    except (struct.error, IndexError) as error:
        raise ValueError("cut short") from error
    if end != len(data):
        raise ValueError("bytes left over")
    return whole(walk.found), walk.heights, walk.vertices


class _Walk:
    def __init__(self, data: bytes, room: int) -> None:
        self.data = data
        self.room = max(room, 1)
        self.found: list[bytes] = []
        self.heights = False
        self.vertices = 0
        self.members = 0

    def geometry(self, at: int, depth: int) -> int:
        """Reads the geometry that begins at `at`; where the next one begins."""
        self.members += 1
        if self.members > self.room:
            raise TooManyError(self.members)
        order = "<" if self.data[at] == 1 else ">"
        kind, extra, srid = _kind(self.number(at + 1, order))
        at += 9 if srid else 5
        width = 2 + extra
        self.heights = self.heights or extra > 0
        if kind in CURVED:
            raise CurvesError(CURVED[kind])
        if kind == POINT:
            raw = self.points(at, 1, width, order).tobytes()
            if not all(math.isnan(value) for value in struct.unpack("<2d", raw)):  # else it is the empty point
                self.found.append(struct.pack("<BI", 1, POINT) + raw)
            return at + 8 * width
        if kind in (LINE, POLYGON):
            return self.rings(at, kind, width, order)
        if kind not in _MEMBERS:
            raise ValueError(f"kind {kind}")
        if depth >= _DEEPEST:
            raise ValueError("nested too deeply")
        count = self.number(at, order)
        at += 4
        for _ in range(count):
            at = self.geometry(at, depth + 1)
        return at

    def rings(self, at: int, kind: int, width: int, order: str) -> int:
        count = 1
        if kind == POLYGON:
            count = self.number(at, order)
            at += 4
        rings = []
        for _ in range(count):
            number = self.number(at, order)
            if number:
                rings.append(struct.pack("<I", number) + self.points(at + 4, number, width, order).tobytes())
            at += 4 + 8 * width * number
        if rings:
            self.found.append(polygon_of(rings) if kind == POLYGON else struct.pack("<BI", 1, LINE) + rings[0])
        return at

    def number(self, at: int, order: str) -> int:
        return int(struct.unpack_from(f"{order}I", self.data, at)[0])

    def points(self, at: int, count: int, width: int, order: str) -> array[float]:
        """x and y of so many positions, in little-endian order."""
        end = at + 8 * width * count
        if end > len(self.data):
            raise ValueError("cut short")
        self.vertices += count
        if self.vertices > self.room:
            raise TooManyError(self.vertices)
        values = array("d", self.data[at:end])
        if (order == "<") != (sys.byteorder == "little"):
            values.byteswap()
        if width > 2:
            plane = array("d", bytes(16 * count))
            plane[0::2], plane[1::2] = values[0::width], values[1::width]
            values = plane
        if sys.byteorder == "big":
            values.byteswap()
        return values


def _kind(word: int) -> tuple[int, int, bool]:
    """The kind, the number of values beyond x and y, and whether an SRID follows, of ISO and of extended WKB."""
    extra = int(bool(word & 0x80000000)) + int(bool(word & 0x40000000))
    thousands, kind = divmod(word & 0x0FFFFFFF, 1000)
    if thousands > 3:
        raise ValueError(f"kind {word}")
    return kind, extra or (0, 1, 1, 2)[thousands], bool(word & 0x20000000)
