"""Times map tiles against tipg on the same database and tile list, against their bare SQL, and against an empty ASGI answer.

All servers run as one uvicorn process each, one at a time. tipg gets a table for each layer with the same features in EPSG:4490,
with a primary key and a spatial index, in a schema of its own that is dropped at the end.
"""

from __future__ import annotations

import http.client
import os
import re
import selectors
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any, Final

import numpy as np
import sqlalchemy as sa

from layers import drawing, drawings, tiles
from layers.database import database_url, make_engine, writing
from layers.settings import CHECKOUT, settings
from layers.tile_grids import WEB_MERCATOR, Place
from layers.tiles import TileLayer
from tests.benchmarks.national import WHOLE, national
from tests.benchmarks.report import Aim, Report

ZOOMS: Final = range(5, 15)
LAYERS: Final = ("control_unit", "county", "redline", "river", "river_corridor", "plan_place")
TILES_A_ZOOM: Final = 8
"""Tiles of each layer at each zoom: the heaviest places first, then spread over the layer."""

ROUNDS: Final = 3
"""Rounds over the list, each with a service just started; of each tile the best round counts, for every server alike."""

SCHEMA: Final = "bench_tiles"
LOAD_S: Final = 4.0
CONNECTIONS: Final = 8
PIPELINED: Final = 16
"""Requests sent ahead on each connection, so that the client costs little beside the server on the same cores."""

_START_S: Final = 60.0


async def empty(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """The limit: an ASGI application that answers everything with nothing."""
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


@dataclass(frozen=True, slots=True)
class Listed:
    """One tile of the list."""

    layer: TileLayer
    place: Place

    @property
    def ours(self) -> str:
        _, z, x, y = self.place
        return f"/tiles/{self.layer.id}/{self.layer.version}/{WEB_MERCATOR}/{z}/{x}/{y}.mvt"

    @property
    def theirs(self) -> str:
        _, z, x, y = self.place
        return f"/collections/{SCHEMA}.{self.layer.id}/tiles/{WEB_MERCATOR}/{z}/{x}/{y}"


def listed(engine: sa.Engine) -> list[Listed]:
    """Tiles that hold something, of every layer at every zoom: those with most features, then others spread evenly."""
    held = tiles.shown(engine).at()
    found: list[Listed] = []
    for layer in (held[id] for id in LAYERS if id in held):
        points = _points(engine, layer)
        for z in ZOOMS:
            if not layer.drawn_at(z):
                continue
            side = drawing.pixel_m(z) * 256
            half = side * 2**z / 2
            cells = np.column_stack([(points[:, 0] + half) // side, (half - points[:, 1]) // side]).astype(np.int64)
            kinds, counts = np.unique(cells, axis=0, return_counts=True)
            order = np.argsort(-counts, kind="stable")
            step = max(len(order) // (TILES_A_ZOOM // 2), 1)
            chosen = dict.fromkeys([*order[: TILES_A_ZOOM // 2].tolist(), *order[::step].tolist()])
            cells = kinds[list(chosen)[:TILES_A_ZOOM]]
            found += [Listed(layer, Place(WEB_MERCATOR, z, x, y)) for x, y in cells.tolist()]
    return found


def _points(engine: sa.Engine, layer: TileLayer) -> np.ndarray[Any, Any]:
    query = sa.text(
        "select ST_X(p), ST_Y(p) from (select ST_PointOnSurface(geom) as p from drawing "
        "where layer = :layer and band = 7 and releases @> cast(:version as integer)) as points"
    )
    with engine.connect() as connection:
        rows = connection.execute(query, {"layer": layer.id, "version": layer.version}).all()
    return np.asarray([tuple(row) for row in rows])


# --- servers ---------------------------------------------------------------------------------------------------


@dataclass
class Server:
    """A running server and the milliseconds and bytes of what it was asked."""

    port: int
    taken: dict[str, list[float]] = field(default_factory=dict)

    def ask(self, paths: Sequence[str], accept: str = "gzip") -> tuple[list[float], list[int]]:
        """Milliseconds and body bytes of each path, one after another over one connection."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        taken, sizes = [], []
        for path in paths:
            start = time.perf_counter()
            line.request("GET", path, headers={"Accept-Encoding": accept})
            response = line.getresponse()
            body = response.read()
            taken.append((time.perf_counter() - start) * 1e3)
            if response.status not in (200, 204):
                raise RuntimeError(f"{path} answered {response.status}: {body[:300]!r}")
            sizes.append(len(body))
        line.close()
        return taken, sizes

    def rate(self, paths: Sequence[str], seconds: float = LOAD_S) -> float:
        """Answers a second over several connections, requests sent ahead."""
        requests = cycle(
            [f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\n\r\n".encode() for path in paths]
        )
        selector = selectors.DefaultSelector()
        lines = [_Line(socket.create_connection(("127.0.0.1", self.port))) for _ in range(CONNECTIONS)]
        for line in lines:
            selector.register(line.socket, selectors.EVENT_READ, line)
            line.send(b"".join(next(requests) for _ in range(PIPELINED)), PIPELINED)
        answered, start = 0, time.perf_counter()
        while (now := time.perf_counter()) < start + seconds:
            for key, _ in selector.select(timeout=0.5):
                answered += key.data.receive()
                if not key.data.due:
                    key.data.send(b"".join(next(requests) for _ in range(PIPELINED)), PIPELINED)
        for line in lines:
            line.socket.close()
        return answered / (now - start)


_LENGTH: Final = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


class _Line:
    """One connection with requests sent ahead; it finds where each answer ends."""

    def __init__(self, line: socket.socket) -> None:
        self.socket = line
        self.due = 0
        self._held = b""
        self._lengths: deque[int] = deque()

    def send(self, requests: bytes, number: int) -> None:
        self.socket.sendall(requests)
        self.due += number

    def receive(self) -> int:
        data = self.socket.recv(1 << 20)
        if not data:
            raise RuntimeError("the server hung up")
        held, at, found = self._held + data, 0, 0
        while (head := held.find(b"\r\n\r\n", at)) >= 0:
            length = _LENGTH.search(held, at, head)
            end = head + 4 + (int(length[1]) if length else 0)
            if end > len(held):
                break
            at, found = end, found + 1
        self._held = held[at:]
        self.due -= found
        return found


@contextmanager
def serving(application: str, **environment: str) -> Iterator[Server]:
    """A server of one process on a free port, ended by its process id."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = int(listener.getsockname()[1])
    factory = ["--factory"] if application.endswith("create_app") else []
    process = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", application, *factory, "--port", str(port), "--log-level", "warning",
         "--no-access-log"],
        cwd=CHECKOUT, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _await(process, port)
        yield Server(port)
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode} instead of starting")
        try:
            Server(port).ask(["/healthz"])
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"the server did not start in {_START_S:.0f} s")


@contextmanager
def theirs(url: sa.URL, engine: sa.Engine, wanted: Sequence[TileLayer]) -> Iterator[Server]:
    """tipg over tables of the same features."""
    kinds = {"MultiPolygon": "MultiPolygon", "MultiLineString": "MultiLineString", "MultiPoint": "MultiPoint"}
    with engine.begin() as connection:
        connection.execute(sa.text("set local statement_timeout = 0"))
        connection.execute(sa.text(f"drop schema if exists {SCHEMA} cascade"))
        connection.execute(sa.text(f"create schema {SCHEMA}"))
        for layer in wanted:
            kind = connection.execute(
                sa.text("select spec ->> 'geometry' from layer_version where layer = :layer and version = :version"),
                {"layer": layer.id, "version": layer.version},
            ).scalar_one()
            table = f"{SCHEMA}.{layer.id}"
            connection.execute(
                sa.text(
                    f"create table {table} as select id, code, name, name_en, class, legal_status, "
                    f"ST_Multi(geom)::geometry({kinds[kind]}, 4490) as geom from feature "
                    f"where layer = :layer and releases @> cast(:version as integer) and not ST_IsEmpty(geom)"
                ),
                {"layer": layer.id, "version": layer.version},
            )
            connection.execute(sa.text(f"alter table {table} add primary key (id)"))
            connection.execute(sa.text(f"create index on {table} using gist (geom)"))
            connection.execute(sa.text(f"analyze {table}"))
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    environment = {
        "DATABASE_URL": plain,
        "TIPG_DB_SCHEMAS": f'["{SCHEMA}"]',
        "TIPG_MAX_FEATURES_PER_TILE": "1000000",
        "TIPG_DB_SPATIAL_EXTENT": "true",
    }
    try:
        with serving("tipg.main:app", **environment) as server:
            yield server
    finally:
        with engine.begin() as connection:
            connection.execute(sa.text(f"drop schema if exists {SCHEMA} cascade"))


# --- the section -----------------------------------------------------------------------------------------------


def figures(report: Report, url: sa.URL) -> None:
    """All figures of tiles for one database."""
    engine = make_engine(url)
    cold_rounds, peer_rounds, bare_rounds, warm_rounds = [], [], [], []
    own_rate, limit = 0.0, 0.0
    try:
        todo = listed(engine)
        paths, peer_paths = [one.ours for one in todo], [one.theirs for one in todo]
        environment = {"SHANHE_DATABASE_URL": url.render_as_string(hide_password=False)}
        planned = make_engine(url, prepared=True)
        with theirs(url, engine, [one.layer for one in {one.layer.id: one for one in todo}.values()]) as peer:
            # Side by side and several times: the machine is not ours alone, and what disturbs a round disturbs both.
            for _ in range(ROUNDS):
                peer_rounds.append(peer.ask(peer_paths)[0])
                bare_rounds.append([_bare(planned, one) for one in todo])
                with serving("app.http:create_app", **environment) as own:
                    own.ask(["/tiles/county/tilejson.json"])
                    cold_round, sizes = own.ask(paths)
                    cold_rounds.append(cold_round)
                    warm_rounds.append(own.ask(paths)[0])
            _, peer_sizes = peer.ask(peer_paths)
            peer_rate = max(peer.rate(peer_paths) for _ in range(2))
        planned.dispose()
        with serving("app.http:create_app", **environment) as own, serving("tests.benchmarks.tiles:empty") as nothing:
            own.ask(paths)
            for _ in range(ROUNDS):
                own_rate = max(own_rate, own.rate(paths))
                limit = max(limit, nothing.rate(paths))
        cold, peer_cold, bare, warm = (
            np.min(rounds, axis=0).tolist() for rounds in (cold_rounds, peer_rounds, bare_rounds, warm_rounds)
        )
    finally:
        engine.dispose()
    report.header()
    report.times(f"tile, drawn anew, zooms {ZOOMS[0]}–{ZOOMS[-1]}, best of {ROUNDS} rounds", cold)
    report.times("  the same from tipg, which keeps nothing", peer_cold)
    report.times("  the same as bare SQL", bare)
    report.times("tile, kept in memory, one by one", warm)
    for z in ZOOMS:
        at = [n for n, one in enumerate(todo) if one.place.z == z]
        worst = max(at, key=lambda n: cold[n])
        print(
            f"  zoom {z:2d}: {len(at):3d} tiles, mean {np.mean([cold[n] for n in at]):6.1f} ms (tipg "
            f"{np.mean([peer_cold[n] for n in at]):7.1f}), worst {cold[worst]:6.1f} ms ({todo[worst].layer.id}), largest "
            f"{max(sizes[n] for n in at) / 1024:6.1f} KB sent (tipg {max(peer_sizes[n] for n in at) / 1024:7.1f})"
        )
    report.figure("worst cold tile", max(cold), "ms", Aim(100, "ms"))
    report.figure("largest tile, before compression", _largest(url, todo) / 1024, "KB", Aim(500, "KB"))
    report.figure("largest tile, as sent", max(sizes) / 1024, "KB", Aim(500, "KB"))
    report.figure("cold, all tiles: tipg's time by ours", sum(peer_cold) / sum(cold), "×", Aim(5, "×", at_least=True))
    report.figure("cold, all tiles: ours by bare SQL", sum(cold) / sum(bare), "×")
    report.figure("tiles a second from tipg", peer_rate, "/s")
    report.figure("tiles a second kept in memory", own_rate, "/s")
    report.figure("empty answers a second, the limit", limit, "/s")
    report.figure("kept tiles by tipg's", own_rate / peer_rate, "×", Aim(50, "×", at_least=True))
    report.figure("kept tiles by the limit", 100 * own_rate / limit, "%", Aim(50, "%", at_least=True))


def _bare(engine: sa.Engine, one: Listed) -> float:
    """Milliseconds of the tile's own statement, without pyramid, cache, compression and HTTP."""
    plain = TileLayer(**{name: getattr(one.layer, name) for name in TileLayer.__dataclass_fields__} | {"pyramid": None})
    start = time.perf_counter()
    tiles.tile(engine, [plain], one.place)
    return (time.perf_counter() - start) * 1e3


def _largest(url: sa.URL, todo: Sequence[Listed]) -> int:
    engine = make_engine(url)
    try:
        return max(len(tiles.tile(engine, [one.layer], one.place) or b"") for one in todo)
    finally:
        engine.dispose()


def drawn(url: sa.URL) -> sa.URL:
    """A set of national size as a publication would have left it: drawn, and its low zooms cut."""
    engine = make_engine(url)
    try:
        with writing(engine, timeout_ms=0) as connection:
            start = time.perf_counter()
            drawings.fill(connection)
            middle = time.perf_counter()
            tiles.cut_pyramids(connection, settings().tiles, [])
            print(
                f"· drawn in {middle - start:.0f} s, low zooms cut in {time.perf_counter() - middle:.0f} s", flush=True
            )
    finally:
        engine.dispose()
    return url


def main(arguments: Sequence[str] = ()) -> None:
    """`python -m tests.benchmarks tiles [national]`: this section alone, on the bundled layers or those of national size."""
    report = Report()
    if "national" in arguments:
        url, what = drawn(national(WHOLE)), "the set of national size"
    else:
        url, what = database_url(), "the bundled layers"
    report.title(f"Map tiles, on {what}, one process")
    figures(report, url)
    report.write(CHECKOUT / "build" / "bench-tiles.json", on=what, load_after=os.getloadavg()[0])
    print(f"\n{report.missed()} aims missed; load {os.getloadavg()[0]:.1f}; written to build/bench-tiles.json")
