"""Text that exists in Chinese and English at once; it does not translate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Lang = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Bilingual:
    """A user-facing text in both languages.

    >>> Bilingual("红线", "red line").format()
    Bilingual(zh='红线', en='red line')
    >>> Bilingual("第{n}个", "no. {n}").format(n=3).get("en")
    'no. 3'
    """

    zh: str
    en: str

    def get(self, lang: Lang) -> str:
        return self.zh if lang == "zh" else self.en

    def format(self, **values: object) -> Bilingual:
        """Fill the placeholders; a value that is itself `Bilingual` is filled in its own language."""
        zh = {k: v.zh if isinstance(v, Bilingual) else v for k, v in values.items()}
        en = {k: v.en if isinstance(v, Bilingual) else v for k, v in values.items()}
        return Bilingual(self.zh.format(**zh), self.en.format(**en))

    def as_dict(self) -> dict[str, str]:
        return {"zh": self.zh, "en": self.en}

    @classmethod
    def of(cls, data: Any) -> Bilingual:
        """Read `{zh: …, en: …}`; raises `ValueError` when either language is missing."""
        if not isinstance(data, dict) or not isinstance(data.get("zh"), str) or not isinstance(data.get("en"), str):
            raise ValueError(f"needs texts zh and en, got {data!r}")
        return cls(data["zh"], data["en"])
