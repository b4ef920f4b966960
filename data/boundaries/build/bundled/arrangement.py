"""Noding county lines and the outlines of illustrative areas together, so that all that is built from the faces fits exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from bundled.divisions import Geometries
from bundled.redline import GRID


@dataclass(frozen=True)
class Arrangement:
    """Faces of one noding, each in one county and in any number of the given areas."""

    faces: Geometries
    county: npt.NDArray[np.int64]
    """Index of each face's county."""
    members: npt.NDArray[np.bool_]
    """Whether a face is in an area: shape (faces, areas)."""

    def union(self, chosen: npt.NDArray[np.bool_]) -> shapely.Geometry:
        """Union of the chosen faces, with every node of their outlines kept."""
        return shapely.normalize(shapely.coverage_union_all(self.faces[chosen]))

    def counties(self) -> Geometries:
        """The counties again, with the nodes at which area outlines meet county lines."""
        return np.asarray([self.union(self.county == index) for index in range(self.county.max() + 1)], dtype=object)


def arrange(counties: Geometries, areas: Sequence[shapely.Geometry]) -> Arrangement:
    """Node all outlines on the 1e-7° grid and form the faces inside the counties."""
    outlines = shapely.boundary(np.concatenate([counties, np.asarray(areas, dtype=object)]))
    lines = shapely.get_parts(shapely.union_all(outlines, grid_size=GRID))
    faces = shapely.normalize(shapely.get_parts(shapely.polygonize(np.asarray(lines))))
    points = shapely.point_on_surface(faces)
    county = np.full(len(faces), -1, dtype=np.int64)
    of_point, of_county = shapely.STRtree(counties).query(points, predicate="within")
    county[of_point] = of_county
    members = np.zeros((len(faces), len(areas)), dtype=bool)
    of_point, of_area = shapely.STRtree(np.asarray(areas, dtype=object)).query(points, predicate="within")
    members[of_point, of_area] = True
    inside = county >= 0
    order = np.lexsort((shapely.get_y(points)[inside], shapely.get_x(points)[inside]))
    return Arrangement(faces[inside][order], county[inside][order], members[inside][order])
