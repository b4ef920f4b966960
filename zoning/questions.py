"""Which facts about the project are still worth asking: only those that can change this verdict, with the outcome either way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from zoning import attributes
from zoning.applicable import facts_at
from zoning.bilingual import Bilingual
from zoning.condition import thresholds
from zoning.decision import SEVERITY, Outcome, worst
from zoning.doubt import doubt
from zoning.finding import Contribution, Finding
from zoning.project import Project

if TYPE_CHECKING:
    from zoning.examine import Examination, Examiner


def verdict_if(
    examiner: Examiner, examinations: list[Examination], project: Project, **also: Any
) -> tuple[Outcome, Outcome]:
    """Verdict and at-worst were these attributes answered so; nothing is measured again."""
    facts, said = facts_at(project, examiner.site, **also), facts_at(project, examiner.site).attributes
    # An answer may also end a default of another attribute.
    changed = {n for n in {*facts.attributes, *said} if facts.attributes.get(n) != said.get(n)}
    found: list[Contribution] = []
    for examined in examinations:
        if changed.isdisjoint(examined.rule.asks):
            found += examiner.as_said(examined, project)
        else:
            found += [c for c, _ in examiner.contributions(examined, project, facts)]
    verdict = worst([*(c.outcome for c in found), *(("unknown",) if examiner.outside else ())])
    return verdict, worst([verdict, *(c.at_worst for c in found), *(("prohibited",) if examiner.outside else ())])


def answers(name: str, examinations: list[Examination]) -> Iterator[tuple[str, Any]]:
    """Answers worth telling apart, as (label, value): yes/no, each choice, or each side of a rule's threshold."""
    declared = attributes.declared()[name]
    if declared.type == "bool":
        yield from (("true", True), ("false", False))
    elif declared.type == "enum":
        yield from ((value, value) for value in declared.values)
    else:
        limits = sorted({t for e in examinations for t in thresholds(e.rule.condition(), name)})
        for limit in limits:
            yield f"<= {limit}", limit
            yield f"> {limit}", limit + 1


def questions(
    examiner: Examiner, examinations: list[Examination], unsettled: list[Finding], project: Project
) -> Iterator[Mapping[str, Any]]:
    """One entry for each missing attribute that keeps a deciding finding open."""
    names = sorted({name for finding in unsettled for name in finding.contribution.missing})
    for name in names:
        declared = attributes.declared()[name]
        outcomes = {}
        for label, value in answers(name, examinations):
            verdict, at_worst = verdict_if(examiner, examinations, project, **{name: value})
            outcomes[label] = {"verdict": verdict, "at_worst": at_worst}
        yield {
            "what": name,
            "kind": "attribute",
            "text": declared.question.as_dict(),
            "unit": declared.unit,
            "outcomes": outcomes,
        }


def beyond_the_counties(size: float, dimension: int) -> list[Mapping[str, Any]]:
    """The part of a site in no county held, as one open point; empty when there is none."""
    if not size:
        return []
    zh = (f"{size:.0f} 个点", f"{size:.0f} 米", f"{size / 10_000:.2f} 公顷")[dimension]
    en = (f"{size:.0f} points", f"{size:.0f} m", f"{size / 10_000:.2f} ha")[dimension]
    text = Bilingual(
        f"选址有 {zh} 在已持有的行政区之外，那里的规定无从查起",
        f"{en} of the site lies outside the counties held here; the rules there are not known",
    )
    return [{"what": "county", "kind": "outside", "text": text.as_dict(), "outcomes": {"at_worst": "prohibited"}}]


def open_points(
    examiner: Examiner, examinations: list[Examination], findings: list[Finding], project: Project
) -> list[Mapping[str, Any]]:
    """What is not known and may decide: attributes first (with the verdict either way),
    then layers, plans, open substance and accuracy."""
    verdict = worst(f.outcome for f in findings)
    open_ones = [
        f
        for f in findings
        if f.contribution.reasons
        and f.contribution.at_worst in ("prohibited", "restricted")
        and (verdict == "unknown" or SEVERITY.index(f.contribution.at_worst) > SEVERITY.index(verdict))
    ]
    items: list[Mapping[str, Any]] = list(questions(examiner, examinations, open_ones, project))
    seen: set[tuple[str, str]] = set()
    for finding in open_ones:
        for reason in finding.contribution.reasons:
            if reason == "attribute":
                continue
            what = finding.rule.id if reason in ("plan_ended", "substance") else (finding.layer or "county")
            text = doubt(finding, reason)
            if (what, text.zh) in seen:
                continue
            seen.add((what, text.zh))
            items.append(
                {
                    "what": what,
                    "kind": reason,
                    "text": text.as_dict(),
                    "outcomes": {"confirmed": finding.contribution.at_worst, "refuted": "no_effect"},
                }
            )
    return items
