// The questions that can still change the verdict, and only those; an answer asks the check again.
export function questions(app, facts, check, stated, { onAnswer }) {
  const { t, element } = app;
  const say = (text) => text?.[app.lang] ?? text?.zh ?? "";
  const declared = new Map(facts.attributes.map((one) => [one.attribute, one]));

  const word = (end) => {
    const verdict = typeof end === "string" ? end : end.verdict;
    return verdict === "no_effect" ? t("panel.no_effect") : t(`verdict.${verdict}`);
  };

  function leads(item, value) {
    const end = item.outcomes?.[value];
    return end ? element("small", {}, `→ ${word(end)}`) : null;
  }

  function choices(item, pairs) {
    const name = `question-${item.what}`;
    return element(
      "div",
      { class: "choices", role: "group" },
      pairs.map(([value, title, given]) => {
        const button = element("button", { type: "button", class: "button", name, "data-value": value }, title, leads(item, value));
        button.addEventListener("click", () => onAnswer(item.what, given));
        return button;
      }),
    );
  }

  function amount(item, one) {
    const input = element("input", { class: "field", type: "text", inputmode: "decimal", id: `question-${item.what}`, required: true });
    const ends = Object.entries(item.outcomes).map(([range, end]) => `${range} → ${word(end)}`).join(app.lang === "zh" ? "；" : "; ");
    const form = element("form", { class: "amount" }, input, element("span", { class: "unit" }, one.unit ?? ""), element("button", { class: "button" }, t("panel.answer")), element("small", {}, ends));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const value = Number(input.value.replace(/,/g, ""));
      if (input.value.trim() && Number.isFinite(value)) onAnswer(item.what, value);
      else input.setAttribute("aria-invalid", "true");
    });
    return form;
  }

  function asked(item) {
    const one = declared.get(item.what);
    if (!one) return null;
    const control =
      one.type === "bool"
        ? choices(item, [["true", t("panel.yes"), true], ["false", t("panel.no"), false]])
        : one.type === "enum"
          ? choices(item, one.values.map((value) => [value, say(one.titles[value]), value]))
          : amount(item, one);
    const id = `asked-${item.what}`;
    control.setAttribute("aria-labelledby", id);
    return element("li", { "data-asks": item.what }, element("p", { id }, say(item.text)), control);
  }

  const open = check.not_known.filter((item) => item.kind === "attribute").map(asked).filter(Boolean);
  const other = check.not_known.filter((item) => item.kind !== "attribute");
  const said = Object.entries(stated).map(([name, value]) => {
    const one = declared.get(name);
    const title = typeof value === "boolean" ? t(value ? "panel.yes" : "panel.no") : one?.titles?.[value] ? say(one.titles[value]) : `${value} ${one?.unit ?? ""}`;
    return element("li", {}, element("span", {}, `${say(one?.question) || name} `), element("b", {}, title), " ", element("button", { type: "button", class: "plain", "aria-label": t("panel.take_back_of", { question: say(one?.question) || name }), onclick: () => onAnswer(name, undefined) }, t("panel.take_back")));
  });
  if (!open.length && !other.length && !said.length) return null;
  return element(
    "section",
    { class: "questions", "aria-label": t("panel.questions") },
    open.length ? [element("h3", {}, t("panel.questions")), element("ol", {}, open)] : null,
    other.length ? [element("h3", {}, t("panel.open_points")), element("ul", { class: "points" }, other.map((item) => element("li", {}, say(item.text), element("small", {}, Object.entries(item.outcomes ?? {}).map(([key, end]) => ` ${t(`panel.${key}`)} → ${word(end)}`).join(app.lang === "zh" ? "；" : ";")))))] : null,
    said.length ? element("details", { class: "said" }, element("summary", {}, t("panel.stated", { n: said.length })), element("ul", {}, said)) : null,
  );
}
