"""Quotes that were looked for in the texts they come from, by hash, so that a changed one is noticed where no text is at hand.

It opens no text: whoever has the texts looks for the quotes in them (`zoning.rule_form.quote_problems`).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Final

from zoning.rule import Cite, Rule

FILE: Final = "quotes.json"
"""Beside the rule files: the hash of every quote that was found in its text, with source and place."""


_DIGITS: Final = "零一二三四五六七八九"


def numeral(number: int) -> str:
    """A number below a thousand as articles write it.

    >>> numeral(9), numeral(10), numeral(38), numeral(102)
    ('九', '十', '三十八', '一百零二')
    """
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{_DIGITS[hundreds]}百" if hundreds else ""
    if hundreds and not tens and ones:
        text += _DIGITS[0]
    if tens:
        text += ("" if tens == 1 and not hundreds else _DIGITS[tens]) + "十"
    return text + (_DIGITS[ones] if ones else "")


def place(text: str, at: str) -> str:
    """The cited line (`L239`) or article (`38`) of a text; empty where there is none."""
    lines = text.splitlines()
    if at.startswith("L"):
        line = int(at[1:])
        return "\n".join(lines[line - 1 : line])
    heading = re.compile(r"第[零一二三四五六七八九十百]+条(之[一二三四五六七八九十]+)?(?=\s)")
    starts = [number for number, line in enumerate(lines) if heading.match(line)]
    wanted = f"第{numeral(int(at))}条" if at.isdigit() else f"第{at}条"
    for start, end in zip(starts, [*starts, len(lines)][1:], strict=True):
        if heading.match(lines[start])[0] == wanted:  # type: ignore[index]
            return "\n".join(lines[start:end])
    return ""


def digest(cite: Cite) -> str:
    """SHA-256 of a quote with the text and the place it comes from."""
    return hashlib.sha256(f"{cite.source.file}|{cite.at}|{cite.quote}".encode()).hexdigest()


@cache
def checked() -> frozenset[str]:
    """The hashes that come with the packaged rules."""
    return read((files("zoning") / "rules" / FILE).read_text(encoding="utf-8"))


def read(text: str) -> frozenset[str]:
    """The hashes in a file's text. Raises `ValueError` where it is none."""
    data = json.loads(text)
    if not isinstance(data, Mapping):
        raise ValueError("no mapping of hashes")
    return frozenset(data)


def written(rules: Iterable[Rule]) -> str:
    """The file's text for the quotes of these rules, all of which were found."""
    cites = (cite for rule in rules for cite in rule.cites if cite.quote is not None)
    found = {digest(cite): f"{cite.source.id} {cite.at}" for cite in cites}
    return json.dumps(found, sort_keys=True, indent=1, ensure_ascii=False) + "\n"
