"""Reads what either door was asked (texts, dates, documents) into the domain's own types; it answers nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.service import today
from zoning.bilingual import Bilingual
from zoning.errors import BadProject
from zoning.identity import Question
from zoning.project import Project
from zoning.site import Site


def day(text: str | None, *, field: str = "as_of") -> dt.date:
    """A day written as 2024-06-30; today when none is given. Raises `BadProject` ``date-invalid``."""
    if text is None:
        return today()
    try:
        found = dt.date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.isoformat() != text:
        raise BadProject(
            "date-invalid",
            Bilingual(f"日期写作 2024-06-30：{text}", f"Write dates as 2024-06-30: {text}"),
            field=field,
            value=text,
        )
    return found


def document(text: str) -> dict[str, str]:
    """A document held, given as ``kind=…,number=…,date=…,issuer=…``. Raises `BadProject` ``document-incomplete``.

    >>> document("kind=energy_review,number=晋能评〔2023〕1号")
    {'kind': 'energy_review', 'number': '晋能评〔2023〕1号'}
    """
    found: dict[str, str] = {}
    for part in text.split(","):
        key, sign, value = part.partition("=")
        if not sign or key.strip() in found:
            raise BadProject(
                "document-incomplete",
                Bilingual(
                    f"文件写作 kind=…,number=…,date=…，每项一次：{text}",
                    f"Write a document as kind=…,number=…,date=…, each once: {text}",
                ),
                field="documents",
                value=text,
            )
        found[key.strip()] = value.strip()
    return found


def question(
    site: Site,
    *,
    industry: str,
    activity: str,
    attributes: Mapping[str, Any] | Sequence[str] = (),
    documents: Iterable[Mapping[str, Any]] = (),
    name: str = "",
    as_of: str | None = None,
) -> Question:
    """The question a request asks. Raises `BadProject` for whatever is unknown in it, naming what is allowed."""
    project = Project.of(industry, activity, attributes, tuple(documents), name)
    return Question(site, project, day(as_of))
