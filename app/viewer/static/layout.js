// The layout 两山七河一流域五湖: mountain bands with curved names, the basin's counties, the seven rivers and the five lakes, in three groups.
import { swatch } from "./paint.js";

const GROUPS = ["mountains", "rivers", "lakes"];
/** How each group is drawn, for the legend. */
const PAINTS = {
  mountains: [["layout.range", { fill: "#a89272", fill_opacity: 0.4 }, "MultiPolygon"]],
  rivers: [
    ["layout.river", { stroke: "#1565a8", width: 2.6 }, "MultiLineString"],
    ["layout.basin", { fill: "#f0e0b4", fill_opacity: 0.9, stroke: "#b3a26c", width: 0.6 }, "MultiPolygon"],
  ],
  lakes: [["layout.lake", { fill: "#1b6fae", fill_opacity: 1, stroke: "#ffffff", width: 1, size: 5 }, "MultiPoint"]],
};
const SVG = "http://www.w3.org/2000/svg";

/** A symbolizer that only fills, and the fainter the nearer one is. */
function flat(colour, opacity) {
  return {
    before(ctx, zoom) {
      ctx.globalAlpha = zoom <= 8 ? opacity : Math.max(opacity * (1 - 0.22 * (zoom - 8)), opacity * 0.3);
      ctx.fillStyle = colour;
    },
    draw(ctx, geom, _zoom, feature) {
      if (feature.geomType !== 3) return;
      ctx.beginPath();
      for (const part of geom) {
        ctx.moveTo(part[0].x, part[0].y);
        for (let i = 1; i < part.length; i++) ctx.lineTo(part[i].x, part[i].y);
      }
      ctx.fill("evenodd");
    },
  };
}

function svg(name, attributes = {}) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

export function install(app) {
  const { map, element, t } = app;
  const on = new Set(GROUPS);
  const seven = new Set(app.config.layout.rivers.flatMap((one) => one.codes));
  let basin = new Set(app.config.layout.basin.counties);

  const pane = map.createPane("mountains");
  pane.style.zIndex = 420;
  pane.style.pointerEvents = "none";
  const drawing = svg("svg", { class: "mountains leaflet-zoom-hide", "aria-hidden": "true" });
  pane.append(drawing);

  /** Bands in layer points, which move with the map; only a change of zoom makes them anew. */
  function mountains() {
    const zoom = map.getZoom();
    drawing.replaceChildren();
    if (!on.has("mountains") || zoom > 10) return;
    const width = 26 * 2 ** (zoom - 7);
    for (const one of app.config.layout.mountains) {
      const points = one.axis.map(([lng, lat]) => map.latLngToLayerPoint([lat, lng]));
      const d = curve(points);
      const id = `axis-${one.id}`;
      drawing.append(svg("path", { d, id, class: "band", "stroke-width": width }));
      const size = Math.min(12.5 * 1.28 ** (zoom - 6), 30);
      if (app.lang === "zh") upright(one.name, drawing.lastChild, size);
      else along(one.name, id, size);
    }
  }

  /** Chinese stands upright, character by character down the band. */
  function upright(name, path, size) {
    const whole = path.getTotalLength();
    [...name].forEach((character, i) => {
      const at = path.getPointAtLength(whole * (0.24 + (0.52 * i) / Math.max(name.length - 1, 1)));
      const text = svg("text", { class: "range", "font-size": size, x: at.x, y: at.y, dy: "0.35em", "text-anchor": "middle" });
      text.textContent = character;
      drawing.append(text);
    });
  }

  /** Latin letters run along the band. */
  function along(name, id, size) {
    const text = svg("text", { class: "range", "font-size": size, dy: "0.35em", "letter-spacing": "0.28em" });
    const path = svg("textPath", { href: `#${id}`, startOffset: "50%", "text-anchor": "middle" });
    path.textContent = name;
    text.append(path);
    drawing.append(text);
  }

  /** A smooth path through points. */
  function curve(points) {
    let d = `M${points[0].x},${points[0].y}`;
    for (let i = 0; i < points.length - 1; i++) {
      const [a, b, c, e] = [points[i - 1] ?? points[i], points[i], points[i + 1], points[i + 2] ?? points[i + 1]];
      d += `C${b.x + (c.x - a.x) / 6},${b.y + (c.y - a.y) / 6} ${c.x - (e.x - b.x) / 6},${c.y - (e.y - b.y) / 6} ${c.x},${c.y}`;
    }
    return d;
  }

  const lakes = L.layerGroup([], { pane: "markerPane" });
  function lakeMarks() {
    lakes.clearLayers();
    if (!on.has("lakes")) return;
    for (const one of app.places?.lakes ?? []) {
      lakes.addLayer(L.circleMarker([one.at[1], one.at[0]], { radius: 5, color: "#ffffff", weight: 1.5, fillColor: "#1b6fae", fillOpacity: 1, interactive: false }));
    }
  }
  lakes.addTo(map);

  app.layers.draw({
    layer: "province",
    rank: 1,
    visible: () => app.layers.has("province") && !app.config.base_map,
    symbolizer: flat("#ffffff", 0.3),
  });
  app.layers.draw({
    layer: "county",
    rank: 2,
    visible: () => on.has("rivers"),
    filter: (_zoom, feature) => basin.has(feature.props.code),
    symbolizer: flat("#f0e0b4", app.config.base_map ? 0.3 : 0.46),
  });

  app.layout = {
    /** How much wider a river of the layout is drawn; null for others. */
    emphasis(feature) {
      if (!on.has("rivers")) return null;
      if (feature.props.code === app.config.layout.basin.river) return 2.1;
      return seven.has(feature.props.code) ? 1.7 : null;
    },
    get lakes() {
      return on.has("lakes");
    },
    get groups() {
      return GROUPS.filter((one) => on.has(one));
    },
    get schematic() {
      return on.has("lakes") || (on.has("mountains") && map.getZoom() <= 10);
    },
    /** The legend of the groups that are on, as {text, paint, geometry}. */
    legend: () => app.layout.groups.flatMap((id) => PAINTS[id].map(([key, paint, geometry]) => ({ text: t(key, { count: basin.size }), paint, geometry }))),
    set(groups) {
      on.clear();
      for (const one of groups) if (GROUPS.includes(one)) on.add(one);
      changed();
    },
  };

  function changed() {
    mountains();
    lakeMarks();
    app.layers.redraw();
    for (const input of document.querySelectorAll("#layout-box input")) input.checked = on.has(input.value);
    key.replaceChildren(...app.layout.legend().map((one) => element("li", {}, swatch(one.paint, one.geometry), element("span", {}, one.text))));
    app.emit("layout", { groups: app.layout.groups });
  }

  const box = document.getElementById("layout-box");
  const key = element("ul", { class: "key" });
  function plant() {
    box.replaceChildren(
      element("h2", {}, app.config.layout.title),
      element(
        "div",
        { class: "elements", role: "group", "aria-label": t("layout.elements") },
        GROUPS.map((id) => {
          const input = element("input", { type: "checkbox", value: id, id: `element-${id}` });
          input.checked = on.has(id);
          input.addEventListener("change", () => app.layout.set(GROUPS.filter((one) => (one === id ? input.checked : on.has(one)))));
          return element("label", { class: "element" }, input, element("b", {}, t(`layout.${id}`)), element("span", {}, t(`layout.${id}_are`)));
        }),
      ),
      key,
    );
  }

  map.on("zoomend viewreset", () => {
    mountains();
    app.emit("marks");
  });
  app.on("places", lakeMarks);
  app.on("release", () => {
    basin = new Set(app.config.layout.basin.counties);
  });
  app.state.part("g", {
    read(said) {
      on.clear();
      for (const one of said === null ? GROUPS : said.split(",")) if (GROUPS.includes(one)) on.add(one);
      changed();
    },
    write: () => (on.size === GROUPS.length ? null : app.layout.groups.join(",")),
  });
  plant();
  mountains();
}
