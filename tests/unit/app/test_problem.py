"""Every error becomes one problem document of one shape, in the reader's language with both beside it."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from app import problem
from app.cli.screen import error_line
from app.routes.schema import CheckBody
from zoning.bilingual import Bilingual
from zoning.errors import BadSite, NotFound, Unavailable

MESSAGE = Bilingual("边界自相交叉。", "The boundary crosses itself.")


@pytest.mark.parametrize(("kind", "status"), [(BadSite, 422), (NotFound, 404), (Unavailable, 503)])
def test_the_class_of_an_error_is_its_status(kind, status):
    response = problem.of_error(kind("site-self-crossing", MESSAGE, coordinate=[111.5, 35.1]), "zh")
    data = json.loads(response.body)
    assert response.status_code == data["status"] == status
    assert response.headers["content-type"] == "application/problem+json"
    assert data["type"] == "urn:shanhe:problem:site-self-crossing"
    assert (data["detail"], data["detail_zh"], data["detail_en"]) == (MESSAGE.zh, MESSAGE.zh, MESSAGE.en)
    assert data["where"] == {"coordinate": [111.5, 35.1]}
    assert data["title"]


def test_the_detail_follows_the_language():
    data = json.loads(problem.of_error(BadSite("site-empty", MESSAGE), "en").body)
    assert data["detail"] == MESSAGE.en


@pytest.mark.parametrize("status", [400, 404, 405, 500, 501, 418])
def test_a_bare_status_is_a_problem_too_and_tells_nothing_inner(status):
    response = problem.of_status(status, "en")
    data = json.loads(response.body)
    assert response.status_code == data["status"] == status
    assert data["type"].removeprefix(problem.URN) in {
        "request-invalid", "page-unknown", "method-not-allowed", "internal"
    }  # fmt: skip


def test_every_wrong_field_of_a_body_is_named():
    with pytest.raises(ValidationError) as refused:
        CheckBody.model_validate({"sites": {}, "project": {"industry": "C2521", "activity": 3, "colour": "red"}})
    error = problem.of_fields(refused.value.errors())
    assert error.type == "body-invalid"
    assert error.status == 422
    assert sorted(error.where["fields"]) == ["project.activity", "project.colour", "site", "sites"]
    assert all(field in error.message.zh and field in error.message.en for field in error.where["fields"])


def test_a_wrong_parameter_is_a_400():
    error = problem.of_fields([{"loc": ("query", "release"), "type": "int_parsing", "msg": "not a number"}])
    assert (error.type, error.status, error.where["fields"]) == ("parameter-invalid", 400, ["release"])


def test_an_error_on_the_command_line_is_one_line_that_says_each_place_once():
    error = BadSite(
        "site-self-crossing", Bilingual("交叉。\n请改正。", "It crosses.\nMend it."), file="a.geojson", feature=2, ring=1,
        coordinate=[111.5, 35.1],
    )  # fmt: skip
    assert error_line(error, "en") == (
        "site-self-crossing: It crosses. Mend it. (file a.geojson, part 2, ring 1, at 111.5, 35.1)"
    )
    assert error_line(error, "zh") == (
        "site-self-crossing: 交叉。 请改正。（文件 a.geojson，第 2 个图形，第 1 环，位于 111.5, 35.1）"
    )
    said = BadSite("site-empty", Bilingual("文件“a.zip”里没有图形。", "File “a.zip” holds no features."), file="a.zip")
    assert error_line(said, "en") == "site-empty: File “a.zip” holds no features."
