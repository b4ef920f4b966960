"""Illustrative protected areas: a core and a general control zone on the highest red-line ground of some counties."""

from __future__ import annotations

import numpy as np

from bundled.grid import Cell, Floats, Ground, Mask, corner, disc
from bundled.target import ranked

_SPREAD = """
140123 140222 140224 140321 140423 140431 140521 140524 140722 140723 140826 140827 140830 140922 140925
140930 141027 141029 141033 141122 141124 141128
"""
COUNTIES = tuple(_SPREAD.split())
"""Counties that are given one, where there is red line enough; chosen to be spread over the province."""
GENERAL_KM, CORE_KM = 4.6, 2.0


def draw(ground: Ground, score: Floats, red: Mask) -> dict[str, tuple[Mask, Mask]]:
    """(core, general) cells by county: round patches inside the red line; the two do not overlap."""
    result = {}
    for code in COUNTIES:
        own = red & ground.within(code) & ground.inner
        best: tuple[int, Cell] | None = None
        for row, column in ranked(own, score)[:150]:
            west, south = corner(row, column)
            held = int(np.count_nonzero(disc(west + 0.005, south + 0.005, GENERAL_KM) & own))
            if best is None or held > best[0]:
                best = (held, (row, column))
        if best is None or best[0] < 12:
            continue
        west, south = corner(*best[1])
        general = disc(west + 0.005, south + 0.005, GENERAL_KM) & own
        core = disc(west + 0.005, south + 0.005, CORE_KM) & general
        result[code] = core, general & ~core
    return result
