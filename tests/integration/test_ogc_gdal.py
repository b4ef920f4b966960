"""GDAL's own client reads every collection of the running service and counts and places the same features as the database."""

from __future__ import annotations

import json
import shutil
import subprocess

import numpy as np
import pyogrio
import pytest
import shapely
import sqlalchemy as sa

from tests.serving import Served

PROGRAM = shutil.which("ogrinfo")
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="GDAL's programs are not installed")


@pytest.fixture(scope="module")
def stored(bundled_db: sa.Engine) -> dict[str, list[tuple[str, shapely.Geometry]]]:
    """Codes and geometries by layer."""
    with bundled_db.connect() as connection:
        text = "select layer, code, ST_AsBinary(geom) from feature where releases @> 1 order by layer, code"
        found: dict[str, list[tuple[str, shapely.Geometry]]] = {}
        for layer, code, wkb in connection.execute(sa.text(text)):
            found.setdefault(layer, []).append((code, shapely.from_wkb(bytes(wkb))))
    return found


def ogrinfo(*asked: str) -> str:
    done = subprocess.run(
        [PROGRAM or "ogrinfo", "-ro", *asked], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert "ERROR" not in done.stderr, done.stderr
    return done.stdout


def test_gdal_lists_every_collection(service: Served, stored):
    listed = ogrinfo("-q", f"OAPIF:{service.url}/")
    assert {line.split()[1] for line in listed.splitlines()} == set(stored)


def test_gdal_counts_what_the_database_does_across_pages(service: Served, stored):
    for layer, features in stored.items():
        for size in ("7", "1000"):
            text = f'select count(*) as n from "{layer}"'
            if size == "7" and len(features) > 120:
                continue
            said = ogrinfo(f"OAPIF:{service.url}/", "-oo", f"PAGE_SIZE={size}", "-dialect", "SQLITE", "-sql", text)
            assert f"n (Integer) = {len(features)}\n" in said, (layer, size)


@pytest.mark.parametrize("crs", [None, "EPSG:4490", "EPSG:4546", "EPSG:4526"])
def test_a_newer_gdal_places_features_where_the_database_does(service: Served, stored, crs):
    options = {} if crs is None else {"CRS": crs}
    for layer in ("county", "river", "plan_place", "redline"):
        read = pyogrio.read_dataframe(f"OAPIF:{service.url}/", layer=layer, **options)
        assert list(read["code"]) == [code for code, _ in stored[layer]]
        if crs is not None:
            assert read.crs.to_epsg() == int(crs[5:])
        lonlat = read.geometry.to_crs(4490) if crs and crs != "EPSG:4490" else read.geometry
        for given, (code, true) in zip(lonlat, stored[layer], strict=True):
            if true.is_empty:
                assert given is None or given.is_empty
            else:
                off = np.abs(shapely.get_coordinates(given) - shapely.get_coordinates(true)).max()
                assert off < (1e-9 if crs in (None, "EPSG:4490") else 2e-9), (layer, code)


def test_gdal_filters_by_place_and_attribute(service: Served, bundled_db):
    box = ["111.2", "35.3", "112.1", "36.2"]
    said = json.loads(ogrinfo("-json", "-spat", *box, f"OAPIF:{service.url}/", "county")) if _has_json() else None
    with bundled_db.connect() as connection:
        text = """select count(*) from feature where layer = 'county' and releases @> 1
                  and ST_Intersects(geom, ST_MakeEnvelope(111.2, 35.3, 112.1, 36.2, 4490))"""
        expected = connection.execute(sa.text(text)).scalar_one()
    if said is not None:
        assert said["layers"][0]["featureCount"] == expected
    read = pyogrio.read_dataframe(f"OAPIF:{service.url}/", layer="county", bbox=tuple(map(float, box)))
    assert len(read) == expected
    one = pyogrio.read_dataframe(f"OAPIF:{service.url}/", layer="county", where="name = '绛县'")
    assert list(one["code"]) == ["140826"]


def _has_json() -> bool:
    said = subprocess.run([PROGRAM or "ogrinfo", "--help"], capture_output=True, text=True, check=False)
    return "-json" in said.stdout + said.stderr


def test_numbers_are_read_as_real_numbers(service: Served):
    kinds = dict(zip(*_fields(service, "county"), strict=True))
    assert kinds["area_m2"] == kinds["accuracy_m"] == kinds["length_m"] == "float64"
    assert kinds["yellow_river"] == "bool"


def _fields(service: Served, layer: str) -> tuple[list[str], list[str]]:
    info = pyogrio.read_info(f"OAPIF:{service.url}/", layer=layer)
    return list(info["fields"]), list(info["dtypes"])
