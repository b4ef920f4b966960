"""What a rule is, as read from `zoning/rules/*.yaml`; whether it applies is decided in `zoning.check`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from zoning.bilingual import Bilingual
from zoning.canonical import canonical_json
from zoning.condition import Compiled, compiled, mentioned
from zoning.decision import Binding
from zoning.owner_decision import OwnerDecision

Effect = Literal["prohibit", "restrict", "require", "phase_out", "encourage", "inform"]
Open = Literal["citation", "substance"]


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `start` to `end`, both included; None is open."""

    start: dt.date | None
    end: dt.date | None

    def __contains__(self, day: dt.date) -> bool:
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)

    @classmethod
    def of(cls, data: Any) -> Period:
        """Read `[start, end]`, ISO dates or null; None means always."""
        if data is None:
            return cls(None, None)
        if not isinstance(data, list) or len(data) != 2 or not all(d is None or isinstance(d, dt.date) for d in data):
            raise ValueError(f"a period is [date or null, date or null], got {data!r}")
        return cls(data[0], data[1])


@dataclass(frozen=True, slots=True)
class Source:
    """A plan, law or notice: where rules come from. `file` names the text the quotes are checked against, if at hand."""

    id: str
    title: Bilingual
    number: str | None
    issuer: Bilingual
    status: Literal["statutory", "planning"]
    in_force: Period
    file: str | None
    note: Bilingual | None = None


@dataclass(frozen=True, slots=True)
class Cite:
    """The place in a source that a rule rests on. `at` is an article or a line; `quote` at most 60 characters of it."""

    source: Source
    at: str | None
    quote: str | None
    open: bool = False

    def label(self) -> Bilingual:
        """How the citation is printed; an open one says so."""
        if self.open or self.at is None:
            return Bilingual(
                f"《{self.source.title.zh}》条款号待补", f"{self.source.title.en}, article number to be added"
            )
        if self.at.startswith("L"):
            return Bilingual(
                f"《{self.source.title.zh}》第{self.at[1:]}行", f"{self.source.title.en}, line {self.at[1:]}"
            )
        return Bilingual(f"《{self.source.title.zh}》第{self.at}条", f"{self.source.title.en}, art. {self.at}")

    def as_dict(self) -> dict[str, Any]:
        return {
            "source": self.source.id,
            "at": self.at,
            "quote": self.quote,
            "open": self.open,
            "label": self.label().as_dict(),
        }


@dataclass(frozen=True, slots=True)
class Where:
    """The place a rule binds: features of a layer (by class, name or property), inside them or within a distance of them.

    `excepted`: values of features that it does not bind. `undecided`: the text names no distance. Until an owner decides it,
    `within_m` is how far out the answer stays open.
    """

    layer: str
    filter: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    within_m: float = 0.0
    undecided: bool = False
    excepted: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Rule:
    """One cited rule. `where` None means the whole jurisdiction; `industries` and `activities` empty mean any.

    `entries` are the sentences of the plans that it accounts for (`zoning.coverage`); `decisions` those of
    its owner that are in force on the day it is looked at; `file` and `line` say where it stands.
    """

    id: str
    title: Bilingual
    demand: Bilingual
    effect: Effect
    where: Where | None
    industries: tuple[str, ...]
    activities: tuple[str, ...]
    when: Mapping[str, Any] | None
    unless: Mapping[str, Any] | None
    needs: tuple[str, ...]
    jurisdiction: str
    bound_to: Binding
    in_force: Period
    plan_period: Period | None
    open: Open | None
    open_text: Bilingual | None
    cites: tuple[Cite, ...]
    entries: tuple[str, ...] = ()
    decisions: tuple[OwnerDecision, ...] = ()
    file: str = ""
    line: int | None = None

    def citing(self, as_of: dt.date) -> tuple[Cite, ...]:
        """The citations in force on a day: the wording that carries the rule then."""
        return tuple(c for c in self.cites if as_of in c.source.in_force)

    def spans(self) -> tuple[Period, ...]:
        """When it is in force together with each of its sources; a source with no such day is left out."""
        found = []
        for cite in self.cites:
            starts = [p.start for p in (self.in_force, cite.source.in_force) if p.start]
            ends = [p.end for p in (self.in_force, cite.source.in_force) if p.end]
            if not starts or not ends or max(starts) <= min(ends):
                found.append(Period(max(starts, default=None), min(ends, default=None)))
        return tuple(found)

    def applies_on(self, as_of: dt.date) -> bool:
        """In force on that day, with at least one source that is in force too."""
        return as_of in self.in_force and bool(self.citing(as_of))

    def plan_ended(self, as_of: dt.date) -> bool:
        """Whether its plan period is over, and no owner has said that it continues."""
        if self.plan_period is None or self.plan_period.end is None or as_of <= self.plan_period.end:
            return False
        return not any(decision.word == "continued" for decision in self.decisions)

    def condition(self) -> Mapping[str, Any]:
        """Everything the rule asks of a project, as one condition of `zoning.condition`."""
        parts: list[Mapping[str, Any]] = []
        if self.activities:
            parts.append({"activity": list(self.activities)})
        if self.industries:
            parts.append({"industry": list(self.industries)})
        if self.when:
            parts.append(self.when)
        if self.unless:
            parts.append({"not": self.unless})
        return {"all": parts}

    @cached_property
    def test(self) -> Compiled:
        """`condition` as a function."""
        return compiled(self.condition())

    @cached_property
    def asks(self) -> frozenset[str]:
        """The attributes of a project that `condition` looks at."""
        return mentioned(self.condition(), "attribute")

    @cached_property
    def said(self) -> str:
        """What it asks of a project and what it then does, as canonical text: rules that differ in nothing of it decide alike."""
        return canonical_json([self.condition(), self.effect, self.bound_to])
