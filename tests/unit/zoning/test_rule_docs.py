"""Docs as tests: whoever writes a rule finds every key, effect, decision and reason in `docs/rules.md`, with an example that loads."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from layers.settings import CHECKOUT
from zoning.coverage import REASONS, entries, table
from zoning.owner_decision import WORDS
from zoning.rule import Effect
from zoning.rule_file import _RULE_KEYS, _WHERE_KEYS
from zoning.rulebook import rulebook

PAGE = (CHECKOUT / "docs" / "rules.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("effect", get_args(Effect))
def test_every_effect_is_explained(effect: str) -> None:
    assert f"`{effect}`" in PAGE


@pytest.mark.parametrize("key", sorted((_RULE_KEYS | _WHERE_KEYS) - {"in_force"}))
def test_every_key_of_a_rule_is_named(key: str) -> None:
    assert re.search(rf"\b{key}\b", PAGE)


@pytest.mark.parametrize("word", [*WORDS, *REASONS])
def test_every_decision_and_reason_is_named(word: str) -> None:
    assert f"`{word}`" in PAGE


def test_the_example_quotes_a_rule_that_there_is() -> None:
    quote = re.search(r"quote: ([^}]+)}", PAGE)
    assert quote
    assert quote[1] == rulebook().get("jishan-239-fen-1km").cites[0].quote


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_readmes_count_the_rules_and_sentences_that_there_are(name: str) -> None:
    rules, account = rulebook(), table(rulebook().account)
    dormant = sum(rules.is_dormant(rule) for rule in rules.rules)
    must = sum(row.must for row in account)
    said = (CHECKOUT / name).read_text(encoding="utf-8")
    section = re.search(r"\n## (?:Rules, units|规则、管控单元).*?(?=\n## )", said, re.DOTALL)
    assert section
    numbers = {int(n) for n in re.findall(r"(?<![\w-])(\d{3})(?= ?[a-z条]| plan)", section[0])}
    assert numbers == {len(rules.rules), must, dormant, len(entries())}
    assert not any(row.unaccounted for row in account)
