"""Small hand-made layers for tests of the check: real geometry near Jishan, no database. Shapes are given in metres."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from zoning.bilingual import Bilingual
from zoning.canonical import GRID
from zoning.evidence import Evidence, Feature, LayerMeta, LayerWindow, Window
from zoning.frame import LocalFrame
from zoning.measure import ellipsoidal_area, ellipsoidal_length

LON, LAT = 110.98, 35.60
FRAME = LocalFrame.at(LON, LAT)
REACH_M = 8000.0


def at(geometry: shapely.Geometry) -> shapely.Geometry:
    """A shape in metres east and north of the scene's origin, as EPSG:4490 degrees on the grid."""
    return shapely.set_precision(FRAME.to_degrees([geometry])[0], GRID)


def box(west: float, south: float, east: float, north: float) -> shapely.Geometry:
    return at(shapely.box(west, south, east, north))


def subdivide(geometry: shapely.Geometry, cell: float) -> list[shapely.Geometry]:
    """Cut into cells of `cell` degrees, as a store does: the cut lines are not boundaries."""
    west, south, east, north = shapely.bounds(geometry)
    found = []
    for x in np.arange(west, east, cell):
        for y in np.arange(south, north, cell):
            piece = shapely.intersection(geometry, shapely.box(x, y, x + cell, y + cell), grid_size=GRID)
            if not piece.is_empty and shapely.get_dimensions(piece) == shapely.get_dimensions(geometry):
                found.append(piece)
    return found


def feature(layer: str, code: str, geometry: shapely.Geometry, **facts: Any) -> Feature:
    return Feature(
        layer=layer,
        code=code,
        name=facts.pop("name", code),
        class_=facts.pop("class_", "x"),
        properties=facts.pop("properties", {}),
        accuracy_m=facts.pop("accuracy_m", 0.0),
        legal_status=facts.pop("legal_status", "statutory"),
        area_m2=float(ellipsoidal_area([geometry])[0]),
        length_m=float(ellipsoidal_length([geometry])[0]),
        valid_from=facts.pop("valid_from", None),
        valid_to=facts.pop("valid_to", None),
    )


def layer(
    id: str,
    shapes: Sequence[tuple[str, shapely.Geometry, Mapping[str, Any]]] = (),
    *,
    coverage: shapely.Geometry | None = None,
    cell: float | None = None,
    **meta: Any,
) -> LayerWindow:
    """A layer window from (code, geometry, facts); `cell` cuts the pieces, `coverage` defaults to all around."""
    own = {"accuracy_m": meta.get("accuracy_m", 0.0), "legal_status": meta.get("legal_status", "statutory")}
    facts = [feature(id, code, g, **{**own, **dict(f)}) for code, g, f in shapes]
    pieces, owners, edges, edge_owners = [], [], [], []
    for index, (_, geometry, _) in enumerate(shapes):
        cut = subdivide(geometry, cell) if cell else [geometry]
        pieces += cut
        owners += [index] * len(cut)
        outline = shapely.boundary(geometry) if shapely.get_dimensions(geometry) == 2 else geometry
        lines = list(shapely.get_parts(outline))
        edges += lines
        edge_owners += [index] * len(lines)
    covered = box(-30_000, -30_000, 30_000, 30_000) if coverage is None else coverage
    return LayerWindow(
        meta=LayerMeta(
            id=id,
            kind=meta.get("kind", id),
            title=Bilingual(id, id),
            version=1,
            legal_status=meta.get("legal_status", "statutory"),
            accuracy_m=meta.get("accuracy_m", 0.0),
            full_cover=meta.get("full_cover", False),
            review_by=meta.get("review_by"),
            feature_count=meta.get("feature_count", len(facts) or 1),
            stands_for_bound_m=meta.get("stands_for_bound_m", 0.0),
            complete_for=meta.get("complete_for", {}),
            valid_days=meta.get("valid_days", ((None, None),)),
        ),
        features=tuple(facts),
        pieces=np.array(pieces, dtype=object),
        piece_feature=np.array(owners, dtype=np.int64),
        edges=np.array(edges, dtype=object),
        edge_feature=np.array(edge_owners, dtype=np.int64),
        coverage=np.array([] if covered.is_empty else [covered], dtype=object),
    )


def evidence(*layers: LayerWindow, failed: Mapping[str, Bilingual] | None = None) -> Evidence:
    west, south, east, north = shapely.bounds(box(-REACH_M - 5000, -REACH_M - 5000, REACH_M + 5000, REACH_M + 5000))
    return Evidence(
        release=1,
        release_date=dt.date(2026, 1, 1),
        window=Window(float(west), float(south), float(east), float(north), REACH_M),
        layers={w.meta.id: w for w in layers},
        failed=failed or {},
    )
