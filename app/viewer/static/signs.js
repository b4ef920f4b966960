// Each verdict's own shape: octagon, triangle, diamond, square, ring. Colour and word stand beside it; none is a tick.
const SPACE = "http://www.w3.org/2000/svg";

const SHAPES = {
  prohibited: [["path", { d: "M19 3H45L61 19V45L45 61H19L3 45V19Z", fill: "currentColor" }], ["path", { d: "M14 27H50V37H14Z", fill: "#ffffff" }]],
  restricted: [["path", { d: "M32 4L62 58H2Z", fill: "currentColor" }], ["path", { d: "M24 40H40V46H24Z", fill: "#ffffff" }]],
  unknown: [["path", { d: "M32 2L62 32L32 62L2 32Z", fill: "currentColor" }], ["text", { x: 32, y: 45, "text-anchor": "middle", "font-size": 38, "font-weight": 700, fill: "#ffffff" }, "?"]],
  attention: [["path", { d: "M5 5H59V59H5Z", fill: "currentColor" }], ["text", { x: 32, y: 46, "text-anchor": "middle", "font-size": 40, "font-weight": 700, fill: "#ffffff" }, "!"]],
  clear: [["circle", { cx: 32, cy: 32, r: 25, fill: "none", stroke: "currentColor", "stroke-width": 9 }]],
};

/** The drawing of a verdict, hidden from screen readers: the word beside it says the same. */
export function sign(verdict, kind = "sign") {
  const svg = document.createElementNS(SPACE, "svg");
  svg.setAttribute("viewBox", "0 0 64 64");
  svg.setAttribute("class", `${kind} ${verdict}`);
  svg.setAttribute("aria-hidden", "true");
  for (const [name, attributes, text] of SHAPES[verdict] ?? SHAPES.unknown) {
    const node = document.createElementNS(SPACE, name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
    if (text) node.textContent = text;
    svg.append(node);
  }
  return svg;
}

/** A text whose no-entry sign is drawn: many fonts have none. */
export function signed(text) {
  const [before, ...after] = text.split("⛔");
  if (!after.length) return [text];
  return [before, sign("prohibited", "inline"), after.join("⛔")];
}
