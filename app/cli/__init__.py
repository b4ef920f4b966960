"""The command line `shanhe`: reads options, calls the service, prints. Heavy parts are imported only by the commands that need them."""

# ruff: noqa: PLC0415 (a command imports what it needs when it runs, so that help is quick)
from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from app.cli.options import JsonOption, LangOption, language, listed
from app.cli.rules import rules
from app.language import from_environment, named
from zoning.bilingual import Bilingual, Lang
from zoning.errors import BadInput, ShanheError

EXIT: Final = {"clear": 0, "attention": 0, "unknown": 3, "restricted": 4, "prohibited": 5}
MISMATCH: Final = 6

_USAGE_ERROR: Final[type[Exception]] = next(c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException")

cli = typer.Typer(
    name="shanhe",
    help="Shanhe 山河: may this project be built here? Sites are checked against cited rules.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

ReleaseOption = Annotated[int | None, typer.Option("--release", help="Data release; the newest if not given.")]

cli.add_typer(rules, name="rules")


def _version(wanted: bool) -> None:
    if wanted:
        from zoning import __version__

        typer.echo(f"shanhe {__version__}")
        raise typer.Exit


@cli.callback()
def shanhe(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


@cli.command(
    epilog="\b\nExample: shanhe check site.geojson --industry N7820 --activity new --as-of 2024-06-30\n"
    "Exit code: 0 clear or attention, 1 internal error, 2 bad input, 3 unknown, 4 restricted, 5 prohibited."
)
def check(
    site: Annotated[
        Path,
        typer.Argument(
            help="GeoJSON, zipped Shapefile, GPKG, KML, KMZ, DXF, corner-point TXT, CSV or WKT.", metavar="SITE"
        ),
    ],
    *,
    industry: Annotated[str, typer.Option("--industry", help="GB/T 4754-2017 class: C2521, 2521 or 炼焦.")],
    activity: Annotated[
        str,
        typer.Option(
            "--activity",
            help="new, rebuild, expand, relocate, retrofit, restore, explore, temporary, operate or close.",
        ),
    ],
    attr: Annotated[
        list[str] | None,
        typer.Option("--attr", metavar="KEY=VALUE", help="A fact; may be repeated. See shanhe attributes."),
    ] = None,
    document: Annotated[
        list[str] | None,
        typer.Option("--document", metavar="kind=…,number=…,date=…", help="A document held; may be repeated."),
    ] = None,
    crs: Annotated[str | None, typer.Option("--crs", help="CRS of the coordinates, e.g. EPSG:4546.")] = None,
    layer: Annotated[
        str | None,
        typer.Option("--layer", metavar="NAME", help="The layer that is the site, where a file has several."),
    ] = None,
    accuracy: Annotated[float, typer.Option("--accuracy", metavar="M", help="Accuracy of the site, m.")] = 0.0,
    half_width: Annotated[
        float | None, typer.Option("--half-width", metavar="M", help="For lines and points, m.")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="As 2024-06-30; today if not given.")
    ] = None,
    release: ReleaseOption = None,
    name: Annotated[str, typer.Option("--name", help="The project's name, for people.")] = "",
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> int:
    """May this project be built here? Six lines, then details."""
    from app import request, service
    from app.cli import screen
    from app.cli.session import opened

    chosen = language(lang)
    from layers.sitefile import read_site_file

    read = read_site_file(site, crs=crs, layer=layer, accuracy_m=accuracy, half_width_m=half_width)
    documents = [request.document(text) for text in document or ()]
    question = request.question(
        read, industry=industry, activity=activity, attributes=attr or (), documents=documents, name=name, as_of=as_of
    )
    with opened() as engine:
        answer = service.ask(engine, question, release)
    if as_json:
        screen.raw(answer.text + "\n")
    else:
        from app.cli.answer import show

        show(answer.data, screen.Screen.standard(chosen))
    return EXIT[answer.data["verdict"]]


@cli.command(
    epilog="\b\nExample: shanhe verify check.json (made by shanhe check … --json > check.json)\n"
    f"Exit code: 0 match, {MISMATCH} no match, 1 internal error, 2 bad input."
)
def verify(
    document: Annotated[Path, typer.Argument(help="The output of shanhe check --json.", metavar="CHECK.json")],
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> int:
    """Recompute a check and say match, or where not."""
    from app import service
    from app.cli import lists, screen
    from app.cli.session import opened, read_check
    from zoning.canonical import canonical_json

    chosen = language(lang)
    data = read_check(document)
    with opened() as engine:
        found = service.verify(engine, data)
    if as_json:
        screen.raw(canonical_json(found.as_dict()) + "\n")
    else:
        lists.verification(found.as_dict(), screen.Screen.standard(chosen))
    return 0 if found.match else MISMATCH


@cli.command(epilog="Example: shanhe layers --release 1")
def layers(release: ReleaseOption = None, lang: LangOption = None, as_json: JsonOption = False) -> None:
    """The layers held: status, accuracy, version, coverage, source."""
    from app import holdings
    from app.cli import lists
    from app.cli.session import opened

    chosen = language(lang)
    with opened() as engine:
        data = holdings.layers(engine, release)
    listed(data, lists.layers, chosen, as_json)


@cli.command(epilog="Example: shanhe industries 炼焦")
def industries(
    text: Annotated[str, typer.Argument(help="Code or part of a name.", metavar="TEXT")],
    limit: Annotated[int, typer.Option("--limit", min=1, help="Show at most so many.")] = 50,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Search GB/T 4754-2017 by code or name."""
    from app import reference
    from app.cli import lists

    listed(reference.industries(text, limit), lists.industries, language(lang), as_json)


@cli.command("places", epilog="Example: shanhe places 漳沱河, or shanhe places --unplaced --lang zh")
def find_places(
    text: Annotated[str, typer.Argument(help="Name, code or part of one.", metavar="[TEXT]", show_default=False)] = "",
    *,
    kind: Annotated[
        str | None, typer.Option("--kind", help="A layer or class: county, river, spring, key_project.")
    ] = None,
    unplaced: Annotated[
        bool, typer.Option("--unplaced", help="Only places without a position, with the reason.")
    ] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=200, help="The most on a page.")] = 20,
    after: Annotated[str | None, typer.Option("--after", metavar="NEXT", help="The next page.")] = None,
    release: ReleaseOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find a place: counties, rivers, units, and what the plans name."""
    from app import places as lookup
    from app.cli.places import show
    from app.cli.session import opened

    chosen = language(lang)
    with opened() as engine:
        data = lookup.found(
            engine, text, kind=kind, placed=False if unplaced else None, limit=limit, after=after, number=release
        )
    listed(data, show, chosen, as_json)


@cli.command(epilog="Example: shanhe unit ZH14082429001 --lang zh")
def unit(
    code: Annotated[str, typer.Argument(help="Code of a control unit.", metavar="CODE")],
    release: ReleaseOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """A control unit: class, areas, access list, overlapping layers."""
    from app import units
    from app.cli.session import opened
    from app.cli.units import show

    chosen = language(lang)
    with opened() as engine:
        data = units.one(engine, code, release)
    listed(data, show, chosen, as_json)


@cli.command(epilog="Example: shanhe attributes --lang zh")
def attributes(lang: LangOption = None, as_json: JsonOption = False) -> None:
    """The facts, activities and documents a project may state."""
    from app import reference
    from app.cli import lists

    listed(reference.facts(), lists.facts, language(lang), as_json)


@cli.command(epilog="Example: shanhe load")
def load(lang: LangOption = None) -> None:
    """Bring the tables up to date, load the bundled data."""
    from app.cli import lists
    from app.cli.screen import Screen
    from app.cli.session import opened
    from layers.load import bring_up

    chosen = language(lang)
    with opened() as engine:
        loaded = bring_up(engine)
    lists.loaded(loaded, Screen.standard(chosen))


@cli.command(epilog="Example: shanhe serve --port 8080")
def serve(
    host: Annotated[str | None, typer.Option("--host", help="Address; SHANHE_HOST or 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option("--port", min=1, max=65535, help="Port; SHANHE_PORT or 8000.")] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, max=64, help="Processes; SHANHE_WORKERS or one a core, at most 4.")
    ] = None,
) -> None:
    """Serve HTTP; the reference is at /docs."""
    import uvicorn

    from layers.database import database_url
    from layers.settings import settings

    # The processes of the service find the same database, and a cluster that is down is started once.
    os.environ["SHANHE_DATABASE_URL"] = database_url().render_as_string(hide_password=False)
    os.environ.setdefault("MALLOC_ARENA_MAX", "2")  # threads that draw tiles would each keep memory for themselves
    at, by = host or settings().host, port or settings().port
    many = workers or settings().workers or min(os.cpu_count() or 1, 4)
    typer.echo(f"Shanhe: http://{at}:{by} (reference: /docs). Ctrl-C stops it. 按 Ctrl-C 停止。")
    uvicorn.run(
        "app.http:create_app",
        factory=True,
        host=at,
        port=by,
        workers=many,
        log_level="warning",
        server_header=False,
        timeout_worker_healthcheck=60,
    )


def _language_of(arguments: Sequence[str]) -> Lang:
    """The language for errors, known before the options are read."""
    for at, word in enumerate(arguments):
        given = arguments[at + 1 : at + 2] if word == "--lang" else [word[7:]] if word.startswith("--lang=") else []
        if given and given[0] in ("zh", "en"):
            return named(given[0])
    return from_environment(os.environ)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; every error is one line on stderr."""
    given = list(sys.argv[1:] if arguments is None else arguments) or ["--help"]
    lang = _language_of(given)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = cli(given, prog_name="shanhe", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except _USAGE_ERROR as error:
        return _failed(_usage(error), lang)
    except ShanheError as error:
        return _failed(error, lang)
    except Exception as error:
        if os.environ.get("SHANHE_DEBUG") == "1":
            raise
        return _failed(_internal(error), lang)
    return code if isinstance(code, int) else 0


def _failed(error: ShanheError, lang: Lang) -> int:
    from app.cli.screen import error_line

    print(error_line(error, lang), file=sys.stderr)  # noqa: T201 (a command's answer)
    return error.exit_code


def _usage(error: Exception) -> ShanheError:
    """A wrong command line as one of the project's own errors."""
    said = error.format_message() if hasattr(error, "format_message") else str(error)
    kind = type(error).__name__
    parameter = getattr(error, "param", None)
    name = parameter.opts[0] if parameter is not None and parameter.opts else ""
    zh = said
    if kind == "NoSuchOption":
        zh = f"没有选项 {getattr(error, 'option_name', '')}"
    elif kind == "MissingParameter" and name:
        zh = f"缺少 {name}"
    elif kind == "BadParameter" and name:
        zh = f"{name} 的值有误：{getattr(error, 'message', said)}"
    elif said.startswith("No such command"):
        zh = f"没有命令 {said.split()[-1].strip(chr(39) + '.')}"
    said, zh = said.rstrip("."), zh.rstrip(".")
    return BadInput("usage", Bilingual(f"{zh}（用 --help 查看写法）", f"{said} (see --help)"))


def _internal(error: Exception) -> ShanheError:
    kind = type(error).__name__
    return ShanheError(
        "internal",
        Bilingual(
            f"系统内部错误 {kind}：{error}。没有得出结论，也没有保存；设 SHANHE_DEBUG=1 可看详情。",
            f"Something failed inside, {kind}: {error}. Nothing was decided; SHANHE_DEBUG=1 shows more.",
        ),
    )
