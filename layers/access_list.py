"""Reads the access list of a deployment: a folder with `list.yaml`, which names its files, and the files; it stores nothing.

A file is a spreadsheet as bureaux hold it (.xlsx, .csv: text only), or clauses as YAML or JSON, where a clause may have a
machine part. Everything is read and judged before anything is given back.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, get_args

import yaml

from layers.access_columns import fields_of
from layers.access_sheet import BadAccessList, Document, Known, Sheet, SheetReader
from layers.door.guard import Limits, open_guarded
from layers.door.table import Fault
from layers.door.xlsx import column_letters
from layers.text import decode_text
from zoning.access import Clause, ClauseSource, Terms, UnitCode, level_of
from zoning.bilingual import Bilingual
from zoning.conformity import problems
from zoning.errors import BadSite
from zoning.evidence import LegalStatus
from zoning.rule import Cite, Period
from zoning.rulebook import rulebook
from zoning.terms import Dimension, UnitClass

MANIFEST: Final = "list.yaml"
MOST_BYTES: Final = 50 * 1024 * 1024
_TABLES: Final = (".xlsx", ".csv")
_CLAUSES: Final = (".json", ".yaml")
_CLAUSE_KEYS: Final = {"id", "codes", "unit_class", "dimension", "text", "source", "legal_status", "terms", "valid"}
_SUFFIX: Final = (
    "只读取 .xlsx、.csv、.yaml、.json；.xls 请另存为 .xlsx",
    "only .xlsx, .csv, .yaml and .json are read; save an .xls as .xlsx",
)
_NO_WORKBOOK: Final = (
    "不是 .xlsx 工作簿，或有密码；请另存为不加密的 .xlsx",
    "it is no .xlsx workbook, or it has a password; save it as a plain .xlsx",
)
_LIMITS: Final = Limits(cpu_s=10, wall_s=12.0)


@dataclass(frozen=True, slots=True)
class AccessList:
    """All clauses, ordered by level, dimension and id, and what was left unread in the files.

    `none`: the codes and dimensions of which the files say that there is no clause; a clause beside that goes first.
    """

    clauses: tuple[Clause, ...] = ()
    notices: tuple[Bilingual, ...] = ()
    none: frozenset[tuple[str, Dimension]] = frozenset()


def read_access_list(folder: Path, known: Known | None = None) -> AccessList:
    """The clauses of a folder.

    Parameters
    ----------
    known
        The units and counties held: codes are compared with them.

    Raises
    ------
    BadAccessList
        ``access-list-invalid``: the manifest or a clause in YAML or JSON is wrong. ``access-file-unreadable``: a file cannot be
        opened. ``access-sheet-invalid``: a spreadsheet is wrong, with sheet, row and column.
    """
    documents = list(_documents(folder))
    clauses: list[Clause] = []
    notices: list[Bilingual] = []
    none: set[tuple[str, Dimension]] = set()
    for path, said in documents:
        if path.suffix in _CLAUSES:
            clauses += _own(path, known or Known(), none)
        else:
            reader = SheetReader(_document(path.name, said), known or Known())
            clauses += reader.read(_sheets(path))
            notices += reader.notices
            none |= reader.none
    seen: set[str] = set()
    for clause in clauses:
        if clause.id in seen:
            raise _invalid(MANIFEST, f"clause {clause.id} stands twice", f"条款 {clause.id} 重复")
        seen.add(clause.id)
    return AccessList(tuple(sorted(clauses, key=lambda c: c.order)), tuple(notices), frozenset(none))


def _invalid(file: str, en: str, zh: str | None = None, field: str | None = None) -> BadAccessList:
    text = Bilingual("准入清单“{f}”有误：{what}。未载入任何内容。", "Access list “{f}”: {what}. Nothing was loaded.")
    return BadAccessList(
        "access-list-invalid", text.format(f=file, what=Bilingual(zh or en, en)), file=file, field=field
    )


def _unreadable(file: str, zh: str, en: str) -> BadAccessList:
    text = Bilingual(
        "准入清单文件“{f}”不能读取：{why}。未载入任何内容。",
        "Access list file “{f}” cannot be read: {why}. Nothing was loaded.",
    )
    return BadAccessList("access-file-unreadable", text.format(f=file, why=Bilingual(zh, en)), file=file)


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise _unreadable(
            path.name, f"文件打不开（{error.strerror}）", f"it cannot be opened ({error.strerror})"
        ) from error
    if len(data) > MOST_BYTES:
        raise _unreadable(path.name, "超过 50 MB，请拆分", "it is over 50 MB; split it")
    return data


def _parsed(path: Path) -> Any:
    data = _bytes(path)
    try:
        return json.loads(data) if path.suffix == ".json" else yaml.safe_load(data.decode())
    except (ValueError, yaml.YAMLError) as error:
        raise _invalid(path.name, "it is no valid YAML or JSON", "不是有效的 YAML 或 JSON") from error


def _documents(folder: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """The files that the manifest names, and what it says of each; a table beside them that it does not name is an error."""
    said = _parsed(folder / MANIFEST)
    entries = said.get("files") if isinstance(said, Mapping) and set(said) == {"files"} else None
    if not isinstance(entries, list) or not all(
        isinstance(e, Mapping) and isinstance(e.get("file"), str) for e in entries
    ):
        raise _invalid(MANIFEST, "it is not files: [{file: …}, …]", "应为 files: [{file: …}, …]")
    names = [str(entry["file"]) for entry in entries]
    for name, entry in zip(names, entries, strict=True):
        if Path(name).name != name or names.count(name) > 1:
            raise _invalid(
                MANIFEST, f"{name}: a plain file name, once", f"{name}：应为本文件夹中的文件名，只写一次", "file"
            )
        if Path(name).suffix not in (*_TABLES, *_CLAUSES):
            raise _unreadable(name, *_SUFFIX)
        if set(entry) - {"file", "title", "legal_status", "valid"}:
            raise _invalid(MANIFEST, f"{name}: unknown keys", f"{name}：有不认识的键")
        yield folder / name, entry
    forgotten = sorted(
        p.name for p in folder.iterdir() if p.suffix.lower() in (".xlsx", ".xls", ".csv") and p.name not in names
    )
    if forgotten:
        raise _invalid(
            MANIFEST, f"it does not name {', '.join(forgotten)}", f"没有列出 {'、'.join(forgotten)}", "files"
        )


def _document(file: str, said: Mapping[str, Any]) -> Document:
    try:
        return Document(
            file, Bilingual.of(said.get("title")), _status(said.get("legal_status")), Period.of(said.get("valid"))
        )
    except ValueError as error:
        raise _invalid(MANIFEST, f"{file}: {error}", f"{file}：须写明 title、legal_status（{error}）") from error


def _status(given: Any) -> LegalStatus:
    if given not in get_args(LegalStatus):
        raise ValueError(f"legal_status {given!r} is none of {', '.join(get_args(LegalStatus))}")
    return given  # type: ignore[no-any-return]


# --- tables -----------------------------------------------------------------------------------------------------------


def _sheets(path: Path) -> list[Sheet]:
    data = _bytes(path)
    try:
        if path.suffix == ".csv":
            return [_csv(decode_text(data, path.name)[0])]
        if data[:4] != b"PK\x03\x04":
            raise _unreadable(path.name, *_NO_WORKBOOK)
        table = open_guarded(data, ".xlsx", name=path.name, limits=_LIMITS)
    except (Fault, BadSite) as fault:
        reason = fault.reason if isinstance(fault, Fault) else fault.message
        raise _unreadable(path.name, reason.zh.rstrip("。"), reason.en.rstrip(".")) from fault
    except csv.Error as error:
        raise _unreadable(path.name, f"不是有效的 CSV（{error}）", f"it is no valid CSV ({error})") from error
    return [Sheet(layer.name, tuple((row.fid, row.fields) for row in layer.rows)) for layer in table.layers]


def _csv(text: str) -> Sheet:
    """A text table: of comma, tab and semicolon the one that shows a column of codes."""
    read = [_split(text, sign) for sign in ",\t;"]
    named = (sheet for sheet in read if any("code" in fields_of(row) for _, row in sheet.rows[:20]))
    return next((sheet for sheet in named if any(len(row) > 1 for _, row in sheet.rows)), read[0])


def _split(text: str, sign: str) -> Sheet:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=sign)
    rows = []
    for cells in reader:
        row = {column_letters(n): cell for n, cell in enumerate(cells, 1) if cell.strip()}
        if row:
            rows.append((reader.line_num - sum(cell.count("\n") for cell in cells), row))
    return Sheet(None, tuple(rows))


# --- clauses as data --------------------------------------------------------------------------------------------------


def _own(path: Path, known: Known, none: set[tuple[str, Dimension]]) -> Iterator[Clause]:
    said = _parsed(path)
    items = said.get("clauses") if isinstance(said, Mapping) and set(said) - {"none"} == {"clauses"} else None
    if not isinstance(items, list):
        raise _invalid(
            path.name, "it is not clauses: […], with none: […] if need be", "应为 clauses: […]，必要时加 none: […]"
        )
    none.update(_none(path.name, said.get("none") or []))
    for number, item in enumerate(items, 1):
        name = str(item.get("id", number)) if isinstance(item, Mapping) else str(number)
        try:
            for clause in _clauses(item):
                _judge(clause, known)
                yield clause
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            why = f"clause {name}: {error}"
            raise _invalid(path.name, why, f"条款 {name}：{error}", name) from error


def _none(file: str, items: Any) -> Iterator[tuple[str, Dimension]]:
    """`none: [{codes: […], dimensions: […]}]`: where the list has no clause on purpose."""
    try:
        for item in items:
            for code in item["codes"]:
                level_of(code)
                yield from ((code, Dimension(dimension)) for dimension in item["dimensions"])
    except (ValueError, TypeError, KeyError) as error:
        raise _invalid(file, f"none: {error}", f"none：{error}", "none") from error


def _clauses(item: Any) -> Iterator[Clause]:
    """One clause for each code that it is said of."""
    if not isinstance(item, Mapping) or set(item) - _CLAUSE_KEYS:
        raise ValueError(f"keys are {', '.join(sorted(_CLAUSE_KEYS))}")
    if not isinstance(item["codes"], list) or not item["codes"]:
        raise ValueError("codes is a list of codes")
    text = Bilingual.of({"en": item["text"].get("zh"), **item["text"]})
    kind = UnitClass(item["unit_class"]) if item.get("unit_class") else None
    for code in item["codes"]:
        level_of(code)
        yield Clause(
            id=f"{code}:{item['id']}",
            code=code,
            dimension=Dimension(item["dimension"]),
            text=text,
            source=_source(item["source"]),
            legal_status=_status(item["legal_status"]),
            unit_class=kind,
            terms=Terms.of(item.get("terms")),
            valid=Period.of(_days(item.get("valid"))),
        )


def _source(said: Mapping[str, Any]) -> ClauseSource:
    """A plan or law of the rules' sources with the place in it, or another document by its title."""
    at = None if said.get("at") is None else str(said["at"])
    if set(said) == {"source", "at"}:
        found = rulebook().sources.get(said["source"])
        if found is None:
            raise ValueError(f"no source {said['source']}")
        return ClauseSource(found.id, found.title, at, Cite(found, at, None).label())
    title = Bilingual.of(said["title"])
    zh, en = (f"第{at}条", f", art. {at}") if at else ("", "")
    return ClauseSource(str(said.get("id", title.zh)), title, at, Bilingual(f"《{title.zh}》{zh}", f"{title.en}{en}"))


def _days(value: Any) -> Any:
    """Days of JSON are text."""
    return [dt.date.fromisoformat(d) if isinstance(d, str) else d for d in value] if isinstance(value, list) else value


def _judge(clause: Clause, known: Known) -> None:
    faults = list(problems(clause))
    unit = UnitCode.read(clause.code)
    if unit and known.counties is not None and unit.county not in known.counties:
        faults.append(f"county {unit.county} is not held")
    elif unit and known.units is not None and clause.code not in known.units:
        faults.append(f"unit {clause.code} is not held")
    if faults:
        raise ValueError("; ".join(faults))
