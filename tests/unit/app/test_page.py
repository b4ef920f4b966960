"""The reference page says everything the OpenAPI document does, in both languages, and asks for nothing from elsewhere."""

from __future__ import annotations

import re
from html import unescape

import pytest

from app import page, problem_types
from app.http import create_app
from app.routes.pages import LINKS


@pytest.fixture(scope="module")
def document():
    return create_app().openapi()


@pytest.fixture(params=["zh", "en"])
def text(request, document):
    return page.reference(document, "http://testserver", "n0nce", request.param)


def test_every_operation_parameter_and_example_is_on_the_page(document, text):
    shown = unescape(text)
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert f">{method.upper()}</b> <code>{path}</code>" in shown
            assert operation["summary"] in shown or operation["x-summary-zh"] in shown
            for parameter in operation.get("parameters", ()):
                assert f"<code>{parameter['name']}</code>" in shown
            assert f"http://testserver{path.split('{')[0]}" in shown
    assert '"industry": "N7820"' in shown


def test_every_problem_type_is_on_the_page(text):
    for id in problem_types.declared():
        assert f'id="problem-{id}"' in text


def test_the_page_loads_nothing_and_runs_nothing(text):
    assert not re.search(r"<(script|link|img|iframe|object|embed|base|form|video|audio)\b", text)
    assert not re.search(r"\s(style|on\w+)=", text)
    assert not re.search(r"url\(|@import|@font-face", text)
    targets = re.findall(r'\b(?:href|src)="([^"]*)"', text)
    assert len(targets) == len(re.findall(r"\b(?:href|src)=", text)) > 10
    assert all(re.match(r"#|/(?!/)", target) for target in targets)
    assert set(re.findall(r"https?://[\w.:-]+", text)) == {"http://testserver"}
    assert text.count("<style") == text.count('<style nonce="n0nce">') == 1


def test_every_operation_is_described_in_both_languages_and_only_with_problem_errors(document):
    for path, methods in document["paths"].items():
        for operation in methods.values():
            assert re.search(r"[\u4e00-\u9fff]", operation["x-summary-zh"] + operation["x-description-zh"]), path
            for status, response in operation["responses"].items():
                if status >= "4":
                    assert list(response["content"]) == ["application/problem+json"], (path, status)


def test_every_parameter_and_field_is_explained_in_both_languages(document):
    def fields(schema):
        for name, one in schema.get("properties", {}).items():
            yield name, one
            yield from fields(one.get("items", one))

    for methods in document["paths"].values():
        for operation in methods.values():
            bodies = [entry["schema"] for entry in operation.get("requestBody", {}).get("content", {}).values()]
            for name, one in [
                *((p["name"], p["schema"]) for p in operation.get("parameters", ())),
                *(f for b in bodies for f in fields(b)),
            ]:
                assert one["description"], name
                assert re.search(r"[\u4e00-\u9fff]", one["x-zh"]), name


def test_what_a_client_sends_is_escaped():
    hostile = 'http://x"><script>alert(1)</script>'
    assert "<script>" not in page.reference(create_app().openapi(), hostile, "n", "en")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_landing_page_links_everything(lang):
    text = unescape(page.landing(LINKS, "n", lang))
    assert all(f'href="{link}"' in text for link in LINKS)
