"""Makes raw features of what came through the door, ring by ring as given; it reads no file and judges no crossing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from layers.door.table import Layer, Row, Table
from layers.door.wkb import POINT, POLYGON
from layers.opened import CRS, Opened
from layers.pieces import Piece, pieces
from layers.reading_notice import reading_notices
from zoning.bilingual import Bilingual
from zoning.crs import read_crs, zone_of_prefix
from zoning.errors import BadSite
from zoning.placement import Region, crs_needed, easting_prefix, unprefixed
from zoning.rings import BrokenRingsError, RingFault, assemble, polygon_of
from zoning.site import RawPart


def opened_of(
    table: Table, name: str | None, crs: CRS | None, region: Region, *, asks: bool = True, layer: str | None = None
) -> Opened:
    """The features of the one layer that was read.

    Parameters
    ----------
    name
        The file as its user knows it; None for what came without one.
    crs, region
        What the user stated and the region served: for the question ``crs-needed``.
    asks
        Whether that is asked where neither the file nor the user states a CRS; else reading the site infers it.
    layer
        The layer that was asked for, for the notice of it.
    """
    if not table.layers:
        return Opened((), None)
    (read,) = table.layers
    inside = table.notes.get("inside")
    file = f"{name}/{inside}" if name and inside else name
    parts = tuple(_part(row, number, file, read) for number, row in _numbered(read))
    if read.crs is None and crs is None and asks:
        _ask(parts, region, name, table.notes.get("missing"))
    return Opened(parts, read.crs, reading_notices(table, file or "", layer))


def _numbered(layer: Layer) -> list[tuple[int, Row]]:
    """Rows with the number that a message names them by: their place, or in a Shapefile that of their record."""
    if layer.rings == "loose":
        return [(row.fid, row) for row in layer.rows]
    return list(enumerate(layer.rows, start=1))


def _ask(parts: Sequence[RawPart], region: Region, name: str | None, missing: list[str] | None) -> None:
    """Raise ``crs-needed`` with the candidates that the coordinates allow.

    A zone prefix would give the zone, but old files on Xi'an 80 have the same prefixes, so nothing is chosen here.
    """
    xy = shapely.get_coordinates([part.geometry for part in parts if part.geometry is not None])
    xy = xy[np.isfinite(xy).all(axis=1)]
    if not len(xy):
        return  # nothing to place: reading the parts says what is wrong with them
    prefix = easting_prefix(xy)
    candidates = unprefixed(region) if prefix == 0 else []
    if prefix and (code := zone_of_prefix(prefix)):
        candidates = [read_crs(code)]
    if bool((np.abs(xy) <= 360).all()):
        candidates = [read_crs(4490)]
    raise crs_needed(xy, region, candidates, file=name, missing=missing)


def _part(row: Row, feature: int, file: str | None, layer: Layer) -> RawPart:
    def part(geometry: shapely.Geometry | None, **more: Any) -> RawPart:
        return RawPart(geometry, row.name, row.number, row.fields, file, feature, **more)

    if row.wkb is None:
        return part(None)
    try:
        given = pieces(row.wkb)
    except ValueError as error:
        text = Bilingual(
            "文件“{f}”打不开：第 {n} 个图形的数据不完整。请从原软件重新导出。",
            "“{f}” cannot be opened: feature {n} is incomplete. Export it again.",
        )
        raise BadSite("file-open-failed", text.format(f=file, n=feature), file=file, feature=feature) from error
    faults: list[RingFault] = []
    try:
        made = [one for piece in given for one in _geometries(piece, layer.rings, faults)]
    except BrokenRingsError as error:
        return part(None, broken=error)
    if not made:
        return part(None)
    return part(made[0] if len(made) == 1 else _together(made), faults=tuple(faults))


def _together(made: list[shapely.Geometry]) -> shapely.Geometry:
    kinds = {geometry.geom_type for geometry in made}
    if kinds == {"Polygon"}:
        return shapely.MultiPolygon(made)
    if kinds == {"LineString"}:
        return shapely.MultiLineString(made)
    return shapely.MultiPoint(made) if kinds == {"Point"} else shapely.GeometryCollection(made)


def _geometries(piece: Piece, rings: str, faults: list[RingFault]) -> list[shapely.Geometry]:
    if piece.kind == POLYGON:
        given = [ring for ring in piece.rings if len(ring)]
        if rings == "loose":
            polygons, found = assemble(given)
            faults += found
            return list(polygons)
        polygon, found = polygon_of(given)
        faults += found
        return [polygon if rings == "rfc7946" else shapely.orient_polygons(polygon)]
    points = piece.rings[0]
    if not np.isfinite(points).all():
        raise BrokenRingsError("not-finite")
    if piece.kind == POINT:
        return [shapely.Point(points[0])]
    if len(points) < 2:
        raise BrokenRingsError("zero-length", (float(points[0, 0]), float(points[0, 1])))
    return [shapely.LineString(points)]
