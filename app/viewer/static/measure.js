// Measuring a distance or an area by clicks: on the ellipsoid of CGCS2000, with the basis said.
import { area, length } from "./ellipsoid.js";

export function install(app) {
  const { map, t, element } = app;
  let panel = null;
  let kind = "distance";
  let points = [];
  let done = false;
  const drawing = L.layerGroup();

  const button = app.tool("ruler", t("measure.title"), 40, () => (panel ? close() : open()), { "aria-pressed": "false" });

  function format(value) {
    const number = (n, digits) => n.toLocaleString(app.lang === "zh" ? "zh-CN" : "en", { maximumFractionDigits: digits });
    if (kind === "distance") return value >= 10000 ? t("measure.km", { value: number(value / 1000, 2) }) : t("measure.m", { value: number(value, 1) });
    return value >= 1e8 ? t("measure.km2", { value: number(value / 1e6, 2) }) : value >= 1e4 ? t("measure.ha", { value: number(value / 1e4, 3) }) : t("measure.m2", { value: number(value, 1) });
  }

  function draw() {
    drawing.clearLayers();
    const at = points.map(([lng, lat]) => [lat, lng]);
    const style = { color: "#124b38", weight: 2.5, dashArray: done ? null : "6 4", interactive: false };
    if (kind === "area" && at.length > 2) drawing.addLayer(L.polygon(at, { ...style, fillColor: "#1b6a50", fillOpacity: 0.15 }));
    else if (at.length > 1) drawing.addLayer(L.polyline(at, style));
    for (const one of at) drawing.addLayer(L.circleMarker(one, { radius: 4.5, color: "#124b38", weight: 2, fillColor: "#ffffff", fillOpacity: 1, interactive: false }));
    const enough = points.length >= (kind === "distance" ? 2 : 3);
    panel.querySelector("output").textContent = enough ? format(kind === "distance" ? length(points) : area(points)) : "–";
    panel.querySelector(".undo").disabled = !points.length;
  }

  function add({ lng, lat }) {
    if (done) {
      points = [];
      done = false;
    }
    points.push([lng, lat]);
    draw();
  }

  const click = ({ latlng }) => add(latlng);
  const finish = () => {
    if (points.length > 1 && !done) {
      const [a, b] = points.slice(-2).map(([lng, lat]) => map.latLngToContainerPoint([lat, lng]));
      if (a.distanceTo(b) < 4) points.pop(); // the second click of a double click
    }
    done = true;
    draw();
  };
  const keys = (event) => {
    if (event.key === "Escape") close();
    else if (event.key === "Enter") finish();
    else if (event.key === "Backspace") {
      points.pop();
      draw();
    } else return;
    event.preventDefault();
  };

  function open() {
    const pick = (value) => {
      const radio = element("input", { type: "radio", name: "measured", value, checked: value === kind });
      radio.addEventListener("change", () => {
        kind = value;
        draw();
      });
      return element("label", {}, radio, ` ${t(`measure.${value}`)}`);
    };
    panel = element(
      "div",
      { class: "measure", role: "group", "aria-label": t("measure.title") },
      element("h2", {}, t("measure.title"), element("button", { type: "button", class: "plain", "aria-label": t("page.close"), onclick: close }, app.icon("close"))),
      element("div", { class: "kinds" }, pick("distance"), pick("area")),
      element("output", { "aria-live": "polite" }, "–"),
      element("p", {}, t("measure.basis")),
      element("div", { class: "kinds" },
        element("button", { type: "button", class: "button", onclick: () => add(map.getCenter()) }, t("measure.centre")),
        element("button", { type: "button", class: "button undo", onclick: () => { points.pop(); draw(); } }, t("measure.undo"))),
    );
    document.body.append(panel);
    panel.addEventListener("keydown", (event) => event.key === "Escape" && close());
    button.setAttribute("aria-pressed", "true");
    map.doubleClickZoom.disable();
    map.on("click", click);
    map.on("dblclick", finish);
    map.getContainer().addEventListener("keydown", keys);
    drawing.addTo(map);
    app.claim("measure", close);
    points = [];
    done = false;
    draw();
  }

  function close() {
    if (!panel) return;
    panel.remove();
    panel = null;
    button.setAttribute("aria-pressed", "false");
    map.off("click", click);
    map.off("dblclick", finish);
    map.doubleClickZoom.enable();
    map.getContainer().removeEventListener("keydown", keys);
    drawing.clearLayers().remove();
    app.free("measure");
    button.focus();
  }
}
