"""GeoJSON that comes parsed, or as the JSON of a request: bounded by the size of a request's body; a file's is read behind
the door."""

from __future__ import annotations

from typing import Any

from layers.door import geojson
from layers.door.table import Asked, Fault
from layers.features import opened_of
from layers.opened import Opened
from layers.refusal import refusal
from layers.text import encoding_chosen
from zoning.placement import Region
from zoning.site import MOST_PARCELS, MOST_VERTICES
from zoning.sitefault import Notice


def parse_json(data: bytes, filename: str) -> tuple[Any, tuple[Notice, ...]]:
    """JSON without NaN, Infinity or repeated keys, from UTF-8, or from GB18030 with a notice.

    Raises
    ------
    BadSite
        ``json-invalid`` with the line; ``encoding-unknown``.
    """
    try:
        value, guess = geojson.parse(data, filename)
    except Fault as fault:
        raise refusal(fault, filename) from fault
    return value, (encoding_chosen(filename, guess),) if guess else ()


def read_geojson(obj: Any, region: Region) -> Opened:
    """Features of a GeoJSON geometry, Feature or FeatureCollection, in order; a bare geometry is one feature.

    Raises
    ------
    BadSite
        ``geojson-invalid`` with the path of what is wrong; ``site-empty``; ``site-too-large``; ``crs-unknown`` for a
        linked crs.
    """
    try:
        table = geojson.table_of(obj, Asked("", None, MOST_PARCELS, MOST_VERTICES))
    except Fault as fault:
        raise refusal(fault, None) from fault
    return opened_of(table, None, None, region, asks=False)
