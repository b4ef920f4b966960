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

    A project is written `trade activity attribute=value …`, the trade by its name (or code) in GB/T 4754-2017.
    """

    rule: str
    place: str
    hit: str
    miss: str


def project(text: str) -> Project:
    trade, activity, *stated = text.split()
    return Project.of(trade, activity, stated)


def place(rule: Rule) -> str:
    if rule.where is None:
        return ""
    chosen = " ".join("/".join(str(v) for v in values) for values in rule.where.filter.values())
    return f"{rule.where.layer} {chosen}".strip()


TABLE = [
    # --- Jiang ---
    Row("jiang-537-reserve", "protected_area core/general", "合成纤维单（聚合）体制造 new", "炼焦 new"),
    Row("jiang-537-settlement", "settlement_sensitive_area", "化学药品原料药制造 new", "化学药品原料药制造 operate"),
    Row("jiang-565-two-high", "", "炼焦 new net_new_capacity=1", "炼焦 new net_new_capacity=0"),
    Row("jiang-616-grazing", "river_management", "牛的饲养 operate grazes=true", "牛的饲养 operate grazes=false"),
    Row("jiang-616-return-flow", "", "稻谷种植 new discharges_to_water=true", "稻谷种植 new discharges_to_water=false"),
    Row("jiang-621-intake", "river_management 涑水河", "自来水生产和供应 new", "自来水生产和供应 operate"),
    Row("jiang-633-channel", "river_management 涑水河", "牲畜屠宰 operate", "公路工程建筑 operate"),
    Row("jiang-633-sand", "river_management 涑水河", "粘土及其他土砂石开采 operate", "烟煤和无烟煤开采洗选 operate"),
    Row(
        "jiang-651-land-access",
        "contaminated_land unassessed/unremediated",
        "村卫生室 new",
        "土壤污染治理与修复服务 new",
    ),
    Row("jiang-684-wetland", "wetland", "稻谷种植 operate", "内陆养殖 operate"),
    Row("jiang-686-red-line-leave", "redline", "炼焦 operate", "名胜风景区管理 operate"),
    Row("jiang-703-livestock-ban", "livestock_zone ban", "猪的饲养 new", "蜜蜂饲养 new"),
    Row("jiang-703-livestock-limited", "livestock_zone limited", "猪的饲养 expand", "猪的饲养 operate"),
    Row("jiang-731-heavy-metal", "", "铅蓄电池制造 new", "铅蓄电池制造 retrofit"),
    # --- Qinshui ---
    Row("qinshui-513-red-line", "redline", "炼焦 new", "铁路工程建筑 new"),
    Row("qinshui-517-west", "functional_area 沁水城西", "牲畜屠宰 new", "牲畜屠宰 expand"),
    Row("qinshui-547-capacity", "", "黑色金属铸造 new net_new_capacity=1", "钢压延加工 new net_new_capacity=1"),
    Row("qinshui-547-limit", "", "炼焦 new", "隔热和隔音材料制造 new"),
    Row("qinshui-581-livestock", "livestock_zone ban", "猪的饲养 operate", "猪的饲养 close"),
    Row("qinshui-593-channel", "river_management", "牲畜屠宰 operate", "河湖治理及防洪设施工程建筑 operate"),
    Row("qinshui-609-county", "", "粘土砖瓦及建筑砌块制造 new fuel=gas", "隔热和隔音材料制造 new fuel=gas"),
    Row(
        "qinshui-609-zone",
        "no_coal_zone",
        "隔热和隔音材料制造 new fuel=heavy_oil",
        "隔热和隔音材料制造 new fuel=biomass",
    ),
    Row("qinshui-609-coal-out", "no_coal_zone", "牲畜屠宰 operate fuel=coal", "热力生产和供应 operate fuel=coal"),
    Row("qinshui-659-soil-water-source", "water_source", "棉印染精加工 new", "棉纺纱加工 new"),
    Row("qinshui-659-soil-farmland", "permanent_basic_farmland", "铅蓄电池制造 new", "锂离子电池制造 new"),
    Row(
        "qinshui-659-soil-around",
        "soil_priority_area",
        "合成纤维单（聚合）体制造 new",
        "合成纤维单（聚合）体制造 expand",
    ),
    Row("qinshui-663-polluted-field", "polluted_farmland heavily_polluted", "蔬菜种植 operate", "棉花种植 operate"),
    Row(
        "qinshui-689-quality-field",
        "cultivated_land quality",
        "村卫生室 new land_take=permanent",
        "村卫生室 new land_take=existing",
    ),
    Row("qinshui-703-coalbed-methane", "", "陆地天然气开采 explore", "烟煤和无烟煤开采洗选 explore"),
    Row("qinshui-717-heavy-metal", "", "铅锌冶炼 new adds_heavy_metal=true", "铅锌冶炼 new adds_heavy_metal=false"),
    Row("qinshui-987-screening", "", "危险化学品仓储 new", "通用仓储 new"),
    # --- Linfen ---
    Row(
        "linfen-188-settlement",
        "settlement_sensitive_area",
        "炼钢 expand net_new_capacity=1",
        "炼钢 expand net_new_capacity=0",
    ),
    Row("linfen-190-ecological-zone", "main_function_zone key_ecological", "住宅房屋建筑 new", "村卫生室 new"),
    Row("linfen-194-built-up", "built_up_area", "粘土砖瓦及建筑砌块制造 operate", "粘土砖瓦及建筑砌块制造 retrofit"),
    Row("linfen-194-cluster", "built_up_area industrial_cluster", "铝冶炼 new", "铝冶炼 retrofit"),
    Row("linfen-194-settlement", "settlement_sensitive_area", "水泥制造 new", "黑色金属铸造 new"),
    Row("linfen-194-valley", "river_corridor 汾河/沁河", "炼焦 new", "牲畜屠宰 new"),
    Row("linfen-226-livestock-ban", "livestock_zone ban", "鸡的饲养 new", "稻谷种植 new"),
    Row("linfen-240-noise-park", "industrial_park", "锻件及粉末冶金制品制造 new", "黑色金属铸造 new"),
    Row("linfen-256-coal-trade", "no_coal_zone", "煤炭及制品批发 operate", "煤炭及制品批发 close"),
    Row("linfen-264-gasifier", "", "氮肥制造 operate", "氮肥制造 retrofit"),
    Row("linfen-298-fireworks", "", "焰火、鞭炮产品制造 new", "炸药及火工产品制造 new"),
    Row("linfen-326-geothermal", "", "其他采矿业 new", "热力生产和供应 new"),
    Row(
        "linfen-326-houma", "", "牲畜屠宰 new new_groundwater_intake=true", "牲畜屠宰 new new_groundwater_intake=false"
    ),
    Row(
        "linfen-326-over-drawn",
        "groundwater_zone overexploited/surface_supply",
        "村卫生室 new new_groundwater_intake=true",
        "村卫生室 operate",
    ),
    Row(
        "linfen-338-outfall",
        "river_management 汾河/浍河/昕水河/沁河/州川河/芝河/鄂河/滂汭河",
        "牲畜屠宰 new discharges_to_water=true",
        "牲畜屠宰 new discharges_to_water=false",
    ),
    Row(
        "linfen-352-channel",
        "river_management",
        "牲畜屠宰 new land_take=permanent",
        "公路工程建筑 new land_take=permanent",
    ),
    Row("linfen-352-clear", "river_management", "牲畜屠宰 operate", "牲畜屠宰 close"),
    Row("linfen-352-wetland", "wetland", "牲畜屠宰 temporary land_take=temporary", "牲畜屠宰 new land_take=none"),
    Row(
        "linfen-378-farmland",
        "permanent_basic_farmland",
        "合成纤维单（聚合）体制造 new adds_soil_pollution=true",
        "合成纤维单（聚合）体制造 new adds_soil_pollution=false",
    ),
    Row(
        "linfen-378-farmland-existing",
        "permanent_basic_farmland",
        "合成纤维单（聚合）体制造 operate adds_soil_pollution=true",
        "合成纤维单（聚合）体制造 close",
    ),
    Row("linfen-384-reclaim", "contaminated_land former_toxic", "蔬菜种植 restore", "生态保护工程施工 restore"),
    Row(
        "linfen-390-housing",
        "contaminated_land listed/unremediated",
        "普通小学教育 new",
        "变压器、整流器和电感器制造 new",
    ),
    Row("linfen-390-unassessed", "contaminated_land unassessed", "村卫生室 new", "村卫生室 operate"),
    Row(
        "linfen-390-unremediated",
        "contaminated_land unremediated",
        "变压器、整流器和电感器制造 new",
        "土壤污染治理与修复服务 new",
    ),
    Row("linfen-438-area", "protected_area core/general", "名胜风景区管理 new", "名胜风景区管理 operate"),
    Row("linfen-438-core", "protected_area core", "稻谷种植 operate", "自然遗迹保护管理 operate"),
    Row("linfen-452-spring", "spring_domain key", "烟煤和无烟煤开采洗选 operate", "烟煤和无烟煤开采洗选 close"),
    Row("linfen-466-encroachment", "protected_area core/general", "牲畜屠宰 operate", "自然遗迹保护管理 operate"),
    Row(
        "linfen-514-heavy-metal",
        "heavy_metal_key_area",
        "金属废料和碎屑加工处理 new adds_heavy_metal=true",
        "金属废料和碎屑加工处理 new adds_heavy_metal=false",
    ),
    Row(
        "linfen-522-fen-chemicals",
        "river_corridor 汾河",
        "合成纤维单（聚合）体制造 operate",
        "合成纤维单（聚合）体制造 retrofit",
    ),
    Row("linfen-550-two-high", "", "炼焦 new", "炼焦 retrofit"),
    Row("linfen-550-two-high-coal", "", "炼焦 new fuel=coal", "炼焦 new fuel=gas"),
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
@pytest.mark.parametrize("text", ["村卫生室 new", "普通小学教育 new", "住宅房屋建筑 new"])
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
