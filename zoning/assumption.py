"""The notices of what was assumed in reading a site, so that nothing is chosen behind the user's back."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from zoning.bilingual import Bilingual
from zoning.crs import SourceCRS
from zoning.sitefault import Notice

_FAR_FROM_MERIDIAN = 2.0
"""Degrees; a 3° zone reaches 1.5° from its meridian."""


def of_crs(source: SourceCRS, lonlat: npt.NDArray[np.float64], *, stated: bool, by_prefix: bool) -> list[Notice]:
    """What was assumed about the CRS of coordinates that lie in the region."""
    found: list[Notice] = []
    where: dict[str, Any] = {"crs": source.label}
    if by_prefix:
        text = Bilingual(
            "未注明坐标系，按东坐标带号 {prefix} 取 {label}，并假定基准为 CGCS2000。若是西安80或北京54成果，"
            "请勿使用本结果。",
            "No CRS was stated; {label} was chosen from the zone number {prefix} of the eastings and the datum "
            "taken as CGCS2000. "
            "Do not use the result if the survey is on Xi'an 80 or Beijing 54.",
        )
        found.append(Notice("zone-chosen", text.format(prefix=source.prefix, label=source.label), where))
    elif not stated:
        text = Bilingual(
            "未注明坐标系，按 CGCS2000 经纬度（EPSG:4490）读取；WGS 84 与其相差不到 1 米。"
            "取自互联网地图的坐标（GCJ-02、BD-09）不适用。",
            "No CRS was stated; read as CGCS2000 longitude and latitude (EPSG:4490), which WGS 84 equals to "
            "under a metre. Coordinates "
            "taken from Chinese web maps (GCJ-02, BD-09) must not be given so.",
        )
        found.append(Notice("crs-assumed", text, where))
    if source.datum == "wgs84":
        text = Bilingual(
            "{label} 的基准是 WGS 84，按与 CGCS2000 相同处理（相差不到 1 米），坐标未作基准转换。",
            "{label} is on WGS 84, taken as the same frame as CGCS2000 (under a metre); no datum was changed.",
        )
        found.append(Notice("datum-taken-as-cgcs2000", text.format(label=source.label), where))
    if source.label == "EPSG:3857":
        text = Bilingual(
            "坐标为网络墨卡托（EPSG:3857），多取自网络地图，请确认底图没有偏移。",
            "The coordinates are Web Mercator (EPSG:3857), usually drawn on a web map; make sure that its base "
            "map is not shifted.",
        )
        found.append(Notice("web-mercator", text, where))
    if source.meridian is not None:
        away = float(np.abs(lonlat[:, 0] - source.meridian).max())
        if away > _FAR_FROM_MERIDIAN and "UTM" not in source.crs.name:
            text = Bilingual(
                "选址离 {label} 的中央子午线 {away}°，超出 3° 带的范围，请核对分带。",
                "The site lies {away}° from the central meridian of {label}, beyond a 3° zone; check the zone.",
            )
            found.append(Notice("far-from-meridian", text.format(label=source.label, away=f"{away:.2f}"), where))
    return found


def vertices_inserted(count: int, source: SourceCRS) -> Notice:
    text = Bilingual(
        "为使长边在 {label} 平面上保持直线（偏差不超过 1 毫米），插入了 {count} 个点；原有拐点未动。",
        "{count} vertices were inserted so that long edges stay straight in the plane of {label} (within 1 mm); "
        "given corners did not move.",
    )
    return Notice("vertices-inserted", text.format(label=source.label, count=count), {"count": count})


def line_direction(line: shapely.Geometry) -> Notice:
    lon, lat = (float(v) for v in shapely.get_coordinates(line)[0])
    text = Bilingual(
        "线路桩号从 {lon}°E {lat}°N 起算，与绘制方向相反（统一取一个方向，使同一线路得到同一结果）。",
        "Distances along the line start at {lon}°E {lat}°N, against the direction drawn (one direction for one "
        "answer).",
    )
    return Notice("line-direction", text.format(lon=f"{lon:.6f}", lat=f"{lat:.6f}"), {"coordinate": [lon, lat]})


def widened(half_width_m: float, dimension: int) -> Notice:
    text = Bilingual("点按半径 {w} 米化为圆面。", "Points were taken as discs of radius {w} m.")
    if dimension == 1:
        text = Bilingual(
            "线按每侧 {w} 米化为带状面，两端为圆头。", "Lines were widened by {w} m on either side, with round ends."
        )
    return Notice("half-width", text.format(w=f"{half_width_m:g}"), {"half_width_m": half_width_m})


def parcels_overlap(overlap_m2: float, pairs: list[tuple[int, int]]) -> Notice:
    """`pairs` are 1-based features."""
    zh = "、".join(f"{a}与{b}" for a, b in pairs)
    en = ", ".join(f"{a} and {b}" for a, b in pairs)
    text = Bilingual(
        f"地块互相重叠：图形 {zh}，重叠 {overlap_m2:.2f} 平方米；按合并后的范围核查，重叠部分只计一次。",
        f"Parcels overlap: features {en}, {overlap_m2:.2f} m²; their union is checked and counts once.",
    )
    return Notice("parcels-overlap", text, {"overlap_m2": overlap_m2, "features": [list(pair) for pair in pairs]})


def renumbered() -> Notice:
    text = Bilingual(
        "地块编号有缺失或重复，已按文件次序重新编号。",
        "Parcel numbers were missing or repeated; parcels are numbered in file order.",
    )
    return Notice("parcels-renumbered", text)


def heights_dropped() -> Notice:
    return Notice(
        "heights-dropped",
        Bilingual("高程或测量值未使用，只取平面坐标。", "Heights or measures were dropped; only the plane is used."),
    )
