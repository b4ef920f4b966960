"""Reads the polylines of an ASCII DXF, closed ones as areas; runs behind the door. It draws no arc and opens no block."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn

from layers.door import wkb
from layers.door.table import Fault, Layer, Row, Table
from zoning.bilingual import Bilingual

_ESCAPED = re.compile(r"\\U\+([0-9A-Fa-f]{4})")
_GB = ("ANSI_936", "GB2312", "GBK")
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


def read(path: Path, limits: SimpleNamespace) -> Table:
    """One layer of polygons, or of lines where nothing is closed; the rest is counted in the notes."""
    text, guess = _text(path.read_bytes())
    entities = _entities(_pairs(text))
    lines, ignored = _polylines(entities)
    areas = [one for one in lines if one.closed]
    chosen = areas or lines
    if areas:
        ignored += ["open polyline"] * (len(lines) - len(areas))
    count = wkb.counted(ignored)
    if not chosen:
        held = ", ".join(f"{name} × {n}" for name, n in count.items())[:300]
        reason = Bilingual(
            f"没有多段线{'，只有 ' + held if held else ''}", f"it has no polyline{', only ' + held if held else ''}"
        )
        raise Fault("dxf-no-polylines", reason, value=count)
    if len(chosen) > limits.features:
        raise Fault("too-many-features", Bilingual("图形", "features"), count=len(chosen))
    if (vertices := sum(len(one.points) for one in chosen)) > limits.vertices:
        raise Fault("too-many-vertices", Bilingual("顶点", "vertices"), count=vertices)
    rows = tuple(_row(number, one) for number, one in enumerate(chosen, start=1))
    notes: dict[str, object] = {"ignored": count, "heights": any(one.heights for one in chosen)}
    if guess:
        notes["encoding"] = guess
    return Table((Layer("ENTITIES", None, rows),), notes)


def _row(number: int, one: _Polyline) -> Row:
    if one.bulged is not None:
        x, y = one.bulged
        reason = Bilingual(
            f"图层“{one.layer}”第 {number} 条多段线在 ({x:g}, {y:g}) 处是圆弧",
            f"polyline {number} on layer “{one.layer}” has an arc at ({x:.10g}, {y:.10g})",
        )
        raise Fault("curve-unsupported", reason, feature=number, layer=one.layer, source_coordinate=[x, y])
    fields = {"layer": one.layer, "handle": one.handle}
    points = [(-x, y) for x, y in one.points] if one.mirrored else one.points
    if one.closed and points[0] != points[-1]:
        points = [*points, points[0]]
    return Row(number, fields, wkb.polygon([points]) if one.closed else wkb.line(points))


def _text(data: bytes) -> tuple[str, str | None]:
    try:
        return data.decode("utf-8-sig"), None
    except UnicodeDecodeError:
        pass
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError as error:
        raise Fault("encoding-unknown", Bilingual("文字编码无法确定", "its encoding cannot be told")) from error
    stated = re.search(r"\$DWGCODEPAGE\s+3\s+(\S+)", text[:20_000])
    return text, None if stated and stated.group(1).upper() in _GB else "gb18030"


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


def _polylines(entities: list[list[Pair]]) -> tuple[list[_Polyline], list[str]]:
    lines: list[_Polyline] = []
    ignored: list[str] = []
    old: _Polyline | None = None  # a POLYLINE whose VERTEX entities follow
    for entity in entities:
        kind = entity[0][1]
        if kind == "VERTEX":
            if old is not None:
                _vertex(entity, old)
        elif kind == "SEQEND":
            old = None
        elif kind in ("LWPOLYLINE", "POLYLINE"):
            old = None
            if (reason := _left_out(entity)) is not None:
                ignored.append(reason)
                continue
            one = _begun(entity)
            lines.append(one)
            if kind == "POLYLINE":
                old = one
            else:
                _vertices(entity, one)
        else:
            ignored.append(kind)
    ignored += ["polyline of one point"] * sum(len(one.points) < 2 for one in lines)
    lines = [one for one in lines if len(one.points) >= 2]
    for one in lines:
        one.closed = one.closed or (len(one.points) > 3 and one.points[0] == one.points[-1])
    return lines, ignored


def _left_out(entity: list[Pair]) -> str | None:
    if _number(entity, 67):
        return "polyline in paper space"
    if entity[0][1] == "POLYLINE" and int(_number(entity, 70)) & _MESH:
        return "mesh"
    x, y, z = _number(entity, 210), _number(entity, 220), _number(entity, 230, 1.0)
    return None if x == 0 and y == 0 and z in (1, -1) else "polyline in a tilted plane"


def _begun(entity: list[Pair]) -> _Polyline:
    layer = _ESCAPED.sub(lambda m: chr(int(m.group(1), 16)), _word(entity, 8) or "0")
    closed = bool(int(_number(entity, 70)) & _CLOSED)
    mirrored = _number(entity, 230, 1.0) < 0
    heights = _number(entity, 38) != 0
    return _Polyline(layer, _word(entity, 5), closed, mirrored, heights=heights)


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
