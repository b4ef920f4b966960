"""Illustrative permanent basic farmland: low smooth ground away from towns and red lines; Jishan's total is the published one."""

from __future__ import annotations

import shapely

from bundled.divisions import county_codes
from bundled.grid import Ground, Mask, outline, tidied
from bundled.redline import GRID
from bundled.target import Strip, adjusted, cut, highest
from zoning.measure import ellipsoidal_area

JISHAN = "140824"
JISHAN_M2 = 277.85e6
"""Permanent basic farmland of Jishan county drawn in 2017 (jishan-county.txt, line 58)."""
SHARE = 0.15
"""Share of each other county, where it has that much low ground."""


def draw(ground: Ground, taken: Mask) -> dict[str, list[shapely.Geometry]]:
    """Patches by county, largest numbers of cells joined by sides; all in whole cells inside the county but one strip."""
    score = -(ground.height + ground.roughness)
    free = ground.inner & ~taken & (ground.height < 350)
    result = {}
    for index, code in enumerate(county_codes()):
        own = free & (ground.county == index)
        wanted = JISHAN_M2 if code == JISHAN else SHARE * float(ground.county_area[index])
        mask = tidied(highest(score, own, ground, wanted), 8) & own
        strips: list[Strip] = []
        if code == JISHAN:
            excess = float(ellipsoidal_area([outline(mask)])[0]) - JISHAN_M2
            mask, excess = adjusted(mask, excess, score, own, ground)
            strips.append(cut(mask, excess, score, own, ground))
        if mask.any():
            land = shapely.difference(outline(mask), shapely.union_all([s.polygon for s in strips]), grid_size=GRID)
            result[code] = list(shapely.get_parts(land))
    return result
