"""The real service on a free port of this machine, in a process of its own: for clients that speak HTTP themselves."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa

from layers.settings import CHECKOUT

START_S = 60.0
_PROGRAM = "import sys; from app.cli import main; sys.exit(main())"


@dataclass(frozen=True)
class Served:
    """A running service."""

    port: int
    pid: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


@contextmanager
def serving(url: sa.URL, **settings: str) -> Iterator[Served]:
    """The service on a database, with further settings by name in lower case; it ends with the block."""
    port = free_port()
    given = {f"SHANHE_{name.upper()}": value for name, value in {"workers": "1", **settings}.items()}
    environment = {**os.environ, **given, "SHANHE_DATABASE_URL": url.render_as_string(hide_password=False)}
    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, "serve", "--port", str(port)],
        cwd=CHECKOUT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _await(process, port)
        yield Served(port, process.pid)
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the service ended with {process.returncode} instead of starting")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.05)
        finally:
            connection.close()
    raise RuntimeError(f"the service did not start in {START_S:.0f} s")
