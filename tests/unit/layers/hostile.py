"""The hostile set: one file for every way a site goes wrong, made here, with the answer that it must get."""

from __future__ import annotations

import io
import json
import sqlite3
import struct
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyproj
import shapely

from zoning.crs import read_crs

CORNERS = [(111.57, 35.49), (111.572, 35.49), (111.572, 35.492), (111.57, 35.492), (111.57, 35.49)]
SQUARE = shapely.Polygon(CORNERS)
PLANE = [tuple(xy) for xy in read_crs(4525).from_lonlat(CORNERS).tolist()]
"""The corners in EPSG:4525 (zone 37)."""
VRT = b'<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'


@dataclass(frozen=True)
class Hostile:
    """A file and its answer: refused with a `type`, or read with a `notice` or a `repair`; `where` is part of its place.

    `crs` is what its user states.
    """

    name: str
    file: str
    make: Callable[[], bytes]
    type: str | None = None
    notice: str | None = None
    repair: str | None = None
    crs: str | None = None
    where: Mapping[str, Any] = field(default_factory=dict)


# Files, format by format


def geojson(geometry: Any, **more: Any) -> bytes:
    feature = {"type": "Feature", "properties": {}, "geometry": geometry}
    return json.dumps({"type": "FeatureCollection", "features": [feature], **more}).encode()


def polygon(points: Any = CORNERS) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [points]}


def named(code: int) -> dict[str, Any]:
    return {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{code}"}}


def archive(files: Mapping[str, bytes], level: int = 6) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as out:
        for name, data in files.items():
            out.writestr(name, data)
    return packed.getvalue()


def shapefile(
    points: Any = CORNERS[::-1], *, code: int = 4490, text: bytes = b"a", leave: tuple[str, ...] = (), **more: bytes
) -> dict[str, bytes]:
    """The members of a Shapefile of one polygon; `more` are members by suffix."""
    xy = np.asarray(points, dtype="<f8")
    record = struct.pack("<i4d3i", 5, 0, 0, 0, 0, 1, len(xy), 0) + xy.tobytes()

    def header(length: int) -> bytes:
        return struct.pack(">7i", 9994, 0, 0, 0, 0, 0, length // 2) + struct.pack("<2i8d", 1000, 5, *[0.0] * 8)

    words = len(record) // 2
    column = b"NAME".ljust(11, b"\0") + b"C" + bytes(4) + bytes([40, 0]) + bytes(14)
    table = struct.pack("<4BIHH", 3, 124, 1, 1, 1, 65, 41) + bytes(20) + column + b"\r " + text.ljust(40) + b"\x1a"
    files = {
        "shp": header(108 + len(record)) + struct.pack(">ii", 1, words) + record,
        "shx": header(108) + struct.pack(">ii", 50, words),
        "dbf": table,
        "prj": pyproj.CRS.from_epsg(code).to_wkt("WKT1_ESRI").encode(),
        **more,
    }
    return {f"site.{suffix}": data for suffix, data in files.items() if suffix not in leave}


def gpkg(
    *blobs: bytes | None, srs: int = 4490, sql: tuple[str, ...] = (), layers: tuple[str, ...] = ("site",)
) -> bytes:
    """A GeoPackage with these geometries as WKB in each of `layers`."""
    connection = sqlite3.connect(":memory:")
    connection.executescript(
        "create table gpkg_spatial_ref_sys (srs_name text, srs_id integer primary key, organization text,"
        " organization_coordsys_id integer, definition text);"
        "create table gpkg_contents (table_name text primary key, data_type text, identifier text, srs_id integer);"
        "create table gpkg_geometry_columns (table_name text, column_name text, geometry_type_name text, srs_id integer,"
        " z integer, m integer);"
    )
    text = pyproj.CRS.from_epsg(srs).to_wkt("WKT1_GDAL")
    connection.execute("insert into gpkg_spatial_ref_sys values ('a', ?, 'EPSG', ?, ?)", [srs, srs, text])
    for layer in layers:
        connection.execute(f'create table "{layer}" (fid integer primary key, geom blob, name text)')
        connection.execute("insert into gpkg_contents values (?, 'features', ?, ?)", [layer, layer, srs])
        connection.execute("insert into gpkg_geometry_columns values (?, 'geom', 'GEOMETRY', ?, 0, 0)", [layer, srs])
        for blob in blobs:
            whole = None if blob is None else b"GP\0\1" + struct.pack("<i", srs) + blob
            connection.execute(f'insert into "{layer}" (geom) values (?)', [whole])
    for statement in sql:
        connection.execute(statement)
    connection.commit()
    data = bytearray(connection.serialize())
    connection.close()
    data[68:72] = b"GPKG"
    return bytes(data)


def wkb_collection(*members: bytes) -> bytes:
    return struct.pack("<BII", 1, 7, len(members)) + b"".join(members)


CIRCULAR = struct.pack("<BII6d", 1, 8, 3, *(v for point in CORNERS[:3] for v in point))
AREA = shapely.to_wkb(SQUARE, byte_order=1)


def kml(inside: str, head: str = '<?xml version="1.0" encoding="UTF-8"?>') -> bytes:
    return f'{head}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{inside}</Document></kml>'.encode()


def placemark(points: Any = CORNERS) -> str:
    words = " ".join(f"{x!r},{y!r}" for x, y in points)
    ring = f"<LinearRing><coordinates>{words}</coordinates></LinearRing>"
    return f"<Placemark><Polygon><outerBoundaryIs>{ring}</outerBoundaryIs></Polygon></Placemark>"


def dxf(*entities: list[str], header: tuple[str, ...] = ()) -> bytes:
    groups = ["0", "SECTION", "2", "HEADER", *header, "0", "ENDSEC", "0", "SECTION", "2", "ENTITIES"]
    for entity in entities:
        groups += entity
    return "\r\n".join([*groups, "0", "ENDSEC", "0", "EOF", ""]).encode()


def outline(points: Any = PLANE[:-1], *, layer: str = "红线", more: tuple[str, ...] = ()) -> list[str]:
    flat = [word for x, y in points for word in ("10", repr(float(x)), "20", repr(float(y)))]
    return ["0", "LWPOLYLINE", "8", layer, "90", str(len(points)), "70", "1", *flat, *more]


def straight(one: Any, two: Any, layer: str = "红线") -> list[str]:
    words = [
        word
        for code, value in zip(("10", "20", "11", "21"), (*one, *two), strict=True)
        for word in (code, repr(float(value)))
    ]
    return ["0", "LINE", "8", layer, *words]


def corner_points(
    system: str = "2000国家大地坐标系", area: float | None = None, points: Any = PLANE[:-1], zone: int = 37
) -> bytes:
    true = shapely.Polygon(PLANE).area / 10_000
    head = f"[属性描述]\n坐标系={system}\n几度分带=3\n带号={zone}\n计量单位=公顷\n[地块坐标]\n"
    rows = "".join(f"J{n},1,{y!r},{x!r}\n" for n, (x, y) in enumerate(points, start=1))
    return (head + f"{len(points)},{true if area is None else area:.4f},1,地块一,面,,工业用地,@\n" + rows).encode()


def link_in_archive() -> bytes:
    stream = io.BytesIO(archive(shapefile()))
    with zipfile.ZipFile(stream, "a") as out:
        entry = zipfile.ZipInfo("link.shp")
        entry.external_attr = 0o120777 << 16
        out.writestr(entry, "/etc/passwd")
    return stream.getvalue()


def ten_million_vertices() -> bytes:
    """A Shapefile of ten million vertices that compresses well, but not so well as to be a bomb."""
    rng = np.random.default_rng(1)
    blocks = [np.tile(rng.uniform((111.5, 35.4), (111.6, 35.5), (1000, 2)), (50, 1)) for _ in range(200)]
    return archive(shapefile(np.vstack(blocks)), level=1)


def many_empties() -> bytes:
    """A geometry of a million empty members in one collection."""
    return gpkg(wkb_collection(*[struct.pack("<BII", 1, 7, 0)] * 1_000_000))


def wkt(text: str) -> bytes:
    return text.encode()


def ring_text(points: Any) -> str:
    return ", ".join(f"{x!r} {y!r}" for x, y in points)


EAST = [(x + 0.001, y) for x, y in CORNERS]
ENDLESS = (
    (
        "create view v as with recursive r(fid, geom) as (select 1, null union all select fid + 1, null from r) "
        "select * from r where fid < 0"
    ),
    "insert into gpkg_contents values ('v', 'features', 'v', 4490)",
    "insert into gpkg_geometry_columns values ('v', 'geom', 'POLYGON', 4490, 0, 0)",
)
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
ENTITY = '<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
LINK = "<NetworkLink><Link><href>http://192.0.2.1/a.kml</href></Link></NetworkLink>"
RAR, SEVEN = b"Rar!\x1a\x07\x01\x00" + bytes(50), b"7z\xbc\xaf\x27\x1c" + bytes(50)
INNER = [(111.5705, 35.4905), (111.571, 35.4905), (111.571, 35.491), (111.5705, 35.491)]
INNER_PLANE = [tuple(xy) for xy in read_crs(4525).from_lonlat(INNER).tolist()]
DEEP_PLANE = [
    tuple(xy)
    for xy in read_crs(4525).from_lonlat([(111.5706, 35.4906), (111.5708, 35.4906), (111.5707, 35.4908)]).tolist()
]

# ruff: noqa: E501 (a table: one file a line)
HOSTILE: tuple[Hostile, ...] = (
    # nothing in it
    Hostile("empty", "a.geojson", lambda: b"", "file-empty"),
    Hostile("empty shapefile", "a.zip", lambda: archive({}), "shapefile-missing"),
    Hostile("no geometry", "a.geojson", lambda: geojson(None), "site-empty", where={"feature": 1}),
    Hostile("no geometry, KML", "a.kml", lambda: kml(""), "site-empty"),
    Hostile("no geometry, GPKG", "a.gpkg", lambda: gpkg(AREA, None), "site-empty", where={"feature": 2}),
    Hostile("empty geometry, GPKG", "a.gpkg", lambda: gpkg(AREA, wkb_collection()), "site-empty", where={"feature": 2}),
    Hostile("no layer, GPKG", "a.gpkg", lambda: gpkg(layers=()), "site-empty"),
    # geometry
    Hostile("mixed types", "a.wkt", lambda: wkt(f"POLYGON(({ring_text(CORNERS)}));POINT(111.57 35.49)"), "site-mixed-dimensions"),
    Hostile("NaN", "a.geojson", lambda: b'{"type": "Point", "coordinates": [NaN, 36]}', "json-invalid", where={"line": 1}),
    Hostile("NaN, WKT", "a.wkt", lambda: wkt("POINT(nan 35.49)"), "site-not-finite"),
    Hostile("NaN, Shapefile", "a.zip", lambda: archive(shapefile([*CORNERS[1::-1], (float("nan"), 35.0), CORNERS[1]])), "site-not-finite"),
    Hostile("infinite", "a.geojson", lambda: b'{"type": "Point", "coordinates": [1e999, 36]}', "site-not-finite"),
    Hostile("infinite, GPKG", "a.gpkg", lambda: gpkg(struct.pack("<BI2d", 1, 1, float("inf"), 35.0)), "site-not-finite"),
    Hostile("3D", "a.geojson", lambda: geojson(polygon([(*point, 800.0) for point in CORNERS])), notice="heights-dropped"),
    Hostile("3D, GPKG", "a.gpkg", lambda: gpkg(shapely.to_wkb(shapely.force_3d(SQUARE, 9.0), byte_order=1)), notice="heights-dropped"),
    Hostile("curves, WKT", "a.wkt", lambda: wkt("CIRCULARSTRING(111.57 35.49, 111.58 35.5, 111.59 35.49)"), "wkt-curve"),
    Hostile("curves, GPKG", "a.gpkg", lambda: gpkg(CIRCULAR), "curve-unsupported", where={"value": "CIRCULARSTRING"}),
    Hostile("curves in a collection", "a.gpkg", lambda: gpkg(AREA, wkb_collection(AREA, CIRCULAR)), "curve-unsupported", where={"feature": 2}),
    Hostile("curves, DXF", "a.dxf", lambda: dxf(outline(more=("42", "0.5"))), "curve-unsupported", crs="EPSG:4525"),
    Hostile("unclosed ring", "a.geojson", lambda: geojson(polygon(CORNERS[:-1])), repair="ring-unclosed"),
    Hostile("unclosed ring, TXT", "a.txt", corner_points, notice="ring-closed"),
    Hostile("overlapping parcels", "a.wkt", lambda: wkt(f"POLYGON(({ring_text(CORNERS)}));POLYGON(({ring_text(EAST)}))"), notice="parcels-overlap"),
    Hostile("declared area differs", "a.txt", lambda: corner_points(area=9.0), notice="area-declared", where={"differs": True}),
    Hostile("self-crossing", "a.kml", lambda: kml(placemark([CORNERS[n] for n in (0, 2, 1, 3, 0)])), "site-self-crossing"),
    # too much
    Hostile("ten million vertices, GeoJSON", "a.geojson", lambda: geojson({"type": "MultiPoint", "coordinates": []})[:-3] + b" " * 60_000_000, "file-too-large"),
    Hostile("ten million vertices, Shapefile", "a.zip", ten_million_vertices, "site-too-large", where={"value": 10_000_000}),
    Hostile("ten million empty arrays", "a.geojson", lambda: b"[" + b"[]," * 16_000_000 + b"[]]", "file-open-limit"),
    Hostile("a million empty members", "a.gpkg", many_empties, "site-too-large"),
    Hostile("endless view", "a.gpkg", lambda: gpkg(AREA, sql=ENDLESS), "file-open-limit"),
    Hostile("a million empty members, WKT", "a.wkt", lambda: wkt("GEOMETRYCOLLECTION(" + "POINT EMPTY," * 1_000_000 + "POINT EMPTY)"), "site-too-large"),
    # coordinates and their systems
    Hostile("wrong zone", "a.wkt", lambda: wkt(f"SRID=4526;POLYGON(({ring_text(PLANE)}))"), "site-outside-region"),
    Hostile("wrong zone, TXT", "a.txt", lambda: corner_points(zone=38), "zone-contradictory"),
    Hostile("swapped axes", "a.geojson", lambda: geojson(polygon([(y, x) for x, y in CORNERS])), "site-outside-region", where={"diagnosis": "swapped-axes"}),
    Hostile("swapped axes, TXT", "a.txt", lambda: corner_points(points=[(y, x) for x, y in PLANE[:-1]]), "axes-swapped"),
    Hostile("degrees in a projected CRS", "a.wkt", lambda: wkt(f"SRID=4546;POLYGON(({ring_text(CORNERS)}))"), "site-outside-region", where={"diagnosis": "degrees-in-projected-crs"}),
    Hostile("GCJ-02 suspected", "选址_GCJ02.geojson", lambda: geojson(polygon()), "datum-gcj02"),
    Hostile("Xi'an 80, Shapefile", "a.zip", lambda: archive(shapefile(code=2361)), "datum-unsupported"),
    Hostile("Xi'an 80, Shapefile, another CRS stated", "a.zip", lambda: archive(shapefile(code=2361)), "datum-unsupported", crs="EPSG:4525"),
    Hostile("Xi'an 80, GPKG, another CRS stated", "a.gpkg", lambda: gpkg(AREA, srs=4610), "datum-unsupported", crs="EPSG:4490"),
    Hostile("Xi'an 80, TXT", "a.txt", lambda: corner_points("1980西安坐标系"), "datum-unsupported"),
    Hostile("Xi'an 80, TXT, another CRS stated", "a.txt", lambda: corner_points("1980西安坐标系"), "datum-unsupported", crs="EPSG:4525"),
    Hostile("Beijing 54", "a.geojson", lambda: geojson(polygon(), crs=named(4214)), "datum-unsupported"),
    Hostile("Beijing 54, another CRS stated", "a.geojson", lambda: geojson(polygon(), crs=named(4214)), "datum-unsupported", crs="EPSG:4490"),
    Hostile("Beijing 54, WKT, another CRS stated", "a.wkt", lambda: wkt(f"SRID=4214;POLYGON(({ring_text(CORNERS)}))"), "datum-unsupported", crs="EPSG:4490"),
    # parts of a Shapefile
    Hostile("missing .prj", "a.zip", lambda: archive(shapefile(leave=("prj",))), "crs-needed", where={"missing": [".prj"]}),
    Hostile("missing .shx", "a.zip", lambda: archive(shapefile(leave=("shx",))), "shapefile-incomplete", where={"missing": [".shx"]}),
    Hostile("wrong .cpg", "a.zip", lambda: archive(shapefile(text="汾河".encode("gb18030"), cpg=b"UTF-8")), notice="encoding-chosen", where={"stated_wrongly_by": [".cpg"]}),
    # archives
    Hostile("traversal", "a.zip", lambda: archive({**shapefile(), "../../etc/site.shp": b"x"}), "archive-unsafe-name"),
    Hostile("symlink", "a.zip", link_in_archive, "archive-unsafe-name"),
    Hostile("nested archive", "a.zip", lambda: archive({**shapefile(), "inner.zip": archive(shapefile())}), "archive-nested"),
    Hostile("bomb", "a.zip", lambda: archive({**shapefile(), "big.dbf": bytes(100_000_000)}), "archive-too-large"),
    Hostile("bomb, KMZ", "a.kmz", lambda: archive({"doc.kml": b" " * 150_000_000}), "archive-too-large"),
    Hostile("rar", "a.rar", lambda: RAR, "format-unsupported"),
    Hostile("7z", "a.7z", lambda: SEVEN, "format-unsupported"),
    Hostile("rar named .zip", "a.zip", lambda: RAR, "archive-damaged"),
    Hostile("7z named .kmz", "a.kmz", lambda: SEVEN, "format-mismatch"),
    # files that are not what they say, or point elsewhere
    Hostile("VRT named .geojson", "a.geojson", lambda: VRT, "json-invalid"),
    Hostile("VRT named .shp in a zip", "a.zip", lambda: archive(shapefile(shp=VRT.ljust(300))), "shapefile-damaged"),
    Hostile("VRT named .geojson in a zip", "a.zip", lambda: archive({"site.geojson": VRT}), "shapefile-missing"),
    Hostile("VRT named .gpkg", "a.gpkg", lambda: VRT, "format-mismatch"),
    Hostile("KML NetworkLink", "a.kml", lambda: kml(placemark() + LINK), "kml-unsupported", where={"value": "NetworkLink"}),
    Hostile("KML NetworkLink in a KMZ", "a.kmz", lambda: archive({"doc.kml": kml(LINK)}), "kml-unsupported"),
    Hostile("XML entity", "a.kml", lambda: kml("&x;", ENTITY), "kml-unsupported"),
    Hostile("XML entities, a billion", "a.kml", lambda: kml("&l9;", f'<!DOCTYPE kml [<!ENTITY l0 "ha">{LAUGHS}]>'), "kml-unsupported"),
    Hostile("DXF blocks only", "a.dxf", lambda: dxf(["0", "INSERT", "2", "b"]), "dxf-no-polylines", crs="EPSG:4525"),
    Hostile("DXF without CRS", "a.dxf", lambda: dxf(outline()), "crs-needed"),
    Hostile("DXF in miles", "a.dxf", lambda: dxf(outline(), header=("9", "$INSUNITS", "70", "3")), "dxf-units", crs="EPSG:4525"),
    Hostile("DXF three deep", "a.dxf", lambda: dxf(outline(), outline(INNER_PLANE), outline(DEEP_PLANE)), "dxf-nesting", crs="EPSG:4525"),
    Hostile("DXF building on the site", "a.dxf", lambda: dxf(outline(), outline(INNER_PLANE, layer="建筑")), "dxf-nesting", crs="EPSG:4525"),
    Hostile("ten thousand lines at one fork, DXF", "a.dxf", lambda: dxf(*[straight((0, 0), (n, 1)) for n in range(1, 10_000)]), "dxf-no-polylines", crs="EPSG:4525"),
    Hostile("noise", "a.gpkg", lambda: b"SQLite format 3\0" + bytes(52) + b"GPKG" + np.random.default_rng(1).bytes(9000), "file-open-failed"),
)  # fmt: skip
