"""Where am I: one position against red line and control units, in plain words. It stores nothing and repeats no position."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping
from typing import Any, Final, Literal

import numpy as np
import shapely
import sqlalchemy as sa

from app import service
from layers import nearby
from layers.public_form import form
from layers.release import Release, layers_at, open_release
from zoning import here
from zoning.bilingual import Bilingual
from zoning.datum import gcj02_to_cgcs2000
from zoning.evidence import Evidence, Feature
from zoning.frame import LocalFrame
from zoning.here import Nearest, Position, Standing
from zoning.placement import SHANXI
from zoning.terms import UnitClass, label

Datum = Literal["CGCS2000", "WGS84", "GCJ-02"]

REACHES_M: Final = (3_000.0, 12_000.0, 50_000.0)
"""How far is looked for the nearest red line, step by step until one is found."""
_DATUM_M: Final[Mapping[str, float]] = {"CGCS2000": 0.0, "WGS84": 1.0, "GCJ-02": 1.0}
"""What taking the datum for CGCS2000, or converting it, may add to the position's error, m."""
_ASK: Final = Bilingual(
    "请向{where}自然资源主管部门（生态保护红线）和生态环境主管部门（管控单元）查询。",
    "Ask the natural-resources authority (ecological red line) and the ecology authority (control units) of {where}.",
)
_THE_COUNTY: Final = Bilingual("所在县（市、区）", "the county")
_DEMONSTRATION: Final = Bilingual("示意数据，不能判断。", "Illustrative data: this cannot be told.")
_OUTSIDE_THE_REGION: Final = Bilingual(
    "这个位置在本系统的数据范围之外，不能判断。", "This position is outside the data held here: it cannot be told."
)
_NOT_PUBLIC: Final = Bilingual("该图层的精确边界不公开", "its exact boundary is not public")
_NO_ACCURACY: Final = Bilingual(
    "未给出定位精度：以下只对所给坐标成立。", "No accuracy was given: this holds only for the position as given."
)
_CONVERTED: Final = Bilingual(
    "所给坐标为 GCJ-02，已换算为 CGCS2000。", "The position was in GCJ-02 and has been converted to CGCS2000."
)
_NOT_A_PERMIT: Final = Bilingual(
    "以主管部门掌握的法定边界为准；没有核查任何项目。",
    "The legal boundaries are those of the competent authority; no project was checked.",
)


def answer(
    engine: sa.Engine, lon: float, lat: float, *, accuracy_m: float | None, datum: Datum, day: dt.date | None = None
) -> dict[str, Any]:
    """What is known of a position, with `lines` to be read as they stand. Raises `Unavailable`.

    The position is in no field of the answer, and only whole coarse cells around it are asked of the database.
    """
    view = open_release(engine)
    position = _position(lon, lat, accuracy_m, datum)
    on = day or service.today()
    notes = [*([_CONVERTED] if datum == "GCJ-02" else []), *([_NO_ACCURACY] if accuracy_m is None else [])]
    if not SHANXI.holds(np.array([[position.lon, position.lat]]))[0]:
        red = unit = Standing("no_coverage")
        counties: tuple[Feature, ...] = ()
    else:
        public = _public(engine, view)
        evidence = nearby.around(
            engine, view, position.lon, position.lat, reach_m=REACHES_M[0], layers=["redline", "control_unit", "county"]
        )
        counties = _counties(position, evidence)
        unit = _standing(position, "control_unit", evidence, on, public)
        red = _standing(position, "redline", evidence, on, public)
        if red.state == "outside":
            red = _farther(engine, view, position, on, red)
    lines = _lines(red, unit, counties)
    if lines[0] is not _DEMONSTRATION:
        lines += [*notes, _NOT_A_PERMIT]
    return {
        "release": int(view.number),
        "as_of": on.isoformat(),
        "datum": datum,
        "answer": red.state,
        "red_line": _red_dict(red),
        "unit": {"state": unit.state, "features": [_unit_dict(f) for f in unit.features]},
        "counties": [{"code": f.code, "name": _name(f).as_dict()} for f in counties],
        "lines": [line.as_dict() for line in lines],
    }


def _position(lon: float, lat: float, accuracy_m: float | None, datum: Datum) -> Position:
    blur = (accuracy_m or 0.0) + _DATUM_M[datum]
    if datum == "GCJ-02":
        x, y = gcj02_to_cgcs2000([lon], [lat])
        lon, lat = float(x[0]), float(y[0])
    return Position(lon, lat, blur)


def _public(engine: sa.Engine, view: Release) -> set[str]:
    """Layers whose exact boundaries anybody may know: a distance to any other would give it away."""
    return {layer.meta.id for layer in layers_at(engine, view) if form(layer.spec) == "exact"}


def _standing(position: Position, layer: str, evidence: Evidence, day: dt.date, public: set[str]) -> Standing:
    if layer in evidence.layers and layer not in public:
        return Standing("not_searched", why=_NOT_PUBLIC)
    return here.stands(position, layer, evidence, day)


def _farther(engine: sa.Engine, view: Release, position: Position, day: dt.date, found: Standing) -> Standing:
    """The same, looking farther and farther until the nearest line is surely among what was read."""
    for reach, next_reach in itertools.pairwise(REACHES_M):
        if found.state != "outside" or (found.nearest and found.nearest.distance_m <= reach):
            break
        near = nearby.around(engine, view, position.lon, position.lat, reach_m=next_reach, layers=["redline"])
        found = here.stands(position, "redline", near, day)
    return found


def _counties(position: Position, evidence: Evidence) -> tuple[Feature, ...]:
    """The counties that the position may be in, by their lines' accuracy, in code order."""
    window = evidence.layers.get("county")
    if window is None or not len(window.pieces):
        return ()
    frame = LocalFrame.at(position.lon, position.lat)
    point = frame.to_metres(shapely.Point(position.lon, position.lat))[0]
    away = shapely.distance(point, frame.to_metres(window.pieces))
    blurs = np.array([window.features[i].accuracy_m + position.accuracy_m for i in window.piece_feature])
    indices = sorted({int(i) for i in window.piece_feature[away <= blurs]})
    return tuple(window.features[i] for i in indices)


def _name(feature: Feature) -> Bilingual:
    return Bilingual(feature.name, str(feature.properties.get("name_en") or feature.name))


def _class(feature: Feature) -> Bilingual:
    kinds = {"1": UnitClass.PRIORITY, "2": UnitClass.KEY, "3": UnitClass.GENERAL}
    return label(kinds[feature.class_]) if feature.class_ in kinds else Bilingual(feature.class_, feature.class_)


def _unit_dict(feature: Feature) -> dict[str, Any]:
    return {"code": feature.code, "name": _name(feature).as_dict(), "class": _class(feature).as_dict()}


def _red_dict(red: Standing) -> dict[str, Any]:
    nearest = red.nearest
    return {
        "state": red.state,
        "features": [
            {"code": f.code, "name": _name(f).as_dict(), "legal_status": f.legal_status} for f in red.features
        ],
        "nearest": None
        if nearest is None
        else {
            "code": nearest.feature.code,
            "name": _name(nearest.feature).as_dict(),
            "distance_m": round(nearest.distance_m),
            "direction": nearest.direction.as_dict(),
            "bearing_deg": round(nearest.bearing_deg),
            "complete": nearest.complete,
        },
    }


def _lines(red: Standing, unit: Standing, counties: tuple[Feature, ...]) -> list[Bilingual]:
    where = Bilingual(
        "或".join(f.name for f in counties) or _THE_COUNTY.zh,
        " or ".join(_name(f).en for f in counties) or _THE_COUNTY.en,
    )
    ask = _ASK.format(where=where)
    if red.state == "demonstration" and unit.state in ("demonstration", "no_coverage", "not_searched"):
        return [_DEMONSTRATION, ask]
    if red.state == unit.state == "no_coverage":
        return [_OUTSIDE_THE_REGION, ask]
    lines = [_red_words(red), _unit_words(unit)]
    if counties:
        lines.append(
            Bilingual(
                f"行政区：{where.zh}（县界仅供参考）。", f"County: {where.en} (county lines are for reference only)."
            )
        )
    return [*lines, ask]


_UNTOLD: Final[Mapping[str, Bilingual]] = {
    "demonstration": Bilingual("{what}：示意数据，不能判断。", "{what}: illustrative data, this cannot be told."),
    "no_coverage": Bilingual(
        "{what}：这里没有数据，不能判断；没有数据不等于没有红线或管控。",
        "{what}: no data here, this cannot be told; no data does not mean that nothing is there.",
    ),
    "not_searched": Bilingual(
        "{what}：{why}，不能判断；不等于没有红线或管控。",
        "{what}: {why}, this cannot be told; it does not mean that nothing is there.",
    ),
}
_RED: Final = Bilingual("生态保护红线", "Ecological red line")
_UNIT: Final = Bilingual("环境管控单元", "Control unit")


def _untold(standing: Standing, what: Bilingual) -> Bilingual:
    return _UNTOLD[standing.state].format(what=what, why=standing.why or Bilingual("", ""))


def _red_words(red: Standing) -> Bilingual:
    if red.state in _UNTOLD:
        return _untold(red, _RED)
    names = here.names_of(red.features)
    if red.state == "inside":
        text = Bilingual(f"在生态保护红线内：{names.zh}。", f"Inside the ecological red line: {names.en}.")
        return _joined(text, Bilingual("离最近的边线", "The nearest line is"), red.nearest)
    if red.state == "unclear":
        text = Bilingual(
            f"紧靠生态保护红线（{names.zh}），在定位和边界的误差之内，不能判断在内还是在外。",
            f"So near the ecological red line ({names.en}) that, within the errors of position and boundary, in or out cannot be told.",
        )
        return _joined(text, Bilingual("边线", "The line is"), red.nearest)
    text = Bilingual("不在生态保护红线内。", "Not inside the ecological red line.")
    if red.nearest is None:
        reach = int(REACHES_M[-1] / 1000)
        return Bilingual(
            f"{text.zh}在 {reach} 公里内，所持数据中没有红线。",
            f"{text.en} The data held have no red line within {reach} km.",
        )
    whose = _name(red.nearest.feature)
    return _joined(text, Bilingual(f"最近的红线是{whose.zh}，", f"The nearest is {whose.en},"), red.nearest)


def _joined(text: Bilingual, lead: Bilingual, nearest: Nearest | None) -> Bilingual:
    if nearest is None:
        return text
    metres = f"{nearest.distance_m:,.0f}"
    way = nearest.direction
    zh = f"{text.zh}{lead.zh}约 {metres} 米，在{way.zh}方向。"
    en = f"{text.en} {lead.en} about {metres} m to the {way.en}."
    if nearest.complete:
        return Bilingual(zh, en)
    return Bilingual(
        f"{zh}该距离内有的地方没有数据，可能还有更近的。",
        f"{en} Some ground within that distance has no data: there may be a nearer one.",
    )


def _unit_words(unit: Standing) -> Bilingual:
    if unit.state in _UNTOLD:
        return _untold(unit, _UNIT)
    zh = "、".join(f"{f.name}（{f.code}，{_class(f).zh}）" for f in unit.features)
    en = ", ".join(f"{_name(f).en} ({f.code}, {_class(f).en})" for f in unit.features)
    if unit.state == "unclear":
        return Bilingual(f"环境管控单元：靠近边界，可能是 {zh}。", f"Control unit: near a boundary, it may be {en}.")
    if unit.state == "outside":
        return Bilingual(
            "环境管控单元：所持数据中这里没有单元，请核实。",
            "Control unit: the data held have none here; have it confirmed.",
        )
    return Bilingual(f"环境管控单元：{zh}。", f"Control unit: {en}.")
