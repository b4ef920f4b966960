"""The lint as JSON data: the rules' form, quotes and sense as a whole, the places they choose, and the access list's table.

It mends nothing; only `record` writes, and only the hashes of quotes that were found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from layers.access_list import MANIFEST, AccessList, read_access_list
from layers.access_sheet import Known
from layers.boundary_file import read_layer
from layers.catalogue import read_catalogue
from layers.load import known_in
from layers.rule_places import unmet_places
from layers.settings import settings
from zoning import quotes
from zoning.access import UNITS
from zoning.bilingual import Bilingual
from zoning.errors import BadInput, Problem, RuleError
from zoning.marked import marked
from zoning.rule_report import report
from zoning.rulebook import Rulebook, load, packaged_folder, packaged_texts, texts_of
from zoning.unit_table import UnitTable, unit_table


@dataclass(frozen=True, slots=True)
class Given:
    """What to look over: each None is what this deployment uses. `folder` holds rule files, `sources` the texts that quotes
    come from, `access` an access list, `boundaries` the boundary files."""

    folder: Path | None = None
    sources: Path | None = None
    access: Path | None = None
    boundaries: Path | None = None


def lint(given: Given = Given(), *, record: bool = False) -> dict[str, Any]:
    """Read the rule set and the access list in use, or those given, and look them over.

    A set that cannot be read has its problems as errors and no rules. `record` writes the hashes of all quotes, once every
    one was found in its text.

    Raises
    ------
    BadInput
        ``file-unreadable`` for a folder without rule files, or texts that are not all there to record from; what a
        wrong access list or boundary file raises.
    """
    folder = given.folder or packaged_folder()
    sources = given.sources or settings().texts
    try:
        texts = packaged_texts() if given.folder is None else _texts(given.folder)
        read = {name.removesuffix(".yaml"): marked(name, text) for name, text in texts.items()}
        book = load(read)
        at_hand = {} if sources is None else _sources(book, sources)
        if record:
            load(read, at_hand)
            _record(book, at_hand, folder)
        else:
            load(read, at_hand, _checked(given.folder))
            # A quote that stands in its text has its hash too, or nothing would hold it where the text is absent.
            load(read, {}, _checked(given.folder))
    except RuleError as error:
        return {**_NOTHING, "errors": [_said(problem) for problem in error.problems]}
    found = report(book).as_dict()
    boundaries = given.boundaries or settings().boundaries
    places = list(unmet_places(book, read_catalogue(), boundaries if boundaries.is_dir() else None))
    units = _units(book, given.access or settings().access_list, boundaries)
    errors = [*found["errors"], *(_said(p) for p, wrong in places if wrong), *(_said(p) for p in units.errors)]
    looked = [c.source.file in at_hand for rule in book.rules for c in rule.cites if c.quote is not None]
    return {
        **found,
        "errors": errors,
        "notices": [*found["notices"], *(_said(p) for p, wrong in places if not wrong)],
        "sound": not errors,
        "units": units.as_dict(),
        "quotes": {"found": sum(looked), "by_hash": len(looked) - sum(looked)},
    }


def _units(book: Rulebook, access: Path, boundaries: Path) -> UnitTable:
    """The table of the access list over the units of the boundary files; both may be absent."""
    spec = read_catalogue().get(UNITS)
    held = spec is not None and spec.file is not None and (boundaries / spec.file).is_file()
    known = known_in([read_layer(spec, boundaries)]) if held and spec is not None else Known()
    listed = read_access_list(access, Known(known.units)) if (access / MANIFEST).is_file() else AccessList()
    units = tuple(known.units or ())
    return unit_table(listed.clauses, units, book.scope.known_from, none=listed.none, rules=book.rules)


def _checked(folder: Path | None) -> frozenset[str]:
    """The hashes beside the rule files looked over, and those that come with the packaged rules."""
    path = None if folder is None else folder / quotes.FILE
    if path is None or not path.is_file():
        return quotes.checked()
    try:
        return quotes.checked() | quotes.read(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error


def _record(book: Rulebook, at_hand: Mapping[str, str], folder: Path) -> None:
    """Write the hashes beside the rules. Raises `BadInput` where a text is absent."""
    cites = (c for rule in book.rules for c in rule.cites if c.quote is not None)
    if absent := sorted({c.source.file or c.source.id for c in cites} - set(at_hand)):
        zh, en = "、".join(absent), ", ".join(absent)
        text = Bilingual(
            f"缺少原文 {zh}，不能记录引文；用 --sources 给出目录。",
            f"Texts are absent, so quotes cannot be recorded: {en}. Give their folder with --sources.",
        )
        raise BadInput("file-unreadable", text, file=absent[0])
    (folder / quotes.FILE).write_text(quotes.written(book.rules), encoding="utf-8")


_NOTHING: Mapping[str, Any] = {
    "rules": 0,
    "sound": False,
    "notices": [],
    "contradictions": [],
    "table": {"clause_sets": 0, "groups": 0, "activities": 0, "cells": 0, "decided": 0, "none": 0, "empty": []},
    "units": {
        "units": 0,
        "clause_sets": 0,
        "cells": 0,
        "decided": 0,
        "none": 0,
        "not_provided": 0,
        "empty": [],
        "contradictions": [],
    },
    "quotes": {"found": 0, "by_hash": 0},
}


def _said(problem: Problem) -> dict[str, Any]:
    return {"file": problem.file, "line": problem.line, "rule": problem.rule, "text": problem.text.as_dict()}


def _texts(folder: Path) -> dict[str, str]:
    try:
        found = texts_of(folder)
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(folder, error) from error
    if not found:
        text = Bilingual(f"{folder} 里没有规则文件（*.yaml）", f"{folder} holds no rule files (*.yaml)")
        raise BadInput("file-unreadable", text, file=str(folder))
    return found


def _unreadable(path: Path, error: Exception) -> BadInput:
    text = Bilingual(f"无法读取 {path}：{error}", f"{path} cannot be read: {error}")
    return BadInput("file-unreadable", text, file=str(path))


def _sources(book: Rulebook, folder: Path) -> Mapping[str, str]:
    files = {source.file for source in book.sources.values() if source.file}
    return {name: (folder / name).read_text(encoding="utf-8") for name in sorted(files) if (folder / name).is_file()}
