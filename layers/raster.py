"""Raster layers held as files: opening them, drawing tiles of them and reading one value. Only catalogued files are opened.

Files are opened read-only by the GeoTIFF driver alone, so nothing in a file can lead to another file or to a network.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import rasterio
from rasterio.errors import RasterioError
from rasterio.vrt import WarpedVRT
from rasterio.warp import transform, transform_bounds
from rasterio.windows import Window
from rio_tiler.errors import RioTilerError
from rio_tiler.io import Reader

from layers.catalogue import BadCatalogue
from layers.png import paletted
from layers.raster_entry import RasterSpec, in_order, read_entry
from layers.settings import settings
from layers.tile_grids import CGCS2000, SRIDS, WEB_MERCATOR, Place, box, mercator, outside
from zoning.bilingual import Bilingual
from zoning.canonical import canonical_json
from zoning.errors import NotFound, ShanheError, Unavailable

TILE: Final = 256
"""Pixels on a side of a tile."""
_ENV: Final[Mapping[str, Any]] = {
    "GDAL_CACHEMAX": 64,  # MB
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_NUM_THREADS": 1,
    "GDAL_PAM_ENABLED": False,
    "GDAL_HTTP_MAX_RETRY": 0,
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
}
_LONLAT: Final = "EPSG:4326"
_LONLATS: Final = (4490, 4326)
"""Taken as one, for they differ by less than a metre."""
_DRAWN: Final[Mapping[str, str]] = {WEB_MERCATOR: "EPSG:3857", CGCS2000: _LONLAT}
Bounds = tuple[float, float, float, float]

_log = logging.getLogger("shanhe")


@dataclass(frozen=True, slots=True)
class Raster:
    """A raster layer whose file was opened once and found to be as its entry says."""

    spec: RasterSpec
    path: Path
    version: str
    """Hash of file and entry: the same version is always drawn the same."""
    bounds: Bounds
    """West, south, east, north in EPSG:4490."""
    crs: str
    cell: tuple[float, float]
    """Width and height of a cell in units of the CRS."""
    cell_m: tuple[float, float]
    """Width and height of a cell in its middle, metres on the ground (to about 0.5 %)."""
    shape: tuple[int, int]

    def as_json(self) -> dict[str, Any]:
        return {
            **self.spec.as_json(),
            "version": self.version,
            "bounds": list(self.bounds),
            "crs": self.crs,
            "cell": list(self.cell),
            "cell_m": [round(one, 1) for one in self.cell_m],
            "shape": list(self.shape),
        }


def _unfit(spec: RasterSpec, zh: str, en: str) -> Unavailable:
    message = Bilingual(f"栅格 {spec.id} 不能使用：{zh}", f"Raster {spec.id} cannot be used: {en}")
    return Unavailable("raster-unavailable", message, file=spec.file)


@contextmanager
def opened(spec: RasterSpec, path: Path) -> Iterator[rasterio.DatasetReader]:
    """The file of a layer, for one piece of work. Raises `Unavailable` ``raster-unavailable`` when it cannot be read."""
    try:
        with rasterio.Env(**_ENV), rasterio.open(path, driver="GTiff") as dataset:
            yield dataset
    except (RasterioError, RioTilerError, OSError) as error:
        raise _unfit(spec, "文件读不出。", "its file cannot be read.") from error


def hold(spec: RasterSpec, folder: Path) -> Raster:
    """Open a layer's file once and hold it against its entry. Raises `Unavailable` when they do not agree."""
    path = (folder / spec.file).resolve()
    if path.parent != folder.resolve():
        raise _unfit(spec, "文件在目录之外。", "its file lies outside the folder.")
    with opened(spec, path) as dataset:
        if dataset.count != 1 or dataset.crs is None or dataset.transform.b or dataset.transform.d:
            raise _unfit(spec, "须为单波段、有坐标系、正北。", "it needs one band, a CRS and north up.")
        if dataset.transform.is_identity or (dataset.crs.is_geographic and dataset.crs.to_epsg() not in _LONLATS):
            raise _unfit(
                spec,
                "须有位置；经纬度只用 EPSG:4490 或 4326。",
                "it needs a place, and degrees only on EPSG:4490 or 4326.",
            )
        nodata = None if dataset.nodata is None else float(dataset.nodata)
        if nodata != spec.nodata and not (nodata is not None and np.isnan(nodata) and spec.nodata is None):
            raise _unfit(spec, f"文件的无值为 {nodata}。", f"nodata of the file is {nodata}.")
        west, south, east, north = transform_bounds(dataset.crs, "EPSG:4490", *dataset.bounds)
        wide, high = dataset.res
        metres = (wide, high)
        if dataset.crs.is_geographic:
            middle = float(np.cos(np.radians((south + north) / 2)))
            metres = (wide * 111_320 * middle, high * 111_132)
        digest = hashlib.sha256(canonical_json(spec.as_json()).encode())
        with path.open("rb") as file:
            for block in iter(lambda: file.read(1 << 20), b""):
                digest.update(block)
        return Raster(
            spec=spec, path=path, version=digest.hexdigest()[:16], bounds=(west, south, east, north),
            crs=dataset.crs.to_string(), cell=(wide, high), cell_m=metres, shape=dataset.shape,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rasters:
    """What a folder holds: public layers by id in display order, and what is wrong with those that cannot be used, by file."""

    good: Mapping[str, Raster]
    broken: Mapping[str, ShanheError]


def in_folder(folder: Path) -> Rasters:
    """The public raster layers of a folder, read again when a file of it changed. One that is broken takes no other with it:
    it is left out and logged with its file."""
    return _read(folder, _stamps(folder))


def _stamps(folder: Path) -> tuple[tuple[str, int, int, int], ...]:
    """Names of the files and what changes when one is written anew."""
    try:
        with os.scandir(folder) as entries:
            files = [one for one in entries if one.name.endswith((".yaml", ".tif"))]
        stats = [(one.name, one.stat(follow_symlinks=False)) for one in files]
    except OSError:
        return ()
    return tuple(sorted((name, stat.st_ino, stat.st_mtime_ns, stat.st_size) for name, stat in stats))


@lru_cache(maxsize=8)
def _read(folder: Path, stamps: tuple[tuple[str, int, int, int], ...]) -> Rasters:
    specs: list[RasterSpec] = []
    broken: dict[str, ShanheError] = {}
    for name, *_ in stamps:
        if name.endswith(".yaml"):
            try:
                specs.append(read_entry(folder / name))
            except BadCatalogue as error:
                broken[name] = error
    found = {}
    for spec in in_order(one for one in specs if one.visibility == "public"):
        try:
            found[spec.id] = hold(spec, folder)
        except Unavailable as error:
            broken[f"{spec.id}.yaml"] = error
    for name, problem in broken.items():
        _log.error("raster layer %s is left out: %s", folder / name, problem.text("en"))
    return Rasters(MappingProxyType(found), MappingProxyType(broken))


def held(folder: Path) -> Mapping[str, Raster]:
    """The public raster layers of a folder that can be used, by id in display order."""
    return in_folder(folder).good


def public() -> Mapping[str, Raster]:
    """The public raster layers of this deployment, in display order."""
    return held(settings().rasters)


def broken() -> Mapping[str, ShanheError]:
    """What is wrong with raster layers of this deployment that are left out, by the file of their entry."""
    return in_folder(settings().rasters).broken


def named(id: str) -> Raster:
    """The public raster layer of that id. Raises `NotFound` ``raster-unknown``, or `Unavailable` where its file is broken; an
    entry that cannot be read does not say that it is public, and is as one that is not there."""
    layers = in_folder(settings().rasters)
    found = layers.good.get(id)
    if found is None:
        if isinstance(error := layers.broken.get(f"{id}.yaml"), Unavailable):
            raise Unavailable(error.type, error.message, **error.where)
        text = Bilingual("没有该栅格图层，或不公开。", "There is no such raster layer, or it is not public.")
        raise NotFound("raster-unknown", text, layer=id[:100])
    return found


def tile(raster: Raster, place: Place) -> bytes | None:
    """A tile as PNG, or None where the layer has nothing at all to show.

    Raises `NotFound` ``tile-outside`` beyond the layer's zoom range or the matrix set.
    """
    spec = raster.spec
    first, last = spec.zoom
    extent = box(place)
    if not first <= place.z <= last:
        raise outside(place)
    left, bottom, right, top = raster.bounds if place.tms == CGCS2000 else mercator(CGCS2000, raster.bounds)
    if extent[0] >= right or extent[2] <= left or extent[1] >= top or extent[3] <= bottom:
        return None
    crs = _DRAWN[place.tms]
    with opened(spec, raster.path) as dataset, _alike(dataset) as alike, Reader(None, dataset=alike) as reader:
        image = reader.part(
            extent, dst_crs=crs, bounds_crs=crs, width=TILE, height=TILE, indexes=1,
            resampling_method=spec.resampling, reproject_method=spec.resampling,
        )  # fmt: skip
    values = image.array[0]
    valid = ~np.ma.getmaskarray(values)
    data = values.data.astype(np.float64)
    valid &= np.isfinite(data)
    if not valid.any():
        return None
    return paletted(spec.style.indices(data, valid), spec.style.palette())


@contextmanager
def _alike(dataset: rasterio.DatasetReader) -> Iterator[rasterio.DatasetReader | WarpedVRT]:
    """The dataset with CGCS2000 called WGS 84, which differs by less than a metre: looking for a shift takes longer than drawing."""
    if dataset.crs.to_epsg() != SRIDS[CGCS2000]:
        yield dataset
        return
    same = {"transform": dataset.transform, "width": dataset.width, "height": dataset.height}
    with WarpedVRT(dataset, src_crs=_LONLAT, crs=_LONLAT, **same) as renamed:
        yield renamed


def value_at(raster: Raster, lon: float, lat: float) -> tuple[float | None, str]:
    """The value of the cell that holds a place (EPSG:4490), not interpolated, and ``value``, ``nodata`` or ``outside``."""
    with opened(raster.spec, raster.path) as dataset:
        x, y = lon, lat
        if not dataset.crs.is_geographic:
            (x,), (y,) = transform("EPSG:4490", dataset.crs, [lon], [lat])
        (wide, high), bounds = dataset.res, dataset.bounds
        column, row = np.floor((x - bounds.left) / wide), np.floor((bounds.top - y) / high)
        if not (0 <= row < dataset.height and 0 <= column < dataset.width):
            return None, "outside"
        cell = dataset.read(1, window=Window(int(column), int(row), 1, 1), masked=True)
    if np.ma.getmaskarray(cell)[0, 0] or not np.isfinite(float(cell.data[0, 0])):
        return None, "nodata"
    return float(cell.data[0, 0]), "value"
