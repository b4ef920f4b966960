"""A control unit on the screen: what it is, both areas, the access list by level and dimension, and the layers it overlaps; and in
a check the answers to the list, clause by clause."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from app.cli.screen import Screen
from zoning import terms
from zoning.bilingual import Bilingual
from zoning.terms import AccessLevel, ClauseAnswer, Dimension
from zoning.wording import STATUS, share

_MOST: Final = 5
"""Features of one layer named on the screen."""


def _named(name: Mapping[str, Any], screen: Screen) -> str:
    return str(name["zh"] if screen.lang == "zh" or not name["en"] else name["en"])


def _pair(label: str, text: str, screen: Screen) -> str:
    return f"{label}：{text}" if screen.lang == "zh" else f"{label}: {text}"


def show(unit: Mapping[str, Any], screen: Screen) -> None:
    """Print a unit's document (`app.units.one`)."""
    pick, zh = screen.pick, screen.lang == "zh"
    screen.line(f"{unit['code']} {_named(unit['name'], screen)}", style="bold")
    if unit["notice"]:
        screen.line(pick(unit["notice"]))
    said = [pick(unit["class_title"])] if unit["class_title"] else []
    said += [_named(unit["divisions"][d]["name"], screen) for d in ("city", "county") if d in unit["divisions"]]
    screen.line(("，" if zh else ", ").join([*said, pick(STATUS[unit["legal_status"]])]))
    ha, gk = unit["area_m2"] / 10_000, unit["area_gk_m2"] / 10_000
    meridian = unit["gk_central_meridian"]
    screen.line(_pair("椭球面积（CGCS2000）" if zh else "Ellipsoidal area (CGCS2000)", f"{ha:,.2f} ha", screen))
    screen.line(
        _pair("高斯-克吕格投影面积" if zh else "Gauss-Krüger projected area", f"{gk:,.2f} ha ({meridian}°E)", screen)
    )
    screen.line(_pair("数据版本" if zh else "Release", f"{unit['release']} ({unit['release_date']})", screen))
    screen.line(_pair("来源" if zh else "Source", unit["source"], screen))
    screen.heading(Bilingual("生态环境准入清单", "Access list"))
    for level in unit["clauses"]:
        for dimension in Dimension:
            for clause in level["dimensions"][dimension.value]:
                screen.line(f"- {_heading(clause, screen)}{_colon(screen)}{pick(clause['text'])}", indent=2)
                screen.line(_origin(clause, screen), indent=4)
        if level["note"]:
            screen.line(f"- {pick(level['note'])}", indent=2)
    screen.heading(Bilingual("重叠的要素图层", "Layers it overlaps, by element"))
    screen.line(pick(unit["elements_note"]), indent=2)
    for element in unit["elements"]:
        if element["note"]:
            screen.line(f"- {_pair(pick(element['title']), pick(element['note']), screen)}", indent=2)
        for layer in element["layers"]:
            _overlay(pick(element["title"]), layer, screen)


def _overlay(element: str, layer: Mapping[str, Any], screen: Screen) -> None:
    zh = screen.lang == "zh"
    if layer["area_m2"] is None:
        size = "—"
    elif layer["features_total"]:
        size = f"{layer['area_m2'] / 10_000:,.2f} ha, {share(layer['share_of_unit'])}"
    else:
        size = "未见重叠" if zh else "no overlap found"
    screen.line(f"- {element} · {_pair(screen.pick(layer['title']), size, screen)}", indent=2)
    if layer["note"]:
        screen.line(screen.pick(layer["note"]), indent=4)
    for one in layer["features"][:_MOST]:
        screen.line(f"{one['code']} {_named(one['name'], screen)} {one['area_m2'] / 10_000:,.2f} ha", indent=4)
    if (more := layer["features_total"] - _MOST) > 0:
        screen.line(f"另有 {more} 个，见 --json。" if zh else f"and {more} more; see --json.", indent=4)


def _colon(screen: Screen) -> str:
    return "：" if screen.lang == "zh" else ": "


def _heading(clause: Mapping[str, Any], screen: Screen) -> str:
    level = screen.pick(terms.label(AccessLevel(clause["level"])))
    return f"{level} · {screen.pick(terms.label(Dimension(clause['dimension'])))}"


def _origin(clause: Mapping[str, Any], screen: Screen) -> str:
    status = screen.pick(STATUS[clause["legal_status"]])
    return f"[{clause['clause']}] {screen.pick(clause['source']['label'])} ({status})"


def answers(check: Mapping[str, Any], screen: Screen) -> None:
    """The access list's answers in a check's details, for each unit met: what does not conform first."""
    for unit in check.get("clauses", ()):
        title = f"{unit['code']} {_named(unit['name'], screen)}"
        screen.heading(Bilingual(f"准入清单逐条核对：{title}", f"Access list, clause by clause: {title}"))
        for note in unit["notes"]:
            screen.line(screen.pick(note), indent=2)
        every = [clause for dimension in Dimension for clause in unit["dimensions"][dimension.value]]
        for kind in ClauseAnswer:
            for clause in every:
                if clause["answer"] == kind.value:
                    said = f"{screen.pick(clause['answer_text'])} · {_heading(clause, screen)}"
                    screen.line(f"- {said}{_colon(screen)}{screen.pick(clause['text'])}", indent=2)
                    screen.line(screen.pick(clause["reason"]), indent=4)
                    screen.line(_origin(clause, screen), indent=4)
