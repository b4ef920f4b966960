"""A control unit as JSON data for both doors: its facts and areas, the access list of all three levels, the layers it overlaps."""

from __future__ import annotations

import re
from typing import Any, Final

import shapely
import sqlalchemy as sa

from layers import units
from layers.access_columns import tight
from layers.release import Release, open_release, release_info
from layers.units import Overlay, Unit
from zoning import terms
from zoning.access import UNITS, Clause, UnitCode
from zoning.bilingual import Bilingual
from zoning.canonical import geojson
from zoning.errors import NotFound
from zoning.measure import central_meridian, projected_area
from zoning.terms import AccessLevel, Dimension, UnitClass

MOST_FEATURES: Final = 200
"""Features named in one layer, the largest first; how many there are in all is always said."""

_COMPLETE: Final = 1 - 1e-6
ELEMENTS: Final = {
    "ecology": (Bilingual("生态", "Ecology"), ("redline", "protected_area", "wetland", "forest", "scenic_area")),
    "water": (Bilingual("水", "Water"), ("water_source", "spring_domain", "river_management", "river_corridor")),
    "air": (Bilingual("大气", "Air"), ()),
    "soil": (Bilingual("土壤", "Soil"), ("permanent_basic_farmland", "heavy_metal_key_area")),
    "noise": (Bilingual("声", "Noise"), ()),
    "resources": (Bilingual("自然资源", "Natural resources"), ("groundwater_zone", "no_coal_zone", "mine_site")),
    "other": (Bilingual("城镇与产业", "Towns and industry"), ("county_planning_area", "industrial_park", "heritage")),
}
"""The elements that zones are drawn for, and the kinds of layers that stand near each."""

_NEAR = Bilingual(
    "未持有要素管控分区（YS 编码）；以下按要素列出与本单元重叠的所持图层。",
    "The official element zones (YS codes) are not held; these are the layers held that overlap the unit, by element.",
)
_NOT_HELD = Bilingual("未持有该要素的图层。", "No layer of this element is held.")
_GAPS = Bilingual(
    "该图层在本单元内收录不全，未列出不等于没有。",
    "This layer is not complete over the unit: what is not listed may still be there.",
)
_TOO_MANY = Bilingual(
    "单元附近的图形过多，未计算重叠；未列出不等于没有。",
    "There are too many shapes about this unit, so overlaps were not measured: what is not listed may still be there.",
)
_NOT_PROVIDED = Bilingual("本单元条款未提供。", "The clauses of this unit are not provided.")
_ILLUSTRATIVE = Bilingual(
    "示意数据，不是官方数据，不得用于审批、征收或维权。", "Illustrative, not official data; do not rely on it."
)


def one(engine: sa.Engine, code: str, number: int | None = None) -> dict[str, Any]:
    """The unit of that code at a release, the newest if none is given. Spaces, case and full-width forms do not matter.

    Areas in m² to 0.01 on both bases, shares (0–1) to one part in a million, geometry EPSG:4490.

    Raises
    ------
    NotFound
        ``unit-unknown``; `where.alike` names units whose codes begin alike.
    BadProject, Unavailable
        As `layers.release.open_release`.
    """
    view = open_release(engine, number)
    wanted = tight(code).upper()
    found = units.unit_at(engine, view, wanted)
    if found is None:
        raise _unknown(engine, view, wanted)
    return _document(found, release_info(engine, view).published_on.isoformat(), int(view.number))


def _unknown(engine: sa.Engine, view: Release, code: str) -> NotFound:
    alike = units.alike(engine, view, code) if re.fullmatch(r"[A-Z0-9]{4,20}", code) else ()
    zh = (
        f"相近的有：{'、'.join(c for c, _ in alike)}。"
        if alike
        else "编码形如 ZH14082510001：ZH、6 位县级代码、分类、序号。"
    )
    en = (
        f"Alike: {', '.join(c for c, _ in alike)}."
        if alike
        else "A code is ZH, county, class and serial: ZH14082510001."
    )
    text = Bilingual(
        f"第 {view.number} 版没有管控单元 {code[:40]}。{zh}",
        f"Release {view.number} has no control unit {code[:40]}. {en}",
    )
    listed = [{"code": c, "name": name.as_dict()} for c, name in alike]
    return NotFound("unit-unknown", text, field="code", value=code[:40], alike=listed)


def _document(unit: Unit, day: str, release: int) -> dict[str, Any]:
    facts = unit.facts
    kind = next((k for k in UnitClass if k.digit == facts.class_), None)
    meridian = central_meridian(float(shapely.centroid(unit.geometry).x))
    gk = float(projected_area([unit.geometry], meridian)[0])
    return {
        "release": release,
        "release_date": day,
        "code": facts.code,
        "name": {"zh": facts.name, "en": facts.name_en},
        "class": kind.value if kind else None,
        "class_title": terms.label(kind).as_dict() if kind else None,
        "divisions": {
            level: {"code": unit.divisions[level][0], "name": unit.divisions[level][1].as_dict()}
            for level in ("province", "city", "county")
            if level in unit.divisions
        },
        "geometry": geojson(unit.geometry) if facts.exact else None,
        "area_m2": round(facts.area_m2, 2),
        "area_gk_m2": round(gk, 2),
        "area_basis": "ellipsoidal",
        "gk_central_meridian": meridian,
        "legal_status": facts.legal_status,
        "notice": _ILLUSTRATIVE.as_dict() if facts.legal_status == "illustrative" else None,
        "accuracy_m": facts.accuracy_m,
        "valid": [d.isoformat() if d else None for d in (facts.valid_from, facts.valid_to)],
        "layer": {
            "layer": UNITS,
            "title": {"zh": facts.title_zh, "en": facts.title_en},
            "version": facts.version,
        },
        "source": facts.source,
        "method": facts.method,
        "licence": facts.licence,
        "plan_line": facts.plan_line,
        "properties": dict(facts.properties),
        "clauses": [_level(unit, level) for level in AccessLevel],
        "elements": [_element(unit, name) for name in ELEMENTS],
        "elements_note": _NEAR.as_dict(),
    }


def _level(unit: Unit, level: AccessLevel) -> dict[str, Any]:
    code = UnitCode.read(unit.facts.code)
    own = {AccessLevel.PROVINCE: code.province, AccessLevel.CITY: code.city} if code else {}
    mine = [c for c in unit.clauses if c.level == level]
    return {
        "level": level.value,
        "title": terms.label(level).as_dict(),
        "code": own.get(level, unit.facts.code),
        "provided": bool(mine),
        "note": None if mine or level != AccessLevel.UNIT else _NOT_PROVIDED.as_dict(),
        "dimensions": {d.value: [_clause(c) for c in mine if c.dimension == d] for d in Dimension},
    }


def _clause(clause: Clause) -> dict[str, Any]:
    return {**clause.as_dict(), "decides": clause.decides}


def _element(unit: Unit, name: str) -> dict[str, Any]:
    title, kinds = ELEMENTS[name]
    held = [o for o in unit.overlays if o.kind in kinds]
    if name == "other":
        placed = {kind for _, every in ELEMENTS.values() for kind in every}
        held += [o for o in unit.overlays if o.kind not in placed]
    return {
        "element": name,
        "title": title.as_dict(),
        "note": None if held else _NOT_HELD.as_dict(),
        "layers": [_overlay(unit, overlay) for overlay in held],
    }


def _overlay(unit: Unit, overlay: Overlay) -> dict[str, Any]:
    whole = float(unit.facts.area_m2)
    gaps = None if overlay.covered >= _COMPLETE else _GAPS
    note = gaps if overlay.measured else _TOO_MANY
    return {
        "layer": overlay.layer,
        "title": overlay.title.as_dict(),
        "legal_status": overlay.legal_status,
        "version": overlay.version,
        "area_m2": round(overlay.area_m2, 2) if overlay.measured else None,
        "share_of_unit": round(overlay.area_m2 / whole, 6) if whole and overlay.measured else None,
        "covered_share": round(overlay.covered, 6),
        "note": note.as_dict() if note else None,
        "features_total": len(overlay.shared),
        "features": [
            {
                "code": one.feature.code,
                "name": {"zh": one.feature.name, "en": one.feature.properties.get("name_en")},
                "class": one.feature.class_,
                "area_m2": round(one.area_m2, 2),
                "share_of_unit": round(one.area_m2 / whole, 6) if whole else None,
                "legal_status": one.feature.legal_status,
            }
            for one in overlay.shared[:MOST_FEATURES]
        ],
    }
