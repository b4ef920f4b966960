"""Reads the corner-point text file of land surveys (界址点坐标 TXT): parcels, rings and declared areas; it judges no
geometry.

In these files X is the northing and Y the easting. Holes are told by containment, whatever number their ring has.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any, NoReturn

import numpy as np

from layers.corner_zone import zone_crs
from layers.declared_area import area_notices
from layers.loose_rings import nest, open_shape
from layers.opened import CRS, Opened
from layers.ring_notice import ring_notices
from layers.text import decode_text, lines_of, narrow
from zoning.bilingual import Bilingual
from zoning.errors import BadSite
from zoning.placement import Region
from zoning.rings import BrokenRingsError
from zoning.site import MOST_PARCELS, MOST_VERTICES, RawPart
from zoning.sitefault import FEATURES, VERTICES, Notice, too_large

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_HEADER = ("界址点数", "地块面积", "地块编号", "地块名称", "图形属性", "图幅号", "地块用途", "地类编码")
_KINDS = {"面": "area", "多边形": "area", "": "area", "线": "line", "点": "point"}
_MOST_CELLS = 100
"""Of one line; what follows stays in its last."""
_EXAMPLE = """[属性描述]
坐标系=2000国家大地坐标系
几度分带=3
带号=37
[地块坐标]
4,1.0,1,地块一,面,,工业用地,@
J1,1,3942100.00,37498000.00"""


@dataclass(slots=True)
class _Parcel:
    line: int
    count: int
    values: dict[str, str]
    kind: str
    rings: list[str] = field(default_factory=list)
    begun: set[str] = field(default_factory=set)
    points: list[tuple[float, float]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.values.get("地块编号") or self.values.get("地块名称") or f"@{self.line}"


def read_corner_points(data: bytes, name: str, crs: CRS | None, region: Region) -> Opened:
    """The parcels of a corner-point file, in file order.

    Raises
    ------
    BadSite
        ``encoding-unknown``; ``corner-points-invalid`` with the line; ``point-count-differs``; ``axes-swapped``;
        ``zone-contradictory``; ``crs-needed`` and ``datum-unsupported`` by what the file says of its CRS;
        ``site-too-large``.
    """
    text, notices = decode_text(data, name)
    reader = _Reader(name)
    reader.read(text)
    if not reader.parcels:
        return Opened((), None, notices)
    reader.require_counts()
    xy = np.array([point for parcel in reader.parcels for point in parcel.points], dtype=np.float64)
    lines = [line for parcel in reader.parcels for line in parcel.lines]
    own, placed = zone_crs(reader.declared, xy, lines, stated=crs, region=region, file=name)
    parts: list[RawPart] = []
    roles: list[tuple[str, tuple[int, ...], tuple[int, ...]]] = []
    for number, parcel in enumerate(reader.parcels, start=1):
        part, holes, unclosed = _part(parcel, number, name)
        parts.append(part)
        roles.append((parcel.name, holes, unclosed))
    stated = [(p.values.get("地块面积"), p.line) for p in reader.parcels]
    degrees = bool((np.abs(xy) <= 360).all())
    areas = area_notices(parts, [value for value, _ in stated], reader.declared.get("计量单位", ""), degrees=degrees)
    return Opened(tuple(parts), own, (*notices, *reader.notices, *placed, *ring_notices(roles, name), *areas))


class _Reader:
    """Reads line by line and remembers which."""

    def __init__(self, filename: str) -> None:
        self.filename = filename
        self.declared: dict[str, str] = {}
        self.parcels: list[_Parcel] = []
        self.notices: list[Notice] = []
        self.passed: set[str] = set()
        self.vertices = 0

    def fail(self, line: int | None, reason: Bilingual, **where: Any) -> NoReturn:
        at = Bilingual(f"第 {line} 行", f", line {line}") if line else Bilingual("", "")
        text = Bilingual("界址点文件“{f}”{at}有误：{reason}。", "Corner-point file “{f}”{at}: {reason}.")
        raise BadSite(
            "corner-points-invalid",
            text.format(f=self.filename, at=at, reason=reason),
            file=self.filename, line=line, **where,
        )  # fmt: skip

    def read(self, text: str) -> None:
        section: str | None = None
        coordinates = False
        for number, raw in enumerate(lines_of(text), start=1):
            line = raw.strip()
            if not line:
                continue
            if (plain := narrow(line)).startswith("[") and plain.endswith("]"):
                section = plain[1:-1].strip()
                coordinates = coordinates or section == "地块坐标"
                if section not in ("属性描述", "地块坐标"):
                    self.ignored(section, number)
            elif section is None:
                self.fail(number, _OUTSIDE, value=line[:100])
            elif section == "属性描述":
                self.attribute(line, number)
            elif section == "地块坐标":
                self.row(line, number)
        if not coordinates:
            self.fail(None, _OUTSIDE)

    def ignored(self, section: str, line: int) -> None:
        if section in self.passed:
            return
        self.passed.add(section)
        text = Bilingual(
            f"第 {line} 行起的“[{section}]”未读取。", f"The section “[{section}]” from line {line} on was not read."
        )
        self.notices.append(Notice("section-ignored", text, {"file": self.filename, "line": line}))

    def attribute(self, line: str, number: int) -> None:
        key, sign, value = narrow(line).replace(":", "=", 1 if "=" not in narrow(line) else 0).partition("=")
        key, value = key.strip(), value.strip()
        if not sign or not key:
            self.fail(number, Bilingual("应写作“名称=值”", "“name=value” was expected"), value=line[:100])
        if self.declared.get(key, value) != value:
            self.fail(number, Bilingual(f"“{key}”前后不一致", f"“{key}” is given twice and differs"), field=key)
        self.declared[key] = value

    def row(self, line: str, number: int) -> None:
        cells = [cell.strip() for cell in re.split(r"[,，\t]", line, maxsplit=_MOST_CELLS)]
        if narrow(cells[-1]).endswith("@"):
            cells[-1] = cells[-1][:-1].strip()
            self.header(cells, number)
        else:
            self.point([narrow(cell) for cell in cells], number)

    def header(self, cells: list[str], number: int) -> None:
        if not re.fullmatch(r"\d{1,9}", narrow(cells[0]), re.ASCII):
            reason = Bilingual(
                "以 @ 结尾的一行应以界址点数开头", "a line that ends in @ must begin with the number of points"
            )
            self.fail(number, reason, value=cells[0][:100])
        values = {key: value for key, value in zip(_HEADER, cells, strict=False) if value}
        kind = _KINDS.get(values.get("图形属性", ""))
        if kind is None:
            reason = Bilingual(
                "图形属性应是 点、线、面 之一", "the geometry (图形属性) must be 点, 线 or 面: point, line or area"
            )
            self.fail(number, reason, field="图形属性", value=values["图形属性"][:100])
        if len(self.parcels) >= MOST_PARCELS:
            raise too_large(FEATURES, len(self.parcels) + 1, MOST_PARCELS, {"file": self.filename})
        self.parcels.append(_Parcel(number, int(narrow(cells[0])), values, kind))

    def point(self, cells: list[str], number: int) -> None:
        if not self.parcels:
            self.fail(number, Bilingual("界址点前没有以 @ 结尾的地块行", "no parcel line ending in @ comes before it"))
        while len(cells) > 4 and not cells[-1]:
            cells.pop()
        if len(cells) != 4:
            reason = Bilingual(
                f"应有点号、环号、X、Y 四项，现有 {len(cells)} 项",
                f"four values were expected (point, ring, X, Y), there are {len(cells)}",
            )
            self.fail(number, reason, value=",".join(cells)[:100])
        for label, cell in zip("XY", cells[2:], strict=True):
            if not _NUMBER.fullmatch(cell) or not math.isfinite(float(cell)):
                self.fail(number, Bilingual(f"{label} 不是数字", f"{label} is not a number"), value=cell[:100])
        parcel = self.parcels[-1]
        if not cells[1]:
            self.fail(number, Bilingual("缺环号", "the ring number is missing"))
        if parcel.rings and cells[1] != parcel.rings[-1] and cells[1] in parcel.begun:
            reason = Bilingual(f"第 {cells[1]} 环的点没有连在一起", f"the points of ring {cells[1]} are not together")
            self.fail(number, reason, value=cells[1])
        self.vertices += 1
        if self.vertices > MOST_VERTICES:
            raise too_large(VERTICES, self.vertices, MOST_VERTICES, {"file": self.filename})
        parcel.rings.append(cells[1])
        parcel.begun.add(cells[1])
        parcel.points.append((float(cells[3]), float(cells[2])))
        parcel.lines.append(number)

    def require_counts(self) -> None:
        """The number of points that each parcel declares is there, with or without the points that close its rings."""
        for feature, parcel in enumerate(self.parcels, start=1):
            read = len(parcel.points)
            closing = sum(len(ring) > 1 and ring[0] == ring[-1] for ring in _rings(parcel))
            if parcel.count in (read, read - closing) and read:
                continue
            text = Bilingual(
                "界址点文件“{f}”第 {line} 行的地块“{p}”注明 {n} 个界址点，实际读到 {m} 个。请核对是否缺行或多行。",
                "Corner-point file “{f}”, line {line}: parcel “{p}” declares {n} points, {m} were read. Look for lines "
                "missing or added.",
            )
            raise BadSite(
                "point-count-differs",
                text.format(f=self.filename, line=parcel.line, p=parcel.name, n=parcel.count, m=read),
                file=self.filename, feature=feature, line=parcel.line, value=parcel.count, read=read,
            )  # fmt: skip


_OUTSIDE = Bilingual(
    "没有 [属性描述] 和 [地块坐标] 两段。格式如：\n" + _EXAMPLE,
    "the sections [属性描述] and [地块坐标] are missing. As in:\n" + _EXAMPLE,
)


def _rings(parcel: _Parcel) -> list[list[tuple[float, float]]]:
    """Points by ring, in file order; a parcel that is not an area has no rings."""
    if parcel.kind != "area":
        return [parcel.points]
    found: list[list[tuple[float, float]]] = []
    for n, point in enumerate(parcel.points):
        if n == 0 or parcel.rings[n] != parcel.rings[n - 1]:
            found.append([])
        found[-1].append(point)
    return found


def _part(parcel: _Parcel, feature: int, name: str) -> tuple[RawPart, tuple[int, ...], tuple[int, ...]]:
    """The feature, and which of its rings are holes and which were unclosed."""
    label, title = parcel.values.get("地块编号"), parcel.values.get("地块名称")
    properties = {k: v for k, v in parcel.values.items() if k not in ("界址点数", "地块编号", "地块名称")}
    where: dict[str, Any] = {"file": name, "feature": feature}
    rings = [np.array(ring, dtype=np.float64) for ring in _rings(parcel)]
    try:
        if parcel.kind != "area":
            return RawPart(open_shape(rings[0], parcel.kind), title, label, properties, **where), (), ()
        nested = nest(rings, where)
    except BrokenRingsError as error:
        return RawPart(None, title, label, properties, **where, broken=error), (), ()
    return RawPart(nested.geometry, title, label, properties, **where), nested.holes, nested.unclosed
