"""The guard caps a body while it is read, sets security headers on everything, and lets no stack trace out."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from app import guard
from app.guard import HEADERS, Guard


async def _length(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())), headers={"Cache-Control": "private"})


async def _broken(_: Request) -> Response:
    raise RuntimeError("secret of the house")


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setattr(guard, "JSON_LIMIT", 1000)
    routes = [Route("/length", _length, methods=["POST"]), Route("/broken", _broken)]
    with TestClient(Starlette(routes=routes, middleware=[Middleware(Guard)])) as client:
        yield client


def test_a_body_within_the_limit_passes(client):
    assert client.post("/length", content=b"x" * 1000).text == "1000"


def test_a_body_over_the_limit_is_refused_by_its_stated_length(client):
    answer = client.post("/length", content=b"x" * 1001)
    assert answer.status_code == 413
    assert answer.json()["type"] == "urn:shanhe:problem:body-too-large"


def test_a_body_without_a_stated_length_is_counted_while_it_is_read(client):
    given = []

    def chunks() -> Iterator[bytes]:
        for _ in range(100):
            given.append(1)
            yield b"x" * 100

    answer = client.post("/length", content=chunks())
    assert answer.status_code == 413
    assert answer.json()["detail_zh"]


def test_security_headers_are_on_every_answer_and_yield_to_the_routes_own(client):
    for answer in (
        client.post("/length", content=b""),
        client.get("/nowhere"),
        client.post("/length", content=b"x" * 2000),
    ):
        for name in HEADERS:
            assert name in answer.headers
    assert client.post("/length", content=b"").headers["Cache-Control"] == "private"
    assert client.get("/nowhere").headers["Cache-Control"] == "no-store"


def test_a_failure_is_a_problem_that_tells_nothing_inner_and_is_logged(client, caplog):
    with caplog.at_level(logging.ERROR, logger="shanhe"):
        answer = client.get("/broken", headers={"Accept-Language": "zh"})
    assert answer.status_code == 500
    assert answer.json()["type"] == "urn:shanhe:problem:internal"
    assert "secret" not in answer.text
    assert "secret of the house" in caplog.text
