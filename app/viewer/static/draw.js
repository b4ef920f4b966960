// Drawing a site on the map with Geoman, which is loaded when it is first wanted: an area, a line, and moving the corners of what was drawn.
const STYLE = { color: "#000000", weight: 3, fillColor: "#000000", fillOpacity: 0.08 };

export function drawing(app, { onDrawn, onState }) {
  const { map, t } = app;
  let shape = null;
  let busy = null;

  async function ready() {
    await app.need("geoman.css", "geoman.js");
    if (!map.pm) {
      map.pm = new L.PM.Map(map);
      map.pm.setGlobalOptions({});
    }
    map.pm.setLang(app.lang === "zh" ? "zh" : "en");
    map.pm.setPathOptions(STYLE);
  }

  const rounded = (value) => (typeof value[0] === "number" ? value.slice(0, 2).map((v) => Number(v.toFixed(9))) : value.map(rounded));

  /** A ring as GeoJSON has it: counter-clockwise, whichever way it was clicked. */
  function turned(ring) {
    const twice = ring.slice(1).reduce((sum, [x, y], at) => sum + (x - ring[at][0]) * (y + ring[at][1]), 0);
    return twice > 0 ? ring.toReversed() : ring;
  }

  function geometry(layer) {
    const made = layer.toGeoJSON().geometry;
    const coordinates = rounded(made.coordinates);
    return { type: made.type, coordinates: made.type === "Polygon" ? coordinates.map(turned) : coordinates };
  }

  function stop() {
    if (!busy) return;
    const was = busy;
    busy = null;
    if (was === "edit") shape?.pm.disable();
    else map.pm.disableDraw();
    map.off("pm:create", created);
    app.free("draw");
    onState(null);
  }

  function created({ layer }) {
    layer.remove();
    shape = L.geoJSON(layer.toGeoJSON(), { style: STYLE }).getLayers()[0];
    stop();
    onDrawn(geometry(shape));
  }

  async function start(kind) {
    await ready();
    stop();
    shape?.remove();
    busy = kind;
    app.claim("draw", stop);
    map.on("pm:create", created);
    map.pm.enableDraw(kind === "line" ? "Line" : "Polygon", {
      snappable: false,
      allowSelfIntersection: kind === "line",
      templineStyle: { color: "#000000", weight: 3 },
      hintlineStyle: { color: "#000000", weight: 2, dashArray: "5 5" },
      pathOptions: STYLE,
      tooltips: false,
    });
    onState(kind);
    app.say(t(kind === "line" ? "panel.draw_line_how" : "panel.draw_area_how"));
  }

  return {
    start,
    stop,
    get busy() {
      return busy;
    },
    /** Ends the shape that is being drawn where it has corners enough. */
    finish() {
      const pen = map.pm?.Draw?.[busy === "line" ? "Line" : "Polygon"];
      pen?._finishShape?.();
    },
    /** Lets the corners of the drawn shape be moved; the second call takes the new shape. */
    async edit(geojson) {
      await ready();
      if (busy === "edit") {
        const made = geometry(shape);
        shape.remove();
        stop();
        onDrawn(made);
        return;
      }
      stop();
      shape?.remove();
      shape = L.geoJSON(geojson, { style: STYLE }).getLayers()[0].addTo(map);
      busy = "edit";
      app.claim("draw", () => {
        shape.remove();
        stop();
      });
      shape.pm.enable({ snappable: false, allowSelfIntersection: false });
      onState("edit");
    },
    forget() {
      stop();
      shape?.remove();
      shape = null;
    },
  };
}
