"""What exactly is missing when a finding is not certain, in words a planner can act on; it weighs nothing."""

from __future__ import annotations

from zoning import terms
from zoning.bilingual import Bilingual
from zoning.finding import Finding, Reason


def _accuracy(finding: Finding) -> Bilingual:
    name = feature_name(finding)
    blur, own = f"{finding.blur_m:,.0f}", f"{finding.site_blur_m:,.0f}"
    if finding.site_blur_m >= finding.blur_m:
        return Bilingual(
            f"选址的实测坐标（现有选址精度为 ±{own} 米）",
            f"surveyed coordinates of the site (those given are good to ±{own} m)",
        )
    if finding.relation == "within_distance" and finding.distance_m is not None:
        metres = f"{finding.distance_m:,.0f}"
        return Bilingual(
            f"{name.zh}的实测位置（现有线形连同代用误差为 ±{blur} 米，选址距其 {metres} 米）",
            f"the surveyed position of {name.en} (the line held is good to ±{blur} m, and the site is {metres} m from it)",
        )
    return Bilingual(
        f"{name.zh}的实测边界（现有边界精度为 ±{blur} 米）",
        f"the surveyed boundary of {name.en} (the one held is good to ±{blur} m)",
    )


def feature_name(finding: Finding) -> Bilingual:
    """The feature's name in both languages; without an English name, the layer's kind and the Chinese name."""
    title = terms.layer_kind_title(finding.layer or "")
    feature = finding.feature
    if feature is None:
        return title
    name = feature.name or feature.code
    return Bilingual(name, str(feature.properties.get("name_en") or f"{title.en}: {name}"))


def doubt(finding: Finding, reason: Reason) -> Bilingual:
    """What would settle one reason of one finding."""
    rule = finding.rule
    if reason == "accuracy":
        return _accuracy(finding)
    if reason == "jurisdiction":
        return Bilingual(
            f"选址是否属于 {rule.jurisdiction} 辖区（临近行政区界线）",
            f"whether the site belongs to {rule.jurisdiction} (it is near the administrative line)",
        )
    if reason == "plan_ended" and rule.plan_period is not None and rule.plan_period.end is not None:
        cite = finding.cites[0].label()
        end = rule.plan_period.end.isoformat()
        return Bilingual(
            f"{cite.zh}的规划期已于 {end} 结束，是否延续待核实",
            f"whether {cite.en} continues: its plan period ended on {end}",
        )
    if reason == "substance" and rule.open_text is not None:
        return rule.open_text
    if reason == "not_searched":
        title = terms.layer_kind_title(finding.layer or "county")
        why = finding.search or Bilingual("未查", "not searched")
        return Bilingual(f"{title.zh}图层（{why.zh}）", f"the layer of {title.en} ({why.en})")
    if reason == "feature":
        name = feature_name(finding)
        return Bilingual(f"{name.zh}的类别或名称", f"the class or name of {name.en}")
    return Bilingual("项目资料", "a fact about the project")
