"""Publishes the bundled boundary files as a release, all or nothing; identical content publishes nothing."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from layers import drawings, tiles
from layers.access_list import AccessList, read_access_list
from layers.access_sheet import Known
from layers.boundary_file import BoundaryLayer, read_layer
from layers.catalogue import ADMIN_KINDS, BadCatalogue, Catalogue, read_catalogue
from layers.clauses import ClauseChange
from layers.database import engine, migrate, writing
from layers.publication import SQL, Candidate, Change, Cover, Held, Publication
from layers.release import Release, ReleaseNumber
from layers.settings import settings
from zoning.access import UNITS
from zoning.bilingual import Bilingual
from zoning.canonical import canonical_json
from zoning.errors import ShanheError


@dataclass(frozen=True, slots=True)
class Loaded:
    """The newest release after a load, and what it changed by layer: nothing when the content was there already.

    The access list stands among the layers as `unit_clause`. `notices` say what of its files was left unread.
    """

    release: Release
    changes: Mapping[str, Change]
    notices: tuple[Bilingual, ...] = ()


def load_bundled(
    source: sa.Engine,
    boundaries: Path,
    catalogue: Catalogue,
    access: Path | None = None,
    tiles_folder: Path | None = None,
) -> Loaded:
    """Publish the held layers of `catalogue` from the folder `boundaries`, and the access list of the folder `access`, in one
    transaction. Without a folder there is no list, and one that was held ends.

    Tiles of low zooms are cut into `tiles_folder` where one is given, and switched with the release.
    Only layers whose content, entry or coverage changed get a new version; a layer that is no longer held ends.

    Raises
    ------
    BadBoundary, BadCatalogue, BadAccessList
        A file or entry is wrong; nothing is stored.
    Unavailable
        The database cannot be reached or was lost on the way; the former release stands.
    """
    read = [read_layer(spec, boundaries) for spec in catalogue.held]
    candidates = [_candidate(layer, read) for layer in read]
    listed = read_access_list(access, _known(read)) if access else AccessList()
    with _published(source, tiles_folder) as connection:
        connection.execute(SQL["lock"])
        drawings.fill(connection)
        newest = int(connection.execute(SQL["newest"]).scalar_one())
        held = {
            row.layer: Held(row.content_hash, row.coverage_hash, row.piece_count, row.edge_count)
            for row in connection.execute(SQL["open_versions"])
        }
        changed = [
            c for c in candidates if c.layer.spec.id not in held or held[c.layer.spec.id].content_hash != c.content_hash
        ]
        held_clauses = {row.clause: row.content_hash for row in connection.execute(SQL["open_clauses"])}
        clauses = ClauseChange.between(held_clauses, listed.clauses)
        gone = sorted(set(held) - {c.layer.spec.id for c in candidates})
        if not changed and not gone and not clauses:
            return Loaded(Release(ReleaseNumber(newest)), {}, listed.notices)
        changes = Publication(connection, newest + 1).publish(changed, gone, held, clauses)
    return Loaded(Release(ReleaseNumber(newest + 1)), changes, listed.notices)


@contextmanager
def _published(source: sa.Engine, tiles_folder: Path | None) -> Iterator[sa.Connection]:
    """A transaction that cuts tiles at its end; when it fails, the files go too."""
    made: list[Path] = []
    try:
        with writing(source, timeout_ms=0) as connection:
            yield connection
            if tiles_folder is not None:
                tiles.cut_pyramids(connection, tiles_folder, made)
    except BaseException:
        for file in made:
            file.unlink(missing_ok=True)
        raise


def _known(read: Sequence[BoundaryLayer]) -> Known:
    """The units and counties among the layers read."""
    names = {layer.spec.id: {fact.code: fact.name for fact in layer.facts} for layer in read}
    return Known(names.get(UNITS), names.get("county"))


def _cover(layer: BoundaryLayer, read: Sequence[BoundaryLayer]) -> Cover | None:
    code = layer.spec.coverage_code
    if code is None:
        return None
    for admin in read:
        if admin.spec.kind in ADMIN_KINDS and code in admin.by_code:
            digest = hashlib.sha256(f"{code} {admin.hashes[admin.by_code[code]]}".encode()).hexdigest()
            return Cover(admin.spec.id, code, digest)
    raise BadCatalogue(
        "catalogue-coverage",
        Bilingual(
            f"图层 {layer.spec.id} 的完整范围 {code} 不在行政区图层中。",
            f"Layer {layer.spec.id}: its coverage {code} is in no admin layer.",
        ),
        layer=layer.spec.id,
        value=code,
    )


def _candidate(layer: BoundaryLayer, read: Sequence[BoundaryLayer]) -> Candidate:
    cover = _cover(layer, read)
    said = {"spec": layer.spec.as_json(), "features": list(layer.hashes), "coverage": cover.hash if cover else None}
    return Candidate(layer, cover, hashlib.sha256(canonical_json(said).encode()).hexdigest())


def bring_up(source: sa.Engine) -> Loaded:
    """Tables brought up to date and the packaged catalogue's boundaries published: what a fresh database needs."""
    migrate(source)
    chosen = settings()
    return load_bundled(source, chosen.boundaries, read_catalogue(), chosen.access_list, chosen.tiles)


def main() -> None:
    """`python -m layers.load`: one line of output."""
    try:
        loaded = bring_up(engine())
    except ShanheError as error:
        print(f"✗ {error.text('en')}\n✗ {error.text('zh')}", file=sys.stderr)  # noqa: T201
        raise SystemExit(error.exit_code) from None
    for notice in loaded.notices:
        print(f"· {notice.en} {notice.zh}")  # noqa: T201
    state = f"published, {len(loaded.changes)} layers changed" if loaded.changes else "ready"
    print(f"· data: release {loaded.release.number} {state}")  # noqa: T201 (a command's answer)


if __name__ == "__main__":
    main()
