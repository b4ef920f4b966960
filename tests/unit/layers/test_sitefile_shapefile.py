"""Opening a zipped Shapefile: its rings as written, its text in the right encoding, and an archive that cannot harm."""

from __future__ import annotations

import io
import struct
import zipfile

import geopandas
import numpy as np
import pyproj
import pytest
import shapely

from layers.door import zipped
from layers.sitefile import read_site_bytes
from zoning.crs import read_crs
from zoning.errors import BadSite

SQUARE = shapely.box(111.57, 35.49, 111.572, 35.492)
POLYGON = 5


def _shx_shp(kind, contents):
    """The .shp and .shx of records given as bytes after their type."""
    body, index, at = b"", b"", 50
    for number, content in enumerate(contents, 1):
        words = len(content) // 2
        index += struct.pack(">ii", at, words)
        body += struct.pack(">ii", number, words) + content
        at += 4 + words

    def header(length):
        return struct.pack(">7i", 9994, 0, 0, 0, 0, 0, (100 + length) // 2) + struct.pack(
            "<2i8d", 1000, kind, *[0.0] * 8
        )

    return header(len(body)) + body, header(len(index)) + index


def _rings(*rings, kind=POLYGON):
    points = np.vstack(rings).astype("<f8")
    starts = np.cumsum([0, *[len(r) for r in rings[:-1]]]).astype("<i4")
    head = struct.pack("<i4d2i", kind, 0, 0, 0, 0, len(rings), len(points))
    return head + starts.tobytes() + points.tobytes()


def _dbf(*values, name=b"NAME", width=40, driver=0, deleted=()):
    field = name.ljust(11, b"\0") + b"C" + bytes(4) + bytes([width, 0]) + bytes(14)
    head = (
        struct.pack("<4BIHH", 3, 124, 1, 1, len(values), 32 + 32 + 1, width + 1)
        + bytes(17)
        + bytes([driver])
        + bytes(2)
    )
    rows = b"".join((b"*" if n in deleted else b" ") + value.ljust(width) for n, value in enumerate(values))
    return head + field + b"\r" + rows + b"\x1a"


def _zip(files, **more):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, **more) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


def _set(contents=None, dbf=None, *, kind=POLYGON, code=4490, stem="site", **more):
    contents = contents if contents is not None else [_rings(shapely.get_coordinates(SQUARE)[::-1])]
    contents = [shape if isinstance(shape, bytes) else _rings(*shape) for shape in contents]
    shp, shx = _shx_shp(kind, contents)
    files = {f"{stem}.shp": shp, f"{stem}.shx": shx, f"{stem}.dbf": dbf or _dbf(*[b"a"] * len(contents))}
    if code:
        files[f"{stem}.prj"] = pyproj.CRS.from_epsg(code).to_wkt("WKT1_ESRI").encode()
    return files | {f"{stem}.{k}": v for k, v in more.items()}


CLOCKWISE = shapely.get_coordinates(shapely.box(111.57, 35.49, 111.572, 35.492, ccw=False))


def _read(files, **more):
    return read_site_bytes(files if isinstance(files, bytes) else _zip(files), "site.zip", **more)


def _refused(files, **more) -> BadSite:
    with pytest.raises(BadSite) as caught:
        _read(files, **more)
    error = caught.value
    assert error.where["file"].startswith("site.zip")
    assert error.text("zh")
    assert error.text("en")
    return error


def _types(site):
    return [notice.type for notice in site.notices]


@pytest.mark.parametrize("encoding", ["GBK", "UTF-8"])
@pytest.mark.parametrize("code", [4490, 4525, 4546])
def test_a_shapefile_written_by_gdal_is_read_alike(tmp_path, encoding, code):
    with_hole = SQUARE.difference(shapely.box(111.5705, 35.4905, 111.571, 35.491))
    two = shapely.MultiPolygon(
        [shapely.box(111.58, 35.49, 111.581, 35.491), shapely.box(111.583, 35.49, 111.584, 35.491)]
    )
    frame = geopandas.GeoDataFrame(
        {"名称": ["稷山地块", "绛县地块"], "数量": [3, 4], "面积": [1.25, 2.5]}, geometry=[with_hole, two], crs=4490
    )
    plane = frame.set_geometry([shapely.transform(g, read_crs(code).from_lonlat) for g in frame.geometry], crs=code)
    plane.to_file(tmp_path / "a.shp", engine="pyogrio", encoding=encoding)
    site = _read({path.name: path.read_bytes() for path in tmp_path.iterdir()})
    assert site.crs == f"EPSG:{code}"
    assert site.repairs == ()
    assert [p.name for p in site.parcels] == ["稷山地块", "绛县地块"]
    assert [(p.properties["数量"], p.properties["面积"]) for p in site.parcels] == [(3, 1.25), (4, 2.5)]
    for parcel, given in zip(site.parcels, (with_hole, two), strict=True):
        assert shapely.equals(shapely.set_precision(given, 1e-9), parcel.geometry)


@pytest.mark.parametrize("kind", ["Point", "MultiPoint", "LineString"])
def test_points_and_lines_of_gdal_are_read(tmp_path, kind):
    shape = {
        "Point": shapely.Point(111.57, 35.49, 800.0),
        "MultiPoint": shapely.MultiPoint([(111.57, 35.49), (111.58, 35.5)]),
        "LineString": shapely.LineString([(111.57, 35.49), (111.58, 35.5)]),
    }[kind]
    geopandas.GeoDataFrame({"a": [1]}, geometry=[shape], crs=4490).to_file(tmp_path / "a.shp", engine="pyogrio")
    site = _read({path.name: path.read_bytes() for path in tmp_path.iterdir()})
    assert shapely.equals(site.geometry, shapely.force_2d(shape))
    assert ("heights-dropped" in _types(site)) == (kind == "Point")


def test_wrong_ring_order_and_an_open_ring_are_seen_though_gdal_would_hide_them():
    site = _read(_set([(CLOCKWISE[::-1],)]))
    assert [r.type for r in site.repairs] == ["ring-order"]
    assert site.repairs[0].where["file"] == "site.zip/site.shp"
    assert [r.type for r in _read(_set([(CLOCKWISE[:-1],)])).repairs] == ["ring-unclosed"]
    assert _read(_set([(CLOCKWISE,)])).repairs == ()


def test_faulty_rings_are_refused_with_file_feature_and_coordinate():
    bow = CLOCKWISE[[0, 2, 1, 3, 0]]
    error = _refused(_set([(CLOCKWISE,), (bow,)]))
    assert (error.type, error.where["feature"]) == ("site-self-crossing", 2)
    assert error.where["coordinate"] == pytest.approx([111.571, 35.491])
    outside = (CLOCKWISE[::-1] - CLOCKWISE[0]) / 4 + [111.58, 35.49]
    error = _refused(_set([(CLOCKWISE, outside)]))
    assert (error.type, error.where["ring"]) == ("site-hole-outside", 2)
    inner = (CLOCKWISE - CLOCKWISE[0]) / 4 + CLOCKWISE[0] + [0.0004, 0.0004]
    assert shapely.within(shapely.Polygon(inner), SQUARE)
    assert _refused(_set([(CLOCKWISE, inner)])).type == "site-nested-shells"
    nan = CLOCKWISE.copy()
    nan[1, 0] = np.nan
    assert _refused(_set([(nan,)])).type == "site-not-finite"


def test_a_null_shape_is_named_and_a_deleted_record_is_noticed():
    assert _refused(_set([(CLOCKWISE,), struct.pack("<i", 0)])).where["feature"] == 2
    site = _read(_set([(CLOCKWISE,), (np.add(CLOCKWISE, [0.01, 0]),)], _dbf(b"a", b"b", deleted={1})))
    assert "records-deleted" in _types(site)
    assert len(site.parcels) == 1
    assert _refused(_set([(CLOCKWISE,)], _dbf(b"a", deleted={0}))).type == "site-empty"


NAME = "汾河岸线内的地块"


@pytest.mark.parametrize(
    ("encoding", "cpg", "driver", "stated_by", "wrong"),
    [
        ("gb18030", b"GBK", 0, ".cpg", None),
        ("gb18030", b"ANSI 936\r\n", 0, ".cpg", None),
        ("utf-8", b"UTF-8", 0, ".cpg", None),
        ("utf-8", b"65001", 0x4D, ".cpg", None),
        ("gb18030", None, 0x4D, "LDID", None),
        ("utf-8", None, 0, None, None),
        ("gb18030", None, 0, None, None),
        ("gb18030", None, 0x57, None, None),
        ("gb18030", b"UTF-8", 0, None, [".cpg"]),
        ("gb18030", b"ISO-8859-1", 0, None, None),
        ("utf-8", b"nonsense", 0, None, None),
    ],
)
def test_text_is_read_right_and_the_choice_is_said(encoding, cpg, driver, stated_by, wrong):
    more = {} if cpg is None else {"cpg": cpg}
    site = _read(_set(dbf=_dbf(NAME.encode(encoding), driver=driver), **more))
    assert site.parcels[0].properties == {"NAME": NAME}
    notice = next(n for n in site.notices if n.type == "encoding-chosen")
    assert notice.where["encoding"] in (encoding, "gbk")
    assert notice.where.get("stated_by") == stated_by
    assert notice.where.get("stated_wrongly_by") == wrong
    assert NAME in notice.text.zh


def test_plain_ascii_needs_no_choice():
    assert "encoding-chosen" not in _types(_read(_set()))


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_text_and_field_names_cut_by_their_width_lose_only_the_last_character(encoding):
    cut = ("甲" * 20).encode(encoding)[:25]
    site = _read(_set(dbf=_dbf(cut, name="规划项目名称".encode(encoding)[:10], width=25)))
    ((name, value),) = site.parcels[0].properties.items()
    assert "规划项目名称".startswith(name)
    assert value == "甲" * (25 // len("甲".encode(encoding)))


def test_text_in_no_known_encoding_is_asked_about():
    assert _refused(_set(dbf=_dbf(b"\xff\xfe\x81 \x80\xff text"))).type == "encoding-unknown"


def test_a_missing_prj_is_asked_about_with_candidates_even_for_a_zone_prefix():
    for code, candidates in [(4525, ["EPSG:4525"]), (4546, ["EPSG:4546", "EPSG:4547"]), (4490, ["EPSG:4490"])]:
        plane = shapely.get_coordinates(shapely.transform(SQUARE, read_crs(code).from_lonlat))[::-1]
        files = _set([(plane,)], code=None)
        error = _refused(files)
        assert (error.type, error.where["candidates"]) == ("crs-needed", candidates)
        assert _read(files, crs=f"EPSG:{code}").crs == f"EPSG:{code}"


def test_a_prj_of_an_old_datum_is_refused():
    assert _refused_type(_set(code=2361)) == "datum-unsupported"


def _refused_type(files):
    with pytest.raises(BadSite) as caught:
        _read(files)
    return caught.value.type


@pytest.mark.parametrize("suffix", [".shx", ".dbf"])
def test_a_missing_part_is_named(suffix):
    files = {name: data for name, data in _set().items() if not name.endswith(suffix)}
    error = _refused(files)
    assert (error.type, error.where["missing"]) == ("shapefile-incomplete", [suffix])


def test_several_shapefiles_are_listed_and_none_is_missing():
    error = _refused(_set() | _set(stem="other"))
    assert error.type == "layers-several"
    assert error.where["layers"] == [{"name": "site", "features": 1}, {"name": "other", "features": 1}]
    assert "--layer" in error.text("zh")
    assert _refused({"readme.txt": b"x"}).type == "shapefile-missing"


def test_names_in_gbk_folders_upper_case_and_finder_litter_are_no_trouble():
    files = {name.upper(): data for name, data in _set(stem="x").items()}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in files.items():
            # cp437 stands for the raw bytes that Chinese Windows writes without the UTF-8 flag
            info = zipfile.ZipInfo(f"选址/地块{name}".encode("gbk").decode("cp437"))
            archive.writestr(info, data)
        archive.writestr("__MACOSX/._X.SHP", b"litter")
        archive.writestr("说明.txt", b"text")
    raw = _without_utf8_flag(stream.getvalue())
    site = _read(raw)
    assert site.dimension == 2
    assert _read(_zip(_set(stem="选址/地块"))).dimension == 2


def _without_utf8_flag(data):
    """The archive as an old packer writes it: names in GBK and no flag."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(stream, "w") as out:
        for entry in archive.infolist():
            raw = entry.filename.encode("cp437", "ignore") if not entry.filename.isascii() else entry.filename.encode()
            info = _GbkInfo(entry.filename)
            info.raw = raw
            out.writestr(info, archive.read(entry))
    return stream.getvalue()


class _GbkInfo(zipfile.ZipInfo):
    raw: bytes

    def _encodeFilenameFlags(self):  # noqa: N802
        return self.raw, self.flag_bits & ~0x800


@pytest.mark.parametrize(
    "name", ["../site.shp", "/site.shp", "a/../../site.shp", "..\\site.shp", "C:/site.shp", "a\nb.txt"]
)
def test_unsafe_names_are_refused_whatever_the_file(name):
    assert _refused(_set() | {name: b"x"}).type == "archive-unsafe-name"


def test_a_link_is_refused():
    stream = io.BytesIO(_zip(_set()))
    with zipfile.ZipFile(stream, "a") as archive:
        link = zipfile.ZipInfo("link.shp")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert _refused(stream.getvalue()).type == "archive-unsafe-name"


@pytest.mark.parametrize("name", ["inner.zip", "a/b.7z", "c.KMZ"])
def test_a_nested_archive_is_refused(name):
    assert _refused(_set() | {name: b"x"}).type == "archive-nested"


def test_too_many_entries_are_refused():
    assert _refused(_set() | {f"{n}.txt": b"" for n in range(200)}).type == "archive-too-large"


def test_a_bomb_is_stopped_while_inflating():
    error = _refused(_set(dbf=bytes(8 * 1024 * 1024)))
    assert error.type == "archive-too-large"
    assert "100" in error.text("zh")


def test_the_sum_of_all_entries_is_capped(monkeypatch):
    monkeypatch.setattr(zipped, "MOST_INFLATED", 300)
    with pytest.raises(BadSite) as caught:
        zipped.read_zip(_zip(_set()), "site.zip", lambda name: True)
    assert caught.value.type == "archive-too-large"


def test_an_encrypted_archive_is_refused():
    data = bytearray(_zip(_set()))
    at = data.find(b"PK\x01\x02")
    data[at + 8] |= 1
    assert _refused(bytes(data)).type == "archive-encrypted"


@pytest.mark.parametrize("data", [b"not a zip", b"PK\x03\x04 cut short"])
def test_what_is_no_archive_is_refused(data):
    assert _refused(data).type == "archive-damaged"


def test_a_damaged_entry_is_refused():
    data = bytearray(_zip(_set(), compresslevel=9))
    data[60] ^= 0xFF
    assert _refused(bytes(data)).type == "archive-damaged"


def test_an_empty_archive_holds_no_shapefile():
    assert _refused(_zip({})).type == "shapefile-missing"


def _broken(change):
    files = _set()
    for suffix, edit in change.items():
        files[f"site.{suffix}"] = edit(files[f"site.{suffix}"])
    return files


@pytest.mark.parametrize(
    "change",
    [
        {"shp": lambda d: b"<OGRVRTDataSource></OGRVRTDataSource>".ljust(200)},
        {"shp": lambda d: d[:50]},
        {"shp": lambda d: d[:-16]},
        {"shx": lambda d: d[:-3]},
        {"shx": lambda d: d[:100] + struct.pack(">ii", 2, 64)},
        {"shx": lambda d: d[:100] + struct.pack(">ii", 2_000_000_000, 64)},
        {"shx": lambda d: d[:100]},
        {"shp": lambda d: d[:108] + struct.pack("<i", 3) + d[112:]},
        {"shp": lambda d: d[:144] + struct.pack("<2i", 1, 2_000_000) + d[152:]},
        {"shp": lambda d: d[:144] + struct.pack("<2i", 1, 100) + d[152:]},
        {"shp": lambda d: d[:144] + struct.pack("<2i", 0, 5) + d[152:]},
        {"shp": lambda d: d[:152] + struct.pack("<i", 3) + d[156:]},
        {"dbf": lambda d: d[:20]},
        {"dbf": lambda d: d[:4] + struct.pack("<I", 5_000) + d[8:]},
        {"dbf": lambda d: d[:10] + struct.pack("<H", 5) + d[12:]},
    ],
)
def test_a_file_that_contradicts_itself_is_refused_as_damaged_or_too_large(change):
    assert _refused_type(_broken(change)) in ("shapefile-damaged", "site-too-large")


def test_too_many_features_are_refused_from_the_index_alone():
    files = _set()
    files["site.shx"] = files["site.shx"][:100] + files["site.shx"][100:] * 2001
    files["site.dbf"] = _dbf(*[b"a"] * 2001)
    assert _refused_type(files) == "site-too-large"


def test_a_prj_in_gbk_is_read():
    prj = pyproj.CRS.from_epsg(4526).to_wkt("WKT1_ESRI").replace("CGCS2000_3_Degree_GK_Zone_38", "三度带38")
    files = _set([(shapely.get_coordinates(shapely.transform(SQUARE, read_crs(4526).from_lonlat))[::-1],)])
    assert _read(files | {"site.prj": prj.encode("gbk")}).crs == "EPSG:4526"


def test_a_multipatch_is_not_read():
    error = _refused(_broken({"shp": lambda d: d[:32] + struct.pack("<i", 31) + d[36:]}))
    assert error.type == "shapefile-unsupported"


def test_an_empty_shapefile_is_an_empty_site():
    assert _refused(_set([])).type == "site-empty"


def test_numbers_dates_and_truth_values_of_the_table_are_typed():
    fields = [
        (b"N", 8, 0, b"      12"),
        (b"N", 8, 2, b"    1.50"),
        (b"D", 8, 0, b"20240630"),
        (b"L", 1, 0, b"T"),
        (b"N", 4, 0, b"****"),
    ]
    head = b"".join(
        f"F{n}".encode().ljust(11, b"\0") + kind + bytes(4) + bytes([width, places]) + bytes(14)
        for n, (kind, width, places, _) in enumerate(fields)
    )
    width = 1 + sum(f[1] for f in fields)
    dbf = struct.pack("<4BIHH", 3, 124, 1, 1, 1, 32 + len(head) + 1, width) + bytes(20) + head + b"\r "
    site = _read(_set(dbf=dbf + b"".join(f[3] for f in fields) + b"\x1a"))
    assert site.parcels[0].properties == {"F0": 12, "F1": 1.5, "F2": "2024-06-30", "F3": True, "F4": None}
