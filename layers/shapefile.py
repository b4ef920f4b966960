"""Reads a zipped Shapefile into raw features, ring by ring as written; it needs no GDAL and judges no crossing.

GDAL closes, turns and regroups rings without a word and guesses text as Latin-1; a site's faults must be seen to be
told.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePosixPath

import numpy as np
import numpy.typing as npt
import shapely

from layers.dbf import damaged, read_dbf
from layers.zipped import Member, read_zip
from zoning import assumption
from zoning.bilingual import Bilingual
from zoning.crs import read_crs, zone_of_prefix
from zoning.errors import BadSite
from zoning.placement import SHANXI, Region, crs_needed, easting_prefix, unprefixed
from zoning.rings import BrokenRingsError, RingFault, assemble
from zoning.site import MOST_PARCELS, MOST_VERTICES, RawPart
from zoning.sitefault import FEATURES, VERTICES, Notice, too_large

Floats = npt.NDArray[np.float64]

_FILE_CODE = 9994
_HEADER = 100
_POINT, _LINE, _POLYGON, _MULTIPOINT = 1, 3, 5, 8
_KINDS = {_POINT, _LINE, _POLYGON, _MULTIPOINT}
_SUFFIXES = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_IGNORED_FOLDERS = ("__MACOSX",)


@dataclass(frozen=True, slots=True)
class ShapefileContent:
    """The features of one Shapefile, its .prj text or None, and what was assumed in reading it."""

    parts: tuple[RawPart, ...]
    prj: str | None
    notices: tuple[Notice, ...]


def read_zipped_shapefile(data: bytes, filename: str) -> ShapefileContent:
    """The one Shapefile in a zip.

    Raises
    ------
    BadSite
        ``archive-*`` (see `layers.zipped`), ``shapefile-missing``, ``shapefile-incomplete``, ``shapefile-several``,
        ``shapefile-damaged``, ``shapefile-unsupported``, ``encoding-unknown``, ``site-too-large``.
    """
    members = read_zip(data, filename, _wanted)
    sets: dict[str, dict[str, Member]] = {}
    for member in members:
        path = member.path
        sets.setdefault(str(path.with_suffix("")).lower(), {})[path.suffix.lower()] = member
    shapes = {stem: found for stem, found in sets.items() if ".shp" in found}
    if not shapes:
        text = Bilingual("压缩包“{f}”里没有 .shp 文件。", "Archive “{f}” holds no .shp.")
        raise BadSite("shapefile-missing", text.format(f=filename), file=filename)
    if len(shapes) > 1:
        names = [found[".shp"].name for found in shapes.values()]
        text = Bilingual(
            "压缩包“{f}”里有 {n} 个 Shapefile：{names}。请每次只提交一个。",
            "Archive “{f}” holds {n} Shapefiles: {names}. Give one at a time.",
        )
        listed = Bilingual("、".join(names), ", ".join(names))
        raise BadSite(
            "shapefile-several", text.format(f=filename, n=len(names), names=listed), file=filename, layers=names
        )
    found = next(iter(shapes.values()))
    if missing := [suffix for suffix in (".shx", ".dbf") if suffix not in found]:
        text = Bilingual("“{f}”缺少同名的 {m} 文件。", "“{f}” lacks its {m}.")
        listed = Bilingual("、".join(missing), " and ".join(missing))
        raise BadSite(
            "shapefile-incomplete", text.format(f=found[".shp"].name, m=listed), file=filename, missing=missing
        )
    return _read_set(found, filename)


def _wanted(name: str) -> bool:
    path = PurePosixPath(name)
    return path.suffix.lower() in _SUFFIXES and not path.name.startswith("._") and path.parts[0] not in _IGNORED_FOLDERS


def _read_set(found: dict[str, Member], filename: str) -> ShapefileContent:
    name = f"{filename}/{found['.shp'].path.name}"
    cpg = found[".cpg"].data if ".cpg" in found else None
    table = read_dbf(found[".dbf"].data, name, cpg=cpg)
    kind, records = _records(found[".shp"].data, found[".shx"].data, name)
    if len(records) != len(table.rows):
        reason = Bilingual(
            f"图形 {len(records)} 个、属性 {len(table.rows)} 条", f"{len(records)} shapes but {len(table.rows)} rows"
        )
        raise damaged(name, reason)
    notices = [table.notice] if table.notice else []
    if kind > 10:
        notices.append(assumption.heights_dropped())
    parts: list[RawPart] = []
    deleted = 0
    for number, (record, row) in enumerate(zip(records, table.rows, strict=True), start=1):
        if row is None:
            deleted += 1
            continue
        parts.append(_part(record, kind % 10, number, row, name))
    if deleted:
        text = Bilingual(
            f"有 {deleted} 条记录在文件里已标为删除，未读取。",
            f"{deleted} records are marked deleted in the file and were not read.",
        )
        notices.append(Notice("records-deleted", text, {"file": name, "count": deleted}))
    prj = _text(found[".prj"].data) if ".prj" in found else None
    return ShapefileContent(tuple(parts), prj or None, tuple(notices))


def _text(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding).strip(" \r\n\t\0")
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1").strip()


def _records(shp: bytes, shx: bytes, name: str) -> tuple[int, list[bytes]]:
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
    if count > MOST_PARCELS:
        raise too_large(FEATURES, count, MOST_PARCELS, {"file": name})
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


def _part(record: bytes, kind: int, number: int, row: dict[str, object], name: str) -> RawPart:
    def part(geometry: shapely.Geometry | None, **more: object) -> RawPart:
        return RawPart(geometry, properties=row, file=name, feature=number, **more)  # type: ignore[arg-type]

    if struct.unpack_from("<i", record)[0] == 0:
        return part(None)
    try:
        geometry, faults = _geometry(record, kind, name, number)
    except BrokenRingsError as error:
        return part(None, broken=error)
    return part(geometry, faults=tuple(faults))


def _geometry(record: bytes, kind: int, name: str, number: int) -> tuple[shapely.Geometry, list[RingFault]]:
    if kind == _POINT:
        return shapely.Point(_doubles(record, 4, 1, name, number)[0]), []
    if kind == _MULTIPOINT:
        (count,) = _counts(record, 36, 1, name, number)
        return shapely.MultiPoint(_doubles(record, 40, count, name, number)), []
    groups, count = _counts(record, 36, 2, name, number)
    starts = [*_counts(record, 44, groups, name, number), count]
    points = _doubles(record, 44 + 4 * groups, count, name, number)
    if starts[0] != 0 or any(a >= b for a, b in pairwise(starts)):
        raise damaged(
            name, Bilingual(f"第 {number} 个图形的分段不对", f"the parts of shape {number} are wrong"), feature=number
        )
    pieces = [points[a:b] for a, b in pairwise(starts)]
    if kind == _LINE:
        return shapely.MultiLineString([_line(piece) for piece in pieces]), []
    polygons, faults = assemble(pieces)
    return shapely.MultiPolygon(polygons), faults


def _line(points: Floats) -> Floats:
    if len(points) < 2:
        raise BrokenRingsError("zero-length", (float(points[0, 0]), float(points[0, 1])))
    return points


def _counts(record: bytes, offset: int, count: int, name: str, number: int) -> tuple[int, ...]:
    if count < 1 or count > MOST_VERTICES or offset + 4 * count > len(record):
        raise damaged(name, Bilingual(f"第 {number} 个图形不完整", f"shape {number} is incomplete"), feature=number)
    return tuple(struct.unpack_from(f"<{count}i", record, offset))


def _doubles(record: bytes, offset: int, count: int, name: str, number: int) -> Floats:
    if count > MOST_VERTICES:
        raise too_large(VERTICES, count, MOST_VERTICES, {"file": name, "feature": number})
    if count < 1 or offset + 16 * count > len(record):
        raise damaged(name, Bilingual(f"第 {number} 个图形不完整", f"shape {number} is incomplete"), feature=number)
    points = np.frombuffer(record, dtype="<f8", count=2 * count, offset=offset).reshape(-1, 2).astype(np.float64)
    if not np.isfinite(points).all():
        raise BrokenRingsError("not-finite")
    return points


def require_prj(content: ShapefileContent, filename: str, region: Region = SHANXI) -> str:
    """The .prj's text, or the question ``crs-needed`` with the candidates that the coordinates allow.

    A zone prefix would give the zone, but old Shapefiles on Xi'an 80 have the same prefixes, so nothing is chosen here.
    """
    if content.prj:
        return content.prj
    geometries = [part.geometry for part in content.parts if part.geometry is not None]
    xy = shapely.get_coordinates(geometries)
    if not len(xy):
        return "EPSG:4490"  # nothing to place: reading the parts says what is wrong with them
    prefix = easting_prefix(xy)
    candidates = unprefixed(region) if prefix == 0 else []
    if prefix and (code := zone_of_prefix(prefix)):
        candidates = [read_crs(code)]
    if bool((np.abs(xy) <= 360).all()):
        candidates = [read_crs(4490)]
    raise crs_needed(xy, region, candidates, file=filename, missing=[".prj"])
