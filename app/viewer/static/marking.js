// What a check draws on the map: the site with its parcels, and what a finding shows when it is looked at.
const SITE = { color: "#000000", weight: 3, fillColor: "#000000", fillOpacity: 0.06 };
const HALO = { color: "#ffffff", weight: 7, opacity: 0.9, fill: false };
const OVERLAP = { color: "#8c1d18", weight: 4, fillColor: "#b3261e", fillOpacity: 0.5 };
const LINE = { color: "#7a0000", weight: 3, dashArray: "8 6", fill: false };

export function marking(app) {
  const { map } = app;
  const renderer = L.svg({ padding: 0.3 }); // the page draws on canvas, where nothing could be told apart by a reader's tools
  const site = L.featureGroup().addTo(map);
  const lit = L.featureGroup().addTo(map);

  const words = (text, kind) => {
    const node = document.createElement("span");
    node.textContent = text;
    node.className = kind;
    return node;
  };

  function drawn(geometry, style) {
    return L.geoJSON(geometry, { style, renderer, interactive: false, pmIgnore: true, pointToLayer: (_, at) => L.circleMarker(at, { radius: 7, ...style, renderer, interactive: false, pmIgnore: true }) });
  }

  function label(layer, text) {
    layer.bindTooltip(words(text, "marked"), { permanent: true, direction: "center", className: "marked-tip", interactive: false }).openTooltip();
  }

  function bounds(group) {
    const box = group.getBounds();
    return box.isValid() ? box : null;
  }

  /** Room for what is shown, beside the panel. */
  function show(box) {
    map.fitBounds(box, { ...app.padding(), maxZoom: 16, animate: false });
  }

  return {
    /** Draws a site, and each of several parcels with its number; `go` moves the map there. */
    site(data, { go = true } = {}) {
      site.clearLayers();
      lit.clearLayers();
      if (!data) return;
      drawn(data.geometry, HALO).addTo(site);
      drawn(data.geometry, SITE).addTo(site);
      if (data.axis) drawn(data.axis, { ...SITE, weight: 2, fill: false }).addTo(site);
      if (data.parcels.length > 1) for (const parcel of data.parcels) label(drawn(parcel.geometry, { ...SITE, fillOpacity: 0 }).addTo(site), parcel.number);
      const box = bounds(site);
      app.state.hold("site");
      if (go && box) show(box.pad(0.5));
      const pane = site.getLayers()[1];
      pane.eachLayer((layer) => layer.getElement?.()?.setAttribute("data-site", "outline"));
    },

    /** Shows what a finding is about: its overlap, or the shortest line with its length. */
    light(finding, { go = false } = {}) {
      lit.clearLayers();
      if (!finding?.geometry) return;
      const away = finding.distance_m > 0;
      const layer = drawn(finding.geometry, away ? LINE : OVERLAP).addTo(lit);
      layer.eachLayer((one) => one.getElement?.()?.setAttribute("data-lit", finding.rule));
      if (away) label(layer, `${finding.distance_m.toLocaleString(app.lang === "zh" ? "zh-CN" : "en", { maximumFractionDigits: finding.distance_m < 100 ? 1 : 0 })} m`);
      if (go) {
        const box = L.featureGroup([...site.getLayers(), ...lit.getLayers()]).getBounds();
        if (box.isValid()) show(box.pad(0.25));
      }
    },

    /** Takes all off the map; `back` returns to the view from before. */
    clear({ back = false } = {}) {
      site.clearLayers();
      lit.clearLayers();
      if (back) app.state.release("site", { back });
    },
  };
}
