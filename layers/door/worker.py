"""The child behind the door: confines itself, then runs one reader on one file; it is started by `layers.door.guard`
only."""

from __future__ import annotations

import ctypes
import importlib.util
import json
import os
import resource
import signal
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

_NEW_USER = 0x10000000
_NEW_NET = 0x40000000
_NO_NEW_PRIVILEGES = 38
_OUT_OF_MEMORY, _TOO_MUCH_OUTPUT = 3, 4


def confine(limits: SimpleNamespace) -> str:
    """Takes the limits on and gives up the network; "none" if that worked, else "guarded" (GDAL's own guards only)."""
    memory, size = int(limits.memory), int(limits.file)
    for what, soft, hard in (
        (resource.RLIMIT_AS, memory, memory),
        (resource.RLIMIT_CPU, int(limits.cpu_s), int(limits.cpu_s) + 2),
        (resource.RLIMIT_FSIZE, size, size),
        (resource.RLIMIT_NOFILE, int(limits.descriptors), int(limits.descriptors)),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        resource.setrlimit(what, (soft, hard))
    signal.alarm(int(limits.wall_s) + 5)  # should the parent die
    try:
        system = ctypes.CDLL(None, use_errno=True)
        alone = system.unshare(_NEW_NET) == 0 or system.unshare(_NEW_USER | _NEW_NET) == 0
        system.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    except (OSError, AttributeError):
        alone = False
    return "none" if alone else "guarded"


def _module(path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location("reader", path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def main(checkout: str, reader: str, given: str, answer: str, stated: str) -> int:
    """Reads `given` with the module at `reader` and writes `answer`; the exit status."""
    limits = SimpleNamespace(**json.loads(stated))
    network = confine(limits)
    sys.path.append(checkout)
    from layers.door.table import Fault, Table, pack  # noqa: PLC0415 (found through the checkout's path only)

    found: Any
    try:
        try:
            table = _module(reader).read(Path(given), limits)
            found = Table(table.layers, table.notes, {**table.guards, "network": network})
        except Fault as fault:
            found = fault
        Path(answer).write_bytes(pack(found))
    except MemoryError:
        return _OUT_OF_MEMORY
    except OSError as error:
        if error.errno == 27:  # file too large
            return _TOO_MUCH_OUTPUT
        raise
    return 0


if __name__ == "__main__":
    status = main(*sys.argv[1:])
    os._exit(status)  # the answer is written; nothing of a library's clean-up matters
