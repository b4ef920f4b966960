"""A user's site: from coordinates as given to one checked geometry in EPSG:4490; it opens no files and compares with
no layer.

Edges of a projected CRS stay straight in its plane (see `zoning.straight`). Everything assumed is a `Notice`,
everything mended a `Repair`, and whatever may be drawn wrongly is refused with its coordinate.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from zoning import assumption
from zoning.bilingual import Bilingual
from zoning.canonical import GRID, canonical_geometry
from zoning.corridor import widened
from zoning.crs import SourceCRS, read_crs, require_no_old_datum, shifted_datum
from zoning.datum import declared_datum
from zoning.errors import BadSite
from zoning.measure import ellipsoidal_area
from zoning.parcel import (
    DIMENSION,
    METRES_PER_DEGREE,
    Dimension,
    Parcel,
    flat,
    number_parcels,
    overlap_notices,
    together,
)
from zoning.placement import SHANXI, Region, infer, require_inside
from zoning.repair import mend_parts, mend_polygon, refuse_scribble, well_written
from zoning.rings import BrokenRingsError, RingFault
from zoning.sitefault import FEATURES, VERTICES, Notice, Repair, place_of, refusal, repair_of, too_large
from zoning.straight import to_lonlat

__all__ = ["MOST_PARCELS", "MOST_VERTICES", "Notice", "Parcel", "RawPart", "Repair", "Site", "read_site"]

MOST_PARCELS = 2_000
MOST_VERTICES = 200_000
MOST_AREA_CHANGE = 0.001
"""A repair that changes a feature's area by more than this share is refused."""
MOST_HALF_WIDTH_M = 5_000.0
MOST_ACCURACY_M = 10_000.0


@dataclass(frozen=True, slots=True)
class RawPart:
    """One feature as a file gives it, in source coordinates: x = longitude or easting.

    Polygon shells run counter-clockwise by RFC 7946; a reader of a format with another rule turns them. `faults` are
    what the reader already mended, `broken` what it could not make a geometry of; the refusal then comes once the CRS
    is known.
    """

    geometry: shapely.Geometry | None
    name: str | None = None
    number: str | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    file: str | None = None
    feature: int = 1
    faults: tuple[RingFault, ...] = ()
    broken: BrokenRingsError | None = None

    @property
    def where(self) -> dict[str, Any]:
        return {"file": self.file, "feature": self.feature}


@dataclass(frozen=True, slots=True)
class Site:
    """A site ready to be checked.

    `geometry` is the union of the parcels in canonical form, EPSG:4490, all of one `dimension` (0 points, 1 lines, 2
    areas). A line or point given a half-width has become an area around its `axis`. `accuracy_m` is one-sided at 95 %.
    `crs` is what the site was read as.
    """

    geometry: shapely.Geometry
    dimension: Dimension
    parcels: tuple[Parcel, ...]
    accuracy_m: float
    half_width_m: float | None
    axis: shapely.Geometry | None
    crs: str
    notices: tuple[Notice, ...]
    repairs: tuple[Repair, ...]

    def canonical_wkb(self) -> bytes:
        """The bytes of the geometry that a check's id is made from: the canonical form as little-endian WKB of two
        dimensions.

        The canonical form, complete:

        1. Every coordinate is the nearest multiple of 1e-9°. What is narrower than a step closes up or vanishes.
        2. No position repeats the one before it, whether given twice or met on the grid.
        3. Rings are closed. Each begins at its westernmost vertex, of several the southernmost; shells run clockwise,
           holes counter-clockwise. A closed line runs as a shell does; an open one begins at the end that is further
           west, then further south, and where both ends are one place, as their neighbours say.
        4. Holes and parts stand in descending order: first by their number of vertices (a polygon's by its shell's),
           then by their coordinates in sequence, x before y. One part is a Polygon, LineString or Point; several are a
           Multi- of one kind.
        5. Areas and points of several parcels are united. Parts of one parcel that share an edge are too. Lines are
           collected as they are, and united only where they run over each other.
        6. A vertex on a straight edge stays: it is a corner that was given. An edge in two lines is not one line.

        So ring start, direction, the order of parts and holes, repeated vertices, heights, and whether parts came as
        one feature or many do not matter. Nor do format, encoding and CRS, as long as the numbers written resolve the
        grid: nine decimals of a degree, five of a metre. With fewer decimals the site is another site, each vertex off
        by up to half a unit of the last; it then has another id. A way through a Gauss-Krüger zone and back has an
        error under 1e-13° in Shanxi, far below half a step.

        The limits: a position off the grid, as any surveyed in metres, rounds to the neighbouring step after such a
        way by a chance of about one in ten thousand; an edge long enough for inserted vertices (about 250 m,
        east–west) is another shape in another CRS; and a needle one or two steps wide (0.2 mm) may close up only when
        the site is read again from its own canonical form.
        """
        return bytes(shapely.to_wkb(self.geometry, output_dimension=2, byte_order=1, include_srid=False))


def read_site(
    parts: Sequence[RawPart],
    *,
    crs: pyproj.CRS | str | int | None,
    accuracy_m: float = 0.0,
    half_width_m: float | None = None,
    region: Region = SHANXI,
) -> Site:
    """Read a site from its features.

    Parameters
    ----------
    parts
        The features in file order.
    crs
        What the coordinates are in. None lets `zoning.placement.infer` choose where the coordinates leave no doubt.
    accuracy_m
        Stated accuracy of the site, m, one-sided at 95 %.
    half_width_m
        For lines and points: the half-width or radius that makes them an area, m.
    region
        Where the deployment may be asked about; anything outside is refused, with the mistake that explains it.

    Raises
    ------
    BadSite
        ``site-empty``, ``site-too-large``, ``site-not-finite``, ``site-mixed-dimensions``, ``site-outside-region``,
        ``crs-needed``, ``crs-unknown``, ``datum-*``, ``accuracy-invalid``, ``half-width-invalid``,
        ``site-repair-too-large`` and the refusals listed in `zoning.sitefault`.
    """
    _require_numbers(accuracy_m, half_width_m)
    dimension = _require_parts(parts)
    if crs is None:
        for part in parts:
            require_no_old_datum(part.file or "", part.properties, **part.where)
    if half_width_m is not None and dimension == 2:
        text = Bilingual("选址是面，不能再给半宽。", "The site is an area; a half-width is for lines and points.")
        raise BadSite("half-width-invalid", text, value=half_width_m)
    source, notices = _place(parts, crs, region)
    repairs: list[Repair] = []
    geometries: list[shapely.Geometry] = []
    inserted = 0
    for part in parts:
        geometry, mended, more = _read_part(part, source)
        geometries.append(geometry)
        repairs += mended
        inserted += more
    if inserted:
        notices.append(assumption.vertices_inserted(inserted, source))
    if any(_reversed(part, geometry, source) for part, geometry in zip(parts, geometries, strict=True)):
        notices.append(assumption.line_direction(geometries[0]))
    axis = None
    if half_width_m is not None:
        axis = together(geometries, dimension)
        geometries = [widened(g, half_width_m) for g in geometries]
        notices.append(assumption.widened(half_width_m, dimension))
        dimension = 2
    geometry = together(geometries, dimension)
    if dimension == 2:
        notices += overlap_notices(geometries, geometry)
    parcels, named = number_parcels([(p.number, p.name, p.properties) for p in parts], geometries)
    notices += named
    return Site(
        geometry, dimension, parcels, float(accuracy_m), None if half_width_m is None else float(half_width_m), axis,
        source.label, tuple(notices), tuple(repairs),
    )  # fmt: skip


def _require_numbers(accuracy_m: float, half_width_m: float | None) -> None:
    if not (math.isfinite(accuracy_m) and 0 <= accuracy_m <= MOST_ACCURACY_M):
        text = Bilingual(
            f"选址精度应在 0 到 {MOST_ACCURACY_M:g} 米之间。",
            f"The site's accuracy must be 0 to {MOST_ACCURACY_M:g} m.",
        )
        raise BadSite("accuracy-invalid", text, value=repr(accuracy_m))
    if half_width_m is not None and not (math.isfinite(half_width_m) and 0 < half_width_m <= MOST_HALF_WIDTH_M):
        text = Bilingual(
            f"半宽应大于 0、不超过 {MOST_HALF_WIDTH_M:g} 米。",
            f"A half-width must be above 0 and at most {MOST_HALF_WIDTH_M:g} m.",
        )
        raise BadSite("half-width-invalid", text, value=repr(half_width_m))


def _require_parts(parts: Sequence[RawPart]) -> Dimension:
    """Everything that can be told without the CRS; returns the one dimension of all parts."""
    if not parts:
        raise BadSite("site-empty", Bilingual("没有任何图形。", "There is no geometry."))
    if len(parts) > MOST_PARCELS:
        raise too_large(FEATURES, len(parts), MOST_PARCELS, {"file": parts[0].file})
    vertices = 0
    first: tuple[Dimension, RawPart] | None = None
    for part in parts:
        if declared := declared_datum(file_name=part.file or "", properties=part.properties):
            raise shifted_datum(
                declared.datum, declared.words, file=part.file, feature=part.feature, field=declared.field
            )
        if part.broken is not None:
            first = first or (2, part)
            continue
        if part.geometry is None or shapely.is_empty(part.geometry):
            text = Bilingual("{place}没有几何图形。", "{place} has no geometry.").format(place=place_of(part.where))
            raise BadSite("site-empty", text, **part.where)
        if not np.isfinite(coordinates := shapely.get_coordinates(part.geometry)).all():
            raise refusal(BrokenRingsError("not-finite"), None, part.where)
        vertices += len(coordinates)
        found = _dimensions(part.geometry)
        first = first or (found[0], part)
        if len(found) > 1 or found[0] != first[0]:
            text = Bilingual(
                "选址同时含有点、线、面中的几种（{a}、{b}）。请分开提交，每次只含一种。",
                "The site mixes points, lines and areas ({a}, {b}). Check them one kind at a time.",
            ).format(a=place_of(first[1].where), b=place_of(part.where))
            raise BadSite("site-mixed-dimensions", text, **part.where)
    if vertices > MOST_VERTICES:
        raise too_large(VERTICES, vertices, MOST_VERTICES, {"file": parts[0].file})
    return first[0] if first else 2


def _dimensions(geometry: shapely.Geometry) -> list[Dimension]:
    return sorted({DIMENSION[int(kind)] for kind in shapely.get_type_id(flat(geometry))})


def _place(
    parts: Sequence[RawPart], crs: pyproj.CRS | str | int | None, region: Region
) -> tuple[SourceCRS, list[Notice]]:
    """The source CRS and what was assumed about it; everything lies in the region, or the site is refused."""
    rows = [_coordinates(part) for part in parts]
    xy = np.vstack(rows)
    owner = np.repeat(np.arange(len(parts)), [len(r) for r in rows])
    if not len(xy):
        broken = next(part for part in parts if part.broken is not None)
        raise refusal(broken.broken or BrokenRingsError("not-finite"), None, broken.where)
    chosen = False
    if crs is None:
        source, chosen = infer(xy, region, file=parts[0].file)
    else:
        source = read_crs(crs)
    require_inside(xy, source, region, lambda row: parts[owner[row]].where)
    return source, assumption.of_crs(source, source.to_lonlat(xy), stated=crs is not None, by_prefix=chosen)


def _coordinates(part: RawPart) -> npt.NDArray[np.float64]:
    if part.geometry is not None:
        return np.asarray(shapely.get_coordinates(part.geometry))
    at = part.broken.coordinate if part.broken is not None else None
    return np.array([at]) if at is not None else np.empty((0, 2))


def _read_part(part: RawPart, source: SourceCRS) -> tuple[shapely.Geometry, list[Repair], int]:
    """One feature in EPSG:4490, canonical, with its repairs and the number of vertices inserted."""
    per_unit = METRES_PER_DEGREE if source.geographic else float(source.crs.axis_info[0].unit_conversion_factor)
    try:
        if part.broken is not None:
            raise part.broken
        given = flat(shapely.force_2d(part.geometry))
        mended, faults = _mend(given, per_unit)
    except BrokenRingsError as error:
        raise refusal(error, source, part.where) from error
    lonlat, inserted = to_lonlat(mended, source)
    result = canonical_geometry(lonlat)
    if shapely.is_empty(result):
        kind = ("not-finite", "zero-length", "zero-area")[_dimensions(mended)[0]]
        at = shapely.get_coordinates(mended)[0]
        raise refusal(BrokenRingsError(kind, (float(at[0]), float(at[1]))), source, part.where)
    faults = [*part.faults, *faults]
    if not faults:
        return result, [], inserted
    before = sum(float(ellipsoidal_area([to_lonlat(g, source)[0]])[0]) for g in given)
    after = float(ellipsoidal_area([lonlat])[0])
    if abs(after - before) > MOST_AREA_CHANGE * before:
        text = Bilingual(
            "{place}整理后面积由 {before} 变为 {after} 平方米，超过 0.1 %，不予自动处理。",
            "Mending {place} would change its area from {before} to {after} m², more than 0.1 %; mend it and try "
            "again.",
        ).format(place=place_of(part.where), before=f"{before:.2f}", after=f"{after:.2f}")
        raise BadSite("site-repair-too-large", text, area_before_m2=before, area_after_m2=after, **part.where)
    return result, [repair_of(fault, source, part.where, before, after) for fault in faults], inserted


def _mend(given: npt.NDArray[np.object_], per_unit: float) -> tuple[shapely.Geometry, list[RingFault]]:
    kind = DIMENSION[int(shapely.get_type_id(given[0]))]
    if kind == 2:
        for polygon in given:
            refuse_scribble(polygon)
        mended, faults = list(given), []
        for n in np.flatnonzero(~well_written(given)):
            mended[n], found = mend_polygon(given[n], per_unit)
            faults += found
        merged, found = mend_parts(mended, per_unit)
        return merged, [*faults, *found]
    if kind == 1:
        at = shapely.get_coordinates(given[0])[0]
        first = (float(at[0]), float(at[1]))
        if (shapely.length(given) == 0).any():
            raise BrokenRingsError("zero-length", first)
        clean = shapely.remove_repeated_points(given)
        fewer = int(np.sum(shapely.get_num_coordinates(given) - shapely.get_num_coordinates(clean)))
        made = clean[0] if len(clean) == 1 else shapely.MultiLineString(list(clean))
    else:
        xy = shapely.get_coordinates(given)
        clean = np.unique(xy, axis=0)
        first, fewer = (float(xy[0, 0]), float(xy[0, 1])), len(xy) - len(clean)
        made = shapely.Point(clean[0]) if len(clean) == 1 else shapely.MultiPoint(clean)
    return made, [RingFault("repeated-points", None, first, fewer)] if fewer else []


def _reversed(part: RawPart, geometry: shapely.Geometry, source: SourceCRS) -> bool:
    """Whether a single drawn line now runs the other way."""
    if part.geometry is None or shapely.get_type_id(geometry) != 1:
        return False
    start = source.to_lonlat(shapely.get_coordinates(part.geometry)[:1])[0]
    ends = shapely.get_coordinates(geometry)[[0, -1]]
    return bool(np.abs(ends[0] - start).max() > 10 * GRID >= np.abs(ends[1] - start).max())
