"""Everything of a check after its table: identity, project, site, each finding in full, duties, layers searched and not, open facts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from app.cli.finding import called, feature_name, margin, measure, outcome
from app.cli.route import crossing, lengths, shown, stretch
from app.cli.screen import Screen
from app.cli.units import answers
from zoning import terms
from zoning.bilingual import Bilingual
from zoning.wording import STATUS, share

_LABEL: Final = {
    "number": Bilingual("编号", "Number"),
    "id": Bilingual("标识", "Id"),
    "release": Bilingual("数据版本", "Release"),
    "rules": Bilingual("规则集", "Rule set"),
    "engine": Bilingual("计算引擎", "Engine"),
    "basis": Bilingual("依据效力", "Basis"),
    "certainty": Bilingual("确定性", "Certainty"),
    "industry": Bilingual("行业", "Industry"),
    "activity": Bilingual("建设性质", "Activity"),
    "stated": Bilingual("已说明", "Stated"),
    "assumed": Bilingual("按行业推定", "Assumed"),
    "document": Bilingual("所持文件（未核验）", "Document held (not verified)"),
    "area": Bilingual("椭球面积（CGCS2000）", "Ellipsoidal area (CGCS2000)"),
    "area_gk": Bilingual("高斯-克吕格投影面积", "Gauss-Krüger projected area"),
    "length": Bilingual("椭球长度", "Ellipsoidal length"),
    "accuracy": Bilingual("选址精度", "Accuracy of the site"),
    "half_width": Bilingual("半宽", "Half-width"),
    "crs": Bilingual("读取坐标系", "Read as"),
    "counties": Bilingual("所在县区", "Counties"),
    "parcel": Bilingual("地块", "Parcel"),
    "repair": Bilingual("整理", "Repaired"),
    "notice": Bilingual("提示", "Notice"),
    "demand": Bilingual("要求", "Demand"),
    "stands_for": Bilingual("行业名录待核实", "List of industries to be confirmed"),
    "where": Bilingual("位置关系", "Relation"),
    "part": Bilingual("分项", "Part"),
    "reason": Bilingual("不确定的原因", "Not certain because"),
    "needs": Bilingual("须先取得", "First needed"),
    "change": Bilingual("怎样改变", "What would change it"),
    "cite": Bilingual("出处", "Citation"),
    "decision": Bilingual("主管机关决定", "Owner's decision"),
    "open": Bilingual("待核实", "To confirm"),
    "missing": Bilingual("缺资料", "Missing facts"),
    "crossing": Bilingual("桩号", "Chainage"),
    "stretch": Bilingual("路段", "Stretch"),
}
_CERTAIN: Final = {
    "certain": Bilingual("测量误差不改变结论", "measurement error does not change it"),
    "uncertain": Bilingual("尚不确定", "not certain yet"),
}
_WORDS: Final = {
    "confirmed": Bilingual("经核实成立", "when confirmed"),
    "refuted": Bilingual("经核实不成立", "when refuted"),
    "at_worst": Bilingual("最坏", "at worst"),
    "no_effect": Bilingual("无影响", "no effect"),
}


class _Details:
    """Writes labelled lines of one check."""

    def __init__(self, check: Mapping[str, Any], screen: Screen) -> None:
        self.check = check
        self.screen = screen
        self.colon = "：" if screen.lang == "zh" else ": "
        self.comma = "，" if screen.lang == "zh" else ", "

    def say(self, label: str, text: str, *, indent: int = 2) -> None:
        self.screen.line(f"{self.screen.pick(_LABEL[label])}{self.colon}{text}", indent=indent)

    def listed(self, items: Sequence[Any]) -> str:
        return self.comma.join(map(str, items))

    def paired(self, name: str, text: str) -> str:
        return f"{name}{self.colon}{text}"

    def identity(self) -> None:
        check, pick = self.check, self.screen.pick
        self.screen.heading(Bilingual("核查", "Check"))
        if check.get("number"):
            self.say("number", check["number"])
        self.say("id", check["id"])
        self.say("release", f"{check['release']} ({check['release_date']})")
        self.say("rules", f"{check['rules_hash']} ({check['rules_considered']})")
        self.say("engine", self.listed([f"{k} {v}" for k, v in check["engine"].items()]))
        self.say("basis", pick(STATUS[check["basis"]]))
        self.say("certainty", pick(_CERTAIN[check["certainty"]]))

    def project(self) -> None:
        project, pick = self.check["project"], self.screen.pick
        self.screen.heading(Bilingual("项目", "Project"))
        self.say(
            "industry", f"{project['industry']} {pick(project['industry_name']) or project['industry_name']['zh']}"
        )
        self.say("activity", pick(terms.activity_title(project["activity"])))
        for name, value in project["attributes"].items():
            self.say("stated", f"{name} = {_value(value)}")
        for name, one in project["assumed"].items():
            self.say("assumed", f"{name} = {_value(one['value'])} ({pick(one['reason'])})")
        for one in project["documents"]:
            kind = terms.document_kinds().get(one["kind"])
            given = [pick(kind.title) if kind else one["kind"], one["number"], one["issuer"], one["date"]]
            self.say("document", self.listed([part for part in given if part]))

    def site(self) -> None:
        site, pick = self.check["site"], self.screen.pick
        self.screen.heading(Bilingual("选址", "Site"))
        if site["dimension"] == 2:
            self.say("area", f"{site['area_m2']:,.2f} m²")
            self.say("area_gk", f"{site['area_gk_m2']:,.2f} m² ({site['gk_central_meridian']:g}°E)")
        elif site["dimension"] == 1:
            self.say("length", f"{site['length_m']:,.2f} m")
        self.say("accuracy", f"{site['accuracy_m']:g} m")
        if site["half_width_m"] is not None:
            self.say("half_width", f"{site['half_width_m']:g} m")
        self.say("crs", site["crs"])
        self.say("counties", self.listed([f"{c['name']} {c['code']}" for c in site["counties"]]) or "—")
        for parcel in site["parcels"]:
            size = f"{parcel['area_m2']:,.2f} m²" if "area_m2" in parcel else ""
            size = f"{parcel['length_m']:,.2f} m" if "length_m" in parcel else size
            self.say("parcel", " ".join(part for part in (parcel["number"], parcel.get("name", ""), size) if part))
        for one in site["repairs"]:
            self.say("repair", f"{pick(one['text'])} ({one['area_before_m2']:,.2f} → {one['area_after_m2']:,.2f} m²)")
        for one in site["notices"]:
            self.say("notice", pick(one["text"]))

    def stand_ins(self, finding: Mapping[str, Any]) -> None:
        """The lists of industries that stand in for a word which the text leaves undefined; answers stored before have none."""
        for group in finding.get("industry_groups", ()):
            texts = [self.screen.pick(text) for text in (group["title"], group["note"]) if text]
            self.say("stands_for", self.listed(texts), indent=5)

    def finding(self, n: int, finding: Mapping[str, Any]) -> None:
        pick = self.screen.pick
        self.screen.line(
            f"{n}. {outcome(finding, self.screen)} · {pick(finding['title'])} [{finding['rule']}]", indent=2, hang=3
        )
        self.say("demand", pick(finding["demand"]), indent=5)
        self.stand_ins(finding)
        relation = pick(terms.relation_title(finding["relation"]))
        measured = measure(finding, self.screen).replace("\n", " ")
        self.say(
            "where",
            self.listed(
                [
                    f"{relation} {feature_name(finding, self.screen)}",
                    *([measured] if measured != "—" else []),
                    *([f"{'余量' if self.screen.lang == 'zh' else 'margin'} {margin(finding)}"] if margin(finding) != "—" else []),
                    pick(STATUS[finding["legal_status"]]),
                ]
            ),
            indent=5,
        )  # fmt: skip
        for part in finding["parts"]:
            self.say("part", self._part(part), indent=5)
        if not any("from" in part for part in finding["parts"]):
            for text in shown([stretch(s, self.screen) for s in finding.get("stretches", ())], self.screen):
                self.say("stretch", text, indent=5)
        for text in shown([crossing(c, self.screen) for c in finding.get("crossed_at", ())], self.screen):
            self.say("crossing", text, indent=5)
        for reason in finding["reasons"]:
            self.say("reason", pick(reason["text"]), indent=5)
        if finding["search"]:
            self.say("reason", pick(finding["search"]), indent=5)
        if finding["missing"]:
            self.say("missing", self.listed(finding["missing"]), indent=5)
        if finding["open"] and finding["open"]["text"]:
            self.say("open", pick(finding["open"]["text"]), indent=5)
        for need in finding["needs"]:
            self.say("needs", f"{pick(need)} ({pick(need['issuer'])})", indent=5)
        for text in finding["changes_if"]:
            self.say("change", pick(text), indent=5)
        self.cites(finding["cites"], indent=5)
        for decision in finding.get("decisions", ()):
            self.say("decision", pick(decision["label"]), indent=5)

    def cites(self, cites: Sequence[Mapping[str, Any]], indent: int) -> None:
        for cite in cites:
            quote = f" “{cite['quote']}”" if cite["quote"] else ""
            self.say("cite", f"{self.screen.pick(cite['label'])}{quote}", indent=indent)

    def _part(self, part: Mapping[str, Any]) -> str:
        zh = self.screen.lang == "zh"
        words = [f"地块 {part['parcel']}" if zh else f"parcel {part['parcel']}"]
        if part["county"]:
            words.append(part["county"])
        if "from_m" in part:
            words.append(stretch(part, self.screen))
        if "area_m2" in part:
            words.append(f"{part['area_m2']:,.2f} m²")
        if "length_m" in part:
            words.append(f"{part['length_m']:,.2f} m")
        return self.listed([*words, share(part["share"])])

    def duties(self) -> None:
        for duty in self.check["duties"]:
            at = f"{called(duty['feature'], self.screen)}: " if duty["feature"] else ""
            self.screen.line(f"- {at}{self.screen.pick(duty['demand'])} [{duty['rule']}]", indent=2)
            self.cites(duty["cites"], indent=4)

    def searched(self) -> None:
        zh, pick = self.screen.lang == "zh", self.screen.pick
        for one in self.check["searched"]:
            near, reach = one["nearest_m"], one["reach_m"]
            nearest = f"> {math.floor(reach / 100) / 10:g} km" if near is None else f"{near:,.1f} m"
            words = [
                pick(STATUS[one["legal_status"]]),
                f"精度 {one['accuracy_m']:g} 米" if zh else f"accuracy {one['accuracy_m']:g} m",
                f"第 {one['release']} 版" if zh else f"version {one['release']}",
                f"最近 {nearest}" if zh else f"nearest {nearest}",
            ]
            self.screen.line(f"- {self.paired(pick(one['title']), self.listed(words))}", indent=2)
            for feature in one["features"]:
                self.screen.line(self._touched(feature), indent=4)

    def _touched(self, feature: Mapping[str, Any]) -> str:
        relation = feature.get("relation")
        title = self.screen.pick(terms.relation_title(relation)) if relation else ""
        sizes = [
            f"{feature[key]:,.2f} {unit}"
            for key, unit in (("overlap_m2", "m²"), ("overlap_m", "m"))
            if feature.get(key)
        ]
        if not feature.get("in_force", True):
            sizes.append("（该日未生效或已失效）" if self.screen.lang == "zh" else "(not in force on that day)")
        return " ".join(part for part in (title, feature.get("name"), feature.get("code"), *sizes) if part)

    def not_searched(self) -> None:
        for one in self.check["not_searched"]:
            self.screen.line(f"- {self.paired(self.screen.pick(one['title']), self._why_not(one))}", indent=2)

    def _why_not(self, one: Mapping[str, Any]) -> str:
        if one["outcome"] == "out_of_scope":
            kinds = self.check.get("rules_not_in_scope", {}).get("kinds", ())
            n = next((kind["count"] for kind in kinds if kind["layer"] == one["layer"]), 0)
            zh = f"不在本部署的核查范围内，{n} 条可能有关的规定未查" if n else "不在本部署的核查范围内"
            rules = "rule that may concern the project was" if n == 1 else "rules that may concern the project were"
            en = (
                f"left out of this deployment's scope: {n} {rules} not looked at"
                if n
                else "left out of this deployment's scope"
            )
            return self.screen.pick(Bilingual(zh, en))
        return self.screen.pick(one["text"])

    def eia_hint(self) -> None:
        hint = self.check["eia_hint"]
        source = hint["source"]
        self.screen.line(f"- {self.screen.pick(hint['text'])}", indent=2)
        self.screen.line(f"- {self.screen.pick(source['title'])}{self.comma}{source['number']}", indent=2)

    def not_known(self) -> None:
        for item in self.check["not_known"]:
            ends = []
            for label, end in item["outcomes"].items():
                verdict = end["verdict"] if isinstance(end, Mapping) else end
                said = self.screen.pick(_WORDS[verdict] if verdict in _WORDS else terms.verdict_title(verdict))
                ends.append(f"{self.screen.pick(_WORDS[label]) if label in _WORDS else label} → {said}")
            self.screen.line(f"- {self.screen.pick(item['text'])} ({item['what']}; {self.listed(ends)})", indent=2)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:,.10g}" if isinstance(value, float) else str(value)


def details(check: Mapping[str, Any], screen: Screen) -> None:
    """Print all details of a check document."""
    writer = _Details(check, screen)
    writer.identity()
    writer.project()
    writer.site()
    if check.get("route"):
        lengths(check["route"], screen)
    if check["findings"]:
        screen.heading(Bilingual("逐条说明", "Each finding"))
        for n, finding in enumerate(check["findings"], 1):
            writer.finding(n, finding)
    answers(check, screen)
    for key, title, write in (
        (
            "duties",
            Bilingual("同时适用的要求（不影响结论）", "Duties that also apply (no effect on the verdict)"),
            writer.duties,
        ),
        ("searched", Bilingual("已查图层", "Layers searched"), writer.searched),
        ("not_searched", Bilingual("未查图层", "Layers not searched"), writer.not_searched),
        ("not_known", Bilingual("尚不清楚的事项", "Not known"), writer.not_known),
        (
            "eia_hint",
            Bilingual(
                "环评类别提示（待核实，不影响结论）",
                "Class of environmental assessment (a hint, no effect on the verdict)",
            ),
            writer.eia_hint,
        ),
    ):
        if check.get(key):
            screen.heading(title)
            write()
