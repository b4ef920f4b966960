"""The fourteen ways in which services of this kind give a wrong answer without a word, A to N: none is open here.

A, B, C, D, J and N have a second part in `tests/integration`, where there is a database and a door.
"""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
import itertools
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
import shapely
import yaml

from tests.unit.zoning.scenes import at, box, feature, layer, subdivide
from tests.unit.zoning.test_check import (
    EXPAND,
    FAR,
    REDLINE_OVER,
    RULES,
    SITE,
    THEN,
    fen,
    only,
    project,
    run,
    site,
    world,
)
from zoning.answer import document
from zoning.applicable import facts_at
from zoning.bilingual import Bilingual
from zoning.canonical import canonical_json
from zoning.datum import cgcs2000_to_gcj02
from zoning.decision import SEVERITY, worst
from zoning.errors import BadProject, BadSite
from zoning.evidence import Evidence, LayerWindow
from zoning.examine import Examiner
from zoning.project import Project
from zoning.rule import Rule
from zoning.rulebook import RuleError, load_texts, packaged_texts
from zoning.site import RawPart, Site, read_site

HARD = ("prohibit", "restrict", "phase_out")
PROJECTS = {
    "coking": project("C2521", "expand", **EXPAND),
    "waste": project("N7820", land_take="permanent"),
    "smelter": project("C3211", "new", land_take="permanent", fuel="coal"),
}
NOTHING = (None, "clear", "attention")


def rank(outcome: str) -> int:
    return [str(one) for one in SEVERITY].index(outcome)


def concerning(kind: str, on: Evidence, what: Project, where: Site = SITE) -> list[Rule]:
    """The rules on a kind of layer whose jurisdiction and terms do not rule the project out."""
    examiner = Examiner(where, on, THEN)
    facts = facts_at(what, where)
    return [r for r in RULES.on(THEN) if r.where and r.where.layer == kind and examiner.terms(r, facts)]


def not_searched(kind: str, outcome: str, on: Evidence, what: Project) -> None:
    """The layer is named as not searched, each rule on it says so, and nothing became milder for it."""
    with_it, without = run(SITE, what, world()), run(SITE, what, on)
    data = document(without)
    assert kind not in [s["layer"] for s in data["searched"]]
    assert [n["outcome"] for n in data["not_searched"] if n["layer"] == kind] == [outcome]
    assert rank(without.verdict) >= rank(with_it.verdict)
    assert rank(without.at_worst) >= rank(with_it.at_worst)
    concerned = concerning(kind, on, what)
    silent = {r.id for r in concerned} - {f.rule.id for f in without.findings if f.relation == "not_searched"}
    assert not silent
    if any(r.effect in HARD for r in concerned):
        assert without.verdict not in NOTHING
        assert without.at_worst in ("restricted", "prohibited")


# --- A ---------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", RULES.scope.kinds)
def test_a_failed_source_is_never_does_not_apply(kind: str) -> None:
    """A: the source fails, its result is empty, and every layer is said not to apply."""
    for what in PROJECTS.values():
        on = dataclasses.replace(world(), failed={kind: Bilingual("超时", "timed out")})
        not_searched(kind, "failed", on, what)


def test_when_every_source_fails_nothing_is_known() -> None:
    """A, all at once: also the source that says which county it is."""
    held = world()
    failed = {kind: Bilingual("超时", "timed out") for kind in ("county", *RULES.scope.kinds)}
    result = run(SITE, PROJECTS["waste"], dataclasses.replace(held, failed=failed))
    data = document(result)
    assert (result.verdict, result.at_worst) == ("unknown", "prohibited")
    assert data["searched"] == []
    assert data["certainty"] == "uncertain"


def test_every_kind_of_layer_matters_to_some_rule() -> None:
    """Or the tests of A and H above would prove nothing for it."""
    asked = {r.where.layer for r in RULES.on(THEN) if r.where and r.effect in HARD}
    assert set(RULES.scope.kinds) - asked <= {"control_unit"}  # asked by the clauses of the access list


# --- B ---------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["entries", "period", "net_new_capacty", "as_of"])
def test_b_an_unknown_attribute_is_refused_not_ignored(name: str) -> None:
    """B: a renamed parameter is ignored, and the default answers another question."""
    with pytest.raises(BadProject) as caught:
        project("C2521", **{name: 1})
    assert name in f"{caught.value}{caught.value.where}"


@pytest.mark.parametrize(
    "change", [{"within": 1000}, {"activites": ["new"]}, {"valid_to": "2025-12-31"}], ids=lambda c: next(iter(c))
)
def test_b_an_unknown_key_of_a_rule_is_refused_not_ignored(change: dict[str, Any]) -> None:
    """B, in the rules: a misspelt key would bind everyone, everywhere, for good."""
    texts = dict(packaged_texts())
    data = yaml.safe_load(texts["jishan-plan.yaml"])
    data["rules"][0].update(change)
    texts["jishan-plan.yaml"] = yaml.safe_dump(data, allow_unicode=True, sort_keys=False)
    with pytest.raises(RuleError) as caught:
        load_texts(texts)
    assert next(iter(change)) in str(caught.value)


def test_b_a_property_that_the_layer_does_not_have_is_doubt_not_everything_and_not_nothing() -> None:
    """B, in the data: the field that a rule chooses features by was renamed by who keeps the layer."""
    zone = [("W", box(0, 0, 1000, 1000), {"class_": ""})]
    result = run(SITE, project("C2614"), world("140825", water_source=layer("water_source", zone)))
    found = [f for f in result.findings if f.layer == "water_source" and f.rule.effect in HARD and f.rule.where]
    assert any("feature" in f.contribution.reasons for f in found)
    assert result.verdict not in NOTHING
    assert all(f.outcome == "unknown" for f in found if f.rule.where and "class" in f.rule.where.filter)


# --- C ---------------------------------------------------------------------------------------------------------------
def many(count: int, last: shapely.Geometry) -> LayerWindow:
    """A red line of many small far patches and, after them all, one more."""
    corner = shapely.Point(shapely.get_coordinates(FAR)[0])
    n = np.arange(count)
    west, south = corner.x + (n % 200) * 2e-4, corner.y + (n // 200) * 2e-4
    shapes = np.append(shapely.box(west, south, west + 1e-4, south + 1e-4), last)
    plain = feature("redline", "", FAR)
    facts = tuple(dataclasses.replace(plain, code=f"RL-{i:06}") for i in range(count + 1))
    rings = shapely.boundary(shapes)
    owner = np.arange(count + 1)
    held = layer("redline", [("x", FAR, {})], feature_count=count + 1)
    return dataclasses.replace(
        held, features=facts, pieces=shapes, piece_feature=owner, edges=rings, edge_feature=owner.copy()
    )


@pytest.mark.parametrize("count", [100, 500, 5_000, 20_000])
def test_c_the_feature_after_the_last_page_decides(count: int) -> None:
    """C: a page of 100, 500 or 5 000 is taken for all there is."""
    result = run(SITE, project(), world(redline=many(count, box(900, -200, 3000, 1200))))
    assert result.verdict == "prohibited"
    assert only(result, "red-line-development").feature.code == f"RL-{count:06}"  # type: ignore[union-attr]


def test_c_every_feature_that_is_met_is_listed() -> None:
    """C, in the answer: nothing is cut off a list."""
    strips = [(f"RL-{n:03}", box(2 * n, 0, 2 * n + 1, 1000), {}) for n in range(40)]
    result = run(SITE, project(), world(redline=layer("redline", strips)))
    data = document(result)
    listed = next(s for s in data["searched"] if s["layer"] == "redline")["features"]
    assert [f["code"] for f in listed] == [code for code, _, _ in strips]
    met = [f["feature"]["code"] for f in data["findings"] if f["rule"] == "red-line-development"]
    assert met == [code for code, _, _ in strips]


# --- D ---------------------------------------------------------------------------------------------------------------
BOW_TIE = shapely.Polygon(shapely.get_coordinates(box(-500, 0, 1500, 1000))[[0, 2, 1, 3, 0]])


def test_d_an_invalid_stored_geometry_still_matches() -> None:
    """D: what is not valid is left out of the search itself, so the feature can never match."""
    assert not BOW_TIE.is_valid
    plain = layer("redline", [("RL-1", box(-500, 0, 1500, 1000), {})])
    broken = dataclasses.replace(
        plain, pieces=np.array([BOW_TIE], dtype=object), edges=np.array([BOW_TIE.exterior], dtype=object)
    )
    try:
        result = run(SITE, project(), world(redline=broken))
    except shapely.errors.GEOSException:
        return  # no answer is not a wrong one
    assert result.verdict not in NOTHING


def test_d_an_invalid_site_is_refused_not_found_to_meet_nothing() -> None:
    """D, the other way round."""
    with pytest.raises(BadSite) as caught:
        read_site([RawPart(BOW_TIE)], crs=4490)
    assert caught.value.type.startswith("site-")


# --- E ---------------------------------------------------------------------------------------------------------------
STANDING = {
    "inside": (box(-2000, -2000, 3000, 3000), "inside"),
    "contains": (box(200, 200, 700, 800), "contains"),
    "overlap": (box(400, -1000, 3000, 1500), "overlap"),
    "touch": (box(1000, 0, 2000, 1000), "touch"),
    "equals": (box(0, 0, 1000, 1000), "inside"),
    "disjoint": (box(1300, -500, 2500, 1500), None),
}


@pytest.mark.parametrize("cell", [0.0011, 0.0037, 0.02])
@pytest.mark.parametrize("name", STANDING)
def test_e_cut_lines_are_no_boundaries(name: str, cell: float) -> None:
    """E: a copy cut for speed is asked whether it contains, covers, equals or is apart."""
    zone, relation = STANDING[name]

    def seen(cell: float | None) -> list[Any]:
        held = layer("redline", [("RL-1", zone, {})], cell=cell, accuracy_m=20.0)
        result = run(SITE, project("N7861"), world(redline=held))
        rows = [
            (f.rule.id, f.relation, f.outcome, f.contribution.at_worst, f.certain, f.crossings)
            for f in result.findings
            if f.layer == "redline"
        ]
        sizes = [
            v
            for f in result.findings
            if f.layer == "redline"
            for v in (f.overlap_size, f.margin_m, f.distance_m, f.share_of_site, f.share_of_feature)
        ]
        return [result.verdict, result.at_worst, rows, [-1.0 if v is None else v for v in sizes], result.nearest_m]

    whole, cut = seen(None), seen(cell)
    assert cut[:3] == whole[:3]
    assert cut[3] == pytest.approx(whole[3], rel=1e-6, abs=0.11)
    assert cut[4]["redline"] == pytest.approx(whole[4]["redline"], abs=0.01)
    assert {row[1] for row in whole[2]} == ({relation} if relation else set())


# --- F ---------------------------------------------------------------------------------------------------------------
COMB = [shapely.box(-500, 100 * n, 0.09, 100 * n + 5) for n in range(10)]
"""Ten teeth, each reaching 9 cm and 0.45 m² into the site."""


def test_f_many_small_parts_of_one_feature_count_together() -> None:
    """F: a threshold on each part lets any number of small parts through."""
    one = run(SITE, project(), world(redline=layer("redline", [("RL-1", at(COMB[0]), {})])))
    assert only(one, "red-line-development").relation == "sliver"
    comb = at(shapely.union_all(COMB))
    for cell in (None, 0.0011):
        result = run(SITE, project(), world(redline=layer("redline", [("RL-1", comb, {})], cell=cell)))
        assert result.verdict == "prohibited"
        assert only(result, "red-line-development").overlap_size == pytest.approx(4.5, rel=1e-3)


def test_f_many_small_parcels_count_together() -> None:
    """F, for the parts of the site."""
    parcels = [at(shapely.box(-5, 100 * n, 0.09, 100 * n + 5)) for n in range(10)]
    zone = layer("redline", [("RL-1", box(0, -500, 3000, 1500), {})])
    assert run(site(*parcels[:1]), project(), world(redline=zone)).verdict == "clear"
    assert run(site(*parcels), project(), world(redline=zone)).verdict == "prohibited"


# --- G ---------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("distance", "verdict"),
    [(999.4, "prohibited"), (999.9, "prohibited"), (1000.1, "attention"), (1000.6, "attention")],
)
def test_g_a_distance_is_never_rounded_to_decide(distance: float, verdict: str) -> None:
    """G: a distance cast to a whole number falls on the other side of the limit."""
    line = at(shapely.LineString([(1000 + distance, 450), (1000 + distance, 550)]))
    river = dataclasses.replace(
        fen(),
        **{
            key: getattr(layer("river", [("R-FEN", line, {"name": "汾河"})]), key)
            for key in ("features", "pieces", "piece_feature", "edges", "edge_feature")
        },
        meta=dataclasses.replace(fen(accuracy_m=0.0, bound=0.0).meta, accuracy_m=0.0),
    )
    result = run(SITE, PROJECTS["coking"], world(river=river))
    assert result.verdict == verdict
    assert result.nearest_m["river"] == pytest.approx(distance, abs=0.02)
    if verdict == "prohibited":
        row = next(f for f in document(result)["findings"] if f["rule"] == "jishan-239-fen-1km")
        assert row["distance_m"] == pytest.approx(distance, abs=0.02)
        assert row["distance_m"] % 1


# --- H ---------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", RULES.scope.kinds)
def test_h_an_empty_layer_is_not_searched_not_unconcerned(kind: str) -> None:
    """H: a table without a row is read as "not concerned"."""
    for what in PROJECTS.values():
        not_searched(kind, "empty", world(**{kind: layer(kind, feature_count=0)}), what)


def test_h_a_layer_without_a_feature_near_is_searched() -> None:
    """H, the other side: empty here is not empty."""
    held = dataclasses.replace(world().layers["redline"], features=(), **EMPTY)
    assert run(SITE, project(), world(redline=held)).verdict == "clear"


EMPTY: dict[str, Any] = {
    "pieces": np.zeros(0, dtype=object),
    "piece_feature": np.zeros(0, dtype=np.int64),
    "edges": np.zeros(0, dtype=object),
    "edge_feature": np.zeros(0, dtype=np.int64),
}


# --- I ---------------------------------------------------------------------------------------------------------------
def test_i_unknown_outranks_every_mild_outcome_in_any_company() -> None:
    """I: unknown stands below "no" in the cascade, so one "no" hides it."""
    for several in itertools.product(SEVERITY, repeat=3):
        found = worst(several)
        assert found not in ("clear", "attention") or "unknown" not in several
        assert found == worst(reversed(several))


def test_i_one_layer_not_searched_among_many_found_empty_is_unknown() -> None:
    """I, in a check: also beside duties, and also when the ban is only the worst that may be."""
    assert run(SITE, PROJECTS["coking"], world()).verdict == "attention"
    assert run(SITE, PROJECTS["coking"], world(redline=None)).verdict == "unknown"


def test_i_unknown_beside_a_restriction_is_said_in_the_first_line() -> None:
    """I, upwards: what ranks higher does not hide what may be worse."""
    spring = layer("spring_domain", [("S-1", box(-2000, -2000, 2000, 2000), {"class_": "domain"})])
    result = run(SITE, project("C2614", "new"), world(spring_domain=spring, redline=None))
    assert (result.verdict, result.at_worst) == ("restricted", "prohibited")
    first = document(result)["lines"][0]
    assert "最坏可能：禁止" in first["zh"]
    assert "prohibited" in first["en"].lower()


# --- K ---------------------------------------------------------------------------------------------------------------
GIVEN = shapely.transform(box(0, 0, 300, 300), lambda xy: np.column_stack(cgcs2000_to_gcj02(xy[:, 0], xy[:, 1])))


@pytest.mark.parametrize(
    "given",
    [
        RawPart(GIVEN, properties={"坐标系": "GCJ-02"}),
        RawPart(GIVEN, properties={"source": "amap"}),
        RawPart(GIVEN, file="高德地图导出.geojson"),
        RawPart(GIVEN, file="site-bd09.json"),
    ],
)
@pytest.mark.parametrize("crs", [None, 4490])
def test_k_shifted_coordinates_are_refused_even_when_the_frame_is_stated(given: RawPart, crs: int | None) -> None:
    """K: GCJ-02 coordinates, some 550 m off, are laid on a CGCS2000 layer."""
    with pytest.raises(BadSite) as caught:
        read_site([given], crs=crs)
    assert caught.value.type in ("datum-gcj02", "datum-bd09")


def test_k_what_the_coordinates_were_taken_to_be_is_in_the_answer() -> None:
    """K, where the file says nothing: the assumption is said, so that its owner can see it."""
    read = read_site([RawPart(box(0, 0, 300, 300))], crs=None)
    said = document(run(read, project(), world()))["site"]
    assert said["crs"]
    assert any("CGCS2000" in notice["text"]["zh"] for notice in said["notices"])


def test_k_a_point_does_not_stand_for_the_ground_around_it() -> None:
    """K: a point is asked about, and its answer is taken for the site's."""
    point = site(at(shapely.Point(850, 500)))
    ground = read_site([RawPart(at(shapely.Point(850, 500)))], crs=4490, half_width_m=100)
    on = world(redline=REDLINE_OVER)
    assert run(ground, project(), on).verdict == "prohibited"
    result = run(point, project(), on)
    last = document(result)["lines"][5]
    assert "只核查了该点" in last["zh"]
    assert "only the point itself was checked" in last["en"]


def test_k_a_point_of_stated_accuracy_is_not_sharper_than_that() -> None:
    """K, for a point picked on a map."""
    point = site(at(shapely.Point(850, 500)), accuracy_m=60.0)
    assert run(point, project(), world(redline=REDLINE_OVER)).verdict == "unknown"


# --- L ---------------------------------------------------------------------------------------------------------------
FIRST, LAST = dt.date(2024, 3, 1), dt.date(2024, 9, 30)
DAY = dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("start", "end", "day", "binds"),
    [
        (FIRST, LAST, FIRST - DAY, False),
        (FIRST, LAST, FIRST, True),
        (FIRST, LAST, THEN, True),
        (FIRST, LAST, LAST, True),
        (FIRST, LAST, LAST + DAY, False),
        (FIRST, None, FIRST - DAY, False),
        (FIRST, None, FIRST, True),
        (None, LAST, LAST, True),
        (None, LAST, LAST + DAY, False),
        (FIRST, FIRST, FIRST, True),
        (FIRST, FIRST, FIRST + DAY, False),
    ],
)
def test_l_a_feature_binds_from_its_first_day_to_its_last(
    start: dt.date | None, end: dt.date | None, day: dt.date, binds: bool
) -> None:
    """L: start and end are compared as if they were days of entry, with the wrong sign or the wrong edge."""
    zone = layer("redline", [("RL-1", box(900, 0, 3000, 1000), {"valid_from": start, "valid_to": end})])
    assert run(SITE, project(), world(redline=zone), day).verdict == ("prohibited" if binds else "clear")


def test_l_the_day_of_entry_does_not_decide() -> None:
    """L: neither when it was published nor in which release."""
    on = world(redline=REDLINE_OVER)
    for published in (dt.date(2019, 1, 1), THEN, dt.date(2031, 1, 1)):
        for release in (1, 99):
            moved = dataclasses.replace(on, release_date=published, release=release)
            assert run(SITE, project(), moved).verdict == "prohibited"


@pytest.mark.parametrize(
    "rule", [r for r in RULES.rules if r.in_force.start and r.in_force.start > dt.date(2022, 9, 1)][:6]
)
def test_l_a_rule_begins_on_its_first_day(rule: Rule) -> None:
    """L, for rules: in force on the first day and not on the eve."""
    assert rule.in_force.start
    assert rule.in_force.start in rule.in_force
    assert not rule.applies_on(rule.in_force.start - DAY)


def test_l_a_layer_reviewed_until_a_day_is_current_on_that_day() -> None:
    """L, for the review of a layer."""
    for day, outcome in ((THEN, "clear"), (THEN - DAY, "unknown")):
        held = layer("redline", [("f", FAR, {})], review_by=day)
        assert run(SITE, project(), world(redline=held)).verdict == outcome


# --- M ---------------------------------------------------------------------------------------------------------------
def test_m_parcels_that_overlap_count_once() -> None:
    """M: ground in two parts is added twice, and a share comes out above one."""
    two = site(box(0, 0, 700, 1000), box(300, 0, 1000, 1000))
    zone = layer("redline", [("RL-1", box(-3000, -3000, 3000, 3000), {})])
    found = only(run(two, project(), world(redline=zone)), "red-line-development")
    assert found.overlap_size == pytest.approx(1_000_000, rel=1e-3)
    assert found.share_of_site == pytest.approx(1.0, abs=1e-9)
    assert [part.share for part in found.parts] == pytest.approx([1.0, 1.0], abs=1e-6)


def test_m_pieces_that_overlap_count_once() -> None:
    """M, for the pieces of a feature."""
    zone = box(500, 0, 3000, 1000)
    plain = layer("redline", [("RL-1", zone, {})])
    pieces = np.array([zone, *subdivide(zone, 0.003), *subdivide(zone, 0.005)], dtype=object)
    doubled = dataclasses.replace(plain, pieces=pieces, piece_feature=np.zeros(len(pieces), dtype=np.int64))
    one, two = (run(SITE, project(), world(redline=held)) for held in (plain, doubled))
    sizes = [only(result, "red-line-development").overlap_size for result in (one, two)]
    assert sizes[1] == pytest.approx(sizes[0], rel=1e-6)
    assert sizes[0] == pytest.approx(500_000, rel=1e-3)


def test_m_features_on_the_same_ground_are_each_measured_and_never_added() -> None:
    """M, for features: each share is of the site, none is above one."""
    zones = [("RL-1", box(-3000, -3000, 3000, 3000), {}), ("RL-2", box(-100, -100, 1100, 1100), {})]
    data = document(run(SITE, project(), world(redline=layer("redline", zones))))
    shares = [f["share_of_site"] for f in data["findings"] if f["rule"] == "red-line-development"]
    assert shares == pytest.approx([1.0, 1.0], abs=1e-6)
    assert max(shares) <= 1
    assert "200" not in data["lines"][1]["zh"]


@pytest.mark.parametrize("accuracy", [0.0, 5.0, 40.0])
def test_m_a_tolerance_decides_but_never_changes_an_area(accuracy: float) -> None:
    """M: the area is that of the site shrunk or grown by the tolerance."""
    plain = only(run(SITE, project(), world(redline=REDLINE_OVER)), "red-line-development")
    drawn = site(box(0, 0, 1000, 1000), accuracy_m=accuracy)
    found = only(run(drawn, project(), world(redline=REDLINE_OVER)), "red-line-development")
    assert found.overlap_size == plain.overlap_size
    assert found.share_of_site == plain.share_of_site


# --- N ---------------------------------------------------------------------------------------------------------------
ZONE = layer("water_source", [("W", box(0, 0, 1000, 1000), {"class_": "grade1"})])
SHARED = world(redline=REDLINE_OVER, water_source=ZONE)
ASKED: Sequence[tuple[Site, Project]] = [
    (where, what)
    for where in (SITE, site(box(-3000, -3000, -2500, -2500)), site(at(shapely.Point(1500, 0))))
    for what in (*PROJECTS.values(), project("E4821", "new", protects_water_source=True))
]


def answered(n: int, held: Evidence = SHARED, place: Site | None = None) -> str:
    where, what = ASKED[n]
    return canonical_json(document(run(place or where, what, held)))


def together(acts: Sequence[Callable[[], str]]) -> list[str]:
    barrier, found = threading.Barrier(len(acts)), [""] * len(acts)

    def begin(n: int) -> None:
        barrier.wait(timeout=60)
        found[n] = acts[n]()

    threads = [threading.Thread(target=begin, args=(n,)) for n in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    return found


def test_n_checks_begun_together_on_shared_objects_never_mix() -> None:
    """N: two requests share an object that one of them changes."""
    alone = [answered(n) for n in range(len(ASKED))]
    # Geometries are each request's own, read for it from the database; preparing one in two threads is not safe in GEOS.
    own = [(copy.deepcopy(SHARED), copy.deepcopy(where)) for where, _ in ASKED]
    assert len({text.split('"verdict":')[1][:12] for text in alone}) >= 3
    usual = sys.getswitchinterval()
    try:
        sys.setswitchinterval(1e-6)
        assert together([lambda n=n: answered(n, *own[n]) for n in range(len(ASKED))]) == alone
    finally:
        sys.setswitchinterval(usual)


def emptied(value: Any) -> None:
    """Everything in an answer that can be changed is changed."""
    inner = list(value.values()) if isinstance(value, dict) else list(value) if isinstance(value, list) else []
    for one in inner:
        emptied(one)
    if isinstance(value, (dict, list)):
        value.clear()


def test_n_an_answer_shares_nothing_with_the_next_one() -> None:
    """N, one after the other: who changes an answer changes only their own."""
    before = answered(0)
    emptied(document(run(*ASKED[0], SHARED)))
    assert answered(0) == before


def test_n_what_checks_share_cannot_be_changed() -> None:
    """N, by construction: rules, evidence and questions are frozen."""
    result = run(*ASKED[0], SHARED)
    for shared in (RULES.rules[0], SHARED, SHARED.layers["redline"], result.question, ASKED[0][0], ASKED[0][1]):
        with pytest.raises((dataclasses.FrozenInstanceError, AttributeError, TypeError)):
            shared.id = "other"  # type: ignore[union-attr, misc]


def test_each_letter_has_its_test() -> None:
    """J, a partial import that goes live, can only be shown where there is a database."""
    names = [name for name in globals() if name.startswith("test_")]
    assert {name.split("_")[1] for name in names} >= set("abcdefghiklmn")
