"""Takes closed outlines of a drawing that lie in another as its holes, where the drawing leaves no doubt of it; it reads no
file."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely

from layers.opened import Opened
from zoning.bilingual import Bilingual
from zoning.errors import BadSite
from zoning.site import RawPart
from zoning.sitefault import Notice

_SHOWN = 10
"""Holes named in the text; `where` lists all."""


def holes_cut(opened: Opened, name: str) -> Opened:
    """The parcels of a drawing, each with the outlines inside it cut out, and the notice of it.

    An outline is a hole when it lies in exactly one other, of the same CAD layer, and nothing lies in it. Outlines that
    share an edge or cross are no holes of each other.

    Raises
    ------
    BadSite
        ``dxf-nesting``: outlines of different layers, or three deep, or in two at once, lie in each other, so that a
        hole cannot be told from an island or from a building drawn on the site.
    """
    areas = [
        n for n, part in enumerate(opened.parts) if part.geometry is not None and part.geometry.geom_type == "Polygon"
    ]
    faces = np.array([opened.parts[n].geometry for n in areas], dtype=object)
    usable = shapely.is_valid(faces)  # one that crosses itself is told so when the site is read
    tree = shapely.STRtree(faces[usable])
    numbers = np.array(areas, dtype=np.int64)[usable]
    around, inside = tree.query(faces[usable], predicate="contains")
    smaller = shapely.area(faces[usable][inside]) < shapely.area(faces[usable][around])
    pairs = [(int(numbers[a]), int(numbers[b])) for a, b in zip(around[smaller], inside[smaller], strict=True)]
    if not pairs:
        return opened
    _require_plain(pairs, opened.parts, name)
    holes: dict[int, list[int]] = {}
    for outer, inner in pairs:
        holes.setdefault(outer, []).append(inner)
    cut = {inner for _, inner in pairs}
    parts = tuple(
        replace(part, geometry=_cut(part, [opened.parts[n] for n in holes.get(number, ())]))
        for number, part in enumerate(opened.parts)
        if number not in cut
    )
    return Opened(parts, opened.crs, (*opened.notices, _notice(pairs, name)))


def _cut(part: RawPart, inner: list[RawPart]) -> shapely.Geometry | None:
    if not inner or part.geometry is None:
        return part.geometry
    rings = [shapely.get_exterior_ring(one.geometry) for one in inner]
    return shapely.orient_polygons(shapely.polygons(shapely.get_exterior_ring(part.geometry), holes=rings))


def _require_plain(pairs: list[tuple[int, int]], parts: tuple[RawPart, ...], name: str) -> None:
    outers = {outer for outer, _ in pairs}
    seen: set[int] = set()
    for outer, inner in pairs:
        layers = [str(parts[n].properties.get("layer", "")) for n in (outer, inner)]
        if inner in outers or inner in seen:
            why = Bilingual("又套着别的或同时在两个里面", "itself holds or is held by more than one")
        elif layers[0] != layers[1]:
            why = Bilingual(
                f"在另一图层“{layers[1]}”（外面的在“{layers[0]}”）",
                f"is on another layer, “{layers[1]}” and not “{layers[0]}”",
            )
        else:
            seen.add(inner)
            continue
        text = Bilingual(
            "DXF“{f}”第 {a} 个闭合图形里套着第 {b} 个，后者{why}，无法判断是挖空、建筑还是重复。"
            "请用 --layer 或 layer 参数指定选址边界所在的图层，或只保留边界后重新导出。",
            "DXF “{f}”: outline {b} lies in outline {a} and {why}: a hole, a building or a repeat? Name the layer of the "
            "site's boundary with --layer or the layer parameter, or keep the boundary only and export it again.",
        )
        raise BadSite(
            "dxf-nesting",
            text.format(f=name, a=parts[outer].feature, b=parts[inner].feature, why=why),
            file=name, feature=parts[inner].feature, inside=parts[outer].feature, layers=sorted(set(layers)),
        )  # fmt: skip


def _notice(pairs: list[tuple[int, int]], name: str) -> Notice:
    zh = "、".join(f"第 {b + 1} 个（在第 {a + 1} 个内）" for a, b in pairs[:_SHOWN])
    en = ", ".join(f"{b + 1} (in {a + 1})" for a, b in pairs[:_SHOWN])
    if len(pairs) > _SHOWN:
        zh, en = f"{zh}等，共 {len(pairs)} 个", f"{en} and so on, {len(pairs)} in all"
    text = Bilingual(
        f"闭合图形 {zh}按内环挖除，不计入选址。请核对。",
        f"Closed outlines {en} were cut out as holes and are no part of the site. Please check.",
    )
    where = {"file": name, "holes": [{"outline": b + 1, "inside": a + 1} for a, b in pairs]}
    return Notice("holes-by-containment", text, where)
