"""What a user is told when a site is mended or refused: the texts, in both languages; it judges no geometry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from zoning.bilingual import Bilingual
from zoning.crs import SourceCRS
from zoning.errors import BadSite
from zoning.rings import BrokenRingsError, RingFault


@dataclass(frozen=True, slots=True)
class Notice:
    """Something assumed or chosen in reading a site: a stable type, the text, and the place."""

    type: str
    text: Bilingual
    where: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Repair:
    """Something mended in one feature. The areas are the feature's ellipsoidal areas, m²; 0 for lines and points."""

    type: str
    text: Bilingual
    where: Mapping[str, Any]
    area_before_m2: float
    area_after_m2: float


_MENDED: dict[str, Bilingual] = {
    "ring-unclosed": Bilingual(
        "{place}首尾点不重合（相差 {amount}），已连回起点。",
        "{place} was not closed (gap {amount}); it was closed to its first point.",
    ),
    "ring-order": Bilingual("{place}方向与规定相反，已调转。", "{place} ran the wrong way round and was turned."),
    "repeated-points": Bilingual(
        "{place}有 {amount} 个连续重复点，已去掉。", "{place} had {amount} repeated points, removed."
    ),
    "self-touch": Bilingual(
        "{place}在 {at} 处自相接触（不交叉），已整理成规范多边形。",
        "{place} touched itself at {at} without crossing; it was written as a valid polygon.",
    ),
    "parts-merged": Bilingual(
        "{place}的几个部分在 {at} 处共边，已合并。", "Parts of {place} shared an edge at {at} and were merged."
    ),
}

_REFUSED: dict[str, Bilingual] = {
    "self-crossing": Bilingual(
        "{place}的边界自相交叉，交叉点 {at}。请核对拐点次序后重新提交。",
        "The boundary of {place} crosses itself at {at}. Check the order of its corner points.",
    ),
    "parts-overlap": Bilingual("{place}的两个部分互相重叠，位于 {at}。", "Two parts of {place} overlap at {at}."),
    "hole-outside": Bilingual(
        "{place}的内环在外环之外，位于 {at}。", "A hole of {place} lies outside its shell at {at}."
    ),
    "nested-holes": Bilingual("{place}的内环套着内环，位于 {at}。", "A hole of {place} lies in another hole at {at}."),
    "nested-shells": Bilingual(
        "{place}的一个外环套在另一个外环里，位于 {at}：无法判断是挖空还是重复。若是挖空，请作为内环提交。",
        "A shell of {place} lies in another shell at {at}: a hole or a repeat? If a hole, give it as one.",
    ),
    "spike": Bilingual(
        "{place}有一段没有宽度的折返（尖刺），端点 {at}。请删除该点或更正坐标。",
        "{place} has a spike without width, its tip at {at}. Remove that point or correct it.",
    ),
    "too-many-touches": Bilingual(
        "{place}自相接触的地方过多（如 {at}），请先整理图形。",
        "{place} touches itself in too many places, as at {at}; clean it first.",
    ),
    "zero-area": Bilingual("{place}没有面积，位于 {at}。", "{place} has no area, at {at}."),
    "zero-length": Bilingual("{place}没有长度，位于 {at}。", "{place} has no length, at {at}."),
    "too-few-points": Bilingual(
        "{place}不同的点少于三个，位于 {at}。", "{place} has fewer than three different points, at {at}."
    ),
    "not-finite": Bilingual(
        "{place}有不是数字的坐标（NaN 或无穷）。", "{place} has a coordinate that is not a number (NaN or infinite)."
    ),
}


def refusal(error: BrokenRingsError, source: SourceCRS | None, where: Mapping[str, Any]) -> BadSite:
    """The error ``site-<type>`` for geometry that cannot be taken, with the place in lon/lat and as given."""
    at, extra = _at(error.coordinate, source)
    if error.crossings is not None and source is not None and len(error.crossings):
        lonlat = source.to_lonlat(error.crossings)
        extra["crossings"] = np.round(lonlat, 9).tolist()
        extra["crossings_complete"] = error.complete
    text = _REFUSED[error.type].format(place=place_of({**where, "ring": error.ring}), at=at)
    return BadSite(f"site-{error.type}", text, **{**where, "ring": error.ring, **extra})


def repair_of(
    fault: RingFault, source: SourceCRS, where: Mapping[str, Any], before_m2: float, after_m2: float
) -> Repair:
    """The record of a mended fault."""
    at, extra = _at(fault.coordinate, source)
    amount = Bilingual(f"{fault.amount:g}", f"{fault.amount:g}")
    if fault.type == "ring-unclosed":
        amount = Bilingual(f"{fault.amount:.3g} 米", f"{fault.amount:.3g} m")
        if source.geographic:
            amount = Bilingual(f"{fault.amount:.3g}°", f"{fault.amount:.3g}°")
    place = {**where, "ring": fault.ring}
    text = _MENDED[fault.type].format(place=place_of(place), at=at, amount=amount)
    known = {k: v for k, v in {**place, **extra}.items() if v is not None}
    return Repair(fault.type, text, known, before_m2, after_m2)


def too_large(what: Bilingual, count: int, most: int, where: Mapping[str, Any] | None = None) -> BadSite:
    """The error ``site-too-large``: more of something than is taken."""
    text = Bilingual("{place}：{what}有 {count}，最多 {most}。", "{place}: {count} {what}, at most {most} are taken.")
    place = place_of(where or {})
    return BadSite(
        "site-too-large", text.format(place=place, what=what, count=count, most=most), value=count, **(where or {})
    )


FEATURES = Bilingual("图形个数", "features")
VERTICES = Bilingual("顶点个数", "vertices")
NEIGHBOURS = Bilingual("两两相接或重叠的地块对数", "pairs of parcels that touch or overlap")


def place_of(where: Mapping[str, Any]) -> Bilingual:
    """As “file x, feature 2, ring 1” in both languages; “the site” when nothing is known."""
    zh, en = [], []
    if where.get("file"):
        zh.append(f"文件“{where['file']}”")
        en.append(f"file “{where['file']}”")
    if where.get("feature"):
        zh.append(f"第 {where['feature']} 个图形")
        en.append(f"feature {where['feature']}")
    if where.get("ring"):
        zh.append(f"第 {where['ring']} 环")
        en.append(f"ring {where['ring']}")
    return Bilingual("".join(zh) or "选址", ", ".join(en) or "the site")


def _at(coordinate: tuple[float, float] | None, source: SourceCRS | None) -> tuple[Bilingual, dict[str, Any]]:
    if coordinate is None:
        return Bilingual("（位置不明）", "an unknown place"), {}
    x, y = coordinate
    if source is None:
        return Bilingual(f"({x:.9g}, {y:.9g})", f"({x:.9g}, {y:.9g})"), {"source_coordinate": [x, y]}
    lon, lat = (float(v) for v in source.to_lonlat([coordinate])[0])
    text = f"{lon:.9f}°E {lat:.9f}°N"
    extra: dict[str, Any] = {"coordinate": [round(lon, 9), round(lat, 9)], "source_coordinate": [x, y]}
    if source.geographic:
        return Bilingual(text, text), extra
    return Bilingual(f"{text}（x={x:.4f}，y={y:.4f}）", f"{text} (x={x:.4f}, y={y:.4f})"), extra
