// The checks made in this browser: id, number, verdict and time, nothing of the site; kept here only and cleared at a word.
import { sign } from "./signs.js";

const KEY = "checks";
const MOST = 50;

export function past(app, { onOpen }) {
  const { t, element, store } = app;
  const box = element("details", { class: "fold past" });

  const list = () => (store.get(KEY, []) ?? []).filter((one) => one && typeof one.id === "string");

  function show() {
    const kept = list();
    box.replaceChildren(
      element("summary", {}, t("panel.past", { n: kept.length })),
      kept.length
        ? element("ul", { class: "plainlist" }, kept.map((one) => element("li", {}, element("button", { type: "button", class: "plain", "data-check": one.id, onclick: () => onOpen(one.id) }, sign(one.verdict, "small-sign"), ` ${one.number ?? one.id.slice(0, 12)} `, element("small", {}, `${t(`verdict.${one.verdict}`)} · ${new Date(one.time).toLocaleString(app.lang === "zh" ? "zh-CN" : "en")}`)))))
        : element("p", { class: "hint" }, t("panel.past_none")),
      element("p", { class: "hint" }, t("panel.past_note")),
      kept.length ? element("button", { type: "button", class: "button", id: "forget", onclick: clear }, t("panel.forget")) : "",
    );
  }

  function clear() {
    store.remove(KEY);
    show();
  }

  show();
  return {
    box,
    keep({ id, number, verdict }) {
      const others = list().filter((one) => one.id !== id);
      store.set(KEY, [{ id, number, verdict, time: new Date().toISOString() }, ...others].slice(0, MOST));
      show();
    },
  };
}
