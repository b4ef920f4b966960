// Where to go: the opening view and its three groups, themes, each river, city and county.
const THEMES = {
  ecology: ["province", "city", "redline", "protected_area"],
  water: ["province", "city", "river", "river_corridor", "river_management", "water_source", "spring_domain"],
  units: ["province", "city", "county", "control_unit"],
};

export function install(app) {
  const { t, element } = app;
  const select = element("select", { id: "preset", "aria-label": t("presets.label") });
  const label = element("label", {}, element("span", {}, t("presets.label")), select);
  document.getElementById("presets").append(label);

  const option = (value, text) => element("option", { value }, text);

  function fill(places) {
    const { layout } = app.config;
    const groups = [
      [t("presets.layout"), [option("layout:all", layout.title), ...["mountains", "rivers", "lakes"].map((id) => option(`layout:${id}`, `${t(`layout.${id}`)} · ${t(`layout.${id}_are`)}`))]],
      [t("presets.themes"), Object.keys(THEMES).map((id) => option(`theme:${id}`, t(`presets.${id}`)))],
      [t("presets.rivers"), [...layout.rivers.map((one) => option(`river:${one.id}`, one.name)), option("basin", layout.basin.name)]],
      [t("presets.cities"), places.cities.map((one) => option(`city:${one.code}`, one.name))],
      ...places.cities.map((city) => [city.name, places.counties.filter((one) => one.city === city.code).map((one) => option(`county:${one.code}`, one.name))]),
    ];
    select.replaceChildren(option("", t("presets.choose")), ...groups.filter(([, options]) => options.length).map(([name, options]) => element("optgroup", { label: name }, options)));
  }

  function around(boxes) {
    return [Math.min(...boxes.map((b) => b[0])), Math.min(...boxes.map((b) => b[1])), Math.max(...boxes.map((b) => b[2])), Math.max(...boxes.map((b) => b[3]))];
  }

  /** Goes to a preset: `layout:all`, `theme:water`, `river:fen`, `basin`, `city:140100`, `county:140121`. */
  app.preset = (value) => {
    const [kind, id] = value.split(":");
    const places = app.places;
    const add = (...ids) => ids.forEach((one) => app.layers.show(one));
    if (kind === "layout") {
      app.layers.only(app.layers.opening());
      app.layout.set(id === "all" ? ["mountains", "rivers", "lakes"] : [id]);
      app.home();
    } else if (kind === "theme") {
      app.layers.only(THEMES[id]);
      app.layout.set(id === "water" ? ["rivers", "lakes"] : []);
      app.home();
    } else if (kind === "river") {
      const { codes } = app.config.layout.rivers.find((one) => one.id === id);
      const boxes = places.rivers.filter((one) => codes.includes(one.code)).map((one) => one.box);
      add("river", "river_corridor", "county");
      app.layout.set(["rivers"]);
      if (boxes.length) app.fit(around(boxes));
    } else if (kind === "basin") {
      add("river", "county");
      app.layout.set(["rivers"]);
      const boxes = places.counties.filter((one) => app.config.layout.basin.counties.includes(one.code)).map((one) => one.box);
      if (boxes.length) app.fit(around(boxes));
    } else {
      const one = (kind === "city" ? places.cities : places.counties).find((place) => place.code === id);
      if (!one) return;
      add("city", "county");
      app.fit(one.box);
    }
    app.say(select.selectedOptions[0]?.textContent ?? value, { quiet: true });
  };

  select.addEventListener("change", () => {
    if (select.value) app.preset(select.value);
  });
  app.map.on("dragend", () => {
    select.value = "";
  });
  app.on("places", fill);
  if (app.places) fill(app.places);
}
