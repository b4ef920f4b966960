"""The language and media type a reader gets follow what was asked, and English and the first offer otherwise."""

from __future__ import annotations

import pytest

from app.language import from_environment, from_header, media_type, named
from zoning.errors import BadInput


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_TW"}, "zh"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LC_ALL": "zh_CN.UTF-8", "LANG": "en_US.UTF-8"}, "zh"),
        ({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LC_ALL": "", "LC_MESSAGES": "zh_CN", "LANG": "en_US"}, "zh"),
    ],
)
def test_the_first_locale_variable_that_is_set_decides(environment, expected):
    assert from_environment(environment) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, "en"),
        ("", "en"),
        ("zh", "zh"),
        ("zh-Hans-CN", "zh"),
        ("en;q=0.5, zh;q=0.8", "zh"),
        ("zh;q=0, en", "en"),
        ("fr, de", "en"),
        ("zh;q=nonsense, en;q=0.1", "en"),
        ("zh, en", "en"),
    ],
)
def test_the_better_liked_language_wins(header, expected):
    assert from_header(header) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("text/*", "text/plain"),
        ("text/plain;q=0.5, application/json", "application/json"),
        ("text/plain, application/json;q=0.9", "text/plain"),
        ("image/png", "application/json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
    ],
)
def test_the_best_liked_media_type_wins_and_the_first_offer_is_the_default(header, expected):
    assert media_type(header, ["application/json", "text/plain"]) == expected


def test_a_language_that_is_not_kept_is_refused():
    with pytest.raises(BadInput) as refused:
        named("de")
    assert refused.value.type == "language-unknown"
