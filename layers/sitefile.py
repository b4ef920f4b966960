"""Opens a user's site file of any kind read here, from a path, bytes or an HTTP body; the reading itself is
`zoning.site`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePath
from typing import Any

from layers.corner_points import read_corner_points
from layers.declared_crs import agreed
from layers.door.choice import unknown_layer
from layers.door.zipped import is_zip
from layers.geojson import read_geojson
from layers.guarded import read_dxf, read_geojson_file, read_gpkg, read_kml, read_kmz, read_shapefile
from layers.opened import CRS, LayeredReader, Opened, Reader
from layers.point_table import read_point_table
from layers.wkt import read_wkt
from zoning.bilingual import Bilingual
from zoning.errors import BadSite
from zoning.placement import SHANXI, Region
from zoning.site import Site, read_site

MOST_BYTES = 50 * 1024 * 1024
_FORMATS = Bilingual(
    "GeoJSON（.geojson、.json）、打包成 .zip 的 Shapefile、GeoPackage（.gpkg）、KML（.kml、.kmz）、DXF（.dxf）、"
    "界址点文本（.txt）、点表（.csv）、WKT（.wkt）",
    "GeoJSON (.geojson, .json), a Shapefile in a .zip, GeoPackage (.gpkg), KML (.kml, .kmz), DXF (.dxf), "
    "corner-point text (.txt), a table of points (.csv), WKT (.wkt)",
)
_JSON = (".geojson", ".json")
_OTHER_ARCHIVES = (".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst")


def read_site_file(
    path: Path,
    *,
    crs: CRS | None = None,
    layer: str | None = None,
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
    return read_site_bytes(
        data, path.name, crs=crs, layer=layer, accuracy_m=accuracy_m, half_width_m=half_width_m, region=region
    )


def read_site_bytes(
    data: bytes,
    filename: str,
    *,
    crs: CRS | None = None,
    layer: str | None = None,
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
        Overrides what the file says, but for a datum of the past: that stays a refusal.
    layer
        Which layer of a GeoPackage, KMZ, zipped Shapefile or DXF is the site; needed where several have features.
    accuracy_m, half_width_m, region
        As `zoning.site.read_site`.

    Raises
    ------
    BadSite
        ``file-empty``, ``file-too-large``, ``format-unsupported``, ``layer-unknown``, ``site-empty``, ``datum-*`` by
        what the file says of its CRS, those of the format's reader in `layers.guarded`, `layers.corner_points`,
        `layers.point_table` and `layers.wkt`, and those of `zoning.site.read_site`.
    """
    name = PurePath(filename.replace("\\", "/")).name or "site"
    suffix = PurePath(name).suffix.lower()
    if not data:
        raise BadSite("file-empty", Bilingual("文件“{f}”是空的。", "File “{f}” is empty.").format(f=name), file=name)
    if len(data) > MOST_BYTES:
        raise _too_large(name, len(data))
    reader = _opener(suffix, data, name, layer)
    if reader is not None:
        opened = reader(data, name, crs, region)
        if not opened.parts:
            raise BadSite(
                "site-empty",
                Bilingual(
                    "文件“{f}”里没有图形。请检查导出内容。", "File “{f}” holds no features. Check what was exported."
                ).format(f=name),
                file=name,
            )
        return _read(opened, crs, name, region, accuracy_m=accuracy_m, half_width_m=half_width_m)
    text = Bilingual("不能读取“{f}”。可读：{formats}。", "“{f}” is not a kind of file read here. Read: {formats}.")
    if suffix in (".shp", ".shx", ".dbf"):
        text = Bilingual(
            "“{f}”只是 Shapefile 的一部分，请把 .shp、.shx、.dbf、.prj 打包成一个 .zip。可读：{formats}。",
            "“{f}” is one part of a Shapefile; zip its .shp, .shx, .dbf and .prj together. Read: {formats}.",
        )
    elif suffix in _OTHER_ARCHIVES:
        text = Bilingual(
            "“{f}”是 ZIP 以外的压缩包。请解压后直接提交其中的文件，Shapefile 打包成 .zip。可读：{formats}。",
            "“{f}” is an archive other than a zip. Unpack it and send the file in it, a Shapefile as a .zip. "
            "Read: {formats}.",
        )
    raise BadSite("format-unsupported", text.format(f=name, formats=_FORMATS), file=name, value=suffix)


_LAYERED: Mapping[str, LayeredReader] = {
    ".zip": read_shapefile,
    ".gpkg": read_gpkg,
    ".kmz": read_kmz,
    ".dxf": read_dxf,
}
"""How each kind of file that has layers is opened, by suffix."""
_PLAIN: Mapping[str, Reader] = {
    ".geojson": read_geojson_file,
    ".json": read_geojson_file,
    ".kml": read_kml,
    ".txt": read_corner_points,
    ".csv": read_point_table,
    ".wkt": read_wkt,
}
"""The same for kinds without layers."""


def _opener(suffix: str, data: bytes, name: str, layer: str | None) -> Reader | None:
    """The reader of a suffix, told its layer; none where the content is plainly something else."""
    if suffix in _JSON and is_zip(data):
        return None
    if (layered := _LAYERED.get(suffix)) is not None:
        return partial(layered, layer=layer)
    if suffix in _PLAIN and layer is not None:
        raise unknown_layer(layer, (), name)
    return _PLAIN.get(suffix)


def read_site_geojson(
    obj: Mapping[str, Any],
    *,
    crs: CRS | None = None,
    accuracy_m: float = 0.0,
    half_width_m: float | None = None,
    region: Region = SHANXI,
) -> Site:
    """The site in an already parsed GeoJSON geometry, Feature or FeatureCollection; parameters as `read_site_bytes`."""
    return _read(read_geojson(obj, region), crs, None, region, accuracy_m=accuracy_m, half_width_m=half_width_m)


def _read(opened: Opened, crs: CRS | None, name: str | None, region: Region, **stated: Any) -> Site:
    chosen, notices = agreed(opened.crs, crs, name)
    site = read_site(opened.parts, crs=chosen, region=region, **stated)
    return replace(site, notices=(*opened.notices, *notices, *site.notices))


def _too_large(name: str, size: int) -> BadSite:
    text = Bilingual("文件“{f}”有 {mb} MB，最多 50 MB。", "File “{f}” has {mb} MB; at most 50 MB are read.")
    return BadSite("file-too-large", text.format(f=name, mb=f"{size / 1024**2:.1f}"), file=name, value=size)
