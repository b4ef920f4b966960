"""Where a route meets the true boundaries of a layer (or its lines): positions, angles and which feature; it judges no side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from zoning.chainage import Floats, Ints, Route
from zoning.evidence import LayerWindow
from zoning.measure import E2, segments

NEAR_DEG = 1e-8
"""About a millimetre: what is nearer than this lies on a boundary."""
CLUSTER_M = 0.002
"""Meetings nearer to each other than this along the route are one."""
_PARALLEL = 1e-7


@dataclass(frozen=True)
class Meetings:
    """Where a route meets a layer's edges, in the order of legs and chainages.

    `leg` and `at_m` (k,) are the places. `place`, `feature` and `angle` (m,) are the features met at each, with the least
    angle between route and edge, degrees (NaN where the edge only ends there or runs along). `edges` (n, 4) are the edge
    segments near the route as x1, y1, x2, y2 and `edge_feature` (n,) their features.
    """

    leg: Ints
    at_m: Floats
    place: Ints
    feature: Ints
    angle: Floats
    edges: Floats
    edge_feature: Ints


def meetings(route: Route, layer: LayerWindow) -> Meetings:
    """All places where the route comes to within a millimetre of an edge, for one layer inside the window."""
    edges, owner = _near_edges(route, layer)
    none = np.empty(0, dtype=np.int64)
    if not len(edges):
        return Meetings(none, np.empty(0), none, none, np.empty(0), edges, owner)
    segment, share, feature, angle = _pairs(route, edges, owner)
    leg, at_m = route.leg[segment], route.chainage(segment, share)
    length = route.lengths_m
    at_m = np.where(at_m <= CLUSTER_M, 0.0, at_m)
    at_m = np.where(at_m >= length[leg] - CLUSTER_M, length[leg], at_m)
    order = np.lexsort((np.isnan(angle), at_m, leg))
    leg, at_m, feature, angle = leg[order], at_m[order], feature[order], angle[order]
    if not len(leg):
        return Meetings(none, np.empty(0), none, none, np.empty(0), edges, owner)
    new = np.r_[True, (leg[1:] != leg[:-1]) | (np.diff(at_m) > CLUSTER_M)]
    cluster = np.cumsum(new) - 1
    # A true intersection places a cluster better than the projection of a corner does.
    best = np.lexsort((at_m, np.isnan(angle), cluster))
    first = best[np.searchsorted(cluster[best], np.arange(cluster[-1] + 1))]
    place, met, least = _least(cluster, feature, angle)
    return Meetings(leg[first], at_m[first], place, met, least, edges, owner)


def _near_edges(route: Route, layer: LayerWindow) -> tuple[Floats, Ints]:
    lines = np.flatnonzero(shapely.get_dimensions(layer.edges) == 1)
    grown = shapely.bounds(layer.edges[lines]) + NEAR_DEG * np.array([-1, -1, 1, 1])
    near, _ = route.tree.query(shapely.box(*grown.T))
    chosen = lines[np.unique(near)]
    rows, index = segments(layer.edges[chosen])
    return rows, layer.edge_feature[chosen][index].astype(np.int64)


def _pairs(route: Route, edges: Floats, owner: Ints) -> tuple[Ints, Floats, Ints, Floats]:
    """Segment, share along it, feature and angle of every meeting of a route segment with an edge segment."""
    lines = shapely.linestrings(edges.reshape(-1, 2, 2))
    edge, segment = route.tree.query(lines, predicate="dwithin", distance=NEAR_DEG)
    a, b = route.starts[segment], route.ends[segment]
    p, q = edges[edge, :2], edges[edge, 2:]
    d, e = b - a, q - p
    cross = _cross(d, e)
    long_d, long_e = np.hypot(*d.T), np.hypot(*e.T)
    proper = np.abs(cross) > _PARALLEL * long_d * long_e
    safe = np.where(proper, cross, 1.0)
    along_route, along_edge = _cross(p - a, e) / safe, _cross(p - a, d) / safe
    proper &= _within(along_route, long_d) & _within(along_edge, long_e)
    found = [(segment[proper], along_route[proper], edge[proper], _angle(d, e, a[:, 1])[proper])]
    for corner in (p, q):
        share, off = _project(corner, a, d)
        on = off <= NEAR_DEG
        found.append((segment[on], share[on], edge[on], np.full(int(on.sum()), np.nan)))
    for node, end in ((a, 0.0), (b, 1.0)):
        _, off = _project(node, p, e)
        on = off <= NEAR_DEG
        found.append((segment[on], np.full(int(on.sum()), end), edge[on], np.full(int(on.sum()), np.nan)))
    segment_, share_, edge_, angle_ = (np.concatenate(column) for column in zip(*found, strict=True))
    return segment_, np.clip(share_, 0.0, 1.0), owner[edge_], angle_


def _cross(u: Floats, v: Floats) -> Floats:
    return np.asarray(u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0])


def _within(share: Floats, length: Floats) -> npt.NDArray[np.bool_]:
    slack = NEAR_DEG / length
    return np.asarray((share >= -slack) & (share <= 1 + slack))


def _project(point: Floats, start: Floats, run: Floats) -> tuple[Floats, Floats]:
    """Share along a segment of the nearest place to a point, and how far away it is, degrees."""
    share = np.clip(np.sum((point - start) * run, axis=1) / np.sum(run * run, axis=1), 0.0, 1.0)
    return share, np.hypot(*(start + run * share[:, None] - point).T)


def _angle(d: Floats, e: Floats, latitude: Floats) -> Floats:
    """Angle between two directions on the ground, 0–90 degrees."""
    phi = np.radians(latitude)
    # A degree of longitude against one of latitude, on the ellipsoid.
    ratio = np.cos(phi) * (1 - E2 * np.sin(phi) ** 2) / (1 - E2)
    stretch = np.column_stack([ratio, np.ones(len(phi))])
    u, v = d * stretch, e * stretch
    return np.asarray(np.degrees(np.arctan2(np.abs(_cross(u, v)), np.abs(np.sum(u * v, axis=1)))))


def _least(cluster: Ints, feature: Ints, angle: Floats) -> tuple[Ints, Ints, Floats]:
    """One row for each feature at each place, with its least angle."""
    order = np.lexsort((angle, feature, cluster))
    cluster, feature, angle = cluster[order], feature[order], angle[order]
    new = np.r_[True, (cluster[1:] != cluster[:-1]) | (feature[1:] != feature[:-1])]
    return cluster[new], feature[new], angle[new]
