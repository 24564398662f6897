// The page: asks which model answers and which fields a customer has, then fills its views. No framework, no other host.

import { NoKey, hasKey, read } from "./api.js";
import { showCustomer } from "./customer.js";
import { html } from "./elements.js";
import { asNumber } from "./format.js";
import { showLive } from "./live.js";
import { showMany } from "./many.js";
import { showModel } from "./model.js";
import { readFields } from "./schema.js";

const PAGES = ["customer", "many", "model", "live"];
/** Pages that have what they show. Live asks for itself, so that it opens even where nothing else is known. */
const filled = new Set(["live"]);

const byId = (id) => document.getElementById(id);

/** Says in public what went wrong, with a button that does `again` where it is given; an empty text takes it back. */
function notice(text, again = null) {
  const button = again ? html("button", { type: "button", class: "quiet" }, "Try again") : null;
  button?.addEventListener("click", again);
  byId("notice").replaceChildren(...[text, button].filter(Boolean));
  byId("notice").hidden = text === "";
}

/** Which model answers, in one line. */
function inOneLine(model) {
  const kind = `${model.model_type.replaceAll("_", " ")}, ${asNumber(model.trees)} trees`;
  const made = model.data.fitted_rows === 0 ? "imported on" : "of";
  return `Model ${model.model_version}: ${kind}, ${made} ${model.trained_at.slice(0, 10)}; ${qualityOf(model.metrics)}.`;
}

function qualityOf({ holdout, cross_validation: folds }) {
  if (holdout) return `ROC-AUC ${holdout.roc_auc.toFixed(3)} on ${asNumber(holdout.rows)} customers that it had not seen`;
  if (folds) return `ROC-AUC ${folds.roc_auc_mean.toFixed(3)} by cross-validation`;
  return "its quality is not known to this function";
}

/** The page that the address names, the first one where it names none. */
function named() {
  const name = location.hash.slice(1).split("?")[0];
  return PAGES.includes(name) ? name : PAGES[0];
}

/** Shows the named page if it is filled, and tells the live one whether it is it. */
function showPage(live) {
  const shown = named();
  for (const page of PAGES) {
    byId(page).hidden = page !== shown || !filled.has(page);
    const link = document.querySelector(`nav a[href="#${page}"]`);
    if (page === shown) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  live(shown === "live");
}

/** Asks for the model and its fields, and fills the pages that are of them; or says why not and offers to try again. */
async function start() {
  removeEventListener("keygiven", start);
  notice("");
  byId("served").textContent = "Asking for the model…";
  try {
    fill(...await Promise.all([read("model_info"), readFields()]));
  } catch (error) {
    byId("served").textContent = "The model is not known yet.";
    notice(error.message, error instanceof NoKey ? null : start);
    addEventListener("keygiven", start);
  }
}

function fill(model, fields) {
  byId("served").textContent = inOneLine(model);
  for (const page of PAGES) {
    filled.add(page);
    byId(page).hidden = page !== named();
  }
  showModel(model, fields);
  showMany(fields);
  showCustomer(fields, model, notice);
}

/** What asks for a key is opened with the one of this tab, which a link cannot carry. */
async function openGuarded(event) {
  if (!hasKey()) return;
  event.preventDefault();
  // At once: a window that opens later is taken for one that nobody asked for.
  const beside = open("about:blank", "_blank");
  beside.opener = null;
  try {
    const answer = await read(event.target.getAttribute("href"));
    const text = typeof answer === "string" ? answer : JSON.stringify(answer, null, 2);
    const address = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
    beside.location.replace(address);
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  } catch (error) {
    beside.close();
    notice(error.message);
  }
}

for (const link of document.querySelectorAll("footer .guarded")) link.addEventListener("click", openGuarded);
const live = showLive();
addEventListener("hashchange", () => showPage(live));
showPage(live);
start();
