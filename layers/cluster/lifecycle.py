"""Brings the own cluster up, down and away from whatever state it was left in; many processes may call at once."""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass, replace
from importlib.resources import files

import psycopg

from layers.cluster import programs
from layers.cluster.checkout import Checkout, Memory
from layers.cluster.server import DebianServer, PlainServer, Server
from zoning.bilingual import Bilingual
from zoning.errors import Unavailable

_ROLE = _DATABASE = "shanhe"
_START_TRIES = 3


@dataclass(frozen=True, slots=True)
class Status:
    """Whether the own cluster exists and runs, and where."""

    name: str
    kind: str | None
    version: str | None
    port: int | None
    running: bool


def _kind() -> str:
    return "debian" if os.geteuid() == 0 else "plain"


def _server(checkout: Checkout, memory: Memory) -> Server:
    return DebianServer(checkout, memory) if memory.kind == "debian" else PlainServer(checkout, memory)


def _url(memory: Memory) -> str:
    return f"postgresql://{_ROLE}:{memory.password}@127.0.0.1:{memory.port}/{_DATABASE}"


def _answers(memory: Memory) -> bool:
    """Whether our role gets into our database: only our own cluster knows the password."""
    try:
        with psycopg.connect(_url(memory), connect_timeout=2):
            return True
    except psycopg.OperationalError:
        return False


def up() -> str:
    """The URL of the running, provisioned cluster; it is made and started when needed. Raises `Unavailable`."""
    checkout = Checkout.here()
    memory = checkout.remembered()
    if memory is not None and memory.port and _answers(memory):
        return _url(memory)
    with checkout.locked():
        memory = checkout.remembered()
        if memory is not None and memory.port and _server(checkout, memory).running() and _answers(memory):
            return _url(memory)
        memory = _started(checkout, _made(checkout, memory))
        _provision(_server(checkout, memory))
        if not _answers(memory):
            raise Unavailable(
                "database-own",
                Bilingual(
                    f"自有数据库集群 {checkout.name} 已启动但无法登录，请运行 make clean 后重试。",
                    f"The own cluster {checkout.name} runs but lets nobody in; run make clean and try again.",
                ),
            )
    return _url(memory)


def _made(checkout: Checkout, memory: Memory | None) -> Memory:
    if memory is None or memory.kind != _kind() or not programs.usable(memory.version):
        memory = _adopted(checkout) or checkout.fresh_memory(_kind(), programs.newest_version())
        server = _server(checkout, memory)
        if isinstance(server, DebianServer) and server.unfinished():
            raise Unavailable(
                "database-own",
                Bilingual(
                    f"已有同名集群 {checkout.name}，但没有本项目的标记，不予改动。",
                    f"A cluster {checkout.name} exists without this project's mark; it is left alone.",
                ),
            )
        # Written before the cluster is made, so that a creation that was cut off is known to be our own.
        checkout.remember(memory)
    server = _server(checkout, memory)
    if not server.exists():
        if isinstance(server, DebianServer) and server.unfinished():
            server.drop()
        memory = replace(memory, port=programs.free_port())
        _server(checkout, memory).create(memory.port)
        checkout.remember(memory)
    return memory


def _adopted(checkout: Checkout) -> Memory | None:
    """A marked cluster of this path whose memory was lost; it gets a new password."""
    if _kind() != "debian":
        return None
    fresh = checkout.fresh_memory("debian", programs.newest_version())
    server = DebianServer(checkout, fresh)
    return replace(fresh, port=server.configured_port()) if server.exists() else None


def _started(checkout: Checkout, memory: Memory) -> Memory:
    for attempt in range(_START_TRIES):
        server = _server(checkout, memory)
        if memory.port and server.running():
            return memory
        if attempt or not memory.port or programs.taken(memory.port):
            memory = replace(memory, port=programs.free_port(attempt))
            _server(checkout, memory).set_port(memory.port)
            checkout.remember(memory)
        try:
            _server(checkout, memory).start()
        except Unavailable:
            # The port may have been taken since the look, or a killed server may still be ending: wait, go elsewhere.
            if attempt == _START_TRIES - 1:
                raise
            time.sleep(1)
        else:
            return memory
    raise AssertionError("unreachable")


def _provision(server: Server) -> None:
    password = server.memory.password
    if not re.fullmatch(r"[A-Za-z0-9_-]+", password):
        raise ValueError("the password must be plain ASCII")
    script = (files("layers.cluster") / "provision.sql").read_text(encoding="utf-8")
    server.admin_sql(f"\\set password {password}\n{script}")


def down() -> bool:
    """Stop the own cluster; False when it did not run."""
    checkout = Checkout.here()
    memory = checkout.remembered()
    if memory is None or not _server(checkout, memory).exists():
        return False
    with checkout.locked():
        server = _server(checkout, memory)
        if not server.running():
            return False
        server.stop()
        return True


def remove() -> bool:
    """Remove the own cluster with all its data, and `.shanhe`; False when there was none. Others are never touched."""
    checkout = Checkout.here()
    if not checkout.state.exists() and _adopted_or_none(checkout) is None:
        return False
    with checkout.locked():
        memory = checkout.remembered() or _adopted_or_none(checkout)
        removed = False
        if memory is not None:
            server = _server(checkout, memory)
            unfinished = isinstance(server, DebianServer) and checkout.remembered() is not None and server.unfinished()
            if server.exists() or unfinished:
                server.drop()
                removed = True
        checkout.forget()
    return removed


def _adopted_or_none(checkout: Checkout) -> Memory | None:
    try:
        return _adopted(checkout)
    except Unavailable:
        return None


def status() -> Status:
    """What is there now; nothing is started."""
    checkout = Checkout.here()
    memory = checkout.remembered() or _adopted_or_none(checkout)
    if memory is None or not _server(checkout, memory).exists():
        return Status(checkout.name, None, None, None, running=False)
    return Status(checkout.name, memory.kind, memory.version, memory.port, _server(checkout, memory).running())
