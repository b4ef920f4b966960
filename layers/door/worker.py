"""The child behind the door: confines itself, gives up its rights, then runs one reader on one file; it is started by
`layers.door.guard` only."""

from __future__ import annotations

import codecs
import ctypes
import errno
import importlib.util
import json
import os
import resource
import signal
import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any

_NEW_USER = 0x10000000
_NEW_NET = 0x40000000
_NO_NEW_PRIVILEGES = 38
_OUT_OF_MEMORY, _TOO_MUCH_OUTPUT = 3, 4
NOBODY = 65534
_CODECS = (
    "ascii",
    "utf-8",
    "utf-8-sig",
    "utf-16-le",
    "utf-16-be",
    "gb18030",
    "gbk",
    "gb2312",
    "big5",
    "hz",
    "cp437",
    "latin-1",
)
"""Loaded before the rights are given up, after which the interpreter's own folder may be closed to the child."""


def confine(limits: Mapping[str, Any]) -> str:
    """Takes the limits on and gives up the network; "none" if that worked, else "guarded" (GDAL's own guards only)."""
    memory, size, seconds = int(limits["memory"]), int(limits["file"]), int(limits["cpu_s"])
    for what, soft, hard in (
        (resource.RLIMIT_AS, memory, memory),
        (resource.RLIMIT_CPU, seconds, seconds + 1),
        (resource.RLIMIT_FSIZE, size, size),
        (resource.RLIMIT_NOFILE, int(limits["descriptors"]), int(limits["descriptors"])),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        resource.setrlimit(what, (soft, hard))
    signal.alarm(int(limits["wall_s"]) + 5)  # should the parent die
    try:
        system = ctypes.CDLL(None, use_errno=True)
        alone = system.unshare(_NEW_NET) == 0 or system.unshare(_NEW_USER | _NEW_NET) == 0
        system.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    except (OSError, AttributeError):
        alone = False
    return "none" if alone else "guarded"


def give_up_rights() -> str:
    """Root becomes nobody; "nobody" if that worked, "root" if the system refused, "caller" where we were not root."""
    if os.geteuid() != 0:
        return "caller"
    try:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    except OSError:
        return "root" if os.geteuid() == 0 else "caller"
    return "nobody"


def _module(path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location("reader", path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def _all(descriptor: int) -> bytes:
    with os.fdopen(descriptor, "rb") as stream:
        return stream.read()


def main(checkout: str, reader: str, given: str, answer: str, stated: str) -> int:
    """Reads the file at descriptor `given` with the module at `reader` and writes to descriptor `answer`; the exit
    status."""
    network = confine(json.loads(stated))
    sys.path.insert(0, checkout)  # before another checkout that the environment may have installed
    from layers.door.table import Asked, Fault, Table, pack  # noqa: PLC0415 (found through the checkout's path only)
    from zoning.errors import BadSite  # noqa: PLC0415

    module = _module(reader)
    for codec in _CODECS:
        codecs.lookup(codec)
    user = give_up_rights()
    found: Any
    try:
        asked, _, data = _all(int(given)).partition(b"\n")
        try:
            table = module.read(data, Asked(**json.loads(asked)))
            found = Table(table.layers, table.notes, {**table.guards, "network": network, "user": user})
        except (Fault, BadSite) as fault:
            found = fault
        with os.fdopen(int(answer), "wb") as stream:
            stream.write(pack(found))
    except MemoryError:
        return _OUT_OF_MEMORY
    except OSError as error:
        if error.errno == errno.EFBIG:
            return _TOO_MUCH_OUTPUT
        raise
    return 0


if __name__ == "__main__":
    status = main(*sys.argv[1:])
    os._exit(status)  # the answer is written; nothing of a library's clean-up matters
