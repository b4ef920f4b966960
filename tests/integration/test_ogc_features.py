"""OGC API Common, Features, CRS and filters: every declared conformance class has a test here that proves it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import jsonschema
import numpy as np
import pyproj
import pytest
import shapely
import sqlalchemy as sa
from starlette.testclient import TestClient

from app.conformance import PROVEN
from app.http import create_app
from layers.database import make_engine
from layers.settings import CHECKOUT

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"


@pytest.fixture(scope="module")
def client(database_url_of_worker: sa.URL) -> Iterator[TestClient]:
    with TestClient(create_app(lambda: make_engine(database_url_of_worker)), raise_server_exceptions=False) as client:
        yield client


def problem(answer) -> str:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    data = answer.json()
    assert data["detail_zh"]
    assert data["detail_en"]
    return data["type"].removeprefix("urn:shanhe:problem:")


def link(document, rel, media_type=None):
    return next(
        one["href"] for one in document["links"] if one["rel"] == rel and media_type in (None, one.get("type"))
    ).removeprefix("http://testserver")


def pages(client, path, **params):
    """All pages from here on."""
    answer = client.get(path, params=params)
    while True:
        assert answer.status_code == 200, answer.text
        page = answer.json()
        yield page
        following = [one["href"] for one in page["links"] if one["rel"] == "next"]
        if not following:
            return
        answer = client.get(following[0].removeprefix("http://testserver"))


def codes(client, layer, **params):
    return [f["id"] for page in pages(client, f"/collections/{layer}/items", **params) for f in page["features"]]


def in_database(engine, layer, where="true", **values):
    text = f"select code from feature where layer = :layer and releases @> 1 and ({where}) order by code"
    with engine.connect() as connection:
        return list(connection.execute(sa.text(text), {"layer": layer, **values}).scalars())


# --- common ---------------------------------------------------------------------------------------------------------------


def test_every_declared_class_has_its_test(client):
    own = "\n".join(path.read_text() for path in Path(__file__).parent.glob("test_ogc_*.py"))
    assert {test for test in PROVEN.values() if f"def {test}(" not in own} == set()
    assert client.get("/conformance").json()["conformsTo"] == [f"http://www.opengis.net/spec/{name}" for name in PROVEN]


def test_the_landing_page_leads_to_everything(client):
    document = client.get("/").json()
    assert document["title"]
    assert document["description"]
    assert client.get(link(document, "conformance")).json()["conformsTo"]
    assert client.get(link(document, "data")).json()["collections"]
    definition = client.get(link(document, "service-desc"))
    assert definition.headers["content-type"].startswith("application/vnd.oai.openapi+json")
    assert "/collections/{layer}/items" in definition.json()["paths"]
    assert client.get(link(document, "service-doc")).status_code == 200
    for one in document["links"]:
        assert client.get(one["href"]).status_code in (200, 503), one


def test_a_browser_gets_a_page_at_the_root_and_a_client_the_landing_page(client):
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    assert client.get("/", headers=browser).headers["content-type"].startswith("text/html")
    assert client.get("/?f=json", headers=browser).headers["content-type"] == "application/json"
    assert client.get("/", headers={"Accept": "*/*"}).headers["content-type"] == "application/json"


def test_collections_are_the_layers_everybody_may_see(client, bundled_db):
    document = client.get("/collections").json()
    with bundled_db.connect() as connection:
        held = connection.execute(sa.text("select layer, feature_count from layer_version where releases @> 1")).all()
    assert {one["id"]: one["features"] for one in document["collections"]} == {r.layer: r.feature_count for r in held}
    for one in document["collections"]:
        alone = client.get(link(one, "self")).json()
        assert alone["extent"] == one["extent"]
        west, south, east, north = one["extent"]["spatial"]["bbox"][0]
        assert 110 < west <= east < 115.5
        assert 34 < south <= north < 41
        assert one["crs"][0] == CRS84
        assert f"{EPSG}4490" in one["crs"]
        assert one["storageCrs"] == f"{EPSG}4490"
        assert client.get(link(one, "items", "application/geo+json")).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/", "/conformance", "/collections", "/collections/redline", "/collections/redline/queryables",
     "/collections/river/items", "/collections/county/items/140826", "/collections/plan_place/items?limit=3"],
)  # fmt: skip
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_resource_is_there_for_people_too(client, path, lang):
    answer = client.get(path, params={"lang": lang, "f": "html"} | dict(re.findall(r"(\w+)=(\w+)", path)))
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert f'<html lang="{"zh-CN" if lang == "zh" else "en"}">' in answer.text
    nonce = re.search(r'<style nonce="([\w-]+)"', answer.text)[1]
    assert f"'nonce-{nonce}'" in answer.headers["content-security-policy"]
    for foreign in ("<script", "http://testserver", "https://", " style=", "<img"):
        assert foreign not in answer.text
    by_header = client.get(path, headers={"Accept": "text/html", "Accept-Language": lang})
    assert by_header.headers["content-type"].startswith("text/html")
    for href in set(re.findall(r'href="(/[^"]*)"', answer.text)):
        followed = client.get(href.replace("&amp;", "&"))
        assert followed.status_code in (200, 503), href


def test_the_other_language_keeps_the_question(client):
    page = client.get("/collections/redline/items?limit=5&release=1&f=html&lang=en").text
    switch = re.search(r'class="switch"[^>]*href="([^"]*)"', page)[1].replace("&amp;", "&")
    other = client.get(switch).text
    assert 'lang="zh-CN"' in other
    assert other.count("<tr>") == page.count("<tr>") == 6


# --- pages ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("layer", "limit"), [("county", 50), ("plan_place", 400), ("river", 10_000), ("redline", 13)])
def test_pages_lead_through_all_features_once(client, bundled_db, layer, limit):
    found = list(pages(client, f"/collections/{layer}/items", limit=limit))
    whole = [feature["id"] for page in found for feature in page["features"]]
    assert whole == in_database(bundled_db, layer)
    assert all(page["numberReturned"] == len(page["features"]) <= limit for page in found)
    assert {page["numberMatched"] for page in found} == {len(whole)}
    assert all(page["type"] == "FeatureCollection" for page in found)
    for feature in found[0]["features"][:3]:
        alone = client.get(f"/collections/{layer}/items/{feature['id']}")
        assert alone.headers["content-type"] == "application/geo+json"
        data = alone.json()
        assert {key: data[key] for key in feature} == feature
        assert link(data, "collection") == f"/collections/{layer}"
        assert client.get(link(data, "self")).json() == data


def test_geometry_is_the_stored_one_to_a_billionth_of_a_degree(client, bundled_db):
    data = client.get("/collections/county/items/140826").json()
    with bundled_db.connect() as connection:
        text = "select ST_AsBinary(geom), area_m2 from feature where layer = 'county' and code = '140826'"
        wkb, area = connection.execute(sa.text(text)).one()
    given, stored = shapely.geometry.shape(data["geometry"]), shapely.from_wkb(bytes(wkb))
    assert np.abs(shapely.get_coordinates(given) - shapely.get_coordinates(stored)).max() <= 6e-10
    assert data["properties"]["area_m2"] == pytest.approx(area, abs=1e-3)
    assert isinstance(data["properties"]["accuracy_m"], float), (
        "readers that guess types must not take it for a whole number"
    )


def test_a_feature_without_a_place_has_no_geometry(client, bundled_db):
    nowhere = in_database(bundled_db, "plan_place", "ST_IsEmpty(geom)")
    assert nowhere
    assert client.get(f"/collections/plan_place/items/{nowhere[0]}").json()["geometry"] is None
    given = [f for page in pages(client, "/collections/plan_place/items", limit=1000) for f in page["features"]]
    assert [f["id"] for f in given if f["geometry"] is None] == nowhere


def test_a_page_of_large_features_ends_sooner_and_leads_on(client, bundled_db, monkeypatch):
    monkeypatch.setattr("layers.items.BUDGET", 100_000)
    found = list(pages(client, "/collections/county/items", limit=1000))
    assert len(found) > 5
    assert [f["id"] for page in found for f in page["features"]] == in_database(bundled_db, "county")
    monkeypatch.setattr("layers.items.BUDGET", 1)
    assert next(pages(client, "/collections/county/items", limit=3))["numberReturned"] == 1


def test_a_limit_over_the_maximum_counts_as_the_maximum(client, monkeypatch):
    monkeypatch.setattr("app.items.MOST", 7)
    page = client.get("/collections/county/items?limit=1000000").json()
    assert page["numberReturned"] == 7
    assert link(page, "next")


def test_only_the_count_is_given_where_only_that_is_asked(client, bundled_db):
    page = client.get("/collections/county/items", params={"resultType": "hits", "yellow_river": "true"}).json()
    assert (page["numberReturned"], page["features"]) == (0, [])
    assert page["numberMatched"] == len(in_database(bundled_db, "county", "(properties ->> 'yellow_river')::boolean"))
    filtered = client.get("/collections/county/items", params={"limit": 5, "yellow_river": "true"}).json()
    assert "numberMatched" not in filtered, "nothing is counted that nobody asked for"


def test_a_page_mark_belongs_to_its_release_and_question(client):
    page = client.get("/collections/county/items?limit=5").json()
    mark = re.search(r"after=([\w-]+)", link(page, "next"))[1]
    assert "release=1" in link(page, "next")
    for other in ("/collections/county/items?yellow_river=true", "/collections/city/items?limit=5"):
        answer = client.get(other, params={"after": mark} | dict(re.findall(r"(\w+)=(\w+)", other)))
        assert (answer.status_code, problem(answer)) == (400, "parameter-invalid")
    for broken in ("x", "", "W10", "e30", "\u0000", "WzEsMiwzXQ", mark[:-3]):
        answer = client.get("/collections/county/items", params={"limit": 5, "after": broken})
        assert (answer.status_code, problem(answer)) == (400, "parameter-invalid"), broken


def test_a_release_is_kept_by_links_and_one_that_never_was_is_not_found(client):
    document = client.get("/collections?release=1").json()
    for one in document["collections"]:
        assert all("release=1" in found["href"] for found in one["links"])
    for path in ("/collections", "/collections/redline", "/collections/redline/items", "/collections/redline/items/x"):
        for number in (0, -1, 2, 10**30):
            answer = client.get(f"{path}?release={number}")
            assert (answer.status_code, problem(answer)) == (404, "release-unknown")


def test_pages_stay_on_their_release_while_another_is_published(empty_db, world):
    from layers.load import load_bundled  # noqa: PLC0415
    from tests.integration.conftest import feature  # noqa: PLC0415

    def put(names):
        boxes = [shapely.box(112.1 + n / 50, 36.2, 112.11 + n / 50, 36.3) for n in range(len(names))]
        world.put("redline", [feature(name, box) for name, box in zip(names, boxes, strict=True)], order=3)
        load_bundled(empty_db, world.folder, world.catalogue)

    put("ABCDEF")
    with TestClient(create_app(lambda: make_engine(empty_db.url))) as client:
        walk = pages(client, "/collections/redline/items", limit=2)
        first = next(walk)
        put("ACX")
        rest = list(walk)
        assert "".join(f["id"] for page in [first, *rest] for f in page["features"]) == "ABCDEF"
        assert {page["release"] for page in rest} == {1}
        assert "".join(codes(client, "redline")) == "ACX"
        assert "".join(codes(client, "redline", release=1, limit=4)) == "ABCDEF"
        mark = re.search(r"after=([\w-]+)", link(first, "next"))[1]
        answer = client.get("/collections/redline/items", params={"after": mark, "release": 2})
        assert (answer.status_code, problem(answer)) == (400, "parameter-invalid")
        assert client.get("/collections/redline/items/B").status_code == 404
        assert client.get("/collections/redline/items/B?release=1").json()["release"] == 1


# --- bad input ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=-1", "limit=x", "limit=1.5", "limit=", "limit=99999999999999999999", "limit=٣", "bbox=1,2,3",
     "bbox=1,2,3,x", "bbox=nan,1,2,3", "bbox=inf,1,2,3", "bbox=111,36,112,35", "bbox=111,35,112,95", "bbox=", "bbox=1,2,3,4,5",
     "bbox-crs=EPSG:4490", "crs=x", "crs=http://www.opengis.net/def/crs/EPSG/0/3857", "datetime=June", "datetime=",
     "datetime=2024-06-30T00:00:00", "datetime=../..", "datetime=/", "datetime=2024-13-01", "datetime=2024-01-01/2023-01-01",
     "datetime=2024-01-01/2025-01-01/2026-01-01", "datetime=99999-01-01", "filter-lang=sql", "filter-crs=x", "resultType=all",
     "f=xml", "release=x", "area_m2=big", "yellow_river=maybe", "valid_from=x", "name=%00", "area_m2=nan",
     "limit=1&limit=2", "crs=a&crs=b", "name=a&name=b"],
)  # fmt: skip
def test_a_parameter_with_a_wrong_value_is_refused(client, query):
    answer = client.get(f"/collections/county/items?{query}")
    assert (answer.status_code, problem(answer)) == (400, "parameter-invalid")


def test_a_language_that_is_not_kept_is_refused(client):
    answer = client.get("/collections?lang=fr")
    assert (answer.status_code, problem(answer)) == (400, "language-unknown")


@pytest.mark.parametrize(
    "path",
    ["/collections?x=1", "/collections/county?x=1", "/collections/county/queryables?limit=1", "/conformance?x=1", "/?x=1", "/api?x=1",
     "/collections/none/items?x=1",
     "/collections/county/items?geometry=1", "/collections/county/items?unknown=1", "/collections/county/items/140826?limit=1"],
)  # fmt: skip
def test_an_unknown_parameter_is_refused(client, path):
    answer = client.get(path)
    assert (answer.status_code, problem(answer)) == (400, "parameter-unknown")


@pytest.mark.parametrize("layer", ["no-such", "feature", "pg_class", "%00", "a" * 100, "红线", "redline'--"])
def test_an_unknown_layer_is_not_found(client, layer):
    for rest in ("", "/queryables", "/items", "/items/1", "/tiles"):
        answer = client.get(f"/collections/{layer}{rest}")
        assert answer.status_code == 404, layer
        assert problem(answer) in ("collection-unknown", "page-unknown")


@pytest.mark.parametrize("code", ["no-such", "%00", "%0A", "'--", "<script>", "9" * 200])
def test_an_unknown_feature_is_not_found(client, code):
    answer = client.get(f"/collections/county/items/{code}")
    assert (answer.status_code, problem(answer)) == (404, "feature-unknown")


def test_a_malformed_host_is_no_failure(client):
    for host in ("[", "[::1", "a b", 'x"y'):
        assert client.get("/collections", headers={"Host": host}).status_code in (200, 400)


# --- places and days ------------------------------------------------------------------------------------------------------


def test_a_box_chooses_what_meets_it(client, bundled_db):
    box = (111.2, 35.3, 112.1, 36.2)
    where = "ST_Intersects(geom, ST_MakeEnvelope(:w, :s, :e, :n, 4490))"
    expected = in_database(bundled_db, "county", where, w=box[0], s=box[1], e=box[2], n=box[3])
    assert 5 < len(expected) < 60
    lonlat, latlon = ",".join(map(str, box)), f"{box[1]},{box[0]},{box[3]},{box[2]}"
    assert codes(client, "county", bbox=lonlat) == expected
    assert codes(client, "county", bbox=f"{box[0]},{box[1]},0,{box[2]},{box[3]},9") == expected
    for code in (4490, 4326):
        assert codes(client, "county", bbox=latlon, **{"bbox-crs": f"{EPSG}{code}"}) == expected
    turned = pyproj.Transformer.from_crs(4490, 4546, always_xy=True)
    xs, ys = turned.transform([box[0], box[0], box[2], box[2]], [box[1], box[3], box[1], box[3]])
    projected = f"{min(ys)},{min(xs)},{max(ys)},{max(xs)}"
    assert set(expected) <= set(codes(client, "county", bbox=projected, **{"bbox-crs": f"{EPSG}4546"}))
    assert codes(client, "county", bbox="0,0,1,1") == []
    assert codes(client, "county", bbox="170,30,-170,40") == []
    assert (
        len(codes(client, "county", bbox="112,-90,110,90"))
        < len(codes(client, "county", bbox="-180,-90,180,90"))
        == 117
    )


@pytest.mark.parametrize("code", [4490, 4326, 4526, 4547])
def test_positions_come_in_the_crs_and_axis_order_asked_for(client, code):
    plain = client.get("/collections/county/items/140826")
    assert plain.headers["content-crs"] == f"<{CRS84}>"
    for path in ("/collections/county/items?code=140826", "/collections/county/items/140826"):
        answer = client.get(path, params={"crs": f"{EPSG}{code}"} | dict(re.findall(r"(code)=(\d+)", path)))
        assert answer.headers["content-crs"] == f"<{EPSG}{code}>"
        data = answer.json()
        feature = data["features"][0] if "features" in data else data
        given = shapely.get_coordinates(shapely.geometry.shape(feature["geometry"]))
        lonlat = shapely.get_coordinates(shapely.geometry.shape(plain.json()["geometry"]))
        # By the authority's own axis order: latitude, longitude; northing, easting.
        expected = np.column_stack(
            pyproj.Transformer.from_crs("EPSG:4490", f"EPSG:{code}").transform(lonlat[:, 1], lonlat[:, 0])
        )
        assert pyproj.CRS(code).axis_info[0].direction == "north"
        assert np.abs(given - expected).max() < (1e-9 if code in (4490, 4326) else 2e-4)


def test_a_day_chooses_what_is_in_force(empty_db, world):
    from layers.load import load_bundled  # noqa: PLC0415
    from tests.integration.conftest import feature  # noqa: PLC0415

    box = shapely.box(112.2, 36.2, 112.3, 36.3)
    spans = {"A": (None, None), "B": ("2020-01-01", "2021-12-31"), "C": ("2022-01-01", None), "D": (None, "2019-12-31")}
    world.put("redline", [feature(c, box, valid_from=a, valid_to=b) for c, (a, b) in spans.items()], order=3)
    load_bundled(empty_db, world.folder, world.catalogue)
    with TestClient(create_app(lambda: make_engine(empty_db.url))) as client:
        cases = {
            "2019-12-31": "AD", "2020-01-01": "AB", "2021-12-31": "AB", "2022-01-01": "AC", "2021-06-01/..": "ABC",
            "../2020-01-01": "ABD", "2020-06-01/2022-06-01": "ABC", "/2019-01-01": "AD",
            "2021-12-31T15:59:59Z": "AB", "2021-12-31T16:00:00Z": "AC", "2021-12-31T23:59:59+08:00": "AB",
        }  # fmt: skip
        for said, expected in cases.items():
            assert "".join(codes(client, "redline", datetime=said)) == expected, said
        assert client.get("/collections/redline").json()["extent"]["temporal"]["interval"] == [[None, None]]


# --- filters --------------------------------------------------------------------------------------------------------------


def test_queryables_name_what_a_filter_may_use(client):
    answer = client.get("/collections/county/queryables")
    assert answer.headers["content-type"] == "application/schema+json"
    schema = answer.json()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["properties"]["yellow_river"]["type"] == "boolean"
    assert schema["properties"]["geometry"]["format"] == "geometry-multipolygon"
    page = client.get("/collections/county/items?limit=1").json()
    properties = {k: v for k, v in page["features"][0]["properties"].items() if v is not None}
    del properties["class_zh"], properties["class_en"]
    jsonschema.validate(properties, schema)


def test_a_queryable_is_a_parameter_of_its_own(client, bundled_db):
    assert codes(client, "county", name="绛县") == ["140826"]
    assert codes(client, "county", code="140826", yellow_river="true") == ["140826"]
    assert codes(client, "control_unit", unit_class="priority") == in_database(
        bundled_db, "control_unit", "properties ->> 'unit_class' = 'priority'"
    )
    assert codes(client, "county", name="'; drop table feature; --") == []
    assert codes(client, "county", area_m2="0") == []


HOLDS = "ST_Intersects(geom, ST_SetSRID(ST_MakePoint(111.57, 35.49), 4490))"
FILTERS = {
    "code = '140826'": "code = '140826'",
    "'140826' = code": "code = '140826'",
    "code <> '140826'": "code <> '140826'",
    "area_m2 > 2e9": "area_m2 > 2e9",
    "area_m2 >= 1e9 AND area_m2 <= 2e9": "area_m2 between 1e9 and 2e9",
    "area_m2 < 1e9 OR name = '绛县'": "area_m2 < 1e9 or name = '绛县'",
    "NOT (yellow_river = TRUE)": "not (properties ->> 'yellow_river')::boolean",
    "yellow_river": "(properties ->> 'yellow_river')::boolean",
    "valid_from IS NULL": "valid_from is null",
    "valid_from IS NOT NULL": "valid_from is not null",
    "valid_from >= DATE('2020-01-01')": "valid_from >= date '2020-01-01'",
    "name LIKE '%县'": "name like '%县'",
    "name NOT LIKE '%县'": "name not like '%县'",
    "name_en LIKE 'J_ang%'": "name_en like 'J_ang%'",
    "code IN ('140826', '140824', 'x')": "code in ('140826', '140824')",
    "code NOT IN ('140826')": "code <> '140826'",
    "area_m2 BETWEEN 1e9 AND 2e9": "area_m2 between 1e9 and 2e9",
    "CASEI(name_en) = CASEI('JIANG COUNTY')": "name_en = 'Jiang County'",
    "CASEI(name_en) LIKE CASEI('JIANG%')": "name_en like 'Jiang%'",
    "CASEI(name_en) IN (CASEI('JIANG COUNTY'))": "name_en = 'Jiang County'",
    "S_INTERSECTS(geometry, POINT(111.57 35.49))": HOLDS,
    "S_INTERSECTS(geometry, BBOX(111.2, 35.3, 112.1, 36.2))": "ST_Intersects(geom, ST_MakeEnvelope(111.2, 35.3, 112.1, 36.2, 4490))",
    "S_DISJOINT(geometry, POINT(111.57 35.49))": f"not {HOLDS}",
    "S_CONTAINS(geometry, POINT(111.57 35.49))": HOLDS,
    "S_WITHIN(POINT(111.57 35.49), geometry)": HOLDS,
    "S_WITHIN(geometry, BBOX(111, 35, 112, 36))": "ST_Within(geom, ST_MakeEnvelope(111, 35, 112, 36, 4490))",
    "T_INTERSECTS(INTERVAL(valid_from, valid_to), INTERVAL('2020-01-01', '..'))": "true",
    "name = 'it''s'": "false",
}  # fmt: skip


@pytest.mark.parametrize("text", FILTERS)
def test_filters_choose_what_they_say(client, bundled_db, text):
    expected = in_database(bundled_db, "county", FILTERS[text])
    assert codes(client, "county", filter=text) == expected
    assert codes(client, "county", filter=text, limit=7) == expected, "a filter holds from page to page"
    hits = client.get("/collections/county/items", params={"filter": text, "resultType": "hits"}).json()
    assert hits["numberMatched"] == len(expected)


def test_filters_in_json_choose_what_those_in_text_do(client):
    import cql2  # noqa: PLC0415

    for text in FILTERS:
        said = json.dumps(cql2.parse_text(text).to_json())
        assert codes(client, "county", filter=said, **{"filter-lang": "cql2-json"}) == codes(
            client, "county", filter=text
        )


def test_the_geometry_of_a_filter_may_be_in_another_crs(client):
    plain = codes(client, "county", filter="S_INTERSECTS(geometry, POINT(111.57 35.49))")
    turned = {"filter": "S_INTERSECTS(geometry, POINT(35.49 111.57))", "filter-crs": f"{EPSG}4490"}
    assert codes(client, "county", **turned) == plain == ["140826"]
    north, east = pyproj.Transformer.from_crs("EPSG:4490", "EPSG:4546").transform(35.49, 111.57)
    there = {"filter": f"S_INTERSECTS(geometry, POINT({north} {east}))", "filter-crs": f"{EPSG}4546"}
    assert codes(client, "county", **there) == plain


BROKEN = [
    "name =", "name", "foo = 1", "name = 1", "area_m2 = 'x'", "name == 'x'", "((((", "))))", "'", "name = 'x' AND",
    "geometry = 'x'", "S_INTERSECTS(geometry, geometry)", "S_INTERSECTS(name, POINT(1 1))", "S_INTERSECTS(POINT(1 1), POINT(1 1))",
    "S_INTERSECTS(geometry, POLYGON((0 0, 1 1, 1 0, 0 1, 0 0)))", "S_INTERSECTS(geometry, POINT(1 999))", "S_BUFFER(geometry, 1)",
    "name LIKE 'x\\'", "name LIKE '%%%%%%%%%%%%'", "name LIKE area_m2", "area_m2 IN ('x')", "name BETWEEN 'a' AND 'b'",
    "valid_from > 'June'", "valid_from > DATE('2020-99-01')", "area_m2 + 1 > 2", "pg_sleep(10)", "name = pg_sleep(10)",
    "S_INTERSECTS(geometry, GEOMETRYCOLLECTION(POINT(1 1)))", "(" * 5000 + "yellow_river" + ")" * 5000, "NOT " * 700 + "yellow_river",
    "(" * 40, "f(" * 9 + "a b" + ")" * 9, " OR ".join(["yellow_river"] * 600), "x" * 20_000, "yellow_river\0", "\ud83d", "",
    "T_INTERSECTS(valid_from, valid_from, valid_from)", "T_INTERSECTS(INTERVAL('x', '..'), valid_from)", "1",
]  # fmt: skip


@pytest.mark.parametrize("text", BROKEN, ids=lambda text: text[:24].encode("ascii", "replace").decode())
def test_a_broken_filter_is_refused_with_its_place(client, text):
    answer = client.get("/collections/county/items", params={"filter": text.encode("utf-8", "surrogatepass")})
    assert (answer.status_code, problem(answer)) == (400, "filter-invalid")
    assert answer.json()["where"]["field"] == "filter"


def nested(depth):
    return '{"op":"not","args":[' * depth + '{"property":"yellow_river"}' + "]}" * depth


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '"x"', "{}", '{"op":"="}', '{"op":"=","args":1}', '{"op":1,"args":[]}', '{"op":"and","args":[]}',
     '{"op":"=","args":[{"property":"name"},NaN]}', '{"op":"=","args":[{"property":"name"},"\\ud800"]}',
     '{"op":"=","args":[{"property":"name"},"\\u0000"]}', '{"op":"=","args":[{"property":["name"]},"x"]}',
     '{"op":"=","args":[{"date":"2020"},{"property":"valid_from"}]}', '{"op":"in","args":[{"property":"name"},[]]}',
     '{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Point","coordinates":["a",1]}]}',
     '{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Point","coordinates":[]}]}',
     '{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Polygon","coordinates":[[[1,1]]]}]}',
     '{"op":"s_intersects","args":[{"property":"geometry"},{"bbox":[1,2,"x",4]}]}',
     '{"op":"s_intersects","args":[{"property":"geometry"},[1]]}', '{"op":"s_intersects","args":[{"property":"geometry"},1]}',
     '{"op":"like","args":[{"property":"name"},{"op":"casei","args":[1]}]}', '{"op":"isNull","args":[1e999]}',
     '{"op":"=","args":[{"property":"area_m2"},1e999]}', nested(700), nested(30)],
    ids=lambda text: text[:40],
)  # fmt: skip
def test_a_broken_filter_in_json_is_refused_with_its_place(client, text):
    answer = client.get("/collections/county/items", params={"filter": text, "filter-lang": "cql2-json"})
    assert (answer.status_code, problem(answer)) == (400, "filter-invalid"), answer.text[:300]


def test_the_place_in_a_broken_filter_is_named(client):
    where = client.get("/collections/county/items", params={"filter": "name = 'x' ADN code = 'y'"}).json()["where"]
    assert (where["line"], where["column"]) == (1, 12)
    where = client.get("/collections/county/items", params={"filter": "name = 'x' AND kode = 'y'"}).json()["where"]
    assert where["path"] == "/args/1/args/0"


# --- attributes are text --------------------------------------------------------------------------------------------------


def test_hostile_attributes_stay_text(empty_db, world):
    from layers.load import load_bundled  # noqa: PLC0415
    from tests.integration.conftest import feature  # noqa: PLC0415

    hostile = "<script>alert(1)</script>\"'&\\ \u2028 {{x}} %s :q"
    box = shapely.box(112.2, 36.2, 112.3, 36.3)
    world.put(
        "redline", [feature('A"<b>/..?#', box, name=hostile, source=hostile, x=hostile)], order=3,
        classes={"any": {"zh": hostile, "en": hostile}}, title={"zh": hostile, "en": hostile},
        properties={"x": {"type": "text", "zh": hostile, "en": hostile}},
    )  # fmt: skip
    load_bundled(empty_db, world.folder, world.catalogue)
    with TestClient(create_app(lambda: make_engine(empty_db.url))) as client:
        page = client.get("/collections/redline/items").json()
        said = page["features"][0]["properties"]
        assert said["name"] == said["x"] == said["class_zh"] == hostile
        here = client.get("/identify?lon=112.25&lat=36.25").json()["layers"]
        assert [one["features"][0]["name"] for one in here if one["layer"] == "redline"] == [hostile]
        for path in ("/collections", "/collections/redline", "/collections/redline/items"):
            text = client.get(path, params={"f": "html"}).text
            assert "<script" not in text
            assert "<b>" not in text
            if path.endswith("items"):
                href = re.search(r'<td><a href="([^"]*)"', text)[1].replace("&amp;", "&")
                assert "%2F" in urlsplit(href).path


def test_the_notebook_and_docs_name_addresses_that_are_there(client):
    text = (CHECKOUT / "docs" / "ogc.md").read_text(encoding="utf-8")
    addresses = re.findall(r"http://127\.0\.0\.1:8000(/[^\s`>|'\"）)]*)", text)
    assert len(addresses) > 3
    for address in addresses:
        assert client.get(address).status_code == 200, address
