"""Finding a place by name, code, other name or misprint in the public layers of a release; it decides nothing of any site."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

import sqlalchemy as sa

from layers.database import queries, reading
from layers.release import Release
from layers.visibility import GRID, forms_at
from zoning.bilingual import Bilingual

_SQL = queries("places")

Via = Literal["name", "code", "name_en", "alias", "misprint"]
Closeness = Literal["exact", "prefix", "contains"]

_VIA: Final[tuple[Via, ...]] = ("name", "code", "name_en", "alias", "misprint")
_CLOSENESS: Final[tuple[Closeness | None, ...]] = ("exact", "exact", "prefix", "contains", None)
_DROPPED: Final = ' "“”()（）、—·-'
_SEPARATOR: Final = "；"
_TO: Final = "u"
_FROM: Final = "ü" + _DROPPED


@dataclass(frozen=True, slots=True)
class Match:
    """Which of a place's names held the words, and how closely."""

    via: Via
    how: Closeness
    words: str


@dataclass(frozen=True, slots=True)
class Place:
    """A feature as a search shows it. Positions in EPSG:4490 degrees; without a position, `why` says so for plan places.

    `accuracy_m` is the radius about the position that holds a plan's place; for other layers the accuracy of the line.
    """

    layer: str
    layer_title: Bilingual
    code: str
    name: str
    name_en: str | None
    class_: str
    class_title: Bilingual | None
    match: Match | None
    position: tuple[float, float] | None
    box: tuple[float, float, float, float] | None
    accuracy_m: float | None
    legal_status: str
    divisions: tuple[Mapping[str, Any], ...]
    properties: Mapping[str, Any]
    plan_line: str | None
    source: str
    method: str
    licence: str

    @property
    def id(self) -> str:
        """Layer and code, which together name a feature in every release it is part of."""
        return f"{self.layer}:{self.code}"

    def several(self, name: str) -> tuple[str, ...]:
        """A property that holds several values, as these."""
        return tuple(part for part in str(self.properties.get(name) or "").split(_SEPARATOR) if part)


@dataclass(frozen=True, slots=True)
class After:
    """Where a page ended: the sort key of its last place."""

    rank: int
    via: int
    size: int
    place: int
    layer: str
    code: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for. `words` empty: everything. `kind`: a layer, or a class of plan places. `placed`: None for both."""

    words: str = ""
    kind: str | None = None
    placed: bool | None = None


def fold(text: str) -> str:
    """Text as it is compared: NFKC, lower case, without spaces and punctuation; ü is u.

    >>> fold("Ｌüliang　“双创”（园）")
    'luliang双创园'
    """
    table = str.maketrans({"ü": "u", **dict.fromkeys(_DROPPED)})
    return unicodedata.normalize("NFKC", text).lower().translate(table)


def simplified(text: str) -> str:
    """Traditional characters as the simplified ones that names in the layers are written in, one by one.

    >>> simplified("絳縣 澮河")
    '绛县 浍河'
    """
    return text.translate(_traditional())


def _first(folded: str) -> str:
    """The first character, when it is one that folding never changes in a name; else nothing, which every name holds."""
    return folded[:1] if "\u4e00" <= folded[:1] <= "\u9fff" else ""


@cache
def _traditional() -> dict[int, str]:
    lines = (files("layers") / "traditional.txt").read_text(encoding="utf-8").splitlines()
    return {ord(old): new for old, new in zip(*lines, strict=True)}


def kinds(engine: sa.Engine, view: Release) -> dict[str, Bilingual]:
    """What a search may be narrowed to at a release: layers and classes of plan places, with their titles."""
    with reading(engine) as connection:
        asked = {"release": int(view.number), "public": list(forms_at(connection, view))}
        rows = connection.execute(_SQL["kinds"], asked).all()
    found: dict[str, Bilingual] = {}
    for row in rows:
        found.setdefault(row.kind, Bilingual(row.title_zh, row.title_en))
    return found


def search(
    engine: sa.Engine, view: Release, wanted: Wanted, *, limit: int, after: After | None = None
) -> tuple[tuple[Place, ...], After | None]:
    """One page of places, the closest first, and where the next page starts: None when there is no more.

    Parameters
    ----------
    limit
        The most places on the page, at least 1. Nothing is left out: what does not fit is on the next pages.
    after
        The end of the page before, as this function gave it for the same `view` and `wanted`.

    Raises
    ------
    Unavailable
        The database cannot be reached, or takes longer than the statement timeout.
    """
    rows = _rows(engine, view, wanted, limit=limit + 1, after=after)
    shown = rows[:limit]
    more = None
    if len(rows) > limit:
        last = shown[-1]
        more = After(last.rank, last.via, last.size, last.place, last.layer, last.code)
    return tuple(_place(row) for row in shown), more


def place_at(engine: sa.Engine, view: Release, layer: str, code: str) -> Place | None:
    """The place of that layer and code at a release, or None when no public layer holds it."""
    rows = _rows(engine, view, Wanted(), limit=1, after=None, layer=layer, code=code)
    return _place(rows[0]) if rows else None


def _rows(
    engine: sa.Engine,
    view: Release,
    wanted: Wanted,
    *,
    limit: int,
    after: After | None,
    layer: str | None = None,
    code: str | None = None,
) -> list[sa.Row[Any]]:
    start = after or After(0, 0, 0, 0, "", "")
    q = fold(wanted.words)
    simple = fold(simplified(q))
    asked = {
        "release": int(view.number),
        "q": q,
        "simple": simple,
        "first": _first(q),
        "first_simple": _first(simple),
        "kind": wanted.kind,
        "placed": wanted.placed,
        "layer": layer,
        "code": code,
        "folded": _FROM,
        "into": _TO,
        "paged": after is not None,
        "rank": start.rank,
        "via": start.via,
        "size": start.size,
        "place": start.place,
        "after_layer": start.layer,
        "after_code": start.code,
        "limit": limit,
    }
    with reading(engine) as connection:
        forms = forms_at(connection, view)
        seen = {"public": list(forms), "exact": [id for id, form in forms.items() if form == "exact"], "grid": GRID}
        return list(connection.execute(_SQL["search"], {**asked, **seen}).all())


def _place(row: sa.Row[Any]) -> Place:
    how = _CLOSENESS[row.rank]
    nowhere = row.lon is None
    return Place(
        layer=row.layer,
        layer_title=Bilingual(row.title_zh, row.title_en),
        code=row.code,
        name=row.name,
        name_en=row.name_en,
        class_=row.class_,
        class_title=Bilingual.of(row.class_title) if row.class_title else None,
        match=Match(_VIA[row.via], how, row.words) if how else None,
        position=None if nowhere else (row.lon, row.lat),
        box=None if nowhere else (row.west, row.south, row.east, row.north),
        accuracy_m=None if nowhere else float(row.accuracy_m),
        legal_status=row.legal_status,
        divisions=tuple(row.divisions or ()),
        properties=row.properties,
        plan_line=row.plan_line,
        source=row.source,
        method=row.method,
        licence=row.licence,
    )
