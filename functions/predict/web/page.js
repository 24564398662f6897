// The page: asks which model answers and which fields a customer has, then shows the form. No framework, no other host.

import { read } from "./api.js";
import { showCustomer } from "./customer.js";
import { showLive } from "./live.js";
import { showMany } from "./many.js";
import { showModel } from "./model.js";
import { readFields } from "./schema.js";

const byId = (id) => document.getElementById(id);

/** Says in public what went wrong; an empty text takes it back. */
function notice(text) {
  byId("notice").textContent = text;
  byId("notice").hidden = text === "";
}

/** Which model answers, in one line. */
function inOneLine(model) {
  const { holdout } = model.metrics;
  const kind = `${model.model_type.replaceAll("_", " ")}, ${model.trees} trees`;
  const quality = holdout
    ? `ROC-AUC ${holdout.roc_auc.toFixed(3)} on ${holdout.rows.toLocaleString("en")} customers that it had not seen`
    : "its quality is not known to this function";
  return `Model ${model.model_version}: ${kind}, of ${model.trained_at.slice(0, 10)}; ${quality}.`;
}

/** Shows the page that the address names, the first one where it names none, and tells the live one whether it is it. */
function showPage(live) {
  const pages = ["customer", "many", "model", "live"];
  const named = location.hash.slice(1).split("?")[0];
  const shown = pages.includes(named) ? named : pages[0];
  for (const page of pages) {
    byId(page).hidden = page !== shown;
    const link = document.querySelector(`nav a[href="#${page}"]`);
    if (page === shown) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  live(shown === "live");
}

async function start() {
  try {
    const [model, fields] = await Promise.all([read("model_info"), readFields()]);
    byId("served").textContent = inOneLine(model);
    const live = showLive();
    showPage(live);
    addEventListener("hashchange", () => showPage(live));
    showCustomer(fields, model, notice);
    showMany(fields);
    showModel(model, fields);
  } catch (error) {
    byId("served").textContent = "The model is not known yet.";
    notice(`${error.message} Load this page again to try once more.`);
  }
}

start();
