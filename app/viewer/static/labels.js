// Names on the map in the page's language: cities, counties, rivers and lakes, on one canvas that moves with the map.
const PADDING = 0.3;
const FONT = '"PingFang SC", "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Microsoft YaHei", system-ui, sans-serif';

export function install(app) {
  const { map } = app;
  let places = null;

  /** A line that stands for a river of the layout under another name is called by that one while the province is in view. */
  function layoutName(one) {
    const river = app.config.layout.rivers.find((r) => r.codes.includes(one.code));
    const own = new Set(places.rivers.filter((r) => river?.codes.includes(r.code)).map((r) => r.name));
    return river && !own.has(river.name) ? river.name : one.name;
  }

  /** What is written at a zoom, the more important first. */
  function wanted(zoom) {
    if (!places) return [];
    const has = (id) => app.layers.has(id) && zoom >= (app.layers.get(id).style.label_zoom ?? 99);
    const rivers = [];
    const main = new Set([...app.config.layout.rivers.map((one) => one.name), ...places.rivers.filter((one) => one.code === app.config.layout.basin.river).map((one) => one.name)]);
    if (has("river")) {
      for (const one of places.river_names) {
        const strong = app.layout.emphasis({ props: { code: one.code } });
        if (zoom < 7 && !strong) continue;
        const name = zoom <= 9 && strong ? layoutName(one) : one.name;
        if (zoom <= 7 && !main.has(name)) continue;
        rivers.push({ name, at: one.at, azimuth: one.azimuth, font: `italic 600 ${strong ? 12.5 : 11.5}px ${FONT}`, colour: "#0b4a80", once: one.code, most: 1, more: one.long ? 2 : 1 });
      }
    }
    const point = (one, font, colour, tries) => ({ name: one.name.replace(/ (City|County|District)$/, ""), at: one.at, font, colour, tries });
    const cities = has("city") && zoom <= 11 ? places.cities.map((one) => point(one, `600 ${zoom >= 8 ? 14 : 12.5}px ${FONT}`, "#26302c", [[0, 0], [0, -15], [0, 15], [0, -26]])) : [];
    const lakes = app.layout.lakes ? places.lakes.map((one) => point(one, `600 11.5px ${FONT}`, "#0b4a80", [[0, 15], [0, -15], ["right", 0], ["left", 0]])) : [];
    const counties = has("county") ? places.counties.map((one) => point(one, `500 ${zoom >= 10 ? 13 : 12}px ${FONT}`, "#46524d", [[0, 0], [0, -14], [0, 14]])) : [];
    const again = rivers.filter((one) => zoom >= 10 || (zoom >= 7 && one.more > 1)).map((one) => ({ ...one, most: zoom >= 10 ? 5 : one.more }));
    return [...rivers, ...lakes, ...cities, ...again, ...counties];
  }

  /** The angle at which a name lies along a line, never upside down. */
  function tilt(azimuth) {
    let angle = ((azimuth - 90) * Math.PI) / 180;
    while (angle > Math.PI / 2) angle -= Math.PI;
    while (angle < -Math.PI / 2) angle += Math.PI;
    return Math.abs(angle) > 1.2 ? Math.sign(angle) * 1.2 : angle;
  }

  /** What a name covers: one box, or several small ones along a name that lies askew. */
  function covers(x, y, half, angle) {
    const tall = 8;
    if (!angle) return [[x - half, y - tall, x + half, y + tall]];
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const count = Math.max(Math.ceil(half / tall), 1);
    return Array.from({ length: count }, (_, i) => {
      const along = ((2 * i + 1) / count - 1) * half;
      const [cx, cy] = [x + along * cos + 8 * sin, y + along * sin - 8 * cos]; // the name stands above its line
      return [cx - tall, cy - tall, cx + tall, cy + tall];
    });
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
      const times = new Map();
      for (const one of app.layout.lakes ? places?.lakes ?? [] : []) {
        const { x, y } = map.latLngToLayerPoint([one.at[1], one.at[0]]).subtract(origin);
        taken.push([x - 6, y - 4, x + 6, y + 4]);
      }
      for (const one of wanted(map.getZoom())) {
        const point = map.latLngToLayerPoint([one.at[1], one.at[0]]).subtract(origin);
        if (point.x < -60 || point.y < -20 || point.x > width + 60 || point.y > height + 20) continue;
        ctx.font = one.font;
        const angle = one.azimuth === undefined ? 0 : tilt(one.azimuth);
        const half = ctx.measureText(one.name).width / 2 + 3;
        if (one.once && (times.get(one.once) ?? 0) >= one.most) continue;
        const beside = { right: half + 6, left: -half - 6 };
        const meets = (box) => taken.some((b) => b[0] < box[2] && b[2] > box[0] && b[1] < box[3] && b[3] > box[1]);
        const spot = (one.tries ?? [[0, 0]]).map(([dx, dy]) => [point.x + (beside[dx] ?? dx), point.y + dy]).find(([x, y]) => !covers(x, y, half, angle).some(meets));
        if (!spot) continue;
        const [x, y] = spot;
        if (one.once) times.set(one.once, (times.get(one.once) ?? 0) + 1);
        taken.push(...covers(x, y, half, angle));
        ctx.setTransform(scale, 0, 0, scale, x * scale, y * scale);
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

  for (const [name, height] of [["names", 450], ["spots", 460]]) {
    const pane = map.createPane(name); // spots: what was clicked or found, above the names
    pane.style.zIndex = height;
    pane.style.pointerEvents = "none";
  }
  const layer = new Labels().addTo(map);
  app.labels = { redraw: () => layer.redraw(), draw: (...where) => layer.write(...where) };

  async function load() {
    places = await app.ask(`/viewer/presets.json?lang=${app.lang}&release=${app.release}`);
    app.places = places;
    app.emit("places", places);
    layer.redraw();
  }

  app.on("layers", () => layer.redraw());
  app.on("layout", () => layer.redraw());
  app.on("release", () => load().catch((error) => app.say(error.message, { kind: "error" })));
  load().catch((error) => app.say(error.message, { kind: "error" }));
}
