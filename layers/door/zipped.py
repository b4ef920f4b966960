"""Opens an uploaded zip in memory under limits that hold while inflating; runs behind the door and writes no file."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from zoning.bilingual import Bilingual
from zoning.errors import BadSite

MOST_ENTRIES = 200
MOST_INFLATED = 200 * 1024 * 1024
MOST_RATIO = 100
_RATIO_FROM = 1024 * 1024
"""Entries that inflate to less than this may be as compressible as they like, bytes."""
_BLOCK = 64 * 1024
_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")
_NESTED = (".zip", ".rar", ".7z", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".tar", ".kmz", ".jar")
_UTF8_FLAG = 0x800
_ENCRYPTED_FLAG = 0x1


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive, inflated. `name` is its whole path inside, with forward slashes."""

    name: str
    data: bytes

    @property
    def path(self) -> PurePosixPath:
        return PurePosixPath(self.name)


def is_zip(data: bytes) -> bool:
    return data[:4] in _SIGNATURES


def read_zip(data: bytes, filename: str, wanted: Callable[[str], bool]) -> list[Member]:
    """The members whose names are `wanted`, inflated in memory; every member's name is judged, wanted or not.

    Names without the UTF-8 flag are read as UTF-8 if they are, else as GB18030 (Chinese Windows).

    Raises
    ------
    BadSite
        ``archive-damaged``, ``archive-encrypted``, ``archive-nested``, ``archive-unsafe-name``, ``archive-too-large``.
    """
    if not is_zip(data):
        text = Bilingual("文件“{f}”不是 ZIP 压缩包。", "File “{f}” is not a zip archive.")
        raise BadSite("archive-damaged", text.format(f=filename), file=filename)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_ENTRIES:
                raise _too_large(
                    filename, Bilingual(f"文件超过 {MOST_ENTRIES} 个", f"more than {MOST_ENTRIES} entries")
                )
            names = [_judged_name(entry, filename) for entry in entries]
            members: list[Member] = []
            total = 0
            for entry, name in zip(entries, names, strict=True):
                if entry.is_dir() or not wanted(name):
                    continue
                inflated = _inflate(archive, entry, filename, name, MOST_INFLATED - total)
                total += len(inflated)
                members.append(Member(name, inflated))
            return members
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OverflowError) as error:
        text = Bilingual(
            "压缩包“{f}”损坏或压缩方式不受支持。", "Archive “{f}” is damaged or packed in a way not supported."
        )
        raise BadSite("archive-damaged", text.format(f=filename), file=filename) from error


def _judged_name(entry: zipfile.ZipInfo, filename: str) -> str:
    raw = entry.orig_filename
    name = raw if entry.flag_bits & _UTF8_FLAG else _decoded(raw)
    parts = name.rstrip("/").split("/")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    drive = len(name) > 1 and name[1] == ":"
    unsafe = name.startswith("/") or drive or "\\" in name or "\0" in name or not name.isprintable()
    if unsafe or ".." in parts or kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        text = Bilingual(
            "压缩包“{f}”里有不安全的文件名或链接：{n}。", "Archive “{f}” holds an unsafe name or link: {n}."
        )
        raise BadSite(
            "archive-unsafe-name", text.format(f=filename, n=ascii(name)[:120]), file=filename, value=ascii(name)[:200]
        )
    if name.lower().endswith(_NESTED):
        text = Bilingual(
            "压缩包“{f}”里还有压缩包：{n}。请解开后重新打包。",
            "Archive “{f}” holds another archive: {n}. Unpack it first.",
        )
        raise BadSite("archive-nested", text.format(f=filename, n=name), file=filename, value=name)
    if entry.flag_bits & _ENCRYPTED_FLAG:
        text = Bilingual("压缩包“{f}”有密码：{n}。", "Archive “{f}” is encrypted: {n}.")
        raise BadSite("archive-encrypted", text.format(f=filename, n=name), file=filename, value=name)
    return name


def _decoded(name: str) -> str:
    """A name without the UTF-8 flag; zipfile has read its bytes as code page 437."""
    raw = name.encode("cp437")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name


def _inflate(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, filename: str, name: str, room: int) -> bytes:
    blocks: list[bytes] = []
    size = 0
    with archive.open(entry) as stream:
        while block := stream.read(_BLOCK):
            size += len(block)
            if size > room:
                raise _too_large(filename, Bilingual("解压后超过 200 MB", "it inflates to more than 200 MB"))
            if size > _RATIO_FROM and size > MOST_RATIO * max(entry.compress_size, 1):
                raise _too_large(
                    filename,
                    Bilingual(f"“{name}”压缩比超过 {MOST_RATIO}", f"“{name}” inflates more than {MOST_RATIO}-fold"),
                )
            blocks.append(block)
    return b"".join(blocks)


def _too_large(filename: str, reason: Bilingual) -> BadSite:
    text = Bilingual("压缩包“{f}”超出限制：{reason}。", "Archive “{f}” is over the limit: {reason}.")
    return BadSite("archive-too-large", text.format(f=filename, reason=reason), file=filename)
