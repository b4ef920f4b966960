"""Publishing boundaries: all or nothing, only what changed, and refused with the place when wrong."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from layers import drawings, publication
from layers.boundary_file import BadBoundary
from layers.catalogue import BadCatalogue
from layers.database import reading
from layers.load import load_bundled
from layers.release import Release, layers_at, newest_release, open_release, release_info
from zoning.errors import BadProject, Unavailable
from zoning.measure import ellipsoidal_area, ellipsoidal_length

TABLES = ("release", "layer_version", "feature", "piece", "edge", "coverage", "drawing", "pyramid")


def scalar(engine: sa.Engine, query: str, **values: Any) -> Any:
    with reading(engine) as connection:
        return connection.execute(sa.text(query), values).scalar_one()


def state(engine: sa.Engine) -> dict[str, list[str]]:
    """Every row of every table as text."""
    with reading(engine) as connection:
        return {
            table: list(connection.execute(sa.text(f"select t::text from {table} t order by 1")).scalars())
            for table in TABLES
        }


def test_first_load_is_release_1_with_every_layer(empty_db, world):
    loaded = load_bundled(empty_db, world.folder, world.catalogue)
    assert loaded.release == newest_release(empty_db) == Release(1)
    assert [layer.meta.id for layer in layers_at(empty_db, loaded.release)] == list(world.entries)
    info = release_info(empty_db, loaded.release)
    assert info.changed_layers["redline"] == {"added": 2, "closed": 0}


def test_identical_content_publishes_nothing(empty_db, world):
    load_bundled(empty_db, world.folder, world.catalogue)
    before = state(empty_db)
    loaded = load_bundled(empty_db, world.folder, world.catalogue)
    assert (loaded.release, loaded.changes) == (Release(1), {})
    assert state(empty_db) == before


def test_changed_feature_changes_only_its_row_and_its_layers_version(empty_db, world):
    load_bundled(empty_db, world.folder, world.catalogue)
    world.features["redline"][1]["properties"]["name"] = "新名"
    loaded = load_bundled(empty_db, world.folder, world.catalogue)
    assert loaded.release == Release(2)
    assert {name: (c.added, c.closed) for name, c in loaded.changes.items()} == {"redline": (1, 1)}
    versions = {layer.meta.id: layer.meta.version for layer in layers_at(empty_db, Release(2))}
    assert versions == {**dict.fromkeys(world.entries, 1), "redline": 2}
    with reading(empty_db) as connection:
        rows = connection.execute(
            sa.text("select code, releases::text from feature where layer = 'redline' order by id")
        )
        assert [tuple(row) for row in rows] == [("RL-1", "{[1,)}"), ("RL-2", "{[1,2)}"), ("RL-2", "{[2,)}")]
    for table in ("piece", "edge"):
        query = f"select count(*) from {table} x join feature f on f.id = x.feature_id where x.releases <> f.releases"
        assert scalar(empty_db, query) == 0


def test_old_release_reads_as_it_was(empty_db, world):
    load_bundled(empty_db, world.folder, world.catalogue)
    before = [(layer.meta, layer.pieces, layer.edges) for layer in layers_at(empty_db, Release(1))]
    world.features["redline"].pop()
    world.entries["river"]["accuracy_m"] = 3000
    world.features["river"][0]["properties"]["accuracy_m"] = 2000
    load_bundled(empty_db, world.folder, world.catalogue)
    assert [(layer.meta, layer.pieces, layer.edges) for layer in layers_at(empty_db, Release(1))] == before


def test_layer_that_is_no_longer_held_ends_with_its_rows(empty_db, world):
    load_bundled(empty_db, world.folder, world.catalogue)
    world.entries["river"] |= {"file": None, "held_why": {"zh": "无", "en": "none"}}
    loaded = load_bundled(empty_db, world.folder, world.catalogue)
    assert loaded.release == Release(2)
    assert "river" not in {layer.meta.id for layer in layers_at(empty_db, Release(2))}
    assert "river" in {layer.meta.id for layer in layers_at(empty_db, Release(1))}
    for table in ("feature", "piece", "edge", "coverage"):
        assert scalar(empty_db, f"select count(*) from {table} where layer = 'river' and releases @> 2") == 0
        assert scalar(empty_db, f"select count(*) from {table} where layer = 'river' and releases @> 1") > 0


def test_changed_catalogue_entry_is_a_new_version_without_new_features(empty_db, world):
    load_bundled(empty_db, world.folder, world.catalogue)
    world.entries["redline"]["style"] = {"fill": "#000000"}
    loaded = load_bundled(empty_db, world.folder, world.catalogue)
    assert {name: (c.added, c.closed) for name, c in loaded.changes.items()} == {"redline": (0, 0)}
    assert scalar(empty_db, "select count(*) from feature where layer = 'redline'") == 2


def test_moved_coverage_polygon_moves_the_coverage_of_every_layer_that_names_it(empty_db, world):
    load_bundled(empty_db, world.folder, world.catalogue)
    world.features["province"][0]["geometry"] = shapely.geometry.mapping(shapely.box(112, 36, 112.9, 37))
    load_bundled(empty_db, world.folder, world.catalogue)
    for release, width in ((1, 1.0), (2, 0.9)):
        query = "select layer, sum(ST_Area(geom)) from coverage where releases @> cast(:r as integer) group by layer"
        with reading(empty_db) as connection:
            areas = {row[0]: row[1] for row in connection.execute(sa.text(query), {"r": release})}
        assert areas == pytest.approx(dict.fromkeys(world.entries, width))


def test_the_counts_of_a_release_are_those_of_its_rows(empty_db, world):
    load_bundled(empty_db, world.folder, world.catalogue)
    world.features["redline"].pop()
    world.features["river"][0]["geometry"] = {
        "type": "LineString",
        "coordinates": [[112, 36], [112.5, 36.2], [113, 36]],
    }
    loaded = load_bundled(empty_db, world.folder, world.catalogue)
    for layer in layers_at(empty_db, loaded.release):
        for table, said in (("piece", layer.pieces), ("edge", layer.edges)):
            query = f"select count(*) from {table} where layer = '{layer.meta.id}' and releases @> 2"
            assert scalar(empty_db, query) == said, (layer.meta.id, table)


def test_pieces_add_up_and_edges_are_the_true_boundary(empty_db, world):
    load_bundled(empty_db, world.folder, world.catalogue)
    with reading(empty_db) as connection:
        query = "select ST_AsBinary(f.geom), f.area_m2, f.length_m, ST_Dimension(f.geom), {} from feature f order by id"
        cut = "array(select ST_AsBinary(geom) from {} where feature_id = f.id order by n)"
        for wkb, area, length, dimension, pieces, edges in connection.execute(
            sa.text(query.format(f"{cut.format('piece')}, {cut.format('edge')}"))
        ):
            whole, parts, bounds = shapely.from_wkb(wkb), shapely.from_wkb(pieces), shapely.from_wkb(edges)
            assert shapely.get_num_coordinates(parts).max() <= 128
            assert shapely.get_num_coordinates(bounds).max() <= 32
            if dimension == 2:
                assert ellipsoidal_area(parts).sum() == pytest.approx(area, rel=1e-9)
                assert shapely.line_merge(shapely.union_all(bounds)).equals(shapely.line_merge(whole.boundary))
                vertices = {tuple(xy) for xy in shapely.get_coordinates(whole)}
                assert {tuple(xy) for xy in shapely.get_coordinates(bounds)} == vertices
            elif dimension == 1:
                assert ellipsoidal_length(parts).sum() == pytest.approx(length, rel=1e-12)
                assert shapely.length(bounds).sum() == pytest.approx(whole.length, rel=1e-12)
            else:
                assert np.all(shapely.get_type_id(bounds) == shapely.GeometryType.POINT)


def test_stored_geometry_lies_on_the_grid(empty_db, world):
    world.put("redline", [feature_off_grid()], order=3)
    load_bundled(empty_db, world.folder, world.catalogue)
    with reading(empty_db) as connection:
        wkb = connection.execute(sa.text("select ST_AsBinary(geom) from feature where layer = 'redline'")).scalar_one()
    coordinates = shapely.get_coordinates(shapely.from_wkb(wkb))
    assert np.array_equal(coordinates, np.round(coordinates, 9))


def feature_off_grid() -> dict[str, Any]:
    third = 1 / 3
    shape = shapely.Polygon([(112 + third, 36 + third), (112.5, 36 + third), (112.5, 36.5)])
    properties = {
        "code": "X", "name": "X", "name_en": None, "class": "x", "source": "s", "method": "m", "licence": "l",
        "plan_line": None, "accuracy_m": 0, "legal_status": "planning", "valid_from": "2020-01-01", "valid_to": None,
    }  # fmt: skip
    return {"type": "Feature", "properties": properties, "geometry": shapely.geometry.mapping(shape)}


BOW_TIE = shapely.Polygon([(112, 36), (113, 37), (113, 36), (112, 37)])


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"code": "RL-2"}, {"field": "code"}),
        ({"legal_status": "draft"}, {"field": "legal_status"}),
        ({"valid_from": "yesterday"}, {"field": "valid_from"}),
        ({"accuracy_m": -1}, {"field": "accuracy_m"}),
        ({"accuracy_m": 0.5}, {"field": "accuracy_m"}),  # worse than the layer states
        ({"accuracy_m": True}, {"field": "accuracy_m"}),
        ({"source": " "}, {"field": "source"}),
        ({"extra": 1}, {"field": "extra"}),
        ({"geometry": shapely.geometry.mapping(BOW_TIE)}, {"coordinate": [112.5, 36.5]}),
        ({"geometry": shapely.geometry.mapping(shapely.Point(1, 1))}, {"feature": "RL-1"}),
        ({"geometry": {"type": "Polygon", "coordinates": []}}, {"feature": "RL-1"}),
    ],
)
def test_wrong_feature_is_refused_with_its_place_and_nothing_is_stored(empty_db, world, change, where):
    load_bundled(empty_db, world.folder, world.catalogue)
    before = state(empty_db)
    record = world.features["redline"][0]
    (record if "geometry" in change else record["properties"]).update(change)
    world.features["county"][0]["properties"]["name"] = "also changed"
    with pytest.raises(BadBoundary) as caught:
        load_bundled(empty_db, world.folder, world.catalogue)
    assert where.items() <= caught.value.where.items()
    assert caught.value.where["layer"] == "redline"
    assert state(empty_db) == before


def test_missing_field_and_undeclared_class_are_refused(empty_db, world):
    del world.features["redline"][0]["properties"]["licence"]
    with pytest.raises(BadBoundary, match="licence"):
        load_bundled(empty_db, world.folder, world.catalogue)
    world.put("redline", world.features["river"], order=3, classes={"redline": {"zh": "红线", "en": "red line"}})
    with pytest.raises(BadBoundary, match="class any is not declared"):
        load_bundled(empty_db, world.folder, world.catalogue)


def test_coverage_that_no_admin_layer_holds_is_refused(empty_db, world):
    world.entries["redline"]["coverage"] = "admin:990000"
    with pytest.raises(BadCatalogue, match="990000"):
        load_bundled(empty_db, world.folder, world.catalogue)


def test_layer_without_coverage_has_none(empty_db, world):
    world.entries["redline"]["coverage"] = None
    load_bundled(empty_db, world.folder, world.catalogue)
    assert scalar(empty_db, "select count(*) from coverage where layer = 'redline'") == 0


def kill_backend(engine: sa.Engine, connection: sa.Connection) -> None:
    pid = connection.connection.driver_connection.info.backend_pid
    with engine.connect() as other:
        other.execute(sa.text("select pg_terminate_backend(:pid, 5000)"), {"pid": pid})


@pytest.mark.parametrize("query", ["insert_release", "cut_polygons", "insert_coverage", "analyze"])
def test_kill_at_any_point_leaves_the_previous_release_intact(empty_db, world, monkeypatch, query):
    load_bundled(empty_db, world.folder, world.catalogue)
    before = state(empty_db)
    world.features["redline"][0]["properties"]["name"] = "另名"
    world.features["province"][0]["properties"]["name"] = "另名"

    deadly = publication.SQL[query].execution_options(deadly=True)
    monkeypatch.setitem(publication.SQL, query, deadly)

    @sa.event.listens_for(empty_db, "before_execute")
    def kill(connection, clause, multiparams, params, execution_options):
        if execution_options.get("deadly"):
            kill_backend(empty_db, connection)

    with pytest.raises(Unavailable):
        load_bundled(empty_db, world.folder, world.catalogue)
    assert state(empty_db) == before
    monkeypatch.undo()
    assert load_bundled(empty_db, world.folder, world.catalogue).release == Release(2)


@pytest.mark.parametrize("table", ["feature", "edge", "piece", "drawing"])
def test_kill_in_the_middle_of_a_copy_leaves_the_previous_release_intact(empty_db, world, monkeypatch, table):
    load_bundled(empty_db, world.folder, world.catalogue)
    before = state(empty_db)
    world.features["river"][0]["properties"]["name"] = "另名"
    copy = publication.copy

    def dying(connection, into, columns, rows):
        def cut():
            for row in rows:
                yield row
                if into == table:
                    kill_backend(empty_db, connection)

        copy(connection, into, columns, cut())

    for module in (publication, drawings):
        monkeypatch.setattr(module, "copy", dying)
    with pytest.raises(Unavailable):
        load_bundled(empty_db, world.folder, world.catalogue)
    assert state(empty_db) == before


def test_parallel_loads_publish_once(empty_db, world):
    catalogue, found = world.catalogue, []
    barrier = threading.Barrier(3)

    def publish() -> None:
        barrier.wait()
        found.append(load_bundled(empty_db, world.folder, catalogue))

    threads = [threading.Thread(target=publish) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {loaded.release for loaded in found} == {Release(1)}
    assert sum(bool(loaded.changes) for loaded in found) == 1


@pytest.mark.parametrize("table", ["feature", "layer_version"])
def test_two_rows_of_one_key_in_one_release_are_refused(empty_db, world, table):
    load_bundled(empty_db, world.folder, world.catalogue)
    columns = [c for c in sa.inspect(empty_db).get_columns(table) if c["name"] not in ("id", "version")]
    names = ", ".join(f'"{c["name"]}"' for c in columns)
    version = ("version, ", "1, ") if table == "layer_version" else ("", "")
    with empty_db.begin() as connection:
        connection.execute(sa.text("insert into release values (2, now(), now(), '', '{}')"))
    copy = (
        f"insert into {table} ({version[0]}{names}) select {version[1].replace('1', '2')}{names} from {table} limit 1"
    )
    refused = pytest.raises(IntegrityError, match="conflicting key value violates exclusion constraint")
    with refused, empty_db.begin() as connection:
        connection.execute(sa.text(copy))


def test_no_release_yet_is_unavailable_and_an_unknown_one_bad_input(empty_db, world):
    with pytest.raises(Unavailable) as caught:
        newest_release(empty_db)
    assert caught.value.type == "no-release"
    load_bundled(empty_db, world.folder, world.catalogue)
    assert open_release(empty_db) == open_release(empty_db, 1) == Release(1)
    for number in (0, 2, -1):
        with pytest.raises(BadProject) as unknown:
            open_release(empty_db, number)
        assert unknown.value.type == "release-unknown"
    with pytest.raises(BadProject):
        release_info(empty_db, Release(7))


def test_database_without_tables_is_unavailable(bare_db):
    with pytest.raises(Unavailable) as caught:
        newest_release(bare_db)
    assert caught.value.type == "database-schema"
