"""The river layer holds the named rivers as one line each, where the plans say they run, and says how good they are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
import yaml
from bundled import rivers

SCHEMATIC = {"涑水河", "清漳河", "唐河", "沙河"}
THROUGH = {
    "汾河": ["宁武县", "静乐县", "古交市", "平遥县", "洪洞县", "尧都区", "侯马市", "稷山县", "河津市"],
    "沁河": ["沁源县", "安泽县", "沁水县", "阳城县"],
    "桑干河": ["朔城区", "应县", "云州区"],
    "滹沱河": ["代县", "原平市", "定襄县", "五台县"],
    "漳河": ["榆社县", "襄垣县", "黎城县"],
    "丹河": ["高平市", "泽州县"],
    "涑水河": ["绛县", "闻喜县", "夏县", "盐湖区", "临猗县", "永济市"],
    "清漳河": ["和顺县", "左权县"],
    "唐河": ["浑源县", "灵丘县"],
    "沙河": ["灵丘县"],
    "黄河": ["偏关县", "吉县", "芮城县", "平陆县", "垣曲县"],
}


def test_each_river_is_one_feature_of_its_kind(layer: Callable[[str], Any]) -> None:
    kinds = {p["name"]: p["class"] for p in layer("river").properties}
    assert set(kinds) == set(THROUGH)
    assert {name for name, kind in kinds.items() if kind == "schematic"} == SCHEMATIC


@pytest.mark.parametrize("river", THROUGH)
def test_rivers_run_through_their_counties(river: str, layer: Callable[[str], Any]) -> None:
    line = layer("river").where(name=river)[0]
    counties = layer("county")
    met = {p["name"] for p, g in zip(counties.properties, counties.geometries, strict=True) if g.intersects(line)}
    assert set(THROUGH[river]) - met == set()


def test_yellow_river_side_channels_are_not_taken_for_the_sushui(layer: Callable[[str], Any]) -> None:
    line = layer("river").where(name="涑水河")[0]
    assert line.intersects(shapely.Point(111.22, 35.36).buffer(0.05))
    assert line.length > 1.0


def test_river_names_claimed_complete_are_the_names_held(layer: Callable[[str], Any]) -> None:
    path = Path(__file__).resolve().parents[3] / "layers/catalogue/river.yaml"
    entry = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert sorted(entry["complete_for"]["name"]) == sorted(THROUGH)


def test_ends_are_joined_up_to_a_hundredth_of_a_degree_and_no_further() -> None:
    one, near, far = (
        np.array(xy, dtype=float) for xy in ([(0, 0), (1, 0)], [(2, 0), (1.009, 0)], [(2.011, 0), (3, 0)])
    )
    joined = rivers.join([one, near, far])
    assert [line.tolist() for line in joined] == [[[0, 0], [1, 0], [1.009, 0], [2, 0]], [[2.011, 0], [3, 0]]]


def test_joining_keeps_a_shared_end_once() -> None:
    one, two = np.array([(1.0, 0.0), (0.0, 0.0)]), np.array([(1.0, 0.0), (2.0, 0.0)])
    (line,) = rivers.join([one, two])
    assert sorted(line[:, 0].tolist()) == [0.0, 1.0, 2.0]


def test_only_the_zhang_has_a_branch(layer: Callable[[str], Any]) -> None:
    lines = zip(layer("river").properties, shapely.get_num_geometries(layer("river").geometries), strict=True)
    assert {p["name"]: int(n) for p, n in lines if n > 1} == {"漳河": 2}
