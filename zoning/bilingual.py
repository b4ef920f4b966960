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
        """Read `{zh: …, en: …}` and nothing else; raises `ValueError` when a language is missing or a comma cut a text short."""
        if (
            not isinstance(data, dict)
            or set(data) != {"zh", "en"}
            or not all(isinstance(v, str) for v in data.values())
        ):
            raise ValueError(f"needs texts zh and en and nothing else, got {data!r}")
        return cls(data["zh"], data["en"])
