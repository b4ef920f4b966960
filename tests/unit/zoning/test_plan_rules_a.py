"""The Shanxi and Jishan plans as a planner may check them: what each ban, limit and phase-out catches, and what it lets by.

A row is: rule, county it is tried in, place it binds, a project that it catches, one as near as can be that it does not.
"""

from __future__ import annotations

import datetime as dt

import pytest

from zoning.jurisdiction import significant
from zoning.project import Project
from zoning.rule import Rule
from zoning.rulebook import rulebook

RULES = rulebook()
ANYWHERE = "anywhere"

TABLE: list[tuple[str, str, str, str, str]] = [
    # --- Jishan ------------------------------------------------------------------------------------------------------
    ("jishan-133-logging", "140824", "forest natural", "A0241 operate", "A0231 operate"),
    ("jishan-139-grazing", "140824", "grazing_closure", "A0314 operate grazes=yes", "A0314 operate grazes=no"),
    ("jishan-147-steep-farmland", "140824", "steep_slope", "A0112 operate", "A0151 operate"),
    ("jishan-170-deep-water", "140824", ANYWHERE, "C1522 new deep_confined_water=yes", "C1522 new"),
    ("jishan-170-geothermal", "140824", ANYWHERE, "B1200 new", "B1200 explore"),
    (
        "jishan-170-groundwater", "140824", "groundwater_zone overexploited surface_supply",
        "C3110 retrofit new_groundwater_intake=yes", "C3110 retrofit new_groundwater_intake=no",
    ),
    (
        "jishan-170-irrigation-well", "140824", "groundwater_zone surface_supply",
        "A0112 operate own_well=yes", "A0112 operate own_well=no",
    ),
    (
        "jishan-170-own-well", "140824", "water_supply_network",
        "Q8423 new new_groundwater_intake=yes", "Q8423 new new_groundwater_intake=no",
    ),
    ("jishan-170-unapproved-well", "140824", ANYWHERE, "C3110 operate own_well=yes", "C3110 operate own_well=no"),
    ("jishan-183-no-coal-zone", "140824", "no_coal_zone", "C3034 new fuel=coal", "D4430 new fuel=coal"),
    ("jishan-189-small-boiler", "140824", ANYWHERE, "D4430 operate coal_boiler=under_35", "D4430 new coal_boiler=from_35"),
    ("jishan-195-admission", "140824", ANYWHERE, "C2614 expand net_new_capacity=1", "C2614 expand net_new_capacity=0"),
    (
        "jishan-203-unlawful-pit", "140824", "mine_site unlawful",
        "B1011 operate mining_method=open_pit", "B1011 operate mining_method=underground",
    ),
    ("jishan-239-fen-1km", "140824", "river 汾河 within 1000 m", "C2521 expand", "C2521 retrofit"),
    (
        "jishan-239-hazardous-chemicals", "140824", "county_planning_area",
        "C1311 new stores_hazardous_chemicals=yes", "C1311 new stores_hazardous_chemicals=no",
    ),
    ("jishan-239-park-by-town", "140824", "industrial_park", "C3216 new", "C3252 new"),
    ("jishan-239-park-leave", "140824", "industrial_park", "C2521 operate", "C2521 close"),
    ("jishan-239-planning-area", "140824", "county_planning_area", "C3031 rebuild", "C3031 retrofit"),
    # --- Shanxi: water and air ---------------------------------------------------------------------------------------
    ("shanxi-153-small-hydropower", "140521", ANYWHERE, "D4413 operate", "D4413 new"),
    ("shanxi-153-wetland", "140824", "wetland", "E4812 new land_take=permanent", "E4812 new land_take=none"),
    (
        "shanxi-157-spring-mining", "140110",
        " ".join(["spring_domain", *(f"{n}泉域{zone}" for n in ["晋祠", "兰村", "娘子关", "龙子祠", "古堆", "神头", "洪山"]
                                     for zone in ("", "（示意）", "重点保护区", "重点保护区（示意）"))]),
        "B0610 new", "B0610 operate",
    ),
    ("shanxi-169-rich-gas", "140521", ANYWHERE, "B0610 operate vents_rich_gas=yes", "B0610 operate vents_rich_gas=no"),
    ("shanxi-171-capacity", "141002", ANYWHERE, "C2521 new net_new_capacity=1", "C2521 new net_new_capacity=0"),
    ("shanxi-171-coal-power", "140521", ANYWHERE, "D4411 new fuel=coal", "D4411 new fuel=gas"),
    ("shanxi-171-prudent", "140521", ANYWHERE, "C2511 new", "C2511 retrofit"),
    ("shanxi-173-small-boiler-datong", "140213", ANYWHERE, "D4430 operate coal_boiler=under_35", "D4430 operate coal_boiler=from_35"),
    ("shanxi-173-small-boiler-shuozhou", "140602", ANYWHERE, "D4430 new coal_boiler=under_35", "D4430 new coal_boiler=none"),
    ("shanxi-173-small-boiler-xinzhou", "140902", ANYWHERE, "Q8411 new coal_boiler=under_35", "Q8411 new"),
    ("shanxi-195-taiyuan-leave", "140105", "built_up_area within 1000 m", "C3110 operate", "C3110 close"),
    # --- Shanxi: soil and nature -------------------------------------------------------------------------------------
    (
        "shanxi-203-farmland-existing", "140824", "permanent_basic_farmland",
        "C3211 operate adds_soil_pollution=yes", "C3211 operate adds_soil_pollution=no",
    ),
    ("shanxi-236-forest-belt", "140224", "forest belt", "A0182 operate", "A0182 close"),
    ("shanxi-236-logging", "140521", "forest natural", "A0242 new", "A0220 new"),
    ("shanxi-236-meadow", "140925", "grassland subalpine_meadow", "A0220 new", "A0181 new"),
    ("shanxi-236-public-forest", "140826", "forest public_benefit", "B1019 new land_take=temporary", "B1019 new land_take=none"),
    ("shanxi-236-sparse-grass", "140224", "grassland northern_sparse", "A0220 restore", "N7713 restore"),
    (
        "shanxi-256-mining-impact", "140521", ANYWHERE,
        "B0610 new major_ecological_impact=yes", "B0610 new major_ecological_impact=no",
    ),
    ("shanxi-477-grazing", "140930", "grazing_closure", "A0311 operate grazes=yes", "A0313 operate"),
    # --- Shanxi: basins ----------------------------------------------------------------------------------------------
    (
        "shanxi-312-named-firms", "140406", "watershed 漳河流域",
        "C2521 operate discharges_to_water=yes", "C2521 operate discharges_to_water=no",
    ),
    ("shanxi-312-new-mine", "140423", "watershed 漳河流域", "B0610 rebuild", "B0610 retrofit"),
    (
        "shanxi-335-rural-sewage", "140826", "river_corridor 涑水河",
        "H6190 new discharges_to_water=yes", "Q8423 new discharges_to_water=no",
    ),
    # --- Shanxi: economy ---------------------------------------------------------------------------------------------
    ("shanxi-385-limited-aquaculture", "140829", "aquaculture_zone limited", "A0412 expand", "A0412 close"),
    ("shanxi-385-no-aquaculture", "140829", "aquaculture_zone banned", "A0412 operate", "A0112 operate"),
    ("shanxi-391-lakes", "140802", "lake 晋阳湖 漳泽湖 云竹湖 盐湖 伍姓湖", "C2614 new", "C2710 new"),
    ("shanxi-391-planning-area", "140521", "county_planning_area", "C3011 expand", "C3021 expand"),
    (
        "shanxi-391-riverside", "140521", "river 黄河 汾河 桑干河 滹沱河 漳河 清漳河 沁河 涑水河 唐河 沙河 within 1000 m",
        "C3011 new", "C3034 new",
    ),
    (
        "shanxi-391-riverside-leave", "140521", "river 黄河 汾河 桑干河 滹沱河 漳河 清漳河 沁河 涑水河 唐河 沙河 within 1000 m",
        "B0610 operate", "N7723 operate",
    ),
    (
        "shanxi-393-hazardous-chemicals", "140826", "county_planning_area",
        "G5942 new", "G5951 new stores_hazardous_chemicals=no",
    ),
    (
        "shanxi-393-lakes-chemicals", "140802", "lake 晋阳湖 漳泽湖 云竹湖 盐湖 伍姓湖",
        "N7724 expand", "N7861 expand",
    ),
    ("shanxi-403-tourism", "140824", ANYWHERE, "N7861 new major_ecological_impact=yes", "N7861 new"),
    ("shanxi-443-no-new-unit", "140105", "air_control_region key", "D4411 expand fuel=coal", "D4411 expand fuel=gas"),
    (
        "shanxi-443-small-chp", "140105", "power_plant large_chp within 30000 m",
        "D4412 operate fuel=coal generating_unit_kw=25000", "D4412 operate fuel=coal generating_unit_kw=300000",
    ),
    (
        "shanxi-443-small-unit", "140105", "air_control_region key",
        "D4411 operate fuel=coal generating_unit_kw=299999", "D4411 operate fuel=gas generating_unit_kw=25000",
    ),
]  # fmt: skip


def project(text: str) -> Project:
    code, activity, *attributes = text.split()
    return Project.of(code, activity, attributes)


def place(rule: Rule) -> str:
    if rule.where is None:
        return ANYWHERE
    values = [str(value) for wanted in rule.where.filter.values() for value in wanted]
    near = [f"within {rule.where.within_m:.0f} m"] if rule.where.within_m else []
    return " ".join([rule.where.layer, *values, *near])


def test_the_table_has_every_ban_limit_and_phase_out_of_the_two_plans() -> None:
    encoded = {
        rule.id
        for rule in RULES.rules
        if rule.cites[0].source.id in ("jishan-plan", "shanxi-plan")
        and rule.effect in ("prohibit", "restrict", "phase_out")
    }
    assert {row[0] for row in TABLE} == encoded
    assert len(TABLE) == len(encoded)


@pytest.mark.parametrize(("rule_id", "county", "where", "caught", "let_by"), TABLE, ids=[row[0] for row in TABLE])
def test_what_a_rule_catches_and_what_it_lets_by(
    rule_id: str, county: str, where: str, caught: str, let_by: str
) -> None:
    rule = RULES.get(rule_id)
    assert place(rule) == where
    assert county.startswith(significant(rule.jurisdiction))
    assert rule.test(project(caught).facts()).value is True
    assert rule.test(project(let_by).facts()).value is False


@pytest.mark.parametrize("rule_id", [row[0] for row in TABLE if row[0].startswith("jishan")])
def test_a_rule_of_jishan_binds_nobody_in_the_next_county(rule_id: str) -> None:
    assert not "140825".startswith(significant(RULES.get(rule_id).jurisdiction))


@pytest.mark.parametrize(
    "rule_id", [row[0] for row in TABLE if "small-boiler" in row[0] and row[0].startswith("shanxi")]
)
def test_the_boilers_of_the_three_northern_cities_bind_no_other_city(rule_id: str) -> None:
    assert not "140105".startswith(significant(RULES.get(rule_id).jurisdiction))


def test_every_rule_of_the_plans_ends_with_the_plan() -> None:
    for rule in RULES.rules:
        if rule.cites[0].source.id in ("jishan-plan", "shanxi-plan") and rule.id != "unit-lookup":
            assert rule.plan_period is not None, rule.id
            assert rule.plan_period.end == dt.date(2025, 12, 31), rule.id


@pytest.mark.parametrize(
    "rule_id",
    [
        "jishan-239-park-by-town", "jishan-239-park-leave", "shanxi-153-small-hydropower", "shanxi-157-spring-mining",
        "shanxi-195-taiyuan-leave", "shanxi-236-forest-belt", "shanxi-236-meadow", "shanxi-236-sparse-grass",
        "shanxi-312-named-firms", "shanxi-335-rural-sewage", "shanxi-391-riverside", "shanxi-391-riverside-leave",
        "shanxi-443-no-new-unit", "shanxi-443-small-chp", "shanxi-443-small-unit",
    ],
)  # fmt: skip
def test_words_that_the_plan_leaves_open_never_give_a_ban(rule_id: str) -> None:
    rule = RULES.get(rule_id)
    assert rule.open == "substance"
    assert rule.open_text is not None


@pytest.mark.parametrize(
    ("said", "boiler"),
    [("C3034 new", "none"), ("C3034 new fuel=gas", "none"), ("C3034 new fuel=coal", None), ("D4430 new", None)],
)
def test_a_coal_boiler_is_asked_for_only_where_coal_is_burnt_or_heat_is_supplied(said: str, boiler: str | None) -> None:
    assert project(said).facts().attributes.get("coal_boiler") == boiler


def test_deep_groundwater_is_asked_for_only_where_new_groundwater_is_taken() -> None:
    assert project("C1522 new").facts().attributes["deep_confined_water"] is False
    assert "deep_confined_water" not in project("C1522 new new_groundwater_intake=yes").facts().attributes


@pytest.mark.parametrize("said", ["Q8423 new", "P8321 new", "E4812 new", "N7820 new", "D4416 new"])
def test_a_clinic_a_school_a_road_a_waste_station_and_a_solar_field_meet_no_ban_of_the_plans_by_trade_alone(
    said: str,
) -> None:
    facts = project(said).facts()
    caught = [
        r.id for r in (RULES.get(row[0]) for row in TABLE) if r.where is None and r.test(facts).value is not False
    ]
    assert caught == []
