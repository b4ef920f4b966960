"""Figures of a raster layer inside a polygon, each cell weighed by the area of it that lies inside; it draws nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import rasterio
import shapely
from rasterio.warp import transform
from rasterio.windows import Window

from layers.raster import Raster, opened
from zoning.bilingual import Bilingual
from zoning.measure import ellipsoidal_area
from zoning.sitefault import VERTICES, too_large

MOST_VERTICES: Final = 20_000
MOST_CELLS: Final = 400_000
_CELLS: Final = Bilingual("所及像元个数", "cells under it")
_STEP: Final = 0.01
"""Degrees between the points that carry a straight edge into a projected CRS."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Statistics:
    """Figures in the layer's unit. All are None where the polygon holds no value. Shares are 0–1 by area."""

    area_m2: float
    """Of the polygon, ellipsoidal."""
    cells: int
    """Cells with a value that lie in the polygon wholly or in part."""
    minimum: float | None
    maximum: float | None
    mean: float | None
    median: float | None
    """The least value under or at which half of the area with values lies."""
    share_nodata: float
    """Of the polygon: cells without a value."""
    share_outside: float
    """Of the polygon: beyond the raster."""
    class_shares: tuple[float, ...]
    """Of the area with values, for each class of the style in order."""


def statistics(raster: Raster, polygon: shapely.Geometry) -> Statistics:
    """Figures of a valid polygon in EPSG:4490. Raises `BadSite` ``site-too-large`` beyond the bounds of this module."""
    vertices = int(shapely.get_num_coordinates(polygon))
    if vertices > MOST_VERTICES:
        raise too_large(VERTICES, vertices, MOST_VERTICES)
    with opened(raster.spec, raster.path) as dataset:
        shape = polygon if dataset.crs.is_geographic else _carried(polygon, dataset)
        window = _under(shape, dataset)
        count = int(window.width) * int(window.height)
        if count > MOST_CELLS:
            raise too_large(_CELLS, count, MOST_CELLS)
        area = float(ellipsoidal_area([polygon])[0])
        if not count:
            return _figures(raster, area, np.empty(0), np.empty(0), inside=0.0)
        cells = dataset.read(1, window=window, masked=True)
        (wide, high), left, top = dataset.res, dataset.bounds.left, dataset.bounds.top
        left, top = left + window.col_off * wide, top - window.row_off * high
        weights = covered(shape, left, top, (wide, high), cells.shape)
        within = shapely.intersection(shape, shapely.box(*dataset.bounds))
        if dataset.crs.is_geographic:
            tops = top - np.arange(cells.shape[0]) * high
            weights *= ellipsoidal_area(shapely.box(left, tops - high, left + wide, tops))[:, None]
            inside = float(ellipsoidal_area(shapely.get_parts(within)).sum())
        else:
            inside = area * float(within.area / shape.area)
    values = cells.data.astype(np.float64)
    held = ~np.ma.getmaskarray(cells) & np.isfinite(values) & (weights > 0)
    if whole := float(weights.sum()):
        weights *= inside / whole  # to square metres: a cell's share is taken in the plane, its area on the ellipsoid
    return _figures(raster, area, values[held], weights[held], inside=inside)


def _carried(polygon: shapely.Geometry, dataset: rasterio.DatasetReader) -> shapely.Geometry:
    def carry(points: Floats) -> Floats:
        return np.column_stack(transform("EPSG:4490", dataset.crs, points[:, 0], points[:, 1]))

    return shapely.make_valid(shapely.transform(shapely.segmentize(polygon, _STEP), carry))


def _under(shape: shapely.Geometry, dataset: rasterio.DatasetReader) -> Window:
    """The cells of the dataset that the shape's box touches; of no width or height where it touches none."""
    (wide, high), bounds = dataset.res, dataset.bounds
    west, south, east, north = shapely.bounds(shape)
    if not np.isfinite([west, south, east, north]).all():  # the CRS does not reach there
        return Window(0, 0, 0, 0)
    first, last = np.floor((west - bounds.left) / wide), np.ceil((east - bounds.left) / wide)
    upper, lower = np.floor((bounds.top - north) / high), np.ceil((bounds.top - south) / high)
    first, last = np.clip((first, last), 0, dataset.width).astype(int)
    upper, lower = np.clip((upper, lower), 0, dataset.height).astype(int)
    return Window(int(first), int(upper), int(last - first), int(lower - upper))


def covered(
    shape: shapely.Geometry, left: float, top: float, cell: tuple[float, float], size: tuple[int, int]
) -> Floats:
    """Share of each cell that lies in a shape, 0–1, row by row from the top, in the plane of the shape's coordinates."""
    (wide, high), (rows, columns) = cell, size
    shares = np.zeros(size)
    edges = left + np.arange(columns + 1) * wide
    for row in range(rows):
        upper, lower = top - row * high, top - (row + 1) * high
        strip = shapely.intersection(shape, shapely.box(edges[0], lower, edges[-1], upper))
        if strip.is_empty:
            continue
        shapely.prepare(strip)
        west, _, east, _ = shapely.bounds(strip)
        first = max(int((west - left) / wide) - 1, 0)
        last = min(int((east - left) / wide) + 2, columns)
        boxes = shapely.box(edges[first:last], lower, edges[first + 1 : last + 1], upper)
        part = shapely.covers(strip, boxes).astype(np.float64)
        cut = (part == 0) & shapely.intersects(strip, boxes)
        part[cut] = np.minimum(shapely.area(shapely.intersection(strip, boxes[cut])) / (wide * high), 1)
        shares[row, first:last] = part
    return shares


def _figures(raster: Raster, area: float, values: Floats, weights: Floats, *, inside: float) -> Statistics:
    """The figures of cells with a value; `inside` is the polygon's area on the raster, m², as `area` and `weights` are."""
    total = float(weights.sum())
    classes = raster.spec.style.classes
    nodata, outside = (_rounded(max(part, 0.0) / area) for part in (inside - total, area - inside))
    if not total:
        return Statistics(area, 0, None, None, None, None, nodata, outside, (0.0,) * len(classes))
    order = np.argsort(values, kind="stable")
    middle = order[np.searchsorted(np.cumsum(weights[order]), total / 2)]
    return Statistics(
        area_m2=area,
        cells=len(values),
        minimum=float(values.min()),
        maximum=float(values.max()),
        mean=float((values * weights).sum() / total),
        median=float(values[middle]),
        share_nodata=nodata,
        share_outside=outside,
        class_shares=tuple(_rounded(float(weights[one.holds(values)].sum()) / total) for one in classes),
    )


def _rounded(share: float) -> float:
    """A share without the last digits, which the cutting of cells leaves behind."""
    return round(share, 6)
