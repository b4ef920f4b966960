"""Where features lie and where a map may write their names, for presets and labels. It asks nothing of who may see a layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from layers.database import queries, reading
from layers.release import Release
from zoning.bilingual import Bilingual

_SQL = queries("extents")


@dataclass(frozen=True, slots=True)
class Box:
    """A feature's box, in degrees of EPSG:4490, and its properties."""

    layer: str
    code: str
    properties: Mapping[str, Any]
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Extent:
    """A feature's box and naming point, in degrees of EPSG:4490."""

    layer: str
    code: str
    name: Bilingual
    class_: str | None
    properties: Mapping[str, Any]
    box: tuple[float, float, float, float]
    at: tuple[float, float]


@dataclass(frozen=True, slots=True)
class LineName:
    """A point on a line at which its name may be written; `azimuth` is the line's direction there, degrees from north.

    `long` lines may be named more than once.
    """

    code: str
    name: Bilingual
    at: tuple[float, float]
    azimuth: float
    long: bool


def extents(
    engine: sa.Engine, view: Release, layers: Sequence[str], classes: Sequence[str] | None = None
) -> tuple[Extent, ...]:
    """The placed features of layers at a release, by layer and code; of some classes only where `classes` says so.

    Raises
    ------
    Unavailable
        The database cannot be reached, or takes longer than the statement timeout.
    """
    asked = {"release": int(view.number), "layers": list(layers), "classes": list(classes) if classes else None}
    with reading(engine) as connection:
        rows = connection.execute(_SQL["extents"], asked).all()
    return tuple(
        Extent(
            row.layer,
            row.code,
            Bilingual(row.name, row.name_en or row.name),
            row.class_,
            row.properties or {},
            (row.west, row.south, row.east, row.north),
            (row.lon, row.lat),
        )
        for row in rows
    )


def boxes(engine: sa.Engine, view: Release, layers: Sequence[str]) -> tuple[Box, ...]:
    """The boxes of all placed features of layers at a release, by layer and code. Raises `Unavailable`."""
    with reading(engine) as connection:
        rows = connection.execute(_SQL["boxes"], {"release": int(view.number), "layers": list(layers)}).all()
    return tuple(
        Box(row.layer, row.code, row.properties or {}, (row.west, row.south, row.east, row.north)) for row in rows
    )


def line_names(engine: sa.Engine, view: Release, layer: str) -> tuple[LineName, ...]:
    """Naming points of a layer of lines at a release, each line's middle first. Raises `Unavailable`."""
    with reading(engine) as connection:
        rows = connection.execute(_SQL["river_names"], {"release": int(view.number), "layer": layer}).all()
    return tuple(
        LineName(
            row.code, Bilingual(row.name, row.name_en or row.name), (row.lon, row.lat), row.azimuth or 0.0, row.long
        )
        for row in rows
    )


@dataclass(frozen=True, slots=True)
class Published:
    """A release in the list of them: number, day and note."""

    number: int
    day: str
    note: str


def releases(engine: sa.Engine, newest: Release, limit: int) -> tuple[Published, ...]:
    """The newest `limit` releases, the newest first. Raises `Unavailable`."""
    with reading(engine) as connection:
        rows = connection.execute(_SQL["releases"], {"newest": int(newest.number), "limit": limit}).all()
    return tuple(Published(row.number, row.published_on.isoformat(), row.note) for row in rows)
