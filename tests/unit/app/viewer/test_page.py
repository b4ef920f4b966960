"""The page that Folium emits: nothing from another host, a nonce on what runs, no handlers in the markup."""

from __future__ import annotations

import json
import re
from html import escape

import pytest

from app.viewer import strings
from app.viewer.base_map import BaseMap
from app.viewer.body import body
from app.viewer.page import page, policy

HOSTILE = "</script><script>alert(1)</script>\"'&<img src=x onerror=alert(1)>"


def config(lang, **changes):
    return {
        "lang": lang, "strings": strings.texts(lang), "bounds": [[110, 34], [114, 41]], "release": {"number": 1}, **changes,
    }  # fmt: skip


@pytest.fixture(params=["zh", "en"])
def text(request):
    told = config(request.param, layers=[{"title": HOSTILE}])
    return page(told, "n0nce", body(told, "/viewer?lang=en&x=1"))


def test_it_names_no_other_host_and_nothing_of_foliums_own_choice(text):
    assert re.findall(r"https?:|//cdn|jsdelivr|cloudflare", text) == []
    targets = re.findall(r"""\b(?:src|href)=["']([^"']*)["']""", text)
    assert len(targets) > 10
    assert all(target.startswith(("/viewer", "#")) for target in targets)
    for name in ("jquery", "bootstrap", "awesome", "glyphicons"):
        assert name not in text.lower()


def test_every_script_in_the_page_has_the_nonce_and_no_element_has_a_handler(text):
    inline = [tag for tag in re.findall(r"<script[^>]*>", text) if "src=" not in tag and "application/json" not in tag]
    assert inline == ['<script nonce="n0nce">']
    assert not re.search(r"<[a-z][^>]*\son\w+\s*=", text.split('<script type="application/json"', maxsplit=1)[0])
    assert "user-scalable" not in text
    assert "maximum-scale" not in text


def test_what_layers_say_stays_text(text):
    assert HOSTILE not in text
    data = re.search(r'<script type="application/json" id="config">(.*?)</script>', text, re.DOTALL)
    assert data
    assert json.loads(data[1])["layers"] == [{"title": HOSTILE}]


def test_the_markup_around_the_map_escapes_its_texts_and_braces_of_templates():
    said = dict.fromkeys(strings.texts("en"), "<b>&{{ 7*7 }}{% raw %}")
    told = config("en", strings=said)
    text = page(told, "n", body(told, '/"><script>'))
    assert "<b>&" not in text.split('id="config"')[0]
    assert escape("<b>&{{ 7*7 }}{% raw %}") in text
    assert '"><script>' not in text


def test_the_policy_lets_in_the_page_itself_and_a_base_maps_pictures_only():
    assert policy("n", None) == (
        "default-src 'self'; script-src 'self' 'nonce-n'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        "worker-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    base = BaseMap(("https://{s}.tiles.example/{z}/{x}/{y}",), "abc", "", ("https://*.tiles.example",))
    assert "img-src 'self' data: blob: https://*.tiles.example;" in policy("n", base)


def test_tabs_are_announced_and_the_first_thing_in_the_page_is_a_way_past_the_header(text):
    assert text.count('role="tab"') == text.count('role="tabpanel"') == 3
    assert text.index('class="skip" href="#map"') < text.index('<header id="bar"')
    assert text.count('aria-selected="true"') == 1
