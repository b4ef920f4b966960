"""Drawing the illustrative areas in order, each clear of those before it where it must be; it names no feature."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

from bundled import farmland, groundwater, protected_area, redline, settlement, spring, water_source
from bundled.grid import COLUMNS, ROWS, Ground, Mask, disc, grown, outline
from bundled.rivers import River

QIN_PATCH = (112.475, 35.685, 3.4)
"""A round red-line patch across the Qin river (longitude, latitude, km), so that a crossing line can be shown."""


@dataclass(frozen=True)
class Area:
    """An area that takes part in the common noding: its theme, what it belongs to, and its outline."""

    theme: str
    key: str
    polygon: shapely.Geometry


@dataclass(frozen=True)
class Drawing:
    """All illustrative areas: those noded together, and those that stand alone."""

    areas: tuple[Area, ...]
    protected: tuple[str, ...]
    """Counties with a protected area."""
    sources: tuple[water_source.WaterSource, ...]
    springs: tuple[spring.Spring, ...]
    no_coal: dict[str, shapely.Geometry]
    farmland: dict[str, list[shapely.Geometry]]
    groundwater: tuple[tuple[str, str, shapely.Geometry], ...]
    """(county, class, polygon) of each zone."""


def _any(masks: Iterable[Mask]) -> Mask:
    result = np.zeros((ROWS, COLUMNS), dtype=bool)
    for mask in masks:
        result |= mask
    return result


def _sample_places() -> Mask:
    """Cells kept clear of illustrative areas, so that samples can show what an answer without them is."""
    with Path(__file__).with_name("sample_places.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return _any(disc(float(row["lon"]), float(row["lat"]), float(row["radius_km"])) for row in rows)


def _whole_cells(red: redline.RedLine) -> Mask:
    mask = red.mask.copy()
    for strip in red.strips:
        mask[strip.cell] = False
    return mask


def draw(ground: Ground, rivers: list[River], province: shapely.Geometry) -> Drawing:
    """Draw towns first, then red lines around them, then what lies in or between the two."""
    seats = settlement.seats(ground)
    reserved = _sample_places()
    planning = settlement.planning_areas(ground, seats, reserved)
    parks = settlement.parks(ground, seats, planning, reserved)
    no_coal = settlement.no_coal_zones(ground, planning, reserved)
    built = _any([*planning.values(), *parks.values(), *no_coal.values()])

    red = redline.draw(ground, seats, province, grown(built, 1) | reserved, disc(*QIN_PATCH))
    protected = protected_area.draw(ground, redline.score_of(ground, seats), _whole_cells(red))
    sources = water_source.draw(ground, seats, rivers, reserved | built | red.mask)
    springs = spring.draw(ground, outline(reserved))

    areas = [Area("redline", "", red.polygon)]
    for code, zones in protected.items():
        areas += [
            Area("protected_area", f"{code}/{kind}", outline(zone))
            for kind, zone in zip(("core", "general"), zones, strict=True)
        ]
    for source in sources:
        areas += [Area("water_source", f"{source.county}/{kind}", ring) for kind, ring in source.rings]
    areas += [Area("spring_key", place.name, place.key) for place in springs]
    areas += [Area("spring_domain", place.name, place.domain) for place in springs]
    areas += [Area("industrial_park", code, outline(mask)) for code, mask in parks.items()]
    areas += [Area("county_planning_area", code, outline(mask)) for code, mask in planning.items()]

    wet = _any(disc(middle.x, middle.y, 4.0) for middle in (source.rings[0][1].centroid for source in sources))
    taken = grown(built | red.mask, 1) | reserved | wet | (ground.river_km < 0.6)
    return Drawing(
        areas=tuple(areas),
        protected=tuple(protected),
        sources=tuple(sources),
        springs=tuple(springs),
        no_coal={code: outline(mask) for code, mask in no_coal.items()},
        farmland=farmland.draw(ground, taken),
        groundwater=tuple(groundwater.draw(ground, seats, rivers, reserved)),
    )
