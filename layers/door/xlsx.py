"""Reads the cells of an Excel workbook (.xlsx) as text with a plain XML parser that follows no entity and no link; runs behind the
door. It knows no field and computes no formula: the value stored beside one is taken."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from typing import NoReturn
from xml.parsers import expat

from layers.door.table import Asked, Fault, Layer, Row, Table
from layers.door.zipped import read_zip
from zoning.bilingual import Bilingual

MOST_CELLS = 500_000
MOST_ROWS = 50_000
LAST_COLUMN = 256
_LONGEST = 32_767
"""Characters in one cell: Excel's own limit."""
_WORKBOOK = "xl/workbook.xml"
_PLACE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_WHOLE = re.compile(r"(-?\d+)\.0+")


def read(data: bytes, asked: Asked) -> Table:
    """The sheets in the workbook's order, each as a layer: a row's `fid` is its number, its fields are text by column letter.

    A merged range has its text in every cell of it. `notes.hidden` names the hidden sheets, which are read like the others.

    Raises
    ------
    Fault
        ``xlsx-invalid``, ``xlsx-limit``.
    BadSite
        ``archive-*``.
    """
    parts = {m.name: m.data for m in read_zip(data, asked.name, lambda name: name.endswith((".xml", ".rels")))}
    if _WORKBOOK not in parts:
        raise _invalid("缺少工作簿", "it holds no workbook")
    targets = _targets(parts.get("xl/_rels/workbook.xml.rels", b""))
    strings = _strings(parts.get("xl/sharedStrings.xml"))
    layers, hidden = [], []
    for name, relation, state in _sheets(parts[_WORKBOOK]):
        path = targets.get(relation, "")
        if path not in parts:
            if "chartsheets/" in path or "dialogsheets/" in path:
                continue
            raise _invalid(f"缺少工作表“{name}”", f"sheet “{name}” is missing")
        if state != "visible":
            hidden.append(name)
        sheet = _Sheet(name, strings)
        _parse(parts[path], sheet.start, sheet.end, sheet.said)
        layers.append(Layer(name, None, tuple(sheet.finished())))
    return Table(tuple(layers), {"hidden": hidden})


def _invalid(zh: str, en: str) -> Fault:
    return Fault("xlsx-invalid", Bilingual(zh, en))


def _parse(
    data: bytes,
    start: Callable[[str, Mapping[str, str]], None],
    end: Callable[[str], None] | None = None,
    said: Callable[[str], None] | None = None,
) -> None:
    """Run a part through the parser; names come without their namespace, of which there are two editions."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _no_doctype
    parser.EntityDeclHandler = _no_doctype

    def local(name: str) -> str:
        return name.rsplit(" ", 1)[-1]

    parser.StartElementHandler = lambda name, attributes: start(
        local(name), {local(key): value for key, value in attributes.items()}
    )
    if end is not None:
        parser.EndElementHandler = lambda name: end(local(name))
    if said is not None:
        parser.CharacterDataHandler = said
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise _invalid(f"内容损坏（第 {error.lineno} 行）", f"it is damaged (line {error.lineno})") from error


def _no_doctype(*_given: object) -> NoReturn:
    raise _invalid("含有 DOCTYPE 或实体声明", "it has a DOCTYPE or declares entities")


def _targets(data: bytes) -> dict[str, str]:
    """Paths of the workbook's parts by the id of their relation."""
    found: dict[str, str] = {}

    def start(name: str, attributes: Mapping[str, str]) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "")
            found[attributes.get("Id", "")] = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")

    if data:
        _parse(data, start)
    return found


def _sheets(data: bytes) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []

    def start(name: str, attributes: Mapping[str, str]) -> None:
        if name == "sheet":
            found.append((attributes.get("name", ""), attributes.get("id", ""), attributes.get("state", "visible")))

    _parse(data, start)
    return found


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda m: chr(int(m[1], 16)), text)


def _strings(data: bytes | None) -> list[str]:
    """The shared strings; what is only their reading aid (phonetic runs) is left out."""
    found: list[str] = []
    text: list[str] = []
    depth = {"rPh": 0, "t": 0}

    def start(name: str, _attributes: Mapping[str, str]) -> None:
        if name == "si":
            text.clear()
        if name in depth:
            depth[name] += 1

    def end(name: str) -> None:
        if name in depth:
            depth[name] -= 1
        if name == "si":
            found.append(_unescaped("".join(text)))

    def said(words: str) -> None:
        if depth["t"] and not depth["rPh"]:
            text.append(words)

    if data is not None:
        _parse(data, start, end, said)
    return found


def column_number(letters: str) -> int:
    """A → 1, Z → 26, AA → 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    """1 → A, 27 → AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


class _Sheet:
    """The cells of one sheet as they come by."""

    def __init__(self, name: str, strings: list[str]) -> None:
        self.name = name
        self.strings = strings
        self.rows: dict[int, dict[int, str]] = {}
        self.merged: list[tuple[int, int, int, int]] = []
        self.cells = 0
        self.row = self.column = 0
        self.type = ""
        self.depth = {"v": 0, "is": 0, "t": 0, "rPh": 0}
        self.text: list[str] = []
        self.formula = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "row":
            self.row, self.column = int(_number(attributes.get("r"), self.row + 1)), 0
        elif name == "c":
            self.row, self.column = self._place(attributes.get("r"))
            self.type, self.text, self.formula = attributes.get("t", "n"), [], False
        elif name == "f":
            self.formula = True
        elif name == "mergeCell":
            first, _, last = attributes.get("ref", "").partition(":")
            (top, left), (bottom, right) = self._place(first), self._place(last or first)
            self.merged.append((top, left, bottom, right))
        if name in self.depth:
            self.depth[name] += 1

    def end(self, name: str) -> None:
        if name in self.depth:
            self.depth[name] -= 1
        if name == "c":
            # A formula whose value was never stored is not nothing: it is shown as one.
            self._keep("".join(self.text) or ("=" if self.formula else ""))

    def said(self, words: str) -> None:
        inline = self.depth["is"] and self.depth["t"] and not self.depth["rPh"]
        if self.depth["v"] or inline:
            self.text.append(words)

    def _place(self, text: str | None) -> tuple[int, int]:
        if text is None:
            return self.row, self.column + 1
        found = _PLACE.fullmatch(text)
        if found is None:
            raise _invalid(f"单元格位置 {text[:20]!r} 有误", f"cell place {text[:20]!r} is wrong")
        return int(found[2]), column_number(found[1])

    def _keep(self, text: str) -> None:
        if self.type == "s" and text != "=":
            at = int(_number(text, -1))
            if not 0 <= at < len(self.strings):
                raise _invalid("共享文字缺失", "a shared string is missing")
            text = self.strings[at]
        elif self.type in ("inlineStr", "str"):
            text = _unescaped(text)
        elif whole := _WHOLE.fullmatch(text):
            text = whole[1]
        if text.strip():
            self._count(1)
            if self.column > LAST_COLUMN:
                raise _limit(f"超过 {LAST_COLUMN} 列", f"over {LAST_COLUMN} columns")
            if len(text) > _LONGEST:
                raise _limit(f"单元格超过 {_LONGEST} 个字", f"a cell of over {_LONGEST} characters")
            self.rows.setdefault(self.row, {})[self.column] = text

    def _count(self, cells: int) -> None:
        self.cells += cells
        if self.cells > MOST_CELLS or len(self.rows) > MOST_ROWS:
            raise _limit(f"超过 {MOST_ROWS} 行或 {MOST_CELLS} 个单元格", f"over {MOST_ROWS} rows or {MOST_CELLS} cells")

    def finished(self) -> list[Row]:
        """The rows that hold anything, with merged ranges filled."""
        last = max(self.rows, default=0)
        for top, left, bottom, right in self.merged:
            text = self.rows.get(top, {}).get(left)
            if text is None:
                continue
            # A range may be declared down to the end of the sheet; it is filled as far as there are rows.
            for row in range(top, min(bottom, last) + 1):
                for column in range(left, min(right, LAST_COLUMN) + 1):
                    if column not in self.rows.setdefault(row, {}):
                        self._count(1)
                        self.rows[row][column] = text
        return [
            Row(number, {column_letters(column): row[column] for column in sorted(row)}, None)
            for number, row in sorted(self.rows.items())
            if row
        ]


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text is not None and text.isascii() and text.isdigit() else otherwise


def _limit(zh: str, en: str) -> Fault:
    return Fault("xlsx-limit", Bilingual(zh, en))
