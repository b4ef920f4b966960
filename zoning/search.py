"""Whether a layer was really searched: held, filled, current, sound, and covered where a rule looks. Absence is never proof.

Outcomes: searched, not_held, failed, empty, out_of_force, stale, invalid, no_coverage, incomplete (does not claim what the rule asks for).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import shapely
from shapely import Geometry

from zoning.bilingual import Bilingual
from zoning.canonical import GRID
from zoning.evidence import Evidence, LayerWindow
from zoning.measure import ellipsoidal_area, ellipsoidal_length
from zoning.relation import LayerView
from zoning.view import View, measure

Outcome = Literal[
    "searched", "not_held", "failed", "empty", "out_of_force", "stale", "invalid", "no_coverage", "incomplete"
]

TEXTS: Final[Mapping[Outcome, Bilingual]] = {
    "searched": Bilingual("已查", "searched"),
    "not_held": Bilingual("未持有该图层", "the layer is not held"),
    "failed": Bilingual("读取失败", "the layer could not be read"),
    "empty": Bilingual("图层无要素", "the layer holds no features"),
    "out_of_force": Bilingual("图层没有当日有效的要素", "the layer holds no feature in force on that day"),
    "stale": Bilingual("图层已过复核期限", "the layer is past its review date"),
    "invalid": Bilingual(
        "图层有重叠或空隙，面积不闭合", "the layer overlaps itself or has gaps here: areas do not close"
    ),
    "no_coverage": Bilingual("所查范围超出图层覆盖范围", "the layer does not cover all of the place searched"),
    "incomplete": Bilingual("图层不含该规则所需对象", "the layer does not claim to hold what the rule asks for"),
}

CLOSURE = 1e-6
METRES_PER_DEGREE = 111_320.0
_HAIR_M = 0.01


@dataclass(frozen=True, slots=True)
class Search:
    """How far one layer was searched for one purpose. `uncovered_m2` counts the ground without coverage (m for lines)."""

    layer: str
    outcome: Outcome
    uncovered_m2: float = 0.0

    @property
    def done(self) -> bool:
        return self.outcome == "searched"

    @property
    def text(self) -> Bilingual:
        return TEXTS[self.outcome]


def standing(layer: str, evidence: Evidence, as_of: dt.date) -> Search:
    """Whether the layer as a whole can be searched at all on that day."""
    if layer in evidence.failed:
        return Search(layer, "failed")
    if layer not in evidence.layers:
        return Search(layer, "not_held")
    meta = evidence.layers[layer].meta
    if meta.feature_count == 0:
        return Search(layer, "empty")
    if not meta.in_force(as_of):
        return Search(layer, "out_of_force")
    if meta.review_by is not None and as_of > meta.review_by:
        return Search(layer, "stale")
    return Search(layer, "searched")


def claims(layer: LayerWindow, wanted: Mapping[str, tuple[Any, ...]]) -> bool:
    """Whether a layer that is complete only for some values claims completeness for all that a rule asks for.

    An illustrative layer is taken as drawn: a rule that names no value finds all there is, and one that names a value which
    the layer does not hold finds that it does not.
    """
    drawn = layer.meta.legal_status == "illustrative"
    return all(
        set(wanted[prop]) <= set(values) if prop in wanted else drawn
        for prop, values in layer.meta.complete_for.items()
    )


def uncovered(layer: LayerWindow, need: Geometry, dimension: int) -> float:
    """How much of `need` (EPSG:4490) lies outside the layer's coverage: m², m or points. Hairlines under 1 cm do not count."""
    if need.is_empty:
        return 0.0
    if len(layer.coverage) == 0:
        return measure(need, dimension)
    shapely.prepare(layer.coverage)
    if bool(shapely.covers(layer.coverage, need).any()):
        return 0.0
    touching = layer.coverage[shapely.intersects(layer.coverage, need)]
    covered = shapely.union_all(touching, grid_size=GRID) if len(touching) else shapely.Polygon()
    rest = shapely.difference(need, covered, grid_size=GRID)
    if rest.is_empty:
        return 0.0
    if dimension == 2:
        parts = shapely.get_parts(rest)
        areas, around = ellipsoidal_area(parts), ellipsoidal_length(parts)
        return float(areas[2 * areas > _HAIR_M * around].sum())
    size = measure(rest, dimension)
    return size if dimension == 0 or size > _HAIR_M else 0.0


@dataclass(frozen=True, slots=True)
class Closure:
    """Parts against their union, and the union plus outside against the site, m² or m; `error` is relative to the site.

    Cutting bends the site's own outline by up to half a grid step where a unit's boundary crosses it: that is no gap.
    """

    parts: float
    outside: float
    site: float
    bend: float = 0.0

    @property
    def error(self) -> float:
        return max(abs(self.parts + self.outside - self.site) - self.bend, 0.0) / self.site if self.site else 0.0


def closure(layer: LayerView) -> Closure | None:
    """For a full-cover layer: do the parts in the site and the rest of the site make up the site? None for points."""
    view: View = layer.view
    if view.dimension == 0:
        return None
    overlaps = list(layer.overlaps.values())
    if any(encounter.kind == "inside" for encounter in layer.encounters) and len(overlaps) == 1:
        return Closure(view.size, 0.0, view.size)
    parts = sum(layer.sizes[i] for i, g in layer.overlaps.items() if shapely.get_dimensions(g) == view.dimension)
    together = shapely.union_all(overlaps, grid_size=GRID) if overlaps else shapely.Polygon()
    outside = shapely.difference(view.geometry, together, grid_size=GRID)
    bend = GRID * METRES_PER_DEGREE * float(ellipsoidal_length([view.geometry])[0]) if view.dimension == 2 else 0.0
    return Closure(parts, measure(outside, view.dimension), view.size, bend)
