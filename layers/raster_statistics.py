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
MOST_PIECES: Final = 4_000_000
"""Pieces that the grid cuts the outline into: some seconds' work. A shape like a comb may be cut at every cell by every edge."""
_AT_ONCE: Final = 250_000
"""Pieces looked at in one go, so that memory stays small."""
_PIECES: Final = Bilingual("轮廓与像元格网相交的段数", "pieces of the outline between cells")
_CELLS: Final = Bilingual("所及像元个数", "cells under it")
_STEP: Final = 0.01
"""Degrees between the points that carry a straight edge into a projected CRS."""
MOST_STEPS: Final = 500_000
"""Such points of one polygon."""

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]


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

    lengths = np.hypot(
        *np.diff(shapely.get_coordinates(polygon), axis=0).T
    )  # from ring to ring too: a bound, no measure
    if (steps := int(np.ceil(lengths / _STEP).sum())) > MOST_STEPS:
        raise too_large(VERTICES, steps, MOST_STEPS)
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
    """Share of each cell that lies in a shape, 0–1, row by row from the top, in the plane of the shape's coordinates.

    Each edge is cut at the lines of the grid and adds the area between it and the window's right side, signed by its direction;
    over a closed ring that leaves what is inside. The work grows with the pieces cut and nothing else. Raises `BadSite`
    ``site-too-large`` when there are more than `MOST_PIECES`.
    """
    rows, columns = size
    starts, ends = _edges(shape, left, top, cell)
    counts = np.column_stack([_crossed(starts[:, n], ends[:, n], size[1 - n]) for n in (0, 1)])
    pieces = counts.sum(axis=1) + 1
    if (total := int(pieces.sum())) > MOST_PIECES:
        raise too_large(_PIECES, total, MOST_PIECES)
    shares = np.zeros(rows * (columns + 1))
    groups = np.cumsum(pieces) // _AT_ONCE
    for group in np.unique(groups):
        some = groups == group
        shares += _signed(starts[some], ends[some], size)
    shares = np.cumsum(shares.reshape(rows, columns + 1), axis=1)[:, :columns]
    # What rounding leaves where nothing is: of positions in the shape's coordinates, and of the sums.
    noise = 1e-15 * float(max(np.abs([left, top]) / cell)) + 1e-16 * (rows + columns) * len(starts)
    shares = np.clip(np.abs(shares), 0, 1)
    shares[shares < noise] = 0
    shares[shares > 1 - noise] = 1
    return shares


def _edges(shape: shapely.Geometry, left: float, top: float, cell: tuple[float, float]) -> tuple[Floats, Floats]:
    """Starts and ends of a shape's edges in cells from the window's corner, right and down; holes run against their rings."""
    polygons = [one for one in shapely.get_parts(shape).tolist() for one in _polygons(one)]
    rings = shapely.get_rings(shapely.orient_polygons(np.asarray(polygons, dtype=object)))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    points = np.column_stack([(points[:, 0] - left) / cell[0], (top - points[:, 1]) / cell[1]])
    same = ring[1:] == ring[:-1]
    return points[:-1][same], points[1:][same]


def _polygons(shape: shapely.Geometry) -> list[shapely.Geometry]:
    """The polygons in it: making a carried shape valid may leave lines beside them."""
    if shape.geom_type == "Polygon":
        return [] if shape.is_empty else [shape]
    return [one for part in getattr(shape, "geoms", ()) for one in _polygons(part)]


def _crossed(start: Floats, end: Floats, last: int) -> Indices:
    """How many of the lines 0, 1, … `last` lie strictly between two positions."""
    low, high = np.minimum(start, end), np.maximum(start, end)
    first, beyond = np.clip(np.floor(low) + 1, 0, last + 1), np.clip(np.ceil(high), 0, last + 1)
    count: Indices = np.maximum(beyond - first, 0).astype(np.int64)
    return count


def _signed(starts: Floats, ends: Floats, size: tuple[int, int]) -> Floats:
    """What some edges add to each cell and, in the column after the last, beyond; summed from the left they are shares."""
    rows, columns = size
    number = len(starts)
    at: list[Floats] = [np.zeros(number), np.ones(number)]
    owner: list[Indices] = [np.arange(number)] * 2
    for n, last in ((0, columns), (1, rows)):
        count = _crossed(starts[:, n], ends[:, n], last)
        edge = np.repeat(np.arange(number), count)
        first = np.clip(np.floor(np.minimum(starts[:, n], ends[:, n])) + 1, 0, last + 1)
        line = first[edge] + np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
        at.append((line - starts[edge, n]) / (ends[edge, n] - starts[edge, n]))
        owner.append(edge)
    place, edge = np.concatenate(at), np.concatenate(owner)
    order = np.lexsort((place, edge))
    place, edge = place[order], edge[order]
    points = starts[edge] + (ends[edge] - starts[edge]) * place[:, None]
    points[place == 1] = ends[edge[place == 1]]
    points = np.clip(points, 0, (columns, rows))
    same = edge[1:] == edge[:-1]
    one, two = points[:-1][same], points[1:][same]
    down, middle = two[:, 1] - one[:, 1], (one + two) / 2
    column = np.minimum(np.floor(middle[:, 0]), columns).astype(np.int64)
    row = np.minimum(np.floor(middle[:, 1]), rows - 1).astype(np.int64)
    here = down * (column + 1 - middle[:, 0])
    cell = row * (columns + 1) + column
    whole = rows * (columns + 1)
    inner = column < columns
    added = np.bincount(cell, here, whole) + np.bincount(cell[inner] + 1, (down - here)[inner], whole)
    return np.asarray(added, dtype=np.float64)


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
