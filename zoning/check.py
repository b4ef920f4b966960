"""The check: one site, one project, one day, one release, all rules; the worst certain outcome wins and nothing is silent.

Pure: evidence comes in, a `Check` goes out. The meaning of each verdict is stated in the project's design and in README.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import shapely

from zoning.alongside import Alongside
from zoning.applicable import facts_at
from zoning.bilingual import Bilingual
from zoning.conformity import UnitMet, deciding_rules, units_met
from zoning.decision import SEVERITY, Outcome, weakest, worst
from zoning.errors import BadProject
from zoning.evidence import Evidence, LayerMeta, Window
from zoning.examine import Examiner
from zoning.finding import Finding
from zoning.frame import LocalFrame
from zoning.identity import Question, identity
from zoning.questions import beyond_the_counties, open_points
from zoning.reliance import relied_on
from zoning.rule import Rule
from zoning.rulebook import Rulebook
from zoning.search import Search, standing, uncovered
from zoning.site import Site

REACH_M = 5000.0
"""How far around a site boundaries are looked at, unless a rule or an accuracy asks for more."""


def reach_m(rules: Rulebook, metas: Mapping[str, LayerMeta], site_accuracy_m: float) -> float:
    """How far around the site evidence must reach so that every rule can be decided, m."""
    needs = (
        within_m + meta.accuracy_m + meta.stands_for_bound_m + site_accuracy_m
        for layer, within_m in rules.distances
        if (meta := metas.get(layer))
    )
    return max([REACH_M, *needs]) + 10


def window_for(site: Site, reach: float) -> Window:
    """The box that holds the site grown by `reach` metres on every side, degrees."""
    west, south, east, north = shapely.bounds(site.geometry)
    frame = LocalFrame.at((west + east) / 2, (south + north) / 2)
    # A point, and a line due north or due east, have no box: a ring without area cannot be grown.
    if west < east and south < north:
        whole = shapely.box(west, south, east, north)
    elif west < east or south < north:
        whole = shapely.LineString([(west, south), (east, north)])
    else:
        whole = shapely.Point(west, south)
    box = frame.to_metres(whole)[0]
    grown = shapely.bounds(frame.to_degrees(shapely.buffer(box, reach, join_style="mitre"))[0])
    return Window(float(grown[0]), float(grown[1]), float(grown[2]), float(grown[3]), reach)


@dataclass(frozen=True)
class Check:
    """A decided check; `zoning.answer.document` writes it down.

    `outside` is how much of the site lies in no county held (m², m or points): that is unknown, never clear.
    `not_in_scope` are the rules that could concern the project here, on kinds of layers that this deployment leaves out.
    `units` are the control units met, with the access list answered clause by clause. `relied_on` names the assumed
    attributes that a rule or a clause here asks for.
    """

    question: Question
    evidence: Evidence
    rulebook: Rulebook
    findings: tuple[Finding, ...]
    searches: tuple[Search, ...]
    touching: Mapping[str, tuple[Mapping[str, Any], ...]]
    nearest_m: Mapping[str, float | None]
    counties: tuple[tuple[str, str], ...]
    not_known: tuple[Mapping[str, Any], ...]
    outside: float = 0.0
    along: Alongside | None = None
    not_in_scope: tuple[Rule, ...] = ()
    units: tuple[UnitMet, ...] = ()
    relied_on: frozenset[str] = frozenset()

    @cached_property
    def verdict(self) -> Outcome:
        return worst([*(f.outcome for f in self.findings), *(("unknown",) if self.outside else ())])

    @cached_property
    def at_worst(self) -> Outcome:
        return worst(
            [
                self.verdict,
                *(f.contribution.at_worst for f in self.findings),
                *(("prohibited",) if self.outside else ()),
            ]
        )

    @property
    def deciding(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.outcome == self.verdict and self.verdict != "clear")

    @cached_property
    def basis(self) -> str:
        """The weakest legal status among what decides; for clear, among what was searched."""
        if self.verdict == "clear":
            return weakest(self.evidence.layers[s.layer].meta.legal_status for s in self.searches if s.done)
        return weakest((f.legal_status for f in self.deciding), default="reference")

    @cached_property
    def demonstration(self) -> bool:
        """Whether an illustrative layer decides; "nothing found" is decided by every layer that was searched."""
        if self.verdict in ("clear", "attention"):
            return any(
                self.evidence.layers[s.layer].meta.legal_status == "illustrative" for s in self.searches if s.done
            )
        return any(f.legal_status == "illustrative" for f in self.deciding)

    @cached_property
    def id(self) -> str:
        return identity(self.question, self.evidence.release, self.rulebook.hash)


def check(question: Question, evidence: Evidence, rules: Rulebook) -> Check:
    """Decide one question on the evidence of one release.

    Parameters
    ----------
    question
        Site (EPSG:4490), project, and the day the rules and features are taken as of.
    evidence
        All layers of one release inside `window_for(site, reach_m(…))`.
    rules
        The linted rule set.

    Returns
    -------
    A `Check`: verdict, findings with measures and citations, what was searched, and what is not known.

    Raises
    ------
    BadProject
        ``as-of-too-early``: before the first day that the rules speak for. ``site-outside-counties``: the site lies in no county
        of the held county layer, so that no jurisdiction can be told.
    """
    if question.as_of < rules.scope.known_from:
        first = rules.scope.known_from.isoformat()
        raise BadProject(
            "as-of-too-early",
            Bilingual(
                f"规则集自 {first} 起；更早日期适用的规定未收录，无法判断。",
                f"The rules begin on {first}; those in force before are not held, so an earlier day cannot be decided.",
            ),
            field="as_of",
            value=question.as_of.isoformat(),
        )
    examiner = Examiner(question.site, evidence, question.as_of)
    county_search = standing("county", evidence, question.as_of)
    counties = examiner.jurisdictions.names() if county_search.done and examiner.jurisdictions else ()
    if county_search.done and not counties and not examiner.near_any_county():
        raise BadProject(
            "site-outside-counties",
            Bilingual(
                "选址不在任何已持有的县级行政区内，无法判断适用的规定。",
                "The site lies in no county held here, so no rule can be chosen.",
            ),
        )
    outside = examiner.outside
    facts = facts_at(question.project, question.site)
    possible, dormant = rules.possible(question.as_of, facts)
    in_force = (*possible, *deciding_rules(evidence, question.as_of))
    examinations = [examined for rule in in_force if (examined := examiner.examine(rule, facts)) is not None]
    findings = [finding for examined in examinations for finding in examiner.findings(examined, question.project)]
    findings.sort(key=_order)
    searches = tuple(_searches(examiner, rules))
    touching = {s.layer: examiner.touching(s.layer) for s in searches if s.done}
    nearest = {s.layer: examiner.nearest(s.layer) for s in searches if s.done}
    return Check(
        question=question,
        evidence=evidence,
        rulebook=rules,
        findings=tuple(findings),
        searches=searches,
        touching=touching,
        nearest_m=nearest,
        counties=tuple((f.code, f.name) for f in counties),
        not_known=(
            *beyond_the_counties(outside, question.site.dimension),
            *open_points(examiner, examinations, findings, question.project),
        ),
        outside=outside,
        along=examiner.along,
        not_in_scope=tuple(rule for rule in dormant if examiner.terms(rule, facts)),
        units=units_met(examiner, facts, question.project),
        relied_on=relied_on(examiner, in_force, question.project),
    )


def _order(finding: Finding) -> tuple[int, int, str, str]:
    contribution = finding.contribution
    return (
        -SEVERITY.index(contribution.outcome),
        -SEVERITY.index(contribution.at_worst),
        finding.rule.id,
        finding.feature.code if finding.feature else "",
    )


def _searches(examiner: Examiner, rules: Rulebook) -> list[Search]:
    """For each layer kind in scope: was it searched over the site itself?"""
    found = []
    for kind in rules.scope.kinds:
        search = standing(kind, examiner.evidence, examiner.as_of)
        if search.done:
            window = examiner.evidence.layers[kind]
            missing = uncovered(window, examiner.site.geometry, examiner.site.dimension)
            if missing > 0:
                search = Search(kind, "no_coverage", missing)
            elif window.meta.full_cover and not examiner.closes(kind):
                search = Search(kind, "invalid")
        found.append(search)
    return found
