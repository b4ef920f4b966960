"""The report's own words in both languages, from `words.yaml`; what a check says is not among them."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from zoning.bilingual import Bilingual, Lang


@cache
def words() -> dict[str, Bilingual]:
    """All words by key."""
    text = (files("app.report") / "words.yaml").read_text(encoding="utf-8")
    return {key: Bilingual.of(value) for key, value in yaml.safe_load(text).items()}


class Words:
    """The words in one language: ``said("key", n=3)``."""

    def __init__(self, lang: Lang) -> None:
        self.lang = lang

    def __call__(self, key: str, **given: Any) -> str:
        return words()[key].get(self.lang).format(**given)

    def pick(self, text: Bilingual | dict[str, Any]) -> str:
        """A text in this language, from `Bilingual` or its JSON form."""
        return text.get(self.lang) if isinstance(text, Bilingual) else str(text.get(self.lang) or text["zh"])
