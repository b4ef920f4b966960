"""Map tiles kept in memory, compressed once, each drawn once however many ask for it; it knows no HTTP request.

Tiles are kept by the path that asked for them, so that one that is held is found without reading the path.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import logging
import time
from collections.abc import Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, TypeVar, TypeVarTuple

import anyio
import cachebox
import psycopg
import sqlalchemy as sa

from layers import tiles
from layers.settings import settings
from layers.tile_grids import Place
from layers.tiles import Shown, TileLayer
from zoning.bilingual import Bilingual
from zoning.errors import Unavailable

MOST_DRAWING: Final = 64
"""Tiles being drawn or waiting for a connection at once, in one process: some seconds' work. More are told to come again."""

FRESH_S: Final = 2.0
"""How long a look at the releases is good for: the longest that a layer taken from the public is still drawn."""

_RECIPE: Final = "2"
"""Part of every tag: goes up when the same data is drawn otherwise."""

_ENTRY_COST: Final = 3072
"""Bytes that a kept tile takes beside its own."""


@dataclass(slots=True)
class KeptTile:
    """A tile to be sent: gzip bytes (none: the tile is empty) and the strong tags of both encodings.

    `ready` is room for the messages of the most common answer, once they are made.
    """

    body: bytes
    tag: bytes
    plain_tag: bytes
    ready: tuple[MutableMapping[str, Any], MutableMapping[str, Any]] | None = None

    def plain(self) -> bytes:
        return gzip.decompress(self.body) if self.body else b""


@dataclass(frozen=True, slots=True)
class Engines:
    """Where tiles are drawn: first with prepared statements, and plainly when that fails."""

    prepared: sa.Engine
    plain: sa.Engine


@dataclass(frozen=True, slots=True)
class Asked:
    """A tile of layers at their versions."""

    layers: tuple[TileLayer, ...]
    place: Place

    @property
    def path(self) -> str:
        """Its address under `/tiles`."""
        ids, versions = ",".join(one.id for one in self.layers), ",".join(str(one.version) for one in self.layers)
        tms, z, x, y = self.place
        return f"{ids}/{versions}/{tms}/{z}/{x}/{y}.mvt"

    @property
    def tag(self) -> str:
        """The same for the same question, whatever database answers it; nothing is read for it."""
        versions = ",".join(f"{layer.id}.{layer.version}.{layer.form}" for layer in self.layers)
        said = f"{_RECIPE} {versions} {self.place}"
        return hashlib.sha256(said.encode()).hexdigest()[:24]


T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_log = logging.getLogger("shanhe")


def _weight(_: str, tile: KeptTile) -> int:
    return len(tile.body) + _ENTRY_COST


def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(settings().pool_size, "tiles")


class TileStore:
    """Tiles of one process. All but `look` belongs to the event loop's thread."""

    def __init__(self, megabytes: int | None = None) -> None:
        most = (megabytes or settings().tile_cache_mb) * 1024 * 1024
        self._kept: cachebox.LRUCache[str, KeptTile] = cachebox.LRUCache(most, getsizeof=_weight)
        self._drawing: dict[str, asyncio.Task[KeptTile]] = {}
        self._threads = _threads()
        self._looking = anyio.Lock()
        self._shown: Shown | None = None
        self._good_until = 0.0
        self._withdrawn = 0
        """How often something was taken from the public: what was begun before is given to nobody who asks after."""

    def held(self, path: str) -> KeptTile | None:
        """The tile kept for a path, if a look at the releases is recent enough to know that it may still be shown."""
        return self._kept.get(path) if time.monotonic() < self._good_until else None

    async def shown(self, engine: sa.Engine) -> Shown:
        """The layers that may be drawn. Read anew when a release was published; what may no longer be shown is then gone."""
        if self._shown is not None and time.monotonic() < self._good_until:
            return self._shown
        async with self._looking:
            if self._shown is None or time.monotonic() >= self._good_until:
                begun = time.monotonic()
                found = await self._run(_look, engine, self._shown)
                if self._shown is not None and _less(found, self._shown):
                    self._kept.clear()
                    self._drawing.clear()
                    self._withdrawn += 1
                self._shown, self._good_until = found, begun + FRESH_S
            return self._shown

    async def tile(self, engines: Engines, path: str, asked: Asked) -> KeptTile:
        """The tile, drawn if it is not kept. Raises `NotFound`, or `Unavailable` ``tiles-busy`` when too many are being drawn.

        Who stops waiting leaves the drawing to those who still wait, and the tile to those who come later.
        """
        if path in self._kept:
            return self._kept[path]
        task = self._drawing.get(path)
        if task is None:
            if len(self._drawing) >= MOST_DRAWING:
                raise _busy()
            task = asyncio.create_task(self._draw(engines, path, asked, self._withdrawn))
            self._drawing[path] = task
            task.add_done_callback(lambda done: self._drawn(path, done))
        return await asyncio.shield(task)

    def close(self) -> None:
        """End the threads, what is being drawn first; new ones begin when they are needed."""
        threads, self._threads = self._threads, _threads()
        threads.shutdown()

    def _run(self, work: Callable[[*Ts], T], *given: *Ts) -> asyncio.Future[T]:
        return asyncio.get_running_loop().run_in_executor(self._threads, work, *given)

    async def _draw(self, engines: Engines, path: str, asked: Asked, begun: int) -> KeptTile:
        tile = await self._run(_cut, engines, asked)
        if self._withdrawn == begun:
            self._kept[path] = tile
        return tile

    def _drawn(self, path: str, task: asyncio.Task[KeptTile]) -> None:
        if self._drawing.get(path) is task:
            del self._drawing[path]
        if not task.cancelled():
            task.exception()  # whoever waited has been told


def _busy() -> Unavailable:
    return Unavailable(
        "tiles-busy",
        Bilingual("同时绘制的切片过多，请稍后再试。", "Too many tiles are being drawn at once; try again in a moment."),
    )


def _look(engine: sa.Engine, before: Shown | None) -> Shown:
    if before is not None and tiles.newest(engine) == before.newest:
        return before
    return tiles.shown(engine)


def _less(now: Shown, before: Shown) -> bool:
    """Whether something that was shown before is not shown any more, or not in the same form."""
    return any(
        (held := now.layers.get(id, {}).get(version)) is None or held.form != layer.form
        for id, versions in before.layers.items()
        for version, layer in versions.items()
    )


def _cut(engines: Engines, asked: Asked) -> KeptTile:
    try:
        body = tiles.packed_tile(engines.prepared, asked.layers, asked.place)
    except (psycopg.Error, Unavailable) as error:
        if isinstance(error, Unavailable) and error.type != "database-unreachable":
            raise
        # Its connections are not tried before use, and a pooler between may not keep what is prepared.
        _log.info("a tile is drawn anew: %s", error)
        engines.prepared.dispose()
        body = tiles.packed_tile(engines.plain, asked.layers, asked.place)
    return KeptTile(body, f'"{asked.tag}"'.encode(), f'"{asked.tag}-plain"'.encode())
