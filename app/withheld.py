"""Takes out of answers what not everybody may see: layers that are not public, true geometry of generalised ones.

A check keeps its verdict, its rules and their citations: what is decided must be told. Of a layer that is not public it tells no
name, code, place, measure or shape, since three distances would give a place away. Stored bytes are not touched.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import sqlalchemy as sa

from layers.release import Release, ReleaseNumber
from layers.visibility import Form, held_forms
from zoning.access import UNITS
from zoning.bilingual import Bilingual

Forms = Mapping[str, Form | None]

NAME: Final = Bilingual("（不公开）", "(not public)")
_FEATURE: Final = {"code": None, "name": NAME.zh, "name_en": NAME.en, "class": None, "withheld": True}
_SHAPE: Final[Mapping[str, Any]] = {"geometry": None, "crossings": [], "stretches": [], "crossed_at": []}
_MEASURES: Final[Mapping[str, Any]] = {
    "margin_m": None, "margin_beyond_m": None, "parts": [], "overlap_m2": None, "overlap_m": None, "share_of_site": None,
    "share_of_feature": None, "distance_m": None, "changes_if": [], "search": None, "accuracy_m": None,
}  # fmt: skip
_LINES: Final = (
    Bilingual(
        "原因：依据中有不公开的图层，其名称、位置和数值不列出；适用的规定见 findings",
        "Why: layers that are not public take part, so names, places and figures are not told; the rules that apply are in findings",
    ),
    Bilingual(
        "怎样改变：请向主管部门了解不公开图层的位置",
        "What would change it: ask the authority about the layers that are not public",
    ),
)


def forms_of(engine: sa.Engine, release: int) -> Forms:
    """All layers held at a release, each with the form it may be seen in. Raises `Unavailable`."""
    return held_forms(engine, Release(ReleaseNumber(release)))


def check(data: Mapping[str, Any], forms: Forms) -> dict[str, Any] | None:
    """A check as everybody may read it; None where nothing is to be taken out, so that its own bytes can be sent."""
    hidden = {layer for layer, form in forms.items() if form is None}
    rough = {layer for layer, form in forms.items() if form == "generalised"}
    if not hidden | rough:
        return None
    said = dict(data)
    names = set(_names(data, hidden))
    found = [*data["findings"], *data["duties"]]
    said["findings"] = [_finding(one, hidden, rough) for one in data["findings"]]
    said["duties"] = [{**one, "feature": _FEATURE} if _named(one, hidden) else one for one in data["duties"]]
    said["searched"] = [
        {**one, "features": [], "nearest_m": None, "pieces": None, "withheld": True} if one["layer"] in hidden else one
        for one in data["searched"]
    ]
    if data["route"]:
        layers = [one for one in data["route"]["layers"] if one["layer"] not in hidden]
        said["route"] = {**data["route"], "layers": layers}
    if UNITS in hidden:
        said["clauses"] = []
    if any(_named(one, hidden) for one in found):
        lines = list(data["lines"])
        lines[1], lines[2] = _LINES[0].as_dict(), _LINES[1].as_dict()
        said["lines"] = lines
    rest = {key: value for key, value in said.items() if key not in ("site", "project")}
    return {**said, **_without(rest, sorted(names, key=len, reverse=True))}


def verification(data: Mapping[str, Any], forms: Forms) -> dict[str, Any]:
    """A comparison of a stored check with a new one: without the values where something is not public."""
    if all(form == "exact" for form in forms.values()):
        return dict(data)
    return {**data, "differences": [{**one, "stored": None, "recomputed": None} for one in data["differences"]]}


def layers(data: Mapping[str, Any], forms: Forms) -> dict[str, Any]:
    """The list of layers: of one that is not public, that it is held and what may be relied on."""
    kept = ("layer", "kind", "title", "held", "legal_status", "version", "full_cover", "checked", "review_by")
    return {
        **data,
        "layers": [
            {**{key: one[key] for key in kept}, "withheld": True}
            if one["held"] and forms.get(one["layer"]) is None
            else one
            for one in data["layers"]
        ],
    }


def release(data: Mapping[str, Any], forms: Forms) -> dict[str, Any]:
    """A release: of layers that are not public, no counts."""
    changed = data["changed_layers"]
    return {**data, "changed_layers": {layer: n if forms.get(layer) else {} for layer, n in changed.items()}}


def _named(one: Mapping[str, Any], hidden: set[str]) -> bool:
    return one.get("layer") in hidden and one.get("feature") is not None


def _finding(one: Mapping[str, Any], hidden: set[str], rough: set[str]) -> dict[str, Any]:
    if one["layer"] in hidden:
        feature = None if one["feature"] is None else _FEATURE
        return {**one, **_SHAPE, **_MEASURES, "feature": feature}
    return {**one, **_SHAPE} if one["layer"] in rough else dict(one)


def _names(data: Mapping[str, Any], hidden: set[str]) -> Iterator[str]:
    """What features of hidden layers are called in an answer."""
    for one in [*data["findings"], *data["duties"]]:
        if _named(one, hidden):
            yield from _called(one["feature"])
    routed = data["route"]["layers"] if data["route"] else []
    for one in [*data["searched"], *routed]:
        if one["layer"] in hidden:
            for feature in one["features"]:
                yield from _called(feature)
    if UNITS in hidden:
        for unit in data["clauses"]:
            yield from _called(unit)


def _called(feature: Mapping[str, Any]) -> Iterator[str]:
    inner = feature.get("feature")
    if isinstance(inner, Mapping):
        yield from _called(inner)
    for key in ("code", "name", "name_en"):
        value = feature.get(key)
        said = list(value.values()) if isinstance(value, Mapping) else [value]
        yield from (text for text in said if isinstance(text, str) and len(text) > 1)


def _without(value: Any, names: list[str]) -> Any:
    """The same data with these names taken out of every text."""
    if isinstance(value, Mapping):
        return {key: _without(inner, names) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without(inner, names) for inner in value]
    if isinstance(value, str):
        for name in names:
            value = value.replace(name, NAME.zh)
    return value
