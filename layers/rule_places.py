"""Whether there are features of the kind that rules choose: the class or property in the catalogue, the value in the layer's file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from layers.boundary_file import BadBoundary
from layers.catalogue import Catalogue, LayerSpec
from zoning.bilingual import Bilingual
from zoning.errors import Problem
from zoning.rule import Rule
from zoning.rulebook import Rulebook

_SHOWN: Final = "（示意）"
"""What the name of an illustrative feature ends in; a rule may name the feature with or without it."""


def unmet_places(book: Rulebook, catalogue: Catalogue, boundaries: Path | None) -> Iterator[tuple[Problem, bool]]:
    """Rules that choose features which the layer does not know, and whether that is an error.

    A class or property that the catalogue does not declare is one, and a value that no feature has where the layer claims
    to be complete: such a rule never meets a feature and its silence would say that nothing is there. Where the layer
    claims nothing for the value, checks say that the rule was not searched: that is noticed only. Kinds of layers without a
    catalogue entry are not looked at: no check reads them.
    """
    specs = {str(layer.kind): layer for layer in catalogue.layers}
    counties = set(_values(specs.get("county"), boundaries, "code") or ())
    for rule in book.rules:
        spec = specs.get(rule.where.layer) if rule.where else None
        if rule.where is None or spec is None:
            continue
        for key, values in (*rule.where.filter.items(), *rule.where.excepted.items()):
            held = _values(spec, boundaries, key)
            if held is not None and key == "county_code":
                held |= counties
            yield from _chosen(rule, spec, key, values, held)


def _chosen(
    rule: Rule, spec: LayerSpec, key: str, values: tuple[Any, ...], held: set[Any] | None
) -> Iterator[tuple[Problem, bool]]:
    """What is wrong with one key of a filter. `held` are the values that features of the layer have, if it is known."""
    if key == "class":
        if unknown := [str(v) for v in values if v not in spec.classes]:
            zh, en = "、".join(unknown), ", ".join(unknown)
            yield _problem(rule, f"图层 {spec.id} 没有类别 {zh}", f"layer {spec.id} has no class {en}"), True
            return
    elif key not in ("name", "code", *spec.properties):
        yield _problem(rule, f"图层 {spec.id} 没有属性 {key}", f"layer {spec.id} has no property {key}"), True
        return
    if held is None:
        return
    known = {_plain(value) for value in held}
    if unknown := sorted({str(_plain(v)) for v in values if _plain(v) not in known}):
        claimed = spec.complete_for.get(key) is None and key != "class"
        zh, en = (
            f"图层 {spec.id} 没有 {key} 为{'、'.join(unknown)}的要素",
            f"layer {spec.id} has no feature whose {key} is ",
        )
        text = (zh, en + ", ".join(unknown))
        if not claimed:
            text = (
                f"{zh}，该规则在此不起作用或按未查处理",
                f"{text[1]}: the rule meets nothing here, or is not searched",
            )
        yield _problem(rule, *text), claimed


def _plain(value: Any) -> Any:
    return value.removesuffix(_SHOWN) if isinstance(value, str) else value


def _values(spec: LayerSpec | None, boundaries: Path | None, key: str) -> set[Any] | None:
    """The values of a property in the layer's file; None without a file."""
    if spec is None or spec.file is None or boundaries is None or not (boundaries / spec.file).is_file():
        return None
    return {properties.get(key) for properties in _properties(boundaries / spec.file)}


_READ: dict[tuple[Path, float], tuple[Mapping[str, Any], ...]] = {}


def _properties(path: Path) -> tuple[Mapping[str, Any], ...]:
    known = (path, path.stat().st_mtime)
    if known not in _READ:
        try:
            features = json.loads(path.read_text(encoding="utf-8"))["features"]
            _READ[known] = tuple(feature["properties"] for feature in features)
        except (ValueError, KeyError, TypeError) as error:
            text = Bilingual(
                f"边界文件 {path.name} 无法读取：{error}", f"Boundary file {path.name} cannot be read: {error}"
            )
            raise BadBoundary("boundary-invalid", text, file=path.name) from error
    return _READ[known]


def _problem(rule: Rule, zh: str, en: str) -> Problem:
    return Problem(rule.file, rule.line, rule.id, Bilingual(zh, en))
