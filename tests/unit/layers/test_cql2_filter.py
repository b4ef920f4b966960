"""Filters become SQL in which nothing of the user's stands: whatever is said, it is refused or it is a parameter."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import sql

from layers.bad_query import BadQuery
from layers.cql2_filter import where_of
from layers.map_crs import offered
from layers.queryable import queryables_of

SPEC = {
    "classes": {},
    "properties": {
        "height": {"type": "number", "zh": "高", "en": "height"},
        "wet": {"type": "bool", "zh": "湿", "en": "wet"},
        "note's": {"type": "text", "zh": "注", "en": "note"},
    },
}
QUERYABLES = queryables_of(SPEC, sql.SQL("f.geom"))
CRS = offered(112, 112)[0]


def written(text, language="cql2-text"):
    where = where_of(text, language, QUERYABLES, CRS)
    return where.condition.as_string(None), dict(where.values)


@given(st.text(max_size=60))
def test_any_text_value_is_a_parameter_and_never_sql(value):
    said = json.dumps({"op": "=", "args": [{"property": "name"}, value]})
    if "\0" in value or any("\ud800" <= c <= "\udfff" for c in value):
        with pytest.raises(BadQuery):
            written(said, "cql2-json")
        return
    assert written(said, "cql2-json") == ('(f."name" = %(q0)s::text)', {"q0": value})


leaves = st.one_of(
    st.booleans(), st.floats(), st.integers(), st.text(max_size=8), st.none(),
    st.sampled_from([{"property": name} for name in (*QUERYABLES, "none")]),
    st.builds(lambda d: {"date": d}, st.one_of(st.dates().map(str), st.text(max_size=10))),
    st.builds(lambda b: {"bbox": b}, st.lists(st.floats(), max_size=6)),
    st.builds(lambda c: {"type": "Point", "coordinates": c}, st.lists(st.floats(), max_size=3)),
)  # fmt: skip
OPS = [
    "and",
    "or",
    "not",
    "=",
    "<>",
    "<",
    "like",
    "in",
    "between",
    "isNull",
    "casei",
    "s_intersects",
    "s_within",
    "t_intersects",
    "+",
    "x",
]
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.builds(lambda op, args: {"op": op, "args": args}, st.sampled_from(OPS), st.lists(inner, max_size=3)),
        st.builds(lambda ends: {"interval": ends}, st.lists(inner, max_size=2)),
    ),
    max_leaves=8,
)


@given(trees)
def test_any_tree_is_translated_or_refused(tree):
    try:
        text, values = written(json.dumps(tree), "cql2-json")
    except BadQuery:
        return
    assert text
    assert all(f"%({name})s" in text for name in values)


@given(st.text(alphabet="()='\"aname <>,.1ANDORTinlike%-\\+*", max_size=60))
def test_any_text_is_translated_or_refused(text):
    with contextlib.suppress(BadQuery):
        assert written(text)[0]


def test_a_declared_name_with_a_quote_is_quoted():
    text, values = written("\"note's\" = 'x'")
    assert text == "((f.properties ->> 'note''s') = %(q0)s::text)"
    assert values == {"q0": "x"}


@pytest.mark.parametrize("depth", [3, 10, 11, 500, 7000])
def test_deep_brackets_neither_take_long_nor_crash(depth):
    text = "(" * depth + "wet" + ")" * depth
    if depth <= 10:
        assert (
            written(text)[0]
            == "(case jsonb_typeof(f.properties -> 'wet') when 'boolean' then (f.properties -> 'wet')::boolean end)"
        )
    else:
        with pytest.raises(BadQuery):
            written(text)


def test_brackets_in_quotes_do_not_count():
    assert written("name = '((((((((((((((((' ")[1] == {"q0": "(" * 16}
