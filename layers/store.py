"""The window query: all a check looks at, of one release, in one statement and one snapshot. It measures nothing."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely
import sqlalchemy as sa

from layers.database import queries, reading, translated
from layers.release import Release, layer_meta, unknown_release
from zoning.evidence import Evidence, Feature, Geometries, Indices, LayerMeta, LayerWindow, Window

_SQL = queries("store")
_RELEASE, _LAYER, _FEATURE, _PIECE, _EDGE, _COVERAGE = range(6)

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""


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
    Every layer held at the release, also those with nothing in the window. Features stand in code order, pieces and
    edges in feature order. A feature's `properties` are the layer's own and `name_en`, `plan_line`, `source`, `method`
    and `licence`.

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
    if isinstance(source, sa.Engine):
        with reading(source) as connection:
            rows = connection.execute(_SQL["gather"], asked).all()
    else:
        with translated():
            rows = source.execute(_SQL["gather"], asked).all()
    return _evidence(rows, view, window)


def _evidence(rows: Sequence[Any], view: Release, window: Window) -> Evidence:
    parts: dict[tuple[int, str | None], list[Any]] = defaultdict(list)
    for row in rows:
        parts[row.part, row.layer].append(row)
    if not parts[_RELEASE, None]:
        raise unknown_release(view.number)
    metas = [layer_meta(row.facts) for (part, _), group in parts.items() if part == _LAYER for row in group]
    layers = {meta.id: _layer_window(meta, parts) for meta in sorted(metas, key=lambda meta: meta.id)}
    published_on = dt.date.fromisoformat(parts[_RELEASE, None][0].facts["published_on"])
    return Evidence(int(view.number), published_on, window, layers)


def _layer_window(meta: LayerMeta, parts: Mapping[tuple[int, str | None], list[Any]]) -> LayerWindow:
    found = sorted(parts.get((_FEATURE, meta.id), ()), key=lambda row: row.facts["code"])
    position = {row.id: i for i, row in enumerate(found)}
    pieces, piece_feature = _owned(parts.get((_PIECE, meta.id), ()), position)
    edges, edge_feature = _owned(parts.get((_EDGE, meta.id), ()), position)
    coverage = _geometries(parts.get((_COVERAGE, meta.id), ()))
    features = tuple(_feature(meta.id, row.facts) for row in found)
    return LayerWindow(meta, features, pieces, piece_feature, edges, edge_feature, coverage)


def _geometries(rows: Sequence[Any]) -> Geometries:
    wkb = np.empty(len(rows), dtype=object)
    wkb[:] = [row.wkb for row in rows]
    return np.asarray(shapely.from_wkb(wkb), dtype=object)


def _owned(rows: Sequence[Any], position: Mapping[int, int]) -> tuple[Geometries, Indices]:
    """Geometries with the index of their feature, in feature order; within a feature in the order they were cut."""
    owner = np.asarray([position[row.id] for row in rows], dtype=np.int64)
    order = np.argsort(owner, kind="stable")
    return _geometries(rows)[order], owner[order]


def _date(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)


def _feature(layer: str, facts: Mapping[str, Any]) -> Feature:
    return Feature(
        layer=layer,
        code=facts["code"],
        name=facts["name"],
        class_=facts["class"],
        properties=facts["properties"],
        accuracy_m=float(facts["accuracy_m"]),
        legal_status=facts["legal_status"],
        area_m2=float(facts["area_m2"]),
        length_m=float(facts["length_m"]),
        valid_from=_date(facts["valid_from"]),
        valid_to=_date(facts["valid_to"]),
    )
