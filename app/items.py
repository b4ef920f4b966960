"""Reads what is asked of a collection's items, and puts their GeoJSON pages together with links to the next."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import shapely
import sqlalchemy as sa
from psycopg import sql

from app.collections import GEOJSON
from app.links import Links
from layers import items
from layers.bad_query import BadQuery, wrong
from layers.collection import Collection
from layers.cql2_filter import Language, where_of
from layers.cql2_sql import Where, day_of
from layers.map_crs import MapCRS, box_of, named
from layers.queryable import GEOMETRY, Queryable
from zoning.bilingual import Bilingual, Lang
from zoning.errors import NotFound

MOST: Final = 10_000
USUAL: Final = 100

CHOOSING: Final = ("bbox", "bbox-crs", "datetime", "filter", "filter-lang", "filter-crs")
"""Parameters that choose features; beside them each queryable is one."""
GIVING: Final = ("limit", "after", "crs", "resultType", "release", "f", "lang")
"""Parameters that say how they are given."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A page that is asked for. `chosen` are the parameters that choose features, as they were given."""

    where: Where
    crs: MapCRS
    limit: int
    after: str | None
    hits: bool
    chosen: Mapping[str, str]

    @property
    def all(self) -> bool:
        """Whether all features are asked for."""
        return not any(name not in ("bbox-crs", "filter-lang", "filter-crs") for name in self.chosen)


def names(collection: Collection) -> tuple[str, ...]:
    """The query parameters of a collection's items."""
    own = [name for name in collection.queryables if name != GEOMETRY and name not in (*CHOOSING, *GIVING)]
    return (*CHOOSING, *GIVING, *own)


def asked_of(collection: Collection, given: Mapping[str, str]) -> Asked:
    """What a request asks of a collection; names are checked before. Raises `BadQuery`."""
    queryables, known = collection.queryables, collection.crs
    chosen = {name: value for name, value in given.items() if name not in GIVING}
    conditions: list[sql.Composable] = []
    values: dict[str, Any] = {}
    box_crs, filter_crs = (named(given.get(name), known, name) for name in ("bbox-crs", "filter-crs"))
    if (text := given.get("bbox")) is not None:
        values["box"] = shapely.to_wkb(box_of(text, box_crs))
        box = sql.SQL("ST_SetSRID(ST_GeomFromWKB({}), 4490)").format(sql.Placeholder("box"))
        conditions.append(sql.SQL("ST_Intersects({}, {})").format(collection.geometry, box))
    if (text := given.get("datetime")) is not None:
        values["first"], values["last"] = interval_of(text)
        conditions.append(
            sql.SQL(
                "(f.valid_from is null or f.valid_from <= coalesce({}::date, f.valid_from))"
                " and (f.valid_to is null or f.valid_to >= coalesce({}::date, f.valid_to))"
            ).format(sql.Placeholder("last"), sql.Placeholder("first"))
        )
    language = _language(given.get("filter-lang"))
    if (text := given.get("filter")) is not None:
        where = where_of(text, language, queryables, filter_crs)
        conditions.append(where.condition)
        values.update(where.values)
    for n, name in enumerate(name for name in chosen if name not in CHOOSING):
        values[f"p{n}"] = _value(queryables[name], given[name])
        conditions.append(sql.SQL("{} = {}").format(queryables[name].column, sql.Placeholder(f"p{n}")))
    condition = sql.SQL(" and ").join(conditions) if conditions else sql.SQL("true")
    result = given.get("resultType", "results")
    if result not in ("results", "hits"):
        raise wrong("resultType", "resultType 为 results 或 hits。", "resultType is results or hits.", result)
    after = _read_mark(given["after"], collection, chosen) if "after" in given else None
    crs = named(given.get("crs"), known, "crs")
    return Asked(Where(condition, values), crs, _limit(given.get("limit")), after, result == "hits", chosen)


def _limit(text: str | None) -> int:
    """Over the maximum the maximum is given, as the standard says, and `next` leads on."""
    if text is None:
        return USUAL
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and int(text) >= 1):
        raise wrong(
            "limit",
            f"limit 应为 1 以上的整数；超过 {MOST} 时按 {MOST} 给出，其余见 next。",
            f"limit must be a whole number of 1 or more; over {MOST} it counts as {MOST} and next leads on.",
            text,
        )
    return min(int(text), MOST)


def _language(text: str | None) -> Language:
    if text not in (None, "cql2-text", "cql2-json"):
        raise wrong(
            "filter-lang", "filter-lang 为 cql2-text 或 cql2-json。", "filter-lang is cql2-text or cql2-json.", text
        )
    return "cql2-json" if text == "cql2-json" else "cql2-text"


def interval_of(text: str) -> tuple[dt.date | None, dt.date | None]:
    """The first and last day of a `datetime` parameter, None where open. A moment counts as its day in Shanxi.

    Raises `BadQuery` ``parameter-invalid``.
    """
    parts = text.split("/")
    ends = [None if part in ("", "..") and len(parts) == 2 else day_of(part) for part in parts]
    broken = any(end is None and part not in ("", "..") for end, part in zip(ends, parts, strict=True))
    if len(parts) > 2 or broken or (len(parts) == 1 and ends[0] is None) or parts in (["", ""], ["..", ".."]):
        raise _datetime_invalid(text)
    first, last = ends[0], ends[-1]
    if first and last and first > last:
        raise _datetime_invalid(text)
    return first, last


def _datetime_invalid(text: str) -> BadQuery:
    return wrong(
        "datetime",
        "datetime 写作 2024-06-30、2024-06-30T00:00:00Z，或时段 2024-01-01/2024-12-31，一端可为 ..。",
        "datetime is written 2024-06-30, 2024-06-30T00:00:00Z, or as an interval 2024-01-01/2024-12-31 with .. for an open end.",
        text,
    )


def _value(queryable: Queryable, text: str) -> str | float | bool | dt.date:
    if queryable.type == "bool" and text in ("true", "false"):
        return text == "true"
    if queryable.type == "date" and (day := day_of(text)):
        return day
    if queryable.type == "text" and "\0" not in text and text.isprintable():
        return text
    if queryable.type == "number":
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if math.isfinite(value):
            return value
    said = {
        "bool": Bilingual("true 或 false", "true or false"), "date": Bilingual("日期", "a date"),
        "number": Bilingual("数字", "a number"), "text": Bilingual("可见文字", "printable text"),
    }[queryable.type]  # fmt: skip
    raise wrong(queryable.name, f"{queryable.name} 应为{said.zh}。", f"{queryable.name} must be {said.en}.", text)


# --- page marks -----------------------------------------------------------------------------------------------------------


def _about(collection: Collection, chosen: Mapping[str, str]) -> str:
    said = json.dumps([collection.id, sorted(chosen.items())], ensure_ascii=False)
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:12]


def _mark(collection: Collection, chosen: Mapping[str, str], code: str) -> str:
    said = json.dumps([int(collection.view.number), _about(collection, chosen), code], separators=(",", ":"))
    return base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")


def marked_release(text: str | None) -> int | None:
    """The release that a page mark is bound to, or None when it names none."""
    if text is None:
        return None
    number = _decoded(text)[0]
    return number if isinstance(number, int) and not isinstance(number, bool) else None


def _decoded(text: str) -> list[Any]:
    try:
        said = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (ValueError, RecursionError):
        said = None
    return said if isinstance(said, list) and len(said) == 3 else [None, None, None]


def _read_mark(text: str, collection: Collection, chosen: Mapping[str, str]) -> str:
    number, about, code = _decoded(text)
    right = number == int(collection.view.number) and about == _about(collection, chosen)
    if not right or not isinstance(code, str) or "\0" in code or not code.isprintable():
        raise wrong(
            "after",
            "翻页标记不属于这次查询；请原样使用上一页的 next 链接。",
            "The page mark is not of this query; follow the next link of the page before unchanged.",
            text,
        )
    return code


# --- documents ------------------------------------------------------------------------------------------------------------


def _links(
    collection: Collection, asked: Asked, given: Mapping[str, str], after: str | None, *, links: Links, lang: Lang
) -> list[Any]:
    title, path = collection.title.get(lang), ("collections", collection.id, "items")
    query = {name: value for name, value in given.items() if name not in ("f", "lang", "release")}
    found = [
        links.link("self", GEOJSON, title, *path, **query),
        links.link("alternate", "text/html", title, *path, **query, f="html"),
        links.link("collection", "application/json", title, *path[:2]),
    ]
    if after is not None:
        following = {
            **query, "limit": asked.limit, "after": _mark(collection, asked.chosen, after),
            "release": int(collection.view.number),
        }  # fmt: skip
        said = Bilingual("下一页", "next page").get(lang)
        found.append(links.link("next", GEOJSON, said, *path, **cast("dict[str, Any]", following)))
    return found


def page(
    engine: sa.Engine, collection: Collection, asked: Asked, given: Mapping[str, str], *, links: Links, lang: Lang
) -> bytes:
    """A GeoJSON page. `numberMatched` is given where it is known without counting, and counted where it is asked for."""
    head: dict[str, Any] = {"type": "FeatureCollection"}
    matched: int | None
    if asked.hits:
        matched = collection.feature_count if asked.all else items.count(engine, collection, asked.where)
        found = items.Page(b"", 0, None)
    else:
        found = items.page(engine, collection, asked.where, crs=asked.crs, limit=asked.limit, after=asked.after)
        matched = collection.feature_count if asked.all else None
        if asked.after is None and found.after is None:
            matched = found.returned
    if matched is not None:
        head["numberMatched"] = matched
    head |= {"numberReturned": found.returned, "release": int(collection.view.number)}
    head["links"] = _links(collection, asked, given, found.after, links=links, lang=lang)
    start = json.dumps(head, ensure_ascii=False).encode("utf-8", "replace")
    return b"".join((start[:-1], b', "features": [\n', found.features, b"\n]}"))


def one(engine: sa.Engine, collection: Collection, code: str, crs: MapCRS, *, links: Links, lang: Lang) -> bytes:
    """One feature as GeoJSON, with its links. Raises `NotFound` ``feature-unknown``."""
    safe = "\0" not in code and code.isprintable()
    written = items.one(engine, collection, code, crs=crs) if safe else None
    if written is None:
        text = Bilingual(
            f"第 {collection.view.number} 版的图层 {collection.id} 没有要素 {code[:60]}。",
            f"Layer {collection.id} has no feature {code[:60]} in release {collection.view.number}.",
        )
        raise NotFound("feature-unknown", text, value=code[:200])
    title, path = collection.title.get(lang), ("collections", collection.id, "items", code)
    said = [
        links.link("self", GEOJSON, code, *path),
        links.link("alternate", "text/html", code, *path, f="html"),
        links.link("collection", "application/json", title, *path[:2]),
    ]
    tail = json.dumps({"release": int(collection.view.number), "links": said}, ensure_ascii=False).encode()
    return b"".join((written[:-1], b", ", tail[1:]))
