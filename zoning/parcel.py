"""Parcels (地块) of a site: their numbers and names, their union, and where they overlap; it reads no coordinates."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import shapely

from zoning import assumption
from zoning.canonical import GRID, canonical_geometry
from zoning.measure import ellipsoidal_area
from zoning.repair import TOUCH_M, areas_of, mean_thickness
from zoning.sitefault import NEIGHBOURS, Notice, too_large

Dimension = Literal[0, 1, 2]
DIMENSION: dict[int, Dimension] = {0: 0, 1: 1, 2: 1, 3: 2, 4: 0, 5: 1, 6: 2}
"""Dimension of each shapely type id that a site may have."""
MOST_NEIGHBOURS = 20_000
METRES_PER_DEGREE = 1e5
"""Roughly, for tolerances only."""
_NUMBER_FIELDS = (
    "地块编号", "地块编", "地块号", "图斑编号", "图斑编", "编号", "序号", "dkbh", "tbbh", "bh", "number", "code", "id",
)  # fmt: skip
_NAME_FIELDS = ("地块名称", "地块名", "项目名称", "项目名", "名称", "dkmc", "xmmc", "mc", "name", "title")
"""What holds a parcel's number and name. A Shapefile in UTF-8 keeps three of a field name's four characters: 地块编."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One parcel (地块): number, name, EPSG:4490 geometry on the 1e-9° grid in canonical form, and the file's
    properties."""

    number: str
    name: str
    geometry: shapely.Geometry
    properties: Mapping[str, Any]


def in_order(parcels: Sequence[Parcel]) -> tuple[Parcel, ...]:
    """Parcels by number (2 before 10), then by shape: the order of a file is no part of a question."""

    def key(parcel: Parcel) -> tuple[list[tuple[int, str, str]], bytes]:
        words = [(w, w.lstrip("0")) for w in re.findall(r"[0-9]+|[^0-9]+", parcel.number)]
        number = [(len(bare) if w[0] in "0123456789" else -1, bare, w) for w, bare in words]
        return number, bytes(shapely.to_wkb(parcel.geometry))

    return tuple(sorted(parcels, key=key))


def flat(geometry: shapely.Geometry) -> npt.NDArray[np.object_]:
    """Single points, lines and polygons, out of however many collections. Empty ones are left out."""
    parts: npt.NDArray[np.object_] = np.asarray(shapely.get_parts(np.atleast_1d(geometry)), dtype=object)
    while np.isin(shapely.get_type_id(parts), (4, 5, 6, 7)).any():
        parts = np.asarray(shapely.get_parts(parts), dtype=object)
    return np.asarray(parts[~shapely.is_empty(parts)], dtype=object)


def together(geometries: Sequence[shapely.Geometry], dimension: Dimension) -> shapely.Geometry:
    """The union in canonical form. Lines are collected, not cut where they cross, unless they run over each other."""
    if len(geometries) == 1:
        return geometries[0]
    ordered = sorted(geometries, key=lambda g: bytes(shapely.to_wkb(g)))
    if dimension == 1:
        union = shapely.union_all(ordered, grid_size=GRID)
        if shapely.length(union) > sum(shapely.length(g) for g in ordered) - 10 * GRID:
            return canonical_geometry(shapely.MultiLineString([line for g in ordered for line in flat(g)]))
        return canonical_geometry(shapely.line_merge(union))
    return canonical_geometry(shapely.union_all(ordered, grid_size=GRID))


def overlap_notices(geometries: Sequence[shapely.Geometry], union: shapely.Geometry) -> list[Notice]:
    """The notice of parcels that overlap by more than the rounding of their coordinates, with every pair; or
    nothing."""
    shapes = np.asarray(geometries, dtype=object)
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    keep = left < right
    left, right = left[keep], right[keep]
    if len(left) > MOST_NEIGHBOURS:
        raise too_large(NEIGHBOURS, len(left), MOST_NEIGHBOURS)
    common = [areas_of(g) for g in shapely.intersection(shapes[left], shapes[right], grid_size=GRID)]
    thick = [mean_thickness(g) * METRES_PER_DEGREE > TOUCH_M for g in common]
    pairs = sorted((int(a) + 1, int(b) + 1) for a, b, t in zip(left, right, thick, strict=True) if t)
    overlap = float(ellipsoidal_area(shapes).sum() - ellipsoidal_area([union])[0])
    return [assumption.parcels_overlap(overlap, pairs)] if pairs else []


def _label(given: str | None, properties: Mapping[str, Any], fields: tuple[str, ...]) -> str:
    if given:
        return given
    lowered = {str(key).strip().lower(): value for key, value in properties.items()}
    for name in fields:
        value = lowered.get(name)
        if isinstance(value, float) and value.is_integer():
            value = int(value)  # a whole number in a column with decimals, or with gaps
        if isinstance(value, (str, int)) and not isinstance(value, bool) and str(value).strip():
            return str(value).strip()
    return ""


def number_parcels(
    features: Sequence[tuple[str | None, str | None, Mapping[str, Any]]], geometries: Sequence[shapely.Geometry]
) -> tuple[tuple[Parcel, ...], list[Notice]]:
    """Parcels in file order from (number, name, properties) and geometries.

    Each keeps its own number when all have one and none repeats; else they are 1, 2, 3 …, which is noticed if some had
    one.
    """
    own = [_label(number, properties, _NUMBER_FIELDS) for number, _, properties in features]
    distinct = all(own) and len(set(own)) == len(own)
    numbers = own if distinct else [str(n) for n in range(1, len(own) + 1)]
    parcels = tuple(
        Parcel(number, _label(name, properties, _NAME_FIELDS), geometry, dict(properties))
        for number, (_, name, properties), geometry in zip(numbers, features, geometries, strict=True)
    )
    return parcels, [] if distinct or not any(own) else [assumption.renumbered()]
