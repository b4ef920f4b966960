"""Every place of the plans is accounted for, stands in the plan at its line, and is placed no more surely than the plan allows."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
import shapely
import yaml
from bundled.places import Place, in_area, on_river, read_places

ROOT = Path(__file__).resolve().parents[3]
SHARED = ROOT.parent / "shared"
CHECKED = Path(__file__).with_name("places_checked.json")
CATALOGUE = yaml.safe_load((ROOT / "layers/catalogue/plan_place.yaml").read_text(encoding="utf-8"))
PLACES = read_places()
BY_NAME = {place.name: place for place in PLACES}
GEOD = pyproj.Geod(a=6378137.0, rf=298.257222101)

OBJECTS = {"S": 205, "J": 51, "JX": 69, "QS": 55, "LF": 65}
PROJECTS = {"S": 113, "J": 36, "JX": 26, "QS": 25, "LF": 28}
DONE = {"QS": 24}
"""Entries in a reading of the five plans: objects, projects of this plan period, tasks done in the period before."""
NEEDS_THE_PLANS = "the plans are not beside the project; the committed hashes were compared"


def entries() -> list[dict[str, str]]:
    path = ROOT / "data/boundaries/build/bundled/plan_entries.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def digest(place: Place) -> str:
    said = [place.name, place.printed, place.aliases, place.misprints, place.lines]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


def located(place: Place) -> list[str]:
    """Lines of the plans, as they are beside the project, that hold none of a place's names."""
    wanted = [place.name, place.printed, *place.aliases, *place.misprints]
    missing = []
    for one in place.lines:
        plan, _, line = one.partition(":")
        text = (SHARED / "plans" / f"{plan}.txt").read_text(encoding="utf-8").split("\n")
        if not any(name and name in text[int(line) - 1] for name in wanted):
            missing.append(one)
    return missing


def test_every_object_and_project_of_the_plans_is_a_row_placed_or_not() -> None:
    found = {plan: Counter[str]() for plan in OBJECTS}
    for entry in entries():
        plan, serial = entry["entry"].split("-")
        found[plan][serial[0]] += 1
    assert {plan: counts["O"] for plan, counts in found.items()} == OBJECTS
    assert {plan: counts["P"] for plan, counts in found.items()} == PROJECTS
    assert {plan: counts["T"] for plan, counts in found.items() if counts["T"]} == DONE
    covered = {entry for place in PLACES for entry in place.entries}
    assert covered == {entry["entry"] for entry in entries()}


@pytest.mark.skipif(not (SHARED / "extracts").exists(), reason=NEEDS_THE_PLANS)
def test_entries_are_those_of_the_reading_by_plan_and_kind() -> None:
    counted: Counter[tuple[str, str]] = Counter()
    one = (SHARED / "extracts/shanxi-jishan.md").read_text(encoding="utf-8")
    kind = ""
    for line in one[one.index("## 2. SPATIAL OBJECTS") : one.index("### Place-name index")].splitlines():
        if title := re.match(r"### (\w+) \(\d+\)", line):
            kind = title[1]
        elif row := re.match(r"\| ([SJ]) \|", line):
            counted[row[1], kind] += 1
    two = (SHARED / "extracts/jiang-qinshui-linfen.md").read_text(encoding="utf-8")
    for plan, kind in re.findall(r"^\| (JX|QS|LF)-O\d+ \| (\w+) \|", two, flags=re.MULTILINE):
        counted[plan, kind] += 1
    here = Counter((entry["entry"].split("-")[0], entry["kind"]) for entry in entries() if "-O" in entry["entry"])
    assert here == counted


def test_every_place_was_checked_against_its_plan_lines() -> None:
    known = json.loads(CHECKED.read_text(encoding="utf-8"))
    assert {place.code: digest(place) for place in PLACES} == known, "changed after it was checked against the plans"
    if not (SHARED / "plans").exists():
        pytest.skip(NEEDS_THE_PLANS)
    assert {place.name: lines for place in PLACES if (lines := located(place))} == {}


def test_words_of_the_plans_stay_short() -> None:
    assert all(len(place.printed or "") <= 60 for place in PLACES)


def test_the_plans_misprints_lead_to_the_right_names() -> None:
    for printed, right in {
        "漳沱河": "滹沱河", "涂河": "浍河", "峨眉岭": "峨嵋岭台地", "陶青河": "陶清河", "么里镇": "磨里镇",
        "滂汭河": "滂洹河",
    }.items():  # fmt: skip
        assert printed in BY_NAME[right].misprints


def test_a_place_without_a_position_says_why_in_known_words() -> None:
    from app.places import WHY  # noqa: PLC0415 (the words stand with the service)

    assert {place.why for place in PLACES if place.why} == set(WHY)
    assert {BY_NAME[name].why for name in ("吕梁山", "上田泉", "亚高山草甸")} == {"no_county"}


def test_codes_never_change_hands_and_kinds_are_declared() -> None:
    codes = [place.code for place in PLACES]
    assert codes == sorted(set(codes))
    assert {place.kind for place in PLACES} == set(CATALOGUE["classes"])
    twice = Counter((place.kind, place.name, place.lines[0].split(":")[0]) for place in PLACES)
    assert max(twice.values()) == 1


def farthest(point: shapely.Point, geometry: shapely.Geometry) -> float:
    ends = shapely.get_coordinates(geometry)
    lon, lat = np.full(len(ends), point.x), np.full(len(ends), point.y)
    return float(np.max(GEOD.inv(lon, lat, ends[:, 0], ends[:, 1])[2]))


def test_accuracy_reaches_every_corner_of_the_division_and_the_point_is_inside(layer: Callable[[str], Any]) -> None:
    polygons = {
        properties["code"]: geometry
        for name in ("county", "city")
        for properties, geometry in zip(layer(name).properties, layer(name).geometries, strict=True)
    }
    places = layer("plan_place")
    seen = set()
    for properties, point in zip(places.properties, places.geometries, strict=True):
        codes = (properties["division_codes"] or "").split("；")
        if properties["why"] or properties["river_code"] or tuple(codes) in seen:
            continue
        seen.add(tuple(codes))
        area = shapely.union_all([polygons[code] for code in codes])
        spot = point.geoms[0]
        assert shapely.contains_properly(area, spot), properties["name"]
        assert properties["accuracy_m"] >= farthest(spot, area) + 700, properties["name"]
    assert len(seen) > 80


def test_a_place_on_a_river_lies_on_its_line_and_reaches_the_ends_of_the_stretch(layer: Callable[[str], Any]) -> None:
    rivers = dict(zip([p["code"] for p in layer("river").properties], layer("river").geometries, strict=True))
    counties = dict(zip([p["code"] for p in layer("county").properties], layer("county").geometries, strict=True))
    places = layer("plan_place")
    on_rivers = [(p, g.geoms[0]) for p, g in zip(places.properties, places.geometries, strict=True) if p["river_code"]]
    for properties, spot in on_rivers:
        line = rivers[properties["river_code"]]
        assert shapely.distance(line, spot) < 1e-3
        codes = (properties["division_codes"] or "").split("；")
        if set(codes) <= set(counties):
            stretch = shapely.intersection(line, shapely.union_all([counties[code] for code in codes]))
            assert properties["accuracy_m"] >= farthest(spot, stretch) + 2500 + 700
    assert len(on_rivers) > 30


def test_no_place_pretends_to_be_exact(layer: Callable[[str], Any]) -> None:
    for properties, geometry in zip(layer("plan_place").properties, layer("plan_place").geometries, strict=True):
        assert shapely.is_empty(geometry) == (properties["accuracy_m"] is None) == bool(properties["why"])
        assert properties["accuracy_m"] is None or properties["accuracy_m"] > 10_000
        assert properties["legal_status"] == "reference"


def test_what_a_place_refers_to_is_there(layer: Callable[[str], Any]) -> None:
    for place in PLACES:
        if place.see:
            name, _, code = place.see.partition(":")
            assert code in {properties["code"] for properties in layer(name).properties}, place.name


def test_a_crescent_gets_a_point_inside_itself() -> None:
    crescent = shapely.difference(shapely.Point(112, 36).buffer(0.2), shapely.Point(112.08, 36).buffer(0.19))
    found = in_area(crescent)
    assert shapely.contains_properly(crescent, found.point)
    assert found.accuracy_m >= farthest(found.point, crescent) + 700


def test_a_river_that_only_follows_the_boundary_still_has_its_stretch() -> None:
    county = shapely.box(112, 36, 112.3, 36.3)
    beside = shapely.LineString([(111.99, 35.9), (111.99, 36.4)])
    found = on_river(beside, "centre_line", county)
    assert found.accuracy_m == pytest.approx(0.5 * 0.356 * 111_000 + 3200, rel=0.1)
    with pytest.raises(ValueError, match="no stretch"):
        on_river(shapely.LineString([(111.5, 35.9), (111.5, 36.4)]), "centre_line", county)


def test_a_row_that_is_neither_placed_nor_explained_is_refused(tmp_path: Path) -> None:
    source = (ROOT / "data/boundaries/build/bundled/places.csv").read_text(encoding="utf-8").splitlines()
    (tmp_path / "places.csv").write_text("\n".join([source[0], source[1].replace("no_county", "")]), encoding="utf-8")
    with pytest.raises(ValueError, match="why not"):
        read_places(tmp_path / "places.csv")


def test_the_places_can_be_made_again_alone(tmp_path: Path, boundaries: Path) -> None:
    for path in boundaries.glob("*.geojson"):
        if path.name != "plan_place.geojson":
            (tmp_path / path.name).symlink_to(path)
    command = [sys.executable, str(boundaries / "build"), "--places", "--out", str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True)
    assert (tmp_path / "SHA256SUMS").read_text() == (boundaries / "SHA256SUMS").read_text()
