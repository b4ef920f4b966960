"""Writes the site files of the sample projects from `projects.yaml`: GeoJSON, and zipped Shapefiles in a Gauss-Krüger zone.

Run it from the checkout: `.venv/bin/python data/projects/build.py`. The same input gives the same bytes.
"""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas
import pyproj
import shapely
import yaml

from zoning.frame import LocalFrame

FOLDER = Path(__file__).resolve().parent


def geometries(shape: Mapping[str, Any]) -> list[shapely.Geometry]:
    """The parcels of a sample site, EPSG:4490."""
    if "line" in shape:
        return [shapely.LineString(shape["line"])]
    found = []
    for west, south, width, height in shape["boxes"]:
        frame = LocalFrame.at(west, south)
        corner = frame.to_degrees([shapely.Point(width, height)])[0]
        found.append(shapely.box(west, south, round(corner.x, 7), round(corner.y, 7)))
    return found


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


def main() -> None:
    for project in yaml.safe_load((FOLDER / "projects.yaml").read_text(encoding="utf-8"))["projects"]:
        write = shapefile if project.get("format") == "shapefile" else geojson
        (FOLDER / project["file"]).write_bytes(write(project))


if __name__ == "__main__":
    main()
