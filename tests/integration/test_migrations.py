"""Migrations run both ways, from any directory, and say exactly what `layers.tables` declares."""

from __future__ import annotations

import io
import subprocess
import sys

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory

from layers.database import alembic_config, migrate
from layers.load import load_bundled
from layers.release import Release
from layers.settings import CHECKOUT
from layers.tables import Base
from zoning.errors import Unavailable

OF_POSTGIS = {"spatial_ref_sys"}


def tables(engine: sa.Engine) -> set[str]:
    return set(sa.inspect(engine).get_table_names()) - OF_POSTGIS


def schema(engine: sa.Engine) -> list[str]:
    """Every column, constraint and index as the server tells them."""
    query = """
        select table_name || '.' || column_name || ' ' || udt_name || ' ' || is_nullable || coalesce(column_default, '')
        from information_schema.columns where table_schema = 'public'
        union all select conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
        from pg_constraint where connamespace = 'public'::regnamespace
        union all select indexdef from pg_indexes where schemaname = 'public'
    """
    with engine.connect() as connection:
        return sorted(connection.execute(sa.text(query)).scalars())


def test_upgrade_downgrade_upgrade_ends_where_it_began(bare_db):
    untouched = schema(bare_db)
    migrate(bare_db)
    first = schema(bare_db)
    assert tables(bare_db) == {*Base.metadata.tables, "alembic_version"}
    command.downgrade(alembic_config(bare_db.url), "base")
    assert tables(bare_db) == {"alembic_version"}
    assert [line for line in schema(bare_db) if "alembic_version" not in line] == untouched
    migrate(bare_db)
    assert schema(bare_db) == first


def test_downgrade_and_upgrade_work_with_data(empty_db, world):
    load_bundled(empty_db, world.folder, world.catalogue)
    command.downgrade(alembic_config(empty_db.url), "base")
    migrate(empty_db)
    assert load_bundled(empty_db, world.folder, world.catalogue).release == Release(1)


def test_tables_say_what_the_migrations_say(empty_db):
    config = alembic_config(empty_db.url)
    config.stdout = io.StringIO()  # alembic keeps the stream of the moment it was imported
    command.check(config)


def test_there_is_one_head():
    assert len(ScriptDirectory.from_config(alembic_config(sa.make_url("postgresql://"))).get_heads()) == 1


def test_migrations_run_from_any_directory(bare_db, tmp_path):
    alembic = [sys.executable, "-m", "alembic", "-c", str(CHECKOUT / "alembic.ini"), "upgrade", "head"]
    url = bare_db.url.render_as_string(hide_password=False)
    done = subprocess.run(
        alembic, cwd=tmp_path, env={"SHANHE_DATABASE_URL": url, "PATH": ""}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "release" in tables(bare_db)


def test_role_without_rights_is_told_what_is_needed(bare_db):
    with bare_db.begin() as connection:
        # The owner takes the right to create from itself; so no other role is needed.
        connection.execute(sa.text("alter schema public rename to elsewhere"))
        connection.execute(sa.text("create schema public"))
        connection.execute(sa.text("revoke create on schema public from current_user"))
        superuser = connection.execute(sa.text("select current_setting('is_superuser')")).scalar_one() == "on"
    if superuser:
        pytest.skip("a superuser has every right")
    with pytest.raises(Unavailable) as caught:
        migrate(bare_db)
    assert caught.value.type == "database-rights"


def test_parallel_migrations_both_end_well(bare_db, tmp_path):
    url = bare_db.url.render_as_string(hide_password=False)
    script = "from layers.database import *; e = make_engine(__import__('sys').argv[1]); migrate(e); e.dispose()"
    running = [
        subprocess.Popen([sys.executable, "-c", script, url], cwd=CHECKOUT, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    ended = [(process.communicate()[1], process.returncode) for process in running]
    assert [code for _, code in ended] == [0, 0], ended
