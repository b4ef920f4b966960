"""Checks a second over HTTP with eight connections, the first check after a start, and the memory it takes.

It runs one service process of its own on 127.0.0.1 against a copy of the project's database, which it removes again.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psycopg
import shapely
import sqlalchemy as sa
from psycopg import sql

from layers.database import database_url, make_engine
from layers.release import open_release
from layers.settings import CHECKOUT
from tests.benchmarks.check_time import row, sites

CONNECTIONS = 8
CHECKS = 400
START_S = 60


@contextmanager
def copy_of_the_database() -> Iterator[sa.URL]:
    """A copy, so that the load leaves no checks behind. Raises `psycopg.errors.ObjectInUse` while the original is in use."""
    url = database_url()
    name = f"shanhe_bench_{os.getpid()}"
    maintenance = url.set(database="postgres", drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(maintenance, autocommit=True) as connection:
        origin = sql.Identifier(url.database or "shanhe")
        connection.execute(sql.SQL("create database {} template {}").format(sql.Identifier(name), origin))
        try:
            yield url.set(database=name)
        finally:
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def service(url: sa.URL) -> Iterator[tuple[int, int]]:
    """A service on a free port; gives port and process id."""
    port = free_port()
    environment = {**os.environ, "SHANHE_DATABASE_URL": url.render_as_string(hide_password=False)}
    command = [
        sys.executable,
        "-c",
        "import sys; from app.cli import main; sys.exit(main())",
        "serve",
        "--port",
        str(port),
    ]
    process = subprocess.Popen(
        command, cwd=CHECKOUT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                connection.request("GET", "/readyz")
                if connection.getresponse().status == 200:
                    break
            except OSError:
                time.sleep(0.2)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(timeout=30)


def bodies(url: sa.URL) -> list[bytes]:
    """Different questions, so that none is answered from the archive."""
    engine = make_engine(url)
    try:
        among = sites(engine, open_release(engine))
    finally:
        engine.dispose()
    found = []
    for n in range(CHECKS):
        site = among[n % len(among)].geometry
        question = {
            "site": shapely.geometry.mapping(site),
            "project": {
                "name": "load",
                "industry": "C2521",
                "activity": "new",
                "attributes": {"net_new_capacity": 1000 + n},
            },
            "as_of": "2024-06-30",
        }
        found.append(json.dumps(question).encode())
    return found


def ask(port: int, mine: list[bytes], taken: list[float], bad: list[int]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for body in mine:
        start = time.perf_counter()
        connection.request("POST", "/checks", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        response.read()
        taken.append((time.perf_counter() - start) * 1e3)
        if response.status != 200:
            bad.append(response.status)


def peak_mb(process: int) -> float:
    """The process's peak resident memory, MB (Linux)."""
    for line in Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return float("nan")


def main() -> None:
    try:
        with copy_of_the_database() as url, service(url) as (port, process):
            questions = bodies(url)
            first: list[float] = []
            bad: list[int] = []
            ask(port, questions[:1], first, bad)
            taken: list[float] = []
            shares = [questions[1:][i::CONNECTIONS] for i in range(CONNECTIONS)]
            threads = [threading.Thread(target=ask, args=(port, mine, taken, bad)) for mine in shares]
            start = time.perf_counter()
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            seconds = time.perf_counter() - start
            print(f"over HTTP, one process, {CONNECTIONS} connections, {len(taken)} different questions, each stored")
            print(row("check over HTTP under that load", np.asarray(taken)))
            print(f"checks a second: {len(taken) / seconds:.0f}; first check after the start: {first[0]:.0f} ms")
            print(f"peak memory of the service: {peak_mb(process):.0f} MB; answers that were not 200: {len(bad)}")
    except psycopg.errors.ObjectInUse:
        print("over HTTP: not measured, the database is in use (stop the service first)")


if __name__ == "__main__":
    main()
