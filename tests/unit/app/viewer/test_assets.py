"""One manifest says what the map page loads: pinned, whole, from this service alone."""

from __future__ import annotations

import gzip
import json
import re

import folium
import folium.plugins
import pytest

from app.viewer import assets
from layers.settings import CHECKOUT

FOLDER = CHECKOUT / "app" / "viewer"


def test_every_file_of_the_manifest_is_there_and_its_compressed_form_is_the_same_file():
    for name, asset in assets.manifest().items():
        assert gzip.decompress(asset.packed) == asset.data, name
        assert len(asset.packed) <= len(asset.data) + 32


def test_every_package_file_is_of_a_package_that_the_lock_pins_and_the_lock_names_no_address():
    lock = json.loads((FOLDER / "package-lock.json").read_text(encoding="utf-8"))
    assert not any("resolved" in one for one in lock["packages"].values())
    for path in assets.PACKAGES.values():
        package = re.match(r"node_modules/(?:@[\w-]+/)?[\w.-]+", path)
        assert package
        pinned = lock["packages"][package[0]]
        assert pinned["integrity"].startswith("sha512-")
        held = json.loads((FOLDER / package[0] / "package.json").read_text(encoding="utf-8"))
        assert held["version"] == pinned["version"]


def test_an_address_of_another_version_or_outside_the_manifest_leads_nowhere():
    assert assets.find(assets.version(), "main.js") is assets.manifest()["main.js"]
    assert assets.find("0" * 16, "main.js") is None
    for name in ("../assets.py", "assets.py", "package.json", "", "strings/page.yaml"):
        assert assets.find(assets.version(), name) is None
        with pytest.raises(KeyError):
            assets.address(name)


def test_a_missing_part_is_named_with_what_to_do(monkeypatch):
    monkeypatch.setitem(assets.PACKAGES, "gone.js", "node_modules/gone/gone.js")
    with pytest.raises(assets.MissingParts, match=r"gone\.js.*make setup"):
        assets.manifest.__wrapped__()


def test_folium_names_only_us_after_its_lists_are_rewritten():
    assets.rewrite_folium()
    listed = [
        *folium.Map.default_js, *folium.Map.default_css, *folium.plugins.GeoMan.default_js, *folium.plugins.GeoMan.default_css,
    ]  # fmt: skip
    assert len(listed) > 4
    assert all(url.startswith(f"/viewer/assets/{assets.version()}/") for _, url in listed)


def test_our_own_scripts_name_no_host_and_put_no_text_into_markup():
    for path in (FOLDER / "static").glob("*.js"):
        text = path.read_text(encoding="utf-8")
        hosts = set(re.findall(r"https?://[\w.:-]+", text)) - {"http://www.w3.org"}
        assert hosts == set(), path.name
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|bindPopup|bindTooltip\((?!words\()",
            text,
        ), path.name


def test_every_module_that_a_script_imports_is_in_the_manifest():
    for path in (FOLDER / "static").glob("*.js"):
        text = path.read_text(encoding="utf-8")
        for name in re.findall(r"""(?:from|import\()\s*["'`]\./([\w.-]+)["'`]""", text):
            assert name in assets.manifest(), (path.name, name)
