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


@pytest.mark.parametrize(
    "text",
    [
        "not " * 3900 + "wet", "NOT\n" * 3900 + "wet", "height = " + "-" * 15_000 + "1", "height = " + "- " * 7000 + "1",
        "not-" * 3900 + "wet",
    ],
    ids=["not", "not on lines", "minus", "minus and blanks", "both"],
)  # fmt: skip
def test_a_long_run_of_signs_or_nots_does_not_crash_the_parser(text):
    with pytest.raises(BadQuery):
        written(text)


def test_some_nots_in_a_row_are_taken():
    assert written("not not wet = true")[0].startswith("(not (not ")


@pytest.mark.parametrize("depth", [11, 7000])
def test_a_backslash_before_a_quote_hides_no_brackets(depth):
    with pytest.raises(BadQuery):
        written("name = 'a\\' and " + "(" * depth + "height = 1" + ")" * depth + " and name = 'b'")


HUGE = "1" * 400


@pytest.mark.parametrize(
    "said",
    [
        '{"op":"=","args":[{"property":"height"},' + HUGE + "]}",
        '{"op":"=","args":[{"property":"height"},' + HUGE * 15 + "]}",
        '{"op":"s_intersects","args":[{"property":"geometry"},{"bbox":[' + HUGE + ",1,2,3]}]}",
        '{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Point","coordinates":[' + HUGE + ",1]}]}",
        '{"op":"=","args":[{"op":"casei","args":5},"a"]}',
        '{"op":"=","args":[{"op":"casei","args":{"a":1}},"a"]}',
    ],
    ids=["number", "longer than Python reads", "box", "point", "casei of a number", "casei of an object"],
)
def test_odd_json_is_refused_and_not_a_fault_of_the_service(said):
    with pytest.raises(BadQuery):
        written(said, "cql2-json")
