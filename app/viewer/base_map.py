"""The base map that a deployment may set: an XYZ address or a 天地图 key. Maps in GCJ-02 or BD-09 are refused. It fetches nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from layers.settings import Settings
from zoning.bilingual import Bilingual
from zoning.errors import BadInput

_SHIFTED: Final = {
    "autonavi.com": "GCJ-02", "amap.com": "GCJ-02", "gaode.com": "GCJ-02", "google.cn": "GCJ-02", "qq.com": "GCJ-02",
    "gtimg.com": "GCJ-02", "tencent.com": "GCJ-02", "baidu.com": "BD-09", "bdimg.com": "BD-09", "bcebos.com": "BD-09",
    "geoq.cn": "GCJ-02", "mapabc.com": "GCJ-02",
}  # fmt: skip
"""Hosts whose tiles are shifted by hundreds of metres, with the datum they are in."""

_TIANDITU: Final = "https://t{s}.tianditu.gov.cn/DataServer?T=%s_w&x={x}&y={y}&l={z}&tk=%s"
_HOST: Final = re.compile(r"[\w-]*\*[\w-]*(?:\.[\w-]+){2,}|[\w-]+(?:\.[\w-]+)*")
"""A host, of which the first label may be one of several."""
_KEY: Final = re.compile(r"[0-9a-zA-Z]{8,64}")


class BadBaseMap(BadInput):
    """The base map that is set cannot be used; the service does not start."""


@dataclass(frozen=True, slots=True)
class BaseMap:
    """Tile addresses drawn beneath everything, the hosts they come from, and who made them."""

    urls: tuple[str, ...]
    subdomains: str
    attribution: str
    hosts: tuple[str, ...]
    max_zoom: int = 18

    def as_json(self) -> dict[str, Any]:
        return {
            "urls": list(self.urls),
            "subdomains": self.subdomains,
            "attribution": self.attribution,
            "max_zoom": self.max_zoom,
        }


def _bad(zh: str, en: str, value: str) -> BadBaseMap:
    return BadBaseMap("base-map-refused", Bilingual(zh, en), field="SHANHE_BASE_MAP", value=value)


def _host(url: str) -> str:
    """The origin of a tile address for the page's policy. Raises `BadBaseMap`."""
    try:
        parts = urlsplit(url)
        name, port = parts.hostname or "", parts.port
    except ValueError:
        parts, name, port = urlsplit(""), "", None
    plain = name.replace("{s}", "*")
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(plain):
        raise _bad(
            f"底图地址应以 http:// 或 https:// 开头并写明主机：{url}",
            f"A base map's address starts with http:// or https:// and a host: {url}",
            url,
        )
    if not all(mark in url for mark in ("{z}", "{x}", "{y}")) or re.search(r"[\s'\"<>;,\\]", url):
        raise _bad(
            f"底图地址须含 {{z}}、{{x}}、{{y}}，不含空格和引号：{url}",
            f"A base map's address has {{z}}, {{x}} and {{y}} and no spaces or quotes: {url}",
            url,
        )
    for shifted, datum in _SHIFTED.items():
        if name == shifted or name.endswith(f".{shifted}"):
            raise _bad(
                f"底图 {name} 为 {datum} 坐标，与 CGCS2000 图层相差数百米，不能使用；请改用天地图或其他 CGCS2000/WGS 84 底图。",
                f"The base map {name} is in {datum}, hundreds of metres off CGCS2000, and is refused; use 天地图 or another map in "
                "CGCS2000 or WGS 84.",
                url,
            )
    labels = plain.split(".")
    wild = "*." + ".".join(labels[1:]) if "*" in labels[0] else plain
    return f"{parts.scheme}://{wild}{f':{port}' if port else ''}"


def base_map(chosen: Settings) -> BaseMap | None:
    """The base map of the settings, or None: then the page has its own relief and boundaries. Raises `BadBaseMap`."""
    if chosen.base_map and chosen.tianditu_key:
        raise _bad(
            "SHANHE_BASE_MAP 与 SHANHE_TIANDITU_KEY 只设一个。",
            "Set only one of SHANHE_BASE_MAP and SHANHE_TIANDITU_KEY.",
            chosen.base_map,
        )
    if chosen.tianditu_key:
        key = chosen.tianditu_key.get_secret_value()
        if not _KEY.fullmatch(key):
            raise _bad("SHANHE_TIANDITU_KEY 应为字母和数字。", "SHANHE_TIANDITU_KEY is letters and digits.", "…")
        urls = tuple(_TIANDITU % (layer, key) for layer in ("vec", "cva"))
        return BaseMap(urls, "01234567", "天地图", ("https://*.tianditu.gov.cn",))
    if chosen.base_map:
        host = _host(chosen.base_map)
        return BaseMap((chosen.base_map,), "abc", chosen.base_map_attribution or "", (host,))
    return None
