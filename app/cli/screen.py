"""Where the command line's words go: a console that knows its width and language; errors are one line on stderr."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.cli.wrapping import wrap
from zoning.bilingual import Bilingual, Lang
from zoning.errors import ShanheError

NARROWEST: Final = 40


@dataclass(frozen=True)
class Screen:
    """Standard output in one language. `wraps` is false when the output goes to a file or pipe of no stated width."""

    console: Console
    lang: Lang
    wraps: bool

    @classmethod
    def standard(cls, lang: Lang) -> Screen:
        """The process's own output; no colour and no control codes unless it is a terminal."""
        console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
        return cls(console, lang, console.is_terminal or bool(os.environ.get("COLUMNS")))

    @property
    def width(self) -> int:
        return max(self.console.width, NARROWEST)

    def pick(self, text: Bilingual | dict[str, Any]) -> str:
        """A text in the screen's language, from `Bilingual` or its JSON form."""
        return text.get(self.lang) if isinstance(text, Bilingual) else str(text[self.lang])

    def line(self, text: str = "", *, indent: int = 0, hang: int = 2, style: str = "", whole: bool = False) -> None:
        """One paragraph. `whole` keeps it on one line when the output is not a terminal."""
        pad = " " * indent
        lines = [text] if whole and not self.wraps else wrap(text, self.width - indent, hang=hang)
        for one in lines:
            self.console.print(Text((pad + one).rstrip(), style=style), overflow="ignore", crop=False)

    def command(self, text: str) -> None:
        """A command to copy: never wrapped here."""
        self.console.print(Text(f"    {text}"), overflow="ignore", crop=False)

    def heading(self, text: Bilingual) -> None:
        self.line()
        self.line(self.pick(text), style="bold")

    def table(self, titles: list[str], rows: list[list[str]], widths: list[int]) -> None:
        """Cells are wrapped here, by the rules of the language, to `widths` cells."""
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
        for title, width in zip(titles, widths, strict=True):
            table.add_column("\n".join(wrap(title, width)), width=width, no_wrap=True, overflow="ignore")
        for row in rows:
            cells = [
                "\n".join(one for part in c.split("\n") for one in wrap(part, w))
                for c, w in zip(row, widths, strict=True)
            ]
            table.add_row(*(Text(cell) for cell in cells))
        if self.console.is_terminal:
            self.console.print(table, soft_wrap=False)
            return
        with self.console.capture() as captured:
            self.console.print(table, soft_wrap=False, width=max(self.width, sum(widths) + 2 * len(widths)))
        for one in captured.get().rstrip("\n").split("\n"):
            self.console.print(Text(one.rstrip()), overflow="ignore", crop=False)


def raw(text: str) -> None:
    """Exactly this text in UTF-8, whatever the locale."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode())
    sys.stdout.buffer.flush()


def error_line(error: ShanheError, lang: Lang) -> str:
    """`type: message (file …, part …, at …)` on one line; what the message already says is not said again."""
    message = " ".join(error.text(lang).split())
    more = [text for text in _places(error, lang) if text]
    if more:
        zh = lang == "zh"
        message += f"（{'，'.join(more)}）" if zh else f" ({', '.join(more)})"
    return f"{error.type}: {message}"


def _places(error: ShanheError, lang: Lang) -> list[str]:
    zh, message, where = lang == "zh", error.text(lang), error.where
    found = []
    file, feature, ring, at = (where.get(key) for key in ("file", "feature", "ring", "coordinate"))
    if file and str(file) not in message:
        found.append(f"文件 {file}" if zh else f"file {file}")
    if feature and f"第 {feature} 个" not in message and f"feature {feature}" not in message:
        found.append(f"第 {feature} 个图形" if zh else f"part {feature}")
    if ring and f"第 {ring} 环" not in message and f"ring {ring}" not in message:
        found.append(f"第 {ring} 环" if zh else f"ring {ring}")
    if isinstance(at, (list, tuple)) and len(at) == 2 and not all(f"{v:.6g}" in message for v in at):
        found.append(f"位于 {at[0]:.9g}, {at[1]:.9g}" if zh else f"at {at[0]:.9g}, {at[1]:.9g}")
    return found
