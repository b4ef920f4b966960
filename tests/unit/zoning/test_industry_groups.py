"""Industry groups: their members exist, the lists say where they come from, and the edges fall where they are meant to."""

from __future__ import annotations

import pytest

from zoning.condition import mentioned
from zoning.industry import groups, groups_of, in_group, industries, lint_groups, packaged
from zoning.rulebook import rulebook

CODES = industries().entries


def test_the_packaged_groups_have_no_faults():
    assert lint_groups(packaged()["groups"], CODES) == []


def test_every_group_a_rule_names_is_declared():
    named = {group for rule in rulebook().rules for group in mentioned(rule.condition(), "industry")}
    assert named
    assert named <= set(groups())


def test_every_group_says_where_it_comes_from_and_an_unsure_one_what_is_open():
    for group in groups().values():
        assert group.title.zh
        assert group.title.en
        assert group.source.zh
        assert group.source.en
        assert (group.note is not None) == (group.status == "to_confirm")


def test_every_group_holds_a_class_and_each_of_its_members_adds_one():
    classes = [code for code, entry in CODES.items() if entry.level == "class"]
    for group in groups().values():
        for member in group.members:
            assert any(code.startswith(member) and group.holds(code) for code in classes), (group.id, member)


def test_classes_of_groups_narrower_than_a_section_have_english_names():
    narrow = [g for g in groups().values() if all(len(member) > 1 for member in g.members)]
    nameless = {code for code, e in CODES.items() if not e.name_en and any(g.holds(code) for g in narrow)}
    assert nameless == set()


@pytest.mark.parametrize(
    ("group", "inside", "outside"),
    [
        ("coking", ["C2521"], ["C2522", "C2529"]),
        ("steel", ["C3110", "C3120", "C3130"], ["C3140", "C3391"]),
        ("iron_and_steel_making", ["C3110", "C3120"], ["C3130"]),
        ("petrochemical", ["C2511", "C2519"], ["C2521", "C2614"]),
        ("chemical", ["C2511", "C2521", "C2522", "C2523", "C2614", "C2653"], ["C2524", "C2529", "C2530", "C2710"]),
        ("nonferrous_smelting", ["C3211", "C3216", "C3221", "C3239"], ["C3240", "C3251"]),
        ("cement", ["C3011"], ["C3012", "C3021"]),
        ("building_materials", ["C3011", "C3031", "C3034", "C3041", "C3071"], ["C3042", "C3054", "C3074", "C3091"]),
        ("brick_kiln", ["C3031"], ["C3032"]),
        ("foundry", ["C3391", "C3392"], ["C3393", "C3130"]),
        ("flat_glass", ["C3041"], ["C3042"]),
        ("chemical_products", ["C2611", "C2672"], ["C2511", "C2521", "C2710"]),
        ("coal_chemical", ["C2522", "C2523"], ["C2521", "C2524"]),
        ("overcapacity", ["C3110", "C3011", "C3041", "C3216"], ["C3130", "C3212"]),
        ("leather", ["C1910", "C1931"], ["C1921", "C1952"]),
        ("edible_crops", ["A0111", "A0133", "A0141"], ["A0131", "A0134", "A0143", "A0171"]),
        ("livestock_farming", ["A0313", "A0321", "A0391"], ["A0330", "A0392"]),
        ("grazing_livestock", ["A0311", "A0314"], ["A0313", "A0321"]),
        ("housing_and_public_service", ["E4710", "P8321", "Q8424", "S9221"], ["H6110", "F5161"]),
        ("high_pollution", ["C2521", "C3120", "C2653", "C3212", "C3011", "C3031"], ["C2524", "C3391", "B0610"]),
        (
            "two_high",
            ["C2521", "C3110", "C3140", "C2653", "C3216", "C3011", "D4411"],
            ["C3130", "C3021", "D4415", "C2524"],
        ),
        ("coal_mining", ["B0610", "B0690"], ["B0711", "B1110"]),
        ("mining", ["B0610", "B0810", "B1011", "B1190"], ["C2521"]),
        ("heavy_metal", ["B0912", "C3212", "C3360", "C3843", "C4210", "C1910"], ["B0916", "C3216", "C3217", "C3841"]),
        (
            "soil_polluting",
            ["C2511", "C2521", "C2653", "C3216", "C3360", "G5942", "B0916"],
            ["C3011", "N7820", "C2524"],
        ),
        ("tailings_pond", ["B0810", "B0916", "C3216", "N7723"], ["B0610", "C2521"]),
        ("hazardous_chemicals_storage", ["G5941", "G5942"], ["G5990", "C2611"]),
        ("linear_infrastructure", ["E4811", "E4812", "E4851", "E4852", "G5720"], ["E4821", "G5710", "E4840"]),
        ("water_supply_and_hydraulic", ["E4821", "E4822", "D4610", "N7630"], ["E4823", "D4620"]),
        ("tourism_visit", ["N7850", "N7861", "N7869"], ["N7840", "H6110"]),
        ("protection_and_survey", ["A0522", "M7320", "M7461", "M7474", "N7711"], ["M7350", "M7471", "N7715"]),
        ("ecological_protection", ["E4863", "N7711", "N7726", "A0220"], ["E4861", "N7723"]),
        ("agriculture", ["A0111", "A0412"], ["C1311"]),
        ("industrial", ["B0610", "C2521", "D4610"], ["E4811", "A0111"]),
        ("construction", ["E4811"], ["C2521"]),
        ("services", ["F5212", "N7820", "H6110"], ["E4811", "A0111", "D4610"]),
        ("power_coal", ["D4411", "D4412", "D4430"], ["D4413", "D4415", "D4417"]),
        ("solid_waste", ["N7723"], ["N7724", "N7820"]),
        ("sanitation", ["N7820"], ["N7723"]),
        ("pharmaceutical", ["C2710"], ["C2614"]),
        ("chemical_fibre", ["C2821"], ["C2653"]),
        ("crop_farming", ["A0111", "A0159"], ["A0182", "A0212"]),
        ("quarrying", ["B1011", "B1019"], ["B1020", "B1091"]),
        ("fruit_forestry_fishpond", ["A0151", "A0212", "A0220", "A0412"], ["A0111", "A0231"]),
        ("hydraulic_works", ["D4413", "E4821", "E4822"], ["D4610", "E4823"]),
        ("waste_facilities", ["C4210", "N7723", "N7724"], ["N7820"]),
        ("groundwater_polluting", ["B0610", "C2521", "F5265", "G5942", "N7724"], ["C2524", "F5266", "N7820"]),
        ("cleaner_production", ["B0610", "C2521", "C3252", "D4411"], ["C3011", "D4415"]),
        ("residential_and_public", ["E4710", "K7010", "P8321", "Q8411", "S9221"], ["K7020", "R9020"]),
        ("textile_dyeing", ["C1713", "C1762"], ["C1711", "C1761"]),
    ],
)
def test_where_the_edges_of_groups_are(group, inside, outside):
    assert all(code in CODES for code in (*inside, *outside))
    assert [code for code in inside if not in_group(code, group)] == []
    assert [code for code in outside if in_group(code, group)] == []


def test_groups_of_lists_every_group_that_holds_the_class():
    assert groups_of("C3034") == {
        "building_materials",
        "cleaner_production_sectors",
        "high_pollution",
        "industrial",
        "key_polluting_industry",
        "manufacturing",
        "two_high_resource",
    }
    assert groups_of("A0111") == {
        "agriculture",
        "crop_farming",
        "crop_growing",
        "edible_crops",
        "farming_and_herding",
    }


def test_a_group_that_is_not_declared_is_an_error_not_an_empty_group():
    with pytest.raises(KeyError):
        in_group("C2521", "nonsense")


TEXT = {"zh": "甲", "en": "a"}
SOUND = {"title": TEXT, "members": ["C252"], "status": "confirmed", "source": TEXT}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"members": ["C2520"]}, "g: no code C2520"),
        ({"members": []}, "g: no members"),
        ({"except": ["C26"]}, "g: C26 is not in it anyway"),
        ({"except": ["C2527"]}, "g: no code C2527"),
        ({"groups": ["h"]}, "g: unknown group h"),
        ({"memebrs": ["C26"]}, "g: unknown key memebrs"),
        ({"status": "sure"}, "g: unknown status sure"),
        ({"status": "to_confirm"}, "g: to be confirmed, but no note says why"),
    ],
)
def test_a_faulty_group_is_found(change, problem):
    assert lint_groups({"g": SOUND}, CODES) == []
    assert problem in lint_groups({"g": {**SOUND, **change}}, CODES)


def test_every_group_that_stands_in_for_an_undefined_word_says_that_it_is_to_be_confirmed_and_why() -> None:
    for group in groups().values():
        if group.status == "to_confirm":
            assert group.note is not None, group.id
        else:
            assert group.source.zh.startswith("GB/T 4754-2017"), f"{group.id} rests on more than the classification"
