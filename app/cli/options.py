"""What commands share: the options for language and JSON, and printing a list one way or the other."""

# ruff: noqa: PLC0415 (a command imports what it needs when it runs, so that help is quick)
from __future__ import annotations

import os
from typing import Annotated, Any

import typer

from app.language import from_environment, named
from zoning.bilingual import Lang

LangOption = Annotated[str | None, typer.Option("--lang", help="en or zh; the locale's language if not given.")]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON only.")]


def language(given: str | None) -> Lang:
    """The language asked for, or the locale's."""
    return named(given) if given else from_environment(os.environ)


def listed(data: dict[str, Any], show: Any, lang: Lang, as_json: bool) -> None:
    """Print data as canonical JSON, or with `show` on the screen."""
    from app.cli import screen
    from zoning.canonical import canonical_json

    if as_json:
        screen.raw(canonical_json(data) + "\n")
    else:
        show(data, screen.Screen.standard(lang))
