"""Illustrative groundwater zones: over-exploited blocks round plain towns, and surface-supplied land along the Fen."""

from __future__ import annotations

import shapely

from bundled.divisions import county_codes
from bundled.grid import SOUTH, WEST, Cell, Ground, Mask, disc, outline
from bundled.redline import GRID
from bundled.rivers import River
from bundled.round_shape import band

OVEREXPLOITED = ("140105", "140728", "140781", "140802", "140821", "140881", "141002", "140824")
SURFACE_SUPPLY = ("140824", "140825", "141023", "141024")
SUPPLY_M = 4000.0
"""Width on each bank of the Fen that a surface scheme is taken to supply."""


def draw(
    ground: Ground, seats: dict[str, Cell], rivers: list[River], taken: Mask
) -> list[tuple[str, str, shapely.Geometry]]:
    """(county, class, polygon) of each zone, inside its county and outside `taken`; the classes do not overlap."""
    fen = next(river.line for river in rivers if river.code == "R-FEN")
    supplied = band(fen, SUPPLY_M, 300, 4)
    hole = outline(taken)
    result = []
    for code in sorted({*OVEREXPLOITED, *SURFACE_SUPPLY}):
        county = ground.counties[county_codes().index(code)]
        land = shapely.difference(county, hole, grid_size=GRID)
        if code in SURFACE_SUPPLY:
            result.append((code, "surface_supply", shapely.intersection(land, supplied, grid_size=GRID)))
        if code in OVEREXPLOITED:
            row, column = seats[code]
            south = 9 if code in SURFACE_SUPPLY else 0
            centre = WEST + (column + 0.5) / 100, SOUTH + (row - south + 0.5) / 100
            block = outline(disc(*centre, 6.0))
            land = shapely.difference(land, supplied, grid_size=GRID) if code in SURFACE_SUPPLY else land
            result.append((code, "overexploited", shapely.intersection(land, block, grid_size=GRID)))
    return result
