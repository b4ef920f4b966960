"""What a check is given to look at: the layers of one release inside one window. It measures and decides nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from zoning.access import Clause
from zoning.bilingual import Bilingual

Geometries = npt.NDArray[np.object_]
"""1-D array of shapely geometries, EPSG:4490, x = longitude, y = latitude, degrees."""

Indices = npt.NDArray[np.int64]
LegalStatus = Literal["statutory", "planning", "reference", "illustrative"]


@dataclass(frozen=True, slots=True)
class LayerMeta:
    """A layer as it stood in one release. Lengths in metres; `accuracy_m` is one-sided at 95 %."""

    id: str
    kind: str
    title: Bilingual
    version: int
    legal_status: LegalStatus
    accuracy_m: float
    full_cover: bool
    review_by: dt.date | None
    feature_count: int
    stands_for_bound_m: float = 0.0
    complete_for: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    valid_days: tuple[tuple[dt.date | None, dt.date | None], ...] = ((None, None),)
    """Spans in which some feature is in force: from the first day to before the second; None is open."""

    def in_force(self, day: dt.date) -> bool:
        """Whether some feature is in force on a day."""
        return any((a is None or a <= day) and (b is None or day < b) for a, b in self.valid_days)


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature's business facts. `accuracy_m` and `legal_status` are its own, or the layer's when it has none."""

    layer: str
    code: str
    name: str
    class_: str
    properties: Mapping[str, Any]
    accuracy_m: float
    legal_status: LegalStatus
    area_m2: float
    length_m: float
    valid_from: dt.date | None
    valid_to: dt.date | None


@dataclass(frozen=True, slots=True)
class LayerWindow:
    """One layer inside the window.

    `pieces` are subdivided feature geometries (for overlap), `edges` short parts of true boundaries or of lines and points
    themselves (for inside, touch, distance and margin), `coverage` parts of the polygon within which the layer claims to be
    complete. `piece_feature[i]` and `edge_feature[i]` index `features`.
    """

    meta: LayerMeta
    features: tuple[Feature, ...]
    pieces: Geometries
    piece_feature: Indices
    edges: Geometries
    edge_feature: Indices
    coverage: Geometries


@dataclass(frozen=True, slots=True)
class Window:
    """A box in degrees (west, south, east, north) that holds the site grown by `reach_m` metres on every side."""

    west: float
    south: float
    east: float
    north: float
    reach_m: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """All layers held at one release, read in one snapshot. `failed` names layers that could not be read, with the reason.

    `clauses` are those of the access list, by code of their scope, for the control units in the window.
    """

    release: int
    release_date: dt.date
    window: Window
    layers: Mapping[str, LayerWindow]
    failed: Mapping[str, Bilingual] = field(default_factory=dict)
    clauses: Mapping[str, tuple[Clause, ...]] = field(default_factory=dict)
