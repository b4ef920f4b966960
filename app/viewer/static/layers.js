// The layers of a release: vector tiles in few requests, the layer tree with legend and opacity, relief and base map beneath.
import { swatch, symbolizer } from "./paint.js";

const LARGEST_DATA_ZOOM = 16;
const RELIEF = 1; // less than that would blend the whole map anew in every frame

/** Fetches layers that were first shown together as one composite tile; a layer outside its zoom range is not asked for. */
function source(app, layers) {
  return new (class extends protomapsL.ZxySource {
    async get(tile, size) {
      const asked = layers.filter((one) => tile.z >= one.zoom[0] && tile.z <= one.zoom[1]);
      if (!asked.length) return new Map();
      this.url = app.config.tiles
        .replace("{layers}", asked.map((one) => one.id).join(","))
        .replace("{versions}", asked.map((one) => one.version).join(","));
      try {
        return await super.get(tile, size);
      } catch (error) {
        if (error.name !== "AbortError") app.emit("tile-failed", { tile });
        throw new DOMException("tile", "AbortError"); // not kept, and asked for again when it is next in view
      }
    }
  })("", true);
}

/** Leaflet looks through all tiles whenever one is ready; once a frame is enough. */
function atOnce(layer) {
  const prune = layer._pruneTiles;
  let planned = 0;
  layer._pruneTiles = () => {
    planned ||= requestAnimationFrame(() => {
      planned = 0;
      if (layer._map) prune.call(layer);
    });
  };
}

export function install(app) {
  const { map, element, t } = app;
  const shown = new Set();
  const opacity = new Map();
  const batches = new Map();
  const extra = [];
  let vector = null;
  let relief = null;
  const byId = (id) => app.config.layers.find((one) => one.id === id);

  // ---- drawing

  /** The opening view is painted when tiles and relief are there; what it does not need is loaded then. */
  const waited = new Set();
  let painted;
  app.painted = new Promise((resolve) => (painted = resolve));
  app.painted.then(() => performance.mark("shanhe-painted"));
  function awaited(layer) {
    atOnce(layer);
    waited.add(layer);
    layer.once("load", () => {
      waited.delete(layer);
      if (!waited.size) painted();
    });
  }

  function sourceOf(id) {
    return [...batches].find(([, one]) => one.ids.has(id))?.[0];
  }

  /** Sees to it that every shown layer is in some batch; those that are new come together in one. */
  function gather() {
    const needed = new Set([...shown, ...extra.map((rule) => rule.layer)]);
    const missing = [...needed].filter((id) => byId(id) && !sourceOf(id));
    if (!missing.length) return false;
    const layers = missing.map(byId);
    const cache = new protomapsL.TileCache(source(app, layers), 512);
    const key = `batch${batches.size}`;
    const view = new protomapsL.View(cache, LARGEST_DATA_ZOOM, 1);
    batches.set(key, { ids: new Set(missing), view });
    vector.views.set(key, view);
    return true;
  }

  function rules() {
    const made = extra
      .filter((rule) => byId(rule.layer) && rule.visible())
      .map((rule) => ({ rank: rule.rank, dataSource: sourceOf(rule.layer), dataLayer: rule.layer, filter: rule.filter, symbolizer: rule.symbolizer }));
    for (const id of shown) {
      const layer = byId(id);
      if (!layer) continue;
      const emphasis = layer.kind === "river" ? (feature) => app.layout?.emphasis(feature) : null;
      made.push({ rank: layer.style.rank, dataSource: sourceOf(id), dataLayer: id, symbolizer: symbolizer(layer, () => opacity.get(id) ?? 1, { emphasis }) });
    }
    return made.sort((a, b) => a.rank - b.rank);
  }

  /** Names of point layers, from the tiles, from the zoom that their style says. */
  function names() {
    return [...shown]
      .map(byId)
      .filter((layer) => layer?.geometry === "MultiPoint" && layer.style.label_zoom)
      .map((layer) => ({
        dataSource: sourceOf(layer.id),
        dataLayer: layer.id,
        minzoom: layer.style.label_zoom,
        symbolizer: new protomapsL.OffsetTextSymbolizer({
          labelProps: app.lang === "en" ? ["name_en", "name"] : ["name"],
          font: '500 12px "PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", system-ui, sans-serif',
          fill: "#3a2c1c",
          stroke: "#ffffff",
          width: 2.4,
          offsetX: 6,
          offsetY: 4,
        }),
      }));
  }

  let named = "";
  function write() {
    const made = names();
    const key = made.map((one) => one.dataLayer + one.dataSource).join();
    if (key === named) return;
    named = key;
    vector.labelRules = made;
    vector.clearLayout();
  }

  let planned = 0;
  function draw() {
    cancelAnimationFrame(planned);
    planned = requestAnimationFrame(() => {
      if (!vector) return;
      gather();
      vector.paintRules = rules();
      write();
      vector.rerenderTiles();
    });
  }

  function rebuild() {
    vector?.remove();
    batches.clear();
    vector = protomapsL.leafletLayer({ sources: {}, paintRules: [], labelRules: [], attribution: "", lang: app.lang, tileDelay: 1, maxZoom: 18, keepBuffer: 1, updateWhenZooming: false });
    gather();
    vector.paintRules = rules();
    named = "";
    write();
    awaited(vector);
    vector.addTo(map);
  }

  function ground() {
    relief?.remove();
    relief = null;
    const shade = app.config.hillshade;
    // A base map has a ground of its own: relief over it would hide it.
    if (shade && !app.config.base_map) {
      // The relief is smooth: a tile drawn at twice its size is a quarter of the requests.
      relief = L.tileLayer(shade.url, { tileSize: 512, zoomOffset: -1, minZoom: 4, maxZoom: 18, minNativeZoom: shade.min_zoom + 1, maxNativeZoom: Math.min(shade.max_zoom, 8), opacity: RELIEF, zIndex: 0, className: "relief", keepBuffer: 1, updateWhenZooming: false });
      awaited(relief);
      relief.addTo(map);
    }
  }

  const base = app.config.base_map;
  for (const [at, url] of (base?.urls ?? []).entries()) {
    L.tileLayer(url, { subdomains: base.subdomains, maxZoom: 18, maxNativeZoom: base.max_zoom, zIndex: -10 + at }).addTo(map);
  }

  // ---- the tree

  const tree = element("div", { class: "tree" });

  function row(layer) {
    const box = element("input", { type: "checkbox", id: `layer-${layer.id}` });
    box.checked = shown.has(layer.id);
    box.addEventListener("change", () => app.layers.show(layer.id, box.checked));
    const illustrative = layer.legal_status === "illustrative";
    const slider = element("input", { type: "range", min: "10", max: "100", step: "5", value: String(Math.round((opacity.get(layer.id) ?? 1) * 100)), "aria-label": t("layers.opacity_of", { layer: layer.title }) });
    slider.addEventListener("input", () => app.layers.opacity(layer.id, Number(slider.value) / 100));
    const several = layer.classes.length > 1 && layer.geometry !== "MultiPoint";
    const legend = several
      ? element("ul", { class: "legend" }, layer.classes.map((one) => element("li", {}, swatch(one.paint, layer.geometry), element("span", {}, one.title))))
      : null;
    const more = element(
      "details",
      { class: "more" },
      element("summary", { "aria-label": t("layers.about", { layer: layer.title }) }, element("span", { class: "unseen" }, t("layers.about", { layer: layer.title }))),
      element(
        "dl",
        {},
        element("dt", {}, t("layers.opacity")), element("dd", {}, slider),
        element("dt", {}, t("layers.status")), element("dd", {}, t(`status.${layer.legal_status}`)),
        element("dt", {}, t("layers.accuracy")), element("dd", {}, t(illustrative ? "layers.as_drawn" : "layers.metres", { value: layer.accuracy_m.toLocaleString(app.lang) })),
        element("dt", {}, t("layers.version")), element("dd", {}, t("layers.version_count", { version: layer.version, features: layer.features.toLocaleString(app.lang) })),
        element("dt", {}, t("layers.source")), element("dd", {}, layer.source ?? ""),
        element("dt", {}, t("layers.licence")), element("dd", {}, layer.licence ?? ""),
      ),
    );
    return element(
      "li",
      { class: shown.has(layer.id) ? "layer on" : "layer", "data-layer": layer.id },
      element("div", { class: "row" },
        element("label", {}, box, several ? null : swatch(layer.classes[0]?.paint ?? layer.style, layer.geometry), element("span", { class: "name" }, layer.title.replace(/（示意）$| \(illustrative\)$/, "")),
          illustrative ? element("span", { class: "tag" }, t("layers.illustrative")) : null)),
      more,
      legend,
    );
  }

  function plant() {
    const open = new Set([...tree.querySelectorAll("details.group[open]")].map((one) => one.dataset.group));
    const first = !tree.childElementCount;
    tree.replaceChildren(
      ...app.config.groups.map((group) => {
        const layers = app.config.layers.filter((one) => one.style.group === group.id);
        if (!layers.length) return "";
        const on = layers.some((one) => shown.has(one.id));
        return element(
          "details",
          { class: "group", "data-group": group.id, open: first ? on : open.has(group.id) },
          element("summary", {}, element("span", {}, group.title), element("span", { class: "count" }, t("layers.count", { on: layers.filter((one) => shown.has(one.id)).length, all: layers.length }))),
          element("ul", { class: "layers" }, layers.map(row)),
        );
      }),
    );
  }

  function refresh() {
    for (const item of tree.querySelectorAll("li.layer")) {
      const on = shown.has(item.dataset.layer);
      item.classList.toggle("on", on);
      item.querySelector('input[type="checkbox"]').checked = on;
    }
    for (const group of tree.querySelectorAll("details.group")) {
      const all = app.config.layers.filter((one) => one.style.group === group.dataset.group);
      group.querySelector(".count").textContent = t("layers.count", { on: all.filter((one) => shown.has(one.id)).length, all: all.length });
    }
  }

  function changed() {
    draw();
    refresh();
    app.emit("layers", { shown: [...shown] });
  }

  app.layers = {
    /** The layers on the map, as the configuration describes them. */
    get shown() {
      return app.config.layers.filter((one) => shown.has(one.id));
    },
    has: (id) => shown.has(id),
    get: byId,
    show(id, on = true) {
      if (!byId(id) || shown.has(id) === on) return;
      if (on) shown.add(id);
      else shown.delete(id);
      changed();
    },
    /** Shows these layers and no others. */
    only(ids) {
      shown.clear();
      for (const id of ids) if (byId(id)) shown.add(id);
      changed();
      for (const group of tree.querySelectorAll("details.group")) group.open = Boolean(group.querySelector("li.on")) && group.dataset.group !== "boundary";
    },
    opacity(id, value) {
      opacity.set(id, value);
      draw();
      app.emit("layers", { shown: [...shown] });
    },
    /** A rule of another module, drawn from the tiles of `layer`: {layer, rank, filter, symbolizer, visible()}. */
    draw(rule) {
      extra.push(rule);
    },
    redraw: draw,
    opening: () => app.config.layers.filter((one) => one.style.shown).map((one) => one.id),
    get vector() {
      return vector;
    },
  };

  app.side.panel("layers").append(element("div", { id: "layout-box" }), tree);
  app.on("release", () => {
    for (const id of [...shown]) if (!byId(id)) shown.delete(id);
    plant();
    ground();
    rebuild();
    app.emit("layers", { shown: [...shown] });
  });

  app.state.part("l", {
    read(said) {
      shown.clear();
      const asked = said === null ? app.layers.opening() : said.split(",").filter(Boolean);
      for (const one of asked) {
        const [id, percent] = one.split("*");
        if (!byId(id)) continue;
        shown.add(id);
        const value = Number(percent) / 100;
        if (percent && value >= 0.1 && value <= 1) opacity.set(id, value);
      }
      plant();
      if (!vector) {
        ground();
        rebuild();
      } else draw();
      app.emit("layers", { shown: [...shown] });
    },
    write: () =>
      [...shown].map((id) => ((opacity.get(id) ?? 1) < 1 ? `${id}*${Math.round(opacity.get(id) * 100)}` : id)).join(","),
  });
}
