"""Which facts about the project are still worth asking: only those that can change this verdict, with the outcome either way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from zoning import attributes
from zoning.condition import thresholds
from zoning.decision import Outcome, worst
from zoning.finding import Finding
from zoning.project import Project

if TYPE_CHECKING:
    from zoning.examine import Examination, Examiner


def verdict_if(
    examiner: Examiner, examinations: list[Examination], project: Project, **also: Any
) -> tuple[Outcome, Outcome]:
    """Verdict and at-worst were these attributes answered so; nothing is measured again."""
    facts = project.facts(**also)
    found = [c for e in examinations for c, _ in examiner.contributions(e, project, facts)]
    verdict = worst(c.outcome for c in found)
    return verdict, worst([verdict, *(c.at_worst for c in found)])


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
