"""The access list (生态环境准入清单): clauses of province, city and control unit in four dimensions; it answers none of them.

A unit is named by ZH, six digits of its county, one of its class and four of its serial; STANDARDS: the official coding rule of
环境管控单元. A clause of a province or city binds every unit in it, or those of one class.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from zoning.bilingual import Bilingual
from zoning.rule import Period
from zoning.terms import AccessLevel, Dimension, UnitClass

if TYPE_CHECKING:
    from zoning.evidence import LegalStatus

UNITS: Final = "control_unit"
"""The layer of control units."""
EFFECTS: Final = ("prohibit", "restrict", "phase_out", "require")
"""What the machine part of a clause can do; the rest of a rule's effects demand nothing."""
TO_READ: Final = "read"
"""Stands for the effect of a clause that only a person can read."""
_UNIT: Final = re.compile(r"ZH(\d{6})([123])(\d{4})")
_ADMIN: Final = re.compile(r"\d{2}(?!00)\d{2}00|\d{2}0000")


@dataclass(frozen=True, slots=True)
class UnitCode:
    """The parts of a control unit's code."""

    county: str
    unit_class: UnitClass
    serial: str

    @classmethod
    def of(cls, text: str) -> UnitCode:
        """Read a code; raises `ValueError` when it is none.

        >>> UnitCode.of("ZH14082510001").unit_class.value, UnitCode.of("ZH14082510001").city
        ('priority', '140800')
        """
        found = _UNIT.fullmatch(text)
        if found is None or found[1].endswith("00"):
            raise ValueError(f"no unit code: {text!r}")
        return cls(found[1], list(UnitClass)[int(found[2]) - 1], found[3])

    @classmethod
    def read(cls, text: str) -> UnitCode | None:
        """The code, or None for a unit that is named in another way: no clause binds such a one."""
        try:
            return cls.of(text)
        except ValueError:
            return None

    @property
    def city(self) -> str:
        return f"{self.county[:4]}00"

    @property
    def province(self) -> str:
        return f"{self.county[:2]}0000"

    def __str__(self) -> str:
        return f"ZH{self.county}{self.unit_class.digit}{self.serial}"


def level_of(code: str) -> AccessLevel:
    """The level at which a code stands: 140000, 140800 or a unit. Raises `ValueError` for anything else, counties too.

    >>> level_of("140000").value, level_of("140800").value, level_of("ZH14082510001").value
    ('province', 'city', 'unit')
    """
    if _ADMIN.fullmatch(code):
        return AccessLevel.PROVINCE if code.endswith("0000") else AccessLevel.CITY
    UnitCode.of(code)
    return AccessLevel.UNIT


def scopes_of(unit: str) -> tuple[str, ...]:
    """The codes whose clauses bind a unit, from the province down; none for what is no unit code.

    >>> scopes_of("ZH14082510001")
    ('140000', '140800', 'ZH14082510001')
    """
    code = UnitCode.read(unit)
    return () if code is None else (code.province, code.city, unit)


@dataclass(frozen=True, slots=True)
class ClauseSource:
    """The document a clause comes from and the place in it: `at` is a line (L171), an article, or a sheet's row."""

    id: str
    title: Bilingual
    at: str | None
    label: Bilingual

    def as_dict(self) -> dict[str, Any]:
        return {"id": self.id, "title": self.title.as_dict(), "at": self.at, "label": self.label.as_dict()}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> ClauseSource:
        return cls(data["id"], Bilingual.of(data["title"]), data["at"], Bilingual.of(data["label"]))


@dataclass(frozen=True, slots=True)
class Terms:
    """The machine-readable part of a clause, in the vocabulary of rules.

    `industries` and `activities` say whom it concerns; `when` and `unless` how far it goes; `met` what a requirement is
    fulfilled by; `needs` the documents of a restriction. Without an `effect` only whom it concerns is stated.
    """

    effect: str | None = None
    industries: tuple[str, ...] = ()
    activities: tuple[str, ...] = ()
    when: Mapping[str, Any] | None = None
    unless: Mapping[str, Any] | None = None
    met: Mapping[str, Any] | None = None
    needs: tuple[str, ...] = ()

    @classmethod
    def of(cls, data: Mapping[str, Any] | None) -> Terms:
        """Read a machine part; raises `ValueError` for an unknown key or a value of a wrong type."""
        if data is not None and not isinstance(data, Mapping):
            raise ValueError(f"terms are no mapping: {data!r}")
        given = dict(data or {})
        industries, activities, needs = (
            _words(key, given.pop(key, [])) for key in ("industries", "activities", "needs")
        )
        when, unless, met = (_condition(key, given.pop(key, None)) for key in ("when", "unless", "met"))
        effect = given.pop("effect", None)
        if given:
            raise ValueError(f"unknown keys {sorted(given)}")
        if effect is not None and effect not in EFFECTS:
            raise ValueError(f"effect {effect!r} is none of {', '.join(EFFECTS)}")
        return cls(effect, industries, activities, when, unless, met, needs)

    def as_dict(self) -> dict[str, Any] | None:
        """What is stated; None when nothing is."""
        said = {
            "effect": self.effect, "industries": list(self.industries), "activities": list(self.activities),
            "when": self.when, "unless": self.unless, "met": self.met, "needs": list(self.needs),
        }  # fmt: skip
        return {key: value for key, value in said.items() if value} or None


def _words(key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise ValueError(f"{key} is no list of words: {value!r}")
    return tuple(value)


def _condition(key: str, value: Any) -> Mapping[str, Any] | None:
    if value is not None and not isinstance(value, Mapping):
        raise ValueError(f"{key} is no condition: {value!r}")
    return value


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause; its text stands in Chinese where no English is given.

    `unit_class` None binds units of every class; `valid` are the days on which it is in force. An `illustrative` clause is
    made up for demonstration: it is answered like any other, and never decides a verdict.
    """

    id: str
    code: str
    dimension: Dimension
    text: Bilingual
    source: ClauseSource
    legal_status: LegalStatus
    unit_class: UnitClass | None = None
    terms: Terms = field(default_factory=Terms)
    valid: Period = field(default_factory=lambda: Period(None, None))

    @property
    def level(self) -> AccessLevel:
        return level_of(self.code)

    @property
    def illustrative(self) -> bool:
        return self.legal_status == "illustrative"

    @property
    def decides(self) -> bool:
        """Whether it counts like a rule of its effect: machine-readable, and not made up."""
        return self.terms.effect is not None and not self.illustrative

    def binds(self, unit: UnitCode, as_of: dt.date) -> bool:
        """Whether it is in force for a unit on a day."""
        here = self.code in (unit.province, unit.city, str(unit))
        return here and self.of_class(str(unit)) and as_of in self.valid

    def of_class(self, unit: str) -> bool:
        """Whether a unit is of the class that it binds."""
        code = UnitCode.read(unit)
        return self.unit_class is None or (code is not None and code.unit_class == self.unit_class)

    @property
    def order(self) -> tuple[int, int, str, str]:
        """Province before city before unit, then dimension, then id."""
        return list(AccessLevel).index(self.level), list(Dimension).index(self.dimension), self.code, self.id

    def as_dict(self) -> dict[str, Any]:
        """The clause as it is listed."""
        return {
            "clause": self.id,
            "code": self.code,
            "level": self.level.value,
            "dimension": self.dimension.value,
            "unit_class": self.unit_class.value if self.unit_class else None,
            "text": self.text.as_dict(),
            "source": self.source.as_dict(),
            "legal_status": self.legal_status,
            "terms": self.terms.as_dict(),
            "valid": [day.isoformat() if day else None for day in (self.valid.start, self.valid.end)],
        }
