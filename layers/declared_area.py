"""Compares the areas that a survey declares with the areas of its coordinates; nothing is rescaled."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from layers.text import narrow
from zoning.bilingual import Bilingual
from zoning.measure import ellipsoidal_area
from zoning.site import RawPart
from zoning.sitefault import Notice

HECTARE, MU, SQUARE_METRE = 10_000.0, 10_000.0 / 15, 1.0
MOST_DIFFERENCE = 0.01
"""Share of the declared area beyond which the difference is pointed out."""
_UNITS = {HECTARE: Bilingual("公顷", "ha"), MU: Bilingual("亩", "mu"), SQUARE_METRE: Bilingual("平方米", "m²")}


def area_notices(
    parts: Sequence[RawPart], declared: Sequence[str | None], unit: str, *, degrees: bool
) -> tuple[Notice, ...]:
    """A notice ``area-declared`` for every parcel whose declared area differs, and one for all the others.

    Parameters
    ----------
    declared
        As written, one for each part; None and 0 are no declaration.
    unit
        What the file calls its unit. A unit of length says nothing of areas: hectares then, unless only square metres or
        mu fit the coordinates within `MOST_DIFFERENCE`.
    degrees
        Whether coordinates are longitude and latitude; the area is then ellipsoidal, else planar.
    """
    agreeing: list[dict[str, Any]] = []
    found: list[Notice] = []
    for part, given in zip(parts, declared, strict=True):
        number = _number(given)
        if number is None or part.geometry is None or shapely.get_dimensions(part.geometry) != 2:
            continue
        if degrees and np.abs(shapely.get_coordinates(part.geometry)[:, 1]).max() > 90:
            continue  # no latitude: the site is refused for it
        area = float(ellipsoidal_area([part.geometry])[0]) if degrees else float(shapely.area(part.geometry))
        factor, guessed = _unit(unit, number, area)
        compared = {
            "feature": part.feature,
            "declared": number,
            "unit": _UNITS[factor].en,
            "declared_m2": round(number * factor, 4),
            "computed_m2": round(area, 4),
        }
        if abs(number * factor - area) > MOST_DIFFERENCE * max(area, number * factor):
            found.append(_differs(part, compared, factor, degrees))
        else:
            agreeing.append({**compared, "guessed": guessed})
    if agreeing:
        found.insert(0, _agrees(agreeing, parts[0].file, degrees))
    return tuple(found)


def _number(given: str | None) -> float | None:
    try:
        number = float(narrow(given or ""))
    except ValueError:
        return None
    return number if math.isfinite(number) and number > 0 else None


def _unit(stated: str, number: float, area: float) -> tuple[float, bool]:
    """Square metres in the unit of a declared area, and whether it was chosen by the size."""
    for words, factor in ((("公顷", "ha"), HECTARE), (("亩", "mu"), MU), (("平方米", "m2", "㎡", "m²"), SQUARE_METRE)):
        if any(word in stated.lower() for word in words):
            return factor, False
    for factor in (HECTARE, SQUARE_METRE, MU):
        if abs(number * factor - area) <= MOST_DIFFERENCE * area:
            return factor, factor != HECTARE
    return HECTARE, False


def _basis(degrees: bool) -> Bilingual:
    return Bilingual("椭球面积", "ellipsoidal") if degrees else Bilingual("投影平面面积", "in the plane of projection")


def _differs(part: RawPart, compared: dict[str, Any], factor: float, degrees: bool) -> Notice:
    share = compared["declared_m2"] / compared["computed_m2"] - 1 if compared["computed_m2"] else math.inf
    text = Bilingual(
        "地块“{p}”申报面积 {d} {unit}（{dm} 平方米），与按坐标计算的 {cm} 平方米（{basis}）相差 {s:+.1%}，超过 1 %："
        "请核对界址点是否完整、面积是否扣除部分用地。核查以坐标为准，未按申报面积缩放。",
        "Parcel “{p}” declares {d} {unit} ({dm} m²), {s:+.1%} off the {cm} m² of its coordinates ({basis}), more than "
        "1 %: look for missing corners or land left out. The check uses the coordinates; nothing was rescaled.",
    ).format(
        p=part.number or part.feature, d=f"{compared['declared']:g}", unit=_UNITS[factor], s=share,
        dm=f"{compared['declared_m2']:.2f}", cm=f"{compared['computed_m2']:.2f}", basis=_basis(degrees),
    )  # fmt: skip
    return Notice("area-declared", text, {**part.where, **compared, "differs": True})


def _agrees(parcels: list[dict[str, Any]], filename: str | None, degrees: bool) -> Notice:
    declared, computed = (sum(p[key] for p in parcels) for key in ("declared_m2", "computed_m2"))
    guessed = sorted({p["unit"] for p in parcels if p["guessed"]})
    names = {unit.en: unit.zh for unit in _UNITS.values()}
    text = Bilingual(
        "{n} 个地块的申报面积共 {dm} 平方米，按坐标计算共 {cm} 平方米（{basis}），各地块相差均不超过 1 %。",
        "{n} parcels declare {dm} m² in all; their coordinates give {cm} m² ({basis}), each within 1 %.",
    ).format(n=len(parcels), dm=f"{declared:.2f}", cm=f"{computed:.2f}", basis=_basis(degrees))
    if guessed:
        zh = "、".join(names[unit] for unit in guessed)
        text = Bilingual(
            f"{text.zh}申报面积的单位按大小判断为{zh}。",
            f"{text.en} Their unit was told by size: {', '.join(guessed)}.",
        )
    where = {"file": filename, "parcels": [{k: v for k, v in p.items() if k != "guessed"} for p in parcels]}
    return Notice("area-declared", text, where)
