"""Deriving every bundled layer from the inputs, as features with names and provenance; it writes nothing."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from bundled import control_unit, farmland, provenance, redline, settlement
from bundled.arrangement import Arrangement, arrange
from bundled.divisions import Geometries, converted, county_codes, divisions, unions
from bundled.drawing import Drawing, draw
from bundled.feature_file import Feature
from bundled.features import Layers, administrative, drawn, river_bands, river_lines
from bundled.grid import survey
from bundled.inputs import Inputs
from bundled.redline import GRID
from bundled.rivers import read_rivers

_ZH = {division.code: division.name for division in divisions()}
_EN = {division.code: division.name_en for division in divisions()}

_WATER = {
    "grade1": ("1", "一级保护区", "first-grade zone"),
    "grade2": ("2", "二级保护区", "second-grade zone"),
    "quasi": ("Q", "准保护区", "quasi zone"),
}
_GROUNDWATER = {
    "overexploited": ("001", "地下水超采区", "over-exploited groundwater zone"),
    "surface_supply": ("002", "地表水供水工程覆盖区", "surface-supplied zone"),
}


def derive(inputs: Inputs) -> Layers:
    """All bundled layers by id: lists of features in EPSG:4490."""
    original = converted(inputs.divisions)
    rivers = read_rivers(inputs.rivers)
    ground = survey(original, rivers, inputs.relief)
    drawing = draw(ground, rivers, unions(original)["140000"])
    plane = arrange(original, [area.polygon for area in drawing.areas])
    counties = plane.counties()
    pieces = _Pieces(plane, drawing)
    return {
        **administrative(counties),
        "river": river_lines(rivers),
        **river_bands(rivers, unions(counties)["140000"]),
        "redline": list(_red_lines(pieces)),
        "control_unit": list(_control_units(plane, drawing)),
        "protected_area": list(_protected_areas(pieces, drawing)),
        "water_source": list(_water_sources(pieces, drawing)),
        "spring_domain": list(_spring_domains(pieces, drawing)),
        "county_planning_area": list(_planning_areas(pieces)),
        "industrial_park": list(_parks(pieces)),
        "no_coal_zone": list(_no_coal_zones(drawing, counties)),
        "permanent_basic_farmland": list(_farmland(drawing)),
        "groundwater_zone": list(_groundwater_zones(drawing)),
    }


class _Pieces:
    """The part of a noded area inside one county."""

    def __init__(self, plane: Arrangement, drawing: Drawing) -> None:
        self.plane = plane
        self.column = {(area.theme, area.key): index for index, area in enumerate(drawing.areas)}

    def __call__(self, theme: str, key: str, county: str) -> shapely.Geometry:
        inside = self.plane.county == county_codes().index(county)
        return self.plane.union(self.plane.members[:, self.column[theme, key]] & inside)


def _parts(geometry: shapely.Geometry) -> list[shapely.Geometry]:
    """Polygons of a geometry, from north to south, then west to east."""
    return sorted(shapely.get_parts(geometry), key=lambda part: (-part.bounds[3], part.bounds[0], part.bounds[1]))


def _red_lines(pieces: _Pieces) -> Iterator[Feature]:
    for code in county_codes():
        for serial, part in enumerate(_parts(pieces("redline", "", code)), 1):
            yield drawn(
                f"RL-{code}-{serial:03d}",
                zh=f"{_ZH[code]}生态保护红线{serial}",
                en=f"{_EN[code]} red line {serial}",
                kind="redline",
                geometry=part,
                origin=provenance.REDLINE,
                county=code,
                plan_line="jiang-county:235" if code == redline.JIANG else None,
            )


def _control_units(plane: Arrangement, drawing: Drawing) -> Iterator[Feature]:
    for unit in control_unit.tile(plane, [area.theme for area in drawing.areas]):
        unit_class = control_unit.CLASSES[unit.digit][0]
        yield Feature(
            unit.code,
            unit.name,
            unit.digit,
            unit.geometry,
            provenance.CONTROL_UNIT,
            f"{_EN[unit.county]} {unit_class} unit {unit.code[-4:]} (illustrative)",
            None,
            {"county_code": unit.county, "unit_class": unit_class, "basis": unit.basis},
        )


def _protected_areas(pieces: _Pieces, drawing: Drawing) -> Iterator[Feature]:
    for code in drawing.protected:
        for kind, zone in (("core", "核心保护区"), ("general", "一般控制区")):
            yield drawn(
                f"PA-{code}-001-{kind.upper()}",
                zh=f"{_ZH[code]}自然保护地{zone}",
                en=f"{_EN[code]} protected area, {kind} zone",
                kind=kind,
                geometry=pieces("protected_area", f"{code}/{kind}", code),
                origin=provenance.PROTECTED_AREA,
                county=code,
                plan_line="jiang-county:235" if code == redline.JIANG else None,
            )


def _water_sources(pieces: _Pieces, drawing: Drawing) -> Iterator[Feature]:
    for source in drawing.sources:
        for kind, (mark, zh, en) in _WATER.items():
            yield drawn(
                f"WS-{source.county}-001-{mark}",
                zh=f"{source.name}{zh}",
                en=f"{_EN[source.county]} water source, {en}",
                kind=kind,
                geometry=pieces("water_source", f"{source.county}/{kind}", source.county),
                origin=provenance.WATER_SOURCE,
                county=source.county,
                plan_line=source.plan_line,
            )


def _spring_domains(pieces: _Pieces, drawing: Drawing) -> Iterator[Feature]:
    for place in drawing.springs:
        for kind, zh, en in (("domain", "域", "spring domain"), ("key", "域重点保护区", "spring key zone")):
            yield drawn(
                f"SP-{place.county}-001-{kind.upper()}",
                zh=f"{place.name}{zh}",
                en=f"{_EN[place.county]} {en}",
                kind=kind,
                geometry=pieces(f"spring_{kind}", place.name, place.county),
                origin=provenance.SPRING,
                county=place.county,
                plan_line=place.plan_line,
            )


def _planning_areas(pieces: _Pieces) -> Iterator[Feature]:
    for code in county_codes():
        yield drawn(
            f"CPA-{code}",
            zh=f"{_ZH[code]}{'县城' if _ZH[code].endswith('县') else '城区'}规划区",
            en=f"{_EN[code]} planning area",
            kind="planning",
            geometry=pieces("county_planning_area", code, code),
            origin=provenance.PLANNING_AREA,
            county=code,
        )


def _parks(pieces: _Pieces) -> Iterator[Feature]:
    for code, (name, plan_line) in settlement.PARKS.items():
        yield drawn(
            f"IP-{code}-001",
            zh=name,
            en=f"{_EN[code]} economic development zone",
            kind="park",
            geometry=pieces("industrial_park", code, code),
            origin=provenance.PARK,
            county=code,
            plan_line=plan_line,
        )


def _no_coal_zones(drawing: Drawing, counties: Geometries) -> Iterator[Feature]:
    polygons = dict(zip(county_codes(), counties, strict=True))
    for code, polygon in drawing.no_coal.items():
        yield drawn(
            f"NC-{code}",
            zh=f"{_ZH[code]}禁煤区",
            en=f"{_EN[code]} no-coal zone",
            kind="no_coal",
            geometry=shapely.intersection(polygon, polygons[code], grid_size=GRID),
            origin=provenance.NO_COAL,
            county=code,
        )


def _farmland(drawing: Drawing) -> Iterator[Feature]:
    for code, parts in drawing.farmland.items():
        fitted = code == farmland.JISHAN
        for serial, part in enumerate(_parts(shapely.multipolygons(np.asarray(parts, dtype=object))), 1):
            yield drawn(
                f"PBF-{code}-{serial:03d}",
                zh=f"{_ZH[code]}永久基本农田{serial}",
                en=f"{_EN[code]} permanent basic farmland {serial}",
                kind="farmland",
                geometry=part,
                origin=provenance.FARMLAND_FITTED if fitted else provenance.FARMLAND,
                county=code,
                plan_line="jishan-county:58" if fitted else None,
            )


def _groundwater_zones(drawing: Drawing) -> Iterator[Feature]:
    for county, kind, polygon in drawing.groundwater:
        serial, zh, en = _GROUNDWATER[kind]
        yield drawn(
            f"GW-{county}-{serial}",
            zh=f"{_ZH[county]}{zh}",
            en=f"{_EN[county]} {en}",
            kind=kind,
            geometry=polygon,
            origin=provenance.GROUNDWATER,
            county=county,
        )
