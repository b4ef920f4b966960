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

  // Who keeps the position out of the address, and what it says meanwhile.
  const holders = new Set();
  let before = null;

  function text() {
    const said = new URLSearchParams({ map: before ?? position() });
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
    /** Keeps the address as it is while the map shows a place that is nobody else's business: a site, or where somebody stands. */
    hold(owner) {
      before ??= position();
      holders.add(owner);
    },
    /** Ends that; `back` returns to the view from before. */
    release(owner, { back = false } = {}) {
      if (!holders.delete(owner) || holders.size) return;
      if (back) goTo(before);
      before = null;
    },
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
        if (now.get("map") !== (before ?? position())) goTo(now.get("map"));
        for (const [name, part] of parts) if ((now.get(name) ?? null) !== (part.write() ?? null)) part.read(now.get(name));
      });
    },
  };

  /** Pixels that the side panel covers, so that what is shown lies beside it. */
  app.padding = () => {
    const side = document.getElementById("side");
    const open = !side.classList.contains("closed");
    if (matchMedia("(max-width: 720px)").matches) return { paddingTopLeft: [10, 34], paddingBottomRight: [10, (open ? side.offsetHeight : 68) + 24] };
    return { paddingTopLeft: [(open ? side.offsetWidth : 0) + 12, 12], paddingBottomRight: [56, 22] };
  };

  /** Shows a box [west, south, east, north]. */
  app.fit = ([west, south, east, north], options = {}) => {
    map.fitBounds([[south, west], [north, east]], { maxZoom: 13, ...app.padding(), ...options });
  };

  /** The opening view: the whole province, one zoom nearer where only a little of it would be cut. */
  app.home = (options = {}) => {
    const [[west, south], [east, north]] = app.config.bounds;
    const { paddingTopLeft: a, paddingBottomRight: b } = app.padding();
    const size = map.getSize();
    const [nw, se] = [[north, west], [south, east]].map((at) => map.project(at, 0));
    const room = [size.x - a[0] - b[0], size.y - a[1] - b[1]];
    const exact = Math.log2(Math.min(room[0] / (se.x - nw.x), room[1] / (se.y - nw.y)));
    const zoom = Math.min(Math.max(Math.floor(exact + 0.22), map.getMinZoom()), 10);
    const centre = map.project([north, west], zoom).add(map.project([south, east], zoom)).divideBy(2);
    const shift = L.point((b[0] - a[0]) / 2, (b[1] - a[1]) / 2);
    map.setView(map.unproject(centre.add(shift), zoom), zoom, options);
  };
}
