"""The window query: all a check looks at, of one release, in one statement and one snapshot. It measures nothing."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
import sqlalchemy as sa

from layers.database import queries, reading, translated
from layers.release import Release, layer_meta, unknown_release
from zoning.evidence import Evidence, Feature, Geometries, Indices, LayerWindow, Window

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


@dataclass(frozen=True, slots=True)
class _Rows:
    """The answer's rows by part and layer, their shapes read at once."""

    ids: Indices
    facts: Sequence[Any]
    shapes: Geometries
    places: Mapping[tuple[int, str | None], list[int]]

    @classmethod
    def of(cls, rows: Sequence[Any]) -> _Rows:
        places: dict[tuple[int, str | None], list[int]] = defaultdict(list)
        wkb = np.empty(len(rows), dtype=object)
        ids = np.zeros(len(rows), dtype=np.int64)
        facts: list[Any] = []
        for i, (part, layer, id, _, shape, said) in enumerate(rows):
            places[part, layer].append(i)
            wkb[i], ids[i] = shape, id or 0
            facts.append(said)
        return cls(ids, facts, np.asarray(shapely.from_wkb(wkb), dtype=object), places)

    def at(self, part: int, layer: str | None) -> Indices:
        return np.asarray(self.places.get((part, layer), ()), dtype=np.int64)


def _evidence(rows: Sequence[Any], view: Release, window: Window) -> Evidence:
    found = _Rows.of(rows)
    releases = found.at(_RELEASE, None)
    if not len(releases):
        raise unknown_release(view.number)
    names = sorted(layer for part, layer in found.places if part == _LAYER and layer is not None)
    layers = {name: _layer_window(name, found) for name in names}
    published_on = dt.date.fromisoformat(found.facts[releases[0]]["published_on"])
    return Evidence(int(view.number), published_on, window, layers)


def _layer_window(name: str, found: _Rows) -> LayerWindow:
    features = sorted(found.at(_FEATURE, name), key=lambda i: str(found.facts[i]["code"]))
    position = {int(found.ids[i]): k for k, i in enumerate(features)}
    pieces, piece_feature = _owned(found, found.at(_PIECE, name), position)
    edges, edge_feature = _owned(found, found.at(_EDGE, name), position)
    return LayerWindow(
        layer_meta(found.facts[found.at(_LAYER, name)[0]]),
        tuple(_feature(name, found.facts[i]) for i in features),
        pieces,
        piece_feature,
        edges,
        edge_feature,
        found.shapes[found.at(_COVERAGE, name)],
    )


def _owned(found: _Rows, at: Indices, position: Mapping[int, int]) -> tuple[Geometries, Indices]:
    """Geometries with the index of their feature, in feature order; within a feature in the order they were cut."""
    owner = np.asarray([position[id] for id in found.ids[at].tolist()], dtype=np.int64)
    order = np.argsort(owner, kind="stable")
    return found.shapes[at][order], owner[order]


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
