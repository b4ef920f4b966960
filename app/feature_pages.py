"""Collections and their features as pages for people: text only, every attribute escaped, a drawing without script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import numpy as np
import shapely

from app.collections import described
from app.links import Links
from app.page import frame
from layers.collection import Collection
from zoning import terms
from zoning.bilingual import Bilingual, Lang

_WORDS: Final[Mapping[str, Bilingual]] = {
    "layers": Bilingual("图层", "Layers"),
    "layers_lead": Bilingual(
        "公开的图层，可用 QGIS、GDAL、ArcGIS 等按 OGC API Features 直接打开。",
        "The public layers; QGIS, GDAL, ArcGIS and others open them directly as OGC API Features.",
    ),
    "layer": Bilingual("图层", "Layer"),
    "features": Bilingual("要素", "Features"),
    "count": Bilingual("要素数", "Features"),
    "status": Bilingual("法律状态", "Legal status"),
    "accuracy": Bilingual("精度（米）", "Accuracy, m"),
    "release": Bilingual("数据版本", "Release"),
    "version": Bilingual("最近更新于版本", "Last changed in release"),
    "form": Bilingual("公开形式", "Public form"),
    "exact": Bilingual("原图形", "exact"),
    "generalised": Bilingual("概化", "generalised"),
    "licence": Bilingual("许可", "Licence"),
    "review_by": Bilingual("应复核日期", "Review by"),
    "extent": Bilingual("范围（经纬度）", "Extent, longitude and latitude"),
    "classes": Bilingual("类别", "Classes"),
    "queryables": Bilingual("可查询的属性", "What can be asked for"),
    "name": Bilingual("名称", "Name"),
    "attribute": Bilingual("属性", "Attribute"),
    "meaning": Bilingual("含义", "Meaning"),
    "code": Bilingual("编码", "Code"),
    "class": Bilingual("类别", "Class"),
    "area": Bilingual("面积（公顷）", "Area, ha"),
    "length": Bilingual("长度（千米）", "Length, km"),
    "type": Bilingual("类型", "Type"),
    "open": Bilingual("查看要素", "See the features"),
    "next": Bilingual("下一页", "Next page"),
    "none": Bilingual("没有符合条件的要素。", "No feature meets the conditions."),
    "matched": Bilingual("共 {n} 个", "{n} in all"),
    "shown": Bilingual("本页 {n} 个", "{n} on this page"),
    "unplaced": Bilingual("位置不明，没有图形。", "Its place is not known; it has no geometry."),
    "data": Bilingual("数据", "Data"),
}
_SIDE: Final = 600.0


@dataclass(frozen=True, slots=True)
class Asked:
    """How a page is asked for: its address, the nonce of its style, the language."""

    links: Links
    path: str
    query: str
    nonce: str
    lang: Lang

    def said(self, key: str, **values: object) -> str:
        return escape(_WORDS[key].format(**values).get(self.lang))

    def here(self, *path: str, **query: str | int) -> str:
        """A link to another page, escaped, in the same language."""
        return escape(self.links.to(*path, **{**query, "lang": self.lang, "f": "html"}).removeprefix(self.links.base))

    def data(self, *path: str, **query: str) -> str:
        return escape(self.links.to(*path, **query).removeprefix(self.links.base))

    def whole(self, title: str, crumbs: Sequence[tuple[str, str]], content: str) -> str:
        trail = " / ".join([f'<a href="{self.here(*path.split("/"))}">{escape(text)}</a>' for text, path in crumbs])
        kept = [
            (name, value) for name, value in parse_qsl(self.query, keep_blank_values=True) if name not in ("lang", "f")
        ]
        switch = f"{self.path}?{urlencode([*kept, ('f', 'html'), ('lang', 'en' if self.lang == 'zh' else 'zh')])}"
        head = f'<p class="crumbs">{trail}</p>\n' if crumbs else ""
        return frame(title, switch, head + content, self.nonce, self.lang)


def _status(status: str, lang: Lang) -> str:
    text = terms.legal_status_title(status).get(lang)
    return f'<span class="badge {escape(status)}">{escape(text)}</span>'


def _facts(pairs: Sequence[tuple[str, str]]) -> str:
    return "<dl>" + "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in pairs if value) + "</dl>"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"


def collections(found: Sequence[Collection], asked: Asked) -> str:
    """The page of all layers."""
    rows = "".join(
        f'<tr><td><a href="{asked.here("collections", one.id)}">{escape(one.title.get(asked.lang))}</a> <code>{escape(one.id)}</code></td>'
        f'<td class="number">{_number(one.feature_count)}</td><td>{_status(one.legal_status, asked.lang)}</td>'
        f'<td class="number spare">{_number(one.accuracy_m)}</td></tr>'
        for one in found
    )
    heads = (("layer", ""), ("count", "number"), ("status", ""), ("accuracy", "number spare"))
    head = "".join(f'<th class="{kind}">{asked.said(key)}</th>' for key, kind in heads)
    content = (
        f'<h1>{asked.said("layers")}</h1>\n<p class="lead">{asked.said("layers_lead")}</p>\n'
        f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>\n'
        f'<p>{asked.said("data")}: <a href="{asked.data("collections", f="json")}"><code>/collections</code></a></p>'
    )
    return asked.whole(_WORDS["layers"].get(asked.lang), (), content)


def collection(one: Collection, asked: Asked) -> str:
    """The page of one layer: what it is, its facts and what can be asked of it."""
    lang = asked.lang
    rows = "".join(
        f"<tr><td><code>{escape(q.name)}</code></td><td>{escape(q.title.get(lang))}</td><td><code>{q.type}</code></td></tr>"
        for q in one.queryables.values()
    )
    head = "".join(f"<th>{asked.said(key)}</th>" for key in ("attribute", "meaning", "type"))
    classes = "，" if lang == "zh" else ", "
    facts = [
        (asked.said("count"), _number(one.feature_count)),
        (asked.said("status"), _status(one.legal_status, lang)),
        (asked.said("accuracy"), _number(one.accuracy_m)),
        (asked.said("form"), asked.said(one.form)),
        (asked.said("release"), str(one.view.number)),
        (asked.said("version"), str(one.version)),
        (asked.said("review_by"), escape(str(one.spec["review_by"] or ""))),
        (asked.said("classes"), escape(classes.join(title[lang] for title in one.spec["classes"].values()))),
        (asked.said("extent"), escape(", ".join(f"{v:.4f}" for v in one.box)) if one.box else ""),
        (asked.said("licence"), escape(one.spec["licence"])),
    ]
    content = (
        f"<h1>{escape(one.title.get(lang))} <small>{escape(one.id)}</small></h1>\n"
        f'<p class="lead">{escape(described(one).get(lang))}</p>\n{_facts(facts)}\n'
        f'<p><a href="{asked.here("collections", one.id, "items")}">{asked.said("open")}</a> · {asked.said("data")}: '
        f'<a href="{asked.data("collections", one.id, f="json")}"><code>json</code></a> '
        f'<a href="{asked.data("collections", one.id, "items", f="json")}"><code>geojson</code></a></p>\n'
        f"<section><h2>{asked.said('queryables')}</h2><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></section>"
    )
    return asked.whole(one.title.get(lang), ((_WORDS["layers"].get(lang), "collections"),), content)


def items(one: Collection, document: Mapping[str, Any], asked: Asked) -> str:
    """A page of features as a table."""
    lang, title = asked.lang, one.title.get(asked.lang)
    measure = {"MultiPolygon": ("area", "area_m2", 1e4), "MultiLineString": ("length", "length_m", 1e3)}.get(
        one.spec["geometry"]
    )
    heads = ["code", "name", "class", "status", *([measure[0]] if measure else [])]
    kinds = {"area": "number", "length": "number", "class": "spare"}
    head = "".join(f'<th class="{kinds.get(key, "")}">{asked.said(key)}</th>' for key in heads)
    rows = "".join(_row(one, feature["properties"], measure, asked) for feature in document["features"])
    counted = asked.said("shown", n=_number(document["numberReturned"]))
    if "numberMatched" in document:
        counted = (
            f"{asked.said('matched', n=_number(document['numberMatched']))}{'，' if lang == 'zh' else ', '}{counted}"
        )
    following = next((link["href"] for link in document["links"] if link["rel"] == "next"), None)
    more = ""
    if following:
        href = f"{following.removeprefix(asked.links.base)}&f=html&lang={lang}"
        more = f'<p><a class="next" href="{escape(href)}">{asked.said("next")} →</a></p>'
    table = (
        f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
        if rows
        else (f"<p>{asked.said('none')}</p>")
    )
    content = f"<h1>{escape(title)} <small>{counted}</small></h1>\n{table}\n{more}"
    crumbs = ((_WORDS["layers"].get(lang), "collections"), (title, f"collections/{one.id}"))
    return asked.whole(title, crumbs, content)


def _row(one: Collection, said: Mapping[str, Any], measure: tuple[str, str, float] | None, asked: Asked) -> str:
    name = said["name_en"] if asked.lang == "en" and said["name_en"] else said["name"]
    title = said[f"class_{asked.lang}"] or said["class"]
    last = f'<td class="number">{said[measure[1]] / measure[2]:,.2f}</td>' if measure else ""
    link = asked.here("collections", one.id, "items", said["code"])
    return (
        f'<tr><td><a href="{link}"><code>{escape(said["code"])}</code></a></td><td>{escape(name)}</td>'
        f'<td class="spare">{escape(title)}</td><td>{_status(said["legal_status"], asked.lang)}</td>{last}</tr>'
    )


def feature(one: Collection, document: Mapping[str, Any], asked: Asked) -> str:
    """One feature: its drawing and all its attributes as text."""
    lang, said = asked.lang, document["properties"]
    titles = {q.name: q.title for q in one.queryables.values()}
    pairs = []
    for name, value in said.items():
        if value is None or name in ("class_zh", "class_en") or (name in ("area_m2", "length_m") and not value):
            continue
        label = titles[name].get(lang) if name in titles else name
        shown = escape(
            _number(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)
        )
        if name == "class" and said[f"class_{lang}"]:
            shown = f"{escape(said[f'class_{lang}'])} <code>{shown}</code>"
        if name == "legal_status":
            shown = _status(str(value), lang)
        pairs.append((escape(label), shown))
    name = said["name_en"] if lang == "en" and said["name_en"] else said["name"]
    path = ("collections", one.id, "items", said["code"])
    content = (
        f"<h1>{escape(name)} <small>{escape(said['code'])}</small></h1>\n{_drawing(document['geometry'], name, asked)}\n"
        f'{_facts(pairs)}\n<p>{asked.said("data")}: <a href="{asked.data(*path, f="json")}"><code>geojson</code></a></p>'
    )
    title = one.title.get(lang)
    crumbs = (
        (_WORDS["layers"].get(lang), "collections"), (title, f"collections/{one.id}"),
        (_WORDS["features"].get(lang), f"collections/{one.id}/items"),
    )  # fmt: skip
    return asked.whole(name, crumbs, content)


def _drawing(geometry: Mapping[str, Any] | None, name: str, asked: Asked) -> str:
    """The shape alone, north up, true to width and height at its middle."""
    if geometry is None:
        return f"<p>{asked.said('unplaced')}</p>"
    shape = shapely.geometry.shape(geometry)
    west, south, east, north = shape.bounds
    if shape.geom_type in ("Point", "MultiPoint") and west == east and south == north:
        return ""
    squeeze = float(np.cos(np.radians((south + north) / 2)))
    scale = _SIDE / max((east - west) * squeeze, north - south, 1e-9)
    drawn = shapely.transform(
        shape, lambda xy: np.column_stack([(xy[:, 0] - west) * squeeze * scale, (north - xy[:, 1]) * scale])
    )
    simple = shapely.simplify(drawn, 0.5)
    shown = drawn if simple.is_empty else simple
    width, height = (east - west) * squeeze * scale, (north - south) * scale
    body = "".join(_path(part) for part in shapely.get_parts(shown))
    return f'<svg class="shape" role="img" aria-label="{escape(name)}" viewBox="-12 -12 {width + 24:.0f} {height + 24:.0f}">{body}</svg>'


def _path(part: shapely.Geometry) -> str:
    if part.geom_type == "Point":
        return f'<circle cx="{part.x:.1f}" cy="{part.y:.1f}" r="4"/>'
    lines = [part] if part.geom_type == "LineString" else [part.exterior, *part.interiors]
    close = "" if part.geom_type == "LineString" else "Z"
    drawn = "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in line.coords) + close for line in lines)
    kind = "line" if part.geom_type == "LineString" else "area"
    return f'<path class="{kind}" d="{drawn}"/>'


def conformance(uris: Sequence[str], asked: Asked) -> str:
    """The page of the standards kept."""
    rows = "".join(f"<li><code>{escape(uri)}</code></li>" for uri in uris)
    title = Bilingual("符合的标准", "Conformance").get(asked.lang)
    return asked.whole(title, (), f'<h1>{escape(title)}</h1>\n<ul class="links">{rows}</ul>')
