"""What visible features are at a place: areas that hold it, lines and points within a distance of it. It judges nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
import sqlalchemy as sa
from psycopg import sql

from layers.bad_query import BadQuery
from layers.collection import Collection
from layers.database import driver, driver_queries
from layers.items import feature_sql
from layers.map_crs import offered
from layers.visibility import GRID, Form, geometry_sql
from zoning.bilingual import Bilingual
from zoning.frame import LocalFrame

MOST: Final = 500
"""Features that one place may have; the national set has some dozen at its busiest."""
FARTHEST_M: Final = 5_000.0

_SQL = driver_queries("identify")
_DEGREE_M: Final = 110_000.0
"""Less than the metres of a degree of latitude, so that a box in degrees is never too small."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A feature at a place. `distance_m` is 0 in areas; for lines and points it is measured in a metric frame at the place.
    `feature` is its GeoJSON, the geometry None unless asked for."""

    layer: str
    distance_m: float
    feature: dict[str, Any]


def identify(
    source: sa.Engine, collections: Sequence[Collection], lon: float, lat: float, *, tolerance_m: float, geometry: bool
) -> tuple[Hit, ...]:
    """All features of these layers at a place, the nearest first within each layer.

    Parameters
    ----------
    lon, lat
        Degrees on CGCS2000.
    tolerance_m
        How far lines and points may be, at most `FARTHEST_M`.

    Raises
    ------
    BadQuery
        ``place-crowded``: there are more than `MOST`; nothing is left out in silence.
    Unavailable
        The database cannot be reached, or takes longer than the statement timeout.
    """
    found: list[Hit] = []
    for form in ("exact", "generalised"):
        layers = [one for one in collections if one.form == form]
        if layers:
            found += _of_form(source, layers, form, (lon, lat), tolerance_m, geometry=geometry)
    if len(found) > MOST:
        raise _crowded()
    place = {one.id: n for n, one in enumerate(collections)}
    return tuple(sorted(found, key=lambda hit: (place[hit.layer], hit.distance_m, hit.feature["id"])))


def _crowded() -> BadQuery:
    text = Bilingual(
        f"此处要素多于 {MOST} 个，请缩小 tolerance_m 或只查部分图层。",
        f"There are more than {MOST} features here; give a smaller tolerance_m or fewer layers.",
    )
    return BadQuery("place-crowded", text, field="tolerance_m")


def _of_form(
    source: sa.Engine,
    layers: Sequence[Collection],
    form: Form,
    at: tuple[float, float],
    tolerance_m: float,
    *,
    geometry: bool,
) -> list[Hit]:
    lon, lat = at
    north = tolerance_m / _DEGREE_M + 1e-9
    east = north / max(float(np.cos(np.radians(min(abs(lat) + north, 89.9)))), 1e-3)
    seen = geometry_sql(form)
    query = sql.SQL(_SQL["at"]).format(
        geometry=seen,
        feature=feature_sql(seen if geometry else None, offered(0, 0)[0]),
        reach=sql.Literal(0.0 if form == "exact" else GRID),
    )
    asked = {
        "lon": lon, "lat": lat, "west": lon - east, "east": lon + east, "south": lat - north, "north": lat + north,
        "release": int(layers[0].view.number), "layers": [one.id for one in layers], "most": MOST + 1,
        "classes": json.dumps({one.id: one.spec["classes"] for one in layers}),
    }  # fmt: skip
    with driver(source) as connection, connection.cursor(binary=True) as cursor:
        rows = cursor.execute(query, asked).fetchall()
    if len(rows) > MOST:
        raise _crowded()
    frame, here = LocalFrame.at(lon, lat), shapely.Point(0, 0)
    hits = []
    for layer, dimension, nearby, feature in rows:
        distance = 0.0
        if dimension < 2:
            distance = float(shapely.distance(frame.to_metres(shapely.from_wkb(nearby))[0], here))
            if not distance <= tolerance_m:
                continue
        hits.append(Hit(layer, distance, json.loads(feature)))
    return hits
