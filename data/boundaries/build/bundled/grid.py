"""The regular 0.01° grid on which the illustrative layers are drawn, and what is known of each cell; it selects nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import shapely

from bundled.divisions import Geometries, county_codes
from bundled.relief import read_relief
from bundled.rivers import River
from zoning.measure import ellipsoidal_area, segments

WEST, SOUTH, COLUMNS, ROWS = 110, 34, 480, 690
"""South-west corner (degrees) and size (cells of 0.01°) of the grid."""

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Cell = tuple[int, int]
"""Row from the south, column from the west."""

KM_NORTH = 1.11
KM_EAST = 0.90
"""Kilometres in 0.01° of latitude, and of longitude at 36° N: for rough distances that only shape illustrations."""


def cell_of(lon: float, lat: float) -> Cell:
    """The cell that holds a position."""
    return int(np.floor(round((lat - SOUTH) * 100, 6))), int(np.floor(round((lon - WEST) * 100, 6)))


def corner(row: int, column: int) -> tuple[float, float]:
    """Longitude and latitude of a cell's south-west corner."""
    return round(WEST + column / 100, 2), round(SOUTH + row / 100, 2)


def boxes(mask: Mask) -> Geometries:
    """The cells of a mask as polygons, in row order."""
    rows, columns = np.nonzero(mask)
    west, south = np.round(WEST + columns / 100, 2), np.round(SOUTH + rows / 100, 2)
    east, north = np.round(WEST + (columns + 1) / 100, 2), np.round(SOUTH + (rows + 1) / 100, 2)
    return np.asarray(shapely.box(west, south, east, north), dtype=object)


def outline(mask: Mask) -> shapely.Geometry:
    """The polygon of a mask, without the corners between cells in a row."""
    return shapely.normalize(shapely.simplify(shapely.coverage_union_all(boxes(mask)), 0))


def disc(lon: float, lat: float, radius_km: float) -> Mask:
    """Cells whose centre is within `radius_km` of a position."""
    row, column = cell_of(lon, lat)
    reach = int(radius_km / KM_EAST) + 2
    rows = slice(max(0, row - reach), min(ROWS, row + reach + 1))
    columns = slice(max(0, column - reach), min(COLUMNS, column + reach + 1))
    y, x = np.mgrid[rows, columns]
    east = (x + 0.5 - (lon - WEST) * 100) * KM_EAST
    north = (y + 0.5 - (lat - SOUTH) * 100) * KM_NORTH
    result = np.zeros((ROWS, COLUMNS), dtype=bool)
    result[rows, columns] = np.round(east * east + north * north, 6) <= radius_km * radius_km
    return result


def neighbours(mask: Mask) -> Mask:
    """Cells that share a side with a cell of the mask (cells of the mask may be among them)."""
    padded = np.pad(mask, 1)
    return padded[2:, 1:-1] | padded[:-2, 1:-1] | padded[1:-1, 2:] | padded[1:-1, :-2]


def grown(mask: Mask, cells: int) -> Mask:
    """The mask and all cells within so many side steps of it."""
    for _ in range(cells):
        mask = mask | neighbours(mask)
    return mask


def components(mask: Mask) -> Iterable[list[Cell]]:
    """Groups of cells connected by sides, in row order of their first cell."""
    left = mask.copy()
    rows, columns = mask.shape
    for row, column in np.argwhere(mask):
        if not left[row, column]:
            continue
        left[row, column] = False
        group, at = [(int(row), int(column))], 0
        while at < len(group):
            y, x = group[at]
            at += 1
            for v, u in ((y - 1, x), (y, x - 1), (y, x + 1), (y + 1, x)):
                if 0 <= v < rows and 0 <= u < columns and left[v, u]:
                    left[v, u] = False
                    group.append((v, u))
        yield group


def tidied(mask: Mask, cells: int) -> Mask:
    """The mask without groups, and without holes, smaller than so many cells."""
    result = mask.copy()
    held_rows, held_columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if len(held_rows) == 0:
        return result
    # A rim of empty cells joins whatever is outside the mask into one group, so that only true holes are filled.
    window = np.pad(result[held_rows[0] : held_rows[-1] + 1, held_columns[0] : held_columns[-1] + 1], 1)
    for value in (True, False):
        for group in components(window == value):
            if len(group) < cells and (0, 0) not in group:
                rows, columns = zip(*group, strict=True)
                window[list(rows), list(columns)] = not value
    result[held_rows[0] : held_rows[-1] + 1, held_columns[0] : held_columns[-1] + 1] = window[1:-1, 1:-1]
    return result


@dataclass(frozen=True)
class Ground:
    """What is known of each cell of the grid: arrays of shape (ROWS, COLUMNS)."""

    counties: Geometries
    """County polygons in the order of `county_codes`."""
    county: npt.NDArray[np.int64]
    """Index of the county of the cell's centre, -1 outside the province."""
    inner: Mask
    """The whole cell lies in that county."""
    elevation: Floats
    height: Floats
    """Height over the lowest ground within 15′, m."""
    roughness: Floats
    """Range of elevation within 5′, m."""
    river_km: Floats
    """Rough distance of the cell's centre from the nearest named river, km."""

    @cached_property
    def area(self) -> Floats:
        """Ellipsoidal area of each cell, m²."""
        column = np.zeros((ROWS, COLUMNS), dtype=bool)
        column[:, 0] = True
        return np.repeat(ellipsoidal_area(boxes(column))[:, None], COLUMNS, axis=1)

    @cached_property
    def county_area(self) -> Floats:
        """Ellipsoidal area of each county, m²."""
        return ellipsoidal_area(self.counties)

    def within(self, code: str) -> Mask:
        """Cells whose centre is in a county."""
        return np.asarray(self.county == county_codes().index(code))


def _flat(geometries: object) -> object:
    scale = np.array([KM_EAST, KM_NORTH]) * 100
    return shapely.transform(geometries, lambda xy: xy * scale)


def survey(counties: Geometries, rivers: list[River], relief: Path) -> Ground:
    """Bring counties, rivers and relief to the grid."""
    lon, lat = WEST + (np.arange(COLUMNS) + 0.5) / 100, SOUTH + (np.arange(ROWS) + 0.5) / 100
    x, y = np.meshgrid(lon, lat)
    county = np.full((ROWS, COLUMNS), -1, dtype=np.int64)
    inner = np.zeros((ROWS, COLUMNS), dtype=bool)
    for index, polygon in enumerate(counties):
        west, south, east, north = polygon.bounds
        (bottom, left), (top, right) = cell_of(west, south), cell_of(east, north)
        window = np.s_[bottom : top + 1, left : right + 1]
        shapely.prepare(polygon)
        county[window] = np.where(shapely.contains_xy(polygon, x[window], y[window]), index, county[window])
        all_cells = np.zeros((ROWS, COLUMNS), dtype=bool)
        all_cells[window] = True
        inner[window] |= shapely.contains_properly(polygon, boxes(all_cells)).reshape(x[window].shape)
    rows, _ = segments(np.asarray([river.line for river in rivers], dtype=object))
    lines = _flat(shapely.linestrings(rows.reshape(-1, 2, 2)))
    centres = _flat(shapely.points(x[county >= 0], y[county >= 0]))
    river_km = np.full((ROWS, COLUMNS), np.inf)
    _, river_km[county >= 0] = shapely.STRtree(lines).query_nearest(centres, return_distance=True, all_matches=False)
    elevation, height, roughness = read_relief(relief, lon, lat)
    return Ground(np.asarray(counties), county, inner, elevation, height, roughness, np.round(river_km, 3))
