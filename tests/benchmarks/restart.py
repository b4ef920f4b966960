"""Restarts this checkout's own cluster with nothing of its data in memory, for the first check after a restart."""

from __future__ import annotations

import os

import psycopg
import sqlalchemy as sa

from layers import cluster
from layers.cluster.checkout import Checkout
from layers.cluster.lifecycle import _server


def in_use(url: sa.URL) -> int:
    """How many others are connected to the cluster: they would be cut off."""
    text = url.set(database="postgres", drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(text) as connection:
        row = connection.execute(
            "select count(*) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()"
        ).fetchone()
    return int(row[0]) if row else 0


def restart_cold() -> str:
    """Stop the cluster, drop its files from the page cache, start it; gives its URL.

    Only this cluster's own files are dropped from memory (`posix_fadvise`), nobody else's.
    """
    checkout = Checkout.here()
    memory = checkout.remembered()
    if memory is None:
        raise RuntimeError("this checkout has no cluster of its own")
    data = _server(checkout, memory).data
    cluster.down()
    for path in data.rglob("*"):
        if path.is_file():
            handle = os.open(path, os.O_RDONLY)
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(handle)
    return cluster.up()
