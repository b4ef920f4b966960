"""The Jiang, Qinshui and Linfen plans as a table: what each ban, limit and phase-out catches, and the near miss it must let go.

Conditions and jurisdictions only; where a site lies is told by other tests.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest

from zoning import attributes
from zoning.decision import outcome_of
from zoning.project import Project
from zoning.rule import Rule
from zoning.rulebook import rulebook

PLANS = ("jiang-plan", "qinshui-plan", "linfen-plan")
BINDING = ("prohibit", "restrict", "phase_out")
RULES = {rule.id: rule for rule in rulebook().rules if rule.cites[0].source.id in PLANS}


@dataclass(frozen=True)
class Row:
    """A rule, the place it binds (empty: its whole jurisdiction), a project that it hits and one that it must not hit.

    A project is written `class activity attribute=value …`.
    """

    rule: str
    place: str
    hit: str
    miss: str


def project(text: str) -> Project:
    code, activity, *stated = text.split()
    return Project.of(code, activity, stated)


def place(rule: Rule) -> str:
    if rule.where is None:
        return ""
    chosen = " ".join("/".join(str(v) for v in values) for values in rule.where.filter.values())
    return f"{rule.where.layer} {chosen}".strip()


# C2653 caprolactam, C2521 coking, C3110 iron, C3120 steel, C3130 rolling, C3011 cement, C3031 fired brick, C3041 flat glass, C3391 foundry,
# C3212 lead smelting, C3843 lead batteries, C4210 scrap, C2710 drugs, C2621 nitrogen fertiliser, C2672 fireworks, C3032 stone, C3393 forging,
# C1351 slaughter, C3821 transformers, B0610 coal, B0721 gas, B1019 sand, B1200 geothermal, D4411 power, D4413 hydropower, D4610 tap water,
# D4620 sewage, E4710 housing, E4812 roads, E4822 flood works, E4891 greening, F5161 coal trade, N7712 wildlife care, N7721 water clean-up,
# N7861 scenic area, Q8424 village clinic, A0111 rice, A0131 cotton, A0141 vegetables, A0311 cattle, A0313 pigs, A0392 bees.
TABLE = [
    # --- Jiang ---
    Row("jiang-537-reserve", "protected_area", "C2653 new", "C2521 new"),
    Row("jiang-537-settlement", "settlement_sensitive_area", "C2710 new", "C2710 operate"),
    Row("jiang-565-two-high", "", "C2521 new net_new_capacity=1", "C2521 new net_new_capacity=0"),
    Row("jiang-616-grazing", "river_management", "A0311 operate grazes=true", "A0311 operate grazes=false"),
    Row("jiang-616-return-flow", "", "A0111 new discharges_to_water=true", "A0111 new discharges_to_water=false"),
    Row("jiang-621-intake", "river_management 涑水河", "D4610 new", "D4610 operate"),
    Row("jiang-633-channel", "river_management 涑水河", "C1351 operate", "E4812 operate"),
    Row("jiang-633-sand", "river_management 涑水河", "B1019 operate", "B0610 operate"),
    Row("jiang-651-land-access", "contaminated_land unassessed/unremediated", "Q8424 new", "N7726 new"),
    Row("jiang-684-wetland", "wetland", "A0111 operate", "A0412 operate"),
    Row("jiang-686-red-line-leave", "redline", "C2521 operate", "N7861 operate"),
    Row("jiang-703-livestock-ban", "livestock_zone ban", "A0313 new", "A0392 new"),
    Row("jiang-703-livestock-limited", "livestock_zone limited", "A0313 expand", "A0313 operate"),
    Row("jiang-731-heavy-metal", "", "C3843 new", "C3843 retrofit"),
    # --- Qinshui ---
    Row("qinshui-513-red-line", "redline", "C2521 new", "E4811 new"),
    Row("qinshui-517-west", "functional_area 沁水城西", "C1351 new", "C1351 expand"),
    Row("qinshui-547-capacity", "", "C3391 new net_new_capacity=1", "C3130 new net_new_capacity=1"),
    Row("qinshui-547-limit", "", "C2521 new", "C3034 new"),
    Row("qinshui-581-livestock", "livestock_zone ban", "A0313 operate", "A0313 close"),
    Row("qinshui-593-channel", "river_management", "C1351 operate", "E4822 operate"),
    Row("qinshui-609-county", "", "C3031 new fuel=gas", "C3034 new fuel=gas"),
    Row("qinshui-609-zone", "no_coal_zone", "C3034 new fuel=heavy_oil", "C3034 new fuel=biomass"),
    Row("qinshui-609-coal-out", "no_coal_zone", "C1351 operate fuel=coal", "D4430 operate fuel=coal"),
    Row("qinshui-659-soil-red-line", "redline", "B0912 new", "B0610 new"),
    Row("qinshui-659-soil-water-source", "water_source", "C1713 new", "C1711 new"),
    Row("qinshui-659-soil-farmland", "permanent_basic_farmland", "C3843 new", "C3841 new"),
    Row("qinshui-659-soil-around", "soil_priority_area", "C2653 new", "C2653 expand"),
    Row("qinshui-663-polluted-field", "polluted_farmland heavily_polluted", "A0141 operate", "A0131 operate"),
    Row(
        "qinshui-689-quality-field",
        "cultivated_land quality",
        "Q8424 new land_take=permanent",
        "Q8424 new land_take=existing",
    ),
    Row("qinshui-703-coalbed-methane", "", "B0721 explore", "B0610 explore"),
    Row("qinshui-717-heavy-metal", "", "C3212 new adds_heavy_metal=true", "C3212 new adds_heavy_metal=false"),
    Row("qinshui-987-screening", "", "G5942 new", "G5920 new"),
    # --- Linfen ---
    Row(
        "linfen-188-settlement",
        "settlement_sensitive_area",
        "C3120 expand net_new_capacity=1",
        "C3120 expand net_new_capacity=0",
    ),
    Row("linfen-190-ecological-zone", "main_function_zone key_ecological", "E4710 new", "Q8424 new"),
    Row("linfen-194-built-up", "built_up_area", "C3031 operate", "C3031 retrofit"),
    Row("linfen-194-cluster", "built_up_area industrial_cluster", "C3216 new", "C3216 retrofit"),
    Row("linfen-194-out-of-town", "built_up_area", "C2521 operate", "C2521 close"),
    Row("linfen-194-settlement", "settlement_sensitive_area", "C3011 new", "C3391 new"),
    Row("linfen-194-valley", "river_corridor 汾河/沁河", "C2521 new", "C1351 new"),
    Row("linfen-226-livestock-ban", "livestock_zone ban", "A0321 new", "A0111 new"),
    Row("linfen-240-noise-park", "industrial_park", "C3393 new", "C3391 new"),
    Row("linfen-256-coal-trade", "no_coal_zone", "F5161 operate", "F5161 close"),
    Row("linfen-264-gasifier", "", "C2621 operate", "C2621 retrofit"),
    Row("linfen-298-fireworks", "", "C2672 new", "C2671 new"),
    Row("linfen-326-geothermal", "", "B1200 new", "D4430 new"),
    Row("linfen-326-houma", "", "C1351 new new_groundwater_intake=true", "C1351 new new_groundwater_intake=false"),
    Row(
        "linfen-326-over-drawn",
        "groundwater_zone overexploited/surface_supply",
        "Q8424 new new_groundwater_intake=true",
        "Q8424 operate",
    ),
    Row(
        "linfen-338-outfall",
        "river_management 汾河/浍河/昕水河/沁河/州川河/芝河/鄂河/滂汭河",
        "C1351 new discharges_to_water=true",
        "C1351 new discharges_to_water=false",
    ),
    Row("linfen-352-channel", "river_management", "C1351 new land_take=permanent", "E4812 new land_take=permanent"),
    Row("linfen-352-clear", "river_management", "C1351 operate", "C1351 close"),
    Row("linfen-352-wetland", "wetland", "C1351 temporary land_take=temporary", "C1351 new land_take=none"),
    Row(
        "linfen-378-farmland",
        "permanent_basic_farmland",
        "C2653 new adds_soil_pollution=true",
        "C2653 new adds_soil_pollution=false",
    ),
    Row(
        "linfen-378-farmland-existing",
        "permanent_basic_farmland",
        "C2653 operate adds_soil_pollution=true",
        "C2653 close",
    ),
    Row("linfen-384-reclaim", "contaminated_land former_toxic", "A0141 restore", "E4863 restore"),
    Row("linfen-390-housing", "contaminated_land listed/unremediated", "P8321 new", "C3821 new"),
    Row("linfen-390-unassessed", "contaminated_land unassessed", "Q8424 new", "Q8424 operate"),
    Row("linfen-390-unremediated", "contaminated_land unremediated", "C3821 new", "N7726 new"),
    Row("linfen-438-area", "protected_area", "N7861 new", "N7861 operate"),
    Row("linfen-438-core", "protected_area core", "A0111 operate", "N7712 operate"),
    Row("linfen-452-spring", "spring_domain key", "B0610 operate", "B0610 close"),
    Row("linfen-466-encroachment", "protected_area", "C1351 operate", "N7712 operate"),
    Row("linfen-466-reserve-core", "protected_area core", "D4413 operate", "D4415 operate"),
    Row("linfen-466-reserve-industry", "protected_area", "B1012 operate", "N7861 operate"),
    Row(
        "linfen-514-heavy-metal",
        "heavy_metal_key_area",
        "C4210 new adds_heavy_metal=true",
        "C4210 new adds_heavy_metal=false",
    ),
    Row("linfen-522-fen-chemicals", "river_corridor 汾河", "C2653 operate", "C2653 retrofit"),
    Row("linfen-550-two-high", "", "C2521 new", "C2521 retrofit"),
    Row("linfen-550-two-high-coal", "", "C2521 new fuel=coal", "C2521 new fuel=gas"),
]


def test_every_ban_limit_and_phase_out_of_the_three_plans_has_its_row() -> None:
    assert [row.rule for row in TABLE] == list(dict.fromkeys(row.rule for row in TABLE))
    assert {row.rule for row in TABLE} == {id for id, rule in RULES.items() if rule.effect in BINDING}


@pytest.mark.parametrize("row", TABLE, ids=[row.rule for row in TABLE])
def test_the_rule_binds_the_place_and_hits_the_project_and_not_the_near_miss(row: Row) -> None:
    rule = RULES[row.rule]
    hit, miss = project(row.hit), project(row.miss)
    assert place(rule) == row.place
    assert rule.test(hit.facts()).value is True
    assert outcome_of(rule.effect, hit.activity, rule.bound_to) in ("prohibited", "restricted")
    assert rule.test(miss.facts()).value is False


def test_a_plan_binds_its_own_area_alone_and_ends_with_its_period() -> None:
    own = {"jiang-plan": {"140826"}, "qinshui-plan": {"140521"}, "linfen-plan": {"141000", "141081"}}
    for plan, codes in own.items():
        rules = [rule for rule in RULES.values() if rule.cites[0].source.id == plan]
        assert {rule.jurisdiction for rule in rules} == codes
        assert all(rule.plan_period and str(rule.plan_period.end) == "2025-12-31" for rule in rules)


def test_no_review_of_past_years_is_taken_for_a_duty() -> None:
    reviews = {"jiang-plan": range(179, 252), "qinshui-plan": range(279, 444), "linfen-plan": range(71, 104)}
    for rule in RULES.values():
        for cite in rule.cites:
            line = re.fullmatch(r"L(\d+)", cite.at or "")
            assert line is not None
            assert int(line[1]) not in reviews[cite.source.id], rule.id


@pytest.mark.parametrize("jurisdiction", ["140826", "140521", "141000"])
@pytest.mark.parametrize("text", ["Q8424 new", "P8321 new", "E4710 new"])
def test_a_clinic_a_school_and_housing_are_asked_nothing_by_a_plan_outside_special_places(
    jurisdiction: str, text: str
) -> None:
    asked: dict[str, Any] = {
        rule.id: rule.test(project(text).facts()).missing
        for rule in RULES.values()
        if rule.jurisdiction == jurisdiction and rule.where is None and rule.effect in BINDING
    }
    # Qinshui's ban on coal and heavy oil may bind the whole county, so the fuel is asked there.
    expected = {"fuel"} if jurisdiction == "140521" else set()
    assert set().union(*asked.values()) == expected
    assert expected <= set(attributes.declared())
