"""Turns a CQL2 filter (text or JSON) into parameterised SQL over a layer's queryables; anything else in it is refused with its place."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final, Literal

import cql2

from layers.bad_query import BadQuery
from layers.cql2_sql import Translation, Where
from layers.map_crs import MapCRS
from layers.queryable import Queryable
from zoning.bilingual import Bilingual

Language = Literal["cql2-text", "cql2-json"]

LONGEST: Final = 16_000
"""Characters of a filter."""
DEEPEST: Final = 10
"""Brackets within brackets: the text's grammar takes twice as long with each, and ten are a few milliseconds."""
DEEPEST_JSON: Final = 40

MOST_SIGNS: Final = 20
"""`not` and signs in a row: the parser goes down a step with each, and thousands end the process."""
LONGEST_NUMBER: Final = 300
"""Digits of a whole number: what is longer is no float."""

_QUOTED: Final = re.compile(r"'[^']*'|\"[^\"]*\"")
"""As the grammar reads it: a quote ends a text, whatever stands before it; two are two texts side by side."""
_SIGNS: Final = re.compile(rf"(?:(?:not|[-+])\s*){{{MOST_SIGNS + 1}}}", re.IGNORECASE)
_AT: Final = re.compile(r"(\d+):(\d+)")
_EXPECTED: Final = re.compile(r"= expected (.+)", re.DOTALL)


def filter_invalid(zh: str, en: str, **where: Any) -> BadQuery:
    """``filter-invalid`` with what is wrong and where."""
    return BadQuery("filter-invalid", Bilingual(zh, en), field="filter", **where)


def where_of(text: str, language: Language, queryables: Mapping[str, Queryable], crs: MapCRS) -> Where:
    """The condition that a filter states.

    Parameters
    ----------
    crs
        The CRS and axis order of the geometries in it.

    Raises
    ------
    BadQuery
        ``filter-invalid``: it is no CQL2, names what is no queryable, compares what cannot be compared, or is too long or deep.
    """
    if len(text) > LONGEST:
        raise filter_invalid(f"过滤条件超过 {LONGEST} 个字符。", f"The filter is over {LONGEST} characters.")
    if "\0" in text:
        raise filter_invalid("过滤条件含有空字符。", "The filter holds a NUL character.")
    tree = _of_json(text) if language == "cql2-json" else _of_text(text)
    return Translation(queryables, crs).whole(tree)


def _of_text(text: str) -> Any:
    bare = _QUOTED.sub(lambda quoted: " " * len(quoted[0]), text)
    _check_depth(bare, "(", ")", DEEPEST)
    if found := _SIGNS.search(bare):
        raise filter_invalid(
            f"过滤条件中 not 或正负号连续超过 {MOST_SIGNS} 个（第 {found.start() + 1} 个字符起）。",
            f"The filter has over {MOST_SIGNS} nots or signs in a row (from character {found.start() + 1}).",
            column=found.start() + 1,
        )
    try:
        return json.loads(json.dumps(cql2.parse_text(text).to_json()))
    except Exception as error:  # the parser raises bare exceptions
        said = str(error)
        at, expected = _AT.search(said), _EXPECTED.search(said)
        line, column = (int(at[1]), int(at[2])) if at else (1, 1)
        wanted = " ".join((expected[1] if expected else said).split())[:300]
        raise filter_invalid(
            f"过滤条件不是有效的 CQL2 文本：第 {line} 行第 {column} 列，此处应为 {wanted}。",
            f"The filter is no valid CQL2 text: line {line}, column {column}: expected {wanted}.",
            line=line,
            column=column,
        ) from error


def _check_depth(text: str, opening: str, closing: str, most: int) -> None:
    depth = 0
    for place, char in enumerate(text, start=1):
        if char in opening:
            depth += 1
            if depth > most:
                raise filter_invalid(
                    f"过滤条件的括号嵌套超过 {most} 层（第 {place} 个字符）。",
                    f"The filter nests brackets over {most} deep (at character {place}).",
                    column=place,
                )
        elif char in closing:
            depth -= 1
            if depth < 0:
                break
    if depth:
        raise filter_invalid("过滤条件的括号不配对。", "The filter's brackets do not pair.")


def _of_json(text: str) -> Any:
    _check_depth(re.sub(r'"(?:[^"\\]|\\.)*"', "", text), "[{", "]}", DEEPEST_JSON)

    def refuse(constant: str) -> None:
        raise filter_invalid(f"过滤条件含有 {constant}。", f"The filter holds {constant}.")

    def whole(digits: str) -> int:
        if len(digits) > LONGEST_NUMBER:
            raise filter_invalid("过滤条件中的数字过长。", "A number in the filter is too long.")
        return int(digits)

    try:
        return json.loads(text, parse_constant=refuse, parse_int=whole)
    except json.JSONDecodeError as error:
        raise filter_invalid(
            f"过滤条件不是有效的 JSON：第 {error.lineno} 行第 {error.colno} 列，{error.msg}。",
            f"The filter is no valid JSON: line {error.lineno}, column {error.colno}: {error.msg}.",
            line=error.lineno,
            column=error.colno,
        ) from error
