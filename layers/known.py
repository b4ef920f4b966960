"""What a published release never changes, remembered by process and database: its layers' facts, features and clauses."""

from __future__ import annotations

import datetime as dt
import threading
import weakref
from collections.abc import Iterable, Mapping
from typing import Any

import psycopg
import sqlalchemy as sa

from layers.clauses import clause_of
from layers.database import driver, driver_queries
from layers.release import Release, layer_meta
from zoning.access import Clause
from zoning.evidence import Feature, LayerMeta

MOST_FEATURES = 20_000
MOST_RELEASES = 32
MOST_SCOPES = 5_000
_SQL = driver_queries("store")


class Known:
    """Facts of one database: bounded, and forgotten when the database turns out to be another one.

    Rows of features and of layer versions are written once and then only closed, so what was read of them stays true. A
    database that was dropped and made anew has other moments of publication: then everything remembered is dropped.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._moments: dict[int, int] = {}
        self._layers: dict[int, Mapping[str, LayerMeta]] = {}
        self._features: dict[int, Feature] = {}
        self._clauses: dict[tuple[int, str], tuple[Clause, ...]] = {}

    def same_database(self, view: Release, moment: int) -> None:
        """Forget everything when a release was published at another moment than the one remembered (µs)."""
        with self._lock:
            if self._moments.setdefault(view.number, moment) != moment:
                self._moments = {view.number: moment}
                self._layers, self._features, self._clauses = {}, {}, {}

    def remembered(self, view: Release) -> Mapping[str, LayerMeta] | None:
        """The layers held at a release, when they were read before."""
        return self._layers.get(view.number)

    def layers(self, connection: psycopg.Connection[Any], view: Release) -> Mapping[str, LayerMeta]:
        """The layers held at a release, by name in alphabetical order."""
        held = self.remembered(view)
        if held is None:
            rows = connection.execute(_SQL["layers"], {"release": view.number}).fetchall()
            held = {name: layer_meta(row) for name, row in sorted(rows)}
            if held:
                with self._lock:
                    while len(self._layers) >= MOST_RELEASES:
                        self._layers.pop(next(iter(self._layers)))
                    self._layers[view.number] = held
        return held

    def features(self, connection: psycopg.Connection[Any], ids: Iterable[int]) -> Mapping[int, Feature]:
        """The features of these ids; those not remembered are read in one statement."""
        remembered = self._features
        found = {id: remembered.get(id) for id in ids}
        missing = [id for id, feature in found.items() if feature is None]
        if missing:
            rows = connection.execute(_SQL["features"], {"ids": missing}).fetchall()
            fresh = {id: feature_of(layer, facts) for id, layer, facts in rows}
            found.update(fresh)
            with self._lock:
                self._features.update(fresh)
                while len(self._features) > MOST_FEATURES:
                    self._features.pop(next(iter(self._features)))
        return {id: feature for id, feature in found.items() if feature is not None}

    def clauses(
        self, connection: psycopg.Connection[Any], view: Release, codes: Iterable[str]
    ) -> Mapping[str, tuple[Clause, ...]]:
        """The access list's clauses at a release by code of their scope; those not remembered are read in one statement."""
        number = int(view.number)
        found = {code: self._clauses.get((number, code)) for code in codes}
        missing = [code for code, clauses in found.items() if clauses is None]
        if missing:
            fresh: dict[str, list[Clause]] = {code: [] for code in missing}
            for code, row in connection.execute(_SQL["clauses"], {"codes": missing, "release": number}).fetchall():
                fresh[code].append(clause_of(row))
            read = {code: tuple(sorted(clauses, key=lambda c: c.order)) for code, clauses in fresh.items()}
            found.update(read)
            with self._lock:
                self._clauses.update({(number, code): clauses for code, clauses in read.items()})
                while len(self._clauses) > MOST_SCOPES:
                    self._clauses.pop(next(iter(self._clauses)))
        return {code: clauses for code, clauses in found.items() if clauses}


_KNOWN: weakref.WeakKeyDictionary[sa.Engine, Known] = weakref.WeakKeyDictionary()
_LOCK = threading.Lock()


def known(source: sa.Engine | sa.Connection) -> Known:
    """What this process remembers of an engine's database."""
    engine = source if isinstance(source, sa.Engine) else source.engine
    with _LOCK:
        return _KNOWN.setdefault(engine, Known())


def metas_of(source: sa.Engine | sa.Connection, view: Release) -> Mapping[str, LayerMeta]:
    """What is said of each layer at a release. Raises `Unavailable`."""
    memory = known(source)
    if (held := memory.remembered(view)) is not None:
        return held
    with driver(source) as connection:
        return memory.layers(connection, view)


def _date(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)


def feature_of(layer: str, facts: Mapping[str, Any]) -> Feature:
    """A row of `feature`, from JSON, as the domain sees it."""
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
