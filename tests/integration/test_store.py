"""The window query: every layer of one release, complete inside the boxes, from one snapshot."""

from __future__ import annotations

import datetime as dt
import threading

import numpy as np
import pytest
import shapely
import sqlalchemy as sa

from layers.database import make_engine, reading
from layers.load import load_bundled
from layers.release import Release, newest_release
from layers.settings import settings
from layers.store import gather
from zoning.errors import BadProject, Unavailable
from zoning.evidence import Evidence, Window

ALL = Window(111, 35, 114, 38, 0)
ALL_BOX = (111.0, 35.0, 114.0, 38.0)


def evidence_text(evidence: Evidence) -> list[object]:
    """Everything in it, comparable."""
    return [
        (
            layer.meta,
            layer.features,
            *(
                [g.wkb_hex for g in geometries]
                for geometries in (layer.pieces, layer.edges, layer.coverage)
            ),
            layer.piece_feature.tolist(),
            layer.edge_feature.tolist(),
        )
        for layer in evidence.layers.values()
    ]  # fmt: skip


def test_everything_stored_comes_back_whole(empty_db, world):
    load_bundled(empty_db, world.folder, world.catalogue)
    evidence = gather(empty_db, Release(1), ALL, piece_box=ALL_BOX)
    assert (evidence.release, evidence.failed) == (1, {})
    assert set(evidence.layers) == set(world.entries)
    for name, layer in evidence.layers.items():
        given = sorted(world.features[name], key=lambda f: f["properties"]["code"])
        assert [f.code for f in layer.features] == [f["properties"]["code"] for f in given]
        assert layer.meta.feature_count == len(given)
        assert len(layer.pieces) == len(layer.piece_feature) > 0
        assert len(layer.edges) == len(layer.edge_feature) > 0
        for i, record in enumerate(given):
            whole = shapely.geometry.shape(record["geometry"])
            pieces = shapely.union_all(layer.pieces[layer.piece_feature == i])
            assert shapely.area(shapely.symmetric_difference(pieces, whole)) < 1e-9  # moved to the grid, no more
        assert shapely.area(layer.coverage).sum() == pytest.approx(1)


def test_facts_come_back_as_they_were_given(empty_db, world):
    day = {"valid_from": "2020-01-02", "valid_to": "2030-12-31"}
    own = {"accuracy_m": 12.5, "legal_status": "planning", "name_en": "Red", "plan_line": "jiang-county:235"}
    world.features["redline"][0]["properties"].update(day | own)
    world.entries["redline"] |= {"review_by": "2026-01-01", "stands_for_bound_m": 30, "accuracy_m": 20}
    load_bundled(empty_db, world.folder, world.catalogue)
    layers = gather(empty_db, Release(1), ALL, piece_box=ALL_BOX).layers
    first, second = layers["redline"].features
    assert (first.valid_from, first.valid_to) == (dt.date(2020, 1, 2), dt.date(2030, 12, 31))
    assert (first.accuracy_m, first.legal_status, first.class_) == (12.5, "planning", "any")
    assert first.properties["name_en"] == "Red"
    assert first.properties["plan_line"] == "jiang-county:235"
    assert {"source": "s", "method": "m", "licence": "l"}.items() <= first.properties.items()
    assert (second.accuracy_m, second.legal_status, second.valid_from) == (20.0, "illustrative", None)
    meta = layers["redline"].meta
    assert (meta.review_by, meta.stands_for_bound_m, meta.title.zh) == (dt.date(2026, 1, 1), 30.0, "redline")
    assert layers["river"].meta.complete_for == {"name": ("名R-1",)}
    assert [c.properties["yellow_river"] for c in layers["county"].features] == [True, False]


def test_a_layer_says_on_which_days_it_holds_something_in_force(empty_db, world):
    first, second = (record["properties"] for record in world.features["redline"])
    first |= {"valid_from": "2020-01-02", "valid_to": "2021-12-31"}
    second |= {"valid_from": "2023-01-01"}
    load_bundled(empty_db, world.folder, world.catalogue)
    meta = gather(empty_db, Release(1), ALL, piece_box=ALL_BOX).layers["redline"].meta
    days = ["2020-01-01", "2020-01-02", "2021-12-31", "2022-01-01", "2023-01-01", "2050-01-01"]
    assert [meta.in_force(dt.date.fromisoformat(day)) for day in days] == [False, True, True, False, True, True]
    world.features["redline"].pop()
    load_bundled(empty_db, world.folder, world.catalogue)
    meta = gather(empty_db, Release(2), ALL, piece_box=ALL_BOX).layers["redline"].meta
    assert not meta.in_force(dt.date(2050, 1, 1))


def test_boxes_choose_what_comes_and_every_layer_appears(empty_db, world):
    load_bundled(empty_db, world.folder, world.catalogue)
    window = Window(112.0, 36.0, 112.2, 36.2, 5000)
    layers = gather(empty_db, Release(1), window, piece_box=(112.0, 36.0, 112.02, 36.02)).layers
    assert set(layers) == set(world.entries)
    assert [f.code for f in layers["redline"].features] == ["RL-2"]
    assert (len(layers["redline"].pieces), len(layers["redline"].edges)) == (0, 1)
    assert (layers["river"].features, len(layers["river"].coverage)) == ((), 1)
    assert layers["river"].edges.dtype == object
    counties = gather(empty_db, Release(1), ALL, piece_box=(112.0, 36.0, 112.02, 36.02)).layers["county"]
    assert [c.code for c in counties.features] == ["140001", "140002"]
    assert len(counties.pieces) == 2


def test_window_equals_the_whole_cut_to_the_window(empty_db, world):
    load_bundled(empty_db, world.folder, world.catalogue)
    whole = gather(empty_db, Release(1), ALL, piece_box=ALL_BOX).layers
    rng = np.random.default_rng(5)
    for _ in range(20):
        west, south = rng.uniform(111.9, 113), rng.uniform(35.9, 37)
        box = (west, south, west + 0.05, south + 0.05)
        found = gather(empty_db, Release(1), Window(*box, 0), piece_box=box).layers
        for name, layer in whole.items():
            for kind in ("pieces", "edges", "coverage"):
                every = getattr(layer, kind)
                touching = every[shapely.intersects(shapely.envelope(every), shapely.box(*box))]
                expected = {g.wkb_hex for g in touching}
                assert {g.wkb_hex for g in getattr(found[name], kind)} == expected


def test_reader_in_a_snapshot_never_sees_a_release_published_meanwhile(empty_db, world):
    load_bundled(empty_db, world.folder, world.catalogue)
    with reading(empty_db) as connection:
        before = evidence_text(gather(connection, Release(1), ALL, piece_box=ALL_BOX))
        world.features["redline"].pop()
        load_bundled(empty_db, world.folder, world.catalogue)
        assert newest_release(empty_db) == Release(2)
        with pytest.raises(BadProject):
            gather(connection, Release(2), ALL, piece_box=ALL_BOX)
        assert evidence_text(gather(connection, Release(1), ALL, piece_box=ALL_BOX)) == before
    assert evidence_text(gather(empty_db, Release(1), ALL, piece_box=ALL_BOX)) == before
    assert evidence_text(gather(empty_db, Release(2), ALL, piece_box=ALL_BOX)) != before


def test_readers_during_publishing_see_whole_releases_only(empty_db, world):
    """Every release names the number n in all layers at once; a reader must never find two numbers."""
    catalogue = world.catalogue
    load_bundled(empty_db, world.folder, catalogue)
    barrier, done, seen = threading.Barrier(2), threading.Event(), []

    def read() -> None:
        barrier.wait()
        while not done.is_set():
            layers = gather(empty_db, newest_release(empty_db), ALL, piece_box=ALL_BOX).layers
            seen.append({f.name for layer in layers.values() for f in layer.features if f.name.startswith("name-")})

    reader = threading.Thread(target=read)
    reader.start()
    barrier.wait()
    for n in range(6):
        for features in world.features.values():
            for record in features:
                record["properties"]["name"] = f"name-{n}"
        load_bundled(empty_db, world.folder, world.catalogue)
    done.set()
    reader.join()
    assert seen
    assert max(map(len, seen)) == 1


def test_unknown_release_is_bad_input(empty_db, world):
    load_bundled(empty_db, world.folder, world.catalogue)
    with pytest.raises(BadProject) as caught:
        gather(empty_db, Release(9), ALL, piece_box=ALL_BOX)
    assert caught.value.type == "release-unknown"


def test_reading_cannot_write(empty_db):
    with pytest.raises(sa.exc.InternalError, match="read-only"), reading(empty_db) as connection:
        connection.execute(sa.text("insert into check_serial values ('1', now(), 1)"))


def test_slow_read_is_unavailable_not_an_answer(empty_db, monkeypatch):
    monkeypatch.setenv("SHANHE_STATEMENT_TIMEOUT_MS", "50")
    settings.cache_clear()
    try:
        engine = make_engine(empty_db.url)
    finally:
        monkeypatch.undo()
        settings.cache_clear()
    with pytest.raises(Unavailable) as caught, reading(engine) as connection:
        connection.execute(sa.text("select pg_sleep(30)"))
    engine.dispose()
    assert caught.value.type == "database-timeout"


def test_unreachable_database_is_unavailable(empty_db):
    engine = make_engine(empty_db.url.set(port=1))
    with pytest.raises(Unavailable) as caught:
        newest_release(engine)
    engine.dispose()
    assert caught.value.type == "database-unreachable"


def test_lost_connections_are_replaced(empty_db, world):
    load_bundled(empty_db, world.folder, world.catalogue)
    gather(empty_db, Release(1), ALL, piece_box=ALL_BOX)
    other = make_engine(empty_db.url)
    with other.begin() as connection:
        connection.execute(
            sa.text(
                "select pg_terminate_backend(pid, 5000) from pg_stat_activity "
                "where datname = current_database() and pid <> pg_backend_pid()"
            )
        )
    other.dispose()
    assert gather(empty_db, Release(1), ALL, piece_box=ALL_BOX).release == 1
