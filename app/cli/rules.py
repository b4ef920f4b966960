"""`shanhe rules`: the list with its filters, one rule whole, the account of the plans, and the lint."""

# ruff: noqa: PLC0415 (a command imports what it needs when it runs, so that help is quick)
from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from app.cli.options import JsonOption, LangOption, language, listed

FAULTS: Final = 2

rules = typer.Typer(
    help="The rules: what applies where, to whom, and by which text.",
    epilog="\b\nExample: shanhe rules --jurisdiction 140824 --industry C2521 --activity new\n"
    "Example: shanhe rules show jishan-239-fen-1km --lang zh",
    invoke_without_command=True,
    rich_markup_mode=None,
)


@rules.callback()
def every(
    context: typer.Context,
    *,
    layer: Annotated[str | None, typer.Option("--layer", help="Rules on one kind of layer, e.g. redline.")] = None,
    effect: Annotated[
        str | None,
        typer.Option("--effect", help="prohibit, restrict, require, phase_out, encourage or inform."),
    ] = None,
    industry: Annotated[
        str | None, typer.Option("--industry", help="Rules that may concern it: C2521, C25 or 炼焦.")
    ] = None,
    activity: Annotated[str | None, typer.Option("--activity", help="Rules that may concern it: new, expand …")] = None,
    jurisdiction: Annotated[
        str | None, typer.Option("--jurisdiction", metavar="CODE", help="Rules that bind there, e.g. 140824.")
    ] = None,
    date: Annotated[str | None, typer.Option("--date", metavar="DATE", help="Rules in force on that day.")] = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    if context.invoked_subcommand is not None:
        return
    from app import request
    from app import rules as lookup
    from app.cli import rule_lists
    from zoning.rulebook import rulebook

    chosen = language(lang)
    day = request.day(date) if date else None
    wanted = lookup.Wanted(layer, effect, industry, activity, jurisdiction, day)
    listed(lookup.found(rulebook(), wanted), rule_lists.every, chosen, as_json)


@rules.command(epilog="Example: shanhe rules show jishan-239-fen-1km")
def show(
    rule: Annotated[str, typer.Argument(help="The rule's id.", metavar="ID")],
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """One rule whole: its terms in words, what it asks, its texts and quotes."""
    from app import rules as lookup
    from app.cli import rule_lists
    from zoning.rulebook import rulebook

    listed(lookup.one(rulebook(), rule), rule_lists.one, language(lang), as_json)


@rules.command(
    epilog="\b\nExample: shanhe rules coverage\n"
    f"Exit code: 0 all accounted for, {FAULTS} some sentences are not, 1 internal error."
)
def coverage(lang: LangOption = None, as_json: JsonOption = False) -> int:
    """What became of every rule sentence of the five plans."""
    from app import rules as lookup
    from app.cli import rule_lists
    from zoning.rulebook import rulebook

    data = lookup.account(rulebook())
    listed(data, rule_lists.account, language(lang), as_json)
    return FAULTS if data["unaccounted"] else 0


@rules.command(
    epilog="\b\nExample: shanhe rules lint\n"
    "Example: shanhe rules lint --folder new-rules --sources texts\n"
    f"Exit code: 0 sound, {FAULTS} errors in the rules, 1 internal error."
)
def lint(
    *,
    folder: Annotated[
        Path | None, typer.Option("--folder", help="Rule files to look over; those in use if not given.")
    ] = None,
    sources: Annotated[
        Path | None,
        typer.Option("--sources", help="Folder with the texts that quotes come from; SHANHE_SOURCES if not given."),
    ] = None,
    access: Annotated[
        Path | None, typer.Option("--access", help="Folder of an access list; the one in use if not given.")
    ] = None,
    record: Annotated[
        bool, typer.Option("--record", help="Write the hashes of the quotes, once all are found in their texts.")
    ] = False,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> int:
    """Look over the rules and the access list: errors, contradictions, the decision tables. No rule is changed."""
    from app import rule_review
    from app.cli import rule_lists

    chosen = language(lang)
    data = rule_review.lint(rule_review.Given(folder, sources, access), record=record)
    listed(data, rule_lists.lint, chosen, as_json)
    return 0 if data["sound"] else FAULTS
