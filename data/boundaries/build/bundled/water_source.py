"""Illustrative water-source protection areas: three rings round a point, or round a stretch of river; no real delimitation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from bundled.divisions import county_codes
from bundled.grid import Cell, Ground, Mask, corner, disc
from bundled.redline import GRID
from bundled.rivers import River
from bundled.round_shape import band

RADII_M = (("grade1", 600.0), ("grade2", 1800.0), ("quasi", 3200.0))
"""Classes and outer radii of the rings; illustrations, not the distances of HJ 338."""
ZHANGFENG = shapely.box(112.0, 35.80, 113.0, 35.85)
"""The stretch of the Qin river that stands for 张峰水库: between these latitudes; the plan gives no position."""


@dataclass(frozen=True)
class WaterSource:
    """A water source and its rings, by class, which do not overlap."""

    county: str
    name: str
    plan_line: str | None
    rings: tuple[tuple[str, shapely.Geometry], ...]


NAMED: dict[str, tuple[str, str | None]] = {
    "140826": ("陈村水源地", "jiang-county:210"),
    "140110": ("晋源区水源地", None),
    "140215": ("云州区水源地", None),
    "140405": ("屯留区水源地", None),
    "140522": ("阳城县水源地", None),
    "140722": ("左权县水源地", None),
    "140825": ("新绛县水源地", None),
    "140925": ("宁武县水源地", None),
    "141024": ("洪洞县水源地", None),
    "141125": ("柳林县水源地", None),
}


def _place(ground: Ground, code: str, seat: Cell, taken: Mask) -> shapely.Point:
    """The free cell nearest to the seat with room for the rings."""
    own = ground.within(code)
    cells = np.argwhere(own & ground.inner)
    order = np.argsort(((cells - np.array(seat)) ** 2).sum(axis=1), kind="stable")
    for row, column in cells[order]:
        west, south = corner(int(row), int(column))
        room = disc(west + 0.005, south + 0.005, 3.6)
        if not (room & taken).any() and (room & own).sum() > 0.85 * room.sum():
            return shapely.Point(round(west + 0.005, 3), round(south + 0.005, 3))
    raise ValueError(f"no room for a water source in {code}")


def draw(ground: Ground, seats: dict[str, Cell], rivers: list[River], taken: Mask) -> list[WaterSource]:
    """The rings of each water source, clipped to its county, free of `taken` cells (张峰水库: wherever the river is)."""
    qin = next(river.line for river in rivers if river.code == "R-QIN")
    stretch = shapely.simplify(shapely.intersection(qin, ZHANGFENG), 0.001)
    sources: list[tuple[str, str, str | None, shapely.Geometry]] = [
        ("140521", "张峰水库水源地", "qinshui-county:591", stretch)
    ]
    for code, (name, plan_line) in NAMED.items():
        sources.append((code, name, plan_line, _place(ground, code, seats[code], taken)))
    result = []
    for code, name, plan_line, core in sorted(sources, key=lambda source: source[0]):
        county = ground.counties[county_codes().index(code)]
        inner: shapely.Geometry = shapely.Polygon()
        rings = []
        for kind, radius in RADII_M:
            outer = shapely.intersection(band(core, radius, 0, 5), county, grid_size=GRID)
            rings.append((kind, shapely.difference(outer, inner, grid_size=GRID)))
            inner = outer
        result.append(WaterSource(code, name, plan_line, tuple(rings)))
    return result
