"""Two ways to run a cluster behind one protocol: Debian's postgresql-common (root), plain initdb (anyone else)."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from layers.cluster.checkout import Checkout, Memory
from layers.cluster.programs import binary, clear_stale_pid, run, serving

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "ssl": "off",
    "shared_buffers": "128MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "128MB",
    "max_connections": "60",
    "jit": "off",
    "random_page_cost": "1.1",
    "max_parallel_workers_per_gather": "0",
    "password_encryption": "scram-sha-256",
}
_MARK = "# shanhe: the cluster of the checkout "


class Server(Protocol):
    """One cluster of one checkout. `memory.port` is the port it is set to."""

    @property
    def memory(self) -> Memory: ...
    @property
    def data(self) -> Path: ...
    def exists(self) -> bool: ...
    def create(self, port: int) -> None: ...
    def running(self) -> bool: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...
    def set_port(self, port: int) -> None: ...
    def drop(self) -> None: ...
    def admin_sql(self, script: str) -> None: ...


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


@dataclass(frozen=True, slots=True)
class DebianServer:
    """A cluster of postgresql-common, data in its default place. It is ours only if its conf.d carries our mark."""

    checkout: Checkout
    memory: Memory

    @property
    def _conf(self) -> Path:
        return Path("/etc/postgresql") / self.memory.version / self.checkout.name

    @property
    def _named(self) -> tuple[str, str]:
        return self.memory.version, self.checkout.name

    def _line(self, port: int) -> str:
        return "".join(f"{k} = {_quoted(v)}\n" for k, v in {**_SETTINGS, "port": str(port)}.items())

    def marked(self) -> bool:
        try:
            first = (self._conf / "conf.d" / "shanhe.conf").read_text(encoding="utf-8").splitlines()[0]
        except (OSError, IndexError):
            return False
        return first == f"{_MARK}{self.checkout.root}"

    def exists(self) -> bool:
        return self.marked()

    def unfinished(self) -> bool:
        """A cluster of our name without our mark: our own creation was cut off, or it is somebody else's."""
        return self._conf.exists() and not self.marked()

    def configured_port(self) -> int:
        """The port the mark file sets, 0 when it sets none."""
        text = (self._conf / "conf.d" / "shanhe.conf").read_text(encoding="utf-8")
        found = re.search(r"^port = '(\d+)'$", text, re.MULTILINE)
        return int(found[1]) if found else 0

    def create(self, port: int) -> None:
        options = ["--start-conf", "manual", "--port", str(port), "--locale", "C.UTF-8", "--encoding", "UTF8"]
        run(["pg_createcluster", *options, "-o", "include_dir=conf.d", *self._named])
        (self._conf / "conf.d").mkdir(exist_ok=True)
        self.set_port(port)

    def set_port(self, port: int) -> None:
        # Debian's programs read the port from postgresql.conf, the server from the last file it includes.
        run(["pg_conftool", *self._named, "set", "port", str(port)])
        mark = self._conf / "conf.d" / "shanhe.conf"
        fresh = mark.with_suffix(".new")
        fresh.write_text(f"{_MARK}{self.checkout.root}\n{self._line(port)}", encoding="utf-8")
        fresh.chmod(0o644)
        fresh.replace(mark)

    @property
    def data(self) -> Path:
        """Where postgresql-common put it; a machine may have its own default place."""
        conf = self._conf / "postgresql.conf"
        text = conf.read_text(encoding="utf-8") if conf.exists() else ""
        found = re.search(r"^data_directory = '([^']+)'", text, re.MULTILINE)
        return Path(found[1]) if found else Path("/var/lib/postgresql", *self._named)

    def running(self) -> bool:
        return serving(self.data) is not None

    def start(self) -> None:
        clear_stale_pid(self.data)
        run(["pg_ctlcluster", "--skip-systemctl-redirect", *self._named, "start"])

    def stop(self) -> None:
        run(["pg_ctlcluster", "--skip-systemctl-redirect", "-m", "fast", *self._named, "stop"])

    def drop(self) -> None:
        if self.running():
            self.stop()
        mark = self._conf / "conf.d" / "shanhe.conf"
        run(["pg_dropcluster", *self._named])
        mark.unlink(missing_ok=True)
        # A server that was killed leaves it behind.
        Path("/var/run/postgresql", f"{self.memory.version}-{self.checkout.name}.pid").unlink(missing_ok=True)
        for folder in (mark.parent, self._conf):
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()

    def admin_sql(self, script: str) -> None:
        psql = ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", "/var/run/postgresql", "-p", str(self.memory.port)]
        run(["runuser", "-u", "postgres", "--", *psql, "-d", "postgres"], stdin=script)


@dataclass(frozen=True, slots=True)
class PlainServer:
    """A cluster in `.shanhe/pg`, run by the user who made it; no sockets, only 127.0.0.1."""

    checkout: Checkout
    memory: Memory

    @property
    def data(self) -> Path:
        return self.checkout.state / "pg"

    def exists(self) -> bool:
        return (self.data / "shanhe.conf").exists()

    def create(self, port: int) -> None:
        fresh = self.checkout.state / "pg.new"
        shutil.rmtree(fresh, ignore_errors=True)
        secret = self.checkout.state / "admin.new"
        secret.unlink(missing_ok=True)
        with os.fdopen(os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
            out.write(self.memory.admin_password + "\n")
        try:
            options = ["--encoding", "UTF8", "--locale", "C.UTF-8", "--auth", "scram-sha-256", "--no-instructions"]
            initdb = binary(self.memory.version, "initdb")
            run([initdb, "-D", str(fresh), "-U", "postgres", "--pwfile", str(secret), *options])
        finally:
            secret.unlink(missing_ok=True)
        with (fresh / "postgresql.conf").open("a", encoding="utf-8") as conf:
            conf.write("\ninclude 'shanhe.conf'\n")
        self._configure(fresh, port)
        shutil.rmtree(self.data, ignore_errors=True)
        fresh.rename(self.data)

    def _configure(self, folder: Path, port: int) -> None:
        lines = {**_SETTINGS, "unix_socket_directories": "", "port": str(port)}
        text = "".join(f"{k} = {_quoted(v)}\n" for k, v in lines.items())
        (folder / "shanhe.conf").write_text(f"{_MARK}{self.checkout.root}\n{text}", encoding="utf-8")

    def set_port(self, port: int) -> None:
        self._configure(self.data, port)

    def _pg_ctl(self, *arguments: str) -> None:
        run([binary(self.memory.version, "pg_ctl"), "-D", str(self.data), *arguments])

    def running(self) -> bool:
        return serving(self.data) is not None

    def start(self) -> None:
        clear_stale_pid(self.data)
        self._pg_ctl("-l", str(self.checkout.state / "pg.log"), "-w", "-t", "60", "start")

    def stop(self) -> None:
        self._pg_ctl("-m", "fast", "-w", "stop")

    def drop(self) -> None:
        if self.running():
            self.stop()
        shutil.rmtree(self.data)

    def admin_sql(self, script: str) -> None:
        psql = [binary(self.memory.version, "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1"]
        where = ["-p", str(self.memory.port), "-U", "postgres", "-d", "postgres"]
        run([*psql, *where], stdin=script, env={"PGPASSWORD": self.memory.admin_password})
