"""What a check is asked, and the content address of the answer: everything that can move it, nothing that cannot."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import pyproj
import shapely

from zoning import __version__
from zoning.canonical import canonical_json
from zoning.parcel import in_order
from zoning.project import Project
from zoning.site import Site

ENGINE: Mapping[str, str] = {
    "shanhe": __version__,
    "geos": ".".join(map(str, shapely.geos_version)),
    "shapely": shapely.__version__,
    "proj": pyproj.proj_version_str,
}
"""The parts whose version may move a measured digit; they are in the check's identity."""


@dataclass(frozen=True)
class Question:
    """All that a check answers: it is content-addressed by this, the release, the rules and the engine."""

    site: Site
    project: Project
    as_of: dt.date


def identity(question: Question, release: int, rules_hash: str) -> str:
    """The check's id: SHA-256 over canonical site bytes and a canonical JSON of everything else that can move the answer.

    Of a parcel its number counts and its name does not. Parcels are taken by number, so that their order in a file
    counts only where they have none of their own and are numbered by it.
    """
    site = question.site
    said = {
        "site": hashlib.sha256(site.canonical_wkb()).hexdigest(),
        "parcels": [
            [p.number, hashlib.sha256(shapely.to_wkb(shapely.normalize(p.geometry), byte_order=1)).hexdigest()]
            for p in in_order(site.parcels)
        ],
        "site_accuracy_m": float(site.accuracy_m),
        "half_width_m": None if site.half_width_m is None else float(site.half_width_m),
        # Another line may have the same corridor, and the answer says where along the line.
        "axis": None if site.axis is None else hashlib.sha256(shapely.to_wkb(site.axis, byte_order=1)).hexdigest(),
        "project": question.project.as_dict(),
        "as_of": question.as_of,
        "release": release,
        "rules": rules_hash,
        "engine": dict(ENGINE),
    }
    return hashlib.sha256(canonical_json(said).encode()).hexdigest()
