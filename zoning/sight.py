"""What one rule sees at one feature: whether its terms are met, surely or possibly; it decides no outcome."""

from __future__ import annotations

from dataclasses import dataclass

from zoning.finding import Reason
from zoning.relation import Encounter


@dataclass(frozen=True)
class Sight:
    """A rule at one feature: `surely` and `possibly` say whether the terms are met, given the accuracies."""

    encounter: Encounter
    surely: bool
    possibly: bool
    reasons: tuple[Reason, ...]
    margin_m: float | None
