"""The table that a benchmark prints, and the same figures as JSON; it measures nothing."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

_NAME = 58


@dataclass(frozen=True)
class Aim:
    """What a figure should not exceed (or, `at_least`, not fall below)."""

    limit: float
    unit: str
    at_least: bool = False

    def met(self, value: float) -> bool:
        return value >= self.limit if self.at_least else value <= self.limit

    def text(self, value: float) -> str:
        sign = "≥" if self.at_least else "≤"
        return f"aim {sign} {self.limit:g} {self.unit}: {'met' if self.met(value) else 'MISSED'}"


@dataclass
class Report:
    """Rows as they come in: each is printed at once, and all are written in the end."""

    rows: list[dict[str, Any]] = field(default_factory=list)

    def title(self, text: str) -> None:
        print(f"\n{text}", flush=True)

    def header(self) -> None:
        print(_padded("milliseconds") + "".join(f"{n:>9}" for n in ("p50", "p95", "p99", "max", "n")), flush=True)

    def times(self, name: str, taken: Sequence[float], p50: float | None = None, p95: float | None = None) -> None:
        """A row of milliseconds, with the aims of its median and of its 95th percentile."""
        found = dict(zip(("p50", "p95", "p99", "max"), np.percentile(taken, (50, 95, 99, 100)).tolist(), strict=True))
        aims = [
            f"{key} {Aim(limit, 'ms').text(found[key])}"
            for key, limit in (("p50", p50), ("p95", p95))
            if limit is not None
        ]
        figures = "".join(f"{found[key]:9.1f}" for key in ("p50", "p95", "p99", "max"))
        print(f"{_padded(name)}{figures}{len(taken):9d}  {'; '.join(aims)}".rstrip(), flush=True)
        self.rows.append({"name": name, "unit": "ms", **found, "n": len(taken), "aims": aims})

    def figure(self, name: str, value: float, unit: str, aim: Aim | None = None) -> None:
        """A row of one figure with its unit."""
        said = aim.text(value) if aim else ""
        print(f"{_padded(name)}{value:9.1f} {unit:<35}  {said}".rstrip(), flush=True)
        self.rows.append({"name": name, "unit": unit, "value": value, "aims": [said] if said else []})

    def failed(self, name: str, why: str) -> None:
        """A row that could not be measured: that is a miss, and it says why."""
        print(f"{_padded(name)}        — {why}: MISSED", flush=True)
        self.rows.append({"name": name, "failed": why, "aims": ["MISSED"]})

    def missed(self) -> int:
        return sum("MISSED" in aim for row in self.rows for aim in row["aims"])

    def write(self, path: Path, **about: Any) -> None:
        path.parent.mkdir(exist_ok=True)
        text = json.dumps({**about, "rows": self.rows}, ensure_ascii=False, indent=1)
        path.write_text(text + "\n", encoding="utf-8")


def _padded(name: str) -> str:
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in name)
    return name + " " * max(_NAME - len(name) - wide, 1)
