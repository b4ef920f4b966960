"""What is at a place, layer by layer, as JSON data: what a click on the map shows."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import sqlalchemy as sa

from app.collections import described
from layers.collection import collections_at
from layers.identify import identify
from layers.release import open_release


def at(
    engine: sa.Engine, lon: float, lat: float, *, tolerance_m: float, geometry: bool, number: int | None
) -> dict[str, Any]:
    """All visible features at a place; `searched` are the layers that were looked at, those without a hit too.

    Distances in metres to 0.1. Raises as `layers.identify.identify` and `layers.release.open_release`.
    """
    view = open_release(engine, number)
    collections = {one.id: one for one in collections_at(engine, view)}
    hits = identify(engine, tuple(collections.values()), lon, lat, tolerance_m=tolerance_m, geometry=geometry)
    found = []
    for id, mine in groupby(hits, key=lambda hit: hit.layer):
        layer = collections[id]
        features = [
            {"code": hit.feature["id"], "distance_m": round(hit.distance_m, 1), **hit.feature["properties"]}
            | ({"geometry": hit.feature["geometry"]} if geometry else {})
            for hit in mine
        ]
        found.append(
            {
                "layer": id,
                "title": layer.title.as_dict(),
                "description": described(layer).as_dict(),
                "legal_status": layer.legal_status,
                "public_form": layer.form,
                "version": layer.version,
                "features": features,
            }
        )
    return {
        "release": int(view.number),
        "position": [lon, lat],
        "tolerance_m": tolerance_m,
        "searched": list(collections),
        "layers": found,
    }
