"""The HTML of the map page: Folium's map in a frame of ours, with a nonce on every script that stands in the page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from typing import Any, Final

import folium
from branca.element import Element, Figure
from folium.template import Template

from app.viewer import assets
from app.viewer.base_map import BaseMap
from zoning.bilingual import Lang

MODULES: Final = (
    "main.js",
    "layers.js",
    "paint.js",
    "labels.js",
    "layout.js",
    "side.js",
    "state.js",
)
"""Modules that the opening view needs, named in the head so that they are fetched together; the rest comes after the first paint."""


class _Frame(Figure):
    """The document around the map. What Folium would add in its place (jQuery, Bootstrap, a fixed zoom) is left out."""

    _template = Template(
        """<!doctype html>
<html lang="{{ 'zh-CN' if this.lang == 'zh' else 'en' }}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light">
<title>{{ this.title|e }}</title>
<link rel="icon" href="{{ this.icon }}" type="image/svg+xml">
{% for name, child in this.header._children.items() if name not in this.left_out %}{{ child.render(**kwargs) }}{% endfor %}
{% for module in this.modules %}<link rel="modulepreload" href="{{ module }}">
{% endfor %}</head>
<body>
{{ this.html.render(**kwargs) }}
<script nonce="{{ this.nonce }}">
{{ this.script.render(**kwargs) }}
</script>
<script type="application/json" id="config">{{ this.config }}</script>
<script type="module" src="{{ this.main }}"></script>
</body>
</html>
"""
    )

    left_out = ("meta_http", "css_style", "map_style", "global_switches")
    """Elements of the head that Folium adds by name and that the frame and the style sheet have themselves."""

    def __init__(self, *, title: str, lang: Lang, nonce: str, config: str) -> None:
        super().__init__(title=title)
        self.lang = lang
        self.nonce = nonce
        self.config = config
        self.icon = assets.address("icon.svg")
        self.main = assets.address("main.js")
        self.modules = [assets.address(name) for name in MODULES]


class _Markup(Element):
    """Markup as it is: no template, whatever braces are in it."""

    _template = Template("{{ this.text }}")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class _Map(folium.Map):
    """A Folium map whose container is the page's main element."""

    _template = Template(
        """
{% macro header(this, kwargs) %}{% endmacro %}
{% macro html(this, kwargs) %}
<main id="map" tabindex="0" aria-label="{{ this.label }}"></main>
{% endmacro %}
{% macro script(this, kwargs) %}
var map = L.map("map", {
    center: {{ this.location|tojson }},
    crs: L.CRS.{{ this.crs }},
    ...{{ this.options|tojavascript }},
});
{% endmacro %}
"""
    )

    def __init__(self, *, label: str, **options: Any) -> None:
        super().__init__(tiles=None, **options)
        self.label = escape(label).replace("{", "&#123;")  # Folium reads what a map renders as a template once more

    def get_name(self) -> str:
        return "map"


def _json(value: Any) -> str:
    """JSON that may stand inside a script element whatever it holds."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def page(config: Mapping[str, Any], nonce: str, body: str) -> str:
    """The whole document. `body` is the markup around the map (header, side, marks)."""
    assets.rewrite_folium()
    lang: Lang = config["lang"]
    said = config["strings"]
    (west, south), (east, north) = config["bounds"]
    frame = _Frame(title=said["page.title"], lang=lang, nonce=nonce, config=_json(config))
    shown = _Map(
        label=said["page.map"],
        location=[(south + north) / 2, (west + east) / 2],
        zoom_start=7,
        min_zoom=4,
        max_zoom=18,
        zoom_control=False,
        attribution_control=False,
        prefer_canvas=True,
        zoom_animation=True,
        fade_animation=False,
    )
    frame.html.add_child(_Markup(body), name="body")
    frame.add_child(shown)
    return frame.render()


def policy(nonce: str, base_map: BaseMap | None) -> str:
    """The Content-Security-Policy of the page: only this host, and the base map's pictures where one is set."""
    pictures = " ".join(["'self'", "data:", "blob:", *(base_map.hosts if base_map else ())])
    return (
        f"default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; img-src {pictures}; "
        "worker-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
