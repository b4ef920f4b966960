"""Writes one site in every format that is read here, as an office would send it; it reads nothing and is for tests only.

The site is given as parcels in EPSG:4490. A number is written with as many decimals as `Digits` says: nine of a degree
and five of a metre resolve the grid of the canonical form.
"""

from __future__ import annotations

import io
import itertools
import json
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import geopandas
import numpy as np
import shapely

from zoning.crs import SourceCRS, read_crs

DEGREES, METRES = 9, 5
"""Decimals of a degree and of a metre that resolve the 1e-9° grid: an error of at most half a unit of the last one is
under half a step of the grid."""


@dataclass(frozen=True)
class Drawn:
    """One parcel as a surveyor knows it: number, name, and a geometry in EPSG:4490."""

    number: str
    name: str
    geometry: shapely.Geometry


@dataclass(frozen=True)
class Written:
    """A file: its bytes, its name, and the CRS that must be stated beside it, or None where the file says it."""

    data: bytes
    name: str
    crs: str | None = None


def _digits(source: SourceCRS, digits: int | None) -> int:
    return digits if digits is not None else DEGREES if source.geographic else METRES


def _plane(geometry: shapely.Geometry, code: int, digits: int | None = None) -> shapely.Geometry:
    """A geometry in the coordinates of a CRS, rounded to so many decimals."""
    source = read_crs(code)
    places = _digits(source, digits)
    return shapely.transform(geometry, lambda xy: np.round(source.from_lonlat(xy), places))


def _singles(geometry: shapely.Geometry) -> list[shapely.Geometry]:
    return list(shapely.get_parts(geometry))


def _points(geometry: shapely.Geometry) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in shapely.get_coordinates(geometry)]


def _rings(geometry: shapely.Geometry) -> Iterator[list[tuple[float, float]]]:
    """The rings of all polygons, or the lines, or all points as one."""
    if geometry.geom_type in ("Point", "MultiPoint"):
        yield _points(geometry)
    for part in _singles(geometry):
        if part.geom_type == "Polygon":
            yield from (_points(ring) for ring in (part.exterior, *part.interiors))
        elif part.geom_type == "LineString":
            yield _points(part)


def geojson(
    parcels: Sequence[Drawn], code: int = 4490, *, encoding: str = "utf-8", digits: int | None = None
) -> Written:
    """A FeatureCollection; every CRS but EPSG:4490 is declared by the `crs` member."""
    features = [
        {
            "type": "Feature",
            "properties": {"地块编号": one.number, "地块名称": one.name},
            "geometry": shapely.geometry.mapping(_plane(one.geometry, code, digits)),
        }
        for one in parcels
    ]
    document: dict[str, Any] = {"type": "FeatureCollection", "features": features}
    if code != 4490:
        document["crs"] = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{code}"}}
    return Written(json.dumps(document, ensure_ascii=False).encode(encoding), "选址.geojson")


def _frame(parcels: Sequence[Drawn], code: int, digits: int | None) -> geopandas.GeoDataFrame:
    shapes = [_plane(one.geometry, code, digits) for one in parcels]
    if len({shape.geom_type for shape in shapes}) > 1:
        many = {0: shapely.multipoints, 1: shapely.multilinestrings, 2: shapely.multipolygons}
        shapes = [many[shapely.get_dimensions(shape)](_singles(shape)) for shape in shapes]
    columns = {"地块编号": [one.number for one in parcels], "地块名称": [one.name for one in parcels]}
    return geopandas.GeoDataFrame(columns, geometry=shapes, crs=f"EPSG:{code}")


def shapefile(
    parcels: Sequence[Drawn], code: int = 4490, *, encoding: str = "utf-8", digits: int | None = None
) -> Written:
    """A zipped Shapefile with .prj; in UTF-8 with its .cpg, in GBK without, as older programs leave it."""
    packed = io.BytesIO()
    with (
        tempfile.TemporaryDirectory() as place,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive,
        warnings.catch_warnings(),
    ):
        # GDAL says that it cuts field names to ten bytes: 地块编号 is 地块编 in UTF-8.
        warnings.simplefilter("ignore", RuntimeWarning)
        _frame(parcels, code, digits).to_file(Path(place) / "xz.shp", encoding=encoding, engine="pyogrio")
        for path in sorted(Path(place).iterdir()):
            data = path.read_bytes()
            if encoding != "utf-8":
                if path.suffix == ".cpg":
                    continue
                if path.suffix == ".dbf":
                    data = data[:29] + b"\0" + data[30:]
            archive.writestr(path.name, data)
    return Written(packed.getvalue(), "选址.zip")


def geopackage(parcels: Sequence[Drawn], code: int = 4490, *, digits: int | None = None) -> Written:
    """A GeoPackage of one layer."""
    with tempfile.TemporaryDirectory() as place:
        _frame(parcels, code, digits).to_file(Path(place) / "a.gpkg", layer="选址", driver="GPKG", engine="pyogrio")
        return Written((Path(place) / "a.gpkg").read_bytes(), "选址.gpkg")


def _kml_text(points: Sequence[tuple[float, float]], places: int) -> str:
    return "<coordinates>" + " ".join(f"{x:.{places}f},{y:.{places}f}" for x, y in points) + "</coordinates>"


def _kml_shape(part: shapely.Geometry, places: int) -> str:
    if part.geom_type != "Polygon":
        return f"<{part.geom_type}>{_kml_text(_points(part), places)}</{part.geom_type}>"
    rings = [
        f"<{side}><LinearRing>{_kml_text(_points(ring), places)}</LinearRing></{side}>"
        for side, ring in zip(
            itertools.chain(["outerBoundaryIs"], itertools.repeat("innerBoundaryIs")),
            (part.exterior, *part.interiors),
            strict=False,
        )
    ]
    return f"<Polygon>{''.join(rings)}</Polygon>"


def kml(parcels: Sequence[Drawn], code: int = 4326, *, encoding: str = "UTF-8", digits: int | None = None) -> Written:
    """Placemarks with their number as extended data; a KML is in degrees by its own rule."""
    if code != 4326:
        raise ValueError("a KML is EPSG:4326")
    places = DEGREES if digits is None else digits
    marks = []
    for one in parcels:
        shapes = "".join(_kml_shape(part, places) for part in _singles(one.geometry))
        if len(_singles(one.geometry)) > 1:
            shapes = f"<MultiGeometry>{shapes}</MultiGeometry>"
        number = f'<ExtendedData><Data name="地块编号"><value>{escape(one.number)}</value></Data></ExtendedData>'
        marks.append(f"<Placemark><name>{escape(one.name)}</name>{number}{shapes}</Placemark>")
    text = f'<?xml version="1.0" encoding="{encoding}"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
    return Written(f"{text}{''.join(marks)}</Document></kml>".encode(encoding), "选址.kml")


def kmz(parcels: Sequence[Drawn], code: int = 4326, *, digits: int | None = None) -> Written:
    """The KML, packed."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("doc.kml", kml(parcels, code, digits=digits).data)
    return Written(packed.getvalue(), "选址.kmz")


def wkt(parcels: Sequence[Drawn], code: int = 4490, *, digits: int | None = None) -> Written:
    """One geometry a line with its SRID. The text has no place for numbers: parcels are 1, 2, 3 …"""
    places = _digits(read_crs(code), digits)
    lines = [
        f"SRID={code};{shapely.to_wkt(_plane(one.geometry, code, digits), rounding_precision=places)}"
        for one in parcels
    ]
    return Written("\n".join(lines).encode(), "选址.wkt")


_KINDS = {0: "点", 1: "线", 2: "面"}


def table(parcels: Sequence[Drawn], code: int = 4490, *, encoding: str = "utf-8", digits: int | None = None) -> Written:
    """A table of corner points; a table does not say its CRS, so one other than EPSG:4490 is stated beside it."""
    source = read_crs(code)
    places = _digits(source, digits)
    rows = ["地块编号,地块名称,图形属性,环号,点号," + ("经度,纬度" if source.geographic else "东坐标,北坐标")]
    for one in parcels:
        kind, n = _KINDS[int(shapely.get_dimensions(one.geometry))], 0
        for number, ring in enumerate(_rings(_plane(one.geometry, code, digits)), start=1):
            for x, y in ring:
                n += 1
                rows.append(f"{one.number},{one.name},{kind},{number},J{n},{x:.{places}f},{y:.{places}f}")
    return Written("\r\n".join(rows).encode(encoding), "选址.csv", None if code == 4490 else f"EPSG:{code}")


def corner_points(
    parcels: Sequence[Drawn], code: int = 4525, *, encoding: str = "utf-8", digits: int | None = None
) -> Written:
    """The corner-point text of a land survey: X north, Y east, the zone in its head whether eastings carry it or not."""
    source = read_crs(code)
    places = _digits(source, digits)
    lines = ["[属性描述]", "坐标系=2000国家大地坐标系", "投影类型=高斯克吕格", "计量单位=米"]
    if source.meridian is not None:
        six = source.crs.name.startswith("CGCS2000 / Gauss-Kruger")
        zone = (source.meridian + 3) / 6 if six else source.meridian / 3
        lines += [f"几度分带={6 if six else 3}", f"带号={zone:.0f}"]
    lines.append("[地块坐标]")
    for one in parcels:
        kind = _KINDS[int(shapely.get_dimensions(one.geometry))]
        rings = list(_rings(_plane(one.geometry, code, digits)))
        lines.append(f"{sum(map(len, rings))},,{one.number},{one.name},{kind},,,,@")
        n = 0
        for number, ring in enumerate(rings, start=1):
            for x, y in ring:
                n += 1
                lines.append(f"J{n},{number},{y:.{places}f},{x:.{places}f}")
    return Written("\r\n".join(lines).encode(encoding), "选址.txt")


def _one_ring(polygon: shapely.Polygon) -> list[tuple[float, float]]:
    """The shell with each hole let in by a cut there and back, as CAD users draw an area with holes."""
    ring = _points(polygon.exterior)
    for hole in polygon.interiors:
        ring += [*_points(hole), ring[0]]
    return ring


def dxf(parcels: Sequence[Drawn], code: int = 4525, *, encoding: str = "utf-8", digits: int | None = None) -> Written:
    """Closed LWPOLYLINEs, or open ones for lines, on a layer with a Chinese name; a drawing has no CRS and no numbers."""
    places = _digits(read_crs(code), digits)
    page = "ANSI_936" if encoding != "utf-8" else "UTF-8"
    words: list[str] = ["0", "SECTION", "2", "HEADER", "9", "$DWGCODEPAGE", "3", page, "0", "ENDSEC"]
    words += ["0", "SECTION", "2", "ENTITIES"]
    for n, one in enumerate(parcels, start=1):
        shape = _plane(one.geometry, code, digits)
        closed = shape.geom_type == "Polygon"
        points = _one_ring(shape)[:-1] if closed else _points(shape)
        words += [
            "0",
            "LWPOLYLINE",
            "5",
            f"{n:X}",
            "8",
            f"选址{one.name}",
            "90",
            str(len(points)),
            "70",
            str(int(closed)),
        ]
        for x, y in points:
            words += ["10", f"{x:.{places}f}", "20", f"{y:.{places}f}"]
    words += ["0", "ENDSEC", "0", "EOF", ""]
    return Written("\r\n".join(words).encode(encoding), "选址.dxf", f"EPSG:{code}")


WRITERS: Mapping[str, Callable[..., Written]] = {
    "geojson": geojson, "shapefile": shapefile, "geopackage": geopackage, "kml": kml, "kmz": kmz, "wkt": wkt,
    "table": table, "corner points": corner_points, "dxf": dxf,
}  # fmt: skip

_DEGREES_AND_ZONES = (4490, 4326, 4525, 4546, 4497, 4508)
"""Degrees on both datums; the 3° and the 6° zone of western Shanxi, each with its number before the easting and without."""


def every_way() -> Iterator[tuple[str, int, str | None]]:
    """Each format in each CRS it can be in, and in the second encoding too: (writer, EPSG code, encoding or None)."""
    for code in _DEGREES_AND_ZONES:
        yield from (("geojson", code, "utf-8"), ("table", code, "utf-8"), ("shapefile", code, "utf-8"))
        yield from (("geopackage", code, None), ("wkt", code, None))
        if code != 4326:
            yield from (("corner points", code, "utf-8"), ("dxf", code, "utf-8"))
    for code in (4490, 4525):
        yield from (("geojson", code, "gb18030"), ("table", code, "gb18030"), ("shapefile", code, "gbk"))
        yield from (("corner points", code, "gbk"), ("dxf", code, "gbk"))
    yield from (("kml", 4326, "UTF-8"), ("kml", 4326, "GB18030"), ("kmz", 4326, None))


def write(way: tuple[str, int, str | None], parcels: Sequence[Drawn], **more: Any) -> Written:
    """The parcels written one way."""
    writer, code, encoding = way
    return WRITERS[writer](parcels, code, **({"encoding": encoding} if encoding else {}), **more)
