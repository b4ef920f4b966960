"""Opens a file of unknown origin in a child process with limits and takes back plain data; it judges no geometry."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import signal
import struct
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from json import dumps
from pathlib import Path

from layers.door.table import Table, unpack
from zoning.bilingual import Bilingual
from zoning.errors import BadSite

_HERE = Path(__file__).resolve().parent
_WORKER = _HERE / "worker.py"
_CHECKOUT = _HERE.parent.parent
_LOG = logging.getLogger(__name__)
OUT_OF_MEMORY = 3
"""Exit status of a child that ran into its memory limit."""
TOO_MUCH_OUTPUT = 4
"""Exit status of a child whose output was over the limit of a file."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one opening may take: address space, bytes of any file written, open files, seconds of processor and of
    clock, features and vertices."""

    memory: int = 2 * 1024**3
    file: int = 256 * 1024**2
    descriptors: int = 64
    cpu_s: int = 60
    wall_s: float = 75.0
    features: int = 2_000
    vertices: int = 200_000


READERS: dict[str, Path] = {
    ".gpkg": _HERE / "gpkg.py",
    ".kml": _HERE / "kml.py",
    ".dxf": _HERE / "dxf.py",
}
"""The module that the child runs for each suffix: its ``read(path, limits)`` gives a `Table`."""


def open_guarded(data: bytes, suffix: str, *, name: str, limits: Limits | None = None) -> Table:
    """The content of a file, read in a child process.

    The child has a clean environment, its own folder, the limits, and no network where the system lets it give that up
    (`Table.guards` says so). Neither it nor its folder is left behind.

    Parameters
    ----------
    data, suffix
        The bytes and which of `READERS` opens them; the caller has looked at the first bytes.
    name
        The file as its user knows it, for errors only.

    Raises
    ------
    BadSite
        ``file-open-limit``: a limit was reached; ``file-open-failed``: the child ended without an answer.
    layers.door.table.Fault
        What the reader found wrong.
    """
    limits = limits or Limits()
    with tempfile.TemporaryDirectory(prefix="shanhe-") as folder:
        place = Path(folder)
        given, answer, said = (place / f"{secrets.token_hex(8)}{end}" for end in (suffix, ".out", ".err"))
        with given.open("xb") as file:
            file.write(data)
        status = _run(READERS[suffix], given, answer, said, limits)
        if status == 0 and answer.is_file() and answer.stat().st_size <= limits.file:
            try:
                return unpack(answer.read_bytes())
            except (ValueError, KeyError, TypeError, struct.error) as error:
                raise _failed(name) from error
        if said.is_file():
            with said.open("rb") as file:
                _LOG.warning("opening a %s file ended with %s: %r", suffix, status, file.read(4000))
    if status is None:
        raise _limit(name, Bilingual(f"超过 {limits.wall_s:g} 秒", f"it took over {limits.wall_s:g} s"))
    if status == OUT_OF_MEMORY:
        size = limits.memory // 1024**2
        raise _limit(name, Bilingual(f"内存超过 {size} MB", f"it took over {size} MB of memory"))
    if status in (TOO_MUCH_OUTPUT, -signal.SIGXFSZ) or (status == 0 and answer.is_file()):
        raise _limit(name, Bilingual("读出的内容过多", "what it holds is too much"))
    if status in (-signal.SIGXCPU, -signal.SIGKILL):
        raise _limit(
            name, Bilingual(f"处理器用时超过 {limits.cpu_s} 秒", f"it took over {limits.cpu_s} s of processor")
        )
    raise _failed(name)


def _run(reader: Path, given: Path, answer: Path, said: Path, limits: Limits) -> int | None:
    """The child's exit status, negative for a signal; None when it ran out of time. Its whole group is ended."""
    command = [sys.executable, "-I", "-X", "utf8", str(_WORKER), str(_CHECKOUT), str(reader), str(given), str(answer)]
    with said.open("xb") as errors:
        child = subprocess.Popen(  # noqa: S603 (our own interpreter and worker; no word of the user's is in the command)
            [*command, dumps(asdict(limits))],
            cwd=given.parent,
            env=_environment(given.parent),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
            umask=0o077,
        )
        try:
            return child.wait(limits.wall_s)
        except subprocess.TimeoutExpired:
            return None
        finally:
            _end(child)


def _end(child: subprocess.Popen[bytes]) -> None:
    """Ends what is left of the child's group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _environment(place: Path) -> Mapping[str, str]:
    """All that the child knows of its surroundings: nothing of ours is handed on."""
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(place),
        "TMPDIR": str(place),
        "LANG": "C.UTF-8",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "CPL_TMPDIR": str(place),
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
        "GDAL_CACHEMAX": "64",
        "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
        "GDAL_DRIVER_PATH": "disable",
        "GDAL_HTTP_TIMEOUT": "1",
        "GDAL_HTTP_CONNECTTIMEOUT": "1",
        "GDAL_NUM_THREADS": "1",
        "OGR_GEOJSON_MAX_OBJ_SIZE": "50",
        "OGR_SQLITE_ALLOW_EXTERNAL_ACCESS": "NO",
        "OGR_SQLITE_LOAD_EXTENSIONS": "",
        "PROJ_NETWORK": "OFF",
    }


def _failed(name: str) -> BadSite:
    text = Bilingual(
        "文件“{f}”打不开：内容损坏，或不是其后缀所示的格式。请从原软件重新导出，或换一种格式提交。",
        "“{f}” could not be opened: it is damaged or not what its suffix says. Export it again or use another format.",
    )
    return BadSite("file-open-failed", text.format(f=name), file=name)


def _limit(name: str, reason: Bilingual) -> BadSite:
    text = Bilingual(
        "打开文件“{f}”超出限制：{reason}。请只保留选址本身再提交。",
        "Opening “{f}” went over a limit: {reason}. Keep only the site itself and send it again.",
    )
    return BadSite("file-open-limit", text.format(f=name, reason=reason), file=name)
