"""Places on the screen: name, what it is, where it lies and how surely, the plan's line; or why it has no position."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from app.cli.screen import Screen
from zoning.bilingual import Bilingual

_MOST_DIVISIONS: Final = 4


def show(data: Mapping[str, Any], screen: Screen) -> None:
    """One page of a search, and how to see the next."""
    zh = screen.lang == "zh"
    for one in data["places"]:
        _place(one, screen)
    if not data["places"]:
        screen.line(screen.pick(_NOTHING))
    if data["next"]:
        screen.line("还有更多，查看下一页：" if zh else "There are more; the next page:")
        screen.command(_again(data))


_NOTHING: Final = Bilingual(
    "没有符合的地点。可只写名称的一部分，或去掉 --kind。",
    "No place matches. Give a part of the name, or leave out --kind.",
)


def _again(data: Mapping[str, Any]) -> str:
    words = [f"'{data['query']}'"] if data["query"] else []
    kind = [f"--kind {data['kind']}"] if data["kind"] else []
    unplaced = ["--unplaced"] if data["placed"] is False else []
    return " ".join(
        ["shanhe places", *words, *kind, *unplaced, f"--limit {len(data['places'])}", f"--after {data['next']}"]
    )


def _place(one: Mapping[str, Any], screen: Screen) -> None:
    zh = screen.lang == "zh"
    name = one["name"]
    title = name["zh"] if zh or not name["en"] else f"{name['en']} {name['zh']}"
    what = screen.pick(one["class_title"] or one["layer_title"])
    screen.line(f"{title}（{what}）" if zh else f"{title} ({what})", style="bold")
    matched = one["matched"]
    if matched and matched["note"]:
        screen.line(screen.pick(matched["note"]), indent=2)
    if one["why"]:
        screen.line(("未能定位：" if zh else "No position: ") + screen.pick(one["why"]), indent=2)
    elif one["position"]:
        screen.line(_where(one, screen), indent=2)
        if one["placing"]:
            screen.line(screen.pick(one["placing"]), indent=2)
    screen.line(_origin(one, screen), indent=2)


def _where(one: Mapping[str, Any], screen: Screen) -> str:
    zh = screen.lang == "zh"
    lon, lat = one["position"]
    names = [d["name"]["zh"] if zh or not d["name"]["en"] else d["name"]["en"] for d in one["divisions"]]
    listed = ("、" if zh else ", ").join(names[:_MOST_DIVISIONS])
    if len(names) > _MOST_DIVISIONS:
        listed += f"等{len(names)}个市县" if zh else f" and {len(names) - _MOST_DIVISIONS} more"
    if one["township"]:
        listed += one["township"] if zh else f" ({one['township']})"
    if one["placing"]:
        radius = f"{one['accuracy_m'] / 1000:.1f} km"
        far = (
            f"位置 {lon:.4f}, {lat:.4f}，误差可达 {radius}" if zh else f"at {lon:.4f}, {lat:.4f}, give or take {radius}"
        )
    else:
        far = f"中部 {lon:.4f}, {lat:.4f}" if zh else f"middle {lon:.4f}, {lat:.4f}"
    if not listed:
        return far
    return f"{listed}；{far}" if zh else f"{listed}; {far}"


def _origin(one: Mapping[str, Any], screen: Screen) -> str:
    zh = screen.lang == "zh"
    parts = []
    for plan in one["plans"]:
        lines = ("、" if zh else ", ").join(map(str, plan["lines"]))
        title = screen.pick(plan["title"])
        word = "line" if len(plan["lines"]) == 1 else "lines"
        parts.append(f"《{title}》文本第 {lines} 行" if zh else f"{title}, {word} {lines} of its text")
    if one["see"]:
        parts.append(("另见 " if zh else "see ") + one["see"])
    parts.append(one["id"])
    return ("；" if zh else "; ").join(parts)
