// What the instance that answers counts of itself: health, requests and how long they took, risk, scores.

import { read } from "./api.js";
import { html, svg } from "./elements.js";
import { asNumber, asPercent, asShortNumber } from "./format.js";

/** Milliseconds between two readings while the page is in sight. */
const EVERY = 5000;
const RISKS = ["HIGH", "MEDIUM", "LOW"];

const byId = (id) => document.getElementById(id);

/** Reads the figures again and again while this page is shown. Gives `shown(isShown)`. */
export function showLive() {
  // Raised whenever the page is shown or left: only the latest round of readings goes on.
  let round = 0;

  async function refresh(mine) {
    if (document.visibilityState === "visible") await readOnce(mine);
    if (mine === round) setTimeout(() => { if (mine === round) refresh(mine); }, EVERY);
  }

  async function readOnce(mine) {
    try {
      const [health, text] = await Promise.all([read("health"), read("metrics")]);
      if (mine !== round) return;
      draw(health, samplesOf(text));
      byId("live").classList.remove("stale");
    } catch (error) {
      if (mine !== round) return;
      byId("live-state").textContent = `${error.message} What stands here is the last answer. It is asked again every ${EVERY / 1000} seconds.`;
      byId("live").classList.add("stale");
    }
  }

  return (isShown) => {
    round += 1;
    if (isShown) refresh(round);
  };
}

function draw(health, samples) {
  const total = (name) => samples.filter((sample) => sample.name === name).reduce((sum, sample) => sum + sample.value, 0);
  const said = "These are the figures of the one instance that answered, since it started: another may answer next time.";
  // What has not changed is not spoken again; the time changes at every reading.
  if (byId("live-state").textContent !== said) byId("live-state").textContent = said;
  byId("live-read").textContent = `Read at ${new Date(health.timestamp).toLocaleTimeString()}.`;
  const tiles = [
    ["State", health.status],
    ["Model", health.model_version],
    ["Requests answered", asNumber(total("churn_requests_total"))],
    ["Being answered now", asNumber(total("churn_requests_in_flight"))],
    ["Log lines lost", asNumber(total("churn_log_lines_dropped_total"))],
  ];
  byId("live-tiles").replaceChildren(...tiles.map(([name, figure]) => html("div", {}, html("dt", {}, name), html("dd", {}, figure))));
  byId("requests").replaceChildren(...requestRows(samples));
  byId("risks").replaceChildren(...riskRows(samples));
  byId("scores").replaceChildren(histogram(samples));
}

function requestRows(samples) {
  const requests = samples.filter((sample) => sample.name === "churn_requests_total");
  const routes = [...new Set(requests.map((sample) => sample.labels.route))].sort();
  const row = (route) => {
    const of = (first) => requests.filter(({ labels }) => labels.route === route && labels.status.startsWith(first))
      .reduce((sum, sample) => sum + sample.value, 0);
    const bounds = samples.filter(({ name, labels }) => name === "churn_request_duration_seconds_bucket" && labels.route === route);
    return [html("th", { scope: "row" }, route), ...[of(""), of("4"), of("5")].map((count) => html("td", { class: "number" }, asNumber(count))),
      ...[0.5, 0.95].map((share) => html("td", { class: "number" }, within(bounds, share)))];
  };
  const head = ["Route", "Requests", "Refused (4xx)", "Failed (5xx)", "Half within", "95% within"];
  return [headOf(head), html("tbody", {}, ...routes.map((route) => html("tr", {}, ...row(route))))];
}

/** The bound of the histogram within which this share of the requests was answered. */
function within(bounds, share) {
  const all = bounds.find(({ labels }) => labels.le === "+Inf")?.value ?? 0;
  const bound = bounds.find(({ value }) => all * share <= value);
  if (!all || !bound) return "";
  return bound.labels.le === "+Inf" ? "over 10 s" : inTime(Number(bound.labels.le));
}

const inTime = (seconds) => (seconds < 1 ? `${asNumber(1000 * seconds)} ms` : `${asNumber(seconds)} s`);

function riskRows(samples) {
  const predictions = samples.filter((sample) => sample.name === "churn_predictions_total");
  const kinds = [...new Set(predictions.map(({ labels }) => `${labels.variant} ${labels.purpose}`))].sort();
  const row = (kind) => {
    const [variant, purpose] = kind.split(" ");
    const of = (risk) => predictions.filter(({ labels }) => labels.variant === variant && labels.purpose === purpose && labels.risk_level === risk)
      .reduce((sum, sample) => sum + sample.value, 0);
    const all = RISKS.reduce((sum, risk) => sum + of(risk), 0);
    return [html("th", { scope: "row" }, `${variant}, ${purpose === "decision" ? "decisions" : "trials"}`),
      html("td", { class: "number" }, asNumber(all)),
      ...RISKS.map((risk) => html("td", { class: "number" }, all ? asPercent(of(risk) / all) : ""))];
  };
  if (!kinds.length) return [html("tbody", {}, html("tr", {}, html("td", {}, "Nobody was scored yet.")))];
  return [headOf(["Scored by", "Customers", "High", "Medium", "Low"]), html("tbody", {}, ...kinds.map((kind) => html("tr", {}, ...row(kind))))];
}

const headOf = (names) => html("thead", {}, html("tr", {}, ...names.map((name, index) =>
  html("th", { scope: "col", class: index ? "number" : null }, name))));

const WIDTH = 400, HEIGHT = 190, LEFT = 44, RIGHT = 22, TOP = 12, BOTTOM = 40;

/** The bins of the scores of all models: how many decisions lie between two bounds. The last bin ends at 1, whatever it says. */
function scoreBins(samples) {
  const below = new Map();
  for (const { name, labels, value } of samples) {
    if (name !== "churn_score_bucket") continue;
    const bound = labels.le === "+Inf" ? 1 : Number(labels.le);
    below.set(bound, (below.get(bound) ?? 0) + value);
  }
  const bounds = [...below.keys()].sort((a, b) => a - b);
  return bounds.map((to, index) => {
    const from = index ? bounds[index - 1] : 0;
    return { from, to, count: below.get(to) - (below.get(from) ?? 0) };
  });
}

/** How many decisions had which probability. */
function histogram(samples) {
  const bins = scoreBins(samples);
  const counts = bins.map(({ count }) => count);
  const all = counts.reduce((sum, count) => sum + count, 0);
  if (!all) return html("p", {}, "No decision yet. Trials are not counted here.");
  const most = Math.max(...counts);
  const x = (share) => LEFT + (WIDTH - LEFT - RIGHT) * share;
  const y = (count) => HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * count / most;
  const inWords = ({ from, to }) => `${Math.round(100 * from)}% to ${Math.round(100 * to)}%`;
  const fullest = bins[counts.indexOf(most)];
  return html("figure", {}, svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", class: "curve",
    "aria-label": `Probabilities of ${asNumber(all)} decisions; most lie in ${inWords(fullest)}: ${asNumber(most)}` },
    ...[0, most].flatMap((count) => [svg("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y(count), y2: y(count), class: "grid" }),
      svg("text", { x: LEFT - 6, y: y(count) + 4, "text-anchor": "end" }, asShortNumber(count))]),
    ...bins.map((bin) => svg("rect", { x: x(bin.from) + 1, y: y(bin.count), width: x(bin.to) - x(bin.from) - 2, height: HEIGHT - BOTTOM - y(bin.count), class: "column" },
      svg("title", {}, `${inWords(bin)}: ${asNumber(bin.count)}`))),
    ...[0, 25, 50, 75, 100].map((percent) => svg("text", { x: x(percent / 100), y: HEIGHT - BOTTOM + 16, "text-anchor": "middle" }, `${percent}%`)),
    svg("text", { x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 6, "text-anchor": "middle" }, "probability of leaving")));
}

/** The samples of OpenMetrics text as `{ name, labels, value }`. */
function samplesOf(text) {
  const sample = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/;
  return text.split("\n").map((line) => sample.exec(line)).filter(Boolean).map(([, name, labels, value]) => ({
    name, value: Number(value),
    labels: Object.fromEntries([...(labels ?? "").matchAll(/([a-z_]+)="([^"]*)"/g)].map(([, key, text]) => [key, text])),
  }));
}
