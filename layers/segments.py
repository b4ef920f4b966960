"""Cuts lines and boundaries into short lines at their own vertices, so no point is invented; it cuts no areas."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from zoning.evidence import Geometries, Indices

EDGE_VERTICES = 32
PIECE_VERTICES = 128


def short_lines(lines: Any, vertices: int) -> tuple[Geometries, Indices]:
    """Cut single lines (or rings) into lines of at most `vertices` vertices.

    Parameters
    ----------
    lines
        1-D array of LineString or LinearRing, none empty.
    vertices
        At least 2.

    Returns
    -------
    The short lines in order along each line, and for each the index of its line. Neighbours share one vertex.

    >>> parts, owner = short_lines(shapely.from_wkt(["LINESTRING (0 0, 1 0, 2 0, 3 0)"]), 3)
    >>> [p.wkt for p in parts], owner.tolist()
    (['LINESTRING (0 0, 1 0, 2 0)', 'LINESTRING (2 0, 3 0)'], [0, 0])
    """
    array = np.atleast_1d(np.asarray(lines, dtype=object))
    if not len(array):
        return np.empty(0, dtype=object), np.empty(0, dtype=np.int64)
    counts = shapely.get_num_coordinates(array).astype(np.int64)
    coordinates = shapely.get_coordinates(array)
    step = vertices - 1
    chunks = -(-(counts - 1) // step)
    owner = np.repeat(np.arange(len(array)), chunks)
    first_chunk = np.cumsum(chunks) - chunks
    offset = (np.arange(chunks.sum()) - np.repeat(first_chunk, chunks)) * step
    start = np.repeat(np.cumsum(counts) - counts, chunks) + offset
    length = np.minimum(vertices, counts[owner] - offset)
    within = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
    picked = np.repeat(start, length) + within
    parts = shapely.linestrings(coordinates[picked], indices=np.repeat(np.arange(len(owner)), length))
    return np.asarray(parts, dtype=object), owner.astype(np.int64)


def edges(geometries: Any, vertices: int = EDGE_VERTICES) -> tuple[Geometries, Indices]:
    """The true boundaries of polygons as short lines, lines as short lines, points as themselves.

    Parameters
    ----------
    geometries
        1-D array of geometries of one dimension (all polygonal, all lines or all points), EPSG:4490.

    Returns
    -------
    The edges, and for each the index of its geometry.
    """
    array = np.atleast_1d(np.asarray(geometries, dtype=object))
    parts, owner = shapely.get_parts(array, return_index=True)
    if not len(parts):
        return np.empty(0, dtype=object), np.empty(0, dtype=np.int64)
    dimension = shapely.get_dimensions(parts)
    if np.any(dimension != dimension[0]):
        raise ValueError("geometries of different dimensions have no common kind of edge")
    if dimension[0] == 0:
        return parts, owner.astype(np.int64)
    lines: npt.NDArray[np.object_] = parts
    if dimension[0] == 2:
        lines, ring_owner = shapely.get_rings(parts, return_index=True)
        owner = owner[ring_owner]
    cut, line = short_lines(lines, vertices)
    return cut, owner[line].astype(np.int64)
