"""Makes parcels, lines or points of a table of points; it judges no geometry."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from layers.corner_zone import require_axes, require_on_earth
from layers.loose_rings import nest, open_shape
from layers.opened import CRS, Opened
from layers.point_columns import PointRows, column_key
from layers.ring_notice import ring_notices
from layers.table_angle import degrees_of
from layers.text import decode_text, narrow
from zoning.bilingual import Bilingual
from zoning.placement import Region
from zoning.rings import BrokenRingsError
from zoning.site import MOST_PARCELS, MOST_VERTICES, RawPart
from zoning.sitefault import FEATURES, VERTICES, too_large

Floats = npt.NDArray[np.float64]
_KINDS = {
    "": "", "面": "area", "多边形": "area", "polygon": "area", "area": "area", "线": "line", "线路": "line",
    "line": "line", "linestring": "line", "polyline": "line", "点": "point", "point": "point",
}  # fmt: skip


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


class _Table(PointRows):
    """The rows as coordinates, by parcel, ring and order."""

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
        if column is None or column_key(column) in ("地块名称", "项目名称"):
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
