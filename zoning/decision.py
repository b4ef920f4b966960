"""The table from a rule's effect to an outcome, every cell filled, and the order of verdicts; it knows no geometry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Literal, get_args

Outcome = Literal["prohibited", "restricted", "unknown", "attention", "clear"]
"""A verdict, or what one finding contributes to it."""

SEVERITY: Final[tuple[Outcome, ...]] = ("clear", "attention", "unknown", "restricted", "prohibited")
STATUS_STRENGTH: Final = ("illustrative", "reference", "planning", "statutory")

Activity = Literal[
    "new", "rebuild", "expand", "relocate", "retrofit", "restore", "explore", "temporary", "operate", "close"
]
Binding = Literal["place", "sector", "area"]
"""What a `require` rule is bound to: a place on the map, a named sector of industry, or everyone in an area."""

_P: Final = "prohibited"
_R: Final = "restricted"
_A: Final = "attention"
_C: Final = "clear"

PHASE_OUT: Final[Mapping[Activity, Outcome]] = {
    "new": _P,
    "relocate": _P,
    "temporary": _P,
    "explore": _P,
    "rebuild": _R,
    "expand": _R,
    "retrofit": _R,
    "operate": _R,
    "restore": _C,
    "close": _C,
}
"""Where existing plants must leave: coming new is prohibited, staying is restricted, leaving and healing are not touched."""

REQUIRE: Final[Mapping[Binding, Outcome]] = {"place": _A, "sector": _A, "area": _C}


def outcome_of(effect: str, activity: Activity, bound_to: Binding) -> Outcome:
    """What a rule contributes when it certainly applies; "clear" means a duty or note without effect on the verdict.

    Source: the effect table of the design's verdict page. Raises `KeyError` for an effect that is not in the table.
    """
    table: Mapping[str, Outcome] = {
        "prohibit": _P,
        "restrict": _R,
        "phase_out": PHASE_OUT[activity],
        "require": REQUIRE[bound_to],
        "encourage": _C,
        "inform": _C,
    }
    return table[effect]


def when_uncertain(certain: Outcome) -> Outcome:
    """What remains of an outcome that may not hold: a possible prohibition or restriction is unknown, the rest stays."""
    return "unknown" if certain in ("prohibited", "restricted") else certain


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """The worst wins; nothing at all is clear.

    >>> worst(["attention", "unknown"]), worst([])
    ('unknown', 'clear')
    """
    return max(outcomes, key=SEVERITY.index, default="clear")


def weakest(statuses: Iterable[str], default: str = "statutory") -> str:
    """The weakest legal status of several.

    >>> weakest(["statutory", "planning"])
    'planning'
    """
    return min(statuses, key=STATUS_STRENGTH.index, default=default)


ACTIVITIES: Final[tuple[Activity, ...]] = get_args(Activity)
