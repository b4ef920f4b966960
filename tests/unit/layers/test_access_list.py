"""Access lists from spreadsheets: both families of names, as polluted as real files are; a wrong cell is refused with its place."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from layers.access_columns import FIELDS, field_of
from layers.access_list import AccessList, read_access_list
from layers.access_sheet import BadAccessList, Known
from tests.unit.layers.workbook import Cell, workbook
from zoning.terms import Dimension

CODE = "ZH14082430001"
KNOWN = Known({CODE: "甲", "ZH14082420001": "乙", "ZH14082610001": "丙"}, {"140824": "稷山县", "140826": "绛县"})
A = ["HJGKDYBM", "HJGKDYMC", "COUNTY", "空间布局约束", "污染物排放管控", "环境风险防控", "资源开发效率要求", "REMARKS"]
B = [
    "HJZHGKDYBM",
    "HJZHGKDYMC",
    "PROV",
    "CITY",
    "AREA",
    "ZHGKDYFL",
    "KJBJYS",
    "PWWPFGK",
    "HJFXFK",
    "ZYKFXLYQ",
    "REMARK",
]
ROW_A: list[Cell] = [CODE, "一般单元", "稷山县", "条一", "条二", "条三", "条四", "备注"]
ROW_B: list[Cell] = [CODE, "一般单元", "山西省", "运城市", "稷山县", "3", "条一", "条二", "条三", "条四", ""]
TITLE = {"title": {"zh": "某市清单", "en": "List of a city"}, "legal_status": "planning"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def put(folder: Path, name: str, data: bytes | str, **facts: Any) -> None:
    (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())
    entry = {"file": name, **(TITLE if name.endswith((".csv", ".xlsx")) else {}), **facts}
    (folder / "list.yaml").write_text(yaml.safe_dump({"files": [entry]}, allow_unicode=True), encoding="utf-8")


def xlsx(folder: Path, *rows: Sequence[Cell], known: Known = KNOWN, merged: Sequence[str] = ()) -> AccessList:
    put(folder, "清单.xlsx", workbook({"清单": rows}, merged={"清单": merged}))
    return read_access_list(folder, known)


def csv(folder: Path, text: bytes | str, known: Known = KNOWN) -> AccessList:
    put(folder, "list.csv", text)
    return read_access_list(folder, known)


def texts(found: AccessList) -> dict[str, str]:
    return {c.dimension.value: c.text.zh for c in found.clauses}


FOUR = {"space": "条一", "pollution": "条二", "risk": "条三", "resources": "条四"}


# --- what is read ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("names", "row"), [(A, ROW_A), (B, ROW_B)], ids=["family A", "family B"])
def test_both_families_are_read_from_workbook_and_text(folder: Path, names: list[Cell], row: list[Cell]) -> None:
    first = xlsx(folder, names, row)
    assert texts(first) == FOUR
    assert {c.code for c in first.clauses} == {CODE}
    (folder / "清单.xlsx").unlink()
    line = "\r\n".join(",".join(map(str, cells)) for cells in (names, row))
    second = csv(folder, line.encode("gb18030"))
    assert [(c.id, c.text) for c in second.clauses] == [(c.id, c.text) for c in first.clauses]


def test_a_cell_of_none_is_an_explicit_none_and_a_blank_one_says_nothing(folder: Path) -> None:
    head = "编码,空间布局约束,污染物排放管控,环境风险防控,资源利用效率\n"
    found = csv(folder, f"{head}{CODE},条一,无,—,\n")
    assert texts(found) == {"space": "条一"}
    assert found.none == {(CODE, Dimension.POLLUTION), (CODE, Dimension.RISK)}


def test_a_file_of_clauses_says_where_there_is_none(folder: Path) -> None:
    none = [{"codes": [CODE], "dimensions": ["risk", "resources"]}]
    put(folder, "own.json", json.dumps({"clauses": [], "none": none}))
    assert read_access_list(folder, KNOWN).none == {(CODE, Dimension.RISK), (CODE, Dimension.RESOURCES)}
    for wrong in (
        [{"codes": [CODE]}],
        [{"codes": ["ZH1"], "dimensions": ["risk"]}],
        [{"codes": [CODE], "dimensions": ["air"]}],
        ["risk"],
    ):
        put(folder, "own.json", json.dumps({"clauses": [], "none": wrong}))
        with pytest.raises(BadAccessList, match="none"):
            read_access_list(folder, KNOWN)


def test_header_pollution_does_not_matter(folder: Path) -> None:
    names: list[Cell] = [
        "\ufeffＨＪＺＨＧＫＤＹＢＭ ", " 环境管控\n单元名称", "Prov", "city\r\n", "ａｒｅａ", "ZHGKDYFL\n",
        "空间布局约束\n", "WRWPFGK", "环境风险防控　", "资源利用效率要求\n", "备注",
    ]  # fmt: skip
    row: list[Cell] = [" ＺＨ14082430001\n", *ROW_B[1:]]
    assert texts(xlsx(folder, names, row)) == FOUR
    assert xlsx(folder, names, row).notices == ()


@pytest.mark.parametrize("sign", [",", "\t", ";"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_tables_of_every_sign_and_encoding(folder: Path, sign: str, encoding: str) -> None:
    text = "\n".join(sign.join(map(str, cells)) for cells in (B, ROW_B))
    assert texts(csv(folder, text.encode(encoding))) == FOUR


def test_area_is_the_county(folder: Path) -> None:
    assert field_of("AREA") == "county"
    for wrong in (126.5, "1,204.33"):
        with pytest.raises(BadAccessList, match="AREA holds the county's name") as caught:
            xlsx(folder, B, [*ROW_B[:4], wrong, *ROW_B[5:]])
        assert (caught.value.where["row"], caught.value.where["column"]) == (2, "E")


def test_names_are_known_in_one_meaning_each() -> None:
    assert set(FIELDS.values()) >= {d.value for d in Dimension} | {"code", "name", "county", "class"}
    assert field_of("面积") is None
    assert field_of("") is None


def test_titles_above_headings_in_two_rows_and_merged_cells(folder: Path) -> None:
    rows: list[list[Cell]] = [
        ["某市生态环境准入清单", None, None, None, None, None, None],
        ["序号", "环境管控单元编码", "分类", "管控要求", None, None, None],
        [None, None, None, "空间布局约束", "污染物排放管控", "环境风险防控", "资源开发利用效率"],
        [1, CODE, "一般管控单元", "甲一", "乙", "丙", "丁"],
        [None, None, None, "甲二", None, None, None],
        [2, "ZH14082420001", "重点", "甲三", None, "—", "无"],
        [None, None, None, None, None, None, None],
    ]
    merged = ["A1:G1", "A2:A3", "B2:B3", "C2:C3", "D2:G2", "B4:B5", "C4:C5", "E4:E6", "F4:F5", "G4:G5"]
    found = xlsx(folder, *rows, merged=merged)
    said = [(c.code[-5:], c.dimension.value, c.text.zh, c.id.rsplit("-", 1)[1]) for c in found.clauses]
    assert sorted(said) == [
        ("20001", "pollution", "乙", "1"), ("20001", "space", "甲三", "1"),
        ("30001", "pollution", "乙", "1"), ("30001", "resources", "丁", "1"), ("30001", "risk", "丙", "1"),
        ("30001", "space", "甲一", "1"), ("30001", "space", "甲二", "2"),
    ]  # fmt: skip
    assert {c.source.at for c in found.clauses if c.text.zh == "甲二"} == {"清单!5"}


def test_headings_in_two_rows_of_a_text_table(folder: Path) -> None:
    text = f"编码,管控要求,,,\n,空间布局约束,污染物排放管控,环境风险防控,资源利用效率\n{CODE},条一,条二,条三,条四\n"
    assert texts(csv(folder, text)) == FOUR


def test_every_sheet_with_codes_is_read_hidden_ones_too_and_the_others_are_named(folder: Path) -> None:
    other: list[Cell] = ["ZH14082420001", *ROW_B[1:5], 2, *ROW_B[6:]]
    data = workbook({"说明": [["本表由某局编制"]], "一": [B, ROW_B], "二": [B, other]}, hidden=["二"])
    put(folder, "清单.xlsx", data)
    found = read_access_list(folder, KNOWN)
    assert {c.code for c in found.clauses} == {CODE, "ZH14082420001"}
    assert ["说明" in n.zh for n in found.notices] == [True]


def test_columns_that_are_not_read_are_named(folder: Path) -> None:
    found = xlsx(folder, [*B, "空间布局约朿"], [*ROW_B, "漏"])
    assert ["空间布局约朿" in n.zh and "空间布局约朿" in n.en for n in found.notices] == [True]


def test_provinces_and_cities_stand_under_their_codes_and_may_bind_a_class(folder: Path) -> None:
    rows: list[list[Cell]] = [
        [140000, "", "", "", "", "", "省", "", "", "", ""],
        ["140800.0", "", "", "", "", "优先", "市", "", "", "", ""],
    ]
    found = xlsx(folder, B, *rows[:1])
    assert [(c.code, c.level.value, c.unit_class) for c in found.clauses] == [("140000", "province", None)]
    rows[1][0] = 140800.0
    found = xlsx(folder, B, *rows)
    assert [(c.code, c.unit_class.value if c.unit_class else None) for c in found.clauses] == [
        ("140000", None),
        ("140800", "priority"),
    ]


def test_a_clause_keeps_its_lines_and_says_where_it_stands(folder: Path) -> None:
    found = xlsx(folder, B, [*ROW_B[:6], "1. 甲\r\n2. 乙", *ROW_B[7:]])
    (clause,) = [c for c in found.clauses if c.dimension == Dimension.SPACE]
    assert clause.text.zh == "1. 甲\n2. 乙"
    assert clause.source.label.zh == "《某市清单》表“清单”第2行"
    assert (clause.legal_status, clause.terms.effect, clause.decides) == ("planning", None, False)


def test_text_of_every_kind_of_cell_is_read(folder: Path) -> None:
    rich = '<c t="inlineStr"><is><r><t>条</t></r><r><t>一</t></r><rPh sb="0" eb="1"><t>ti</t></rPh></is></c>'
    formula = '<c t="str"><f>A1&amp;B1</f><v>条二</v></c>'
    found = xlsx(folder, B, [*ROW_B[:6], rich, formula, "条三_x000a_", *ROW_B[9:]])
    assert texts(found) == {**FOUR, "risk": "条三"}


def test_reading_twice_gives_the_same(folder: Path) -> None:
    assert xlsx(folder, B, ROW_B) == xlsx(folder, B, ROW_B)


# --- what is refused ---------------------------------------------------------------------------------------------------


def changed(**cells: Cell) -> list[Cell]:
    return [cells.get(name, value) for name, value in zip(B, ROW_B, strict=True)]


@pytest.mark.parametrize(
    ("cells", "column", "field"),
    [
        ({"HJZHGKDYBM": "ZH1408243001"}, "A", "code"),
        ({"HJZHGKDYBM": "ZH14082440001"}, "A", "code"),
        ({"HJZHGKDYBM": "ZH14082430001x"}, "A", "code"),
        ({"HJZHGKDYBM": "合计"}, "A", "code"),
        ({"HJZHGKDYBM": ""}, "A", "code"),
        ({"HJZHGKDYBM": "140824"}, "A", "code"),
        ({"HJZHGKDYBM": "420000"}, "A", "code"),
        ({"HJZHGKDYBM": "ZH14082730001"}, "A", "code"),
        ({"HJZHGKDYBM": "ZH14082430099"}, "A", "code"),
        ({"HJZHGKDYBM": "=ZH14082430001"}, "A", "code"),
        ({"ZHGKDYFL": "4"}, "F", "class"),
        ({"ZHGKDYFL": "2"}, "F", "class"),
        ({"ZHGKDYFL": "优先保护单元"}, "F", "class"),
        ({"ZHGKDYFL": "限制"}, "F", "class"),
        ({"AREA": "绛县"}, "E", "county"),
        ({"KJBJYS": "#REF!"}, "G", "space"),
        ({"KJBJYS": '<c><f>A1</f></c>'}, "G", "space"),
        ({"KJBJYS": "=A1"}, "G", "space"),
        ({"ZYKFXLYQ": '<c t="e"><v>#N/A</v></c>'}, "J", "resources"),
    ],
)  # fmt: skip
def test_a_wrong_cell_is_refused_with_sheet_row_column_and_what_to_do(
    folder: Path, cells: dict[str, Cell], column: str, field: str
) -> None:
    good: list[Cell] = ["ZH14082420001", *ROW_B[1:5], "2", *ROW_B[6:]]
    with pytest.raises(BadAccessList) as caught:
        xlsx(folder, B, good, changed(**cells))
    error = caught.value
    assert error.type == "access-sheet-invalid"
    assert {
        "file": "清单.xlsx",
        "sheet": "清单",
        "row": 3,
        "column": column,
        "field": field,
    }.items() <= error.where.items()
    for text in (error.message.zh, error.message.en):
        assert "3" in text
        assert column in text
        assert "清单" in text
    assert "未载入任何内容" in error.message.zh
    assert "Nothing was loaded" in error.message.en


def test_a_wrong_row_of_a_text_table_is_named_by_its_line(folder: Path) -> None:
    text = "\n".join(
        [",".join(B), "", ",".join(map(str, changed(KJBJYS='"甲\n乙"'))), ",".join(map(str, changed(ZHGKDYFL="9")))]
    )
    with pytest.raises(BadAccessList) as caught:
        csv(folder, text)
    assert (caught.value.where["row"], caught.value.where["column"]) == (5, "F")


@pytest.mark.parametrize("rows", [[["a", "b"]], [], [["HJGKDYBM", "名称"], [CODE, "甲"]], [["空间布局约束"], ["甲"]]])
def test_a_sheet_without_codes_or_clauses_is_refused(folder: Path, rows: list[list[Cell]]) -> None:
    with pytest.raises(BadAccessList, match="no column of unit codes") as caught:
        xlsx(folder, *rows)
    assert caught.value.type == "access-sheet-invalid"


HUGE = b'<worksheet><sheetData><row><c t="inlineStr"><is><t>%s</t></is></c></row></sheetData></worksheet>' % (
    b"a" * 30_000_000
)
LAUGHS = (
    '<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    "<worksheet><sheetData><row><c><v>&b;</v></c></row></sheetData></worksheet>"
)
FAR_CELL = (
    '<worksheet><sheetData><row r="1"><c r="XFD1" t="inlineStr"><is><t>a</t></is></c></row></sheetData></worksheet>'
)
WIDE_MERGE = (
    '<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="A1048576"><v>1</v></c></row></sheetData>'
    '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells></worksheet>'
)
SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    "parts",
    [
        {SHEET: HUGE}, {SHEET: LAUGHS}, {SHEET: FAR_CELL}, {SHEET: WIDE_MERGE}, {SHEET: "<worksheet><sheetData>"}, {SHEET: b"\xff\xfe\x00"},
        {SHEET: '<worksheet><sheetData><row><c r="A1" t="s"><v>99</v></c></row></sheetData></worksheet>'},
        {SHEET: '<worksheet><sheetData><row><c r="1A"><v>9</v></c></row></sheetData></worksheet>'},
        {"xl/workbook.xml": "no xml"}, {"xl/_rels/workbook.xml.rels": ""}, {"../evil.xml": "<a/>"},
        {"xl/sharedStrings.xml": '<!DOCTYPE a SYSTEM "file:///etc/passwd"><sst/>'},
    ],
    ids=[
        "bomb", "entities", "far cell", "wide merge", "cut off", "no text", "string missing", "place", "workbook", "relations",
        "path", "external",
    ],
)  # fmt: skip
def test_a_hostile_workbook_is_refused(folder: Path, parts: Mapping[str, str | bytes]) -> None:
    put(folder, "清单.xlsx", workbook({"清单": [B, ROW_B]}, parts=parts))
    with pytest.raises(BadAccessList) as caught:
        read_access_list(folder, KNOWN)
    assert caught.value.type == "access-file-unreadable"
    assert caught.value.where["file"] == "清单.xlsx"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("清单.xlsx", b""), ("清单.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)), ("清单.xlsx", b"PK\x03\x04 cut"),
        ("清单.xlsx", ",".join(B).encode()), ("list.csv", b"a\x00b"), ("list.csv", b"\x81\xff\xff"), ("清单.xls", b"\xd0\xcf"),
        ("清单.pdf", b"%PDF"), ("list.csv", b'HJGKDYBM,KJBJYS\n"' + b"a" * 200_000 + b'",b'),
    ],
)  # fmt: skip
def test_a_file_that_is_no_table_is_refused(folder: Path, name: str, data: bytes) -> None:
    put(folder, name, data)
    with pytest.raises(BadAccessList) as caught:
        read_access_list(folder, KNOWN)
    assert caught.value.type == "access-file-unreadable"


# --- the folder --------------------------------------------------------------------------------------------------------


def test_a_table_that_the_list_does_not_name_is_refused(folder: Path) -> None:
    put(folder, "a.csv", ",".join(B))
    (folder / "b.csv").write_text("forgotten", encoding="utf-8")
    with pytest.raises(BadAccessList, match=r"does not name b\.csv"):
        read_access_list(folder)


@pytest.mark.parametrize(
    "said",
    ["", "files", "files: 1", "files: [1]", "other: []", "files: [{file: ../x.csv}]", "files: [{file: list.csv, colour: red}]",
     "files: [{file: list.csv}]", "files: [{file: list.csv, title: {zh: 甲, en: a}, legal_status: final}]", "files: [{file", "{[",
     "files: [{file: list.csv, title: {zh: 甲, en: a}, legal_status: planning, valid: tomorrow}]"],
)  # fmt: skip
def test_a_wrong_manifest_is_refused(folder: Path, said: str) -> None:
    (folder / "list.csv").write_text("\n".join([",".join(B), ",".join(map(str, ROW_B))]), encoding="utf-8")
    (folder / "list.yaml").write_text(said, encoding="utf-8")
    with pytest.raises(BadAccessList) as caught:
        read_access_list(folder)
    assert caught.value.type == "access-list-invalid"


def test_a_folder_or_file_that_is_not_there_is_refused(folder: Path) -> None:
    with pytest.raises(BadAccessList) as caught:
        read_access_list(folder / "none")
    assert caught.value.type == "access-file-unreadable"
    put(folder, "list.csv", "")
    (folder / "list.csv").unlink()
    with pytest.raises(BadAccessList):
        read_access_list(folder)


GOOD = {
    "id": "a", "codes": [CODE], "dimension": "space", "text": {"zh": "甲"}, "legal_status": "planning",
    "source": {"title": {"zh": "清单", "en": "List"}, "at": 3}, "terms": {"effect": "prohibit", "industries": ["coking"]},
    "valid": ["2024-01-01", None],
}  # fmt: skip


def own(folder: Path, *clauses: Any) -> AccessList:
    put(folder, "clauses.json", json.dumps({"clauses": clauses}))
    return read_access_list(folder, KNOWN)


def test_clauses_as_data_may_have_a_machine_part(folder: Path) -> None:
    (clause,) = own(folder, GOOD).clauses
    assert clause.decides
    assert (clause.id, clause.text.en, clause.source.label.zh) == (f"{CODE}:a", "甲", "《清单》第3条")
    cited = own(folder, {**GOOD, "source": {"source": "shanxi-plan", "at": "L171"}}).clauses[0]
    assert cited.source.label.zh.endswith("第171行")


@pytest.mark.parametrize(
    "change",
    [
        {"codes": ["ZH1"]}, {"codes": []}, {"codes": CODE}, {"codes": ["ZH14082430099"]}, {"codes": ["ZH14082730001"]},
        {"dimension": "colour"}, {"legal_status": "final"}, {"text": {"en": "a"}}, {"text": "a"}, {"unit_class": "priority"},
        {"unit_class": "4"}, {"terms": {"effect": "restrict"}}, {"terms": {"industries": ["no_such"]}}, {"terms": []}, {"colour": 1},
        {"source": {"source": "no-such", "at": "L1"}}, {"source": None}, {"valid": "2024"}, {"valid": ["2024-13-01", None]},
    ],
)  # fmt: skip
def test_a_wrong_clause_is_refused_by_name(folder: Path, change: dict[str, Any]) -> None:
    with pytest.raises(BadAccessList) as caught:
        own(folder, {**GOOD, "id": "good"}, {**GOOD, **change})
    assert caught.value.type == "access-list-invalid"
    assert caught.value.where["file"] == "clauses.json"
    assert caught.value.where["field"] == "a"


@pytest.mark.parametrize("clauses", [(1,), (GOOD, GOOD), ({},)])
def test_what_is_no_clause_or_stands_twice_is_refused(folder: Path, clauses: tuple[Any, ...]) -> None:
    with pytest.raises(BadAccessList):
        own(folder, *clauses)
