// The page: asks which model answers and which fields a customer has, then shows the form. No framework, no other host.

import { read } from "./api.js";
import { showCustomer } from "./customer.js";
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

async function start() {
  try {
    const [model, fields] = await Promise.all([read("model_info"), readFields()]);
    byId("served").textContent = inOneLine(model);
    showCustomer(fields, model, notice);
  } catch (error) {
    byId("served").textContent = "The model is not known yet.";
    notice(`${error.message} Load this page again to try once more.`);
  }
}

start();
