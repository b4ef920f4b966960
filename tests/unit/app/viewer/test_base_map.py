"""A deployment's base map: an XYZ address or a key, never one in a shifted datum, and never a way round the page's policy."""

from __future__ import annotations

import pytest

from app.http import create_app
from app.viewer.base_map import BadBaseMap, base_map
from layers.settings import Settings, settings

KEY = "0123456789abcdef0123456789abcdef"


def chosen(**values):
    return Settings(**values)


def test_without_a_setting_there_is_none():
    assert base_map(chosen()) is None


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://tiles.example.org/{z}/{x}/{y}.png", "https://tiles.example.org"),
        ("https://{s}.tiles.example.org/{z}/{x}/{y}.png", "https://*.tiles.example.org"),
        ("https://t{s}.tiles.example.org/{z}/{x}/{y}.png?key=1", "https://*.tiles.example.org"),
        ("http://10.0.0.7:8080/base/{z}/{y}/{x}", "http://10.0.0.7:8080"),
    ],
)
def test_an_xyz_address_is_taken_and_only_its_host_let_in(url, host):
    made = base_map(chosen(base_map=url, base_map_attribution="© Example"))
    assert made is not None
    assert made.hosts == (host,)
    assert made.as_json() == {"urls": [url], "subdomains": "abc", "attribution": "© Example", "max_zoom": 18}


def test_a_key_of_tianditu_gives_its_map_and_its_names():
    made = base_map(chosen(tianditu_key=KEY))
    assert made is not None
    assert [("vec_w" in url, "cva_w" in url) for url in made.urls] == [(True, False), (False, True)]
    assert made.hosts == ("https://*.tianditu.gov.cn",)
    assert all(KEY in url for url in made.urls)
    assert KEY not in repr(chosen(tianditu_key=KEY))


@pytest.mark.parametrize(
    ("url", "datum"),
    [
        ("https://webrd0{s}.is.autonavi.com/appmaptile?x={x}&y={y}&z={z}", "GCJ-02"),
        ("https://wprd01.is.autonavi.com/appmaptile?x={x}&y={y}&z={z}", "GCJ-02"),
        ("http://mt{s}.google.cn/vt/lyrs=m&x={x}&y={y}&z={z}", "GCJ-02"),
        ("http://MT1.GOOGLE.CN/vt?x={x}&y={y}&z={z}", "GCJ-02"),
        ("https://rt{s}.map.gtimg.com/tile?z={z}&x={x}&y={y}", "GCJ-02"),
        ("https://maponline{s}.bdimg.com/tile/?x={x}&y={y}&z={z}", "BD-09"),
        ("https://{s}.map.baidu.com/tile/?x={x}&y={y}&z={z}", "BD-09"),
        ("https://amap.com/{z}/{x}/{y}", "GCJ-02"),
    ],
)
def test_maps_in_a_shifted_datum_are_refused_by_name(url, datum):
    with pytest.raises(BadBaseMap) as caught:
        base_map(chosen(base_map=url))
    assert caught.value.type == "base-map-refused"
    assert datum in caught.value.text("zh")
    assert datum in caught.value.text("en")


def test_a_host_that_only_ends_alike_is_not_taken_for_one_of_them():
    assert base_map(chosen(base_map="https://notamap.com/{z}/{x}/{y}")) is not None


@pytest.mark.parametrize(
    "url",
    [
        "ftp://tiles.example.org/{z}/{x}/{y}", "/tiles/{z}/{x}/{y}", "https://tiles.example.org/{z}/{x}.png",
        "https://tiles.example.org/{z}/{x}/{y}; script-src *", "https://a b/{z}/{x}/{y}", "javascript:{z}{x}{y}",
        "https://tiles.example.org/{z}/{x}/{y}'", "https://*/{z}/{x}/{y}", "https://{s}/{z}/{x}/{y}", "https://[::1/{z}/{x}/{y}",
    ],
)  # fmt: skip
def test_an_address_that_is_none_or_would_open_the_policy_is_refused(url):
    with pytest.raises(BadBaseMap):
        base_map(chosen(base_map=url))


def test_both_settings_or_a_key_that_is_none_are_refused():
    for values in ({"base_map": "https://a.example/{z}/{x}/{y}", "tianditu_key": KEY}, {"tianditu_key": "a&b=c"}):
        with pytest.raises(BadBaseMap):
            base_map(chosen(**values))


def test_the_service_does_not_start_with_a_base_map_that_is_refused(monkeypatch):
    monkeypatch.setenv("SHANHE_BASE_MAP", "https://webrd01.is.autonavi.com/appmaptile?x={x}&y={y}&z={z}")
    settings.cache_clear()
    try:
        with pytest.raises(BadBaseMap, match="GCJ-02"):
            create_app()
    finally:
        monkeypatch.undo()
        settings.cache_clear()
