// Draws features on canvas by the catalogue's styles: fills, cached hatches, lines, points. One path for each feature.
const patterns = new Map();
const POINT = 1;
const LINE = 2;

/** The strokes of a hatch on a square of `size` pixels, as line ends; the tile repeats without a seam. */
const HATCHES = {
  diagonal: (s) => [[-1, s + 1, s + 1, -1], [-1, 1, 1, -1], [s - 1, s + 1, s + 1, s - 1]],
  back: (s) => [[-1, -1, s + 1, s + 1], [s - 1, -1, s + 1, 1], [-1, s - 1, 1, s + 1]],
  cross: (s) => [...HATCHES.diagonal(s), ...HATCHES.back(s)],
  horizontal: (s) => [[0, s / 2, s, s / 2]],
  vertical: (s) => [[s / 2, 0, s / 2, s]],
};

/** A small canvas that repeats as a hatch of a colour; made once for each hatch, colour and scale. */
export function hatch(kind, colour, scale = window.devicePixelRatio || 1) {
  const key = `${kind}${colour}${scale}`;
  if (!patterns.has(key)) {
    const size = kind === "dots" ? 12 : 8;
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = size * scale;
    const ctx = canvas.getContext("2d");
    ctx.scale(scale, scale);
    ctx.strokeStyle = ctx.fillStyle = colour;
    ctx.lineWidth = 1.1;
    if (kind === "dots") {
      for (const [x, y] of [[3, 3], [9, 9]]) {
        ctx.beginPath();
        ctx.arc(x, y, 1, 0, 7);
        ctx.fill();
      }
    } else {
      ctx.beginPath();
      for (const [x0, y0, x1, y1] of HATCHES[kind](size)) {
        ctx.moveTo(x0, y0);
        ctx.lineTo(x1, y1);
      }
      ctx.stroke();
    }
    patterns.set(key, canvas);
  }
  return patterns.get(key);
}

const filled = new WeakMap();

/** The hatch as a fill of one canvas, in CSS pixels whatever the scale. */
function hatchFill(ctx, kind, colour) {
  let known = filled.get(ctx);
  if (!known) filled.set(ctx, (known = new Map()));
  const key = `${kind}${colour}`;
  if (!known.has(key)) {
    const scale = window.devicePixelRatio || 1;
    const fill = ctx.createPattern(hatch(kind, colour, scale), "repeat");
    if (scale !== 1) fill.setTransform(new DOMMatrix().scale(1 / scale));
    known.set(key, fill);
  }
  return known.get(key);
}

function trace(ctx, geom) {
  ctx.beginPath();
  for (const part of geom) {
    ctx.moveTo(part[0].x, part[0].y);
    for (let i = 1; i < part.length; i++) ctx.lineTo(part[i].x, part[i].y);
  }
}

/** A point symbol around x, y. */
export function mark(ctx, shape, x, y, r) {
  ctx.beginPath();
  if (shape === "square") ctx.rect(x - r, y - r, 2 * r, 2 * r);
  else if (shape === "diamond" || shape === "triangle") {
    const corners = shape === "diamond" ? [[0, -1.25], [1.25, 0], [0, 1.25], [-1.25, 0]] : [[0, -1.2], [1.15, 0.9], [-1.15, 0.9]];
    corners.forEach(([dx, dy], i) => ctx[i ? "lineTo" : "moveTo"](x + dx * r, y + dy * r));
    ctx.closePath();
  } else ctx.arc(x, y, r, 0, 7);
}

/** Fills and strokes the current path as a paint says. */
export function finish(ctx, paint, opacity, { area = true } = {}) {
  if (area && paint.fill) {
    ctx.globalAlpha = opacity * (paint.fill_opacity ?? 0.3);
    ctx.fillStyle = paint.fill;
    ctx.fill("evenodd");
  }
  if (area && paint.hatch) {
    ctx.globalAlpha = opacity * 0.62;
    ctx.fillStyle = hatchFill(ctx, paint.hatch, paint.stroke ?? paint.fill);
    ctx.fill("evenodd");
  }
  if (paint.stroke && paint.width) {
    ctx.globalAlpha = opacity;
    ctx.strokeStyle = paint.stroke;
    ctx.lineWidth = paint.width;
    ctx.setLineDash(paint.dash ?? []);
    ctx.stroke();
  }
}

/** Lines and outlines are thinner where the whole province is in view. */
function thinned(width, zoom) {
  return zoom >= 11 ? width : width * (0.62 + 0.38 * Math.max(0, (zoom - 6) / 5));
}

/** A paint symbolizer of protomaps-leaflet for one layer; `opacity()` is asked at each drawing. */
export function symbolizer(layer, opacity, { emphasis = null } = {}) {
  const byClass = new Map(layer.classes.map((one) => [one.id, one.paint]));
  let alpha = 1;
  return {
    before(ctx) {
      alpha = opacity();
      ctx.lineJoin = "round";
      ctx.lineCap = "butt";
    },
    draw(ctx, geom, zoom, feature) {
      const paint = byClass.get(feature.props.class) ?? layer.style;
      if (feature.geomType === POINT) {
        const stands = layer.geometry !== "MultiPoint";
        const size = stands ? 1.3 : (paint.size ?? 4) * (zoom < 9 ? 0.75 : 1);
        for (const part of geom) {
          for (const at of part) {
            mark(ctx, stands ? "square" : paint.shape ?? "circle", at.x, at.y, size);
            finish(ctx, stands ? { fill: paint.stroke ?? paint.fill, fill_opacity: 1 } : paint, alpha);
          }
        }
        return;
      }
      trace(ctx, geom);
      const strong = emphasis?.(feature);
      const width = thinned(paint.width ?? 0, zoom) * (strong ?? 1);
      const area = feature.geomType !== LINE;
      if (!area) ctx.lineCap = paint.dash ? "butt" : "round";
      finish(ctx, width === paint.width ? paint : { ...paint, width }, alpha, { area });
    },
  };
}

/** A picture of a paint for the legend, as the map draws it. */
export function swatch(paint, geometry) {
  const scale = window.devicePixelRatio || 1;
  const canvas = document.createElement("canvas");
  const [width, height] = [26, 16];
  canvas.width = width * scale;
  canvas.height = height * scale;
  canvas.className = "swatch";
  canvas.setAttribute("aria-hidden", "true");
  const ctx = canvas.getContext("2d");
  ctx.scale(scale, scale);
  if (geometry === "MultiPoint") {
    mark(ctx, paint.shape ?? "circle", width / 2, height / 2, Math.min(paint.size ?? 4, 6));
    finish(ctx, paint, 1);
  } else if (geometry === "MultiLineString" || (!paint.fill && !paint.hatch)) {
    ctx.beginPath();
    ctx.moveTo(1, height / 2);
    ctx.lineTo(width - 1, height / 2);
    finish(ctx, { ...paint, width: Math.max(paint.width ?? 1, 1) }, 1, { area: false });
  } else {
    ctx.beginPath();
    ctx.rect(1, 1, width - 2, height - 2);
    finish(ctx, { ...paint, width: Math.max(paint.width ?? 1, 1) }, 1);
  }
  return canvas;
}
