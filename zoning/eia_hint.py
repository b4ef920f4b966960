"""A hint at the class of environmental assessment a project probably needs, to be confirmed; it is never part of a verdict."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import yaml

from zoning import terms
from zoning.bilingual import Bilingual
from zoning.project import Project

BUILDS: Final = ("new", "rebuild", "expand", "relocate", "retrofit", "restore", "explore", "temporary")
"""Activities that may be a construction project; running and closing are none."""

CODE_IN_FORCE: Final = dt.date(2026, 8, 15)
"""Since the code took the place of the assessment law; whether the catalogue was renewed with it is not known."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the hints: which industries and activities it is for, and the class it suggests (None: not told by them)."""

    id: str
    title: Bilingual
    industries: tuple[str, ...]
    activities: tuple[str, ...]
    class_: str | None
    otherwise: Bilingual | None

    def fits(self, project: Project) -> bool:
        code = str(project.industry.code)
        return code.startswith(self.industries) and (not self.activities or project.activity in self.activities)


@cache
def packaged() -> Mapping[str, Any]:
    """The data behind this module."""
    data: Mapping[str, Any] = yaml.safe_load((files("zoning") / "eia_hints.yaml").read_text(encoding="utf-8"))
    return data


@cache
def rows() -> tuple[Row, ...]:
    """All rows in the order in which they are tried."""
    return tuple(
        Row(
            row["id"],
            Bilingual.of(row["title"]),
            tuple(row["industries"]),
            tuple(row.get("activities", ())),
            row["class"],
            Bilingual.of(row["otherwise"]) if row.get("otherwise") else None,
        )
        for row in packaged()["rows"]
    )


def hint(project: Project, met: Iterable[str], as_of: dt.date) -> dict[str, Any]:
    """What can honestly be said of the class of assessment.

    Parameters
    ----------
    project
        Industry and activity; the size is not looked at, so every row is to be confirmed.
    met
        The kinds of layers that the site lies on, of those searched.
    as_of
        The day of the check.

    Returns
    -------
    `class` (report, form, registration or None), `row` of the catalogue, `sensitive` kinds that the site meets, and `text`, a sentence in
    both languages. `status` is always ``to_confirm``.
    """
    catalogue = packaged()["catalogue"]
    builds = project.activity in BUILDS
    row = next((row for row in rows() if row.fits(project)), None) if builds else None
    sensitive = sorted(set(met) & set(packaged()["sensitive"])) if builds else []
    return {
        "status": "to_confirm",
        "class": row.class_ if row else None,
        "row": row.title.as_dict() if row else None,
        "sensitive": [{"layer": kind, "title": terms.layer_kind_title(kind).as_dict()} for kind in sensitive],
        "text": _text(row, sensitive, builds, as_of).as_dict(),
        "source": {"title": dict(catalogue["title"]), "number": catalogue["number"]},
    }


def _text(row: Row | None, sensitive: list[str], builds: bool, as_of: dt.date) -> Bilingual:
    if not builds:
        return Bilingual(
            "在产运营和关闭不是新的建设项目，不作环评类别提示。",
            "Running or closing a plant is no new construction project; no class is suggested.",
        )
    if row is None:
        zh = ["环评类别须查阅分类管理名录中与行业和规模对应的条目。"]
        en = ["Look up the class of assessment in the catalogue under the project's industry and size."]
    elif row.class_ is None:
        zh = [f"环评类别须查阅分类管理名录“{row.title.zh}”条目。"]
        en = [f"Look up the class of assessment in the catalogue under “{row.title.en}”."]
    else:
        title = Bilingual.of(packaged()["classes"][row.class_])
        zh = [f"可能编制{title.zh}（名录“{row.title.zh}”），待核实。"]
        en = [f"Probably an {title.en} (catalogue: “{row.title.en}”), to be confirmed."]
    if row is not None and row.otherwise:
        zh.append(f"{row.otherwise.zh}。")
        en.append(f"{row.otherwise.en[:1].upper()}{row.otherwise.en[1:]}.")
    if sensitive:
        kinds = [terms.layer_kind_title(kind) for kind in sensitive]
        zh.append(f"选址涉及环境敏感区（{'、'.join(k.zh for k in kinds)}），类别可能提高。")
        en.append(f"The site meets sensitive areas ({', '.join(k.en for k in kinds)}), which may raise the class.")
    if as_of >= CODE_IN_FORCE:
        zh.append("生态环境法典施行后名录是否修订待核实。")
        en.append("Whether the catalogue was renewed with the ecological and environmental code is to be confirmed.")
    return Bilingual("".join(zh), " ".join(en))
