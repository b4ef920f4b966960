"""Reads the placemarks of a KML with a plain XML parser that follows no entity and no link; runs behind the door."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn
from xml.parsers import expat

from layers.door import wkb
from layers.door.table import Fault, Layer, Row, Table
from zoning.bilingual import Bilingual

_DEEPEST = 64
_LONGEST_START = 64 * 1024
_IGNORED = ("GroundOverlay", "ScreenOverlay", "PhotoOverlay", "Model", "Tour")
_SHAPES = ("Point", "LineString", "LinearRing", "Polygon", "Track")
_STATED = re.compile(rb"""^\s*<\?xml[^>]{0,200}encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_DECLARATION = re.compile(r"^\s*<\?xml.{0,400}?\?>", re.DOTALL)


def root_of(data: bytes) -> str | None:
    """The name of the root element without its prefix; None where the bytes do not begin as XML.

    Raises
    ------
    Fault
        ``kml-unsupported``: a document type stands before the root.
    """
    if b"<" not in data[:200]:
        return None
    try:
        text = _text(data)[0]
    except Fault:
        return None
    found: list[str] = []
    parser = _parser()
    parser.StartElementHandler = lambda name, _attributes: found.append(name)
    with contextlib.suppress(expat.ExpatError):
        parser.Parse(text[:_LONGEST_START], False)
    return found[0].rpartition(":")[2] if found else None


def _parser() -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _no_doctype
    parser.EntityDeclHandler = _no_doctype
    return parser


def _no_doctype(*_given: object) -> NoReturn:
    reason = Bilingual("含有 DOCTYPE 或实体声明", "it has a DOCTYPE or declares entities")
    raise Fault("kml-unsupported", reason, value="DOCTYPE")


def _text(data: bytes) -> tuple[str, str | None]:
    """The text without its XML declaration, and the encoding if it had to be guessed."""
    stated = _STATED.match(data)
    name = stated.group(1).decode("ascii").lower() if stated else ""
    guess = None
    try:
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            text = data.decode("utf-16")
        elif name in ("gb2312", "gbk", "gb18030", "cp936"):
            text = data.decode("gb18030")
        else:
            text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text, guess = data.decode("gb18030"), "gb18030"
        except UnicodeDecodeError as error:
            raise Fault("encoding-unknown", Bilingual("文字编码无法确定", "its encoding cannot be told")) from error
    return _DECLARATION.sub("", text, count=1), guess


def read(path: Path, limits: SimpleNamespace) -> Table:
    """All placemarks of all folders as one layer in document order."""
    text, guess = _text(path.read_bytes())
    reader = _Reader(limits)
    reader.parse(text)
    notes: dict[str, object] = {"ignored": wkb.counted(reader.ignored), "heights": reader.heights}
    if guess:
        notes["encoding"] = guess
    return Table((Layer("kml", "EPSG:4326", tuple(reader.rows)),), notes)


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
    def __init__(self, limits: SimpleNamespace) -> None:
        self.limits = limits
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
        if self.vertices > self.limits.vertices:
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
        if len(self.rows) > self.limits.features:
            raise Fault("too-many-features", Bilingual("图形", "features"), count=len(self.rows))
