"""How many facts a check asks for: the sample projects, told by industry and activity only, at their own and at random places.

`python -m tests.benchmarks.asked` prints the figures by itself, with the facts that are asked for most.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

import numpy as np
import shapely
import sqlalchemy as sa
import yaml

from app.service import decide
from layers.database import database_url, make_engine
from layers.release import open_release
from layers.settings import CHECKOUT
from layers.sitefile import read_site_file
from tests.benchmarks.questions import AS_OF
from tests.benchmarks.report import Aim, Report
from zoning.check import Check
from zoning.frame import LocalFrame
from zoning.identity import Question
from zoning.project import Project
from zoning.site import RawPart, Site, read_site

MOST = Aim(4.0, "questions")
PLACES = {"Jishan": "140824", "Jiang": "140826", "Qinshui": "140521", "Linfen": "1410", "Shanxi": "14"}
"""Where the random places lie: in each plan's jurisdiction, by the beginning of its counties' codes."""
EACH = 6
HALF_M = 200.0

_FOLDER = CHECKOUT / "data" / "projects"


def _counties() -> Iterator[tuple[str, shapely.Geometry]]:
    data = json.loads((CHECKOUT / "data" / "boundaries" / "county.geojson").read_text(encoding="utf-8"))
    for feature in data["features"]:
        yield str(feature["properties"]["code"]), shapely.geometry.shape(feature["geometry"])


def places(seed: int = 20240630) -> list[Site]:
    """Squares of 16 ha at random places of each jurisdiction, the same in every run."""
    random = np.random.default_rng(seed)
    counties = list(_counties())
    found = []
    for code in PLACES.values():
        region = shapely.union_all([shape for own, shape in counties if own.startswith(code)])
        west, south, east, north = region.bounds
        here: list[Site] = []
        while len(here) < EACH:
            lon, lat = random.uniform([west, south], [east, north])
            square = LocalFrame.at(lon, lat).to_degrees(shapely.box(-HALF_M, -HALF_M, HALF_M, HALF_M))[0]
            if shapely.covers(region, square):
                here.append(read_site([RawPart(square)], crs="EPSG:4490"))
        found += here
    return found


def asked(check: Check) -> list[str]:
    """The attributes that a check asks for."""
    return [str(item["what"]) for item in check.not_known if item["kind"] == "attribute"]


def figures(report: Report, url: sa.URL) -> None:
    """The number of questions, for each sample project told by no more than its industry and activity."""
    samples = yaml.safe_load((_FOLDER / "projects.yaml").read_text(encoding="utf-8"))["projects"]
    engine = make_engine(url)
    try:
        view = open_release(engine)
        own: list[int] = []
        elsewhere: list[int] = []
        names: Counter[str] = Counter()
        sites = places()
        for sample in samples:
            project = Project.of(sample["industry"], sample["activity"])
            own.append(
                len(asked(decide(engine, Question(read_site_file(_FOLDER / sample["file"]), project, AS_OF), view)))
            )
            for site in sites:
                questions = asked(decide(engine, Question(site, project, AS_OF), view))
                elsewhere.append(len(questions))
                names.update(questions)
    finally:
        engine.dispose()
    for name, counts in (("their own places", own), (f"{len(sites)} random places", elsewhere)):
        report.figure(
            f"questions asked, {len(samples)} sample projects at {name}: median",
            float(np.median(counts)),
            "questions",
            MOST,
        )
        report.figure("  95 of 100 checks ask at most", float(np.percentile(counts, 95, method="higher")), "questions")
        report.figure("  most", float(max(counts)), "questions")
    for name, count in names.most_common(6):
        report.figure(f"  asked for {name}", 100 * count / len(elsewhere), "% of checks at random places")


def main() -> None:
    report = Report()
    report.title("Questions asked")
    figures(report, database_url())


if __name__ == "__main__":
    main()
