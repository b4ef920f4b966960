"""GeoPackage, KML, KMZ and DXF: the same site from each, what is left out told, and files that mean harm refused."""

from __future__ import annotations

import io
import sqlite3
import zipfile
from dataclasses import replace
from itertools import chain

import geopandas
import pyproj
import pytest
import shapely

from layers import guarded
from layers.sitefile import read_site_bytes
from zoning.errors import BadSite

CORNERS = [(111.57, 35.49), (111.572, 35.49), (111.572, 35.492), (111.57, 35.492), (111.57, 35.49)]
HOLE = [(111.5705, 35.4905), (111.571, 35.4905), (111.571, 35.491), (111.5705, 35.4905)]
SQUARE = shapely.Polygon(CORNERS)
VRT = b'<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'


def refused(data, name, **given):
    with pytest.raises(BadSite) as error:
        read_site_bytes(data, name, **given)
    assert error.value.where.get("file") in (name, None)
    assert error.value.message.zh
    return error.value


def notices(site):
    return {notice.type: notice for notice in site.notices}


# GeoPackage


@pytest.fixture
def gpkg(tmp_path):
    """Bytes of a GeoPackage of the geometries given; `sql` is run on it afterwards."""

    def write(geometries, crs="EPSG:4490", layers=("选址",), sql=()):
        path = tmp_path / "a.gpkg"
        path.unlink(missing_ok=True)
        for layer in layers:
            table = geopandas.GeoDataFrame(
                {"地块编号": [f"D{n}" for n in range(len(geometries))], "面积": [1.5] * len(geometries)},
                geometry=list(geometries),
                crs=crs,
            )
            table.to_file(path, layer=layer, driver="GPKG", engine="pyogrio")
        with sqlite3.connect(path) as connection:
            # GDAL's own triggers call functions that only GDAL has.
            for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                connection.execute(f'DROP TRIGGER "{trigger}"')
            for statement in sql:
                connection.execute(statement)
        connection.close()
        return path.read_bytes()

    return write


def test_a_geopackage_gives_the_site_its_numbers_and_its_crs(gpkg):
    zone = pyproj.Transformer.from_crs("EPSG:4490", "EPSG:4525", always_xy=True)
    moved = shapely.transform(SQUARE, zone.transform, interleaved=False)
    site = read_site_bytes(gpkg([moved], "EPSG:4525"), "选址.gpkg")
    assert site.crs == "EPSG:4525"
    assert site.canonical_wkb() == read_site_bytes(gpkg([SQUARE]), "b.gpkg").canonical_wkb()
    assert [parcel.number for parcel in site.parcels] == ["D0"]


def test_holes_stay_and_the_direction_of_rings_does_not_matter(gpkg):
    holed = shapely.Polygon(CORNERS, [HOLE])
    site = read_site_bytes(gpkg([holed]), "a.gpkg")
    other = read_site_bytes(gpkg([shapely.reverse(holed)]), "a.gpkg")
    assert site.canonical_wkb() == other.canonical_wkb()
    assert len(site.geometry.interiors) == 1


def test_heights_are_dropped_with_a_notice(gpkg):
    site = read_site_bytes(gpkg([shapely.force_3d(SQUARE, 900.0)]), "a.gpkg")
    assert "heights-dropped" in notices(site)
    assert not site.geometry.has_z


@pytest.mark.parametrize("srs", [-1, 0])
def test_an_undefined_crs_is_asked_for_and_may_be_stated(gpkg, srs):
    undefined = [f"UPDATE {table} SET srs_id = {srs}" for table in ("gpkg_contents", "gpkg_geometry_columns")]
    data = gpkg([SQUARE], sql=undefined)
    error = refused(data, "a.gpkg")
    assert error.type == "crs-needed"
    assert error.where["candidates"] == ["EPSG:4490"]
    assert read_site_bytes(data, "a.gpkg", crs="EPSG:4490").crs == "EPSG:4490"


def test_several_layers_are_named(gpkg):
    error = refused(gpkg([SQUARE], layers=("一期", "二期")), "a.gpkg")
    assert error.type == "layers-several"
    assert error.where["layers"] == [{"name": "一期", "features": 1}, {"name": "二期", "features": 1}]


def test_a_geopackage_with_a_trigger_and_a_view_is_only_read(gpkg):
    harmful = (
        "CREATE TRIGGER t AFTER UPDATE ON 选址 BEGIN DELETE FROM 选址; END",
        "CREATE VIEW v AS SELECT * FROM 选址",
        "CREATE TABLE plain (a TEXT)",
    )
    site = read_site_bytes(gpkg([SQUARE], sql=harmful), "a.gpkg")
    assert len(site.parcels) == 1


def test_curves_are_refused(gpkg):
    curve = (
        bytes([0, 0, 0, 0, 8])
        + (3).to_bytes(4, "big")
        + b"".join(shapely.to_wkb(shapely.Point(p), byte_order=0)[5:] for p in CORNERS[:3])
    )  # CIRCULARSTRING
    head = b"GP\x00\x00" + (4490).to_bytes(4, "big")
    data = gpkg(
        [shapely.LineString(CORNERS[:3])],
        sql=[
            "UPDATE gpkg_geometry_columns SET geometry_type_name = 'GEOMETRY'",
            f"UPDATE 选址 SET geom = X'{(head + curve).hex()}'",
        ],
    )  # fmt: skip
    assert refused(data, "a.gpkg").type == "curve-unsupported"


def test_a_geopackage_cut_short_is_damaged(gpkg):
    assert refused(gpkg([SQUARE])[:5000], "a.gpkg").type == "file-open-failed"


def test_too_many_features_are_refused_by_the_stated_limit(gpkg):
    error = refused(gpkg([SQUARE] * 2001), "a.gpkg")
    assert error.type == "site-too-large"


def test_a_geopackage_without_features_says_so(gpkg):
    assert refused(gpkg([SQUARE], sql=["DELETE FROM 选址"]), "a.gpkg").type == "site-empty"


def test_a_view_that_never_ends_is_stopped(gpkg, monkeypatch):
    monkeypatch.setattr(guarded, "LIMITS", replace(guarded.LIMITS, cpu_s=2))
    endless = (
        (
            "CREATE VIEW v AS WITH RECURSIVE r(fid, geom) AS (SELECT 1, NULL UNION ALL SELECT fid + 1, NULL FROM r) "
            "SELECT * FROM r WHERE fid < 0"
        ),
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES ('v', 'features', 'v', 4490)",
        "INSERT INTO gpkg_geometry_columns VALUES ('v', 'geom', 'POLYGON', 4490, 0, 0)",
    )
    assert refused(gpkg([SQUARE], sql=endless), "a.gpkg").type == "file-open-limit"


@pytest.mark.parametrize("name", ["a.gpkg", "a.kml", "a.kmz", "a.dxf"])
@pytest.mark.parametrize("data", [VRT, b"PK\x05\x06" + bytes(18), b"SQLite format 3\0" + bytes(200), b"x", b"\0" * 300])
def test_content_that_is_something_else_is_refused_by_its_first_bytes(name, data):
    assert refused(data, name).type == "format-mismatch"


# KML and KMZ


def kml(inside, head='<?xml version="1.0" encoding="UTF-8"?>'):
    return f'{head}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{inside}</Document></kml>'.encode()


def words(points, height=None):
    return " ".join(f"{x!r},{y!r}" + ("" if height is None else f",{height}") for x, y in points)


def ring(points, height=None):
    return f"<LinearRing><coordinates>\n {words(points, height)}\n</coordinates></LinearRing>"


def area(points=CORNERS, holes=(), height=None):
    inner = "".join(f"<innerBoundaryIs>{ring(hole)}</innerBoundaryIs>" for hole in holes)
    return f"<Polygon><outerBoundaryIs>{ring(points, height)}</outerBoundaryIs>{inner}</Polygon>"


def mark(geometry, name="选址", more=""):
    return f"<Placemark><name>{name}</name>{more}{geometry}</Placemark>"


def test_a_kml_gives_the_same_site_as_a_geopackage_and_its_names(gpkg):
    site = read_site_bytes(kml(mark(area(holes=[HOLE]))), "a.kml")
    assert site.canonical_wkb() == read_site_bytes(gpkg([shapely.Polygon(CORNERS, [HOLE])]), "a.gpkg").canonical_wkb()
    assert site.crs == "EPSG:4326"
    assert [parcel.name for parcel in site.parcels] == ["选址"]
    assert "datum-taken-as-cgcs2000" in notices(site)


def test_placemarks_of_all_folders_are_one_site():
    east = [(x + 0.01, y) for x, y in CORNERS]
    inside = mark(area(), "甲") + f"<Folder><name>二期</name>{mark(area(east), '乙')}</Folder>"
    site = read_site_bytes(kml(inside), "a.kml")
    assert [parcel.name for parcel in site.parcels] == ["甲", "乙"]
    assert site.parcels[1].properties["folder"] == "二期"


def test_extended_data_become_properties():
    more = '<ExtendedData><Data name="地块编号"><value>D7</value></Data></ExtendedData>'
    assert read_site_bytes(kml(mark(area(), more=more)), "a.kml").parcels[0].number == "D7"


def test_an_unclosed_ring_is_closed_on_record():
    site = read_site_bytes(kml(mark(area(CORNERS[:-1]))), "a.kml")
    assert [repair.type for repair in site.repairs] == ["ring-unclosed"]


def test_heights_and_overlays_are_told():
    site = read_site_bytes(kml(mark(area(height=812.5)) + "<GroundOverlay/>" + mark("", "空")), "a.kml")
    assert "heights-dropped" in notices(site)
    assert notices(site)["content-ignored"].where["count"] == {"GroundOverlay": 1, "Placemark": 1}


def test_a_height_of_nought_is_no_notice():
    assert "heights-dropped" not in notices(read_site_bytes(kml(mark(area(height=0))), "a.kml"))


def test_a_track_is_a_line_and_multigeometries_are_one_parcel():
    track = (
        "<gx:Track xmlns:gx='g'>" + "".join(f"<gx:coord>{x} {y} 0</gx:coord>" for x, y in CORNERS[:3]) + "</gx:Track>"
    )
    assert read_site_bytes(kml(mark(track)), "a.kml").dimension == 1
    east = [(x + 0.01, y) for x, y in CORNERS]
    both = read_site_bytes(kml(mark(f"<MultiGeometry>{area()}{area(east)}</MultiGeometry>")), "a.kml")
    assert len(both.parcels) == 1
    assert both.geometry.geom_type == "MultiPolygon"


def test_points_and_areas_do_not_mix():
    point = "<Point><coordinates>111.57,35.49,0</coordinates></Point>"
    assert refused(kml(mark(area()) + mark(point)), "a.kml").type == "site-mixed-dimensions"


@pytest.mark.parametrize(
    ("text", "encoding", "guessed"),
    [('<?xml version="1.0" encoding="GBK"?>', "gbk", False), ("", "gbk", True), ("", "utf-16", False)],
)
def test_chinese_encodings_are_read(text, encoding, guessed):
    data = kml(mark(area(), "汾河选址"), text).decode("utf-8").encode(encoding)
    site = read_site_bytes(data, "a.kml")
    assert site.parcels[0].name == "汾河选址"
    assert ("encoding-chosen" in notices(site)) == guessed


ENTITY = '<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
LAUGHS = '<!DOCTYPE kml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize("head", [ENTITY, LAUGHS])
def test_entities_are_refused(head):
    assert refused(kml(mark(area(), "&x;"), head), "a.kml").type == "kml-unsupported"


def test_a_network_link_is_refused_even_in_another_encoding():
    inside = mark(area()) + "<NetworkLink><Link><href>http://192.0.2.1/a.kml</href></Link></NetworkLink>"
    for encoding in ("utf-8", "utf-16"):
        error = refused(kml(inside, "").decode().encode(encoding), "a.kml")
        assert (error.type, error.where["value"]) == ("kml-unsupported", "NetworkLink")


@pytest.mark.parametrize("given", ["111.5, 35.4, 0", "111.5", "a,b", "1_1,3", "1,2,3,4"])
def test_a_coordinate_written_wrongly_is_named(given):
    error = refused(kml(mark(f"<Point><coordinates>{given}</coordinates></Point>")), "a.kml")
    assert (error.type, error.where["feature"]) == ("kml-invalid", 1)


def test_numbers_that_are_none_are_refused():
    point = "<Point><coordinates>nan,35.4</coordinates></Point>"
    assert refused(kml(mark(point)), "a.kml").type == "site-not-finite"


def test_broken_and_deep_xml_is_refused():
    assert refused(kml(mark(area()))[:-10], "a.kml").type == "kml-invalid"
    assert refused(kml("<Folder>" * 5000 + "</Folder>" * 5000), "a.kml").type == "kml-invalid"


def test_a_kml_without_placemarks_says_so():
    assert refused(kml(""), "a.kml").type == "site-empty"


def test_too_many_vertices_are_refused_by_the_stated_limit():
    many = " ".join(["111.57,35.49"] * 200_001)
    assert (
        refused(kml(mark(f"<LineString><coordinates>{many}</coordinates></LineString>")), "a.kml").type
        == "site-too-large"
    )


def kmz(**files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_", "."), content)
    return packed.getvalue()


def test_a_kmz_is_its_kml():
    site = read_site_bytes(kmz(doc_kml=kml(mark(area())), icon_png=b"x"), "a.kmz")
    assert site.canonical_wkb() == read_site_bytes(kml(mark(area())), "a.kml").canonical_wkb()


def test_a_kmz_with_two_kml_or_none_or_a_bomb_is_refused():
    assert refused(kmz(a_kml=kml(mark(area())), b_kml=kml(mark(area()))), "a.kmz").type == "layers-several"
    assert refused(kmz(a_txt=b""), "a.kmz").type == "format-mismatch"
    assert refused(kmz(a_kml=b" " * 30_000_000), "a.kmz").type == "archive-too-large"


# DXF


def dxf(*entities, header=(), end=("0", "ENDSEC", "0", "EOF")):
    groups = ["0", "SECTION", "2", "HEADER", *header, "0", "ENDSEC", "0", "SECTION", "2", "ENTITIES", *chain(*entities)]
    return "\r\n".join([*groups, *end, ""])


def lwpolyline(points, *, closed=True, layer="红线", more=()):
    flat = chain.from_iterable(("10", repr(float(x)), "20", repr(float(y))) for x, y in points)
    return ["0", "LWPOLYLINE", "5", "2F", "8", layer, "90", str(len(points)), "70", str(int(closed)), *flat, *more]


def polyline(points, *, closed=True):
    vertices = chain.from_iterable(
        ("0", "VERTEX", "8", "0", "10", repr(x), "20", repr(y), "30", "812.0") for x, y in points
    )
    return ["0", "POLYLINE", "8", "0", "66", "1", "70", str(int(closed)), *vertices, "0", "SEQEND"]


def drawn(points):
    zone = pyproj.Transformer.from_crs("EPSG:4490", "EPSG:4525", always_xy=True)
    return [zone.transform(x, y) for x, y in points]


OPEN = drawn(CORNERS[:-1])


def read_drawing(text, encoding="utf-8", crs="EPSG:4525"):
    return read_site_bytes(text.encode(encoding), "a.dxf", crs=crs)


@pytest.mark.parametrize(
    "entity", [lwpolyline(OPEN), polyline(OPEN), lwpolyline([*OPEN, OPEN[0]], closed=False)], ids=["lw", "old", "same"]
)
def test_closed_polylines_are_the_site_that_a_kml_gives(entity):
    site = read_drawing(dxf(entity))
    assert site.canonical_wkb() == read_site_bytes(kml(mark(area())), "a.kml").canonical_wkb()
    assert site.repairs == ()


def test_the_layer_is_kept_in_chinese_encodings_too():
    codepage = ("9", "$DWGCODEPAGE", "3", "ANSI_936")
    for text, encoding, guessed in (
        (dxf(lwpolyline(OPEN)), "utf-8", False),
        (dxf(lwpolyline(OPEN), header=codepage), "gbk", False),
        (dxf(lwpolyline(OPEN)), "gbk", True),
        (dxf(lwpolyline(OPEN, layer=r"\U+7EA2\U+7EBF")), "ascii", False),
    ):
        site = read_drawing(text, encoding)
        assert site.parcels[0].properties["layer"] == "红线"
        assert ("encoding-chosen" in notices(site)) == guessed


def test_a_drawing_needs_its_crs():
    error = refused(dxf(lwpolyline(OPEN)).encode(), "a.dxf")
    assert error.type == "crs-needed"
    assert error.where["candidates"] == ["EPSG:4525"]


def test_the_rest_of_a_drawing_is_counted():
    rest = [
        ["0", "TEXT", "1", "x"],
        ["0", "INSERT", "2", "b"],
        ["0", "ARC"],
        ["0", "TEXT"],
        lwpolyline(OPEN[:3], closed=False),
    ]
    site = read_drawing(dxf(lwpolyline(OPEN), *rest, lwpolyline(OPEN, more=("67", "1"))))
    assert len(site.parcels) == 1
    assert notices(site)["content-ignored"].where["count"] == {
        "TEXT": 2, "ARC": 1, "INSERT": 1, "open polyline": 1, "polyline in paper space": 1,
    }  # fmt: skip


def test_open_polylines_are_lines_where_none_is_closed():
    site = read_drawing(dxf(lwpolyline(OPEN[:3], closed=False)))
    assert site.dimension == 1


def test_a_drawing_seen_from_below_is_turned():
    mirrored = [(-x, y) for x, y in OPEN]
    turned = read_drawing(dxf(lwpolyline(mirrored, more=("210", "0.0", "220", "0.0", "230", "-1.0"))))
    assert turned.canonical_wkb() == read_drawing(dxf(lwpolyline(OPEN))).canonical_wkb()


def test_arcs_and_drawings_of_blocks_only_are_refused():
    arc = refused(dxf(lwpolyline(OPEN, more=("42", "0.5"))).encode(), "a.dxf", crs="EPSG:4525")
    assert arc.type == "curve-unsupported"
    assert arc.where["source_coordinate"] == list(OPEN[-1])
    blocks = refused(dxf(["0", "INSERT", "2", "b"]).encode(), "a.dxf", crs="EPSG:4525")
    assert (blocks.type, blocks.where["value"]) == ("dxf-no-polylines", {"INSERT": 1})


@pytest.mark.parametrize(
    "text",
    [
        dxf(lwpolyline(OPEN), end=()),
        dxf(lwpolyline(OPEN), end=("0", "EOF")),
        dxf(lwpolyline(OPEN)).replace("\r\n90\r\n", "\r\nninety\r\n"),
        dxf(lwpolyline(OPEN, more=("10", "east", "20", "1"))),
    ],
    ids=["no-end", "no-endsec", "no-code", "no-number"],
)
def test_a_drawing_cut_short_or_garbled_is_refused(text):
    assert refused(text.encode(), "a.dxf", crs="EPSG:4525").type == "dxf-invalid"


@pytest.mark.parametrize("head", [b"AutoCAD Binary DXF\r\n\x1a\0", b"AC1032"])
def test_a_binary_drawing_is_told_how_to_be_saved(head):
    error = refused(head + bytes(100), "a.dxf", crs="EPSG:4525")
    assert error.type == "format-mismatch"
    assert "ASCII" in error.message.en
