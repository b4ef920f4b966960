"""A wrong rule file is refused with file and line, in both languages, and the rule set in use stays as it was."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from zoning.marked import marked
from zoning.rulebook import RuleError, load_texts, packaged_texts, rulebook

TEXTS = packaged_texts()
FILE = "jishan-plan.yaml"
SOURCE = "plans/jishan-county.txt"


def line_of(text: str, part: str) -> int:
    """The line (from 1) on which a part of a file's text first stands."""
    return text.split(part, maxsplit=1)[0].count("\n") + 1


def swapped(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new, 1)


WRONG = [
    ("unknown key", swapped("    effect: prohibit\n", "    effect: prohibit\n    severity: 3\n"), "severity: 3", "unknown keys"),
    ("unknown key of the place", swapped("within_m: 1000", "within: 1000"), "within: 1000", "unknown keys: within"),
    ("unknown layer", swapped("layer: river,", "layer: canal,"), "layer: canal", "unknown layer canal"),
    ("unknown industry", swapped("[high_pollution]", "[bakery]"), "[bakery]", "unknown industry group bakery"),
    ("unknown activity", swapped("[new, rebuild", "[dream, rebuild"), "[dream", "unknown activity dream"),
    ("unknown effect", swapped("effect: prohibit", "effect: forbid"), "effect: forbid", "unknown effect forbid"),
    ("unknown source", swapped("source: jishan-plan", "source: rumour"), "source: rumour", "unknown source rumour"),
    ("unknown entry", swapped("entries: [", "entries: [J-R999, "), "J-R999", "no plan entry J-R999"),
    ("no citation", swapped("    effect: prohibit", "    cites: []\n    effect: prohibit"), None, "stands twice"),
    ("distance as text", swapped("within_m: 1000", "within_m: near"), "within_m: near", "number of metres"),
    ("distance undecided, no bound", swapped("within_m: 1000", "within_m: null"), "where:", "up_to_m"),
    ("a text cut by a comma", swapped("en: no high-pollution industry", "en: no high, polluting"), "title:", "in quotes"),
    ("no language", swapped("title: {zh: 汾", "title: {cn: 汾"), "title:", "needs texts zh and en"),
    ("not YAML", swapped("effect: prohibit", "effect: ]"), "effect: ]", "not valid YAML"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "place", "message"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG])
def test_a_wrong_rule_file_is_refused_with_file_and_line(change, place: str | None, message: str) -> None:
    before = rulebook()
    text = change(TEXTS[FILE])
    with pytest.raises(RuleError, match=message) as caught:
        load_texts({**TEXTS, FILE: text})
    first = caught.value.problems[0]
    assert first.file == FILE
    if place is not None:
        assert first.line == line_of(text, place)
    assert caught.value.where["file"] == FILE
    assert caught.value.where["line"] == first.line
    assert re.search(r"[一-鿿]", caught.value.message.zh)
    assert rulebook() is before, "the rule set in use stays"


def test_a_rule_without_a_citation_is_refused_at_its_own_line() -> None:
    text = re.sub(r"    cites: .*\n", "", TEXTS[FILE], count=1)
    with pytest.raises(RuleError, match="lacks cites") as caught:
        load_texts({**TEXTS, FILE: text})
    assert caught.value.problems[0].line == line_of(text, "- id: jishan-239-fen-1km")


def test_a_quote_that_is_not_in_its_source_is_refused_at_its_line() -> None:
    lines = [""] * 400
    lines[238] = "严禁在汾河岸线一公里范围内布设高污染工业项目"
    with pytest.raises(RuleError, match=f"does not stand in {SOURCE} at L239") as caught:
        load_texts(TEXTS, {SOURCE: "\n".join(lines)})
    wrong = [p.rule for p in caught.value.problems]
    assert "jishan-239-planning-area" in wrong
    assert "jishan-239-fen-1km" not in wrong, "this one stands there"
    assert all(p.line and "quote:" in TEXTS[p.file].splitlines()[p.line - 1] for p in caught.value.problems)


def test_every_problem_of_every_rule_is_named_at_once() -> None:
    text = TEXTS[FILE].replace("effect: prohibit", "effect: forbid")
    with pytest.raises(RuleError) as caught:
        load_texts({**TEXTS, FILE: text})
    assert len(caught.value.problems) == TEXTS[FILE].count("effect: prohibit")


@pytest.mark.parametrize("missing", ["sources", "scope"])
def test_a_rule_set_without_its_sources_or_scope_is_refused(missing: str) -> None:
    with pytest.raises(RuleError, match=f"{missing}.yaml: the file is missing"):
        load_texts({name: text for name, text in TEXTS.items() if name != f"{missing}.yaml"})


def test_a_line_is_that_of_the_nearest_thing_around_a_missing_one() -> None:
    read = marked("a.yaml", "rules:\n  - id: x\n    where: {layer: river}\n")
    assert read.line("rules", 0, "where", "layer") == 3
    assert read.line("rules", 0, "where", "within_m") == 3
    assert read.line("rules", 7) == 1
