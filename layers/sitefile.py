"""Opens a user's site file of any kind read here, from a path, bytes or an HTTP body; the reading itself is
`zoning.site`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any

from layers.corner_points import read_corner_points
from layers.geojson import parse_json, read_geojson
from layers.guarded import read_dxf, read_gpkg, read_kml, read_kmz
from layers.opened import CRS, Opened, Reader
from layers.point_table import read_point_table
from layers.shapefile import read_zipped_shapefile, require_prj
from layers.wkt import read_wkt
from layers.zipped import is_zip
from zoning.bilingual import Bilingual
from zoning.errors import BadSite
from zoning.placement import SHANXI, Region
from zoning.site import RawPart, Site, read_site
from zoning.sitefault import Notice

MOST_BYTES = 50 * 1024 * 1024
_FORMATS = Bilingual(
    "GeoJSON（.geojson、.json）、打包成 .zip 的 Shapefile、GeoPackage（.gpkg）、KML（.kml、.kmz）、DXF（.dxf）、"
    "界址点文本（.txt）、点表（.csv）、WKT（.wkt）",
    "GeoJSON (.geojson, .json), a Shapefile in a .zip, GeoPackage (.gpkg), KML (.kml, .kmz), DXF (.dxf), "
    "corner-point text (.txt), a table of points (.csv), WKT (.wkt)",
)
_JSON = (".geojson", ".json")


def read_site_file(
    path: Path,
    *,
    crs: CRS | None = None,
    accuracy_m: float = 0.0,
    half_width_m: float | None = None,
    region: Region = SHANXI,
) -> Site:
    """The site in a file; parameters and errors as `read_site_bytes`, and ``file-unreadable``."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise _too_large(path.name, path.stat().st_size)
        data = path.read_bytes()
    except OSError as error:
        text = Bilingual("无法读取文件“{f}”：{why}。", "File “{f}” cannot be read: {why}.")
        raise BadSite("file-unreadable", text.format(f=path.name, why=error.strerror or ""), file=path.name) from error
    return read_site_bytes(data, path.name, crs=crs, accuracy_m=accuracy_m, half_width_m=half_width_m, region=region)


def read_site_bytes(
    data: bytes,
    filename: str,
    *,
    crs: CRS | None = None,
    accuracy_m: float = 0.0,
    half_width_m: float | None = None,
    region: Region = SHANXI,
) -> Site:
    """The site in an uploaded file.

    Parameters
    ----------
    data, filename
        The file's bytes and its name as the user knows it; the name is only read for its suffix and for what it says
        of a datum.
    crs
        Overrides what the file says.
    accuracy_m, half_width_m, region
        As `zoning.site.read_site`.

    Raises
    ------
    BadSite
        ``file-empty``, ``file-too-large``, ``format-unsupported``, those of `layers.geojson` and `layers.shapefile`,
        and those of `zoning.site.read_site`.
    """
    name = PurePath(filename.replace("\\", "/")).name or "site"
    suffix = PurePath(name).suffix.lower()
    if not data:
        raise BadSite("file-empty", Bilingual("文件“{f}”是空的。", "File “{f}” is empty.").format(f=name), file=name)
    if len(data) > MOST_BYTES:
        raise _too_large(name, len(data))
    stated = {"accuracy_m": accuracy_m, "half_width_m": half_width_m}
    reader = _reader(suffix, data)
    if reader is not None:
        opened = reader(data, name, crs, region)
        if not opened.parts:
            raise BadSite(
                "site-empty",
                Bilingual("文件“{f}”里没有图形。", "File “{f}” holds no features.").format(f=name),
                file=name,
            )
        return _read(opened.parts, crs or opened.crs, opened.notices, region, **stated)
    text = Bilingual("不能读取“{f}”。可读：{formats}。", "“{f}” is not a kind of file read here. Read: {formats}.")
    if suffix in (".shp", ".shx", ".dbf"):
        text = Bilingual(
            "“{f}”只是 Shapefile 的一部分，请把 .shp、.shx、.dbf、.prj 打包成一个 .zip。可读：{formats}。",
            "“{f}” is one part of a Shapefile; zip its .shp, .shx, .dbf and .prj together. Read: {formats}.",
        )
    raise BadSite("format-unsupported", text.format(f=name, formats=_FORMATS), file=name, value=suffix)


def _zipped(data: bytes, name: str, crs: CRS | None, region: Region) -> Opened:
    content = read_zipped_shapefile(data, name)
    # A file without features is told so before it is asked for its .prj.
    own = require_prj(content, name, region) if crs is None and content.parts else None
    return Opened(content.parts, own, content.notices)


def _json(data: bytes, name: str, _crs: CRS | None, _region: Region) -> Opened:
    obj, notices = parse_json(data, name)
    found = read_geojson(obj, name)
    return Opened(found.parts, found.crs, (*notices, *found.notices))


_READERS: Mapping[str, Reader] = {
    ".geojson": _json,
    ".json": _json,
    ".zip": _zipped,
    ".gpkg": read_gpkg,
    ".kml": read_kml,
    ".kmz": read_kmz,
    ".dxf": read_dxf,
    ".txt": read_corner_points,
    ".csv": read_point_table,
    ".wkt": read_wkt,
}
"""How each kind of file is opened, by suffix."""


def _reader(suffix: str, data: bytes) -> Reader | None:
    """The reader of a suffix; none where the content is plainly something else."""
    if suffix in _JSON and is_zip(data):
        return None
    return _READERS.get(suffix)


def read_site_geojson(
    obj: Mapping[str, Any],
    *,
    crs: CRS | None = None,
    accuracy_m: float = 0.0,
    half_width_m: float | None = None,
    region: Region = SHANXI,
) -> Site:
    """The site in an already parsed GeoJSON geometry, Feature or FeatureCollection; parameters as `read_site_bytes`."""
    found = read_geojson(obj)
    return _read(found.parts, crs or found.crs, found.notices, region, accuracy_m=accuracy_m, half_width_m=half_width_m)


def _read(
    parts: Sequence[RawPart], crs: CRS | None, notices: tuple[Notice, ...], region: Region, **stated: Any
) -> Site:
    site = read_site(parts, crs=crs, region=region, **stated)
    return replace(site, notices=(*notices, *site.notices))


def _too_large(name: str, size: int) -> BadSite:
    text = Bilingual("文件“{f}”有 {mb} MB，最多 50 MB。", "File “{f}” has {mb} MB; at most 50 MB are read.")
    return BadSite("file-too-large", text.format(f=name, mb=f"{size / 1024**2:.1f}"), file=name, value=size)
