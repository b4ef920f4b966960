// Locate: where this device is, in or out of the red line, in plain words. The position goes into one request's body and is kept nowhere.
export function install(app) {
  const { map, t, element } = app;
  const spot = L.layerGroup().addTo(map);
  let box = null;
  let last = null;

  const button = app.tool("locate", t("here.title"), 30, () => (box ? close() : open()), { "aria-pressed": "false" });

  function close() {
    box?.remove();
    box = null;
    last = null;
    spot.clearLayers();
    app.state.release("here", { back: true });
    button.setAttribute("aria-pressed", "false");
    button.focus();
  }

  function open() {
    app.need("panel.css").catch(() => undefined);
    const said = element("div", { class: "said", role: "status", "aria-live": "polite" });
    const datum = element("select", { class: "field", id: "here-datum" }, ["WGS84", "CGCS2000", "GCJ-02"].map((one) => element("option", { value: one }, t(`here.${one}`))));
    const lon = element("input", { class: "field", id: "here-lon", type: "text", inputmode: "decimal", autocomplete: "off" });
    const lat = element("input", { class: "field", id: "here-lat", type: "text", inputmode: "decimal", autocomplete: "off" });
    const form = element(
      "form",
      {},
      element("p", {}, t("here.private")),
      element("button", { type: "button", class: "button primary", id: "here-locate", onclick: () => locate(said) }, app.icon("locate"), t("here.locate")),
      element("details", {}, element("summary", {}, t("here.type")), element("div", { class: "pair" }, element("label", {}, t("here.lon"), lon), element("label", {}, t("here.lat"), lat)), element("label", {}, t("here.datum"), datum), element("button", { class: "button", id: "here-ask" }, t("here.ask"))),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const [x, y] = [lon, lat].map((field) => Number(field.value.trim()));
      if (lon.value.trim() && lat.value.trim() && Number.isFinite(x) && Number.isFinite(y)) ask({ lon: x, lat: y, datum: datum.value }, said);
      else say(said, [t("here.bad")], "error");
    });
    box = element("div", { class: "here", role: "dialog", "aria-label": t("here.title") }, element("h2", {}, t("here.title"), element("button", { type: "button", class: "plain", "aria-label": t("page.close"), onclick: close }, app.icon("close"))), form, said);
    box.addEventListener("keydown", (event) => event.key === "Escape" && close());
    document.body.append(box);
    button.setAttribute("aria-pressed", "true");
    box.querySelector("#here-locate").focus();
  }

  function say(said, lines, kind = "") {
    said.replaceChildren(...lines.map((line, at) => element("p", { class: at === 0 ? `first ${kind}` : "" }, line)));
  }

  function locate(said) {
    if (!navigator.geolocation) return say(said, [t("here.cannot")], "error");
    say(said, [t("here.looking")]);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => ask({ lon: coords.longitude, lat: coords.latitude, accuracy_m: Math.min(coords.accuracy, 100000), datum: "WGS84" }, said),
      (error) => say(said, [t(error.code === 1 ? "here.denied" : "here.cannot")], "error"),
      { enableHighAccuracy: true, timeout: 15000, maximumAge: 0 },
    );
    return undefined;
  }

  async function ask(body, said) {
    const mine = (last = {});
    spot.clearLayers();
    say(said, [t("here.asking")]);
    try {
      const answer = await app.ask("/here", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
      if (mine !== last) return;
      say(said, answer.lines.map((line) => line[app.lang]));
      if (body.datum !== "GCJ-02") mark(body);
    } catch (error) {
      if (mine === last) say(said, [error.message], "error");
    }
  }

  /** Shows the position; one in GCJ-02 would stand half a kilometre off and is not drawn. */
  function mark({ lon, lat, accuracy_m: accuracy }) {
    const at = [lat, lon];
    app.state.hold("here");
    if (accuracy) L.circle(at, { radius: accuracy, color: "#0b5480", weight: 1, fillOpacity: 0.12, interactive: false }).addTo(spot);
    L.circleMarker(at, { radius: 7, color: "#ffffff", weight: 3, fillColor: "#0b5480", fillOpacity: 1, interactive: false }).addTo(spot);
    map.setView(at, Math.max(map.getZoom(), 13), { animate: false });
  }
}
