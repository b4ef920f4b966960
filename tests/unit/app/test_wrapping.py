"""Wrapped text fits its width, loses nothing, and keeps what belongs together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from app.cli.wrapping import wrap

LETTERS = st.text(alphabet="选址压占红线距汾河，。（）《》“” abcXYZ019.,()%m²", min_size=0, max_size=120)


@given(LETTERS, st.integers(8, 60), st.integers(0, 4))
def test_no_line_is_wider_than_asked_and_no_character_is_lost(text, width, hang):
    lines = wrap(text, width, hang=hang)
    assert all(cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_closing_punctuation_never_begins_a_line_and_opening_never_ends_one():
    text = "选址压占生态保护红线（示意），占该地块的一半；其余在外。" * 4
    for width in range(12, 60):
        lines = wrap(text, width)
        assert not any(line[0] in "，。；）" for line in lines), width
        assert not any(line[-1] == "（" for line in lines), width


@pytest.mark.parametrize("amount", ["50.0 %", "1,234.5 m²", "603.17 公顷", "<0.01 %", "900 m"])
def test_an_amount_stays_with_its_unit(amount):
    for width in range(14, 40):
        assert any(amount in line for line in wrap(f"选址压占红线共 {amount} 其余不压占", width)), width


def test_the_sign_of_a_verdict_stays_with_its_word():
    for width in range(16, 60):
        lines = wrap("DEMONSTRATION: do not rely on them. ○ No conflict found.", width)
        assert not any(line.endswith("○") for line in lines), width


def test_later_lines_hang():
    assert wrap("one two three", 8, hang=2) == ["one two", "  three"]


def test_an_empty_text_is_one_empty_line():
    assert wrap("", 20) == [""]
