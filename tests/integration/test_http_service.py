"""The rest of the HTTP service: look-ups, site files, health, pages, and the manners every address keeps."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from app.guard import HEADERS, JSON_LIMIT, UPLOAD_LIMIT
from app.http import create_app
from app.routes.pages import LINKS
from app.routes.schema import SITE_EXAMPLE
from layers.database import make_engine
from zoning.rulebook import rulebook

FILE = json.dumps(SITE_EXAMPLE).encode()


@pytest.fixture(scope="module")
def client(database_url_of_worker: sa.URL) -> Iterator[TestClient]:
    with TestClient(create_app(lambda: make_engine(database_url_of_worker)), raise_server_exceptions=False) as client:
        yield client


def problem(answer) -> str:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    data = answer.json()
    assert data["status"] == answer.status_code
    assert data["detail_zh"]
    assert data["detail_en"]
    return data["type"].removeprefix("urn:shanhe:problem:")


def test_layers_are_listed_with_their_standing_and_those_not_held_say_why(client):
    data = client.get("/layers").json()
    held = [one for one in data["layers"] if one["held"]]
    assert data["release"] == 1
    assert {"redline", "county", "river"} <= {one["layer"] for one in held}
    assert all(one["legal_status"] and one["source"]["zh"] and one["features"] > 0 for one in held)
    assert all(one["why"]["zh"] and one["why"]["en"] for one in data["layers"] if not one["held"])
    assert client.get("/layers?release=1").json() == data


def test_a_release_says_what_it_changed(client):
    data = client.get("/releases/1").json()
    assert data["release"] == 1
    assert data["changed_layers"]["county"]["added"] == 117


@pytest.mark.parametrize("path", ["/layers?release=99", "/layers?release=0", "/releases/99"])
def test_a_release_that_was_never_published_is_not_found(client, path):
    answer = client.get(path)
    assert (answer.status_code, problem(answer)) == (404, "release-unknown")


def test_rules_are_listed_with_their_citations(client):
    data = client.get("/rules").json()
    assert data["rules_hash"] == client.get("/readyz").json()["rules_hash"]
    assert all(rule["cites"] and rule["title"]["zh"] and rule["title"]["en"] for rule in data["rules"])


def test_rules_come_page_by_page_and_none_is_left_out(client):
    whole, after = [], ""
    while True:
        page = client.get("/rules", params={"limit": 7, "after": after}).json()
        whole += [one["rule"] for one in page["rules"]]
        if page["next"] is None:
            break
        assert len(page["rules"]) == 7
        after = page["next"]
    assert whole == [rule.id for rule in rulebook().rules]


def ids(client, **wanted):
    found, after = set(), ""
    while after is not None:
        page = client.get("/rules", params={"limit": 200, "after": after, **wanted}).json()
        found |= {one["rule"] for one in page["rules"]}
        after = page["next"]
    return found


def test_rules_are_chosen_by_every_filter(client):
    assert {one["where"]["layer"] for one in client.get("/rules?layer=redline").json()["rules"]} == {"redline"}
    assert {one["effect"] for one in client.get("/rules?effect=phase_out").json()["rules"]} == {"phase_out"}
    fen = "jishan-239-fen-1km"
    assert fen in ids(client, industry="C2521") & ids(client, industry="炼焦") & ids(client, industry="C25")
    assert fen not in ids(client, industry="N7820")
    assert fen in ids(client, activity="new", industry="C2521")
    assert fen not in ids(client, activity="close", industry="C2521")
    there, province = ids(client, jurisdiction="140824"), ids(client, jurisdiction="140000")
    assert fen in there
    assert fen not in ids(client, jurisdiction="140826") | province
    assert "shanxi-171-capacity" in there & province
    assert "yellow-river-chemical" in there & ids(client, jurisdiction="yellow_river")
    assert fen in ids(client, date="2024-06-30")
    assert fen not in ids(client, date="2022-03-30")


def test_a_rule_is_given_whole(client):
    data = client.get("/rules/jishan-239-fen-1km").json()
    assert data["where"] == {"layer": "river", "filter": {"name": ["汾河"]}, "within_m": 1000.0, "up_to_m": None}
    assert data["cites"][0]["quote"] == "严禁在汾河岸线一公里范围内布设高污染工业项目"
    assert data["sources"][0]["number"] == "稷政发〔2022〕5号"
    assert data["industry_groups"][0]["status"] == "to_confirm"
    assert (data["file"], data["line"]) == ("jishan-plan.yaml", 2)
    missing = client.get("/rules/no-such-rule")
    assert (missing.status_code, problem(missing)) == (404, "rule-unknown")


def test_industries_are_found_and_counted_in_full(client):
    assert [one["code"] for one in client.get("/industries", params={"q": "炼焦"}).json()["industries"]] == ["C2521"]
    some = client.get("/industries", params={"q": "制造", "limit": 3}).json()
    assert len(some["industries"]) == 3
    assert some["total"] > 3


def test_everything_a_project_may_state_is_listed(client):
    data = client.get("/attributes").json()
    assert all(one["question"]["zh"] and one["question"]["en"] for one in data["attributes"])
    assert "new" in [one["activity"] for one in data["activities"]]
    assert all(one["issuer"]["zh"] for one in data["documents"])


@pytest.mark.parametrize(
    ("path", "type"),
    [
        ("/layers?relese=1", "parameter-unknown"),
        ("/layers?release=one", "parameter-invalid"),
        ("/layers?release=1&release=1", "parameter-invalid"),
        ("/releases/one", "parameter-invalid"),
        ("/industries", "parameter-invalid"),
        ("/industries?q=%20", "parameter-invalid"),
        ("/industries?q=a&limit=0", "parameter-invalid"),
        ("/rules?x=1", "parameter-unknown"),
        ("/rules?layer=moon", "parameter-invalid"),
        ("/rules?effect=forbid", "parameter-invalid"),
        ("/rules?jurisdiction=1408", "parameter-invalid"),
        ("/rules?industry=C9999", "industry-unknown"),
        ("/rules?activity=dream", "activity-unknown"),
        ("/rules?date=2024-6-30", "date-invalid"),
        ("/rules?limit=0", "parameter-invalid"),
        ("/rules/jishan-239-fen-1km?x=1", "parameter-unknown"),
        ("/attributes?x=1", "parameter-unknown"),
        ("/healthz?x=1", "parameter-unknown"),
        ("/checks/1?x=1", "parameter-unknown"),
        ("/docs?x=1", "parameter-unknown"),
    ],
)
def test_unknown_and_invalid_parameters_are_a_400(client, path, type):
    answer = client.get(path)
    assert (answer.status_code, problem(answer)) == (400, type)


def test_a_language_that_is_not_kept_is_refused(client):
    assert problem(client.get("/docs?lang=de")) == "language-unknown"


def test_an_unknown_address_and_method_are_problems(client):
    assert (client.get("/nowhere").status_code, problem(client.get("/nowhere"))) == (404, "page-unknown")
    wrong = client.put("/checks")
    assert (wrong.status_code, problem(wrong)) == (405, "method-not-allowed")
    assert wrong.headers["allow"] == "POST"


def test_head_is_get_without_the_body(client):
    for path in ("/docs", "/readyz", "/rules"):
        head, got = client.head(path), client.get(path)
        assert (head.status_code, head.content) == (got.status_code, b"")
        assert head.headers["content-type"] == got.headers["content-type"]
        assert head.headers["content-length"] == str(len(got.content))


# ---- site files


def test_a_file_comes_back_as_a_normalised_site_and_nothing_is_stored(client, bundled_db):
    with bundled_db.connect() as connection:
        before = connection.execute(sa.text("select count(*) from site_check")).scalar_one()
    as_file = client.post("/sites", files={"file": ("site.geojson", FILE)}, data={"accuracy_m": "2.5"})
    as_body = client.post("/sites?accuracy_m=2.5", content=FILE, headers={"Content-Type": "application/geo+json"})
    assert as_file.status_code == as_body.status_code == 200, as_file.text
    assert as_file.content == as_body.content
    data = as_file.json()
    assert data["accuracy_m"] == 2.5
    assert data["area_m2"] > 0
    assert data["area_gk_m2"] > 0
    with bundled_db.connect() as connection:
        assert connection.execute(sa.text("select count(*) from site_check")).scalar_one() == before


@pytest.mark.parametrize(
    ("form", "status", "type"),
    [
        ({"files": {"file": ("a.geojson", b"")}}, 422, "file-empty"),
        ({"files": {"file": ("a.dwg", b"AC1032")}}, 422, "format-unsupported"),
        ({"files": {"file": ("a.zip", b"PK\x03\x04broken")}}, 422, "archive-damaged"),
        ({"files": {"file": ("a.geojson", FILE)}, "data": {"crs": "EPSG:1"}}, 422, "crs-unknown"),
        ({"files": {"file": ("a.geojson", FILE)}, "data": {"accuracy_m": "good"}}, 400, "parameter-invalid"),
        ({"files": {"file": ("a.geojson", FILE)}, "data": {"colour": "red"}}, 400, "parameter-unknown"),
        ({"files": {"upload": ("a.geojson", FILE)}}, 400, "parameter-unknown"),
        ({"files": [("file", ("a.geojson", FILE)), ("file", ("b.geojson", FILE))]}, 400, "form-invalid"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_problem(client, form, status, type):
    answer = client.post("/sites", **form)
    assert (answer.status_code, problem(answer)) == (status, type)


def test_an_upload_without_a_file_or_in_another_form_is_refused(client):
    empty = client.post("/sites", files={"crs": (None, "EPSG:4490")})
    assert (empty.status_code, problem(empty)) == (400, "file-missing")
    plain = client.post("/sites", content=b"111,35", headers={"Content-Type": "text/csv"})
    assert (plain.status_code, problem(plain)) == (415, "media-type-unsupported")
    beside = client.post("/sites?crs=EPSG:4490", files={"file": ("a.geojson", FILE)})
    assert (beside.status_code, problem(beside)) == (400, "parameter-unknown")


def test_a_body_over_the_limit_is_refused_before_it_is_sent(client):
    for limit, content_type in ((JSON_LIMIT, "application/json"), (UPLOAD_LIMIT, "multipart/form-data; boundary=x")):
        headers = {"Content-Type": content_type, "Content-Length": str(limit + 1_000_000)}
        answer = client.post("/sites", content=b"x", headers=headers)
        assert (answer.status_code, problem(answer)) == (413, "body-too-large")


def test_a_body_over_the_limit_is_refused_while_it_is_read(client):
    chunks = (b" " * 1_000_000 for _ in range(JSON_LIMIT // 1_000_000 + 2))
    answer = client.post("/checks", content=chunks, headers={"Content-Type": "application/json"})
    assert (answer.status_code, problem(answer)) == (413, "body-too-large")


# ---- health


def test_a_service_with_data_is_alive_and_ready(client):
    assert client.get("/healthz").json() == {"status": "ok"}
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["release"] == 1
    assert ready.json()["rules"] > 0


def test_a_service_without_data_is_alive_but_not_ready(empty_db):
    url = empty_db.url
    with TestClient(create_app(lambda: make_engine(url))) as client:
        assert client.get("/healthz").status_code == 200
        answer = client.get("/readyz")
        assert (answer.status_code, problem(answer)) == (503, "no-release")


def test_a_service_without_a_database_is_alive_but_not_ready(database_url_of_worker):
    url = database_url_of_worker.set(port=1)
    with TestClient(create_app(lambda: make_engine(url))) as client:
        assert client.get("/healthz").status_code == 200
        answer = client.get("/readyz")
        assert (answer.status_code, problem(answer)) == (503, "database-unreachable")
        assert "retry-after" in answer.headers
        assert url.password not in answer.text


# ---- pages and manners


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_pages_follow_the_language_and_load_nothing_from_elsewhere(client, lang):
    for path in ("/docs?", "/?f=html&"):
        page = client.get(path, headers={"Accept-Language": lang, "Accept": "text/html"})
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert bool(re.search("不是行政许可", page.text)) == (lang == "zh")
        policy = page.headers["content-security-policy"]
        nonce = re.search(r"style-src 'nonce-([\w-]+)'", policy)
        assert policy.startswith("default-src 'none'; ")
        assert nonce
        assert f'<style nonce="{nonce[1]}">' in page.text
        assert set(re.findall(r"https?://[\w.:-]+", page.text)) <= {"http://testserver"}
        other = {"zh": "en", "en": "zh"}[lang]
        assert bool(
            re.search("不是行政许可", client.get(f"{path}lang={other}", headers={"Accept": "text/html"}).text)
        ) == (other == "zh")


def test_each_page_has_a_nonce_of_its_own(client):
    policies = {client.get("/docs").headers["content-security-policy"] for _ in range(3)}
    assert len(policies) == 3


def test_home_is_json_for_programs_and_every_link_leads_somewhere(client):
    links = [link["href"] for link in client.get("/").json()["links"]]
    assert set(LINKS) <= {link.removeprefix("http://testserver").partition("?lang")[0] for link in links}
    assert [client.get(link).status_code for link in links] == [200] * len(links)


def test_the_openapi_document_names_no_other_host_and_its_examples_are_answered(client):
    document = client.get("/openapi.json")
    assert not re.search(r"https?://", document.text)
    body = document.json()["paths"]["/checks"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    for example in body["examples"]:
        assert client.post("/checks", json=example).status_code == 200


def test_every_answer_carries_the_security_headers(client):
    answers = [
        client.get("/healthz"), client.get("/docs"), client.get("/nowhere"), client.get("/rules"), client.post("/checks"),
        client.get("/openapi.json"),
    ]  # fmt: skip
    for answer in answers:
        assert set(map(str.lower, HEADERS)) <= set(answer.headers)
        assert answer.headers["x-content-type-options"] == "nosniff"
