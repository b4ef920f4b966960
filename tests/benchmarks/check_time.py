"""How long a check takes in process at the bundled size, beside one hand-written PostGIS statement for the same overlaps."""

from __future__ import annotations

import datetime as dt
import resource
import sys
import time
from collections.abc import Callable, Sequence

import numpy as np
import shapely
import sqlalchemy as sa

from app.service import decide, evidence_for
from layers.database import engine
from layers.release import Release, layers_at, open_release
from zoning.answer import document
from zoning.canonical import canonical_json
from zoning.check import check
from zoning.errors import BadInput
from zoning.identity import Question
from zoning.project import Project
from zoning.rulebook import rulebook
from zoning.site import RawPart, Site, read_site

SITES = 200
AS_OF = dt.date(2024, 6, 30)

# What a careful analyst would send: every feature that meets the site, with the area shared on the spheroid.
STATEMENT = sa.text("""
    select p.layer, p.feature_id, sum(st_area(st_intersection(p.geom, s.geom)::geography))
    from (select st_geomfromwkb(:site, 4490) as geom) s
    join piece p on p.geom && s.geom and p.releases @> cast(:release as int)
    where st_intersects(p.geom, s.geom)
    group by p.layer, p.feature_id
""")


def sites(source: sa.Engine, view: Release) -> list[Site]:
    """Squares of 1 km² at seeded random places inside the province."""
    with source.connect() as connection:
        wkb = connection.execute(
            sa.text("select st_asbinary(geom) from feature where layer = 'province' limit 1")
        ).scalar_one()
    province = shapely.from_wkb(bytes(wkb))
    shapely.prepare(province)
    west, south, east, north = shapely.bounds(province)
    random = np.random.default_rng(20240630)
    found: list[Site] = []
    while len(found) < SITES:
        lon, lat = random.uniform(west, east), random.uniform(south, north)
        square = shapely.box(lon, lat, lon + 0.01108, lat + 0.00901)
        if shapely.contains_properly(province, square):
            found.append(read_site([RawPart(square)], crs="EPSG:4490"))
    return found


def times(run: Callable[[Site], object], among: Sequence[Site]) -> np.ndarray:
    """Milliseconds of each site, after one warm-up round over a tenth of them."""
    for site in among[: len(among) // 10]:
        run(site)
    taken = []
    for site in among:
        start = time.perf_counter()
        run(site)
        taken.append((time.perf_counter() - start) * 1e3)
    return np.asarray(taken)


def row(name: str, taken: np.ndarray) -> str:
    p50, p95, p99 = np.percentile(taken, (50, 95, 99))
    return f"{name:<58}{p50:8.1f}{p95:8.1f}{p99:8.1f}"


def main() -> None:
    source = engine()
    view = open_release(source)
    rules = rulebook()
    held = layers_at(source, view)
    among = sites(source, view)
    projects = {
        "kitchen waste N7820": Project.of("N7820", "new"),
        "coking C2521": Project.of("C2521", "new", {"net_new_capacity": 1_060_000}),
    }
    pieces = sum(layer.pieces for layer in held)
    print(
        f"release {view.number}: {len(held)} layers, {pieces:,} pieces; {len(rules.rules)} rules; {SITES} sites of 1 km², warm"
    )
    print(f"{'ms':<58}{'p50':>8}{'p95':>8}{'p99':>8}")
    whole = None
    for name, project in projects.items():
        whole = times(lambda site, p=project: decide(source, Question(site, p, AS_OF), view, rules), among)
        print(row(f"check in process, {name}", whole))
    gathered = times(lambda site: evidence_for(source, site, view, rules), among)
    print(row("  of which the window query and reading its geometry", gathered))
    evidence = {id(site): evidence_for(source, site, view, rules) for site in among}
    project = projects["coking C2521"]
    print(
        row(
            "  of which measuring and deciding",
            times(lambda s: check(Question(s, project, AS_OF), evidence[id(s)], rules), among),
        )
    )
    decided = {id(s): check(Question(s, project, AS_OF), evidence[id(s)], rules) for s in among}
    print(
        row("  writing the answer as canonical JSON", times(lambda s: canonical_json(document(decided[id(s)])), among))
    )
    with source.connect() as connection:

        def statement(site: Site) -> object:
            wkb = shapely.to_wkb(site.geometry)
            return connection.execute(STATEMENT, {"site": wkb, "release": view.number}).all()

        by_hand = times(statement, among)
    print(row("one hand-written PostGIS statement, overlap areas only", by_hand))
    print(f"ratio of medians, whole check to that statement: {np.median(whole) / np.median(by_hand):.1f}")
    print(f"peak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    try:
        main()
    except BadInput as error:
        sys.exit(error.text("en"))
