"""Places as JSON data for both doors: what a search found, why a place has no position, and cursors from page to page."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable
from dataclasses import astuple
from functools import cache
from typing import Any, Final

import sqlalchemy as sa

from app.problem import BadRequest
from layers import places
from layers.places import After, Match, Place, Wanted
from layers.release import Release, open_release
from zoning.bilingual import Bilingual
from zoning.errors import NotFound
from zoning.rulebook import rulebook

MOST: Final = 200
LONGEST: Final = 100

WHY: Final = {
    "no_county": Bilingual("规划没有写明所在县（市、区）。", "The plan names no county for it."),
    "no_single_place": Bilingual(
        "不是单个地点，而是全省、全市或全县的要求、统计或一类区域。",
        "It is no single place but a demand, a figure or a class of areas.",
    ),
    "not_named": Bilingual("规划只给出数量或类别，没有列出名称。", "The plan gives only a number or a kind, no names."),
    "name_unclear": Bilingual(
        "规划印出的名称无法确认是哪一处。", "It cannot be told which place the printed name means."
    ),
}
"""Why a place of the plans has no position."""

_PLACING = {
    ("division", "plan"): Bilingual(
        "位置只知在{where}范围内，取面内一点；精度涵盖全部范围。",
        "Known only to be in {where}: a point inside, and an accuracy that covers all of it.",
    ),
    ("division", "general"): Bilingual(
        "规划未写所在市县，按一般地理知识定在{where}范围内，待当地核实；取面内一点，精度涵盖全部范围。",
        "The plan names no county; by general knowledge, to be confirmed locally, it is in {where}: a point inside, "
        "and an accuracy that covers all of it.",
    ),
    ("river", "plan"): Bilingual(
        "取{where}河线上的一点；精度涵盖整段河线及其误差。",
        "A point on the river's line, {where}; the accuracy covers the whole stretch and the line's own error.",
    ),
    ("river", "general"): Bilingual(
        "规划未写所在市县，按一般地理知识取{where}河线上的一点，待当地核实；精度涵盖整段河线及其误差。",
        "The plan names no county; by general knowledge, to be confirmed locally, a point on the river's line, {where}; "
        "the accuracy covers the stretch.",
    ),
}
_REACH = Bilingual("只代表河流在该范围内的部分。", "It stands only for the part of the river there.")
_WHOLE = Bilingual("本库全段", "all of it that is held")
_MISPRINT = Bilingual("规划文本印作“{words}”。", "A plan prints it as {words}.")
_ALIAS = Bilingual("又名“{words}”。", "Also called {words}.")


def found(
    engine: sa.Engine,
    words: str,
    *,
    kind: str | None,
    placed: bool | None,
    limit: int,
    after: str | None,
    number: int | None,
) -> dict[str, Any]:
    """One page of places; `next` takes to the next page, on the same release, and is None on the last.

    Raises
    ------
    BadRequest
        ``parameter-invalid``: nothing to look for in `words`, an unknown `kind`, a cursor of another search.
    BadProject, Unavailable
        As `layers.release.open_release`.
    """
    wanted = Wanted(words, kind, placed)
    start, of_cursor = _read_cursor(after, wanted) if after is not None else (None, number)
    if number is not None and of_cursor != number:
        raise _cursor_invalid(after)
    view = open_release(engine, of_cursor)
    if words and not places.fold(words):
        text = Bilingual("请给出要查的地名或代码。", "Give a name or a code to look for.")
        raise BadRequest("parameter-invalid", text, field="q", value=words)
    if kind is not None:
        _check_kind(engine, view, kind)
    page, more = places.search(engine, view, wanted, limit=limit, after=start)
    return {
        "release": view.number,
        "query": words,
        "kind": kind,
        "placed": placed,
        "places": [_place(place) for place in page],
        "next": _cursor(more, wanted, view) if more else None,
    }


def one(engine: sa.Engine, id: str, number: int | None) -> dict[str, Any]:
    """A place by `layer:code`, with its source and properties. Raises `NotFound` ``place-unknown``."""
    view = open_release(engine, number)
    layer, _, code = id.partition(":")
    place = places.place_at(engine, view, layer, code) if code else None
    if place is None:
        text = Bilingual(
            f"第 {view.number} 版没有地点 {id}；写作 图层:编码，如 county:140826。",
            f"Release {view.number} has no place {id}; write layer:code, as in county:140826.",
        )
        raise NotFound("place-unknown", text, value=id)
    said = {
        "source": place.source,
        "method": place.method,
        "licence": place.licence,
        "properties": dict(place.properties),
    }
    return {"release": view.number, **_place(place), **said}


def _place(place: Place) -> dict[str, Any]:
    why = WHY.get(str(place.properties.get("why")))
    lines = place.several("plan_lines") or ((place.plan_line,) if place.plan_line else ())
    return {
        "id": place.id,
        "layer": place.layer,
        "layer_title": place.layer_title.as_dict(),
        "class": place.class_,
        "class_title": place.class_title.as_dict() if place.class_title else None,
        "name": {"zh": place.name, "en": place.name_en},
        "aliases": list(place.several("aliases")),
        "misprints": list(place.several("misprints")),
        "matched": _match(place.match) if place.match else None,
        "placed": place.position is not None,
        "why": why.as_dict() if why else None,
        "position": [round(v, 7) for v in place.position] if place.position else None,
        "box": [round(v, 7) for v in place.box] if place.box else None,
        "accuracy_m": place.accuracy_m,
        "placing": placing.as_dict() if (placing := _placing(place)) else None,
        "divisions": [dict(division) for division in place.divisions],
        "township": place.properties.get("township"),
        "plans": _plans(lines),
        "see": place.properties.get("see"),
        "legal_status": place.legal_status,
    }


@cache
def _titles() -> dict[str, Bilingual]:
    """Titles of the plans by the name of their text."""
    sources = (source for source in rulebook().sources.values() if source.file)
    return {str(source.file).removeprefix("plans/").removesuffix(".txt"): source.title for source in sources}


def _plans(lines: Iterable[str]) -> list[dict[str, Any]]:
    """`plan:line` one by one as plans with their lines, in the order in which they are given."""
    by_plan: dict[str, list[int]] = {}
    for one in lines:
        plan, _, line = one.partition(":")
        by_plan.setdefault(plan, []).append(int(line))
    titles = _titles()
    return [
        {"plan": plan, "title": titles.get(plan, Bilingual(plan, plan)).as_dict(), "lines": sorted(numbers)}
        for plan, numbers in by_plan.items()
    ]


def _match(match: Match) -> dict[str, Any]:
    note = {"misprint": _MISPRINT, "alias": _ALIAS}.get(match.via)
    said = note.format(words=match.words).as_dict() if note else None
    return {"via": match.via, "how": match.how, "words": match.words, "note": said}


def _placing(place: Place) -> Bilingual | None:
    by = place.properties.get("named_by")
    if by is None:
        return None
    river = place.properties.get("river_code")
    zh = "、".join(division["name"]["zh"] for division in place.divisions)
    en = ", ".join(division["name"]["en"] or division["name"]["zh"] for division in place.divisions)
    where = Bilingual(zh, en) if zh else _WHOLE
    text = _PLACING["river" if river else "division", str(by)].format(where=where)
    if place.class_ == "river" and not river:
        return Bilingual(text.zh + _REACH.zh, f"{text.en} {_REACH.en}")
    return text


def _check_kind(engine: sa.Engine, view: Release, kind: str) -> None:
    known = places.kinds(engine, view)
    if kind not in known:
        listed = ", ".join(sorted(known))
        text = Bilingual(f"没有类别 {kind}。可用：{listed}。", f"There is no kind {kind}. Known: {listed}.")
        raise BadRequest("parameter-invalid", text, field="kind", value=kind)


def _about(wanted: Wanted) -> str:
    return hashlib.sha256(json.dumps(astuple(wanted), ensure_ascii=False).encode()).hexdigest()[:12]


def _cursor(after: After, wanted: Wanted, view: Release) -> str:
    said = json.dumps([int(view.number), _about(wanted), *astuple(after)], separators=(",", ":"))
    return base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")


def _read_cursor(text: str, wanted: Wanted) -> tuple[After, int]:
    try:
        said = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
        number, about, *key = said
        after = After(*key)
    except (ValueError, TypeError) as error:
        raise _cursor_invalid(text) from error
    whole = all(type(v) is int for v in (number, *key[:4])) and all(type(v) is str for v in key[4:])
    if not whole or about != _about(wanted) or not all(abs(v) < 1 << 31 for v in (number, *key[:4])):
        raise _cursor_invalid(text)
    return after, number


def _cursor_invalid(text: str | None) -> BadRequest:
    said = Bilingual(
        "翻页标记不属于这次查询；请原样使用上一页的 next，其余条件不变。",
        "The page mark is not of this search; give the next of the page before, and all else unchanged.",
    )
    return BadRequest("parameter-invalid", said, field="after", value=text)
