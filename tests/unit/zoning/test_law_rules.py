"""The rules of the laws, as a planner would try them: for each ban and condition a project it meets and one that it lets pass."""

from __future__ import annotations

import datetime as dt
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml

from zoning import terms
from zoning.attributes import parse
from zoning.project import Project
from zoning.rule import Rule
from zoning.rulebook import rulebook

RULES = rulebook()
SHARED = Path(__file__).resolve().parents[4] / "shared"
STANDING = ("prohibit", "restrict", "phase_out")

# Rule; a project it meets; a near miss. A project is an industry (GB/T 4754-2017), an activity and what else it says of itself.
TABLE = """
cultivated-conversion            | Q8424 new land_take=permanent                       | Q8424 new land_take=existing
cultivated-digging               | B1019 new                                           | B1019 restore
cultivated-kiln                  | C3031 new                                           | C3032 new
erosion-geohazard-digging        | B1011 operate                                       | B0610 operate
erosion-key-area                 | D4416 new land_take=permanent                       | D4416 new land_take=none
erosion-severe                   | D4416 new land_take=permanent                       | D4416 new land_take=none
farmland-digging                 | B0610 new mining_method=open_pit                    | B0610 new mining_method=underground
farmland-fruit-fishpond          | A0151 new                                           | A0111 new
farmland-key-project             | E4812 new land_take=permanent                       | E4812 new land_take=temporary
farmland-kiln-grave              | O8080 new                                           | O8080 operate
farmland-occupation              | C2521 new land_take=permanent                       | E4812 new land_take=permanent
farmland-said-not-taken          | G5951 new land_take=existing                        | E4851 new land_take=none
farmland-soil-pollution          | C2521 new adds_soil_pollution=true                  | C2521 new adds_soil_pollution=false
farmland-soil-pollution-existing | C3212 operate adds_soil_pollution=true              | C3212 close adds_soil_pollution=true
farmland-temporary               | E4852 new land_take=temporary                       | E4852 new land_take=none
farmland-underground             | B0610 new mining_method=underground                 | B0610 new mining_method=open_pit
farmland-underground-before      | B0610 new mining_method=underground                 | B0610 new mining_method=open_pit
forest-land                      | D4415 new land_take=permanent                       | D4415 new land_take=existing
forest-natural-felling           | A0241 operate                                       | A0220 operate
forest-public-benefit-felling    | A0231 operate                                       | A0412 operate
forest-reclamation               | A0113 new                                           | A0113 operate
forest-temporary                 | M7475 explore                                       | M7475 operate
forest-waste                     | N7723 new                                           | N7820 new
grassland-closed                 | A0314 new                                           | A0313 new
grassland-degraded               | B0610 explore                                       | M7474 explore
grassland-digging                | B1019 new                                           | B0610 new
grassland-herding-works          | A0314 new land_take=permanent                       | C1353 new land_take=permanent
grassland-reclamation            | A0112 expand                                        | A0314 expand
grassland-temporary              | E4851 temporary                                     | E4851 operate
grassland-use                    | D4415 new land_take=permanent                       | A0314 new land_take=permanent
groundwater-geothermal-source    | D4430 new new_groundwater_intake=true               | D4430 new new_groundwater_intake=false
groundwater-limited              | C2521 new new_groundwater_intake=true               | C2521 new new_groundwater_intake=false
groundwater-no-extraction        | C2521 new new_groundwater_intake=true               | M7475 new new_groundwater_intake=true
groundwater-no-extraction-existing | C2521 operate                                     | C2521 new
groundwater-overexploited        | A0141 new new_groundwater_intake=true               | A0141 operate
groundwater-spring-pollution     | N7820 new landfill=true                             | N7820 new landfill=false
lake-reclamation                 | A0111 new                                           | A0412 new
mining-exploration-licence       | M7471 explore                                       | M7474 explore
mining-licence                   | B0810 new                                           | B1190 new
mining-other-right               | B0916 explore                                       | B0916 restore
mining-overlay                   | E4811 new                                           | B0610 new
mining-restoration-plan          | B0610 expand                                        | B0610 retrofit
protected-core                   | N7861 new                                           | M7461 operate
protected-core-research          | M7461 operate                                       | M7461 new
protected-core-restoration       | E4863 restore                                       | E4863 close
protected-general-opinion        | N7861 new                                           | N7861 operate
protected-general-pollution      | C2614 new                                           | C1311 new
protected-harvest                | A0422 new                                           | A0412 new
protected-mining-existing        | B0610 operate                                       | B0610 close
red-line-development             | B0610 new national_key_project=false                | E4812 new
red-line-existing                | C2521 operate                                       | E4812 operate
red-line-ha01-land               | N7714 new land_take=permanent                       | N7714 new land_take=none
red-line-ha03-heritage           | R8840 new                                           | R8850 new
red-line-ha04-forestry           | A0232 retrofit                                      | A0241 retrofit
red-line-ha05-visiting           | N7861 new                                           | H6110 new
red-line-ha06-linear             | E4811 new                                           | E4840 new
red-line-ha07-exploration        | M7471 explore                                       | M7474 explore
red-line-ha08-restoration        | B0610 restore                                       | B0610 new
red-line-key-project             | B0721 new national_key_project=true                 | C2521 new
river-boundary-works             | E4822 new                                           | E4812 new
river-digging                    | B1019 operate                                       | B1019 close
river-dumping                    | N7723 new                                           | N7820 new
river-dyke                       | C3011 new                                           | E4822 new
river-dyke-road                  | E4812 new                                           | E4812 operate
river-dyke-safety                | M7475 explore                                       | C3011 new
river-landslide-reach            | B1011 new                                           | B1011 restore
river-obstruction                | C3011 new land_take=permanent                       | E4812 new land_take=permanent
river-outfall                    | D4620 new discharges_to_water=true                  | D4620 new discharges_to_water=false
river-reclamation                | A0111 new                                           | A0111 operate
river-road-obstruction           | E4812 new crossing=at_grade                         | E4812 new crossing=bridge
river-sand-permit                | B1019 new                                           | B0610 new
river-town-building              | K7010 new                                           | K7010 operate
river-trees                      | A0220 new                                           | A0231 new
river-water-works                | D4413 new                                           | D4610 new
river-works-review               | E4851 new                                           | E4851 operate
scenic-consent                   | H6110 rebuild                                       | H6110 operate
scenic-core                      | H6110 new                                           | N7861 new
scenic-digging                   | B1011 new                                           | H6110 new
scenic-hazardous-store           | G5941 new                                           | N7861 new
scenic-mining-existing           | B1011 operate                                       | B1011 restore
scenic-outfall                   | H6110 new discharges_to_water=true                  | H6110 rebuild discharges_to_water=true
soil-listed-land-use             | P8321 new                                           | F5212 new
soil-listed-land-work            | C3011 new                                           | N7726 new
soil-settlement                  | C2614 new adds_soil_pollution=true                  | C1311 new adds_soil_pollution=false
spring-domain-assessment         | C1311 new                                           | C1311 operate
spring-key-mining                | B0610 operate                                       | B0610 restore
steep-slope-tillage              | A0113 new                                           | A0161 new
waste-farmland                   | N7724 new                                           | N7810 new
waste-red-line                   | N7820 new landfill=true                             | N7820 new landfill=false
waste-river-bank                 | G5942 new                                           | G5920 new
water-source-first-grade         | E4821 new protects_water_source=false               | E4821 new protects_water_source=true
water-source-first-grade-activities | N7861 operate                                    | N7714 operate
water-source-first-grade-existing | C1311 operate                                      | D4610 operate protects_water_source=true
water-source-first-grade-restoration | E4863 restore protects_water_source=false      | E4863 restore protects_water_source=true
water-source-outfall             | C1311 rebuild discharges_to_water=true              | C1311 rebuild discharges_to_water=false
water-source-outfall-existing    | C1311 operate discharges_to_water=true              | C1311 close discharges_to_water=true
water-source-quasi               | C2614 new discharges_to_water=true                  | C2614 rebuild discharges_to_water=true
water-source-second-grade        | C1311 new emits_pollutants=true                     | C1311 new emits_pollutants=false
water-source-second-grade-existing | C1311 operate emits_pollutants=true               | C1311 close emits_pollutants=true
water-works-protection           | B1011 operate                                       | C3011 operate
wetland-digging                  | B1019 new                                           | B1019 restore
wetland-national                 | C3011 new national_key_project=false                | E4822 new
wetland-national-exception       | E4822 new                                           | C3011 new national_key_project=false
wetland-other                    | H6110 new                                           | H6110 operate
wetland-peat                     | B0690 operate                                       | B0690 restore
wetland-reclamation              | A0111 new                                           | A0111 operate
wetland-restoration              | E4863 restore                                       | E4863 new
wetland-temporary                | E4851 temporary                                     | E4851 new
wetland-waste                    | N7723 new                                           | N7820 new
yellow-river-check-dam           | E4812 new                                           | E4812 operate
yellow-river-chemical            | C2614 expand                                        | C2614 rebuild
yellow-river-deep-groundwater    | A0112 expand new_groundwater_intake=true            | A0112 expand new_groundwater_intake=false
yellow-river-erosion             | C3011 new land_take=permanent                       | C3011 new land_take=existing
yellow-river-erosion-key         | E4811 new national_key_project=true                 | C3011 new
yellow-river-floodplain-building | K7010 new                                           | C3011 new
yellow-river-floodplain-tillage  | A0113 new                                           | A0113 operate
yellow-river-near-overload       | C3011 new new_groundwater_intake=true               | C3011 new new_groundwater_intake=false
yellow-river-net-cages           | A0412 operate                                       | A0422 operate
yellow-river-overload            | C3011 new new_groundwater_intake=true               | D4610 new new_groundwater_intake=true
yellow-river-tailings            | B0810 new tailings_pond=true                      | B0810 rebuild tailings_pond=true improves_safety=true
"""


def rows() -> list[tuple[str, str, str]]:
    cells = [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()]
    return [(rule, hit, miss) for rule, hit, miss in cells]


def truth(rule: Rule, words: str) -> bool | None:
    industry, activity, *said = words.split()
    return rule.test(Project.of(industry, activity, parse(said)).facts()).value


@pytest.mark.parametrize(("rule", "hit", "miss"), rows(), ids=[row[0] for row in rows()])
def test_the_rule_meets_one_project_and_lets_the_near_one_pass(rule: str, hit: str, miss: str) -> None:
    assert truth(RULES.get(rule), hit) is True
    assert truth(RULES.get(rule), miss) is False


def of_law(rule: Rule) -> bool:
    return all(cite.source.status == "statutory" for cite in rule.cites)


def test_every_ban_and_condition_of_a_law_is_in_the_table() -> None:
    named = [row[0] for row in rows()]
    assert len(named) == len(set(named))
    assert set(named) == {rule.id for rule in RULES.rules if of_law(rule) and rule.effect in STANDING}


@pytest.mark.parametrize(
    ("day", "before", "after"),
    [
        (dt.date(2025, 7, 1), [], ["mining-licence", "mining-restoration-plan"]),
        (dt.date(2025, 10, 1), ["farmland-underground-before"], ["farmland-underground"]),
        (dt.date(2023, 4, 1), [], ["yellow-river-chemical", "yellow-river-erosion"]),
        (dt.date(2026, 3, 15), ["protected-outer"], []),
    ],
)
def test_the_day_decides_which_law_is_in_force(day: dt.date, before: list[str], after: list[str]) -> None:
    eve = day - dt.timedelta(days=1)
    for rule in (RULES.get(id) for id in before):
        assert rule.applies_on(eve)
        assert not rule.applies_on(day)
    for rule in (RULES.get(id) for id in after):
        assert not rule.applies_on(eve)
        assert rule.applies_on(day)


ABSORBED = ("water-pollution-law", "soil-pollution-law", "solid-waste-law", "eia-law")


def test_a_rule_of_a_law_that_the_code_absorbed_goes_on_with_its_article_to_be_added() -> None:
    for rule in (r for r in RULES.rules if any(c.source.id in ABSORBED for c in r.cites)):
        eve = {c.source.id for c in rule.citing(dt.date(2026, 8, 14))}
        day = rule.citing(dt.date(2026, 8, 15))
        assert eve & set(ABSORBED), rule.id
        assert "ecological-code" in {c.source.id for c in day}, rule.id
        assert not {c.source.id for c in day} & set(ABSORBED), rule.id
        assert all(c.open for c in day if c.source.id == "ecological-code"), rule.id


def test_a_restriction_names_documents_with_someone_to_ask() -> None:
    for rule in (r for r in RULES.rules if of_law(r) and r.effect == "restrict"):
        for need in rule.needs:
            kind = terms.document_kinds()[need]
            assert kind.issuer.zh, rule.id
            assert kind.issuer.en, rule.id


# --- the account of the laws' articles --------------------------------------------------------------------------------

LAWS = {id: source for id, source in RULES.sources.items() if source.file and source.file.startswith("laws/")}
SPEAKS = re.compile("禁止|不得|避让|避开|审查同意|审核同意|主管部门批准|机关批准|国务院批准|许可证|严格限制")
DIGITS = "零一二三四五六七八九"


def number(chinese: str) -> int:
    total = digit = 0
    for sign in chinese:
        if sign in "百十":
            total, digit = total + (digit or 1) * (100 if sign == "百" else 10), 0
        else:
            digit = DIGITS.index(sign)
    return total + digit


def articles(text: str) -> dict[int, str]:
    """The articles of a law by number, without its chapters on liability and its last provisions."""
    found: dict[int, str] = {}
    counts, current = True, 0
    for line in text.splitlines():
        if line.startswith("#"):
            counts, current = not re.search("法律责任|罚|附 *则", line), 0
        elif counts and (started := re.match("第([一二三四五六七八九十百零]+)条[ \u3000]", line.strip())):
            current = number(started[1])
            found[current] = line
        elif current:
            found[current] += line
    return found


def not_encoded() -> dict[str, dict[str, Any]]:
    text = (files("zoning") / "rules" / "not-encoded.yaml").read_text(encoding="utf-8")
    return {id: data for id, data in yaml.safe_load(text).items() if id in LAWS}


def cited(source: str) -> set[int]:
    return {int(c.at) for r in RULES.rules for c in r.cites if c.source.id == source and c.at is not None}


@pytest.mark.parametrize("source", sorted(LAWS))
def test_every_article_that_bans_or_conditions_is_a_rule_or_says_why_not(source: str) -> None:
    listed = {int(key.removeprefix("art")) for key in not_encoded().get(source, {})}
    assert not listed & cited(source), "an article is a rule or is none, not both"
    path = SHARED / str(LAWS[source].file)
    if not path.exists():
        pytest.skip(f"{LAWS[source].file} is not beside the project")
    text = articles(path.read_text(encoding="utf-8"))
    assert {n for n, said in text.items() if SPEAKS.search(said)} <= listed | cited(source)
    assert listed | cited(source) <= set(text)


def test_the_eighteen_laws_are_all_sources() -> None:
    assert len(LAWS) == 18


def test_an_article_left_out_has_a_known_reason_and_a_duplicate_names_its_rule() -> None:
    ids = {rule.id for rule in RULES.rules}
    for source, listed in not_encoded().items():
        for key, data in listed.items():
            assert re.fullmatch(r"art\d+", key), (source, key)
            assert data["reason"] in {"procedural", "past_measure", "no_target", "duplicate"}, (source, key)
            assert (data["reason"] == "duplicate") == ("of" in data), (source, key)
            assert data.get("of", next(iter(ids))) in ids, (source, key)
            if "note" in data:
                assert set(data["note"]) == {"zh", "en"}, (source, key)
