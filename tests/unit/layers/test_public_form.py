"""What may be shown to anybody: every combination of visibility and form has its answer, and what is unclear is hidden."""

from __future__ import annotations

import itertools

import pytest

from layers.catalogue import read_catalogue
from layers.public_form import form, public

ANSWERS = {
    ("public", "exact"): "exact",
    ("public", "generalised"): "generalised",
}


@pytest.mark.parametrize(
    ("visibility", "said"), list(itertools.product(["public", "login", "role"], ["exact", "generalised", "hidden"]))
)
def test_every_combination(visibility, said):
    entry = {"visibility": visibility, "public_form": said}
    expected = ANSWERS.get((visibility, said), "hidden")
    assert (form(entry), public(entry)) == (expected, expected != "hidden")
    spec = read_catalogue().layers[0].model_copy(update=entry)
    assert (form(spec), public(spec)) == (expected, expected != "hidden")


@pytest.mark.parametrize(
    "entry", [{}, {"visibility": "public"}, {"public_form": "exact"}, {"visibility": "public", "public_form": "?"}]
)
def test_what_is_not_said_is_hidden(entry):
    assert not public(entry)
