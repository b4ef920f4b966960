"""Strict GeoJSON (RFC 7946, and the older `crs` member) into raw features; it closes rings visibly and judges no
crossing."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt
import shapely

from zoning import assumption
from zoning.bilingual import Bilingual
from zoning.errors import BadSite
from zoning.rings import BrokenRingsError, RingFault, polygon_of
from zoning.site import MOST_PARCELS, RawPart
from zoning.sitefault import FEATURES, Notice, too_large

Floats = npt.NDArray[np.float64]
_GEOMETRIES = ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection")
_DEEPEST = 8
_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|[{}\[\]:,]|-?Infinity|NaN|[^\s{}\[\]:,"]+', re.DOTALL)


@dataclass(frozen=True, slots=True)
class GeoJSONContent:
    """The features, the `crs` member's name or None, and what was assumed in reading them."""

    parts: tuple[RawPart, ...]
    crs: str | None
    notices: tuple[Notice, ...]


def parse_json(data: bytes, filename: str) -> tuple[Any, tuple[Notice, ...]]:
    """JSON without NaN, Infinity or repeated keys, from UTF-8, or from GB18030 with a notice.

    Raises
    ------
    BadSite
        ``json-invalid`` with the line; ``encoding-unknown``.
    """
    text, notices = _decoded(data, filename)
    try:
        return json.loads(text, object_pairs_hook=_distinct, parse_constant=_no_constant), notices
    except json.JSONDecodeError as error:
        raise _invalid(
            filename,
            error.lineno,
            Bilingual(f"第 {error.colno} 列无法解析", f"it cannot be parsed at column {error.colno}"),
        ) from error
    except RecursionError as error:
        raise _invalid(filename, None, Bilingual("嵌套过深", "it is nested too deeply")) from error
    except ValueError as error:
        line, what = _locate(text)
        raise _invalid(filename, line, what) from error


def _decoded(data: bytes, filename: str) -> tuple[str, tuple[Notice, ...]]:
    try:
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        pass
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError as error:
        message = Bilingual("文件“{f}”既不是 UTF-8 也不是 GB18030 编码。", "File “{f}” is neither UTF-8 nor GB18030.")
        raise BadSite("encoding-unknown", message.format(f=filename), file=filename) from error
    message = Bilingual(
        "文件不是 UTF-8 编码，按 GB18030 读取，请核对文字。",
        "The file is not UTF-8 and was read as GB18030; check its text.",
    )
    return text, (Notice("encoding-chosen", message, {"file": filename, "encoding": "gb18030"}),)


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("repeated key")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _locate(text: str) -> tuple[int | None, Bilingual]:
    """The line of the first NaN, Infinity or repeated key of a text that is JSON otherwise."""
    open_objects: list[set[str] | None] = []
    previous: re.Match[str] | None = None
    for token in _TOKEN.finditer(text):
        word = token.group(0)
        if word in ("NaN", "Infinity", "-Infinity"):
            return text.count("\n", 0, token.start()) + 1, Bilingual(f"{word} 不是数字", f"{word} is not a number")
        if word in "{[":
            open_objects.append(set() if word == "{" else None)
        elif word in "}]" and open_objects:
            open_objects.pop()
        elif word == ":" and previous is not None and open_objects and (keys := open_objects[-1]) is not None:
            key = previous.group(0)
            if key in keys:
                return text.count("\n", 0, previous.start()) + 1, Bilingual(
                    f"键 {key} 重复", f"the key {key} is repeated"
                )
            keys.add(key)
        previous = token
    return None, Bilingual("有无法读取的数", "it holds a number that cannot be read")


def _invalid(filename: str, line: int | None, reason: Bilingual) -> BadSite:
    at = Bilingual(f"第 {line} 行，", f", line {line}") if line else Bilingual("", "")
    text = Bilingual("文件“{f}”不是有效的 JSON：{at}{reason}。", "File “{f}” is not valid JSON{at}: {reason}.")
    return BadSite("json-invalid", text.format(f=filename, at=at, reason=reason), file=filename, line=line)


def read_geojson(obj: Any, filename: str | None = None) -> GeoJSONContent:
    """Features of a GeoJSON geometry, Feature or FeatureCollection, in file order; a bare geometry is one feature.

    Raises
    ------
    BadSite
        ``geojson-invalid`` with the path of what is wrong; ``site-empty``; ``site-too-large``; ``crs-unknown`` for a
        linked crs.
    """
    reader = _Reader(filename)
    root = reader.mapping(obj, "$")
    crs = reader.crs(root)
    kind = root.get("type")
    if kind == "FeatureCollection":
        features = root.get("features")
        if not isinstance(features, list):
            reader.fail("$.features", Bilingual("应是数组", "must be an array"))
        if len(features) > MOST_PARCELS:
            raise too_large(FEATURES, len(features), MOST_PARCELS, {"file": filename})
        parts = [reader.feature(feature, f"$.features[{n}]", n + 1) for n, feature in enumerate(features)]
    elif kind == "Feature":
        parts = [reader.feature(root, "$", 1)]
    elif kind in _GEOMETRIES:
        parts = [reader.part(root, "$", 1, None, {})]
    else:
        reader.fail(
            "$.type",
            Bilingual(
                "应是 FeatureCollection、Feature 或几何类型", "must be FeatureCollection, Feature or a geometry type"
            ),
        )
    notices = (assumption.heights_dropped(),) if reader.heights else ()
    return GeoJSONContent(tuple(parts), crs, notices)


class _Reader:
    """Walks one document and remembers where it is."""

    def __init__(self, filename: str | None) -> None:
        self.filename = filename
        self.heights = False

    def fail(self, path: str, reason: Bilingual, **where: Any) -> NoReturn:
        name = (
            Bilingual(f"文件“{self.filename}”", f"File “{self.filename}”")
            if self.filename
            else Bilingual("选址", "The site")
        )
        text = Bilingual("{name}不是有效的 GeoJSON：{path} {reason}。", "{name} is not valid GeoJSON: {path} {reason}.")
        raise BadSite(
            "geojson-invalid", text.format(name=name, path=path, reason=reason), file=self.filename, path=path, **where
        )

    def mapping(self, value: Any, path: str) -> Mapping[str, Any]:
        if not isinstance(value, Mapping):
            self.fail(path, Bilingual("应是对象", "must be an object"))
        return value

    def crs(self, root: Mapping[str, Any]) -> str | None:
        member = root.get("crs")
        if member is None:
            return None
        properties = member.get("properties") if isinstance(member, Mapping) else None
        name = properties.get("name") if isinstance(properties, Mapping) else None
        if not isinstance(name, str):
            text = Bilingual(
                "crs 成员没有坐标系名称（只认 properties.name），请另行指定坐标系。",
                "The crs member has no name (only properties.name is read); state the CRS.",
            )
            raise BadSite("crs-unknown", text, file=self.filename, value=repr(member)[:200])
        return name

    def feature(self, value: Any, path: str, number: int) -> RawPart:
        feature = self.mapping(value, path)
        if feature.get("type") != "Feature":
            self.fail(f"{path}.type", Bilingual("应是 Feature", "must be Feature"), feature=number)
        properties = feature.get("properties")
        if properties is not None and not isinstance(properties, Mapping):
            self.fail(f"{path}.properties", Bilingual("应是对象或 null", "must be an object or null"), feature=number)
        given = feature.get("id")
        label = str(given) if isinstance(given, (str, int)) and not isinstance(given, bool) else None
        return self.part(feature.get("geometry"), f"{path}.geometry", number, label, properties or {})

    def part(self, geometry: Any, path: str, number: int, label: str | None, properties: Mapping[str, Any]) -> RawPart:
        where = {"file": self.filename, "feature": number}
        own = None if _has_number(properties) else label
        faults: list[RingFault] = []
        try:
            shape = None if geometry is None else self.geometry(geometry, path, number, faults, 0)
        except BrokenRingsError as error:
            return RawPart(None, None, own, properties, **where, broken=error)  # type: ignore[arg-type]
        return RawPart(shape, None, own, properties, **where, faults=tuple(faults))  # type: ignore[arg-type]

    def geometry(self, value: Any, path: str, number: int, faults: list[RingFault], depth: int) -> shapely.Geometry:
        geometry = self.mapping(value, path)
        kind = geometry.get("type")
        if kind == "GeometryCollection":
            members = geometry.get("geometries")
            if not isinstance(members, list) or depth >= _DEEPEST:
                self.fail(
                    f"{path}.geometries",
                    Bilingual("应是数组，且不可嵌套过深", "must be an array, not too deep"),
                    feature=number,
                )
            each = [
                self.geometry(m, f"{path}.geometries[{n}]", number, faults, depth + 1) for n, m in enumerate(members)
            ]
            return shapely.GeometryCollection(each)
        at, given = f"{path}.coordinates", geometry.get("coordinates")
        if kind not in _GEOMETRIES:
            self.fail(f"{path}.type", Bilingual("不是几何类型", "is not a geometry type"), feature=number)
        if not isinstance(given, list):
            self.fail(at, Bilingual("应是数组", "must be an array"), feature=number)
        if not given:
            return shapely.GeometryCollection()
        return self.shape(kind, given, at, number, faults)

    def shape(self, kind: str, given: list[Any], at: str, number: int, faults: list[RingFault]) -> shapely.Geometry:
        """A geometry of one type from its coordinates, which are a list with something in it."""
        match kind:
            case "Point":
                made: shapely.Geometry = shapely.Point(self.positions([given], at, number)[0])
            case "MultiPoint":
                made = shapely.MultiPoint(self.positions(given, at, number))
            case "LineString":
                made = shapely.LineString(self.line(given, at, number))
            case "MultiLineString":
                made = shapely.MultiLineString([self.line(one, f"{at}[{n}]", number) for n, one in enumerate(given)])
            case "Polygon":
                made = self.polygon(given, at, number, faults)
            case _:
                each = [self.polygon(rings, f"{at}[{n}]", number, faults) for n, rings in enumerate(given)]
                made = shapely.MultiPolygon(each)
        return made

    def polygon(self, rings: Any, path: str, number: int, faults: list[RingFault]) -> shapely.Polygon:
        if not isinstance(rings, list) or not rings:
            self.fail(path, Bilingual("应是由环组成的数组", "must be an array of rings"), feature=number)
        polygon, found = polygon_of([self.positions(ring, f"{path}[{n}]", number) for n, ring in enumerate(rings)])
        faults += found
        return polygon

    def line(self, value: Any, path: str, number: int) -> Floats:
        points = self.positions(value, path, number)
        if len(points) < 2:
            self.fail(path, Bilingual("至少要有两个点", "must have at least two positions"), feature=number)
        return points

    def positions(self, value: Any, path: str, number: int) -> Floats:
        """Positions as (n, 2); anything beyond x and y is dropped with a notice."""
        if not isinstance(value, list) or not value:
            self.fail(path, Bilingual("应是由坐标组成的数组", "must be an array of positions"), feature=number)
        for n, position in enumerate(value):
            if not isinstance(position, list) or len(position) < 2 or not _numeric(position):
                reason = Bilingual("应是 [经度, 纬度] 形式的数", "must be numbers [x, y]")
                self.fail(f"{path}[{n}]", reason, feature=number, value=repr(position)[:100])
            self.heights = self.heights or len(position) > 2
        try:
            points = np.array([position[:2] for position in value], dtype=np.float64)
        except OverflowError:
            self.fail(path, Bilingual("有过大的数", "holds a number too large"), feature=number)
        if not np.isfinite(points).all():
            raise BrokenRingsError("not-finite")
        return points


def _numeric(position: Sequence[Any]) -> bool:
    return all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in position)


def _has_number(properties: Mapping[str, Any]) -> bool:
    return any(str(key).strip() in ("地块编号", "地块号", "编号", "图斑编号") for key in properties)
