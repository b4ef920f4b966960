"""What a fault of a reader behind the door means to the user: the error, with what to do; it decides nothing else."""

from __future__ import annotations

from layers.door.table import Fault
from zoning.bilingual import Bilingual
from zoning.errors import BadSite
from zoning.site import MOST_PARCELS, MOST_VERTICES
from zoning.sitefault import FEATURES, VERTICES, too_large

_CURVES = Bilingual(
    "文件“{f}”中{reason}。请先把圆弧打断为足够密的直线段再导出。",
    "In “{f}” {reason}. Turn arcs into straight segments, dense enough, and export it again.",
)
_UNSUPPORTED_KML = Bilingual(
    "不读取 KML“{f}”：{reason}。请把内容另存为一个完整的 KML。",
    "KML “{f}” is not read: {reason}. Save the content itself as one complete KML.",
)
_NO_POLYLINES = Bilingual(
    "DXF“{f}”中{reason}。请把选址边界画成闭合多段线（块须先分解）再导出。",
    "DXF “{f}”: {reason}. Draw the site's boundary as a closed polyline (explode blocks first).",
)
_DAMAGED_KML = Bilingual("KML“{f}”：{reason}。请改正后重新提交。", "KML “{f}”: {reason}. Correct it and send it again.")
_DAMAGED_DXF = Bilingual(
    "DXF“{f}”：{reason}。请从 CAD 重新导出 ASCII DXF。", "DXF “{f}”: {reason}. Export an ASCII DXF again."
)
_UNITS_DXF = Bilingual(
    "DXF“{f}”：{reason}，不能换算。请在 CAD 中把单位设为米后重新导出。",
    "DXF “{f}”: {reason}. Set the drawing's unit to metres in the CAD program and export it again.",
)
_ENCODING = Bilingual(
    "文件“{f}”{reason}。请存为 UTF-8 后重新提交。", "“{f}”: {reason}. Save it as UTF-8 and send it again."
)
_OTHER = Bilingual(
    "文件“{f}”打不开：{reason}。请从原软件重新导出。", "“{f}” cannot be opened: {reason}. Export it again."
)
_NO_FEATURES = Bilingual(
    "GeoPackage“{f}”里没有要素图层{reason}。请把选址导出为要素图层。",
    "GeoPackage “{f}” has no layer of features{reason}. Export the site as one.",
)


def refusal(fault: Fault, name: str | None) -> BadSite:
    """The error that a fault of a reader means. `name` is the file, None for what came without one."""

    def said(text: Bilingual) -> Bilingual:
        return text.format(f=where["file"] or Bilingual("请求内容", "the request"), reason=fault.reason)

    where = {"file": name, **fault.where}
    match fault.type:
        case "too-many-features" | "too-many-vertices":
            vertices = fault.type == "too-many-vertices"
            most = MOST_VERTICES if vertices else MOST_PARCELS
            return too_large(VERTICES if vertices else FEATURES, int(where["count"]), most, {"file": where["file"]})
        case "kml-invalid":
            return BadSite("kml-invalid", said(_DAMAGED_KML), **where)
        case "kml-unsupported":
            return BadSite("kml-unsupported", said(_UNSUPPORTED_KML), **where)
        case "dxf-invalid":
            return BadSite("dxf-invalid", said(_DAMAGED_DXF), **where)
        case "dxf-no-polylines":
            return BadSite("dxf-no-polylines", said(_NO_POLYLINES), **where)
        case "dxf-units":
            return BadSite("dxf-units", said(_UNITS_DXF), **where)
        case "curve-unsupported":
            return BadSite("curve-unsupported", said(_CURVES), **where)
        case "encoding-unknown":
            return BadSite("encoding-unknown", said(_ENCODING), **where)
        case "format-mismatch":
            return mismatch(str(where["file"]), fault.reason.en)
        case "gpkg-no-features":
            return BadSite("site-empty", said(_NO_FEATURES), **where)
        case _:
            return BadSite("file-open-failed", said(_OTHER), **where)


def mismatch(name: str, kind: str) -> BadSite:
    """The refusal of content that is not what the suffix says."""
    text = Bilingual(
        "文件“{f}”的内容不是 {kind}，与后缀不符。请从原软件重新导出，或改用正确的后缀。",
        "The content of “{f}” is no {kind}, whatever its name says. Export it again or give it its right suffix.",
    )
    return BadSite("format-mismatch", text.format(f=name, kind=kind), file=name, value=kind)
