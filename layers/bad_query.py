"""The one error for a question about features that cannot be read: filter, box, CRS, time or page mark. HTTP 400."""

from __future__ import annotations

from zoning.bilingual import Bilingual
from zoning.errors import BadInput


class BadQuery(BadInput):
    """`where` names the parameter in `field` and, for a filter, the place in it: `line`, `column` or `path`."""

    status = 400


def wrong(field: str, zh: str, en: str, value: str | None = None) -> BadQuery:
    """``parameter-invalid`` for one parameter."""
    return BadQuery("parameter-invalid", Bilingual(zh, en), field=field, value=value if value is None else value[:200])
