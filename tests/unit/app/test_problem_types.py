"""Docs as tests: every problem type that code can raise is declared and documented, and none is declared for nothing."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from app import problem_types
from app.problem import _STATUS
from layers.settings import CHECKOUT
from zoning.sitefault import _REFUSED

KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
ROOTS = {"ShanheError"}
WRITTEN_BY_PREFIX = {
    "site-": {f"site-{kind}" for kind in _REFUSED},
    "datum-": {"datum-gcj02", "datum-bd09"},
}
"""Types put together from a prefix and the kind of fault."""


def _modules() -> dict[Path, ast.Module]:
    folders = ("app", "layers", "zoning")
    paths = [path for folder in folders for path in sorted((CHECKOUT / folder).rglob("*.py"))]
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in paths}


def _error_classes(modules: dict[Path, ast.Module]) -> set[str]:
    """Names of `ShanheError` and everything derived from it."""
    classes = [node for tree in modules.values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    found = set(ROOTS)
    while True:
        more = {c.name for c in classes if any(ast.unparse(b).split(".")[-1] in found for b in c.bases)} - found
        if not more:
            return found
        found |= more


def _raised() -> Iterator[tuple[str, str]]:
    """(type, place) of every error made in code; a type made by an f-string ends in its fixed beginning."""
    modules = _modules()
    classes = _error_classes(modules)
    for path, tree in modules.items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not node.args or ast.unparse(node.func).split(".")[-1] not in classes:
                continue
            first, place = node.args[0], f"{path.relative_to(CHECKOUT)}:{node.lineno}"
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value, place
            elif isinstance(first, ast.JoinedStr) and isinstance(first.values[0], ast.Constant):
                for type in WRITTEN_BY_PREFIX[str(first.values[0].value)]:
                    yield type, place
            elif not (isinstance(first, ast.Attribute) and first.attr == "type"):
                raise AssertionError(f"{place}: the type of an error must be readable from the code")


def test_every_type_raised_is_declared():
    raised = dict(_raised())
    assert len(raised) > 60
    missing = {type: place for type, place in raised.items() if type not in problem_types.declared()}
    assert missing == {}


def test_every_type_declared_can_come():
    can_come = {type for type, _ in _raised()} | {type for type, _ in _STATUS.values()}
    assert set(problem_types.declared()) - can_come == set()


def test_types_are_kebab_case_and_both_languages_say_when_and_what_to_do():
    for one in problem_types.declared().values():
        assert KEBAB.fullmatch(one.id)
        assert one.group in problem_types.groups()
        for text in (one.title, one.remedy):
            assert re.search(r"[\u4e00-\u9fff]", text.zh), one.id
            assert text.en, one.id
            assert not re.search(r"[\u4e00-\u9fff]", text.en.replace("用户", "")), one.id


def test_the_page_in_docs_is_the_one_made_from_the_declarations():
    assert (CHECKOUT / "docs" / "problems.md").read_text(encoding="utf-8") == problem_types.page()
