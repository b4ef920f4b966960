"""What the benchmark's national set promises: units that tile, the same ground at every size, every rule brought to bear."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import shapely

from layers.boundary_file import Facts
from layers.catalogue import LayerSpec
from tests.benchmarks import questions, rule_terms
from tests.benchmarks.national_layers import Job, build, jobs, specs
from tests.benchmarks.national_shapes import UNITS_PER_COUNTY, Shapes
from tests.benchmarks.report import Aim, Report
from zoning.condition import holds
from zoning.jurisdiction import significant
from zoning.measure import ellipsoidal_area, ellipsoidal_length
from zoning.rulebook import rulebook


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty-six counties with ragged borders that meet exactly, in the form of the package's files."""
    made = tmp_path_factory.mktemp("counties")
    random = np.random.default_rng(5)
    seeds = shapely.multipoints(random.uniform(0, 3, (36, 2)))
    cells = shapely.intersection(shapely.get_parts(shapely.voronoi_polygons(seeds)), shapely.box(0, 0, 3, 3))
    cells = shapely.transform(shapely.segmentize(cells, 0.05), lambda xy: np.round(xy + np.asarray([111.0, 36.0]), 6))
    for n, cell in enumerate(shapely.set_precision(cells, 1e-6)):
        text = json.dumps(shapely.geometry.mapping(shapely.MultiPolygon([cell])))
        (made / f"1401{n + 1:02d}.geojson").write_text(text, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def shapes(folder: Path) -> Shapes:
    return Shapes.read(folder, 1.0)


def test_control_units_tile_their_county(shapes: Shapes) -> None:
    for county in (0, 17, 35):
        units, whole = shapes.units(county), shapes.counties[county]
        assert 1 < len(units) <= UNITS_PER_COUNTY
        assert shapely.is_valid(units).all()
        assert shapely.area(units).sum() == pytest.approx(shapely.area(whole), rel=1e-7)
        assert shapely.area(shapely.union_all(units)) == pytest.approx(shapely.area(whole), rel=1e-7)


def test_a_smaller_set_holds_the_same_shapes_on_the_ground_it_has(folder: Path, shapes: Shapes) -> None:
    small = Shapes.read(folder, 0.4)
    assert 0 < len(small.chosen) < len(shapes.chosen)
    spec = specs()["redline"]
    whole_found, small_found = (
        {f.code: g.wkb for j in jobs(s) if j.layer == "redline" for f, g in _features(j, s, spec)}
        for s in (shapes, small)
    )
    assert small_found
    assert small_found.items() <= whole_found.items()


def _features(job: Job, shapes: Shapes, spec: LayerSpec) -> list[tuple[Facts, shapely.Geometry]]:
    layer = build(job, shapes, spec)
    return list(zip(layer.facts, layer.geometries, strict=True))


def test_patches_of_a_layer_do_not_overlap(shapes: Shapes) -> None:
    for name in ("redline", "water_source"):
        found = [g for j in jobs(shapes) if j.layer == name for _, g in _features(j, shapes, specs()[name])]
        assert shapely.area(shapely.union_all(found)) == pytest.approx(shapely.area(found).sum(), rel=1e-6)


def test_every_declared_layer_that_a_rule_looks_at_is_built() -> None:
    assert rule_terms.looked_at() <= set(specs())


def test_every_jurisdiction_of_a_rule_holds_some_county_of_the_set() -> None:
    for jurisdiction in {rule.jurisdiction for rule in rulebook().rules} - {"yellow_river"}:
        assert any(code.startswith(significant(jurisdiction)) for code in rule_terms.jurisdictions()), jurisdiction


def test_features_have_the_classes_and_names_that_rules_ask_for(shapes: Shapes) -> None:
    found = [
        f for j in jobs(shapes) if j.layer in ("river", "county") for f, _ in _features(j, shapes, specs()[j.layer])
    ]
    names = {f.name for f in found}
    assert set(rule_terms.values("river", "name")) <= names
    assert set(rule_terms.values("county", "name")) <= names
    zones = [
        f for j in jobs(shapes) if j.layer == "groundwater_zone" for f, _ in _features(j, shapes, specs()[j.layer])
    ]
    assert {f.class_ for f in zones} == set(rule_terms.values("groundwater_zone", "class"))


def test_the_projects_meet_the_terms_of_every_rule() -> None:
    facts = [project.facts() for project in questions.projects()]
    for rule in rulebook().on(questions.AS_OF):
        assert any(holds(rule.condition(), said).value is not False for said in facts), rule.id


def test_sites_are_the_same_in_every_run_and_have_their_size() -> None:
    assert [s.geometry.wkb for s in questions.squares(3)] == [s.geometry.wkb for s in questions.squares(3)]
    assert ellipsoidal_area([questions.squares(1)[0].geometry])[0] == pytest.approx(1e6, rel=1e-3)
    assert ellipsoidal_length([questions.pipelines(1)[0].geometry])[0] == pytest.approx(42_000, rel=1e-3)


@pytest.mark.parametrize("vertices", [10, 1000])
def test_growing_sites_have_about_their_vertices(vertices: int) -> None:
    for shape in (questions.star, questions.winding):
        assert vertices <= shapely.get_num_coordinates(shape(vertices).geometry) <= 1.35 * vertices


def test_a_missed_aim_is_marked_and_counted(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    report = Report()
    report.times("quick", [1.0, 2.0], p50=5.0)
    report.times("slow", [10.0, 20.0], p50=5.0, p95=100.0)
    report.figure("rate", 100.0, "/s", Aim(150.0, "/s", at_least=True))
    report.failed("never", "stopped")
    printed = capsys.readouterr().out.splitlines()
    assert ["MISSED" in line for line in printed] == [False, True, True, True]
    assert report.missed() == 3
    report.write(tmp_path / "b.json", cores=2)
    assert [row["name"] for row in json.loads((tmp_path / "b.json").read_text())["rows"]] == [
        "quick",
        "slow",
        "rate",
        "never",
    ]
