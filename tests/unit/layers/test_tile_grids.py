"""The two matrix sets are where clients expect them."""

from __future__ import annotations

import pytest

from layers.tile_grids import CGCS2000, WEB_MERCATOR, Place, box, grid, grids, mercator
from zoning.errors import NotFound


def test_the_grid_of_cgcs2000_is_that_of_tianditu():
    """天地图 WMTS, matrix set `c`: origin 90 N 180 W, level 1 of 2 × 1 tiles of 256, each level half the one before, to 18."""
    found = grid(CGCS2000)
    assert (found.minzoom, found.maxzoom) == (1, 18)
    first = found.matrix(1)
    assert (first.matrixWidth, first.matrixHeight, first.tileWidth, first.tileHeight) == (2, 1, 256, 256)
    assert first.pointOfOrigin == (90, -180)
    for z in range(1, 19):
        matrix = found.matrix(z)
        assert (matrix.matrixWidth, matrix.matrixHeight) == (2**z, 2 ** (z - 1))
        assert matrix.cellSize == pytest.approx(360 / 256 / 2**z)
    assert found.crs.to_epsg() == 4490
    assert box(Place(CGCS2000, 1, 1, 0)) == (0, -90, 180, 90)
    # Taiyuan at level 10 lies in column 832 and row 148 of the set.
    assert (found.tile(112.55, 37.87, 10).x, found.tile(112.55, 37.87, 10).y) == (832, 148)


def test_web_mercator_is_the_usual_one():
    assert box(Place(WEB_MERCATOR, 0, 0, 0)) == pytest.approx((-20037508.34, -20037508.34, 20037508.34, 20037508.34))
    assert mercator(CGCS2000, (-180, -90, 180, 90)) == pytest.approx(box(Place(WEB_MERCATOR, 0, 0, 0)))
    assert list(grids()) == [WEB_MERCATOR, CGCS2000]


@pytest.mark.parametrize(
    "place",
    [Place(WEB_MERCATOR, 25, 0, 0), Place(WEB_MERCATOR, 3, 8, 0), Place(WEB_MERCATOR, 3, 0, 8), Place(WEB_MERCATOR, -1, 0, 0),
     Place(CGCS2000, 0, 0, 0), Place(CGCS2000, 19, 0, 0), Place(CGCS2000, 1, 0, 1), Place(CGCS2000, 1, 2, 0)],
)  # fmt: skip
def test_a_tile_outside_its_set_is_not_found(place):
    with pytest.raises(NotFound) as caught:
        box(place)
    assert caught.value.type == "tile-outside"


def test_a_set_that_is_not_kept_is_not_found():
    with pytest.raises(NotFound) as caught:
        grid("MarsQuad")
    assert caught.value.type == "tile-matrix-set-unknown"
