"""Reads a zipped Shapefile, ring by ring as written; runs behind the door. It needs no GDAL and judges no crossing.

GDAL closes, turns and regroups rings without a word and guesses text as Latin-1; a site's faults must be seen to be
told.
"""

from __future__ import annotations

import struct
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Any

from layers.door import wkb
from layers.door.choice import Held, chosen
from layers.door.dbf import damaged, read_dbf, rows_stated
from layers.door.table import Asked, Fault, Layer, Row, Table
from layers.door.zipped import Member, read_zip
from zoning.bilingual import Bilingual
from zoning.errors import BadSite

_FILE_CODE = 9994
_HEADER = 100
_POINT, _LINE, _POLYGON, _MULTIPOINT = 1, 3, 5, 8
_KINDS = {_POINT, _LINE, _POLYGON, _MULTIPOINT}
_SUFFIXES = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_IGNORED_FOLDERS = ("__MACOSX",)


def read(data: bytes, asked: Asked) -> Table:
    """The one Shapefile with features in a zip, or the one asked for.

    Raises
    ------
    Fault
        ``too-many-*``.
    BadSite
        ``archive-*`` (see `layers.door.zipped`), ``shapefile-missing``, ``shapefile-incomplete``, ``shapefile-damaged``,
        ``shapefile-unsupported``, ``encoding-unknown``, and those of `layers.door.choice`.
    """
    sets: dict[str, dict[str, Member]] = {}
    for member in read_zip(data, asked.name, _wanted):
        path = member.path
        sets.setdefault(str(path.with_suffix("")).lower(), {})[path.suffix.lower()] = member
    shapes = [found for found in sets.values() if ".shp" in found]
    if not shapes:
        text = Bilingual(
            "压缩包“{f}”里没有 .shp 文件。请把 .shp、.shx、.dbf、.prj 一起打包。",
            "Archive “{f}” holds no .shp. Zip the .shp, .shx, .dbf and .prj together.",
        )
        raise BadSite("shapefile-missing", text.format(f=asked.name), file=asked.name)
    held = [_held(found) for found in shapes]
    found = shapes[0 if len(shapes) == 1 and asked.layer is None else chosen(held, asked) or 0]
    if missing := [suffix for suffix in (".shx", ".dbf") if suffix not in found]:
        text = Bilingual(
            "“{f}”缺少同名的 {m} 文件。请补齐后一起打包。", "“{f}” lacks its {m}. Add it and zip them together."
        )
        listed = Bilingual("、".join(missing), " and ".join(missing))
        raise BadSite(
            "shapefile-incomplete", text.format(f=found[".shp"].name, m=listed), file=asked.name, missing=missing
        )
    return _read_set(found, asked, len(shapes))


def _held(found: dict[str, Member]) -> Held:
    path = found[".shp"].path
    features = max(len(found[".shx"].data) - _HEADER, 0) // 8 if ".shx" in found else None
    return Held(str(path.with_suffix("")), features, (str(path), path.name, path.stem))


def _wanted(name: str) -> bool:
    path = PurePosixPath(name)
    return path.suffix.lower() in _SUFFIXES and not path.name.startswith("._") and path.parts[0] not in _IGNORED_FOLDERS


def _read_set(found: dict[str, Member], asked: Asked, sets: int) -> Table:
    inside = found[".shp"].path
    name = f"{asked.name}/{inside.name}"
    kind, records = _records(found[".shp"].data, found[".shx"].data, name, asked.features)
    if len(records) != (rows := rows_stated(found[".dbf"].data)):
        reason = Bilingual(f"图形 {len(records)} 个、属性 {rows} 条", f"{len(records)} shapes but {rows} rows")
        raise damaged(name, reason)
    table = read_dbf(found[".dbf"].data, name, cpg=found[".cpg"].data if ".cpg" in found else None)
    reader = _Shapes(kind % 10, name, asked.vertices)
    made = [
        Row(number, row, reader.geometry(record, number))
        for number, (record, row) in enumerate(zip(records, table.rows, strict=True), start=1)
        if row is not None
    ]
    notes: dict[str, Any] = {
        "heights": kind > 10,
        "encoding": table.encoding,
        "deleted": len(records) - len(made),
        "inside": inside.name,
        "held": sets,
    }
    prj = _text(found[".prj"].data) if ".prj" in found else ""
    if not prj:
        notes["missing"] = [".prj"]
    return Table((Layer(str(inside.with_suffix("")), prj or None, tuple(made), rings="loose"),), notes)


def _text(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding).strip(" \r\n\t\0")
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1").strip()


def _records(shp: bytes, shx: bytes, name: str, most: int) -> tuple[int, list[bytes]]:
    """The shape type and the content of every record, found through the index."""
    for data, suffix in ((shp, ".shp"), (shx, ".shx")):
        if len(data) < _HEADER or struct.unpack_from(">i", data)[0] != _FILE_CODE:
            raise damaged(name, Bilingual(f"{suffix} 不是 Shapefile 的文件头", f"the {suffix} does not begin as one"))
    kind = int(struct.unpack_from("<i", shp, 32)[0])
    if kind % 10 not in _KINDS or kind > 30:
        text = Bilingual(
            "“{f}”的图形类型 {k} 不受支持（只读点、线、面）。",
            "“{f}” has shape type {k}; only points, lines and polygons are read.",
        )
        raise BadSite("shapefile-unsupported", text.format(f=name, k=kind), file=name, value=kind)
    count, rest = divmod(len(shx) - _HEADER, 8)
    if rest:
        raise damaged(name, Bilingual(".shx 长度不对", "the .shx has a wrong length"))
    if count > most:
        raise Fault("too-many-features", Bilingual("图形", "features"), count=count, file=name)
    records: list[bytes] = []
    for number in range(count):
        offset, length = (2 * int(v) for v in struct.unpack_from(">ii", shx, _HEADER + 8 * number))
        end = offset + 8 + length
        if (
            offset < _HEADER
            or length < 4
            or end > len(shp)
            or struct.unpack_from(">i", shp, offset + 4)[0] * 2 != length
        ):
            reason = Bilingual(
                f"第 {number + 1} 个图形的位置或长度不对", f"shape {number + 1} is not where the index says"
            )
            raise damaged(name, reason, feature=number + 1)
        content = shp[offset + 8 : end]
        if struct.unpack_from("<i", content)[0] not in (0, kind):
            raise damaged(
                name,
                Bilingual(f"第 {number + 1} 个图形的类型不同", f"shape {number + 1} is of another type"),
                feature=number + 1,
            )
        records.append(content)
    return kind, records


class _Shapes:
    """Turns the records of one shape type into WKB with loose rings, and counts their vertices."""

    def __init__(self, kind: int, name: str, room: int) -> None:
        self.kind = kind
        self.name = name
        self.most = self.room = room

    def geometry(self, record: bytes, number: int) -> bytes | None:
        if struct.unpack_from("<i", record)[0] == 0:
            return None
        if self.kind == _POINT:
            return self.points(record, 4, 1, number)
        if self.kind == _MULTIPOINT:
            (count,) = self.counts(record, 36, 1, number)
            return self.points(record, 40, count, number)
        groups, count = self.counts(record, 36, 2, number)
        starts = [*self.counts(record, 44, groups, number), count]
        points = self.doubles(record, 44 + 4 * groups, count, number)
        if starts[0] != 0 or any(a >= b for a, b in pairwise(starts)):
            reason = Bilingual(f"第 {number} 个图形的分段不对", f"the parts of shape {number} are wrong")
            raise damaged(self.name, reason, feature=number)
        pieces = [struct.pack("<I", b - a) + points[16 * a : 16 * b] for a, b in pairwise(starts)]
        if self.kind == _LINE:
            return wkb.whole([struct.pack("<BI", 1, wkb.LINE) + piece for piece in pieces])
        return wkb.polygon_of(pieces)

    def points(self, record: bytes, offset: int, count: int, number: int) -> bytes | None:
        raw = self.doubles(record, offset, count, number)
        return wkb.whole([struct.pack("<BI", 1, wkb.POINT) + raw[16 * n : 16 * n + 16] for n in range(count)])

    def counts(self, record: bytes, offset: int, count: int, number: int) -> tuple[int, ...]:
        if count < 1 or offset + 4 * count > len(record):
            raise self.incomplete(number)
        return tuple(struct.unpack_from(f"<{count}i", record, offset))

    def doubles(self, record: bytes, offset: int, count: int, number: int) -> bytes:
        """So many positions, x and y as little-endian doubles."""
        if count < 1:
            raise self.incomplete(number)
        self.room -= count
        if self.room < 0:
            raise Fault("too-many-vertices", Bilingual("顶点", "vertices"), count=self.most - self.room, file=self.name)
        if offset + 16 * count > len(record):
            raise self.incomplete(number)
        return record[offset : offset + 16 * count]

    def incomplete(self, number: int) -> BadSite:
        reason = Bilingual(f"第 {number} 个图形不完整", f"shape {number} is incomplete")
        return damaged(self.name, reason, feature=number)
