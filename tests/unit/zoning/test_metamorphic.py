"""What must not change an answer does not change it, and more ground or less coverage never makes one milder.

Quick on every run; `SHANHE_HYPOTHESIS=deep` draws forty times as many scenes.
"""

from __future__ import annotations

import copy
import dataclasses
import os
import random
import threading
from collections.abc import Mapping
from typing import Any

import hypothesis
import numpy as np
import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.zoning.scenes import at, box, layer
from tests.unit.zoning.test_check import SITE, fen, project, run, site, two_counties, world
from zoning.answer import document
from zoning.canonical import GRID, canonical_json
from zoning.check import Check
from zoning.decision import SEVERITY
from zoning.evidence import Evidence, LayerWindow
from zoning.measure import ellipsoidal_area

MORE = 40 if os.environ.get("SHANHE_HYPOTHESIS") == "deep" else 1
PROJECTS = (
    project("N7820", land_take="permanent", fuel="none"),
    project("C2521", "expand", net_new_capacity=0, new_groundwater_intake=False, fuel="gas", land_take="permanent"),
    project("C2614", "new"),
    project("N7861", "new"),
    project("E4811", "new", land_take="permanent"),
)


def examples(quick: int) -> hypothesis.settings:
    return hypothesis.settings(max_examples=quick * MORE)


def star(random_: random.Random, reach: float, least: float, most: float) -> shapely.Geometry:
    """A polygon of 3 to 9 corners around a place within `reach` metres of the origin, in metres."""
    count = random_.randint(3, 9)
    x, y = random_.uniform(-reach, reach), random_.uniform(-reach, reach)
    turns = (np.arange(count) + [random_.uniform(0, 0.8) for _ in range(count)]) * 2 * np.pi / count
    away = np.array([random_.uniform(least, most) for _ in range(count)])
    shape = shapely.Polygon(np.column_stack([x + away * np.cos(turns), y + away * np.sin(turns)]))
    return shape if shape.is_valid else shapely.convex_hull(shape)


@dataclasses.dataclass(frozen=True)
class Scene:
    """A site in metres, what stands around it, and a project."""

    ground: shapely.Geometry
    on: Evidence
    project: Any
    random: random.Random

    def check(self, *grounds: shapely.Geometry, on: Evidence | None = None) -> Check:
        return run(site(*(at(g) for g in grounds or (self.ground,))), self.project, on or self.on)


FACTS: Mapping[str, Mapping[str, Any]] = {
    "redline": {},
    "permanent_basic_farmland": {},
    "water_source": {"class_": "grade1"},
    "protected_area": {"class_": "core"},
    "spring_domain": {"class_": "domain"},
    "river_corridor": {"properties": {"river": "汾河"}},
    "county_planning_area": {},
}


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    """Up to three layers with one to three zones each, sharp or vague, whole or cut; sometimes a river and a county line."""
    dice = random.Random(draw(st.integers(0, 2**32)))  # noqa: S311 (a scene, no secret)
    held: dict[str, LayerWindow] = {}
    for kind in dice.sample(sorted(FACTS), dice.randint(1, 3)):
        zones = [(f"{kind}-{n}", at(star(dice, 1500, 100, 1500)), FACTS[kind]) for n in range(dice.randint(1, 3))]
        held[kind] = layer(kind, zones, cell=dice.choice([None, 0.005]), accuracy_m=dice.choice([0.0, 0.0, 50.0]))
    if dice.random() < 0.4:
        held["river"] = fen(east=dice.uniform(-3000, 3000), accuracy_m=dice.choice([0.0, 100.0]), bound=0.0)
    if dice.random() < 0.3:
        held["county"] = two_counties(dice.uniform(-1500, 1500))
    return Scene(star(dice, 800, 60, 1200), world(**held), dice.choice(PROJECTS), dice)


def rank(outcome: str) -> int:
    return [str(one) for one in SEVERITY].index(outcome)


def said(result: Check) -> list[Any]:
    """What is decided, and why."""
    rows = [
        (
            f.rule.id,
            f.layer,
            f.feature.code if f.feature else None,
            f.relation,
            f.outcome,
            f.contribution.at_worst,
            f.contribution.reasons,
        )
        for f in result.findings
    ]
    return [result.verdict, result.at_worst, sorted(rows, key=str), [(s.layer, s.outcome) for s in result.searches]]


def sizes(result: Check) -> list[float]:
    """Every area and length that stands in a finding, m² and m."""
    found = sorted(result.findings, key=lambda f: (f.rule.id, f.feature.code if f.feature else ""))
    return [f.overlap_size for f in found]


def away(result: Check) -> list[float]:
    """Every distance and margin that stands in a finding, m."""
    found = sorted(result.findings, key=lambda f: (f.rule.id, f.feature.code if f.feature else ""))
    return [-1.0 if v is None else v for f in found for v in (f.distance_m, f.margin_m)]


def same(one: Check, two: Check, *, bend_m: float = 0.01) -> None:
    """Both decide the same for the same reasons; outlines may be off by `bend_m`, areas by as much along 10 km of them."""
    assert said(two) == said(one)
    assert sizes(two) == pytest.approx(sizes(one), rel=1e-6, abs=0.5)
    # A margin is found to 10 cm or one in a hundred.
    assert away(two) == pytest.approx(away(one), rel=0.02, abs=0.2 + bend_m)
    area, other = (float(ellipsoidal_area([r.question.site.geometry])[0]) for r in (one, two))
    assert other == pytest.approx(area, rel=1e-6, abs=0.01)


# --- the same ground, written another way -----------------------------------------------------------------------------
def moved(shapes: Any, east: float) -> Any:
    return shapely.transform(shapes, lambda xy: np.round(xy + np.array([east, 0.0]), 9))


@given(scenes(), st.integers(-400_000, 400_000))
@examples(12)
def test_a_world_moved_along_its_parallel_gives_the_same_answer(scene: Scene, steps: int) -> None:
    """The ellipsoid is round: east and west of here every distance and area is the same."""
    east = steps * 1e-6
    held = {
        name: dataclasses.replace(
            w, pieces=moved(w.pieces, east), edges=moved(w.edges, east), coverage=moved(w.coverage, east)
        )
        for name, w in scene.on.layers.items()
    }
    w = scene.on.window
    window = dataclasses.replace(w, west=w.west + east, east=w.east + east)
    there = dataclasses.replace(scene.on, layers=held, window=window)
    here = site(at(scene.ground))
    gone = site(moved(here.geometry, east))
    same(run(here, scene.project, scene.on), run(gone, scene.project, there))


@given(scenes(), st.floats(0.05, 0.95), st.booleans())
@examples(12)
def test_a_site_cut_into_parcels_is_the_same_site(scene: Scene, where: float, upright: bool) -> None:
    west, south, east, north = shapely.bounds(scene.ground)
    x, y = west + where * (east - west), south + where * (north - south)
    half = shapely.box(-9e4, -9e4, x, 9e4) if upright else shapely.box(-9e4, -9e4, 9e4, y)
    whole = at(scene.ground)
    first = shapely.intersection(whole, at(half), grid_size=GRID)
    rest = shapely.difference(whole, at(half), grid_size=GRID)
    if first.is_empty or rest.is_empty or {2} != {shapely.get_dimensions(g) for g in (first, rest)}:
        return
    one, two = scene.check(), run(site(first, rest), scene.project, scene.on)
    same(one, two)
    for f in two.findings:
        if f.parts and f.overlap_dimension == 2:
            assert sum(p.area_m2 or 0 for p in f.parts) == pytest.approx(f.overlap_size, rel=1e-6, abs=0.5)


@given(scenes(), st.sampled_from([0.0005, 0.002, 0.01]))
@examples(12)
def test_more_vertices_on_the_same_lines_change_nothing(scene: Scene, step: float) -> None:
    """Edges are straight in longitude and latitude, so the new vertices lie on them, but for the grid."""
    whole = at(scene.ground)
    same(
        run(site(whole), scene.project, scene.on),
        run(site(shapely.segmentize(whole, step)), scene.project, scene.on),
        bend_m=0.2,
    )


@given(scenes(), st.integers(0, 9), st.integers(0, 9))
@examples(10)
def test_direction_start_and_repeats_of_a_rings_vertices_do_not_change_a_byte(
    scene: Scene, start: int, twice: int
) -> None:
    xy = shapely.get_coordinates(at(scene.ground))[:-1]
    turned = np.roll(xy, start % len(xy), axis=0)[::-1]
    again = np.repeat(turned, np.where(np.arange(len(xy)) == twice % len(xy), 3, 1), axis=0)
    one, two = (run(site(shapely.Polygon(r)), scene.project, scene.on) for r in (xy, again))
    assert canonical_json(document(two)) == canonical_json(document(one))


def shuffled(held: LayerWindow, dice: random.Random) -> LayerWindow:
    """The same layer with its features, pieces and edges in another order."""
    order = dice.sample(range(len(held.features)), len(held.features))
    place = {old: new for new, old in enumerate(order)}
    pieces = dice.sample(range(len(held.pieces)), len(held.pieces))
    edges = dice.sample(range(len(held.edges)), len(held.edges))
    return dataclasses.replace(
        held,
        features=tuple(held.features[i] for i in order),
        pieces=held.pieces[pieces],
        piece_feature=np.array([place[int(held.piece_feature[i])] for i in pieces], dtype=np.int64),
        edges=held.edges[edges],
        edge_feature=np.array([place[int(held.edge_feature[i])] for i in edges], dtype=np.int64),
    )


@given(scenes())
@examples(12)
def test_the_order_of_features_pieces_and_layers_does_not_change_a_byte(scene: Scene) -> None:
    names = scene.random.sample(sorted(scene.on.layers), len(scene.on.layers))
    mixed = {name: shuffled(scene.on.layers[name], scene.random) for name in names}
    other = dataclasses.replace(scene.on, layers=mixed)
    assert canonical_json(document(scene.check(on=other))) == canonical_json(document(scene.check()))


# --- more ground, less coverage ---------------------------------------------------------------------------------------
def not_milder(before: Check, after: Check) -> None:
    assert rank(after.verdict) >= rank(before.verdict)
    assert rank(after.at_worst) >= rank(before.at_worst)


@given(scenes())
@examples(20)
def test_a_grown_site_never_becomes_milder(scene: Scene) -> None:
    more = star(scene.random, 800, 30, 2500)
    grown = shapely.union(scene.ground, more)
    if scene.random.random() < 0.3:
        grown = shapely.buffer(scene.ground, scene.random.choice([0.01, 1.0, 300.0]), join_style="mitre")
    small = site(at(scene.ground))
    # On the grid, so that nothing of the small site is lost by rounding.
    large = site(shapely.union(small.geometry, at(grown), grid_size=GRID))
    not_milder(run(small, scene.project, scene.on), run(large, scene.project, scene.on))


@example(5.0, 5.0, 0.5, 200.0)  # a corner of 0.25 m²: 1 % of the small site
@example(0.8, 0.8, 0.8, 30.0)  # all of it
@given(st.floats(0.2, 12), st.floats(0.2, 12), st.floats(0.001, 3), st.floats(0.5, 200))
@examples(20)
def test_a_small_site_with_its_corner_in_the_red_line_does_not_lose_it_by_growing(
    width: float, height: float, into: float, by: float
) -> None:
    """What counts as a sliver must not depend on how much other ground stands beside it."""
    zone = world(redline=layer("redline", [("RL-1", box(0, 0, 3000, 3000), {})]))
    into = min(into, width, height)
    small = shapely.box(into - width, into - height, into, into)
    large = shapely.union(small, shapely.box(into - width - by, into - height, into - width, into))
    not_milder(*(run(site(at(g)), project(), zone) for g in (small, large)))


@given(st.floats(1, 150), st.floats(0.01, 3), st.floats(1, 2000))
@examples(15)
def test_a_line_with_its_end_in_the_red_line_does_not_lose_it_by_growing(length: float, into: float, by: float) -> None:
    zone = world(redline=layer("redline", [("RL-1", box(0, -3000, 3000, 3000), {})]))
    into = min(into, length)
    short, long = (at(shapely.LineString([(into - n, 0), (into, 0)])) for n in (length, length + by))
    not_milder(*(run(site(g), project("E4811", unavoidable=False), zone) for g in (short, long)))


@given(scenes())
@examples(15)
def test_less_coverage_never_gives_clear_and_never_a_milder_answer(scene: Scene) -> None:
    before = scene.check()
    kind = scene.random.choice([k for k in scene.on.layers if k not in ("county", "control_unit")])
    hole = at(star(scene.random, 600, 300, 2500))
    rest = shapely.difference(box(-30_000, -30_000, 30_000, 30_000), hole)
    held = scene.on.layers[kind]
    bare = dataclasses.replace(held, coverage=np.array([rest], dtype=object))
    after = scene.check(on=dataclasses.replace(scene.on, layers={**scene.on.layers, kind: bare}))
    not_milder(before, after)
    if shapely.area(shapely.intersection(hole, at(scene.ground))) > 1e-9:
        assert (kind, "no_coverage") in [(s.layer, s.outcome) for s in after.searches]
        if kind == "redline":
            assert after.verdict not in ("clear", "attention")
            assert after.at_worst in ("restricted", "prohibited")


@given(scenes())
@examples(10)
def test_a_layer_taken_away_never_gives_a_milder_answer_unless_it_held_the_reason(scene: Scene) -> None:
    """What it held may be lost, but then the answer is that nobody knows: `at_worst` stays."""
    before = scene.check()
    for kind in ("redline", scene.random.choice([k for k in scene.on.layers if k not in ("county", "redline")])):
        left = {name: held for name, held in scene.on.layers.items() if name != kind}
        after = scene.check(on=dataclasses.replace(scene.on, layers=left))
        assert rank(after.at_worst) >= rank(before.at_worst)
        assert rank(after.verdict) >= min(rank(before.verdict), rank("unknown"))


# --- two at once -------------------------------------------------------------------------------------------------------
@given(scenes(), scenes())
@examples(6)
def test_two_checks_at_a_barrier_never_mix(one: Scene, two: Scene) -> None:
    """Each asks its question on its own world and on the other's, at the same moment."""
    # Geometries are each request's own; preparing one in two threads is not safe in GEOS.
    pairs = [copy.deepcopy((a, b)) for a in (one, two) for b in (one, two)]
    acts = [lambda a=a, b=b: canonical_json(document(a.check(on=b.on))) for a, b in pairs]
    alone = [act() for act in acts]
    barrier, found = threading.Barrier(len(acts)), [""] * len(acts)

    def begin(n: int) -> None:
        barrier.wait(timeout=60)
        found[n] = acts[n]()

    threads = [threading.Thread(target=begin, args=(n,)) for n in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert found == alone


def test_the_scenes_reach_every_verdict() -> None:
    """Or the tests above would prove little."""
    seen: set[str] = set()

    @given(scenes())
    @hypothesis.settings(max_examples=25, derandomize=True)
    def look(scene: Scene) -> None:
        seen.add(scene.check().verdict)

    look()
    assert {"prohibited", "restricted", "unknown"} <= seen
    assert run(SITE, project(), world()).verdict == "clear"
