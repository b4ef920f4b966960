"""The map page over HTTP: who gets it, what it is told, and how its parts are kept."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from app.http import create_app
from app.viewer import assets
from layers.database import make_engine
from layers.load import load_bundled
from layers.settings import settings

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture(scope="module")
def client(database_url_of_worker: sa.URL) -> Iterator[TestClient]:
    with TestClient(create_app(lambda: make_engine(database_url_of_worker)), raise_server_exceptions=False) as client:
        yield client


def told(client, **query):
    answer = client.get("/viewer/config.json", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_browser_that_asks_for_the_root_is_sent_to_the_map_and_a_program_is_not(client):
    sent = client.get("/?lang=en", headers=BROWSER, follow_redirects=False)
    assert (sent.status_code, sent.headers["location"]) == (302, "/viewer?lang=en")
    assert "Accept" in sent.headers["vary"]
    assert client.head("/", headers=BROWSER, follow_redirects=False).headers["location"] == "/viewer"
    for headers in ({"Accept": "*/*"}, {"Accept": "application/json"}, {"Accept": "application/json, text/html;q=0.5"}):
        assert client.get("/", headers=headers, follow_redirects=False).headers["content-type"] == "application/json"
    assert client.get("/?f=html", headers=BROWSER, follow_redirects=False).status_code == 200
    assert client.get("/?f=json", headers=BROWSER).headers["content-type"] == "application/json"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_has_its_own_nonce_and_policy_and_follows_the_language(client, lang):
    pages = [client.get("/viewer", headers={"Accept-Language": lang}) for _ in range(2)]
    nonces = {re.search(r"'nonce-([\w-]+)'", page.headers["content-security-policy"])[1] for page in pages}
    assert len(nonces) == 2
    for page in pages:
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert page.headers["content-language"] == {"zh": "zh-CN", "en": "en"}[lang]
        assert any(f'<script nonce="{nonce}">' in page.text for nonce in nonces)
        assert not re.search(r"https?://", page.text.replace("http://www.w3.org", ""))
    assert client.get(f"/viewer?lang={lang}", headers={"Accept-Language": "fr"}).text.count('id="config"') == 1


def test_every_address_in_the_page_is_answered_and_kept_for_ever(client):
    page = client.get("/viewer").text
    parts = set(re.findall(r'(?:src|href)="(/viewer/assets/[^"]+)"', page))
    assert len(parts) > 8
    for part in parts:
        answer = client.get(part)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert client.get(part, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304


def test_parts_are_sent_compressed_only_to_those_who_take_it(client):
    path = assets.address("leaflet.js")
    plain = client.get(path, headers={"Accept-Encoding": "identity"})
    packed = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert plain.content == packed.content == assets.manifest()["leaflet.js"].data
    assert int(packed.headers["content-length"]) < len(plain.content) / 3
    assert packed.headers["vary"] == "Accept-Encoding"
    assert gzip.decompress(assets.manifest()["leaflet.js"].packed) == plain.content


@pytest.mark.parametrize(
    "path",
    [
        "/viewer/assets/0000000000000000/main.js", "/viewer/assets/{v}/none.js", "/viewer/assets/{v}/..%2fassets.py",
        "/viewer/assets/{v}/%2e%2e/page.py", "/viewer/assets/{v}/", "/viewer/assets/{v}/node_modules/leaflet/package.json",
        "/viewer/?lang=zh", "/viewer/none",
    ],
)  # fmt: skip
def test_what_is_not_in_the_manifest_is_not_there(client, path):
    answer = client.get(path.replace("{v}", assets.version()))
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/viewer?release=99", 404), ("/viewer?release=0", 404), ("/viewer?release=x", 400), ("/viewer?lang=fr", 400),
        ("/viewer?nonsense=1", 400), ("/viewer?lang=zh&lang=en", 400), ("/viewer/config.json?release=99", 404),
        ("/viewer/presets.json?release=-1", 404), ("/viewer/presets.json?q=1", 400),
    ],
)  # fmt: skip
def test_wrong_questions_are_answered_in_words(client, path, status):
    answer = client.get(path)
    assert answer.status_code == status
    assert answer.json()["detail_zh"]


def test_the_configuration_names_every_public_layer_with_standing_source_and_style(client):
    data = told(client, lang="en")
    held = {one["layer"]: one for one in client.get("/layers").json()["layers"] if one["held"]}
    assert {one["id"] for one in data["layers"]} == set(held)
    for one in data["layers"]:
        assert (one["version"], one["legal_status"], one["accuracy_m"]) == tuple(
            held[one["id"]][key] for key in ("version", "legal_status", "accuracy_m")
        )
        assert one["source"]
        assert one["style"]["group"] in {group["id"] for group in data["groups"]}
        assert all(not re.search(r"[\u4e00-\u9fff]", title["title"]) for title in one["classes"])
        if one["legal_status"] == "illustrative":
            assert all(title["paint"]["hatch"] for title in one["classes"]), one["id"]


def test_tiles_are_asked_for_at_the_versions_of_the_release(client):
    data = told(client)
    asked = [one for one in data["layers"] if one["id"] in ("province", "county", "river")]
    path = data["tiles"]
    path = path.replace("{layers}", ",".join(one["id"] for one in asked))
    path = path.replace("{versions}", ",".join(str(one["version"]) for one in asked))
    answer = client.get(path.replace("{z}/{x}/{y}", "7/103/49"))
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]


def test_relief_is_told_of_with_an_address_that_answers(client):
    shade = told(client)["hillshade"]
    tile = client.get(shade["url"].replace("{z}/{x}/{y}", "6/51/24"))
    assert (tile.status_code, tile.headers["content-type"]) == (200, "image/png")


def test_presets_go_to_every_river_city_county_and_lake(client):
    zh, en = (client.get(f"/viewer/presets.json?lang={lang}").json() for lang in ("zh", "en"))
    assert (len(zh["cities"]), len(zh["counties"]), len(zh["lakes"])) == (11, 117, 5)
    assert {one["city"] for one in zh["counties"]} == {one["code"] for one in zh["cities"]}
    assert len(told(client)["layout"]["basin"]["counties"]) == 86
    for one in [*zh["cities"], *zh["counties"], *zh["rivers"]]:
        (west, south, east, north), (lon, lat) = one["box"], one["at"]
        assert west <= lon <= east
        assert south <= lat <= north
    assert all(not re.search(r"[\u4e00-\u9fff]", one["name"]) for one in [*en["cities"], *en["counties"], *en["lakes"]])
    assert {one["code"] for one in zh["river_names"]} == {one["code"] for one in zh["rivers"]}


def test_settings_reach_the_page(database_url_of_worker, monkeypatch):
    monkeypatch.setenv("SHANHE_MAP_APPROVAL", "晋S（2026）001号")
    monkeypatch.setenv("SHANHE_BASE_MAP", "https://{s}.tiles.example.org/{z}/{x}/{y}.png")
    settings.cache_clear()
    try:
        with TestClient(create_app(lambda: make_engine(database_url_of_worker))) as client:
            page = client.get("/viewer?lang=zh")
            assert "晋S（2026）001号" in page.text
            assert "https://*.tiles.example.org" in page.headers["content-security-policy"]
            data = told(client)
            assert data["base_map"]["urls"] == ["https://{s}.tiles.example.org/{z}/{x}/{y}.png"]
    finally:
        monkeypatch.undo()
        settings.cache_clear()


def test_a_new_release_is_told_at_once_and_an_older_one_stays_as_it_was(empty_db, world):
    load_bundled(empty_db, world.folder, world.catalogue)
    url = empty_db.url
    with TestClient(create_app(lambda: make_engine(url))) as client:
        first = told(client)
        assert first["release"] == {"number": 1, "newest": 1}
        world.features["redline"].pop(0)
        load_bundled(empty_db, world.folder, world.catalogue)
        newest, older = told(client), told(client, release=1)
        assert newest["release"] == {"number": 2, "newest": 2}
        assert older["release"] == {"number": 1, "newest": 2}
        assert [one["number"] for one in newest["releases"]] == [2, 1]
        assert older["layers"] == first["layers"]
        versions = {one["id"]: one["version"] for one in newest["layers"]}
        assert versions == {**{one["id"]: one["version"] for one in first["layers"]}, "redline": 2}


def test_a_layer_that_is_not_public_is_not_told_of_and_a_generalised_one_gives_no_boxes(empty_db, world):
    world.entries["redline"]["visibility"] = "login"
    world.entries["water_source"]["public_form"] = "hidden"
    world.entries["county"]["public_form"] = "generalised"
    load_bundled(empty_db, world.folder, world.catalogue)
    url = empty_db.url
    with TestClient(create_app(lambda: make_engine(url))) as client:
        assert {one["id"] for one in told(client)["layers"]} == {"province", "county", "river"}
        data = client.get("/viewer/presets.json").json()
        assert data["counties"] == []
        assert [one["code"] for one in data["rivers"]] == ["R-1"]
        page = client.get("/viewer").text
        assert "RL-1" not in page


def test_hostile_names_and_sources_do_not_leave_their_script_element(empty_db, world):
    hostile = "</script><script>alert(1)</script>{{ 7*7 }}"
    world.entries["redline"]["title"] = {"zh": hostile, "en": hostile}
    world.entries["redline"]["source"] = {"zh": hostile, "en": hostile}
    load_bundled(empty_db, world.folder, world.catalogue)
    url = empty_db.url
    with TestClient(create_app(lambda: make_engine(url))) as client:
        page = client.get("/viewer?lang=zh").text
        assert page.count("<script") == page.count("</script>")
        assert hostile not in page
        assert next(one for one in told(client)["layers"] if one["id"] == "redline")["title"] == hostile


def test_without_a_release_the_page_says_what_to_do(empty_db):
    url = empty_db.url
    with TestClient(create_app(lambda: make_engine(url)), raise_server_exceptions=False) as client:
        answer = client.get("/viewer")
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:shanhe:problem:no-release")
