"""Writes one release into an open transaction: closes rows that end, copies in rows that begin. It decides nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import shapely
import sqlalchemy as sa
from psycopg.types.json import Jsonb
from sqlalchemy.dialects.postgresql import Range

from layers import clauses, drawings
from layers.boundary_file import BoundaryLayer
from layers.clauses import ClauseChange
from layers.copying import copy, ewkb
from layers.database import queries
from layers.segments import PIECE_VERTICES, edges, short_lines
from layers.tables import SRID, LayerVersionRow
from zoning.evidence import Geometries, Indices

SQL = queries("publication")
_NOTE = "bundled boundaries"
_FEATURE_COLUMNS = (
    "id", "layer", "code", "name", "name_en", "class", "properties", "source", "method", "licence", "plan_line",
    "accuracy_m", "legal_status", "valid_from", "valid_to", "area_m2", "length_m", "content_hash", "geom", "releases",
)  # fmt: skip
_CUT_COLUMNS = ("feature_id", "n", "layer", "geom", "releases")


@dataclass(frozen=True, slots=True)
class Cover:
    """The admin feature whose polygon is a layer's coverage, and a hash over which it is and how it lies."""

    layer: str
    code: str
    hash: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A layer to be published: as read, with its coverage and the hash over all of it."""

    layer: BoundaryLayer
    cover: Cover | None
    content_hash: str


@dataclass(frozen=True, slots=True)
class Held:
    """What the database holds of a layer now."""

    content_hash: str
    coverage_hash: str
    piece_count: int = 0
    edge_count: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """How many features a release added to a layer and how many it closed."""

    added: int
    closed: int


@dataclass(frozen=True, slots=True)
class Publication:
    """One release being written inside an open transaction."""

    connection: sa.Connection
    release: int
    cut: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """By layer: pieces and edges added, less those closed."""

    @property
    def _open(self) -> str:
        return f"{{[{self.release},)}}"

    def publish(
        self, changed: Sequence[Candidate], gone: Sequence[str], held: Mapping[str, Held], listed: ClauseChange
    ) -> dict[str, Change]:
        """Write the release: `changed` layers as they are now, `gone` ones ended, the access list as `listed` changes it,
        all else untouched."""
        old = {name: self._open_features(name) for name in [*gone, *(c.layer.spec.id for c in changed)]}
        changes = {name: Change(0, len(old[name])) for name in gone}
        for candidate in changed:
            layer = candidate.layer
            added = len(_fresh(layer, old[layer.spec.id]).facts)
            changes[layer.spec.id] = Change(added, len(old[layer.spec.id]) - (len(layer.facts) - added))
        if listed:
            changes[clauses.NAME] = Change(len(listed.begin), len(listed.end))
        said = {name: {"added": change.added, "closed": change.closed} for name, change in changes.items()}
        statement = SQL["insert_release"].bindparams(sa.bindparam("changed", type_=sa.JSON))
        self.connection.execute(statement, {"number": self.release, "note": _NOTE, "changed": said})
        for name in gone:
            self._run("close_version", layer=name)
            self._run("close_coverage", layer=name)
            drawings.end(self.connection, self.release, name)
            self._close(name, [id for id, _ in old[name].values()])
        for candidate in changed:
            self._change_features(candidate.layer, old[candidate.layer.spec.id])
            self._draw(candidate.layer)
        # Only now: the admin features that coverages are cut from stand.
        for candidate in changed:
            self._change_version(candidate, held.get(candidate.layer.spec.id))
        if listed:
            self._run("close_clauses", clauses=list(listed.end))
            copy(self.connection, clauses.NAME, clauses.COLUMNS, listed.rows(self._open))
        self.connection.execute(SQL["analyze"])
        return changes

    def _run(self, query: str, **values: Any) -> sa.CursorResult[Any]:
        return self.connection.execute(SQL[query], {"release": self.release, **values})

    def _open_features(self, layer: str) -> dict[str, tuple[int, str]]:
        rows = self.connection.execute(SQL["open_features"], {"layer": layer})
        return {row.code: (row.id, row.content_hash) for row in rows}

    def _close(self, layer: str, ids: Sequence[int]) -> None:
        if ids:
            self.cut[layer]["piece"] -= self._run("close_pieces", ids=list(ids)).rowcount
            self.cut[layer]["edge"] -= self._run("close_edges", ids=list(ids)).rowcount
            self._run("close_features", ids=list(ids))

    def _change_features(self, layer: BoundaryLayer, old: Mapping[str, tuple[int, str]]) -> None:
        """Close what is no longer so, add what is new; rows that say the same stay open."""
        same = {f.code for f, digest in zip(layer.facts, layer.hashes, strict=True) if _stays(old, f.code, digest)}
        self._close(layer.spec.id, [id for code, (id, _) in old.items() if code not in same])
        fresh = _fresh(layer, old)
        if fresh.facts:
            ids = np.asarray(
                self.connection.execute(SQL["reserve_ids"], {"count": len(fresh.facts)}).scalars().all(),
                dtype=np.int64,
            )
            copy(self.connection, "feature", _FEATURE_COLUMNS, self._feature_rows(fresh, ids))
            self._cut(fresh, ids)

    def _feature_rows(self, layer: BoundaryLayer, ids: Indices) -> Iterable[tuple[Any, ...]]:
        wkb = ewkb(layer.geometries, SRID)
        for i, fact in enumerate(layer.facts):
            yield (
                int(ids[i]), layer.spec.id, fact.code, fact.name, fact.name_en, fact.class_,
                Jsonb(dict(fact.properties)),
                fact.source, fact.method, fact.licence, fact.plan_line, fact.accuracy_m, fact.legal_status,
                fact.valid_from, fact.valid_to, float(layer.area_m2[i]), float(layer.length_m[i]), layer.hashes[i],
                wkb[i], self._open,
            )  # fmt: skip

    def _cut(self, layer: BoundaryLayer, ids: Indices) -> None:
        if not layer.spec.checked:
            return
        cut, owner = edges(layer.geometries)
        self.cut[layer.spec.id]["edge"] += len(cut)
        copy(self.connection, "edge", _CUT_COLUMNS, self._cut_rows(layer.spec.id, cut, ids[owner]))
        if layer.spec.geometry == "MultiPolygon":
            every = [int(id) for id in ids]
            self.cut[layer.spec.id]["piece"] += self._run("cut_polygons", ids=every, vertices=PIECE_VERTICES).rowcount
            wrong = self._run("badly_cut", ids=every).scalars().all()
            if wrong:
                raise RuntimeError(f"pieces of {layer.spec.id} do not add up to their features: {wrong}")
            return
        if layer.spec.geometry == "MultiLineString":
            parts, part_owner = shapely.get_parts(layer.geometries, return_index=True)
            cut, line = short_lines(parts, PIECE_VERTICES)
            owner = part_owner[line]
        self.cut[layer.spec.id]["piece"] += len(cut)
        copy(self.connection, "piece", _CUT_COLUMNS, self._cut_rows(layer.spec.id, cut, ids[owner]))

    def _cut_rows(self, layer: str, cut: Geometries, ids: Indices) -> Iterable[tuple[Any, ...]]:
        first = np.searchsorted(ids, ids, side="left")
        for n, (wkb, id) in enumerate(zip(ewkb(cut, SRID), ids, strict=True)):
            yield int(id), n - int(first[n]) + 1, layer, wkb, self._open

    def _draw(self, layer: BoundaryLayer) -> None:
        codes, together = [fact.code for fact in layer.facts], layer.spec.full_cover
        drawings.redraw(self.connection, self.release, layer.spec.id, codes, layer.geometries, together=together)

    def _change_version(self, candidate: Candidate, held: Held | None) -> None:
        spec, cover = candidate.layer.spec, candidate.cover
        coverage_hash = cover.hash if cover else ""
        if held is None or held.coverage_hash != coverage_hash:
            self._run("close_coverage", layer=spec.id)
            if cover is not None:
                where = {"layer": spec.id, "admin_layer": cover.layer, "admin_code": cover.code}
                self._run("insert_coverage", vertices=PIECE_VERTICES, **where)
        self._run("close_version", layer=spec.id)
        before = held or Held("", "")
        cut = self.cut[spec.id]
        insert = sa.insert(LayerVersionRow).values(
            layer=spec.id,
            version=self.release,
            releases=[Range(self.release, None)],
            kind=spec.kind,
            title_zh=spec.title.zh,
            title_en=spec.title.en,
            legal_status=spec.legal_status,
            accuracy_m=spec.accuracy_m,
            stands_for_bound_m=spec.stands_for_bound_m,
            full_cover=spec.full_cover,
            review_by=spec.review_by,
            complete_for={name: list(values) for name, values in spec.complete_for.items()},
            spec=spec.as_json(),
            content_hash=candidate.content_hash,
            coverage_hash=coverage_hash,
            feature_count=len(candidate.layer.facts),
            valid_days=self._run("valid_days", layer=spec.id).scalar_one(),
            piece_count=before.piece_count + cut["piece"],
            edge_count=before.edge_count + cut["edge"],
        )
        self.connection.execute(insert)


def _stays(old: Mapping[str, tuple[int, str]], code: str, digest: str) -> bool:
    return code in old and old[code][1] == digest


def _fresh(layer: BoundaryLayer, old: Mapping[str, tuple[int, str]]) -> BoundaryLayer:
    """The features of a layer that the database does not hold as they are now."""
    pairs = enumerate(zip(layer.facts, layer.hashes, strict=True))
    picked = np.asarray([i for i, (f, digest) in pairs if not _stays(old, f.code, digest)], dtype=np.int64)
    return replace(
        layer,
        facts=tuple(layer.facts[i] for i in picked),
        geometries=layer.geometries[picked],
        area_m2=layer.area_m2[picked],
        length_m=layer.length_m[picked],
        hashes=tuple(layer.hashes[i] for i in picked),
    )
