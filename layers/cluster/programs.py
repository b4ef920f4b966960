"""PostgreSQL's programs on this machine and free ports; it decides nothing about clusters."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from zoning.bilingual import Bilingual
from zoning.errors import Unavailable

_BINARIES = Path("/usr/lib/postgresql")
_SHARE = Path("/usr/share/postgresql")
_PROC = Path("/proc")
_LINUX = (_PROC / "self").exists()
_OLDEST = 14
_FIRST_PORT, _LAST_PORT = 5433, 5999


def binary(version: str, name: str) -> str:
    return str(_BINARIES / version / "bin" / name)


def usable(version: str) -> bool:
    """Whether this version's server and its PostGIS are installed."""
    return Path(binary(version, "initdb")).exists() and (_SHARE / version / "extension" / "postgis.control").exists()


def newest_version() -> str:
    """The newest installed PostgreSQL (14 or later: multiranges) that has PostGIS; raises `Unavailable`."""
    found = [path.name for path in _BINARIES.glob("*") if path.name.isdigit() and usable(path.name)]
    found = [version for version in found if int(version) >= _OLDEST]
    if not found:
        raise Unavailable(
            "postgis-missing",
            Bilingual(
                "本机没有带 PostGIS 的 PostgreSQL 14 及以上版本，请运行 make setup，或设置 SHANHE_DATABASE_URL。",
                "No PostgreSQL 14 or later with PostGIS on this machine: run make setup, or set SHANHE_DATABASE_URL.",
            ),
        )
    return max(found, key=int)


def run(arguments: Sequence[str], *, stdin: str = "", env: Mapping[str, str] | None = None) -> str:
    """Run a program to its end and give its output; raises `Unavailable` with its last lines when it fails.

    The output goes through a file: a server that the program leaves behind would hold a pipe open for ever.
    """
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as out:
        done = subprocess.run(  # noqa: S603 (the programs are named in this package)
            list(arguments), input=stdin, stdout=out, stderr=subprocess.STDOUT, text=True, check=False, cwd="/",
            env={**os.environ, **(env or {})},
        )  # fmt: skip
        out.seek(0)
        text = out.read()
    if done.returncode != 0:
        tail = " / ".join(line.strip() for line in text.strip().splitlines()[-5:])
        program = Path(arguments[0]).name
        raise Unavailable(
            "database-program",
            Bilingual(f"{program} 运行失败：{tail}", f"{program} failed: {tail}"),
            program=program,
            code=done.returncode,
        )
    return text


def taken(port: int) -> bool:
    """Whether something listens on the port at 127.0.0.1 or at all addresses."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def free_port(skip: int = 0) -> int:
    """A port nothing listens on and no cluster of this machine, up or down, is set to; `skip` passes over the first."""
    reserved: set[int] = set()
    for path in Path("/etc/postgresql").glob("*/*/postgresql.conf"):
        try:
            found = re.findall(
                r"^\s*port\s*=\s*'?(\d+)", path.read_text(encoding="utf-8", errors="replace"), re.MULTILINE
            )
        except OSError:
            continue
        reserved.update(map(int, found))
    for port in range(_FIRST_PORT, _LAST_PORT + 1):
        if port not in reserved and not taken(port):
            if not skip:
                return port
            skip -= 1
    raise Unavailable(
        "database-port",
        Bilingual(
            f"{_FIRST_PORT}–{_LAST_PORT} 之间没有空闲端口。", f"No free port between {_FIRST_PORT} and {_LAST_PORT}."
        ),
    )


def serving(data: Path) -> int | None:
    """Pid of the server that runs on a data directory; a pid file that a killed server left behind is not believed."""
    try:
        pid = int((data / "postmaster.pid").read_text(encoding="utf-8").split()[0])
        os.kill(pid, 0)
    except (OSError, ValueError, IndexError):
        return None
    return pid if not _LINUX or pid in _processes_in(data) else None


def clear_stale_pid(data: Path) -> None:
    """Remove the pid file of a server that is gone: after a restart its pid may be another program's.

    Nothing is removed while any process, the server or a backend it left behind, works in the data directory.
    """
    if _LINUX and not _processes_in(data):
        (data / "postmaster.pid").unlink(missing_ok=True)


def _processes_in(folder: Path) -> set[int]:
    """The living processes whose working directory is the folder, as every process of a server has it."""
    found: set[int] = set()
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            try:
                at_home = (entry / "cwd").readlink() == folder.resolve()
            except OSError:
                continue
            if at_home:
                found.add(int(entry.name))
    return found
