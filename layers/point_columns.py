"""Reads a table of points (CSV, by comma, semicolon or tab) as rows, and tells from the names of its columns what each is;
it makes no parcels."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from typing import Any, NoReturn

from layers.text import lines_of, narrow
from zoning.bilingual import Bilingual
from zoning.errors import BadSite
from zoning.sitefault import Notice, too_large

MOST_ROWS = 200_000
ROWS = Bilingual("行数", "rows")
MOST_COLUMNS = 1_000
COLUMNS = Bilingual("列数", "columns")
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
_EXAMPLE = "地块,点号,经度,纬度\n1,J1,111.5712,35.4901\n1,J2,111.5733,35.4901\n1,J3,111.5733,35.4918"
_NO_HEADER = Bilingual(
    "第一行应是列名，其中有经度与纬度，或东坐标与北坐标，或 x 与 y。例：\n" + _EXAMPLE,
    "the first row must name the columns, among them longitude and latitude, easting and northing, or x and y. As in:\n"
    + _EXAMPLE,
)


class PointRows:
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
        if len(cells) > MOST_COLUMNS:
            raise too_large(COLUMNS, len(cells), MOST_COLUMNS, {"file": self.filename})
        repeated = [name for name, count in Counter(cells).items() if name and count > 1]
        if repeated:
            self.fail(line, Bilingual(f"列名“{repeated[0]}”重复", f"column “{repeated[0]}” is repeated"))
        for cell in cells:
            key = column_key(cell)
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


def column_key(cell: str) -> str:
    """A column name without spaces, capitals, underscores and its unit in brackets."""
    return re.sub(r"\([^)]*\)|\[[^\]]*\]|[\s_\-:°/]", "", narrow(cell).lower())
