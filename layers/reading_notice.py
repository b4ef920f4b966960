"""The notices of what a reader behind the door left out or chose: layer, encoding, units, heights; it reads nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from layers.door.table import Table
from layers.text import encoding_chosen
from zoning import assumption
from zoning.bilingual import Bilingual
from zoning.sitefault import Notice

_IGNORED_ZH = {
    "open polyline": "未闭合多段线",
    "polyline in paper space": "图纸空间多段线",
    "polyline in a tilted plane": "倾斜平面多段线",
    "polyline of one point": "只有一点的多段线",
    "mesh": "网格面",
    "LINE": "直线（LINE）",
    "Placemark": "没有图形的地标",
}


def reading_notices(table: Table, file: str, layer: str | None) -> tuple[Notice, ...]:
    """All that a table's notes tell, in a fixed order. `layer` is the one asked for, None where none was."""
    notes = table.notes
    found = [
        _layer_read(table, file, asked=layer is not None),
        *(say(notes[key], file) for key, say in _SAID.items() if notes.get(key)),
        assumption.heights_dropped() if notes.get("heights") else None,
    ]
    return tuple(notice for notice in found if notice is not None)


def _layer_read(table: Table, file: str, *, asked: bool) -> Notice | None:
    held = int(table.notes.get("held", 1))
    if held < 2 and not asked:
        return None
    name = table.layers[0].name
    rest = (
        Bilingual(f"，其余 {held - 1} 个未读取", f"; {held - 1} others were not read")
        if held > 1
        else Bilingual("", "")
    )
    why = Bilingual("按指定", ", as asked") if asked else Bilingual("只有它含图形：", ", the only one with features")
    text = Bilingual("{why}读取图层“{name}”{rest}。", "Layer “{name}” was read{why}{rest}.")
    return Notice(
        "layer-read", text.format(name=name, why=why, rest=rest), {"file": file, "layer": name, "layers": held}
    )


def _encoding(chosen: Mapping[str, Any], file: str) -> Notice:
    """The choice of an encoding, with a sample of a table's text where there is one."""
    codec, source, wrong, sample = (chosen.get(k) for k in ("encoding", "stated_by", "stated_wrongly_by", "sample"))
    if sample is None:
        return encoding_chosen(file, str(codec))
    if source:
        text = Bilingual(
            f"属性文字按 {source} 所注编码 {codec} 读取，如“{sample}”。",
            f"Text was read as {codec}, as the {source} says: “{sample}”.",
        )
    elif wrong:
        text = Bilingual(
            f"属性文字与 {'、'.join(wrong)} 所注编码不符，按 {codec} 读取，如“{sample}”，请核对。",
            f"Text does not fit the encoding its {' and '.join(wrong)} states; read as {codec}: “{sample}”. "
            f"Please check.",
        )
    else:
        text = Bilingual(
            f"未注明属性文字的编码，按 {codec} 读取，如“{sample}”，请核对。",
            f"No encoding was stated; text was read as {codec}: “{sample}”. Please check.",
        )
    where = {"file": file, "encoding": codec, "stated_by": source, "stated_wrongly_by": wrong}
    return Notice("encoding-chosen", text, {k: v for k, v in where.items() if v is not None})


def _deleted(count: int, file: str) -> Notice:
    text = Bilingual(
        f"有 {count} 条记录在文件里已标为删除，未读取。",
        f"{count} records are marked deleted in the file and were not read.",
    )
    return Notice("records-deleted", text, {"file": file, "count": count})


def _ignored(count: Mapping[str, int], file: str) -> Notice:
    text = Bilingual(
        "文件中的以下内容未读取：{held}。请确认其中没有选址范围。",
        "Not read from the file: {held}. Make sure that none of it is the site.",
    )
    held = Bilingual(
        "、".join(f"{_IGNORED_ZH.get(kind, kind)} {n} 个" for kind, n in count.items()),
        ", ".join(f"{n} × {kind}" for kind, n in count.items()),
    )
    return Notice("content-ignored", text.format(held=held), {"file": file, "count": dict(count)})


_UNITS = {
    "mm": Bilingual("毫米", "millimetres"),
    "cm": Bilingual("厘米", "centimetres"),
    "dm": Bilingual("分米", "decimetres"),
    "km": Bilingual("千米", "kilometres"),
    "in": Bilingual("英寸", "inches"),
    "ft": Bilingual("英尺", "feet"),
}


def _units(given: Mapping[str, Any], file: str) -> Notice:
    unit, factor = given["unit"], given["factor"]
    if unit is None:
        text = Bilingual(
            "图纸未注明单位（$INSUNITS），坐标按米读取，请核对。",
            "The drawing states no unit ($INSUNITS); its coordinates were taken as metres. Please check.",
        )
    else:
        text = Bilingual(
            f"图纸单位为{_UNITS[unit].zh}（$INSUNITS={given['code']}），坐标已乘以 {factor:g} 换算为米。",
            f"The drawing is in {_UNITS[unit].en} ($INSUNITS={given['code']}); coordinates were multiplied by {factor:g} to "
            "give metres.",
        )
    return Notice("units-read", text, {"file": file, "unit": unit or "m", "factor": factor, "stated": unit is not None})


def _joined(count: int, file: str) -> Notice:
    text = Bilingual(
        f"图纸没有闭合多段线，由首尾相接的直线（LINE）围成 {count} 个地块。请核对它们是选址边界而不是图框。",
        f"The drawing has no closed polyline; {count} areas were made of LINE entities that meet end to end. Make sure that "
        "they are the site and no frame.",
    )
    return Notice("lines-joined", text, {"file": file, "count": count})


_SAID: Mapping[str, Callable[[Any, str], Notice]] = {
    "encoding": _encoding,
    "deleted": _deleted,
    "ignored": _ignored,
    "units": _units,
    "joined": _joined,
}
