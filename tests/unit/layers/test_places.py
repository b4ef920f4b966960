"""Words are compared without regard to width, case, spacing, punctuation or the traditional form; nothing else is forgiven."""

from __future__ import annotations

import pytest

from layers.places import fold, simplified


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Fen River", "fen  RIVER"),
        ("ＺＨ１４０８２６", "zh140826"),
        ("Lüliang", "luliang"),
        ("“双创”孵化园", "双创孵化园"),
        ("清水河（滹沱河支流）", "清水河(滹沱河支流)"),
        ("安泽-古县-浮山", "安泽 古县 浮山"),
    ],
)
def test_spellings_of_one_name_are_the_same(one, other):
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("漳沱河", "滹沱河"), ("绛县", "降县"), ("Fen", "Fan")])
def test_other_characters_stay_other_names(one, other):
    assert fold(one) != fold(other)


@pytest.mark.parametrize(
    ("given", "known"),
    [("絳縣", "绛县"), ("澮河", "浍河"), ("龍子祠", "龙子祠"), ("蘆葦河", "芦苇河"), ("汾河", "汾河")],
)
def test_traditional_characters_are_read_as_simplified(given, known):
    assert simplified(given) == known


def test_punctuation_alone_is_no_name():
    assert fold("（—）、") == ""
