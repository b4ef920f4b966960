"""Decodes a text file sent by a user, choosing its encoding in the open; it does not parse what the text says."""

from __future__ import annotations

import codecs
import re

from zoning.bilingual import Bilingual
from zoning.errors import BadSite
from zoning.sitefault import Notice

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_LINE_END = re.compile(r"\r\n|\r|\n")
_NARROW = {0xFF01 + n: 0x21 + n for n in range(94)} | {0x3000: 0x20, 0x3010: 0x5B, 0x3011: 0x5D}


def decode_text(data: bytes, filename: str) -> tuple[str, tuple[Notice, ...]]:
    """The text of a file, and the notice of its encoding if there was a choice.

    A byte-order mark decides; else UTF-8 if every byte fits, else GB18030 with a notice.

    Raises
    ------
    BadSite
        ``encoding-unknown`` when none fits, or when the file holds zero bytes and so is no text.
    """
    for mark, codec in _MARKS:
        if data.startswith(mark):
            try:
                text = data[len(mark) :].decode(codec)
            except UnicodeDecodeError as error:
                raise _unknown(filename) from error
            return _whole(text, filename), ()
    try:
        return _whole(data.decode("utf-8"), filename), ()
    except UnicodeDecodeError:
        pass
    try:
        text = _whole(data.decode("gb18030"), filename)
    except UnicodeDecodeError as error:
        raise _unknown(filename) from error
    message = Bilingual(
        "文件“{f}”不是 UTF-8 编码，按 GB18030 读取，请核对文字。",
        "File “{f}” is not UTF-8 and was read as GB18030; check its text.",
    )
    where = {"file": filename, "encoding": "gb18030"}
    return text, (Notice("encoding-chosen", message.format(f=filename), where),)


def lines_of(text: str) -> list[str]:
    """Lines as an editor counts them: Windows, Unix and old Macintosh line ends and no others."""
    return _LINE_END.split(text)


def narrow(text: str) -> str:
    """Full-width letters, digits, commas and 【】 as their ASCII forms.

    >>> narrow("【Ｊ１，３７．５】")
    '[J1,37.5]'
    """
    return text.translate(_NARROW)


def _whole(text: str, filename: str) -> str:
    if "\0" in text:
        raise _unknown(filename)
    return text


def _unknown(filename: str) -> BadSite:
    text = Bilingual(
        "文件“{f}”不是文本，或编码既不是 UTF-8 也不是 GB18030；请另存为 UTF-8 后重新提交。",
        "File “{f}” is no text, or neither UTF-8 nor GB18030; save it as UTF-8 and send it again.",
    )
    return BadSite("encoding-unknown", text.format(f=filename), file=filename)
