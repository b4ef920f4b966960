"""`python -m app.demo`: the verdict of one sample project, and how to go on from there."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from app import request, service
from app.cli.answer import summary
from app.cli.screen import Screen, error_line
from app.cli.session import opened
from app.language import from_environment
from app.routes.schema import CHECK_EXAMPLE
from layers.settings import CHECKOUT, settings
from layers.sitefile import read_site_file, read_site_geojson
from zoning.bilingual import Bilingual
from zoning.errors import ShanheError
from zoning.site import Site

PROJECTS = CHECKOUT / "data" / "projects"
AS_OF = "2024-06-30"
"""A day inside the period of the plans that the sample projects come from."""


@dataclass(frozen=True)
class Sample:
    """A made-up project with its site. `file` is the site's file relative to the checkout, None when there is none."""

    title: Bilingual
    site: Site
    project: Mapping[str, Any]
    file: Path | None

    @property
    def command(self) -> str:
        """The same question on the command line."""
        words = [".venv/bin/shanhe", "check", str(self.file or "SITE.geojson")]
        words += ["--industry", self.project["industry"], "--activity", self.project["activity"]]
        for name, value in self.project.get("attributes", {}).items():
            words += ["--attr", f"{name}={str(value).lower() if isinstance(value, bool) else value}"]
        return shlex.join([*words, "--as-of", AS_OF])


def sample(folder: Path = PROJECTS) -> Sample:
    """The sample project that is shown: number 7, else the first, else a small one made here."""
    declared = folder / "projects.yaml"
    projects = yaml.safe_load(declared.read_text(encoding="utf-8"))["projects"] if declared.exists() else []
    if not projects:
        project = CHECK_EXAMPLE["project"]
        title = Bilingual(project["name"], project["name"])
        return Sample(title, read_site_geojson(CHECK_EXAMPLE["site"]), project, None)
    project = next((one for one in projects if one["id"].startswith("07-")), projects[0])
    path = folder / project["file"]
    shown = path.relative_to(CHECKOUT) if path.is_relative_to(CHECKOUT) else path
    return Sample(Bilingual.of(project["title"]), read_site_file(path), project, shown)


def main() -> int:
    """Print the sample's verdict; 0 when there is one, whatever it is."""
    lang = from_environment(os.environ)
    screen = Screen.standard(lang)
    try:
        chosen = sample()
        project = chosen.project
        question = request.question(
            chosen.site,
            industry=project["industry"],
            activity=project["activity"],
            attributes=project.get("attributes", {}),
            documents=project.get("documents", ()),
            name=chosen.title.zh,
            as_of=AS_OF,
        )
        with opened() as engine:
            answer = service.ask(engine, question)
    except ShanheError as error:
        print(error_line(error, lang), file=sys.stderr)  # noqa: T201 (a command's answer)
        return error.exit_code
    summary(answer.data, screen)
    screen.heading(Bilingual("以上示例项目（位置为虚构）", "The sample project above (its location is invented)"))
    screen.line(screen.pick(chosen.title), indent=2)
    screen.heading(Bilingual("接下来可以", "What to try next"))
    address = f"http://{settings().host}:{settings().port}"
    for text, command in (
        (
            Bilingual(
                f"打开服务 {address}（接口说明 {address}/docs）：",
                f"open the service at {address} (reference: {address}/docs):",
            ),
            "make serve",
        ),
        (
            Bilingual("同一核查，含全部细节，英文：", "the same check with every detail, in Chinese:"),
            f"{chosen.command} --lang {screen.pick(Bilingual('en', 'zh'))}",
        ),
        (Bilingual("所用图层及来源：", "the layers used and where they come from:"), ".venv/bin/shanhe layers"),
    ):
        screen.line(screen.pick(text), indent=2)
        screen.command(command)
    return 0


if __name__ == "__main__":
    sys.exit(main())
