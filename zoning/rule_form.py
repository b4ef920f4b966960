"""What is wrong with the form of one rule, each thing at its own line; whether rules agree with each other is not asked here."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final, get_args

from zoning import attributes, industry, terms
from zoning.condition import compiled, mentioned
from zoning.decision import ACTIVITIES, Binding, outcome_of
from zoning.errors import Problem
from zoning.marked import Spot
from zoning.quotes import digest, place
from zoning.rule import Effect, Open, Rule

QUOTE_LIMIT: Final = 60


def form_problems(rule: Rule, spot: Spot, kinds: set[str]) -> Iterator[Problem]:
    """Everything wrong with one rule by itself. `kinds` are the layer kinds that rules may name."""
    yield from _words(rule, spot, kinds)
    yield from _open(rule, spot)
    yield from _binding(rule, spot)
    yield from _documents(rule, spot)
    yield from _cites(rule, spot)
    yield from _condition(rule, spot)


def _words(rule: Rule, spot: Spot, kinds: set[str]) -> Iterator[Problem]:
    if rule.effect not in get_args(Effect):
        yield spot.at("effect").problem(f"不认识的效力 {rule.effect}", f"unknown effect {rule.effect}")
    if rule.where and rule.where.layer not in kinds:
        layer = rule.where.layer
        yield spot.at("where", "layer").problem(
            f"不认识的图层 {layer}；见 scope.yaml", f"unknown layer {layer}; see scope.yaml"
        )
    if not (rule.jurisdiction.isdigit() and len(rule.jurisdiction) == 6) and rule.jurisdiction != "yellow_river":
        yield spot.at("jurisdiction").problem(
            f"辖区 {rule.jurisdiction} 既不是行政区代码也不是 yellow_river",
            f"jurisdiction {rule.jurisdiction} is neither an admin code nor yellow_river",
        )


def _open(rule: Rule, spot: Spot) -> Iterator[Problem]:
    if rule.open is not None and rule.open not in get_args(Open):
        yield spot.at("open").problem(f"open 不能是 {rule.open}", f"unknown kind of open: {rule.open}")
    if rule.open == "substance" and rule.open_text is None:
        yield spot.at("open").problem("open: substance 须写 open_text", "open substance says what is open (open_text)")
    if rule.where and rule.where.undecided and rule.open != "substance":
        yield spot.at("where", "within_m").problem(
            "距离未定的规则须写 open: substance", "a rule without its distance has open: substance"
        )


def _binding(rule: Rule, spot: Spot) -> Iterator[Problem]:
    if rule.bound_to not in get_args(Binding):
        yield spot.at("bound_to").problem(f"bound_to 不能是 {rule.bound_to}", f"unknown binding {rule.bound_to}")
    if rule.bound_to == "sector" and not rule.industries:
        yield spot.at("bound_to").problem("约束行业但未列行业", "bound to a sector, but no industries named")
    if rule.bound_to == "place" and rule.where is None:
        yield spot.at("bound_to").problem("约束地点但未写 where", "bound to a place, but no place named")


def _documents(rule: Rule, spot: Spot) -> Iterator[Problem]:
    for number, document in enumerate(rule.needs):
        if document not in terms.document_kinds():
            yield spot.at("needs", number).problem(f"不认识的文件种类 {document}", f"unknown document kind {document}")
    if rule.effect == "restrict" and not rule.needs:
        yield spot.at("effect").problem("限制性规定须写明所需文件", "a restriction names the document that is needed")
    if rule.effect != "restrict" and rule.needs:
        yield spot.at("needs").problem("只有限制性规定写所需文件", "only a restriction needs documents")


def _cites(rule: Rule, spot: Spot) -> Iterator[Problem]:
    if not rule.cites:
        yield spot.at("cites").problem("没有出处", "cites nothing")
    for number, cite in enumerate(rule.cites):
        at = spot.at("cites", number)
        if cite.quote is not None and len(cite.quote) > QUOTE_LIMIT:
            yield at.at("quote").problem(f"引文超过 {QUOTE_LIMIT} 字", f"quote longer than {QUOTE_LIMIT} characters")
        if cite.at is None and not cite.open:
            yield at.problem("出处没有条款号，须写 open: true", "a citation without a place must be open")
        if cite.at is not None and cite.at.startswith("L") and not cite.at[1:].isdigit():
            yield at.at("at").problem("行号写作 L239", "a line is written as L239")
        if cite.quote is not None and (cite.at is None or cite.source.file is None):
            yield at.problem("引文没有可核对的原文或位置", "a quote without a text or a place to check it at")


def quote_problems(
    rule: Rule, spot: Spot, texts: Mapping[str, str], checked: Collection[str] | None = None
) -> Iterator[Problem]:
    """Quotes that do not stand where they are cited, for the sources whose text is given by `Source.file`.

    Of the others those that are not among `checked`, the hashes of the quotes found before; None: they are not looked at.
    """
    for number, cite in enumerate(rule.cites):
        if cite.quote is None or cite.at is None:
            continue
        at = spot.at("cites", number, "quote")
        text = texts.get(cite.source.file or "")
        if text is None:
            if checked is not None and digest(cite) not in checked:
                yield at.problem(
                    "引文未与原文核对过，或核对后改动过；请用 shanhe rules lint --sources 目录 --record 核对",
                    "the quote was not looked for in its text, or changed since; look for it with "
                    "shanhe rules lint --sources FOLDER --record",
                )
            continue
        if cite.quote not in place(text, cite.at):
            yield at.problem(
                f"引文不在 {cite.source.file} 所注位置 {cite.at}",
                f"the quote does not stand in {cite.source.file} at {cite.at}",
            )


def _condition(rule: Rule, spot: Spot) -> Iterator[Problem]:
    condition = rule.condition()
    try:
        compiled(condition)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        key = "when" if rule.when else "unless"
        yield spot.at(key).problem(f"条件有误：{error}", str(error))
        return
    known = (
        ("activity", "活动", "activity", ACTIVITIES),
        ("industry", "行业组", "industry group", industry.groups()),
        ("attribute", "项目资料", "attribute", attributes.declared()),
    )
    wrong = [
        (word, zh, en)
        for key, zh, en, names in known
        for word in sorted(mentioned(condition, key))
        if word not in names
    ]
    for word, zh, en in wrong:
        yield _naming(spot, word).problem(f"不认识的{zh} {word}", f"unknown {en} {word}")
    if rule.effect in ("prohibit", "restrict", "phase_out") and not wrong and rule.bound_to in get_args(Binding):
        outcomes = {
            outcome_of(rule.effect, a, rule.bound_to) for a in ACTIVITIES if a in (rule.activities or ACTIVITIES)
        }
        if outcomes == {"clear"}:
            yield spot.at("activities").problem(
                "永远不会起作用：所列活动都不受影响", "can never have an effect: its activities all end in clear"
            )


def _naming(spot: Spot, word: str) -> Spot:
    """The place of the list or condition that names a word."""
    for key in ("activities", "industries"):
        listed = spot.data.get(key, ())
        if word in listed:
            return spot.at(key, listed.index(word))
    return spot.at("when" if word in str(spot.data.get("when")) else "unless")
