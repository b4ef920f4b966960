"""Settings come from the environment, have working defaults, and keep the database's password to themselves."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from layers.database import with_driver
from layers.settings import Settings
from zoning.errors import Unavailable


def test_password_is_not_in_any_text_of_the_settings(monkeypatch):
    monkeypatch.setenv("SHANHE_DATABASE_URL", "postgresql://u:hush@h/d")
    settings = Settings()
    assert "hush" not in f"{settings!r} {settings} {settings.model_dump()}"


def test_environment_sets_and_wrong_values_are_refused(monkeypatch):
    monkeypatch.setenv("SHANHE_PORT", "9000")
    assert Settings().port == 9000
    monkeypatch.setenv("SHANHE_PORT", "70000")
    with pytest.raises(ValidationError):
        Settings()


@pytest.mark.parametrize("url", ["postgresql://u@h/d", "postgres://u@h/d", "postgresql+psycopg://u@h/d"])
def test_any_spelling_of_a_postgresql_url_gets_the_one_driver(url):
    assert with_driver(url).render_as_string() == "postgresql+psycopg://u@h/d"


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://u@h/d", "sqlite:///x"])
def test_other_urls_are_refused_in_words(url):
    with pytest.raises(Unavailable) as caught:
        with_driver(url)
    assert caught.value.type == "database-url"
