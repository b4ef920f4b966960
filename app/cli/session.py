"""What a command opens: the database for as long as it runs, and the check document it is given."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from layers.database import database_url, make_engine
from layers.geojson import parse_json
from zoning.bilingual import Bilingual
from zoning.errors import BadInput, BadProject


@contextmanager
def opened() -> Iterator[sa.Engine]:
    """An engine on the configured database, disposed of afterwards. Raises `Unavailable`."""
    engine = make_engine(database_url())
    try:
        yield engine
    finally:
        engine.dispose()


def read_check(path: Path) -> dict[str, Any]:
    """A check document's data. Raises `BadInput` ``file-unreadable``, ``json-invalid`` or ``check-document``."""
    try:
        data = path.read_bytes()
    except OSError as error:
        text = Bilingual(
            f"无法读取文件“{path.name}”：{error.strerror}。", f"File “{path.name}” cannot be read: {error.strerror}."
        )
        raise BadInput("file-unreadable", text, file=path.name) from error
    value, _ = parse_json(data, path.name)
    if not isinstance(value, dict):
        text = Bilingual(f"文件“{path.name}”不是核查结果。", f"File “{path.name}” is not a check document.")
        raise BadProject("check-document", text, file=path.name)
    return value
