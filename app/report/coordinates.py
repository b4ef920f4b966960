"""Corner points of the site and of overlaps, in degrees and on the Gauss-Krüger plane; what does not fit is counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import shapely
from shapely import Geometry
from shapely.geometry import shape

from app.report.words import Words
from zoning.crs import gauss_krueger_epsg, read_crs

MOST_CORNERS: Final = 400
MOST_OVERLAPS: Final = 400
"""Points that are printed; how many are left out, and where all are, is said."""

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plane:
    """The 3° zone that coordinates are given in."""

    epsg: int
    meridian: int

    @classmethod
    def of(cls, meridian: int) -> Plane:
        code = gauss_krueger_epsg(meridian, meridian // 3)
        if code is None:
            raise ValueError(f"no CGCS2000 zone at {meridian}°")
        return cls(code, meridian)

    def points(self, lonlat: Any) -> Any:
        """(n, 2) degrees to (n, 2) easting with zone number, northing; metres."""
        return read_crs(self.epsg).from_lonlat(lonlat)


@dataclass(frozen=True, slots=True)
class Points:
    """A heading, rows of (point, ring, longitude, latitude, X north, Y east), and how many points were left out."""

    heading: str
    rows: tuple[Row, ...]
    left: int
    hidden: bool = False


def listed(heading: str, geometry: Geometry, plane: Plane, said: Words, room: int) -> Points:
    """The points of a geometry, ring by ring, as far as there is room."""
    rows: list[Row] = []
    total, number = 0, 0
    for part in shapely.get_parts(geometry):
        for ring, kind in _rings(part):
            xy = shapely.get_coordinates(ring)
            xy = xy[:-1] if kind in ("ring_outer", "ring_inner") else xy
            total += len(xy)
            number += 1
            fits = xy[: max(0, room - len(rows))]
            if not len(fits):
                continue
            for (lon, lat), (east, north) in zip(fits, plane.points(fits), strict=True):
                rows.append(
                    (
                        f"J{len(rows) + 1}",
                        f"{number} {said(kind)}",
                        f"{lon:.9f}",
                        f"{lat:.9f}",
                        f"{north:.3f}",
                        f"{east:.3f}",
                    )
                )
    return Points(heading, tuple(rows), total - len(rows))


def _rings(part: Geometry) -> list[tuple[Geometry, str]]:
    if shapely.get_dimensions(part) == 2:
        rings = shapely.get_rings(part)
        return [(ring, "ring_inner" if n else "ring_outer") for n, ring in enumerate(rings)]
    return [(part, "ring_line" if shapely.get_dimensions(part) == 1 else "ring_point")]


def of_site(check: Mapping[str, Any], plane: Plane, said: Words) -> tuple[Points, ...]:
    """The corner points, parcel by parcel."""
    found, room = [], MOST_CORNERS
    for number, geometry in parcels_of(check):
        points = listed(f"{said('map_parcel')}{number}", geometry, plane, said, room)
        room -= len(points.rows)
        found.append(points)
    return tuple(found)


def of_overlaps(
    check: Mapping[str, Any], names: list[str], public: set[str], plane: Plane, said: Words
) -> tuple[Points, ...]:
    """What findings show, one list for findings that show the same; `names` are the features' names by finding."""
    shared: dict[bytes, tuple[Geometry, list[int]]] = {}
    for n, one in enumerate(check["findings"]):
        if one["geometry"] is not None:
            geometry = geometry_of(one["geometry"])
            shared.setdefault(shapely.to_wkb(geometry) + names[n].encode(), (geometry, []))[1].append(n)
    found, room = [], MOST_OVERLAPS
    for geometry, numbers in shared.values():
        heading = said("overlap_of", numbers=", ".join(str(n + 1) for n in numbers), feature=names[numbers[0]])
        if check["findings"][numbers[0]]["layer"] not in public:
            found.append(Points(heading, (), 0, hidden=True))
            continue
        points = listed(heading, geometry, plane, said, room)
        room -= len(points.rows)
        found.append(points)
    return tuple(found)


def geometry_of(data: Mapping[str, Any]) -> Geometry:
    """A geometry of a check; the shortest line of what touches has no length and is a point."""
    if data["type"] == "LineString" and len({tuple(point) for point in data["coordinates"]}) == 1:
        return shapely.Point(data["coordinates"][0])
    return shape(data)


def parcels_of(check: Mapping[str, Any]) -> list[tuple[str, Geometry]]:
    """Parcels by number; a single one is the site itself."""
    site = check["site"]
    return [(p["number"], shape(p.get("geometry") or site["geometry"])) for p in site["parcels"]]
