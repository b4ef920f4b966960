"""Tiles in memory: drawn once however many ask, bounded, refused when too many are drawn, whole after a lost connection."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from app import tile_store
from app.http import create_app
from app.tile_store import Asked, Engines, KeptTile, TileStore
from layers import tiles
from layers.database import make_engine
from layers.tile_grids import WEB_MERCATOR, Place
from zoning.errors import Unavailable


@pytest.fixture
def engines(database_url_of_worker: sa.URL):
    both = Engines(make_engine(database_url_of_worker, prepared=True), make_engine(database_url_of_worker))
    yield both
    both.prepared.dispose()
    both.plain.dispose()


@contextmanager
def closing(store: TileStore):
    try:
        yield store
    finally:
        store.close()


@pytest.fixture
def gate(monkeypatch):
    """Holds every drawing until it is opened, and counts them."""
    opened, counted = threading.Event(), []
    draw = tiles.packed_tile

    def held(source, layers, place):
        counted.append(place)
        assert opened.wait(30)
        return draw(source, layers, place)

    monkeypatch.setattr(tiles, "packed_tile", held)
    opened.counted = counted
    yield opened
    opened.set()


def asked(engines: Engines, x: int = 208) -> Asked:
    return Asked(tuple(tiles.shown(engines.plain).pick(["county"])), Place(WEB_MERCATOR, 8, x, 99))


def test_a_tile_that_many_want_at_once_is_drawn_once(engines, gate):
    async def want(store):
        waiting = [asyncio.create_task(store.tile(engines, "/a", asked(engines))) for _ in range(20)]
        await asyncio.sleep(0.05)
        gate.set()
        return await asyncio.gather(*waiting)

    with closing(TileStore()) as store:
        got = asyncio.run(want(store))
        assert len(gate.counted) == 1
        assert {id(tile) for tile in got} == {id(got[0])}


def test_who_stops_waiting_stops_nobody_else_and_nothing_is_left_behind(engines, gate):
    async def want(store):
        first, second = (asyncio.create_task(store.tile(engines, "/a", asked(engines))) for _ in range(2))
        await asyncio.sleep(0.05)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        alone = asyncio.create_task(store.tile(engines, "/b", asked(engines, 209)))
        await asyncio.sleep(0.05)
        alone.cancel()
        gate.set()
        await second
        await asyncio.gather(*store._drawing.values())
        return await store.tile(engines, "/b", asked(engines, 209))

    with closing(TileStore()) as store:
        assert isinstance(asyncio.run(want(store)), KeptTile)


def test_too_many_tiles_at_once_are_told_to_come_again(engines, gate, monkeypatch):
    monkeypatch.setattr(tile_store, "MOST_DRAWING", 3)

    async def want(store):
        waiting = [asyncio.create_task(store.tile(engines, f"/{x}", asked(engines, x))) for x in range(205, 208)]
        await asyncio.sleep(0.05)
        with pytest.raises(Unavailable) as caught:
            await store.tile(engines, "/208", asked(engines, 208))
        gate.set()
        await asyncio.gather(*waiting)
        assert await store.tile(engines, "/208", asked(engines, 208))
        return caught.value

    with closing(TileStore()) as store:
        error = asyncio.run(want(store))
    assert (error.type, error.status) == ("tiles-busy", 503)


def test_a_tile_begun_before_its_layer_was_withdrawn_is_kept_for_nobody(engines, gate, monkeypatch):
    """What is being drawn when a layer becomes generalised or hidden is neither kept nor joined by who asks later."""
    begun, draw = threading.Event(), tiles.packed_tile

    def telling(*given):
        begun.set()
        return draw(*given)

    monkeypatch.setattr(tiles, "packed_tile", telling)
    now = tiles.shown(engines.plain)
    less = tiles.Shown(now.newest, {id: one for id, one in now.layers.items() if id != "county"})
    monkeypatch.setattr(tile_store, "FRESH_S", -1.0)

    async def want(store):
        await store.shown(engines.plain)
        early = asyncio.create_task(store.tile(engines, "/a", asked(engines)))
        await asyncio.to_thread(begun.wait, 30)
        monkeypatch.setattr(tile_store, "_look", lambda engine, before: less)
        await store.shown(engines.plain)
        begun.clear()
        late = asyncio.create_task(store.tile(engines, "/a", asked(engines)))
        await asyncio.to_thread(begun.wait, 30)
        assert len(gate.counted) == 2
        kept = []
        store._withdrawn += 1  # once more, while the second is being drawn
        gate.set()
        await early
        kept.append("/a" in store._kept)
        await late
        kept.append("/a" in store._kept)
        return kept, dict(store._drawing)

    with closing(TileStore()) as store:
        kept, drawing = asyncio.run(asyncio.wait_for(want(store), 60))
    assert (kept, drawing) == ([False, False], {})
    assert len(gate.counted) == 2


def test_a_busy_service_says_when_to_come_again(database_url_of_worker, monkeypatch):
    monkeypatch.setattr(tile_store, "MOST_DRAWING", 0)
    with TestClient(create_app(lambda: make_engine(database_url_of_worker))) as client:
        answer = client.get("/tiles/county/1/WebMercatorQuad/8/208/99.mvt")
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:shanhe:problem:tiles-busy")
        assert int(answer.headers["retry-after"]) > 0


def test_a_failed_drawing_is_not_kept(engines, monkeypatch):
    draw, failures = tiles.packed_tile, [Unavailable("a", tile_store._busy().message)]

    def failing(*given):
        if failures:
            raise failures.pop()
        return draw(*given)

    monkeypatch.setattr(tiles, "packed_tile", failing)

    async def want(store):
        with pytest.raises(Unavailable):
            await store.tile(engines, "/a", asked(engines))
        return await store.tile(engines, "/a", asked(engines))

    with closing(TileStore()) as store:
        assert asyncio.run(want(store)).body


def test_memory_is_bounded_by_bytes_and_the_oldest_go_first():
    with closing(TileStore(megabytes=1)) as store:
        for n in range(100):
            store._kept[f"/{n}"] = KeptTile(bytes(50_000), b'"a"', b'"b"')
        kept = list(store._kept)
        assert 10 < len(kept) < 1024 * 1024 / 50_000
        assert "/99" in kept
        assert "/0" not in kept


def test_a_lost_connection_costs_no_tile(database_url_of_worker, bundled_db):
    with TestClient(create_app(lambda: make_engine(database_url_of_worker))) as client:
        assert client.get("/tiles/county/1/WebMercatorQuad/8/208/99.mvt").status_code == 200
        ours = "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
        with bundled_db.connect() as connection:
            assert connection.execute(sa.text(ours)).rowcount > 0
        bundled_db.dispose()
        assert client.get("/tiles/county/1/WebMercatorQuad/11/1666/795.mvt").status_code in (200, 204)
        assert client.get("/tiles/county/1/WebMercatorQuad/11/1667/795.mvt").status_code in (200, 204)
