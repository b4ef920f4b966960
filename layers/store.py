"""The window query: all a check looks at, of one release, in one statement and one snapshot. It measures nothing."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely
import sqlalchemy as sa

from layers.database import driver, driver_queries
from layers.known import known
from layers.release import Release, unknown_release
from zoning.access import UNITS, scopes_of
from zoning.evidence import Evidence, Feature, Geometries, Indices, LayerMeta, LayerWindow, Window

_SQL = driver_queries("store")
_RELEASE, _PIECE, _EDGE, _COVERAGE = range(4)

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

_NONE: tuple[Indices, Geometries] = (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=object))


def gather(source: sa.Engine | sa.Connection, view: Release, window: Window, *, piece_box: Box) -> Evidence:
    """Everything a release holds around a site.

    Parameters
    ----------
    source
        An engine (one read-only snapshot is opened), or a connection whose transaction is the snapshot.
    view
        The release to read.
    window
        The large box: edges, coverage and county pieces that touch it are given.
    piece_box
        The small box (west, south, east, north, degrees): pieces of the other layers that touch it are given.

    Returns
    -------
    Every checked layer held at the release, also those with nothing in the window, and the access list's clauses for the
    control units in it. Features stand in code order, pieces and edges in feature order. A feature's `properties` are the
    layer's own and `name_en`, `plan_line`, `source`, `method` and `licence`.

    Raises
    ------
    BadProject
        The release does not exist.
    Unavailable
        The database cannot be reached, holds no tables, or takes longer than the statement timeout.
    """
    west, south, east, north = piece_box
    box = {"piece_west": west, "piece_south": south, "piece_east": east, "piece_north": north}
    place = {"west": window.west, "south": window.south, "east": window.east, "north": window.north}
    asked = {"release": int(view.number), **{k: float(v) for k, v in {**box, **place}.items()}}
    with driver(source) as connection:
        with connection.cursor(binary=True) as cursor:
            rows = cursor.execute(_SQL["gather"], asked).fetchall()
        release = next((row for row in rows if row[0] == _RELEASE), None)
        if release is None:
            raise unknown_release(view.number)
        rows.remove(release)
        _, published_on, moment, _, _ = release
        memory = known(source)
        memory.same_database(view, moment)
        metas = memory.layers(connection, view)
        features = memory.features(connection, {row[2] for row in rows if row[2] is not None})
        clauses = memory.clauses(connection, view, sorted(_scopes(features)))
    windows = windows_of(rows, metas, features)
    return Evidence(int(view.number), dt.date.fromisoformat(published_on), window, windows, clauses=clauses)


def _scopes(features: Mapping[int, Feature]) -> set[str]:
    """The codes whose clauses may bind here: of the units in the window, and of the counties' cities and provinces, which bind
    whether or not units are held."""
    codes = {code for f in features.values() if f.layer == UNITS for code in scopes_of(f.code)}
    counties = (f.code for f in features.values() if f.layer == "county" and len(f.code) == 6)
    return codes | {code for county in counties for code in (f"{county[:4]}00", f"{county[:2]}0000")}


def windows_of(
    rows: Sequence[Any], metas: Mapping[str, LayerMeta], features: Mapping[int, Feature]
) -> dict[str, LayerWindow]:
    """The answer's rows by layer, features in code order, shapes in feature order and then as they were cut."""
    shapes = shapely.from_wkb(np.array([row[4] for row in rows], dtype=object)) if rows else _NONE[1]
    ids: dict[str, list[int]] = defaultdict(list)
    for id, feature in features.items():
        ids[feature.layer].append(id)
    position: dict[int, int] = {}
    for mine in ids.values():
        mine.sort(key=lambda mine_id: features[mine_id].code)
        position.update((id, k) for k, id in enumerate(mine))
    at: dict[tuple[str, int], list[tuple[int, int, int]]] = defaultdict(list)
    for i, (part, layer, id, n, _) in enumerate(rows):
        at[layer, part].append((-1 if id is None else position[id], n, i))

    def owned(layer: str, part: int) -> tuple[Indices, Geometries]:
        found = at.get((layer, part))
        if not found:
            return _NONE
        found.sort()
        return np.array([owner for owner, _, _ in found], dtype=np.int64), shapes[[i for _, _, i in found]]

    windows = {}
    for name, meta in metas.items():
        (piece_feature, pieces), (edge_feature, edges) = owned(name, _PIECE), owned(name, _EDGE)
        here = tuple(features[id] for id in ids.get(name, ()))
        coverage = owned(name, _COVERAGE)[1]
        windows[name] = LayerWindow(meta, here, pieces, piece_feature, edges, edge_feature, coverage)
    return windows
