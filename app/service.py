"""What both doors (HTTP and command line) do: answer a question, keep the answer, verify it. It knows neither door."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import shapely
import sqlalchemy as sa

from layers import archive, store
from layers.database import borrowed
from layers.known import metas_of
from layers.release import Release, open_release
from zoning.answer import document
from zoning.bilingual import Bilingual
from zoning.canonical import canonical_json
from zoning.check import Check, check, reach_m, window_for
from zoning.errors import BadProject
from zoning.evidence import Evidence
from zoning.identity import ENGINE, Question, identity
from zoning.project import Project
from zoning.rulebook import Rulebook, rulebook
from zoning.site import Site
from zoning.sitedoc import as_read, site_of


@dataclass(frozen=True, slots=True)
class Answer:
    """A check as JSON data; `text` is its canonical form, the bytes that are stored and compared."""

    data: Mapping[str, Any]
    text: str


@dataclass(frozen=True, slots=True)
class Verification:
    """`match` when a recomputation gave the same check; `differences` as (path, stored, recomputed).

    A match by another version of the engine still names that version's differences.
    """

    match: bool
    differences: tuple[tuple[str, Any, Any], ...]
    note: Bilingual

    def as_dict(self) -> dict[str, Any]:
        return {
            "match": self.match,
            "note": self.note.as_dict(),
            "differences": [{"path": p, "stored": a, "recomputed": b} for p, a, b in self.differences],
        }


def evidence_for(source: sa.Engine | sa.Connection, site: Site, view: Release, rules: Rulebook) -> Evidence:
    """All layers of a release around a site, far enough for every rule."""
    window = window_for(site, reach_m(rules, metas_of(source, view), site.accuracy_m))
    west, south, east, north = (float(v) for v in shapely.bounds(site.geometry))
    return store.gather(source, view, window, piece_box=(west, south, east, north))


def decide(
    source: sa.Engine | sa.Connection, question: Question, view: Release, rules: Rulebook | None = None
) -> Check:
    """Decide a question without storing anything."""
    chosen = rules or rulebook()
    return check(question, evidence_for(source, question.site, view, chosen), chosen)


def ask(engine: sa.Engine, question: Question, release: int | None = None) -> Answer:
    """Answer a question and keep the answer: the same question gives the same stored check.

    Raises any `BadInput`, `NotFound` or `Unavailable`; then nothing is stored.
    """
    rules = rulebook()
    with borrowed(engine) as connection:
        view = open_release(connection, release)
        id = identity(question, view.number, rules.hash)
        stored = archive.find_check(connection, id)
        if stored is None:
            decided = decide(connection, question, view, rules)
            written = document(decided)
            stored = archive.save_check(
                connection,
                id=id,
                release=view.number,
                county=decided.counties[0][0] if decided.counties else "000000",
                day=today(),
                request=_request(question, view.number),
                result=lambda number: canonical_json({**written, "number": number}),
            )
    data = json.loads(stored.result)
    read = as_read(question.site)
    if all(data["site"][key] == value for key, value in read.items()):
        return Answer(data, stored.result)
    data["site"].update(read)  # the same site, read from another file
    return Answer(data, canonical_json(data))


def today() -> dt.date:
    """The day in Shanxi: what a check is taken as of when no day is given, and the day in its number."""
    return dt.datetime.now(ZoneInfo("Asia/Shanghai")).date()


def stored_check(engine: sa.Engine, name: str) -> Answer:
    """A check as it was stored, by id or by human number. Raises `NotFound` `check-unknown`."""
    text = archive.load_check(engine, name).result
    return Answer(json.loads(text), text)


def _request(question: Question, release: int) -> dict[str, Any]:
    return {"project": question.project.as_dict(), "as_of": question.as_of.isoformat(), "release": release}


def question_of(data: Mapping[str, Any]) -> Question:
    """The question that a check document answers, read back from it. Raises `BadProject` `check-document` when it is none."""
    try:
        said = data["project"]
        return Question(
            site_of(data["site"]),
            Project.of(said["industry"], said["activity"], said["attributes"], said["documents"]),
            dt.date.fromisoformat(data["as_of"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadProject(
            "check-document",
            Bilingual(
                "这不是完整的核查结果 JSON，请用 shanhe check --json 或 GET /checks/{id} 的输出。",
                "This is not a whole check document; give the output of shanhe check --json or GET /checks/{id}.",
            ),
        ) from error


def verify(engine: sa.Engine, data: Mapping[str, Any]) -> Verification:
    """Recompute a check from its own document on the release it names, and say match or where not."""
    question = question_of(data)
    view = open_release(engine, data["release"])
    rules = rulebook()
    again = json.loads(canonical_json(document(decide(engine, question, view, rules), data.get("number"))))
    differences = tuple(_differences("", data, again))
    if not differences:
        return Verification(
            True, (), Bilingual("一致：重新计算得到相同结果。", "Match: recomputing gives the same check.")
        )
    if all(path == "/id" or path.startswith("/engine/") for path, _, _ in differences):
        note = Bilingual(
            "一致：由另一版本的计算引擎重新计算，除引擎版本外全部相同。",
            "Match: recomputed by another version of the engine, and all else is the same.",
        )
        return Verification(True, differences, note)
    moved = []
    if data.get("rules_hash") != rules.hash:
        moved.append(Bilingual("规则集已变", "the rule set has changed"))
    if data.get("engine") != dict(ENGINE):
        moved.append(Bilingual("计算引擎版本已变", "the engine's version has changed"))
    why = Bilingual("，".join(m.zh for m in moved), ", ".join(m.en for m in moved))
    zh = f"不一致：{len(differences)} 处不同" + (f"（{why.zh}）。" if moved else "；该文件与所存图层不符。")
    en = f"No match: {len(differences)} differences" + (
        f" ({why.en})." if moved else "; the document does not agree with the layers held."
    )
    return Verification(False, differences, Bilingual(zh, en))


def _differences(path: str, one: Any, two: Any) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(one, dict) and isinstance(two, dict):
        for key in sorted(set(one) | set(two)):
            yield from _differences(f"{path}/{key}", one.get(key), two.get(key))
    elif isinstance(one, list) and isinstance(two, list) and len(one) == len(two):
        for index, (a, b) in enumerate(zip(one, two, strict=True)):
            yield from _differences(f"{path}/{index}", a, b)
    elif one != two:
        yield path or "/", one, two
