"""Opens a file of unknown origin in a child process with limits and takes back plain data; it judges no geometry."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import struct
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from layers.door.table import Asked, Table, unpack
from layers.door.worker import NOBODY
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

    memory: int = 1024**3
    file: int = 64 * 1024**2
    descriptors: int = 64
    cpu_s: int = 4
    wall_s: float = 4.5
    features: int = 2_000
    vertices: int = 200_000


READERS: dict[str, Path] = {
    f".{name}": _HERE / f"{name}.py" for name in ("gpkg", "kml", "kmz", "dxf", "shapefile", "geojson", "xlsx")
}
"""The module that the child runs for each kind: its ``read(data, asked)`` gives a `Table`."""


def open_guarded(data: bytes, kind: str, *, name: str, layer: str | None = None, limits: Limits | None = None) -> Table:
    """The content of a file, read in a child process.

    The child has a clean environment, the limits, no rights but those of nobody where we are root, and no network where
    the system lets it give that up; `Table.guards` says which held. It is handed the file and the place of its answer as
    open descriptors, so it needs no path. Neither it nor its folder is left behind.

    Parameters
    ----------
    data, kind
        The bytes and which of `READERS` opens them; the caller has looked at the first bytes.
    name, layer
        The file as its user knows it, and the layer wanted: for the reader's choice and its errors.

    Raises
    ------
    BadSite
        ``file-open-limit``: a limit was reached; ``file-open-failed``: the child ended without an answer; or the
        refusal that the reader gave.
    layers.door.table.Fault
        What the reader found wrong.
    """
    limits = limits or Limits()
    asked = Asked(name, layer, limits.features, limits.vertices)
    with tempfile.TemporaryDirectory(prefix="shanhe-") as folder:
        place = Path(folder)
        if os.geteuid() == 0:
            os.chown(place, NOBODY, NOBODY)  # a library may need a scratch file
        with _file(place) as given, _file(place) as answer, _file(place) as said:
            given.write(json.dumps(asdict(asked)).encode("ascii") + b"\n")
            given.write(data)
            given.seek(0)
            status = _run(READERS[kind], given, answer, said, place=place, limits=limits)
            size = os.fstat(answer.fileno()).st_size
            if status == 0 and 0 < size <= limits.file:
                answer.seek(0)
                try:
                    return unpack(answer.read())
                except (ValueError, KeyError, TypeError, struct.error) as error:
                    raise _failed(name) from error
            said.seek(0)
            _LOG.warning("opening a %s file ended with %s: %r", kind, status, said.read(4000))
    if status is None:
        raise _limit(name, Bilingual(f"超过 {limits.wall_s:g} 秒", f"it took over {limits.wall_s:g} s"))
    if status == OUT_OF_MEMORY:
        memory = limits.memory // 1024**2
        raise _limit(name, Bilingual(f"内存超过 {memory} MB", f"it took over {memory} MB of memory"))
    if status in (TOO_MUCH_OUTPUT, -signal.SIGXFSZ) or (status == 0 and size):
        raise _limit(name, Bilingual("读出的内容过多", "what it holds is too much"))
    if status in (-signal.SIGXCPU, -signal.SIGKILL):
        raise _limit(
            name, Bilingual(f"处理器用时超过 {limits.cpu_s} 秒", f"it took over {limits.cpu_s} s of processor")
        )
    raise _failed(name)


def _file(place: Path) -> IO[bytes]:
    """A file without a name, open to those only who are handed it."""
    return tempfile.TemporaryFile(dir=place, buffering=0)


def _run(
    reader: Path, given: IO[bytes], answer: IO[bytes], said: IO[bytes], *, place: Path, limits: Limits
) -> int | None:
    """The child's exit status, negative for a signal; None when it ran out of time. Its whole group is ended."""
    handed = (given.fileno(), answer.fileno())
    command = [sys.executable, "-I", "-X", "utf8", str(_WORKER), str(_CHECKOUT), str(reader), *map(str, handed)]
    child = subprocess.Popen(  # noqa: S603 (our own interpreter and worker; no word of the user's is in the command)
        [*command, json.dumps(asdict(limits))],
        cwd=place,
        env=_environment(place),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=said,
        pass_fds=handed,
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


_INDIRECT = (
    "VRT,OGR_VRT,GTI,GDALG,STACTA,STACIT,HTTP,WMS,WMTS,WCS,WFS,OAPIF,OGCAPI,CSW,EEDA,EEDAI,DAAS,PLMOSAIC,PLSCENES,"
    "Elasticsearch,Carto,AmigoCloud,NGW,GPSBabel,ADBC,PDF,PostgreSQL,MySQL,MongoDBv3,ODBC,MSSQLSpatial,OCI"
)
"""Drivers that open other files or addresses: left out before GDAL is loaded, should a reader load it."""


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
        "GDAL_SKIP": _INDIRECT,
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
