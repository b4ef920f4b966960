"""Finding places on the bundled data: the closest first, misprints said, nothing cut off, and no check ever sees one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from app.http import create_app
from app.places import found
from layers.database import make_engine, reading
from layers.load import load_bundled
from layers.release import Release
from layers.store import gather
from zoning.evidence import Window


@pytest.fixture(scope="module")
def client(database_url_of_worker: sa.URL) -> Iterator[TestClient]:
    with TestClient(create_app(lambda: make_engine(database_url_of_worker)), raise_server_exceptions=False) as client:
        yield client


def places(client: TestClient, **asked: Any) -> list[dict[str, Any]]:
    answer = client.get("/places", params=asked)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["places"])


def every(client: TestClient, limit: int, **asked: Any) -> list[str]:
    """Ids on all pages."""
    ids: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = client.get("/places", params={**asked, "limit": limit, **after}).json()
        ids += [one["id"] for one in page["places"]]
        if page["next"] is None:
            return ids
        after = {"after": page["next"]}


@pytest.mark.parametrize(
    ("printed", "right"),
    [
        ("漳沱河", "滹沱河"), ("涂河", "浍河"), ("峨眉岭", "峨嵋岭台地"), ("陶青河", "陶清河"), ("么里镇", "磨里镇"),
        ("滂汭河", "滂洹河"),
    ],
)  # fmt: skip
def test_a_misprint_of_the_plans_finds_the_place_and_says_so(client, printed, right):
    first = places(client, q=printed)[0]
    assert first["name"]["zh"] == right
    assert first["matched"]["via"] == "misprint"
    assert first["matched"]["note"]["zh"] == f"规划文本印作“{printed}”。"
    assert printed in first["matched"]["note"]["en"]


@pytest.mark.parametrize("words", ["絳縣", "绛县", "Jiang County", "jiang  county", "１４０８２６"])
def test_a_county_is_first_however_it_is_written(client, words):
    assert places(client, q=words)[0]["id"] == "county:140826"


def test_a_unit_is_found_by_code_and_a_river_by_the_name_of_a_reach(client):
    assert places(client, q="ZH14082619001")[0]["id"] == "control_unit:ZH14082619001"
    assert "river:R-ZHANG" in [one["id"] for one in places(client, q="浊漳南源")]


def test_exact_names_come_before_other_names_beginnings_and_parts(client):
    matches = [one["matched"] for one in places(client, q="汾河", limit=200)]
    order = {("exact", True): 0, ("exact", False): 1, ("prefix", True): 2, ("prefix", False): 2, ("contains", True): 3,
             ("contains", False): 3}  # fmt: skip
    ranks = [order[m["how"], m["via"] in ("name", "code", "name_en")] for m in matches]
    assert ranks == sorted(ranks)
    assert set(ranks) == {0, 2, 3}


def test_pages_of_any_size_hold_the_same_places_once_each(client):
    whole = every(client, 200, q="稷山")
    assert len(whole) == len(set(whole)) > 40
    assert every(client, 7, q="稷山") == whole
    assert len(every(client, 199)) == len(set(every(client, 200))) > 2000


def test_a_page_mark_keeps_its_release_and_is_of_no_other_search(client):
    mark = client.get("/places", params={"q": "稷山", "limit": 3}).json()["next"]
    for other in (
        {"q": "绛县"},
        {"q": "稷山", "kind": "county"},
        {"q": "稷山", "placed": True},
        {"q": "稷山", "release": 2},
    ):
        answer = client.get("/places", params={**other, "after": mark})
        assert (answer.status_code, answer.json()["type"]) == (400, "urn:shanhe:problem:parameter-invalid")


@pytest.mark.parametrize("mark", ["", "x", "!!!!", "W10", "WzEsIngiLDEsMSwxLDEsIngiLCJ4Il0", "bnVsbA", "WzEsInkiXQ"])
def test_a_page_mark_that_is_none_is_refused(client, mark):
    answer = client.get("/places", params={"q": "稷山", "after": mark})
    assert answer.status_code == 400
    assert answer.json()["where"]["field"] == "after"


def test_what_is_unplaced_is_listed_with_the_reason(client, bundled_db):
    ids = every(client, 200, placed=False)
    with reading(bundled_db) as connection:
        count = connection.execute(sa.text("select count(*) from feature where ST_IsEmpty(geom)")).scalar_one()
    assert len(ids) == count > 100
    for one in places(client, placed=False, limit=200):
        assert one["why"]["zh"]
        assert one["why"]["en"]
        assert (one["placed"], one["position"], one["accuracy_m"]) == (False, None, None)
    placed = every(client, 200, kind="plan_place", placed=True)
    assert sorted([*placed, *ids]) == every(client, 200, kind="plan_place")


def test_a_kind_is_a_layer_or_a_class_of_plan_places(client):
    assert {one["layer"] for one in places(client, kind="county", limit=200)} == {"county"}
    assert {one["class"] for one in places(client, kind="lake", limit=200)} == {"lake"}
    assert {one["layer"] for one in places(client, q="汾河", kind="river")} == {"river", "plan_place"}
    answer = client.get("/places", params={"kind": "volcano"})
    assert answer.status_code == 400
    assert "county" in answer.json()["detail_en"]


def test_words_without_letters_are_refused_and_words_without_places_give_none(client):
    assert client.get("/places", params={"q": "（—）"}).status_code == 400
    assert client.get("/places", params={"q": "x" * 101}).status_code == 400
    nothing = client.get("/places", params={"q": "亚特兰蒂斯%_"}).json()
    assert (nothing["places"], nothing["next"]) == ([], None)


def test_one_place_says_where_it_comes_from_and_how_it_was_placed(client):
    id = next(one["id"] for one in places(client, q="里册峪水库", kind="reservoir"))
    one = client.get(f"/places/{id}").json()
    assert [division["code"] for division in one["divisions"]] == ["140826"]
    assert one["accuracy_m"] > 10_000
    assert one["plans"] == [
        {"plan": "jiang-county", "title": one["plans"][0]["title"], "lines": [100, 102]},
    ]
    assert "绛县" in one["placing"]["zh"]
    assert "Jiang County" in one["placing"]["en"]
    assert one["source"]
    assert one["method"]


def test_general_knowledge_is_named_as_such(client):
    one = places(client, q="晋阳湖", kind="lake")[0]
    assert "一般地理知识" in one["placing"]["zh"]
    assert "general knowledge, to be confirmed locally" in one["placing"]["en"]
    assert "待当地核实" in one["placing"]["zh"]


@pytest.mark.parametrize("id", ["county:999999", "county", "plan_place:", ":140826", "nowhere:1", "县:绛"])
def test_a_place_that_is_not_there_is_a_404(client, id):
    answer = client.get(f"/places/{id}")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:shanhe:problem:place-unknown")


def test_an_old_release_is_searched_as_it_was(empty_db, world):
    load_bundled(empty_db, world.folder, world.catalogue)
    world.features["redline"][1]["properties"]["name"] = "新名"
    load_bundled(empty_db, world.folder, world.catalogue)

    def names(release: int, words: str) -> list[str]:
        page = found(empty_db, words, kind=None, placed=None, limit=9, after=None, number=release)
        return [one["name"]["zh"] for one in page["places"]]

    assert (names(1, "新名"), names(2, "新名")) == ([], ["新名"])
    assert (names(1, "名RL-2"), names(2, "名RL-2")) == (["名RL-2"], [])


def test_a_layer_that_is_not_public_is_not_searched(empty_db, world):
    world.entries["redline"]["visibility"] = "role"
    world.entries["water_source"]["public_form"] = "hidden"
    load_bundled(empty_db, world.folder, world.catalogue)
    page = found(empty_db, "", kind=None, placed=None, limit=99, after=None, number=None)
    assert {one["layer"] for one in page["places"]} == {"province", "county", "river"}


def test_no_check_sees_a_place_that_only_a_plan_names(empty_db, world):
    load_bundled(empty_db, world.folder, world.catalogue)
    window = Window(112.2, 36.2, 112.4, 36.4, 1000)
    before = gather(empty_db, Release(1), window, piece_box=(112.29, 36.29, 112.31, 36.31))
    world.put(
        "plan_place",
        [{**world.features["water_source"][0]}],
        order=9,
        geometry="MultiPoint",
        checked=False,
        coverage=None,
    )
    assert load_bundled(empty_db, world.folder, world.catalogue).release == Release(2)
    after = gather(empty_db, Release(2), window, piece_box=(112.29, 36.29, 112.31, 36.31))
    assert list(after.layers) == list(before.layers)
    assert sum(len(layer.features) for layer in after.layers.values()) == sum(
        len(layer.features) for layer in before.layers.values()
    )
    with reading(empty_db) as connection:
        for table in ("piece", "edge", "coverage"):
            statement = sa.text(f"select count(*) from {table} where layer = 'plan_place'")
            assert connection.execute(statement).scalar_one() == 0
