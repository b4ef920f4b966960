"""What a check's id is made from: whatever can move the answer, and nothing else."""

from __future__ import annotations

import datetime as dt
import itertools

import numpy as np
import pytest
import shapely

from zoning.identity import Question, identity
from zoning.parcel import in_order
from zoning.project import Project
from zoning.site import RawPart, read_site

DAY = dt.date(2024, 6, 30)
FACTS = {"land_take": "permanent", "fuel": "gas", "discharges_to_water": False}
HELD = ({"kind": "red_line_recognition", "number": "一", "date": "2024-03-01", "issuer": "省厅"},)
FIRST, SECOND, THIRD = (shapely.box(x, 37, x + 0.001, 37.001) for x in (112.0, 112.01, 112.02))


def _site(*parts, **more):
    given = [part if isinstance(part, RawPart) else RawPart(part) for part in parts]
    return read_site(given, crs=4490, **more)


def _project(industry="N7820", activity="new", facts=FACTS, held=HELD, name=""):
    return Project.of(industry, activity, facts, held, name)


def _id(site=None, project=None, day=DAY, release=1, rules="r"):
    return identity(Question(site or _site(FIRST), project or _project(), day), release, rules)


LINE = shapely.LineString([(112.0, 37.0), (112.0, 37.002)])
BACK = shapely.LineString([(112.0, 37.0), (112.0, 37.002), (112.0, 37.0)])


def test_everything_that_can_move_an_answer_moves_the_id():
    different = [
        _id(),
        _id(_site(shapely.transform(FIRST, lambda xy: np.add(xy, [1e-9, 0])))),
        _id(_site(RawPart(FIRST, number="A"))),
        _id(_site(FIRST, accuracy_m=5)),
        _id(_site(FIRST.exterior)),
        _id(_site(FIRST.exterior, half_width_m=5)),
        _id(_site(FIRST.exterior, half_width_m=6)),
        _id(project=_project("C2521")),
        _id(project=_project(activity="expand")),
        _id(project=_project(facts={**FACTS, "fuel": "coal"})),
        _id(project=_project(facts={"land_take": "permanent", "fuel": "gas"})),
        _id(project=_project(held=())),
        _id(day=DAY + dt.timedelta(days=1)),
        _id(release=2),
        _id(rules="s"),
    ]
    assert len(set(different)) == len(different)


def test_two_lines_with_one_corridor_have_two_ids():
    """The answer tells where along the line, so a line there and back is another question than the line."""
    once, twice = (_site(line, half_width_m=50) for line in (LINE, BACK))
    assert once.canonical_wkb() == twice.canonical_wkb()
    assert _id(once) != _id(twice)


def test_names_and_the_order_of_what_is_said_are_no_part_of_it():
    said = dict(reversed(FACTS.items()))
    assert _id(project=_project(facts=said, name="某某项目")) == _id()
    assert _id(project=_project(held=(*HELD, {**HELD[0], "number": " 一 "}))) == _id()
    assert _id(_site(RawPart(FIRST, name="地块一", properties={"用途": "工业"}, file="选址.kml"))) == _id()


@pytest.mark.parametrize("numbers", [("1", "2", "10"), ("A-2", "A-10", "B"), ("①", "②", "③"), ("9" * 5000, "一", "²")])
def test_parcels_with_numbers_may_come_in_any_order(numbers):
    parts = [RawPart(shape, number=number) for number, shape in zip(numbers, (FIRST, SECOND, THIRD), strict=True)]
    sites = [_site(*order) for order in itertools.permutations(parts)]
    assert len({_id(site) for site in sites}) == 1
    assert len({tuple(p.number for p in in_order(site.parcels)) for site in sites}) == 1


def test_numbers_are_ordered_as_people_read_them():
    numbers = ["10", "2", "B-10", "B-9", "02", "B", "地块1", "007"]
    parts = [
        RawPart(shapely.box(112 + n / 100, 37, 112.001 + n / 100, 37.001), number=m) for n, m in enumerate(numbers)
    ]
    found = [p.number for p in in_order(_site(*parts).parcels)]
    assert found == ["B", "B-9", "B-10", "地块1", "02", "2", "007", "10"]


def test_parcels_without_numbers_are_numbered_by_the_file_and_so_its_order_counts():
    assert _id(_site(FIRST, SECOND)) != _id(_site(SECOND, FIRST))
    assert _id(_site(FIRST, SECOND)) != _id(_site(shapely.MultiPolygon([FIRST, SECOND])))


@pytest.mark.parametrize("column", ["地块编号", "地块编", "DKBH", "编号"])
@pytest.mark.parametrize("value", ["7", 7, 7.0, " 7 "])
def test_a_number_is_one_number_however_its_column_holds_it(column, value):
    """Whole numbers come as text, as integers, and as floats where the column has decimals or gaps."""
    assert _site(RawPart(FIRST, properties={column: value})).parcels[0].number == "7"
