// The side panel with its tabs; at small widths a sheet that is drawn up from the bottom.
export function install(app) {
  const side = document.getElementById("side");
  const handle = document.getElementById("side-handle");
  const tabs = [...side.querySelectorAll('[role="tab"]')];
  const names = tabs.map((tab) => tab.id.replace("tab-button-", ""));
  const small = matchMedia("(max-width: 720px)");
  let current = "layers";

  function pick(name, { focus = false } = {}) {
    current = name;
    for (const tab of tabs) {
      const chosen = tab.id === `tab-button-${name}`;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls")).hidden = !chosen;
      if (chosen && focus) tab.focus();
    }
    app.emit("tab", { name });
  }

  function isOpen() {
    return !side.classList.contains("closed");
  }

  function set(open) {
    side.classList.toggle("closed", !open);
    document.body.classList.toggle("side-closed", !open);
    handle.setAttribute("aria-expanded", String(open));
    handle.title = app.t(open ? "side.close" : "side.open");
    app.emit("side", { open });
  }

  tabs.forEach((tab, at) => {
    tab.addEventListener("click", () => {
      pick(names[at]);
      set(true);
    });
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1, Home: -at, End: tabs.length - 1 - at }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      pick(names[(at + step + tabs.length) % tabs.length], { focus: true });
    });
  });
  handle.addEventListener("click", () => set(!isOpen()));
  side.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented && (small.matches || isOpen())) {
      set(false);
      handle.focus();
    }
  });

  app.side = {
    /** Opens a tab: `layers`, `check` or `info`. */
    open(name, options = {}) {
      pick(name, options);
      set(true);
    },
    close: () => set(false),
    get tab() {
      return current;
    },
    get isOpen() {
      return isOpen();
    },
    /** The container of a tab's content. */
    panel: (name) => document.getElementById(`tab-${name}`),
  };

  set(!small.matches);
  app.state.part("tab", {
    read: (said) => names.includes(said) && said !== current && pick(said),
    write: () => (current === "layers" ? null : current),
  });
}
