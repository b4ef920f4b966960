"""Places named in the plans as points with an honest radius, placed by the division or river the plan names; it surveys nothing.

`places.csv` is the checked table: one row for each place, with its plan lines, the entries of the reading it covers
(`plan_entries.csv`), and either how it is placed or why it cannot be.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyproj
import shapely

from bundled.feature_file import Feature, Provenance
from bundled.provenance import COUNTY_ACCURACY_M, RIVER, SCHEMATIC_RIVER

DECIMALS = 4
"""Of a degree: about 10 m, and no false promise of more."""

BANK_M = 500.0
"""How far a bank may lie from the line that stands for its river."""

STEP_M = 100.0
"""Radii are rounded up to this."""

_GEOD = pyproj.Geod(a=6378137.0, rf=298.257222101)
_SEPARATOR = "；"

LINES = "规划文本"
_DIVISION = "所称县市面内一点；精度至其界最远处，加700 m"
_RIVER = "所称河线在所称县市内一点；精度至此段最远处，加线的误差"
_NONE = "不足以定位"
_OWN = "Apache-2.0；县界几何权利不明"
_GSHHG = "LGPL-3.0-or-later（GSHHG）；县界几何权利不明"


@dataclass(frozen=True)
class Place:
    """A row of the table, checked: what the plans call it and what they say of where it is."""

    code: str
    kind: str
    name: str
    name_en: str
    printed: str | None
    """Words of the plan that stand for it where its name is not printed as such."""
    lines: tuple[str, ...]
    entries: tuple[str, ...]
    divisions: tuple[str, ...]
    river: str | None
    named_by: str | None
    """`plan`: the plan names the division; `general`: general geographic knowledge does."""
    township: str | None
    see: str | None
    aliases: tuple[str, ...]
    misprints: tuple[str, ...]
    why: str | None


@dataclass(frozen=True)
class Position:
    """A point in EPSG:4490 and the radius, m, that surely holds the place."""

    point: shapely.Point
    accuracy_m: float


def read_places(path: Path | None = None) -> list[Place]:
    """The table in code order. Raises `ValueError` when a row is placed and unplaced at once, or neither."""
    with (path or Path(__file__).with_name("places.csv")).open(encoding="utf-8", newline="") as file:
        found = [_place(row) for row in csv.DictReader(file)]
    for place in found:
        if bool(place.divisions or place.river) == bool(place.why) or bool(place.why) == bool(place.named_by):
            raise ValueError(f"{place.code} {place.name}: either placed, and by whom, or why not")
    return found


def _place(row: Mapping[str, str]) -> Place:
    def several(key: str, separator: str | None = _SEPARATOR) -> tuple[str, ...]:
        return tuple(part for part in row[key].split(separator) if part)

    return Place(
        code=row["id"],
        kind=row["kind"],
        name=row["name"],
        name_en=row["name_en"],
        printed=row["printed"] or None,
        lines=several("lines", None),
        entries=several("entries", None),
        divisions=several("divisions", None),
        river=row["river"] or None,
        named_by=row["named_by"] or None,
        township=row["township"] or None,
        see=row["see"] or None,
        aliases=several("aliases"),
        misprints=several("misprints"),
        why=row["why"] or None,
    )


def plan_places(
    divisions: Mapping[str, shapely.Geometry], rivers: Mapping[str, tuple[shapely.Geometry, str]]
) -> list[Feature]:
    """Every place of the table; those without a position have an empty point and say why.

    `divisions`: polygons of counties and cities by code; `rivers`: lines by code with their class. EPSG:4490.
    """
    known: dict[tuple[tuple[str, ...], str | None], Position] = {}
    features = []
    for place in read_places():
        where = (place.divisions, place.river)
        if place.why is None and where not in known:
            area = shapely.union_all([divisions[code] for code in place.divisions]) if place.divisions else None
            known[where] = in_area(area) if place.river is None else on_river(*rivers[place.river], area)
        features.append(_feature(place, known.get(where)))
    return features


def in_area(area: shapely.Geometry) -> Position:
    """The better of two points inside an area, by the distance to its farthest vertex, to which the line's accuracy is added."""
    metric = _scaled(area)
    candidates = [shapely.point_on_surface(area)]
    middle = shapely.centroid(shapely.minimum_bounding_circle(metric))
    back = shapely.transform(middle, lambda xy: xy / _scale(area))
    if shapely.contains_properly(area, _rounded(back)):
        candidates.append(back)
    return min((_position(point, area, COUNTY_ACCURACY_M) for point in candidates), key=lambda found: found.accuracy_m)


def on_river(line: shapely.Geometry, kind: str, area: shapely.Geometry | None) -> Position:
    """A point on a river's line within an area (or on all of it), and the distance to that stretch's farthest end.

    The stretch reaches past the area's boundary as far as the errors of line and boundary go, so that a river along the boundary counts.
    """
    own = (RIVER if kind == "centre_line" else SCHEMATIC_RIVER).accuracy_m + BANK_M
    slack = own + COUNTY_ACCURACY_M
    stretch = line
    if area is not None:
        metric = _scaled(area)
        grown = shapely.transform(shapely.buffer(metric, slack), lambda xy: xy / _scale(area))
        stretch = shapely.intersection(line, grown)
    if stretch.is_empty:
        raise ValueError(f"no stretch of the river within {slack:g} m of the area")
    scaled = _scaled(stretch)
    middle = shapely.centroid(shapely.minimum_bounding_circle(scaled))
    nearest = shapely.get_point(shapely.shortest_line(scaled, middle), 0)
    point = shapely.transform(nearest, lambda xy: xy / _scale(stretch))
    return _position(point, stretch, slack if area is not None else own)


def _feature(place: Place, found: Position | None) -> Feature:
    river = place.river is not None
    method = _NONE if found is None else _RIVER if river else _DIVISION
    provenance = Provenance(LINES, method, _GSHHG if river else _OWN, found.accuracy_m if found else None, "reference")
    point = shapely.MultiPoint([] if found is None else [found.point])
    extra = {
        "printed": place.printed,
        "plan_lines": _SEPARATOR.join(place.lines),
        "division_codes": _SEPARATOR.join(place.divisions) or None,
        "river_code": place.river,
        "named_by": place.named_by,
        "township": place.township,
        "see": place.see,
        "aliases": _SEPARATOR.join(place.aliases) or None,
        "misprints": _SEPARATOR.join(place.misprints) or None,
        "why": place.why,
    }
    return Feature(place.code, place.name, place.kind, point, provenance, place.name_en, place.lines[0], extra)


def _scale(geometry: shapely.Geometry) -> tuple[float, float]:
    """Metres in a degree of longitude and of latitude at a geometry's middle; good enough to choose a point by."""
    _, south, _, north = shapely.bounds(geometry)
    return 111_320.0 * math.cos(math.radians((south + north) / 2)), 111_000.0


def _scaled(geometry: shapely.Geometry) -> shapely.Geometry:
    return shapely.transform(geometry, lambda xy: xy * _scale(geometry))


def _rounded(point: shapely.Point) -> shapely.Point:
    return shapely.Point(round(point.x, DECIMALS), round(point.y, DECIMALS))


def _metres(start: tuple[float, ...], ends: np.ndarray) -> np.ndarray:
    lon, lat = np.full(len(ends), start[0]), np.full(len(ends), start[1])
    return np.asarray(_GEOD.inv(lon, lat, ends[:, 0], ends[:, 1])[2])


def _position(point: shapely.Point, around: shapely.Geometry, slack_m: float) -> Position:
    rounded = _rounded(point)
    farthest = float(_metres((rounded.x, rounded.y), shapely.get_coordinates(around)).max())
    return Position(rounded, math.ceil((farthest + slack_m) / STEP_M) * STEP_M)
