// A check in the panel: its six lines first, then questions, findings that light up on the map, and everything else folded. Text is text.
import { questions } from "./questions.js";
import { sign, signed } from "./signs.js";

export function answers(app, { marks, facts, onAnswer, onAnother }) {
  const { t, element } = app;
  const zh = app.lang === "zh";
  const say = (text) => text?.[app.lang] ?? text?.zh ?? "";
  const number = (value, digits = 2) => value.toLocaleString(zh ? "zh-CN" : "en", { maximumFractionDigits: digits });
  const comma = zh ? "，" : ", ";
  const share = (value) => (value > 0 && value < 0.0001 ? "<0.01 %" : `${number(value * 100, value < 0.1 ? 2 : 1)} %`);
  const area = (m2) => (m2 < 50 ? `${number(m2)} m²` : zh ? `${number(m2 / 1e4)} 公顷（${number(m2, 0)} m²）` : `${number(m2 / 1e4)} ha (${number(m2, 0)} m²)`);
  const called = (feature) => (feature ? `${(zh ? null : feature.name_en) || feature.name} ${feature.code}` : null);

  function outcome(finding) {
    if (finding.outcome === "clear" && finding.at_worst === "clear") return t(`relation.${finding.relation}`);
    const said = t(`verdict.${finding.outcome}`);
    return finding.at_worst === finding.outcome ? said : t("panel.worst", { said, worst: t(`verdict.${finding.at_worst}`) });
  }

  function measured(finding) {
    if (finding.overlap_m2 !== null) return area(finding.overlap_m2) + (finding.share_of_site === null ? "" : `${comma}${share(finding.share_of_site)}`);
    if (finding.overlap_m !== null) return `${number(finding.overlap_m, 1)} m`;
    if (finding.distance_m !== null) return `${number(finding.distance_m, 1)} m`;
    return null;
  }

  const margin = (one) => (one.margin_m !== null ? `${number(one.margin_m, 1)} m` : one.margin_beyond_m !== null ? `> ${number(one.margin_beyond_m, 0)} m` : null);

  function pairs(list) {
    const rows = list.filter(([, value]) => value !== null && value !== undefined && value !== "" && !(Array.isArray(value) && !value.length));
    return element("dl", { class: "facts" }, rows.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, Array.isArray(value) ? value.map((one) => element("div", {}, one)) : String(value))]));
  }

  function part(one, check) {
    const county = check.site.counties.find((c) => c.code === one.county)?.name ?? one.county;
    return [t("panel.parcel", { number: one.parcel }), county, one.from ? `${one.from}–${one.to}` : null, one.area_m2 !== undefined ? area(one.area_m2) : one.length_m !== undefined ? `${number(one.length_m)} m` : null, share(one.share)].filter(Boolean).join(comma);
  }

  function cite(one) {
    return element("details", { class: "cite" }, element("summary", {}, say(one.label)), one.quote ? element("blockquote", { lang: "zh-CN" }, one.quote) : element("p", {}, t(one.open ? "panel.cite_open" : "panel.cite_none")));
  }

  function finding(one, at, check) {
    const size = measured(one);
    const head = element(
      "button",
      { type: "button", class: "look", "aria-pressed": "false", title: t(one.geometry ? "panel.look" : "panel.look_none") },
      sign(one.outcome, "small-sign"),
      element("span", { class: "what" }, element("b", {}, outcome(one)), " ", say(one.title)),
      element("span", { class: "where" }, [called(one.feature), size].filter(Boolean).join(comma) || t(`relation.${one.relation}`)),
    );
    const item = element(
      "li",
      { class: `finding-item ${one.outcome}`, "data-rule": one.rule },
      head,
      one.cites.map(cite),
      element(
        "details",
        { class: "more-of" },
        element("summary", {}, t("panel.detail")),
        pairs([
          [t("panel.demand"), say(one.demand)],
          [t("panel.relation"), t(`relation.${one.relation}`)],
          [t("panel.margin"), margin(one)],
          [t("panel.blur"), one.accuracy_m ? `${number(one.accuracy_m)} m` : null],
          [t("layers.status"), t(`status.${one.legal_status}`)],
          [t("panel.parts"), one.parts.map((p) => part(p, check))],
          [t("panel.why_uncertain"), [...one.reasons.map((r) => say(r.text)), one.search ? say(one.search) : null, one.open?.text ? say(one.open.text) : null].filter(Boolean)],
          [t("panel.needs"), one.needs.map((n) => `${say(n)}（${say(n.issuer)}）`)],
          [t("panel.change"), one.changes_if.map(say)],
          [t("panel.decisions"), one.decisions.map((d) => say(d.label))],
          [t("panel.rule"), one.rule],
        ]),
      ),
    );
    const show = () => marks.light(one);
    item.addEventListener("mouseenter", show);
    item.addEventListener("focusin", show);
    head.addEventListener("click", () => {
      for (const other of document.querySelectorAll(".look")) other.setAttribute("aria-pressed", String(other === head));
      marks.light(one, { go: true });
    });
    return item;
  }

  function fold(title, ...content) {
    return element("details", { class: "fold" }, element("summary", {}, title), content);
  }

  function clauseRow(one) {
    return element("li", { class: one.answer }, element("b", {}, say(one.answer_text)), ` ${say(one.text)} `, element("small", {}, `${say(one.reason)} ${say(one.source.label)}${one.legal_status === "illustrative" ? ` · ${t("layers.illustrative")}` : ""}`));
  }

  function clauses(check) {
    if (!check.clauses.length) return element("p", {}, t("panel.clauses_none"));
    return check.clauses.map((unit) =>
      element(
        "div",
        { class: "unit" },
        element("h4", {}, `${unit.code} ${say(unit.name)}`),
        unit.notes.map((note) => element("p", { class: "hint" }, say(note))),
        Object.entries(unit.dimensions).map(([dimension, list]) => [element("h5", {}, t(`dimension.${dimension}`)), element("ul", { class: "clauses" }, list.map(clauseRow))]),
      ),
    );
  }

  function searched(check) {
    return [
      element("ul", { class: "plainlist" }, check.searched.map((one) => element("li", {}, `${say(one.title)}${comma}${t(`status.${one.legal_status}`)}${comma}${t("panel.nearest")} ${one.nearest_m === null ? `> ${number(Math.floor(one.reach_m / 100) / 10, 1)} km` : `${number(one.nearest_m, 1)} m`}`))),
      element("h4", {}, t("panel.not_searched")),
      element("ul", { class: "plainlist" }, check.not_searched.map((one) => element("li", {}, `${say(one.title)}${one.outcome === "out_of_scope" ? "" : `（${say(one.text)}）`}`))),
    ];
  }

  function basics(check) {
    const { site } = check;
    return pairs([
      [t("panel.area"), site.dimension === 2 ? `${number(site.area_m2)} m²` : null],
      [t("panel.area_gk", { meridian: site.gk_central_meridian }), site.dimension === 2 ? `${number(site.area_gk_m2)} m²` : null],
      [t("panel.length"), site.dimension === 1 ? `${number(site.length_m)} m` : null],
      [t("panel.accuracy"), `${number(site.accuracy_m)} m`],
      [t("panel.half_width"), site.half_width_m === null ? null : `${number(site.half_width_m)} m`],
      [t("panel.crs"), site.crs],
      [t("panel.counties"), site.counties.map((c) => c.name).join("、")],
      [t("panel.assumed"), Object.entries(check.project.assumed).map(([name, one]) => `${say(facts().attributes.find((a) => a.attribute === name)?.question) || name} ${one.value === true ? t("panel.yes") : one.value === false ? t("panel.no") : one.value}（${say(one.reason)}）`)],
      [t("panel.basis"), t(`status.${check.basis}`)],
      [t("panel.id"), check.id],
      [t("panel.release"), `${check.release}（${check.release_date}）`],
      [t("panel.rules_hash"), check.rules_hash],
      [t("panel.engine"), Object.entries(check.engine).map(([k, v]) => `${k} ${v}`).join(comma)],
    ]);
  }

  async function download(check) {
    const text = await (await fetch(`/checks/${check.id}`, { headers: { Accept: "application/json" } })).blob();
    const link = element("a", { href: URL.createObjectURL(text), download: `shanhe-${check.number}.json` });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  /** The answer as one element; `stated` are the facts given so far, `canAsk` whether questions can be answered here. */
  return function shown(check, stated, { canAsk = true } = {}) {
    const [first, ...rest] = check.lines;
    const six = element(
      "section",
      { class: `six ${check.verdict}`, "data-verdict": check.verdict, "data-at-worst": check.at_worst, "aria-label": t("panel.answer_of", { number: check.number }), tabindex: "-1" },
      element("div", { class: "verdict" }, sign(check.verdict), element("b", {}, t(`verdict.${check.verdict}`))),
      element("ol", {}, element("li", {}, signed(say(first))), rest.map((line) => element("li", {}, signed(say(line))))),
    );
    const links = element(
      "div",
      { class: "actions" },
      element("a", { class: "button primary", id: "report-link", href: `/checks/${check.id}/report?lang=${app.lang}`, target: "_blank", rel: "noopener" }, t("panel.report")),
      element("button", { type: "button", class: "button", id: "download", onclick: () => download(check).catch((error) => app.say(error.message, { kind: "error" })) }, t("panel.download")),
      element("button", { type: "button", class: "button", id: "another", onclick: onAnother }, t("panel.another")),
    );
    const asked = canAsk ? questions(app, facts(), check, stated, { onAnswer }) : null;
    const found = check.findings.length
      ? [element("h3", {}, t("panel.findings", { n: check.findings.length })), element("ol", { class: "findings" }, check.findings.map((one, at) => finding(one, at, check)))]
      : element("p", { class: "hint" }, t("panel.findings_none"));
    const box = element(
      "div",
      { class: "answer" },
      six,
      element("p", { class: "number" }, t("panel.number", { number: check.number })),
      links,
      asked,
      found,
      fold(t("panel.clauses"), clauses(check)),
      check.duties.length ? fold(t("panel.duties", { n: check.duties.length }), element("ul", { class: "plainlist" }, check.duties.map((one) => element("li", {}, say(one.demand), one.cites.map(cite))))) : null,
      fold(t("panel.searched", { n: check.searched.length }), searched(check)),
      fold(t("panel.details"), basics(check)),
    );
    box.querySelector(".findings")?.addEventListener("mouseleave", () => marks.light(null));
    return box;
  };
}
