"""Illustrative karst spring domains: a round domain and a round key zone at each of the 19 springs; no real delimitation."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import shapely

from bundled.divisions import county_codes
from bundled.grid import Ground
from bundled.redline import GRID
from bundled.round_shape import band

DOMAIN_M, KEY_M = 9000.0, 2500.0


@dataclass(frozen=True)
class Spring:
    """A spring with its domain (without the key zone) and its key zone, both inside one county."""

    name: str
    county: str
    plan_line: str | None
    domain: shapely.Geometry
    key: shapely.Geometry


def draw(ground: Ground, reserved: shapely.Geometry) -> list[Spring]:
    """All springs in the order of their table; the zones end at the county line and at `reserved`."""
    springs = []
    with Path(__file__).with_name("springs.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            place = shapely.Point(float(row["lon"]), float(row["lat"]))
            county = ground.counties[county_codes().index(row["county"])]
            if not county.contains(place):
                raise ValueError(f"{row['name']} is not in {row['county']}")
            land = shapely.difference(county, reserved, grid_size=GRID)
            whole, key = (shapely.intersection(band(place, r, 0, 5), land, grid_size=GRID) for r in (DOMAIN_M, KEY_M))
            domain = shapely.difference(whole, key, grid_size=GRID)
            springs.append(Spring(row["name"], row["county"], row["plan_line"] or None, domain, key))
    return springs
