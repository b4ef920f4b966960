"""Which checkout this is, and what it remembers in `.shanhe` about its own cluster; it runs no server."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from layers.settings import CHECKOUT
from zoning.bilingual import Bilingual
from zoning.errors import Unavailable


@dataclass(frozen=True, slots=True)
class Memory:
    """What the checkout knows of its cluster: the service role's password, and that of a plain server's owner."""

    checkout: str
    kind: str
    version: str
    port: int
    password: str
    admin_password: str


@dataclass(frozen=True, slots=True)
class Checkout:
    """A folder with the sources. Its path gives the cluster its name, so two checkouts stand side by side."""

    root: Path

    @classmethod
    def here(cls) -> Checkout:
        """The checkout this package runs from; raises `Unavailable` when it was installed elsewhere."""
        if not (CHECKOUT / "pyproject.toml").exists():
            raise Unavailable(
                "database-url-missing",
                Bilingual(
                    "未在源码目录中运行，请用 SHANHE_DATABASE_URL 指定数据库。",
                    "Not run from a checkout: set SHANHE_DATABASE_URL.",
                ),
            )
        return cls(CHECKOUT)

    @property
    def name(self) -> str:
        return f"shanhe-{hashlib.sha256(str(self.root).encode()).hexdigest()[:10]}"

    @property
    def state(self) -> Path:
        return self.root / ".shanhe"

    @property
    def _file(self) -> Path:
        return self.state / "cluster.json"

    def remembered(self) -> Memory | None:
        """The memory of this very path; that of a copied or moved checkout is somebody else's and counts as none."""
        try:
            memory = Memory(**json.loads(self._file.read_text(encoding="utf-8")))
        except PermissionError as error:
            raise self._foreign() from error
        except (FileNotFoundError, ValueError, TypeError):
            return None
        return memory if memory.checkout == str(self.root) else None

    def remember(self, memory: Memory) -> None:
        """Write it in one step, readable by the owner only."""
        fresh = self._file.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
            json.dump(asdict(memory), out)
        fresh.replace(self._file)

    def _foreign(self) -> Unavailable:
        return Unavailable(
            "database-state",
            Bilingual(
                f"无权使用 {self.state}（由其他用户创建），请换用该用户，或设置 SHANHE_DATABASE_URL。",
                f"No right to use {self.state}, made by another user: be that user, or set SHANHE_DATABASE_URL.",
            ),
        )

    def fresh_memory(self, kind: str, version: str) -> Memory:
        return Memory(str(self.root), kind, version, 0, secrets.token_urlsafe(24), secrets.token_urlsafe(24))

    def forget(self) -> None:
        shutil.rmtree(self.state, ignore_errors=True)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """One process at a time makes, starts, stops or removes the cluster."""
        try:
            self.state.mkdir(mode=0o700, exist_ok=True)
            lock = os.open(self.state / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except PermissionError as error:
            raise self._foreign() from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)
