"""What some layers hold around one position, asked by coarse boxes: the position itself never reaches the database."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa

from layers.database import driver, driver_queries
from layers.known import known
from layers.release import Release, release_info
from layers.store import windows_of
from zoning.evidence import Evidence, Window
from zoning.search import METRES_PER_DEGREE

_SQL = driver_queries("nearby")
_COARSE: Final = 0.05
"""Boxes begin and end at whole multiples of this, degrees: some 5 km."""


def around(
    source: sa.Engine, view: Release, lon: float, lat: float, *, reach_m: float, layers: Sequence[str]
) -> Evidence:
    """The shapes of some checked layers within at least `reach_m` metres of a position, and more.

    Pieces come from the coarse box that the position is in, edges and coverage from all of the window. A layer that the release
    does not hold is not in the answer. Raises `Unavailable`.
    """
    small = coarse(lon, lat, 0.0)
    large = coarse(lon, lat, reach_m)
    names = ("west", "south", "east", "north")
    boxes = dict(zip(names, large, strict=True)) | dict(zip([f"small_{n}" for n in names], small, strict=True))
    info = release_info(source, view)
    with driver(source) as connection:
        with connection.cursor(binary=True) as cursor:
            rows = cursor.execute(
                _SQL["near"], {"release": int(view.number), "layers": list(layers), **boxes}
            ).fetchall()
        memory = known(source)
        metas = {name: meta for name, meta in memory.layers(connection, view).items() if name in layers}
        features = memory.features(connection, {row[2] for row in rows if row[2] is not None})
    return Evidence(int(view.number), info.published_on, Window(*large, reach_m), windows_of(rows, metas, features))


def coarse(lon: float, lat: float, reach_m: float) -> tuple[float, float, float, float]:
    """West, south, east, north of the whole coarse cells that hold everything within `reach_m` metres of a position, degrees.

    >>> coarse(112.01, 36.02, 0.0)
    (112.0, 36.0, 112.05, 36.05)
    """
    up = reach_m / (METRES_PER_DEGREE - 500)
    along = up / max(math.cos(math.radians(lat)), 0.2)
    west, south = (math.floor(v / _COARSE) for v in (lon - along, lat - up))
    east, north = (math.floor(v / _COARSE) + 1 for v in (lon + along, lat + up))
    return (round(west * _COARSE, 2), round(south * _COARSE, 2), round(east * _COARSE, 2), round(north * _COARSE, 2))
