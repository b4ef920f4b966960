// The planner's panel: site, project, day; run; then the six lines, the questions that still matter, findings on the map, and the past checks.
import { answers } from "./answer.js";
import { industryField } from "./industry.js";
import { marking } from "./marking.js";
import { past } from "./past.js";
import { siteField } from "./site.js";

export function install(app) {
  const { t, element } = app;
  const panel = app.side.panel("check");
  let built = false;

  const build = () => {
    if (built) return;
    built = true;
    app.need("panel.css").catch((error) => app.say(error.message, { kind: "error" }));
    make().catch((error) => {
      built = false;
      panel.replaceChildren(element("p", { class: "error" }, error.message), element("button", { type: "button", class: "button", onclick: build }, t("panel.try_again")));
    });
  };
  app.on("tab", ({ name }) => name === "check" && build());
  if (app.side.tab === "check") build();

  /** Today in the time of Shanxi. */
  const today = () => new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai" }).format(new Date());

  async function make() {
    panel.replaceChildren(element("p", { class: "hint" }, t("panel.loading")));
    const facts = await app.ask("/attributes");
    const say = (text) => text?.[app.lang] ?? text?.zh ?? "";
    const marks = marking(app);
    let stated = {};
    let documents = [];
    let asked = 0;
    let current = null;
    let reopened = false; // the answer shown is a past one, not of what the form says

    const result = element("div", { id: "answer" });
    const live = element("p", { class: "unseen", role: "status", "aria-live": "assertive", id: "verdict-said" });
    const trouble = element("div", { class: "trouble", role: "alert" });

    const site = siteField(app, {
      marks,
      onSite: () => {
        forget();
        ready();
      },
    });
    const industry = industryField(app, {
      onChosen: () => {
        stated = {};
        forget();
        ready();
      },
    });
    const activity = element("select", { id: "activity", class: "field" }, facts.activities.map((one) => element("option", { value: one.activity }, say(one.title))));
    activity.addEventListener("change", () => {
      stated = {};
      forget();
    });
    const day = element("input", { id: "as-of", class: "field", type: "date", value: today() });
    day.addEventListener("change", forget);

    // Documents held
    const kind = element("select", { class: "field", id: "document-kind" }, facts.documents.map((one) => element("option", { value: one.kind }, `${say(one.title)}（${say(one.issuer)}）`)));
    const mark = element("input", { class: "field", id: "document-number", type: "text", maxlength: "100" });
    const issued = element("input", { class: "field", id: "document-date", type: "date" });
    const held = element("ul", { class: "plainlist" });
    const showHeld = () =>
      held.replaceChildren(
        ...documents.map((one, at) =>
          element("li", {}, `${say(facts.documents.find((d) => d.kind === one.kind)?.title)} ${one.number} `, element("button", { type: "button", class: "plain", onclick: () => {
            documents = documents.filter((_, i) => i !== at);
            forget();
            showHeld();
          } }, t("panel.take_back")))),
      );
    const add = element("button", { type: "button", class: "button", id: "document-add", onclick: () => {
      if (!mark.value.trim()) {
        mark.setAttribute("aria-invalid", "true");
        mark.focus();
        return;
      }
      mark.removeAttribute("aria-invalid");
      documents = [...documents, { kind: kind.value, number: mark.value.trim(), ...(issued.value ? { date: issued.value } : {}) }];
      mark.value = issued.value = "";
      forget();
      showHeld();
    } }, t("panel.document_add"));
    const papers = element("details", { class: "papers" }, element("summary", {}, t("panel.documents")), element("p", { class: "hint" }, t("panel.documents_note")), element("label", {}, t("panel.document_kind"), kind), element("div", { class: "pair" }, element("label", {}, t("panel.document_number"), mark), element("label", {}, t("panel.document_date"), issued)), add, held);

    const run = element("button", { class: "button primary", id: "run" }, t("panel.run"));
    const needs = element("p", { class: "hint", id: "run-needs" });
    const form = element(
      "form",
      { class: "ask", novalidate: true },
      site.box,
      element("fieldset", {}, element("legend", {}, t("panel.project")), industry.box, element("div", { class: "pair" }, element("label", { for: "activity" }, t("panel.activity"), activity), element("label", { for: "as-of" }, t("panel.as_of"), day)), papers),
      needs,
      run,
      trouble,
    );
    const history = past(app, { onOpen: open });
    const show = answers(app, { marks, facts: () => facts, onAnswer: answered, onAnother: another });
    panel.replaceChildren(live, form, result, history.box);
    ready();

    /** An answer never stands beside a form that asks something else; one on its way is not shown either. */
    function forget() {
      asked++;
      idle();
      if (current) result.replaceChildren();
      current = null;
    }

    function idle() {
      run.removeAttribute("aria-busy");
      run.textContent = t("panel.run");
    }

    function fail(error) {
      trouble.replaceChildren(element("p", { class: "error" }, error.message, error.remedy ? element("small", {}, error.remedy) : null));
    }

    function ready() {
      const missing = [site.site ? null : t("panel.needs_site"), industry.code ? null : t("panel.needs_industry")].filter(Boolean);
      needs.textContent = missing.length ? t("panel.needs_first", { what: missing.join(app.lang === "zh" ? "、" : ", ") }) : "";
      run.setAttribute("aria-disabled", String(Boolean(missing.length)));
      return !missing.length;
    }

    function answered(name, value) {
      if (value === undefined) delete stated[name];
      else stated[name] = value;
      check({ focus: true });
    }

    function another() {
      site.clear();
      result.replaceChildren();
      current = null;
      panel.scrollTop = 0;
      site.draw();
    }

    // Map and answer are of one release: another one asks again, or takes the answer away.
    app.on("release", ({ number }) => {
      const busy = run.hasAttribute("aria-busy");
      if (!busy && (!current || current.release === number)) return;
      if (!reopened && site.site && industry.code) check();
      else forget();
    });

    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (ready()) check({ focus: true });
      else app.say(needs.textContent);
    });

    async function check({ focus = false } = {}) {
      const mine = ++asked;
      site.stop();
      trouble.replaceChildren();
      run.setAttribute("aria-busy", "true");
      run.textContent = t("panel.running");
      try {
        const body = site.form();
        body.append("check", JSON.stringify({ project: { industry: industry.code, activity: activity.value, attributes: stated, documents }, release: app.release, ...(day.value ? { as_of: day.value } : {}) }));
        const data = await app.ask("/checks", { method: "POST", body, headers: { Accept: "application/json" } });
        if (mine !== asked) return;
        history.keep(data);
        reopened = false;
        place(data, { focus });
      } catch (error) {
        if (mine === asked) {
          result.replaceChildren();
          fail(error);
        }
      } finally {
        if (mine === asked) idle();
      }
    }

    function place(data, { focus = false, canAsk = true } = {}) {
      current = data;
      result.replaceChildren(show(data, { ...stated }, { canAsk }));
      for (const layer of new Set(data.findings.map((one) => one.layer))) if (layer) app.layers.show(layer);
      marks.site(data.site, { go: true });
      live.textContent = data.sentence[app.lang];
      if (focus) {
        const six = result.querySelector(".six");
        six.focus({ preventScroll: true });
        six.scrollIntoView({ block: "start" });
      }
      app.emit("checked", { id: data.id, verdict: data.verdict });
    }

    async function open(id) {
      const mine = ++asked;
      idle();
      trouble.replaceChildren();
      try {
        const data = await app.ask(`/checks/${encodeURIComponent(id)}`, { headers: { Accept: "application/json" } });
        current = null;
        if (data.release !== app.release) await app.look(data.release);
        if (mine !== asked) return;
        reopened = true;
        place(data, { focus: true, canAsk: false });
      } catch (error) {
        if (mine === asked) fail(error);
      }
    }
  }
}
