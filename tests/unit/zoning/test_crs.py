"""Which CRSs are taken, which are refused, and that no axis or datum is turned by the way."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest

from zoning.crs import read_crs, zone_of_prefix
from zoning.errors import BadSite

PLACE = np.array([[111.57, 35.49]])


def _named(prj_name: str, datum: str, spheroid: str, *, easting: float = 38_500_000, meridian: int = 114) -> str:
    return (
        f'PROJCS["{prj_name}",GEOGCS["g",DATUM["{datum}",SPHEROID[{spheroid}]],PRIMEM["Greenwich",0],'
        'UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],'
        f'PARAMETER["False_Easting",{easting}],PARAMETER["False_Northing",0],'
        f'PARAMETER["Central_Meridian",{meridian}],PARAMETER["Scale_Factor",1],'
        'PARAMETER["Latitude_Of_Origin",0],UNIT["Meter",1]]'
    )


@pytest.mark.parametrize("code", [4490, *range(4491, 4513), *range(4513, 4555)])
def test_every_cgcs2000_code_is_read_and_its_esri_prj_gives_the_same_positions(code):
    by_code = read_crs(f"EPSG:{code}")
    by_prj = read_crs(pyproj.CRS.from_epsg(code).to_wkt("WKT1_ESRI"))
    assert by_code.label == by_prj.label == f"EPSG:{code}"
    assert by_code.datum == by_prj.datum == "cgcs2000"
    place = np.array([[by_code.meridian or 111.0, 35.49]])
    assert np.allclose(by_code.from_lonlat(place), by_prj.from_lonlat(place), atol=1e-6, rtol=0)


@pytest.mark.parametrize(
    ("code", "meridian", "prefix"),
    [(4525, 111, 37), (4526, 114, 38), (4546, 111, None), (4497, 111, 19), (4509, 117, None)],
)
def test_meridian_and_zone_prefix_are_known_and_easting_comes_first(code, meridian, prefix):
    crs = read_crs(code)
    assert (crs.meridian, crs.prefix) == (meridian, prefix)
    east, north = crs.from_lonlat([[meridian, 36.0]])[0]
    assert east == pytest.approx((prefix or 0) * 1e6 + 500_000, abs=1e-6)
    arc = 111132.952549 * 36 - 16038.508741 * np.sin(np.radians(72)) + 16.832613 * np.sin(np.radians(144))
    assert north == pytest.approx(arc, abs=0.1), "the meridian arc of GRS 80 to 36° N"


@pytest.mark.parametrize(
    "text", ["4526", "epsg:4526", "urn:ogc:def:crs:EPSG::4526", "http://www.opengis.net/def/crs/EPSG/0/4526"]
)
def test_codes_are_read_in_their_usual_spellings(text):
    assert read_crs(text).label == "EPSG:4526"


def test_a_prj_with_names_of_its_own_is_recognised_by_its_parameters():
    crs = read_crs(_named("x", "D_CGCS2000", '"CGCS2000",6378137,298.257222101'))
    assert crs.label == "EPSG:4526"
    other = read_crs(_named("x", "D_China_2000", '"CGCS2000",6378137,298.257222101', easting=500_000, meridian=112))
    assert other.datum == "cgcs2000"
    assert other.label == "x"


@pytest.mark.parametrize(
    ("given", "label"),
    [
        (4326, "EPSG:4326"),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326"),
        (32649, "EPSG:32649"),
        (3857, "EPSG:3857"),
        (4979, "EPSG:4326"),
    ],
)
def test_wgs84_is_taken_and_marked(given, label):
    crs = read_crs(given)
    assert (crs.label, crs.datum) == (label, "wgs84")


def test_positions_in_wgs84_get_no_datum_shift():
    assert np.allclose(read_crs(32649).to_lonlat(read_crs(32649).from_lonlat(PLACE)), PLACE, atol=1e-12, rtol=0)
    assert (read_crs(4326).to_lonlat(PLACE) == PLACE).all()


@pytest.mark.parametrize(
    "given",
    [
        *(4610, 2327, 2361, 2390, 4214, 2401, 2442, 21413, 21463, 4555, "西安80", "Beijing 1954"),
        _named("x", "D_Xian_1980", '"Xian_1980",6378140,298.257'),
        _named("x", "D_Beijing_1954", '"Krasovsky_1940",6378245,298.3'),
    ],
)
def test_old_datums_are_refused_with_what_to_do(given):
    with pytest.raises(BadSite) as caught:
        read_crs(given)
    assert caught.value.type == "datum-unsupported"
    assert "CGCS2000" in caught.value.text("zh")
    assert "CGCS2000" in caught.value.text("en")


@pytest.mark.parametrize(
    "given",
    [
        "",
        "EPSG:999999",
        "EPSG:4269",
        4978,
        "+proj=longlat +datum=WGS84",
        "/etc/passwd",
        "本地坐标系",
        "PROJCS[",
        _named("x", "D_Unknown", '"CGCS2000",6378137,298.257222101'),
        _named("x", "D_CGCS2000", '"CGCS2000",6378140,298.257'),
    ],
)
def test_anything_else_is_unknown(given):
    with pytest.raises(BadSite) as caught:
        read_crs(given)
    assert caught.value.type == "crs-unknown"


@pytest.mark.parametrize(("given", "type_"), [("GCJ-02", "datum-gcj02"), ("百度坐标", "datum-bd09")])
def test_a_crs_that_says_a_map_datum_is_refused(given, type_):
    with pytest.raises(BadSite) as caught:
        read_crs(given)
    assert caught.value.type == type_


def test_only_the_horizontal_part_of_a_crs_counts():
    with_height = pyproj.crs.CompoundCRS("x", [pyproj.CRS.from_epsg(4526), pyproj.CRS.from_epsg(5737)])
    assert read_crs(with_height).label == "EPSG:4526"
    assert read_crs(with_height.to_wkt()).prefix == 38
    bound = pyproj.crs.BoundCRS(
        pyproj.CRS.from_epsg(4526),
        pyproj.CRS.from_epsg(4326),
        pyproj.crs.coordinate_operation.ToWGS84Transformation(pyproj.CRS.from_epsg(4490), 1, 2, 3),
    )
    assert read_crs(bound).label == "EPSG:4526"


@pytest.mark.parametrize(
    "wkt",
    [
        'GEOGCS["g",DATUM["D_CGCS2000",SPHEROID["s",6378137,298.257222101]],PRIMEM["Ferro",-17.66],UNIT["Degree",0.0174532925199433]]',
        'GEOGCS["g",DATUM["D_CGCS2000",SPHEROID["s",6378137,298.257222101]],PRIMEM["Greenwich",0],UNIT["Grad",0.0157079632679489]]',
        'VERT_CS["h",VERT_DATUM["d",2005],UNIT["metre",1]]',
    ],
)
def test_other_meridians_and_units_and_heights_are_unknown(wkt):
    with pytest.raises(BadSite) as caught:
        read_crs(wkt)
    assert caught.value.type == "crs-unknown"
    with pytest.raises(BadSite) as caught:
        read_crs(pyproj.CRS.from_wkt(wkt))
    assert caught.value.type == "crs-unknown"


def test_zone_prefixes_give_their_codes():
    assert [zone_of_prefix(n) for n in (25, 37, 38, 45, 13, 19, 20, 23)] == [
        4513,
        4525,
        4526,
        4533,
        4491,
        4497,
        4498,
        4501,
    ]
    assert [zone_of_prefix(n) for n in (12, 24, 46)] == [None, None, None]
