"""The own cluster: made once, started when down, proof against stale state, and never anybody else's.

Each test makes a cluster for a checkout in a temporary folder; none touches the cluster the other tests use.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from layers.cluster import lifecycle, programs
from layers.cluster.checkout import Checkout
from layers.cluster.server import DebianServer
from layers.settings import CHECKOUT

pytestmark = pytest.mark.xdist_group("cluster")
"""One worker runs them all: a cluster takes seconds to make."""


@contextmanager
def checkout_elsewhere() -> Iterator[Checkout]:
    """A checkout in a temporary folder, taken for the one the code runs from; its cluster is removed at the end."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        root = Path(folder).resolve()
        (root / "pyproject.toml").touch()
        made = Checkout(root)
        patch.setattr(Checkout, "here", classmethod(lambda _: made))
        try:
            yield made
        finally:
            patch.setattr(Checkout, "here", classmethod(lambda _: made))
            lifecycle.remove()


@pytest.fixture
def checkout() -> Iterator[Checkout]:
    """A checkout of the test's own."""
    with checkout_elsewhere() as made:
        yield made


@pytest.fixture(scope="module")
def lasting() -> Iterator[Checkout]:
    """One checkout for all tests that leave its cluster whole."""
    with checkout_elsewhere() as made:
        yield made


def backend_start(url: str) -> object:
    with psycopg.connect(url) as connection:
        return connection.execute("select pg_postmaster_start_time()").fetchone()


def test_nothing_is_there_before_it_is_made(checkout):
    assert lifecycle.status().kind is None
    assert lifecycle.down() is False
    assert lifecycle.remove() is False
    assert not checkout.state.exists()


def test_own_cluster_lives_through_restart_and_lost_memory(lasting):
    url = lifecycle.up()
    with psycopg.connect(url) as connection:
        connection.execute("create table kept (x int)")
        row = connection.execute("select rolsuper from pg_roles where rolname = current_user").fetchone()
    assert row == (False,)
    started = backend_start(url)
    assert (lifecycle.up(), backend_start(url)) == (url, started)
    assert stat.S_IMODE(lasting.state.stat().st_mode) == 0o700
    assert stat.S_IMODE((lasting.state / "cluster.json").stat().st_mode) == 0o600

    assert lifecycle.down() is True
    assert lifecycle.status().running is False
    again = lifecycle.up()
    with psycopg.connect(again) as connection:
        connection.execute("select * from kept")

    if os.geteuid() == 0:
        (lasting.state / "cluster.json").unlink()
        recovered = lifecycle.up()
        assert recovered != again
        with psycopg.connect(recovered) as connection:
            connection.execute("select * from kept")


def test_server_comes_back_after_a_kill_and_after_its_port_was_taken(lasting):
    lifecycle.up()
    pid = _postmaster(lasting)
    os.kill(pid, signal.SIGKILL)
    while _alive(pid):
        time.sleep(0.02)
    url = lifecycle.up()
    assert backend_start(url)

    port = lifecycle.status().port
    lifecycle.down()
    with socket.create_server(("127.0.0.1", port)):
        moved = lifecycle.up()
        assert moved != url
        assert backend_start(moved)
    assert lifecycle.status().port != port


def test_pid_file_whose_pid_is_another_programs_now_is_not_believed(lasting):
    url = lifecycle.up()
    memory = lasting.remembered()
    assert memory is not None
    data = lifecycle._server(lasting, memory).data
    lifecycle.down()
    owner = data.stat()
    (data / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n1\n{memory.port}\n\n127.0.0.1\n\n", encoding="utf-8")
    os.chown(data / "postmaster.pid", owner.st_uid, owner.st_gid)
    assert lifecycle.status().running is False
    assert backend_start(lifecycle.up())
    assert lifecycle.up() == url


def test_parallel_callers_make_one_cluster_and_removal_leaves_nothing(checkout):
    script = f"""
import sys; from pathlib import Path
from layers.cluster import lifecycle; from layers.cluster.checkout import Checkout
Checkout.here = classmethod(lambda _: Checkout(Path({str(checkout.root)!r})))
print(lifecycle.up())
"""
    started = [
        subprocess.Popen([sys.executable, "-c", script], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    urls = {process.communicate()[0].strip() for process in started}
    assert urls == {lifecycle.up()}
    assert lifecycle.remove() is True
    assert lifecycle.status().kind is None
    assert not checkout.state.exists()
    assert lifecycle.remove() is False


def test_copied_checkout_does_not_take_the_originals_cluster(lasting, monkeypatch):
    url = lifecycle.up()
    with tempfile.TemporaryDirectory() as folder:
        copy = Checkout(Path(folder).resolve() / "copy")
        shutil.copytree(lasting.root, copy.root)
        assert copy.name != lasting.name
        assert copy.remembered() is None
        monkeypatch.setattr(Checkout, "here", classmethod(lambda _: copy))
        assert lifecycle.remove() is False
    assert backend_start(url)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes clusters of postgresql-common")
def test_cluster_of_our_name_without_our_mark_is_left_alone(checkout):
    version = programs.newest_version()
    programs.run(["pg_createcluster", "--start-conf", "manual", version, checkout.name])
    try:
        with pytest.raises(lifecycle.Unavailable, match="left alone"):
            lifecycle.up()
        assert lifecycle.remove() is False
        assert Path("/etc/postgresql", version, checkout.name).exists()
    finally:
        programs.run(["pg_dropcluster", version, checkout.name])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes clusters of postgresql-common")
def test_creation_that_was_cut_off_is_taken_up_again(checkout, monkeypatch):
    def cut_off(self: DebianServer, port: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(DebianServer, "set_port", cut_off)
        with pytest.raises(KeyboardInterrupt):
            lifecycle.up()
    assert backend_start(lifecycle.up())


def test_free_port_is_none_that_a_cluster_is_set_to():
    assert programs.free_port() not in {
        int(line.split()[2]) for line in programs.run(["pg_lsclusters", "--no-header"]).splitlines()
    }


def _postmaster(checkout: Checkout) -> int:
    memory = checkout.remembered()
    assert memory is not None
    pid = programs.serving(lifecycle._server(checkout, memory).data)
    assert pid is not None
    return pid


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
