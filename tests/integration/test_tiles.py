"""What tiles hold: every feature at every zoom, common edges, the same bytes however they come, at every release."""

from __future__ import annotations

import sqlite3
import subprocess
from pathlib import Path

import mapbox_vector_tile
import numpy as np
import psycopg
import pytest
import shapely
import sqlalchemy as sa
from alembic import command
from psycopg import sql

from layers import drawing, drawings, pyramid, tile_grids, tiles
from layers.database import alembic_config, driver, migrate, writing
from layers.load import load_bundled
from layers.settings import settings
from layers.tile_grids import CGCS2000, WEB_MERCATOR, Place, grid
from layers.visibility import geometry_sql

ALL_TILES_TO = 9
"""Up to this zoom all tiles are looked at; beyond it those of some features, the smallest among them."""


def decoded(tile: bytes | None):
    return mapbox_vector_tile.decode(tile, default_options={"y_coord_down": True}) if tile else {}


def ids_in(tile: bytes | None, layer: str) -> set[int]:
    return {feature["id"] for feature in decoded(tile).get(layer, {"features": []})["features"]}


def features(engine: sa.Engine, layer: str) -> tuple[np.ndarray, np.ndarray]:
    """Ids and geometries as the database holds them, EPSG:4490, where they have a place."""
    query = "select id, ST_AsBinary(geom) as wkb from feature where layer = :layer and not ST_IsEmpty(geom) order by id"
    with engine.connect() as connection:
        rows = connection.execute(sa.text(query), {"layer": layer}).all()
    return np.array([row.id for row in rows]), shapely.from_wkb([bytes(row.wkb) for row in rows])


def places(tms: str, z: int, shapes: np.ndarray) -> list[Place]:
    matrix = grid(tms).matrix(z)
    side = matrix.cellSize * matrix.tileWidth
    left, top = (-180.0, 90.0) if tms == CGCS2000 else matrix.pointOfOrigin
    if z <= ALL_TILES_TO:
        west, south, east, north = shapely.total_bounds(shapes)
        columns = range(int((west - left) // side), int((east - left) // side) + 1)
        rows = range(int((top - north) // side), int((top - south) // side) + 1)
        return [Place(tms, z, x, y) for x in columns for y in rows]
    by_size = np.argsort(shapely.area(shapes))
    some = np.unique(np.r_[by_size[:4], by_size[:: max(len(shapes) // 4, 1)]])
    points = shapely.point_on_surface(shapes[some])
    return sorted({Place(tms, z, int((p.x - left) // side), int((top - p.y) // side)) for p in points})


@pytest.mark.parametrize("tms", [WEB_MERCATOR, CGCS2000])
def test_every_feature_is_in_every_tile_it_lies_in_at_every_zoom(bundled_db, tms):
    seen = 0
    for layer in tiles.shown(bundled_db).at().values():
        ids, shapes = features(bundled_db, layer.id)
        shapes = drawing.projected(shapes) if tms == WEB_MERCATOR else shapes
        tree = shapely.STRtree(shapes)
        for z in range(layer.zoom[0], layer.zoom[1] + 1, 1 if tms == WEB_MERCATOR else 3):
            for place in places(tms, z, shapes):
                box = shapely.box(*tile_grids.box(place))
                wanted = set(ids[tree.query(box, predicate="intersects")].tolist())
                found = ids_in(tiles.tile(bundled_db, [layer], place), layer.id)
                assert wanted <= found, (layer.id, place)
                seen += len(wanted)
    assert seen > 5_000


def test_a_feature_keeps_its_attributes_and_what_is_small_says_so(bundled_db):
    layer = tiles.shown(bundled_db).at()["redline"]
    (tile,) = [decoded(tiles.tile(bundled_db, [layer], Place(WEB_MERCATOR, 5, 26, 12)))]
    found = tile["redline"]["features"]
    assert tile["redline"]["extent"] == 4096
    small = [feature for feature in found if feature["properties"].get("small")]
    assert {feature["geometry"]["type"] for feature in small} <= {
        "Point",
        "MultiPoint",
        "LineString",
        "MultiLineString",
    }
    assert {f["geometry"]["type"] for f in found if "small" not in f["properties"]} <= {"Polygon", "MultiPolygon"}
    with bundled_db.connect() as connection:
        held = connection.execute(
            sa.text("select id, code, name, class, legal_status from feature where layer = 'redline'")
        )
        by_id = {row.id: row for row in held}
    for feature in found:
        row = by_id[feature["id"]]
        said = feature["properties"]
        assert (said["code"], said["name"], said["class"], said["legal_status"]) == tuple(row)[1:]


def test_neighbours_have_one_common_edge_at_every_band(bundled_db):
    for layer in ("county", "control_unit", "city"):
        for band in drawing.BANDS:
            query = (
                "select ST_AsBinary(geom) from drawing where layer = :layer and band = :band and ST_Dimension(geom) = 2"
            )
            with bundled_db.connect() as connection:
                rows = connection.execute(sa.text(query), {"layer": layer, "band": band}).scalars().all()
            parts = shapely.from_wkb([bytes(one) for one in rows])
            assert shapely.coverage_is_valid(parts), (layer, band)


def test_bands_get_coarser_and_keep_every_part(bundled_db):
    query = "select band, count(*) as parts, sum(ST_NPoints(geom)) as points from drawing group by band order by band"
    with bundled_db.connect() as connection:
        rows = connection.execute(sa.text(query)).all()
    assert len({row.parts for row in rows}) == 1
    points = [row.points for row in rows]
    assert points == sorted(points)
    assert points[0] < points[-1] / 2


# ---- hard shapes


HARD = {
    "thin": shapely.LineString([(112.1, 36.1), (112.9, 36.9)]).buffer(1e-6),
    "ring": shapely.Point(112.5, 36.5).buffer(0.3).difference(shapely.Point(112.5, 36.5).buffer(0.29999)),
    "tiny": shapely.box(112.3, 36.3, 112.3000001, 36.3000001),
    "scattered": shapely.MultiPolygon([shapely.box(112 + i / 10, 36.2, 112.0001 + i / 10, 36.2001) for i in range(9)]),
}


def entry(like, code: str, shape: shapely.Geometry):
    return {**like, "properties": {**like["properties"], "code": code}, "geometry": shapely.geometry.mapping(shape)}


@pytest.mark.parametrize("form", ["exact", "generalised"])
def test_what_is_thin_tiny_or_scattered_is_never_lost(empty_db, world, form):
    world.put(
        "redline",
        [entry(world.features["redline"][0], code, shape) for code, shape in HARD.items()],
        order=3,
        zoom=[0, 18],
        public_form=form,
    )
    load_bundled(empty_db, world.folder, world.catalogue)
    layer = tiles.shown(empty_db).at()["redline"]
    ids, shapes = seen(empty_db, "redline", form)
    shapes = drawing.projected(shapes)
    for z in range(19) if form == "exact" else range(15):
        for place in places(WEB_MERCATOR, z, shapes):
            wanted = set(ids[shapely.intersects(shapes, shapely.box(*tile_grids.box(place)))].tolist())
            assert wanted <= ids_in(tiles.tile(empty_db, [layer], place), "redline"), place


@pytest.mark.parametrize("z", [8, 13, 16])
def test_a_generalised_layer_draws_the_corners_that_items_give_and_no_other(empty_db, world, z):
    world.entries["redline"]["public_form"] = "generalised"
    load_bundled(empty_db, world.folder, world.catalogue)
    (layer,) = tiles.shown(empty_db).pick(["redline"])
    _, given = seen(empty_db, "redline", "generalised")
    corners = shapely.get_coordinates(drawing.projected(given))
    found = 0
    for lon, lat in shapely.get_coordinates(given)[::7]:
        at = grid(WEB_MERCATOR).tile(lon, lat, z)
        place = Place(WEB_MERCATOR, z, at.x, at.y)
        left, bottom, right, _ = tile_grids.box(place)
        unit = (right - left) / 4096
        for one in decoded(tiles.tile(empty_db, [layer], place))["redline"]["features"]:
            drawn = shapely.get_coordinates(shapely.geometry.shape(one["geometry"]))
            inner = drawn[((drawn > 0) & (drawn < 4096)).all(axis=1)]
            drawn = np.column_stack([left + inner[:, 0] * unit, bottom + (4096 - inner[:, 1]) * unit])
            for point in drawn if not one["properties"].get("small") else []:
                assert np.hypot(*(corners - point).T).min() < 2 * unit
                found += 1
    assert found
    said = tiles.tile_json(empty_db, [layer], "")["bounds"]
    assert said == pytest.approx(np.round(said, 2), abs=1e-9)


def seen(engine: sa.Engine, layer: str, form: str) -> tuple[np.ndarray, np.ndarray]:
    """Ids and geometries as everybody may see them."""
    query = sql.SQL("select f.id, ST_AsBinary({}) from feature f where layer = {} order by id").format(
        geometry_sql(form), sql.Literal(layer)
    )
    with driver(engine) as connection:
        rows = connection.execute(query).fetchall()
    return np.array([id for id, _ in rows]), shapely.from_wkb([bytes(wkb) for _, wkb in rows])


def test_bounds_hold_every_feature_whole(empty_db, world):
    load_bundled(empty_db, world.folder, world.catalogue)
    for layer in tiles.shown(empty_db).at().values():
        _, shapes = features(empty_db, layer.id)
        west, south, east, north = tiles.tile_json(empty_db, [layer], "")["bounds"]
        assert shapely.covers(shapely.box(west, south, east, north).buffer(1e-9), shapes).all()


def vars_of(layer: tiles.TileLayer):
    return {name: getattr(layer, name) for name in layer.__dataclass_fields__}


# ---- releases


def drawn_rows(engine: sa.Engine) -> set[int]:
    with engine.connect() as connection:
        return set(connection.execute(sa.text("select id from drawing")).scalars())


def test_a_release_draws_only_what_it_changes(empty_db, world):
    load_bundled(empty_db, world.folder, world.catalogue)
    before = drawn_rows(empty_db)
    world.features["redline"][1]["properties"]["name"] = "另名"
    load_bundled(empty_db, world.folder, world.catalogue)
    with empty_db.connect() as connection:
        query = "select distinct layer, feature_id from drawing where not id = any(:before)"
        new = connection.execute(sa.text(query), {"before": list(before)}).all()
        ended = connection.execute(sa.text("select count(*) from drawing where not upper_inf(releases)")).scalar_one()
    assert [row.layer for row in new] == ["redline"]
    assert ended == len(drawing.BANDS)


def test_a_unit_whose_neighbour_moved_is_drawn_anew_and_nothing_gapes(empty_db, world):
    load_bundled(empty_db, world.folder, world.catalogue)
    rough = [(112.5 + (i % 2) / 100, 36 + i / 50) for i in range(51)]
    west = shapely.Polygon([(112, 36), *rough, (112, 37)])
    east = shapely.Polygon([*rough, (113, 37), (113, 36)])
    for n, shape in enumerate((west, east)):
        world.features["county"][n]["geometry"] = shapely.geometry.mapping(shape)
    world.features["province"][0]["geometry"] = shapely.geometry.mapping(shapely.union(west, east))
    load_bundled(empty_db, world.folder, world.catalogue)
    for band in drawing.BANDS:
        query = "select ST_AsBinary(geom) from drawing where layer = 'county' and band = :band and releases @> cast(:release as integer)"
        for release in (1, 2):
            with empty_db.connect() as connection:
                rows = connection.execute(sa.text(query), {"band": band, "release": release}).scalars().all()
            assert len(rows) == 2
            assert shapely.coverage_is_valid(shapely.from_wkb([bytes(one) for one in rows]))


def test_a_layer_that_ends_is_not_drawn_from_then_on(empty_db, world):
    load_bundled(empty_db, world.folder, world.catalogue)
    for held in (world.entries, world.features):
        held.pop("water_source")
    load_bundled(empty_db, world.folder, world.catalogue)
    shown = tiles.shown(empty_db)
    assert "water_source" not in shown.at()
    assert "water_source" in shown.at(1)
    with empty_db.connect() as connection:
        query = "select bool_or(upper_inf(releases)) from drawing where layer = 'water_source'"
        assert connection.execute(sa.text(query)).scalar_one() is False


def test_a_database_from_before_is_drawn_when_it_is_brought_up(empty_db, world):
    load_bundled(empty_db, world.folder, world.catalogue)
    world.features["redline"].pop()
    load_bundled(empty_db, world.folder, world.catalogue)
    place = Place(WEB_MERCATOR, 9, 415, 200)
    shown = tiles.shown(empty_db)
    before = [tiles.tile(empty_db, shown.pick(["redline", "county"], n), place) for n in (1, 2)]
    command.downgrade(alembic_config(empty_db.url), "0003")
    migrate(empty_db)
    assert load_bundled(empty_db, world.folder, world.catalogue).changes == {}
    shown = tiles.shown(empty_db)
    assert [tiles.tile(empty_db, shown.pick(["redline", "county"], n), place) for n in (1, 2)] == before
    with writing(empty_db) as connection:
        rows = drawn_rows(empty_db)
        drawings.fill(connection)
    assert drawn_rows(empty_db) == rows


def test_projecting_here_is_projecting_in_the_database(bundled_db):
    _, shapes = features(bundled_db, "river")
    here = drawing.projected(shapes)
    query = "select ST_AsBinary(ST_Transform(geom, 3857)) from feature where layer = 'river' order by id"
    with bundled_db.connect() as connection:
        there = shapely.from_wkb([bytes(one) for one in connection.execute(sa.text(query)).scalars()])
    assert shapely.equals_exact(here, there, tolerance=1e-6).all()


# ---- pyramids


@pytest.fixture
def cut(empty_db, world, tmp_path, monkeypatch):
    """The tiny world with its low zooms cut into files; gives the folder."""
    folder = tmp_path / "tiles"
    monkeypatch.setattr("layers.pyramid.WORTHWHILE", 64)
    monkeypatch.setattr("layers.tiles.settings", lambda: settings().model_copy(update={"tiles": folder}))
    load_bundled(empty_db, world.folder, world.catalogue, None, folder)
    return folder


def test_a_pyramid_holds_the_bytes_that_would_be_drawn(empty_db, cut):
    compared = 0
    for layer in tiles.shown(empty_db).at().values():
        drawn = tiles.TileLayer(**{**vars_of(layer), "pyramid": None})
        if not layer.pyramid.file:
            continue
        with sqlite3.connect(cut / layer.pyramid.file) as file:
            rows = file.execute("select zoom_level, tile_column, tile_row, tile_data from tiles").fetchall()
        file.close()
        for z, x, row, data in rows:
            place = Place(WEB_MERCATOR, z, x, 2**z - 1 - row)
            assert data == tiles.packed_tile(empty_db, [layer], place) == tiles.packed_tile(empty_db, [drawn], place)
            compared += 1
    assert compared > 50


def test_a_missing_or_broken_file_is_logged_and_the_tile_drawn(empty_db, cut, caplog):
    (layer,) = tiles.shown(empty_db).pick(["redline"])
    place = Place(WEB_MERCATOR, 9, 415, 200)
    before = tiles.tile(empty_db, [layer], place)
    moved = tiles.TileLayer(**{**vars_of(layer), "pyramid": type(layer.pyramid)("gone.mbtiles", 0, 12)})
    assert tiles.tile(empty_db, [moved], place) == before
    (cut / "gone.mbtiles").write_bytes(b"not a database" * 100)
    assert tiles.tile(empty_db, [moved], place) == before
    assert sum("drawn anew" in record.message for record in caplog.records) == 2


def test_a_damaged_tile_in_a_whole_file_is_drawn_anew(empty_db, cut):
    (layer,) = tiles.shown(empty_db).pick(["redline"])
    with sqlite3.connect(cut / layer.pyramid.file) as file:
        z, x, row, data = file.execute("select * from tiles order by length(tile_data) desc").fetchone()
        place = Place(WEB_MERCATOR, z, x, 2**z - 1 - row)
        before = tiles.packed_tile(empty_db, [layer], place)
        assert before == data
        spoilt = (data[: len(data) // 2], b"", data[:20] + bytes(8) + data[28:], "text", 7)
        for n, bad in enumerate(spoilt):
            copy = f"{n}.mbtiles"
            (cut / copy).write_bytes((cut / layer.pyramid.file).read_bytes())
            with sqlite3.connect(cut / copy) as other:
                other.execute("update tiles set tile_data = ?", [bad])
            other.close()
            moved = tiles.TileLayer(**{**vars_of(layer), "pyramid": type(layer.pyramid)(copy, 0, 12)})
            assert tiles.packed_tile(empty_db, [moved], place) == before
    file.close()


def test_what_a_killed_process_left_is_swept_and_what_another_writes_is_not(empty_db, world, cut):
    (cut / "redline-9-dead.mbtiles.part").write_bytes(b"half")
    writing_now = cut / "county-9-alive.mbtiles.part"
    with pyramid._claimed(writing_now):
        world.features["redline"].pop()
        load_bundled(empty_db, world.folder, world.catalogue, None, cut)
        assert [one.name for one in cut.glob("*.part")] == [writing_now.name]


@pytest.mark.parametrize("error", [sqlite3.OperationalError("database or disk is full"), OSError(28, "No space left")])
def test_a_full_disk_costs_the_files_and_not_the_release(cut, world, error, request):
    empty_db, monkeypatch, caplog = map(request.getfixturevalue, ("empty_db", "monkeypatch", "caplog"))
    world.features["redline"].pop()
    before = set(cut.iterdir())

    def full(*_):
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(pyramid, "_fill", full)
        load_bundled(empty_db, world.folder, world.catalogue, None, cut)
    assert tiles.shown(empty_db).newest == 2
    assert set(cut.iterdir()) == before
    assert "no tiles are cut for redline" in caplog.text
    load_bundled(empty_db, world.folder, world.catalogue, None, cut)
    assert tiles.shown(empty_db).version("redline", 2).pyramid.file


def test_a_file_that_is_gone_is_cut_again_and_no_other_is(empty_db, world, cut):
    files = sorted(cut.iterdir())
    load_bundled(empty_db, world.folder, world.catalogue, None, cut)
    assert sorted(cut.iterdir()) == files
    files[0].unlink()
    load_bundled(empty_db, world.folder, world.catalogue, None, cut)
    again = sorted(cut.iterdir())
    assert len(again) == len(files)
    assert set(files[1:]) < set(again)


def test_a_release_cuts_only_the_layers_it_changes_and_a_failed_one_leaves_no_file(empty_db, world, cut, monkeypatch):
    files = set(cut.iterdir())
    world.features["redline"].pop()
    with monkeypatch.context() as broken:
        broken.setitem(tiles._SQL, "put_pyramid", "select 1/0")
        with pytest.raises(psycopg.errors.DivisionByZero):
            load_bundled(empty_db, world.folder, world.catalogue, None, cut)
    assert tiles.shown(empty_db).newest == 1
    assert set(cut.iterdir()) == files
    load_bundled(empty_db, world.folder, world.catalogue, None, cut)
    new = [layer.pyramid.file for layer in tiles.shown(empty_db).at().values() if layer.version == 2]
    assert all(name.startswith("redline-2-") for name in new)


def test_tiles_cut_in_another_form_are_not_shown(empty_db, world, cut):
    world.entries["redline"]["public_form"] = "generalised"
    load_bundled(empty_db, world.folder, world.catalogue, None, cut)
    shown = tiles.shown(empty_db)
    assert shown.version("redline", 1).form == "generalised"
    assert shown.version("redline", 1).pyramid is None
    assert shown.version("redline", 2).pyramid is not None


# ---- clients


def test_gdal_reads_tiles_and_pyramids_and_counts_the_same_features(bundled_db, tmp_path):
    place = Place(WEB_MERCATOR, 8, 208, 99)
    layers = tiles.shown(bundled_db).pick(["county", "river"])
    file = tmp_path / "99.mvt"
    file.write_bytes(tiles.tile(bundled_db, layers, place) or b"")
    found = ogrinfo(f"MVT:{file}", "-oo", "X=208", "-oo", "Y=99", "-oo", "Z=8")
    box = shapely.box(*tile_grids.box(place))
    for layer in layers:
        _, shapes = features(bundled_db, layer.id)
        inside = int(shapely.intersects(drawing.projected(shapes), box).sum())
        assert f"Layer name: {layer.id}" in found
        counts = [int(line.split(":")[1]) for line in found.splitlines() if line.startswith("Feature Count")]
        assert counts[layers.index(layer)] >= inside > 0
    # The field `id` that GDAL shows is the feature's own.
    assert all(f"{name}: String" in found for name in ("code", "name", "class", "legal_status"))


def ogrinfo(source: str, *options: str) -> str:
    command_line = ["ogrinfo", "-so", "-al", source, *options]
    done = subprocess.run(command_line, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_gdal_opens_a_pyramid_file(empty_db, cut):
    (layer,) = tiles.shown(empty_db).pick(["county"])
    found = ogrinfo(str(Path(cut) / layer.pyramid.file))
    assert "using driver `MBTiles' successful" in found
    assert "Layer name: county" in found
