"""Reads well-known text, with or without SRID, into raw features; rings stay as written and curves are not read."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np
import shapely

from layers.opened import CRS, Opened
from layers.text import decode_text
from zoning import assumption
from zoning.bilingual import Bilingual
from zoning.errors import BadSite
from zoning.placement import Region
from zoning.rings import BrokenRingsError, RingFault, polygon_of
from zoning.site import MOST_PARCELS, MOST_VERTICES, RawPart
from zoning.sitefault import FEATURES, VERTICES, too_large

_Position = tuple[float, float]
_Tree = tuple[str, list[Any]]
"""A geometry's type and its members: positions, lists of them, or trees."""

_TOKEN = re.compile(r"[(),;=]|[^\s(),;=]+")
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_NOT_FINITE = re.compile(r"[+-]?(?:nan|inf(?:inity)?)", re.IGNORECASE)
_KINDS = {
    "POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRYCOLLECTION",
}  # fmt: skip
_CURVED = {
    "CIRCULARSTRING", "COMPOUNDCURVE", "CURVEPOLYGON", "MULTICURVE", "MULTISURFACE", "CURVE", "SURFACE", "TIN",
    "TRIANGLE", "POLYHEDRALSURFACE",
}  # fmt: skip
_ORDINATES = {"": (2, 4), "Z": (3, 3), "M": (3, 3), "ZM": (4, 4)}
_DEEPEST = 8
_SEPARATORS = Bilingual("分号", "semicolons")
_MEMBERS = Bilingual("几何成员", "members of geometries")


def read_wkt(data: bytes, name: str, _crs: CRS | None, _region: Region) -> Opened:
    """Every geometry of a text, in order; they may be parted by line ends or semicolons, and each is one parcel.

    Raises
    ------
    BadSite
        ``encoding-unknown``; ``wkt-invalid`` with line and column; ``wkt-curve``; ``site-too-large``.
    """
    text, notices = decode_text(data, name)
    reader = _Reader(text, name)
    parts = reader.features()
    if reader.heights:
        notices = (*notices, assumption.heights_dropped())
    return Opened(tuple(parts), f"EPSG:{reader.srid}" if reader.srid else None, notices)


class _Reader:
    """Walks the tokens of one text and remembers where it is."""

    def __init__(self, text: str, filename: str) -> None:
        self.text = text
        self.filename = filename
        self.heights = False
        self.srid: int | None = None
        self.feature = 1
        self.vertices = 0
        self.members = 0
        self._tokens = _TOKEN.finditer(text)
        self._next: re.Match[str] | None = next(self._tokens, None)

    @property
    def word(self) -> str:
        """The next token, in capitals; empty at the end."""
        return self._next.group(0).upper() if self._next else ""

    def step(self) -> str:
        word = self.word
        self._next = next(self._tokens, None)
        return word

    def place(self) -> tuple[int, int]:
        """1-based line and column of the next token, or of the end."""
        at = self._next.start() if self._next else len(self.text)
        before = re.split(r"\r\n|\r|\n", self.text[:at])
        return len(before), len(before[-1]) + 1

    def fail(self, wanted: Bilingual) -> NoReturn:
        line, column = self.place()
        found = self._next.group(0)[:40] if self._next else None
        at = Bilingual(f"遇到“{found}”", f"“{found}” was found") if found else Bilingual("文件已结束", "the file ends")
        text = Bilingual(
            "文件“{f}”第 {line} 行第 {column} 列不是有效的 WKT：应为{wanted}，{at}。"
            "例：SRID=4490;POLYGON((111.5 35.4, 111.6 35.4, 111.6 35.5, 111.5 35.4))",
            "File “{f}” is not valid WKT at line {line}, column {column}: {wanted} was expected, {at}. "
            "As in SRID=4490;POLYGON((111.5 35.4, 111.6 35.4, 111.6 35.5, 111.5 35.4))",
        )
        raise BadSite(
            "wkt-invalid",
            text.format(f=self.filename, line=line, column=column, wanted=wanted, at=at),
            file=self.filename, line=line, column=column, feature=self.feature, value=found,
        )  # fmt: skip

    def expect(self, word: str) -> None:
        if self.word != word:
            self.fail(Bilingual(f"“{word}”", f"“{word}”"))
        self.step()

    def features(self) -> list[RawPart]:
        parts: list[RawPart] = []
        between = 0
        while self.word:
            if self.word == ";":
                self.step()
                between += 1
                if between > MOST_VERTICES:
                    raise too_large(_SEPARATORS, between, MOST_VERTICES, {"file": self.filename})
                continue
            self.feature = len(parts) + 1
            if self.feature > MOST_PARCELS:
                raise too_large(FEATURES, self.feature, MOST_PARCELS, {"file": self.filename})
            if self.word == "SRID":
                self.read_srid()
            parts.append(self.part())
        return parts

    def read_srid(self) -> None:
        self.step()
        self.expect("=")
        if not re.fullmatch(r"\d{1,6}", self.word, re.ASCII):
            self.fail(Bilingual("坐标系的 EPSG 代码", "the EPSG code of a CRS"))
        srid = int(self.word)
        if self.srid and srid and srid != self.srid:
            self.fail(Bilingual(f"与前面相同的 SRID={self.srid}", f"the same SRID={self.srid} as before"))
        self.srid = srid or self.srid
        self.step()
        self.expect(";")

    def part(self) -> RawPart:
        kind, members = self.geometry(0)
        faults: list[RingFault] = []
        try:
            shape = _build(kind, members, faults)
        except BrokenRingsError as error:
            return RawPart(None, file=self.filename, feature=self.feature, broken=error)
        return RawPart(shape, file=self.filename, feature=self.feature, faults=tuple(faults))

    def geometry(self, depth: int) -> _Tree:
        self.members += 1
        if self.members > MOST_VERTICES:
            raise too_large(_MEMBERS, self.members, MOST_VERTICES, {"file": self.filename})
        kind, form = self.kind()
        if self.word == "EMPTY":
            self.step()
            return kind, []
        if kind == "GEOMETRYCOLLECTION":
            if depth >= _DEEPEST:
                self.fail(Bilingual("嵌套较浅的集合", "a collection nested less deeply"))
            return kind, self.several(lambda: self.geometry(depth + 1))
        if kind == "POINT":
            self.expect("(")
            point = self.position(form)
            self.expect(")")
            return kind, [point]
        match kind:
            case "MULTIPOINT":
                members: list[Any] = self.several(lambda: self.bracketed_position(form))
            case "LINESTRING":
                members = self.positions(form)
            case "MULTILINESTRING" | "POLYGON":
                members = self.several(lambda: self.positions(form))
            case _:
                members = self.several(lambda: self.several(lambda: self.positions(form)))
        return kind, members

    def kind(self) -> tuple[str, str]:
        """A geometry's type and which of Z and M it carries."""
        word, form = self.word, ""
        for ending in ("ZM", "Z", "M"):
            if word.removesuffix(ending) in _KINDS | _CURVED and word not in _KINDS:
                word, form = word.removesuffix(ending), ending
                break
        if word in _CURVED:
            line, column = self.place()
            text = Bilingual(
                "文件“{f}”第 {line} 行第 {column} 列的 {kind} 不读取：请先把曲线或曲面转为折线或多边形。",
                "File “{f}” has a {kind} at line {line}, column {column}, which is not read: turn curves and surfaces "
                "into straight lines or polygons first.",
            )
            raise BadSite(
                "wkt-curve",
                text.format(f=self.filename, line=line, column=column, kind=word),
                file=self.filename, line=line, column=column, feature=self.feature, value=word,
            )  # fmt: skip
        if word not in _KINDS:
            self.fail(Bilingual("几何类型（如 POLYGON）", "a geometry type such as POLYGON"))
        self.step()
        if not form and self.word in _ORDINATES:
            form = self.step()
        return word, form

    def several(self, read: Callable[[], Any]) -> list[Any]:
        """``( member, member … )``, or EMPTY."""
        if self.word == "EMPTY":
            self.step()
            return []
        self.expect("(")
        found = [read()]
        while self.word == ",":
            self.step()
            found.append(read())
            if len(found) > MOST_VERTICES:  # of empty ones, which have no vertices to count
                raise too_large(_MEMBERS, len(found), MOST_VERTICES, {"file": self.filename})
        self.expect(")")
        return found

    def positions(self, form: str) -> list[_Position]:
        return self.several(lambda: self.position(form))

    def bracketed_position(self, form: str) -> _Position:
        if self.word != "(":
            return self.position(form)
        self.step()
        found = self.position(form)
        self.expect(")")
        return found

    def position(self, form: str) -> _Position:
        fewest, most = _ORDINATES[form]
        found: list[float] = []
        while len(found) < most and self.word not in (",", ")", ""):
            if not (_NUMBER.fullmatch(self.word) or _NOT_FINITE.fullmatch(self.word)):
                self.fail(Bilingual("数字", "a number"))
            found.append(float(self.step()))
        if len(found) < fewest:
            self.fail(Bilingual(f"每点 {fewest} 个数", f"{fewest} numbers in each position"))
        self.vertices += 1
        if self.vertices > MOST_VERTICES:
            raise too_large(VERTICES, self.vertices, MOST_VERTICES, {"file": self.filename})
        self.heights = self.heights or len(found) > 2
        return found[0], found[1]


def _build(kind: str, members: list[Any], faults: list[RingFault]) -> shapely.Geometry:
    """A geometry of what was parsed, with shells counter-clockwise; the text's own directions mean nothing."""
    if kind == "GEOMETRYCOLLECTION":
        return shapely.GeometryCollection([_build(member[0], member[1], faults) for member in members])
    given = [member for member in members if member]
    if not given:
        return shapely.GeometryCollection()
    match kind:
        case "POINT" | "MULTIPOINT":
            return shapely.MultiPoint(given) if len(given) > 1 else shapely.Point(given[0])
        case "LINESTRING":
            return _line(given)
        case "MULTILINESTRING":
            return shapely.MultiLineString([_line(points) for points in given])
        case "POLYGON":
            return _polygon(given, faults)
        case _:
            return shapely.MultiPolygon([_polygon(rings, faults) for rings in given])


def _line(points: list[_Position]) -> shapely.LineString:
    if len(points) < 2:
        raise BrokenRingsError("zero-length", points[0])
    return shapely.LineString(points)


def _polygon(rings: list[list[_Position]], faults: list[RingFault]) -> shapely.Polygon:
    polygon, found = polygon_of([np.array(ring, dtype=np.float64) for ring in rings if ring])
    faults += found
    return shapely.orient_polygons(polygon)
