"""A site is clipped to where a rule is law; county lines have an accuracy, so near them nothing is certain."""

from __future__ import annotations

import pytest
import shapely

from tests.unit.zoning.scenes import FRAME, box, evidence, layer
from zoning.jurisdiction import Jurisdictions, significant
from zoning.relation import LayerView
from zoning.view import View

COUNTIES = layer(
    "county",
    [
        ("140824", box(-8000, -8000, 0, 8000), {"properties": {"yellow_river": True}}),
        ("140825", box(0, -8000, 4000, 8000), {"properties": {"yellow_river": True}}),
        ("140401", box(4000, -8000, 8000, 8000), {"properties": {"yellow_river": False}}),
    ],
    accuracy_m=200.0,
    full_cover=True,
    cell=0.01,
)


def jurisdictions(site: shapely.Geometry, accuracy_m: float = 0.0) -> Jurisdictions:
    view = View(site, int(shapely.get_dimensions(site)), FRAME)
    return Jurisdictions(COUNTIES, LayerView(COUNTIES, view), evidence(COUNTIES).window, accuracy_m)


@pytest.mark.parametrize(("code", "digits"), [("140000", "14"), ("140800", "1408"), ("140824", "140824")])
def test_significant_digits_of_an_admin_code(code: str, digits: str) -> None:
    assert significant(code) == digits


def test_a_site_far_from_county_lines_is_certainly_in_its_county_city_and_province() -> None:
    found = jurisdictions(box(-3000, 0, -2000, 1000))
    for code in ("140824", "140800", "140000", "yellow_river"):
        assert found.clip(code).certain
        assert found.clip(code).drawn is not None
    assert found.clip("140825").drawn is None
    assert found.clip("140825").possible is None


def test_a_site_across_a_county_line_is_split_by_it() -> None:
    clip = jurisdictions(box(-1000, 0, 1000, 1000)).clip("140824")
    assert not clip.certain
    assert clip.drawn is not None
    assert clip.sure is not None
    assert clip.possible is not None
    assert clip.drawn.size == pytest.approx(1_000_000, rel=1e-4)
    assert clip.sure.size == pytest.approx(800_000, rel=1e-3)
    assert clip.possible.size == pytest.approx(1_200_000, rel=1e-3)


def test_a_site_within_the_accuracy_of_the_line_is_surely_in_neither() -> None:
    found = jurisdictions(box(20, 0, 120, 100))
    assert found.clip("140824").drawn is None
    assert found.clip("140824").possible is not None
    assert found.clip("140825").sure is None


def test_lines_between_counties_of_one_jurisdiction_do_not_blur_it() -> None:
    assert jurisdictions(box(-1000, 0, 1000, 1000)).clip("140800").certain


def test_the_yellow_river_counties_are_a_jurisdiction() -> None:
    clip = jurisdictions(box(3000, 0, 5000, 1000)).clip("yellow_river")
    assert clip.drawn is not None
    assert clip.drawn.size == pytest.approx(1_000_000, rel=1e-4)


def test_the_accuracy_of_the_site_adds_to_that_of_the_line() -> None:
    site = box(-1300, 0, -300, 1000)
    assert jurisdictions(site).clip("140824").certain
    assert not jurisdictions(site, accuracy_m=150.0).clip("140824").certain


def test_what_lies_beyond_every_county_is_told() -> None:
    assert jurisdictions(box(-1000, 0, 1000, 1000)).outside() == 0
    beyond = jurisdictions(box(7500, 0, 9000, 1000)).outside()
    assert beyond == pytest.approx(800_000, rel=1e-3)
