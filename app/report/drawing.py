"""The report's map as SVG: site, overlaps, distances and public boundaries on one sheet, with scale bar, north and legend."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

import numpy as np
import shapely
from shapely import Geometry

from app.report.around import DrawnLayer, Surroundings, label_point
from app.report.frame import HIGH, WIDE, Sheet, fine, path
from app.report.words import Words
from layers.style import Hatch, Paint
from zoning.measure import ellipsoidal_length

_HATCHES: Final[Mapping[Hatch, tuple[str, ...]]] = {
    "diagonal": ("M-6 6L6 -6M0 24L24 0M18 30L30 18",),
    "back": ("M-6 18L6 30M0 0L24 24M18 -6L30 6",),
    "cross": ("M-6 6L6 -6M0 24L24 0M18 30L30 18", "M-6 18L6 30M0 0L24 24M18 -6L30 6"),
    "horizontal": ("M0 12H24",),
    "vertical": ("M12 0V24",),
    "dots": ("M4.5 6h3M16.5 18h3",),
}
"""The hatches of the map page, in a square of 24 tenths of a millimetre."""
_MOST_CORNERS: Final = 40


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """A swatch (an SVG fragment) and its title."""

    swatch: str
    title: str


@dataclass(frozen=True, slots=True)
class SiteMap:
    """The drawing, its legend, and what has to be said beneath it."""

    svg: str
    legend: tuple[LegendEntry, ...]
    notes: tuple[str, ...]
    demonstration: bool


@dataclass(frozen=True, slots=True)
class Subject:
    """What a map is about, EPSG:4490: the site, its parcels by number, and the geometries of findings."""

    site: Geometry
    parcels: Sequence[tuple[str, Geometry]]
    overlaps: Sequence[Geometry]
    distances: Sequence[Geometry]


def drawn(subject: Subject, sheet: Sheet, around: Surroundings, said: Words) -> SiteMap:
    """The map of a check."""
    demonstration = any(layer.illustrative for layer in around.layers)
    box = f'viewBox="0 0 {WIDE} {HIGH}" role="img" aria-label="{escape(said("map"))}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="map" {box}>',
        "<defs>",
        f'<clipPath id="sheet"><rect width="{WIDE}" height="{HIGH}"/></clipPath>',
        *(pattern for layer in around.layers for pattern in _patterns(layer)),
        "</defs>",
        f'<rect width="{WIDE}" height="{HIGH}" fill="#ffffff"/>',
        '<g clip-path="url(#sheet)">',
        *(_layer(layer) for layer in around.layers),
        *_subject(subject, sheet, said),
        *_names(around.layers, _reserved(subject, sheet), said),
        *([_mark(said)] if demonstration else []),
        "</g>",
        _north(said),
        _scale_bar(sheet),
        f'<rect x="1" y="1" width="{WIDE - 2}" height="{HIGH - 2}" fill="none" stroke="#1c2321" stroke-width="3"/>',
        "</svg>",
    ]
    notes = []
    if demonstration:
        notes.append(said("map_illustrative"))
    if around.withheld:
        notes.append(said("map_withheld", n=around.withheld))
    entries = (entry for layer in reversed(around.layers) for entry in _legend(layer, said))
    legend = (*_legend_of_site(subject, said), *entries)
    return SiteMap("".join(parts), legend, tuple(notes), demonstration)


def _outlined(layer: DrawnLayer, paint: Paint) -> bool:
    """Layers that cover all the ground are drawn as lines only: a fill would say nothing."""
    return layer.full_cover or paint.fill is None


def _pattern_id(layer: DrawnLayer, kind: str) -> str:
    return "h-" + hashlib.sha256(f"{layer.id} {kind}".encode()).hexdigest()[:10]


def _patterns(layer: DrawnLayer) -> Iterator[str]:
    """The hatches of a layer's classes that are on the sheet."""
    for kind in sorted({one.feature.class_ for one in layer.features}):
        paint = layer.style.of_class(kind)
        if paint.hatch and not _outlined(layer, paint):
            lines = "".join(f'<path d="{d}"/>' for d in _HATCHES[paint.hatch])
            opacity = paint.fill_opacity if paint.fill_opacity is not None else 0.15
            yield (
                f'<pattern id="{_pattern_id(layer, kind)}" width="24" height="24" patternUnits="userSpaceOnUse">'
                f'<rect width="24" height="24" fill="{paint.fill}" fill-opacity="{opacity:g}"/>'
                f'<g fill="none" stroke="{_ink(paint)}" stroke-width="2.6" stroke-opacity="0.7">{lines}</g></pattern>'
            )


def _ink(paint: Paint) -> str:
    return paint.stroke or "#424242"


def _fill(layer: DrawnLayer, kind: str) -> str:
    paint = layer.style.of_class(kind)
    if _outlined(layer, paint):
        return 'fill="none"'
    if paint.hatch:
        return f'fill="url(#{_pattern_id(layer, kind)})"'
    return f'fill="{paint.fill}" fill-opacity="{paint.fill_opacity if paint.fill_opacity is not None else 0.3:g}"'


def _line(layer: DrawnLayer, kind: str) -> str:
    paint = layer.style.of_class(kind)
    width = 3.5 * (paint.width or 1)
    dash = f' stroke-dasharray="{" ".join(f"{3.5 * step:g}" for step in paint.dash)}"' if paint.dash else ""
    return f'stroke="{_ink(paint)}" stroke-width="{width:.1f}"{dash}'


def _layer(layer: DrawnLayer) -> str:
    parts = ['<g stroke-linejoin="round">']
    for one in layer.features:
        kind = one.feature.class_
        if one.area is not None and not _outlined(layer, layer.style.of_class(kind)):
            parts.append(f'<path d="{path(one.area)}" {_fill(layer, kind)} fill-rule="evenodd"/>')
        if not shapely.is_empty(one.lines):
            parts.append(f'<path d="{path(one.lines)}" fill="none" {_line(layer, kind)}/>')
    return "".join([*parts, "</g>"])


def _subject(subject: Subject, sheet: Sheet, said: Words) -> Iterator[str]:
    for overlap in sheet.placed(list(subject.overlaps)) if subject.overlaps else ():
        if shapely.get_dimensions(overlap) == 2:
            yield f'<path d="{path(fine(overlap))}" fill="#b3261e" fill-opacity="0.42" fill-rule="evenodd"/>'
        else:
            yield f'<path d="{path(overlap)}" fill="none" stroke="#b3261e" stroke-width="16" stroke-opacity="0.6"/>'
    parcels = sheet.placed([geometry for _, geometry in subject.parcels])
    for placed in parcels:
        if shapely.get_dimensions(placed) == 0:
            for x, y in shapely.get_coordinates(placed):
                yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="12" fill="#ffffff" stroke="#000000" stroke-width="5"/>'
            continue
        yield f'<path d="{path(fine(placed))}" fill="none" stroke="#ffffff" stroke-width="11" stroke-linejoin="round"/>'
        yield f'<path d="{path(fine(placed))}" fill="none" stroke="#000000" stroke-width="6" stroke-linejoin="round"/>'
    corners = shapely.get_coordinates(parcels)
    if len(corners) <= _MOST_CORNERS:
        for x, y in corners:
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" fill="#ffffff" stroke="#000000" stroke-width="3"/>'
    yield from _distances(subject, sheet)
    for (number, _), placed in zip(subject.parcels, parcels, strict=True):
        if len(subject.parcels) > 1 and not shapely.is_empty(placed):
            middle = shapely.point_on_surface(placed)
            yield _text(middle.x, middle.y + 14, f"{said('map_parcel')}{number}", "mapstrong")
    if len(subject.parcels) == 1 and not shapely.is_empty(parcels[0]):
        x0, y0, x1, _ = shapely.bounds(parcels[0])
        yield _text((x0 + x1) / 2, max(y0 - 18, 40), said("map_site"), "mapstrong")


def _distances(subject: Subject, sheet: Sheet) -> Iterator[str]:
    for line in subject.distances:
        metres = float(ellipsoidal_length([line])[0])
        placed = sheet.placed([line])[0]
        if shapely.is_empty(placed):
            continue
        yield (f'<path d="{path(placed)}" fill="none" stroke="#7a0000" stroke-width="5" stroke-dasharray="16 10"/>')
        middle = (
            shapely.line_interpolate_point(placed, 0.5, normalized=True) if placed.geom_type == "LineString" else None
        )
        if middle is not None and placed.length > 120:
            yield _text(middle.x, middle.y - 10, f"{metres:,.0f} m", "mapstrong")


def _reserved(subject: Subject, sheet: Sheet) -> list[Geometry]:
    """Where the site's own words stand: no name may be written over them."""
    lines = (
        [line for line in sheet.placed(list(subject.distances)) if not shapely.is_empty(line)]
        if subject.distances
        else []
    )
    middles = [
        shapely.line_interpolate_point(line, 0.5, normalized=True) for line in lines if line.geom_type == "LineString"
    ]
    x0, y0, x1, _ = shapely.bounds(sheet.placed([subject.site])[0])
    parcels = [shapely.point_on_surface(one) for one in sheet.placed([geometry for _, geometry in subject.parcels])]
    return [
        shapely.box((x0 + x1) / 2 - 60, y0 - 60, (x0 + x1) / 2 + 60, y0),
        *(shapely.buffer(point, 60, cap_style="square") for point in middles),
        *(shapely.buffer(point, 50, cap_style="square") for point in parcels if len(parcels) > 1),
    ]


def _names(layers: Sequence[DrawnLayer], taken: list[Geometry], said: Words) -> Iterator[str]:
    """Names of the areas and counties that have room for them, none over another."""
    taken = list(taken)
    for layer in reversed(layers):
        for one in layer.features:
            at = label_point(one.area) if one.area is not None else None
            if at is None:
                continue
            name = one.feature.name if said.lang == "zh" else one.feature.properties.get("name_en") or one.feature.name
            wide = 17 * len(name) if said.lang == "en" else 30 * len(name)
            x = min(max(at[0], wide / 2 + 20), WIDE - wide / 2 - 20)
            y = min(max(at[1], 50), HIGH - 90)
            box = shapely.box(x - wide / 2, y - 30, x + wide / 2, y + 10)
            if wide > WIDE / 2 or any(shapely.intersects(box, other) for other in taken):
                continue
            taken.append(box)
            yield _text(x, y, str(name), "mapname", _ink(layer.style.of_class(one.feature.class_)))


def _text(x: float, y: float, text: str, kind: str, colour: str = "#000000") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" class="{kind}" text-anchor="middle" fill="{colour}">{escape(text)}</text>'


def _mark(said: Words) -> str:
    return (
        f'<text x="{WIDE / 2:.0f}" y="{HIGH / 2:.0f}" class="mapmark" text-anchor="middle" '
        f'transform="rotate(-18 {WIDE / 2:.0f} {HIGH / 2:.0f})">{escape(said("map_demonstration"))}</text>'
    )


def _north(said: Words) -> str:
    x = WIDE - 70
    return (
        f'<g><circle cx="{x}" cy="88" r="62" fill="#ffffff" fill-opacity="0.85"/>'
        f'<path d="M{x} 62L{x + 22} 128L{x} 112L{x - 22} 128Z" fill="#1c2321"/>'
        f"{_text(x, 56, said('map_north'), 'mapstrong')}</g>"
    )


def _scale_bar(sheet: Sheet) -> str:
    most = 0.3 * WIDE * sheet.metres
    power = 10 ** int(np.floor(np.log10(most)))
    length = next(step * power for step in (5, 2, 1) if step * power <= most)
    wide = length / sheet.metres
    label = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    x, y = 40.0, HIGH - 50.0
    return (
        f'<g><rect x="{x - 20:.0f}" y="{y - 50:.0f}" width="{wide + 40:.0f}" height="82" fill="#ffffff" fill-opacity="0.85"/>'
        f'<rect x="{x:.0f}" y="{y:.0f}" width="{wide / 2:.1f}" height="14" fill="#1c2321"/>'
        f'<rect x="{x + wide / 2:.1f}" y="{y:.0f}" width="{wide / 2:.1f}" height="14" fill="#ffffff" stroke="#1c2321" stroke-width="3"/>'
        f'<text x="{x:.0f}" y="{y - 12:.0f}" class="mapscale">0</text>'
        f'<text x="{x + wide:.0f}" y="{y - 12:.0f}" class="mapscale" text-anchor="end">{label}</text></g>'
    )


def _swatch(content: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="swatch" viewBox="0 0 70 40" aria-hidden="true">{content}</svg>'
    )


def _legend_of_site(subject: Subject, said: Words) -> Iterator[LegendEntry]:
    outline = '<rect x="5" y="5" width="60" height="30" fill="none" stroke="#000000" stroke-width="6"/>'
    if shapely.get_dimensions(subject.site) == 1:
        outline = '<path d="M4 20H66" stroke="#000000" stroke-width="6"/>'
    elif shapely.get_dimensions(subject.site) == 0:
        outline = '<circle cx="35" cy="20" r="12" fill="#ffffff" stroke="#000000" stroke-width="5"/>'
    yield LegendEntry(_swatch(outline), said("map_site"))
    if subject.overlaps:
        fill = '<rect x="3" y="3" width="64" height="34" fill="#b3261e" fill-opacity="0.42"/>'
        yield LegendEntry(_swatch(fill), said("map_overlap"))
    if subject.distances:
        dashes = '<path d="M4 20H66" stroke="#7a0000" stroke-width="5" stroke-dasharray="16 10"/>'
        yield LegendEntry(_swatch(dashes), said("map_line"))


def _legend(layer: DrawnLayer, said: Words) -> Iterator[LegendEntry]:
    """A layer's entry, or one for each of its classes on the sheet where it has several."""
    kinds = sorted({one.feature.class_ for one in layer.features})
    several = len(kinds) > 1 and not layer.full_cover
    for kind in kinds if several else kinds[:1]:
        paint = layer.style.of_class(kind)
        if paint.fill is None and all(one.area is None for one in layer.features):
            content = f'<path d="M4 20H66" fill="none" {_line(layer, kind)}/>'
        else:
            content = f'<rect x="5" y="5" width="60" height="30" {_fill(layer, kind)} {_line(layer, kind)}/>'
        title = said.pick(layer.title)
        if layer.illustrative and said("illustrative") not in title:
            title = said("legend_illustrative", title=title)
        if several and kind in layer.classes:
            title = said("legend_class", title=title, kind=said.pick(layer.classes[kind]))
        yield LegendEntry(_swatch(content), title)
