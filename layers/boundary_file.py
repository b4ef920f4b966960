"""Reads one bundled boundary file into checked features on the grid; it repairs nothing: a wrong file is refused."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, NoReturn, get_args

import numpy as np
import numpy.typing as npt
import shapely

from layers.catalogue import LayerSpec
from zoning.bilingual import Bilingual
from zoning.canonical import GRID, canonical_json
from zoning.errors import BadInput
from zoning.evidence import Geometries, LegalStatus
from zoning.measure import ellipsoidal_area, ellipsoidal_length

COMMON = (
    "code", "name", "name_en", "class", "source", "method", "licence", "plan_line", "accuracy_m", "legal_status",
    "valid_from", "valid_to",
)  # fmt: skip
_TEXTS = ("code", "name", "class", "source", "method", "licence")
_TYPES: dict[str, tuple[type, ...]] = {"text": (str,), "number": (int, float), "bool": (bool,)}


class BadBoundary(BadInput):
    """A boundary file does not hold what its catalogue entry promises; `where` names layer, feature and field."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a file says of one feature besides its geometry."""

    code: str
    name: str
    name_en: str | None
    class_: str
    properties: Mapping[str, Any]
    source: str
    method: str
    licence: str
    plan_line: str | None
    accuracy_m: float
    legal_status: LegalStatus
    valid_from: dt.date | None
    valid_to: dt.date | None


@dataclass(frozen=True, slots=True)
class BoundaryLayer:
    """One layer as read: facts, geometries (multi-part, valid, on the grid), measures and hashes, all in code order."""

    spec: LayerSpec
    facts: tuple[Facts, ...]
    geometries: Geometries
    area_m2: npt.NDArray[np.float64]
    length_m: npt.NDArray[np.float64]
    hashes: tuple[str, ...]

    @property
    def by_code(self) -> dict[str, int]:
        return {facts.code: i for i, facts in enumerate(self.facts)}


def read_layer(spec: LayerSpec, folder: Path) -> BoundaryLayer:
    """Read, check and measure the file of a held layer. Raises `BadBoundary`."""
    if spec.file is None:
        raise ValueError(f"layer {spec.id} is declared but not held")
    records = _records(spec, folder / spec.file)
    facts = [_facts(spec, record["properties"]) for record in records]
    geometries = _geometries(spec, [f.code for f in facts], [record["geometry"] for record in records])
    order = sorted(range(len(facts)), key=lambda i: facts[i].code)
    for one, next_one in pairwise(order):
        if facts[one].code == facts[next_one].code:
            _refuse(spec, facts[one].code, "编码重复", "the code is used twice", field="code")
    ordered = tuple(facts[i] for i in order)
    geometries = geometries[np.asarray(order, dtype=np.int64)]
    return BoundaryLayer(
        spec,
        ordered,
        geometries,
        ellipsoidal_area(geometries),
        ellipsoidal_length(geometries) if spec.geometry == "MultiLineString" else np.zeros(len(ordered)),
        _hashes(ordered, geometries),
    )


def _refuse(spec: LayerSpec, code: str | None, zh: str, en: str, **where: Any) -> NoReturn:
    whom_zh = f"要素 {code}：" if code is not None else ""
    whom_en = f"feature {code}: " if code is not None else ""
    raise BadBoundary(
        "boundary-invalid",
        Bilingual(f"边界文件 {spec.file}：{whom_zh}{zh}。", f"Boundary file {spec.file}: {whom_en}{en}."),
        file=spec.file,
        layer=spec.id,
        feature=code,
        **where,
    )


def _records(spec: LayerSpec, path: Path) -> list[dict[str, Any]]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        _refuse(spec, None, "文件不存在", "the file does not exist")
    except ValueError as error:
        _refuse(spec, None, f"不是有效的 UTF-8 JSON（{error}）", f"no valid UTF-8 JSON ({error})")
    records = data.get("features") if isinstance(data, dict) else None
    if not isinstance(records, list) or not all(isinstance(r, dict) and r.get("geometry") for r in records):
        _refuse(
            spec,
            None,
            "不是要素都有图形的 FeatureCollection",
            "no FeatureCollection whose features all have a geometry",
        )
    return records


def _date(spec: LayerSpec, code: str, key: str, value: Any) -> dt.date | None:
    try:
        return None if value is None else dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        _refuse(spec, code, f"{key} 不是日期：{value!r}", f"{key} is no date: {value!r}", field=key, value=value)


def _facts(spec: LayerSpec, given: Mapping[str, Any]) -> Facts:
    code = str(given.get("code"))
    missing = [key for key in (*COMMON, *spec.properties) if key not in given]
    extra = [key for key in given if key not in COMMON and key not in spec.properties]
    if missing:
        _refuse(spec, code, f"缺字段 {'、'.join(missing)}", f"fields missing: {', '.join(missing)}", field=missing[0])
    if extra:
        _refuse(
            spec, code, f"有未声明的字段 {'、'.join(extra)}", f"fields not declared: {', '.join(extra)}", field=extra[0]
        )
    for key in _TEXTS:
        if not isinstance(given[key], str) or not given[key].strip():
            _refuse(spec, code, f"字段 {key} 为空", f"field {key} is empty", field=key)
    if not re.fullmatch(spec.code_pattern, code):
        _refuse(
            spec, code, f"编码不符合 {spec.code_pattern}", f"the code does not match {spec.code_pattern}", field="code"
        )
    if spec.classes and given["class"] not in spec.classes:
        _refuse(spec, code, f"未声明的类别 {given['class']}", f"class {given['class']} is not declared", field="class")
    status = spec.legal_status if given["legal_status"] is None else given["legal_status"]
    if status not in get_args(LegalStatus):
        _refuse(spec, code, f"未知的法律状态 {status}", f"unknown legal status {status}", field="legal_status")
    accuracy = spec.accuracy_m if given["accuracy_m"] is None else given["accuracy_m"]
    if not _is("number", accuracy) or accuracy < 0:
        _refuse(
            spec, code, "accuracy_m 应为不小于 0 的数", "accuracy_m must be a number of at least 0", field="accuracy_m"
        )
    if accuracy > spec.accuracy_m:
        # A check looks only as far around a site as its layer's accuracy calls for.
        zh = f"要素精度 {accuracy} 米差于图层声明的 {spec.accuracy_m} 米，请改正图层目录"
        en = f"accuracy {accuracy} m is worse than the layer's {spec.accuracy_m} m; state the worst in the catalogue"
        _refuse(spec, code, zh, en, field="accuracy_m")
    for key, declared in spec.properties.items():
        if given[key] is not None and not _is(declared.type, given[key]):
            _refuse(spec, code, f"字段 {key} 应为 {declared.type}", f"field {key} must be {declared.type}", field=key)
    return Facts(
        code=code,
        name=given["name"],
        name_en=given["name_en"],
        class_=given["class"],
        properties={key: given[key] for key in spec.properties},
        source=given["source"],
        method=given["method"],
        licence=given["licence"],
        plan_line=given["plan_line"],
        accuracy_m=float(accuracy),
        legal_status=status,
        valid_from=_date(spec, code, "valid_from", given["valid_from"]),
        valid_to=_date(spec, code, "valid_to", given["valid_to"]),
    )


def _is(kind: str, value: Any) -> bool:
    return isinstance(value, _TYPES[kind]) and (kind == "bool" or not isinstance(value, bool))


def _geometries(spec: LayerSpec, codes: list[str], given: list[Mapping[str, Any]]) -> Geometries:
    read = np.empty(len(given), dtype=object)
    for i, geometry in enumerate(given):
        try:
            read[i] = shapely.from_geojson(json.dumps(geometry))
        except shapely.GEOSException as error:
            _refuse(spec, codes[i], f"图形无法读取（{error}）", f"the geometry cannot be read ({error})")
    single = spec.geometry.removeprefix("Multi")
    for i, geometry in enumerate(read):
        if geometry.geom_type not in (spec.geometry, single):
            _refuse(spec, codes[i], f"图形类型应为 {spec.geometry}", f"the geometry must be a {spec.geometry}")
    _assert_valid(spec, codes, read)
    snapped = np.asarray(shapely.set_precision(read, GRID, mode="valid_output"), dtype=object)
    _assert_valid(spec, codes, snapped)
    return np.asarray([_multi(spec, geometry) for geometry in snapped], dtype=object)


def _multi(spec: LayerSpec, geometry: shapely.Geometry) -> shapely.Geometry:
    return geometry if geometry.geom_type == spec.geometry else getattr(shapely, spec.geometry)([geometry])


def _assert_valid(spec: LayerSpec, codes: list[str], geometries: Geometries) -> None:
    # What is only for finding may lack a place; what is checked may not.
    for i in np.flatnonzero(shapely.is_empty(geometries)) if spec.checked else ():
        _refuse(spec, codes[i], "图形为空", "the geometry is empty")
    for i in np.flatnonzero(~shapely.is_valid(geometries)):
        reason = str(shapely.is_valid_reason(geometries[i]))
        at = re.search(r"\[([-\d.eE+]+) ([-\d.eE+]+)\]", reason)
        place = [float(at[1]), float(at[2])] if at else None
        _refuse(spec, codes[i], f"图形无效：{reason}", f"the geometry is invalid: {reason}", coordinate=place)


def _hashes(facts: tuple[Facts, ...], geometries: Geometries) -> tuple[str, ...]:
    found = []
    for fact, wkb in zip(facts, shapely.to_wkb(shapely.normalize(geometries)), strict=True):
        said = {name: getattr(fact, name) for name in Facts.__slots__}
        found.append(hashlib.sha256(canonical_json(said).encode() + b"\0" + wkb).hexdigest())
    return tuple(found)
