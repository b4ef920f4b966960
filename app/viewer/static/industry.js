// Choosing an industry by name or code: a field with a list, worked by keyboard as the WAI-ARIA pattern for comboboxes has it.
export function industryField(app, { onChosen }) {
  const { t, element } = app;
  const input = element("input", { id: "industry", class: "field", type: "text", role: "combobox", autocomplete: "off", spellcheck: "false", "aria-expanded": "false", "aria-controls": "industry-list", "aria-autocomplete": "list", placeholder: t("panel.industry_hint") });
  const list = element("ul", { id: "industry-list", role: "listbox", "aria-label": t("panel.industry"), hidden: true });
  const box = element("div", { class: "industry" }, element("label", { for: "industry" }, t("panel.industry")), input, list);
  let found = [];
  let at = -1;
  let chosen = null;
  let waiting = 0;
  let asked = 0;

  const name = (one) => `${one.code} ${app.lang === "zh" ? one.name.zh : one.name.en ?? one.name.zh}`;

  function close() {
    list.hidden = true;
    at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function point(next) {
    at = next;
    [...list.querySelectorAll('[role="option"]')].forEach((option, i) => {
      option.setAttribute("aria-selected", String(i === at));
      if (i === at) {
        input.setAttribute("aria-activedescendant", option.id);
        option.scrollIntoView({ block: "nearest" });
      }
    });
  }

  function choose(one) {
    chosen = one;
    input.value = name(one);
    input.removeAttribute("aria-invalid");
    close();
    onChosen(one);
  }

  async function look() {
    const q = input.value.trim();
    if (!q) return close();
    const mine = ++asked;
    let answer;
    try {
      answer = await app.ask(`/industries?${new URLSearchParams({ q, limit: 20 })}`);
    } catch (error) {
      if (mine === asked) list.replaceChildren(element("li", { class: "none" }, error.message));
      return undefined;
    }
    if (mine !== asked) return undefined;
    found = answer.industries.filter((one) => one.level === "class");
    const options = found.map((one, i) => {
      const option = element("li", { role: "option", id: `industry-${i}`, "aria-selected": "false" }, element("b", {}, one.code), " ", app.lang === "zh" ? one.name.zh : one.name.en ?? one.name.zh);
      option.addEventListener("mousedown", (event) => {
        event.preventDefault();
        choose(one);
      });
      return option;
    });
    const more = answer.total > answer.industries.length ? [element("li", { class: "none", role: "presentation" }, t("panel.industry_more", { n: answer.total - answer.industries.length }))] : [];
    list.replaceChildren(...(options.length ? options : [element("li", { class: "none", role: "presentation" }, t("panel.industry_none"))]), ...more);
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    point(options.length ? 0 : -1);
    return undefined;
  }

  input.addEventListener("input", () => {
    if (chosen) {
      chosen = null;
      onChosen(null);
    }
    // What is listed was found for other words: nothing of it may be chosen any more.
    asked += 1;
    found = [];
    list.replaceChildren();
    close();
    clearTimeout(waiting);
    waiting = setTimeout(look, 150);
  });
  input.addEventListener("keydown", (event) => {
    const open = !list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) look();
      else if (found.length) point((at + (event.key === "ArrowDown" ? 1 : -1) + found.length) % found.length);
    } else if (event.key === "Enter" && !chosen && input.value.trim()) {
      event.preventDefault(); // a word that is still looked for sends nothing
      if (open && found[at]) choose(found[at]);
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  });
  input.addEventListener("blur", close);
  return {
    box,
    input,
    choose,
    get code() {
      return chosen?.code ?? null;
    },
  };
}
