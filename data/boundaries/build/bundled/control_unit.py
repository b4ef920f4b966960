"""Illustrative environment control units: a tiling of every county into priority, key and general units; no clause belongs to one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from bundled.arrangement import Arrangement
from bundled.divisions import divisions

CLASSES = {"1": ("priority", "优先保护单元"), "2": ("key", "重点管控单元"), "3": ("general", "一般管控单元")}
ORDER = ("redline", "protected_area", "water_source", "spring_key", "industrial_park", "county_planning_area")
"""The part of the ground that makes a unit, first match first; all else is the county's one general unit."""
CLASS_OF = dict(zip(ORDER, "111122", strict=True)) | {"remainder": "3"}


@dataclass(frozen=True)
class Unit:
    """A control unit: `ZH`, county code, class digit and a serial of 9001–9999 that no real unit has."""

    code: str
    name: str
    county: str
    digit: str
    basis: str
    """What made it: a value of `ORDER`, or `remainder`."""
    geometry: shapely.Geometry


def tile(arrangement: Arrangement, theme: Sequence[str]) -> list[Unit]:
    """Units of all counties; `theme` names the theme of each area of the arrangement."""
    names = np.asarray(theme)
    basis = np.full(len(arrangement.faces), "remainder", dtype=object)
    for kind in reversed(ORDER):
        basis[arrangement.members[:, names == kind].any(axis=1)] = kind
    units = []
    counties = [division for division in divisions() if division.kind == "county"]
    for index, county in enumerate(counties):
        serial = dict.fromkeys(CLASSES, 9000)
        for kind in (*ORDER, "remainder"):
            chosen = (arrangement.county == index) & (basis == kind)
            if not chosen.any():
                continue
            digit = CLASS_OF[kind]
            serial[digit] += 1
            name = f"{county.name}{CLASSES[digit][1]}{serial[digit]}（示意）"
            code = f"ZH{county.code}{digit}{serial[digit]}"
            units.append(Unit(code, name, county.code, digit, kind, arrangement.union(chosen)))
    return units
