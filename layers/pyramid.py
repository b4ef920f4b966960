"""Tiles of low zooms, cut once when a layer version is published, in one MBTiles file for each; it draws none itself.

They are the same bytes that PostGIS would draw on demand: a file only saves time, and one that is missing costs nothing else.
"""

from __future__ import annotations

import contextlib
import fcntl
import gzip
import json
import logging
import os
import secrets
import sqlite3
import threading
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from layers.tile_grids import WEB_MERCATOR, Place

WORTHWHILE: Final = 4 * 1024
"""A zoom whose heaviest tile is smaller than this, in bytes before compression, is drawn in a few milliseconds: it and all
beyond it are not worth cutting."""

HIGHEST: Final = 10
MOST: Final = 3000
"""Places looked at in one zoom: a zoom with more is not cut, so that publishing a large country stays quick."""

_OPEN_FILES: Final = 32
_log = logging.getLogger("shanhe")


@dataclass(frozen=True, slots=True)
class Pyramid:
    """A file of tiles and the zooms it holds, both ends included; without a name, no zoom was worth cutting."""

    file: str
    lowest: int
    highest: int

    def holds(self, place: Place) -> bool:
        return bool(self.file) and place.tms == WEB_MERCATOR and self.lowest <= place.z <= self.highest


Draw = Callable[[Place], bytes]
Pack = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be cut: the file's name without its end, first and last zoom, columns and rows of the tiles at the first
    zoom that the layer lies in, and the file's metadata."""

    name: str
    zoom: tuple[int, int]
    first: frozenset[tuple[int, int]]
    about: Mapping[str, Any]


def cut(folder: Path, order: Order, draw: Draw, pack: Pack) -> Pyramid:
    """Cut the zooms that are worth it into a new file of `folder`, under another name until it is whole.

    `draw` gives a tile's bytes (none: empty), `pack` compresses them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    sweep(folder)
    file = f"{order.name}-{secrets.token_hex(6)}.mbtiles"
    partial = folder / f"{file}.part"
    lowest = order.zoom[0]
    try:
        with _claimed(partial):
            with contextlib.closing(sqlite3.connect(partial)) as database:
                highest = _fill(database, order, draw, pack)
                said = {**order.about, "format": "pbf", "minzoom": lowest, "maxzoom": highest}
                pairs = [(key, value if isinstance(value, str) else json.dumps(value)) for key, value in said.items()]
                database.executemany("insert into metadata values (?, ?)", pairs)
                database.commit()
            if highest < lowest:
                return Pyramid("", lowest, highest)
            _settle(partial)
            partial.rename(folder / file)
        _settle(folder)
    finally:
        partial.unlink(missing_ok=True)
    return Pyramid(file, lowest, highest)


@contextlib.contextmanager
def _claimed(partial: Path) -> Iterator[None]:
    """A lock on a file being written, which ends with the process however it ends."""
    descriptor = os.open(partial, os.O_CREAT | os.O_RDWR, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def sweep(folder: Path) -> None:
    """Remove the files that a process was writing when it was killed; those being written now stay."""
    for left in folder.glob("*.part"):
        with contextlib.suppress(OSError):  # locked, or not ours to remove
            descriptor = os.open(left, os.O_RDWR)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                left.unlink(missing_ok=True)
            finally:
                os.close(descriptor)


def _fill(database: sqlite3.Connection, order: Order, draw: Draw, pack: Pack) -> int:
    """From the first zoom down, each zoom within the tiles of the one before; the last zoom that was cut."""
    database.executescript(
        "pragma journal_mode = off; pragma synchronous = off;"
        "create table metadata (name text, value text);"
        "create table tiles (zoom_level integer, tile_column integer, tile_row integer, tile_data blob);"
        "create unique index tile_index on tiles (zoom_level, tile_column, tile_row);"
    )
    lowest, highest = order.zoom[0], min(order.zoom[1], HIGHEST)
    places = set(order.first)
    for z in range(lowest, highest + 1):
        if len(places) > MOST:
            return z - 1
        drawn = {(x, y): tile for x, y in sorted(places) if (tile := draw(Place(WEB_MERCATOR, z, x, y)))}
        if max(map(len, drawn.values()), default=0) < WORTHWHILE:
            return z - 1
        rows = ((z, x, 2**z - 1 - y, pack(tile)) for (x, y), tile in drawn.items())
        database.executemany("insert into tiles values (?, ?, ?, ?)", rows)
        places = {(2 * x + i, 2 * y + j) for x, y in drawn for i in (0, 1) for j in (0, 1)}
    return highest


def _settle(path: Path) -> None:
    """Wait until the disk holds it."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


_local = threading.local()
_told: set[str] = set()
"""What was logged already: a file that is missing is asked for with every tile."""


def read(folder: Path, pyramid: Pyramid, place: Place) -> bytes | None:
    """A tile's compressed bytes; None when the file holds none or cannot be read, which is logged. For any thread."""
    flipped = 2**place.z - 1 - place.y
    try:
        with _opened(folder / pyramid.file) as database:
            row = database.execute(
                "select tile_data from tiles where zoom_level = ? and tile_column = ? and tile_row = ?",
                (place.z, place.x, flipped),
            ).fetchone()
            if row is None or not gzip.decompress(row[0]):  # so that what was damaged on the disk is not sent
                return None
    except (sqlite3.Error, OSError, EOFError, TypeError, zlib.error) as error:
        said = f"{folder / pyramid.file} cannot be read: {error}"
        if said not in _told:
            _told.add(said)
            _log.warning("tiles are drawn anew, for %s", said)
        return None
    tile: bytes = row[0]
    return tile


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """This thread's own connection, of which the least used are closed when there are many."""
    files: OrderedDict[Path, sqlite3.Connection] = _local.__dict__.setdefault("files", OrderedDict())
    database = files.pop(path, None)
    if database is None:
        database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        yield database
    except sqlite3.Error:
        database.close()
        raise
    files[path] = database
    while len(files) > _OPEN_FILES:
        files.popitem(last=False)[1].close()
