"""Vector tiles of public layers at their versions, as Mapbox Vector Tile bytes, and TileJSON. It keeps and compresses nothing."""

from __future__ import annotations

import gzip
import logging
import math
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from html import escape
from pathlib import Path
from typing import Any, Final

import psycopg
import sqlalchemy as sa
from psycopg import sql

from layers import drawing, public_form, pyramid, tile_grids
from layers.database import driver, driver_queries
from layers.public_form import Form
from layers.pyramid import Pyramid
from layers.release import Release, unknown_release
from layers.settings import settings
from layers.tile_grids import Box, Place
from layers.visibility import GRID, geometry_sql
from zoning.bilingual import Bilingual
from zoning.errors import NotFound

_SQL = driver_queries("tiles")
_HELD: Final[Mapping[str, sql.Composable]] = {
    "exact": sql.SQL(_SQL["exact"]),
    "generalised": sql.SQL(_SQL["generalised"]).format(geometry=geometry_sql("generalised"), reach=sql.Literal(GRID)),
}
_TILE: Final = {form: sql.SQL(_SQL["tile"]).format(held=held).as_bytes() for form, held in _HELD.items()}

MEDIA_TYPE: Final = "application/vnd.mapbox-vector-tile"
MARGIN: Final = 64 / 4096
"""What a tile draws beyond its edge, as a share of its side: more than simplifying may move a line."""

_LEVEL: Final = 5
"""Of gzip: beyond it tiles hardly get smaller."""

FIELDS: Final[Mapping[str, str]] = {
    "code": "String", "name": "String", "name_en": "String", "class": "String", "legal_status": "String",
    "small": "Boolean",
}  # fmt: skip
"""The attributes of features in a tile, whose id is `feature.id`. `small` is there, and true, on a point or line that stands for
a part too small or narrow to be drawn as it is; the feature's other parts may be a second feature of the same id."""

_log = logging.getLogger("shanhe")

_DEMONSTRATION: Final = Bilingual(
    "示意数据，仅供演示，不作依据", "Illustrative, for demonstration only, not to rely on"
)


@dataclass(frozen=True, slots=True)
class TileLayer:
    """One version of a public layer, as tiles show it. Zooms are those of the catalogue entry, both ends included."""

    id: str
    version: int
    releases: tuple[tuple[int, int | None], ...]
    title: Bilingual
    legal_status: str
    form: Form
    zoom: tuple[int, int]
    source: Bilingual
    pyramid: Pyramid | None = None

    def drawn_at(self, z: int) -> bool:
        return self.zoom[0] <= z <= self.zoom[1]


@dataclass(frozen=True, slots=True)
class Shown:
    """All versions of all layers that anybody may see, as they stood when `newest` was the newest release."""

    newest: int
    layers: Mapping[str, Mapping[int, TileLayer]]

    def at(self, release: int | None = None) -> dict[str, TileLayer]:
        """The layers of a release, in display order; of the newest when none is given. Raises `NotFound`."""
        number = self.newest if release is None else release
        if not 1 <= number <= self.newest:
            error = unknown_release(number, self.newest)
            raise NotFound(error.type, error.message, **error.where)
        return {
            id: layer
            for id, versions in self.layers.items()
            for layer in versions.values()
            if any(start <= number and (end is None or number < end) for start, end in layer.releases)
        }

    def layers_now(self) -> list[TileLayer]:
        """The layers of the newest release; none when nothing is published."""
        return list(self.at().values()) if self.newest else []

    def pick(self, ids: Sequence[str], release: int | None = None) -> list[TileLayer]:
        """These layers as a release has them. Raises `NotFound` ``layer-unknown`` for one it does not have."""
        held = self.at(release)
        for id in ids:
            if id not in held:
                raise unknown_layer(id, held)
        return [held[id] for id in ids]

    def version(self, id: str, version: int) -> TileLayer:
        """One version of a layer. Raises `NotFound` ``layer-unknown`` or ``layer-version-unknown``."""
        versions = self.layers.get(id)
        if versions is None:
            raise unknown_layer(id, self.layers)
        if version not in versions:
            known = ", ".join(map(str, versions))
            raise NotFound(
                "layer-version-unknown",
                Bilingual(
                    f"图层 {id} 没有版本 {version}。现有：{known}。",
                    f"Layer {id} has no version {version}. Held: {known}.",
                ),
                layer=id,
                value=version,
            )
        return versions[version]


def unknown_layer(id: str, held: Mapping[str, object]) -> NotFound:
    """The error for a layer that is not held, or that the public may not see: the two look alike."""
    known = ", ".join(held) or "—"
    return NotFound(
        "map-layer-unknown",
        Bilingual(f"没有图层 {id}。可用：{known}。", f"There is no layer {id}. Known: {known}."),
        layer=id,
    )


def newest(source: sa.Engine | sa.Connection) -> int:
    """The number of the newest release; 0 when none is published. Raises `Unavailable`."""
    with driver(source) as connection:
        row = connection.execute(_SQL["newest"]).fetchone()
    return int(row[0]) if row else 0


def shown(source: sa.Engine | sa.Connection) -> Shown:
    """What may be drawn. A layer that is no longer public is not shown in its older versions either. Raises `Unavailable`."""
    with driver(source) as connection:
        number = connection.execute(_SQL["newest"]).fetchone()
        rows = connection.execute(_SQL["versions"]).fetchall()
    latest: dict[str, tuple[bool, int, Mapping[str, Any]]] = {}
    for layer, version, _, _, _, _, is_open, spec, *_ in rows:
        latest[layer] = max(latest.get(layer, (False, 0, {})), (is_open, version, spec), key=lambda one: one[:2])
    found: dict[str, dict[int, TileLayer]] = {}
    for layer, version, releases, zh, en, status, _, spec, *cut in rows:
        own = public_form.form(spec)
        forms = {own, public_form.form(latest[layer][2])}
        if "hidden" in forms:
            continue
        found.setdefault(layer, {})[version] = TileLayer(
            id=layer,
            version=version,
            releases=tuple((span.lower or 1, span.upper) for span in releases),
            title=Bilingual(zh, en),
            legal_status=status,
            form=(form := "generalised" if "generalised" in forms else "exact"),
            zoom=(spec["zoom"][0], spec["zoom"][1]),
            source=Bilingual.of(spec["source"]),
            # Tiles that were cut in another form may show more than is public now.
            pyramid=Pyramid(*cut) if cut[0] is not None and form == own else None,
        )
    return Shown(int(number[0]) if number else 0, found)


def versions_at(source: sa.Engine | sa.Connection, release: Release | None = None) -> dict[str, int]:
    """The version of each public layer at a release (the newest if none is given), in display order. Raises `NotFound`."""
    held = shown(source).at(release.number if release else None)
    return {id: layer.version for id, layer in held.items()}


def tile(source: sa.Engine | sa.Connection, layers: Sequence[TileLayer], place: Place) -> bytes | None:
    """One tile with these layers, those left out whose zoom range is elsewhere; None when nothing lies in it.

    Parameters
    ----------
    layers
        From `Shown.pick` or `Shown.version`; each becomes a layer of the tile, named by its id.
    place
        Matrix set, level, column and row.

    Raises
    ------
    NotFound
        ``tile-matrix-set-unknown``, or ``tile-outside`` when the set has no such tile or no layer is drawn at that level.
    Unavailable
        The database did not answer.
    """
    parts = _parts(source, layers, place)
    return b"".join(gzip.decompress(part) if packed else part for part, packed in parts) or None


def packed_tile(source: sa.Engine | sa.Connection, layers: Sequence[TileLayer], place: Place) -> bytes:
    """The same as one gzip member, and empty when nothing lies in the tile.

    Several members in a row would save work, but browsers stop reading at the end of the first.
    """
    parts = _parts(source, layers, place)
    if len(parts) == 1 and parts[0][1]:
        return parts[0][0]
    return pack(b"".join(gzip.decompress(part) if packed else part for part, packed in parts))


def pack(tile: bytes) -> bytes:
    """A tile compressed: the same bytes for the same tile."""
    return gzip.compress(tile, compresslevel=_LEVEL, mtime=0) if tile else b""


def _parts(source: sa.Engine | sa.Connection, layers: Sequence[TileLayer], place: Place) -> list[tuple[bytes, bool]]:
    """Each layer's bytes where it has any, and whether they are compressed."""
    where = tile_grids.box(place)
    drawn = [layer for layer in layers if layer.drawn_at(place.z)]
    if not drawn:
        raise tile_grids.outside(place)
    found: dict[str, tuple[bytes, bool]] = {}
    for layer in drawn:
        if layer.pyramid and layer.pyramid.holds(place):
            held = pyramid.read(settings().tiles, layer.pyramid, place)
            if held is not None:
                found[layer.id] = held, True
    if left := [layer for layer in drawn if layer.id not in found]:
        with driver(source) as connection:
            found |= {layer.id: (_part(connection, layer, place, where), False) for layer in left}
    return [found[layer.id] for layer in drawn if found[layer.id][0]]


def cut_pyramids(connection: sa.Connection, folder: Path, made: list[Path]) -> None:
    """Cut the pyramids of the newest release that are not there yet, inside the transaction that publishes it.

    Others see them when it is committed; when it is not, the caller removes the files that stand in `made`. A disk that is
    full or may not be written costs the files only, and is logged: the next load tries again.
    """
    for layer in shown(connection).layers_now():
        if layer.pyramid and (not layer.pyramid.file or (folder / layer.pyramid.file).exists()):
            continue
        order = pyramid.Order(f"{layer.id}-{layer.version}", layer.zoom, _first(connection, layer), _metadata(layer))
        with driver(connection) as own, _preparing(own):
            try:
                done = pyramid.cut(folder, order, partial(_drawn_at, own, layer), pack)
            except (OSError, sqlite3.Error) as error:
                _log.warning("no tiles are cut for %s, they are drawn when asked for: %s", layer.id, error)
                continue
            if done.file:
                made.append(folder / done.file)
            values = {"layer": layer.id, "version": layer.version, "file": done.file}
            own.execute(_SQL["put_pyramid"], {**values, "lowest": done.lowest, "highest": done.highest})


@contextmanager
def _preparing(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Plans the tile's statement once for all tiles."""
    before, connection.prepare_threshold = connection.prepare_threshold, 1
    try:
        yield
    finally:
        connection.prepare_threshold = before


def _first(connection: sa.Connection, layer: TileLayer) -> frozenset[tuple[int, int]]:
    boxes = _extents(connection, [layer])
    found = tile_grids.grid(tile_grids.WEB_MERCATOR).tiles(*boxes[0], zooms=[layer.zoom[0]]) if boxes else ()
    return frozenset((tile.x, tile.y) for tile in found)


def _metadata(layer: TileLayer) -> dict[str, Any]:
    return {
        "name": layer.id,
        "version": str(layer.version),
        "type": "overlay",
        "attribution": layer.source.en,
        "json": {"vector_layers": [{"id": layer.id, "fields": dict(FIELDS)}]},
    }


def _drawn_at(connection: psycopg.Connection[Any], layer: TileLayer, place: Place) -> bytes:
    return _part(connection, layer, place, tile_grids.box(place))


def _part(connection: psycopg.Connection[Any], layer: TileLayer, place: Place, where: Box) -> bytes:
    left, bottom, right, top = where
    west, south, east, north = tile_grids.mercator(place.tms, _widened(where))
    band = drawing.band_of(place.z)
    values = {
        "left": left, "bottom": bottom, "right": right, "top": top, "srid": tile_grids.SRIDS[place.tms],
        "west": west, "south": south, "east": east, "north": north,
        "pixel": max(drawing.pixel_m(place.z), drawing.pixel_m(band) if layer.form == "exact" else 0),
        "layer": layer.id, "version": layer.version, "band": band,
    }  # fmt: skip
    row = connection.execute(_TILE[layer.form], values).fetchone()
    return bytes(row[0]) if row and row[0] else b""


def _widened(where: Box) -> Box:
    left, bottom, right, top = where
    margin = (right - left) * MARGIN
    return left - margin, bottom - margin, right + margin, top + margin


def _extents(source: sa.Engine | sa.Connection, layers: Sequence[TileLayer]) -> list[Box]:
    """The box of each layer that has one, in degrees; of a generalised one, out to the grid of what may be seen."""
    found: list[Box] = []
    with driver(source) as connection:
        for layer in layers:
            asked = {"layer": layer.id, "version": layer.version, "band": drawing.BANDS[-1]}
            row = connection.execute(_SQL["extent"], asked).fetchone()
            if row and row[0] is not None:
                found.append(_to_grid(row) if layer.form == "generalised" else (row[0], row[1], row[2], row[3]))
    return found


def _to_grid(box: Sequence[float]) -> Box:
    left, bottom = (math.floor(one / GRID) * GRID for one in box[:2])
    right, top = (math.ceil(one / GRID) * GRID for one in box[2:])
    return round(left, 9), round(bottom, 9), round(right, 9), round(top, 9)


def _around(boxes: Sequence[Box]) -> list[float]:
    if not boxes:
        return [-180.0, -85.0, 180.0, 85.0]
    left, bottom, right, top = zip(*boxes, strict=True)
    return [min(left), min(bottom), max(right), max(top)]


def tile_json(
    source: sa.Engine | sa.Connection, layers: Sequence[TileLayer], base: str, tms: str = tile_grids.WEB_MERCATOR
) -> dict[str, Any]:
    """TileJSON 3 for these layers: the address of their tiles with their versions in it, which never changes its meaning.

    `base` is the address of ``/tiles``, without a slash at its end. `bounds` are degrees of longitude and latitude.
    """
    grid = tile_grids.grid(tms)
    boxes = _extents(source, layers)
    lowest = max(min(layer.zoom[0] for layer in layers), grid.minzoom)
    highest = min(max(layer.zoom[1] for layer in layers), grid.maxzoom)
    ids, versions = ",".join(layer.id for layer in layers), ",".join(str(layer.version) for layer in layers)
    marks = sorted({layer.legal_status for layer in layers})
    said = list(dict.fromkeys(f"{layer.source.zh} {layer.source.en}" for layer in layers))
    if "illustrative" in marks:
        said.insert(0, f"{_DEMONSTRATION.zh} {_DEMONSTRATION.en}")
    return {
        "tilejson": "3.0.0",
        "tiles": [f"{base}/{ids}/{versions}/{tms}/{{z}}/{{x}}/{{y}}.mvt"],
        "vector_layers": [
            {
                "id": layer.id,
                "description": f"{layer.title.zh} {layer.title.en}",
                "minzoom": max(layer.zoom[0], grid.minzoom),
                "maxzoom": min(layer.zoom[1], grid.maxzoom),
                "fields": dict(FIELDS),
                "version": layer.version,
                "legal_status": layer.legal_status,
                "form": layer.form,
            }
            for layer in layers
        ],
        "bounds": _around(boxes),
        "minzoom": lowest,
        "maxzoom": highest,
        "scheme": "xyz",
        "format": "pbf",
        "attribution": escape(" · ".join(said), quote=False),  # clients take it for markup
        "legal_status": marks,
        "demonstration": "illustrative" in marks,
        "tile_matrix_set": tms,
    }
