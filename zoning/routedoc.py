"""A line site's route as JSON: its legs, where chainage counts from, and lengths by county, unit and layer; it measures nothing new."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zoning.alongside import Alongside, FeatureLength, LayerLength
from zoning.bilingual import Bilingual
from zoning.chainage import Leg, station

if TYPE_CHECKING:
    from zoning.check import Check

_TWICE_M = 0.01


def route_dict(check: Check) -> dict[str, Any] | None:
    """The route of a line site or corridor; None for any other site.

    Metres are rounded to centimetres so that what is printed adds up: in a full-cover layer (`full_cover`) the features'
    `length_m` and `outside_m` make up `length_m` of the route, in every layer `inside_m` and `outside_m` do.
    """
    along = check.along
    if along is None:
        return None
    route = along.route
    whole = round(sum(round(leg.length_m, 2) for leg in route.legs), 2)
    twice = 0.0 if check.question.site.dimension != 1 else route.length_m - along.ground_m
    kinds = [*(["county"] if "county" in check.evidence.layers else []), *(s.layer for s in check.searches if s.done)]
    return {
        "length_m": whole,
        "twice_m": round(twice, 2) if twice > _TWICE_M else 0.0,
        "of": "site" if check.question.site.dimension == 1 else "axis",
        "counted_from": counted_from(route.legs).as_dict(),
        "legs": [_leg(leg) for leg in route.legs],
        "layers": [_layer(along.lengths(kind), along, whole) for kind in kinds],
    }


def counted_from(legs: tuple[Leg, ...]) -> Bilingual:
    """In words, where chainage counts from: the start of the line, or of each of its parts."""
    first = legs[0]
    lon, lat = first.start
    zh, en = _end(first)
    at = f"{lon:.6f}°E", f"{lat:.6f}°N"
    if len(legs) == 1:
        return Bilingual(
            f"桩号自{zh}（{at[0]}，{at[1]}）起算，沿线按 CGCS2000 椭球长度计；与绘制方向无关。",
            f"Chainage counts from {en} ({at[0]}, {at[1]}) in ellipsoidal metres on CGCS2000, whichever way the line was drawn.",
        )
    return Bilingual(
        f"线路共 {len(legs)} 段，每段各自从 K0+000 起算（起点一般为西端，见各段起点坐标；第一段为 {at[0]}，{at[1]}），"
        "按 CGCS2000 椭球长度计；与绘制方向无关。",
        f"The line has {len(legs)} parts; each counts from its own K0+000 (as a rule its western end; the start of each is given, "
        f"that of the first is {at[0]}, {at[1]}) in ellipsoidal metres on CGCS2000, whichever way it was drawn.",
    )


def _end(leg: Leg) -> tuple[str, str]:
    if leg.start == leg.end:
        return "闭合线路最西的拐点", "the westernmost corner of the closed line"
    if leg.start[0] == leg.end[0]:
        return "线路南端", "the southern end of the line"
    return "线路西端", "the western end of the line"


def _leg(leg: Leg) -> dict[str, Any]:
    return {
        "parcel": leg.parcel,
        "part": leg.part,
        "from": station(0.0),
        "to": station(leg.length_m),
        "length_m": round(leg.length_m, 2),
        "start": [round(v, 9) for v in leg.start],
        "end": [round(v, 9) for v in leg.end],
    }


def _layer(found: LayerLength, along: Alongside, whole: float) -> dict[str, Any]:
    features = [_feature(one, along) for one in found.features]
    outside = round(found.outside_m, 2)
    if found.full_cover and found.doubled_m <= _TWICE_M:
        _settle(features, round(whole - outside, 2))
    return {
        "layer": found.layer,
        "title": found.title.as_dict(),
        "full_cover": found.full_cover,
        "inside_m": round(whole - outside, 2),
        "along_m": round(found.along_m, 2),
        "outside_m": outside,
        "features": features,
    }


def _settle(features: list[dict[str, Any]], inside: float) -> None:
    """Put the centimetres lost in rounding on the longest feature, so that printed parts make up the printed whole."""
    if features:
        longest = max(features, key=lambda one: float(one["length_m"]))
        longest["length_m"] = round(longest["length_m"] + inside - sum(one["length_m"] for one in features), 2)


def _feature(one: FeatureLength, along: Alongside) -> dict[str, Any]:
    feature = one.feature
    return {
        "code": feature.code,
        "name": feature.name,
        "name_en": feature.properties.get("name_en"),
        "class": feature.class_,
        "accuracy_m": feature.accuracy_m,
        "length_m": round(one.length_m, 2),
        "along_m": round(one.along_m, 2),
        "shared_with": list(one.shared_with),
        "stretches": [along.stretch_dict(s) for s in one.stretches],
        "crossings": [along.crossing_dict(c) for c in one.crossings],
    }
