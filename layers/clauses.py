"""Clauses of the access list between the domain and their table: hash, row, and back; it reads no file and answers nothing."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from psycopg.types.json import Jsonb

from zoning.access import Clause, ClauseSource, Terms
from zoning.bilingual import Bilingual
from zoning.canonical import canonical_json
from zoning.evidence import LegalStatus
from zoning.rule import Period
from zoning.terms import Dimension, UnitClass

NAME = "unit_clause"
"""What a release calls them among the layers it changed."""
COLUMNS = (
    "clause", "code", "level", "dimension", "unit_class", "text_zh", "text_en", "source", "legal_status", "terms",
    "valid_from", "valid_to", "content_hash", "releases",
)  # fmt: skip


def content_hash(clause: Clause) -> str:
    """SHA-256 over all that a clause says: the same clause read again is no change."""
    return hashlib.sha256(canonical_json(clause.as_dict()).encode()).hexdigest()


def row_of(clause: Clause, releases: str) -> tuple[Any, ...]:
    """A row for COPY, in the order of `COLUMNS`."""
    said = clause.terms.as_dict()
    return (
        clause.id, clause.code, clause.level.value, clause.dimension.value,
        clause.unit_class.value if clause.unit_class else None, clause.text.zh,
        None if clause.text.en == clause.text.zh else clause.text.en,
        Jsonb(clause.source.as_dict()), clause.legal_status, None if said is None else Jsonb(said),
        clause.valid.start, clause.valid.end, content_hash(clause), releases,
    )  # fmt: skip


def clause_of(row: Mapping[str, Any]) -> Clause:
    """A row of the table, from JSON, as the domain sees it. A text without English is given in Chinese there too."""
    return Clause(
        id=row["clause"],
        code=row["code"],
        dimension=Dimension(row["dimension"]),
        text=Bilingual(row["text_zh"], row["text_en"] or row["text_zh"]),
        source=ClauseSource.of(row["source"]),
        legal_status=cast("LegalStatus", row["legal_status"]),
        unit_class=UnitClass(row["unit_class"]) if row["unit_class"] else None,
        terms=Terms.of(row["terms"]),
        valid=Period(_date(row["valid_from"]), _date(row["valid_to"])),
    )


def _date(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)


@dataclass(frozen=True, slots=True)
class ClauseChange:
    """Which clauses a release begins, and the ids of those it ends; a clause whose text changed is in both."""

    begin: tuple[Clause, ...]
    end: tuple[str, ...]

    @classmethod
    def between(cls, held: Mapping[str, str], stated: Sequence[Clause]) -> ClauseChange:
        """From the hashes held by id to the clauses stated."""
        hashes = {clause.id: content_hash(clause) for clause in stated}
        begin = tuple(clause for clause in stated if held.get(clause.id) != hashes[clause.id])
        return cls(begin, tuple(sorted(id for id, digest in held.items() if hashes.get(id) != digest)))

    def __bool__(self) -> bool:
        return bool(self.begin or self.end)

    def rows(self, releases: str) -> Iterable[tuple[Any, ...]]:
        return (row_of(clause, releases) for clause in self.begin)
