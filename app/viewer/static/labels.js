// Names on the map in the page's language: cities, counties, rivers and lakes, on one canvas that moves with the map.
const PADDING = 0.3;
const FONT = '"PingFang SC", "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Microsoft YaHei", system-ui, sans-serif';

export function install(app) {
  const { map } = app;
  let places = null;

  /** What is written at a zoom, the more important first. */
  function wanted(zoom) {
    if (!places) return [];
    const said = [];
    const has = (id) => app.layers.has(id);
    if (has("city") && zoom <= 11) {
      for (const one of places.cities) said.push({ name: one.name, at: one.at, font: `600 ${zoom >= 8 ? 14 : 12.5}px ${FONT}`, colour: "#26302c" });
    }
    if (has("river")) {
      const strong = app.layout;
      for (const one of places.river_names) {
        const size = strong.emphasis({ props: { code: one.code } }) ? 12.5 : 11.5;
        if (zoom >= 7 || size > 12) said.push({ name: one.name, at: one.at, azimuth: one.azimuth, font: `italic 600 ${size}px ${FONT}`, colour: "#0b4a80" });
      }
    }
    if (app.layout.lakes) for (const one of places.lakes) said.push({ name: one.name, at: one.at, font: `600 11.5px ${FONT}`, colour: "#0b4a80", dy: 12 });
    if (has("county") && zoom >= 9) {
      for (const one of places.counties) said.push({ name: one.name, at: one.at, font: `500 ${zoom >= 10 ? 13 : 12}px ${FONT}`, colour: "#46524d" });
    }
    return said;
  }

  /** The angle at which a name lies along a line, never upside down. */
  function tilt(azimuth) {
    let angle = ((azimuth - 90) * Math.PI) / 180;
    while (angle > Math.PI / 2) angle -= Math.PI;
    while (angle < -Math.PI / 2) angle += Math.PI;
    return Math.abs(angle) > 1.2 ? Math.sign(angle) * 1.2 : angle;
  }

  const Labels = L.Layer.extend({
    onAdd() {
      this._canvas = L.DomUtil.create("canvas", "labels leaflet-zoom-hide");
      this._canvas.setAttribute("aria-hidden", "true");
      map.getPane("names").append(this._canvas);
      map.on("moveend resize", this.redraw, this);
      this.redraw();
    },
    redraw() {
      const size = map.getSize();
      const scale = window.devicePixelRatio || 1;
      const [width, height] = [size.x * (1 + 2 * PADDING), size.y * (1 + 2 * PADDING)];
      const origin = map.containerPointToLayerPoint([-size.x * PADDING, -size.y * PADDING]).round();
      const canvas = this._canvas;
      if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
        canvas.width = Math.round(width * scale);
        canvas.height = Math.round(height * scale);
        canvas.style.width = `${width}px`;
        canvas.style.height = `${height}px`;
      }
      L.DomUtil.setPosition(canvas, origin);
      this.write(canvas.getContext("2d"), origin, width, height, scale);
    },
    write(ctx, origin, width, height, scale) {
      ctx.setTransform(scale, 0, 0, scale, 0, 0);
      ctx.clearRect(0, 0, width, height);
      ctx.textAlign = "center";
      ctx.textBaseline = "middle";
      ctx.lineJoin = "round";
      const taken = [];
      for (const one of wanted(map.getZoom())) {
        const point = map.latLngToLayerPoint([one.at[1], one.at[0]]).subtract(origin);
        if (point.x < -60 || point.y < -20 || point.x > width + 60 || point.y > height + 20) continue;
        ctx.font = one.font;
        const angle = one.azimuth === undefined ? 0 : tilt(one.azimuth);
        const half = ctx.measureText(one.name).width / 2 + 3;
        const tall = 9;
        const [cos, sin] = [Math.abs(Math.cos(angle)), Math.abs(Math.sin(angle))];
        const [w, h] = [half * cos + tall * sin, half * sin + tall * cos];
        const y = point.y + (one.dy ?? 0);
        const box = [point.x - w, y - h, point.x + w, y + h];
        if (taken.some((b) => b[0] < box[2] && b[2] > box[0] && b[1] < box[3] && b[3] > box[1])) continue;
        taken.push(box);
        ctx.setTransform(scale, 0, 0, scale, point.x * scale, y * scale);
        ctx.rotate(angle);
        ctx.lineWidth = 3.2;
        ctx.strokeStyle = "rgba(255,255,255,.88)";
        ctx.strokeText(one.name, 0, one.azimuth === undefined ? 0 : -8);
        ctx.fillStyle = one.colour;
        ctx.fillText(one.name, 0, one.azimuth === undefined ? 0 : -8);
      }
      ctx.setTransform(scale, 0, 0, scale, 0, 0);
    },
  });

  const pane = map.createPane("names");
  pane.style.zIndex = 450;
  pane.style.pointerEvents = "none";
  const layer = new Labels().addTo(map);
  app.labels = { redraw: () => layer.redraw(), draw: (...where) => layer.write(...where) };

  async function load() {
    places = await app.ask(`/viewer/presets.json?lang=${app.lang}&release=${app.release}`);
    app.places = places;
    app.emit("places", places);
    layer.redraw();
    app.layers.redraw();
  }

  app.on("layers", () => layer.redraw());
  app.on("layout", () => layer.redraw());
  app.on("release", () => load().catch((error) => app.say(error.message, { kind: "error" })));
  load().catch((error) => app.say(error.message, { kind: "error" }));
}
