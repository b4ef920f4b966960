"""Mends what is only written badly in a site's polygon and refuses what may be drawn wrongly; it works in the source
plane.

A ring is weakly simple (it may touch itself, retrace an edge or be cut open to a hole) when its winding number is 0 or
1 everywhere.
That, and nothing else, is repaired. A face wound otherwise and thicker than a millimetre is a crossing, and is refused.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from zoning.rings import BrokenRingsError, RingFault, signed_area

Floats = npt.NDArray[np.float64]

TOUCH_M = 0.001
"""Faces and spikes thinner or shorter than this come from rounding coordinates to millimetres: a touch, not a
crossing."""
_FIRST_BLOCK, _LARGEST_BLOCK = 16, 1024
_MOST_CROSSINGS = 1000
_MOST_FACES = 1000
_LARGE = 10_000


def mend_polygon(polygon: shapely.Polygon, metres_per_unit: float) -> tuple[shapely.Geometry, list[RingFault]]:
    """A valid polygon or multipolygon with the same inside, and what was mended.

    Parameters
    ----------
    polygon
        Source coordinates, finite, rings closed; shell counter-clockwise by RFC 7946 (the other way is mended).
    metres_per_unit
        1 for metres, about 1e5 for degrees.

    Raises
    ------
    BrokenRingsError
        ``zero-area``, ``self-crossing``, ``hole-outside``, ``nested-holes``, ``spike``, ``too-many-touches``.
    """
    rings = [_distinct(np.asarray(shapely.get_coordinates(ring))) for ring in shapely.get_rings(polygon)]
    faults: list[RingFault] = []
    turned: list[Floats] = []
    for number, (points, repeated) in enumerate(rings, start=1):
        if repeated is not None:
            faults.append(RingFault("repeated-points", number, repeated[0], repeated[1]))
        if len(np.unique(points, axis=0)) < 3:
            raise BrokenRingsError("zero-area", _pair(points[0]), ring=number)
        area = signed_area(points)
        wrong = area < 0 if number == 1 else area > 0
        if wrong:
            faults.append(RingFault("ring-order", number, _pair(points[0])))
        turned.append(points[::-1] if wrong else points)
    clean = shapely.Polygon(turned[0], turned[1:])
    if shapely.is_valid(clean):
        return clean, faults
    mended, at = _weakly_simple(turned, metres_per_unit, clean)
    return mended, [*faults, RingFault("self-touch", None, at)]


def well_written(polygons: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
    """For each polygon whether nothing needs mending: valid, no repeated points, shell counter-clockwise, holes clockwise."""
    rings, owner = shapely.get_rings(polygons, return_index=True)
    shell = np.ones(len(rings), dtype=bool)
    shell[1:] = owner[1:] != owner[:-1]
    points, ring_of = shapely.get_coordinates(rings, return_index=True)
    repeated = (points[1:] == points[:-1]).all(axis=1) & (ring_of[1:] == ring_of[:-1])
    good = np.asarray(shapely.is_valid(polygons))
    good[owner[ring_of[1:][repeated]]] = False
    good[owner[shapely.is_ccw(rings) != shell]] = False
    return good


def mend_parts(polygons: list[shapely.Geometry], metres_per_unit: float) -> tuple[shapely.Geometry, list[RingFault]]:
    """One polygon or multipolygon from the mended parts of one feature; parts that share an edge are merged.

    Raises
    ------
    BrokenRingsError
        ``nested-shells`` when one part lies in another; ``self-crossing`` when two parts overlap.
    """
    parts = np.asarray(shapely.get_parts(np.asarray(polygons, dtype=object)), dtype=object)
    if len(parts) == 1:
        return parts[0], []
    together = shapely.MultiPolygon(list(parts))
    if shapely.is_valid(together):
        return together, []
    tree = shapely.STRtree(parts)
    touched: tuple[float, float] | None = None
    for left, right in zip(*tree.query(parts, predicate="intersects"), strict=True):
        if left >= right:
            continue
        common = areas_of(shapely.intersection(parts[left], parts[right]))
        if mean_thickness(common) * metres_per_unit > TOUCH_M:
            at = _pair(shapely.get_coordinates(shapely.point_on_surface(common))[0])
            nested = shapely.covers(parts[left], parts[right]) or shapely.covers(parts[right], parts[left])
            if nested:
                raise BrokenRingsError("nested-shells", at)
            where = np.asarray(
                shapely.get_coordinates(shapely.intersection(parts[left].boundary, parts[right].boundary))
            )
            raise BrokenRingsError("parts-overlap", _pair(where[0]) if len(where) else at, crossings=where)
        touched = touched or _pair(shapely.get_coordinates(shapely.intersection(parts[left], parts[right]))[0])
    return shapely.union_all(parts), [
        RingFault("parts-merged", None, touched or _pair(shapely.get_coordinates(together)[0]))
    ]


def _distinct(points: Floats) -> tuple[Floats, tuple[tuple[float, float], int] | None]:
    """Points without immediate repeats, with the first repeat and their number."""
    same = np.flatnonzero((points[1:] == points[:-1]).all(axis=1)) + 1
    if not len(same):
        return points, None
    return np.delete(points, same, axis=0), (_pair(points[same[0]]), len(same))


def _weakly_simple(
    rings: list[Floats], metres_per_unit: float, clean: shapely.Polygon
) -> tuple[shapely.Geometry, tuple[float, float]]:
    origin = rings[0][0]
    starts = np.vstack([ring[:-1] for ring in rings]) - origin
    ends = np.vstack([ring[1:] for ring in rings]) - origin
    crossings, complete = proper_crossings(starts, ends)
    if not complete:
        raise _crossed(crossings + origin, complete=False)
    reason = "" if len(crossings) else str(shapely.is_valid_reason(clean))
    lines = shapely.union_all(shapely.linestrings(local_lines(starts, ends)))
    faces = np.asarray(shapely.get_parts(shapely.polygonize(shapely.get_parts(lines))), dtype=object)
    if not len(faces):
        raise BrokenRingsError("zero-area", _pair(origin))
    if len(faces) > _MOST_FACES:
        raise BrokenRingsError("too-many-touches", _reason_point(reason) or _pair(origin))
    winding = _winding(shapely.get_coordinates(shapely.point_on_surface(faces)), starts, ends)
    thick = np.array([mean_thickness(face) for face in faces]) * metres_per_unit > TOUCH_M
    wrong = thick & (winding != 0) & (winding != 1)
    at = _pair(crossings[0] + origin) if len(crossings) else _reason_point(reason)
    if wrong.any():
        if not len(crossings):
            kind = {"Hole lies outside shell": "hole-outside", "Holes are nested": "nested-holes"}.get(
                reason.partition("[")[0]
            )
            place = at or _pair(shapely.get_coordinates(faces[wrong][0])[0] + origin)
            raise BrokenRingsError(kind or "self-crossing", place)
        raise _crossed(crossings + origin, complete=True)
    inside = shapely.union_all(faces[winding >= 1])
    if shapely.is_empty(inside):
        raise BrokenRingsError("zero-area", _pair(origin))
    outside = shapely.get_parts(shapely.difference(lines, inside))
    spikes = outside[shapely.length(outside) * metres_per_unit > TOUCH_M]
    if len(spikes):
        ends_of = shapely.get_coordinates(spikes[0])
        tip = ends_of[int(np.argmax(shapely.distance(shapely.points(ends_of), inside)))]
        raise BrokenRingsError("spike", _pair(tip + origin))
    moved = shapely.transform(inside, lambda xy: xy + origin)
    return moved, at or _pair(origin)


def _crossed(points: Floats, *, complete: bool) -> BrokenRingsError:
    return BrokenRingsError("self-crossing", _pair(points[0]), crossings=points, complete=complete)


def refuse_scribble(polygon: shapely.Polygon) -> None:
    """Raise ``self-crossing`` for a large polygon a few of whose edges cross more than a thousand others.

    A full test of validity takes many seconds on one; this takes a fraction of one.
    """
    if shapely.get_num_coordinates(polygon) < _LARGE:
        return
    rings = [np.asarray(shapely.get_coordinates(ring)) for ring in shapely.get_rings(polygon)]
    origin = rings[0][0]
    starts = np.vstack([ring[:-1] for ring in rings]) - origin
    ends = np.vstack([ring[1:] for ring in rings]) - origin
    segments = shapely.linestrings(local_lines(starts, ends))
    picked = np.linspace(0, len(segments) - 1, _FIRST_BLOCK).astype(np.intp)
    left, right = shapely.STRtree(segments).query(segments[picked])
    points = _cross(starts, ends, picked[left], right)
    if len(points) > _MOST_CROSSINGS:
        raise _crossed(points[:_MOST_CROSSINGS] + origin, complete=False)


def local_lines(starts: Floats, ends: Floats) -> Floats:
    """Segments as an array (n, 2, 2)."""
    return np.stack([starts, ends], axis=1)


def proper_crossings(starts: Floats, ends: Floats) -> tuple[Floats, bool]:
    """Points where two segments cross in their insides.

    Parameters
    ----------
    starts, ends
        (n, 2), coordinates near the origin so that products keep their digits.

    Returns
    -------
    The points, (k, 2), in the order of the segments, and whether all segments were looked at. The search stops after
    the first block with crossings once there are many segments, so that a scribble of 200 000 vertices does not cost
    its square.
    """
    segments = shapely.linestrings(local_lines(starts, ends))
    tree = shapely.STRtree(segments)
    found: list[Floats] = []
    count = 0
    first, block = 0, _FIRST_BLOCK
    while first < len(segments):
        left, right = tree.query(segments[first : first + block])
        left = left + first
        keep = left < right
        points = _cross(starts, ends, left[keep], right[keep])
        if len(points):
            found.append(points)
            count += len(points)
        first += block
        block = min(2 * block, _LARGEST_BLOCK)
        if count > _MOST_CROSSINGS:
            return np.vstack(found)[:_MOST_CROSSINGS], False
    return (np.vstack(found) if found else np.empty((0, 2))), True


def _cross(starts: Floats, ends: Floats, left: npt.NDArray[np.intp], right: npt.NDArray[np.intp]) -> Floats:
    a, b, c, d = starts[left], ends[left], starts[right], ends[right]

    def side(p: Floats, q: Floats, r: Floats) -> Floats:
        u, v = q - p, r - p
        return np.asarray(u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0])

    c_side, d_side = side(a, b, c), side(a, b, d)
    proper = (c_side * d_side < 0) & (side(c, d, a) * side(c, d, b) < 0)
    share = c_side[proper] / (c_side[proper] - d_side[proper])
    return np.asarray(c[proper] + (d[proper] - c[proper]) * share[:, None])


def _winding(points: Floats, starts: Floats, ends: Floats) -> npt.NDArray[np.int64]:
    """Winding number of the rings' segments around each point, by signed crossings of a ray to the east."""
    result = np.zeros(len(points), dtype=np.int64)
    run, rise = ends - starts, ends[:, 1] - starts[:, 1]
    for n, (x, y) in enumerate(points):
        up = (starts[:, 1] <= y) & (ends[:, 1] > y)
        down = (starts[:, 1] > y) & (ends[:, 1] <= y)
        hit = up | down
        at = starts[hit, 0] + (y - starts[hit, 1]) / rise[hit] * run[hit, 0]
        result[n] = int(np.sum(np.where(up[hit], 1, -1)[at > x]))
    return result


def areas_of(geometry: shapely.Geometry) -> shapely.Geometry:
    """The polygons of a geometry, without the lines and points that an intersection leaves."""
    parts = shapely.get_parts(geometry)
    return shapely.MultiPolygon(list(parts[shapely.get_type_id(parts) == 3]))


def mean_thickness(geometry: shapely.Geometry) -> float:
    """Mean thickness of an area, 2 A / P, in its own units; 0 for lines and points."""
    perimeter = float(shapely.length(geometry))
    return 2 * float(shapely.area(geometry)) / perimeter if perimeter else 0.0


def _reason_point(reason: str) -> tuple[float, float] | None:
    inside = reason.partition("[")[2].rstrip("]").split()
    return (float(inside[0]), float(inside[1])) if len(inside) >= 2 else None


def _pair(point: npt.ArrayLike) -> tuple[float, float]:
    x, y = np.asarray(point, dtype=np.float64)[:2]
    return float(x), float(y)
