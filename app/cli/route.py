"""A line site on the screen: where chainage counts from, lengths by layer, stretches and crossings; it measures nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from app.cli.finding import called
from app.cli.screen import Screen
from zoning.bilingual import Bilingual

MOST: Final = 6
"""Stretches or crossings of one feature that are printed; the number left out is said, and JSON has all."""
_KIND: Final = {
    "inside": Bilingual("", ""),
    "along": Bilingual("沿边界", "along the boundary"),
    "abreast": Bilingual("带状范围触及", "met by the corridor"),
}
_AXIS: Final = {
    "site": Bilingual("线路长度（沿线各图层）", "Lengths along the line"),
    "axis": Bilingual("轴线长度（沿线各图层）", "Lengths along the axis"),
}


def lengths(route: Mapping[str, Any], screen: Screen) -> None:
    """Print where chainage counts from, and for every layer how much of the line is inside and outside."""
    pick, zh = screen.pick, screen.lang == "zh"
    screen.heading(_AXIS[route["of"]])
    screen.line(pick(route["counted_from"]), indent=2)
    for leg in route["legs"] if len(route["legs"]) > 1 else ():
        lon, lat = leg["start"]
        screen.line(f"{_leg(leg, screen)}: {leg['from']}–{leg['to']}（{lon:.6f}, {lat:.6f}）" if zh
                    else f"{_leg(leg, screen)}: {leg['from']}–{leg['to']} (from {lon:.6f}, {lat:.6f})", indent=4)  # fmt: skip
    if route["twice_m"]:
        twice = f"{route['twice_m']:,.2f} m"
        screen.line(f"有 {twice} 与线路自身或另一地块重合，按所绘各计一次。" if zh
                    else f"{twice} lie on the line itself or on another parcel's; each is counted as drawn.", indent=2)  # fmt: skip
    missed = [layer for layer in route["layers"] if not layer["features"]]
    for layer in route["layers"]:
        if layer["features"]:
            _layer(layer, route, screen)
    if missed:
        names = ("、" if zh else ", ").join(pick(layer["title"]) for layer in missed)
        screen.line(f"- 未涉及：{names}" if zh else f"- none of it in: {names}", indent=2)


def _layer(layer: Mapping[str, Any], route: Mapping[str, Any], screen: Screen) -> None:
    zh, title = screen.lang == "zh", screen.pick(layer["title"])
    inside, outside, whole = (f"{v:,.2f}" for v in (layer["inside_m"], layer["outside_m"], route["length_m"]))
    text = (
        f"{title}：内 {inside} m + 外 {outside} m = {whole} m"
        if zh
        else f"{title}: {inside} m inside + {outside} m outside = {whole} m"
    )
    if not any(feature["stretches"] for feature in layer["features"]):
        text = f"{title}：只在下列桩号相遇" if zh else f"{title}: met only at"
    if layer["along_m"]:
        along = f"{layer['along_m']:,.2f} m"
        text += f"（其中 {along} 沿边界）" if zh else f" ({along} of it along a boundary)"
    screen.line(f"- {text}", indent=2)
    for feature in layer["features"]:
        size = f"{feature['length_m']:,.2f} m"
        name = called(feature, screen)
        words = [f"{name}{'：' if zh else ': '}{size}"] if feature["stretches"] else [name]
        words += shown([stretch(s, screen) for s in feature["stretches"]], screen)
        if not feature["stretches"]:
            words += shown([crossing(c, screen) for c in feature["crossings"]], screen)
        if feature["accuracy_m"] and not layer["full_cover"]:
            words.append(f"图层精度 ±{feature['accuracy_m']:g} m" if zh else f"good to ±{feature['accuracy_m']:g} m")
        if feature["shared_with"]:
            others = ("、" if zh else ", ").join(feature["shared_with"])
            counted = layer["full_cover"]
            words.append(
                _shared(feature, others, screen)
                if counted
                else (f"边界与 {others} 共用" if zh else f"on a boundary shared with {others}")
            )
        screen.line(("，" if zh else ", ").join(words), indent=4)


def _shared(feature: Mapping[str, Any], others: str, screen: Screen) -> str:
    along = f"{feature['along_m']:,.2f} m"
    if screen.lang == "zh":
        return f"其中 {along} 沿与 {others} 的共用边界，只计入代码在前的一方"
    return f"{along} of its stretches lie on the boundary shared with {others} and count for the first code only"


def shown(texts: Sequence[str], screen: Screen) -> list[str]:
    """At most `MOST` of several texts, and how many more there are."""
    more = len(texts) - MOST
    if more <= 0:
        return list(texts)
    return [*texts[:MOST], f"另有 {more} 处（见 --json）" if screen.lang == "zh" else f"and {more} more (see --json)"]


def _leg(one: Mapping[str, Any], screen: Screen) -> str:
    zh = screen.lang == "zh"
    words = [] if one["parcel"] is None else [f"地块 {one['parcel']}" if zh else f"parcel {one['parcel']}"]
    if one["part"] is not None:
        words.append(f"第 {one['part']} 段" if zh else f"part {one['part']}")
    return (" " if zh else ", ").join(words)


def stretch(one: Mapping[str, Any], screen: Screen) -> str:
    """`K0+932.23–K3+711.09`, with its part of the line where there are several, and how it lies where not simply inside."""
    kind = screen.pick(_KIND[one.get("kind", "inside")])
    part = (
        f"{'第 ' if screen.lang == 'zh' else 'part '}{one['part']}{' 段' if screen.lang == 'zh' else ''} "
        if one.get("part")
        else ""
    )
    return f"{part}{one['from']}–{one['to']}" + _bracketed(kind, screen)


def _bracketed(text: str, screen: Screen) -> str:
    if not text:
        return ""
    return f"（{text}）" if screen.lang == "zh" else f" ({text})"


def crossing(one: Mapping[str, Any], screen: Screen) -> str:
    """`enters at K0+932.23 (112.450000, 35.664000), 76.2°`."""
    part = (
        f"{'第 ' if screen.lang == 'zh' else 'part '}{one['part']}{' 段 ' if screen.lang == 'zh' else ' '}"
        if one["part"]
        else ""
    )
    at = f"{part}{one['at']} ({one['lon']:.6f}, {one['lat']:.6f})"
    angle = "" if one["angle_deg"] is None else f" ∠{one['angle_deg']:.1f}°"
    text = screen.pick(one["text"])
    return f"{at} {text}{angle}" if screen.lang == "zh" else f"{text} at {at}{angle}"
