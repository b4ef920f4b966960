"""What one rule contributes to a check, and how it is written down; the reasoning is in `zoning.check`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from shapely import Geometry

from zoning.bilingual import Bilingual
from zoning.canonical import geojson
from zoning.chainage import station
from zoning.decision import Outcome
from zoning.evidence import Feature
from zoning.rule import Cite, Rule

Reason = Literal["accuracy", "jurisdiction", "attribute", "plan_ended", "substance", "not_searched", "feature"]
"""Why a finding is not certain."""

REASONS: Mapping[Reason, Bilingual] = {
    "accuracy": Bilingual("在测量或制图精度之内", "within the accuracy of the boundaries"),
    "jurisdiction": Bilingual(
        "临近行政区界线，是否属本辖区待核实", "so near an administrative line that it is not sure whose rule applies"
    ),
    "attribute": Bilingual("缺项目资料", "a fact about the project is missing"),
    "plan_ended": Bilingual(
        "规划期已过，是否延续待核实", "the plan period is over; whether it continues is to be confirmed"
    ),
    "substance": Bilingual("规定的内容待核实", "what the rule demands is to be confirmed"),
    "not_searched": Bilingual("所需图层未能查到", "a needed layer was not searched"),
    "feature": Bilingual("要素类别或名称不明", "the feature does not say its class or name"),
}


def feature_dict(feature: Feature) -> dict[str, Any]:
    """How a feature is named in an answer."""
    return {
        "code": feature.code,
        "name": feature.name,
        "name_en": feature.properties.get("name_en"),
        "class": feature.class_,
        "accuracy_m": feature.accuracy_m,
        "legal_status": feature.legal_status,
    }


@dataclass(frozen=True, slots=True)
class Contribution:
    """What a rule at one place does to the verdict: its outcome now, the worst it may become, and why it is not certain."""

    outcome: Outcome
    at_worst: Outcome
    reasons: tuple[Reason, ...] = ()
    missing: frozenset[str] = frozenset()
    documents_named: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A share of an overlap: in one parcel and county, or along a stretch of one line (`line_part` of a parcel of several)."""

    parcel: str
    county: str | None
    share: float
    area_m2: float | None = None
    length_m: float | None = None
    from_m: float | None = None
    to_m: float | None = None
    line_part: int | None = None

    def as_dict(self) -> dict[str, Any]:
        pairs = {
            "parcel": self.parcel,
            "county": self.county,
            "area_m2": _round(self.area_m2, 2),
            "length_m": _round(self.length_m, 2),
            "from_m": _round(self.from_m, 2),
            "to_m": _round(self.to_m, 2),
            "share": round(self.share, 6),
        }
        if self.from_m is not None and self.to_m is not None:
            pairs |= {"part": self.line_part, "from": station(self.from_m), "to": station(self.to_m)}
        return {k: v for k, v in pairs.items() if v is not None or k == "county"}


def _round(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _written(geometry: Geometry, shapes: dict[int, dict[str, Any]]) -> dict[str, Any]:
    if id(geometry) not in shapes:
        shapes[id(geometry)] = geojson(geometry)
    return shapes[id(geometry)]


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule at one feature (or in one whole jurisdiction): measured, cited, and with what would change it.

    `margin_m` is how far a boundary or the site must move to flip the finding; where that is more than the window shows,
    it is None and `margin_beyond_m` says how far was looked. `blur_m` is what the accuracies of feature and site add up to,
    `site_blur_m` the site's own.
    `alongside` holds the stretches and crossings of a line site, with chainages.
    """

    rule: Rule
    contribution: Contribution
    layer: str | None
    feature: Feature | None
    relation: str
    margin_m: float | None
    cites: tuple[Cite, ...]
    legal_status: str
    search: Bilingual | None = None
    margin_beyond_m: float | None = None
    blur_m: float = 0.0
    site_blur_m: float = 0.0
    parts: tuple[Part, ...] = ()
    overlap_dimension: int = 0
    overlap_size: float = 0.0
    share_of_site: float | None = None
    share_of_feature: float | None = None
    distance_m: float | None = None
    crossings: tuple[tuple[float, float], ...] = ()
    alongside: Mapping[str, Any] = field(default_factory=dict)
    geometry: Geometry | None = None
    needs: tuple[Mapping[str, Any], ...] = ()
    changes_if: tuple[Bilingual, ...] = field(default=())

    @property
    def outcome(self) -> Outcome:
        return self.contribution.outcome

    @property
    def certain(self) -> bool:
        return not self.contribution.reasons

    def as_dict(self, shapes: dict[int, dict[str, Any]] | None = None) -> dict[str, Any]:
        """The JSON form; numbers rounded to centimetres, 0.01 m² and one part in a million.

        `shapes` keeps geometries written before, by `id`: rules on one feature share its overlap.
        """
        feature = self.feature
        return {
            "rule": self.rule.id,
            "title": self.rule.title.as_dict(),
            "demand": self.rule.demand.as_dict(),
            "effect": self.rule.effect,
            "outcome": self.contribution.outcome,
            "at_worst": self.contribution.at_worst,
            "layer": self.layer,
            "feature": None if feature is None else feature_dict(feature),
            "relation": self.relation,
            "certainty": "certain" if self.certain else "uncertain",
            "reasons": [{"reason": r, "text": REASONS[r].as_dict()} for r in self.contribution.reasons],
            "search": self.search.as_dict() if self.search else None,
            "missing": sorted(self.contribution.missing),
            "margin_m": _round(self.margin_m, 2),
            "margin_beyond_m": _round(self.margin_beyond_m, 2),
            "accuracy_m": _round(self.blur_m, 2),
            "parts": [p.as_dict() for p in self.parts],
            "overlap_m2": _round(self.overlap_size, 2) if self.overlap_dimension == 2 else None,
            "overlap_m": _round(self.overlap_size, 2) if self.overlap_dimension == 1 else None,
            "share_of_site": _round(self.share_of_site, 6),
            "share_of_feature": _round(self.share_of_feature, 6),
            "distance_m": _round(self.distance_m, 2),
            "crossings": [list(point) for point in self.crossings],
            "stretches": list(self.alongside.get("stretches", ())),
            "crossed_at": list(self.alongside.get("crossed_at", ())),
            "geometry": None if self.geometry is None else _written(self.geometry, {} if shapes is None else shapes),
            "needs": [dict(n) for n in self.needs],
            "documents_named": self.contribution.documents_named,
            "changes_if": [text.as_dict() for text in self.changes_if],
            "legal_status": self.legal_status,
            "cites": [c.as_dict() for c in self.cites],
            "decisions": [d.as_dict() for d in self.rule.decisions],
            "open": None
            if self.rule.open is None
            else {"what": self.rule.open, "text": self.rule.open_text.as_dict() if self.rule.open_text else None},
        }
