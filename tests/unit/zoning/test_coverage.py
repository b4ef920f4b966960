"""Every sentence of the plans that reads as a rule is encoded, or listed with the reason why it is none."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from zoning.coverage import EFFECTS, PLANS, REASONS, entries, table
from zoning.rulebook import RuleError, load_texts, packaged_texts, rulebook

TEXTS = packaged_texts()


def test_every_entry_that_must_be_is_accounted_for() -> None:
    rows = table(rulebook().account)
    left = {f"{row.plan} {row.effect}": row.unaccounted for row in rows if row.unaccounted}
    assert not left, f"{sum(map(len, left.values()))} entries neither encoded nor listed with a reason: {left}"


def test_the_inventory_holds_every_entry_once_with_its_plan_and_lines() -> None:
    found = entries().values()
    assert len(found) == 582
    assert {e.plan for e in found} == set(PLANS)
    assert all(e.lines and e.effect in EFFECTS and re.fullmatch(r"[A-Z]{1,2}-R\d{3}", e.id) for e in found)
    assert all(e.must for e in found if e.check in ("A", "B", "C"))
    assert all(e.must for e in found if not e.check and e.effect in ("prohibit", "phase_out", "restrict"))


def test_the_table_counts_every_entry_once() -> None:
    for row in table(rulebook().account):
        assert row.total == row.encoded + sum(row.reasons.values()) + len(row.open) + len(row.unaccounted)
    assert sum(row.total for row in table(rulebook().account)) == len(entries())


def without_account(**rules: Any) -> dict[str, str]:
    """The packaged rules with no entry accounted for, and some entries given to rules."""
    texts = {}
    for name, text in TEXTS.items():
        data = yaml.safe_load(text)
        if data and "rules" in data:
            for rule in data["rules"]:
                rule.pop("entries", None)
                if rule["id"] in rules:
                    rule["entries"] = rules[rule["id"]]
        texts[name] = yaml.safe_dump(data, allow_unicode=True, sort_keys=False)
    texts["not-encoded.yaml"] = "{}\n"
    return texts


PLAIN = without_account(**{"jishan-239-fen-1km": ["J-R045", "J-R046"]})


def test_an_account_is_read() -> None:
    listed = (
        "jishan-county:\n  J-R001: {reason: procedural, note: {zh: 甲, en: a}}\n"
        "  J-R002: {reason: duplicate, of: jishan-239-fen-1km}\n"
    )
    account = load_texts({**PLAIN, "not-encoded.yaml": listed}).account
    assert account.encoded == {"J-R045": ("jishan-239-fen-1km",), "J-R046": ("jishan-239-fen-1km",)}
    assert account.not_encoded["J-R001"].reason == "procedural"
    assert account.not_encoded["J-R002"].of == "jishan-239-fen-1km"
    row = next(r for r in table(account) if (r.plan, r.effect) == ("jishan-county", "require"))
    assert "J-R014" in row.unaccounted


def test_the_account_is_no_part_of_the_hash() -> None:
    assert load_texts(PLAIN).hash == load_texts(without_account()).hash


WRONG = [
    ("an unknown entry", "jishan-county:\n  J-R001: {reason: procedural}\n  J-R999: {reason: procedural}\n", 3, "no entry J-R999"),
    ("an entry of another plan", "jishan-county:\n  S-R001: {reason: procedural}\n", 2, "jishan-county has no entry S-R001"),
    ("an unknown plan", "datong-city:\n  J-R001: {reason: procedural}\n", 1, "no plan or law datong-city"),
    ("an unknown reason", "jishan-county:\n  J-R001: {reason: tedious}\n", 2, "unknown reason"),
    ("no reason", "jishan-county:\n  J-R001: {note: {zh: 甲, en: a}}\n", 2, "lacks reason"),
    ("an unknown key", "jishan-county:\n  J-R001: {reason: procedural, why: x}\n", 2, "unknown keys: why"),
    ("a duplicate of nothing", "jishan-county:\n  J-R001: {reason: duplicate, of: no-such-rule}\n", 2, "no rule no-such-rule"),
    ("a duplicate without its rule", "jishan-county:\n  J-R001: {reason: duplicate}\n", 2, "says of which rule"),
    ("encoded and not", "jishan-county:\n  J-R001: {reason: procedural}\n  J-R045: {reason: no_target}\n", 3, "encodes it"),
    ("an entry twice", "jishan-county:\n  J-R001: {reason: procedural}\n  J-R001: {reason: no_target}\n", 3, "stands twice"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "message"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG])
def test_a_wrong_account_is_refused_with_file_and_line(text: str, line: int, message: str) -> None:
    with pytest.raises(RuleError, match=message) as caught:
        load_texts({**PLAIN, "not-encoded.yaml": text})
    assert (caught.value.problems[0].file, caught.value.problems[0].line) == ("not-encoded.yaml", line)


def test_every_reason_has_words() -> None:
    assert all(title.zh and title.en for title in REASONS.values())
