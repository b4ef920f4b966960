"""What a reader of site files gives, and what it is asked: the one shape of all formats."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import pyproj

from zoning.placement import Region
from zoning.site import RawPart
from zoning.sitefault import Notice

CRS = pyproj.CRS | str | int


@dataclass(frozen=True, slots=True)
class Opened:
    """The features of a file in source coordinates, the CRS the file itself states (None: it states none), and notices."""

    parts: tuple[RawPart, ...]
    crs: CRS | None
    notices: tuple[Notice, ...] = ()


Reader = Callable[[bytes, str, CRS | None, Region], Opened]
"""``reader(data, name, crs, region)``: opens one kind of file. `crs` is what the user stated, so that a reader may ask when
there is none. Raises `BadSite` naming the file, the feature or line, and what to do."""


class LayeredReader(Protocol):
    """A `Reader` that is also told which layer is wanted, None for the only one with features."""

    def __call__(self, data: bytes, name: str, crs: CRS | None, region: Region, layer: str | None = None) -> Opened: ...
