"""What may be asked of a layer's features: the names, their types, and the SQL that stands for each; values never enter the SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from psycopg import sql

from zoning.bilingual import Bilingual

Type = Literal["text", "number", "bool", "date", "geometry"]

GEOMETRY: Final = "geometry"


@dataclass(frozen=True, slots=True)
class Queryable:
    """One name that a filter may use. `column` is SQL over the feature `f`; `values` are those it may have, where that is known."""

    name: str
    type: Type
    title: Bilingual
    column: sql.Composable
    values: tuple[str, ...] = ()


_COMMON: Final[tuple[tuple[str, Type, str, str], ...]] = (
    ("code", "text", "编码", "Code"),
    ("name", "text", "名称", "Name"),
    ("name_en", "text", "英文名称", "English name"),
    ("class", "text", "类别", "Class"),
    ("legal_status", "text", "法律状态", "Legal status"),
    ("accuracy_m", "number", "精度（米，95 % 单侧）", "Accuracy, m, one-sided at 95 %"),
    ("source", "text", "来源", "Source"),
    ("method", "text", "方法", "Method"),
    ("licence", "text", "许可", "Licence"),
    ("plan_line", "text", "规划出处", "Plan line"),
    ("valid_from", "date", "生效日", "Valid from"),
    ("valid_to", "date", "失效日", "Valid to"),
    ("area_m2", "number", "椭球面积（平方米）", "Ellipsoidal area, m²"),
    ("length_m", "number", "椭球长度（米）", "Ellipsoidal length, m"),
)
_CAST: Final[Mapping[str, sql.SQL]] = {
    "text": sql.SQL("(f.properties ->> {})"),
    "number": sql.SQL("(case jsonb_typeof(f.properties -> {0}) when 'number' then (f.properties -> {0})::float8 end)"),
    "bool": sql.SQL("(case jsonb_typeof(f.properties -> {0}) when 'boolean' then (f.properties -> {0})::boolean end)"),
}


def queryables_of(spec: Mapping[str, Any], geometry: sql.Composable) -> dict[str, Queryable]:
    """The queryables of a layer by name: the geometry as it may be seen, what all features have, and the layer's own."""
    classes = tuple(spec["classes"])
    found = [Queryable(GEOMETRY, "geometry", Bilingual("图形", "Geometry"), geometry)]
    for name, type, zh, en in _COMMON:
        column = sql.SQL("f.{}").format(sql.Identifier(name))
        found.append(Queryable(name, type, Bilingual(zh, en), column, classes if name == "class" else ()))
    for name, declared in spec["properties"].items():
        column = _CAST[declared["type"]].format(sql.Literal(name))
        found.append(Queryable(name, declared["type"], Bilingual(declared["zh"], declared["en"]), column))
    return {one.name: one for one in found}
