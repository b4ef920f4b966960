"""`python -m layers.cluster up|url|down|remove|status`: the own cluster from a shell, one line of output each."""

from __future__ import annotations

import sys

from layers import cluster
from layers.settings import settings
from zoning.errors import ShanheError


def _act(word: str) -> str:
    external = settings().database_url is not None
    if external and word in ("up", "status"):
        return "· database: given by SHANHE_DATABASE_URL"
    if word == "up":
        cluster.up()
        word = "status"
    if word == "status":
        found = cluster.status()
        if found.kind is None:
            return f"· database: own cluster {found.name} does not exist"
        state = "ready" if found.running else "stopped"
        return f"· database: own cluster {found.name} (PostgreSQL {found.version}, 127.0.0.1:{found.port}) {state}"
    if word == "url":
        given = settings().database_url
        return given.get_secret_value() if given is not None else cluster.up()
    if word == "down":
        return "· database: own cluster stopped" if cluster.down() else "· database: own cluster was not running"
    if word == "remove":
        return "· removed: own database cluster" if cluster.remove() else "· no own database cluster to remove"
    raise SystemExit("usage: python -m layers.cluster up|url|down|remove|status")


def main() -> None:
    try:
        print(_act(sys.argv[1] if len(sys.argv) == 2 else ""))  # noqa: T201 (a command's answer)
    except ShanheError as error:
        print(f"✗ {error.text('en')}\n✗ {error.text('zh')}", file=sys.stderr)  # noqa: T201
        raise SystemExit(error.exit_code) from None


main()
