"""GCJ-02 and BD-09: their formulas, the names that give them away, and a shift test; it never converts a site silently.

The formulas are the public ones that mobile maps in China are reverse-engineered to use; no official text exists.
GCJ-02 moves a point of Shanxi by 500–600 m, mostly east; BD-09 moves it by about another 800–1000 m.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import shapely

from zoning.frame import LocalFrame

Floats = npt.NDArray[np.float64]
ShiftedDatum = Literal["gcj02", "bd09"]
_Pair = tuple[Floats, Floats]

_A = 6378245.0
"""Semi-major axis that the GCJ-02 formula uses (Krasovsky), m."""
_E2 = 0.00669342162296594323
_BOUNDS = (72.004, 0.8293, 137.8347, 55.8271)
"""West, south, east, north: outside it GCJ-02 equals WGS 84."""
_INVERSE_TOLERANCE = 1e-10
"""Degrees, about 0.01 mm."""


def _gcj02_offset(lon: Floats, lat: Floats) -> _Pair:
    """GCJ-02 minus CGCS2000 at a CGCS2000 position, degrees."""
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    wave = 20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (wave + 20.0 * np.sin(np.pi * y) + 40.0 * np.sin(np.pi / 3.0 * y)) * 2.0 / 3.0
    north += (160.0 * np.sin(np.pi / 12.0 * y) + 320.0 * np.sin(np.pi / 30.0 * y)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (wave + 20.0 * np.sin(np.pi * x) + 40.0 * np.sin(np.pi / 3.0 * x)) * 2.0 / 3.0
    east += (150.0 * np.sin(np.pi / 12.0 * x) + 300.0 * np.sin(np.pi / 30.0 * x)) * 2.0 / 3.0
    w2 = 1.0 - _E2 * np.sin(np.radians(lat)) ** 2
    w = np.sqrt(w2)
    d_lon = np.degrees(east * w / (_A * np.cos(np.radians(lat))))
    d_lat = np.degrees(north * w2 * w / (_A * (1.0 - _E2)))
    west, south, top_east, top_north = _BOUNDS
    inside = (lon >= west) & (lon <= top_east) & (lat >= south) & (lat <= top_north)
    return np.where(inside, d_lon, 0.0), np.where(inside, d_lat, 0.0)


def cgcs2000_to_gcj02(lon: npt.ArrayLike, lat: npt.ArrayLike) -> _Pair:
    """CGCS2000 (or WGS 84, the same below a metre) to GCJ-02; arrays of degrees in, arrays of degrees out.

    >>> lon, lat = cgcs2000_to_gcj02([112.0], [36.0])
    >>> bool(500 < (lon[0] - 112.0) * 90_000 < 600)
    True
    """
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    d_lon, d_lat = _gcj02_offset(x, y)
    return x + d_lon, y + d_lat


def gcj02_to_bd09(lon: npt.ArrayLike, lat: npt.ArrayLike) -> _Pair:
    """GCJ-02 to BD-09; arrays of degrees in, arrays of degrees out."""
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    turn = np.pi * 3000.0 / 180.0
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * turn)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * turn)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def cgcs2000_to_bd09(lon: npt.ArrayLike, lat: npt.ArrayLike) -> _Pair:
    """CGCS2000 to BD-09; arrays of degrees in, arrays of degrees out."""
    return gcj02_to_bd09(*cgcs2000_to_gcj02(lon, lat))


def _inverse(forward: Callable[[Floats, Floats], _Pair], lon: npt.ArrayLike, lat: npt.ArrayLike) -> _Pair:
    target_x, target_y = (
        np.asarray(lon, dtype=np.float64),
        np.asarray(lat, dtype=np.float64),
    )
    x, y = target_x.copy(), target_y.copy()
    for _ in range(60):
        there_x, there_y = forward(x, y)
        off_x, off_y = target_x - there_x, target_y - there_y
        x, y = x + off_x, y + off_y
        if not x.size or max(float(np.max(np.abs(off_x))), float(np.max(np.abs(off_y)))) < _INVERSE_TOLERANCE:
            return x, y
    raise ArithmeticError("the inverse of the shifted datum did not converge (a point on the formula's edge?)")


def gcj02_to_cgcs2000(lon: npt.ArrayLike, lat: npt.ArrayLike) -> _Pair:
    """GCJ-02 to CGCS2000 by iterating the forward formula until it returns the input within 0.01 mm.

    Parameters
    ----------
    lon, lat
        Arrays of degrees of one shape; must be finite.

    Returns
    -------
    Arrays of degrees of the same shape.

    Raises
    ------
    ArithmeticError
        When a point does not converge (only where the formula itself jumps, at the outer edge of its bounds).

    >>> lon, lat = gcj02_to_cgcs2000(*cgcs2000_to_gcj02([112.0], [36.0]))
    >>> bool(abs(lon[0] - 112.0) < 1e-9 and abs(lat[0] - 36.0) < 1e-9)
    True
    """
    return _inverse(cgcs2000_to_gcj02, lon, lat)


def bd09_to_cgcs2000(lon: npt.ArrayLike, lat: npt.ArrayLike) -> _Pair:
    """BD-09 to CGCS2000, iterated; parameters, returns and errors as `gcj02_to_cgcs2000`."""
    return _inverse(cgcs2000_to_bd09, lon, lat)


# What says the datum by itself, wherever it stands.
_EXPLICIT: tuple[tuple[ShiftedDatum, re.Pattern[str]], ...] = (
    (
        "bd09",
        re.compile(
            r"(?<![a-z0-9])bd[-_ ]?0?9(ll|mc)?(?![a-z0-9])|百度(地图)?(坐标|拾取|经纬度)",
            re.IGNORECASE,
        ),
    ),
    (
        "gcj02",
        re.compile(
            r"(?<![a-z0-9])gcj[-_ ]?0?2(?![a-z0-9])|火星(坐标|系)|国测局坐标|(高德|腾讯)(地图)?(坐标|拾取|经纬度)",
            re.IGNORECASE,
        ),
    ),
)
# A map's name alone may be the project's own (百度云计算中心): it counts only where a datum or source is stated.
_MAP: tuple[tuple[ShiftedDatum, re.Pattern[str]], ...] = (
    ("bd09", re.compile(r"百度|baidu", re.IGNORECASE)),
    (
        "gcj02",
        re.compile(r"高德|腾讯地图|火星|(?<![a-z])amap(?![a-z])|gaode|autonavi", re.IGNORECASE),
    ),
)
_STATES_SOURCE = re.compile(
    r"坐标|基准|来源|底图|地图|(?<![a-z])(crs|srs|datum|source|src|coord\w*|basemap|provider|from)(?![a-z])",
    re.IGNORECASE,
)
_MAP_IN_FILE_NAME: tuple[tuple[ShiftedDatum, re.Pattern[str]], ...] = (
    (
        "bd09",
        re.compile(
            r"(百度|baidu)(地图|map|导出|下载|采集|取点|标注|(?=[^\w]|_|$))",
            re.IGNORECASE,
        ),
    ),
    (
        "gcj02",
        re.compile(
            r"(高德|腾讯|amap|gaode|autonavi)(地图|map|导出|下载|采集|取点|标注|(?=[^\w]|_|$))|火星",
            re.IGNORECASE,
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class DeclaredDatum:
    """A shifted datum that the file names: which, and the words that say so."""

    datum: ShiftedDatum
    field: str
    words: str


def _first(patterns: tuple[tuple[ShiftedDatum, re.Pattern[str]], ...], text: str) -> tuple[ShiftedDatum, str] | None:
    for datum, pattern in patterns:
        if found := pattern.search(text):
            return datum, found.group(0)
    return None


def declared_datum(
    *, crs: str = "", file_name: str = "", properties: Mapping[str, Any] | None = None
) -> DeclaredDatum | None:
    """Whether a CRS text, a file name or a feature's properties say GCJ-02 or BD-09.

    A plain 高德 or 百度 counts in a CRS text, in a property about coordinates or sources, and in a file name where it
    is not part of a longer name; elsewhere it may name the project itself.

    >>> declared_datum(properties={"坐标系": "高德"}).datum
    'gcj02'
    >>> declared_datum(properties={"name": "百度云计算中心"}) is None
    True
    """
    if crs and (found := _first(_EXPLICIT + _MAP, crs)):
        return DeclaredDatum(found[0], "crs", found[1])
    if file_name and (found := _first(_EXPLICIT + _MAP_IN_FILE_NAME, file_name)):
        return DeclaredDatum(found[0], "file", found[1])
    for key, value in (properties or {}).items():
        if found := _first(_EXPLICIT, str(key)):
            return DeclaredDatum(found[0], str(key), found[1])
        if not isinstance(value, str):
            continue
        patterns = _EXPLICIT + _MAP if _STATES_SOURCE.search(str(key)) else _EXPLICIT
        if found := _first(patterns, value):
            return DeclaredDatum(found[0], str(key), found[1])
    return None


@dataclass(frozen=True, slots=True)
class ShiftGuess:
    """Lines fit the reference far better once a shifted datum is undone.

    `share_as_given` and `share_undone` are the shares (0–1) of the tested points within `tolerance_m` of a reference
    line; `shift_m` is the median length of the shift undone, metres.
    """

    datum: ShiftedDatum
    share_as_given: float
    share_undone: float
    shift_m: float
    tolerance_m: float
    points: int


def _sample(lines: npt.NDArray[np.object_], most: int) -> Floats:
    """At most `most` points at equal steps along lines, (n, 2)."""
    lengths = np.asarray(shapely.length(lines), dtype=np.float64)
    ends = np.cumsum(lengths)
    if not len(ends) or ends[-1] <= 0:
        return np.empty((0, 2))
    along = (np.arange(most) + 0.5) * ends[-1] / most
    which = np.minimum(np.searchsorted(ends, along), len(ends) - 1)
    start = ends[which] - lengths[which]
    return np.asarray(
        shapely.get_coordinates(shapely.line_interpolate_point(lines[which], along - start)),
        dtype=np.float64,
    )


def _share_near(points: npt.NDArray[np.object_], tree: shapely.STRtree, within_m: float) -> float:
    if not len(tree.geometries):
        return 0.0
    found, _ = tree.query_nearest(points, max_distance=within_m, return_distance=False, all_matches=False)
    return len(np.unique(found)) / len(points)


def shift_guess(
    site_edges: Any,
    reference_edges: Any,
    *,
    tolerance_m: float = 10.0,
    least_share: float = 0.2,
    points: int = 500,
) -> ShiftGuess | None:
    """Whether lines drawn in GCJ-02 or BD-09 are taken for CGCS2000, judged against boundaries both should share.

    Parameters
    ----------
    site_edges, reference_edges
        Array-likes of shapely lines or polygons (their boundaries are used), EPSG:4490 degrees. The reference should
        reach 3 km beyond the site.
    tolerance_m
        How near two drawings of one boundary lie, metres.
    least_share
        The least share of the site's line that must fall on a reference line after the shift is undone.
    points
        How many points are tried, at equal steps along the site's lines.

    Returns
    -------
    The datum that explains the misfit, or None: no shared boundary, or the lines already fit, or nothing fits better.
    None proves nothing about a site that shares no boundary with the reference.
    """
    given = _linework(site_edges)
    reference = _linework(reference_edges)
    sampled = _sample(given, points)
    if not len(sampled) or not len(reference):
        return None
    frame = LocalFrame.at(*(float(v) for v in sampled.mean(axis=0)))
    tree = shapely.STRtree(frame.to_metres(reference))

    def in_metres(lon: Floats, lat: Floats) -> npt.NDArray[np.object_]:
        return frame.to_metres(shapely.points(lon, lat), dense=False)

    lon, lat = sampled[:, 0], sampled[:, 1]
    as_given = in_metres(lon, lat)
    share_as_given = _share_near(as_given, tree, tolerance_m)
    best: ShiftGuess | None = None
    candidates: tuple[tuple[ShiftedDatum, Callable[[Floats, Floats], _Pair]], ...] = (
        ("gcj02", gcj02_to_cgcs2000),
        ("bd09", bd09_to_cgcs2000),
    )
    for datum, undo in candidates:
        undone = in_metres(*undo(lon, lat))
        share = _share_near(undone, tree, tolerance_m)
        if share < least_share or share < 3 * share_as_given or (best is not None and share <= best.share_undone):
            continue
        shift = float(np.median(np.asarray(shapely.distance(as_given, undone))))
        best = ShiftGuess(datum, share_as_given, share, shift, tolerance_m, len(sampled))
    return best


def _linework(geometries: Any) -> npt.NDArray[np.object_]:
    """Single lines: the boundaries of polygons, and lines themselves."""
    parts = np.asarray(
        shapely.get_parts(np.atleast_1d(np.asarray(geometries, dtype=object))),
        dtype=object,
    )
    kind = shapely.get_type_id(parts)
    lines = np.concatenate([parts[np.isin(kind, (1, 2))], shapely.get_rings(parts[kind == 3])])
    return np.asarray(lines, dtype=object)
