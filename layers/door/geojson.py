"""Strict GeoJSON (RFC 7946, and the older `crs` member) as plain rows, ring by ring as written; runs behind the door, and
on what was parsed already."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from layers.door import wkb
from layers.door.table import Asked, Fault, Layer, Row, Table
from layers.door.text import decoded
from zoning.bilingual import Bilingual
from zoning.errors import BadSite

_GEOMETRIES = ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection")
_DEEPEST = 8
_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|[{}\[\]:,]|-?Infinity|NaN|[^\s{}\[\]:,"]+', re.DOTALL)


def read(data: bytes, asked: Asked) -> Table:
    """The features of a file; raises as `parse` and `table_of`."""
    obj, guess = parse(data, asked.name)
    table = table_of(obj, asked)
    return Table(table.layers, {**table.notes, "encoding": {"encoding": guess}}) if guess else table


def parse(data: bytes, filename: str) -> tuple[Any, str | None]:
    """JSON without NaN, Infinity or repeated keys, and its encoding where that had to be guessed.

    Raises
    ------
    Fault
        ``encoding-unknown``.
    BadSite
        ``json-invalid`` with the line.
    """
    text, guess = decoded(data)
    try:
        return json.loads(text, object_pairs_hook=_distinct, parse_constant=_no_constant), guess
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


def table_of(obj: Any, asked: Asked) -> Table:
    """Features of a GeoJSON geometry, Feature or FeatureCollection, in file order; a bare geometry is one feature.

    Raises
    ------
    Fault
        ``too-many-*``.
    BadSite
        ``geojson-invalid`` with the path of what is wrong; ``crs-unknown`` for a linked crs.
    """
    reader = _Reader(asked)
    root = reader.mapping(obj, "$")
    crs = reader.crs(root)
    kind = root.get("type")
    if kind == "FeatureCollection":
        features = root.get("features")
        if not isinstance(features, list):
            reader.fail("$.features", Bilingual("应是数组", "must be an array"))
        if len(features) > asked.features:
            raise Fault("too-many-features", Bilingual("图形", "features"), count=len(features))
        rows = [reader.feature(feature, f"$.features[{n}]", n + 1) for n, feature in enumerate(features)]
    elif kind == "Feature":
        rows = [reader.feature(root, "$", 1)]
    elif kind in _GEOMETRIES:
        rows = [Row(1, {}, reader.whole(root, "$", 1))]
    else:
        reader.fail(
            "$.type",
            Bilingual(
                "应是 FeatureCollection、Feature 或几何类型", "must be FeatureCollection, Feature or a geometry type"
            ),
        )
    return Table((Layer("geojson", crs, tuple(rows), "rfc7946"),), {"heights": reader.heights})


class _Reader:
    """Walks one document and remembers where it is."""

    def __init__(self, asked: Asked) -> None:
        self.filename = asked.name or None
        self.asked = asked
        self.heights = False
        self.vertices = 0

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
        stated = root.get("coordRefSys")
        if isinstance(stated, str):
            return stated.strip("[]")  # JSON-FG: a URI, or a CURIE in brackets
        member = root.get("crs") if stated is None else stated
        if member is None:
            return None
        properties = member.get("properties") if isinstance(member, Mapping) else None
        name = properties.get("name") if isinstance(properties, Mapping) else None
        if not isinstance(name, str):
            text = Bilingual(
                "crs 成员没有坐标系名称（只认 properties.name 和文字的 coordRefSys），请另行指定坐标系。",
                "The crs member has no name (only properties.name and a text in coordRefSys are read); state the CRS.",
            )
            raise BadSite("crs-unknown", text, file=self.filename, value=repr(member)[:200])
        return name

    def no_crs_of_its_own(self, member: Mapping[str, Any], path: str, number: int) -> None:
        """A part of the file may not state a CRS: it would be read as the whole file's."""
        for key in ("crs", "coordRefSys"):
            if path != "$" and member.get(key) is not None:
                text = Bilingual(
                    f"{path} 另有坐标系成员 {key}。坐标系只能为整个文件声明一次，请改在最外层声明。",
                    f"{path} states a CRS of its own in {key}. Only the whole file may state one, at its top level.",
                )
                raise BadSite("crs-unknown", text, file=self.filename, path=path, feature=number)

    def feature(self, value: Any, path: str, number: int) -> Row:
        feature = self.mapping(value, path)
        self.no_crs_of_its_own(feature, path, number)
        if feature.get("type") != "Feature":
            self.fail(f"{path}.type", Bilingual("应是 Feature", "must be Feature"), feature=number)
        properties = feature.get("properties")
        if properties is not None and not isinstance(properties, Mapping):
            self.fail(f"{path}.properties", Bilingual("应是对象或 null", "must be an object or null"), feature=number)
        given, own = feature.get("id"), properties or {}
        label = str(given) if isinstance(given, (str, int)) and not isinstance(given, bool) else None
        geometry = feature.get("geometry")
        made = None if geometry is None else self.whole(geometry, f"{path}.geometry", number)
        return Row(number, own, made, None, None if _has_number(own) else label)

    def whole(self, value: Any, path: str, number: int) -> bytes | None:
        return wkb.whole(self.geometry(value, path, number, 0))

    def geometry(self, value: Any, path: str, number: int, depth: int) -> list[bytes]:
        """The points, lines and polygons of a geometry."""
        geometry = self.mapping(value, path)
        self.no_crs_of_its_own(geometry, path, number)
        kind = geometry.get("type")
        if kind == "GeometryCollection":
            members = geometry.get("geometries")
            if not isinstance(members, list) or depth >= _DEEPEST:
                self.fail(
                    f"{path}.geometries",
                    Bilingual("应是数组，且不可嵌套过深", "must be an array, not too deep"),
                    feature=number,
                )
            each = (self.geometry(m, f"{path}.geometries[{n}]", number, depth + 1) for n, m in enumerate(members))
            return [piece for pieces in each for piece in pieces]
        at, given = f"{path}.coordinates", geometry.get("coordinates")
        if kind not in _GEOMETRIES:
            self.fail(f"{path}.type", Bilingual("不是几何类型", "is not a geometry type"), feature=number)
        if not isinstance(given, list):
            self.fail(at, Bilingual("应是数组", "must be an array"), feature=number)
        return self.shape(kind, given, at, number) if given else []

    def shape(self, kind: str, given: list[Any], at: str, number: int) -> list[bytes]:
        """The pieces of a geometry of one type from its coordinates, which are a list with something in it."""
        match kind:
            case "Point":
                return [wkb.point(self.positions([given], at, number)[0])]
            case "MultiPoint":
                return [wkb.point(position) for position in self.positions(given, at, number)]
            case "LineString":
                return [self.line(given, at, number)]
            case "MultiLineString":
                return [self.line(one, f"{at}[{n}]", number) for n, one in enumerate(given)]
            case "Polygon":
                return [self.polygon(given, at, number)]
            case _:
                return [self.polygon(rings, f"{at}[{n}]", number) for n, rings in enumerate(given)]

    def polygon(self, rings: Any, path: str, number: int) -> bytes:
        if not isinstance(rings, list) or not rings:
            self.fail(path, Bilingual("应是由环组成的数组", "must be an array of rings"), feature=number)
        return wkb.polygon([self.positions(ring, f"{path}[{n}]", number) for n, ring in enumerate(rings)])

    def line(self, value: Any, path: str, number: int) -> bytes:
        points = self.positions(value, path, number)
        if len(points) < 2:
            self.fail(path, Bilingual("至少要有两个点", "must have at least two positions"), feature=number)
        return wkb.line(points)

    def positions(self, value: Any, path: str, number: int) -> list[wkb.Position]:
        """Positions as x and y; anything beyond is dropped and remembered."""
        if not isinstance(value, list) or not value:
            self.fail(path, Bilingual("应是由坐标组成的数组", "must be an array of positions"), feature=number)
        self.vertices += len(value)
        if self.vertices > self.asked.vertices:
            raise Fault("too-many-vertices", Bilingual("顶点", "vertices"), count=self.vertices)
        found: list[wkb.Position] = []
        for n, position in enumerate(value):
            if not isinstance(position, list) or len(position) < 2 or not _numeric(position):
                reason = Bilingual("应是 [经度, 纬度] 形式的数", "must be numbers [x, y]")
                self.fail(f"{path}[{n}]", reason, feature=number, value=repr(position)[:100])
            self.heights = self.heights or len(position) > 2
            try:
                found.append((float(position[0]), float(position[1])))
            except OverflowError:
                self.fail(path, Bilingual("有过大的数", "holds a number too large"), feature=number)
        return found


def _numeric(position: Sequence[Any]) -> bool:
    return all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in position)


def _has_number(properties: Mapping[str, Any]) -> bool:
    return any(str(key).strip() in ("地块编号", "地块号", "编号", "图斑编号") for key in properties)
