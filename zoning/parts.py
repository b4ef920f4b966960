"""Splits an overlap by parcel and county, so that each part carries its own numbers; stretches of lines are in `zoning.alongside`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import shapely
from shapely import Geometry

from zoning.canonical import GRID
from zoning.finding import Part
from zoning.parcel import in_order
from zoning.relation import Encounter
from zoning.site import Site
from zoning.view import measure, only_dimension


def parts_of(
    encounter: Encounter, site: Site, site_size: float, regions: Sequence[tuple[str | None, Geometry | None]]
) -> Iterator[Part]:
    """The parts of an overlap, parcel by parcel and county by county.

    Parameters
    ----------
    encounter
        With an overlap, EPSG:4490.
    site
        Its parcels are what the overlap is split by; shares are of the parcel.
    site_size
        Its area in m², length in m or number of points.
    regions
        (county code, geometry); a geometry of None stands for "all of the site".
    """
    overlap = encounter.overlap
    if overlap is None:
        return
    if len(site.parcels) == 1 and len(regions) == 1 and regions[0][1] is None:
        alike = site_size if encounter.dimension == site.dimension else None
        yield _part(encounter, site.parcels[0].number, regions[0][0], encounter.overlap_size, alike)
        return
    for parcel in in_order(site.parcels):
        whole = measure(parcel.geometry, site.dimension) if encounter.dimension == site.dimension else None
        mine = overlap if len(site.parcels) == 1 else shapely.intersection(overlap, parcel.geometry, grid_size=GRID)
        for county, region in regions:
            piece = mine if region is None else shapely.intersection(mine, region, grid_size=GRID)
            piece = only_dimension(piece, encounter.dimension)
            if piece.is_empty:
                continue
            yield _part(encounter, parcel.number, county, measure(piece, encounter.dimension), whole)


def _part(encounter: Encounter, parcel: str, county: str | None, size: float, whole: float | None) -> Part:
    """`whole` None: overlap and parcel have no common measure."""
    return Part(
        parcel,
        county,
        size / whole if whole else 0.0,
        area_m2=size if encounter.dimension == 2 else None,
        length_m=size if encounter.dimension == 1 else None,
    )
