"""The check: one site, one project, one day, one release, all rules; the worst certain outcome wins and nothing is silent.

Pure: evidence comes in, a `Check` goes out. The meaning of each verdict is stated in the project's design and in README.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyproj
import shapely

from zoning import __version__
from zoning.canonical import canonical_json
from zoning.decision import SEVERITY, Outcome, weakest, worst
from zoning.errors import BadProject
from zoning.bilingual import Bilingual
from zoning.evidence import Evidence, LayerMeta, Window
from zoning.examine import Examination, Examiner
from zoning.finding import REASONS, Finding
from zoning.frame import LocalFrame
from zoning.industry import industries
from zoning.project import Project
from zoning.rulebook import Rulebook
from zoning.search import Search, standing, uncovered
from zoning.site import Site
from zoning.sitedoc import site_dict

REACH_M = 5000.0
"""How far around a site boundaries are looked at, unless a rule or an accuracy asks for more."""

ENGINE: Mapping[str, str] = {
    "shanhe": __version__,
    "geos": ".".join(map(str, shapely.geos_version)),
    "shapely": shapely.__version__,
    "proj": pyproj.proj_version_str,
}
"""The parts whose version may move a measured digit; they are in the check's identity."""


def reach_m(rules: Rulebook, metas: Mapping[str, LayerMeta], site_accuracy_m: float) -> float:
    """How far around the site evidence must reach so that every rule can be decided, m."""
    needs = [REACH_M]
    for rule in rules.rules:
        if rule.where and (meta := metas.get(rule.where.layer)):
            needs.append(rule.where.within_m + meta.accuracy_m + meta.stands_for_bound_m + site_accuracy_m)
    return max(needs) + 10


def window_for(site: Site, reach: float) -> Window:
    """The box that holds the site grown by `reach` metres on every side, degrees."""
    west, south, east, north = shapely.bounds(site.geometry)
    frame = LocalFrame.at((west + east) / 2, (south + north) / 2)
    box = frame.to_metres(shapely.box(west, south, east, north))[0]
    grown = shapely.bounds(frame.to_degrees(shapely.buffer(box, reach, join_style="mitre"))[0])
    return Window(float(grown[0]), float(grown[1]), float(grown[2]), float(grown[3]), reach)


@dataclass(frozen=True)
class Question:
    """All that a check answers: it is content-addressed by this, the release, the rules and the engine."""

    site: Site
    project: Project
    as_of: dt.date


@dataclass(frozen=True)
class Check:
    """A decided check. `outside` is how much of the site lies in no county held (m², m or points): unknown, not clear. `as_dict` is the stored and hashed form; its bytes are `canonical_json(check.as_dict())`."""

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

    @cached_property
    def verdict(self) -> Outcome:
        return worst([*(f.outcome for f in self.findings), *(("unknown",) if self.outside else ())])

    @cached_property
    def at_worst(self) -> Outcome:
        return worst(
            [self.verdict, *(f.contribution.at_worst for f in self.findings), *(("prohibited",) if self.outside else ())]
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
            return any(self.evidence.layers[s.layer].meta.legal_status == "illustrative" for s in self.searches if s.done)
        return any(f.legal_status == "illustrative" for f in self.deciding)

    @cached_property
    def id(self) -> str:
        return identity(self.question, self.evidence.release, self.rulebook.hash)

    def as_dict(self, number: str | None = None) -> dict[str, Any]:
        from zoning.wording import lines

        site, project = self.question.site, self.question.project
        six = lines(self)
        return {
            "id": self.id,
            "number": number,
            "verdict": self.verdict,
            "at_worst": self.at_worst,
            "basis": self.basis,
            "demonstration": self.demonstration,
            "certainty": "certain" if all(f.certain for f in self.deciding) else "uncertain",
            "sentence": six[0].as_dict(),
            "lines": [line.as_dict() for line in six],
            "release": self.evidence.release,
            "release_date": self.evidence.release_date.isoformat(),
            "rules_hash": self.rulebook.hash,
            "engine": dict(ENGINE),
            "as_of": self.question.as_of.isoformat(),
            "project": {
                **project.as_dict(),
                "industry_name": {"zh": project.industry.name_zh, "en": project.industry.name_en},
                "notice": renamed.as_dict() if (renamed := industries().renamed(project.industry.code)) else None,
                "assumed": {
                    key: {"value": value, "reason": project.reasons[key].as_dict()}
                    for key, value in sorted(project.assumed.items())
                },
            },
            "site": site_dict(site, self.counties),
            "findings": [f.as_dict() for f in self.findings if not _is_duty(f)],
            "duties": [_duty(f) for f in self.findings if _is_duty(f)],
            "searched": [self._searched(s) for s in self.searches if s.done],
            "not_searched": [
                {
                    "layer": s.layer,
                    "title": self._title(s.layer).as_dict(),
                    "outcome": s.outcome,
                    "text": s.text.as_dict(),
                    "uncovered_m2": round(s.uncovered_m2, 2),
                }
                for s in self.searches
                if not s.done
            ]
            + [
                {"layer": k, "title": self._title(k).as_dict(), "outcome": "out_of_scope", "text": v.as_dict()}
                for k, v in sorted(self.rulebook.scope.left_out.items())
            ],
            "not_known": [dict(item) for item in self.not_known],
            "rules_considered": len(self.rulebook.on(self.question.as_of)),
        }

    def _title(self, layer: str) -> Bilingual:
        from zoning import terms

        held = self.evidence.layers.get(layer)
        return held.meta.title if held else terms.layer_kind_title(layer)

    def _searched(self, search: Search) -> dict[str, Any]:
        window = self.evidence.layers[search.layer]
        nearest = self.nearest_m[search.layer]
        return {
            "layer": search.layer,
            "title": window.meta.title.as_dict(),
            "release": window.meta.version,
            "pieces": len(window.pieces),
            "coverage": "full",
            "outcome": "searched",
            "legal_status": window.meta.legal_status,
            "accuracy_m": window.meta.accuracy_m,
            "nearest_m": None if nearest is None else round(nearest, 2),
            "features": [dict(item) for item in self.touching[search.layer]],
        }


def _is_duty(finding: Finding) -> bool:
    return finding.outcome == "clear" and finding.contribution.at_worst == "clear" and finding.relation not in ("touch", "sliver")


def _duty(finding: Finding) -> dict[str, Any]:
    feature = finding.feature
    return {
        "rule": finding.rule.id,
        "effect": finding.rule.effect,
        "title": finding.rule.title.as_dict(),
        "demand": finding.rule.demand.as_dict(),
        "layer": finding.layer,
        "feature": None if feature is None else {"code": feature.code, "name": feature.name, "class": feature.class_},
        "cites": [c.as_dict() for c in finding.cites],
        "reasons": list(finding.contribution.reasons),
    }


def identity(question: Question, release: int, rules_hash: str) -> str:
    """The check's id: SHA-256 over canonical site bytes and a canonical JSON of everything else that can move the answer."""
    site = question.site
    said = {
        "site": hashlib.sha256(site.canonical_wkb()).hexdigest(),
        "parcels": sorted(
            [p.number, hashlib.sha256(shapely.to_wkb(shapely.normalize(p.geometry), byte_order=1)).hexdigest()]
            for p in site.parcels
        ),
        "site_accuracy_m": site.accuracy_m,
        "half_width_m": site.half_width_m,
        "project": question.project.as_dict(),
        "as_of": question.as_of,
        "release": release,
        "rules": rules_hash,
        "engine": dict(ENGINE),
    }
    return hashlib.sha256(canonical_json(said).encode()).hexdigest()


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
        When the site lies in no county of the held county layer, so that no jurisdiction can be told.
    """
    examiner = Examiner(question.site, evidence, question.as_of)
    county_search = standing("county", evidence, question.as_of)
    counties = examiner.jurisdictions.names() if county_search.done and examiner.jurisdictions else ()
    if county_search.done and not counties and not examiner.near_any_county():
        raise BadProject(
            "site-outside-counties",
            Bilingual("选址不在任何已持有的县级行政区内，无法判断适用的规定。", "The site lies in no county held here, so no rule can be chosen."),
        )
    outside = examiner.jurisdictions.outside() if examiner.jurisdictions else 0.0
    examinations = [
        examined
        for rule in rules.on(question.as_of)
        if (examined := examiner.examine(rule, question.project)) is not None
    ]
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
            *_outside(outside, question.site.dimension),
            *_not_known(examiner, examinations, findings, question.project),
        ),
        outside=outside,
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


def _outside(size: float, dimension: int) -> list[Mapping[str, Any]]:
    if not size:
        return []
    zh = (f"{size:.0f} 个点", f"{size:.0f} 米", f"{size / 10_000:.2f} 公顷")[dimension]
    en = (f"{size:.0f} points", f"{size:.0f} m", f"{size / 10_000:.2f} ha")[dimension]
    text = Bilingual(f"选址有 {zh} 在已持有的行政区之外，那里的规定无从查起", f"{en} of the site lies outside the counties held here; the rules there are not known")
    return [{"what": "county", "kind": "outside", "text": text.as_dict(), "outcomes": {"at_worst": "prohibited"}}]


def _not_known(
    examiner: Examiner, examinations: list[Examination], findings: list[Finding], project: Project
) -> list[Mapping[str, Any]]:
    """Attributes first (with the verdict either way), then layers, plans, open substance and accuracy; only what may decide."""
    from zoning.questions import questions

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
            if (what, reason) in seen:
                continue
            seen.add((what, reason))
            items.append(
                {
                    "what": what,
                    "kind": reason,
                    "text": (finding.search or _reason_text(finding, reason)).as_dict(),
                    "outcomes": {"confirmed": finding.contribution.at_worst, "refuted": "no_effect"},
                }
            )
    return items


def _reason_text(finding: Finding, reason: str) -> Bilingual:
    if reason == "substance" and finding.rule.open_text:
        return finding.rule.open_text
    return REASONS[reason]  # type: ignore[index]
