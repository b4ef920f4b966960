"""Opening text files: corner points of a survey, tables of points and WKT, with the line of every fault."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from layers.sitefile import read_site_bytes
from layers.table_angle import degrees_of
from zoning.crs import read_crs
from zoning.errors import BadSite

LONLAT = np.array([[110.9, 35.6], [110.902, 35.6], [110.902, 35.602], [110.9, 35.602]])
HOLE = np.array([[110.9005, 35.6005], [110.9015, 35.6005], [110.9015, 35.6015], [110.9005, 35.6015]])
FAR = LONLAT + np.array([0.01, 0.0])
HEAD = "[属性描述]\n坐标系=2000国家大地坐标系\n几度分带=3\n投影类型=高斯克吕格\n计量单位=米\n带号=37\n精度=0.01\n[地块坐标]\n"


def _gk(lonlat, crs=4525):
    return np.round(read_crs(crs).from_lonlat(lonlat), 3)


def _rows(rings, crs=4525, label="J{n}", close=True):
    rows, n = [], 0
    for number, ring in enumerate(rings, start=1):
        points = _gk(ring, crs)
        for east, north in [*points, *(points[:1] if close else [])]:
            n += 1
            rows.append(f"{label.format(n=n)},{number},{north:.3f},{east:.3f}")
    return rows


def _txt(*parcels, head=HEAD, **more):
    """A file of parcels, each (rings, area, number, name)."""
    lines = []
    for rings, area, number, name in parcels:
        rows = _rows(rings, **more)
        lines += [f"{len(rows)},{area},{number},{name},面,J49G001,工业用地,061,@", *rows]
    return head + "\n".join(lines) + "\n"


ONE = ([LONLAT], "", "1", "地块一")


def _read(text, name="site.txt", encoding="utf-8", **more):
    return read_site_bytes(text.encode(encoding) if isinstance(text, str) else text, name, **more)


def _refused(text, name="site.txt", **more) -> BadSite:
    with pytest.raises(BadSite) as caught:
        _read(text, name, **more)
    if caught.value.type not in ("crs-needed", "datum-unsupported"):
        assert name in caught.value.text("zh")
        assert name in caught.value.text("en")
        assert caught.value.where["file"] == name
    return caught.value


def _types(site):
    return [notice.type for notice in site.notices]


def _square():
    return _read(_txt(ONE))


def test_x_is_north_and_y_is_east_in_the_declared_zone():
    site = _square()
    assert site.crs == "EPSG:4525"
    assert shapely.hausdorff_distance(site.geometry, shapely.Polygon(LONLAT)) < 2e-8
    assert _types(site) == []
    assert site.repairs == ()


def test_parcels_keep_number_name_and_use():
    site = _read(_txt(ONE, ([FAR], "", "2", "地块二")))
    assert [(p.number, p.name) for p in site.parcels] == [("1", "地块一"), ("2", "地块二")]
    assert site.parcels[0].properties == {
        "图形属性": "面", "图幅号": "J49G001", "地块用途": "工业用地", "地类编码": "061"
    }  # fmt: skip


def test_encodings_line_ends_brackets_and_widths_give_one_site():
    text = _txt(ONE)
    wide = text.replace("[", "【").replace("]", "】").replace(",", "，").replace("=", "＝").replace("37", "３７")
    expected = _square().canonical_wkb()
    for data in (
        text.encode("gbk"),
        text.encode("utf-8-sig"),
        text.encode("utf-16"),
        text.replace("\n", "\r\n").encode("gbk"),
        text.replace("\n", "\n\n").encode(),
        wide.encode("gbk"),
        _txt(ONE, label="{n}").encode(),
        _txt(ONE, close=False).encode(),
    ):
        assert _read(data).canonical_wkb() == expected


def test_a_file_that_is_not_utf8_is_noticed_and_bytes_that_are_no_text_are_refused():
    assert _types(_read(_txt(ONE), encoding="gbk")) == ["encoding-chosen"]
    assert _refused(b"\xff\xff\x00\x01").type == "encoding-unknown"
    assert _refused(b"[\x00]").type == "encoding-unknown"


def test_an_open_ring_is_closed_with_a_notice():
    (notice,) = _read(_txt(ONE, close=False)).notices
    assert notice.type == "ring-closed"
    assert notice.where["rings"] == [{"parcel": "1", "rings": [1]}]


@pytest.mark.parametrize("rings", [[LONLAT, HOLE], [HOLE, LONLAT], [LONLAT[::-1], HOLE]])
def test_holes_are_told_by_containment_and_said(rings):
    site = _read(_txt((rings, "", "1", "一")))
    assert shapely.get_num_interior_rings(site.geometry) == 1
    assert shapely.area(site.geometry) == pytest.approx(3e-6, rel=1e-3)
    assert "holes-by-containment" in _types(site)
    assert site.repairs == ()


def test_rings_apart_are_parts_of_one_parcel():
    site = _read(_txt(([LONLAT, FAR], "", "1", "一")))
    assert shapely.get_num_geometries(site.geometry) == 2
    assert len(site.parcels) == 1


def test_a_ring_that_crosses_itself_is_refused_with_the_crossing():
    error = _refused(_txt(([LONLAT[[0, 2, 1, 3]]], "", "1", "一")))
    assert error.type == "site-self-crossing"
    assert error.where["coordinate"] == pytest.approx([110.901, 35.601], abs=1e-5)


AREA = float(shapely.area(shapely.Polygon(_gk(LONLAT))))


@pytest.mark.parametrize(
    ("declared", "unit"),
    [(f"{AREA / 1e4:.4f}", "ha"), (f"{AREA:.2f}", "m²"), (f"{AREA * 15 / 1e4:.3f}", "mu")],
)
def test_a_declared_area_is_compared_in_the_unit_that_fits(declared, unit):
    (notice,) = _read(_txt(([LONLAT], declared, "1", "一"))).notices
    assert notice.type == "area-declared"
    (compared,) = notice.where["parcels"]
    assert compared["unit"] == unit
    assert compared["computed_m2"] == pytest.approx(AREA, rel=1e-6)
    assert ("按大小判断" in notice.text.zh) == (unit != "ha")


def test_a_declared_area_off_by_more_than_one_percent_is_said_with_both():
    (notice,) = _read(_txt(([LONLAT], f"{AREA * 1.02 / 1e4:.4f}", "7", "一"))).notices
    assert notice.where["differs"]
    assert "+2.0%" in notice.text.en
    assert f"{AREA:.2f}" in notice.text.zh
    assert notice.where["feature"] == 1


@pytest.mark.parametrize("system", ["1980西安坐标系", "西安80", "1954年北京坐标系", "80国家大地坐标系"])
def test_old_datums_are_refused_with_what_to_do(system):
    error = _refused(_txt(ONE).replace("2000国家大地坐标系", system))
    assert error.type == "datum-unsupported"
    assert "转换" in error.text("zh")


@pytest.mark.parametrize("system", ["CGCS2000", "2000国家大地坐标系", "国家2000", "cgcs_2000", "EPSG:4525"])
def test_names_of_cgcs2000(system):
    assert _read(_txt(ONE).replace("2000国家大地坐标系", system)).crs == "EPSG:4525"


def test_a_zone_that_contradicts_an_easting_names_the_line():
    text = _txt(ONE)
    error = _refused(text.replace("带号=37", "带号=38"))
    assert (error.type, error.where["line"]) == ("zone-contradictory", 10)
    lines = text.splitlines()
    lines[10] = lines[10].replace(",37", ",38")
    error = _refused("\n".join(lines))
    assert (error.type, error.where["line"]) == ("zone-contradictory", 11)
    assert _refused(text.replace("几度分带=3", "几度分带=6")).type == "zone-contradictory"
    assert _refused(text.replace("几度分带=3", "几度分带=5")).type == "zone-contradictory"


@pytest.mark.parametrize("crs", [4525, 4546])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("投影类型=高斯克吕格", "投影类型=UTM"),
        ("计量单位=米", "计量单位=千米"),
        ("带号=37", "带号=37\n中央子午线=112.5"),
        ("带号=37", "带号=37\n中央子午线=111°30′"),
    ],
)
def test_a_plane_that_is_not_the_one_of_the_zone_is_refused(crs, old, new):
    assert _refused(_txt(ONE, head=HEAD.replace(old, new), crs=crs)).type == "zone-contradictory"


def test_a_central_meridian_that_is_the_one_of_the_zone_changes_nothing():
    for said in ("111", "111.0", "111°", "111度"):
        head = HEAD.replace("带号=37", f"带号=37\n中央子午线={said}")
        assert _read(_txt(ONE, head=head)).canonical_wkb() == _square().canonical_wkb()


@pytest.mark.parametrize("system", ["太原市2000独立坐标系", "CGCS2000 地方坐标系", "2000工程坐标系"])
def test_a_local_system_on_the_national_frame_is_not_taken_for_a_zone(system):
    assert _refused_system(system).type == "crs-unknown"


def _refused_system(system):
    return _refused(_txt(ONE).replace("2000国家大地坐标系", system))


def test_zones_with_and_without_prefix_and_of_six_degrees():
    expected = shapely.Polygon(LONLAT)
    for crs, zone, width in ((4546, 37, 3), (4525, 37, 3), (4497, 19, 6), (4508, 19, 6)):
        head = HEAD.replace("带号=37", f"带号={zone}").replace("几度分带=3", f"几度分带={width}")
        site = _read(_txt(ONE, head=head, crs=crs))
        assert site.crs == f"EPSG:{crs}"
        assert shapely.hausdorff_distance(site.geometry, expected) < 2e-8


def test_a_missing_zone_is_read_from_the_prefix_or_asked_for():
    head = HEAD.replace("带号=37\n", "")
    site = _read(_txt(ONE, head=head))
    assert (site.crs, _types(site)) == ("EPSG:4525", ["zone-chosen"])
    error = _refused(_txt(ONE, head=head, crs=4546))
    assert error.type == "crs-needed"
    assert error.where["candidates"] == ["EPSG:4546", "EPSG:4547"]
    assert _read(_txt(ONE, head=head, crs=4546), crs="EPSG:4546").crs == "EPSG:4546"


def test_a_missing_datum_is_asked_for():
    error = _refused(_txt(ONE, head=HEAD.replace("坐标系=2000国家大地坐标系\n", "")))
    assert error.type == "crs-needed"
    assert error.where["candidates"] == ["EPSG:4525"]


def test_a_stated_crs_wins_and_is_said():
    site = _read(_txt(ONE), crs="EPSG:4525")
    assert _types(site) == ["crs-overridden"]
    assert site.canonical_wkb() == _square().canonical_wkb()


@pytest.mark.parametrize("crs", [4525, 4546])
def test_swapped_columns_are_refused_not_swapped(crs):
    lines = _txt(ONE, crs=crs).splitlines()
    swapped = [
        ",".join([*c[:2], c[3], c[2]]) if line.startswith("J") and (c := line.split(",")) else line for line in lines
    ]
    error = _refused("\n".join(swapped))
    assert (error.type, error.where["line"]) == ("axes-swapped", 10)
    assert "颠倒" in error.text("zh")


def test_a_point_count_that_differs_names_the_parcel():
    text = _txt(ONE, ([FAR], "", "B-2", "二"))
    error = _refused(text.rsplit("\n", 2)[0].replace("5,,B-2", "6,,B-2"))
    assert (error.type, error.where["feature"]) == ("point-count-differs", 2)
    assert "B-2" in error.text("en")
    assert _read(text.replace("5,,1", "4,,1")).dimension == 2  # without the closing point


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("J1,1,", "J1,1,1,", 10),
        ("J2,1,39", "J2,1,x39", 11),
        ("J3,1", "J3,", 12),
        ("5,,1", "五,,1", 9),
        ("面,", "体,", 9),
        ("投影类型=高斯克吕格", "高斯克吕格", 4),
        ("[属性描述]\n", "", 1),
        (",@", ",", 9),
    ],
)
def test_a_malformed_line_is_named(old, new, line):
    error = _refused(_txt(ONE).replace(old, new, 1))
    assert (error.type, error.where["line"]) == ("corner-points-invalid", line)


def test_a_text_of_another_kind_is_refused_with_an_example():
    error = _refused("会议纪要\n第一条")
    assert error.type == "corner-points-invalid"
    assert "[地块坐标]" in error.text("en")
    assert _refused(HEAD).type == "site-empty"


def test_lines_and_points_by_the_geometry_of_the_header():
    rows = _rows([LONLAT[:3]], close=False)
    line = HEAD + "\n".join(["3,,1,路,线,,,@", *rows])
    assert _read(line, half_width_m=10).dimension == 2
    assert _read(line).dimension == 1
    assert _read(line.replace("线", "点")).dimension == 0


# Tables of points

TABLE = "点号,地块编号,经度,纬度,用途\n" + "".join(
    f"J{n},{parcel},{lon:.7f},{lat:.7f},工业\n"
    for parcel, ring in (("A1", LONLAT), ("A2", FAR))
    for n, (lon, lat) in enumerate(ring, 1)
)


def _csv(text, encoding="utf-8", **more):
    return _read(text, "site.csv", encoding, **more)


def test_a_table_gives_parcels_by_its_column_names():
    site = _csv(TABLE)
    assert [p.number for p in site.parcels] == ["A1", "A2"]
    assert site.parcels[0].properties == {"用途": "工业"}
    assert shapely.hausdorff_distance(site.parcels[0].geometry, shapely.Polygon(LONLAT)) < 1e-9
    assert _types(site) == ["geometry-assumed", "ring-closed", "crs-assumed"]
    assert site.repairs == ()


def test_separators_encodings_and_column_names_give_one_site():
    expected = _csv(TABLE).canonical_wkb()
    for data in (
        TABLE.replace(",", ";").encode(),
        TABLE.replace(",", "\t").replace("\n", "\r\n").encode("gbk"),
        TABLE.encode("utf-8-sig"),
        TABLE.replace("地块编号,经度,纬度", "Parcel,Longitude (°),Latitude (°)").encode(),
        TABLE.replace("经度,纬度", "x,y").encode(),
        TABLE.replace("经度,纬度", "y,x").encode(),
        TABLE.replace("J2,A1", "J2,").replace("J3,A1", "J3,").encode(),
        TABLE.replace("经度", '"经度"').encode(),
    ):
        assert _csv(data).canonical_wkb() == expected


def test_columns_x_and_y_are_told_apart_by_size_and_said():
    rows = "\n".join(f"{north:.3f},{east:.3f}" for east, north in _gk(LONLAT))
    for header in ("X,Y", "Y,X", "纵坐标X(m),横坐标Y(m)"):
        site = _csv(f"{header}\n{rows}")
        assert site.crs == "EPSG:4525"
        assert ("axis-order" in _types(site)) == (len(header) == 3)
        assert shapely.hausdorff_distance(site.geometry, shapely.Polygon(LONLAT)) < 2e-8
    assert _refused(f"横坐标,纵坐标\n{rows}", "site.csv").type == "axes-swapped"


@pytest.mark.parametrize("said", ["1980西安坐标系", "西安80", "北京54", "Xian 1980"])
def test_a_table_that_says_an_old_datum_is_refused_unless_the_crs_is_stated(said):
    text = TABLE.replace("用途", "坐标系").replace("工业", said)
    error = _refused(text, "site.csv")
    assert (error.type, error.where["field"]) == ("datum-unsupported", "坐标系")
    assert _refused(TABLE, "选址_西安80.csv").type == "datum-unsupported"
    assert _csv(TABLE.replace("用途", "原坐标系").replace("工业", said)).dimension == 2
    assert _csv(TABLE.replace("工业", f"{said}号院")).dimension == 2
    assert _csv(text, crs="EPSG:4490").dimension == 2


def test_degrees_minutes_and_seconds():
    assert degrees_of("110°58′12.3″") == pytest.approx(110.9700833333, abs=1e-10)
    for text in (
        "110°58'12.3\"",
        "110度58分12.3秒",
        "E110°58′12.3″",
        "110:58:12.3",
        "东经110°58′12.3″",
        "110° 58' 12.3''",
    ):
        assert degrees_of(text) == degrees_of("110°58′12.3″")
    for text in ("110°60′", "110°58′60″", "110.5°30′", "110 58 12", "1,5", "nan", "", "E110°E"):
        assert degrees_of(text) is None
    rows = "110°54′0″,35°36′0″\n110°54′7.2″,35°36′0″\n110°54′7.2″,35°36′7.2″\n110°54′0″,35°36′7.2″\n"
    assert shapely.equals(_csv("经度,纬度\n" + rows).geometry, shapely.Polygon(LONLAT))


def test_the_geometry_is_told_by_the_number_of_points_or_the_column():
    rows = [f"{lon},{lat}" for lon, lat in LONLAT]
    assert [_csv("\n".join(["lon,lat", *rows[:n]])).dimension for n in (1, 2, 3)] == [0, 1, 2]
    typed = ["lon,lat,类型", *(f"{row},线" for row in rows)]
    site = _csv("\n".join(typed))
    assert site.dimension == 1
    assert "geometry-assumed" not in _types(site)
    assert _csv("\n".join(typed).replace("线", "point")).dimension == 0
    assert _refused("\n".join(typed).replace("线", "体"), "site.csv").type == "point-table-invalid"


def test_points_are_put_in_the_order_of_their_column_and_said():
    order = (1, 3, 2, 4)
    text = "序号,lon,lat\n" + "\n".join(f"{n},{LONLAT[n - 1][0]},{LONLAT[n - 1][1]}" for n in order)
    site = _csv(text)
    assert shapely.equals(site.geometry, shapely.Polygon(LONLAT))
    assert "points-sorted" in _types(site)
    error = _refused(text.replace("\n3,", "\n1,"), "site.csv")
    assert (error.type, error.where["line"]) == ("point-table-invalid", 3)


def test_a_ring_column_gives_holes():
    rows = [f"{n},{lon},{lat}" for n, ring in enumerate((LONLAT, HOLE), 1) for lon, lat in ring]
    site = _csv("\n".join(["环号,lon,lat", *rows]))
    assert shapely.get_num_interior_rings(site.geometry) == 1
    assert "holes-by-containment" in _types(site)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("110.9,35.6\n110.902,35.6\n110.902,35.602", 1),
        ("lon,lat\n110.9,35.6\n110.902,\n", 3),
        ("lon,lat\n110.9,35.6\n110.902,abc\n", 3),
        ("lon,lat\n110.9,35.6,1\n", 2),
        ('lon,lat\n110.9,"35.6\n', 2),
        ("lon,lat,lon\n1,2,3", 1),
        ("lon,lat,经度\n1,2,3", 1),
        ("lon,lat,x,y\n1,2,3,4", 1),
        ("地块,lon,lat\n,110.9,35.6", 2),
        ("lon,lat\n110.9,nan", 2),
    ],
)
def test_a_malformed_table_names_the_line(text, line):
    error = _refused(text, "site.csv")
    assert (error.type, error.where["line"]) == ("point-table-invalid", line)


def test_a_table_without_header_is_refused_with_an_example_and_one_without_rows_is_empty():
    assert "经度" in _refused("110.9,35.6\n110.902,35.6", "site.csv").text("en")
    assert _refused("lon,lat\n", "site.csv").type == "site-empty"
    assert _refused(" \n", "site.csv").type == "point-table-invalid"


def test_six_digit_eastings_of_a_table_are_asked_for():
    rows = "\n".join(f"{east},{north}" for east, north in _gk(LONLAT, 4546))
    assert _refused(f"east,north\n{rows}", "site.csv").type == "crs-needed"
    assert _csv(f"east,north\n{rows}", crs=4546).crs == "EPSG:4546"


def test_a_table_of_too_many_rows_is_refused():
    text = "类型,lon,lat\n" + "点,110.9,35.6\n" * 200_001
    assert _refused(text, "site.csv").type == "site-too-large"


# WKT

WKT = shapely.to_wkt(shapely.Polygon(LONLAT), rounding_precision=9)


def _wkt(text, **more):
    return _read(text, "site.wkt", **more)


@pytest.mark.parametrize(
    "text",
    [
        WKT,
        WKT.lower(),
        f"SRID=4490;{WKT}",
        f"srid = 4490 ;\r\n{WKT};",
        WKT.replace("POLYGON (", "POLYGON(").replace(", ", ",\n"),
        WKT.replace(", ", " 812.5, ").replace("))", " 812.5))").replace("POLYGON", "POLYGON Z"),
        f"GEOMETRYCOLLECTION({WKT})",
        f"MULTIPOLYGON ({WKT.removeprefix('POLYGON ')})",
        shapely.to_wkt(shapely.Polygon(LONLAT[::-1]), rounding_precision=9),
    ],
)
def test_ways_of_writing_one_polygon(text):
    site = _wkt(text)
    assert shapely.equals(site.geometry, shapely.Polygon(LONLAT))
    assert site.repairs == ()
    assert ("heights-dropped" in _types(site)) == ("812" in text)


def test_an_srid_is_the_crs():
    text = f"SRID=4525;{shapely.to_wkt(shapely.Polygon(_gk(LONLAT)), rounding_precision=3)}"
    site = _wkt(text)
    assert site.crs == "EPSG:4525"
    assert site.canonical_wkb() == _square().canonical_wkb()
    assert _wkt(f"SRID=0;{WKT}").crs == "EPSG:4490"


def test_every_geometry_is_a_parcel():
    other = shapely.to_wkt(shapely.Polygon(FAR), rounding_precision=9)
    assert len(_wkt(f"{WKT}\n{other}\n").parcels) == 2
    assert _wkt("LINESTRING (110.9 35.6, 110.91 35.6)").dimension == 1
    assert _wkt("MULTIPOINT (110.9 35.6, (110.91 35.6))").dimension == 0
    assert _refused(f"{WKT}\nPOINT (110.9 35.6)", "site.wkt").type == "site-mixed-dimensions"


def test_an_unclosed_ring_of_wkt_is_closed_with_a_repair():
    site = _wkt("POLYGON ((110.9 35.6, 110.902 35.6, 110.902 35.602, 110.9 35.602))")
    assert [r.type for r in site.repairs] == ["ring-unclosed"]


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("POLYGON ((110.9 35.6, 110.902 x))", 1, 31),
        ("POLYGON ((110.9 35.6,\n 110.902))", 2, 9),
        (f"{WKT}\nPOLYGONE ((1 2))", 2, 1),
        ("POLYGON ((110.9 35.6", 1, 21),
        ("POINT (110.9 35.6))", 1, 19),
        ("SRID=abc;POINT (1 2)", 1, 6),
        ("SRID=4490;POINT (110.9 35.6)\nSRID=4525;POINT (1 2)", 2, 6),
        ("POINT (1 2 3 4 5)", 1, 16),
        ("hello", 1, 1),
        ("(" * 5000, 1, 1),
        ("GEOMETRYCOLLECTION(" * 5000, 1, 171),
    ],
)
def test_a_malformed_wkt_names_line_and_column(text, line, column):
    error = _refused(text, "site.wkt")
    assert (error.type, error.where["line"], error.where["column"]) == ("wkt-invalid", line, column)


@pytest.mark.parametrize(
    ("text", "type"),
    [
        ("POLYGON EMPTY", "site-empty"),
        (" \n", "site-empty"),
        ("POLYGON ((NaN 35.6, 110.9 35.6, 110.9 35.7, NaN 35.6))", "site-not-finite"),
        ("POLYGON ((110.9 35.6, 110.91 35.6, 110.9 35.6))", "site-too-few-points"),
        ("LINESTRING (110.9 35.6)", "site-zero-length"),
        ("CIRCULARSTRING (110.9 35.6, 110.91 35.6, 110.9 35.7)", "wkt-curve"),
        ("SRID=4610;POINT (110.9 35.6)", "datum-unsupported"),
        ("MULTIPOINT (" + "110.9 35.6," * 200_001 + "110.9 35.6)", "site-too-large"),
        ("POINT (110.9 35.6);" * 2_001, "site-too-large"),
    ],
)
def test_wkt_that_cannot_be_a_site_is_refused(text, type):
    assert _refused(text, "site.wkt").type == type


def test_one_site_in_three_text_formats_is_one_site():
    closed = [*_gk(LONLAT), _gk(LONLAT)[0]]
    table = "X,Y\n" + "\n".join(f"{north:.3f},{east:.3f}" for east, north in closed)
    text = "SRID=4525;POLYGON ((" + ", ".join(f"{east:.3f} {north:.3f}" for east, north in closed) + "))"
    assert {_csv(table).canonical_wkb(), _wkt(text).canonical_wkb()} == {_square().canonical_wkb()}


def test_plain_names_that_change_are_asked_about():
    rows = "\n".join(f"{name},{lon},{lat}" for name, (lon, lat) in zip("甲乙丙", LONLAT, strict=False))
    assert "地块" in _refused(f"名称,lon,lat\n{rows}", "site.csv").text("zh")
    assert len(_csv(f"地块名称,lon,lat\n{rows}").parcels) == 3
    assert _csv(f"点号,lon,lat\n{rows}").dimension == 2


def test_a_spreadsheets_note_of_its_separator_is_no_header():
    assert _csv("sep=;\n" + TABLE.replace(",", ";")).canonical_wkb() == _csv(TABLE).canonical_wkb()


def test_degrees_in_a_corner_point_file_have_x_as_latitude():
    rows = [f"J{n},1,{lat},{lon}" for n, (lon, lat) in enumerate(LONLAT, 1)]
    site = _read(HEAD + "\n".join(["4,4.02,1,一,面,,,@", *rows]))
    assert (site.crs, _types(site)) == ("EPSG:4490", ["ring-closed", "area-declared"])
    assert shapely.equals(site.geometry, shapely.Polygon(LONLAT))
    swapped = [f"J{n},1,{lon},{lat}" for n, (lon, lat) in enumerate(LONLAT, 1)]
    error = _refused(HEAD + "\n".join(["4,4.02,1,一,面,,,@", *swapped]))
    assert (error.type, error.where["line"]) == ("axes-swapped", 10)
    assert "纬度" in error.text("zh")


@pytest.mark.parametrize("system", ["1980西安坐标系转2000国家大地坐标系", "EPSG:2327", "火星坐标"])
def test_a_doubtful_datum_is_refused(system):
    with pytest.raises(BadSite) as caught:
        _read(_txt(ONE).replace("2000国家大地坐标系", system))
    assert caught.value.type in ("datum-unsupported", "datum-gcj02")
    assert caught.value.where["file"] == "site.txt"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (HEAD + "[" + " " * 200_000 + "x", "site.txt"),
        (_txt(ONE).replace("J1,1,", "J1,1," + "1" * 200_000), "site.txt"),
        (_txt(ONE).replace("J1,1,3", "J1,1,1e999,"), "site.txt"),
        ("lon,lat\n110°" + " " * 100_000 + "x,35", "site.csv"),
        ("lon,lat\n" + "1" * 100_000 + "x,35", "site.csv"),
        ("lon,lat\n1e999,35", "site.csv"),
        ("lon,lat\n" + "1" * 200_000, "site.csv"),
        ("POINT (" + "1" * 200_000 + "x 35)", "site.wkt"),
    ],
)
def test_long_and_huge_numbers_are_refused_at_once(text, name):
    assert _refused(text, name).type.endswith("-invalid")


coordinates = st.integers(-300_000, 300_000)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=12, unique=True), st.booleans())
def test_any_polygon_is_the_same_through_every_text_format(offsets, hollow):
    shell = shapely.convex_hull(shapely.MultiPoint([(37_498_000_000 + x, 3_942_000_000 + y) for x, y in offsets]))
    assume(shapely.get_type_id(shell) == 3 and shapely.area(shell) > 1e9)
    assume(shapely.minimum_rotated_rectangle(shell).length and shapely.area(shell) / shapely.length(shell) > 1_000)
    rings = [np.round(shapely.get_coordinates(shell)) / 1000]
    if hollow:
        middle = rings[0][:-1].mean(axis=0)
        rings.append(np.round(middle + (rings[0] - middle) / 3, 3))
        assume(len(np.unique(rings[1], axis=0)) == len(rings[1]) - 1)
        assume(shapely.is_valid(shapely.Polygon(rings[0], rings[1:])))
    rows = [(n, x, y) for n, ring in enumerate(rings, 1) for x, y in ring]
    txt = HEAD + f"{len(rows)},,1,一,面,,,@\n" + "\n".join(f"J,{n},{y:.3f},{x:.3f}" for n, x, y in rows)
    table = "环,X,Y\n" + "\n".join(f"{n},{y:.3f},{x:.3f}" for n, x, y in rows)
    wkt = "SRID=4525;POLYGON (" + ",".join("(" + ",".join(f"{x:.3f} {y:.3f}" for x, y in r) + ")" for r in rings) + ")"
    found = {_read(txt).canonical_wkb(), _csv(table).canonical_wkb(), _wkt(wkt).canonical_wkb()}
    assert len(found) == 1


def test_a_lost_decimal_point_is_refused_with_its_line():
    lines = _txt(ONE).splitlines()
    label, ring, north, east = lines[13].split(",")
    lines[13] = ",".join([label, ring, north.replace(".", "5"), east])
    error = _refused("\n".join(lines))
    assert (error.type, error.where["line"]) == ("site-outside-region", 14)
    table = "X,Y\n" + "\n".join(line.split(",", 2)[2] for line in lines[9:])
    assert _refused(table, "site.csv").where["line"] == 6
