"""The report as one HTML page: no script, nothing from elsewhere, the same bytes for the same check, language and settings."""

from __future__ import annotations

import datetime as dt
from functools import cache
from importlib.resources import files
from typing import Any, Final

import jinja2
import shapely
import sqlalchemy as sa
from markupsafe import Markup, escape
from shapely import Geometry
from shapely.geometry import shape

from app.cli import finding as found
from app.report import around, coordinates, drawing
from app.report.coordinates import Plane
from app.report.frame import Sheet
from app.report.tables import Data, Tables
from app.report.words import Words
from layers.release import layers_at, open_release
from layers.settings import settings
from zoning import terms
from zoning.bilingual import Lang

SIGNS: Final = {
    "prohibited": '<path d="M19 3H45L61 19V45L45 61H19L3 45V19Z" fill="currentColor"/><path d="M14 27H50V37H14Z" fill="#ffffff"/>',
    "restricted": '<path d="M32 4L62 58H2Z" fill="currentColor"/><path d="M24 40H40V46H24Z" fill="#ffffff"/>',
    "unknown": '<path d="M32 2L62 32L32 62L2 32Z" fill="currentColor"/>'
    '<text x="32" y="45" text-anchor="middle" font-size="38" font-weight="700" fill="#ffffff">?</text>',
    "attention": '<path d="M5 5H59V59H5Z" fill="currentColor"/>'
    '<text x="32" y="46" text-anchor="middle" font-size="40" font-weight="700" fill="#ffffff">!</text>',
    "clear": '<circle cx="32" cy="32" r="25" fill="none" stroke="currentColor" stroke-width="9"/>',
}
"""Each verdict's own shape: octagon, triangle, diamond, square, ring. None is a tick."""


@cache
def css() -> str:
    """The page's one style sheet."""
    return (files("app.report") / "report.css").read_text(encoding="utf-8")


def _markup(made: str) -> Markup:
    """Markup of this package's own making, whose texts are escaped already."""
    return Markup(made)  # noqa: S704 (as said)


def signs(text: str) -> Markup:
    """A text as markup, its no-entry sign drawn: many fonts have none."""
    drawn = f'<svg class="inline" viewBox="0 0 64 64" role="img" aria-label="⛔">{SIGNS["prohibited"]}</svg>'
    return escape(text).replace("⛔", _markup(drawn))


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("app.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["signs"] = signs
    return environment.get_template("report.html")


def report(engine: sa.Engine, check: Data, lang: Lang) -> str:
    """The page for a stored check. Raises `Unavailable` when the layers around the site cannot be read."""
    said = Words(lang)
    tables = Tables(check, said)
    site = shape(check["site"]["geometry"])
    view = open_release(engine, check["release"])
    public = {layer.meta.id for layer in layers_at(engine, view) if around.exact(layer.spec)}
    subject = _subject(check, public)
    sheet = Sheet.around(site, [*subject.overlaps, *subject.distances])
    near = around.surroundings(engine, view, sheet, dt.date.fromisoformat(check["as_of"]))
    drawn = drawing.drawn(subject, sheet, near, said)
    plane = Plane.of(check["site"]["gk_central_meridian"])
    names = [found.feature_name(one, tables.screen) for one in check["findings"]]
    approval = settings().map_approval
    return _template().render(
        said=said,
        colon=tables.colon,
        css=_markup(css()),
        check=check,
        address=f"/checks/{check['id']}",
        other="en" if lang == "zh" else "zh",
        verdict=said.pick(terms.verdict_title(check["verdict"])),
        sign=_markup(f'<svg viewBox="0 0 64 64" aria-hidden="true">{SIGNS[check["verdict"]]}</svg>'),
        lines=[said.pick(line) for line in check["lines"]],
        map={
            "svg": _markup(drawn.svg),
            "legend": [{"swatch": _markup(entry.swatch), "title": entry.title} for entry in drawn.legend],
            "notes": drawn.notes,
        },
        caption=_caption(check, sheet, said),
        approval=said("map_approval", number=approval) if approval else said("map_no_approval"),
        tables=tables,
        notices=tables.notices(),
        findings=tables.findings(),
        parts=tables.parts(),
        parcels=tables.parcels(),
        not_searched=tables.not_searched(),
        left_out=tables.left_out(),
        open_questions=tables.open_questions(),
        details=tables.details(),
        clauses=tables.clauses(),
        duties=tables.duties(),
        stated=tables.stated(),
        assumed=tables.assumed(),
        documents=tables.documents(),
        route=tables.route(),
        coordinates_note=said("coordinates_note", epsg=f"EPSG:{plane.epsg}", meridian=plane.meridian),
        corners=coordinates.of_site(check, plane, said),
        overlaps=coordinates.of_overlaps(check, names, public, plane, said),
    )


def _subject(check: Data, public: set[str]) -> drawing.Subject:
    """The site and what findings on public layers show: overlaps, and shortest lines where nothing overlaps."""
    overlaps: list[Geometry] = []
    distances: list[Geometry] = []
    seen: set[bytes] = set()
    for one in check["findings"]:
        if one["geometry"] is None or one["layer"] not in public:
            continue
        geometry = coordinates.geometry_of(one["geometry"])
        if geometry.wkb in seen or shapely.get_dimensions(geometry) == 0:
            continue
        seen.add(geometry.wkb)
        (distances if one["distance_m"] else overlaps).append(geometry)
    site = shape(check["site"]["axis"] or check["site"]["geometry"])
    return drawing.Subject(site, coordinates.parcels_of(check), overlaps, distances)


def _caption(check: Any, sheet: Sheet, said: Words) -> str:
    box = sheet.window
    return said(
        "map_of",
        release=check["release"],
        date=check["release_date"],
        as_of=check["as_of"],
        west=f"{box.west:.4f}",
        east=f"{box.east:.4f}",
        south=f"{box.south:.4f}",
        north=f"{box.north:.4f}",
        scale=f"{sheet.scale:,}",
    )
