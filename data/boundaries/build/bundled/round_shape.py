"""Round shapes and bands on the ground, in metres, brought back to longitude and latitude; they carry no meaning."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from zoning.measure import INVERSE_FLATTENING, A

Floats = npt.NDArray[np.float64]

_PLANE = pyproj.Transformer.from_pipeline(
    "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad "
    f"+step +proj=tmerc +lat_0=37 +lon_0=112.5 +k=1 +x_0=0 +y_0=0 +a={A} +rf={INVERSE_FLATTENING}"
)
"""Transverse Mercator on 112.5° E: over Shanxi its scale is right to 1 in 1000."""


def _to_plane(xy: Floats) -> Floats:
    return np.column_stack(_PLANE.transform(xy[:, 0], xy[:, 1]))


def _to_degrees(xy: Floats, decimals: int) -> Floats:
    lon, lat = _PLANE.transform(xy[:, 0], xy[:, 1], direction="INVERSE")
    return np.round(np.column_stack([lon, lat]), decimals)


def band(shape: shapely.Geometry, radius_m: float, tolerance_m: float, decimals: int) -> shapely.Geometry:
    """All ground within `radius_m` of a shape (EPSG:4490), its outline simplified by `tolerance_m`."""
    plane = shapely.buffer(shapely.transform(shape, _to_plane), radius_m, quad_segs=3)
    plane = shapely.simplify(plane, tolerance_m) if tolerance_m else plane
    return shapely.make_valid(shapely.transform(plane, lambda xy: _to_degrees(xy, decimals)))


def distance_m(one: shapely.Geometry, other: shapely.Geometry) -> float:
    """Distance of two shapes (EPSG:4490) in that plane, m."""
    return float(shapely.distance(shapely.transform(one, _to_plane), shapely.transform(other, _to_plane)))
