"""Bringing a mask to a given area: whole cells first, then a strip cut from one cell; where it lies is the caller's affair."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from bundled.divisions import DECIMALS
from bundled.grid import Cell, Floats, Ground, Mask, corner, neighbours


@dataclass(frozen=True)
class Strip:
    """A strip cut from the west side of a cell, over the cell's whole height."""

    cell: Cell
    width: float
    """Degrees of longitude, 7 decimals."""

    @property
    def polygon(self) -> shapely.Polygon:
        """The strip."""
        west, south = corner(*self.cell)
        _, north = corner(self.cell[0] + 1, self.cell[1])
        return shapely.box(west, south, round(west + self.width, DECIMALS), north)


def ranked(mask: Mask, score: Floats) -> list[Cell]:
    """Cells of a mask, highest score first; equal scores in row order."""
    cells = np.argwhere(mask)
    order = np.argsort(-score[mask], kind="stable")
    return [(int(row), int(column)) for row, column in cells[order]]


def highest(score: Floats, candidates: Mask, ground: Ground, area_m2: float) -> Mask:
    """The highest candidates whose cells first reach an area, or all candidates if they never do."""
    chosen = np.zeros_like(candidates)
    total = 0.0
    for cell in ranked(candidates, score):
        if total >= area_m2:
            break
        chosen[cell] = True
        total += float(ground.area[cell])
    return chosen


def adjusted(mask: Mask, excess_m2: float, score: Floats, allowed: Mask, ground: Ground) -> tuple[Mask, float]:
    """Add or take away whole `allowed` cells at the edge until the mask exceeds its target by less than one cell.

    `excess_m2` is how far the mask's area is above its target now (negative: below). Returns the new mask and excess.
    """
    mask = mask.copy()
    while excess_m2 < 0:
        cell = ranked(neighbours(mask) & ~mask & allowed, score)[0]
        mask[cell] = True
        excess_m2 += float(ground.area[cell])
    while True:
        edge = ranked(mask & neighbours(~mask) & allowed, score)
        if not edge or float(ground.area[edge[-1]]) > excess_m2:
            return mask, excess_m2
        mask[edge[-1]] = False
        excess_m2 -= float(ground.area[edge[-1]])


def cut(mask: Mask, excess_m2: float, score: Floats, allowed: Mask, ground: Ground) -> Strip:
    """The strip that takes `excess_m2` (less than a cell) from the lowest allowed cell with no western neighbour."""
    west_free = mask.copy()
    west_free[:, 1:] &= ~mask[:, :-1]
    east_held = mask.copy()
    east_held[:, :-1] &= mask[:, 1:]
    cell = ranked(west_free & east_held & allowed, score)[-1]
    return Strip(cell, round(0.01 * excess_m2 / float(ground.area[cell]), DECIMALS))
