"""Reads a GeoPackage with GDAL, every other driver left out; runs behind the door only."""

from __future__ import annotations

import math
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

# Left out before GDAL is loaded: it chooses a driver by content, and some of them open other files or addresses.
os.environ["GDAL_SKIP"] = (
    "VRT,OGR_VRT,GTI,GDALG,STACTA,STACIT,HTTP,WMS,WMTS,WCS,WFS,OAPIF,OGCAPI,CSW,EEDA,EEDAI,DAAS,PLMOSAIC,PLSCENES,"
    "Elasticsearch,Carto,AmigoCloud,NGW,GPSBabel,ADBC,PDF,PostgreSQL,MySQL,MongoDBv3,ODBC,MSSQLSpatial,OCI,SQLite,"
    "MBTiles,PMTiles,PCIDSK,PDS4,VICAR,ESRI Shapefile,MapInfo File,LVBAG,S57,DGN,CSV,GML,GPX,LIBKML,KML,GeoJSON,"
    "GeoJSONSeq,ESRIJSON,TopoJSON,OGR_GMT,WAsP,OpenFileGDB,DXF,FlatGeobuf,GeoRSS,VFK,PGDUMP,OSM,OGR_PDS,EDIGEO,Idrisi,"
    "ODS,XLSX,SXF,Selafin,JML,VDV,MVT,MapML,GTFS,JSONFG,MiraMonVector,AVCBin,AVCE00,AIVector,Parquet,Arrow"
)
for _unneeded in ("pandas", "geopandas", "pyarrow", "shapely"):
    sys.modules[_unneeded] = None  # type: ignore[assignment]  # pyogrio would load them and does without

import numpy as np  # noqa: E402
import pyogrio  # noqa: E402
import pyogrio.errors  # noqa: E402
import pyogrio.raw  # noqa: E402

from layers.door.table import Fault, Layer, Row, Table  # noqa: E402
from zoning.bilingual import Bilingual  # noqa: E402

_STRAIGHT = {
    "POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRYCOLLECTION",
}  # fmt: skip


def read(path: Path, limits: SimpleNamespace) -> Table:
    """Every layer that has geometry; triggers are not run and views are read as what they show."""
    try:
        names = [str(name) for name, kind in pyogrio.list_layers(path) if kind is not None]
        layers = tuple(_layer(path, name, limits) for name in names)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.FeatureError) as error:
        raise Fault(
            "file-open-failed", Bilingual("GeoPackage 内容损坏", "the GeoPackage is damaged"), said=type(error).__name__
        ) from error
    return Table(layers, {}, {"drivers": sorted(pyogrio.list_drivers())})


def _layer(path: Path, name: str, limits: SimpleNamespace) -> Layer:
    info = pyogrio.read_info(path, layer=name)
    if (driver := info.get("driver", "GPKG")) != "GPKG":
        raise Fault("format-mismatch", Bilingual(f"内容是 {driver}", f"its content is {driver}"))
    _refuse_curves(path, name, info["geometry_name"] or "geom")
    meta, fids, wkbs, columns = pyogrio.raw.read(
        path, layer=name, return_fids=True, datetime_as_string=True, max_features=limits.features + 1
    )
    if len(wkbs) > limits.features:
        raise Fault("too-many-features", Bilingual("图形", "features"), count=len(wkbs), layer=name)
    fields = [str(field) for field in meta["fields"]]
    rows = tuple(
        Row(int(fids[n]), {f: _plain(column[n]) for f, column in zip(fields, columns, strict=True)}, wkb)
        for n, wkb in enumerate(wkbs)
    )
    return Layer(name, meta["crs"], rows)


def _refuse_curves(path: Path, name: str, column: str) -> None:
    """GDAL would draw arcs as chords without a word."""
    layer, geometry = (f'"{word.replace(chr(34), chr(34) * 2)}"' for word in (name, column))
    statement = f"SELECT DISTINCT ST_GeometryType({geometry}) AS kind FROM {layer}"  # noqa: S608 (quoted identifiers)
    *_, columns = pyogrio.raw.read(path, sql=statement, read_geometry=False)
    kinds = {str(kind).upper().split()[0] for kind in (columns[0] if columns else ()) if kind}
    if curved := sorted(kinds - _STRAIGHT):
        listed = "、".join(curved)
        raise Fault(
            "curve-unsupported",
            Bilingual(f"图层“{name}”含有 {listed}", f"layer “{name}” has {', '.join(curved)}"),
            layer=name,
        )


def _plain(value: Any) -> Any:
    """A value as JSON has it; bytes and what is no number are no value."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, np.ndarray):
        return [_plain(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return None if isinstance(value, bytes) else str(value)
