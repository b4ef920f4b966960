"""One finding in words: its outcome, the feature, how much or how far, the margin and the clause; it lays nothing out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from app.cli.screen import Screen
from zoning import terms
from zoning.wording import hectares, share

SIGN: Final = {"prohibited": "⛔", "restricted": "▲", "unknown": "?", "attention": "!", "clear": "○"}


def outcome(finding: Mapping[str, Any], screen: Screen) -> str:
    """Sign and word, and the worst it may become; a touch or sliver, which decides nothing, is called what it is."""
    if finding["outcome"] == finding["at_worst"] == "clear":
        return f"{SIGN['clear']} {screen.pick(terms.relation_title(finding['relation']))}"
    text = f"{SIGN[finding['outcome']]} {screen.pick(terms.verdict_title(finding['outcome']))}"
    if finding["at_worst"] != finding["outcome"]:
        text += f" → {SIGN[finding['at_worst']]}"
    return text


def measure(finding: Mapping[str, Any], screen: Screen) -> str:
    """How much is overlapped, or how far away it is."""
    if finding["overlap_m2"] is not None:
        text = screen.pick(hectares(finding["overlap_m2"]))
        return text if finding["share_of_site"] is None else f"{text}\n{share(finding['share_of_site'])}"
    if finding["overlap_m"] is not None:
        return f"{finding['overlap_m']:,.1f} m"
    crossed = [c["at"] for c in finding.get("crossed_at", ()) if c["way"] == "crosses"]
    if finding["distance_m"] == 0 and crossed:
        return crossed[0] if len(crossed) == 1 else f"{crossed[0]} +{len(crossed) - 1}"
    if finding["distance_m"] is not None:
        return f"{finding['distance_m']:,.1f} m"
    return "—"


def brief_measure(finding: Mapping[str, Any], screen: Screen) -> str:
    """The same for a narrow column: one area only, hectares from one hectare on."""
    area = finding["overlap_m2"]
    if area is None:
        return measure(finding, screen)
    hectare = "公顷" if screen.lang == "zh" else "ha"
    text = f"{area / 10_000:,.2f} {hectare}" if area >= 10_000 else f"{area:,.6g} m²"
    return text if finding["share_of_site"] is None else f"{text}\n{share(finding['share_of_site'])}"


def margin(finding: Mapping[str, Any]) -> str:
    """How far a boundary or the site must move to flip the finding."""
    if finding["margin_m"] is not None:
        return f"{finding['margin_m']:,.1f} m"
    if finding["margin_beyond_m"] is not None:
        return f"> {finding['margin_beyond_m']:,.0f} m"
    return "—"


def clause(finding: Mapping[str, Any], screen: Screen) -> str:
    return ("；" if screen.lang == "zh" else "; ").join(screen.pick(c["label"]) for c in finding["cites"])


def called(feature: Mapping[str, Any], screen: Screen) -> str:
    """A feature's name in the screen's language, where it has one, and its code."""
    english = feature.get("name_en") if screen.lang == "en" else None
    return f"{english or feature['name']} {feature['code']}"


def feature_name(finding: Mapping[str, Any], screen: Screen) -> str:
    """The feature met, else the layer looked at, else the whole jurisdiction."""
    if finding["feature"] is not None:
        return called(finding["feature"], screen)
    if finding["layer"] is not None:
        return screen.pick(terms.layer_kind_title(finding["layer"]))
    return screen.pick(terms.relation_title("jurisdiction"))
