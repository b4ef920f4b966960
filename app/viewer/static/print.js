// The map on paper and as a picture: title, map as it stands, marks, legend, scale, release and day.
import { swatch } from "./paint.js";

const FONT = '"PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", system-ui, sans-serif';

export function install(app) {
  const { map, t, element } = app;

  function today() {
    return new Date().toLocaleDateString(app.lang === "zh" ? "zh-CN" : "en-GB", { year: "numeric", month: "long", day: "numeric" });
  }

  /** What is on the map, drawn once more on one canvas in the order in which it lies. */
  async function picture() {
    const whole = map.getContainer().getBoundingClientRect();
    const covered = matchMedia("(max-width: 720px)").matches || !app.side.isOpen ? 0 : document.getElementById("side").offsetWidth;
    const box = { left: whole.left + covered, top: whole.top, width: whole.width - covered, height: whole.height };
    const scale = Math.max(2, window.devicePixelRatio || 1);
    const canvas = element("canvas", { width: Math.round(box.width * scale), height: Math.round(box.height * scale) });
    const ctx = canvas.getContext("2d");
    ctx.scale(scale, scale);
    ctx.fillStyle = "#ffffff";
    ctx.fillRect(0, 0, box.width, box.height);
    const panes = [...map.getPane("mapPane").children].sort((a, b) => Number(getComputedStyle(a).zIndex) - Number(getComputedStyle(b).zIndex));
    for (const pane of panes) {
      for (const node of pane.querySelectorAll("img, canvas, svg")) {
        const at = node.getBoundingClientRect();
        ctx.globalAlpha = opacityOf(node, pane);
        if (node instanceof SVGElement) await drawSvg(ctx, node, box);
        else if (at.width && at.height) {
          try {
            ctx.drawImage(node, at.left - box.left, at.top - box.top, at.width, at.height);
          } catch {
            // a picture that never came
          }
        }
      }
    }
    return { canvas, width: box.width, height: box.height, scale };
  }

  function opacityOf(node, pane) {
    let value = 1;
    for (let one = node; one && one !== pane.parentElement; one = one.parentElement) value *= Number(getComputedStyle(one).opacity);
    return value;
  }

  async function drawSvg(ctx, node, box) {
    const copy = node.cloneNode(true);
    const reach = node.getBBox();
    if (!reach.width || !reach.height) return;
    const from = node.querySelectorAll("*");
    [...copy.querySelectorAll("*")].forEach((one, i) => {
      const style = getComputedStyle(from[i]);
      for (const name of ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-linecap", "stroke-dasharray", "paint-order", "font-family", "font-size", "font-weight", "letter-spacing"]) one.style.setProperty(name, style.getPropertyValue(name));
    });
    const edge = 40;
    const at = { x: reach.x - edge, y: reach.y - edge, width: reach.width + 2 * edge, height: reach.height + 2 * edge };
    copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    copy.setAttribute("viewBox", `${at.x} ${at.y} ${at.width} ${at.height}`);
    copy.setAttribute("width", at.width);
    copy.setAttribute("height", at.height);
    const image = new Image();
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
    await image.decode();
    const matrix = node.getScreenCTM();
    ctx.drawImage(image, matrix.e + at.x - box.left, matrix.f + at.y - box.top, at.width, at.height);
  }

  function legendRows() {
    const layout = app.layout.legend();
    return [...layout, ...layers()];
  }

  function layers() {
    return app.layers.shown.flatMap((layer) =>
      layer.classes.length > 1 && layer.geometry !== "MultiPoint"
        ? [{ head: layer.title }, ...layer.classes.map((one) => ({ text: one.title, paint: one.paint, geometry: layer.geometry }))]
        : [{ text: layer.title, paint: layer.classes[0]?.paint ?? layer.style, geometry: layer.geometry }],
    );
  }

  function footing() {
    return [t("print.release", { release: app.release }), today(), t("print.crs"), app.config.base_map?.attribution].filter(Boolean).join("  ·  ");
  }

  /** The whole sheet as one canvas: title above, legend at the right, marks and scale on the map. */
  async function sheet(title) {
    const { canvas: drawn, width, height } = await picture();
    const [side, top, bottom, edge] = [230, 58, 40, 18];
    const rows = legendRows();
    const whole = { width: width + side + 2 * edge, height: Math.max(height, rows.length * 23 + 50) + top + bottom };
    const scale = 2;
    const canvas = element("canvas", { width: whole.width * scale, height: whole.height * scale });
    const ctx = canvas.getContext("2d");
    ctx.scale(scale, scale);
    ctx.fillStyle = "#ffffff";
    ctx.fillRect(0, 0, whole.width, whole.height);
    const write = (text, x, y, font, colour = "#18211d") => {
      ctx.font = font;
      ctx.fillStyle = colour;
      ctx.fillText(text, x, y);
    };
    write(title, edge, 38, `600 22px ${FONT}`);
    ctx.drawImage(drawn, edge, top, width, height);
    ctx.strokeStyle = "#333333";
    ctx.strokeRect(edge, top, width, height);
    let y = top + 12;
    for (const { text, kind } of app.marks()) {
      ctx.font = `600 14px ${FONT}`;
      const wide = Math.min(ctx.measureText(text).width + 20, width - 24);
      ctx.fillStyle = "rgba(255,255,255,.94)";
      ctx.fillRect(edge + 12, y, wide, 28);
      ctx.save();
      ctx.beginPath();
      ctx.rect(edge + 12, y, wide, 28);
      ctx.clip();
      write(text, edge + 22, y + 19, `600 14px ${FONT}`, kind === "approval" ? "#18211d" : "#8a4400");
      ctx.restore();
      y += 34;
    }
    const bar = app.scale();
    write(bar.text, edge + 14, top + height - 22, `13px ${FONT}`);
    ctx.lineWidth = 2;
    ctx.strokeStyle = "#18211d";
    ctx.beginPath();
    ctx.moveTo(edge + 14, top + height - 18);
    ctx.lineTo(edge + 14, top + height - 12);
    ctx.lineTo(edge + 14 + bar.width, top + height - 12);
    ctx.lineTo(edge + 14 + bar.width, top + height - 18);
    ctx.stroke();
    const left = edge + width + 18;
    write(t("print.legend"), left, top + 14, `600 15px ${FONT}`);
    rows.forEach((row, i) => {
      const at = top + 40 + i * 23;
      if (row.head) write(row.head, left, at, `600 12.5px ${FONT}`);
      else {
        ctx.drawImage(swatch(row.paint, row.geometry), left, at - 12, 26, 16);
        ctx.save();
        ctx.beginPath();
        ctx.rect(left, at - 16, side - 12, 24);
        ctx.clip();
        write(row.text, left + 34, at, `12.5px ${FONT}`);
        ctx.restore();
      }
    });
    write(footing(), edge, whole.height - 15, `12px ${FONT}`, "#53605a");
    return canvas;
  }
  app.picture = sheet;

  function blob(canvas) {
    return new Promise((resolve, reject) => {
      try {
        canvas.toBlob((made) => (made ? resolve(made) : reject(new Error("empty"))), "image/png");
      } catch (error) {
        reject(error);
      }
    });
  }

  async function save(title) {
    try {
      const made = await blob(await sheet(title));
      const url = URL.createObjectURL(made);
      const link = element("a", { href: url, download: `${title.replace(/[\\/:*?"<>|]/g, "_") || "shanhe"}.png` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(url), 10000);
      app.say(t("print.saved"));
    } catch {
      app.say(t("print.refused"), { kind: "error" });
    }
  }

  async function paper(title) {
    const canvas = await sheet(title);
    document.getElementById("sheet")?.remove();
    const holder = element("div", { id: "sheet", role: "img", "aria-label": title });
    try {
      const image = new Image();
      image.alt = title;
      image.src = URL.createObjectURL(await blob(canvas));
      await image.decode();
      holder.append(image);
    } catch {
      holder.append(canvas);
    }
    document.body.append(holder);
    document.body.classList.add("sheet");
    window.addEventListener("afterprint", () => {
      holder.remove();
      document.body.classList.remove("sheet");
    }, { once: true });
    window.print();
  }

  app.tool("print", t("print.title"), 50, () => {
    const field = element("input", { class: "field", id: "print-name", maxlength: "60", value: app.config.layout.title });
    const dialog = element(
      "dialog",
      { id: "print-dialog", "aria-labelledby": "print-title" },
      element("h2", { id: "print-title" }, t("print.title"), element("button", { type: "button", class: "plain", "aria-label": t("page.close"), onclick: () => dialog.close() }, app.icon("close"))),
      element("label", { for: "print-name" }, t("print.name")),
      field,
      element("p", { class: "hint" }, t("print.what")),
      element("div", { class: "actions" },
        element("button", { type: "button", class: "button primary", id: "print-go", onclick: () => { dialog.close(); paper(field.value); } }, app.icon("print"), t("print.print")),
        element("button", { type: "button", class: "button", id: "print-png", onclick: () => { dialog.close(); save(field.value); } }, app.icon("image"), t("print.png"))),
    );
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  });
}
