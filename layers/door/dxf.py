"""Reads the polylines of an ASCII DXF, closed ones as areas; runs behind the door. It draws no arc and opens no block."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, NoReturn

from layers.door import wkb
from layers.door.chains import Segment, rings_of
from layers.door.choice import Held, unknown_layer
from layers.door.drawing_unit import metres_of
from layers.door.table import Asked, Fault, Layer, Row, Table, counted
from layers.door.text import GB, decoded
from zoning.bilingual import Bilingual

_ESCAPED = re.compile(r"\\U\+([0-9A-Fa-f]{4})")
_DEGREES = 360.0
"""Coordinates no larger are longitude and latitude, which have no unit of length."""
_MESH = 16 | 64
_CLOSED = 1
_SPLINE_FRAME = 16
Pair = tuple[int, str]


@dataclass(slots=True)
class _Polyline:
    layer: str
    handle: str
    closed: bool
    mirrored: bool
    bulged: wkb.Position | None = None
    heights: bool = False
    points: list[wkb.Position] = field(default_factory=list)


def read(data: bytes, asked: Asked) -> Table:
    """One layer of polygons, or of lines where nothing is closed; the rest is counted in the notes.

    Closed rings of LINE entities count where no polyline is closed: beside one they are as likely a frame or a table.

    Raises
    ------
    Fault
        ``dxf-invalid``, ``dxf-no-polylines``, ``dxf-units``, ``curve-unsupported``, ``encoding-unknown``,
        ``too-many-*``.
    BadSite
        ``layer-unknown``.
    """
    text, guess = _text(data)
    pairs = _pairs(text)
    entities = _entities(pairs)
    if asked.layer is not None:
        entities = _of_layer(entities, asked.layer, asked.name)
    found = _Found()
    for entity in entities:
        found.take(entity)
    areas, joined = found.areas(), 0
    if not areas:
        areas = found.joined()
        joined = len(areas)
    chosen = areas or found.polylines
    count = counted(found.ignored(joined=bool(joined), open_too=bool(areas)))
    if not chosen:
        held = ", ".join(f"{name} × {n}" for name, n in count.items())[:300]
        reason = Bilingual(
            f"没有多段线{'，只有 ' + held if held else ''}", f"it has no polyline{', only ' + held if held else ''}"
        )
        raise Fault("dxf-no-polylines", reason, value=count)
    if len(chosen) > asked.features:
        raise Fault("too-many-features", Bilingual("图形", "features"), count=len(chosen))
    if (vertices := sum(len(one.points) for one in chosen)) > asked.vertices:
        raise Fault("too-many-vertices", Bilingual("顶点", "vertices"), count=vertices)
    factor, units = _units(pairs, chosen)
    rows = tuple(_row(number, one, factor) for number, one in enumerate(chosen, start=1))
    notes: dict[str, Any] = {
        "ignored": count,
        "heights": any(one.heights for one in chosen),
        "units": units,
        "joined": joined,
    }
    if guess:
        notes["encoding"] = {"encoding": guess}
    return Table((Layer(asked.layer or "ENTITIES", None, rows),), notes)


def _of_layer(entities: list[list[Pair]], wanted: str, file: str) -> list[list[Pair]]:
    """The entities of one CAD layer, with the vertices that follow them; other layers are not even counted."""
    names = [_layer(entity) for entity in entities]
    known = {name.lower() for name in names}
    if wanted.lower() not in known:
        shapes = [n for n, e in zip(names, entities, strict=True) if e[0][1] in ("LWPOLYLINE", "POLYLINE", "LINE")]
        raise unknown_layer(wanted, [Held(name, number) for name, number in counted(shapes).items()], file)
    kept: list[list[Pair]] = []
    inside = False
    for name, entity in zip(names, entities, strict=True):
        if entity[0][1] not in ("VERTEX", "SEQEND"):
            inside = name.lower() == wanted.lower()
        if inside:
            kept.append(entity)
    return kept


def _units(pairs: list[Pair], chosen: list[_Polyline]) -> tuple[float, dict[str, Any] | None]:
    """What coordinates are multiplied by to give metres, and the note of it where that is no matter of course."""
    if all(abs(value) <= _DEGREES for one in chosen for point in one.points for value in point):
        return 1.0, None
    stated = next((n for n, pair in enumerate(pairs) if pair == (9, "$INSUNITS")), None)
    code = int(_float(pairs[stated + 1][1])) if stated is not None and pairs[stated + 1][0] == 70 else 0
    return metres_of(code)


def _row(number: int, one: _Polyline, factor: float) -> Row:
    if one.bulged is not None:
        x, y = one.bulged
        reason = Bilingual(
            f"图层“{one.layer}”第 {number} 条多段线在 ({x:g}, {y:g}) 处是圆弧",
            f"polyline {number} on layer “{one.layer}” has an arc at ({x:.10g}, {y:.10g})",
        )
        raise Fault("curve-unsupported", reason, feature=number, layer=one.layer, source_coordinate=[x, y])
    fields = {"layer": one.layer, "handle": one.handle}
    points = [(-x, y) for x, y in one.points] if one.mirrored else one.points
    if factor != 1:
        points = [(x * factor, y * factor) for x, y in points]
    if one.closed and points[0] != points[-1]:
        points = [*points, points[0]]
    return Row(number, fields, wkb.polygon([points]) if one.closed else wkb.line(points))


def _text(data: bytes) -> tuple[str, str | None]:
    text, guess = decoded(data)
    stated = re.search(r"\$DWGCODEPAGE\s+3\s+(\S+)", text[:20_000])
    return text, None if stated and stated.group(1).lower() in GB else guess


def _bad(line: int, zh: str, en: str) -> NoReturn:
    raise Fault("dxf-invalid", Bilingual(f"第 {line} 行{zh}", f"line {line} {en}"), line=line)


def _pairs(text: str) -> list[Pair]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n \t\x1a").split("\n")
    found: list[Pair] = []
    for at in range(0, len(lines) - 1, 2):
        try:
            found.append((int(lines[at]), lines[at + 1].strip()))
        except ValueError:
            _bad(at + 1, "不是组码", "is no group code")
    if not found or found[-1] != (0, "EOF"):
        _bad(len(lines), "之后没有 EOF，文件不完整", "is the last and no EOF: the file is cut short")
    return found


def _entities(pairs: list[Pair]) -> list[list[Pair]]:
    """The groups of each entity of the section ENTITIES, the type first."""
    try:
        start = next(
            n + 2 for n in range(len(pairs) - 1) if pairs[n] == (0, "SECTION") and pairs[n + 1] == (2, "ENTITIES")
        )
        end = next(n for n in range(start, len(pairs)) if pairs[n] == (0, "ENDSEC"))
    except StopIteration:
        reason = Bilingual("没有完整的 ENTITIES 段", "it has no whole ENTITIES section")
        raise Fault("dxf-invalid", reason) from None
    found: list[list[Pair]] = []
    for pair in pairs[start:end]:
        if pair[0] == 0:
            found.append([])
        if found:
            found[-1].append(pair)
    return found


class _Found:
    """What entities of a drawing are read, and what is left out."""

    def __init__(self) -> None:
        self.polylines: list[_Polyline] = []
        self.lines: dict[str, list[Segment]] = {}
        self.rest: list[str] = []
        self.loose = 0
        self.open: _Polyline | None = None  # a POLYLINE whose VERTEX entities follow

    def take(self, entity: list[Pair]) -> None:
        kind = entity[0][1]
        if kind == "VERTEX":
            if self.open is not None:
                _vertex(entity, self.open)
            return
        if kind == "SEQEND":
            self.open = None
        elif kind in ("LWPOLYLINE", "POLYLINE"):
            self.open = None
            if (reason := _left_out(entity)) is not None:
                self.rest.append(reason)
                return
            one = _begun(entity)
            self.polylines.append(one)
            if kind == "POLYLINE":
                self.open = one
            else:
                _vertices(entity, one)
        elif kind == "LINE" and _left_out(entity) is None:
            ends = ((_number(entity, 10), _number(entity, 20)), (_number(entity, 11), _number(entity, 21)))
            self.lines.setdefault(_layer(entity), []).append(ends)
        else:
            self.rest.append(kind)

    def areas(self) -> list[_Polyline]:
        """The closed polylines; those of one point are put away for good."""
        self.rest += ["polyline of one point"] * sum(len(one.points) < 2 for one in self.polylines)
        self.polylines = [one for one in self.polylines if len(one.points) >= 2]
        for one in self.polylines:
            one.closed = one.closed or (len(one.points) > 3 and one.points[0] == one.points[-1])
        return [one for one in self.polylines if one.closed]

    def joined(self) -> list[_Polyline]:
        """The closed rings of LINE entities of one layer each."""
        made: list[_Polyline] = []
        self.loose = 0
        for layer, segments in self.lines.items():
            rings, left = rings_of([(one, two) for one, two in segments if one != two])
            self.loose += left
            made += [_Polyline(layer, "", closed=True, mirrored=False, points=ring) for ring in rings]
        return made

    def ignored(self, *, joined: bool, open_too: bool) -> list[str]:
        """The names of what was not read, one for each."""
        lines = self.loose if joined else sum(len(segments) for segments in self.lines.values())
        unclosed = sum(not one.closed for one in self.polylines) if open_too else 0
        return [*self.rest, *["LINE"] * lines, *["open polyline"] * unclosed]


def _layer(entity: list[Pair]) -> str:
    """The CAD layer of an entity, with its escaped characters in plain."""
    return _ESCAPED.sub(lambda m: chr(int(m.group(1), 16)), _word(entity, 8) or "0")


def _left_out(entity: list[Pair]) -> str | None:
    if _number(entity, 67):
        return "polyline in paper space"
    if entity[0][1] == "POLYLINE" and int(_number(entity, 70)) & _MESH:
        return "mesh"
    x, y, z = _number(entity, 210), _number(entity, 220), _number(entity, 230, 1.0)
    return None if x == 0 and y == 0 and z in (1, -1) else "polyline in a tilted plane"


def _begun(entity: list[Pair]) -> _Polyline:
    closed = bool(int(_number(entity, 70)) & _CLOSED)
    mirrored = _number(entity, 230, 1.0) < 0
    heights = _number(entity, 38) != 0
    return _Polyline(_layer(entity), _word(entity, 5), closed, mirrored, heights=heights)


def _vertices(entity: list[Pair], one: _Polyline) -> None:
    """The vertices of an LWPOLYLINE: each begins at its group 10."""
    x: float | None = None
    for code, value in entity:
        if code == 10:
            x = _float(value)
        elif code == 20 and x is not None:
            one.points.append((x, _float(value)))
        elif code == 42 and _float(value) and one.points:
            one.bulged = one.bulged or one.points[-1]


def _vertex(entity: list[Pair], one: _Polyline) -> None:
    if int(_number(entity, 70)) & _SPLINE_FRAME:
        return
    one.points.append((_number(entity, 10), _number(entity, 20)))
    one.heights = one.heights or _number(entity, 30) != 0
    if _number(entity, 42):
        one.bulged = one.bulged or one.points[-1]


def _word(entity: list[Pair], code: int) -> str:
    return next((value for c, value in entity if c == code), "")


def _number(entity: list[Pair], code: int, default: float = 0.0) -> float:
    word = _word(entity, code)
    return _float(word) if word else default


def _float(word: str) -> float:
    try:
        if "_" not in word:
            return float(word)
    except ValueError:
        pass
    reason = Bilingual(f"“{word[:40]}”应是数", f"“{word[:40]}” should be a number")
    raise Fault("dxf-invalid", reason, value=word[:40])
