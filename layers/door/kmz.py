"""Reads the KML in a KMZ, inflating it under caps; runs behind the door. A KML that another links to is not followed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath

from layers.door import kml
from layers.door.choice import Held, chosen
from layers.door.table import Asked, Fault, Table
from layers.door.zipped import Member, read_zip
from zoning.bilingual import Bilingual


def read(data: bytes, asked: Asked) -> Table:
    """The one KML with placemarks, or the one asked for; errors as `layers.door.kml`, `layers.door.zipped` and
    `layers.door.choice`."""
    members = read_zip(data, asked.name, lambda name: PurePosixPath(name).suffix.lower() == ".kml")
    if not members:
        raise Fault("format-mismatch", Bilingual("KMZ", "KMZ"), value="KMZ")
    found = [_read(member, asked) for member in members]
    if len(members) == 1 and isinstance(found[0], Fault):
        raise found[0]
    held = [
        Held(member.name, _count(one), (member.path.name, member.path.stem))
        for member, one in zip(members, found, strict=True)
    ]
    number = chosen(held, asked) or 0
    table = found[number]
    if isinstance(table, Fault):
        raise table
    return _named(table, members[number], len(members))


def _read(member: Member, asked: Asked) -> Table | Fault:
    """One KML, or why it cannot be read, as when it only links to others."""
    try:
        return kml.read(member.data, asked)
    except Fault as fault:
        return fault


def _count(found: Table | Fault) -> int | None:
    return None if isinstance(found, Fault) else len(found.layers[0].rows)


def _named(table: Table, member: Member, layers: int) -> Table:
    (layer,) = table.layers
    return Table((replace(layer, name=member.name),), {**table.notes, "inside": member.name, "held": layers})
