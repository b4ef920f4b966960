"""Relief at 5 minutes of arc from `etopo5.cdf`, brought to the grid; it reads one variable of a classic netCDF file."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_TYPES = {1: ("i1", 1), 2: ("S1", 1), 3: (">i2", 2), 4: (">i4", 4), 5: (">f4", 4), 6: (">f8", 8)}


class _Header:
    """A reader of the big-endian words of a classic (CDF-1) header."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 4

    def word(self) -> int:
        value: int = struct.unpack_from(">i", self.data, self.at)[0]
        self.at += 4
        return value

    def name(self) -> str:
        length = self.word()
        text = self.data[self.at : self.at + length].decode("ascii")
        self.at += -(-length // 4) * 4
        return text

    def attributes(self) -> None:
        self.word()
        for _ in range(self.word()):
            self.name()
            kind, count = self.word(), self.word()
            self.at += -(-count * _TYPES[kind][1] // 4) * 4


def read_classic(path: Path) -> dict[str, npt.NDArray[np.float64]]:
    """All fixed-size numeric variables of a classic netCDF-3 file, as float64 arrays in their own shapes."""
    data = path.read_bytes()
    if data[:4] != b"CDF\x01":
        raise ValueError(f"{path.name} is not a classic netCDF file")
    header = _Header(data)
    header.word()
    header.word()
    lengths = []
    for _ in range(header.word()):
        header.name()
        lengths.append(header.word())
    header.attributes()
    header.word()
    arrays = {}
    for _ in range(header.word()):
        name = header.name()
        shape = [lengths[header.word()] for _ in range(header.word())]
        header.attributes()
        kind, _, begin = header.word(), header.word(), header.word()
        if kind != 2 and 0 not in shape:
            count = int(np.prod(shape))
            arrays[name] = np.frombuffer(data, _TYPES[kind][0], count, begin).reshape(shape).astype(np.float64)
    return arrays


def _sample(field: Floats, lon0: float, lat0: float, lon: Floats, lat: Floats) -> Floats:
    """Bilinear value of a 5-minute field whose first node is at (lon0, lat0), on the grid of `lat` × `lon`."""
    x, y = (lon - lon0) * 12, (lat - lat0) * 12
    i, j = np.floor(x).astype(int), np.floor(y).astype(int)
    u, v = (x - i)[None, :], (y - j)[:, None]
    rows, columns = np.ix_(j, i)
    south = field[rows, columns] * (1 - u) + field[rows, columns + 1] * u
    north = field[rows + 1, columns] * (1 - u) + field[rows + 1, columns + 1] * u
    return np.asarray(south * (1 - v) + north * v)


def _neighbourhood(field: Floats, reach: int) -> Floats:
    """Every (2 reach + 1)² neighbourhood of a field, edges repeated, on the first axis."""
    padded = np.pad(field, reach, mode="edge")
    size = 2 * reach + 1
    rows, columns = field.shape
    return np.stack([padded[j : j + rows, i : i + columns] for j in range(size) for i in range(size)])


def read_relief(path: Path, lon: Floats, lat: Floats) -> tuple[Floats, Floats, Floats]:
    """Elevation, height over the lowest ground within 15′, and local relief (range within 5′), whole metres.

    Arrays of shape (len(lat), len(lon)); source ETOPO5 (NOAA), bilinear between its nodes.
    """
    variables = read_classic(path)
    grid = next(array for array in variables.values() if array.ndim == 2)
    x_axis, y_axis = (next(a for a in variables.values() if a.shape == (n,)) for n in grid.shape[::-1])
    west, south = np.searchsorted(x_axis, lon[0] - 0.5), np.searchsorted(y_axis, lat[0] - 0.5)
    east, north = np.searchsorted(x_axis, lon[-1] + 0.5), np.searchsorted(y_axis, lat[-1] + 0.5)
    window = grid[south:north, west:east]
    low = _neighbourhood(window, 3).min(axis=0)
    near = _neighbourhood(window, 1)
    fields = (window, window - low, near.max(axis=0) - near.min(axis=0))
    lon0, lat0 = float(x_axis[west]), float(y_axis[south])
    elevation, height, roughness = (np.round(_sample(field, lon0, lat0, lon, lat)) for field in fields)
    return elevation, height, roughness
