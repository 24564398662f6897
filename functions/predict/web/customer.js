// One customer: the form, and what the model says while one types. Every call but a deliberate score is a trial.

import { Refused, send } from "./api.js";
import { curve, gauge } from "./charts.js";
import { html } from "./elements.js";
import { makeForm } from "./form.js";
import { asPercent, asPoints, asValue } from "./format.js";

/** Milliseconds without a key before a trial is sent. */
const PATIENCE = 120;
/** Fields over which the probability is drawn, and values on the way. */
const DRAWN = [{ name: "tenure", from: 0, steps: 72 }, { name: "MonthlyCharges", from: 20, steps: 50 }];

const EXAMPLES = [
  ["New on fiber, pays by check", { SeniorCitizen: 0, tenure: 2, MonthlyCharges: 70.7, TotalCharges: 151.65,
    InternetService: "Fiber optic", OnlineSecurity: "No", TechSupport: "No", StreamingTV: "No",
    Contract: "Month-to-month", PaymentMethod: "Electronic check", PaperlessBilling: "Yes" }],
  ["In the middle", { SeniorCitizen: 1, tenure: 24, MonthlyCharges: 85, TotalCharges: 2040,
    InternetService: "Fiber optic", OnlineSecurity: "No", TechSupport: "Yes", StreamingTV: "Yes",
    Contract: "Month-to-month", PaymentMethod: "Credit card (automatic)", PaperlessBilling: "Yes" }],
  ["Loyal for years", { SeniorCitizen: 0, tenure: 68, MonthlyCharges: 25.1, TotalCharges: 1709.2,
    InternetService: "No", OnlineSecurity: "No internet service", TechSupport: "No internet service",
    StreamingTV: "No internet service", Contract: "Two year", PaymentMethod: "Bank transfer (automatic)",
    PaperlessBilling: "No" }],
];

const byId = (id) => document.getElementById(id);

/** Shows the page; `notice` says in public what went wrong. */
export function showCustomer(fields, model, notice) {
  const field = (name) => fields.find((each) => each.name === name);
  const form = makeForm(byId("form"), fields, () => { keepInAddress(); later(); });
  let timer, trial = new AbortController();
  // Raised at every change: an answer to what has changed since is not shown.
  let turn = 0;

  function later() {
    turn += 1;
    clearTimeout(timer);
    timer = setTimeout(tryOut, PATIENCE);
    byId("results").setAttribute("aria-busy", "true");
  }

  /** Asks what the model says of the form as it is; an answer that a later one has overtaken is dropped. */
  async function tryOut() {
    if (byId("customer").hidden) return;
    trial.abort();
    trial = new AbortController();
    const customer = form.read();
    const options = { trial: true, signal: trial.signal };
    const { curves, customers } = variations(customer, field);
    await shown(async () => {
      const prediction = await send("predict?explain=true", customer, options);
      const { predictions } = await send("batch_predict", { customers }, options);
      showPrediction(prediction);
      showCurves(curves, predictions, prediction);
    });
  }

  async function score() {
    const [mine, customer] = [turn, form.read()];
    await shown(async () => {
      const prediction = await send("predict?explain=true", customer, { trial: false });
      if (mine === turn) showPrediction(prediction);
      const at = new Date(prediction.prediction_timestamp).toLocaleTimeString();
      byId("logged").textContent = `Logged at ${at} as prediction ${prediction.prediction_id}.`;
    });
  }

  /** Runs `work`, and says beside the fields or above them why it failed. */
  async function shown(work) {
    try {
      await work();
      form.blame([]);
      notice("");
      byId("results").classList.remove("stale");
    } catch (error) {
      if (error.name === "AbortError") return;
      const rest = error instanceof Refused ? form.blame(error.errors) : [];
      const isBeside = error instanceof Refused && error.errors.length && !rest.length;
      notice(isBeside ? "" : rest.map((each) => `${each.pointer} ${each.detail}`).join("; ") || error.message);
      byId("results").classList.add("stale");
    }
    byId("results").setAttribute("aria-busy", "false");
  }

  function showPrediction({ churn_probability: probability, churn_prediction: decision, risk_level: risk, explanation, levers }) {
    byId("gauge").replaceChildren(gauge(probability, model.decision));
    byId("probability").textContent = asPercent(probability);
    byId("verdict").replaceChildren(
      html("strong", { class: risk }, `${risk[0]}${risk.slice(1).toLowerCase()} risk`),
      decision === "Yes" ? ", counted as leaving" : ", counted as staying",
      html("span", { class: "soft" }, ` (leaving from ${asPercent(model.decision.threshold)})`));
    byId("reasons").replaceChildren(...explanation.reasons.map((reason) => html("li", {}, reason)));
    byId("waterfall").replaceChildren(...waterfall(explanation, probability));
    byId("levers-note").textContent = levers.note;
    byId("levers").replaceChildren(...leverRows(levers.changes));
  }

  function waterfall({ base_value: base, contributions }, probability) {
    let sum = base;
    const steps = contributions.map((part) => ({ ...part, from: sum, to: (sum += part.contribution) }));
    const ends = [0, base, probability, ...steps.map((step) => step.to)];
    const [low, high] = [Math.min(...ends), Math.max(...ends)];
    const bar = (from, to, kind) => {
      const span = html("span", { class: `bar ${kind}` });
      span.style.left = `${100 * (Math.min(from, to) - low) / (high - low)}%`;
      span.style.width = `${100 * Math.abs(to - from) / (high - low)}%`;
      return html("td", { class: "bars", "aria-hidden": "true" }, html("span", { class: "track" }, span));
    };
    const row = (name, from, to, kind, figure) =>
      html("tr", { class: kind }, html("th", { scope: "row" }, name), bar(from, to, kind), html("td", { class: "number" }, figure));
    const named = (step) => `${field(step.feature).title}: ${valueOf(step.feature, step.value)}`;
    return [
      html("thead", {}, html("tr", {}, html("th", { scope: "col" }, "What is known"), html("td", { "aria-hidden": "true" }),
        html("th", { scope: "col", class: "number" }, "Change"))),
      html("tbody", {},
        row("Average customer", 0, base, "total", asPercent(base)),
        ...steps.map((step) => row(named(step), step.from, step.to, step.contribution < 0 ? "falls" : "rises", asPoints(step.contribution))),
        row("This customer", 0, probability, "total", asPercent(probability)))];
  }

  const valueOf = (name, value) => asValue(field(name), value);

  function leverRows(changes) {
    const change = ({ field: name, from, to }) => `${field(name).title}: ${valueOf(name, to)} instead of ${valueOf(name, from)}`;
    return [
      html("thead", {}, html("tr", {}, html("th", { scope: "col" }, "One change"),
        html("th", { scope: "col", class: "number" }, "Probability"), html("th", { scope: "col", class: "number" }, "Change"))),
      html("tbody", {}, ...changes.map((lever) => html("tr", {},
        html("th", { scope: "row" }, change(lever.change)),
        html("td", { class: "number" }, asPercent(lever.churn_probability)),
        html("td", { class: `number ${lever.difference < 0 ? "falls" : "rises"}` }, asPoints(lever.difference)))))];
  }

  function showCurves(curves, predictions, prediction) {
    let start = 0;
    byId("curves").replaceChildren(...curves.map(({ name, values, here }) => {
      const points = values.map((value, index) => [value, predictions[start + index].churn_probability]);
      start += values.length;
      return curve({ title: field(name).title.toLowerCase(), unit: field(name).unit, points,
        write: (value) => valueOf(name, value), here: [here, prediction.churn_probability] });
    }));
  }

  function keepInAddress() {
    history.replaceState(null, "", `#customer?${new URLSearchParams(form.read())}`);
  }

  function fromAddress() {
    const written = new URLSearchParams(location.hash.startsWith("#customer?") ? location.hash.split("?")[1] : "");
    return written.size ? Object.fromEntries(written) : EXAMPLES[0][1];
  }

  byId("examples").replaceChildren("Examples: ", ...EXAMPLES.map(([name, customer]) => {
    const button = html("button", { type: "button", class: "quiet" }, name);
    button.addEventListener("click", () => { form.write(customer); keepInAddress(); later(); });
    return button;
  }));
  byId("score").addEventListener("click", score);
  byId("link").addEventListener("click", async () => {
    keepInAddress();
    try {
      await navigator.clipboard.writeText(location.href);
      byId("logged").textContent = "The link is copied. It holds all that the form holds: send it only to those who may see that.";
    } catch {
      byId("logged").textContent = `Copy the address of this page: ${location.href}`;
    }
  });
  addEventListener("hashchange", () => {
    if (location.hash.startsWith("#customer?")) form.write(fromAddress());
    later();
  });
  form.write(fromAddress());
  later();
}

/** The same customer with other values of one field, for each field that is drawn. */
function variations(customer, field) {
  const curves = DRAWN.map(({ name, from, steps }) => {
    const step = (field(name).usual - from) / steps;
    const values = Array.from({ length: steps + 1 }, (_, index) => from + index * step);
    return { name, values, here: customer[name] };
  });
  const customers = curves.flatMap(({ name, values }) => values.map((value) => {
    const changed = { ...customer, [name]: value };
    return { ...changed, TotalCharges: changed.tenure * changed.MonthlyCharges };
  }));
  return { curves, customers };
}
