"""Relief and hillshade rasters of the region from ETOPO5, as Cloud-Optimised GeoTIFF; it draws no boundary."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import numpy.typing as npt
import rasterio
import rasterio.shutil
from affine import Affine
from rasterio.io import MemoryFile

from .relief import Floats, read_classic

WEST, SOUTH, EAST, NORTH = 102, 31, 123, 44
"""Degrees: Shanxi in the middle, and as much around it as a wide screen shows when the whole province is in view."""
NODES = 12
"""Nodes of ETOPO5 on a degree."""
FINER = 5
"""Hillshade cells on a side of one relief cell: 1 minute of arc."""
_EXAGGERATION = 16.0
_SMOOTHINGS = 2
"""Passes of the 1-4-6-4-1 kernel over the nodes: together a bell of 7′ standard deviation, wider than the source's own steps."""
_MARGIN = 3 + 2 * _SMOOTHINGS
_LIGHTS = ((-0.5, 0.5, 0.5), (-0.70710678, 0.0, 0.25), (0.0, 0.70710678, 0.25))
"""Unit direction east and north of the light, times cos 45°, and its weight: north-west, then west and north."""
_UP = 0.70710678
_DEGREE_M = 111_195.0


def _window(path: Path, margin: int) -> Floats:
    """Elevation in whole metres, north first, of all nodes in the region and so many more on each side."""
    variables = read_classic(path)
    grid = next(array for array in variables.values() if array.ndim == 2)
    x_axis, y_axis = (next(a for a in variables.values() if a.shape == (n,)) for n in grid.shape[::-1])
    left, low = (int(np.abs(axis - start).argmin()) for axis, start in ((x_axis, WEST), (y_axis, SOUTH)))
    if abs(x_axis[left] - WEST) > 1e-3 or abs(y_axis[low] - SOUTH) > 1e-3:
        raise ValueError("the nodes are not where they are expected")
    right, high = left + (EAST - WEST) * NODES, low + (NORTH - SOUTH) * NODES
    return grid[low - margin : high + 1 + margin, left - margin : right + 1 + margin][::-1]


def _weights(at: Floats) -> tuple[Floats, Floats]:
    """Weights of the four nodes around, and of their slope, of a uniform cubic B-spline at 0 ≤ at < 1; shape (n, 4)."""
    t = at
    value = np.stack([(1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3], axis=-1) / 6
    slope = np.stack([-((1 - t) ** 2), 3 * t**2 - 4 * t, -3 * t**2 + 2 * t + 1, t**2], axis=-1) / 2
    return value, slope


def _along(field: Floats, weights: Floats, first: npt.NDArray[np.int64]) -> Floats:
    """The rows of `field` combined with four weights for each row wanted."""
    return np.asarray(sum(weights[:, k, None] * field[first + k] for k in range(4)))


def _smoothed(field: Floats) -> Floats:
    """The nodes softened; each pass takes two of them off every side."""
    for _ in range(_SMOOTHINGS):
        for _ in range(2):  # down, then across
            n = field.shape[0] - 4
            parts = (w * field[k : k + n] for k, w in enumerate((1, 4, 6, 4, 1)))
            field = np.asarray(sum(parts)).T / 16
    return field


def _shade(field: Floats) -> npt.NDArray[np.uint8]:
    """Brightness 1–255 of the smooth surface over nodes (three spare ones on each side), FINER cells a node each way."""
    rows, columns = (n - 6 for n in field.shape)
    offset = (np.arange(FINER) + 0.5) / FINER - 0.5
    places = [(np.arange(n)[:, None] + offset).ravel() + 3 for n in (rows, columns)]
    first = [np.floor(p).astype(np.int64) - 1 for p in places]
    down, across = (_weights(p - f - 1) for p, f in zip(places, first, strict=True))
    level = _along(field, down[0], first[0]).T
    fall = _along(field, down[1], first[0]).T
    metres = _DEGREE_M / NODES
    latitude = NORTH - (places[0] - 3) / NODES
    shrink = np.array([math.cos(math.radians(one)) for one in latitude])[:, None]
    east = _along(level, across[1], first[1]).T / (metres * shrink) * _EXAGGERATION
    north = -_along(fall, across[0], first[1]).T / metres * _EXAGGERATION
    length = np.sqrt(1 + east**2 + north**2)
    light = sum(w * np.maximum((_UP - x * east - y * north) / length, 0) for x, y, w in _LIGHTS)
    return np.asarray(np.clip(np.round(1 + 254 * np.asarray(light)), 1, 255), dtype=np.uint8)


def _cog(path: Path, values: npt.NDArray[np.generic], *, nodata: float, west: float, north: float, cell: float) -> None:
    """Write one band as a COG in EPSG:4490. LZW, because its output does not depend on a library's effort settings."""
    profile = {
        "driver": "GTiff", "count": 1, "dtype": values.dtype.name, "height": values.shape[0], "width": values.shape[1],
        "crs": "EPSG:4490", "transform": Affine(cell, 0, west, 0, -cell, north), "nodata": nodata,
    }  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    with rasterio.Env(GDAL_NUM_THREADS=1, GDAL_PAM_ENABLED=False), MemoryFile() as memory:
        with memory.open(**profile) as band:
            band.write(values, 1)
        with memory.open() as band:
            options = {"COMPRESS": "LZW", "PREDICTOR": "YES", "BLOCKSIZE": 256, "OVERVIEW_RESAMPLING": "AVERAGE"}
            rasterio.shutil.copy(band, path, driver="COG", **options)


def write(source: Path, folder: Path) -> None:
    """Write `relief.tif` (metres, int16, 5′ as in ETOPO5) and `hillshade.tif` (1–255, 1′) into a folder.

    The hillshade is made of a cubic B-spline over nodes smoothed with a bell of about 12 km, because ETOPO5 has steps of up to a
    degree here; slopes are those of that spline, sixteen times exaggerated, lit from the north-west, softened from west and north.
    """
    nodes = _window(source, _MARGIN)
    cell = 1 / NODES
    west, north = WEST - cell / 2, NORTH + cell / 2
    heights = np.round(nodes[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN]).astype(np.int16)
    _cog(folder / "relief.tif", heights, nodata=-32768, west=west, north=north, cell=cell)
    _cog(folder / "hillshade.tif", _shade(_smoothed(nodes)), nodata=0, west=west, north=north, cell=cell / FINER)
