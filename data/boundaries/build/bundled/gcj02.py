"""Undoing the GCJ-02 shift of Chinese web maps; it knows nothing of the BD-09 shift that Baidu adds.

The forward formula is the one in public use since 2010; the inverse has no closed form and is iterated.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_A = 6378245.0
_E2 = 0.00669342162296594323
"""Semi-major axis (m) and squared eccentricity of the Krasovsky ellipsoid, as the formula has them."""


def _waves(u: Floats, terms: tuple[tuple[float, float], ...]) -> Floats:
    return np.asarray(sum(weight * np.sin(frequency * np.pi * u) for weight, frequency in terms), dtype=np.float64)


def shift(lon: Any, lat: Any) -> tuple[Floats, Floats]:
    """The GCJ-02 shift (degrees east, degrees north) at WGS 84 positions, degrees; arrays of one shape."""
    lon, lat = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    x, y = lon - 105.0, lat - 35.0
    root, product = np.sqrt(np.abs(x)), x * y
    short = _waves(x, ((20.0, 6.0), (20.0, 2.0)))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * product + 0.2 * root
    north += (short + _waves(y, ((20.0, 1.0), (40.0, 1 / 3))) + _waves(y, ((160.0, 1 / 12), (320.0, 1 / 30)))) * 2 / 3
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * product + 0.1 * root
    east += (short + _waves(x, ((20.0, 1.0), (40.0, 1 / 3))) + _waves(x, ((150.0, 1 / 12), (300.0, 1 / 30)))) * 2 / 3
    phi = np.radians(lat)
    w2 = 1 - _E2 * np.sin(phi) ** 2
    d_lat = np.degrees(north / (_A * (1 - _E2) / (w2 * np.sqrt(w2))))
    d_lon = np.degrees(east / (_A / np.sqrt(w2) * np.cos(phi)))
    return d_lon, d_lat


def to_wgs84(lon: Any, lat: Any) -> tuple[Floats, Floats]:
    """WGS 84 positions (degrees) of GCJ-02 positions (degrees), iterated to far less than 0.1 m.

    CGCS2000 and WGS 84 are taken as equal: they differ by decimetres, below the accuracy of any GCJ-02 source.

    >>> lon, lat = to_wgs84([112.55], [37.87])
    >>> d_lon, d_lat = shift(lon, lat)
    >>> bool(abs(lon + d_lon - 112.55)[0] < 1e-9 and abs(lat + d_lat - 37.87)[0] < 1e-9)
    True
    """
    shifted_lon, shifted_lat = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    true_lon, true_lat = shifted_lon.copy(), shifted_lat.copy()
    for _ in range(6):
        d_lon, d_lat = shift(true_lon, true_lat)
        true_lon, true_lat = shifted_lon - d_lon, shifted_lat - d_lat
    return true_lon, true_lat
