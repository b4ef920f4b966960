"""Which of the facts assumed about a project an answer rests on; a default that nothing here asks for is not said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from zoning.applicable import facts_at
from zoning.conformity import units_met
from zoning.examine import Examiner
from zoning.project import Project
from zoning.rule import Rule


def relied_on(examiner: Examiner, rules: Iterable[Rule], project: Project) -> frozenset[str]:
    """The assumed attributes without which a rule or an access-list clause could not be decided here.

    A rule counts where its jurisdiction, industries and activities are met, as far as what was stated does not settle it;
    its place is not looked at. A clause counts in the units that the site meets.
    """
    if not project.assumed:
        return frozenset()
    stated = replace(project, assumed={}, reasons={})
    facts = facts_at(stated, examiner.site)
    asked = {name for rule in rules if (met := examiner.terms(rule, facts)) for name in met[1].missing}
    clauses = (answer for unit in units_met(examiner, facts, stated) for answer in unit.answers)
    asked |= {name for answer in clauses for name in answer.missing}
    return frozenset(asked & project.assumed.keys())
