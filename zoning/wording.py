"""The six lines that every answer begins with, in both languages; it decides nothing and never says more than the check."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from zoning import attributes, terms
from zoning.bilingual import Bilingual
from zoning.chainage import station
from zoning.doubt import feature_name
from zoning.finding import REASONS, Finding
from zoning.measure import ellipsoidal_area, ellipsoidal_length
from zoning.terms import AccessLevel, ClauseAnswer

if TYPE_CHECKING:
    from zoning.check import Check

DEMONSTRATION: Final = Bilingual(
    "【演示】边界为示意，不是官方数据，不得用于审批、征收或维权。",
    "DEMONSTRATION: boundaries are illustrative, not official; do not rely on them. ",
)
NOT_A_PERMIT: Final = Bilingual(
    "本结果不是行政许可，以主管部门认定为准。", "Not a permit; the competent authority decides."
)
STATUS: Final = {
    "statutory": Bilingual("法定", "statutory"),
    "planning": Bilingual("规划", "planning"),
    "reference": Bilingual("参考", "reference"),
    "illustrative": Bilingual("示意", "illustrative"),
}
_WORST: Final = {
    "prohibited": Bilingual("禁止", "prohibited"),
    "restricted": Bilingual("受限", "restricted"),
    "unknown": Bilingual("不能判断", "unknown"),
}


def hectares(area_m2: float) -> Bilingual:
    """An area for people: hectares and m², never rounded to nothing.

    >>> hectares(300.4).en
    '0.03 ha (300 m²)'
    """
    if area_m2 < 50:
        m2 = f"{area_m2:.2f} m²" if area_m2 >= 0.01 else "<0.01 m²"
        return Bilingual(m2, m2)
    ha, m2 = f"{area_m2 / 10_000:,.2f}", f"{area_m2:,.0f}"
    return Bilingual(f"{ha} 公顷（{m2} m²）", f"{ha} ha ({m2} m²)")


def share(value: float) -> str:
    """A share as a percentage that never reads 0 or 100 unless it is.

    >>> share(0.0000004), share(0.9999999), share(0.0123)
    ('<0.01 %', '>99.99 %', '1.2 %')
    """
    percent = value * 100
    if 0 < percent < 0.01:
        return "<0.01 %"
    if 99.95 <= percent < 100 - 1e-7:
        return ">99.99 %" if percent > 99.99 else ">99.9 %"
    return (
        f"{percent:.0f} %"
        if percent in (0, 100) or round(percent, 6) == 100
        else f"{percent:.2g} %"
        if percent < 10
        else f"{percent:.1f} %"
    )


def lines(check: Check) -> tuple[Bilingual, ...]:
    """Sentence, why, what would change it, still missing, searched, as-of: in this order, nothing above them."""
    return (_sentence(check), _why(check), _change(check), _missing(check), _searched(check), _dates(check))


def _joined(texts: list[Bilingual], *, most: int | None = None) -> Bilingual:
    shown = texts if most is None else texts[:most]
    more = len(texts) - len(shown)
    zh, en = "；".join(t.zh for t in shown), "; ".join(t.en for t in shown)
    return (
        Bilingual(f"{zh}（另有 {more} 项，见详情）", f"{en} (and {more} more, see details)")
        if more
        else Bilingual(zh, en)
    )


def _unique(texts: list[Bilingual]) -> list[Bilingual]:
    return list(dict.fromkeys(texts))


def _missing_items(check: Check) -> list[Bilingual]:
    return _unique([Bilingual.of(item["text"]) for item in check.not_known])


def _layers(check: Check) -> tuple[int, int, Bilingual]:
    scope = check.rulebook.scope
    done = sum(s.done for s in check.searches)
    missing = [terms.layer_kind_title(s.layer) for s in check.searches if not s.done]
    missing += [text for text in (_clauses(check), _out_of_scope(check)) if text is not None]
    return done, len(scope.kinds) + len(scope.left_out), _joined(missing)


def _clauses(check: Check) -> Bilingual | None:
    """What of the units' access lists is not answered: all of it where no official clause is held, else what must be read."""
    own = [[a for a in unit.answers if a.clause.level == AccessLevel.UNIT] for unit in check.units]
    if not own or not all(own):
        return Bilingual("管控单元准入清单条款（本单元条款未提供）", "access-list clauses of the unit (not provided)")
    if not all(any(not a.clause.illustrative for a in answers) for answers in own):
        return Bilingual(
            "管控单元准入清单条款（仅有示意条款）", "access-list clauses of the unit (illustrative ones only)"
        )
    official = (a for unit in check.units for a in unit.answers if not a.clause.illustrative)
    open_ = len({a.clause.id for a in official if a.answer == ClauseAnswer.TO_VERIFY})
    if not open_:
        return None
    return Bilingual(
        f"管控单元准入清单条款 {open_} 条待核实", f"{open_} access-list clauses of the unit to be verified"
    )


def _out_of_scope(check: Check) -> Bilingual | None:
    """How many kinds this deployment leaves out, and how many of their rules may concern the project; details name them."""
    kinds, rules = len(check.rulebook.scope.left_out), len(check.not_in_scope)
    if not kinds:
        return None
    concern = (
        Bilingual(f"，其 {rules} 条规定可能涉及本项目", f", {rules} of whose rules may concern it") if rules else None
    )
    return Bilingual(
        f"核查范围外的 {kinds} 类图层{concern.zh if concern else ''}（见详情）",
        f"{kinds} kinds outside this deployment's scope{concern.en if concern else ''} (see details)",
    )


def _sentence(check: Check) -> Bilingual:
    verdict = check.verdict
    worst = _WORST.get(check.at_worst, _WORST["unknown"])
    if verdict == "prohibited":
        n = len({f.rule.id for f in check.deciding})
        rules = "rule applies" if n == 1 else "rules apply"
        no = _NOT_ON if _goes_on(check) else _NOT_HERE
        text = Bilingual(
            f"⛔ 禁止：{no.zh}。{n} 条禁止规定适用，测量误差不改变结论。",
            f"⛔ {no.en}. {n} prohibiting {rules}; measurement error does not change this.",
        )
    elif verdict == "restricted":
        documents = _joined(
            _unique([_needed(n) for f in check.deciding for n in f.needs if not _held(check, n)]) or [_phase_out()]
        )
        leaves = any(f.rule.effect == "phase_out" for f in check.deciding)
        must = _LEAVES if leaves else Bilingual("", "")
        does = "继续运营" if _goes_on(check) else "建设"
        text = Bilingual(
            f"▲ 受限：{must.zh}没有下列文件不得{does}，有文件也不等于批准。须先取得：{documents.zh}。",
            f"▲ {must.en}Not without approval. First needed: {documents.en}. Having it is not yet approval.",
        )
    elif verdict == "unknown":
        items = _joined(_missing_items(check), most=3)
        text = Bilingual(
            f"? 不能判断：既不是同意，也不是否决。缺：{items.zh}。最坏可能：{worst.zh}。",
            f"? Cannot tell: neither yes nor no. Missing: {items.en}. At worst: {worst.en}.",
        )
    elif verdict == "attention":
        n = len({f.rule.id for f in check.deciding})
        duties = "duty" if n == 1 else "duties"
        text = Bilingual(
            f"! 未见禁止或限制，但有 {n} 项要求必须落实。",
            f"! No ban or restriction found; {n} {duties} must be met.",
        )
    else:
        done, total, missing = _layers(check)
        text = Bilingual(
            f"○ 所查范围内未发现冲突。查了 {done}/{total} 类图层；未查：{missing.zh}。",
            f"○ No conflict found in what was searched. {done} of {total} layer kinds; not searched: {missing.en}.",
        )
    if verdict == "restricted" and check.at_worst == "prohibited":
        text = Bilingual(f"{text.zh}最坏可能：{worst.zh}。", f"{text.en} At worst: {worst.en}.")
    if check.demonstration:
        text = Bilingual(DEMONSTRATION.zh + text.zh, DEMONSTRATION.en + text.en)
    basis = STATUS[check.basis]
    return Bilingual(f"{text.zh}依据：{basis.zh}。{NOT_A_PERMIT.zh}", f"{text.en} Basis: {basis.en}. {NOT_A_PERMIT.en}")


def _held(check: Check, need: Mapping[str, Any]) -> bool:
    return check.question.project.holds_document(need["kind"], check.question.as_of)


def _needed(need: Mapping[str, Any]) -> Bilingual:
    return Bilingual(
        f"{need['zh']}（{need['issuer']['zh']}）",
        f"{need['en']} ({need['issuer']['en']})",
    )


def _phase_out() -> Bilingual:
    return Bilingual(
        "主管机关关于保留、拆除或关闭的书面决定",
        "the authority's written decision whether it stays, is removed or closes",
    )


_NOT_HERE: Final = Bilingual("不得在此选址", "Not allowed here")
_NOT_ON: Final = Bilingual("不得在此继续运营", "Not allowed to go on here")
_LEAVES: Final = Bilingual("规定要求既有设施退出；", "What exists here has to leave. ")


def _goes_on(check: Check) -> bool:
    """Whether nothing is built: what is there goes on."""
    return check.question.project.activity == "operate"


def reason(finding: Finding, several_parcels: bool) -> Bilingual:
    """One finding in a sentence: which parcel, which feature, how much, how far, and the clause."""
    clause = "；".join(c.label().zh for c in finding.cites), "; ".join(c.label().en for c in finding.cites)
    where = _where(finding, several_parcels)
    doubt = _joined([REASONS[r] for r in finding.contribution.reasons])
    zh, en = finding.rule.title.zh, finding.rule.title.en
    body = Bilingual(f"{where.zh}：{zh}", f"{where.en}: {en}") if where.zh else Bilingual(zh, en)
    if doubt.zh:
        body = Bilingual(f"{body.zh}（{doubt.zh}）", f"{body.en} ({doubt.en})")
    return Bilingual(f"{body.zh} [{clause[0]}]", f"{body.en} [{clause[1]}]")


def _where(finding: Finding, several_parcels: bool) -> Bilingual:
    feature = finding.feature
    if feature is None:
        return Bilingual("", "")
    name = feature_name(finding)
    who = Bilingual("选址", "the site")
    part = max(finding.parts, key=lambda p: p.share, default=None)
    if several_parcels and part is not None:
        who = Bilingual(f"地块{part.parcel}", f"parcel {part.parcel}")
    crossed = [c for c in finding.alongside.get("crossed_at", ()) if c["way"] == "crosses"]
    if finding.overlap_dimension == 0 and crossed:
        at, more = station(crossed[0]["at_m"], whole=True), len(crossed) - 1
        zh, en = (f"等 {more + 1} 处", f" and {more} more") if more else (" 处", "")
        return Bilingual(f"{who.zh}在 {at}{zh}穿越{name.zh}", f"{who.en} crosses {name.en} at {at}{en}")
    if finding.overlap_dimension == 0 and finding.distance_m:
        metres = f"{finding.distance_m:,.0f}"
        return Bilingual(f"{who.zh}距{name.zh} {metres} 米", f"{who.en} is {metres} m from {name.en}")
    if finding.relation == "touch":
        return Bilingual(f"{who.zh}与{name.zh}贴边", f"{who.en} touches {name.en}")
    chain = _chain(finding, part.parcel if several_parcels and part is not None else None)
    if finding.overlap_dimension == 2:
        size = hectares(finding.overlap_size)
        tail = Bilingual("", "")
        if part is not None and several_parcels:
            size = hectares(part.area_m2 or 0.0)
            tail = Bilingual(f"，占该地块 {share(part.share)}", f", {share(part.share)} of that parcel")
        elif finding.share_of_site is not None:
            tail = Bilingual(
                f"，占选址 {share(finding.share_of_site)}", f", {share(finding.share_of_site)} of the site"
            )
        return Bilingual(
            f"{who.zh}压占{name.zh} {size.zh}{tail.zh}{chain.zh}",
            f"{who.en} covers {size.en} of {name.en}{tail.en}{chain.en}",
        )
    if finding.overlap_dimension == 1:
        own = [p.length_m or 0.0 for p in finding.parts if part is not None and p.parcel == part.parcel]
        metres = f"{sum(own) if several_parcels and own else finding.overlap_size:,.0f}"
        return Bilingual(
            f"{who.zh}穿越{name.zh} {metres} 米{chain.zh}", f"{who.en} runs {metres} m through {name.en}{chain.en}"
        )
    return Bilingual(f"{who.zh}位于{name.zh}内", f"{who.en} is in {name.en}")


def _chain(finding: Finding, parcel: str | None) -> Bilingual:
    """From which chainage to which, for a line; the first stretch and how many there are."""
    found = [s for s in finding.alongside.get("stretches", ()) if parcel in (None, s["parcel"])]
    if not found:
        return Bilingual("", "")
    low, high = (station(found[0][key], whole=True) for key in ("from_m", "to_m"))
    more = len(found) - 1
    zh, en = (f"等 {more + 1} 段", f" and {more} more") if more else ("", "")
    return Bilingual(f"（桩号 {low}–{high}{zh}）", f" ({low} to {high}{en})")


def _why(check: Check) -> Bilingual:
    several = len(check.question.site.parcels) > 1
    deciding = [reason(f, several) for f in check.deciding]
    if check.verdict == "clear":
        near = _edges(check)
        text = Bilingual(
            f"没有适用的禁止或限制性规定{near.zh}；普遍适用的要求另列",
            f"no ban or restriction applies{near.en}; general duties are listed apart",
        )
    else:
        text = _joined(_unique(deciding) or _missing_items(check), most=3)
    return Bilingual(f"原因：{text.zh}", f"Why: {text.en}")


def _edges(check: Check) -> Bilingual:
    """How many features of bans and restrictions the site only touches, or covers by less than counts."""
    deciding = (f for f in check.findings if f.rule.effect in ("prohibit", "restrict", "phase_out"))
    names = {f.feature.code for f in deciding if f.relation in ("touch", "sliver") and f.feature is not None}
    if not names:
        return Bilingual("", "")
    many = "feature is" if len(names) == 1 else "features are"
    return Bilingual(
        f"；与 {len(names)} 处管控要素仅贴边或细碎重叠，见详情",
        f"; {len(names)} {many} only touched or covered by a sliver, see details",
    )


def _change(check: Check) -> Bilingual:
    texts = _unique([t for f in check.deciding for t in f.changes_if])
    if not texts and check.verdict == "attention":
        text = Bilingual(
            "选址不需要改变，但须落实上述要求；图层或规则更新后应重新核查",
            "the site needs no change, and the duties have to be met; check again when layers or rules are updated",
        )
    elif not texts and check.verdict == "clear":
        text = Bilingual(
            "不需要改变；图层或规则更新后应重新核查", "nothing needs to; check again when layers or rules are updated"
        )
    elif not texts:
        text = Bilingual(
            "在该规定的适用范围之外另行选址，或改变项目内容", "another site outside the rule's area, or another project"
        )
    else:
        text = _joined(texts, most=4)
    return Bilingual(f"怎样改变：{text.zh}", f"What would change it: {text.en}")


_YES: Final = {"true": Bilingual("是", "yes"), "false": Bilingual("否", "no")}


def _number(label: str) -> Bilingual:
    """A range of numbers as people write it."""
    text = label.replace("<=", "≤").replace(">=", "≥")
    return Bilingual(text, text)


def _ways(outcomes: Mapping[str, Mapping[str, str]], titles: Mapping[str, Bilingual]) -> Bilingual:
    """Answers and what each leads to; answers with the same end stand together."""
    ends: dict[tuple[str, str], list[Bilingual]] = {}
    for label, end in outcomes.items():
        ends.setdefault((end["verdict"], end["at_worst"]), []).append(
            titles.get(label) or _YES.get(label) or _number(label)
        )
    ways = []
    for (verdict, at_worst), labels in ends.items():
        answer = Bilingual("/".join(v.zh for v in labels), "/".join(v.en for v in labels))
        result = terms.verdict_title(verdict)
        if at_worst != verdict:
            worst = terms.verdict_title(at_worst)
            result = Bilingual(f"{result.zh}、最坏{worst.zh}", f"{result.en}, at worst {worst.en}")
        ways.append(Bilingual(f"{answer.zh} → {result.zh}", f"{answer.en} → {result.en}"))
    return _joined(ways)


def _missing(check: Check) -> Bilingual:
    items = []
    for item in check.not_known:
        text = Bilingual.of(item["text"])
        if item["kind"] == "attribute":
            ways = _ways(item["outcomes"], attributes.declared()[item["what"]].titles)
            text = Bilingual(f"{text.zh}（{ways.zh}）", f"{text.en} ({ways.en})")
        items.append(text)
    if not items:
        return Bilingual("还缺什么：没有缺项会改变结论", "Still missing: nothing that would change the verdict")
    joined = _joined(_unique(items))
    return Bilingual(f"还缺什么：{joined.zh}", f"Still missing: {joined.en}")


def _searched(check: Check) -> Bilingual:
    done, total, missing = _layers(check)
    date = check.evidence.release_date.isoformat()
    return Bilingual(
        f"查了什么：{done}/{total} 类图层，第 {check.evidence.release} 版（{date}）；未查：{missing.zh}",
        f"Searched: {done} of {total} layer kinds, release {check.evidence.release} ({date}); not searched: {missing.en}",
    )


def _dates(check: Check) -> Bilingual:
    site = check.question.site
    day = check.question.as_of.isoformat()
    if site.dimension == 2:
        size = hectares(float(ellipsoidal_area([site.geometry])[0]))
        size = Bilingual(f"面积 {size.zh}，CGCS2000 椭球面积", f"area {size.en}, ellipsoidal on CGCS2000")
    elif site.dimension == 1:
        metres = f"{float(ellipsoidal_length([site.geometry])[0]):,.1f}"
        size = Bilingual(f"长度 {metres} 米，CGCS2000 椭球长度", f"length {metres} m, ellipsoidal on CGCS2000")
    else:
        size = Bilingual(
            "点状选址，无面积：只核查了该点本身，不代表周围用地",
            "a point has no area: only the point itself was checked, not the ground around it",
        )
    return Bilingual(f"依据日期：{day}；{size.zh}", f"As of: {day}; {size.en}")
