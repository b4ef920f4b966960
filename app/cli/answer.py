"""A check on the screen: the six lines, the findings as a table, then every detail; it adds nothing to the check's own data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from rich.cells import cell_len

from app.cli.detail import details
from app.cli.finding import brief_measure, clause, feature_name, margin, outcome
from app.cli.screen import Screen
from zoning.bilingual import Bilingual

COLOUR: Final = {
    "prohibited": "bold red",
    "restricted": "bold yellow",
    "unknown": "bold magenta",
    "attention": "bold cyan",
    "clear": "bold",
}
_HEAD: Final = {
    "outcome": Bilingual("结论", "Outcome"),
    "rule": Bilingual("规则", "Rule"),
    "feature": Bilingual("对象", "Feature"),
    "measure": Bilingual("压占／距离", "Overlap/distance"),
    "margin": Bilingual("余量", "Margin"),
    "clause": Bilingual("条款", "Clause"),
}
_WIDE: Final = 90
"""Room for rule, feature and clause, in cells, from which on each has its own column."""


def show(check: Mapping[str, Any], screen: Screen) -> None:
    """Print a check document (`Check.as_dict`)."""
    summary(check, screen)
    details(check, screen)


def summary(check: Mapping[str, Any], screen: Screen) -> None:
    """Print the six lines and the findings' table."""
    for n, line in enumerate(check["lines"]):
        screen.line(screen.pick(line), whole=True, style=COLOUR[check["verdict"]] if n == 0 else "")
    if check["findings"]:
        screen.heading(Bilingual(f"核查发现（{len(check['findings'])}）", f"Findings ({len(check['findings'])})"))
        _table(check["findings"], screen)


def _table(findings: list[Mapping[str, Any]], screen: Screen) -> None:
    rows = [
        {
            "outcome": outcome(f, screen).replace(" → ", "\n→ "),
            "rule": screen.pick(f["title"]),
            "feature": feature_name(f, screen),
            "measure": brief_measure(f, screen),
            "margin": margin(f),
            "clause": clause(f, screen),
        }
        for f in findings
    ]
    fixed = [key for key in ("outcome", "measure", "margin") if any(row[key] != "—" for row in rows)]
    width = {key: max(cell_len(part) for row in rows for part in row[key].split("\n")) for key in fixed}
    for key in fixed:
        width[key] = max(width[key], *(cell_len(word) for word in screen.pick(_HEAD[key]).split("/")))
    room = screen.width - sum(width.values()) - 2 * len(fixed)
    if room >= _WIDE:
        keys = ["outcome", "rule", "feature", *(k for k in ("measure", "margin") if k in fixed), "clause"]
        room -= 6
        width |= {"rule": room * 40 // 100, "feature": room * 24 // 100, "clause": room * 36 // 100}
    else:
        for row in rows:
            row["rule"] = "\n".join([row["rule"], row["feature"], f"[{row['clause']}]"])
        keys = ["outcome", "rule", *(k for k in ("measure", "margin") if k in fixed)]
        width["rule"] = max(room - 2, 16)
    titles = [screen.pick(_HEAD[key]).replace("/", "/ ") for key in keys]
    screen.table(titles, [[row[key] for key in keys] for row in rows], [width[key] for key in keys])
