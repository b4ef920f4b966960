// Finding a place, a unit code or a feature by name, and going there.
const WAIT = 220;

export function install(app) {
  const { t, element, map } = app;
  const input = element("input", {
    class: "field", id: "q", type: "search", autocomplete: "off", spellcheck: "false", maxlength: "100", placeholder: t("search.placeholder"), "aria-label": t("search.label"),
    role: "combobox", "aria-expanded": "false", "aria-controls": "results", "aria-autocomplete": "list",
  });
  const list = element("ul", { id: "results", role: "listbox", "aria-label": t("search.results"), hidden: true });
  const form = element("form", { autocomplete: "off" }, app.icon("search"), input);
  document.getElementById("search").append(form, list);

  let found = [];
  let at = -1;
  let asked = 0;
  let timer = 0;
  let pin = null;

  function close() {
    list.hidden = true;
    at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function where(place) {
    return place.divisions.map((one) => one.name[app.lang] ?? one.name.zh).slice(0, 2).join(app.lang === "zh" ? "、" : ", ");
  }

  function describe(place) {
    const kind = (place.class_title && place.layer === "plan_place" ? place.class_title : place.layer_title)[app.lang];
    return [kind, where(place), /^(PP|R)-/.test(place.id.split(":")[1]) ? null : place.id.split(":")[1]].filter(Boolean).join(" · ");
  }

  function named(place) {
    return (app.lang === "en" && place.name.en) || place.name.zh;
  }

  function show(places, more) {
    found = places;
    at = -1;
    list.replaceChildren(
      ...places.map((place, i) =>
        element(
          "li",
          { role: "option", id: `result-${i}`, "aria-selected": "false", onclick: () => choose(i), onmousedown: (event) => event.preventDefault() },
          element("b", {}, named(place)),
          element("small", {}, describe(place)),
          place.matched?.note ? element("small", {}, place.matched.note[app.lang]) : null,
          place.placed ? null : element("span", { class: "why" }, place.why?.[app.lang] ?? ""),
        ),
      ),
      places.length ? "" : element("li", { class: "none" }, t("search.none")),
      more ? element("li", { class: "none" }, t("search.more")) : "",
    );
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
  }

  async function ask() {
    const words = input.value.trim();
    const mine = ++asked;
    if (!words) return close();
    try {
      const answer = await app.ask(`/places?${new URLSearchParams({ q: words, limit: 12, release: app.release })}`);
      if (mine === asked) show(answer.places, answer.next);
    } catch (error) {
      if (mine === asked) {
        list.replaceChildren(element("li", { class: "none error" }, error.message));
        list.hidden = false;
      }
    }
  }

  function mark(i) {
    at = (i + found.length) % found.length;
    [...list.querySelectorAll('[role="option"]')].forEach((one, n) => one.setAttribute("aria-selected", String(n === at)));
    input.setAttribute("aria-activedescendant", `result-${at}`);
    document.getElementById(`result-${at}`)?.scrollIntoView({ block: "nearest" });
  }

  function choose(i) {
    const place = found[i];
    if (!place) return;
    close();
    input.value = named(place);
    pin?.remove();
    pin = null;
    if (!place.placed) {
      app.say(`${named(place)}：${place.why?.[app.lang] ?? t("search.unplaced")}`);
      return;
    }
    if (app.layers.get(place.layer)) app.layers.show(place.layer);
    const [west, south, east, north] = place.box;
    if (east - west > 0.002 || north - south > 0.002) app.fit(place.box);
    else app.fit([west - 0.03, south - 0.03, east + 0.03, north + 0.03], { maxZoom: place.accuracy_m > 10000 ? 10 : 13 });
    const [lon, lat] = place.position;
    const point = place.layer === "plan_place" && place.accuracy_m;
    pin = L.layerGroup([
      point ? L.circle([lat, lon], { radius: place.accuracy_m, color: "#8a4400", weight: 1.2, dashArray: "5 5", fillColor: "#c77700", fillOpacity: 0.06, interactive: false }) : null,
      L.circleMarker([lat, lon], { pane: "spots", radius: 7, color: "#ffffff", weight: 2, fillColor: "#a3241c", fillOpacity: 1, interactive: false }),
    ].filter(Boolean)).addTo(map);
    app.say(point ? t("search.rough", { name: named(place), value: Math.round(place.accuracy_m / 1000) }) : named(place));
    map.getContainer().focus({ preventScroll: true });
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  input.addEventListener("focus", () => found.length && input.value && list.hidden && list.childElementCount && (list.hidden = false));
  input.addEventListener("blur", () => setTimeout(close, 120));
  input.addEventListener("search", () => {
    if (input.value) return;
    pin?.remove();
    close();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    if (!list.hidden && found.length) choose(Math.max(at, 0));
    else ask();
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      if (list.hidden) input.value = "";
      else close();
      event.preventDefault();
    }
    if (list.hidden || !found.length) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      mark(at < 0 && event.key === "ArrowUp" ? found.length - 1 : at + (event.key === "ArrowDown" ? 1 : -1));
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !/^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? "")) {
      event.preventDefault();
      input.focus();
    }
  });
}
