"""Where a position lies: told in plain words where it can be, never guessed, and never kept."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import numpy as np
import pyproj
import pytest
import shapely
import sqlalchemy as sa
from starlette.testclient import TestClient

from app import here
from app.http import create_app
from app.routes.here import EXAMPLE
from layers.database import make_engine
from layers.load import load_bundled
from layers.nearby import coarse
from zoning.datum import cgcs2000_to_gcj02

GEOD = pyproj.Geod(ellps="GRS80")
SOUTH_OF_IT = (112.5, 36.29)
"""Some 1.1 km south of the round red line RL-1 of the tiny world."""


@pytest.fixture(scope="module")
def client(database_url_of_worker: sa.URL) -> Iterator[TestClient]:
    with TestClient(create_app(lambda: make_engine(database_url_of_worker)), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def legal(empty_db, world):
    """The tiny world with a legal red line and legal units."""

    def load(**changes):
        world.entries["redline"] |= {"legal_status": "statutory", **changes}
        units = {"ZH14000110001": shapely.box(112, 36, 112.5, 37), "ZH14000220001": shapely.box(112.5, 36, 113, 37)}
        features = [
            {
                "type": "Feature",
                "properties": {
                    **world.features["redline"][0]["properties"],
                    "code": code,
                    "name": f"单元{code[-5]}",
                    "class": code[8],
                },
                "geometry": shapely.geometry.mapping(box),
            }
            for code, box in units.items()
        ]
        world.put("control_unit", features, full_cover=True, legal_status="statutory", order=6)
        load_bundled(empty_db, world.folder, world.catalogue)
        return empty_db

    return load


def told(engine, at, **changes):
    asked = {"accuracy_m": 5.0, "datum": "CGCS2000"} | changes
    return here.answer(engine, *at, **asked)


def words(answer, lang="zh"):
    return "\n".join(line[lang] for line in answer["lines"])


# ---- what cannot be told


def test_on_illustrative_layers_it_only_says_that_it_cannot_be_told_and_whom_to_ask(client):
    answer = client.post("/here", json={**EXAMPLE, "lon": 110.91, "lat": 35.505})
    assert answer.status_code == 200
    said = answer.json()
    assert [line["zh"] for line in said["lines"]] == [
        "示意数据，不能判断。",
        "请向稷山县自然资源主管部门（生态保护红线）和生态环境主管部门（管控单元）查询。",
    ]
    assert said["lines"][0]["en"] == "Illustrative data: this cannot be told."
    assert said["answer"] == "demonstration"
    assert said["red_line"] == {"state": "demonstration", "features": [], "nearest": None}
    assert said["unit"]["features"] == []


def test_near_a_county_line_both_counties_are_named(client, bundled_db):
    with bundled_db.connect() as connection:
        x, y = connection.execute(
            sa.text(
                "select ST_X(p), ST_Y(p) from (select ST_LineInterpolatePoint(ST_GeometryN(ST_Boundary(geom), 1), 0.3) as p "
                "from feature where layer = 'county' and code = '140824') as line"
            )
        ).one()
    said = client.post("/here", json={**EXAMPLE, "lon": x, "lat": y}).json()
    assert "140824" in {one["code"] for one in said["counties"]}
    assert "或" in said["lines"][1]["zh"]


@pytest.mark.parametrize("at", [(116.4, 39.9), (100.0, 36.0)])
def test_outside_the_data_it_says_so_and_never_that_nothing_is_there(client, at):
    said = client.post("/here", json={**EXAMPLE, "lon": at[0], "lat": at[1]}).json()
    assert said["answer"] == "no_coverage"
    assert "数据范围之外，不能判断" in words(said)
    assert "不在生态保护红线内" not in words(said)


def test_where_a_layer_has_no_coverage_it_cannot_be_told(legal):
    said = told(legal(), (113.5, 36.5))
    assert said["red_line"]["state"] == said["unit"]["state"] == "no_coverage"
    assert "不能判断" in words(said)
    assert "cannot be told" in words(said, "en")


@pytest.mark.parametrize(
    "changes", [{"visibility": "login"}, {"public_form": "hidden"}, {"public_form": "generalised"}]
)
def test_a_red_line_whose_exact_boundary_is_not_public_is_not_given_away(legal, changes):
    said = told(legal(**changes), SOUTH_OF_IT)
    assert said["red_line"] == {"state": "not_searched", "features": [], "nearest": None}
    assert "生态保护红线：该图层的精确边界不公开，不能判断；不等于没有红线或管控。" in words(said)
    assert said["unit"]["state"] in ("inside", "unclear")


def test_a_red_line_past_its_review_date_cannot_be_told(legal):
    said = told(legal(review_by="2020-01-01"), SOUTH_OF_IT)
    assert said["red_line"]["state"] == "not_searched"
    assert "图层已过复核期限，不能判断" in words(said)


# ---- what can


def test_inside_names_the_red_line_and_its_nearest_edge(legal):
    said = told(legal(), (112.5, 36.31))
    assert said["answer"] == "inside"
    assert [one["code"] for one in said["red_line"]["features"]] == ["RL-1"]
    nearest = said["red_line"]["nearest"]
    assert nearest["direction"] == {"zh": "南", "en": "south"}
    assert nearest["distance_m"] == pytest.approx(GEOD.inv(112.5, 36.31, 112.5, 36.3)[2], abs=2)
    assert "在生态保护红线内：名RL-1。离最近的边线约" in words(said)


def test_outside_says_how_far_and_which_way(legal):
    said = told(legal(), SOUTH_OF_IT)
    nearest = said["red_line"]["nearest"]
    assert said["answer"] == "outside"
    assert (nearest["code"], nearest["direction"]["zh"], nearest["complete"]) == ("RL-1", "北", True)
    assert nearest["distance_m"] == pytest.approx(GEOD.inv(*SOUTH_OF_IT, 112.5, 36.3)[2], abs=2)
    assert "不在生态保护红线内。最近的红线是名RL-1，约 1,1" in words(said)
    assert "Not inside the ecological red line. The nearest is" in words(said, "en")
    assert "to the north." in words(said, "en")


@pytest.mark.parametrize("at", [(112.9, 36.95), (112.02, 36.5), (112.75, 36.1), (112.3, 36.7)])
def test_the_nearest_line_is_the_nearest_of_all_however_far(legal, world, at):
    said = told(legal(), at)["red_line"]["nearest"]
    shapes = {f["properties"]["code"]: shapely.geometry.shape(f["geometry"]) for f in world.features["redline"]}
    best = {}
    for code, shape in shapes.items():
        points = shapely.get_coordinates(shapely.segmentize(shape.exterior, 0.0005))
        bearing, _, metres = GEOD.inv(
            np.full(len(points), at[0]), np.full(len(points), at[1]), points[:, 0], points[:, 1]
        )
        best[code] = (metres.min(), bearing[metres.argmin()] % 360)
    code = min(best, key=lambda one: best[one][0])
    assert said["code"] == code
    assert said["distance_m"] == pytest.approx(best[code][0], rel=2e-3, abs=5)
    assert abs((said["bearing_deg"] - best[code][1] + 180) % 360 - 180) < 2


def test_ground_without_data_within_the_distance_is_said(legal):
    said = told(legal(), (112.97, 36.03))
    assert said["red_line"]["nearest"]["complete"] is False
    assert "可能还有更近的" in words(said)


def test_within_the_errors_in_or_out_cannot_be_told(legal):
    engine = legal()
    assert told(engine, SOUTH_OF_IT, accuracy_m=2_000.0)["answer"] == "unclear"
    said = told(engine, (112.5, 36.30002), accuracy_m=10.0)
    assert said["answer"] == "unclear"
    assert "不能判断在内还是在外" in words(said)


def test_the_unit_is_named_and_near_its_edge_its_neighbour_too(legal):
    engine = legal()
    assert [one["code"] for one in told(engine, (112.3, 36.1))["unit"]["features"]] == ["ZH14000110001"]
    near = told(engine, (112.50001, 36.05))["unit"]
    assert (near["state"], len(near["features"])) == ("unclear", 2)


def test_a_position_without_accuracy_says_that_it_holds_for_the_point_only(legal):
    assert "未给出定位精度" in words(told(legal(), SOUTH_OF_IT, accuracy_m=None))


def test_gcj02_is_converted_and_said_so(legal):
    engine = legal()
    lon, lat = cgcs2000_to_gcj02([SOUTH_OF_IT[0]], [SOUTH_OF_IT[1]])
    shifted = told(engine, (float(lon[0]), float(lat[0])), datum="GCJ-02")
    assert shifted["red_line"]["nearest"] == told(engine, SOUTH_OF_IT)["red_line"]["nearest"]
    assert "已换算为 CGCS2000" in words(shifted)
    taken_as_it_is = told(engine, (float(lon[0]), float(lat[0])))["red_line"]["nearest"]
    assert taken_as_it_is != shifted["red_line"]["nearest"]


# ---- what is refused


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"lon": 111.0, "lat": 36.0}, "datum"),
        ({"lon": 111.0, "lat": 36.0, "datum": "BD-09"}, "datum"),
        ({"lon": 777.123, "lat": 36.0, "datum": "WGS84"}, "lon"),
        ({"lon": 111.0, "datum": "WGS84"}, "lat"),
        ({"lon": 111.0, "lat": 36.0, "datum": "WGS84", "accuracy_m": -1}, "accuracy_m"),
        ({"lon": 111.0, "lat": 36.0, "datum": "WGS84", "who": "me"}, "who"),
        ({"lon": "east", "lat": 36.0, "datum": "WGS84"}, "lon"),
        ([], "(body)"),
    ],
)
def test_a_body_that_is_no_position_is_refused_without_repeating_it(client, body, field):
    answer = client.post("/here", json=body)
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:shanhe:problem:body-invalid"
    assert answer.json()["where"]["fields"] == [field]
    assert "777" not in answer.text


def test_a_position_in_the_address_is_refused(client):
    answer = client.post("/here?lon=111&lat=36&datum=WGS84", json={**EXAMPLE})
    assert answer.status_code == 400
    assert client.get("/here").status_code == 405


# ---- what is kept


def rows(engine):
    """How many rows each table holds, and the text of those that requests write."""
    with engine.connect() as connection:
        tables = connection.execute(
            sa.text(
                "select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'"
            )
        ).scalars()
        return {
            name: connection.execute(sa.text(f'select count(*) from "{name}"')).scalar_one() for name in sorted(tables)
        }


def test_neither_database_nor_logs_hold_the_position(client, bundled_db, caplog):
    before = rows(bundled_db)
    caplog.set_level(logging.DEBUG)
    sent = {"lon": 111.4713579, "lat": 35.5424681, "accuracy_m": 17.75, "datum": "WGS84"}
    seen = []

    def watch(_connection, _cursor, statement, parameters, _context, _many):
        seen.append(f"{statement} {parameters!r}")

    sa.event.listen(sa.Engine, "before_cursor_execute", watch)
    try:
        answer = client.post("/here", json=sent)
        broken = client.post("/here", json={**sent, "lat": 8887.7766})
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", watch)
    assert (answer.status_code, broken.status_code) == (200, 422)
    assert seen
    held = "\n".join([caplog.text, *seen, json.dumps(answer.json()), broken.text, str(dict(answer.headers))])
    for secret in ("111.47", "35.54", "8887", "17.75"):
        assert secret not in held
    assert rows(bundled_db) == before
    with bundled_db.connect() as connection:
        texts = connection.execute(sa.text("select query from pg_stat_activity where query is not null")).scalars()
        assert not any("111.47" in text or "35.54" in text for text in texts)


def test_a_failing_service_does_not_log_the_position(database_url_of_worker, caplog):
    caplog.set_level(logging.DEBUG)
    gone = database_url_of_worker.set(port=1)
    with TestClient(create_app(lambda: make_engine(gone)), raise_server_exceptions=False) as client:
        answer = client.post("/here", json={**EXAMPLE, "lon": 111.4713579})
    assert answer.status_code == 503
    assert "111.47" not in caplog.text + answer.text


def test_only_whole_cells_are_asked_of_the_database():
    at = [coarse(112.0 + step / 977, 36.0 + step / 1301, 3_000.0) for step in range(20)]
    assert len(set(at)) < 5
    for box in at:
        assert all(abs(value * 20 - round(value * 20)) < 1e-9 for value in box)
    west, south, east, north = coarse(112.03, 36.03, 3_000.0)
    for bearing in range(0, 360, 15):
        lon, lat, _ = GEOD.fwd(112.03, 36.03, bearing, 3_000.0)
        assert west <= lon <= east
        assert south <= lat <= north
