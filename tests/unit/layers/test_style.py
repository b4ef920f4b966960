"""Styles are data: checked, safe for colour-blind readers, and an illustrative area is hatched whatever the catalogue says."""

from __future__ import annotations

import itertools
import math

import pytest
import yaml
from pydantic import ValidationError

from layers.catalogue import BadCatalogue, parse, read_catalogue
from layers.settings import CHECKOUT
from layers.style import GROUPS, Paint, Style, of_layer, read_style

# Machado, Oliveira and Fernandes 2009, full severity, for linear RGB.
SIGHT = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


def linear(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]


def lab(rgb):
    x, y, z = (sum(a * b for a, b in zip(row, rgb, strict=True)) for row in (
        (0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041),
    ))  # fmt: skip
    f = [max(v, 0) ** (1 / 3) if v > 0.008856 else 7.787 * max(v, 0) + 16 / 116 for v in (x / 0.95047, y, z / 1.08883)]
    return 116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])


def on_paper(paint):
    """The fill as it looks on white."""
    alpha = paint.fill_opacity if paint.fill_opacity is not None else 0.3
    return [c * alpha + (1 - alpha) for c in linear(paint.fill)]


def apart(one, other, sight):
    seen = [
        lab([sum(a * b for a, b in zip(row, on_paper(p), strict=True)) for row in SIGHT[sight]]) for p in (one, other)
    ]
    return math.dist(*seen)


def contrast(colour):
    r, g, b = linear(colour)
    return 1.05 / (0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05)


AREAS = [
    layer
    for layer in read_catalogue().held
    if (layer.geometry == "MultiPolygon" and layer.style.fill) or layer.style.classes
]


@pytest.mark.parametrize("sight", SIGHT)
def test_classes_of_an_area_layer_differ_in_fill_or_in_hatch_for_every_kind_of_sight(sight):
    for layer in AREAS:
        if layer.geometry != "MultiPolygon":
            continue
        paints = [layer.style.of_class(name) for name in layer.classes]
        for one, other in itertools.combinations(paints, 2):
            assert one.hatch != other.hatch or apart(one, other, sight) > 12, (layer.id, one, other)


@pytest.mark.parametrize("sight", SIGHT)
def test_control_units_differ_by_colour_alone_for_every_kind_of_sight(sight):
    units = read_catalogue().get("control_unit")
    assert units is not None
    for one, other in itertools.combinations([units.style.of_class(name) for name in units.classes], 2):
        assert apart(one, other, sight) > 10, (sight, one.fill, other.fill)


def test_outlines_stand_out_from_paper_as_the_guidelines_ask_of_graphics():
    for layer in read_catalogue().held:
        for name in [None, *layer.classes]:
            paint = layer.style.of_class(name)
            if layer.geometry != "MultiPoint" and paint.stroke and layer.id != "county":
                assert contrast(paint.stroke) >= 3, (layer.id, name, paint.stroke)


def test_every_layer_has_a_group_of_the_tree_and_something_to_draw():
    for layer in read_catalogue().held:
        assert layer.style.group in GROUPS
        for name in layer.classes:
            paint = layer.style.of_class(name)
            assert paint.stroke or paint.fill, (layer.id, name)


def test_an_illustrative_area_is_always_hatched_and_other_layers_as_they_are():
    plain = Style(fill="#112233", classes={"a": Paint(fill="#445566")})
    drawn = of_layer(plain, illustrative=True, area=True)
    assert drawn.hatch
    assert drawn.of_class("a").hatch
    assert of_layer(plain, illustrative=False, area=True) == plain
    assert of_layer(plain, illustrative=True, area=False) == plain
    for layer in read_catalogue().held:
        if layer.legal_status == "illustrative":
            seen = of_layer(layer.style, illustrative=True, area=True)
            assert all(seen.of_class(name).hatch for name in layer.classes), layer.id


def test_a_classs_own_values_stand_over_the_layers():
    style = Style(fill="#112233", width=2, classes={"a": Paint(width=0.5)})
    assert (style.of_class("a").fill, style.of_class("a").width) == ("#112233", 0.5)
    assert style.of_class("b").width == 2
    assert style.of_class(None).width == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"fill": "red"}, {"fill": "#12345"}, {"fill": "#123456; }"}, {"fill_opacity": 2}, {"width": -1}, {"hatch": "waves"},
        {"shape": "star"}, {"group": "none"}, {"colour": "#112233"}, {"dash": [1, 2, 3, 4, 5, 6, 7]}, {"classes": {"a": {"x": 1}}},
    ],
)  # fmt: skip
def test_wrong_styles_are_refused(wrong):
    with pytest.raises(ValidationError):
        Style.model_validate(wrong)


def test_a_style_for_a_class_that_the_layer_has_not_is_refused():
    path = CHECKOUT / "layers" / "catalogue" / "redline.yaml"
    entry = yaml.safe_load(path.read_text(encoding="utf-8"))
    entry["style"]["classes"] = {"greenline": {"fill": "#112233"}}
    with pytest.raises(BadCatalogue, match="greenline"):
        parse({"redline": entry})


def test_a_stored_style_of_an_older_form_is_still_read():
    assert read_style({"fill": None, "stroke": "#424242", "width": 2.0, "unheard": 1}).stroke == "#424242"
    assert read_style(None) == Style()
