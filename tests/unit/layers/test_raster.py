"""Raster layers are drawn, read and summed as their files say, and an entry or file that is wrong is refused."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import hypothesis
import numpy as np
import pytest
import rasterio
import shapely
import yaml
from hypothesis import strategies as st
from rasterio.errors import NotGeoreferencedWarning
from rio_cogeo import cog_validate

from layers import raster as rasters
from layers.catalogue import BadCatalogue
from layers.png import paletted
from layers.raster import Raster, hold
from layers.raster_entry import parse_entry, read_entries
from layers.raster_statistics import MOST_PIECES, MOST_VERTICES, covered, statistics
from layers.settings import settings
from layers.tile_grids import CGCS2000, WEB_MERCATOR, Place, box
from zoning.errors import BadSite, NotFound, Unavailable
from zoning.measure import ellipsoidal_area

from .rasters import CELL, FIELD, HOLE, NORTH, WEST, entry, fill, write


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("rasters"))


@pytest.fixture(scope="module")
def field(folder: Path) -> Raster:
    return rasters.held(folder)["field"]


@pytest.fixture(scope="module")
def kind(folder: Path) -> Raster:
    return rasters.held(folder)["kind"]


def pixels(image: bytes) -> np.ndarray:
    """The palette rows and indices of a PNG, read by GDAL."""
    with rasterio.MemoryFile(image) as memory:
        with pytest.warns(NotGeoreferencedWarning):
            band = memory.open()
        table = np.zeros((256, 4), dtype=np.uint8)
        for index, colour in band.colormap(1).items():
            table[index] = colour
        return np.asarray(table[band.read(1)])


def cell_box(row: int, column: int) -> shapely.Geometry:
    left, top = WEST + column * CELL, NORTH - row * CELL
    return shapely.box(left, top - CELL, left + CELL, top)


def test_only_public_layers_are_held_in_display_order(folder):
    assert list(rasters.held(folder)) == ["field", "kind"]
    assert [one.id for one in read_entries(folder)] == ["field", "secret", "kind"]


def test_the_bundled_rasters_are_valid_cogs_of_their_entries():
    for one in rasters.public().values():
        valid, errors, warnings = cog_validate(one.path, strict=True)
        assert (valid, errors, warnings) == (True, [], [])
    relief = rasters.named("relief")
    west, south, east, north = relief.bounds
    assert shapely.box(110, 34.5, 115, 41).within(shapely.box(west, south, east, north))
    assert sum(path.stat().st_size for path in settings().rasters.iterdir()) < 1_000_000


def test_the_relief_knows_the_plain_from_the_plateau():
    relief = rasters.named("relief")
    plain, _ = rasters.value_at(relief, 115.5, 37.5)
    mountain, _ = rasters.value_at(relief, 113.5, 39.08)
    assert plain is not None
    assert mountain is not None
    assert plain < 150
    assert mountain > 1_500


@pytest.mark.parametrize("place", [Place(WEB_MERCATOR, 10, 831, 398), Place(CGCS2000, 12, 3324, 604)])
def test_every_pixel_of_a_tile_has_the_colour_of_the_cell_beneath_it(field, place):
    image = rasters.tile(field, place)
    assert image is not None
    found = pixels(image)
    left, bottom, right, top = box(place)
    columns = (np.arange(256) + 0.5) / 256 * (right - left) + left
    rows = top - (np.arange(256) + 0.5) / 256 * (top - bottom)
    if place.tms == WEB_MERCATOR:
        columns = np.degrees(columns / 6378137)
        rows = np.degrees(2 * np.arctan(np.exp(rows / 6378137)) - np.pi / 2)
    values = FIELD.astype(int)
    values[HOLE] = -1
    compared = 0
    for y, lat in enumerate(rows):
        for x, lon in enumerate(columns):
            at, down = (lon - WEST) / CELL, (NORTH - lat) / CELL
            if min(at % 1, 1 - at % 1, down % 1, 1 - down % 1) < 0.15 or not (0 <= down < 40 and 0 <= at < 60):
                continue  # beside a cell's edge either neighbour is right
            wanted = values[int(down), int(at)]
            compared += 1
            if wanted < 0:
                assert found[y, x, 3] == 0
            else:
                assert abs(int(found[y, x, 0]) - wanted / 459 * 255) <= 1.01
                assert found[y, x, 3] == 255
    assert compared > 10_000


def test_the_hole_and_the_land_beyond_are_transparent(field):
    place = next(
        Place(WEB_MERCATOR, 9, x, y)
        for x in range(415, 416)
        for y in range(198, 200)
        if rasters.tile(field, Place(WEB_MERCATOR, 9, x, y))
    )
    image = rasters.tile(field, place)
    assert image is not None
    alphas = set(pixels(image)[..., 3].ravel().tolist())
    assert alphas == {0, 255}


def test_a_tile_away_from_the_raster_is_nothing_at_all(field):
    assert rasters.tile(field, Place(WEB_MERCATOR, 9, 0, 0)) is None


@pytest.mark.parametrize(
    "place", [Place(WEB_MERCATOR, 4, 0, 0), Place(WEB_MERCATOR, 13, 0, 0), Place(CGCS2000, 9, 512, 0)]
)
def test_a_tile_outside_zoom_range_or_grid_is_not_found(field, place):
    with pytest.raises(NotFound) as caught:
        rasters.tile(field, place)
    assert caught.value.type == "tile-outside"


def test_classes_are_drawn_in_their_colours_and_nothing_between(kind):
    west, south, east, north = kind.bounds
    n = 2**12
    lon, lat = np.radians([(west + east) / 2, (south + north) / 2])
    x = int((np.degrees(lon) + 180) / 360 * n)
    y = int((1 - np.arcsinh(np.tan(lat)) / np.pi) / 2 * n)
    image = rasters.tile(kind, Place(WEB_MERCATOR, 12, x, y))
    assert image is not None
    colours = {tuple(one) for one in pixels(image).reshape(-1, 4).tolist()}
    assert colours <= {(0, 0, 0, 0), (255, 0, 0, 255), (0, 0, 255, 128)}
    assert len(colours) >= 2


def test_a_paletted_png_holds_the_rows_it_was_given():
    rng = np.random.default_rng(7)
    indices = rng.integers(0, 4, (5, 9)).astype(np.uint8)
    palette = np.array([[0, 0, 0, 0], [255, 0, 0, 255], [0, 255, 0, 9], [1, 2, 3, 255]], dtype=np.uint8)
    image = paletted(indices, palette)
    assert np.array_equal(pixels(image), palette[indices])
    length = struct.unpack(">I", image[8:12])[0]
    assert zlib.crc32(image[12 : 16 + length]) == struct.unpack(">I", image[16 + length : 20 + length])[0]


@pytest.mark.parametrize(("row", "column"), [(0, 0), (39, 59), (20, 7), (9, 20)])
def test_a_point_has_the_value_of_its_cell(field, row, column):
    middle = cell_box(row, column).centroid
    assert rasters.value_at(field, middle.x, middle.y) == (float(FIELD[row, column]), "value")


def test_a_point_says_whether_it_is_in_a_hole_or_outside(field, kind):
    hole = cell_box(11, 22).centroid
    assert rasters.value_at(field, hole.x, hole.y) == (None, "nodata")
    assert rasters.value_at(field, WEST - CELL / 9, NORTH - CELL) == (None, "outside")
    assert rasters.value_at(kind, -170.0, -89.0) == (None, "outside")


def test_statistics_weigh_cells_by_the_area_of_them_inside(field):
    polygon = shapely.Polygon([(112.033, 36.72), (112.41, 36.655), (112.377, 36.97), (112.15, 36.93)])
    found = statistics(field, polygon)
    pieces = [
        (float(ellipsoidal_area([shapely.intersection(polygon, cell_box(r, c))])[0]), float(FIELD[r, c]), (r, c))
        for r in range(40)
        for c in range(60)
    ]
    hole = {(r, c) for r in range(HOLE[0].start, HOLE[0].stop) for c in range(HOLE[1].start, HOLE[1].stop)}
    inside = sorted((value, area) for area, value, at in pieces if area > 0 and at not in hole)
    total = sum(area for _, area in inside)
    assert found.cells == len(inside)
    assert (found.minimum, found.maximum) == (inside[0][0], inside[-1][0])
    assert found.mean == pytest.approx(sum(v * a for v, a in inside) / total, rel=1e-5)
    running = 0.0
    for value, area in inside:
        running += area
        if running >= total / 2:
            assert found.median == value
            break
    lost = sum(area for area, _, at in pieces if at in hole)
    assert found.share_nodata == pytest.approx(lost / found.area_m2, abs=2e-6)
    assert found.share_outside == 0


def test_a_polygon_half_off_the_raster_says_so(field):
    polygon = shapely.box(WEST - 0.1, 36.9, WEST + 0.1, 37.0)
    found = statistics(field, polygon)
    assert found.share_outside == pytest.approx(0.5, abs=1e-6)
    assert found.cells == 100
    beyond = statistics(field, shapely.box(113.0, 35.0, 113.1, 35.1))
    assert (beyond.cells, beyond.mean, beyond.median, beyond.share_outside) == (0, None, None, 1)


def test_a_polygon_in_the_hole_has_no_value_and_is_all_nodata(field):
    found = statistics(field, cell_box(11, 22).buffer(-0.001))
    assert (found.cells, found.minimum, found.share_nodata, found.share_outside) == (0, None, 1, 0)


def test_class_shares_of_a_projected_raster_are_shares_of_area(kind):
    west, south, east, north = kind.bounds
    found = statistics(kind, shapely.box(west - 0.01, south - 0.01, east + 0.01, north + 0.01))
    assert found.class_shares == (pytest.approx(0.4, abs=1e-4), pytest.approx(0.6, abs=1e-4))
    assert found.cells == 2_500
    held = found.area_m2 * (1 - found.share_outside)
    assert held == pytest.approx(5_000 * 5_000, rel=1e-3)


def test_too_many_vertices_are_refused(field):
    ring = shapely.Point(112.3, 36.8).buffer(0.1, quad_segs=MOST_VERTICES // 4)
    with pytest.raises(BadSite) as caught:
        statistics(field, ring)
    assert caught.value.type == "site-too-large"


def test_too_many_cells_are_refused_before_they_are_read(tmp_path):
    write(tmp_path, np.ones((700, 700), dtype=np.uint8), entry("wide", nodata=0), tiled=True, sparse_ok=True)
    wide = rasters.held(tmp_path)["wide"]
    with pytest.raises(BadSite) as caught:
        statistics(wide, shapely.box(112.0, 30.0, 119.0, 37.0))
    assert caught.value.type == "site-too-large"


def comb(west: float, south: float, east: float, north: float, teeth: int) -> shapely.Geometry:
    """A valid polygon whose teeth run from north to south over all rows."""
    step = (east - west) / teeth
    points = [
        p for n in range(teeth) for p in ((west + n * step, north), (west + (n + 0.5) * step, south + (north - south) / 1e6))
    ]  # fmt: skip
    return shapely.Polygon([(west, south - 0.01), *points, (east, north), (east, south - 0.01)])


def test_an_outline_that_crosses_every_cell_many_times_is_refused_before_it_is_worked_on(tmp_path):
    write(tmp_path, np.ones((600, 600), dtype=np.uint8), entry("wide", nodata=0))
    with pytest.raises(BadSite) as caught:
        statistics(rasters.held(tmp_path)["wide"], comb(112.0, 31.02, 117.9, 36.9, 9000))
    assert caught.value.type == "site-too-large"
    assert str(MOST_PIECES) in caught.value.text("en")


def test_a_long_outline_is_not_carried_step_by_step_without_end(kind):
    with pytest.raises(BadSite) as caught:
        statistics(kind, comb(100.0, 20.0, 120.0, 40.0, 2_000))
    assert caught.value.type == "site-too-large"


@hypothesis.given(st.integers(0, 2**32 - 1), st.integers(3, 40))
def test_shares_of_cells_are_those_that_cutting_gives(seed, corners):
    random = np.random.default_rng(seed)
    shape = shapely.make_valid(shapely.Polygon(random.uniform(-3, 13, (corners, 2))))
    if seed % 2:
        shape = shapely.from_wkb(
            shapely.to_wkb(shapely.set_precision(shape, 0.5))
        )  # corners and edges on the lines of the grid
    grid = shapely.box(*np.meshgrid(np.arange(10), 7 - np.arange(8)), np.arange(10) + 1, (8 - np.arange(8))[:, None])
    wanted = shapely.area(shapely.intersection(shape, grid))
    assert covered(shape, 0.0, 8.0, (1.0, 1.0), (8, 10)) == pytest.approx(wanted, abs=1e-9)


def test_the_version_changes_with_the_file_and_with_the_entry(tmp_path, field):
    fill(tmp_path)
    same = hold(parse_entry("field.yaml", (tmp_path / "field.yaml").read_text()), tmp_path)
    other = hold(parse_entry("field.yaml", yaml.safe_dump(entry("field", licence="MIT"))), tmp_path)
    write(tmp_path, FIELD + 1, entry("field"))
    changed = hold(same.spec, tmp_path)
    assert same.version == field.version
    assert len({same.version, other.version, changed.version}) == 3


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"file": "../secret.tif"}, "file"),
        ({"file": "/vsicurl/x.tif"}, "file"),
        ({"zoom": [9, 3]}, "(whole)"),
        ({"zoom": [0, 40]}, "(whole)"),
        ({"colour": "red"}, "colour"),
        ({"visibility": "all"}, "visibility"),
        ({"accuracy": None}, "accuracy"),
        ({"style": {}}, "style"),
        ({"style": {"ramp": [[0, "red"], [1, "#000000"]]}}, "style.ramp.0.1"),
        ({"style": {"ramp": [[1, "#000000"], [1, "#ffffff"]]}}, "style"),
        ({"style": {"ramp": [[0, "#000000"], [float("inf"), "#ffffff"]]}}, "style.ramp.1.0"),
        ({"id": "other"}, "id"),
        ({"title": {"zh": "只有中文"}}, "title.en"),
    ],
)
def test_a_wrong_entry_is_refused_with_file_and_field(change, where):
    with pytest.raises(BadCatalogue) as caught:
        parse_entry("field.yaml", yaml.safe_dump({**entry("field"), **change}, allow_unicode=True))
    assert caught.value.where == {"file": "field.yaml", "field": where}


@pytest.mark.parametrize(
    "classes",
    [
        [{"value": 1, "low": 0, "high": 2}],
        [{"low": 2, "high": 2}],
        [{"value": 3}, {"low": 2, "high": 5}],
        [{}],
    ],
)
def test_classes_that_contradict_themselves_are_refused(classes):
    full = [{"colour": "#000000", "label": {"zh": "甲", "en": "A"}, **one} for one in classes]
    with pytest.raises(BadCatalogue):
        parse_entry("field.yaml", yaml.safe_dump(entry("field", style={"classes": full}), allow_unicode=True))


@pytest.mark.parametrize("resampling", ["bilinear", "cubic"])
def test_classes_are_never_blended(resampling):
    style = {"classes": [{"value": 1, "colour": "#000000", "label": {"zh": "甲", "en": "A"}}]}
    with pytest.raises(BadCatalogue):
        parse_entry("k.yaml", yaml.safe_dump(entry("k", style=style, resampling=resampling), allow_unicode=True))


def _vrt(folder: Path) -> None:
    (folder / "field.tif").write_text('<VRTDataset rasterXSize="1" rasterYSize="1"></VRTDataset>')


def _two_bands(folder: Path) -> None:
    with rasterio.open(folder / "field.tif", "w", driver="GTiff", count=2, dtype="uint8", height=2, width=2,
                       crs="EPSG:4490", transform=rasterio.transform.from_origin(1, 1, 1, 1)) as band:  # fmt: skip
        band.write(np.ones((2, 2, 2), dtype=np.uint8))


def _other_nodata(folder: Path) -> None:
    write(folder, FIELD, {**entry("field"), "nodata": -5})


def _old_datum(folder: Path) -> None:
    write(folder, FIELD, entry("field"), crs="EPSG:4610")


def _linked(folder: Path) -> None:
    (folder / "field.tif").unlink()
    (folder / "field.tif").symlink_to("/etc/hostname")


@pytest.mark.parametrize(
    "spoil", [_vrt, _two_bands, _other_nodata, _old_datum, _linked, lambda f: (f / "field.tif").unlink(),
              lambda f: (f / "field.tif").write_bytes(b"II*\0" + bytes(40))],
)  # fmt: skip
def test_a_file_that_is_not_as_its_entry_says_is_not_served(tmp_path, spoil):
    write(tmp_path, FIELD, entry("field"))
    spoil(tmp_path)
    spec = parse_entry("field.yaml", yaml.safe_dump(entry("field")))
    with pytest.raises(Unavailable) as caught:
        hold(spec, tmp_path)
    assert caught.value.type == "raster-unavailable"


def test_a_broken_layer_takes_no_other_with_it_and_is_named_in_the_log(tmp_path, caplog):
    fill(tmp_path)
    (tmp_path / "kind.tif").write_bytes(b"II*\0" + bytes(40))
    (tmp_path / "spoilt.yaml").write_text("id: [", encoding="utf-8")
    (tmp_path / "latin.yaml").write_bytes(b"\xff\xfe")
    found = rasters.in_folder(tmp_path)
    assert list(found.good) == ["field"]
    assert set(found.broken) == {"kind.yaml", "spoilt.yaml", "latin.yaml"}
    assert {name for name in found.broken if name in caplog.text} == set(found.broken)
    caplog.clear()
    assert rasters.in_folder(tmp_path) is found
    assert not caplog.text


def test_a_file_that_is_put_right_or_replaced_is_read_again_at_a_version_of_its_own(tmp_path):
    write(tmp_path, FIELD, entry("field"))
    first = rasters.held(tmp_path)["field"]
    (tmp_path / "field.tif").unlink()
    assert not rasters.held(tmp_path)
    write(tmp_path, FIELD + 1, entry("field"))
    second = rasters.held(tmp_path)["field"]
    assert second.version != first.version
