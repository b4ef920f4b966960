"""Reads the attribute table of a Shapefile (dBASE III), choosing its text encoding in the open; memo fields are not
read. Runs behind the door."""

from __future__ import annotations

import codecs
import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from zoning.bilingual import Bilingual
from zoning.errors import BadSite

_CODE_PAGES = {
    "936": "gb18030",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "cp936": "gb18030",
    "54936": "gb18030",
    "65001": "utf-8",
}
_LANGUAGE_DRIVER = {0x4D: "gb18030", 0x7A: "gb18030", 0x4F: "big5", 0x78: "big5"}
_HEADER = 32
_MOST_FIELDS = 255


@dataclass(frozen=True, slots=True)
class Table:
    """Rows in file order; a row marked deleted is None. `encoding` says how the text was decoded, if there was a
    choice: its codec, who states it, who states another one wrongly, and a sample."""

    rows: tuple[dict[str, Any] | None, ...]
    encoding: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class _Field:
    name: bytes
    kind: str
    start: int
    width: int
    decimals: int


def rows_stated(data: bytes) -> int:
    """How many rows the header states; 0 where there is none."""
    return int(struct.unpack_from("<I", data, 4)[0]) if len(data) > _HEADER else 0


def read_dbf(data: bytes, filename: str, *, cpg: bytes | None = None) -> Table:
    """Rows of a .dbf.

    The encoding is the .cpg's, or the language driver's of the header, if all text decodes by it; else UTF-8, else
    GB18030. Text cut in the middle of a character by the width of its field loses that character only.

    Raises
    ------
    BadSite
        ``shapefile-damaged``; ``encoding-unknown`` when no encoding fits.
    """
    fields, count, start, width = _layout(data, filename)
    records = [data[start + n * width : start + (n + 1) * width] for n in range(count)]
    texts = [(field.name, _FIELD_NAME) for field in fields]
    texts += [
        (r[f.start : f.start + f.width].rstrip(b" \0"), f.width) for r in records for f in fields if f.kind == "C"
    ]
    encoding, choice = _choose(texts, data[29], cpg, filename)
    names = _names([_decode(field.name, encoding, _FIELD_NAME) for field in fields])
    rows: list[dict[str, Any] | None] = []
    for record in records:
        if record[:1] == b"*":
            rows.append(None)
            continue
        values = (_value(field, record[field.start : field.start + field.width], encoding) for field in fields)
        rows.append(dict(zip(names, values, strict=True)))
    return Table(tuple(rows), choice)


_FIELD_NAME = 10


def _layout(data: bytes, filename: str) -> tuple[list[_Field], int, int, int]:
    if len(data) < _HEADER + 1:
        raise damaged(filename, Bilingual(".dbf 不完整", "the .dbf is incomplete"))
    count, start, width = struct.unpack_from("<IHH", data, 4)
    fields: list[_Field] = []
    offset = 1
    at = _HEADER
    while at + 32 <= start and data[at] != 0x0D and len(fields) <= _MOST_FIELDS:
        name = data[at : at + 11].split(b"\0", 1)[0]
        fields.append(_Field(name, chr(data[at + 11]), offset, data[at + 16], data[at + 17]))
        offset += data[at + 16]
        at += 32
    if not fields or offset > width or start + count * width > len(data) + 1:
        raise damaged(
            filename, Bilingual(".dbf 的字段或记录与文件头不符", "the .dbf's fields or records do not match its header")
        )
    return fields, int(count), int(start), int(width)


def _choose(
    texts: Sequence[tuple[bytes, int]], driver: int, cpg: bytes | None, filename: str
) -> tuple[str, dict[str, Any] | None]:
    foreign = [(text, width) for text, width in texts if not text.isascii()]
    if not foreign:
        return "ascii", None
    stated = [(name, codec) for name, codec in ((".cpg", _codec(cpg)), ("LDID", _LANGUAGE_DRIVER.get(driver))) if codec]
    for source, codec in [*stated, ("", "utf-8"), ("", "gb18030")]:
        if not all(_fits(text, codec, width) for text, width in foreign):
            continue
        wrong = [] if source else [s for s, _ in stated]
        sample = max((_decode(text, codec, width) for text, width in foreign), key=len)[:20]
        return codec, {
            "encoding": codec,
            "stated_by": source or None,
            "stated_wrongly_by": wrong or None,
            "sample": sample,
        }
    text = Bilingual(
        "文件“{f}”的属性文字既不是 UTF-8 也不是 GB18030，请附上注明编码的 .cpg 文件。",
        "The text of “{f}” is neither UTF-8 nor GB18030; add a .cpg file that names its encoding.",
    )
    raise BadSite("encoding-unknown", text.format(f=filename), file=filename)


def _codec(cpg: bytes | None) -> str | None:
    name = (cpg or b"").decode("ascii", "ignore").strip().lower().removeprefix("ansi").strip(" \0-_")
    if name in _CODE_PAGES:
        return _CODE_PAGES[name]
    try:
        codec = codecs.lookup(name).name if name else None
    except LookupError:
        return None
    # A single-byte page accepts any bytes and so proves nothing about Chinese text.
    return codec if codec in ("utf-8", "gbk", "gb18030", "gb2312", "big5", "hz") else None


def _fits(text: bytes, codec: str, width: int) -> bool:
    try:
        decoder = codecs.getincrementaldecoder(codec)("strict")
        decoder.decode(text, final=len(text) < width - 3)
    except UnicodeDecodeError:
        return False
    return True


def _decode(text: bytes, codec: str, width: int) -> str:
    return codecs.getincrementaldecoder(codec)("strict").decode(text, final=len(text) < width - 3)


def _names(names: list[str]) -> list[str]:
    """Field names made distinct: 名称, 名称_2 …"""
    seen: dict[str, int] = {}
    distinct = []
    for number, name in enumerate(names, start=1):
        base = name.strip() or f"field_{number}"
        seen[base] = seen.get(base, 0) + 1
        distinct.append(base if seen[base] == 1 else f"{base}_{seen[base]}")
    return distinct


def _value(field: _Field, raw: bytes, encoding: str) -> Any:
    if field.kind == "C":
        return _decode(raw.rstrip(b" \0"), encoding, field.width).strip()
    text = raw.decode("ascii", "replace").strip(" \0*")
    if not text:
        return None
    if field.kind in "NF":
        return _number(text, field.decimals)
    if field.kind == "L":
        return {"T": True, "Y": True, "F": False, "N": False}.get(text.upper())
    if field.kind == "D" and len(text) == 8 and text.isdigit():
        return f"{text[:4]}-{text[4:6]}-{text[6:]}"
    return text


def _number(text: str, decimals: int) -> int | float | str | None:
    """A number as written; text that is none stays text, NaN and infinity are no value."""
    try:
        number = float(text)
    except ValueError:
        return text
    if not math.isfinite(number):
        return None
    return int(text) if decimals == 0 and text.lstrip("+-").isdigit() else number


def damaged(filename: str, reason: Bilingual, **where: Any) -> BadSite:
    """The refusal of a Shapefile whose bytes contradict themselves."""
    text = Bilingual("Shapefile“{f}”损坏：{reason}。", "Shapefile “{f}” is damaged: {reason}.")
    return BadSite("shapefile-damaged", text.format(f=filename, reason=reason), file=filename, **where)
