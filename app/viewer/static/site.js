// The site in the panel: drawn, typed, or a file of any kind the service reads; what was read is shown with every notice. Nothing of it enters an address.
import { BadCorner, corners } from "./corners.js";
import { drawing } from "./draw.js";

const TYPED = [
  ["EPSG:4490", "degrees"],
  ["EPSG:4525", "zone37"],
  ["EPSG:4526", "zone38"],
  ["EPSG:4546", "cm111"],
  ["EPSG:4547", "cm114"],
];
const ACCEPT = ".geojson,.json,.zip,.gpkg,.kml,.kmz,.dxf,.txt,.csv,.wkt";

export function siteField(app, { marks, onSite }) {
  const { t, element } = app;
  const say = (text) => text?.[app.lang] ?? text?.zh ?? "";
  const number = (value, digits = 2) => value.toLocaleString(app.lang === "zh" ? "zh-CN" : "en", { maximumFractionDigits: digits });
  let source = null; // {file, name} or {geojson}, with crs, layer
  let read = null;
  let asked = 0;

  const pen = drawing(app, {
    onDrawn: (geojson) => take({ geojson, drawn: true, crs: "EPSG:4490" }),
    onState: (state) => {
      drawArea.setAttribute("aria-pressed", String(state === "area"));
      drawLine.setAttribute("aria-pressed", String(state === "line"));
      penNote.hidden = state === null;
      penNote.firstChild.textContent = state ? t(`panel.draw_${state}_how`) : "";
      finish.hidden = state === "edit";
      if (state) marks.clear();
      else if (read) marks.site(read, { go: false });
    },
  });

  // A file
  const file = element("input", { type: "file", id: "site-file", class: "unseen", accept: ACCEPT });
  const drop = element("label", { class: "drop", for: "site-file" }, element("b", {}, t("panel.drop")), element("small", {}, t("panel.formats")));
  file.addEventListener("change", () => file.files[0] && takeFile(file.files[0]));

  // Drawing
  const drawArea = element("button", { type: "button", class: "button", id: "draw-area", "aria-pressed": "false", onclick: () => pen.start("area").catch(failed) }, app.icon("area"), t("panel.draw_area"));
  const drawLine = element("button", { type: "button", class: "button", id: "draw-line", "aria-pressed": "false", onclick: () => pen.start("line").catch(failed) }, t("panel.draw_line"));
  const finish = element("button", { type: "button", class: "button", onclick: () => pen.finish() }, t("panel.draw_finish"));
  const penNote = element("p", { class: "pen", hidden: true }, "", " ", finish, element("button", { type: "button", class: "button", onclick: () => pen.stop() }, t("panel.draw_cancel")));

  // Typing
  const typed = element("textarea", { id: "corners", class: "field", rows: "6", spellcheck: "false", placeholder: "111.470000, 35.540000\n111.472000, 35.540000\n111.472000, 35.541000" });
  const typedCrs = element("select", { id: "corners-crs", class: "field" }, TYPED.map(([code, key]) => element("option", { value: code }, t(`panel.crs_${key}`))));
  const typedOrder = element("select", { id: "corners-order", class: "field" }, element("option", { value: "north" }, t("panel.north_first")), element("option", { value: "east" }, t("panel.east_first")));
  const typedKind = element("select", { id: "corners-kind", class: "field" }, element("option", { value: "area" }, t("panel.kind_area")), element("option", { value: "line" }, t("panel.kind_line")));
  const orderBox = element("label", { hidden: true }, t("panel.order"), typedOrder);
  typedCrs.addEventListener("change", () => {
    orderBox.hidden = typedCrs.value === "EPSG:4490";
  });
  const typing = element(
    "details",
    { class: "typing" },
    element("summary", {}, t("panel.type")),
    element("label", { for: "corners" }, t("panel.corners_how")),
    typed,
    element("div", { class: "pair" }, element("label", {}, t("panel.crs"), typedCrs), element("label", {}, t("panel.kind"), typedKind)),
    orderBox,
    element("button", { type: "button", class: "button", id: "corners-take", onclick: takeTyped }, t("panel.take")),
  );

  // What goes with the site
  const accuracy = element("input", { id: "accuracy", class: "field", type: "text", inputmode: "decimal" });
  const accuracyBox = element("label", { for: "accuracy" }, element("span", {}, t("panel.accuracy_ask")), accuracy);
  const half = element("input", { id: "half-width", class: "field", type: "text", inputmode: "decimal" });
  const halfBox = element("label", { for: "half-width", hidden: true }, element("span", {}, t("panel.half_width_ask")), half);
  const crs = element("input", { id: "site-crs", class: "field", type: "text", placeholder: "EPSG:4546", list: "crs-list" });
  const crsBox = element("label", { for: "site-crs", hidden: true }, element("span", {}, t("panel.crs_ask")), crs, element("datalist", { id: "crs-list" }, TYPED.map(([code]) => element("option", { value: code }))));
  const layer = element("select", { id: "site-layer", class: "field" });
  const layerBox = element("label", { for: "site-layer", hidden: true }, element("span", {}, t("panel.layer_ask")), layer);
  const again = element("button", { type: "button", class: "button", id: "site-again", hidden: true, onclick: () => readAgain() }, t("panel.read_again"));
  const trouble = element("div", { class: "trouble", role: "alert" });
  const summary = element("div", { class: "read", "aria-live": "polite" });
  const box = element("fieldset", { class: "site" }, element("legend", {}, t("panel.site")), file, drop, element("div", { class: "actions" }, drawArea, drawLine), penNote, typing, trouble, layerBox, crsBox, halfBox, accuracyBox, again, summary);

  for (const one of [accuracy, half, crs]) one.addEventListener("change", () => source && readAgain());
  layer.addEventListener("change", () => layer.value && readAgain());

  const holdsFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  for (const target of [drop, document.getElementById("map"), document.getElementById("side")]) {
    target.addEventListener("dragover", (event) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      drop.classList.add("over");
    });
    target.addEventListener("dragleave", () => drop.classList.remove("over"));
    target.addEventListener("drop", (event) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      event.stopPropagation();
      drop.classList.remove("over");
      app.side.open("check");
      const files = event.dataTransfer.files;
      if (files.length === 1) takeFile(files[0]);
      else failed(new Error(t("panel.one_file")));
    });
  }

  function failed(error) {
    trouble.replaceChildren(element("p", { class: "error" }, error.message, error.remedy ? element("small", {}, error.remedy) : null));
  }

  function takeFile(given) {
    pen.forget();
    file.value = "";
    layer.replaceChildren();
    layerBox.hidden = crsBox.hidden = true;
    crs.value = "";
    take({ file: given, name: given.name });
  }

  function takeTyped() {
    trouble.replaceChildren();
    try {
      const projected = typedCrs.value !== "EPSG:4490";
      const geojson = corners(typed.value, { northFirst: projected && typedOrder.value === "north", kind: typedKind.value });
      pen.forget();
      take({ geojson, crs: typedCrs.value });
    } catch (error) {
      failed(error instanceof BadCorner ? new Error(t("panel.bad_corner", { line: error.line, text: error.text })) : error);
    }
  }

  const given = (field) => {
    const text = field.value.trim().replace(/,/g, "");
    return text === "" ? null : text;
  };

  async function take(next) {
    if (source?.drawn && !next.drawn) accuracy.value = ""; // what was said of the drawing does not hold for what comes now
    source = next;
    layerBox.hidden ||= !next.file;
    if (next.drawn && given(accuracy) === null) {
      read = null;
      onSite(null);
      marks.site({ geometry: next.geojson, parcels: [] }, { go: false });
      summary.replaceChildren(element("p", { class: "hint" }, t("panel.accuracy_needed")));
      halfBox.hidden = next.geojson.type !== "LineString";
      accuracy.setAttribute("aria-invalid", "true");
      accuracy.focus();
      return;
    }
    await readAgain();
  }

  /** What is said beside the site, as the service takes it. */
  function beside() {
    return Object.entries({ crs: source.file ? given(crs) : source.crs ?? null, layer: source.file ? layer.value || null : null, accuracy_m: given(accuracy), half_width_m: halfBox.hidden ? null : given(half) }).filter(([, value]) => value !== null);
  }

  function form() {
    const data = new FormData();
    data.append("file", source.file ?? new File([JSON.stringify(source.geojson)], "site.geojson", { type: "application/geo+json" }));
    for (const [key, value] of beside()) data.append(key, value);
    return data;
  }

  async function readAgain() {
    const mine = ++asked;
    trouble.replaceChildren();
    accuracy.removeAttribute("aria-invalid");
    summary.replaceChildren(element("p", { class: "hint" }, t("panel.reading")));
    if (source.drawn && given(accuracy) === null) return take(source);
    try {
      const data = await app.ask("/sites", { method: "POST", body: form() });
      if (mine !== asked) return undefined;
      read = data;
      again.hidden = true;
      show();
      marks.site(data, { go: !source.drawn });
      onSite(data);
    } catch (error) {
      if (mine !== asked) return undefined;
      read = null;
      summary.replaceChildren();
      marks.site(null);
      onSite(null);
      refused(error);
    }
    return undefined;
  }

  /** Shows a problem, and asks for what would solve it. */
  function refused(error) {
    failed(error);
    const type = error.type?.split(":").at(-1);
    again.hidden = false;
    if ((type === "layers-several" || type === "layer-unknown") && Array.isArray(error.where.layers) && error.where.layers.length) {
      const options = error.where.layers.map((one) => element("option", { value: one.name }, one.features === undefined ? one.name : `${one.name} (${one.features})`));
      layer.replaceChildren(element("option", { value: "" }, t("panel.layer_choose")), ...options);
      layerBox.hidden = false;
      layer.focus();
    } else if (type?.startsWith("crs") || type === "site-outside" || type === "datum-unsupported") {
      crsBox.hidden = false;
      crs.focus();
    } else if (type?.includes("half-width")) {
      halfBox.hidden = false;
      half.focus();
    }
  }

  function size(one) {
    if (one.area_m2) return one.area_m2 < 50 ? `${number(one.area_m2)} m²` : `${number(one.area_m2 / 1e4, 4)} ${t("panel.ha")}`;
    return one.length_m ? `${number(one.length_m, 1)} m` : t("panel.kind_point");
  }

  function show() {
    halfBox.hidden = read.dimension === 2 && read.half_width_m === null;
    const name = source.file ? source.name : t(source.drawn ? "panel.drawn" : "panel.typed");
    const parcels = read.parcels.length > 1 || read.parcels[0]?.name ? element("ul", { class: "plainlist" }, read.parcels.map((one) => element("li", {}, [one.number, one.name, size(one)].filter(Boolean).join(" · ")))) : null;
    const notices = [...read.repairs.map((one) => `${say(one.text)}（${number(one.area_before_m2)} → ${number(one.area_after_m2)} m²）`), ...read.notices.map((one) => say(one.text))];
    summary.replaceChildren(
      element("p", { class: "taken" }, element("b", {}, name), ` ${size(read)} · ${read.crs}`),
      ...(parcels ? [parcels] : []),
      ...(notices.length ? [element("ul", { class: "notices" }, notices.map((text) => element("li", {}, text)))] : []),
      element(
        "div",
        { class: "actions" },
        source.drawn && read.dimension > 0 ? element("button", { type: "button", class: "button", id: "edit-site", onclick: () => pen.edit(source.geojson).catch(failed) }, t("panel.edit")) : null,
        element("button", { type: "button", class: "button", id: "clear-site", onclick: () => clear({ back: true }) }, t("panel.clear")),
      ),
    );
  }

  function clear({ back = false } = {}) {
    asked += 1;
    source = read = null;
    pen.forget();
    typed.value = "";
    half.value = "";
    trouble.replaceChildren();
    summary.replaceChildren();
    layerBox.hidden = crsBox.hidden = halfBox.hidden = again.hidden = true;
    marks.clear({ back });
    onSite(null);
  }

  return {
    box,
    clear,
    form,
    get site() {
      return read;
    },
    /** Looks at where to begin: the drop zone. */
    focus: () => drop.scrollIntoView({ block: "nearest" }),
    draw: () => pen.start("area").catch(failed),
    stop: () => pen.stop(),
  };
}
