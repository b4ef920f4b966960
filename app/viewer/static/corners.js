// Typed or pasted corner points as GeoJSON: one point a line, an empty line between parcels. It converts nothing; the service does.

/** A line that is no point: its number, from 1, and what it says. */
export class BadCorner extends Error {
  constructor(line, text) {
    super(text);
    this.line = line;
    this.text = text;
  }
}

const NUMBER = /[+-]?\d+(?:\.\d+)?/g;

/** The two numbers at the end of a line; a name of the point may stand before them. */
function pair(text, line) {
  const cleaned = text.replace(/[，、；;\t]/g, " ").replace(/,/g, " ").trim();
  const words = cleaned.split(/\s+/);
  const numbers = words.filter((word) => /^[+-]?\d+(?:\.\d+)?°?[EN]?$/i.test(word)).map((word) => Number(word.match(NUMBER)[0]));
  if (numbers.length < 2) throw new BadCorner(line, text);
  return numbers.slice(-2);
}

/**
 * A geometry of the corner points in a text.
 * `northFirst`: each line gives X (north) before Y (east), as survey tables do. `kind`: `area` or `line`.
 */
export function corners(text, { northFirst = false, kind = "area" } = {}) {
  const groups = [[]];
  text.split(/\r?\n/).forEach((line, at) => {
    if (!line.trim()) {
      if (groups.at(-1).length) groups.push([]);
      return;
    }
    const [first, second] = pair(line, at + 1);
    groups.at(-1).push(northFirst ? [second, first] : [first, second]);
  });
  const parts = groups.filter((group) => group.length);
  if (kind === "line") return parts.length === 1 ? { type: "LineString", coordinates: parts[0] } : collection(parts.map((part) => ({ type: "LineString", coordinates: part })));
  const closed = parts.map((part) => {
    const [first, last] = [part[0], part.at(-1)];
    return [first[0] === last[0] && first[1] === last[1] ? part : [...part, first]];
  });
  return closed.length === 1 ? { type: "Polygon", coordinates: closed[0] } : collection(closed.map((coordinates) => ({ type: "Polygon", coordinates })));
}

function collection(geometries) {
  return {
    type: "FeatureCollection",
    features: geometries.map((geometry, at) => ({ type: "Feature", properties: { number: String(at + 1) }, geometry })),
  };
}
