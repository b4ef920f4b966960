"""The field's closed sets of terms, with their words in both languages from `terms.yaml`; it decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from zoning.bilingual import Bilingual
from zoning.errors import BadProject


class Verdict(StrEnum):
    """The answer, worst first. Each has its own sign, readable without colour."""

    PROHIBITED = "prohibited"
    RESTRICTED = "restricted"
    UNKNOWN = "unknown"
    ATTENTION = "attention"
    CLEAR = "clear"

    @property
    def sign(self) -> str:
        return _SIGNS[self]


class Effect(StrEnum):
    """What a rule does where it applies."""

    PROHIBIT = "prohibit"
    RESTRICT = "restrict"
    REQUIRE = "require"
    PHASE_OUT = "phase_out"
    ENCOURAGE = "encourage"
    INFORM = "inform"


class Activity(StrEnum):
    """What the project does. A retrofit adds no capacity; to restore a mine is not to build one."""

    NEW = "new"
    REBUILD = "rebuild"
    EXPAND = "expand"
    RELOCATE = "relocate"
    RETROFIT = "retrofit"
    RESTORE = "restore"
    EXPLORE = "explore"
    TEMPORARY = "temporary"
    OPERATE = "operate"
    CLOSE = "close"


class LandTake(StrEnum):
    """What land the project takes; solar panels on an existing roof take none."""

    NONE = "none"
    EXISTING = "existing"
    TEMPORARY = "temporary"
    PERMANENT = "permanent"


class Crossing(StrEnum):
    """How a line crosses what is in its way."""

    OPEN_CUT = "open_cut"
    DRILLED = "drilled"
    AERIAL = "aerial"
    BRIDGE = "bridge"
    AT_GRADE = "at_grade"


class LegalStatus(StrEnum):
    """The standing of a boundary or a source, strongest first."""

    STATUTORY = "statutory"
    PLANNING = "planning"
    REFERENCE = "reference"
    ILLUSTRATIVE = "illustrative"


class Relation(StrEnum):
    """How the site stands to a feature, and two that need none: a rule of a whole jurisdiction, a layer not searched."""

    INSIDE = "inside"
    CONTAINS = "contains"
    OVERLAP = "overlap"
    SLIVER = "sliver"
    TOUCH = "touch"
    WITHIN_DISTANCE = "within_distance"
    DISJOINT = "disjoint"
    JURISDICTION = "jurisdiction"
    NOT_SEARCHED = "not_searched"


class Certainty(StrEnum):
    """Whether a finding survives the accuracy of both geometries and everything else that is open."""

    CERTAIN = "certain"
    UNCERTAIN = "uncertain"


class UnitClass(StrEnum):
    """The three classes of environment control units; `digit` is the class in a unit's code."""

    PRIORITY = "priority"
    KEY = "key"
    GENERAL = "general"

    @property
    def digit(self) -> str:
        return str(list(UnitClass).index(self) + 1)


class AccessLevel(StrEnum):
    """The three levels of the access list; all three bind a project in a unit."""

    PROVINCE = "province"
    CITY = "city"
    UNIT = "unit"


class Dimension(StrEnum):
    """The four dimensions of the access list."""

    SPACE = "space"
    POLLUTION = "pollution"
    RISK = "risk"
    RESOURCES = "resources"


class ClauseAnswer(StrEnum):
    """How a project stands to a clause of the access list."""

    VIOLATES = "violates"
    TO_VERIFY = "to_verify"
    CONFORMS = "conforms"
    NOT_CONCERNED = "not_concerned"


class LayerKind(StrEnum):
    """The kinds of layers that rules may name."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    REDLINE = "redline"
    PROTECTED_AREA = "protected_area"
    PERMANENT_BASIC_FARMLAND = "permanent_basic_farmland"
    WATER_SOURCE = "water_source"
    SPRING_DOMAIN = "spring_domain"
    RIVER = "river"
    RIVER_MANAGEMENT = "river_management"
    RIVER_CORRIDOR = "river_corridor"
    COUNTY_PLANNING_AREA = "county_planning_area"
    INDUSTRIAL_PARK = "industrial_park"
    GROUNDWATER_ZONE = "groundwater_zone"
    NO_COAL_ZONE = "no_coal_zone"
    HEAVY_METAL_KEY_AREA = "heavy_metal_key_area"
    CONTROL_UNIT = "control_unit"
    WETLAND = "wetland"
    FOREST = "forest"
    SCENIC_AREA = "scenic_area"
    HERITAGE = "heritage"
    MINE_SITE = "mine_site"
    GRASSLAND = "grassland"
    CULTIVATED_LAND = "cultivated_land"
    STEEP_SLOPE = "steep_slope"
    EROSION_AREA = "erosion_area"
    GEOHAZARD_AREA = "geohazard_area"
    WATER_WORKS = "water_works"
    LAKE = "lake"
    YELLOW_RIVER_FLOODPLAIN = "yellow_river_floodplain"
    BOUNDARY_RIVER_ZONE = "boundary_river_zone"
    WATER_OVERLOAD_AREA = "water_overload_area"
    CONTAMINATED_LAND = "contaminated_land"
    SETTLEMENT_SENSITIVE_AREA = "settlement_sensitive_area"
    GRAZING_CLOSURE = "grazing_closure"
    SUBSIDENCE_AREA = "subsidence_area"
    BUILT_UP_AREA = "built_up_area"
    HEADWATER_ZONE = "headwater_zone"
    WATERSHED = "watershed"
    HABITAT = "habitat"
    POLLUTED_FARMLAND = "polluted_farmland"
    GROUNDWATER_POLLUTION_ZONE = "groundwater_pollution_zone"
    WATER_SUPPLY_NETWORK = "water_supply_network"
    AIR_CONTROL_REGION = "air_control_region"
    NONROAD_MACHINERY_ZONE = "nonroad_machinery_zone"
    AQUACULTURE_ZONE = "aquaculture_zone"
    POWER_PLANT = "power_plant"
    LIVESTOCK_ZONE = "livestock_zone"
    MAIN_FUNCTION_ZONE = "main_function_zone"
    FUNCTIONAL_AREA = "functional_area"
    SOIL_PRIORITY_AREA = "soil_priority_area"


_SIGNS: Mapping[Verdict, str] = {
    Verdict.PROHIBITED: "⛔",
    Verdict.RESTRICTED: "▲",
    Verdict.UNKNOWN: "?",
    Verdict.ATTENTION: "!",
    Verdict.CLEAR: "○",
}

TERMS: Mapping[str, type[StrEnum]] = {
    "verdicts": Verdict,
    "effects": Effect,
    "activities": Activity,
    "land_takes": LandTake,
    "crossings": Crossing,
    "legal_statuses": LegalStatus,
    "relations": Relation,
    "certainties": Certainty,
    "layer_kinds": LayerKind,
    "unit_classes": UnitClass,
    "access_levels": AccessLevel,
    "dimensions": Dimension,
    "clause_answers": ClauseAnswer,
}
"""The closed sets by their name in `terms.yaml`."""

_NAMES = {kind: name for name, kind in TERMS.items()}


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """A kind of document a restriction can need, and who issues it."""

    id: str
    title: Bilingual
    issuer: Bilingual

    def as_dict(self) -> dict[str, Any]:
        return {"kind": self.id, **self.title.as_dict(), "issuer": self.issuer.as_dict()}


@cache
def packaged() -> Mapping[str, Any]:
    """The data behind this module."""
    text = (files("zoning") / "terms.yaml").read_text(encoding="utf-8")
    data: Mapping[str, Any] = yaml.safe_load(text)
    return data


def label(term: StrEnum) -> Bilingual:
    """The words for a term.

    >>> label(Activity.NEW)
    Bilingual(zh='新建', en='new')
    """
    return Bilingual.of(packaged()[_NAMES[type(term)]][term.value])


def verdict_title(verdict: str) -> Bilingual:
    return label(Verdict(verdict))


def effect_title(effect: str) -> Bilingual:
    return label(Effect(effect))


def relation_title(relation: str) -> Bilingual:
    return label(Relation(relation))


def activity_title(activity: str) -> Bilingual:
    return label(Activity(activity))


def legal_status_title(status: str) -> Bilingual:
    return label(LegalStatus(status))


def layer_kind_title(kind: str) -> Bilingual:
    """The kind's title; a kind that is not in the list is called by its id, never left out."""
    return label(LayerKind(kind)) if kind in LayerKind.__members__.values() else Bilingual(kind, kind)


@cache
def document_kinds() -> Mapping[str, DocumentKind]:
    """The kinds of documents that rules may ask for, by id."""
    return {
        id: DocumentKind(id, Bilingual(data["zh"], data["en"]), Bilingual.of(data["issuer"]))
        for id, data in packaged()["document_kinds"].items()
    }


@cache
def _activities() -> Mapping[str, Activity]:
    """Every word an activity goes by: its id, its title in either language, and what else it is called."""
    words: dict[str, Activity] = {}
    for one in Activity:
        title = label(one)
        also = packaged()["activity_words"].get(one.value, ())
        for word in (one.value, title.zh, title.en, *also):
            words[word.lower()] = one
    return words


def activity(text: str) -> Activity:
    """The activity that a request names by id or by its word in either language.

    Raises `BadProject` ``activity-unknown`` naming all that there are.

    >>> str(activity("new")), str(activity("扩建"))
    ('new', 'expand')
    """
    found = _activities().get(text.strip().lower())
    if found is not None:
        return found
    zh = "、".join(f"{a.value}（{label(a).zh}）" for a in Activity)
    en = ", ".join(f"{a.value}: {label(a).en}" for a in Activity)
    raise BadProject(
        "activity-unknown",
        Bilingual(f"不认识的建设性质 {text!r}；可用：{zh}。", f"Unknown activity {text!r}; use one of {en}."),
        field="activity",
        value=text,
    )
