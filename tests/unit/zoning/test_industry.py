"""The industry classification: it is complete, codes and names find their class, and the traps of the 2011 edition are named."""

from __future__ import annotations

from collections import Counter

import pytest

from zoning.errors import BadProject
from zoning.industry import Industries, Industry, IndustryCode, industries

ALL = industries()


def test_the_classification_is_complete():
    levels = Counter(entry.level for entry in ALL.entries.values())
    assert levels == {"section": 20, "division": 97, "group": 473, "class": 1381}
    assert len(ALL) == 1971


def test_every_entry_hangs_under_one_that_exists_and_is_spelled_in_its_own_section():
    for code, entry in ALL.entries.items():
        assert code == "".join(code.split()) == entry.code
        assert entry.parent is None if entry.level == "section" else entry.parent in ALL.entries
        assert IndustryCode.of(code if entry.level == "section" else code[1:]) == code
        assert entry.section == code[0]


def test_a_name_means_one_class_only():
    names = Counter(entry.name_zh for entry in ALL.entries.values() if entry.level == "class")
    assert names.most_common(1)[0][1] == 1


def test_sections_and_divisions_all_have_english_names():
    assert [e.code for e in ALL.entries.values() if e.level in ("section", "division") and not e.name_en] == []


@pytest.mark.parametrize(
    ("code", "name_zh", "name_en"),
    [
        ("C2521", "炼焦", "coking"),
        ("C2653", "合成纤维单（聚合）体制造", "synthetic-fibre monomers and polymers"),
        ("C3110", "炼铁", "iron making"),
        ("E4863", "生态保护工程施工", "ecological protection works"),
        ("E4811", "铁路工程建筑", "railway works"),
        ("N7861", "名胜风景区管理", "scenic and historic area management"),
        ("N7723", "固体废物治理", "solid waste treatment"),
        ("C3034", "隔热和隔音材料制造", "thermal and sound insulation materials"),
        ("C4210", "金属废料和碎屑加工处理", "processing of metal waste and scrap"),
        ("E4821", "水源及供水设施工程建筑", "water source and supply works"),
        ("N7820", "环境卫生管理", "environmental sanitation"),
    ],
)
def test_the_industries_of_the_sample_projects(code, name_zh, name_en):
    assert ALL.resolve(code) == Industry(IndustryCode(code), name_zh, name_en)


@pytest.mark.parametrize(
    "text",
    [
        "C2521",
        "c2521",
        "2521",
        " C2521 ",
        "Ｃ２５２１",
        "炼焦",
        "Coking",
        "C2521 炼焦",
        "2521炼焦",
        "C2521（炼焦）",
        "C2521，炼焦",
        "C2521 coking",
    ],
)
def test_code_or_name_or_both_mean_the_class(text):
    assert ALL.resolve(text).code == "C2521"


def test_a_name_that_a_group_shares_with_its_class_means_the_class():
    assert ALL.entries[IndustryCode("C312")].name_zh == "炼钢"
    assert ALL.resolve("炼钢").code == "C3120"
    assert ALL.resolve("steel making").code == "C3120"


def test_every_class_is_found_by_its_code_its_digits_its_name_and_both():
    for entry in ALL.entries.values():
        if entry.level == "class":
            for text in (entry.code, entry.code[1:], entry.name_zh, f"{entry.code} {entry.name_zh}"):
                assert ALL.resolve(text) is entry


def refusal(text: str) -> BadProject:
    with pytest.raises(BadProject) as caught:
        ALL.resolve(text)
    assert caught.value.where["field"] == "industry"
    assert caught.value.where["value"] == text
    return caught.value


@pytest.mark.parametrize("text", ["C2520", "2520", "C2520 炼焦"])
def test_the_coking_code_of_2011_is_refused_and_the_codes_of_2017_are_named(text):
    error = refusal(text)
    assert error.type == "industry-2011-edition"
    assert error.where["choices"] == ["C2521", "C2522", "C2523", "C2524", "C2529"]
    for lang in ("zh", "en"):
        assert all(code in error.text(lang) for code in error.where["choices"])
        assert "2011" in error.text(lang)


@pytest.mark.parametrize(
    ("text", "now"),
    [
        ("D4412 水力发电", "D4413"),
        ("4412水力发电", "D4413"),
        ("C3130 黑色金属铸造", "C3391"),
        ("C3140 钢压延加工", "C3130"),
        ("C3034 防水建筑材料制造", "C3033"),
        ("人造原油制造", "C2519"),
    ],
)
def test_a_code_with_its_name_of_2011_is_refused(text, now):
    error = refusal(text)
    assert error.type == "industry-2011-edition"
    assert error.where["choices"][0] == now


@pytest.mark.parametrize("text", ["D4412", "D4412 热电联产", "热电联产"])
def test_a_code_that_changed_its_meaning_is_taken_as_of_2017_with_a_notice(text):
    found = ALL.resolve(text)
    assert found.name_zh == "热电联产"
    notice = ALL.renamed(found.code)
    assert notice is not None
    assert "水力发电" in notice.zh
    assert "combined heat and power" in notice.en


def test_a_code_that_kept_its_meaning_has_no_notice():
    assert ALL.renamed("C2521") is None
    assert ALL.renamed("C2520") is None  # gone, so it is refused, not renamed


def test_the_table_of_2011_names_true_changes_only():
    assert len(ALL.former) > 40
    for former in ALL.former.values():
        assert former.now
        assert all(ALL.entries[code].level == "class" for code in former.now)
        still = ALL.entries.get(former.code)
        assert still is None or still.name_zh != former.name_zh


def test_code_and_name_that_disagree_are_refused_with_the_code_of_the_name():
    error = refusal("C2521 炼铁")
    assert error.type == "industry-name-differs"
    assert error.where["choices"] == ["C2521", "C3110"]
    assert "C3110" in error.text("zh")
    assert refusal("C2521 造月饼").where["choices"] == ["C2521"]


@pytest.mark.parametrize(
    ("text", "count"), [("C252", 5), ("252", 5), ("煤炭加工", 5), ("coal processing", 5), ("C25", 10)]
)
def test_a_code_above_class_level_is_refused_with_all_its_classes(text, count):
    error = refusal(text)
    assert error.type == "industry-too-coarse"
    assert len(error.where["choices"]) == count
    for code in error.where["choices"]:
        assert ALL.entries[IndustryCode(code)].level == "class"
        assert code in error.text("zh")
        assert code in error.text("en")


def test_a_whole_section_is_refused_with_its_divisions_and_the_number_of_classes():
    error = refusal("C")
    assert error.type == "industry-too-coarse"
    assert error.where["choices"] == [
        e.code for e in ALL.entries.values() if e.level == "division" and e.section == "C"
    ]
    assert str(len(ALL.children("C"))) in error.text("zh")


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("A2521", ["C2521"]),
        ("C2525", ["C2521", "C2522", "C2523", "C2524", "C2529"]),
        ("C2599", ["C251", "C252", "C253", "C254"]),
        ("焦化", ["C2521"]),
        ("铁路工程", ["E4811"]),
    ],
)
def test_an_unknown_industry_is_refused_with_what_is_near(text, near):
    error = refusal(text)
    assert error.type == "industry-unknown"
    assert error.where["choices"][: len(near)] == near
    assert near[0] in error.text("zh")
    assert near[0] in error.text("en")


@pytest.mark.parametrize("text", ["", "  ", "98", "25210", "U12", "qwxz", "Ж"])
def test_nonsense_is_refused_without_inventing_a_suggestion(text):
    error = refusal(text)
    assert error.type == "industry-unknown"
    assert "choices" not in error.where


def test_get_finds_any_level_and_refuses_what_does_not_exist():
    assert ALL.get("C25").level == "division"
    assert ALL.get("252").name_zh == "煤炭加工"
    for text in ("C2520", "炼焦", ""):
        with pytest.raises(BadProject) as caught:
            ALL.get(text)
        assert caught.value.type == "industry-unknown"


def test_children_are_the_classes_below():
    assert [e.code for e in ALL.children("C252")] == ["C2521", "C2522", "C2523", "C2524", "C2529"]
    assert ALL.children("C2521") == ()


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("C252", "C2521"),
        ("252", "C2521"),
        ("水泥制造", "C3011"),
        ("coking", "C2521"),
        ("C30 平板", "C3041"),
        ("炼铁厂", None),
        ("炼　焦", "C2521"),
    ],
)
def test_search_by_code_chinese_or_english(text, first):
    found = ALL.search(text)
    assert (found.shown[0].code if found.shown else None) == first


def test_search_says_how_many_there_are_when_it_shows_fewer():
    found = ALL.search("制造", limit=7)
    assert len(found.shown) == 7
    assert found.total == sum("制造" in e.name_zh for e in ALL.entries.values())
    assert ALL.search("制造", limit=found.total).total == len(ALL.search("制造", limit=found.total).shown)


def test_search_shows_classes_first_and_finds_nothing_for_nothing():
    levels = [e.level == "class" for e in ALL.search("煤", 100).shown]
    assert levels == sorted(levels, reverse=True)
    assert ALL.search(" ").total == 0


def test_titles_fall_back_to_chinese_where_no_english_name_is_kept():
    assert ALL.get("C2521").title().as_dict() == {"zh": "C2521 炼焦", "en": "C2521 coking"}
    assert ALL.get("C1811").title().en == "C1811 运动机织服装制造"


def test_a_name_that_only_groups_carry_asks_for_a_class():
    small = Industries(
        [
            Industry(IndustryCode("A"), "农业", "farming"),
            Industry(IndustryCode("A01"), "农业", "farming"),
            Industry(IndustryCode("A0111"), "稻谷种植", ""),
        ]
    )
    with pytest.raises(BadProject) as caught:
        small.resolve("农业")
    assert caught.value.type == "industry-too-coarse"
    assert caught.value.where["choices"] == ["A01"]
