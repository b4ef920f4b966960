// Builds `app` and installs the modules of the page: what the opening view needs at once, the rest after the first paint.
import { install as layers } from "./layers.js";
import { install as layout } from "./layout.js";
import { install as labels } from "./labels.js";
import { install as side } from "./side.js";
import { install as state } from "./state.js";

const LATER = ["tools", "marks", "presets", "search", "identify", "measure", "coordinates", "share", "print", "releases", "panel", "here"];

const config = JSON.parse(document.getElementById("config").textContent);

/** Keeps small things in this browser only; does nothing where storage is refused. */
const store = {
  get(key, otherwise = null) {
    try {
      const text = localStorage.getItem(`shanhe.${key}`);
      return text === null ? otherwise : JSON.parse(text);
    } catch {
      return otherwise;
    }
  },
  set(key, value) {
    try {
      localStorage.setItem(`shanhe.${key}`, JSON.stringify(value));
      return true;
    } catch {
      return false;
    }
  },
  remove(key) {
    try {
      localStorage.removeItem(`shanhe.${key}`);
    } catch {
      // nothing was kept
    }
  },
};

const scripts = new Map();
const LONGEST_WAIT = 1500;
let claimed = null;

export const app = {
  map: window.map,
  bus: new EventTarget(),
  config,
  lang: config.lang,
  store,

  get release() {
    return app.config.release.number;
  },

  /** A text of the page in its language; `{name}` is replaced by `params.name`. An unknown key is shown as it is. */
  t(key, params = {}) {
    const said = app.config.strings[key] ?? key;
    return said.replace(/\{(\w+)\}/g, (whole, name) => (name in params ? String(params[name]) : whole));
  },

  on(name, listener) {
    app.bus.addEventListener(name, (event) => listener(event.detail));
  },

  emit(name, detail) {
    app.bus.dispatchEvent(new CustomEvent(name, { detail }));
  },

  /** Says a short thing to a screen reader and, unless `quiet`, for a few seconds on the map. */
  say(text, { kind = "note", quiet = false } = {}) {
    const live = document.getElementById("live");
    live.textContent = "";
    live.textContent = text;
    document.getElementById("toast")?.remove();
    if (quiet) return;
    const toast = element("div", { id: "toast", class: kind }, text);
    document.body.append(toast);
    setTimeout(() => toast.remove(), 4000);
  },

  /** Loads a browser part of the manifest once: `geoman.js` with its style sheet, `proj4.js`. */
  need(...names) {
    return Promise.all(
      names.map((name) => {
        if (!scripts.has(name)) {
          scripts.set(
            name,
            new Promise((resolve, reject) => {
              const url = app.config.assets + name;
              const node = name.endsWith(".css") ? element("link", { rel: "stylesheet", href: url }) : element("script", { src: url });
              node.addEventListener("load", resolve);
              node.addEventListener("error", () => reject(new Error(name)));
              document.head.append(node);
            }),
          );
        }
        return scripts.get(name);
      }),
    );
  },

  /** JSON of this service in the page's language. Throws an Error with the problem's `detail` and `type`. */
  async ask(path, options = {}) {
    const answer = await fetch(path, { ...options, headers: { "Accept-Language": app.lang, ...options.headers } });
    const data = await answer.json().catch(() => null);
    if (!answer.ok) {
      const error = new Error(data?.detail ?? app.t("page.failed", { status: answer.status }));
      error.status = answer.status;
      error.type = data?.type ?? null;
      error.where = data?.where ?? {};
      error.remedy = data?.remedy ?? null;
      throw error;
    }
    return data;
  },

  /** Takes the clicks on the map, which otherwise identify; `letGo` is called when another takes them or nobody needs them. */
  claim(owner, letGo) {
    if (claimed && claimed.owner !== owner) claimed.letGo();
    claimed = { owner, letGo };
    app.map.getContainer().classList.add("picking");
  },

  /** Gives the clicks back. */
  free(owner) {
    if (claimed?.owner !== owner) return;
    claimed = null;
    app.map.getContainer().classList.remove("picking");
  },

  /** Who has the clicks, or null. */
  get claimed() {
    return claimed?.owner ?? null;
  },

  /** Copies a text and says so. */
  async copy(text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const field = element("textarea", { class: "unseen", "aria-hidden": "true" });
      field.value = text;
      document.body.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
    }
    app.say(app.t("page.copied"));
  },

  /** Looks at another release: the configuration is read again and every module told by the event `release`. */
  async look(number) {
    app.config = await app.ask(`/viewer/config.json?lang=${app.lang}&release=${number}`);
    app.emit("release", { number });
  },
};

/** An element with attributes and children; text is text, never markup. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

const ICONS = {
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  home: "M4 11l8-7 8 7M6 10v9h12v-9",
  ruler: "M4 16L16 4l4 4L8 20zM8 12l2 2M11 9l2 2M14 6l2 2",
  area: "M5 7l9-3 6 9-7 7-8-4z",
  print: "M7 9V4h10v5M7 17H4v-7h16v7h-3M7 14h10v6H7z",
  share: "M14 4h6v6M20 4l-9 9M18 13v7H4V6h7",
  locate: "M12 3v4M12 17v4M3 12h4M17 12h4M12 8a4 4 0 100 8 4 4 0 000-8z",
  search: "M10.5 4a6.5 6.5 0 100 13 6.5 6.5 0 000-13zM15.5 15.5L20 20",
  close: "M6 6l12 12M18 6L6 18",
  copy: "M8 8h11v12H8zM5 16V4h11",
  image: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4",
  layers: "M12 4l9 5-9 5-9-5zM3 14l9 5 9-5",
};

/** A small line drawing of the page's own, hidden from screen readers: the button that holds it has a name. */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true" })) svg.setAttribute(key, value);
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** A button of the toolbar at the right of the map. `order` places it among the others. */
export function tool(name, label, order, onclick, attributes = {}) {
  const button = element("button", { type: "button", class: "tool", id: `tool-${name}`, title: label, "aria-label": label, "data-order": order, ...attributes }, icon(attributes["data-icon"] ?? name));
  button.addEventListener("click", onclick);
  const box = document.getElementById("tools");
  const after = [...box.children].find((one) => Number(one.dataset.order) > order);
  box.insertBefore(button, after ?? null);
  return button;
}

app.element = element;
app.icon = icon;
app.tool = tool;

async function start() {
  state(app);
  side(app);
  layers(app);
  layout(app);
  labels(app);
  app.state.restore();
  const paths = LATER.map((name) => `./${name}.js`);
  await Promise.race([app.painted, new Promise((resolve) => setTimeout(resolve, LONGEST_WAIT))]);
  const modules = await Promise.all(paths.map((path) => import(path)));
  for (const module of modules) module.install(app);
  app.emit("ready");
  document.documentElement.dataset.ready = "true";
}

// The map is focused by script at every click: its ring is for those who came by key.
addEventListener("keydown", () => document.documentElement.classList.add("keys"), true);
addEventListener("pointerdown", () => document.documentElement.classList.remove("keys"), true);

window.shanhe = app;
start();
