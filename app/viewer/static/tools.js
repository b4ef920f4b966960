// Zoom, the opening view, the scale bar, and who made the data.
import { distance } from "./ellipsoid.js";

const STEPS = [1, 2, 5];

export function install(app) {
  const { map, t, element } = app;
  app.tool("plus", t("tools.in"), 10, () => map.zoomIn());
  app.tool("minus", t("tools.out"), 11, () => map.zoomOut());
  app.tool("home", t("tools.home"), 20, () => app.home());

  const text = element("span", {});
  const bar = element("i", {});
  const scale = element("div", { class: "scale", role: "img" }, text, bar);
  const by = element("div", { class: "by" });
  document.getElementById("foot").append(scale, by);

  /** The roundest length that is at most `most` metres. */
  function round(most) {
    const power = 10 ** Math.floor(Math.log10(most));
    return power * Math.max(...STEPS.filter((step) => step * power <= most));
  }

  function measure() {
    const y = map.getSize().y / 2;
    const [left, right] = [0, 110].map((x) => map.containerPointToLatLng([x, y]));
    const metres = distance([left.lng, left.lat], [right.lng, right.lat]);
    if (!Number.isFinite(metres) || metres <= 0) return;
    const shown = round(metres);
    const said = shown >= 1000 ? t("tools.km", { value: shown / 1000 }) : t("tools.m", { value: shown });
    text.textContent = said;
    bar.style.width = `${(110 * shown) / metres}px`;
    scale.setAttribute("aria-label", t("tools.scale", { value: said }));
  }

  function credit() {
    const base = app.config.base_map?.attribution;
    by.textContent = [t("tools.by", { release: app.release }), base].filter(Boolean).join(" · ");
    by.title = by.textContent;
  }

  map.on("moveend zoomend resize", measure);
  app.on("release", credit);
  app.scale = () => ({ text: text.textContent, width: Number.parseFloat(bar.style.width) });
  measure();
  credit();

  let failed = 0;
  app.on("tile-failed", () => {
    if (Date.now() - failed > 15000) app.say(t("tools.tiles_failed"), { kind: "error" });
    failed = Date.now();
  });
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(map.getContainer());
}
