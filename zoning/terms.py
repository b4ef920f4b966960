"""The field's terms in both languages, read from `terms.yaml`; words only, no decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from zoning.bilingual import Bilingual
from zoning.decision import ACTIVITIES
from zoning.errors import BadProject


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """A kind of document a restriction can need, and who issues it."""

    id: str
    title: Bilingual
    issuer: Bilingual

    def as_dict(self) -> dict[str, Any]:
        return {"kind": self.id, **self.title.as_dict(), "issuer": self.issuer.as_dict()}


@cache
def packaged() -> Mapping[str, Mapping[str, Any]]:
    """The data behind this module."""
    text = (files("zoning") / "terms.yaml").read_text(encoding="utf-8")
    data: Mapping[str, Mapping[str, Any]] = yaml.safe_load(text)
    return data


def _title(group: str, term: str) -> Bilingual:
    return Bilingual.of(packaged()[group][term])


def verdict_title(verdict: str) -> Bilingual:
    return _title("verdicts", verdict)


def effect_title(effect: str) -> Bilingual:
    return _title("effects", effect)


def relation_title(relation: str) -> Bilingual:
    return _title("relations", relation)


def activity_title(activity: str) -> Bilingual:
    return _title("activities", activity)


def layer_kind_title(kind: str) -> Bilingual:
    """The kind's title; a kind without one is called by its id, never left out."""
    found = packaged()["layer_kinds"].get(kind)
    return Bilingual.of(found) if found else Bilingual(kind, kind)


@cache
def document_kinds() -> Mapping[str, DocumentKind]:
    return {
        id: DocumentKind(id, Bilingual(data["zh"], data["en"]), Bilingual.of(data["issuer"]))
        for id, data in packaged()["document_kinds"].items()
    }


def activity(text: str) -> str:
    """A project's activity by its id; raises `BadProject` ``activity-unknown`` naming all that there are."""
    if text in ACTIVITIES:
        return text
    zh = "、".join(f"{a}（{activity_title(a).zh}）" for a in ACTIVITIES)
    en = ", ".join(f"{a} ({activity_title(a).en})" for a in ACTIVITIES)
    raise BadProject(
        "activity-unknown",
        Bilingual(f"不认识的建设性质 {text!r}；可用：{zh}。", f"Unknown activity {text!r}; use one of: {en}."),
        field="activity",
        value=text,
    )
