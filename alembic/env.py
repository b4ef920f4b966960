"""How Alembic reaches the database and compares it with `layers.tables`; GeoAlchemy2's three helpers are wired here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import context
from geoalchemy2 import alembic_helpers

from layers.database import database_url, make_engine
from layers.tables import Base

_spatial_include: Callable[..., bool] = alembic_helpers.include_object


def include_object(item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """Only what this project declares or once declared; PostGIS's own tables and views stay out."""
    if kind == "table":
        return not (reflected and compare_to is None and name in ("spatial_ref_sys", "topology", "layer"))
    return _spatial_include(item, name, kind, reflected, compare_to)


def compare_to(connection: sa.Connection | None, **more: Any) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_object=include_object,
        process_revision_directives=alembic_helpers.writer,
        render_item=alembic_helpers.render_item,
        compare_server_default=False,
        transactional_ddl=True,
        **more,
    )


def run() -> None:
    url = context.config.attributes.get("url") or database_url()
    if context.is_offline_mode():
        compare_to(None, url=url, literal_binds=True, dialect_opts={"paramstyle": "named"})
        with context.begin_transaction():
            context.run_migrations()
        return
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            # Two processes may start at once: the second waits and then finds nothing to do.
            connection.execute(sa.text("set statement_timeout = 0"))
            connection.execute(sa.text("select pg_advisory_lock(hashtext('shanhe migration'))"))
            connection.commit()
            compare_to(connection)
            with context.begin_transaction():
                context.run_migrations()
    finally:
        engine.dispose()


run()
