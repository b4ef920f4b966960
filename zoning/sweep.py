"""All layers of a window measured against one view together: a few calls over long arrays, not many over short ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

import numpy as np

from zoning.evidence import Evidence, Geometries
from zoning.relation import LayerView, Measured
from zoning.view import View, cut_by, distances, measures


class Sweep:
    """The layers of one window around one site. It gives the same numbers as `LayerView` does layer by layer."""

    def __init__(self, evidence: Evidence, view: View) -> None:
        self.layers = evidence.layers
        self.view = view

    def _slices(self, kind: str) -> Iterator[tuple[str, slice]]:
        start = 0
        for name, layer in self.layers.items():
            size = len(getattr(layer, kind))
            yield name, slice(start, start + size)
            start += size

    def _all(self, kind: str) -> Geometries:
        arrays = [getattr(layer, kind) for layer in self.layers.values()]
        return np.concatenate(arrays) if arrays else np.zeros(0, dtype=object)

    @cached_property
    def _edges_m(self) -> Geometries:
        return self.view.frame.to_metres(self._all("edges"))

    @cached_property
    def edges_m(self) -> Mapping[str, Geometries]:
        """Each layer's edges in frame metres."""
        return {name: self._edges_m[at] for name, at in self._slices("edges")}

    @cached_property
    def measured(self) -> Mapping[str, Measured]:
        """Each layer's edge distances (m), overlaps (EPSG:4490) and their sizes."""
        away = distances(self.view, self._edges_m)
        near, cut = cut_by(self.view, self._all("pieces"))
        edges = dict(self._slices("edges"))
        overlaps = {}
        for name, at in self._slices("pieces"):
            first, last = np.searchsorted(near, (at.start, at.stop))
            overlaps[name] = LayerView(self.layers[name], self.view).assembled(
                near[first:last] - at.start, cut[first:last]
            )
        sizes = iter(measures([overlap for found in overlaps.values() for overlap in found.values()]))
        return {
            name: Measured(away[edges[name]], found, {index: next(sizes) for index in found})
            for name, found in overlaps.items()
        }

    def seen(self, name: str, view: View) -> LayerView:
        """One layer as seen from a view: from this sweep's measures when it is the view of the sweep."""
        measured = self.measured[name] if view is self.view else None
        return LayerView(self.layers[name], view, self.edges_m[name], measured)
