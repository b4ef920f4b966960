"""Rings as a file gives them, made into polygons, with every fault of closing and direction put on record; crossings
are not judged.

A site's reader hands rings over raw, because a geometry library closes and turns them without a word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import shapely

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RingFault:
    """A fault already mended: which, in which ring (1-based, as given), and where in source coordinates.

    `amount` is the gap closed, in source units, for ``ring-unclosed``; the number of points for ``repeated-points``.
    """

    type: Literal["ring-unclosed", "ring-order", "repeated-points", "self-touch", "parts-merged"]
    ring: int | None
    coordinate: tuple[float, float]
    amount: float = 0.0


class BrokenRingsError(Exception):
    """Rings or parts that cannot be taken as a site. `type` is the last part of the error's name; source coordinates.

    `crossings` holds every crossing point found, (n, 2); `complete` is False when more may exist.
    """

    def __init__(
        self,
        type: str,
        coordinate: tuple[float, float] | None = None,
        *,
        ring: int | None = None,
        crossings: Floats | None = None,
        complete: bool = True,
    ) -> None:
        super().__init__(type)
        self.type = type
        self.coordinate = coordinate
        self.ring = ring
        self.crossings = crossings
        self.complete = complete


def signed_area(ring: Floats) -> float:
    """Planar area of a closed ring, (n, 2), in source units squared; positive when counter-clockwise."""
    local = ring - ring[0]
    x, y = local[:, 0], local[:, 1]
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]) / 2)


def close_ring(points: Floats, number: int = 1) -> tuple[Floats, list[RingFault]]:
    """A ring with its first point repeated at the end, and the fault if it was not.

    Parameters
    ----------
    points
        (n, 2) source coordinates, finite.

    Raises
    ------
    BrokenRingsError
        ``not-finite``: a NaN or infinite coordinate; ``too-few-points``: fewer than three different points.
    """
    if not np.isfinite(points).all():
        raise BrokenRingsError("not-finite", ring=number)
    if len(np.unique(points, axis=0)) < 3:
        at = (float(points[0, 0]), float(points[0, 1])) if len(points) else None
        raise BrokenRingsError("too-few-points", at, ring=number)
    if np.array_equal(points[0], points[-1]):
        return points, []
    gap = float(np.hypot(*(points[-1] - points[0])))
    at = (float(points[-1, 0]), float(points[-1, 1]))
    return np.vstack([points, points[:1]]), [RingFault("ring-unclosed", number, at, gap)]


def polygon_of(rings: Sequence[Floats]) -> tuple[shapely.Polygon, list[RingFault]]:
    """A polygon from a shell and its holes, in that order (GeoJSON, simple features); directions are left as given.

    Raises
    ------
    BrokenRingsError
        As `close_ring`.
    """
    closed, faults = [], []
    for number, ring in enumerate(rings, start=1):
        points, found = close_ring(ring, number)
        closed.append(points)
        faults += found
    return shapely.Polygon(closed[0], closed[1:]), faults


def assemble(rings: Sequence[Floats]) -> tuple[list[shapely.Polygon], list[RingFault]]:
    """Polygons from loose rings whose direction tells shells (clockwise) from holes, as in a Shapefile record.

    Returns
    -------
    Polygons with shells counter-clockwise, in the order of their shells, and the faults mended: unclosed rings, and
    ``ring-order`` when the whole record is turned the other way (every outermost ring runs as a hole should).

    Raises
    ------
    BrokenRingsError
        ``hole-outside`` for a hole in no shell; ``nested-shells`` for a shell directly inside another;
        ``too-few-points``.
    """
    closed: list[Floats] = []
    faults: list[RingFault] = []
    for number, ring in enumerate(rings, start=1):
        points, found = close_ring(ring, number)
        closed.append(points)
        faults += found
    areas = np.array([signed_area(points) for points in closed])
    holders = _holders(closed, np.abs(areas))
    outermost = np.array([not around for around in holders])
    if (areas[outermost] > 0).all():
        first = closed[int(np.argmax(outermost))][0]
        faults.append(RingFault("ring-order", int(np.argmax(outermost)) + 1, (float(first[0]), float(first[1]))))
        areas = -areas
    is_shell = areas <= 0
    holes: dict[int, list[Floats]] = {int(shell): [] for shell in np.flatnonzero(is_shell)}
    for number, points in enumerate(closed):
        parent = min(holders[number], key=lambda n: abs(areas[n])) if holders[number] else None
        at = (float(points[0, 0]), float(points[0, 1]))
        if is_shell[number]:
            if parent is not None and is_shell[parent]:
                raise BrokenRingsError("nested-shells", at, ring=number + 1)
        elif parent is None or not is_shell[parent]:
            raise BrokenRingsError("hole-outside" if parent is None else "nested-holes", at, ring=number + 1)
        else:
            holes[parent].append(points)
    polygons = [shapely.Polygon(closed[shell], inner) for shell, inner in holes.items()]
    return [shapely.orient_polygons(polygon) for polygon in polygons], faults


def _holders(rings: Sequence[Floats], areas: Floats) -> list[list[int]]:
    """For each ring the larger rings that it lies in."""
    faces = shapely.polygons([shapely.LinearRing(points) for points in rings])
    inside, around = shapely.STRtree(faces).query([_inner_point(face) for face in faces], predicate="within")
    holders: list[list[int]] = [[] for _ in rings]
    for ring, holder in zip(inside, around, strict=True):
        if areas[holder] > areas[ring]:
            holders[ring].append(int(holder))
    return holders


def _inner_point(face: shapely.Polygon) -> shapely.Point:
    """A point inside a ring, or on it when the ring has no inside or crosses itself."""
    return shapely.point_on_surface(face) if shapely.is_valid(face) else shapely.get_point(face.exterior, 0)
