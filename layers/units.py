"""One control unit as a release holds it: its facts and shape, its clauses, and what it shares with the layers of areas. It judges
no project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import psycopg
import shapely
import sqlalchemy as sa
from psycopg.rows import namedtuple_row

from layers.database import driver, driver_queries, reading
from layers.known import Known, known
from layers.release import Release
from layers.visibility import forms_at
from zoning.access import UNITS, Clause, scopes_of
from zoning.bilingual import Bilingual
from zoning.canonical import GRID
from zoning.evidence import Feature, Geometries
from zoning.measure import ellipsoidal_area
from zoning.view import only_dimension

_SQL = driver_queries("units")
MOST_ALIKE = 8
MOST_PIECES = 50_000
"""Pieces of other layers beside one unit up to which what they share is measured; each has at most 128 vertices."""
_LEAST_M2 = 0.01
"""Shared area below which two outlines only touch: the digits areas are given in."""


@dataclass(frozen=True, slots=True)
class Shared:
    """A feature of another layer that shares ground with a unit, and how much, m² (ellipsoidal)."""

    feature: Feature
    area_m2: float


@dataclass(frozen=True, slots=True)
class Overlay:
    """A layer of areas held at the release and what of it shares ground with the unit, the largest first.

    `covered` is the share (0–1) of the unit in which the layer claims to be complete: elsewhere nothing found means nothing.
    Where `measured` is false there were too many pieces, and nothing is said of what is shared.
    """

    layer: str
    kind: str
    title: Bilingual
    legal_status: str
    version: int
    covered: float
    measured: bool
    shared: tuple[Shared, ...]

    @property
    def area_m2(self) -> float:
        """Sum over the features."""
        return sum(one.area_m2 for one in self.shared)


@dataclass(frozen=True, slots=True)
class Unit:
    """A control unit: `facts` as its row says them, its geometry (EPSG:4490), the divisions it lies in by layer, its clauses by
    code of their scope, and its overlays in display order."""

    facts: Any
    geometry: shapely.Geometry
    divisions: Mapping[str, tuple[str, Bilingual]]
    clauses: tuple[Clause, ...]
    overlays: tuple[Overlay, ...]


def unit_at(engine: sa.Engine, view: Release, code: str) -> Unit | None:
    """The unit of that code at a release, or None. Everything is read in one snapshot. Raises `Unavailable`."""
    with reading(engine) as connection, driver(connection) as own:
        cursor: psycopg.Cursor[Any] = own.cursor(row_factory=namedtuple_row)
        release = int(view.number)
        forms = forms_at(connection, view)
        seen = {
            "release": release,
            "public": list(forms),
            "exact": [id for id, form in forms.items() if form == "exact"],
        }
        facts = cursor.execute(_SQL["unit"], {"layer": UNITS, "code": code, **seen}).fetchone()
        if facts is None:
            return None
        scopes = scopes_of(code)
        geometry = shapely.from_wkb(facts.wkb)
        asked = {"codes": [*scopes, code[2:8]], **seen}
        divisions = {
            row.layer: (row.code, Bilingual(row.name, row.name_en or row.name))
            for row in cursor.execute(_SQL["divisions"], asked).fetchall()
        }
        memory = known(engine)
        memory.same_database(view, facts.moment)
        clauses = memory.clauses(own, view, scopes)
        return Unit(
            facts,
            geometry,
            divisions,
            tuple(sorted((c for found in clauses.values() for c in found if c.of_class(code)), key=lambda c: c.order)),
            _overlays(
                own,
                memory,
                _box(view, geometry),
                facts.id,
                cursor.execute(_SQL["overlay_layers"], seen).fetchall(),
            ),
        )


def _box(view: Release, geometry: shapely.Geometry) -> dict[str, Any]:
    west, south, east, north = (float(v) for v in shapely.bounds(geometry))
    return {"west": west, "south": south, "east": east, "north": north, "release": int(view.number)}


def _overlays(
    connection: psycopg.Connection[Any], memory: Known, box: Mapping[str, Any], unit: int, layers: Sequence[Any]
) -> tuple[Overlay, ...]:
    mine = _geometries([row[1] for row in connection.execute(_SQL["own_pieces"], {"id": unit}).fetchall()])
    asked = {**box, "layers": [row.layer for row in layers], "most": MOST_PIECES + 1}
    rows = connection.execute(_SQL["pieces"], asked).fetchall()
    measured = len(rows) <= MOST_PIECES
    rows = rows if measured else []
    claimed = connection.execute(_SQL["coverage"], asked).fetchall()
    numbers = {row.layer: n for n, row in enumerate(layers)}
    whole = float(ellipsoidal_area(mine).sum())
    covers = shared_areas(
        mine, _geometries([row[1] for row in claimed]), np.array([numbers[row[0]] for row in claimed])
    )
    ids = np.array([row[1] for row in rows], dtype=np.int64)
    areas = shared_areas(mine, _geometries([row[2] for row in rows]), ids)
    features = memory.features(connection, areas)
    return tuple(
        Overlay(
            row.layer,
            row.kind,
            Bilingual(row.title_zh, row.title_en),
            row.legal_status,
            row.version,
            min(covers.get(numbers[row.layer], 0.0) / whole, 1.0) if row.feature_count and whole else 0.0,
            measured,
            tuple(
                sorted(
                    (Shared(features[id], area) for id, area in areas.items() if features[id].layer == row.layer),
                    key=lambda one: (-one.area_m2, one.feature.code),
                )
            ),
        )
        for row in layers
    )


def _geometries(found: Sequence[bytes]) -> Geometries:
    return np.asarray(shapely.from_wkb(np.array(found, dtype=object)), dtype=object)


def shared_areas(mine: Geometries, others: Geometries, owners: Any) -> dict[int, float]:
    """How much of the `others` lies in `mine`, by owner, m² (ellipsoidal); what shares less than 0.01 m² is left out.

    Parameters
    ----------
    mine, others
        Polygons (EPSG:4490 degrees) whose own members do not overlap each other: pieces of features.
    owners
        Whose each of the others is.
    """
    if not len(mine) or not len(others):
        return {}
    shapely.prepare(mine)
    theirs, here = shapely.STRtree(mine).query(others, predicate="intersects")
    cut = others[theirs].copy()
    part = ~shapely.covers(mine[here], cut)
    cut[part] = [only_dimension(g, 2) for g in shapely.intersection(mine[here[part]], cut[part], grid_size=GRID)]
    sums: dict[int, float] = {}
    for owner, area in zip(owners[theirs], ellipsoidal_area(cut), strict=True):
        sums[int(owner)] = sums.get(int(owner), 0.0) + float(area)
    return {owner: area for owner, area in sums.items() if area >= _LEAST_M2}


def alike(engine: sa.Engine, view: Release, code: str) -> tuple[tuple[str, Bilingual], ...]:
    """Units whose codes begin like one that is not held: with the most digits in common. Raises `Unavailable`."""
    with reading(engine) as connection, driver(connection) as own:
        public = list(forms_at(connection, view))
        for length in range(min(len(code), 12), 3, -1):
            asked = {
                "layer": UNITS,
                "low": code[:length],
                "high": code[:length] + "~",
                "release": int(view.number),
                "public": public,
            }
            rows = own.execute(_SQL["alike"], {**asked, "limit": MOST_ALIKE}).fetchall()
            if rows:
                return tuple((row[0], Bilingual(row[1], row[2] or row[1])) for row in rows)
    return ()
