"""Illustrative ecological red lines: ground high over its surroundings and away from towns, brought to published areas."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from bundled.divisions import county_codes
from bundled.grid import (
    COLUMNS,
    KM_EAST,
    KM_NORTH,
    ROWS,
    Cell,
    Floats,
    Ground,
    Mask,
    corner,
    disc,
    grown,
    neighbours,
    outline,
    tidied,
)
from bundled.target import Strip, adjusted, cut, highest, ranked
from zoning.measure import ellipsoidal_area

JIANG = "140826"
JIANG_M2 = 387.97e6
"""Red-line area of Jiang county (jiang-county.txt, line 235)."""
PROVINCE_SHARE = 0.2195
"""Red-line share of the province's area."""
LEAST_SHARE = 0.04
LEAST_COUNTY_M2 = 150e6
"""Counties larger than this that would have next to no red line are given about this share, so that each can show it."""
GRID = 1e-7


@dataclass(frozen=True)
class RedLine:
    """Cells of the red line, and the strips cut from them to meet the two published figures."""

    mask: Mask
    strips: tuple[Strip, ...]

    @property
    def polygon(self) -> shapely.Geometry:
        """The red line of the province and its rim, not yet clipped to counties."""
        strips = [strip.polygon for strip in self.strips]
        return shapely.difference(outline(self.mask), shapely.union_all(strips), grid_size=GRID)


def clipped_area(polygon: shapely.Geometry, clip: shapely.Geometry) -> float:
    """Ellipsoidal area of a polygon inside another, m²."""
    return float(ellipsoidal_area([shapely.intersection(polygon, clip, grid_size=GRID)])[0])


def score_of(ground: Ground, seats: dict[str, Cell]) -> Floats:
    """Height over the lowest ground within 15′, less 50 m for each kilometre that a county seat is nearer than 12 km."""
    y, x = np.mgrid[0:ROWS, 0:COLUMNS]
    near = np.full((ROWS, COLUMNS), 12.0)
    for _, (row, column) in sorted(seats.items()):
        near = np.minimum(near, np.sqrt(((x - column) * KM_EAST) ** 2 + ((y - row) * KM_NORTH) ** 2))
    return np.asarray(np.round(ground.height - 50 * (12 - near), 1), dtype=np.float64)


def _hill(ground: Ground, score: Floats, candidates: Mask, index: int) -> Mask:
    """A round patch of about the least share of a county, on its highest ground away from its boundary."""
    inside = ground.county == index
    radius = np.sqrt(LEAST_SHARE * float(ground.county_area[index]) / np.pi) / 1000
    deep = inside
    while True:
        smaller = deep & ~grown(~deep, 1)
        if not (smaller & candidates).any() or np.count_nonzero(~smaller & inside) > 0.7 * np.count_nonzero(inside):
            break
        deep = smaller
    row, column = ranked(deep & candidates, score)[0]
    west, south = corner(row, column)
    return np.asarray(disc(west + 0.005, south + 0.005, radius) & inside & candidates)


def _first_choice(ground: Ground, score: Floats, candidates: Mask) -> tuple[Mask, Mask]:
    """The highest scores of the province with a hill in each county that would have next to none; and those hills."""
    jiang = ground.within(JIANG)
    total = PROVINCE_SHARE * float(ground.county_area.sum()) - JIANG_M2
    hills = np.zeros_like(candidates)
    chosen = tidied(highest(score, candidates & ~jiang, ground, total), 30)
    for index, code in enumerate(county_codes()):
        area, held = float(ground.county_area[index]), chosen & (ground.county == index)
        if code != JIANG and area > LEAST_COUNTY_M2 and float(ground.area[held].sum()) < LEAST_SHARE / 2 * area:
            hills |= _hill(ground, score, candidates, index)
    total -= float(ground.area[hills & ~chosen].sum())
    chosen = tidied(highest(score, candidates & ~jiang, ground, total), 30)
    chosen |= tidied(highest(score, candidates & jiang, ground, JIANG_M2), 30)
    return (chosen | hills) & candidates, hills


def draw(ground: Ground, seats: dict[str, Cell], province: shapely.Geometry, excluded: Mask, wanted: Mask) -> RedLine:
    """Draw the red line outside `excluded`, with the cells `wanted` in it.

    The area inside Jiang county is 387.97 km² and the area inside the province 21.95 % of it, both ellipsoidal and both
    to the width of a strip rounded to 1e-7° (about 10 m²).
    """
    candidates = (ground.county >= 0) & ~excluded
    score = score_of(ground, seats)
    mask, hills = _first_choice(ground, score, candidates)
    mask |= wanted & candidates
    kept = hills | wanted
    jiang_polygon = ground.counties[county_codes().index(JIANG)]
    jiang = ground.within(JIANG) & ground.inner & candidates & ~kept
    elsewhere = ground.inner & candidates & ~ground.within(JIANG) & ~kept

    excess = clipped_area(outline(mask), jiang_polygon) - JIANG_M2
    mask, excess = adjusted(mask, excess, score, jiang, ground)
    jiang_strip = cut(mask, excess, score, jiang, ground)

    target = PROVINCE_SHARE * float(ground.county_area.sum())
    excess = clipped_area(RedLine(mask, (jiang_strip,)).polygon, province) - target
    mask, excess = adjusted(mask, excess, score, elsewhere & ~neighbours(ground.within(JIANG)), ground)
    strip = cut(mask, excess, score, elsewhere, ground)
    return RedLine(mask, tuple(sorted((jiang_strip, strip), key=lambda each: each.cell)))
