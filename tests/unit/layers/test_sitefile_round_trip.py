"""Any valid site, written and read back through each format, has one canonical form and keeps its parcels."""

from __future__ import annotations

import datetime as dt
import string

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.sitefile import read_site_bytes
from tests import site_writers
from tests.site_writers import Drawn
from zoning.identity import Question, identity
from zoning.project import Project
from zoning.site import RawPart, read_site

MOST = settings.default.max_examples
often = settings(max_examples=max(25, MOST // 5))
seldom = settings(max_examples=max(8, MOST // 12))
"""For formats that are opened in a process of their own."""

LON, LAT = st.integers(110_200_000_000, 114_300_000_000), st.integers(34_600_000_000, 40_700_000_000)
ZONES = st.sampled_from([4490, 4326, 4525, 4526, 4546, 4547, 4497, 4508])
NAMES = st.text(
    st.sampled_from("绛稷沁翼垣曲河津闻喜襄汾高平喆垚堃㙍𠮷" + string.ascii_letters), min_size=1, max_size=8
)
"""Beside the usual characters those that only GBK or only GB18030 has."""


def star(draw, at, radius, most):
    """The corners of a star-shaped ring around a place; place and radii (least, most) in steps of the 1e-9° grid."""
    corners = draw(st.integers(3, most))
    radii = np.array(draw(st.lists(st.integers(*radius), min_size=corners, max_size=corners)))
    turn = 2 * np.pi * np.arange(corners) / corners + draw(st.integers(0, 60)) / 10
    return np.column_stack([at[0] + radii * np.cos(turn), at[1] + radii * np.sin(turn)]).round()


def area(draw, east, north, *, holes):
    shell = star(draw, (east, north), (300_000, 1_200_000), 9)
    sides = (-70_000, 70_000)[: draw(st.integers(0, 2)) if holes else 0]
    inner = [star(draw, (east + side, north), (20_000, 50_000), 5) / 1e9 for side in sides]
    return shapely.Polygon(shell / 1e9, inner)


def line(draw, east, north):
    return shapely.LineString(star(draw, (east, north), (300_000, 1_200_000), 9) / 1e9)


def point(_draw, east, north):
    return shapely.Point(east / 1e9, north / 1e9)


MANY = {"area": shapely.MultiPolygon, "line": shapely.MultiLineString, "point": shapely.MultiPoint}


@st.composite
def sites(draw, kinds=("area", "line", "point"), *, several=("area", "line", "point"), holes=True, numbered=True):
    """One to three parcels of one kind, each of one or, for the kinds `several`, more parts, with edges under 250 m."""
    kind = draw(st.sampled_from(kinds))
    east, north = draw(LON), draw(LAT)
    numbers = draw(st.lists(NAMES, min_size=3, max_size=3, unique=True)) if numbered else ["1", "2", "3"]
    drawn = []
    for n in range(draw(st.integers(1, 3))):
        parts = []
        for m in range(draw(st.integers(1, 3)) if kind in several else 1):
            at = east + n * 12_000_000, north + m * 3_000_000
            made = area(draw, *at, holes=holes) if kind == "area" else {"line": line, "point": point}[kind](draw, *at)
            parts.append(made)
        drawn.append(Drawn(numbers[n], draw(NAMES), parts[0] if len(parts) == 1 else MANY[kind](parts)))
    return drawn


def asked(site):
    """The site's bytes and the id of one question about it."""
    project = Project.of("N7820", "new", {})
    return site.canonical_wkb(), identity(Question(site, project, dt.date(2024, 6, 30)), 1, "rules")


def assert_one_form(written, drawn, *, names=True):
    """The file read back is the site drawn: bytes, id, numbers, and names where the format has a place for them."""
    read = read_site_bytes(written.data, written.name, crs=written.crs)
    told = read_site([RawPart(one.geometry, one.name, one.number) for one in drawn], crs=4490)
    assert asked(read) == asked(told)
    assert [p.number for p in read.parcels] == [one.number for one in drawn]
    if names:
        assert [p.name for p in read.parcels] == [one.name for one in drawn]


ENCODINGS = st.sampled_from(["utf-8", "gb18030"])


@often
@given(sites(), ZONES, ENCODINGS)
def test_geojson(drawn, code, encoding):
    assert_one_form(site_writers.geojson(drawn, code, encoding=encoding), drawn)


@often
@given(sites(), ZONES, ENCODINGS)
def test_shapefile(drawn, code, encoding):
    assert_one_form(site_writers.shapefile(drawn, code, encoding=encoding), drawn)


@often
@given(sites(numbered=False), ZONES)
def test_wkt(drawn, code):
    assert_one_form(site_writers.wkt(drawn, code), drawn, names=False)


@often
@given(sites(several=("area", "point")), ZONES, ENCODINGS)
def test_table_of_points(drawn, code, encoding):
    assert_one_form(site_writers.table(drawn, code, encoding=encoding), drawn)


@often
@given(sites(several=("area", "point")), ZONES.filter(lambda code: code != 4326), ENCODINGS)
def test_corner_points(drawn, code, encoding):
    assert_one_form(site_writers.corner_points(drawn, code, encoding=encoding), drawn)


@seldom
@given(sites(), ZONES)
def test_geopackage(drawn, code):
    assert_one_form(site_writers.geopackage(drawn, code), drawn)


@seldom
@given(sites(), ENCODINGS)
def test_kml(drawn, encoding):
    assert_one_form(site_writers.kml(drawn, encoding=encoding), drawn)


@seldom
@given(sites())
def test_kmz(drawn):
    assert_one_form(site_writers.kmz(drawn), drawn)


@seldom
@given(sites(("area", "line"), several=(), holes=False, numbered=False), ZONES, ENCODINGS)
def test_dxf(drawn, code, encoding):
    assert_one_form(site_writers.dxf(drawn, code, encoding=encoding), drawn, names=False)


@pytest.mark.parametrize("code", [4525, 4546, 4497])
def test_a_survey_in_millimetres_has_one_id_in_every_format_of_its_own_zone(code):
    """What was surveyed in a zone is copied without loss by all that keep its digits, whatever the grid."""
    plane = site_writers.read_crs(code).from_lonlat([[111.57, 35.48], [111.572, 35.4801], [111.5711, 35.482]]).round(3)
    shape = shapely.Polygon(site_writers.read_crs(code).to_lonlat(plane))
    drawn = [Drawn("1", "一", shape)]
    ways = [way for way in site_writers.every_way() if way[1] == code]
    files = [site_writers.write(way, drawn, digits=3) for way in ways]
    found = {asked(read_site_bytes(file.data, file.name, crs=file.crs)) for file in files}
    assert len(found) == 1
