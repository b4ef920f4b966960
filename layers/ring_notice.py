"""The notices of what was made of loose rings: which were closed, and which were taken as holes."""

from __future__ import annotations

from collections.abc import Sequence

from zoning.bilingual import Bilingual
from zoning.sitefault import Notice

_SHOWN = 5
"""Parcels named in the text; `where` lists all."""


def ring_notices(roles: Sequence[tuple[str, tuple[int, ...], tuple[int, ...]]], filename: str) -> tuple[Notice, ...]:
    """`roles` holds the name of every parcel, its rings taken as holes, and its rings without a repeated first point."""
    holes = [(name, rings) for name, rings, _ in roles if rings]
    unclosed = [(name, rings) for name, _, rings in roles if rings]
    found: list[Notice] = []
    if holes:
        zh, en = _listed(holes)
        text = Bilingual(
            f"内环按包含关系判定（不按环号）：{zh}，其范围已从地块中挖除。",
            f"Holes were told by containment, not by ring number: {en}; they were cut out of their parcels.",
        )
        found.append(Notice("holes-by-containment", text, {"file": filename, "rings": _where(holes)}))
    if unclosed:
        zh, en = _listed(unclosed)
        text = Bilingual(f"末点未重复首点，已连回起点：{zh}。", f"Rings were closed to their first point: {en}.")
        found.append(Notice("ring-closed", text, {"file": filename, "rings": _where(unclosed)}))
    return tuple(found)


def _listed(rings: Sequence[tuple[str, tuple[int, ...]]]) -> tuple[str, str]:
    zh = [f"地块“{name}”第 {'、'.join(map(str, numbers[:_SHOWN]))} 环" for name, numbers in rings[:_SHOWN]]
    en = [f"parcel “{name}” ring {', '.join(map(str, numbers[:_SHOWN]))}" for name, numbers in rings[:_SHOWN]]
    total = sum(len(numbers) for _, numbers in rings)
    if len(rings) > _SHOWN or any(len(numbers) > _SHOWN for _, numbers in rings):
        zh.append(f"等，共 {total} 环")
        en.append(f"and so on, {total} rings in all")
    return "、".join(zh).replace("、等，", "等，"), ", ".join(en)


def _where(rings: Sequence[tuple[str, tuple[int, ...]]]) -> list[dict[str, object]]:
    return [{"parcel": name, "rings": list(numbers)} for name, numbers in rings]
