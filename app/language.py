"""Which language and media type a reader wants, from the environment or from request headers; it translates nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from zoning.bilingual import Bilingual, Lang
from zoning.errors import BadInput


def from_environment(environment: Mapping[str, str]) -> Lang:
    """Chinese when the locale's language is Chinese, else English; the first of LC_ALL, LC_MESSAGES and LANG that is set.

    >>> from_environment({"LANG": "zh_CN.UTF-8"}), from_environment({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"})
    ('zh', 'en')
    """
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environment.get(name):
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


def named(text: str) -> Lang:
    """A language given by name. Raises `BadInput` ``language-unknown``."""
    if text == "zh":
        return "zh"
    if text == "en":
        return "en"
    raise BadInput(
        "language-unknown",
        Bilingual(f"语言只有 zh 和 en：{text}", f"The languages are zh and en: {text}"),
        field="lang",
        value=text,
    )


def from_header(accept_language: str | None) -> Lang:
    """The better liked of zh and en in an Accept-Language header; English when neither or both equally.

    >>> from_header("zh-CN,zh;q=0.9,en;q=0.8"), from_header("fr, en;q=0.5, zh;q=0.4"), from_header(None)
    ('zh', 'en', 'en')
    """
    liked = {"zh": 0.0, "en": 0.0}
    for tag, quality in _weighted(accept_language or ""):
        primary = tag.split("-")[0]
        if primary in liked:
            liked[primary] = max(liked[primary], quality)
    return "zh" if liked["zh"] > liked["en"] else "en"


def media_type(accept: str | None, offered: Sequence[str]) -> str:
    """The offered media type that an Accept header likes best; the first one offered when it says nothing of use.

    >>> media_type("text/plain", ["application/json", "text/plain"]), media_type("*/*", ["application/json", "text/plain"])
    ('text/plain', 'application/json')
    """
    weighted = list(_weighted(accept or ""))

    def liked(offer: str) -> float:
        ranges = (offer, f"{offer.split('/', maxsplit=1)[0]}/*", "*/*")
        return next((q for name in ranges for tag, q in weighted if tag == name), 0.0)

    return max(offered, key=liked)


def _weighted(header: str) -> Iterator[tuple[str, float]]:
    for item in header.split(","):
        tag, *parameters = (part.strip().lower() for part in item.split(";"))
        quality = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                try:
                    quality = float(parameter[2:])
                except ValueError:
                    quality = 0.0
        if tag and 0 < quality <= 1:
            yield tag, quality
