"""Reads rules, sources and scope from the data of rule files, and says with file and line what cannot be read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from zoning.bilingual import Bilingual
from zoning.errors import Problem, RuleError, wrong_rules
from zoning.marked import Marked, Spot
from zoning.rule import Cite, Period, Rule, Source, Where

_RULE_KEYS = {
    "id", "title", "demand", "effect", "where", "industries", "activities", "when", "unless", "needs", "jurisdiction",
    "bound_to", "in_force", "plan_period", "open", "open_text", "entries", "cites",
}  # fmt: skip
_RULE_NEEDS: Final = {"id", "title", "demand", "effect", "jurisdiction", "cites"}
_WHERE_KEYS: Final = {"layer", "filter", "except", "within_m", "up_to_m"}
_CITE_KEYS: Final = {"source", "at", "quote", "open"}
_SOURCE_KEYS: Final = {"title", "number", "issuer", "status", "in_force", "file", "note"}
_LISTS: Final = ("industries", "activities", "needs", "entries")


@dataclass(frozen=True, slots=True)
class Scope:
    """The layer kinds searched here, in display order, those left out, and the first day that the rules speak for."""

    kinds: tuple[str, ...]
    left_out: Mapping[str, Bilingual]
    known_from: dt.date


def _unread(spot: Spot, error: Exception) -> RuleError:
    said = f"缺少 {error}" if isinstance(error, KeyError) else str(error)
    en = f"lacks {error}" if isinstance(error, KeyError) else str(error)
    return wrong_rules([spot.problem(said, en)])


def sources_of(document: Marked) -> dict[str, Source]:
    """All sources by id. Raises `RuleError`."""
    root = Spot(document)
    problems = list(root.keys({"sources"}, {"sources"}))
    if problems:
        raise wrong_rules(problems)
    found = {}
    for id, data in root.data["sources"].items():
        spot = root.at("sources", id)
        if problems := list(spot.keys(_SOURCE_KEYS, {"title", "issuer", "status"})):
            raise wrong_rules(problems)
        try:
            found[str(id)] = Source(
                id=str(id),
                title=Bilingual.of(data["title"]),
                number=data.get("number"),
                issuer=Bilingual.of(data["issuer"]),
                status=data["status"],
                in_force=Period.of(data.get("in_force")),
                file=data.get("file"),
                note=Bilingual.of(data["note"]) if data.get("note") else None,
            )
        except (ValueError, TypeError) as error:
            raise _unread(spot, error) from error
    return found


def scope_of(document: Marked) -> Scope:
    """The deployment's scope. Raises `RuleError`."""
    root = Spot(document)
    if problems := list(root.keys({"kinds", "left_out", "known_from"}, {"kinds", "known_from"})):
        raise wrong_rules(problems)
    data = root.data
    if not isinstance(data["known_from"], dt.date):
        raise wrong_rules([root.at("known_from").problem("known_from 应为日期", "known_from must be a date")])
    try:
        left_out = {kind: Bilingual.of(title) for kind, title in (data.get("left_out") or {}).items()}
        return Scope(tuple(data["kinds"]), left_out, data["known_from"])
    except (ValueError, TypeError, AttributeError) as error:
        raise _unread(root, error) from error


def rules_of(document: Marked, sources: Mapping[str, Source]) -> Iterator[tuple[Rule | None, Spot, list[Problem]]]:
    """Each rule of a file with its place, or None and what is wrong with it. Raises `RuleError` where there is no list."""
    root = Spot(document)
    if problems := list(root.keys({"rules"}, {"rules"})):
        raise wrong_rules(problems)
    if not isinstance(root.data["rules"], list):
        raise wrong_rules([root.at("rules").problem("rules 应为列表", "rules must be a list")])
    for number, data in enumerate(root.data["rules"]):
        spot = Spot(
            document, ("rules", number), str(data["id"]) if isinstance(data, Mapping) and "id" in data else None
        )
        problems = list(_shape(spot, sources))
        if problems:
            yield None, spot, problems
            continue
        try:
            yield _rule(spot, sources), spot, []
        except (KeyError, ValueError, TypeError) as error:
            yield None, spot, list(_unread(spot, error).problems)


def _shape(spot: Spot, sources: Mapping[str, Source]) -> Iterator[Problem]:
    """Keys, lists, texts and cited sources, each at its own line."""
    problems = list(spot.keys(_RULE_KEYS, _RULE_NEEDS))
    yield from problems
    if problems:
        return
    data = spot.data
    for key in _LISTS:
        if not isinstance(data.get(key, []), list):
            yield spot.at(key).problem(f"{key} 应为列表", f"{key} must be a list")
    yield from _texts(spot)
    if data.get("where") is not None:
        yield from _where_shape(spot.at("where"))
    if not isinstance(data["cites"], list):
        yield spot.at("cites").problem("cites 应为列表", "cites must be a list")
        return
    for number in range(len(data["cites"])):
        cite = spot.at("cites", number)
        wrong = list(cite.keys(_CITE_KEYS, {"source"}))
        yield from wrong
        if not wrong and cite.data["source"] not in sources:
            name = cite.data["source"]
            yield cite.at("source").problem(f"不认识的来源 {name}", f"unknown source {name}")


def _texts(spot: Spot) -> Iterator[Problem]:
    for key in ("title", "demand", "open_text"):
        if spot.data.get(key) is not None and not _reads(Bilingual.of, spot.data[key]):
            yield spot.at(key).problem(
                f"{key} 应只有 zh 和 en 两个文本；含逗号、冒号的须加引号",
                f"{key} needs texts zh and en and nothing else; one with a comma or colon stands in quotes",
            )
    for key in ("in_force", "plan_period"):
        if spot.data.get(key) is not None and not _reads(Period.of, spot.data[key]):
            yield spot.at(key).problem(
                f"{key} 应为 [日期或 null, 日期或 null]", f"{key} is [date or null, date or null]"
            )


def _reads(read: Callable[[Any], Any], value: Any) -> bool:
    try:
        read(value)
    except ValueError:
        return False
    return True


def _where_shape(spot: Spot) -> Iterator[Problem]:
    problems = list(spot.keys(_WHERE_KEYS, {"layer"}))
    yield from problems
    if problems:
        return
    data = spot.data
    undecided = "within_m" in data and data["within_m"] is None
    if undecided != ("up_to_m" in data):
        yield spot.problem(
            "原文未定距离时写 within_m: null 和 up_to_m（未定期间在此距离内不下结论），两者须同时写",
            "where the text names no distance write within_m: null with up_to_m (how far out the answer stays open)",
        )
    for key in ("within_m", "up_to_m"):
        value = data.get(key, 0)
        if not (undecided and key == "within_m") and (isinstance(value, bool) or not isinstance(value, (int, float))):
            yield spot.at(key).problem(f"{key} 应为米数，得到 {value!r}", f"{key} is a number of metres, got {value!r}")
        elif value is not None and value < 0:
            yield spot.at(key).problem(f"{key} 小于 0", f"{key} below 0")
    for key in ("filter", "except"):
        if not isinstance(data.get(key) or {}, Mapping):
            yield spot.at(key).problem(f"{key} 应为键值对", f"{key} must be a mapping")


def _listed(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, list) else (value,)


def _where(data: Mapping[str, Any] | None) -> Where | None:
    if data is None:
        return None
    chosen, excepted = (
        {key: _listed(value) for key, value in (data.get(name) or {}).items()} for name in ("filter", "except")
    )
    undecided = "up_to_m" in data
    within = float(data["up_to_m"] if undecided else data.get("within_m", 0))
    return Where(data["layer"], chosen, within, undecided, excepted)


def _cite(data: Mapping[str, Any], sources: Mapping[str, Source]) -> Cite:
    at = data.get("at")
    return Cite(
        sources[data["source"]], None if at is None else str(at), data.get("quote"), bool(data.get("open", False))
    )


def _rule(spot: Spot, sources: Mapping[str, Source]) -> Rule:
    data = spot.data
    where = _where(data.get("where"))
    return Rule(
        id=str(data["id"]),
        title=Bilingual.of(data["title"]),
        demand=Bilingual.of(data["demand"]),
        effect=data["effect"],
        where=where,
        industries=tuple(data.get("industries", ())),
        activities=tuple(data.get("activities", ())),
        when=data.get("when"),
        unless=data.get("unless"),
        needs=tuple(data.get("needs", ())),
        jurisdiction=str(data["jurisdiction"]),
        bound_to=data.get("bound_to", "place" if where else "area"),
        in_force=Period.of(data.get("in_force")),
        plan_period=Period.of(data["plan_period"]) if data.get("plan_period") else None,
        open=data.get("open"),
        open_text=Bilingual.of(data["open_text"]) if data.get("open_text") else None,
        cites=tuple(_cite(c, sources) for c in data["cites"]),
        entries=tuple(str(e) for e in data.get("entries", ())),
        file=spot.document.file,
        line=spot.line,
    )
