"""Reads the placemarks of a KML with a plain XML parser that follows no entity and no link; runs behind the door."""

from __future__ import annotations

import re
from typing import NoReturn
from xml.parsers import expat

from layers.door import wkb
from layers.door.table import Asked, Fault, Layer, Row, Table, counted
from layers.door.text import decoded
from zoning.bilingual import Bilingual

_DEEPEST = 64
_IGNORED = ("GroundOverlay", "ScreenOverlay", "PhotoOverlay", "Model", "Tour")
_SHAPES = ("Point", "LineString", "LinearRing", "Polygon", "Track")
_STATED = re.compile(rb"""^\s*<\?xml[^>]{0,200}encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_DECLARATION = re.compile(r"^\s*<\?xml.{0,400}?\?>", re.DOTALL)


def _parser() -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _no_doctype
    parser.EntityDeclHandler = _no_doctype
    return parser


def _no_doctype(*_given: object) -> NoReturn:
    reason = Bilingual("含有 DOCTYPE 或实体声明", "it has a DOCTYPE or declares entities")
    raise Fault("kml-unsupported", reason, value="DOCTYPE")


def read(data: bytes, asked: Asked) -> Table:
    """All placemarks of all folders as one layer in document order.

    Raises
    ------
    Fault
        ``format-mismatch``, ``kml-invalid``, ``kml-unsupported``, ``encoding-unknown``, ``too-many-*``.
    """
    stated = _STATED.match(data)
    try:
        text, guess = decoded(data, stated.group(1).decode("ascii") if stated else "")
    except Fault as fault:
        raise (_no_kml() if b"<" not in data[:200] else fault) from fault
    if "<" not in text[:200]:
        raise _no_kml()
    reader = _Reader(asked)
    reader.parse(_DECLARATION.sub("", text, count=1))
    notes: dict[str, object] = {"ignored": counted(reader.ignored), "heights": reader.heights}
    if guess:
        notes["encoding"] = {"encoding": guess}
    return Table((Layer("kml", "EPSG:4326", tuple(reader.rows)),), notes)


def _no_kml() -> Fault:
    return Fault("format-mismatch", Bilingual("KML", "KML"), value="KML")


class _Placemark:
    """What is gathered of one placemark; `open` holds the geometries of each open MultiGeometry."""

    def __init__(self) -> None:
        self.name: str | None = None
        self.fields: dict[str, str] = {}
        self.open: list[list[bytes]] = [[]]
        self.shape: str | None = None
        self.rings: list[list[wkb.Position]] = []
        self.points: list[wkb.Position] = []


class _Reader:
    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.rows: list[Row] = []
        self.ignored: list[str] = []
        self.heights = False
        self.vertices = 0
        self.path: list[str] = []
        self.folders: list[str | None] = []
        self.words: list[str] = []
        self.key: str | None = None
        self.mark: _Placemark | None = None
        self.parser = _parser()

    def parse(self, text: str) -> None:
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.words.append
        try:
            self.parser.Parse(text, True)
        except expat.ExpatError as error:
            line = int(error.lineno)
            reason = Bilingual(f"第 {line} 行不是有效的 XML", f"line {line} is not valid XML")
            raise Fault("kml-invalid", reason, line=line) from error

    def fail(self, reason: Bilingual, **where: object) -> NoReturn:
        feature = len(self.rows) + 1
        line = self.parser.CurrentLineNumber
        place = Bilingual(f"第 {feature} 个地标（第 {line} 行）", f"placemark {feature} (line {line}) ")
        raise Fault("kml-invalid", Bilingual("{p}{r}", "{p}{r}").format(p=place, r=reason), feature=feature, line=line,
                    **where)  # fmt: skip

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if not self.path and name != "kml":
            raise _no_kml()
        self.path.append(name)
        self.words.clear()
        if len(self.path) > _DEEPEST:
            self.fail(Bilingual("嵌套过深", "is nested too deeply"))
        if name in ("NetworkLink", "NetworkLinkControl"):
            reason = Bilingual(
                "含有网络链接（NetworkLink），内容不在文件里", "it has a NetworkLink: its content is elsewhere"
            )
            raise Fault("kml-unsupported", reason, value=name, line=self.parser.CurrentLineNumber)
        if name in _IGNORED:
            self.ignored.append(name)
        if name in ("Folder", "Document"):
            self.folders.append(None)
        elif name == "Placemark":
            self.mark = _Placemark()
        elif self.mark is not None:
            self.start_inside(name, attributes, self.mark)

    def start_inside(self, name: str, attributes: dict[str, str], mark: _Placemark) -> None:
        if name in ("Data", "SimpleData"):
            self.key = attributes.get("name")
        elif name in ("MultiGeometry", "MultiTrack"):
            mark.open.append([])
        elif name in _SHAPES and mark.shape is None:
            mark.shape, mark.rings, mark.points = name, [], []
        elif name == "LinearRing":
            mark.points = []

    def end(self, tag: str) -> None:
        name = tag.rpartition(":")[2]
        self.path.pop()
        parent = self.path[-1] if self.path else ""
        text = "".join(self.words).strip()
        self.words.clear()
        if name in ("Folder", "Document"):
            self.folders.pop()
        elif name == "name" and parent in ("Folder", "Document") and self.folders:
            self.folders[-1] = text or None
        elif self.mark is not None:
            self.end_inside(name, parent, text, self.mark)

    def end_inside(self, name: str, parent: str, text: str, mark: _Placemark) -> None:
        if name == "Placemark":
            self.finish(mark)
        elif name == "name" and parent == "Placemark":
            mark.name = text or None
        elif name == "description" and parent == "Placemark" and text:
            mark.fields["description"] = text
        elif self.key and (name == "SimpleData" or (name == "value" and parent == "Data")):
            mark.fields[self.key], self.key = text, None
        elif name == "coordinates" and mark.shape:
            self.require_room(text)
            mark.points += [self.position(word.split(",")) for word in text.split()]
        elif name == "coord" and mark.shape == "Track":
            mark.points.append(self.position(text.split()))
        elif name == "LinearRing" and mark.shape == "Polygon":
            mark.rings.append(mark.points)
        elif name == mark.shape:
            self.shape(mark)
        elif name in ("MultiGeometry", "MultiTrack"):
            members = mark.open.pop()
            mark.open[-1].append(wkb.collection(members))

    def require_room(self, text: str) -> None:
        """Refuses positions beyond the limit before they are taken apart: each has at most two commas."""
        least = self.vertices + text.count(",") // 2
        if least > self.asked.vertices:
            raise Fault("too-many-vertices", Bilingual("顶点", "vertices"), count=least)

    def position(self, words: list[str]) -> wkb.Position:
        try:
            values = [float(word) for word in words if "_" not in word]
        except ValueError:
            values = []
        if len(values) not in (2, 3) or len(values) != len(words):
            given = ",".join(words)[:60]
            self.fail(
                Bilingual(
                    f"的坐标“{given}”应写作“经度,纬度”或“经度,纬度,高程”，逗号后不留空格",
                    f"has the coordinate “{given}”; write lon,lat or lon,lat,height without spaces",
                ),
                value=given,
            )
        self.vertices += 1
        if self.vertices > self.asked.vertices:
            raise Fault("too-many-vertices", Bilingual("顶点", "vertices"), count=self.vertices)
        self.heights = self.heights or (len(values) == 3 and values[2] != 0)
        return values[0], values[1]

    def shape(self, mark: _Placemark) -> None:
        """Puts the geometry just ended into the collection it stands in."""
        kind, mark.shape = mark.shape, None
        made = mark.open[-1]
        if kind == "Polygon":
            if any(mark.rings):
                made.append(wkb.polygon([ring for ring in mark.rings if ring]))
        elif kind == "Point":
            if len(mark.points) > 1:
                self.fail(Bilingual("的点有几个坐标", "has a point with several coordinates"))
            made += [wkb.point(at) for at in mark.points]
        elif len(mark.points) == 1:
            self.fail(Bilingual("的线只有一个点", "has a line of one point"))
        elif mark.points:
            made.append(wkb.line(mark.points))

    def finish(self, mark: _Placemark) -> None:
        self.mark = None
        made = mark.open[0]
        if not made:
            self.ignored.append("Placemark")
            return
        folder = "/".join(name for name in self.folders if name)
        fields = {**({"folder": folder} if folder else {}), **mark.fields}
        geometry = made[0] if len(made) == 1 else wkb.collection(made)
        self.rows.append(Row(len(self.rows) + 1, fields, geometry, mark.name))
        if len(self.rows) > self.asked.features:
            raise Fault("too-many-features", Bilingual("图形", "features"), count=len(self.rows))
