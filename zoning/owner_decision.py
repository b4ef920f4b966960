"""What the owner of a plan or law has decided on one rule, and the document that says so; it changes no rule by itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from zoning.bilingual import Bilingual

Word = Literal["continued", "repealed", "confirmed", "parameter"]

WORDS: Final[Mapping[str, Bilingual]] = {
    "continued": Bilingual("规划期满后继续执行", "continues after the plan period"),
    "repealed": Bilingual("停止执行", "no longer in force"),
    "confirmed": Bilingual("内容已确认", "confirmed as written"),
    "parameter": Bilingual("距离定为 {within_m:g} 米", "its distance is {within_m:g} m"),
}
INSTRUMENTS: Final[Mapping[str, Bilingual]] = {
    "law": Bilingual("法律法规规章", "law or regulation"),
    "plan": Bilingual("规划", "plan"),
    "decision": Bilingual("决定", "decision"),
    "approval": Bilingual("批复", "approval"),
    "notice": Bilingual("通知", "notice"),
    "announcement": Bilingual("公告", "announcement"),
    "reply": Bilingual("复函", "reply"),
}
"""Kinds of documents that a decision may rest on."""


@dataclass(frozen=True, slots=True)
class Instrument:
    """The document that a decision rests on."""

    kind: str
    title: Bilingual
    issuer: Bilingual
    number: str
    date: dt.date

    def label(self) -> Bilingual:
        day = self.date.isoformat()
        return Bilingual(
            f"{self.issuer.zh}《{self.title.zh}》（{self.number}，{day}）",
            f"{self.title.en} ({self.issuer.en}, {self.number}, {day})",
        )

    def as_dict(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "kind_title": INSTRUMENTS[self.kind].as_dict(),
            "title": self.title.as_dict(),
            "issuer": self.issuer.as_dict(),
            "number": self.number,
            "date": self.date.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class OwnerDecision:
    """A decision on one rule, in force from a day on. `within_m` is given with ``parameter`` only."""

    rule: str
    word: Word
    since: dt.date
    document: Instrument
    within_m: float | None = None
    note: Bilingual | None = None

    def label(self) -> Bilingual:
        """What was decided, since when, by which document."""
        said, day, by = WORDS[self.word].format(within_m=self.within_m), self.since.isoformat(), self.document.label()
        return Bilingual(f"自 {day} 起{said.zh}：{by.zh}", f"since {day} {said.en}: {by.en}")

    def as_dict(self) -> dict[str, Any]:
        return {
            "decision": self.word,
            "from": self.since.isoformat(),
            "parameters": {} if self.within_m is None else {"within_m": self.within_m},
            "document": self.document.as_dict(),
            "note": self.note.as_dict() if self.note else None,
            "label": self.label().as_dict(),
        }
