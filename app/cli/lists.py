"""Lists on the screen: layers, industries, facts, what a load changed, what a verification found."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len

from app.cli.screen import Screen
from zoning.bilingual import Bilingual
from zoning.wording import STATUS

if TYPE_CHECKING:
    from layers.load import Loaded


def table(screen: Screen, titles: list[Bilingual], rows: list[list[str]], stretch: Mapping[int, int]) -> None:
    """A table whose columns are as wide as their content; those in `stretch` share the rest by these weights."""
    heads = [screen.pick(title) for title in titles]
    widths = [max(cell_len(part) for row in [heads, *rows] for part in row[n].split("\n")) for n in range(len(heads))]
    room = screen.width - 2 * len(heads) - sum(w for n, w in enumerate(widths) if n not in stretch)
    for n, weight in stretch.items():
        widths[n] = min(widths[n], max(room * weight // sum(stretch.values()), 12))
    screen.table(heads, rows, widths)


def layers(data: Mapping[str, Any], screen: Screen) -> None:
    zh = screen.lang == "zh"
    screen.line(f"第 {data['release']} 版" if zh else f"Release {data['release']}", style="bold")
    titles = [
        Bilingual("图层", "Layer"), Bilingual("效力", "Status"), Bilingual("精度", "Accuracy"),
        Bilingual("版本", "Version"), Bilingual("要素", "Features"), Bilingual("覆盖", "Coverage"),
    ]  # fmt: skip
    rows = []
    sources: dict[str, list[str]] = {}
    for one in data["layers"]:
        if one["held"]:
            rows.append(
                [
                    f"{screen.pick(one['title'])}\n{one['layer']}",
                    screen.pick(STATUS[one["legal_status"]]),
                    f"{one['accuracy_m']:g} m",
                    str(one["version"]),
                    f"{one['features']:,}",
                    (one["coverage"] or "—").removeprefix("admin:"),
                ]
            )
            sources.setdefault(screen.pick(one["source"]), []).append(one["layer"])
    table(screen, titles, rows, {0: 1})
    screen.heading(Bilingual("来源", "Sources"))
    for source, names in sources.items():
        listed = ("、" if zh else ", ").join(names)
        screen.line(f"{listed}：{source}" if zh else f"{listed}: {source}", indent=2)
    screen.heading(Bilingual("已声明但未持有", "Declared but not held"))
    for one in data["layers"]:
        if not one["held"]:
            why = screen.pick(one["why"]) if one["why"] else "—"
            name = (
                f"{one['layer']}，{screen.pick(one['title'])}："
                if zh
                else f"{one['layer']}, {screen.pick(one['title'])}: "
            )
            screen.line(name + why, indent=2)


def industries(data: Mapping[str, Any], screen: Screen) -> None:
    for one in data["industries"]:
        name = one["name"]["zh"]
        if screen.lang == "en" and one["name"]["en"]:
            name = f"{name} {one['name']['en']}"
        screen.line(f"{one['code']:<6} {name}", hang=7)
    shown, total = len(data["industries"]), data["total"]
    if total > shown or not total:
        zh = f"共 {total} 项，显示 {shown} 项；用 --limit 查看更多。" if total else "没有符合的行业。"
        en = f"{shown} of {total} shown; --limit shows more." if total else "No industry matches."
        screen.line(screen.pick(Bilingual(zh, en)))


def facts(data: Mapping[str, Any], screen: Screen) -> None:
    screen.line(screen.pick(Bilingual("项目资料（--attr 名称=值）", "Facts (--attr name=value)")), style="bold")
    for one in data["attributes"]:
        kind = " | ".join(one["values"]) or " ".join(part for part in (one["type"], one["unit"]) if part)
        screen.line(f"{one['attribute']} ({kind})", indent=2)
        screen.line(screen.pick(one["question"]), indent=4, hang=0)
    screen.heading(Bilingual("建设性质（--activity）", "Activities (--activity)"))
    for one in data["activities"]:
        screen.line(f"{one['activity']:<10} {screen.pick(one['title'])}", indent=2, hang=11)
    screen.heading(
        Bilingual("文件种类（--document kind=…,number=…）", "Kinds of documents (--document kind=…,number=…)")
    )
    for one in data["documents"]:
        screen.line(f"{one['kind']}", indent=2)
        screen.line(f"{screen.pick(one['title'])} ({screen.pick(one['issuer'])})", indent=4, hang=0)


def loaded(found: Loaded, screen: Screen) -> None:
    number = found.release.number
    for notice in found.notices:
        screen.line(screen.pick(notice))
    if not found.changes:
        screen.line(screen.pick(Bilingual(f"第 {number} 版，内容没有变化。", f"Release {number}; nothing changed.")))
        return
    screen.line(
        screen.pick(
            Bilingual(
                f"已发布第 {number} 版，改动 {len(found.changes)} 个图层：",
                f"Release {number} published, {len(found.changes)} layers changed:",
            )
        )
    )
    for layer, change in found.changes.items():
        text = Bilingual(
            f"{layer}：新增 {change.added}，停用 {change.closed}",
            f"{layer}: {change.added} added, {change.closed} closed",
        )
        if not (change.added or change.closed):
            text = Bilingual(f"{layer}：仅目录或覆盖范围有变", f"{layer}: only its entry or coverage")
        screen.line(screen.pick(text), indent=2)


def verification(found: Mapping[str, Any], screen: Screen) -> None:
    screen.line(screen.pick(found["note"]))
    for one in found["differences"]:
        stored, again = (json.dumps(one[key], ensure_ascii=False) for key in ("stored", "recomputed"))
        screen.line(f"{one['path']}: {stored} → {again}", indent=2)
