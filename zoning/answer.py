"""A decided check as JSON data, the form that is stored, hashed and sent; it decides nothing."""

from __future__ import annotations

from collections import Counter
from typing import Any

from zoning import terms
from zoning.bilingual import Bilingual
from zoning.check import Check
from zoning.eia_hint import hint
from zoning.finding import Finding, feature_dict
from zoning.identity import ENGINE
from zoning.industry import groups, groups_of, industries
from zoning.routedoc import route_dict
from zoning.search import Search
from zoning.sitedoc import site_dict
from zoning.wording import lines


def document(check: Check, number: str | None = None) -> dict[str, Any]:
    """The whole answer; its bytes are `canonical_json(document(check, number))`.

    Areas in m² to 0.01, lengths in m to 0.01, shares (0–1) to one part in a million, coordinates EPSG:4490 on the 1e-9° grid.
    """
    site, project = check.question.site, check.question.project
    six = lines(check)
    shapes: dict[int, dict[str, Any]] = {}
    return {
        "id": check.id,
        "number": number,
        "verdict": check.verdict,
        "at_worst": check.at_worst,
        "basis": check.basis,
        "demonstration": check.demonstration,
        "certainty": "certain"
        if check.verdict != "unknown" and all(f.certain for f in check.deciding)
        else "uncertain",
        "sentence": six[0].as_dict(),
        "lines": [line.as_dict() for line in six],
        "release": check.evidence.release,
        "release_date": check.evidence.release_date.isoformat(),
        "rules_hash": check.rulebook.hash,
        "engine": dict(ENGINE),
        "as_of": check.question.as_of.isoformat(),
        "project": {
            **project.as_dict(),
            "industry_name": {"zh": project.industry.name_zh, "en": project.industry.name_en},
            "notice": renamed.as_dict() if (renamed := industries().renamed(project.industry.code)) else None,
            "assumed": {
                key: {"value": project.assumed[key], "reason": project.reasons[key].as_dict()}
                for key in sorted(check.relied_on)
            },
        },
        "site": site_dict(site, check.counties),
        "route": route_dict(check),
        "findings": [
            {**f.as_dict(shapes), "industry_groups": _stand_ins(f, project.industry.code)}
            for f in check.findings
            if not _is_duty(f)
        ],
        "duties": [_duty(f) for f in check.findings if _is_duty(f)],
        "clauses": [unit.as_dict() for unit in check.units],
        "searched": [_searched(check, s) for s in check.searches if s.done],
        "not_searched": [
            {
                "layer": s.layer,
                "title": _title(check, s.layer).as_dict(),
                "outcome": s.outcome,
                "text": s.text.as_dict(),
                "uncovered_m2": round(s.uncovered_m2, 2),
            }
            for s in check.searches
            if not s.done
        ]
        + [
            {"layer": k, "title": _title(check, k).as_dict(), "outcome": "out_of_scope", "text": v.as_dict()}
            for k, v in sorted(check.rulebook.scope.left_out.items())
        ],
        "not_known": [dict(item) for item in check.not_known],
        "eia_hint": hint(project, _met(check), check.question.as_of),
        "rules_considered": len(check.rulebook.on(check.question.as_of)),
        "rules_not_in_scope": _not_in_scope(check),
    }


def _stand_ins(finding: Finding, code: str) -> list[dict[str, Any]]:
    """The lists that stand in for words which a text leaves undefined, where the finding rests on the industry being in one."""
    own = groups_of(code)
    named = (groups()[name] for name in finding.rule.industries if name in own)
    return [
        {"group": g.id, "title": g.title.as_dict(), "status": g.status, "note": g.note.as_dict() if g.note else None}
        for g in named
        if g.status == "to_confirm"
    ]


def _not_in_scope(check: Check) -> dict[str, Any]:
    """The rules that could concern the project here, on kinds of layers left out: how many, and of which kind."""
    counts = Counter(rule.where.layer for rule in check.not_in_scope if rule.where)
    return {
        "count": len(check.not_in_scope),
        "kinds": [
            {"layer": kind, "title": terms.layer_kind_title(kind).as_dict(), "count": counts[kind]}
            for kind in sorted(counts)
        ],
    }


def _met(check: Check) -> list[str]:
    """The kinds of layers, of those searched, that the site lies on; a mere touch is none, nor is what is not in force."""
    return [
        layer
        for layer, features in check.touching.items()
        if any(one["relation"] not in ("touch", "sliver") and one.get("in_force", True) for one in features)
    ]


def _title(check: Check, layer: str) -> Bilingual:
    held = check.evidence.layers.get(layer)
    return held.meta.title if held else terms.layer_kind_title(layer)


def _searched(check: Check, search: Search) -> dict[str, Any]:
    window = check.evidence.layers[search.layer]
    nearest = check.nearest_m[search.layer]
    return {
        "layer": search.layer,
        "title": window.meta.title.as_dict(),
        "release": window.meta.version,
        "pieces": len(window.pieces),
        "coverage": "full",
        "outcome": "searched",
        "reach_m": round(check.evidence.window.reach_m, 2),
        "legal_status": window.meta.legal_status,
        "accuracy_m": window.meta.accuracy_m,
        "nearest_m": None if nearest is None else round(nearest, 2),
        "features": [dict(item) for item in check.touching[search.layer]],
    }


def _is_duty(finding: Finding) -> bool:
    return (
        finding.outcome == "clear"
        and finding.contribution.at_worst == "clear"
        and finding.relation not in ("touch", "sliver")
    )


def _duty(finding: Finding) -> dict[str, Any]:
    feature = finding.feature
    return {
        "rule": finding.rule.id,
        "effect": finding.rule.effect,
        "title": finding.rule.title.as_dict(),
        "demand": finding.rule.demand.as_dict(),
        "layer": finding.layer,
        "feature": None if feature is None else feature_dict(feature),
        "cites": [c.as_dict() for c in finding.cites],
        "decisions": [d.as_dict() for d in finding.rule.decisions],
        "reasons": list(finding.contribution.reasons),
    }
