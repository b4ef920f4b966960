"""Keeps what tiles draw of each layer at each release, beside its features and in the same transaction.

Rows are kept by the releases they are part of, as pieces are: a release writes only what it changes. In a layer that covers
without gaps a unit's neighbours move its simplified line, so all of such a layer is drawn anew and compared with what is held.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import shapely
import sqlalchemy as sa

from layers import drawing
from layers.copying import copy, ewkb
from layers.database import queries
from layers.drawing import Drawn
from layers.tables import MERCATOR
from zoning.evidence import Geometries, Indices

_SQL = queries("drawings")
_COLUMNS: Final = ("feature_id", "layer", "band", "extent_m", "geom", "releases")

_AT_ONCE: Final = 1000
"""Parts written out in one go, so that a large layer is never in memory as text."""

Key = tuple[int, int, str]
"""Feature, band, and digest of the geometry."""


@dataclass(slots=True)
class _Pen:
    """Writes the rows of one layer that are not held as they are, and takes out of `held` those that are."""

    layer: str
    releases: str
    held: dict[Key, list[int]] = field(default_factory=dict)

    def rows(self, drawn: Drawn, ids: Indices) -> Iterable[tuple[Any, ...]]:
        for start in range(0, len(drawn.parts), _AT_ONCE):
            some = slice(start, start + _AT_ONCE)
            parts, features = drawn.parts[some], ids[drawn.owner[some]].tolist()
            sizes = [None if math.isnan(extent) else extent for extent in drawn.extent_m[some].tolist()]
            plain = [hashlib.md5(wkb, usedforsecurity=False).hexdigest() for wkb in shapely.to_wkb(parts)]
            for feature, size, digest, written in zip(features, sizes, plain, ewkb(parts, MERCATOR), strict=True):
                if same := self.held.get((feature, drawn.band, digest)):
                    same.pop()
                else:
                    yield feature, self.layer, drawn.band, size, written, self.releases

    def draw(self, connection: sa.Connection, ids: Indices, geometries: Geometries, *, together: bool) -> None:
        for band in drawing.bands(geometries, together=together):
            copy(connection, "drawing", _COLUMNS, self.rows(band, ids))


def redraw(
    connection: sa.Connection, release: int, layer: str, codes: Sequence[str], geometries: Geometries, *, together: bool
) -> None:
    """Draw a layer as the release being written leaves it, once its features are in the table.

    `codes` and `geometries` (EPSG:4490) are all of the layer's features; `together`: they cover without gaps.
    """
    features = connection.execute(_SQL["open_features"], {"layer": layer, "release": release})
    by_code = {row.code: row.id for row in features}
    ids = np.asarray([by_code[code] for code in codes], dtype=np.int64)
    pen = _Pen(layer, f"{{[{release},)}}")
    for id, feature, band, digest in connection.execute(_SQL["open"], {"layer": layer}):
        pen.held.setdefault((feature, band, digest), []).append(id)
    if not together:
        # What was drawn of a feature that stays is as it was: only the ended ones are left to be closed.
        drawn = {feature for feature, _, _ in pen.held}
        stay = set(ids.tolist())
        pen.held = {key: rows for key, rows in pen.held.items() if key[0] not in stay}
        fresh = np.asarray([id not in drawn for id in ids.tolist()], dtype=bool)
        ids, geometries = ids[fresh], geometries[fresh]
    pen.draw(connection, ids, geometries, together=together)
    if ended := [id for rows in pen.held.values() for id in rows]:
        connection.execute(_SQL["close"], {"release": release, "ids": ended})


def end(connection: sa.Connection, release: int, layer: str) -> None:
    """A layer that ends with a release is not drawn from then on."""
    connection.execute(_SQL["close_layer"], {"release": release, "layer": layer})


def fill(connection: sa.Connection) -> None:
    """Draw every layer version that was published before tiles were drawn so, inside the connection's transaction."""
    rows = connection.execute(_SQL["undrawn"]).all()
    for row in rows:
        found = connection.execute(_SQL["features"], {"layer": row.layer, "release": row.version}).all()
        ids = np.asarray([one.id for one in found], dtype=np.int64)
        geometries = shapely.from_wkb(np.asarray([bytes(one.wkb) for one in found], dtype=object))
        _Pen(row.layer, row.releases).draw(connection, ids, geometries, together=row.full_cover)
    if rows:
        connection.execute(_SQL["analyze"])
