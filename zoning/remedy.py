"""What would change a finding: a document, a fact, a survey, or metres to trim or move; it promises nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from zoning import attributes
from zoning.bilingual import Bilingual
from zoning.finding import Contribution, Reason
from zoning.rule import Rule
from zoning.sight import Sight
from zoning.wording import hectares


def changes(
    rule: Rule,
    contribution: Contribution,
    sight: Sight | None,
    needs: tuple[Mapping[str, Any], ...],
    *,
    blur: float = 0.0,
    site_blur: float = 0.0,
) -> Iterator[Bilingual]:
    """What would change a finding, in the order a planner can do something about it.

    `blur` is what the accuracies of feature and site add up to, `site_blur` the site's own, m.
    """
    if contribution.at_worst == "clear":
        return
    if needs and not contribution.documents_named:
        zh = "、".join(f"{n['zh']}（{n['issuer']['zh']}）" for n in needs)
        en = " and ".join(f"{n['en']} ({n['issuer']['en']})" for n in needs)
        yield Bilingual(f"取得{zh}", f"obtain: {en}")
    if "attribute" in contribution.reasons:
        for name in sorted(contribution.missing):
            question = attributes.declared()[name].question
            yield Bilingual(f"填报 {name}：{question.zh}", f"state {name}: {question.en}")
    for reason, text in _SETTLED_BY.items():
        if reason in contribution.reasons:
            yield _SURVEY_SITE if reason == "accuracy" and site_blur >= blur else text
    if "substance" in contribution.reasons and rule.open_text:
        yield Bilingual(f"由制定机关明确：{rule.open_text.zh}", f"its author has to settle: {rule.open_text.en}")
    if rule.effect == "phase_out" and contribution.at_worst == "restricted":
        yield _LEAVE
    elif sight is not None and rule.where is not None and contribution.at_worst in ("prohibited", "restricted"):
        yield from _moves(sight, rule.where.within_m, blur)


_LEAVE = Bilingual(
    "按规定拆除、关闭或迁出，或取得主管机关准予保留的书面决定",
    "remove, close or move it as the rule says, or hold the authority's written decision that it stays",
)
_SURVEY_SITE = Bilingual("以实测的选址坐标复核", "check again with surveyed coordinates of the site")
_SETTLED_BY: Mapping[Reason, Bilingual] = {
    "plan_ended": Bilingual("由规划编制机关确认该条是否延续", "the plan's owner confirms whether this rule continues"),
    "not_searched": Bilingual("取得并载入所需图层", "obtain and load the needed layer"),
    "jurisdiction": Bilingual("核实选址所属行政区", "confirm which county the site is in"),
    "feature": Bilingual("核实该要素的类别或名称", "find out the feature's class or name"),
    "accuracy": Bilingual("以实测的权威边界复核", "check again with a surveyed, authoritative boundary"),
}


def _moves(sight: Sight, within: float, blur: float) -> Iterator[Bilingual]:
    """How far to trim or move, where that was measured."""
    encounter = sight.encounter
    if encounter.overlap is not None and encounter.dimension == 2 and within == 0:
        size = hectares(encounter.overlap_size)
        deep = None if sight.margin_m is None else sight.margin_m + blur
        deep_zh, deep_en = ("", "") if deep is None else (f"（最深 {deep:,.0f} 米）", f" (up to {deep:,.0f} m deep)")
        yield Bilingual(f"裁去或移开压占部分 {size.zh}{deep_zh}", f"trim or move off the overlap of {size.en}{deep_en}")
    elif (
        (within > 0 or encounter.overlap is None)
        and encounter.distance_m is not None
        and (away := within + blur - encounter.distance_m) > 0
    ):
        yield Bilingual(f"再远离 {away:,.0f} 米以上", f"move at least {away:,.0f} m further away")
