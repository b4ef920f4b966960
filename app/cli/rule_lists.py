"""Rules on the screen: the list, one whole, the account of the plans, the lint. It decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from app.cli.lists import table
from app.cli.screen import Screen
from zoning import terms
from zoning.bilingual import Bilingual

_ANY: Final = Bilingual("不限", "any")
_NOT_IN_SCOPE: Final = Bilingual(
    "图层不在本部署核查范围，暂不核查", "its layer is left out of this deployment: not checked"
)


def every(data: Mapping[str, Any], screen: Screen) -> None:
    titles = [
        Bilingual("效力", "Effect"),
        Bilingual("规则", "Rule"),
        Bilingual("条款", "Clause"),
        Bilingual("时间", "Period"),
    ]
    rows = [
        [
            screen.pick(terms.effect_title(one["effect"])),
            _named(one, screen),
            "\n".join(screen.pick(cite["label"]) for cite in one["cites"]),
            _period(one["plan_period"] or one["in_force"]),
        ]
        for one in data["rules"]
    ]
    if rows:
        table(screen, titles, rows, {1: 3, 2: 2})
    count, dormant = len(rows), sum(not one["in_scope"] for one in data["rules"])
    said = Bilingual(f"{count} 条规则", "1 rule" if count == 1 else f"{count} rules")
    if dormant:
        said = Bilingual(
            f"{said.zh}（其中 {dormant} 条的图层不在本部署核查范围，暂不核查）",
            f"{said.en} ({dormant} on layers left out of this deployment: not checked)",
        )
    screen.line(
        screen.pick(Bilingual(f"{said.zh}，规则集 {data['rules_hash']}", f"{said.en}, rule set {data['rules_hash']}"))
    )


def _named(one: Mapping[str, Any], screen: Screen) -> str:
    lines = [screen.pick(one["title"]), f"[{one['rule']}]"]
    if not one["in_scope"]:
        lines.append(f"({screen.pick(_NOT_IN_SCOPE)})")
    return "\n".join(lines + [screen.pick(d["label"]) for d in one["decisions"]])


def _period(period: list[str | None] | None) -> str:
    start, end = period or (None, None)
    return "—" if not (start or end) else f"{start or '…'}\n{end or '…'}"


def one(data: Mapping[str, Any], screen: Screen) -> None:
    pick = screen.pick
    screen.line(f"{pick(terms.effect_title(data['effect']))} · {pick(data['title'])}", style="bold")
    for title, text in (
        (Bilingual("要求", "It demands"), pick(data["demand"])),
        (Bilingual("地点", "Where"), _place(data, screen)),
        (Bilingual("适用", "Who"), pick(data["terms"] or _ANY)),
        (Bilingual("辖区", "Jurisdiction"), data["jurisdiction"]),
        (
            Bilingual("须先取得", "First needed"),
            _listed([f"{pick(d)} ({pick(d['issuer'])})" for d in data["documents"]], screen),
        ),
        (Bilingual("有效", "In force"), _days(data["in_force"])),
        (Bilingual("规划期", "Plan period"), _days(data["plan_period"])),
        (Bilingual("待核实", "Open"), _open(data, screen)),
    ):
        if text:
            screen.line(f"{pick(title)}：{text}" if screen.lang == "zh" else f"{pick(title)}: {text}")
    _more(data, screen)


def _more(data: Mapping[str, Any], screen: Screen) -> None:
    """Questions, groups, texts with quotes, decisions, and where the rule stands."""
    pick = screen.pick
    for title, lines in (
        (Bilingual("会问", "It may ask"), [f"{a['attribute']}: {pick(a['question'])}" for a in data["asks"]]),
        (Bilingual("行业组", "Groups of industries"), [_group(g, screen) for g in data["industry_groups"]]),
        (Bilingual("出处", "Texts"), [_cite(c, screen) for c in data["cites"]]),
        (Bilingual("主管机关决定", "Owners' decisions"), [pick(d["label"]) for d in data["decisions"]]),
    ):
        if lines:
            screen.heading(title)
            for text in lines:
                screen.line(f"- {text}", indent=2)
    screen.line()
    entries = [e["entry"] for e in data["entries"]]
    place = f"{data['rule']} · zoning/rules/{data['file']}:{data['line']}"
    screen.line(f"{place} · {_listed(entries, screen)}" if entries else place)


def _place(data: Mapping[str, Any], screen: Screen) -> str:
    where, zh = data["where"], screen.lang == "zh"
    if where is None:
        return "全辖区" if zh else "the whole jurisdiction"
    kind = screen.pick(terms.layer_kind_title(where["layer"]))
    chosen = [f"{key} = {_listed([str(v) for v in values], screen)}" for key, values in where["filter"].items()]
    chosen += [f"{key} ≠ {_listed([str(v) for v in values], screen)}" for key, values in where["except"].items()]
    if where["within_m"] is None:
        far = (
            f"原文未定距离；{where['up_to_m']:g} 米以内不下结论"
            if zh
            else f"no distance in the text; open up to {where['up_to_m']:g} m"
        )
    elif where["within_m"]:
        far = f"{where['within_m']:g} 米以内" if zh else f"within {where['within_m']:g} m"
    else:
        far = ""
    words = [kind, *chosen, *([far] if far else [])]
    if not data["in_scope"]:
        words.append(screen.pick(_NOT_IN_SCOPE))
    return ("，" if zh else ", ").join(words)


def _days(period: list[str | None] | None) -> str:
    start, end = period or (None, None)
    if not start and not end:
        return ""
    return f"{start or '…'} – {end or '…'}"


def _open(data: Mapping[str, Any], screen: Screen) -> str:
    if data["open"] is None:
        return ""
    if data["open_text"]:
        return screen.pick(data["open_text"])
    return screen.pick(Bilingual("条款号待补", "article number to be added"))


def _group(group: Mapping[str, Any], screen: Screen) -> str:
    pick = screen.pick
    said = f"{pick(group['title'])} [{group['group']}]: {' '.join(group['members'])}"
    if group["except"]:
        said += f" ({'除' if screen.lang == 'zh' else 'without'} {' '.join(group['except'])})"
    if group["status"] == "to_confirm":
        said += f" — {'待核实' if screen.lang == 'zh' else 'to confirm'}: {pick(group['note'])}"
    return said


def _cite(cite: Mapping[str, Any], screen: Screen) -> str:
    return screen.pick(cite["label"]) + (f" “{cite['quote']}”" if cite["quote"] else "")


def _listed(words: list[str], screen: Screen) -> str:
    return ("、" if screen.lang == "zh" else ", ").join(words)


def account(data: Mapping[str, Any], screen: Screen) -> None:
    reasons = list(data["reasons"])
    titles = [
        Bilingual("规划与效力", "Plan and effect"),
        Bilingual("条目", "All"),
        Bilingual("已编码", "Rules"),
        *(_SHORT[reason] for reason in reasons),
        Bilingual("可不列", "Free"),
        Bilingual("未交代", "Missing"),
    ]
    rows = []
    for plan, title in data["plans"].items():
        own = [row for row in data["rows"] if row["plan"] == plan]
        counts = [_counts(row, reasons) for row in own]
        rows.append([screen.pick(title), *(str(sum(column)) for column in zip(*counts, strict=True))])
        for row, count in zip(own, counts, strict=True):
            rows.append([f"· {screen.pick(terms.effect_title(row['effect']))}", *map(str, count)])
    table(screen, titles, rows, {0: 1})
    screen.heading(Bilingual("不另编码的原因", "Why a sentence is no rule of its own"))
    for reason in reasons:
        screen.line(f"{screen.pick(_SHORT[reason])}: {screen.pick(data['reasons'][reason])}", indent=2)
    free = Bilingual("可不列: 程序性强或效力弱，不要求逐条交代", "Free: mild or procedural; need not be accounted for")
    screen.line(screen.pick(free), indent=2)
    screen.heading(Bilingual("各出处的规则数", "Rules by text"))
    for source in data["sources"]:
        n = source["articles_not_encoded"]
        more = (
            Bilingual(f"（另有 {n} 条看过不编码）", f" ({n} more articles read: no rules)") if n else Bilingual("", "")
        )
        screen.line(f"{source['rules']:>4}  {screen.pick(source['title'])}{screen.pick(more)}", indent=2, hang=6)
    _missing(data, screen)


def _counts(row: Mapping[str, Any], reasons: list[str]) -> list[int]:
    why = [row["not_encoded"][reason] for reason in reasons]
    return [row["entries"], row["encoded"], *why, len(row["need_not"]), len(row["unaccounted"])]


_SHORT: Final = {
    "procedural": Bilingual("程序", "Proc."),
    "past_measure": Bilingual("回顾", "Past"),
    "no_target": Bilingual("无对象", "Aim"),
    "duplicate": Bilingual("重复", "Dup."),
}


def _missing(data: Mapping[str, Any], screen: Screen) -> None:
    must, left = data["must"], data["unaccounted"]
    share = 100 * (must - left) // must if must else 100
    screen.line()
    screen.line(
        screen.pick(
            Bilingual(
                f"{data['rules']} 条规则；必须交代的 {must} 条规划条目已交代 {must - left} 条（{share} %）。",
                f"{data['rules']} rules; of {must} sentences that must be accounted for, {must - left} are ({share} %).",
            )
        ),
        style="bold",
    )
    for row in data["rows"]:
        if row["unaccounted"]:
            plan, effect = screen.pick(data["plans"][row["plan"]]), screen.pick(terms.effect_title(row["effect"]))
            screen.line(f"{plan} {effect}: {' '.join(row['unaccounted'])}", indent=2)


def lint(data: Mapping[str, Any], screen: Screen) -> None:
    pick, cells, quotes, units = screen.pick, data["table"], data["quotes"], data["units"]
    empty = sum(n for _, n in units["empty"])
    for title, key in ((Bilingual("错误", "Errors"), "errors"), (Bilingual("提示", "Notices"), "notices")):
        if data[key]:
            screen.heading(Bilingual(f"{title.zh} {len(data[key])}", f"{title.en} {len(data[key])}"))
        for problem in data[key]:
            place = f"{problem['file']}:{problem['line']}" if problem["line"] else problem["file"]
            words = [place, *([problem["rule"]] if problem["rule"] else []), pick(problem["text"])]
            screen.line("- " + ": ".join(words), indent=2)
    pairs = [*data["contradictions"], *units["contradictions"]]
    if pairs:
        screen.heading(Bilingual(f"相互矛盾的规定 {len(pairs)} 对", f"Contradictory pairs {len(pairs)}"))
        for pair in pairs:
            _pair(pair, screen)
    screen.line()
    for text in (
        Bilingual(f"{data['rules']} 条规则。", f"{data['rules']} rules."),
        Bilingual(
            f"判定表：{cells['clause_sets']} 组条款 × {cells['groups']} 个行业组 × {cells['activities']} 种活动 = "
            f"{cells['cells']:,} 格；有条款决定 {cells['decided']:,}，明确不涉及 {cells['none']:,}，空 {len(cells['empty'])}。",
            f"Decision table: {cells['clause_sets']} clause sets × {cells['groups']} industry groups × {cells['activities']} "
            f"activities = {cells['cells']:,} cells; decided {cells['decided']:,}, explicit none {cells['none']:,}, "
            f"empty {len(cells['empty'])}.",
        ),
        Bilingual(
            f"准入清单：{units['units']} 个管控单元 × 4 个维度 × 行业组 × 活动 = {units['cells']:,} 格；有条款决定 "
            f"{units['decided']:,}，明确不涉及 {units['none']:,}，本单元条款未提供 {units['not_provided']:,}，空 {empty:,}。",
            f"Access list: {units['units']} control units × 4 dimensions × groups × activities = {units['cells']:,} cells; "
            f"decided {units['decided']:,}, explicit none {units['none']:,}, clauses not provided "
            f"{units['not_provided']:,}, empty {empty:,}.",
        ),
        Bilingual(
            f"引文：在原文中找到 {quotes['found']} 条；另 {quotes['by_hash']} 条与已核对的哈希一致（用 --sources 给出原文目录）。",
            f"Quotes: {quotes['found']} found in their texts; {quotes['by_hash']} as they were when found there, by hash "
            "(give the texts with --sources).",
        )
        if quotes["by_hash"]
        else Bilingual(
            f"引文：{quotes['found']} 条全部在原文中找到。", f"Quotes: all {quotes['found']} found in their texts."
        ),
    ):
        if data["rules"]:
            screen.line(pick(text))
    n = len(data["errors"])
    ends = Bilingual("规则集可用。", "The rule set is sound.")
    if n:
        ends = Bilingual(f"有 {n} 处错误，须改正。", "1 error to mend." if n == 1 else f"{n} errors to mend.")
    screen.line(pick(ends), style="bold")


def _pair(pair: Mapping[str, Any], screen: Screen) -> None:
    words = {
        "encourages": Bilingual("鼓励", "encourages"),
        "allows": Bilingual("有文件可准", "allows with a document"),
        "prohibits": Bilingual("禁止", "prohibits"),
    }
    for key, word in words.items():
        if key not in pair:
            continue
        rule = pair[key]
        cites = _listed([_cite(c, screen) for c in rule["cites"]], screen)
        sign = " " if key == "prohibits" else "-"
        screen.line(
            f"{sign} {screen.pick(word)} [{rule['rule']}] {screen.pick(rule['title'])}; {cites}", indent=2, hang=4
        )
    why = {
        "higher_law": Bilingual("上位规定优先", "the higher text goes first"),
        "stricter": Bilingual("从严", "the stricter goes first"),
    }[pair["by"]]
    n = len(pair.get("units", ()))
    where = Bilingual(f"（{n} 个单元）", f" ({n} units)") if n else Bilingual("", "")
    screen.line(f"→ {pair['first']}: {screen.pick(why)}{screen.pick(where)}", indent=4)
