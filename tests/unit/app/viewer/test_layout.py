"""The layout of the opening view is that of the province's plan, and everything it names is held or says that it is schematic."""

from __future__ import annotations

import json
import re

import pytest
from pydantic import ValidationError

from app.viewer.layout import Layout, layout
from layers.settings import CHECKOUT

BOUNDARIES = CHECKOUT / "data" / "boundaries"


def held(name, key):
    document = json.loads((BOUNDARIES / f"{name}.geojson").read_text(encoding="utf-8"))
    return {one["properties"][key] for one in document["features"]}


def test_two_mountains_seven_rivers_one_basin_five_lakes():
    made = layout()
    assert {one.name.zh for one in made.mountains.values()} == {"吕梁山", "太行山"}
    assert {one.name.zh for one in made.rivers.values()} == {
        "汾河",
        "桑干河",
        "滹沱河",
        "漳河",
        "沁河",
        "涑水河",
        "大清河",
    }
    assert made.basin.name.zh == "黄河流域"
    assert set(made.lakes) == {"晋阳湖", "漳泽湖", "云竹湖", "盐湖", "伍姓湖"}


def test_rivers_lakes_and_basin_are_in_the_bundled_layers():
    made = layout()
    codes = {code for river in made.rivers.values() for code in river.codes}
    assert codes | {made.basin.river} <= held("river", "code")
    assert set(made.lakes) <= held("plan_place", "name")
    assert made.basin.property in json.dumps(
        next(iter(json.loads((BOUNDARIES / "county.geojson").read_text("utf-8"))["features"]))["properties"]
    )


def test_mountain_axes_run_from_north_to_south_within_the_provinces_surroundings():
    for mountain in layout().mountains.values():
        latitudes = [lat for _, lat in mountain.axis]
        assert latitudes == sorted(latitudes, reverse=True)
        assert all(110 < lon < 115 and 34 < lat < 41 for lon, lat in mountain.axis)


def test_a_line_of_two_rivers_is_refused():
    said = layout().model_dump()
    said["rivers"]["fen"]["codes"] = ["R-FEN", "R-QIN"]
    with pytest.raises(ValidationError, match="one river only"):
        Layout.model_validate(json.loads(re.sub(r"[\u0000]", "", json.dumps(said, default=lambda one: one.as_dict()))))
