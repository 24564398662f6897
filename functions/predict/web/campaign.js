// What calling a customer is expected to bring, and the curve of it over the number of calls: the same formula as that of
// `churn score --budget` (Verbraken, Verbeke and Baesens 2013).

import { html, svg } from "./elements.js";
import { asDollars, asNumber, asShortDollars, asShortNumber } from "./format.js";

/** Expected profit in dollars of calling one who churns with `probability`. */
export function profitOf(probability, { lifetime, offer, contact, acceptance }) {
  return probability * (acceptance * (lifetime - offer) - contact) - (1 - probability) * (offer + contact);
}

/** How many of `profits`, falling, are worth a call, and what they bring together, for at most `budget` calls. */
export function plan(profits, budget) {
  const worth = profits.findIndex((profit) => profit <= 0);
  const profitable = worth === -1 ? profits.length : worth;
  const calls = Math.min(profitable, budget);
  return { profitable, calls, total: profits.slice(0, calls).reduce((sum, profit) => sum + profit, 0) };
}

const WIDTH = 460, HEIGHT = 200, LEFT = 64, RIGHT = 12, TOP = 12, BOTTOM = 40;
const POINTS = 200;

/** Expected profit over the number of calls, the most profitable first, with a mark where calling ends. */
export function profitCurve(profits, calls) {
  let sum = 0;
  const sums = [0, ...profits.map((profit) => (sum += profit))];
  const [low, high] = sums.reduce(([low, high], each) => [Math.min(low, each), Math.max(high, each)], [0, 0]);
  const range = high - low || 1;
  const x = (count) => LEFT + (WIDTH - LEFT - RIGHT) * count / Math.max(profits.length, 1);
  const y = (profit) => TOP + (HEIGHT - TOP - BOTTOM) * (high - profit) / range;
  const step = Math.max(1, Math.floor(sums.length / POINTS));
  const kept = sums.map((profit, count) => [count, profit]).filter(([count]) => count % step === 0 || count === sums.length - 1);
  const path = kept.map(([count, profit], index) => `${index ? "L" : "M"} ${x(count).toFixed(1)} ${y(profit).toFixed(1)}`);
  const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", class: "curve",
    "aria-label": `Expected profit over the number of calls: ${asDollars(sums[calls])} with ${asNumber(calls)} calls` },
    ...[...new Set([0, high, low])].flatMap((profit) => [
      svg("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y(profit), y2: y(profit), class: "grid" }),
      svg("text", { x: LEFT - 6, y: y(profit) + 4, "text-anchor": "end" }, asShortDollars(profit))]),
    ...[0, 0.25, 0.5, 0.75, 1].map((share) => Math.round(share * profits.length)).map((count) =>
      svg("text", { x: x(count), y: HEIGHT - BOTTOM + 16, "text-anchor": "middle" }, asShortNumber(count))),
    svg("text", { x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 6, "text-anchor": "middle" }, "calls, the most profitable first"),
    svg("path", { d: path.join(" "), class: "line" }),
    svg("line", { x1: x(calls), x2: x(calls), y1: TOP, y2: HEIGHT - BOTTOM, class: "cursor" }),
    svg("circle", { cx: x(calls), cy: y(sums[calls]), r: 5, class: "dot" }));
  return html("figure", {}, picture);
}
