"""What a planner says of a project: industry, activity, attributes and the documents held. It judges nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from zoning import attributes as declared_attributes
from zoning import industry as industries
from zoning import terms
from zoning.bilingual import Bilingual
from zoning.canonical import canonical_json
from zoning.condition import Facts
from zoning.decision import Activity
from zoning.errors import BadProject
from zoning.industry import Industry

_LEVELS: Mapping[str, tuple[str, ...]] = {
    "国务院": ("国务院", "state council", "自然资源部", "ministry"),
    "省级": ("省", "国务院", "provin", "state council"),
}
"""By how a needed issuer begins, words one of which an issuer of that level bears."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document the planner says is held. It counts as named when its kind and number are given; nobody verified it."""

    kind: str
    number: str
    issuer: str | None = None
    date: dt.date | None = None

    @classmethod
    def of(cls, data: Any) -> Document:
        """Read `{kind, number, issuer?, date?}`; raises `BadProject` naming what is wrong."""
        if not isinstance(data, Mapping) or not str(data.get("kind") or "") or not str(data.get("number") or ""):
            raise BadProject(
                "document-incomplete",
                Bilingual(
                    f"文件须写明种类 kind 和文号 number：{data!r}",
                    f"a document needs its kind and number: {data!r}",
                ),
                field="documents",
            )
        kind = str(data["kind"])
        if kind not in terms.document_kinds():
            known = "、".join(sorted(terms.document_kinds()))
            raise BadProject(
                "document-unknown",
                Bilingual(
                    f"不认识的文件种类 {kind}；可用：{known}", f"unknown kind of document {kind}; known: {known}"
                ),
                field="documents",
                value=kind,
            )
        unknown = set(data) - {"kind", "number", "issuer", "date"}
        if unknown:
            raise BadProject(
                "document-key-unknown",
                Bilingual(f"文件中有不认识的键：{sorted(unknown)}", f"unknown keys in a document: {sorted(unknown)}"),
                field="documents",
            )
        date = data.get("date")
        try:
            day = date if date is None or isinstance(date, dt.date) else dt.date.fromisoformat(str(date))
        except ValueError as error:
            raise BadProject(
                "date-invalid",
                Bilingual(f"日期写作 2024-06-30：{date}", f"write dates as 2024-06-30: {date}"),
                field="documents",
                value=str(date),
            ) from error
        issuer = str(data.get("issuer") or "").strip()
        return cls(kind, str(data["number"]).strip(), issuer or None, day)

    def counts(self, as_of: dt.date) -> bool:
        """Whether it may be what a rule asks for on a day: not dated later, and not said to be issued below the level it needs."""
        needed = terms.document_kinds()[self.kind].issuer.zh
        levels = next((words for level, words in _LEVELS.items() if needed.startswith(level)), ())
        issuer = (self.issuer or "").lower()
        above = not issuer or not levels or any(word in issuer for word in levels)
        return above and (self.date is None or self.date <= as_of)

    def as_dict(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "number": self.number,
            "issuer": self.issuer,
            "date": self.date.isoformat() if self.date else None,
        }


@dataclass(frozen=True, slots=True)
class Project:
    """`given` are the attributes the planner stated; `assumed` those the industry implies, each with its reason."""

    industry: Industry
    activity: Activity
    given: Mapping[str, Any] = field(default_factory=dict)
    assumed: Mapping[str, Any] = field(default_factory=dict)
    reasons: Mapping[str, Bilingual] = field(default_factory=dict)
    documents: tuple[Document, ...] = ()
    name: str = ""

    @classmethod
    def of(
        cls,
        industry: str,
        activity: str,
        attributes: Mapping[str, Any] | Sequence[str] = (),
        documents: Sequence[Any] = (),
        name: str = "",
    ) -> Project:
        """Read and validate what a request says; raises `BadProject` for anything unknown, naming what is allowed.

        `industry` is a GB/T 4754-2017 class code or name, `attributes` a mapping or `key=value` texts.
        """
        found = industries.industries().resolve(industry)
        chosen = terms.activity(activity)
        given = declared_attributes.parse(attributes)
        _agree(chosen, given)
        assumed, reasons = declared_attributes.defaults(found.code, chosen, given)
        held = tuple(sorted({Document.of(d) for d in documents}, key=lambda d: canonical_json(d.as_dict())))
        return cls(found, cast("Activity", chosen), given, assumed, reasons, held, name)

    def facts(self, **also: Any) -> Facts:
        """The project as conditions see it; `also` answers further attributes, for what-if."""
        return Facts(
            self.activity,
            industries.groups_of(self.industry.code),
            {**self.assumed, **self.given, **also},
        )

    def holds_document(self, kind: str, as_of: dt.date) -> bool:
        """Whether a document of a kind is named that does not come from the wrong level, nor from after a day."""
        return any(d.kind == kind and d.counts(as_of) for d in self.documents)

    def as_dict(self) -> dict[str, Any]:
        """What enters the check's identity: everything but the name."""
        return {
            "industry": str(self.industry.code),
            "activity": self.activity,
            "attributes": dict(self.given),
            "documents": [d.as_dict() for d in self.documents],
        }


def _agree(activity: str, given: Mapping[str, Any]) -> None:
    """Raises `BadProject` where the activity says that no capacity is added and the attributes say that some is."""
    added = given.get("net_new_capacity")
    if activity in _ADDS_NOTHING and isinstance(added, (int, float)) and added > 0:
        title = terms.activity_title(activity)
        raise BadProject(
            "attribute-value",
            Bilingual(
                f"{title.zh}不新增产能，却填了 net_new_capacity = {added:g}：新增产能的按新建、扩建等填报，否则填 0。",
                f"{title.en} adds no capacity, and net_new_capacity is {added:g}: state the activity as new or expand where "
                "capacity is added, or 0.",
            ),
            field="net_new_capacity",
            value=str(added),
        )


_ADDS_NOTHING = ("retrofit", "restore", "explore", "close")
