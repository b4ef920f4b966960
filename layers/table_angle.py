"""A coordinate as people write it in a table: a plain number, or degrees, minutes and seconds; it knows no axes."""

from __future__ import annotations

import math
import re

_LONGEST = 60
_PLAIN = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_DEGREES = re.compile(
    r"(?P<before>[EWNS]|东经|西经|北纬|南纬)?\s*(?P<d>\d{1,3}(?:\.\d+)?)\s*[°º度:]\s*"
    r"(?:(?P<m>\d{1,2}(?:\.\d+)?)\s*[′'’‘分:]?\s*(?:(?P<s>\d{1,2}(?:\.\d+)?)\s*(?:[″\"”“秒]|''|′′|’’)?\s*)?)?"
    r"(?P<after>[EWNS])?",
    re.ASCII | re.IGNORECASE,
)


def degrees_of(cell: str) -> float | None:
    """The number of a cell, or None where it is none. West and south are negative.

    >>> degrees_of("37498000.25"), degrees_of("110°58′12.36″E"), degrees_of("110°61′"), degrees_of("1,000")
    (37498000.25, 110.9701, None, None)
    """
    text = cell.strip()
    if len(text) > _LONGEST:
        return None
    if _PLAIN.fullmatch(text):
        number = float(text)
        return number if math.isfinite(number) else None
    found = _DEGREES.fullmatch(text)
    if found is None or (found["before"] and found["after"]):
        return None
    minutes, seconds = float(found["m"] or 0), float(found["s"] or 0)
    if minutes >= 60 or seconds >= 60 or ("." in found["d"] and found["m"]) or (found["s"] and "." in found["m"]):
        return None
    value = (float(found["d"]) * 3600 + minutes * 60 + seconds) / 3600
    return -value if (found["before"] or found["after"] or "E").upper() in ("W", "S", "西经", "南纬") else value
