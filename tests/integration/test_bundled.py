"""The bundled boundaries as release 1: all of them held, and found through the index."""

from __future__ import annotations

import pytest

from layers import store
from layers.catalogue import read_catalogue
from layers.database import driver
from layers.load import load_bundled
from layers.release import Release, layers_at
from layers.settings import settings
from layers.store import gather
from zoning.evidence import Window

WINDOW = Window(110.9, 35.5, 111.1, 35.7, 10_000)
BOX = (110.99, 35.59, 111.01, 35.61)


def test_every_held_layer_of_the_catalogue_is_in_release_1(bundled_db):
    held = layers_at(bundled_db, Release(1))
    assert [layer.meta.id for layer in held] == [spec.id for spec in read_catalogue().held]
    assert all(layer.meta.feature_count for layer in held)
    for layer in held:
        checked = layer.spec.get("checked", True)
        assert bool(layer.pieces) is bool(layer.edges) is checked, layer.meta.id
    assert [layer.meta.id for layer in held if not layer.spec.get("checked", True)] == ["plan_place"]


def test_loading_the_bundled_data_again_publishes_nothing(bundled_db):
    again = load_bundled(bundled_db, settings().boundaries, read_catalogue(), settings().access_list)
    assert again.changes == {}


def test_a_window_in_the_province_is_covered_by_every_layer(bundled_db):
    layers = gather(bundled_db, Release(1), WINDOW, piece_box=BOX).layers
    assert set(layers) == {spec.id for spec in read_catalogue().held if spec.checked}
    for layer in layers.values():
        spec = read_catalogue().get(layer.meta.id)
        assert spec is not None
        assert bool(len(layer.coverage)) is (spec.coverage is not None)
    assert len(layers["county"].features) > 1


@pytest.mark.parametrize("table", ["piece", "edge", "coverage"])
def test_window_query_reads_no_table_of_geometries_whole(bundled_db, table):
    asked = dict(
        zip(("west", "south", "east", "north"), (WINDOW.west, WINDOW.south, WINDOW.east, WINDOW.north), strict=True)
    )
    asked |= dict(zip(("piece_west", "piece_south", "piece_east", "piece_north"), BOX, strict=True))
    with driver(bundled_db) as connection:
        rows = connection.execute("explain (costs off) " + store._SQL["gather"], {"release": 1, **asked}).fetchall()
    plan = "\n".join(line for (line,) in rows)
    assert f"ix_{table}_geom_releases" in plan
    assert f"Seq Scan on {table}" not in plan
