"""Decodes a text file sent by a user, choosing its encoding in the open; it does not parse what the text says."""

from __future__ import annotations

import re

from layers.door.table import Fault
from layers.door.text import decoded
from layers.refusal import refusal
from zoning.bilingual import Bilingual
from zoning.errors import BadSite
from zoning.sitefault import Notice, too_large

_LINE_END = re.compile(r"\r\n|\r|\n")
_NARROW = {0xFF01 + n: 0x21 + n for n in range(94)} | {0x3000: 0x20, 0x3010: 0x5B, 0x3011: 0x5D}


MOST_BYTES = 16 * 1024 * 1024
"""Of a text that is read in our own process; 200,000 points with all their digits take about 10 MB."""
MOST_LINES = 300_000
_LINES = Bilingual("行数", "lines")


def decode_text(data: bytes, filename: str) -> tuple[str, tuple[Notice, ...]]:
    """The text of a file, and the notice of its encoding if there was a choice.

    A byte-order mark decides; else UTF-8 if every byte fits, else GB18030 with a notice.

    Raises
    ------
    BadSite
        ``encoding-unknown`` when none fits, or when the file holds zero bytes and so is no text; ``file-too-large`` and
        ``site-too-large`` for more than `MOST_BYTES` or `MOST_LINES`, so that no text takes long.
    """
    if len(data) > MOST_BYTES:
        message = Bilingual(
            "文本文件“{f}”有 {mb} MB，最多 {most} MB。请只保留选址本身。",
            "Text file “{f}” has {mb} MB; at most {most} MB are read. Keep only the site itself.",
        ).format(f=filename, mb=f"{len(data) / 1024**2:.1f}", most=MOST_BYTES // 1024**2)
        raise BadSite("file-too-large", message, file=filename, value=len(data))
    if (lines := max(data.count(b"\n"), data.count(b"\r"))) > MOST_LINES:
        raise too_large(_LINES, lines, MOST_LINES, {"file": filename})
    try:
        text, guess = decoded(data)
    except Fault as fault:
        raise refusal(fault, filename) from fault
    return text, (encoding_chosen(filename, guess),) if guess else ()


def encoding_chosen(filename: str, encoding: str) -> Notice:
    """The notice of an encoding that had to be guessed."""
    message = Bilingual(
        "文件“{f}”不是 UTF-8 编码，按 {e} 读取，请核对文字。",
        "File “{f}” is not UTF-8 and was read as {e}; check its text.",
    )
    text = message.format(f=filename, e=encoding.upper())
    return Notice("encoding-chosen", text, {"file": filename, "encoding": encoding})


def lines_of(text: str) -> list[str]:
    """Lines as an editor counts them: Windows, Unix and old Macintosh line ends and no others."""
    return _LINE_END.split(text)


def narrow(text: str) -> str:
    """Full-width letters, digits, commas and 【】 as their ASCII forms.

    >>> narrow("【Ｊ１，３７．５】")
    '[J1,37.5]'
    """
    return text.translate(_NARROW)
