"""CRSs of the map services: every offered one leads there and back, in its authority's axis order."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from layers.bad_query import BadQuery
from layers.map_crs import CRS84, EPSG, box_of, named, offered

REGION = offered(110.2, 114.6)


def test_the_zones_of_the_region_are_offered_with_and_without_their_number():
    assert [crs.srid for crs in REGION if not crs.geographic] == [4525, 4546, 4526, 4547]
    assert {crs.srid for crs in offered(73, 136)} >= set(range(4513, 4555))


def test_axis_order_is_the_authoritys():
    for crs in REGION:
        if crs.uri != CRS84:
            assert (pyproj.CRS(crs.srid).axis_info[0].direction == "north") is crs.swapped
    assert not named(None, REGION, "crs").swapped


@given(lon=st.floats(110.2, 114.6), lat=st.floats(34.5, 40.8), crs=st.sampled_from(REGION))
def test_a_position_comes_back_from_every_crs(lon, lat, crs):
    north_first = (lat, lon) if crs.swapped else (lon, lat)
    if not crs.geographic:
        north_first = pyproj.Transformer.from_crs("EPSG:4490", f"EPSG:{crs.srid}").transform(lat, lon)
    back = crs.to_lonlat(shapely.Point(north_first))
    assert np.abs(shapely.get_coordinates(back) - [lon, lat]).max() < 1e-9


@given(
    west=st.floats(110.3, 112), south=st.floats(34.6, 36), width=st.floats(0.01, 2), height=st.floats(0.01, 2), crs=st.sampled_from(REGION)
)  # fmt: skip
def test_a_box_covers_what_lies_in_it_in_its_own_crs(west, south, width, height, crs):
    """The corners and the middle of a box in its CRS are in the area that it is read as."""
    low, high = np.array([west, south]), np.array([west + width, south + height])
    if not crs.geographic:
        turned = pyproj.Transformer.from_crs("EPSG:4490", f"EPSG:{crs.srid}", always_xy=True)
        low, high = (np.array(turned.transform(*corner)) for corner in (low, high))
        low, high = np.minimum(low, high), np.maximum(low, high)
    order = [1, 0] if crs.swapped else [0, 1]
    area = box_of(",".join(repr(float(v)) for v in (*low[order], *high[order])), crs)
    for share in (0.001, 0.5, 0.999):
        inside = crs.to_lonlat(shapely.Point((low + (high - low) * share)[order]))
        assert area.covers(inside)


@pytest.mark.parametrize("uri", ["EPSG:4490", f"{EPSG}3857", f"{EPSG}4214", "", "http://example.org", f"{EPSG}4490 "])
def test_any_other_crs_is_refused(uri):
    with pytest.raises(BadQuery):
        named(uri, REGION, "crs")


def test_a_bracketed_uri_is_read():
    assert named(f"[{EPSG}4490]", REGION, "crs").srid == 4490


@pytest.mark.parametrize(
    "text", ["4e6,4e5,3e6,5e5", "3e6,4e5,4e6,9e6", "-1,4e5,4e6,5e5", "1e30,1,1e31,2", "3e6,nan,4e6,5e5"]
)
def test_a_projected_box_outside_its_zone_is_refused(text):
    with pytest.raises(BadQuery):
        box_of(text, named(f"{EPSG}4546", REGION, "bbox-crs"))
