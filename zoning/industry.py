"""The national industry classification GB/T 4754-2017: its codes, names and search; it knows no rules and asks nobody."""

from __future__ import annotations

import csv
import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from zoning.bilingual import Bilingual
from zoning.errors import BadProject
from zoning.industry_group import Group, groups, groups_of, in_group, lint_groups, packaged

__all__ = [
    "Former",
    "Found",
    "Group",
    "Industries",
    "Industry",
    "IndustryCode",
    "groups",
    "groups_of",
    "in_group",
    "industries",
    "lint_groups",
    "packaged",
]

Level = Literal["section", "division", "group", "class"]
_LEVELS: Mapping[int, Level] = {1: "section", 3: "division", 4: "group", 5: "class"}
_LEVEL_NAMES: Mapping[Level, Bilingual] = {
    "section": Bilingual("门类", "section"),
    "division": Bilingual("大类", "division"),
    "group": Bilingual("中类", "group"),
    "class": Bilingual("小类", "class"),
}
_FIRST_DIVISION: Mapping[str, int] = {
    "A": 1, "B": 6, "C": 13, "D": 44, "E": 47, "F": 51, "G": 53, "H": 61, "I": 63, "J": 66,
    "K": 70, "L": 71, "M": 73, "N": 76, "O": 80, "P": 83, "Q": 84, "R": 86, "S": 91, "T": 97,
}  # fmt: skip
"""The number of the first division of each section; divisions run from 01 to 97."""


class IndustryCode(str):
    """A section letter and 0, 2, 3 or 4 digits: C, C25, C252, C2521. The spelling is checked, the existence is not."""

    __slots__ = ()

    @classmethod
    def of(cls, text: str) -> IndustryCode | None:
        """The code that a text spells, or None; without a letter, the division's number tells the section.

        >>> IndustryCode.of("2521"), IndustryCode.of(" c25 "), IndustryCode.of("炼焦")
        ('C2521', 'C25', None)
        """
        match = re.fullmatch(r"([A-T]?)(\d{2,4})|([A-T])", _plain(text).upper())
        if match is None:
            return None
        letter, digits, section = match.groups()
        if section:
            return cls(section)
        return cls((letter or _section_of(int(digits[:2]))) + digits)

    @property
    def level(self) -> Level:
        return _LEVELS[len(self)]

    @property
    def section(self) -> str:
        return self[0]

    @property
    def parent(self) -> IndustryCode | None:
        """The code one level up, or None for a section."""
        return None if len(self) == 1 else IndustryCode(self[0] if len(self) == 3 else self[:-1])


def _section_of(division: int) -> str:
    return max((letter for letter, first in _FIRST_DIVISION.items() if first <= division), default="A")


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


@dataclass(frozen=True, slots=True)
class Industry:
    """One entry of the classification. `name_en` is empty where no English name is kept."""

    code: IndustryCode
    name_zh: str
    name_en: str

    @property
    def level(self) -> Level:
        return self.code.level

    @property
    def section(self) -> str:
        return self.code.section

    @property
    def parent(self) -> IndustryCode | None:
        return self.code.parent

    def title(self) -> Bilingual:
        """Code and name; where there is no English name the Chinese one stands in."""
        return Bilingual(f"{self.code} {self.name_zh}", f"{self.code} {self.name_en or self.name_zh}")


@dataclass(frozen=True, slots=True)
class Former:
    """A code of the 2011 edition that is gone or means something else now, and the classes of 2017 that took its place."""

    code: IndustryCode
    name_zh: str
    now: tuple[IndustryCode, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """Search results; `total` counts all matches, `shown` holds the first of them."""

    shown: tuple[Industry, ...]
    total: int


class Industries:
    """The whole classification, by code, and what is known of the edition before it."""

    def __init__(self, entries: Iterable[Industry], former: Iterable[Former] = ()) -> None:
        self.entries: Mapping[IndustryCode, Industry] = {e.code: e for e in entries}
        self.former: Mapping[IndustryCode, Former] = {f.code: f for f in former}
        self._classes = {_plain(e.name_zh): e for e in self.entries.values() if e.level == "class"}

    def __len__(self) -> int:
        return len(self.entries)

    def get(self, code: str) -> Industry:
        """The entry of a code at any level, ``C25`` or ``2521``; raises `BadProject` as `resolve` does."""
        spelled = IndustryCode.of(code)
        entry = self.entries.get(spelled) if spelled else None
        if entry is None:
            raise self._unknown(code, spelled)
        return entry

    def children(self, code: str) -> tuple[Industry, ...]:
        """All classes under a code, in code order."""
        return tuple(
            e for e in self.entries.values() if e.level == "class" and e.code.startswith(code) and e.code != code
        )

    def search(self, text: str, limit: int = 20) -> Found:
        """Entries that match every word of `text`: a code's beginning, or part of a Chinese or English name.

        Classes come first, then by code.
        """
        words = _plain(text).split()
        hits = [e for e in self.entries.values() if words and all(_matches(e, word) for word in words)]
        hits.sort(key=lambda e: (e.level != "class", e.code))
        return Found(tuple(hits[:limit]), len(hits))

    def resolve(self, text: str) -> Industry:
        """The class that a request means: ``C2521``, ``2521``, ``炼焦``, ``coking`` or ``C2521 炼焦``.

        Raises `BadProject` ``industry-unknown`` (with suggestions), ``industry-2011-edition`` (a code that is gone, or that
        stands with its name of 2011), ``industry-name-differs`` or ``industry-too-coarse`` (with all classes to choose from).

        >>> industries().resolve("2521").name_zh, str(industries().resolve("水泥制造").code)
        ('炼焦', 'C3011')
        """
        match = re.fullmatch(r"([A-Ta-t]?\d{2,}|[A-Ta-t](?![A-Za-z]))[\s,、:—-]*(.*)", _plain(text))
        if match is None:
            return self._by_name(text, _plain(text))
        code, name = IndustryCode.of(match[1]), match[2]
        if name.startswith("(") and name.endswith(")"):
            name = name[1:-1].strip()
        former = self.former.get(code) if code else None
        entry = self.entries.get(code) if code else None
        if former and (entry is None or name == _plain(former.name_zh) != _plain(entry.name_zh)):
            raise self._edition(text, former)
        if entry is None:
            raise self._unknown(text, code, name)
        if name and name.lower() not in (_plain(entry.name_zh).lower(), entry.name_en.lower()):
            raise self._name_differs(text, entry, name)
        return self._as_class(text, entry)

    def renamed(self, code: str) -> Bilingual | None:
        """A notice for a class whose code meant something else in the 2011 edition."""
        former = self.former.get(IndustryCode(code))
        if former is None or former.code not in self.entries:
            return None
        now = self.entries[former.code]
        return Bilingual(
            f"{code} 在 2011 版是“{former.name_zh}”，此处按 GB/T 4754-2017 的“{now.name_zh}”核查。",
            f"{code} was {former.name_zh} in the 2011 edition; it is taken as {now.title().en} of GB/T 4754-2017.",
        )

    def _by_name(self, text: str, name: str) -> Industry:
        if name in self._classes:
            return self._classes[name]
        wanted = name.lower()
        found = [e for e in self.entries.values() if wanted and wanted in (_plain(e.name_zh), e.name_en.lower())]
        classes = [e for e in found if e.level == "class"]
        if len(classes) == 1:
            return classes[0]
        if found:
            return self._as_class(text, min(found, key=lambda e: (len(e.code), e.code)))
        former = next((f for f in self.former.values() if _plain(f.name_zh) == name), None)
        if former is not None:
            raise self._edition(text, former)
        raise self._unknown(text, None, name)

    def _as_class(self, text: str, entry: Industry) -> Industry:
        if entry.level == "class":
            return entry
        classes = self.children(entry.code)
        below = classes
        if entry.level == "section":
            below = tuple(e for e in self.entries.values() if e.parent == entry.code)
        level, listed = _LEVEL_NAMES[entry.level], _listed(below)
        within = Bilingual("可选", "choose one of") if below is classes else Bilingual("其大类有", "its divisions are")
        raise BadProject(
            "industry-too-coarse",
            Bilingual(
                f"{entry.title().zh} 是{level.zh}，请填小类（4 位代码，共 {len(classes)} 个）；{within.zh}：{listed.zh}。",
                f"{entry.title().en} is a {level.en}; give a class of four digits ({len(classes)} in all); "
                f"{within.en}: {listed.en}.",
            ),
            **_where(text, below),
        )

    def _name_differs(self, text: str, entry: Industry, name: str) -> BadProject:
        named = self._classes.get(name)
        hint = Bilingual(f"“{name}”是 {named.code}。", f"{name} is {named.code}. ") if named else Bilingual("", "")
        return BadProject(
            "industry-name-differs",
            Bilingual(
                f"代码 {entry.code} 是“{entry.name_zh}”，不是“{name}”。{hint.zh}请只写代码或改正名称。",
                f"{entry.title().en} is not {name}. {hint.en}Give the code alone or mend the name.",
            ),
            **_where(text, [entry, named] if named else [entry]),
        )

    def _edition(self, text: str, former: Former) -> BadProject:
        now = [self.entries[c] for c in former.now]
        listed = _listed(now)
        return BadProject(
            "industry-2011-edition",
            Bilingual(
                f"{text!r} 是 2011 版的代码或名称（{former.code} {former.name_zh}）；本系统用 GB/T 4754-2017：{listed.zh}。",
                f"{text!r} is from the 2011 edition ({former.code} {former.name_zh}); GB/T 4754-2017 has {listed.en}.",
            ),
            **_where(text, now),
        )

    def _unknown(self, text: str, code: IndustryCode | None, name: str = "") -> BadProject:
        near = self._nearest(code, name or _plain(text))
        listed = _listed(near)
        hint = Bilingual("请按代码或名称查找。", "Search by code or name.")
        if near:
            hint = Bilingual(f"相近的有：{listed.zh}。", f"Near it: {listed.en}.")
        return BadProject(
            "industry-unknown",
            Bilingual(f"GB/T 4754-2017 中没有 {text!r}。{hint.zh}", f"GB/T 4754-2017 has no {text!r}. {hint.en}"),
            **_where(text, near),
        )

    def _nearest(self, code: IndustryCode | None, name: str) -> tuple[Industry, ...]:
        """The same digits in their right section, everything beside the code, or at most five entries of like name."""
        if code:
            right = IndustryCode.of(code[1:]) or code
            if right in self.entries:
                return (self.entries[right],)
            for above in (right[:4], right[:3]):
                if beside := tuple(e for e in self.entries.values() if e.parent == above):
                    return beside
        close = difflib.get_close_matches(name, self._classes, n=5, cutoff=0.4)
        return self.search(name, 5).shown or tuple(self._classes[n] for n in close)


def _matches(entry: Industry, word: str) -> bool:
    code = word.upper()
    by_code = entry.code.startswith(code) or (code.isdigit() and entry.code[1:].startswith(code))
    return by_code or word.lower() in _plain(entry.name_zh).lower() or word.lower() in entry.name_en.lower()


def _listed(entries: Iterable[Industry]) -> Bilingual:
    titles = [e.title() for e in entries]
    return Bilingual("、".join(t.zh for t in titles), "; ".join(t.en for t in titles))


def _where(text: str, choices: Iterable[Industry]) -> dict[str, Any]:
    return {"field": "industry", "value": text, "choices": [str(e.code) for e in choices] or None}


def _rows(name: str) -> Iterable[dict[str, str]]:
    return csv.DictReader((files("zoning") / name).read_text(encoding="utf-8").splitlines())


@cache
def industries() -> Industries:
    """The packaged classification: 20 sections, 97 divisions, 473 groups, 1,381 classes."""
    return Industries(
        (Industry(IndustryCode(r["code"]), r["name_zh"], r["name_en"]) for r in _rows("gbt4754-2017.csv")),
        (
            Former(IndustryCode(r["code"]), r["name_zh"], tuple(IndustryCode(c) for c in r["now"].split()))
            for r in _rows("gbt4754-2011.csv")
        ),
    )
