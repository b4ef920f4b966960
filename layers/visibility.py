"""Decides who may see a layer and in what form, from its catalogue entry; every way out of the service asks here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

import sqlalchemy as sa
from psycopg import sql

from layers.database import driver
from layers.release import Release

Form = Literal["exact", "generalised"]

GRID: Final = 0.01
"""Degrees: corners of a generalised geometry stand on this grid (about 1 km), so that none is a true corner."""


def form_of(spec: Mapping[str, Any]) -> Form | None:
    """The form in which everybody may see a layer, or None when nobody may without being asked who they are.

    >>> form_of({"visibility": "public", "public_form": "exact"}), form_of({"visibility": "login", "public_form": "exact"})
    ('exact', None)
    """
    form = spec.get("public_form")
    if spec.get("visibility") != "public" or form not in ("exact", "generalised"):
        return None
    return "exact" if form == "exact" else "generalised"


def forms_at(source: sa.Engine | sa.Connection, view: Release) -> dict[str, Form]:
    """The layers that everybody may see at a release, with their forms, in display order. Raises `Unavailable`."""
    with driver(source) as connection:
        rows = connection.execute(
            "select layer, spec -> 'visibility', spec -> 'public_form' from layer_version "
            "where releases @> %s::integer order by (spec ->> 'order')::integer, layer",
            [int(view.number)],
        ).fetchall()
    found = {layer: form_of({"visibility": visibility, "public_form": form}) for layer, visibility, form in rows}
    return {layer: form for layer, form in found.items() if form is not None}


def geometry_sql(form: Form) -> sql.Composable:
    """The SQL of a feature's geometry (of the row `f`) as it may be seen; what is asked of it is asked of this, too.

    Generalised, all corners stand on the grid; what is smaller than a cell is a point of the grid.
    """
    if form == "exact":
        return sql.SQL("f.geom")
    grid = sql.Literal(GRID)
    return sql.SQL(
        "(case when ST_IsEmpty(f.geom) then f.geom when ST_IsEmpty(ST_ReducePrecision(f.geom, {0})) "
        "then ST_ReducePrecision(ST_PointOnSurface(f.geom), {0}) else ST_ReducePrecision(f.geom, {0}) end)"
    ).format(grid)
