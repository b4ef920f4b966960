// A link that opens this view again: position, layers, opacity, groups, release and language.
export function install(app) {
  const { t, element } = app;
  app.tool("share", t("share.title"), 60, () => {
    const field = element("input", { class: "field", readonly: true, "aria-label": t("share.title"), value: app.state.link() });
    const dialog = element(
      "dialog",
      { id: "share-dialog", "aria-labelledby": "share-title" },
      element("h2", { id: "share-title" }, t("share.title"), element("button", { type: "button", class: "plain", "aria-label": t("page.close"), onclick: () => dialog.close() }, app.icon("close"))),
      element("p", { class: "hint" }, t("share.what", { release: app.release })),
      field,
      element("div", { class: "actions" }, element("button", { type: "button", class: "button primary", onclick: () => app.copy(field.value) }, t("share.copy"))),
    );
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
    field.select();
  });
}
