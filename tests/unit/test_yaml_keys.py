"""No YAML file of ours names a key twice: the second would hide the first without a word."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from layers.settings import CHECKOUT


def ours() -> list[Path]:
    folders = ("app", "layers", "zoning", "data", "tests", "docs")
    return sorted(path for one in folders for path in (CHECKOUT / one).rglob("*.y*ml"))


def repeated(node: yaml.Node | None) -> list[str]:
    """The keys of a tree that stand twice in one mapping, with their lines."""
    found, todo = [], [node]
    seen_nodes: set[int] = set()
    while todo:
        one = todo.pop()
        if one is None or id(one) in seen_nodes:
            continue
        seen_nodes.add(id(one))
        if isinstance(one, yaml.MappingNode):
            keys: set[tuple[str, str]] = set()
            for key, value in one.value:
                if isinstance(key, yaml.ScalarNode):
                    said = (key.tag, key.value)
                    if said in keys and key.tag != "tag:yaml.org,2002:merge":
                        found.append(f"{key.value} (line {key.start_mark.line + 1})")
                    keys.add(said)
                todo.append(value)
        elif isinstance(one, yaml.SequenceNode):
            todo += one.value
    return found


def test_a_repeated_key_is_seen():
    assert repeated(yaml.compose("a: 1\nb: [{c: 1, c: 2}]\na: 3\n", yaml.SafeLoader)) == ["a (line 3)", "c (line 2)"]


def test_there_are_files_to_look_at():
    names = {path.name for path in ours()}
    assert {"problem_types.yaml", "redline.yaml", "mining.yaml"} <= names


@pytest.mark.parametrize("path", ours(), ids=lambda path: path.relative_to(CHECKOUT).as_posix())
def test_no_key_stands_twice(path):
    text = path.read_text(encoding="utf-8")
    assert [
        key for one in yaml.compose_all(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader)) for key in repeated(one)
    ] == []
