"""Releases and what they hold: the read view every reader names, and the layers in it. It reads no feature."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NewType

import sqlalchemy as sa

from layers.database import driver, driver_queries, queries, reading
from zoning.bilingual import Bilingual
from zoning.errors import BadProject, Unavailable
from zoning.evidence import LayerMeta

_SQL = queries("release")
_DRIVER_SQL = driver_queries("release")

ReleaseNumber = NewType("ReleaseNumber", int)


@dataclass(frozen=True, slots=True, order=True)
class Release:
    """The read view of one published release."""

    number: ReleaseNumber


@dataclass(frozen=True, slots=True)
class ReleaseInfo:
    """A release as it was published. `changed_layers`: per layer the number of features added and closed."""

    release: Release
    published_at: dt.datetime
    published_on: dt.date
    note: str
    changed_layers: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class HeldLayer:
    """A layer held at a release: what a check sees of it, its whole catalogue entry, and counts."""

    meta: LayerMeta
    spec: Mapping[str, Any]
    content_hash: str
    pieces: int
    edges: int
    coverage_parts: int


def newest_release(source: sa.Engine | sa.Connection) -> Release:
    """The newest release; raises `Unavailable` when none is published."""
    with driver(source) as connection:
        row = connection.execute(_DRIVER_SQL["newest"]).fetchone()
    number = row[0] if row else None
    if number is None:
        raise Unavailable(
            "no-release",
            Bilingual(
                "数据库中还没有发布任何数据，请先运行 shanhe load。",
                "No release is published yet; run shanhe load first.",
            ),
        )
    return Release(ReleaseNumber(number))


def open_release(source: sa.Engine | sa.Connection, number: int | None = None) -> Release:
    """The release of that number, or the newest; raises `BadProject` (no such one) or `Unavailable` (none at all)."""
    newest = newest_release(source)
    if number is None:
        return newest
    if not 1 <= number <= newest.number:
        raise unknown_release(number, newest.number)
    return Release(ReleaseNumber(number))


def unknown_release(number: int, newest: int | None = None) -> BadProject:
    """The error for a release that was never published."""
    zh, en = (f"，最新为 {newest}", f"; the newest is {newest}") if newest is not None else ("", "")
    return BadProject(
        "release-unknown",
        Bilingual(f"没有数据版本 {number}{zh}。", f"There is no release {number}{en}."),
        field="release",
        value=number,
    )


def release_info(engine: sa.Engine, view: Release) -> ReleaseInfo:
    """When and how a release was published; raises `BadProject` when it does not exist."""
    with reading(engine) as connection:
        row = connection.execute(_SQL["info"], {"release": view.number}).one_or_none()
    if row is None:
        raise unknown_release(view.number)
    return ReleaseInfo(view, row.published_at, row.published_on, row.note, row.changed_layers)


def layers_at(engine: sa.Engine, view: Release) -> tuple[HeldLayer, ...]:
    """The layers held at a release, in display order."""
    with reading(engine) as connection:
        rows = [dict(row) for row in connection.execute(_SQL["layers"], {"release": view.number}).mappings()]
    return tuple(
        HeldLayer(
            layer_meta(row),
            row["spec"],
            row["content_hash"],
            row["piece_count"],
            row["edge_count"],
            row["coverage_count"],
        )
        for row in rows
    )


def layer_meta(row: Mapping[str, Any]) -> LayerMeta:
    """A row of `layer_version`, from a result or from JSON, as the domain sees it."""
    review_by = row["review_by"]
    return LayerMeta(
        id=row["layer"],
        kind=row["kind"],
        title=Bilingual(row["title_zh"], row["title_en"]),
        version=row["version"],
        legal_status=row["legal_status"],
        accuracy_m=float(row["accuracy_m"]),
        full_cover=row["full_cover"],
        review_by=dt.date.fromisoformat(review_by) if isinstance(review_by, str) else review_by,
        feature_count=row["feature_count"],
        stands_for_bound_m=float(row["stands_for_bound_m"]),
        complete_for={name: tuple(values) for name, values in row["complete_for"].items()},
        valid_days=tuple((_date(start), _date(end)) for start, end in row["spans"] or ()),
    )


def _date(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)
