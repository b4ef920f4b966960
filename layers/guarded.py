"""Readers of the formats that are opened behind the door: GeoPackage, KML, KMZ and DXF; what a CRS means is judged
elsewhere."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import shapely

from layers.door import kml, wkb
from layers.door.guard import Limits, open_guarded
from layers.door.table import Fault, Row, Table
from layers.opened import CRS, Opened
from layers.zipped import is_zip, read_zip
from zoning import assumption
from zoning.bilingual import Bilingual
from zoning.crs import read_crs, zone_of_prefix
from zoning.errors import BadSite
from zoning.placement import Region, crs_needed, easting_prefix, unprefixed
from zoning.rings import BrokenRingsError, RingFault, polygon_of
from zoning.site import MOST_PARCELS, MOST_VERTICES, RawPart
from zoning.sitefault import FEATURES, VERTICES, Notice, too_large

LIMITS = Limits(features=MOST_PARCELS, vertices=MOST_VERTICES)
_SQLITE = b"SQLite format 3\0"
_GPKG_IDS = (b"GPKG", b"GP10", b"GP11")
_GPKG_VERSIONS = range(10_000, 20_000)
_DXF_BINARY = b"AutoCAD Binary DXF"
_DWG = b"AC10"


def read_gpkg(data: bytes, name: str, crs: CRS | None, region: Region) -> Opened:
    """The one layer with features of a GeoPackage.

    Raises
    ------
    BadSite
        ``format-mismatch``, ``file-open-failed``, ``file-open-limit``, ``layers-several``, ``curve-unsupported``,
        ``crs-needed`` where the file leaves the CRS undefined, ``site-too-large``.
    """
    version = struct.unpack_from(">I", data, 60)[0] if len(data) >= 100 else 0
    if data[:16] != _SQLITE or (data[68:72] not in _GPKG_IDS and version not in _GPKG_VERSIONS):
        raise _mismatch(name, "GeoPackage")
    return _opened(_table(data, ".gpkg", name), name, crs, region)


def read_kml(data: bytes, name: str, crs: CRS | None, region: Region) -> Opened:
    """The placemarks of a KML, all folders together; EPSG:4326 by the format's own rule.

    Raises
    ------
    BadSite
        ``format-mismatch``, ``kml-invalid``, ``kml-unsupported``, ``encoding-unknown``, ``file-open-limit``,
        ``site-too-large``.
    """
    try:
        root = kml.root_of(data)
    except Fault as fault:
        raise _refusal(fault, name) from fault
    if root != "kml":
        raise _mismatch(name, "KML")
    return _opened(_table(data, ".kml", name), name, crs, region)


def read_kmz(data: bytes, name: str, crs: CRS | None, region: Region) -> Opened:
    """The one KML in a KMZ; errors as `read_kml`, those of `layers.zipped`, and ``layers-several``."""
    if not is_zip(data):
        raise _mismatch(name, "KMZ")
    members = read_zip(data, name, lambda member: PurePosixPath(member).suffix.lower() == ".kml")
    if not members:
        raise _mismatch(name, "KMZ")
    if len(members) > 1:
        raise _several(name, [member.name for member in members])
    return read_kml(members[0].data, name, crs, region)


def read_dxf(data: bytes, name: str, crs: CRS | None, region: Region) -> Opened:
    """The closed polylines of an ASCII DXF as parcels, or its open ones as lines where none is closed.

    Raises
    ------
    BadSite
        ``crs-needed`` without `crs`: a drawing states none; ``format-mismatch``, ``dxf-invalid``,
        ``dxf-no-polylines``, ``curve-unsupported``, ``encoding-unknown``, ``file-open-limit``, ``site-too-large``.
    """
    if data.startswith((_DXF_BINARY, _DWG)):
        kind = Bilingual("二进制 DXF 或 DWG", "a binary DXF or a DWG")
        text = Bilingual(
            "文件“{f}”是{kind}。请在 CAD 中另存为 ASCII（文本）DXF。",
            "“{f}” is {kind}. Save it as an ASCII (text) DXF in the CAD program.",
        )
        raise BadSite("format-mismatch", text.format(f=name, kind=kind), file=name)
    if not _begins_as_dxf(data):
        raise _mismatch(name, "DXF")
    return _opened(_table(data, ".dxf", name), name, crs, region)


def _begins_as_dxf(data: bytes) -> bool:
    """Whether the first group that is no comment (999) begins a section."""
    lines = [line.strip() for line in data[:4096].removeprefix(b"\xef\xbb\xbf").splitlines()]
    for code, value in zip(lines[::2], lines[1::2], strict=False):
        if code != b"999":
            return (code, value) == (b"0", b"SECTION")
    return False


def _table(data: bytes, suffix: str, name: str) -> Table:
    try:
        return open_guarded(data, suffix, name=name, limits=LIMITS)
    except Fault as fault:
        raise _refusal(fault, name) from fault


def _opened(table: Table, name: str, crs: CRS | None, region: Region) -> Opened:
    filled = [layer for layer in table.layers if layer.rows]
    if len(filled) > 1:
        raise _several(name, [layer.name for layer in filled])
    if not filled:
        return Opened((), None)
    layer = filled[0]
    taken = [_part(row, number, name) for number, row in enumerate(layer.rows, start=1)]
    parts = tuple(part for part, _ in taken)
    own = None if layer.crs is None or _undefined(layer.crs) else layer.crs
    if own is None and crs is None:
        _ask(parts, region, name)
    heights = bool(table.notes.get("heights")) or any(high for _, high in taken)
    return Opened(parts, own, tuple(_notices(table, name, heights=heights)))


def _undefined(crs: str) -> bool:
    """Whether a GeoPackage says that it does not know its CRS (srs_id −1 or 0)."""
    return crs.startswith(("ENGCRS", "LOCAL_CS")) or "undefined" in crs[:80].lower() or "unknown" in crs[:80].lower()


def _ask(parts: Sequence[RawPart], region: Region, name: str) -> None:
    """Raise ``crs-needed`` with the candidates that the coordinates allow."""
    xy = shapely.get_coordinates([part.geometry for part in parts if part.geometry is not None])
    xy = xy[np.isfinite(xy).all(axis=1)]
    if not len(xy):
        return  # nothing to place: reading the parts says what is wrong with them
    prefix = easting_prefix(xy)
    candidates = unprefixed(region) if prefix == 0 else []
    if prefix and (code := zone_of_prefix(prefix)):
        candidates = [read_crs(code)]
    if bool((np.abs(xy) <= 360).all()):
        candidates = [read_crs(4490)]
    raise crs_needed(xy, region, candidates, file=name)


def _part(row: Row, number: int, name: str) -> tuple[RawPart, bool]:
    """One feature, and whether heights were left out of it."""

    def part(geometry: shapely.Geometry | None, **more: Any) -> RawPart:
        return RawPart(geometry, row.name, None, row.fields, name, number, **more)

    if row.wkb is None:
        return part(None), False
    try:
        pieces, heights = wkb.pieces(row.wkb)
    except wkb.CurvesError as error:
        reason = Bilingual(f"第 {number} 个图形含有圆弧或曲面", f"feature {number} has arcs or surfaces")
        raise _refusal(Fault("curve-unsupported", reason, feature=number), name) from error
    except ValueError as error:
        reason = Bilingual(f"第 {number} 个图形的数据不完整", f"feature {number} is incomplete")
        raise _refusal(Fault("file-open-failed", reason, feature=number), name) from error
    faults: list[RingFault] = []
    try:
        made = [_geometry(piece, faults) for piece in pieces]
    except BrokenRingsError as error:
        return part(None, broken=error), heights
    if not made:
        return part(None), heights
    geometry = made[0] if len(made) == 1 else _many(made)
    return part(geometry, faults=tuple(faults)), heights


def _many(made: list[shapely.Geometry]) -> shapely.Geometry:
    kinds = {geometry.geom_type for geometry in made}
    if kinds == {"Polygon"}:
        return shapely.MultiPolygon(made)
    if kinds == {"LineString"}:
        return shapely.MultiLineString(made)
    return shapely.MultiPoint(made) if kinds == {"Point"} else shapely.GeometryCollection(made)


def _geometry(piece: wkb.Piece, faults: list[RingFault]) -> shapely.Geometry:
    if piece.kind == wkb.POLYGON:
        polygon, found = polygon_of([ring for ring in piece.rings if len(ring)])
        faults += found
        return shapely.orient_polygons(polygon)  # none of these formats gives a direction a meaning
    points = piece.rings[0]
    if not np.isfinite(points).all():
        raise BrokenRingsError("not-finite")
    if piece.kind == wkb.POINT:
        return shapely.Point(points[0])
    if len(points) < 2:
        raise BrokenRingsError("zero-length", (float(points[0, 0]), float(points[0, 1])))
    return shapely.LineString(points)


_IGNORED_ZH = {
    "open polyline": "未闭合多段线",
    "polyline in paper space": "图纸空间多段线",
    "polyline in a tilted plane": "倾斜平面多段线",
    "polyline of one point": "只有一点的多段线",
    "mesh": "网格面",
    "Placemark": "没有图形的地标",
}


def _notices(table: Table, name: str, *, heights: bool) -> list[Notice]:
    found: list[Notice] = []
    if ignored := table.notes.get("ignored"):
        text = Bilingual(
            "文件中的以下内容未读取：{held}。请确认其中没有选址范围。",
            "Not read from the file: {held}. Make sure that none of it is the site.",
        )
        held = Bilingual(
            "、".join(f"{_IGNORED_ZH.get(kind, kind)} {n} 个" for kind, n in ignored.items()),
            ", ".join(f"{n} × {kind}" for kind, n in ignored.items()),
        )
        found.append(Notice("content-ignored", text.format(held=held), {"file": name, "count": dict(ignored)}))
    if encoding := table.notes.get("encoding"):
        text = Bilingual(
            f"文件未注明文字编码，按 {encoding} 读取，请核对文字。",
            f"No encoding was stated; text was read as {encoding}. Please check.",
        )
        found.append(Notice("encoding-chosen", text, {"file": name, "encoding": encoding}))
    if heights:
        found.append(assumption.heights_dropped())
    return found


def _mismatch(name: str, kind: str) -> BadSite:
    text = Bilingual(
        "文件“{f}”的内容不是 {kind}，与后缀不符。请从原软件重新导出，或改用正确的后缀。",
        "The content of “{f}” is no {kind}, whatever its name says. Export it again or give it its right suffix.",
    )
    return BadSite("format-mismatch", text.format(f=name, kind=kind), file=name, value=kind)


def _several(name: str, layers: list[str]) -> BadSite:
    text = Bilingual(
        "文件“{f}”里有 {n} 个含图形的图层：{names}。请只保留选址所在的一个。",
        "“{f}” has {n} layers with features: {names}. Keep only the one that is the site.",
    )
    names = Bilingual("、".join(layers), ", ".join(layers))
    return BadSite("layers-several", text.format(f=name, n=len(layers), names=names), file=name, layers=layers)


_CURVES = Bilingual(
    "文件“{f}”中{reason}。请先把圆弧打断为足够密的直线段再导出。",
    "In “{f}” {reason}. Turn arcs into straight segments, dense enough, and export it again.",
)
_UNSUPPORTED_KML = Bilingual(
    "不读取 KML“{f}”：{reason}。请把内容另存为一个完整的 KML。",
    "KML “{f}” is not read: {reason}. Save the content itself as one complete KML.",
)
_NO_POLYLINES = Bilingual(
    "DXF“{f}”中{reason}。请把选址边界画成闭合多段线（块须先分解）再导出。",
    "DXF “{f}”: {reason}. Draw the site's boundary as a closed polyline (explode blocks first).",
)


def _refusal(fault: Fault, name: str) -> BadSite:
    """The error that a fault of a reader means."""

    def said(text: Bilingual) -> Bilingual:
        return text.format(f=name, reason=fault.reason)

    where = {**fault.where, "file": name}
    match fault.type:
        case "too-many-features" | "too-many-vertices":
            vertices = fault.type == "too-many-vertices"
            most = MOST_VERTICES if vertices else MOST_PARCELS
            return too_large(VERTICES if vertices else FEATURES, int(fault.where["count"]), most, {"file": name})
        case "kml-invalid":
            return BadSite("kml-invalid", said(Bilingual("KML“{f}”：{reason}。", "KML “{f}”: {reason}.")), **where)
        case "kml-unsupported":
            return BadSite("kml-unsupported", said(_UNSUPPORTED_KML), **where)
        case "dxf-invalid":
            return BadSite("dxf-invalid", said(Bilingual("DXF“{f}”：{reason}。", "DXF “{f}”: {reason}.")), **where)
        case "dxf-no-polylines":
            return BadSite("dxf-no-polylines", said(_NO_POLYLINES), **where)
        case "curve-unsupported":
            return BadSite("curve-unsupported", said(_CURVES), **where)
        case "encoding-unknown":
            text = Bilingual("文件“{f}”的{reason}，请存为 UTF-8。", "“{f}”: {reason}; save it as UTF-8.")
            return BadSite("encoding-unknown", said(text), **where)
        case "format-mismatch":
            return BadSite("format-mismatch", said(Bilingual("文件“{f}”：{reason}。", "“{f}”: {reason}.")), **where)
        case _:
            text = Bilingual(
                "文件“{f}”打不开：{reason}。请从原软件重新导出。", "“{f}” cannot be opened: {reason}. Export it again."
            )
            return BadSite("file-open-failed", said(text), **where)
