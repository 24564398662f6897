// Pictures of probabilities in SVG: a gauge with the bands of risk, and a line over one field. Each says in words what it
// shows, for those who cannot see it.

import { html, svg } from "./elements.js";
import { asPercent } from "./format.js";

/** Points on the half circle of a gauge whose centre is (100, 100). */
function at(share, radius) {
  const angle = Math.PI * (1 - share);
  return `${(100 + radius * Math.cos(angle)).toFixed(2)} ${(100 - radius * Math.sin(angle)).toFixed(2)}`;
}

const arc = (from, to, radius) => `M ${at(from, radius)} A ${radius} ${radius} 0 0 1 ${at(to, radius)}`;

/** A half circle in three bands, with a hand at `probability` and a mark where a decision turns to yes. */
export function gauge(probability, { medium, high, threshold }) {
  const bands = [[0, medium, "LOW"], [medium, high, "MEDIUM"], [high, 1, "HIGH"]];
  const label = (share, text) => {
    const [x, y] = at(share, 98).split(" ");
    return svg("text", { x, y, "text-anchor": share < 0.45 ? "end" : share > 0.55 ? "start" : "middle" }, text);
  };
  return svg("svg", { viewBox: "-12 -14 224 122", role: "img", class: "gauge",
    "aria-label": `${asPercent(probability)} of 100%; medium risk from ${asPercent(medium)}, high from ${asPercent(high)}` },
    ...bands.map(([from, to, risk]) => svg("path", { d: arc(from, to, 80), class: `band ${risk}` })),
    svg("path", { d: `M ${at(threshold, 68)} L ${at(threshold, 92)}`, class: "mark" },
      svg("title", {}, `Counted as leaving from ${asPercent(threshold)}`)),
    svg("path", { d: `M 100 100 L ${at(probability, 74)}`, class: "hand" }),
    svg("circle", { cx: 100, cy: 100, r: 5, class: "hub" }),
    label(medium, asPercent(medium)), label(high, asPercent(high)));
}

const WIDTH = 340, HEIGHT = 190, LEFT = 44, RIGHT = 12, TOP = 12, BOTTOM = 40;

/** Probability over one field: `points` of `[value, probability]`, ascending, with a dot at `here`. */
export function curve({ title, unit, write, points, here }) {
  const [low, high] = [points[0][0], points[points.length - 1][0]];
  const x = (value) => LEFT + (WIDTH - LEFT - RIGHT) * (value - low) / (high - low);
  const y = (probability) => HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * probability;
  const across = [0, 0.25, 0.5, 0.75, 1].map((share) => low + share * (high - low));
  const path = points.map(([value, p], index) => `${index ? "L" : "M"} ${x(value).toFixed(1)} ${y(p).toFixed(1)}`);
  const shown = html("figcaption", { class: "soft" }, `${write(here[0])}: ${asPercent(here[1])}`);
  const cursor = svg("line", { y1: TOP, y2: HEIGHT - BOTTOM, class: "cursor", visibility: "hidden" });
  const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", class: "curve",
    "aria-label": `Probability over ${title}: ${asPercent(points[0][1])} at ${write(low)}, ${asPercent(here[1])} at ` +
      `${write(here[0])} as it is, ${asPercent(points[points.length - 1][1])} at ${write(high)}` },
    ...[0, 0.25, 0.5, 0.75, 1].flatMap((p) => [
      svg("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y(p), y2: y(p), class: "grid" }),
      svg("text", { x: LEFT - 6, y: y(p) + 4, "text-anchor": "end" }, `${100 * p}%`)]),
    ...across.map((value) => svg("text", { x: x(value), y: HEIGHT - BOTTOM + 16, "text-anchor": "middle" }, Math.round(value))),
    svg("text", { x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 6, "text-anchor": "middle" }, `${title}, ${unit}`),
    svg("path", { d: path.join(" "), class: "line" }),
    cursor,
    here[0] < low || high < here[0] ? null : svg("circle", { cx: x(here[0]), cy: y(here[1]), r: 5, class: "dot" }));
  picture.addEventListener("pointermove", (event) => {
    const box = picture.getBoundingClientRect();
    const value = low + (high - low) * ((event.clientX - box.left) / box.width * WIDTH - LEFT) / (WIDTH - LEFT - RIGHT);
    const near = points.reduce((best, point) => (Math.abs(point[0] - value) < Math.abs(best[0] - value) ? point : best));
    cursor.setAttribute("x1", x(near[0]));
    cursor.setAttribute("x2", x(near[0]));
    cursor.setAttribute("visibility", "visible");
    shown.textContent = `${write(near[0])}: ${asPercent(near[1])}`;
  });
  picture.addEventListener("pointerleave", () => {
    cursor.setAttribute("visibility", "hidden");
    shown.textContent = `${write(here[0])}: ${asPercent(here[1])}`;
  });
  return html("figure", {}, picture, shown);
}
