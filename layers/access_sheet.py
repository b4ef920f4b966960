"""Makes clauses of the rows of a spreadsheet that holds an access list; a wrong row is refused with its place, and then nothing is
taken from the file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

from layers.access_columns import class_of, fields_of, tight
from zoning.access import Clause, ClauseSource, UnitCode, level_of
from zoning.bilingual import Bilingual
from zoning.errors import BadInput
from zoning.evidence import LegalStatus
from zoning.jurisdiction import significant
from zoning.rule import Period
from zoning.terms import AccessLevel, Dimension, UnitClass

HEADER_WITHIN: Final = 20
"""In how many of a sheet's first rows its column names are looked for."""
_NOTHING: Final = frozenset({"", "/", "-", "—", "——", "无", "暂无"})
_EXCEL_ERROR: Final = re.compile(r"#(REF!|N/A|VALUE!|NAME\?|DIV/0!|NUM!|NULL!)|=.*", re.DOTALL)
_AREA_NUMBER: Final = re.compile(r"[\d.,]+")


class BadAccessList(BadInput):
    """A file of the access list is wrong; `where` names file, sheet, row and column, or the field."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows of text by column letter, with their numbers as a spreadsheet shows them. A text table has no sheet name."""

    name: str | None
    rows: tuple[tuple[int, Mapping[str, str]], ...]


@dataclass(frozen=True, slots=True)
class Document:
    """What a list file says of all its clauses: the official document, its standing and its days."""

    file: str
    title: Bilingual
    legal_status: LegalStatus
    valid: Period


@dataclass(frozen=True, slots=True)
class Known:
    """Units and counties held, names by code; None where none are held and nothing can be compared."""

    units: Mapping[str, str] | None = None
    counties: Mapping[str, str] | None = None


@dataclass
class SheetReader:
    """Reads the sheets of one document one after another; clauses of one scope and dimension are numbered through."""

    document: Document
    known: Known
    notices: list[Bilingual] = field(default_factory=list)
    texts: dict[tuple[str, UnitClass | None, Dimension], list[str]] = field(default_factory=dict)
    none: set[tuple[str, Dimension]] = field(default_factory=set)
    """Of which code and dimension the list says that there is no clause."""

    def read(self, sheets: Sequence[Sheet]) -> Iterator[Clause]:
        """The clauses of all sheets that have a column of unit codes; the others are named in `notices`.

        Raises
        ------
        BadAccessList
            ``access-sheet-invalid``: no sheet has one, or a row is wrong.
        """
        found = [(sheet, header) for sheet in sheets if (header := _header(sheet)) is not None]
        if not found:
            self._refuse_header(sheets)
        for sheet in sheets:
            if sheet not in [one for one, _ in found] and sheet.rows:
                self.note(sheet, Bilingual("没有单元编码列，未读取", "it has no column of unit codes and was not read"))
        for sheet, (at, columns, names) in found:
            yield from _SheetRows(self, sheet, columns, names).clauses(at)

    def note(self, sheet: Sheet, what: Bilingual) -> None:
        """Keep what was left unread."""
        name = Bilingual(f"工作表“{sheet.name}”", f"sheet “{sheet.name}”") if sheet.name else Bilingual("", "")
        text = Bilingual("“{f}”{name}：{what}。", "“{f}” {name}: {what}.")
        self.notices.append(text.format(f=self.document.file, name=name, what=what))

    def _refuse_header(self, sheets: Sequence[Sheet]) -> NoReturn:
        text = Bilingual(
            "准入清单“{f}”前 {n} 行中没有单元编码列和管控要求列；请写明列名，如 HJGKDYBM 或“环境管控单元编码”，"
            "以及“空间布局约束”等四项。未载入任何内容。",
            "Access list “{f}” has no column of unit codes with columns of clauses in its first {n} rows; name them, as "
            "HJGKDYBM or 环境管控单元编码, and 空间布局约束 and the other three. Nothing was loaded.",
        ).format(f=self.document.file, n=HEADER_WITHIN)
        raise BadAccessList(
            "access-sheet-invalid",
            text,
            file=self.document.file,
            sheet=sheets[0].name if sheets else None,
            field="code",
        )


def _header(sheet: Sheet) -> tuple[int, dict[str, str], dict[str, str]] | None:
    """Index of the first row after the column names, column by field, and the names as written by column.

    Names may stand in two rows, where a heading spans the four dimensions.
    """
    rows = sheet.rows[:HEADER_WITHIN]
    for at, (_, row) in enumerate(rows):
        fields = fields_of(row)
        if "code" not in fields:
            continue
        names = dict(row)
        last = at
        for below, (_, more) in enumerate(rows[at + 1 : at + 3], at + 1):
            under = fields_of(more)
            if not set(under) & {*_DIMENSIONS, "code"} or _is_data(more.get(fields["code"], "")):
                break
            fields, names, last = {**fields, **under}, {**names, **more}, below
        return (last + 1, fields, names) if set(fields) & set(_DIMENSIONS) else None
    return None


_DIMENSIONS: Final = {dimension.value: dimension for dimension in Dimension}


def _is_data(code: str) -> bool:
    return any(letter.isdigit() for letter in code)


@dataclass(frozen=True)
class _SheetRows:
    """The rows of one sheet below its column names."""

    reader: SheetReader
    sheet: Sheet
    columns: Mapping[str, str]
    names: Mapping[str, str]

    def clauses(self, start: int) -> Iterator[Clause]:
        unread = [
            tight(name) for column, name in self.names.items() if column not in self.columns.values() and tight(name)
        ]
        if unread:
            listed = Bilingual("、".join(unread), ", ".join(unread))
            self.reader.note(self.sheet, Bilingual("未读取的列：{l}", "columns not read: {l}").format(l=listed))
        for number, row in self.sheet.rows[start:]:
            if not any(tight(row.get(column, "")) for column in self.columns.values()):
                continue
            yield from self._row(number, row)

    def _row(self, number: int, row: Mapping[str, str]) -> Iterator[Clause]:
        texts = {d: self._text(number, row, d) for d in _DIMENSIONS if d in self.columns}
        said = {d for d in texts if texts[d] is None and tight(self._cell(row, d))}
        if not tight(row.get(self.columns["code"], "")) and not any(texts.values()):
            return  # a line of totals or remarks
        code = self._code(number, row)
        kind = self._class(number, row, code)
        self._county(number, row, code)
        self.reader.none.update((code, _DIMENSIONS[name]) for name in said)
        for name, text in texts.items():
            if text is not None and (clause := self._clause(number, code, kind, _DIMENSIONS[name], text)):
                yield clause

    def _cell(self, row: Mapping[str, str], name: str) -> str:
        return row.get(self.columns.get(name, ""), "")

    def _code(self, number: int, row: Mapping[str, str]) -> str:
        given = self._cell(row, "code")
        code = tight(given).upper()
        try:
            level = level_of(code)
        except ValueError:
            if not code:
                self._refuse(number, "code", given, _NO_CODE)
            self._refuse(number, "code", given, _COUNTY_CODE if re.fullmatch(r"\d{6}", code) else _BAD_CODE)
        counties = self.reader.known.counties
        if level != AccessLevel.UNIT:
            if counties is not None and not any(county.startswith(significant(code)) for county in counties):
                self._refuse(number, "code", given, _BAD_COUNTY.format(county=code))
        else:
            county = UnitCode.of(code).county
            if counties is not None and county not in counties:
                self._refuse(number, "code", given, _BAD_COUNTY.format(county=county))
            if self.reader.known.units is not None and code not in self.reader.known.units:
                self._refuse(number, "code", given, _NO_UNIT)
        return code

    def _class(self, number: int, row: Mapping[str, str], code: str) -> UnitClass | None:
        given = self._cell(row, "class")
        own = UnitCode.read(code)
        if not tight(given):
            return None
        kind = class_of(given)
        if kind is None:
            self._refuse(number, "class", given, _BAD_CLASS)
        if own is not None and kind != own.unit_class:
            self._refuse(number, "class", given, _OTHER_CLASS.format(code=code, digit=own.unit_class.digit))
        return None if own is not None else kind

    def _county(self, number: int, row: Mapping[str, str], code: str) -> None:
        given = self._cell(row, "county")
        word, own = tight(given), UnitCode.read(code)
        if not word or own is None or self.reader.known.counties is None:
            return
        if _AREA_NUMBER.fullmatch(word) and word != own.county:
            self._refuse(number, "county", given, _AREA)
        name = self.reader.known.counties[own.county]
        if word != own.county and not name.startswith(word) and not word.endswith(name):
            self._refuse(number, "county", given, _OTHER_COUNTY.format(code=code, name=name))

    def _text(self, number: int, row: Mapping[str, str], name: str) -> str | None:
        text = self._cell(row, name).replace("\r\n", "\n").replace("\r", "\n").strip().strip("\ufeff").strip()
        if _EXCEL_ERROR.fullmatch(text):
            self._refuse(number, name, text, _ERROR)
        return None if text in _NOTHING else text

    def _clause(self, number: int, code: str, kind: UnitClass | None, dimension: Dimension, text: str) -> Clause | None:
        """The clause, or None for one that stands there already: merged cells are given in every row they span."""
        before = self.reader.texts.setdefault((code, kind, dimension), [])
        if text in before:
            return None
        before.append(text)
        document, sheet = self.reader.document, self.sheet.name
        at = f"{sheet}!{number}" if sheet else str(number)
        zh, en = (f"表“{sheet}”", f"sheet “{sheet}”, ") if sheet else ("", "")
        label = Bilingual(f"《{document.title.zh}》{zh}第{number}行", f"{document.title.en}, {en}row {number}")
        suffix = f"-{kind.value}" if kind else ""
        return Clause(
            id=f"{code}:{dimension.value}{suffix}-{len(before)}",
            code=code,
            dimension=dimension,
            text=Bilingual(text, text),
            source=ClauseSource(document.file, document.title, at, label),
            legal_status=document.legal_status,
            unit_class=kind,
            valid=document.valid,
        )

    def _refuse(self, number: int, name: str, value: str, what: Bilingual) -> NoReturn:
        column, file = self.columns[name], self.reader.document.file
        heading = " ".join(self.names.get(column, "").split())
        place = (
            Bilingual(f"工作表“{self.sheet.name}”", f"sheet “{self.sheet.name}”, ")
            if self.sheet.name
            else Bilingual("", "")
        )
        text = Bilingual(
            "准入清单“{f}”{place}第 {row} 行 {column} 列（{heading}）的值“{value}”有误：{what}未载入任何内容。",
            "Access list “{f}”, {place}row {row}, column {column} ({heading}), value “{value}”: {what} Nothing was loaded.",
        ).format(f=file, place=place, row=number, column=column, heading=heading, value=value[:60], what=what)
        where: dict[str, Any] = {"sheet": self.sheet.name, "row": number, "column": column}
        raise BadAccessList("access-sheet-invalid", text, file=file, field=name, value=value[:200], **where)


_BAD_CODE = Bilingual(
    "单元编码应为 ZH、6 位县级代码、1 位分类（1 优先、2 重点、3 一般）和 4 位序号，如 ZH14082510001；请改正该格。",
    "a unit code is ZH, six digits of the county, one of the class (1 to 3) and four of the serial: ZH14082510001; correct it.",
)
_NO_CODE = Bilingual(
    "没有编码，不知条款属于哪个单元；请填写，或把同一单元的编码格合并。",
    "there is no code, so it cannot be told whose clause it is; fill it in, or merge the unit's code cells.",
)
_COUNTY_CODE = Bilingual(
    "省级、市级条款用省、市代码（如 140000、140800），清单没有县级；请改正该格。",
    "clauses of a province or city stand under its code (140000, 140800) and there are none of counties; correct the cell.",
)
_BAD_COUNTY = Bilingual(
    "行政区代码 {county} 不在所持有的行政区中；请核对代码年份。",
    "the division {county} is not among those held; check the year of the code.",
)
_NO_UNIT = Bilingual(
    "所持管控单元图层中没有该单元；请核对编码，或先更新单元图层。",
    "the layer of control units held has no such unit; check the code, or update that layer first.",
)
_BAD_CLASS = Bilingual(
    "分类应为 1、2、3 或优先、重点、一般；请改正该格。",
    "a class is 1, 2 or 3, or 优先, 重点 or 一般; correct the cell.",
)
_OTHER_CLASS = Bilingual(
    "与编码 {code} 的分类位 {digit} 不符；请改正其一。",
    "it differs from the class digit {digit} of {code}; correct one of them.",
)
_AREA = Bilingual(
    "AREA 列应为县（市、区）名称，不是面积；请改正列名或内容。",
    "the column AREA holds the county's name, not an area; correct its name or its content.",
)
_OTHER_COUNTY = Bilingual(
    "编码 {code} 属于{name}；请改正编码或县名。", "{code} lies in {name}; correct the code or the county."
)
_ERROR = Bilingual(
    "单元格是公式，没有保存结果或结果有误；请改为文字。",
    "the cell holds a formula without a stored result, or an error; make it plain text.",
)
