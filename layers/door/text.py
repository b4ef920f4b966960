"""Decodes bytes as text in the one order of all formats: mark, UTF-8, GB18030; it parses nothing."""

from __future__ import annotations

import codecs

from layers.door.table import Fault
from zoning.bilingual import Bilingual

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
GB = ("gb2312", "gbk", "gb18030", "cp936", "ansi_936")
"""Names under which files state GB18030 or a part of it."""


def decoded(data: bytes, stated: str = "") -> tuple[str, str | None]:
    """The text, and its encoding where that had to be guessed.

    A byte-order mark decides; else GB18030 if `stated` names it; else UTF-8 if every byte fits, else GB18030 by guess.

    Raises
    ------
    Fault
        ``encoding-unknown`` when none fits, or when there are zero bytes, which no text has.
    """
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return _whole(data[len(mark) :], codec), None
    if stated.lower() not in GB:
        try:
            return _whole(data, "utf-8", passing=True), None
        except UnicodeDecodeError:
            pass
    return _whole(data, "gb18030"), None if stated.lower() in GB else "gb18030"


def _whole(data: bytes, codec: str, *, passing: bool = False) -> str:
    try:
        text = data.decode(codec)
    except UnicodeDecodeError as error:
        if passing:
            raise
        raise _unknown() from error
    if "\0" in text:
        raise _unknown()
    return text


def _unknown() -> Fault:
    return Fault(
        "encoding-unknown",
        Bilingual(
            "不是文本，或编码既不是 UTF-8 也不是 GB18030", "it is no text, or neither UTF-8 nor GB18030"
        ),
    )  # fmt: skip
