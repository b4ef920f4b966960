"""The visible layers of a release, each in its form, and the SQL of a geometry in that form; `public_form` decides which.

A layer that is no longer public is not shown at older releases either: the stricter of then and now holds.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, Final, Literal

import sqlalchemy as sa
from psycopg import sql

from layers import public_form
from layers.database import driver, driver_queries
from layers.release import Release

Form = Literal["exact", "generalised"]

GRID: Final = 0.01
"""Degrees: corners of a generalised geometry stand on this grid (about 1 km), so that none is a true corner."""

_SQL = driver_queries("visibility")
_MOST_KNOWN: Final = 256
_known: Final[dict[Hashable, dict[str, Form | None]]] = {}
"""By database, release, and the newest release with its moment: what is decided changes with a publication only."""


def form_of(then: Mapping[str, Any], now: Mapping[str, Any]) -> Form | None:
    """The form in which everybody may see a layer, by its entry at a release and its newest entry; None: not at all.

    >>> exact, login = {"visibility": "public", "public_form": "exact"}, {"visibility": "login", "public_form": "exact"}
    >>> form_of(exact, exact), form_of(exact, login)
    ('exact', None)
    """
    forms = {public_form.form(then), public_form.form(now)}
    if "hidden" in forms:
        return None
    return "generalised" if "generalised" in forms else "exact"


def held_forms(source: sa.Engine | sa.Connection, view: Release) -> dict[str, Form | None]:
    """All layers held at a release, in display order, each with its form, None for those not everybody may see.

    Raises `Unavailable`.
    """
    with driver(source) as connection:
        newest = connection.execute(_SQL["newest"]).fetchone()
        key = (source.engine.url.set(password=None), int(view.number), newest)
        found = _known.get(key)
        if found is None:
            rows = connection.execute(_SQL["entries"], {"release": int(view.number)}).fetchall()
            found = {layer: form_of(then, now) for layer, then, now in rows}
            if len(_known) >= _MOST_KNOWN:
                _known.clear()
            _known[key] = found
    return dict(found)


def forms_at(source: sa.Engine | sa.Connection, view: Release) -> dict[str, Form]:
    """Those that everybody may see. Raises `Unavailable`."""
    return {layer: form for layer, form in held_forms(source, view).items() if form is not None}


def geometry_sql(form: Form) -> sql.Composable:
    """The SQL of a feature's geometry (of the row `f`) as it may be seen; what is asked of it is asked of this, too.

    Generalised, all corners stand on the grid. An area of which that leaves nothing is drawn as the line around it, and what is
    smaller than a cell as points of the grid, one for each part.
    """
    if form == "exact":
        return sql.SQL("f.geom")
    return sql.SQL(
        "(case when ST_IsEmpty(f.geom) then f.geom else coalesce("
        "(select g from ST_ReducePrecision(f.geom, {0}) as g where not ST_IsEmpty(g)), "
        "(select g from ST_ReducePrecision(ST_Boundary(f.geom), {0}) as g where ST_Dimension(f.geom) = 2 and not ST_IsEmpty(g)), "
        "(select ST_ReducePrecision(ST_Collect(ST_PointOnSurface(part.geom)), {0}) from ST_Dump(f.geom) as part)) end)"
    ).format(sql.Literal(GRID))
