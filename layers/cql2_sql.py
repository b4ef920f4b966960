"""The translation of a parsed CQL2 tree into SQL, node by node: names are looked up, values become parameters."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from zoneinfo import ZoneInfo

import shapely
from psycopg import sql

from layers.bad_query import BadQuery
from layers.map_crs import MapCRS
from layers.queryable import Queryable
from zoning.bilingual import Bilingual

MOST_NODES: Final = 500
MOST_VERTICES: Final = 10_000
MOST_WILDCARDS: Final = 10
_LARGEST: Final = 1e300

_COMPARE: Final = {"=": "=", "<>": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_SPATIAL: Final = {
    "s_intersects": "ST_Intersects", "s_disjoint": "ST_Disjoint", "s_contains": "ST_Contains", "s_within": "ST_Within",
    "s_equals": "ST_Equals", "s_touches": "ST_Touches", "s_crosses": "ST_Crosses", "s_overlaps": "ST_Overlaps",
}  # fmt: skip
_INVERSE: Final = {"s_contains": "s_within", "s_within": "s_contains"}
_TYPE_WORDS: Final = {
    "text": Bilingual("文字", "text"), "number": Bilingual("数字", "a number"), "bool": Bilingual("真假值", "true or false"),
    "date": Bilingual("日期", "a date"), "geometry": Bilingual("图形", "a geometry"), "array": Bilingual("列表", "a list"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Where:
    """A condition over the feature `f` and the values of its parameters."""

    condition: sql.Composable
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Term:
    """One side of a comparison: its type, and its SQL."""

    type: str
    sql: sql.Composable


def _fault(path: str, zh: str, en: str) -> BadQuery:
    place = path or "/"
    text = Bilingual(f"过滤条件 {place} 处有误：{zh}。", f"The filter is wrong at {place}: {en}.")
    return BadQuery("filter-invalid", text, field="filter", path=place)


class Translation:
    """One filter on its way into SQL."""

    def __init__(self, queryables: Mapping[str, Queryable], crs: MapCRS) -> None:
        self._queryables = queryables
        self._crs = crs
        self._values: dict[str, Any] = {}
        self._nodes = 0
        self._vertices = 0

    def whole(self, tree: Any) -> Where:
        """The condition that a tree states; raises `BadQuery` ``filter-invalid`` with the path of what is wrong."""
        condition = self._condition(tree, "")
        return Where(condition, self._values)

    def _value(self, value: Any, cast: str) -> sql.Composable:
        name = f"q{len(self._values)}"
        self._values[name] = value
        return sql.SQL("{}::{}").format(sql.Placeholder(name), sql.SQL(cast))

    def _condition(self, node: Any, path: str) -> sql.Composable:
        self._count(path)
        if isinstance(node, bool):
            return sql.SQL("true") if node else sql.SQL("false")
        if isinstance(node, dict) and set(node) == {"property"}:
            term = self._term(node, path)
            if term.type != "bool":
                raise _fault(path, "单独出现的名称须为真假值", "a name that stands alone must be true or false")
            return term.sql
        op, args = self._operation(node, path)
        if op in ("and", "or"):
            self._arity(args, 2, None, path)
            parts = [self._condition(one, f"{path}/args/{n}") for n, one in enumerate(args)]
            return sql.SQL("({})").format(sql.SQL(f" {op} ").join(parts))
        if op == "not":
            self._arity(args, 1, 1, path)
            return sql.SQL("(not {})").format(self._condition(args[0], f"{path}/args/0"))
        found = self._predicates().get(op)
        if found is None:
            known = ", ".join(sorted({"and", "or", "not", *self._predicates()}))
            raise _fault(path, f"没有运算 {op[:60]}。可用：{known}", f"there is no operator {op[:60]}. Known: {known}")
        return found(op, args, path)

    def _predicates(self) -> Mapping[str, Callable[[str, Sequence[Any], str], sql.Composable]]:
        return {
            **dict.fromkeys(_COMPARE, self._compare),
            "like": self._like,
            "in": self._in,
            "between": self._between,
            "isNull": self._is_null,
            **dict.fromkeys(_SPATIAL, self._spatial),
            "t_intersects": self._t_intersects,
        }

    def _count(self, path: str) -> None:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise _fault(path, f"多于 {MOST_NODES} 个部分", f"more than {MOST_NODES} parts")

    def _operation(self, node: Any, path: str) -> tuple[str, Sequence[Any]]:
        if not isinstance(node, dict) or set(node) != {"op", "args"} or not isinstance(node["op"], str):
            raise _fault(path, "这里应为一个条件（op 和 args）", "a condition (op and args) is expected here")
        if not isinstance(node["args"], list):
            raise _fault(f"{path}/args", "args 应为列表", "args must be a list")
        return node["op"], node["args"]

    def _arity(self, args: Sequence[Any], least: int, most: int | None, path: str) -> None:
        if len(args) < least or (most is not None and len(args) > most):
            raise _fault(f"{path}/args", f"参数个数为 {len(args)}", f"it has {len(args)} arguments")

    # --- terms ----------------------------------------------------------------------------------------------------------

    def _term(self, node: Any, path: str) -> _Term:
        self._count(path)
        if isinstance(node, bool):
            return _Term("bool", self._value(node, "boolean"))
        if isinstance(node, (int, float)):
            if not math.isfinite(node) or abs(node) > _LARGEST:
                raise _fault(path, "数字过大", "the number is too large")
            return _Term("number", self._value(float(node), "float8"))
        if isinstance(node, str):
            return _Term("text", self._value(self._text(node, path), "text"))
        if isinstance(node, dict):
            return self._structured(node, path)
        raise _fault(path, "这里应为名称或值", "a name or a value is expected here")

    def _structured(self, node: Mapping[str, Any], path: str) -> _Term:
        keys = set(node)
        if keys == {"property"}:
            known = self._queryables.get(str(node["property"]))
            if known is None:
                listed = ", ".join(self._queryables)
                name = str(node["property"])[:60]
                raise _fault(path, f"没有名称 {name}。可用：{listed}", f"there is no name {name}. Known: {listed}")
            return _Term(known.type, known.column)
        if keys in ({"date"}, {"timestamp"}):
            return _Term("date", self._value(self._day(next(iter(node.values())), path), "date"))
        if keys == {"op", "args"} and node["op"] == "casei" and isinstance(node["args"], list):
            self._arity(node["args"], 1, 1, path)
            inner = self._term(node["args"][0], f"{path}/args/0")
            self._expect(inner, "text", path)
            return _Term("text", sql.SQL("lower({})").format(inner.sql))
        raise _fault(path, "这里应为名称或值", "a name or a value is expected here")

    def _text(self, value: str, path: str) -> str:
        if "\0" in value or (not value.isprintable() and any("\ud800" <= c <= "\udfff" for c in value)):
            raise _fault(path, "文字含有无效字符", "the text holds an invalid character")
        return value

    def _day(self, value: Any, path: str) -> dt.date:
        day = day_of(value)
        if day is None:
            raise _fault(path, f"不是日期：{str(value)[:60]}", f"no date: {str(value)[:60]}")
        return day

    def _expect(self, term: _Term, type: str, path: str) -> None:
        if term.type != type:
            said, wanted = _TYPE_WORDS[term.type], _TYPE_WORDS[type]
            raise _fault(path, f"这里应为{wanted.zh}，却是{said.zh}", f"{wanted.en} is expected here, not {said.en}")

    def _pair(self, node: Any, beside: _Term, path: str) -> _Term:
        """A term to stand beside another: a date may be written as plain text."""
        if beside.type == "date" and isinstance(node, str):
            self._count(path)
            return _Term("date", self._value(self._day(node, path), "date"))
        term = self._term(node, path)
        self._expect(term, beside.type, path)
        return term

    # --- predicates -----------------------------------------------------------------------------------------------------

    def _compare(self, op: str, args: Sequence[Any], path: str) -> sql.Composable:
        self._arity(args, 2, 2, path)
        left, right = f"{path}/args/0", f"{path}/args/1"
        if isinstance(args[0], str):
            second = self._term(args[1], right)
            first = self._pair(args[0], second, left)
        else:
            first = self._term(args[0], left)
            second = self._pair(args[1], first, right)
        if first.type == "geometry":
            raise _fault(path, "图形不能这样比较，请用 s_equals", "a geometry is not compared so; use s_equals")
        return sql.SQL("({} {} {})").format(first.sql, sql.SQL(_COMPARE[op]), second.sql)

    def _like(self, _op: str, args: Sequence[Any], path: str) -> sql.Composable:
        self._arity(args, 2, 2, path)
        first = self._term(args[0], f"{path}/args/0")
        self._expect(first, "text", f"{path}/args/0")
        given = args[1]["args"][0] if _is_casei(args[1]) else args[1]
        if not isinstance(given, str):
            raise _fault(f"{path}/args/1", "LIKE 的式样应为文字", "the pattern of LIKE must be text")
        if (len(given) - len(given.rstrip("\\"))) % 2:
            raise _fault(f"{path}/args/1", "式样不能以单个反斜杠结尾", "the pattern may not end in a single backslash")
        if given.count("%") > MOST_WILDCARDS:
            raise _fault(
                f"{path}/args/1", f"式样中的 % 多于 {MOST_WILDCARDS} 个", f"more than {MOST_WILDCARDS} % in the pattern"
            )
        return sql.SQL("({} like {})").format(first.sql, self._term(args[1], f"{path}/args/1").sql)

    def _in(self, _op: str, args: Sequence[Any], path: str) -> sql.Composable:
        self._arity(args, 2, 2, path)
        first = self._term(args[0], f"{path}/args/0")
        if not isinstance(args[1], list) or not args[1]:
            raise _fault(f"{path}/args/1", "IN 之后应为非空列表", "a list that is not empty is expected after IN")
        listed = [self._pair(one, first, f"{path}/args/1/{n}").sql for n, one in enumerate(args[1])]
        return sql.SQL("({} in ({}))").format(first.sql, sql.SQL(", ").join(listed))

    def _between(self, _op: str, args: Sequence[Any], path: str) -> sql.Composable:
        self._arity(args, 3, 3, path)
        first = self._term(args[0], f"{path}/args/0")
        if first.type not in ("number", "date"):
            raise _fault(f"{path}/args/0", "BETWEEN 只用于数字和日期", "BETWEEN is for numbers and dates")
        low, high = (self._pair(args[n], first, f"{path}/args/{n}").sql for n in (1, 2))
        return sql.SQL("({} between {} and {})").format(first.sql, low, high)

    def _is_null(self, _op: str, args: Sequence[Any], path: str) -> sql.Composable:
        self._arity(args, 1, 1, path)
        term = self._term(args[0], f"{path}/args/0")
        if term.type == "geometry":
            return sql.SQL("ST_IsEmpty({})").format(term.sql)
        return sql.SQL("({} is null)").format(term.sql)

    def _spatial(self, op: str, args: Sequence[Any], path: str) -> sql.Composable:
        self._arity(args, 2, 2, path)
        named = [isinstance(one, dict) and set(one) == {"property"} for one in args]
        if sum(named) != 1:
            raise _fault(
                f"{path}/args",
                "应为图形名称和一个给出的图形",
                "the geometry's name and one given geometry are expected",
            )
        if named[1]:
            args, op = (args[1], args[0]), _INVERSE.get(op, op)
        term = self._term(args[0], f"{path}/args/0")
        self._expect(term, "geometry", path)
        wkb = shapely.to_wkb(self._geometry(args[1], f"{path}/args/1"))
        given = sql.SQL("ST_SetSRID(ST_GeomFromWKB({}), 4490)").format(self._value(wkb, "bytea"))
        function = sql.SQL(_SPATIAL[op])
        return sql.SQL("{}({}, {})").format(function, term.sql, given)

    def _geometry(self, node: Any, path: str) -> shapely.Geometry:
        self._count(path)
        try:
            given = _box(node["bbox"]) if set(node) == {"bbox"} else shapely.force_2d(shapely.geometry.shape(node))
            if given.geom_type == "GeometryCollection":
                raise _fault(path, "不接受 GeometryCollection", "a GeometryCollection is not taken")
            given = self._crs.to_lonlat(given)
            finite = _finite(given)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError, shapely.errors.ShapelyError) as error:
            raise _fault(path, "不是 GeoJSON 图形或 bbox", "no GeoJSON geometry or bbox") from error
        if not finite or given.is_empty:
            raise _fault(path, "图形为空或坐标超出坐标系范围", "the geometry is empty or outside what the CRS is for")
        self._vertices += int(shapely.get_num_coordinates(given))
        if self._vertices > MOST_VERTICES:
            raise _fault(
                path, f"图形的顶点多于 {MOST_VERTICES} 个", f"the geometries have more than {MOST_VERTICES} vertices"
            )
        if not shapely.is_valid(given):
            reason = str(shapely.is_valid_reason(given))
            raise _fault(path, f"图形无效：{reason}", f"the geometry is not valid: {reason}")
        return given

    def _t_intersects(self, _op: str, args: Sequence[Any], path: str) -> sql.Composable:
        self._arity(args, 2, 2, path)
        (first, first_end), (second, second_end) = (
            self._interval(one, f"{path}/args/{n}") for n, one in enumerate(args)
        )
        return sql.SQL("(coalesce({} <= {}, true) and coalesce({} <= {}, true))").format(
            first, second_end, second, first_end
        )

    def _interval(self, node: Any, path: str) -> tuple[sql.Composable, sql.Composable]:
        """Start and end; null where it is open."""
        ends = node["interval"] if isinstance(node, dict) and set(node) == {"interval"} else [node, node]
        if not isinstance(ends, list) or len(ends) != 2:
            raise _fault(path, "时段应有两端", "an interval has two ends")
        found: list[sql.Composable] = []
        for one in ends:
            if one == "..":
                found.append(sql.SQL("null::date"))
                continue
            term = self._pair(one, _Term("date", sql.SQL("")), path)
            found.append(term.sql)
        return found[0], found[1]


def day_of(value: Any) -> dt.date | None:
    """A day, or the day in Shanxi of a moment, as RFC 3339 writes them; None when it is neither.

    >>> day_of("2024-06-30"), day_of("2024-06-30T20:00:00Z"), day_of("June")
    (datetime.date(2024, 6, 30), datetime.date(2024, 7, 1), None)
    """
    if not isinstance(value, str) or not value.isascii() or len(value) > 40:
        return None
    try:
        if len(value) == 10:
            return dt.date.fromisoformat(value)
        if value[10:11] not in ("T", "t"):
            return None
        moment = dt.datetime.fromisoformat(value.upper())
        return None if moment.tzinfo is None else moment.astimezone(ZoneInfo("Asia/Shanghai")).date()
    except (ValueError, OverflowError):
        return None


def _is_casei(node: Any) -> bool:
    return (
        isinstance(node, dict)
        and node.get("op") == "casei"
        and isinstance(node.get("args"), list)
        and len(node["args"]) == 1
    )


def _box(values: Sequence[float]) -> shapely.Geometry:
    if len(values) not in (4, 6):
        raise ValueError("four or six numbers")
    half = len(values) // 2
    return shapely.box(values[0], values[1], values[half], values[half + 1])


def _finite(geometry: shapely.Geometry) -> bool:
    lonlat = shapely.get_coordinates(geometry)
    return bool(((abs(lonlat[:, 0]) <= 180) & (abs(lonlat[:, 1]) <= 90)).all())
