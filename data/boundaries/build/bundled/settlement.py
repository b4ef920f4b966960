"""County planning areas, industrial parks and no-coal zones as blocks of cells; positions are plausible, not surveyed."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from bundled.divisions import county_codes
from bundled.grid import COLUMNS, ROWS, SOUTH, WEST, Cell, Ground, Mask, cell_of, disc, grown

PARKS = {
    "140121": ("清徐经济开发区", "shanxi-province:284"),
    "140321": ("平定县经济技术开发区", "shanxi-province:302"),
    "140427": ("壶关经济开发区", "shanxi-province:316"),
    "140521": ("沁水经济技术开发区", "qinshui-county:541"),
    "140781": ("介休经济开发区", "shanxi-province:284"),
    "140824": ("稷山经济技术开发区", "jishan-county:9"),
    "140826": ("绛县经济开发区", "jiang-county:546"),
    "141002": ("尧都高新技术产业开发区", "linfen-city:342"),
    "141081": ("侯马经济开发区", "linfen-city:342"),
}
"""Parks that the plans name, by county; their extents are not in the plans."""

CITY_SEATS = (
    "140105",
    "140213",
    "140302",
    "140403",
    "140502",
    "140602",
    "140702",
    "140802",
    "140902",
    "141002",
    "141102",
)
NO_COAL = (*CITY_SEATS, "140521", "140824", "140826", "141081")
"""Counties with an illustrative no-coal zone round their planning area."""


def seats(ground: Ground) -> dict[str, Cell]:
    """The cell of each county's seat: as listed, else the lowest cell within 12 km of the county's middle."""
    with Path(__file__).with_name("seats.csv").open(encoding="utf-8") as file:
        found = {row["code"]: cell_of(float(row["lon"]), float(row["lat"])) for row in csv.DictReader(file)}
    for index, code in enumerate(county_codes()):
        if code in found:
            continue
        middle = ground.counties[index].representative_point()
        near = disc(round(middle.x, 4), round(middle.y, 4), 12.0) & ground.within(code)
        cells = np.argwhere(near)
        row, column = cells[np.argmin(ground.height[near], axis=0)]
        found[code] = (int(row), int(column))
    return found


def planning_areas(ground: Ground, seat_cells: dict[str, Cell], reserved: Mask) -> dict[str, Mask]:
    """One compact block for each county round its seat: about 9 km², for city seats about 40 km²."""
    result = {}
    for code, (row, column) in sorted(seat_cells.items()):
        radius = 3.6 if code in CITY_SEATS else 1.6
        block = disc(WEST + (column + 0.5) / 100, SOUTH + (row + 0.5) / 100, radius)
        result[code] = block & ground.within(code) & ~reserved
    return result


def parks(ground: Ground, seat_cells: dict[str, Cell], planning: dict[str, Mask], reserved: Mask) -> dict[str, Mask]:
    """For each named park a block of 3 × 2 cells on the lowest, smoothest free ground 4–10 cells from the seat."""
    taken = reserved | grown(np.logical_or.reduce(list(planning.values())), 1) | (ground.river_km < 2.5)
    result = {}
    for code in sorted(PARKS):
        row, column = seat_cells[code]
        free = ground.within(code) & ground.inner & ~taken
        best: tuple[float, Cell] | None = None
        for v in range(row - 10, row + 11):
            for u in range(column - 10, column + 10):
                far = max(abs(v - row), abs(u - column))
                block = np.s_[v : v + 2, u : u + 3]
                if far < 4 or not free[block].all():
                    continue
                cost = float((ground.height + ground.roughness)[block].sum()) + 100 * far
                if best is None or cost < best[0]:
                    best = (cost, (v, u))
        if best is None:
            raise ValueError(f"no free ground for a park in {code}")
        mask = np.zeros((ROWS, COLUMNS), dtype=bool)
        v, u = best[1]
        mask[v : v + 2, u : u + 3] = True
        result[code] = mask
    return result


def no_coal_zones(ground: Ground, planning: dict[str, Mask], reserved: Mask) -> dict[str, Mask]:
    """The planning area and the cells beside it, in the listed counties."""
    return {code: grown(planning[code], 1) & ground.within(code) & ~reserved for code in NO_COAL}
