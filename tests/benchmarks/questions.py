"""The sites that the benchmarks ask about, and with which project each: seeded, so every run asks the same; it measures nothing."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from tests.benchmarks.rule_terms import AS_OF, projects
from zoning.frame import LocalFrame
from zoning.identity import Question
from zoning.placement import SHANXI, Region
from zoning.site import RawPart, Site, read_site

COUNTRY = Region(SHANXI.name, 74.0, 18.0, 134.0, 53.0)
"""The national set reaches further than the region served; only sites of the benchmarks may lie there."""
MIDDLE = Region(SHANXI.name, 111.2, 36.2, 113.8, 38.8)
"""Ground that the smaller set holds as well."""

Floats = npt.NDArray[np.float64]


def _site(shape: shapely.Geometry) -> Site:
    return read_site([RawPart(shape)], crs="EPSG:4490", region=COUNTRY)


def _places(count: int, region: Region, seed: int, margin: float) -> Floats:
    low = [region.west + margin, region.south + margin]
    high = [region.east - margin, region.north - margin]
    return np.random.default_rng(seed).uniform(low, high, (count, 2))


def _square(lon: float, lat: float) -> shapely.Geometry:
    return LocalFrame.at(lon, lat).to_degrees(shapely.box(-500.0, -500.0, 500.0, 500.0))[0]


def squares(count: int, region: Region = SHANXI, seed: int = 20240630) -> list[Site]:
    """Squares of 1 km² at random places of a region."""
    return [_site(_square(lon, lat)) for lon, lat in _places(count, region, seed, 0.1)]


def pipelines(count: int, seed: int = 20240701) -> list[Site]:
    """Lines of 42 km with a vertex every 200 m that wander at random, inside the region served."""
    random = np.random.default_rng(seed)
    found = []
    for lon, lat in _places(count, SHANXI, seed, 0.6):
        heading = random.uniform(0, 2 * np.pi) + np.cumsum(random.normal(0, 0.08, 210))
        steps = 200.0 * np.column_stack([np.cos(heading), np.sin(heading)])
        path = np.vstack([[0.0, 0.0], np.cumsum(steps, axis=0)])
        found.append(_site(LocalFrame.at(lon, lat).to_degrees(shapely.LineString(path - path.mean(axis=0)))[0]))
    return found


def star(vertices: int, lon: float = 112.5, lat: float = 37.5) -> Site:
    """A star-shaped outline of about 1 km² with smooth lobes and so many vertices."""
    turn = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
    radius = 560.0 * (1 + 0.2 * np.sin(3 * turn) + 0.05 * np.sin(17 * turn))
    ring = np.column_stack([radius * np.cos(turn), radius * np.sin(turn)])
    return _site(LocalFrame.at(lon, lat).to_degrees(shapely.Polygon(ring))[0])


def winding(vertices: int, lon: float = 112.5, lat: float = 37.5) -> Site:
    """A strip that runs to and fro over 1 km² like a ploughed field, with about so many vertices along its two banks."""
    lanes = int(np.clip(vertices // 8, 1, 100))
    along = max(vertices // (2 * lanes), 2)
    width, x = 1000.0 / lanes, np.linspace(0.0, 1000.0, along)
    lines = [np.column_stack([x if n % 2 == 0 else x[::-1], np.full(along, (n + 0.5) * width)]) for n in range(lanes)]
    strip = shapely.buffer(
        shapely.LineString(np.vstack(lines) - 500.0), width / 4, cap_style="flat", join_style="mitre"
    )
    # Buffering drops vertices in straight runs: put them back.
    strip = shapely.segmentize(strip, shapely.length(strip) / max(vertices, 8))
    return _site(LocalFrame.at(lon, lat).to_degrees(strip)[0])


def question(site: Site, number: int) -> Question:
    """A site with the project whose turn it is."""
    return Question(site, projects()[number % len(projects())], AS_OF)
