"""The texts of the page, from `strings/*.yaml`: one file for each module of the page, every key in both languages."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from zoning.bilingual import Bilingual, Lang

_FOLDER: Final = Path(__file__).resolve().parent / "strings"


class BadStrings(ValueError):
    """A text has not exactly zh and en, or a key stands in two files."""


def read(folder: Path = _FOLDER) -> dict[str, Bilingual]:
    """All texts by key. Raises `BadStrings` naming file and key."""
    found: dict[str, Bilingual] = {}
    for path in sorted(folder.glob("*.yaml")):
        document: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        for key, said in document.items():
            where = f"{path.name}: {key}"
            if not isinstance(said, dict) or set(said) != {"zh", "en"} or not all(said.values()):
                raise BadStrings(f"{where}: give zh and en")
            if key in found:
                raise BadStrings(f"{where}: the key stands in another file already")
            found[key] = Bilingual(str(said["zh"]), str(said["en"]))
    return found


@cache
def all_texts() -> dict[str, Bilingual]:
    return read()


def texts(lang: Lang) -> dict[str, str]:
    """The texts in one language, as the page's `t(key)` looks them up."""
    return {key: said.get(lang) for key, said in all_texts().items()}
