"""The check on the bundled layers in PostGIS: proof of absence, closure, identity, and an independent oracle for its numbers."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import pyproj
import pytest
import shapely
import sqlalchemy as sa

from app.service import decide
from layers.database import make_engine
from layers.known import metas_of
from layers.release import open_release
from layers.settings import CHECKOUT
from layers.sitefile import read_site_file
from layers.store import gather
from zoning.answer import document
from zoning.canonical import canonical_json
from zoning.check import Check, check, reach_m, window_for
from zoning.errors import BadProject
from zoning.frame import LocalFrame
from zoning.identity import Question
from zoning.measure import INVERSE_FLATTENING, A
from zoning.project import Project
from zoning.relation import LayerView
from zoning.rulebook import rulebook
from zoning.site import RawPart, Site, read_site
from zoning.view import View

AS_OF = dt.date(2024, 6, 30)
KITCHEN_WASTE = CHECKOUT / "data" / "projects" / "12-kitchen-waste.geojson"
GEOD = pyproj.Geod(a=A, rf=INVERSE_FLATTENING)


def whole_features(name: str) -> list[tuple[str, shapely.Geometry]]:
    """Features as the file gives them: whole, before any database cut them into pieces."""
    data = json.loads((CHECKOUT / "data" / "boundaries" / f"{name}.geojson").read_text(encoding="utf-8"))
    return [(f["properties"]["code"], shapely.geometry.shape(f["geometry"])) for f in data["features"]]


def square(lon: float, lat: float, width: float = 0.011, height: float = 0.009) -> Site:
    return read_site([RawPart(shapely.box(lon, lat, lon + width, lat + height))], crs="EPSG:4490")


def on(engine: sa.Engine, site: Site, industry: str = "N7820") -> Check:
    return decide(engine, Question(site, Project.of(industry, "new"), AS_OF), open_release(engine))


def test_clear_becomes_unknown_when_a_layer_loses_its_coverage(bundled_db: sa.Engine) -> None:
    site, rules, view = read_site_file(KITCHEN_WASTE), rulebook(), open_release(bundled_db)
    attributes = {
        "land_take": "permanent",
        "fuel": "gas",
        "discharges_to_water": False,
        "new_groundwater_intake": False,
    }
    question = Question(site, Project.of("N7820", "new", attributes), AS_OF)
    window = window_for(site, reach_m(rules, metas_of(bundled_db, view), 0.0))
    west, south, east, north = (float(v) for v in shapely.bounds(site.geometry))
    verdicts = []
    with bundled_db.connect() as connection:
        for statement in (None, "delete from coverage where layer = 'redline'"):
            if statement:
                connection.execute(sa.text(statement))
            verdicts.append(
                check(question, gather(connection, view, window, piece_box=(west, south, east, north)), rules)
            )
        connection.rollback()
    assert [v.verdict for v in verdicts] == ["clear", "unknown"]
    assert verdicts[1].at_worst == "prohibited"


def test_the_same_question_gives_the_same_bytes_from_another_connection(bundled_db: sa.Engine) -> None:
    question = Question(read_site_file(KITCHEN_WASTE), Project.of("N7820", "new"), AS_OF)
    other = make_engine(bundled_db.url)
    try:
        texts = {
            canonical_json(document(decide(engine, question, open_release(engine))))
            for engine in (bundled_db, other, bundled_db)
        }
    finally:
        other.dispose()
    assert len(texts) == 1


RANDOM = np.random.default_rng(11)
PLACES = [
    (float(x), float(y)) for x, y in zip(RANDOM.uniform(110.9, 113.3, 40), RANDOM.uniform(35.3, 39.5, 40), strict=True)
]


@pytest.mark.parametrize("layer", ["redline", "control_unit", "county"])
def test_overlaps_agree_with_whole_features_and_geodesics(bundled_db: sa.Engine, layer: str) -> None:
    """Pieces, grid and ellipsoid against plain shapely on uncut features and pyproj's geodesic areas."""
    features = whole_features(layer)
    shapes = np.array([g for _, g in features], dtype=object)
    tree, met = shapely.STRtree(shapes), 0
    for lon, lat in PLACES:
        site = square(lon, lat)
        view = open_release(bundled_db)
        window = window_for(site, reach_m(rulebook(), metas_of(bundled_db, view), 0.0))
        west, south, east, north = (float(v) for v in shapely.bounds(site.geometry))
        held = gather(bundled_db, view, window, piece_box=(west, south, east, north)).layers[layer]
        seen = LayerView(held, View(site.geometry, 2, LocalFrame.at(lon, lat)))
        ours = {e.feature.code: e.overlap_size for e in seen.encounters if e.overlap is not None}
        for index in tree.query(site.geometry, predicate="intersects"):
            whole = shapely.intersection(shapes[index], site.geometry)
            dense = shapely.segmentize(whole, 0.0008)
            expected = abs(GEOD.geometry_area_perimeter(shapely.orient_polygons(dense))[0])
            assert ours.get(features[index][0], 0.0) == pytest.approx(expected, rel=1e-6, abs=0.05)
            met += 1
        edges = shapely.boundary(shapes[tree.query(shapely.buffer(site.geometry, 0.03))])
        if len(edges):
            frame = LocalFrame.at(lon, lat)
            site_m = frame.to_metres(site.geometry)[0]
            expected_m = float(shapely.distance(site_m, frame.to_metres(edges)).min())
            found = seen.distances.min() if len(seen.distances) else np.inf
            if expected_m < 5000:
                assert found == pytest.approx(expected_m, abs=0.02)
    assert met > 0


def test_units_make_up_every_site_to_one_part_in_a_million(bundled_db: sa.Engine) -> None:
    looked = 0
    for lon, lat in PLACES[:20]:
        try:
            data = document(on(bundled_db, square(lon, lat)))
        except BadProject:  # a place outside the province
            continue
        if data["not_known"] and data["not_known"][0]["kind"] == "outside":
            continue
        units = next(s for s in data["searched"] if s["layer"] == "control_unit")
        assert sum(u["overlap_m2"] for u in units["features"] if "overlap_m2" in u) == pytest.approx(
            data["site"]["area_m2"], rel=1e-6, abs=0.02
        )
        looked += 1
    assert looked > 10
