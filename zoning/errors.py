"""Every error a user can meet, in both languages, with a stable type.

    ShanheError
    ├── BadInput            the request cannot be read or is outside what is accepted (HTTP 400/422, CLI exit 2)
    │   ├── BadSite         the site: its file, geometry or coordinates
    │   └── BadProject      industry, activity, attribute, date or release of the request
    ├── RuleError           the rule files are wrong: nothing of them is used (HTTP 500, CLI exit 2)
    ├── NotFound            a named check, layer, release or rule does not exist (HTTP 404, CLI exit 2)
    └── Unavailable         the database or a needed part cannot be reached (HTTP 503, CLI exit 1)

Packages above (`layers`, `app`) raise these or subclasses of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from zoning.bilingual import Bilingual, Lang


class ShanheError(Exception):
    """Base of all errors with a stable `type`, a message in zh and en, and where it happened.

    Parameters
    ----------
    type
        Stable kebab-case identifier, e.g. ``"site-self-crossing"``; the last part of the problem+json ``type``.
    message
        What was wrong and what to do, in both languages.
    where
        Machine-readable place: any of ``file``, ``layer``, ``feature`` (1-based part), ``ring``, ``coordinate`` ([lon, lat]
        or [x, y] as given), ``field``, ``value``.
    """

    status = 500
    exit_code = 1

    def __init__(self, type: str, message: Bilingual, **where: Any) -> None:
        super().__init__(message.en)
        self.type = type
        self.message = message
        self.where = {k: v for k, v in where.items() if v is not None}

    def text(self, lang: Lang) -> str:
        return self.message.get(lang)


class BadInput(ShanheError):
    status = 422
    exit_code = 2


class BadSite(BadInput):
    pass


class BadProject(BadInput):
    pass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a rule file; `line` counts from 1 and is None for data that no file was read for."""

    file: str
    line: int | None
    rule: str | None
    text: Bilingual

    def said(self) -> Bilingual:
        """``jishan-plan.yaml:12: jishan-239-fen-1km: …``"""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        place = f"{place}: {self.rule}" if self.rule else place
        return Bilingual(f"{place}：{self.text.zh}", f"{place}: {self.text.en}")


class RuleError(ShanheError):
    """Rule files are wrong; every problem found is named with file and line. It stops the start, never a check."""

    exit_code = 2
    problems: tuple[Problem, ...] = ()


def wrong_rules(problems: Sequence[Problem]) -> RuleError:
    """The error that names all of these problems."""
    texts = [problem.said() for problem in problems]
    message = Bilingual("\n".join(t.zh for t in texts), "\n".join(t.en for t in texts))
    first = problems[0]
    error = RuleError("rules-invalid", message, file=first.file, line=first.line, rule=first.rule)
    error.problems = tuple(problems)
    return error


class NotFound(ShanheError):
    status = 404
    exit_code = 2


class Unavailable(ShanheError):
    status = 503
    exit_code = 1
