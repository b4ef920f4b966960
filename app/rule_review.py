"""The lint of a rule set as JSON data: its form, its quotes, its sense as a whole, and the classes it names. It mends nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from layers.catalogue import read_catalogue
from zoning.bilingual import Bilingual
from zoning.errors import BadInput, Problem, RuleError
from zoning.rule_report import report
from zoning.rulebook import Rulebook, load_texts, packaged_texts


def lint(folder: Path | None = None, sources: Path | None = None) -> dict[str, Any]:
    """Read the packaged rule set, or one in a folder, and look it over. `sources` holds the texts that quotes come from.

    A set that cannot be read has its problems as errors and no rules. Raises `BadInput` ``file-unreadable`` for a folder
    without rule files.
    """
    texts = packaged_texts() if folder is None else _texts(folder)
    try:
        book = load_texts(texts)
        at_hand = {} if sources is None else _sources(book, sources)
        if at_hand:
            book = load_texts(texts, at_hand)
    except RuleError as error:
        return {**_NOTHING, "errors": [_said(problem) for problem in error.problems]}
    found = report(book).as_dict()
    classes = list(unknown_classes(book))
    errors = [*found["errors"], *(_said(p) for p, decides in classes if decides)]
    quotes = [c.source.file in at_hand for rule in book.rules for c in rule.cites if c.quote is not None]
    return {
        **found,
        "errors": errors,
        "notices": [*found["notices"], *(_said(p) for p, decides in classes if not decides)],
        "sound": not errors,
        "quotes": {"found": sum(quotes), "not_looked_for": len(quotes) - sum(quotes)},
    }


_NOTHING: Mapping[str, Any] = {
    "rules": 0,
    "sound": False,
    "notices": [],
    "contradictions": [],
    "table": {"clause_sets": 0, "groups": 0, "activities": 0, "cells": 0, "decided": 0, "none": 0, "empty": []},
    "quotes": {"found": 0, "not_looked_for": 0},
}


def _said(problem: Problem) -> dict[str, Any]:
    return {"file": problem.file, "line": problem.line, "rule": problem.rule, "text": problem.text.as_dict()}


def unknown_classes(book: Rulebook) -> Iterator[tuple[Problem, bool]]:
    """Rules that choose features by a class or property which the catalogue's layer does not have, and whether each decides.

    Such a rule never meets a feature.
    """
    layers = {str(layer.kind): layer for layer in read_catalogue().layers}
    for rule in book.rules:
        layer = layers.get(rule.where.layer) if rule.where else None
        if rule.where is None or layer is None:
            continue
        for key, values in rule.where.filter.items():
            unknown = [str(v) for v in values if key == "class" and v not in layer.classes]
            if unknown:
                names = "、".join(unknown), ", ".join(unknown)
                text = Bilingual(f"图层 {layer.id} 没有类别 {names[0]}", f"layer {layer.id} has no class {names[1]}")
            elif key not in ("class", "name", "code", *layer.properties):
                text = Bilingual(f"图层 {layer.id} 没有属性 {key}", f"layer {layer.id} has no property {key}")
            else:
                continue
            decides = rule.effect in ("prohibit", "restrict", "phase_out")
            yield Problem(rule.file, rule.line, rule.id, text), decides


def _texts(folder: Path) -> dict[str, str]:
    try:
        found = {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.yaml"))}
    except (OSError, UnicodeDecodeError) as error:
        text = Bilingual(f"无法读取 {folder}：{error}", f"{folder} cannot be read: {error}")
        raise BadInput("file-unreadable", text, file=str(folder)) from error
    if not found:
        text = Bilingual(f"{folder} 里没有规则文件（*.yaml）", f"{folder} holds no rule files (*.yaml)")
        raise BadInput("file-unreadable", text, file=str(folder))
    return found


def _sources(book: Rulebook, folder: Path) -> Mapping[str, str]:
    files = {source.file for source in book.sources.values() if source.file}
    return {name: (folder / name).read_text(encoding="utf-8") for name in sorted(files) if (folder / name).is_file()}
