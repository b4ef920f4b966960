// Coordinates of the pointer, or of the centre where there is none: CGCS2000 degrees and Gauss-Krüger, with a button that copies them.
import { zone } from "./ellipsoid.js";

export function install(app) {
  const { map, t, element } = app;
  const degrees = element("output", { "aria-live": "off", id: "degrees" });
  const metres = element("output", { "aria-live": "off", id: "metres" });
  const copy = element("button", { type: "button", title: t("coordinates.copy"), "aria-label": t("coordinates.copy") }, app.icon("copy"));
  document.getElementById("foot").append(element("div", { class: "place" }, degrees, metres, copy));

  let clicked = null;

  /** Gauss-Krüger coordinates of a position: {number, meridian, epsg, x (north), y (east, with the zone's number)}. */
  app.project = (lon, lat) => {
    const { number, meridian, epsg } = zone(lon);
    const [east, north] = window.proj4(`+proj=tmerc +lat_0=0 +lon_0=${meridian} +k=1 +x_0=500000 +y_0=0 +ellps=GRS80 +units=m +no_defs`, [lon, lat]);
    return { number, meridian, epsg, x: north, y: number * 1e6 + east };
  };

  function words({ lat, lng }) {
    const said = { degrees: `${lng.toFixed(6)}°, ${lat.toFixed(6)}°`, metres: "" };
    if (window.proj4) {
      const { number, x, y, epsg } = app.project(lng, lat);
      said.metres = t("coordinates.gauss", { zone: number, x: x.toFixed(1), y: y.toFixed(1) });
      said.full = t("coordinates.copied", { degrees: said.degrees, metres: said.metres, epsg });
    }
    return said;
  }
  app.coordinateWords = words;

  function show(position) {
    const said = words(position);
    degrees.textContent = said.degrees;
    metres.textContent = said.metres;
  }

  let planned = 0;
  map.on("mousemove", ({ latlng }) => {
    cancelAnimationFrame(planned);
    planned = requestAnimationFrame(() => show(latlng));
  });
  map.on("mouseout moveend", () => show(map.getCenter()));
  map.on("click", ({ latlng }) => {
    clicked = latlng;
    show(latlng);
  });
  copy.addEventListener("click", () => app.copy(words(clicked ?? map.getCenter()).full));
  degrees.title = t("coordinates.degrees");
  show(map.getCenter());
  app.need("proj4.js").then(() => show(map.getCenter()), (error) => app.say(error.message, { kind: "error" }));
}
