"""Wraps mixed Chinese and Latin text to a width in terminal cells; no line begins with closing punctuation or ends with opening."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.cells import cell_len, chop_cells

_WIDE = r"\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
_AMOUNT = r"[<>]?\d[\d,.]*\s(?:%|m²|m\b|ha\b|km\b|公顷|米)"
_SIGNED = rf"[⛔▲○]\s(?:[{_WIDE}]|[^\s{_WIDE}]+)"
_UNIT = re.compile(rf"{_AMOUNT}|{_SIGNED}|\s+|[{_WIDE}]|[^\s{_WIDE}]+")
"""An amount with its unit, a verdict's sign with its word, white space, one Chinese character, or a run of anything else."""
_CLOSING = set("，。；：、！？）】》”’」』…％,.;:!?)]}%")
_OPENING = set("（【《“‘「『([{")


def _units(text: str) -> Iterator[str]:
    """Pieces that may not be broken: Latin words, amounts, Chinese characters with the punctuation that clings to them."""
    held = ""
    for match in _UNIT.finditer(text):
        unit = match.group(0)
        if unit.isspace():
            if held:
                yield held
                held = ""
            yield unit
        elif held and (unit[0] in _CLOSING or held[-1] in _OPENING):
            held += unit
        else:
            if held:
                yield held
            held = unit
    if held:
        yield held


def wrap(text: str, width: int, *, hang: int = 0) -> list[str]:
    """The lines of a text, each at most `width` cells; lines after the first are indented by `hang`.

    >>> wrap("选址压占生态保护红线 0.03 公顷。", 12)
    ['选址压占生态', '保护红线', '0.03 公顷。']
    """
    lines: list[str] = []
    line, indent = "", " " * hang
    for unit in _units(text):
        if unit.isspace():
            line += " " * len(unit) if line.strip() else ""
            continue
        if cell_len(line) + cell_len(unit) <= width:
            line += unit
            continue
        if line.strip():
            lines.append(line.rstrip())
        room = max(width - hang, 2)
        *full, line = chop_cells(unit, room) if cell_len(unit) > room else [unit]
        lines.extend(indent + one for one in full)
        line = indent + line
    if line.strip() or not lines:
        lines.append(line.rstrip())
    return lines
