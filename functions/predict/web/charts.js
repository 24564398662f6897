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

/**
 * A half circle with a hand at `probability`, in the bands of `decision` with a mark where a decision turns to yes; plain where
 * `decision` is `null`, not known.
 */
export function gauge(probability, decision) {
  const bands = decision ? `; medium risk from ${asPercent(decision.medium)}, high from ${asPercent(decision.high)}` : "";
  return svg("svg", { viewBox: "-12 -14 224 122", role: "img", class: "gauge", "aria-label": `${asPercent(probability)} of 100%${bands}` },
    ...(decision ? bandsOf(decision) : [svg("path", { d: arc(0, 1, 80), class: "band unknown" })]),
    svg("path", { d: `M 100 100 L ${at(probability, 74)}`, class: "hand" }),
    svg("circle", { cx: 100, cy: 100, r: 5, class: "hub" }));
}

function bandsOf({ medium, high, threshold }) {
  const bands = [[0, medium, "LOW"], [medium, high, "MEDIUM"], [high, 1, "HIGH"]];
  const label = (share, text) => {
    const [x, y] = at(share, 98).split(" ");
    return svg("text", { x, y, "text-anchor": share < 0.45 ? "end" : share > 0.55 ? "start" : "middle" }, text);
  };
  return [
    ...bands.map(([from, to, risk]) => svg("path", { d: arc(from, to, 80), class: `band ${risk}` })),
    svg("path", { d: `M ${at(threshold, 68)} L ${at(threshold, 92)}`, class: "mark" },
      svg("title", {}, `Counted as leaving from ${asPercent(threshold)}`)),
    label(medium, asPercent(medium)), label(high, asPercent(high))];
}

const WIDTH = 340, HEIGHT = 190, LEFT = 44, RIGHT = 12, TOP = 12, BOTTOM = 40;

/**
 * Probability over one field: `points` of `[value, probability]`, ascending, with a dot at `here`. Pointer and arrow keys read
 * it point by point.
 */
export function curve({ title, unit, write, points, here }) {
  const [low, high] = [points[0][0], points.at(-1)[0]];
  const x = (value) => LEFT + (WIDTH - LEFT - RIGHT) * (value - low) / (high - low);
  const y = (probability) => HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * probability;
  const across = [0, 0.25, 0.5, 0.75, 1].map((share) => low + share * (high - low));
  const path = points.map(([value, p], index) => `${index ? "L" : "M"} ${x(value).toFixed(1)} ${y(p).toFixed(1)}`);
  const cursor = svg("line", { y1: TOP, y2: HEIGHT - BOTTOM, class: "cursor", visibility: "hidden" });
  const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "curve",
    "aria-label": `Probability over ${title}, ${asPercent(here[1])} at ${write(here[0])} as it is` },
    ...[0, 0.25, 0.5, 0.75, 1].flatMap((p) => [
      svg("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y(p), y2: y(p), class: "grid" }),
      svg("text", { x: LEFT - 6, y: y(p) + 4, "text-anchor": "end" }, `${100 * p}%`)]),
    ...across.map((value) => svg("text", { x: x(value), y: HEIGHT - BOTTOM + 16, "text-anchor": "middle" }, Math.round(value))),
    svg("text", { x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 6, "text-anchor": "middle" }, `${title}, ${unit}`),
    svg("path", { d: path.join(" "), class: "line" }),
    cursor,
    here[0] < low || high < here[0] ? null : svg("circle", { cx: x(here[0]), cy: y(here[1]), r: 5, class: "dot" }));
  const said = html("figcaption", { class: "soft" });
  readable({ picture, said, cursor, x, points, here, write });
  return html("figure", {}, picture, said);
}

/** Lets pointer and keys walk over the points: a slider that moves nothing but the cursor. */
function readable({ picture, said, cursor, x, points, here, write }) {
  const nearest = (value) => points.reduce((best, [each], index) =>
    (Math.abs(each - value) < Math.abs(points[best][0] - value) ? index : best), 0);
  const inWords = ([value, probability]) => `${write(value)}: ${asPercent(probability)}`;
  let index;

  function show(next) {
    index = Math.max(0, Math.min(next, points.length - 1));
    const [value] = points[index];
    for (const end of ["x1", "x2"]) cursor.setAttribute(end, x(value));
    picture.setAttribute("aria-valuenow", index);
    picture.setAttribute("aria-valuetext", inWords(points[index]));
    said.textContent = inWords(points[index]);
    cursor.setAttribute("visibility", "visible");
  }

  function rest() {
    show(nearest(here[0]));
    said.textContent = inWords(here);
    cursor.setAttribute("visibility", "hidden");
  }

  const attributes = { role: "slider", tabindex: 0, "aria-valuemin": 0, "aria-valuemax": points.length - 1 };
  for (const [name, value] of Object.entries(attributes)) picture.setAttribute(name, value);
  picture.addEventListener("keydown", (event) => {
    const last = points.length - 1;
    const next = { ArrowLeft: index - 1, ArrowDown: index - 1, ArrowRight: index + 1, ArrowUp: index + 1,
      PageDown: index - 10, PageUp: index + 10, Home: 0, End: last }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    show(next);
  });
  picture.addEventListener("pointermove", (event) => {
    const [low, high] = [points[0][0], points.at(-1)[0]];
    const box = picture.getBoundingClientRect();
    const share = ((event.clientX - box.left) / box.width * WIDTH - LEFT) / (WIDTH - LEFT - RIGHT);
    show(nearest(low + (high - low) * share));
  });
  for (const leaving of ["pointerleave", "blur"]) picture.addEventListener(leaving, rest);
  rest();
}
