// What lies at a click: every layer of the release there, asked of the server, with provenance, accuracy and legal status. Text nodes only.
export function install(app) {
  const { map, t, element } = app;
  const panel = app.side.panel("info");
  let spot = null;
  let lit = null;
  let asked = 0;

  function hint() {
    panel.replaceChildren(element("p", { class: "hint" }, t("identify.hint")));
  }

  const say = (value) => (value && typeof value === "object" ? value[app.lang] ?? value.zh ?? value.en : value);
  const number = (value, digits) => value.toLocaleString(app.lang === "zh" ? "zh-CN" : "en", { maximumFractionDigits: digits });

  function facts(pairs) {
    return element("dl", { class: "facts" }, pairs.filter(([, value]) => value !== null && value !== undefined && value !== "").flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, String(value))]));
  }

  function metres(value) {
    return value >= 1000 ? t("identify.km", { value: number(value / 1000, 1) }) : t("identify.m", { value: number(value, 0) });
  }

  function hectares(value) {
    return value >= 1e8 ? t("measure.km2", { value: number(value / 1e6, 2) }) : t("measure.ha", { value: number(value / 1e4, 2) });
  }

  function words(value) {
    return typeof value === "boolean" ? t(value ? "identify.yes" : "identify.no") : value;
  }

  function finding(layer, one) {
    const declared = app.layers.get(layer.layer) ?? { title: say(layer.title), properties: {} };
    const status = one.legal_status ?? layer.legal_status;
    const kind = one[`class_${app.lang}`];
    const title = declared.title.replace(/（示意）$| \(illustrative\)$/, "");
    return element(
      "article",
      { class: "finding", "data-layer": layer.layer },
      element("h3", {}, (app.lang === "en" && one.name_en) || one.name || one.code, status === "illustrative" ? element("span", { class: "tag" }, t("layers.illustrative")) : null),
      element("div", { class: "of" }, [title, kind === title ? null : kind].filter(Boolean).join(" · ")),
      facts([
        [t("identify.code"), one.code],
        [t("identify.away"), one.distance_m > 0 ? metres(one.distance_m) : null],
        [t("identify.area"), one.area_m2 ? hectares(one.area_m2) : null],
        [t("identify.length"), !one.area_m2 && one.length_m ? metres(one.length_m) : null],
        [t("layers.status"), t(`status.${status}`)],
        [t("layers.accuracy"), status === "illustrative" ? t("layers.as_drawn") : one.accuracy_m === null || one.accuracy_m === undefined ? null : metres(one.accuracy_m)],
      ]),
      element("details", { class: "further" }, element("summary", {}, t("identify.further")), facts([
        ...Object.entries(declared.properties).map(([name, titled]) => [titled, words(one[name])]),
        [t("layers.source"), one.source ?? say(layer.description)],
        [t("identify.method"), one.method],
        [t("layers.licence"), one.licence],
        [t("identify.plan"), one.plan_line],
        [t("identify.valid"), one.valid_from || one.valid_to ? `${one.valid_from ?? "…"} – ${one.valid_to ?? "…"}` : null],
        [t("layers.version"), layer.version],
      ])),
    );
  }

  /** Shows what the release holds at a position. */
  app.identify = async ({ lat, lng }, { focus = false } = {}) => {
    const mine = ++asked;
    spot?.remove();
    spot = L.circleMarker([lat, lng], { pane: "spots", radius: 6, color: "#ffffff", weight: 2, fillColor: "#124b38", fillOpacity: 1, interactive: false }).addTo(map);
    app.side.open("info");
    map.panInside([lat, lng], app.padding());
    const { degrees, metres: gauss, full } = app.coordinateWords({ lat, lng });
    const head = element(
      "div",
      { class: "at" },
      facts([[t("identify.here"), degrees], [t("identify.projected"), gauss]]),
      element("div", { class: "actions" }, element("button", { type: "button", class: "button", onclick: () => app.copy(full ?? degrees) }, app.icon("copy"), t("identify.copy"))),
    );
    panel.replaceChildren(head, element("p", { class: "hint" }, t("identify.asking")));
    if (focus) panel.focus();
    const pixel = (40075016 * Math.cos((lat * Math.PI) / 180)) / 2 ** (map.getZoom() + 8);
    const tolerance = Math.min(Math.max(pixel * 6, 1), 5000);
    try {
      const answer = await app.ask(`/identify?${new URLSearchParams({ lon: lng.toFixed(7), lat: lat.toFixed(7), release: app.release, tolerance_m: tolerance.toFixed(1) })}`);
      if (mine !== asked) return;
      const layers = answer.layers ?? [];
      const found = layers.flatMap((layer) => (layer.features ?? []).map((one) => [layer, one]));
      found.sort(([a], [b]) => Number(app.layers.has(b.layer)) - Number(app.layers.has(a.layer)));
      panel.replaceChildren(head, found.length ? element("p", { class: "hint" }, t("identify.found", { count: found.length, release: answer.release ?? app.release })) : element("p", { class: "hint" }, t("identify.nothing")), ...found.map(([layer, one]) => finding(layer, one)));
      app.emit("identified", { answer });
    } catch (error) {
      if (mine === asked) panel.replaceChildren(head, element("p", { class: "error" }, error.status === 404 ? t("identify.missing") : error.message));
    }
  };

  let waiting = 0;
  map.on("click", ({ latlng }) => {
    if (app.claimed) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => !app.claimed && app.identify(latlng), 180); // a double click zooms and asks nothing
  });
  map.on("dblclick", () => clearTimeout(waiting));
  map.getContainer().addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !app.claimed && event.target === map.getContainer()) app.identify(map.getCenter(), { focus: true });
  });
  app.on("release", () => {
    spot?.remove();
    hint();
  });
  hint();
}
