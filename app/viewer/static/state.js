// The view as it stands in the address: position, layers with opacity, groups of the layout, open tab; release and language are in the query.
export function install(app) {
  const { map } = app;
  const parts = new Map();

  function read() {
    return new URLSearchParams(location.hash.slice(1));
  }

  function position() {
    const centre = map.getCenter();
    return `${map.getZoom()}/${centre.lat.toFixed(5)}/${centre.lng.toFixed(5)}`;
  }

  function text() {
    const said = new URLSearchParams({ map: position() });
    for (const [name, part] of parts) {
      const value = part.write();
      if (value !== null && value !== undefined) said.set(name, value);
    }
    return said.toString().replaceAll("%2F", "/").replaceAll("%2C", ",");
  }

  let planned = 0;
  function save() {
    clearTimeout(planned);
    planned = setTimeout(() => history.replaceState(null, "", `#${text()}`), 150);
  }

  function goTo(said) {
    const [zoom, lat, lng] = (said ?? "").split("/").map(Number);
    if (![zoom, lat, lng].every(Number.isFinite) || Math.abs(lat) > 85 || Math.abs(lng) > 180) return false;
    map.setView([lat, lng], Math.min(Math.max(zoom, map.getMinZoom()), map.getMaxZoom()), { animate: false });
    return true;
  }

  app.state = {
    /** A part of the address: `read(value or null)` restores it, `write()` gives it or null. */
    part(name, { read: restore, write }) {
      parts.set(name, { read: restore, write });
    },
    save,
    text,
    /** The address that opens this view again, at this release and in this language. */
    link() {
      const url = new URL(location.href);
      url.search = new URLSearchParams({ lang: app.lang, release: app.release }).toString();
      url.hash = text();
      return url.href;
    },
    restore() {
      const said = read();
      if (!goTo(said.get("map"))) app.home({ animate: false });
      for (const [name, part] of parts) part.read(said.get(name));
      map.on("moveend", save);
      for (const name of ["layers", "layout", "tab"]) app.on(name, save);
      window.addEventListener("hashchange", () => {
        const now = read();
        if (now.get("map") !== position()) goTo(now.get("map"));
        for (const [name, part] of parts) if ((now.get(name) ?? null) !== (part.write() ?? null)) part.read(now.get(name));
      });
    },
  };

  /** Pixels that the side panel and the header cover, so that what is shown lies beside them. */
  app.padding = () => {
    const size = map.getContainer().getBoundingClientRect();
    const side = document.getElementById("side").getBoundingClientRect();
    const sheet = matchMedia("(max-width: 720px)").matches;
    const covered = sheet ? { x: 0, y: Math.max(0, size.bottom - side.top) } : { x: Math.max(0, side.right - size.left), y: 0 };
    return { paddingTopLeft: [sheet ? 8 : covered.x + 16, 16], paddingBottomRight: [sheet ? 8 : 56, covered.y + 28] };
  };

  /** Shows a box [west, south, east, north]. */
  app.fit = ([west, south, east, north], options = {}) => {
    map.fitBounds([[south, west], [north, east]], { maxZoom: 13, ...app.padding(), ...options });
  };

  /** The opening view. */
  app.home = (options = {}) => {
    const [[west, south], [east, north]] = app.config.bounds;
    app.fit([west, south, east, north], options);
  };
}
