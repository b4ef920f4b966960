"""Answers the access list clause by clause for the control units a site meets: 符合, 不符合, 不涉及 or 待核实, with the reason.

How a clause counts. An answer never changes the verdict by itself. A clause whose terms are machine-readable and which is not
illustrative is also examined as a rule of its effect (`deciding_rules`), so that 不符合 weighs as any prohibition or
restriction does, with the same measures, certainty and open questions. An illustrative clause, and one whose text only a
person can read, stand beside the verdict.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from zoning import industry, terms
from zoning.access import TO_READ, UNITS, Clause, UnitCode, scopes_of
from zoning.bilingual import Bilingual
from zoning.condition import Facts, holds
from zoning.decision import outcome_of
from zoning.evidence import Evidence, Feature
from zoning.examine import Examiner
from zoning.marked import Marked, Spot
from zoning.project import Project
from zoning.rule import Cite, Effect, Period, Rule, Source, Where
from zoning.rule_form import form_problems
from zoning.terms import AccessLevel, ClauseAnswer, Dimension, UnitClass

_READ = Bilingual("须由人工对照条款原文核对。", "A person has to read the clause and compare it.")
_INDUSTRY = Bilingual(
    "条款针对{groups}，本项目行业不在其中。", "The clause concerns {groups}; this industry is not among them."
)
_ACTIVITY = Bilingual(
    "条款针对{activities}，本项目为{own}。", "The clause concerns {activities}; this project is {own}."
)
_NOT_THEN = Bilingual(
    "按项目资料，未出现条款所述情形。", "By what the project says, what the clause speaks of does not arise."
)
_MISSING = Bilingual("缺项目资料：{names}。", "A fact about the project is missing: {names}.")
_WITHIN = Bilingual(
    "属条款所管的项目，按项目资料未超出其限定。",
    "The clause concerns it, and by what the project says it keeps within.",
)
_FORBIDDEN = Bilingual("条款不允许这样的项目。", "The clause does not allow such a project.")
_FIRST = Bilingual("须先取得：{names}。", "First needed: {names}.")
_NAMED = Bilingual("所需文件已列明，未经核验：{names}。", "The documents are named but nobody verified them: {names}.")
_LEAVE = Bilingual("条款要求此类项目退出。", "The clause phases such projects out.")
_LEAVING = Bilingual(
    "条款要求退出，本项目即为关闭或修复。", "The clause phases such projects out, and this one closes or restores."
)
_MET = Bilingual(
    "按项目资料已满足条款要求，未经核验。", "By what the project says the requirement is met; nobody verified it."
)
_UNMET = Bilingual("按项目资料不满足条款要求。", "By what the project says the requirement is not met.")
_PROOF = Bilingual("是否达到要求须由资料证明。", "Documents have to prove that the requirement is met.")
_NEAR = Bilingual(
    "选址是否进入本单元在制图精度之内，不能确定。",
    "Whether the site enters this unit is within the accuracy of the boundary.",
)
_NONE_HERE = Bilingual("本单元条款未提供。", "The clauses of this unit are not provided.")
_SHOWN = Bilingual(
    "示意条款，由规划文本推得，不是官方清单，不影响结论。",
    "Illustrative clauses derived from plans, no official list; they do not decide.",
)


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to one clause; `missing` names the attributes that would settle it."""

    clause: Clause
    answer: ClauseAnswer
    reason: Bilingual
    missing: frozenset[str] = frozenset()

    def as_dict(self) -> dict[str, Any]:
        return {
            **self.clause.as_dict(),
            "answer": self.answer.value,
            "answer_text": terms.label(self.answer).as_dict(),
            "reason": self.reason.as_dict(),
            "missing": sorted(self.missing),
            "decides": self.clause.decides,
        }


@dataclass(frozen=True, slots=True)
class UnitMet:
    """A control unit the site meets, or may meet within the accuracies (`certain` false), with every clause answered."""

    unit: Feature
    certain: bool
    share_of_site: float | None
    answers: tuple[Answered, ...]

    def as_dict(self) -> dict[str, Any]:
        kind = class_of(self.unit)
        own = any(a.clause.level == AccessLevel.UNIT for a in self.answers)
        notes = [] if own else [_NONE_HERE]
        if any(a.clause.illustrative for a in self.answers):
            notes.append(_SHOWN)
        return {
            "code": self.unit.code,
            "name": {"zh": self.unit.name, "en": self.unit.properties.get("name_en")},
            "class": kind.value if kind else None,
            "class_title": terms.label(kind).as_dict() if kind else None,
            "legal_status": self.unit.legal_status,
            "certainty": "certain" if self.certain else "uncertain",
            "share_of_site": None if self.share_of_site is None else round(self.share_of_site, 6),
            "provided": own,
            "notes": [note.as_dict() for note in notes],
            "dimensions": {
                dimension.value: [a.as_dict() for a in self.answers if a.clause.dimension == dimension]
                for dimension in Dimension
            },
        }


def class_of(unit: Feature) -> UnitClass | None:
    """The class of a unit, told by the digit its layer holds."""
    return next((kind for kind in UnitClass if kind.digit == unit.class_), None)


def units_met(examiner: Examiner, facts: Facts, project: Project) -> tuple[UnitMet, ...]:
    """Every unit that the site meets or may meet, in code order, with the clauses of all three levels answered."""
    window = examiner.evidence.layers.get(UNITS)
    if window is None:
        return ()
    seen = examiner.seen(UNITS)
    found = []
    for met in seen.encounters:
        blur = met.feature.accuracy_m + window.meta.stands_for_bound_m + examiner.site.accuracy_m
        near = met.distance_m is not None and met.distance_m <= blur
        if not (met.hit or (blur > 0 and near)) or not _valid(met.feature, examiner.as_of):
            continue
        depth = seen.depth_m(met) if met.hit and blur > 0 else None
        certain = met.hit and (blur == 0 or depth is None or depth > blur)
        whole = met.overlap is not None and met.dimension == seen.view.dimension
        clauses = binding(examiner.evidence, met.feature.code, examiner.as_of)
        found.append(
            UnitMet(
                met.feature,
                certain,
                met.overlap_size / seen.view.size if whole and met.hit else None,
                tuple(answered(c, facts, project, examiner.as_of, certain=certain) for c in clauses),
            )
        )
    return tuple(sorted(found, key=lambda one: one.unit.code))


def _valid(unit: Feature, as_of: dt.date) -> bool:
    return as_of in Period(unit.valid_from, unit.valid_to)


def binding(evidence: Evidence, unit: str, as_of: dt.date) -> list[Clause]:
    """The clauses of all three levels that bind a unit on a day, from the province down."""
    code = UnitCode.read(unit)
    clauses = (c for scope in scopes_of(unit) for c in evidence.clauses.get(scope, ()))
    return sorted((c for c in clauses if code and c.binds(code, as_of)), key=lambda c: c.order)


def answered(clause: Clause, facts: Facts, project: Project, as_of: dt.date, *, certain: bool = True) -> Answered:
    """Answer one clause for a project in one unit.

    Parameters
    ----------
    certain
        Whether the site is surely in the unit: where it is not, 不符合 is 待核实.
    """
    answer, reason, missing = _judged(clause, facts, project, as_of)
    if answer == ClauseAnswer.VIOLATES and not certain:
        return Answered(clause, ClauseAnswer.TO_VERIFY, _joined([reason, _NEAR]), missing)
    return Answered(clause, answer, reason, missing)


_Judgement = tuple[ClauseAnswer, Bilingual, frozenset[str]]


def _judged(clause: Clause, facts: Facts, project: Project, as_of: dt.date) -> _Judgement:
    said, nothing = clause.terms, frozenset[str]()
    if said.activities and facts.activity not in said.activities:
        activities = _listed([terms.activity_title(a) for a in said.activities])
        own = terms.activity_title(facts.activity)
        return ClauseAnswer.NOT_CONCERNED, _ACTIVITY.format(activities=activities, own=own), nothing
    if said.industries and facts.groups.isdisjoint(said.industries):
        groups = _listed([industry.groups()[g].title for g in said.industries])
        return ClauseAnswer.NOT_CONCERNED, _INDUSTRY.format(groups=groups), nothing
    if said.effect is None:
        return ClauseAnswer.TO_VERIFY, _READ, nothing
    within = holds(
        {"all": [*([said.when] if said.when else []), *([{"not": said.unless}] if said.unless else [])]}, facts
    )
    if within.value is None:
        return ClauseAnswer.TO_VERIFY, _MISSING.format(names=", ".join(sorted(within.missing))), within.missing
    if within.value is False:
        # Whoever a ban names and who keeps out of its reach conforms; a demand that does not arise concerns nobody.
        named = said.effect != "require" and bool(said.industries)
        return (ClauseAnswer.CONFORMS, _WITHIN, nothing) if named else (ClauseAnswer.NOT_CONCERNED, _NOT_THEN, nothing)
    return _applied(clause, facts, project, as_of)


def _applied(clause: Clause, facts: Facts, project: Project, as_of: dt.date) -> _Judgement:
    """The answer of a clause whose terms the project is in."""
    said, nothing = clause.terms, frozenset[str]()
    if said.effect == "prohibit":
        return ClauseAnswer.VIOLATES, _FORBIDDEN, nothing
    if said.effect == "phase_out":
        stays = outcome_of("phase_out", project.activity, "place") != "clear"
        return (ClauseAnswer.VIOLATES, _LEAVE, nothing) if stays else (ClauseAnswer.CONFORMS, _LEAVING, nothing)
    if said.effect == "restrict":
        names = _listed([terms.document_kinds()[kind].title for kind in said.needs])
        if all(project.holds_document(kind, as_of) for kind in said.needs):
            return ClauseAnswer.TO_VERIFY, _NAMED.format(names=names), nothing
        return ClauseAnswer.VIOLATES, _FIRST.format(names=names), nothing
    if said.met is None:
        return ClauseAnswer.TO_VERIFY, _PROOF, nothing
    met = holds(said.met, facts)
    if met.value is None:
        return ClauseAnswer.TO_VERIFY, _MISSING.format(names=", ".join(sorted(met.missing))), met.missing
    return (ClauseAnswer.CONFORMS, _MET, nothing) if met.value else (ClauseAnswer.VIOLATES, _UNMET, nothing)


def _listed(titles: list[Bilingual]) -> Bilingual:
    return Bilingual("、".join(t.zh for t in titles), ", ".join(t.en for t in titles))


def _joined(texts: list[Bilingual]) -> Bilingual:
    return Bilingual("".join(t.zh for t in texts), " ".join(t.en for t in texts))


# --- clauses that decide ----------------------------------------------------------------------------------------------


def rule_of(clause: Clause) -> Rule:
    """A clause as the rule it amounts to: bound to the units of its scope, and of its class.

    One that only a person can read has the effect `TO_READ`: no check applies it.
    """
    said = clause.terms
    places: dict[str, tuple[str, ...]] = {}
    if clause.level == AccessLevel.UNIT:
        places["code"] = (clause.code,)
    elif clause.unit_class is not None:
        places["class"] = (clause.unit_class.digit,)
    met = {"not": said.met} if said.met else None
    when = [c for c in (said.when, met) if c]
    title = Bilingual("准入清单：{level}{dimension}", "access list, {level}: {dimension}").format(
        level=terms.label(clause.level), dimension=terms.label(clause.dimension)
    )
    # A source's status is any legal status here: the list's own.
    status = cast("Any", clause.legal_status)
    source = Source(clause.source.id, clause.source.title, None, clause.source.title, status, clause.valid, None)
    return Rule(
        id=f"clause:{clause.id}",
        title=title,
        demand=clause.text,
        effect=cast("Effect", said.effect or TO_READ),
        where=Where(UNITS, places),
        industries=said.industries,
        activities=said.activities,
        when={"all": when} if when else None,
        unless=said.unless,
        needs=said.needs,
        jurisdiction=UnitCode.of(clause.code).county if clause.level == AccessLevel.UNIT else clause.code,
        bound_to="place",
        in_force=clause.valid,
        plan_period=None,
        open=None,
        open_text=None,
        cites=(Cite(source, clause.source.at, None, open=clause.source.at is None),),
    )


def problems(clause: Clause) -> Iterator[str]:
    """Everything wrong with a clause's machine part, one line each: what the lint of rules would say of it."""
    said = clause.terms
    if clause.level == AccessLevel.UNIT and clause.unit_class not in (None, UnitCode.of(clause.code).unit_class):
        yield f"class {clause.unit_class} is not that of {clause.code}"
    if said.met is not None and said.effect != "require":
        yield "only a requirement says what meets it"
    if said.effect is None:
        yield from (f"unknown industry group {g}" for g in said.industries if g not in industry.groups())
        yield from (f"unknown activity {a}" for a in said.activities if a not in list(terms.Activity))
        if said.when or said.unless or said.needs:
            yield "conditions and documents go with an effect"
        return
    yield from (p.text.en for p in form_problems(rule_of(clause), Spot(Marked("", {})), {UNITS}))


def deciding_rules(evidence: Evidence, as_of: dt.date) -> tuple[Rule, ...]:
    """The clauses that decide, as rules, in id order; none twice."""
    clauses = {c.id: c for clauses in evidence.clauses.values() for c in clauses if c.decides and as_of in c.valid}
    return tuple(rule_of(clauses[id]) for id in sorted(clauses))
