"""A site as part of a check document, and back: what is written is enough to ask the same question again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import shapely
from shapely import Geometry

from zoning.bilingual import Bilingual
from zoning.canonical import canonical_geometry, geojson
from zoning.measure import central_meridian, ellipsoidal_area, ellipsoidal_length, projected_area
from zoning.parcel import Parcel, in_order
from zoning.site import Site
from zoning.sitefault import Notice, Repair


def _place(where: Mapping[str, Any]) -> dict[str, Any]:
    """Where in the file, without the file's name: an answer may be read by others."""
    return {key: value for key, value in where.items() if key != "file"}


def _parcel(parcel: Parcel, dimension: int, *, alone: bool) -> dict[str, Any]:
    data: dict[str, Any] = {"number": parcel.number}
    if dimension == 2:
        data["area_m2"] = round(float(ellipsoidal_area([parcel.geometry])[0]), 2)
    elif dimension == 1:
        data["length_m"] = round(float(ellipsoidal_length([parcel.geometry])[0]), 2)
    if not alone:
        data["geometry"] = geojson(parcel.geometry)
    return data


def site_dict(site: Site, counties: tuple[tuple[str, str], ...] = ()) -> dict[str, Any]:
    """A normalised site as JSON: both areas in m², length in m, parcels by number with their own measures, repairs, notices.

    Names of parcels are for people and no part of a check: they are left out here, and `named_site_dict` has them.
    """
    area = float(ellipsoidal_area([site.geometry])[0])
    meridian = central_meridian(float(shapely.centroid(site.geometry).x))
    planar = float(projected_area([site.geometry], meridian)[0])
    length = float(ellipsoidal_length([site.geometry])[0]) if site.dimension == 1 else 0.0
    return {
        "geometry": geojson(site.geometry),
        "axis": None if site.axis is None else geojson(site.axis),
        "dimension": site.dimension,
        "area_m2": round(area, 2),
        "area_gk_m2": round(planar, 2),
        "area_basis": "ellipsoidal",
        "gk_central_meridian": meridian,
        "length_m": round(length, 2),
        "accuracy_m": float(site.accuracy_m),
        "half_width_m": None if site.half_width_m is None else float(site.half_width_m),
        "counties": [{"code": code, "name": name} for code, name in counties],
        "parcels": [_parcel(p, site.dimension, alone=len(site.parcels) == 1) for p in in_order(site.parcels)],
        **as_read(site),
    }


def as_read(site: Site) -> dict[str, Any]:
    """The parts of `site_dict` that say how this file was read, not what was decided: they follow the request."""
    return {
        "crs": site.crs,
        "repairs": [
            {
                "type": r.type,
                "text": r.text.as_dict(),
                "where": _place(r.where),
                "area_before_m2": round(r.area_before_m2, 2),
                "area_after_m2": round(r.area_after_m2, 2),
            }
            for r in site.repairs
        ],
        "notices": [{"type": n.type, "text": n.text.as_dict(), "where": _place(n.where)} for n in site.notices],
    }


def named_site_dict(site: Site) -> dict[str, Any]:
    """`site_dict` with the names of the parcels, for whoever sent the file."""
    data = site_dict(site)
    for written, parcel in zip(data["parcels"], in_order(site.parcels), strict=True):
        written["name"] = parcel.name
    return data


def _geometry(data: Mapping[str, Any]) -> Geometry:
    return canonical_geometry(shapely.geometry.shape(data))


def site_of(data: Mapping[str, Any]) -> Site:
    """The site that `site_dict` wrote. Raises `KeyError`, `TypeError` or `ValueError` when it did not write this.

    Coordinates are on the grid already, so reading them back gives the same canonical bytes.
    """
    geometry = _geometry(data["geometry"])
    parcels = tuple(
        Parcel(p["number"], p.get("name", ""), _geometry(p["geometry"]) if "geometry" in p else geometry, {})
        for p in data["parcels"]
    )
    return Site(
        geometry=geometry,
        dimension=data["dimension"],
        parcels=parcels,
        accuracy_m=data["accuracy_m"],
        half_width_m=data["half_width_m"],
        axis=None if data["axis"] is None else _geometry(data["axis"]),
        crs=data["crs"],
        notices=tuple(Notice(n["type"], Bilingual.of(n["text"]), n["where"]) for n in data["notices"]),
        repairs=tuple(
            Repair(r["type"], Bilingual.of(r["text"]), r["where"], r["area_before_m2"], r["area_after_m2"])
            for r in data["repairs"]
        ),
    )
