"""Writes the site files of the sample projects from `projects.yaml`, each in its own format and CRS; it judges none.

Run it from the checkout: `.venv/bin/python data/projects/build.py`. The same input gives the same bytes.
"""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyogrio
import pyproj
import shapely
import yaml

from zoning.frame import LocalFrame

FOLDER = Path(__file__).resolve().parent
BOUNDARIES = FOLDER.parent / "boundaries"
NINE = 9
"""Decimals of a degree of what is placed by a boundary: a tenth of a millimetre."""


def geometries(shape: Mapping[str, Any]) -> list[shapely.Geometry]:
    """The parcels of a sample site, EPSG:4490."""
    if "line" in shape:
        return [shapely.LineString(shape["line"])]
    for word, place in (("beside", beside), ("around", around), ("within", within)):
        if word in shape:
            return [place(**shape[word])]
    found = []
    for west, south, width, height in shape["boxes"]:
        frame = LocalFrame.at(west, south)
        corner = frame.to_degrees([shapely.Point(width, height)])[0]
        found.append(shapely.box(west, south, round(corner.x, 7), round(corner.y, 7)))
    return found


@cache
def feature(layer: str, code: str) -> shapely.Geometry:
    """A feature of a bundled layer, EPSG:4490."""
    features = json.loads((BOUNDARIES / f"{layer}.geojson").read_text(encoding="utf-8"))["features"]
    (found,) = (one["geometry"] for one in features if one["properties"]["code"] == code)
    return shapely.geometry.shape(found)


def beside(
    layer: str, code: str, near: Sequence[float], *, along_m: float, deep_m: float, gap_m: float
) -> shapely.Geometry:
    """A rectangle outside a feature along its straight edge nearest to `near` (lon, lat), at the middle of the edge.

    `gap_m` is left between them; 0 touches, a negative one reaches in. The edge must be longer than `along_m`.
    """
    area, frame = feature(layer, code), LocalFrame.at(*near)
    edge = edge_nearest(area, near)
    length = float(shapely.length(frame.to_metres(edge)[0]))
    if length <= along_m:
        raise SystemExit(f"{code}: the edge is {length:.0f} m long, {along_m} m are wanted")
    # The ends are taken on the edge in degrees, where it is straight: in metres a long one is bent by millimetres.
    ends = [edge.interpolate(0.5 + share * along_m / length, normalized=True) for share in (-0.5, 0.5)]
    first, last = (np.array(point.coords[0]) for point in frame.to_metres(ends))
    way = (last - first) / np.hypot(*(last - first))
    out = np.array([way[1], -way[0]])
    if area.contains(frame.to_degrees(shapely.Point((first + last) / 2 + out))[0]):
        out = -out
    near_side, far_side = out * gap_m, out * (gap_m + deep_m)
    corners = [first + near_side, last + near_side, last + far_side, first + far_side]
    return rounded(frame.to_degrees(shapely.Polygon(corners))[0])


def edge_nearest(area: shapely.Geometry, near: Sequence[float]) -> shapely.Geometry:
    """The straight edge of an area's outline that is nearest to a position, degrees."""
    edges = [
        shapely.LineString(pair)
        for ring in shapely.get_rings(shapely.get_parts(area))
        for pair in pairwise(shapely.get_coordinates(ring))
    ]
    return edges[int(np.argmin(shapely.distance(edges, shapely.Point(near))))]


def around(layer: str, code: str, margin_m: float) -> shapely.Geometry:
    """A box that holds a whole feature with `margin_m` to spare on every side."""
    west, south, east, north = shapely.bounds(feature(layer, code))
    frame = LocalFrame.at((west + east) / 2, (south + north) / 2)
    low, high = frame.to_metres([shapely.Point(west, south), shapely.Point(east, north)])
    held = shapely.box(low.x - margin_m, low.y - margin_m, high.x + margin_m, high.y + margin_m)
    return rounded(shapely.envelope(frame.to_degrees(held)[0]))


def within(layer: str, code: str, wide_m: float, high_m: float) -> shapely.Geometry:
    """A box at the middle of a feature, which holds it."""
    area = feature(layer, code)
    frame = LocalFrame.at(area.centroid.x, area.centroid.y)
    centre = frame.to_metres(area.centroid)[0]
    corners = (centre.x - wide_m / 2, centre.y - high_m / 2, centre.x + wide_m / 2, centre.y + high_m / 2)
    placed = rounded(frame.to_degrees(shapely.box(*corners))[0])
    if not area.contains(placed):
        raise SystemExit(f"{code} does not hold a box of {wide_m} m by {high_m} m at its middle")
    return placed


def rounded(geometry: shapely.Geometry) -> shapely.Geometry:
    return shapely.transform(geometry, lambda xy: xy.round(NINE))


def projected(geometry: shapely.Geometry, crs: str | None) -> shapely.Geometry:
    """Into a Gauss-Krüger zone, centimetres; unchanged without a CRS."""
    if crs is None:
        return geometry
    transformer = pyproj.Transformer.from_crs("EPSG:4490", crs, always_xy=True)
    return shapely.transform(
        geometry, lambda x, y: [v.round(2) for v in transformer.transform(x, y)], interleaved=False
    )


def geojson(project: Mapping[str, Any]) -> bytes:
    crs = project.get("crs")
    features = [
        {
            "type": "Feature",
            "properties": {"地块编号": str(n), "名称": project["title"]["zh"]},
            "geometry": shapely.geometry.mapping(projected(geometry, crs)),
        }
        for n, geometry in enumerate(geometries(project["shape"]), 1)
    ]
    document: dict[str, Any] = {"type": "FeatureCollection", "features": features}
    if crs:
        document["crs"] = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:{crs.replace(':', '::')}"}}
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def shapefile(project: Mapping[str, Any]) -> bytes:
    """A zipped Shapefile as a survey office sends it; in GBK it has no .cpg to say so."""
    shapes = [projected(g, project["crs"]) for g in geometries(project["shape"])]
    table = geopandas.GeoDataFrame(
        {"地块编号": [str(n) for n in range(1, len(shapes) + 1)], "名称": [project["title"]["zh"]] * len(shapes)},
        geometry=shapes,
        crs=project["crs"],
    )
    packed = io.BytesIO()
    with tempfile.TemporaryDirectory() as place, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        table.to_file(Path(place) / "site.shp", encoding=project["encoding"], engine="pyogrio")
        for path in sorted(Path(place).iterdir()):
            if path.suffix == ".cpg" and project["encoding"] == "GBK":
                continue
            content = path.read_bytes()
            if path.suffix == ".dbf":
                content = content[:1] + bytes((124, 6, 30)) + content[4:29] + b"\x00" + content[30:]
            archive.writestr(zipfile.ZipInfo(path.name, (1980, 1, 1, 0, 0, 0)), content)
    return packed.getvalue()


def corner_points(project: Mapping[str, Any]) -> bytes:
    """The corner-point text of a land survey in a 3° zone with zone number: X north, Y east, areas in hectares."""
    lines = ["[属性描述]", "格式版本号=1.01", "坐标系=2000国家大地坐标系", "几度分带=3", "投影类型=高斯克吕格"]
    lines += ["计量单位=米", f"带号={pyproj.CRS(project['crs']).name.split()[-1]}", "精度=0.01", "转换参数=,,,,,,"]
    lines.append("[地块坐标]")
    for n, geometry in enumerate(geometries(project["shape"]), 1):
        shape = projected(geometry, project["crs"])
        corners = shapely.get_coordinates(shape)
        lines.append(f"{len(corners)},{shape.area / 10_000:.4f},{n},{project['title']['zh']},面,,工业用地,,@")
        lines += [f"J{i % (len(corners) - 1) + 1},1,{y:.2f},{x:.2f}" for i, (x, y) in enumerate(corners)]
    return ("\r\n".join(lines) + "\r\n").encode(project["encoding"])


def point_table(project: Mapping[str, Any]) -> bytes:
    """A table of corners in degrees, as a spreadsheet saves it."""
    lines = ["地块编号,名称,点号,经度,纬度"]
    for n, geometry in enumerate(geometries(project["shape"]), 1):
        corners = shapely.get_coordinates(geometry)[:-1]
        lines += [f"{n},{project['title']['zh']},J{i},{x:.7f},{y:.7f}" for i, (x, y) in enumerate(corners, 1)]
    return ("\r\n".join(lines) + "\r\n").encode(project["encoding"])


def wkt(project: Mapping[str, Any]) -> bytes:
    """One geometry a line, each with its SRID."""
    srid = project["crs"].removeprefix("EPSG:")
    shapes = [projected(g, project["crs"]) for g in geometries(project["shape"])]
    return "".join(f"SRID={srid};{shapely.to_wkt(shape, rounding_precision=2)}\n" for shape in shapes).encode()


def geopackage(project: Mapping[str, Any]) -> bytes:
    """A GeoPackage of one layer."""
    shapes = [projected(g, project["crs"]) for g in geometries(project["shape"])]
    table = geopandas.GeoDataFrame(
        {"地块编号": [str(n) for n in range(1, len(shapes) + 1)], "名称": [project["title"]["zh"]] * len(shapes)},
        geometry=shapes,
        crs=project["crs"],
    )
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2024-06-30T00:00:00.000Z"})
    with tempfile.TemporaryDirectory() as place:
        table.to_file(Path(place) / "site.gpkg", layer="选址", driver="GPKG", engine="pyogrio")
        return (Path(place) / "site.gpkg").read_bytes()


def kml(project: Mapping[str, Any]) -> bytes:
    """A KML of one line, as a globe program saves it: longitude, latitude and a height of nought."""
    title = project["title"]["zh"]
    (line,) = geometries(project["shape"])
    positions = " ".join(f"{x!r},{y!r},0" for x, y in shapely.get_coordinates(line).tolist())
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2">\n<Document>\n'
        f"<Placemark><name>{title}</name><LineString><coordinates>{positions}</coordinates></LineString></Placemark>\n"
        "</Document>\n</kml>\n"
    ).encode()


WRITERS = {
    "geojson": geojson, "shapefile": shapefile, "corner points": corner_points, "point table": point_table, "wkt": wkt,
    "geopackage": geopackage, "kml": kml,
}  # fmt: skip


def main() -> None:
    for project in yaml.safe_load((FOLDER / "projects.yaml").read_text(encoding="utf-8"))["projects"]:
        write = WRITERS[project.get("format", "geojson")]
        (FOLDER / project["file"]).write_bytes(write(project))


if __name__ == "__main__":
    main()
