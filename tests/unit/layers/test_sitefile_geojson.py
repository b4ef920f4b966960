"""Opening GeoJSON: strict, with the place of every fault, and nothing closed or chosen behind the user's back."""

from __future__ import annotations

import json

import pytest
import shapely

from layers.sitefile import MOST_BYTES, read_site_bytes, read_site_file, read_site_geojson
from zoning.crs import read_crs
from zoning.errors import BadSite

RING = [[111.57, 35.49], [111.572, 35.49], [111.572, 35.492], [111.57, 35.492], [111.57, 35.49]]
SQUARE = {"type": "Polygon", "coordinates": [RING]}


def _feature(geometry=SQUARE, **properties):
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _collection(*features, **more):
    return {"type": "FeatureCollection", "features": list(features), **more}


def _bytes(obj):
    return json.dumps(obj, ensure_ascii=False).encode()


def _refused(data, name="site.geojson", **more) -> BadSite:
    with pytest.raises(BadSite) as caught:
        read_site_bytes(data if isinstance(data, bytes) else _bytes(data), name, **more)
    assert name in caught.value.text("zh")
    assert name in caught.value.text("en")
    assert caught.value.where["file"] == name
    return caught.value


def _types(site):
    return [notice.type for notice in site.notices]


@pytest.mark.parametrize("obj", [SQUARE, _feature(), _collection(_feature())])
def test_geometry_feature_and_collection_are_the_same_site(obj):
    site = read_site_bytes(_bytes(obj), "site.json")
    assert shapely.equals(site.geometry, shapely.Polygon(RING))
    assert read_site_geojson(obj).canonical_wkb() == site.canonical_wkb()


def test_a_file_is_read_from_its_path(tmp_path):
    path = tmp_path / "选址.geojson"
    path.write_bytes(_bytes(SQUARE))
    assert read_site_file(path).dimension == 2
    with pytest.raises(BadSite) as caught:
        read_site_file(tmp_path / "absent.geojson")
    assert caught.value.type == "file-unreadable"


def test_properties_names_and_numbers_reach_the_parcels():
    other = {"type": "Point", "coordinates": [111.6, 35.5]}
    point = {"type": "Point", "coordinates": [111.7, 35.5]}
    site = read_site_geojson(
        _collection(_feature(other, 地块编号="A1", 名称="一号"), _feature(point, 地块编号="A2", 名称="二号"))
    )
    assert [(p.number, p.name) for p in site.parcels] == [("A1", "一号"), ("A2", "二号")]
    assert site.parcels[0].properties["名称"] == "一号"


def test_an_unclosed_ring_is_closed_with_a_repair():
    site = read_site_geojson({"type": "Polygon", "coordinates": [RING[:-1]]})
    assert [r.type for r in site.repairs] == ["ring-unclosed"]
    assert site.repairs[0].where["coordinate"] == [111.57, 35.492]
    assert site.canonical_wkb() == read_site_geojson(SQUARE).canonical_wkb()


def test_a_bow_tie_is_refused_with_file_feature_and_coordinate():
    bow = {"type": "Polygon", "coordinates": [[RING[0], RING[2], RING[1], RING[3], RING[0]]]}
    error = _refused(_collection(_feature(), _feature(bow)))
    assert error.type == "site-self-crossing"
    assert error.where["feature"] == 2
    assert error.where["coordinate"] == pytest.approx([111.571, 35.491])


def test_the_legacy_crs_member_is_honoured_and_an_argument_overrides_it():
    plane = json.loads(shapely.to_geojson(shapely.transform(shapely.Polygon(RING), read_crs(4546).from_lonlat)))
    named = plane | {"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4546"}}}
    site = read_site_geojson(named)
    assert (site.crs, site.canonical_wkb()) == ("EPSG:4546", read_site_geojson(SQUARE).canonical_wkb())
    wrong = plane | {"crs": {"type": "name", "properties": {"name": "EPSG:4547"}}}
    assert read_site_geojson(wrong, crs="EPSG:4546").canonical_wkb() == site.canonical_wkb()
    crs84 = SQUARE | {"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}}
    assert _types(read_site_geojson(crs84)) == ["datum-taken-as-cgcs2000"]


@pytest.mark.parametrize(
    ("member", "type_"),
    [
        ({"type": "link", "properties": {"href": "http://example.invalid/crs"}}, "crs-unknown"),
        ({"type": "name", "properties": {"name": "EPSG:4610"}}, "datum-unsupported"),
        ({"type": "name", "properties": {"name": "GCJ-02"}}, "datum-gcj02"),
        ("EPSG:4490", "crs-unknown"),
    ],
)
def test_a_crs_member_that_cannot_be_taken_is_refused(member, type_):
    with pytest.raises(BadSite) as caught:
        read_site_geojson(SQUARE | {"crs": member})
    assert caught.value.type == type_


@pytest.mark.parametrize("name", ["[EPSG:4546]", "http://www.opengis.net/def/crs/EPSG/0/4546"])
def test_the_crs_of_json_fg_is_honoured(name):
    plane = json.loads(shapely.to_geojson(shapely.transform(shapely.Polygon(RING), read_crs(4546).from_lonlat)))
    assert read_site_geojson(plane | {"coordRefSys": name}).crs == "EPSG:4546"
    with pytest.raises(BadSite) as caught:
        read_site_geojson(SQUARE | {"coordRefSys": "[EPSG:4610]"})
    assert caught.value.type == "datum-unsupported"


@pytest.mark.parametrize("key", ["crs", "coordRefSys"])
def test_a_part_may_not_state_a_crs_of_its_own(key):
    for obj in (_collection(_feature() | {key: "EPSG:4610"}), _feature(SQUARE | {key: "EPSG:4610"})):
        with pytest.raises(BadSite) as caught:
            read_site_geojson(obj)
        assert (caught.value.type, caught.value.where["feature"]) == ("crs-unknown", 1)


def test_six_digit_eastings_without_crs_are_asked_about():
    plane = json.loads(shapely.to_geojson(shapely.transform(shapely.Polygon(RING), read_crs(4546).from_lonlat)))
    with pytest.raises(BadSite) as caught:
        read_site_bytes(_bytes(plane), "a.geojson")
    assert (caught.value.type, caught.value.where["candidates"]) == ("crs-needed", ["EPSG:4546", "EPSG:4547"])
    assert read_site_bytes(_bytes(plane), "a.geojson", crs="4546").crs == "EPSG:4546"


def test_heights_are_dropped_with_a_notice():
    high = {"type": "Polygon", "coordinates": [[[*position, 800.0] for position in RING]]}
    site = read_site_geojson(high)
    assert "heights-dropped" in _types(site)
    assert site.canonical_wkb() == read_site_geojson(SQUARE).canonical_wkb()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_text_of_chinese_windows_is_read(encoding):
    site = read_site_bytes(json.dumps(_feature(名称="矿山修复"), ensure_ascii=False).encode(encoding), "a.geojson")
    assert site.parcels[0].name == "矿山修复"
    assert ("encoding-chosen" in _types(site)) == (encoding == "gb18030")


def test_bytes_that_are_no_text_are_refused():
    assert _refused(b'{"type": "\xff\xff\x81"}').type == "encoding-unknown"


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ('{"type": "Point",\n "coordinates": [111, 36}', 2, "column"),
        ('{"type": "Point",\n\n "coordinates": [NaN, 36]}', 3, "NaN"),
        ('{"type": "Point",\n "note": "NaN", "coordinates": [-Infinity, 36]}', 2, "Infinity"),
        ('{"type": "Point", "x": {"type": 1},\n "type": "Point", "coordinates": [111, 36]}', 2, '"type"'),
        ('{"a": [{"k": 1}, {"k": 2,\n "k": 3}]}', 2, '"k"'),
        ('{"type": "Point", "coordinates": [111, 36]} x', 1, "column"),
        ("[" * 100_000, None, "deep"),
        ('{"n": ' + "9" * 5000 + "}", None, "number"),
    ],
)
def test_bad_json_is_refused_with_its_line(text, line, word):
    error = _refused(text.encode())
    assert error.type == "json-invalid"
    assert error.where.get("line") == line
    assert word in error.text("en")


@pytest.mark.parametrize(
    ("obj", "path"),
    [
        ([], "$"),
        ({"type": "Topology"}, "$.type"),
        ({"type": "FeatureCollection"}, "$.features"),
        (_collection({"type": "Polygon"}), "$.features[0].type"),
        (_collection(_feature(), _feature({"type": "Circle"})), "$.features[1].geometry.type"),
        (_feature({"type": "Polygon"}), "$.geometry.coordinates"),
        ({"type": "Polygon", "coordinates": [RING, 5]}, "$.coordinates[1]"),
        ({"type": "Polygon", "coordinates": [[[111, 36], [111, "36"], [112, 36]]]}, "$.coordinates[0][1]"),
        ({"type": "Point", "coordinates": [True, 36]}, "$.coordinates[0]"),
        ({"type": "Point", "coordinates": [111]}, "$.coordinates[0]"),
        ({"type": "Polygon", "coordinates": RING}, "$.coordinates[0][0]"),
        ({"type": "LineString", "coordinates": [[111, 36]]}, "$.coordinates"),
        ({"type": "Feature", "properties": [], "geometry": SQUARE}, "$.properties"),
        ({"type": "GeometryCollection", "geometries": {}}, "$.geometries"),
    ],
)
def test_geojson_that_is_none_is_refused_with_its_path(obj, path):
    error = _refused(obj)
    assert error.type == "geojson-invalid"
    assert error.where["path"] == path
    assert path in error.text("zh")


def test_every_geometry_type_is_read():
    line = [[111.1, 36.0], [111.2, 36.0]]
    for geometry, dimension in [
        ({"type": "MultiPoint", "coordinates": line}, 0),
        ({"type": "LineString", "coordinates": line}, 1),
        ({"type": "MultiLineString", "coordinates": [line, [[111.3, 36], [111.4, 36]]]}, 1),
        ({"type": "MultiPolygon", "coordinates": [[RING]]}, 2),
        ({"type": "GeometryCollection", "geometries": [SQUARE]}, 2),
    ]:
        assert read_site_geojson(geometry).dimension == dimension


@pytest.mark.parametrize("value", ["1e999", "1" + "0" * 400])
def test_a_number_beyond_all_numbers_is_refused(value):
    error = _refused(f'{{"type": "Point", "coordinates": [{value}, 36]}}'.encode())
    assert error.type in ("site-not-finite", "geojson-invalid")


@pytest.mark.parametrize(
    "obj", [_feature(None), _feature({"type": "Polygon", "coordinates": []}), _collection(_feature(), _feature(None))]
)
def test_a_feature_without_geometry_is_refused(obj):
    assert _refused(obj).type == "site-empty"


def test_a_collection_without_features_is_refused():
    with pytest.raises(BadSite) as caught:
        read_site_geojson(_collection())
    assert caught.value.type == "site-empty"


def test_two_points_make_no_ring():
    error = _refused({"type": "Polygon", "coordinates": [[RING[0], RING[1], RING[0]]]})
    assert (error.type, error.where["ring"]) == ("site-too-few-points", 1)


def test_too_many_features_are_refused():
    assert _refused(_collection(*[_feature()] * 2001)).type == "site-too-large"


def test_a_path_to_a_file_too_large_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "big.geojson"
    with path.open("wb") as stream:
        stream.truncate(MOST_BYTES + 1)
    with pytest.raises(BadSite) as caught:
        read_site_file(path)
    assert caught.value.type == "file-too-large"


def test_an_empty_and_a_too_large_file_are_refused():
    assert _refused(b"").type == "file-empty"
    assert _refused(b" " * (MOST_BYTES + 1)).type == "file-too-large"


@pytest.mark.parametrize("name", ["site.dwg", "site", "site.shp", "site.geojson.exe"])
def test_other_formats_are_refused_with_what_is_read(name):
    error = _refused(b"x", name)
    assert error.type == "format-unsupported"
    assert "GeoJSON" in error.text("zh")
    assert ".zip" in error.text("en")


def test_a_zip_called_geojson_is_not_read_as_one():
    assert _refused(b"PK\x03\x04....").type == "format-unsupported"


def test_a_name_with_folders_is_cut_to_its_last_part():
    with pytest.raises(BadSite) as caught:
        read_site_bytes(b"", "C:\\用户\\选址.geojson")
    assert caught.value.where["file"] == "选址.geojson"


def test_accuracy_and_half_width_reach_the_site():
    site = read_site_geojson({"type": "Point", "coordinates": [111, 36]}, accuracy_m=2.5, half_width_m=40)
    assert (site.accuracy_m, site.half_width_m, site.dimension) == (2.5, 40.0, 2)
