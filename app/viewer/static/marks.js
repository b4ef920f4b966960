// What every map must say: that its boundaries are a demonstration, its approval number, and that an older release is shown.
export function install(app) {
  const { t, element, map } = app;
  const box = document.getElementById("marks");

  /** The marks that hold now, as {kind, text}; print and picture carry the same. */
  app.marks = () => {
    const said = [];
    const illustrative = app.layers.shown.some((one) => one.legal_status === "illustrative");
    if (illustrative) said.push({ kind: "demo", text: t("marks.demo") });
    else if (app.layout.schematic) said.push({ kind: "demo", text: t("marks.schematic") });
    const { number, newest } = app.config.release;
    if (number !== newest) said.push({ kind: "past", text: t("marks.past", { number, newest }) });
    if (app.config.map_approval) said.push({ kind: "approval", text: t("marks.approval", { number: app.config.map_approval }) });
    return said;
  };

  function show() {
    box.replaceChildren(...app.marks().map((one) => element("span", { class: `mark ${one.kind}` }, one.text)));
  }
  for (const name of ["layers", "layout", "release", "marks"]) app.on(name, show);
  map.on("zoomend", show);
  show();
}
