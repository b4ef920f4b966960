"""Every text of the page exists in both languages, once, and every text that a script asks for exists."""

from __future__ import annotations

import re

import pytest

from app.viewer import strings
from layers.settings import CHECKOUT

FOLDER = CHECKOUT / "app" / "viewer"
PLACE = re.compile(r"\{(\w+)\}")


def test_both_languages_are_there_with_the_same_places_to_fill():
    for key, said in strings.read().items():
        assert set(PLACE.findall(said.zh)) == set(PLACE.findall(said.en)), key
        assert re.search(r"[\u4e00-\u9fff{]", said.zh) or key == "page.other_language", key


def test_every_text_that_a_script_or_the_markup_asks_for_is_there():
    known = strings.read()
    asked = set()
    for path in [*(FOLDER / "static").glob("*.js"), *FOLDER.glob("*.py")]:
        text = path.read_text(encoding="utf-8")
        asked |= set(re.findall(r"""\bt\(\s*["']([\w.]+)["']""", text))
        asked |= {key for key in re.findall(r"""\["([\w.]+)", \{""", text) if key.split(".")[0] == "layout"}
        for prefix in re.findall(r"\bt\(f?[`\"]([\w.]+\.)\$?\{", text):
            assert any(key.startswith(prefix) for key in known), (path.name, prefix)
    assert len(asked) > 60
    assert asked <= set(known), sorted(asked - set(known))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("a.b: {zh: '甲'}", ""),
        ("a.b: {zh: '甲', en: ''}", ""),
        ("a.b: {zh: '甲', en: A, fr: B}", ""),
        ("a.b: text", ""),
        ("a.b: {zh: '甲', en: A}", "a.b: {zh: '乙', en: B}"),
    ],
)
def test_a_text_without_a_language_or_given_twice_is_refused(tmp_path, first, second):
    (tmp_path / "one.yaml").write_text(first, encoding="utf-8")
    (tmp_path / "two.yaml").write_text(second, encoding="utf-8")
    with pytest.raises(strings.BadStrings, match=r"a\.b"):
        strings.read(tmp_path)
