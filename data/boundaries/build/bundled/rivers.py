"""Named river lines: centre lines of World Data Bank II, and schematic ones for rivers that it lacks; no widths, no banks.

The file `binned_river_f.nc` (GSHHG, LGPL) keeps lines in 1° bins with coordinates in 1/65535 of a degree from the bin's
south-west corner, and no names: `wdb2_segments.csv` says which segments are which river.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
import numpy.typing as npt
import shapely

from bundled.divisions import DECIMALS

JOIN_DEGREES = 0.01
"""Ends of segments of one river up to this far apart are joined by a straight line."""


@dataclass(frozen=True)
class River:
    """A named river and its line (MultiLineString, EPSG:4490)."""

    code: str
    name: str
    name_en: str
    kind: str
    """`centre_line` or `schematic`."""
    aliases: str | None
    plan_line: str
    line: shapely.MultiLineString


def _table(name: str) -> list[dict[str, str]]:
    with Path(__file__).with_name(name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _segments(path: Path) -> dict[str, list[npt.NDArray[np.float64]]]:
    with h5py.File(path) as file:
        first = file["Id_of_first_segment_in_a_bin"][:]
        points_from = file["Id_of_first_point_in_a_segment"][:]
        points = file["N_points_for_a_segment"][:]
        level = file["Hierarchial_level_of_a_segment"][:]
        x = file["Relative_longitude_from_SW_corner_of_bin"][:].astype(np.uint16)
        y = file["Relative_latitude_from_SW_corner_of_bin"][:].astype(np.uint16)
    found: dict[str, list[npt.NDArray[np.float64]]] = {}
    for row in _table("wdb2_segments.csv"):
        lat, lon = int(row["bin_sw_lat"]), int(row["bin_sw_lon"])
        segment = first[(89 - lat) * 360 + lon] + int(row["segment_in_bin"])
        if level[segment] != int(row["level"]):
            raise ValueError(f"segment {row} has level {level[segment]}")
        span = slice(points_from[segment], points_from[segment] + points[segment])
        xy = np.column_stack([lon + x[span] / 65535, lat + y[span] / 65535])
        found.setdefault(row["river"], []).append(np.round(xy, DECIMALS))
    return found


def join(lines: list[npt.NDArray[np.float64]]) -> list[npt.NDArray[np.float64]]:
    """Join lines end to end, nearest ends first, while two ends are at most `JOIN_DEGREES` apart.

    >>> a, b, c = (np.array(xy) for xy in ([(0, 0), (1, 0)], [(2, 0), (1.005, 0)], [(3, 0), (4, 0)]))
    >>> [line.tolist() for line in join([a, b, c])]
    [[[0.0, 0.0], [1.0, 0.0], [1.005, 0.0], [2.0, 0.0]], [[3, 0], [4, 0]]]
    """
    lines = list(lines)
    while True:
        best = None
        for i, one in enumerate(lines):
            for j, two in enumerate(lines[:i]):
                for flip_two in (False, True):
                    for flip_one in (False, True):
                        head, tail = two[0 if flip_two else -1], one[-1 if flip_one else 0]
                        gap = float(np.hypot(*(head - tail)))
                        if gap <= JOIN_DEGREES and (best is None or gap < best[0]):
                            best = (gap, j, i, flip_two, flip_one)
        if best is None:
            return lines
        gap, j, i, flip_two, flip_one = best
        two, one = lines[j][:: -1 if flip_two else 1], lines[i][:: -1 if flip_one else 1]
        lines[j] = np.vstack([two, one[1:] if gap == 0 else one])
        del lines[i]


def _schematic(places: str) -> npt.NDArray[np.float64]:
    return np.array([place.split()[:2] for place in places.split(";")], dtype=np.float64)


def read_rivers(path: Path) -> list[River]:
    """All named rivers, by code."""
    segments = _segments(path)
    rivers = []
    for row in _table("rivers.csv"):
        lines = join(segments[row["code"]]) if row["class"] == "centre_line" else [_schematic(row["places"])]
        rivers.append(
            River(
                code=row["code"],
                name=row["name"],
                name_en=row["name_en"],
                kind=row["class"],
                aliases=row["aliases"] or None,
                plan_line=row["plan_line"],
                line=shapely.normalize(shapely.multilinestrings([shapely.linestrings(xy) for xy in lines])),
            )
        )
    return sorted(rivers, key=lambda river: river.code)
