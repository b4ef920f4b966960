"""YAML texts that remember where everything stands, so that an error names its file and line; it knows no rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import yaml

from zoning.bilingual import Bilingual
from zoning.errors import Problem, wrong_rules

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Marked:
    """A file's data and the tree of nodes that it was read from; data that was not read from a text has no tree."""

    file: str
    data: Any
    node: Any = None

    def line(self, *path: str | int) -> int | None:
        """The line (from 1) of what stands at a path of keys and positions, or of the nearest thing around it."""
        node, found = self.node, None if self.node is None else self.node.start_mark.line + 1
        for step in path:
            child = _child(node, step)
            if child is None:
                break
            mark, node = child
            found = mark.line + 1
        return found


def _child(node: Any, step: str | int) -> tuple[Any, Any] | None:
    if isinstance(node, yaml.MappingNode):
        return next(((key.start_mark, value) for key, value in node.value if key.value == str(step)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step].start_mark, node.value[step]
    return None


def marked(file: str, text: str) -> Marked:
    """Read one YAML text. Raises `RuleError` with the line where it is not YAML or where a key stands twice."""
    try:
        loader = _LOADER(text)
        node = loader.get_single_node()
        problems = list(_repeated(file, node))
        data = loader.construct_document(node) if node is not None and not problems else None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        said = str(getattr(error, "problem", None) or error)
        text_said = Bilingual(f"不是有效的 YAML：{said}", f"not valid YAML: {said}")
        raise wrong_rules([Problem(file, None if mark is None else mark.line + 1, None, text_said)]) from error
    if problems:
        raise wrong_rules(problems)
    return Marked(file, data, node)


def _repeated(file: str, node: Any) -> Iterator[Problem]:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                said = Bilingual(f"键 {key.value} 重复", f"key {key.value} stands twice")
                yield Problem(file, key.start_mark.line + 1, None, said)
            seen.add(str(key.value))
            yield from _repeated(file, value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _repeated(file, value)


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a file: what stands there, and how to say that something is wrong with it."""

    document: Marked
    path: tuple[str | int, ...] = ()
    rule: str | None = None

    @property
    def data(self) -> Any:
        found = self.document.data
        for step in self.path:
            found = found[step]
        return found

    @property
    def line(self) -> int | None:
        return self.document.line(*self.path)

    def at(self, *steps: str | int) -> Spot:
        return replace(self, path=(*self.path, *steps))

    def problem(self, zh: str, en: str) -> Problem:
        return Problem(self.document.file, self.line, self.rule, Bilingual(zh, en))

    def keys(self, known: set[str], required: set[str]) -> Iterator[Problem]:
        """What is wrong with the keys of a mapping: not one at all, unknown ones, missing ones."""
        data = self.data
        if not isinstance(data, Mapping):
            yield self.problem(f"应为键值对，得到 {data!r}", f"must be a mapping of keys, got {data!r}")
            return
        listed = "、".join(sorted(known)), ", ".join(sorted(known))
        for key in data:
            if key not in known:
                yield self.at(key).problem(
                    f"不认识的键 {key}；可用：{listed[0]}", f"unknown keys: {key}; known: {listed[1]}"
                )
        for key in sorted(required - set(data)):
            yield self.problem(f"缺少 {key}", f"lacks {key}")
