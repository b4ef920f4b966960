"""The silent wrong answers that need a database or a door to be shown: A, B, C, D, J and N of `tests/unit/zoning`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import numpy as np
import pytest
import shapely
import sqlalchemy as sa
from starlette.testclient import TestClient

from app.cli import main
from app.http import create_app
from app.routes.schema import CHECK_EXAMPLE
from layers import publication
from layers.boundary_file import BadBoundary
from layers.database import make_engine
from layers.load import load_bundled
from layers.release import Release, newest_release
from layers.settings import settings
from layers.store import gather
from tests.integration.conftest import World, feature
from tests.integration.test_same_bytes import at_once, computed
from zoning.evidence import Window

ON_THE_RED_LINE = [[112.06, 36.06], [112.07, 36.06], [112.07, 36.07], [112.06, 36.07], [112.06, 36.06]]
SAID: dict[str, Any] = {
    "site": {"type": "Polygon", "coordinates": [ON_THE_RED_LINE]},
    "project": {"industry": "N7820", "activity": "new", "attributes": {"land_take": "permanent"}},
    "as_of": "2024-06-30",
}
ALL = Window(111, 35, 114, 38, 0)
ALL_BOX = (111.0, 35.0, 114.0, 38.0)
BOW_TIE = shapely.Polygon([(112.05, 36.05), (112.1, 36.1), (112.1, 36.05), (112.05, 36.1)])


@contextmanager
def served(engine: sa.Engine) -> Iterator[TestClient]:
    with TestClient(create_app(lambda: make_engine(engine.url)), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="module")
def client(database_url_of_worker: sa.URL) -> Iterator[TestClient]:
    with TestClient(create_app(lambda: make_engine(database_url_of_worker)), raise_server_exceptions=False) as client:
        yield client


def execute(engine: sa.Engine, statement: str, **values: Any) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text(statement), values)


def count(engine: sa.Engine, table: str) -> int:
    with engine.connect() as connection:
        return int(connection.execute(sa.text(f"select count(*) from {table}")).scalar_one())


# --- A ---------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("table", ["piece", "edge", "coverage", "feature", "layer_version"])
def test_a_failed_source_gives_no_answer_instead_of_an_empty_one(empty_db: sa.Engine, world: World, table: str) -> None:
    """A: what cannot be read is no empty result; nothing is answered, nothing is kept, and later it is answered again."""
    load_bundled(empty_db, world.folder, world.catalogue)
    execute(empty_db, f"alter table {table} rename to away")
    with served(empty_db) as client:
        answer = client.post("/checks", json=SAID)
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:shanhe:problem:database-schema")
        assert "verdict" not in answer.json()
        assert count(empty_db, "site_check") == 0
        execute(empty_db, f"alter table away rename to {table}")
        assert client.post("/checks", json=SAID).json()["verdict"] == "prohibited"


def test_a_source_that_does_not_answer_in_time_gives_no_answer(
    empty_db: sa.Engine, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A, when it hangs: another holds the table, and the time allowed runs out."""
    load_bundled(empty_db, world.folder, world.catalogue)
    monkeypatch.setenv("SHANHE_STATEMENT_TIMEOUT_MS", "200")
    settings.cache_clear()
    try:
        with served(empty_db) as client, empty_db.begin() as other:
            other.execute(sa.text("lock table edge in access exclusive mode"))
            answer = client.post("/checks", json=SAID)
            assert (answer.status_code, answer.json()["type"]) == (503, "urn:shanhe:problem:database-timeout")
    finally:
        monkeypatch.undo()
        settings.cache_clear()
    assert count(empty_db, "site_check") == 0


# --- B ---------------------------------------------------------------------------------------------------------------
def addresses() -> list[tuple[str, str]]:
    paths = create_app().openapi()["paths"]
    return sorted((method, path) for path, methods in paths.items() for method in methods if method != "head")


@pytest.mark.parametrize(("method", "path"), addresses())
def test_b_no_address_ignores_a_parameter_it_does_not_know(client: TestClient, method: str, path: str) -> None:
    """B: `entries` was renamed `period`; who still sends it gets everything, ended or not."""
    there = path.replace("{", "").replace("}", "")
    answer = client.request(method, f"{there}?entries=current", json=SAID if method == "post" else None)
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:shanhe:problem:parameter-unknown"), answer.text
    assert "entries" in answer.text


PLACES: dict[str, tuple[str | int, ...]] = {
    "the question": (),
    "the project": ("project",),
    "an attribute": ("project", "attributes"),
    "a document": ("project", "documents", 0),
}


@pytest.mark.parametrize("place", PLACES)
def test_b_no_key_of_a_question_is_ignored(client: TestClient, bundled_db: sa.Engine, place: str) -> None:
    """B, in the body: at every level."""
    said = deepcopy(CHECK_EXAMPLE)
    said["project"].setdefault("attributes", {})
    said["project"]["documents"] = [{"kind": "red_line_recognition", "number": "1"}]
    before = count(bundled_db, "site_check")
    inner: Any = said
    for step in PLACES[place]:
        inner = inner[step]
    inner["entries"] = "current"
    answer = client.post("/checks", json=said)
    assert 400 <= answer.status_code < 500
    assert "entries" in answer.text
    assert count(bundled_db, "site_check") == before


@pytest.mark.parametrize("command", [["check", "x.geojson", "--industry", "C2521"], ["rules"], ["industries", "炼焦"]])
def test_b_no_command_ignores_an_option_it_does_not_know(command: list[str], capsys: Any) -> None:
    """B, on the command line."""
    assert main([*command, "--entries", "current"]) == 2
    assert "--entries" in capsys.readouterr().err


# --- C ---------------------------------------------------------------------------------------------------------------
def test_c_no_number_of_features_is_cut_off(empty_db: sa.Engine, world: World) -> None:
    """C: the reader of a window gets a page of it; 5 000 and 10 000 are limits known elsewhere."""
    corners = [(112.2 + (n % 120) * 1e-3, 36.2 + (n // 120) * 1e-3) for n in range(10_100)]
    patches = [feature(f"P-{n:05}", shapely.box(x, y, x + 5e-4, y + 5e-4)) for n, (x, y) in enumerate(corners)]
    world.put("redline", patches, order=3)
    load_bundled(empty_db, world.folder, world.catalogue)
    held = gather(empty_db, Release(1), ALL, piece_box=ALL_BOX).layers["redline"]
    assert len(held.features) == held.meta.feature_count == len(patches)
    assert len(np.unique(held.piece_feature)) == len(np.unique(held.edge_feature)) == len(patches)


@pytest.mark.parametrize(("path", "key"), [("/rules", "rules"), ("/places?q=村", "places")])
def test_c_a_page_says_that_more_follow_and_the_pages_are_all(client: TestClient, path: str, key: str) -> None:
    """C, where answers do come in pages: the last one alone says so."""
    mark = "&" if "?" in path else "?"
    whole = client.get(f"{path}{mark}limit=200").json()
    found, after = [], None
    for _ in range(400):
        page = client.get(f"{path}{mark}limit=3" + (f"&after={after}" if after else "")).json()
        found += page[key]
        after = page["next"]
        if after is None or len(found) > len(whole[key]):
            break
        assert len(page[key]) == 3
    assert found[: len(whole[key])] == whole[key]
    assert (after is None) == (whole["next"] is None and len(found) == len(whole[key]))


# --- D ---------------------------------------------------------------------------------------------------------------
def test_d_an_invalid_feature_is_refused_at_the_door(empty_db: sa.Engine, world: World) -> None:
    """D: it is neither kept unseen nor patched unseen; the place is named."""
    world.features["redline"][1]["geometry"] = shapely.geometry.mapping(BOW_TIE)
    with pytest.raises(BadBoundary) as caught:
        load_bundled(empty_db, world.folder, world.catalogue)
    assert caught.value.where["feature"] == "RL-2"
    assert caught.value.where["coordinate"] == pytest.approx([112.075, 36.075])
    assert count(empty_db, "feature") == 0


def test_d_the_search_does_not_ask_whether_a_shape_is_valid(empty_db: sa.Engine, world: World) -> None:
    """D, if one got in all the same: it is found like any other, and the site on it is not clear."""
    load_bundled(empty_db, world.folder, world.catalogue)
    shape = shapely.to_wkt(BOW_TIE)
    ids = "feature_id in (select id from feature where code = 'RL-2')"
    execute(empty_db, f"update piece set geom = ST_GeomFromText(:wkt, 4490) where {ids}", wkt=shape)
    held = gather(empty_db, Release(1), ALL, piece_box=ALL_BOX).layers["redline"]
    mine = next(i for i, f in enumerate(held.features) if f.code == "RL-2")
    assert not shapely.is_valid(held.pieces[held.piece_feature == mine]).any()
    with served(empty_db) as client:
        assert client.post("/checks", json=SAID).json().get("verdict") not in ("clear", "attention")


# --- J ---------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("query", ["insert_release", "cut_polygons", "insert_coverage", "analyze"])
def test_j_a_check_in_the_midst_of_an_import_sees_none_of_it(
    empty_db: sa.Engine, world: World, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    """J: a partial import is live: some layers are new, some old, some empty."""
    load_bundled(empty_db, world.folder, world.catalogue)
    reader = make_engine(empty_db.url)
    before = computed(reader, SAID)
    assert json.loads(before)["verdict"] == "prohibited"
    world.features["redline"] = [feature("RL-9", shapely.box(112.9, 36.9, 112.95, 36.95))]
    world.features["county"][0]["properties"]["name"] = "改名"
    world.features["province"][0]["properties"]["name"] = "改名"
    world.features["river"][0]["properties"]["name"] = "改名"
    during: list[bytes] = []
    monkeypatch.setitem(publication.SQL, query, publication.SQL[query].execution_options(watched=True))

    @sa.event.listens_for(empty_db, "before_execute")
    def look(connection: Any, clause: Any, multiparams: Any, params: Any, execution_options: Any) -> None:
        if execution_options.get("watched"):
            during.append(computed(reader, SAID))

    assert load_bundled(empty_db, world.folder, world.catalogue).release == Release(2)
    after = json.loads(computed(reader, SAID))
    reader.dispose()
    assert during
    assert set(during) == {before}
    assert (after["release"], after["verdict"] != "prohibited") == (2, True)


def test_j_an_import_with_one_bad_feature_changes_nothing(empty_db: sa.Engine, world: World) -> None:
    """J, when it fails in its last file."""
    load_bundled(empty_db, world.folder, world.catalogue)
    before = computed(empty_db, SAID)
    world.features["redline"] = [feature("RL-9", shapely.box(112.9, 36.9, 112.95, 36.95))]
    world.features["water_source"].append(feature("W-2", BOW_TIE))
    with pytest.raises(BadBoundary):
        load_bundled(empty_db, world.folder, world.catalogue)
    assert newest_release(empty_db) == Release(1)
    assert computed(empty_db, SAID) == before


# --- N ---------------------------------------------------------------------------------------------------------------
def test_n_requests_begun_together_get_their_own_answer_in_their_own_language(client: TestClient) -> None:
    """N: requests share an object; here also across languages, forms of answer, good questions and bad ones."""

    def act(industry: str, lang: str, accept: str) -> bytes:
        said = deepcopy(CHECK_EXAMPLE)
        said["project"] = {"industry": industry, "activity": "new"}
        said["as_of"] = "2024-06-30"
        answer = client.post("/checks", json=said, headers={"Accept": accept, "Accept-Language": lang})
        return answer.content

    ways = [
        (industry, lang, accept)
        for industry in ("C2521", "N7820", "C9999")
        for lang in ("zh", "en")
        for accept in ("text/plain", "application/json")
    ]
    alone = [act(*way) for way in ways]
    assert len(set(alone)) >= 8
    for _ in range(2):
        assert at_once([lambda way=way: act(*way) for way in ways]) == alone
