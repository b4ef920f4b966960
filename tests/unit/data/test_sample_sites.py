"""The sites of the sample projects that are placed by a bundled boundary lie where that boundary is now."""

from __future__ import annotations

import json
import runpy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import shapely
import yaml

FOLDER = Path(__file__).resolve().parents[3] / "data" / "projects"
PLACED = [
    project
    for project in yaml.safe_load((FOLDER / "projects.yaml").read_text(encoding="utf-8"))["projects"]
    if project["shape"].keys() & {"beside", "around", "within"}
]


@pytest.fixture(scope="module")
def build() -> Mapping[str, Any]:
    """The names of the script that writes the files."""
    return runpy.run_path(str(FOLDER / "build.py"))


@pytest.mark.parametrize("project", PLACED, ids=[project["id"] for project in PLACED])
def test_the_file_is_the_one_that_the_build_writes(build: Mapping[str, Any], project: Mapping[str, Any]) -> None:
    assert build["geojson"](project) == (FOLDER / project["file"]).read_bytes()


@pytest.mark.parametrize("project", PLACED, ids=[project["id"] for project in PLACED])
def test_the_site_stands_to_its_boundary_as_it_says(build: Mapping[str, Any], project: Mapping[str, Any]) -> None:
    ((word, place),) = project["shape"].items()
    area = build["feature"](place["layer"], place["code"])
    file = json.loads((FOLDER / project["file"]).read_text(encoding="utf-8"))
    site = shapely.geometry.shape(file["features"][0]["geometry"])
    if word == "around":
        assert site.contains(area)
    elif word == "within":
        assert area.contains(site)
    elif place["gap_m"] == 0:
        assert site.touches(area)
    else:
        assert site.overlaps(area) is (place["gap_m"] < 0)


def test_a_place_that_cannot_be_had_is_refused(build: Mapping[str, Any]) -> None:
    (beside,) = (project["shape"]["beside"] for project in PLACED if project["id"].startswith("13-"))
    with pytest.raises(SystemExit, match="are wanted"):
        build["beside"](**{**beside, "along_m": 50_000})
    with pytest.raises(SystemExit, match="does not hold"):
        build["within"]("water_source", "WS-140826-001-1", 5000, 5000)
