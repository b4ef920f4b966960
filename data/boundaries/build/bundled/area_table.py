"""A table of the bundled areas beside the figures that the plans print, and of printed figures that contradict each other."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import shapely

from zoning.measure import ellipsoidal_area


def _areas(folder: Path, layer: str) -> dict[str, float]:
    features = json.loads((folder / f"{layer}.geojson").read_text(encoding="utf-8"))["features"]
    geometries = [shapely.from_geojson(json.dumps(feature["geometry"])) for feature in features]
    areas = ellipsoidal_area(np.asarray(geometries, dtype=object)) / 1e6
    return {feature["properties"]["code"]: float(area) for feature, area in zip(features, areas, strict=True)}


def _of(areas: dict[str, float], county: str) -> float:
    return sum(area for code, area in areas.items() if county in code)


def text(folder: Path) -> str:
    """The table as lines of text; areas are ellipsoidal on CGCS2000, km²."""
    county, city, province = (_areas(folder, layer) for layer in ("county", "city", "province"))
    red, farmland = _areas(folder, "redline"), _areas(folder, "permanent_basic_farmland")
    flagged = json.loads((folder / "county.geojson").read_text(encoding="utf-8"))["features"]
    yellow = sum(county[f["properties"]["code"]] for f in flagged if f["properties"]["yellow_river"])
    whole = province["140000"]
    rows = [
        ("绛县面积 km²", "jiang-county:34", 993.49, county["140826"]),
        ("沁水县面积 km²", "qinshui-county:267", 2676.6, county["140521"]),
        ("临汾市面积 km² (14374 / 70.9 %)", "linfen-city:101", 14374 / 0.709, city["141000"]),
        ("黄河流域86县占全省 %", "shanxi-province:55", 73.1, 100 * yellow / whole),
        ("绛县生态保护红线 km²", "jiang-county:235", 387.97, _of(red, "140826")),
        ("全省生态保护红线占比 %", "—", 21.95, 100 * sum(red.values()) / whole),
        ("稷山县永久基本农田 km²", "jishan-county:58", 277.85, _of(farmland, "140824")),
    ]
    lines = [f"{'figure':<34}{'plan line':<22}{'printed':>12}{'here':>14}{'difference':>12}"]
    for name, source, printed, here in rows:
        lines.append(f"{name:<34}{source:<22}{printed:>12.3f}{here:>14.6f}{100 * (here / printed - 1):>11.3f}%")
    lines += [
        "",
        "Printed figures that contradict each other:",
        f"- jiang-county:235 says 387.97 km² is 39.66 %, but 387.97 / 993.49 = {38797 / 993.49:.2f} %.",
        f"- jiang-county:50-66: the five landform areas add up to {551.3 + 49.5 + 256 + 77.2 + 62:.1f} km², not 993.49.",
        "- jiang-county:34 prints longitudes 110°24′–110°28′; the county lies at 111°22′–111°54′.",
        f"- qinshui-county:263 says 2421.9 km² is 91.2 % of the county, so the county is {2421.9 / 0.912:.1f} km², not 2676.6.",
        "- qinshui-county:257 says the county is about 150 km from east to west, but its longitudes span 52′, about 78 km.",
    ]
    return "\n".join(lines)
