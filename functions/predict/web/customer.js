// One customer: the form, and what the model says while one types. Every call but a deliberate score is a trial.

import { NoKey, Refused, send } from "./api.js";
import { curve, gauge } from "./charts.js";
import { html } from "./elements.js";
import { makeForm } from "./form.js";
import { asNumber, asPercent, asPoints, asValue } from "./format.js";
import { DRAWN, EXAMPLES, FOLLOWING } from "./schema.js";

/** Milliseconds without a key before a trial is sent. */
const PATIENCE = 120;
const TRIAL = "What is shown while you type is a trial: it is not logged as a prediction.";
const inWords = (risk) => `${risk[0]}${risk.slice(1).toLowerCase()} risk`;
const byId = (id) => document.getElementById(id);

/** Shows the page; `notice` says in public what went wrong. */
export function showCustomer(fields, model, notice) {
  const field = (name) => fields.find((each) => each.name === name);
  const form = makeForm(byId("form"), fields, later);
  let timer, trial = new AbortController();
  // Raised at every change, and where the page is left: an answer to what has changed since is not shown.
  let turn = 0;
  // The turns of which the curves and a deliberate score stand there: a trial of the same turn takes no score away.
  let drawn = -1, scored = -1;

  function later() {
    turn += 1;
    clearTimeout(timer);
    timer = setTimeout(tryOut, PATIENCE);
    byId("results").setAttribute("aria-busy", "true");
    if (!byId("score").disabled) tell(TRIAL);
  }

  /** Asks what the model says of the form as it is. */
  async function tryOut() {
    if (byId("customer").hidden) return;
    keepInAddress();
    trial.abort();
    trial = new AbortController();
    const customer = form.read();
    const options = { trial: true, signal: trial.signal };
    await shown(async () => {
      const { curves, customers } = variations(customer, field);
      const prediction = await send("predict?explain=true", customer, options);
      const { predictions } = await send("batch_predict", { customers }, options);
      return () => {
        if (scored !== turn) showPrediction(prediction);
        showCurves(curves, predictions, customer, prediction);
        drawn = turn;
      };
    }, tryOut);
  }

  /** What was asked for this page is not told on another. */
  function leave() {
    turn += 1;
    clearTimeout(timer);
    trial.abort();
    notice("");
  }

  const tell = (text) => { byId("logged").textContent = text; };

  /** One at a time: whoever presses twice means one decision. */
  async function score() {
    const [customer, mine] = [form.read(), turn];
    const whose = () => (mine === turn ? "" : "The customer as it was before: ");
    byId("score").disabled = true;
    tell("Being scored and logged…");
    await shown(async () => {
      const prediction = await send("predict?explain=true", customer, { trial: false }).catch((error) => {
        tell(whose() + (isRefusal(error) ? `Not logged: ${error.message}` : `It is not known whether it was logged. ${error.message}`));
        throw error;
      });
      const at = new Date(prediction.prediction_timestamp).toLocaleTimeString();
      tell(`${whose()}Logged at ${at} as prediction ${prediction.prediction_id}.`);
      return () => {
        scored = turn;
        showPrediction(prediction);
        if (drawn !== turn) tryOut();
      };
    }, null);
    byId("score").disabled = false;
  }

  /** Whether the function itself has refused; whatever else fails may come behind a score. */
  const isRefusal = (error) => error instanceof NoKey || (error instanceof Refused && ((400 <= error.status && error.status < 500) || error.status === 503));

  /**
   * Draws what `ask` gives, or says beside the fields or above them why it failed, with `again` as another try. Where the form
   * has changed meanwhile, neither is done: both are of another customer.
   */
  async function shown(ask, again) {
    const mine = turn;
    try {
      const draw = await ask();
      if (mine !== turn) return;
      draw();
      form.blame([]);
      notice("");
      byId("results").classList.remove("stale");
    } catch (error) {
      if (error.name === "AbortError" || mine !== turn) return;
      const rest = error instanceof Refused ? form.blame(error.errors) : [];
      const isOfValues = error instanceof Refused && 0 < error.errors.length;
      if (isOfValues) notice(rest.map((each) => `${each.pointer} ${each.detail}`).join("; "));
      else notice(error.message, again);
      byId("results").classList.add("stale");
    }
    byId("results").setAttribute("aria-busy", "false");
  }

  function showPrediction(prediction) {
    const { churn_probability: probability, churn_prediction: decision, risk_level: risk, explanation, levers } = prediction;
    const lines = linesOf(prediction.model_version);
    byId("gauge").replaceChildren(gauge(probability, lines));
    byId("probability").textContent = asPercent(probability);
    byId("glance").replaceChildren(`${asPercent(probability)}, `, html("span", { class: risk }, inWords(risk)));
    byId("answered").textContent = whoAnswered(prediction, lines !== null);
    byId("verdict").replaceChildren(
      html("strong", { class: risk }, inWords(risk)),
      decision === "Yes" ? ", counted as leaving" : ", counted as staying",
      html("span", { class: "soft" }, lines ? ` (leaving from ${asPercent(lines.threshold)})` : ""));
    byId("reasons").replaceChildren(...explanation.reasons.map((reason) => html("li", {}, reason)));
    byId("waterfall").replaceChildren(...waterfall(explanation, probability));
    byId("levers-note").textContent = levers.note;
    byId("levers").replaceChildren(...leverRows(levers.changes));
  }

  /** The thresholds of the model of this version; `null` where this page knows none such: another release answers by now. */
  const linesOf = (version) => [model, model.challenger].find((each) => each?.model_version === version)?.decision ?? null;

  function whoAnswered({ variant, model_version: version }, isKnown) {
    const who = `Said by the ${variant}, model ${version}.`;
    if (!isKnown) return `${who} This page knows another model: load it again to see the thresholds of this one.`;
    return variant === "champion" ? who : `${who} What is tried while you type, and the curves, are the champion’s.`;
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
        row("Where nothing is known", 0, base, "total", asPercent(base)),
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

  function showCurves(curves, predictions, customer, prediction) {
    let start = 0;
    byId("curves-note").textContent = whatFollows(customer);
    byId("curves").replaceChildren(...curves.map(({ name, values }) => {
      const points = values.map((value, index) => [value, predictions[start + index].churn_probability]);
      start += values.length;
      return curve({ title: field(name).title.toLowerCase(), unit: field(name).unit, points,
        write: (value) => valueOf(name, value), here: [customer[name], prediction.churn_probability] });
    }));
  }

  /** What the curves assume of the field that cannot stay as it is. */
  function whatFollows(customer) {
    const titles = FOLLOWING.factors.map((name) => field(name).title.toLowerCase()).join(" times ");
    const ratio = Math.round(1000 * ratioOf(customer)) / 1000;
    const own = ratio === 1 ? "" : `, times ${asNumber(ratio)} as with this customer`;
    return `The probability of leaving over two fields. All else stays as it is; ${field(FOLLOWING.name).title.toLowerCase()} follow: ${titles}${own}.`;
  }

  const addressOf = (customer) => `#customer?${new URLSearchParams(customer)}`;

  /** Browsers take so many changes of an address in a time, and no more: the link is made anew where it is copied. */
  function keepInAddress() {
    try {
      history.replaceState(null, "", addressOf(form.read()));
    } catch (error) {
      if (error.name !== "SecurityError") throw error;
    }
  }

  function fromAddress() {
    const written = new URLSearchParams(location.hash.startsWith("#customer?") ? location.hash.split("?")[1] : "");
    return written.size ? Object.fromEntries(written) : EXAMPLES[0][1];
  }

  byId("examples").replaceChildren("Examples: ", ...EXAMPLES.map(([name, customer]) => {
    const button = html("button", { type: "button", class: "quiet" }, name);
    button.addEventListener("click", () => { form.write(customer); later(); });
    return button;
  }));
  byId("score").addEventListener("click", score);
  byId("link").addEventListener("click", async () => {
    const { href } = new URL(addressOf(form.read()), location.href);
    try {
      await navigator.clipboard.writeText(href);
      tell("The link is copied. It holds all that the form holds: send it only to those who may see that.");
    } catch {
      tell(`Copy this address: ${href}`);
    }
  });
  addEventListener("hashchange", () => {
    if (location.hash.startsWith("#customer?")) form.write(fromAddress());
    if (byId("customer").hidden) leave();
    else later();
  });
  form.write(fromAddress());
  later();
  // Nobody is typing yet.
  clearTimeout(timer);
  tryOut();
}

/** The same customer with other values of one field, for each field that is drawn. */
function variations(customer, field) {
  const curves = DRAWN.map(({ name, from, steps }) => {
    const to = field(name).slider.max;
    const values = Array.from({ length: steps + 1 }, (_, index) => from + index * (to - from) / steps);
    const own = customer[name];
    // The customer's own value is one of the points, so that the dot lies on the line.
    if (from <= own && own <= to && !values.includes(own)) values.push(own);
    return { name, values: values.sort((a, b) => a - b) };
  });
  const customers = curves.flatMap(({ name, values }) => values.map((value) => varied(customer, name, value, field)));
  return { curves, customers };
}

/** The customer with another value of one field; the field that follows it keeps its ratio to what it is made of. */
function varied(customer, name, value, field) {
  if (value === customer[name]) return customer;
  const changed = { ...customer, [name]: value };
  // An unusual ratio may lead beyond what the field takes.
  const following = Math.min(productOf(changed) * ratioOf(customer), field(FOLLOWING.name).max);
  return { ...changed, [FOLLOWING.name]: following };
}

const productOf = (customer) => FOLLOWING.factors.reduce((product, name) => product * customer[name], 1);

/** What the customer has paid beside months times price; 1 where that is nothing yet. */
const ratioOf = (customer) => (productOf(customer) === 0 ? 1 : customer[FOLLOWING.name] / productOf(customer));
