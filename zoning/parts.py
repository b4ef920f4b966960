"""Splits an overlap by parcel, county and stretch of line, so that each part carries its own numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import shapely
from shapely import Geometry

from zoning.canonical import GRID
from zoning.finding import Part
from zoning.frame import LocalFrame
from zoning.parcel import Parcel, in_order
from zoning.relation import Encounter, measure, only_dimension
from zoning.site import Site

_JOINT_M = 0.01


def parts_of(
    encounter: Encounter, site: Site, regions: Sequence[tuple[str | None, Geometry | None]], frame: LocalFrame
) -> Iterator[Part]:
    """The parts of an overlap, parcel by parcel and county by county.

    Parameters
    ----------
    encounter
        With an overlap, EPSG:4490.
    site
        Its parcels are what the overlap is split by; shares are of the parcel.
    regions
        (county code, geometry); a geometry of None stands for "all of the site".
    frame
        For chainages along line parcels, m from the line's start.
    """
    overlap = encounter.overlap
    if overlap is None:
        return
    alone = len(site.parcels) == 1 and len(regions) == 1 and regions[0][1] is None
    for parcel in in_order(site.parcels):
        whole = measure(parcel.geometry, site.dimension)
        mine = overlap if len(site.parcels) == 1 else shapely.intersection(overlap, parcel.geometry, grid_size=GRID)
        for county, region in regions:
            piece = mine if region is None else shapely.intersection(mine, region, grid_size=GRID)
            piece = only_dimension(piece, encounter.dimension)
            if piece.is_empty:
                continue
            if encounter.dimension == 1 and site.dimension == 1:
                yield from _stretches(piece, parcel, county, whole=whole, frame=frame)
                continue
            size = encounter.overlap_size if alone else measure(piece, encounter.dimension)
            share = size / whole if encounter.dimension == site.dimension and whole > 0 else 0.0
            yield Part(
                parcel.number,
                county,
                share,
                area_m2=size if encounter.dimension == 2 else None,
                length_m=size if encounter.dimension == 1 else None,
            )


def _stretches(
    piece: Geometry, parcel: Parcel, county: str | None, *, whole: float, frame: LocalFrame
) -> Iterator[Part]:
    """Stretches from–to along a line; a multi-part line is chained part after part."""
    line_m = frame.to_metres(parcel.geometry)[0]
    lines = shapely.get_parts(line_m)
    starts = [0.0]
    for part in lines[:-1]:
        starts.append(starts[-1] + float(shapely.length(part)))
    found: list[tuple[float, float, float]] = []
    # An overlap is cut wherever the line meets itself, so the middle of each part stands at one chainage only.
    for stretch in shapely.get_parts(piece):
        stretch_m = frame.to_metres(stretch)[0]
        middle = shapely.line_interpolate_point(stretch_m, 0.5, normalized=True)
        on = int(shapely.distance(lines, middle).argmin())
        centre = starts[on] + float(shapely.line_locate_point(lines[on], middle))
        half = float(shapely.length(stretch_m)) / 2
        found.append((centre - half, centre + half, measure(stretch, 1)))
    for from_m, to_m, length in _joined(found, starts):
        yield Part(parcel.number, county, length / whole if whole else 0.0, length_m=length, from_m=from_m, to_m=to_m)


def _joined(found: Sequence[tuple[float, float, float]], starts: Sequence[float]) -> list[tuple[float, float, float]]:
    """Stretches that follow on each other, as one; parts of a line are never joined."""
    joined: list[tuple[float, float, float]] = []
    for from_m, to_m, length in sorted(found):
        near = joined and abs(from_m - joined[-1][1]) < _JOINT_M
        if near and not any(abs(start - from_m) < _JOINT_M for start in starts):
            joined[-1] = (joined[-1][0], to_m, joined[-1][2] + length)
        else:
            joined.append((max(from_m, 0.0), to_m, length))
    return joined
