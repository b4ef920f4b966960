"""One canonical form for everything that is hashed or stored: JSON text and geometry; it chooses no content."""

from __future__ import annotations

import datetime as dt
import json
import math
from typing import Any

import shapely

GRID = 1e-9
"""The one overlay grid, degrees (about 0.1 mm)."""


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("a number that is not finite has no canonical form")
        return 0.0 if value == 0 else value
    if isinstance(value, dt.date):
        return value.isoformat()
    if value is None or isinstance(value, (str, int, bool)):
        return value
    raise TypeError(f"no canonical form for {type(value).__name__}")


def canonical_json(value: Any) -> str:
    """JSON with sorted keys, no spaces, no NaN, and no negative zero; dates as ISO text.

    >>> canonical_json({"b": -0.0, "a": [1, "山"]})
    '{"a":[1,"山"],"b":0.0}'
    """
    try:
        text = _written(value)
    except (TypeError, ValueError):
        return _written(_plain(value))  # says what is wrong with it, or makes its keys text
    # A negative zero looks so, as do the first digits of small negative numbers: only then it is looked for.
    return _written(_plain(value)) if "-0.0" in text else text


def _written(value: Any) -> str:
    return json.dumps(
        value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_date_text
    )


def _date_text(value: Any) -> str:
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(f"no canonical form for {type(value).__name__}")


def canonical_geometry(geometry: shapely.Geometry) -> shapely.Geometry:
    """On the grid and in GEOS's normal form: rings of one direction from one start, parts in one order, no repeated points.

    `zoning.site.Site.canonical_wkb` says it clause by clause.

    >>> square = shapely.Polygon([(112, 37), (112.1, 37), (112.1, 37.1), (112.1, 37.1), (112, 37.1)])
    >>> shapely.to_wkt(canonical_geometry(square))
    'POLYGON ((112 37, 112 37.1, 112.1 37.1, 112.1 37, 112 37))'
    """
    snapped = shapely.set_precision(geometry, GRID)
    return shapely.normalize(shapely.remove_repeated_points(snapped))


def geojson(geometry: shapely.Geometry) -> dict[str, Any]:
    """A geometry as a GeoJSON object: coordinates rounded to the grid (9 decimals), shells counter-clockwise (RFC 7946)."""

    def rounded(value: Any) -> Any:
        if value and isinstance(value[0], float):
            return [round(v, 9) for v in value]
        return [rounded(v) for v in value]

    data = shapely.geometry.mapping(shapely.orient_polygons(geometry))
    if "geometries" in data:
        return {"type": data["type"], "geometries": [geojson(g) for g in geometry.geoms]}
    return {"type": data["type"], "coordinates": rounded(data["coordinates"])}
