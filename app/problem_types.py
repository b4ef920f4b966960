"""Every problem `type` there is: when it comes and what to do, in both languages, and the page that lists them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from zoning.bilingual import Bilingual


@dataclass(frozen=True, slots=True)
class ProblemType:
    """One type. `group` is the heading it stands under, `title` says when it comes, `remedy` what to do."""

    id: str
    group: str
    title: Bilingual
    remedy: Bilingual


@cache
def declared() -> dict[str, ProblemType]:
    """All types by id, in the order of `app/problem_types.yaml`."""
    data = yaml.safe_load((files("app") / "problem_types.yaml").read_text(encoding="utf-8"))
    return {
        id: ProblemType(id, group, Bilingual.of(one["title"]), Bilingual.of(one["do"]))
        for group, entries in data["types"].items()
        for id, one in entries.items()
    }


@cache
def groups() -> dict[str, Bilingual]:
    """The headings, in order."""
    data = yaml.safe_load((files("app") / "problem_types.yaml").read_text(encoding="utf-8"))
    return {id: Bilingual.of(title) for id, title in data["groups"].items()}


def title(type: str) -> Bilingual:
    """When a type comes, in a phrase; one not declared is shown by its id."""
    found = declared().get(type)
    return found.title if found else Bilingual(type, type)


def remedy(type: str) -> Bilingual:
    """What to do about a type; nothing for one not declared."""
    found = declared().get(type)
    return found.remedy if found else Bilingual("", "")


def page() -> str:
    """The text of `docs/problems.md`."""
    out = [
        "# Problem types 问题类型",
        "",
        "Every error has a stable `type`. Over HTTP it is the last part of the problem document's `type`",
        "(`urn:shanhe:problem:<type>`, RFC 9457); on the command line it is the first word of the one line on stderr.",
        "Nothing is stored when one of these comes. This page is written by `python -m app.problem_types`.",
        "",
        "每个错误都有固定的 `type`。HTTP 接口在 problem+json 的 `type` 末段给出，命令行在标准错误的一行开头给出。",
        "出现这些错误时不保存任何内容。",
    ]
    for id, heading in groups().items():
        out += [
            "",
            f"## {heading.en} {heading.zh}",
            "",
            "| type | when 何时出现 | what to do 怎么办 |",
            "|---|---|---|",
        ]
        for one in declared().values():
            if one.group == id:
                out.append(f"| `{one.id}` | {one.title.en}<br>{one.title.zh} | {one.remedy.en}<br>{one.remedy.zh} |")
    return "\n".join(out) + "\n"


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201 (a command's answer)
