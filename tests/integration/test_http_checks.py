"""Checks over HTTP: one question one answer byte for byte, bad input refused in both languages with nothing stored."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from app.http import create_app
from app.routes.schema import CHECK_EXAMPLE, SITE_EXAMPLE
from layers.database import make_engine
from zoning.canonical import canonical_json

CJK = re.compile(r"[\u4e00-\u9fff]")
BOW_TIE = [[111.57, 35.48], [111.58, 35.49], [111.58, 35.48], [111.57, 35.49], [111.57, 35.48]]


@pytest.fixture(scope="module")
def client(database_url_of_worker: sa.URL) -> Iterator[TestClient]:
    with TestClient(create_app(lambda: make_engine(database_url_of_worker)), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def stored(bundled_db: sa.Engine) -> Callable[[], int]:
    """How many checks are stored now."""

    def count() -> int:
        with bundled_db.connect() as connection:
            return int(connection.execute(sa.text("select count(*) from site_check")).scalar_one())

    return count


def asked(**changes: Any) -> dict[str, Any]:
    """The example question with changes; those named `project__x` change the project."""
    body = deepcopy(CHECK_EXAMPLE)
    for key, value in changes.items():
        if key.startswith("project__"):
            body["project"][key.removeprefix("project__")] = value
        else:
            body[key] = value
    return body


def test_the_same_question_gives_the_same_bytes_and_is_stored_once(client, stored):
    first = client.post("/checks", json=asked())
    count = stored()
    again = client.post("/checks", json=asked(project__name="另一个名字"))
    assert first.status_code == again.status_code == 200
    assert first.content == again.content
    assert first.headers["etag"] == again.headers["etag"]
    assert stored() == count


def test_an_answer_is_canonical_json_at_an_address_of_its_own(client):
    answer = client.post("/checks", json=asked())
    data = answer.json()
    assert answer.headers["content-type"] == "application/json"
    assert answer.content == canonical_json(data).encode()
    assert answer.headers["location"] == f"/checks/{data['id']}"
    by_id, by_number = client.get(answer.headers["location"]), client.get(f"/checks/{data['number']}")
    assert by_id.content == by_number.content == answer.content


def test_every_key_promised_is_in_the_answer(client):
    data = client.post("/checks", json=asked()).json()
    promised = {
        "id", "number", "verdict", "at_worst", "basis", "demonstration", "certainty", "sentence", "release", "rules_hash",
        "as_of", "site", "findings", "duties", "searched", "not_searched", "not_known",
    }  # fmt: skip
    assert promised <= set(data)
    assert {"area_m2", "area_gk_m2", "length_m", "parcels", "repairs", "notices"} <= set(data["site"])
    assert all({"layer", "release", "pieces", "coverage", "outcome"} <= set(one) for one in data["searched"])


def test_a_reader_who_has_the_answer_is_not_sent_it_again(client):
    answer = client.post("/checks", json=asked())
    again = client.get(answer.headers["location"], headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(answer.headers["location"], headers={"If-None-Match": '"other"'}).status_code == 200


def test_plain_text_is_the_six_lines_in_the_readers_language(client):
    data = client.post("/checks", json=asked()).json()
    for lang in ("zh", "en"):
        headers = {"Accept": "text/plain", "Accept-Language": lang}
        answer = client.post("/checks", json=asked(), headers=headers)
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert answer.text.splitlines() == [line[lang] for line in data["lines"]]
        assert len(answer.text.splitlines()) == 6


def test_a_stored_check_is_verified_by_recomputing_it(client):
    id = client.post("/checks", json=asked()).json()["id"]
    found = client.post(f"/checks/{id}/verify").json()
    assert found["match"] is True
    assert found["differences"] == []


def test_a_check_that_was_tampered_with_does_not_verify(client, bundled_db):
    answer = client.post("/checks", json=asked(as_of="2023-05-01")).json()
    wrong = canonical_json({**answer, "verdict": "clear" if answer["verdict"] != "clear" else "unknown"})
    statement = sa.text("update site_check set result = :result where id = :id")
    with bundled_db.begin() as connection:
        connection.execute(statement, {"result": wrong, "id": answer["id"]})
    found = client.post(f"/checks/{answer['id']}/verify").json()
    assert found["match"] is False
    assert "/verdict" in [one["path"] for one in found["differences"]]


def test_a_check_that_was_never_made_is_not_found(client):
    for method, path in (("GET", "/checks/nothing"), ("POST", "/checks/nothing/verify")):
        answer = client.request(method, path)
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:shanhe:problem:check-unknown")


def shifted(east: float, north: float) -> dict[str, Any]:
    ring = [[round(x + east, 9), round(y + north, 9)] for x, y in SITE_EXAMPLE["coordinates"][0]]
    return {"type": "Polygon", "coordinates": [ring]}


BAD = [
    ({"site": {}}, 422, "geojson-invalid"),
    ({"site": {"type": "FeatureCollection", "features": []}}, 422, "site-empty"),
    ({"site": {"type": "Feature", "properties": {}, "geometry": None}}, 422, "site-empty"),
    ({"site": {"type": "Polygon", "coordinates": [BOW_TIE]}}, 422, "site-self-crossing"),
    ({"site": {"type": "Point", "coordinates": [116.39, 39.91]}}, 422, "site-outside-region"),
    ({"site": {"type": "Point", "coordinates": [35.48, 111.57]}}, 422, "site-outside-region"),
    ({"crs": "EPSG:999999"}, 422, "crs-unknown"),
    ({"crs": "the usual one"}, 422, "crs-unknown"),
    ({"crs": "EPSG:4610"}, 422, "datum-unsupported"),
    ({"accuracy_m": -1.0}, 422, "accuracy-invalid"),
    ({"half_width_m": 5.0}, 422, "half-width-invalid"),
    ({"project__industry": "C9999"}, 422, "industry-unknown"),
    ({"project__industry": "C2520"}, 422, "industry-2011-edition"),
    ({"project__industry": "D4412 水力发电"}, 422, "industry-2011-edition"),
    ({"project__industry": "C25"}, 422, "industry-too-coarse"),
    ({"project__activity": "build"}, 422, "activity-unknown"),
    ({"project__attributes": {"colour": "red"}}, 422, "attribute-unknown"),
    ({"project__attributes": {"land_take": "some"}}, 422, "attribute-value"),
    ({"project__documents": [{"kind": "permit", "number": "1"}]}, 422, "document-unknown"),
    ({"as_of": "30.06.2024"}, 422, "date-invalid"),
    ({"release": 999}, 422, "release-unknown"),
    ({"release": 0}, 422, "release-unknown"),
    ({"release": "1"}, 422, "body-invalid"),
    ({"sites": {}}, 422, "body-invalid"),
    ({"project__colour": "red"}, 422, "body-invalid"),
]


@pytest.mark.parametrize(("changes", "status", "type"), BAD, ids=[f"{n}-{type}" for n, (_, _, type) in enumerate(BAD)])
def test_bad_input_is_a_problem_in_both_languages_and_stores_nothing(client, stored, changes, status, type):
    before = stored()
    answers = {
        lang: client.post("/checks", json=asked(**changes), headers={"Accept-Language": lang}) for lang in ("zh", "en")
    }
    for lang, answer in answers.items():
        data = answer.json()
        assert (answer.status_code, data["status"], data["type"]) == (status, status, f"urn:shanhe:problem:{type}")
        assert answer.headers["content-type"] == "application/problem+json"
        assert data["detail"] == data[f"detail_{lang}"]
        assert CJK.search(data["detail_zh"])
        assert data["detail_en"]
        assert data["title"]
    assert stored() == before


def test_a_bow_tie_names_the_feature_and_the_crossing(client):
    square = shifted(0, 0)["coordinates"][0]
    features = [
        {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
        for ring in (square, BOW_TIE)
    ]
    data = client.post("/checks", json=asked(site={"type": "FeatureCollection", "features": features})).json()
    assert data["where"]["feature"] == 2
    assert data["where"]["coordinate"] == pytest.approx([111.575, 35.485], abs=1e-9)


@pytest.mark.parametrize(
    ("content", "status", "type"),
    [
        (b"", 422, "json-invalid"),
        (b"{", 422, "json-invalid"),
        (b'{"site": {"type": "Point", "coordinates": [NaN, 35]}}', 422, "json-invalid"),
        (b'{"as_of": "2024-01-01", "as_of": "2025-01-01"}', 422, "json-invalid"),
        (b"[1, 2]", 422, "body-invalid"),
        (json.dumps({"name": "绛县"}, ensure_ascii=False).encode("gb18030"), 400, "encoding-unknown"),
    ],
)
def test_a_body_that_is_no_sound_json_is_refused(client, stored, content, status, type):
    before = stored()
    answer = client.post("/checks", content=content, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:shanhe:problem:{type}")
    assert stored() == before


def test_a_body_that_does_not_say_it_is_json_is_refused(client):
    answer = client.post("/checks", content=json.dumps(asked()), headers={"Content-Type": "text/plain"})
    assert (answer.status_code, answer.json()["type"]) == (415, "urn:shanhe:problem:media-type-unsupported")


def test_checks_made_at_once_do_not_mix(client):
    """Eight different questions start together; each answer is that of its own question asked alone."""
    bodies = [
        asked(
            site=shifted(0.002 * n, 0.001 * n), project__industry=("N7820", "C2521")[n % 2], as_of=f"2024-0{1 + n}-15"
        )
        for n in range(8)
    ]
    barrier = threading.Barrier(len(bodies))
    answers: list[Any] = [None] * len(bodies)

    def ask(n: int) -> None:
        barrier.wait(timeout=30)
        answers[n] = client.post("/checks", json=bodies[n])

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(len(bodies))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert [answer.status_code for answer in answers] == [200] * len(bodies)
    for body, answer in zip(bodies, answers, strict=True):
        data = answer.json()
        assert data["as_of"] == body["as_of"]
        assert data["project"]["industry"] == body["project"]["industry"]
        given = {tuple(point) for point in body["site"]["coordinates"][0]}
        assert {tuple(point) for point in data["site"]["geometry"]["coordinates"][0]} == given
        assert client.post(f"/checks/{data['id']}/verify").json()["match"]
    assert len({answer.json()["id"] for answer in answers}) == len(bodies)
    assert len({answer.json()["number"] for answer in answers}) == len(bodies)


def test_one_question_asked_at_once_is_stored_once(client, stored):
    before = stored()
    body = asked(site=shifted(0.0101, 0.0033))
    barrier = threading.Barrier(6)
    answers: list[bytes] = []

    def ask() -> None:
        barrier.wait(timeout=30)
        answers.append(client.post("/checks", json=body).content)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert len(answers) == 6
    assert len(set(answers)) == 1
    assert stored() == before + 1


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "x\udfff"])
@pytest.mark.parametrize("field", ["name", "document", "site"])
def test_texts_that_cannot_be_stored_are_refused(client, text, field):
    body = json.loads(json.dumps(CHECK_EXAMPLE))
    if field == "document":
        body["project"]["documents"] = [{"kind": "energy_review", "number": text}]
    elif field == "name":
        body["project"]["name"] = text
    else:
        body["site"] = {"type": "Feature", "properties": {"name": text}, "geometry": body["site"]}
    answer = client.post("/checks", content=json.dumps(body).encode(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["type"].endswith(":body-invalid")
    body["project"]["name"], body["project"]["documents"], body["site"] = "𠮷\\u0000", [], CHECK_EXAMPLE["site"]
    assert client.post("/checks", json=body).status_code == 200, (
        "an escaped backslash and a pair of surrogates are plain text"
    )


@pytest.mark.parametrize(
    "site",
    [
        {"type": "Point", "coordinates": [111.47, 35.54]},
        {"type": "LineString", "coordinates": [[110.89, 35.5], [110.93, 35.5]]},
        {"type": "LineString", "coordinates": [[110.91, 35.49], [110.91, 35.52]]},
    ],
    ids=["a point", "due east", "due north"],
)
def test_a_site_without_width_or_height_is_checked(client, site):
    answer = client.post("/checks", json=asked(site=site))
    assert answer.status_code == 200, answer.text
    assert answer.json()["site"]["counties"]
    assert client.get(f"/checks/{answer.json()['id']}/report?lang=zh").status_code == 200
