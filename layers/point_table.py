"""Reads a table of points (CSV, by comma, semicolon or tab) into parcels, lines or points by its column names; it
judges no geometry."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from layers.corner_zone import require_axes, require_on_earth
from layers.loose_rings import nest, open_shape
from layers.opened import CRS, Opened
from layers.ring_notice import ring_notices
from layers.table_angle import degrees_of
from layers.text import decode_text, lines_of, narrow
from zoning.bilingual import Bilingual
from zoning.errors import BadSite
from zoning.placement import Region
from zoning.rings import BrokenRingsError
from zoning.site import MOST_PARCELS, MOST_VERTICES, RawPart
from zoning.sitefault import FEATURES, VERTICES, Notice, too_large

Floats = npt.NDArray[np.float64]

MOST_ROWS = 200_000
ROWS = Bilingual("行数", "rows")
_PAIRS = (("lon", "lat"), ("east", "north"), ("x", "y"))
_SEPARATORS = (",", ";", "\t")
_ROLES: dict[str, tuple[str, ...]] = {
    "lon": ("lon", "lng", "long", "longitude", "经度", "东经"),
    "lat": ("lat", "latitude", "纬度", "北纬"),
    "east": ("east", "easting", "东坐标", "横坐标", "横坐标y", "y横坐标", "东坐标y", "y东坐标"),
    "north": ("north", "northing", "北坐标", "纵坐标", "纵坐标x", "x纵坐标", "北坐标x", "x北坐标"),
    "x": ("x", "x坐标", "坐标x"),
    "y": ("y", "y坐标", "坐标y"),
    "point": ("点号", "点名", "界址点号", "界址点", "拐点", "拐点号", "point", "pointno", "pt"),
    "parcel": ("地块", "地块编号", "地块号", "图斑编号", "parcel", "parcelno", "parcelid"),
    "name": ("名称", "地块名称", "项目名称", "name", "title"),
    "ring": ("环", "环号", "圈号", "ring", "ringno"),
    "order": ("序号", "顺序", "顺序号", "order", "seq", "sequence"),
    "kind": ("类型", "图形属性", "图形类型", "几何类型", "geometry", "geometrytype", "type"),
}
_KINDS = {
    "": "", "面": "area", "多边形": "area", "polygon": "area", "area": "area", "线": "line", "线路": "line",
    "line": "line", "linestring": "line", "polyline": "line", "点": "point", "point": "point",
}  # fmt: skip
_EXAMPLE = "地块,点号,经度,纬度\n1,J1,111.5712,35.4901\n1,J2,111.5733,35.4901\n1,J3,111.5733,35.4918"


@dataclass(slots=True)
class _Group:
    """The rows of one parcel."""

    number: str
    rows: list[dict[str, str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)


def read_point_table(data: bytes, name: str, _crs: CRS | None, region: Region) -> Opened:
    """The parcels of a table, in the order of their first rows. The first row names the columns.

    Raises
    ------
    BadSite
        ``encoding-unknown``; ``point-table-invalid`` with the line; ``axes-swapped``; ``site-too-large``.
    """
    text, notices = decode_text(data, name)
    table = _Table(name)
    table.read(text)
    if not table.rows:
        return Opened((), None, notices)
    xy = table.positions(region)
    parts, roles = table.parts(xy)
    return Opened(tuple(parts), None, (*notices, *table.notices, *ring_notices(roles, name)))


class _Table:
    """One table, read row by row."""

    def __init__(self, filename: str) -> None:
        self.filename = filename
        self.columns: dict[str, str] = {}
        self.rows: list[dict[str, str]] = []
        self.lines: list[int] = []
        self.notices: list[Notice] = []
        self.pair: tuple[str, str] = ("x", "y")

    def fail(self, line: int | None, reason: Bilingual, **where: Any) -> NoReturn:
        at = Bilingual(f"第 {line} 行", f", line {line}") if line else Bilingual("", "")
        text = Bilingual("点表“{f}”{at}有误：{reason}。", "Point table “{f}”{at}: {reason}.")
        raise BadSite(
            "point-table-invalid",
            text.format(f=self.filename, at=at, reason=reason),
            file=self.filename, line=line, **where,
        )  # fmt: skip

    def notice(self, type: str, zh: str, en: str, **where: Any) -> None:
        self.notices.append(Notice(type, Bilingual(zh, en), {"file": self.filename, **where}))

    def read(self, text: str) -> None:
        first = next((line for line in lines_of(text) if line.strip()), "")
        separator = max(_SEPARATORS, key=first.count)
        if separator not in first and "，" in first:
            separator = "，"
        if re.fullmatch(r"(?i)sep=.?", first.strip()):
            text = text.replace(first, "", 1)  # a spreadsheet's own note of its separator
            separator = first.strip()[4:] or "\t"
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        header: list[str] | None = None
        try:
            for row in reader:
                cells = [cell.strip() for cell in row]
                if not any(cells):
                    continue
                if header is None:
                    header = self.header(cells, reader.line_num)
                    continue
                if any(cells[len(header) :]):
                    reason = Bilingual(
                        f"有 {len(cells)} 项，表头只有 {len(header)} 列",
                        f"there are {len(cells)} values for {len(header)} columns",
                    )
                    self.fail(reader.line_num, reason)
                if len(self.rows) >= MOST_ROWS:
                    raise too_large(ROWS, len(self.rows) + 1, MOST_ROWS, {"file": self.filename})
                self.rows.append(dict(zip(header, cells, strict=False)))
                self.lines.append(reader.line_num)
        except csv.Error:
            self.fail(
                reader.line_num, Bilingual("引号不成对或单元格过长", "its quotes do not match or a cell is too long")
            )
        if header is None:
            self.fail(None, _NO_HEADER)

    def header(self, cells: list[str], line: int) -> list[str]:
        """Names of the columns; which is which goes to `columns`, by role."""
        repeated = [name for name, count in Counter(cells).items() if name and count > 1]
        if repeated:
            self.fail(line, Bilingual(f"列名“{repeated[0]}”重复", f"column “{repeated[0]}” is repeated"))
        for cell in cells:
            key = _key(cell)
            for role, names in _ROLES.items():
                if key not in names:
                    continue
                if role in self.columns:
                    both = f"“{self.columns[role]}”、“{cell}”"
                    self.fail(line, Bilingual(f"{both} 两列意思相同", f"columns {both} mean the same"))
                self.columns[role] = cell
        pairs = [pair for pair in _PAIRS if all(p in self.columns for p in pair)]
        if len(pairs) != 1:
            reason = _NO_HEADER
            if pairs:
                several = [self.columns[role] for pair in pairs for role in pair]
                reason = Bilingual(
                    f"有不止一对坐标列（{'、'.join(several)}），请只留一对",
                    f"there is more than one pair of coordinate columns ({', '.join(several)}); keep one",
                )
            self.fail(line, reason, value=",".join(cells)[:200])
        self.pair = pairs[0]
        return [cell or f"\0{n}" for n, cell in enumerate(cells)]

    def positions(self, region: Region) -> Floats:
        """x (longitude or easting) and y of every row."""
        if len(self.rows) > MOST_VERTICES:
            raise too_large(VERTICES, len(self.rows), MOST_VERTICES, {"file": self.filename})
        names = [self.columns[role] for role in self.pair]
        xy = np.array(
            [
                [self.number(row.get(n, ""), n, line) for n in names]
                for row, line in zip(self.rows, self.lines, strict=True)
            ]
        )
        if self.pair == ("x", "y"):
            xy = self.by_size(xy, names, region)
        require_on_earth(xy, self.lines, self.filename)
        if self.pair == ("east", "north"):
            require_axes(xy, self.lines, region, self.filename)
        return xy

    def number(self, cell: str, column: str, line: int) -> float:
        value = degrees_of(narrow(cell))
        if value is None:
            reason = Bilingual(
                f"“{column}”列的“{cell[:40]}”不是坐标", f"“{cell[:40]}” in column “{column}” is no coordinate"
            )
            if not cell:
                reason = Bilingual(f"“{column}”列是空的", f"column “{column}” is empty")
            self.fail(line, reason, field=column, value=cell[:100])
        return value

    def by_size(self, xy: Floats, names: Sequence[str], region: Region) -> Floats:
        """Columns called only x and y: which is east is told by the size of their numbers, and said."""

        def fits(turned: Floats) -> bool:
            east, north = turned[:, 0], turned[:, 1]
            if (np.abs(turned) <= 360).all():
                return bool(region.holds(turned).all())
            return bool(((north > region.south * 110_500) & (north < region.north * 111_700)).all()) and bool(
                ((east > 1e5) & ((east < 1e6) | (east > 1e7))).all()
            )

        turned = xy[:, ::-1]
        if fits(xy) or not fits(turned):
            east, north, found = names[0], names[1], xy
        else:
            east, north, found = names[1], names[0], np.ascontiguousarray(turned)
        what = ("经度", "纬度", "longitude", "latitude")
        if (np.abs(xy) > 360).any():
            what = ("东坐标", "北坐标", "easting", "northing")
        self.notice(
            "axis-order",
            f"按数值大小，“{east}”列作{what[0]}，“{north}”列作{what[1]}。",
            f"By the size of the numbers, column “{east}” was taken as {what[2]} and “{north}” as {what[3]}.",
            east=east,
            north=north,
        )
        return found

    def parts(self, xy: Floats) -> tuple[list[RawPart], list[tuple[str, tuple[int, ...], tuple[int, ...]]]]:
        groups = self.groups()
        parts: list[RawPart] = []
        roles: list[tuple[str, tuple[int, ...], tuple[int, ...]]] = []
        guessed: Counter[str] = Counter()
        for feature, (number, members) in enumerate(groups.items(), start=1):
            kind = self.kind(members)
            if not kind:
                kind = "area" if len(members) > 2 else ("point", "line")[len(members) - 1]
                guessed[kind] += 1
            part, holes, unclosed = self.part(number, feature, kind, self.sorted(members, xy), xy)
            parts.append(part)
            roles.append((number or str(feature), holes, unclosed))
        if guessed:
            names = {"area": "面", "line": "线", "point": "点"}
            zh = "、".join(f"{names[kind]} {n} 个" for kind, n in guessed.items())
            en = ", ".join(f"{n} {kind}" for kind, n in guessed.items())
            self.notice(
                "geometry-assumed",
                f"未注明图形类型，按点数判断（3 点及以上为面，2 点为线，1 点为点）：{zh}。",
                f"No geometry type was stated; it was told by the number of points (3 or more an area, 2 a line, 1 a "
                f"point): {en}.",
                count=dict(guessed),
            )
        return parts, roles

    def groups(self) -> dict[str, list[int]]:
        """Rows by parcel; an empty parcel cell repeats the one above, as merged cells are exported."""
        column = self.columns.get("parcel") or self.naming()
        found: dict[str, list[int]] = {}
        current, filled = "", 0
        for n, row in enumerate(self.rows):
            given = row.get(column, "") if column else ""
            if given:
                current = given
            elif column:
                if not current:
                    self.fail(
                        self.lines[n], Bilingual(f"“{column}”列是空的", f"column “{column}” is empty"), field=column
                    )
                filled += 1
            found.setdefault(current, []).append(n)
        if filled:
            self.notice(
                "cells-filled",
                f"“{column}”列有 {filled} 个空单元格，按上一行的值补齐。",
                f"{filled} empty cells of column “{column}” were taken to repeat the one above.",
                count=filled,
            )
        if len(found) > MOST_PARCELS:
            raise too_large(FEATURES, len(found), MOST_PARCELS, {"file": self.filename})
        return found

    def naming(self) -> str | None:
        """A column of parcel names where there is none of their numbers; plain names that change are asked about."""
        column = self.columns.get("name")
        if column is None or _key(column) in ("地块名称", "项目名称"):
            return column
        names = {row.get(column, "") for row in self.rows} - {""}
        if len(names) > 1:
            reason = Bilingual(
                f"“{column}”列有 {len(names)} 个不同的名称，不知是地块还是点的名称：请把列名改为“地块”或“点号”",
                f"column “{column}” holds {len(names)} names, of parcels or of points: call it “parcel” or “point”",
            )
            self.fail(self.lines[0], reason, field=column)
        return None

    def kind(self, members: Sequence[int]) -> str:
        column = self.columns.get("kind")
        if column is None:
            return ""
        kinds: set[str] = set()
        for n in members:
            given = self.rows[n].get(column, "")
            kind = _KINDS.get(given.lower())
            if kind is None:
                reason = Bilingual(
                    f"图形类型“{given[:40]}”不是点、线、面", f"“{given[:40]}” is no point, line or polygon"
                )
                self.fail(self.lines[n], reason, field=column, value=given[:100])
            kinds.add(kind)
        kinds.discard("")
        if len(kinds) > 1:
            self.fail(
                self.lines[members[0]], Bilingual("同一地块有几种图形类型", "one parcel has several geometry types")
            )
        return next(iter(kinds), "")

    def sorted(self, members: list[int], xy: Floats) -> list[int]:
        """Rows in the order of their sequence column, ring by ring, if there is one."""
        column, ring = self.columns.get("order"), self.columns.get("ring")
        if column is None:
            return members
        found: list[int] = []
        by_ring: dict[str, list[int]] = {}
        for n in members:
            by_ring.setdefault(self.rows[n].get(ring, "") if ring else "", []).append(n)
        for rows in by_ring.values():
            numbers = [narrow(self.rows[n].get(column, "")) for n in rows]
            for n, number in zip(rows, numbers, strict=True):
                if not re.fullmatch(r"\d{1,9}", number, re.ASCII):
                    self.fail(
                        self.lines[n], Bilingual(f"“{column}”列不是整数", f"column “{column}” is no whole number")
                    )
            order = [int(number) for number in numbers]
            if len(rows) > 1 and order[-1] == order[0] and (xy[rows[0]] == xy[rows[-1]]).all():
                order[-1] = max(order) + 1  # the first point, repeated to close the ring, keeps its number
            if len(set(order)) < len(order):
                n = next(n for i, n in enumerate(rows) if order[i] in order[:i])
                reason = Bilingual(f"“{column}”列的序号重复", f"a number of column “{column}” is repeated")
                self.fail(self.lines[n], reason, field=column, value=self.rows[n].get(column))
            if order != sorted(order):
                self.notice(
                    "points-sorted",
                    f"第 {self.lines[members[0]]} 行起的点按“{column}”列重新排序。",
                    f"The points from line {self.lines[members[0]]} on were put in the order of column “{column}”.",
                    line=self.lines[members[0]],
                )
            found += [n for _, n in sorted(zip(order, rows, strict=True))]
        return found

    def part(
        self, number: str, feature: int, kind: str, members: list[int], xy: Floats
    ) -> tuple[RawPart, tuple[int, ...], tuple[int, ...]]:
        where: dict[str, Any] = {"file": self.filename, "feature": feature}
        first = self.rows[members[0]]
        title = first.get(self.columns["name"]) if "name" in self.columns else None
        used = set(self.columns.values()) - {self.columns.get("name")}
        properties = {
            key: value
            for key, value in first.items()
            if value
            and key not in used
            and key[0] != "\0"
            and all(self.rows[n].get(key, "") in ("", value) for n in members)
        }
        try:
            if kind != "area":
                return (
                    RawPart(open_shape(xy[members], kind), title or None, number or None, properties, **where),
                    (),
                    (),
                )
            nested = nest(self.rings(members, xy), where)
        except BrokenRingsError as error:
            return RawPart(None, title or None, number or None, properties, **where, broken=error), (), ()
        made = RawPart(nested.geometry, title or None, number or None, properties, **where)
        return made, nested.holes, nested.unclosed

    def rings(self, members: list[int], xy: Floats) -> list[Floats]:
        column = self.columns.get("ring")
        rings: dict[str, list[int]] = {}
        for n in members:
            rings.setdefault(self.rows[n].get(column, "") if column else "", []).append(n)
        return [xy[rows] for rows in rings.values()]


_NO_HEADER = Bilingual(
    "第一行应是列名，其中有经度与纬度，或东坐标与北坐标，或 x 与 y。例：\n" + _EXAMPLE,
    "the first row must name the columns, among them longitude and latitude, easting and northing, or x and y. As in:\n"
    + _EXAMPLE,
)


def _key(cell: str) -> str:
    """A column name without spaces, capitals, underscores and its unit in brackets."""
    return re.sub(r"\([^)]*\)|\[[^\]]*\]|[\s_\-:°/]", "", narrow(cell).lower())
