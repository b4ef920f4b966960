"""Which layers the national set has and how many features each: a recipe for every kind that an encoded rule looks at.

County codes are Shanxi's own with a serial behind them, `140824-0417`, in turn from the places that have rules of their
own; so a site anywhere is bound by the province's, the Yellow River's and some county's or city's rules. Names, classes
and properties of features are in turn those that rules ask for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely

from layers.boundary_file import BoundaryLayer, Facts, _hashes
from layers.catalogue import LayerSpec, read_catalogue
from tests.benchmarks.national_shapes import Geometries, Integers, Shapes
from tests.benchmarks.rule_terms import jurisdictions, values
from zoning.measure import ellipsoidal_area, ellipsoidal_length

COUNTRY = "140000"
_COUNTIES_AT_ONCE, _CELLS_AT_ONCE = 60, 4000


@dataclass(frozen=True)
class Patches:
    """A lattice of patches: one polygon of `size` of a step in each cell, `joined` cells to a feature, in nested zones.

    `zones`: class of each zone from the inside out, and how much of the patch it reaches (1 the whole). A patch of one
    zone has in turn the classes that rules ask for, or this one where they ask for none.
    """

    step: float
    size: float
    detail: str
    zones: tuple[tuple[str, float], ...]
    joined: int = 1


PATCHES = {
    "redline": Patches(0.20, 0.75, "fine", (("redline", 1.0),)),
    "protected_area": Patches(0.45, 0.6, "fine", (("core", 0.4), ("general", 0.7), ("outer", 1.0))),
    "permanent_basic_farmland": Patches(0.04, 0.7, "coarse", (("farmland", 1.0),), joined=24),
    "water_source": Patches(0.40, 0.4, "mid", (("grade1", 0.25), ("grade2", 0.6), ("quasi", 1.0))),
    "spring_domain": Patches(0.80, 0.7, "fine", (("key", 0.5), ("domain", 1.0))),
    "county_planning_area": Patches(0.50, 0.3, "mid", (("planning", 1.0),)),
    "industrial_park": Patches(0.32, 0.15, "coarse", (("park", 1.0),)),
    "groundwater_zone": Patches(0.60, 0.6, "fine", (("overexploited", 1.0),)),
    "no_coal_zone": Patches(0.55, 0.4, "mid", (("no_coal", 1.0),)),
    "heavy_metal_key_area": Patches(0.65, 0.4, "mid", (("key", 1.0),)),
}
LINEWORK = ("county", "control_unit", "river", "river_management", "river_corridor")
_BAND = {"river_management": 0.001, "river_corridor": 0.005}


@dataclass(frozen=True)
class Job:
    """One layer's features of some counties or cells; small enough to be held at once."""

    layer: str
    members: Integers
    cells: Any = None


def specs() -> dict[str, LayerSpec]:
    """The catalogue entries of the layers built, by id; one that the catalogue only declares counts as held here."""
    wanted = ("province", *LINEWORK, *PATCHES)
    coverage = f"admin:{COUNTRY}"
    found = {s.id: s for s in read_catalogue().layers if s.id in wanted}
    return {name: found[name].model_copy(update={"file": f"{name}.geojson", "coverage": coverage}) for name in wanted}


def jobs(shapes: Shapes) -> list[Job]:
    """All work, in an order that puts the slow first; the province has to stand before coverages are cut."""
    found = [
        Job(layer, chunk)
        for layer in ("control_unit", "river_corridor", "river_management", "river", "county")
        for chunk in _chunks(shapes.chosen, _COUNTIES_AT_ONCE)
    ]
    for layer, recipe in PATCHES.items():
        cells, owner = _lattice(shapes, recipe)
        most = _CELLS_AT_ONCE // (len(recipe.zones) if recipe.detail == "coarse" else 4)
        groups = _groups(cells, recipe)
        for some in _chunks(np.arange(len(groups)), max(most // recipe.joined, 1)):
            own = np.concatenate([groups[i] for i in some])
            found.append(Job(layer, owner[own], cells[own]))
    return [*found, Job("province", shapes.chosen)]


def build(job: Job, shapes: Shapes, spec: LayerSpec) -> BoundaryLayer:
    """The features of a job as if read from a boundary file: multi-part, valid, measured and hashed, in code order."""
    if job.layer in PATCHES:
        said, geometries = _patched(job, shapes, PATCHES[job.layer])
    else:
        said, geometries = _LINES[job.layer](job, shapes)
    good = shapely.is_valid(geometries) & ~shapely.is_empty(geometries)
    if np.count_nonzero(~good) > len(good) // 100:
        raise ValueError(f"{job.layer}: {np.count_nonzero(~good)} of {len(good)} shapes are not valid")
    facts = [replace(f, source=spec.source.zh, licence=spec.licence, accuracy_m=spec.accuracy_m,
                     legal_status=spec.legal_status) for f, ok in zip(said, good, strict=True) if ok]  # fmt: skip
    order = sorted(range(len(facts)), key=lambda i: facts[i].code)
    ordered, geometries = tuple(facts[i] for i in order), geometries[good][np.asarray(order, dtype=np.int64)]
    line = spec.geometry == "MultiLineString"
    return BoundaryLayer(
        spec,
        ordered,
        geometries,
        ellipsoidal_area(geometries),
        ellipsoidal_length(geometries) if line else np.zeros(len(ordered)),
        _hashes(ordered, geometries),
    )


def _facts(code: str, name: str, class_: str, **properties: Any) -> Facts:
    method = "真实县界的移位、缩小副本，仅用于计时"
    return Facts(code, name, None, class_, properties, "", method, "", None, 0.0, "illustrative", None, None)


def county_code(county: int) -> str:
    """The code of a county of the set, by its index among all counties."""
    codes = jurisdictions()
    return f"{codes[county % len(codes)]}-{county:04d}"


def _turn(layer: str, key: str, number: int, otherwise: str) -> str:
    """Every other feature has what rules ask for, one value after the other; the rest have something else."""
    asked = values(layer, key)
    return asked[number // 2 % len(asked)] if asked and number % 2 == 0 else otherwise


def _class(layer: str, number: int, recipe: Patches, zone: int) -> str:
    asked = values(layer, "class") if len(recipe.zones) == 1 else ()
    return asked[number % len(asked)] if asked else recipe.zones[zone][0]


def _chunks(values: Integers, size: int) -> Iterator[Integers]:
    return (values[i : i + size] for i in range(0, len(values), size))


def _lattice(shapes: Shapes, recipe: Patches) -> tuple[Any, Integers]:
    """Centres of the cells that lie in a chosen county, row by row, and that county."""
    west, south, east, north = shapely.total_bounds(shapes.simple)
    x, y = np.meshgrid(np.arange(west, east, recipe.step), np.arange(south, north, recipe.step))
    cells = np.column_stack([x.ravel(), y.ravel()])
    owner = shapes.owners(cells)
    return cells[owner >= 0], owner[owner >= 0]


def _serials(cells: Any, recipe: Patches) -> Integers:
    """Column and row of each cell, the same in every size of set."""
    return np.round(cells / recipe.step).astype(np.int64)


def _groups(cells: Any, recipe: Patches) -> list[Integers]:
    """Cells that make one feature together: neighbours in a row, at the same places in every size of set."""
    column, row = _serials(cells, recipe).T
    first = np.flatnonzero(np.diff(row, prepend=row[:1] - 1) | np.diff(column // recipe.joined, prepend=-1))
    return np.split(np.arange(len(cells)), first[1:])


def _patched(job: Job, shapes: Shapes, recipe: Patches) -> tuple[list[Facts], Geometries]:
    serial, groups = _serials(job.cells, recipe), _groups(job.cells, recipe)
    pick = (serial[:, 0] * 7919 + serial[:, 1] * 104729) % len(shapes.counties)
    whole = shapes.patches(job.cells, pick, recipe.step * recipe.size, recipe.detail)
    said, made = [], []
    inner = np.full(len(whole), shapely.Polygon(), dtype=object)
    for zone, (_, reach) in enumerate(recipe.zones):
        outer = whole if reach == 1.0 else shapely.intersection(whole, _shrunk(whole, reach))
        ground = shapely.difference(outer, inner) if zone else outer
        inner = outer
        for group in groups:
            k = group[0]
            parts = shapely.get_parts(ground[group])
            made.append(shapely.multipolygons(parts[shapely.get_type_id(parts) == 3]))
            code = f"{job.layer}-{serial[k, 0]:05d}-{serial[k, 1]:05d}-{zone}"
            number = int(serial[k].sum())
            county = _turn(job.layer, "county_code", number, county_code(int(job.members[k])))
            name = _turn(job.layer, "name", number, f"{job.layer} {code[-13:]}")
            said.append(_facts(code, name, _class(job.layer, number, recipe, zone), county_code=county))
    return said, np.asarray(made, dtype=object)


def _shrunk(shapes: Geometries, reach: float) -> Geometries:
    """Polygons drawn in to a share of their size about a point inside them."""
    inside = shapely.get_coordinates(shapely.point_on_surface(shapes))
    xy, of = shapely.get_coordinates(shapes, return_index=True)
    moved = np.round((xy - inside[of]) * reach + inside[of], 8)
    return np.asarray(shapely.polygons(shapely.linearrings(moved, indices=of)), dtype=object)


def _counties(job: Job, shapes: Shapes) -> tuple[list[Facts], Geometries]:
    said = [
        _facts(
            county_code(c),
            _turn("county", "name", c, f"{shapes.codes[c]}县"),
            "county",
            city_code="140000",
            yellow_river=True,
        )
        for c in job.members.tolist()
    ]
    return said, shapes.counties[job.members]


def _units(job: Job, shapes: Shapes) -> tuple[list[Facts], Geometries]:
    said, made = [], []
    for c in job.members.tolist():
        for n, unit in enumerate(shapes.units(c)):
            digit = "123"[n % 3]
            code = f"ZH{shapes.codes[c]}{digit}{9001 + n}"
            said.append(_facts(code, f"管控单元{code}", digit, county_code=county_code(c), unit_class="", basis=""))
            made.append(unit)
    return said, np.asarray(made, dtype=object)


def _rivers(job: Job, shapes: Shapes) -> tuple[list[Facts], Geometries]:
    said = [
        _facts(f"R-{shapes.codes[c]}", _turn("river", "name", c, "无名河"), "centre_line", aliases=None)
        for c in job.members.tolist()
    ]
    return said, shapes.rivers(job.members)


def _bands(job: Job, shapes: Shapes) -> tuple[list[Facts], Geometries]:
    class_ = {"river_management": "management", "river_corridor": "control"}[job.layer]
    said = []
    for c in job.members.tolist():
        river = _turn(job.layer, "river", c, "无名河")
        said.append(_facts(f"{job.layer}-{shapes.codes[c]}", f"{river}岸线", class_, river=river))
    return said, shapes.bands(job.members, _BAND[job.layer])


def _province(job: Job, shapes: Shapes) -> tuple[list[Facts], Geometries]:
    country = shapes.country()
    return [_facts(COUNTRY, "全国", "province")], np.asarray([country], dtype=object)


_LINES: dict[str, Callable[[Job, Shapes], tuple[list[Facts], Geometries]]] = {
    "county": _counties,
    "control_unit": _units,
    "river": _rivers,
    "river_management": _bands,
    "river_corridor": _bands,
    "province": _province,
}
