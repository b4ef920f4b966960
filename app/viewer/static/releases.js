// Which release is looked at: the newest, or any before it.
export function install(app) {
  const { t, element } = app;
  const box = document.getElementById("releases");
  const select = element("select", { id: "release", "aria-label": t("releases.label") });
  box.append(element("label", {}, element("span", {}, t("releases.label")), select));

  function fill() {
    const { number, newest } = app.config.release;
    const listed = app.config.releases;
    const options = listed.map((one) => element("option", { value: one.number, title: one.note }, t(one.number === newest ? "releases.newest" : "releases.one", { number: one.number, day: one.day })));
    if (!listed.some((one) => one.number === number)) options.push(element("option", { value: number }, t("releases.number", { number })));
    const last = listed.at(-1)?.number ?? 1;
    if (last > 1) options.push(element("option", { value: "other" }, t("releases.other", { last: last - 1 })));
    select.replaceChildren(...options);
    select.value = String(number);
    box.classList.toggle("past", number !== newest);
  }

  async function look(number) {
    try {
      await app.look(number);
      const url = new URL(location.href);
      if (number === app.config.release.newest) url.searchParams.delete("release");
      else url.searchParams.set("release", number);
      history.replaceState(null, "", url);
      link();
      app.say(t("releases.now", { number }));
    } catch (error) {
      app.say(error.message, { kind: "error" });
      fill();
    }
  }

  function ask() {
    const field = element("input", { class: "field", type: "number", min: "1", max: app.config.release.newest, "aria-label": t("releases.which") });
    const go = (event) => {
      event.preventDefault();
      dialog.close();
      if (field.value) look(Number(field.value));
    };
    const dialog = element("dialog", { "aria-label": t("releases.which") }, element("h2", {}, t("releases.which")), element("form", { onsubmit: go }, field, element("div", { class: "actions" }, element("button", { class: "button primary" }, t("releases.look")))));
    dialog.addEventListener("close", () => {
      dialog.remove();
      fill();
    });
    document.body.append(dialog);
    dialog.showModal();
  }

  select.addEventListener("change", () => (select.value === "other" ? ask() : look(Number(select.value))));
  app.on("release", fill);
  fill();

  /** The switch to the other language keeps the view and the release. */
  const language = document.getElementById("language");
  function link() {
    const url = new URL(language.href, location.href);
    if (app.release === app.config.release.newest) url.searchParams.delete("release");
    else url.searchParams.set("release", app.release);
    url.hash = app.state.text();
    language.href = url.pathname + url.search + url.hash;
  }
  for (const name of ["focus", "pointerdown", "click"]) language.addEventListener(name, link);
}
