"""The checkout's own PostgreSQL cluster: made, started, provisioned and removed; no other cluster is ever touched.

As root it is a cluster of Debian's postgresql-common, otherwise plain `initdb` and `pg_ctl` in `.shanhe/pg`. It
listens on 127.0.0.1 only, with a random password kept in `.shanhe` (readable by its owner only). The service's role
owns its databases and is no superuser.
"""

from __future__ import annotations

from layers.cluster.lifecycle import Status, down, remove, status, up

__all__ = ["Status", "down", "remove", "status", "up"]
