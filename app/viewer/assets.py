"""The one manifest of browser parts: which files are served, under which address, and what Folium's own lists become."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import folium
import folium.plugins

_FOLDER: Final = Path(__file__).resolve().parent
_TYPES: Final = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}

PACKAGES: Final = {
    "leaflet.js": "node_modules/leaflet/dist/leaflet.js",
    "leaflet.css": "node_modules/leaflet/dist/leaflet.css",
    "protomaps-leaflet.js": "node_modules/protomaps-leaflet/dist/protomaps-leaflet.js",
    "geoman.js": "node_modules/@geoman-io/leaflet-geoman-free/dist/leaflet-geoman.min.js",
    "geoman.css": "node_modules/@geoman-io/leaflet-geoman-free/dist/leaflet-geoman.css",
    "proj4.js": "node_modules/proj4/dist/proj4.js",
}
"""Files of the packages that `package-lock.json` pins, by the name they are served under."""

FOLIUM_JS: Final = ("leaflet.js", "protomaps-leaflet.js")
FOLIUM_CSS: Final = ("leaflet.css", "viewer.css")
"""What stands in Folium's default lists: jQuery, Bootstrap and the icon fonts that it would bring are not used here."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is served: its bytes, the same compressed once, and its type."""

    data: bytes
    packed: bytes
    media_type: str


class MissingParts(RuntimeError):
    """A file of the manifest is not there: the set-up has not fetched the browser parts."""


def _own() -> dict[str, Path]:
    return {path.name: path for path in sorted((_FOLDER / "static").iterdir()) if path.suffix in _TYPES}


@cache
def manifest() -> dict[str, Asset]:
    """Every file that may be served, by name. Raises `MissingParts`."""
    files = {name: _FOLDER / path for name, path in PACKAGES.items()} | _own()
    found = {}
    for name, path in files.items():
        if not path.is_file():
            raise MissingParts(f"browser part {name} is missing: run make setup (looked for {path})")
        data = path.read_bytes()
        found[name] = Asset(data, gzip.compress(data, 9, mtime=0), _TYPES[path.suffix])
    return found


@cache
def version() -> str:
    """What the addresses of all files carry: it changes when a byte of any of them does."""
    digest = hashlib.sha256()
    for name, asset in sorted(manifest().items()):
        digest.update(f"{name}\0{len(asset.data)}\0".encode() + asset.data)
    return digest.hexdigest()[:16]


def address(name: str) -> str:
    """Where a file is served. Raises `KeyError` for a name that is not in the manifest."""
    manifest()[name]
    return f"/viewer/assets/{version()}/{name}"


def find(of_version: str, name: str) -> Asset | None:
    """The file at an address, or None: of another version, or not in the manifest."""
    return manifest().get(name) if of_version == version() else None


@cache
def rewrite_folium() -> None:
    """Put our addresses into Folium's class-level lists, once in a process: every map made here then names only us."""
    folium.Map.default_js = [(name, address(name)) for name in FOLIUM_JS]
    folium.Map.default_css = [(name, address(name)) for name in FOLIUM_CSS]
    folium.plugins.GeoMan.default_js = [("geoman.js", address("geoman.js"))]
    folium.plugins.GeoMan.default_css = [("geoman.css", address("geoman.css"))]
