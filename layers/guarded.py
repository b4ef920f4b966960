"""Readers of the formats that are opened behind the door: GeoJSON, zipped Shapefile, GeoPackage, KML, KMZ and DXF; what a
CRS means is judged elsewhere."""

from __future__ import annotations

import struct

from layers.door.guard import Limits, open_guarded
from layers.door.table import Fault, Table
from layers.door.zipped import is_zip
from layers.features import opened_of
from layers.inner_rings import holes_cut
from layers.opened import CRS, Opened
from layers.refusal import mismatch, refusal
from zoning.bilingual import Bilingual
from zoning.errors import BadSite
from zoning.placement import Region
from zoning.site import MOST_PARCELS, MOST_VERTICES

LIMITS = Limits(features=MOST_PARCELS, vertices=MOST_VERTICES)
_SQLITE = b"SQLite format 3\0"
_GPKG_IDS = (b"GPKG", b"GP10", b"GP11")
_GPKG_VERSIONS = range(10_000, 20_000)
_DXF_BINARY = b"AutoCAD Binary DXF"
_DWG = b"AC10"


def read_geojson_file(data: bytes, name: str, crs: CRS | None, region: Region) -> Opened:
    """The features of a GeoJSON file.

    Raises
    ------
    BadSite
        ``json-invalid``, ``geojson-invalid``, ``encoding-unknown``, ``crs-unknown``, ``file-open-limit``,
        ``site-too-large``.
    """
    return opened_of(_table(data, ".geojson", name), name, crs, region, asks=False)


def read_shapefile(data: bytes, name: str, crs: CRS | None, region: Region, layer: str | None = None) -> Opened:
    """The one Shapefile in a zip, or the one asked for.

    Raises
    ------
    BadSite
        ``archive-*``, ``shapefile-*``, ``layers-several``, ``layer-unknown``, ``encoding-unknown``, ``crs-needed`` where
        the .prj is missing, ``file-open-limit``, ``site-too-large``.
    """
    return opened_of(_table(data, ".shapefile", name, layer), name, crs, region, layer=layer)


def read_gpkg(data: bytes, name: str, crs: CRS | None, region: Region, layer: str | None = None) -> Opened:
    """The one layer with features of a GeoPackage, or the one asked for.

    Raises
    ------
    BadSite
        ``format-mismatch``, ``file-open-failed``, ``file-open-limit``, ``layers-several``, ``layer-unknown``,
        ``curve-unsupported``, ``crs-needed`` where the file leaves the CRS undefined, ``site-empty``,
        ``site-too-large``.
    """
    version = struct.unpack_from(">I", data, 60)[0] if len(data) >= 100 else 0
    if data[:16] != _SQLITE or (data[68:72] not in _GPKG_IDS and version not in _GPKG_VERSIONS):
        raise mismatch(name, "GeoPackage")
    return opened_of(_table(data, ".gpkg", name, layer), name, crs, region, layer=layer)


def read_kml(data: bytes, name: str, crs: CRS | None, region: Region) -> Opened:
    """The placemarks of a KML, all folders together; EPSG:4326 by the format's own rule.

    Raises
    ------
    BadSite
        ``format-mismatch``, ``kml-invalid``, ``kml-unsupported``, ``encoding-unknown``, ``file-open-limit``,
        ``site-too-large``.
    """
    return opened_of(_table(data, ".kml", name), name, crs, region)


def read_kmz(data: bytes, name: str, crs: CRS | None, region: Region, layer: str | None = None) -> Opened:
    """The one KML with placemarks in a KMZ, or the one asked for; errors as `read_kml`, ``archive-*``,
    ``layers-several`` and ``layer-unknown``."""
    if not is_zip(data):
        raise mismatch(name, "KMZ")
    return opened_of(_table(data, ".kmz", name, layer), name, crs, region, layer=layer)


def read_dxf(data: bytes, name: str, crs: CRS | None, region: Region, layer: str | None = None) -> Opened:
    """The closed polylines of an ASCII DXF as parcels, inner ones as holes, or its open ones as lines where none is
    closed; those of one CAD layer where it is asked for.

    Raises
    ------
    BadSite
        ``crs-needed`` without `crs`: a drawing states none; ``format-mismatch``, ``dxf-invalid``, ``dxf-units``,
        ``dxf-no-polylines``, ``dxf-nesting``, ``curve-unsupported``, ``layer-unknown``, ``encoding-unknown``,
        ``file-open-limit``, ``site-too-large``.
    """
    if data.startswith((_DXF_BINARY, _DWG)):
        kind = Bilingual("二进制 DXF 或 DWG", "a binary DXF or a DWG")
        text = Bilingual(
            "文件“{f}”是{kind}。请在 CAD 中另存为 ASCII（文本）DXF。",
            "“{f}” is {kind}. Save it as an ASCII (text) DXF in the CAD program.",
        )
        raise BadSite("format-mismatch", text.format(f=name, kind=kind), file=name)
    if not _begins_as_dxf(data):
        raise mismatch(name, "DXF")
    return holes_cut(opened_of(_table(data, ".dxf", name, layer), name, crs, region, layer=layer), name)


def _begins_as_dxf(data: bytes) -> bool:
    """Whether the first group that is no comment (999) begins a section."""
    lines = [line.strip() for line in data[:4096].removeprefix(b"\xef\xbb\xbf").splitlines()]
    for code, value in zip(lines[::2], lines[1::2], strict=False):
        if code != b"999":
            return (code, value) == (b"0", b"SECTION")
    return False


def _table(data: bytes, kind: str, name: str, layer: str | None = None) -> Table:
    try:
        return open_guarded(data, kind, name=name, layer=layer, limits=LIMITS)
    except Fault as fault:
        raise refusal(fault, name) from fault
