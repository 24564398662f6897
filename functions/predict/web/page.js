// The page: shows which model answers, and sends one customer to it. No framework, no other host.

const byId = (id) => document.getElementById(id);
const percent = (share) => `${(100 * share).toFixed(1)} %`;

/** An element with text in it; text never becomes markup. */
function element(name, text, className) {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

async function showModel() {
  const response = await fetch("model_info");
  const info = await response.json();
  const holdout = info.metrics.holdout;
  const interval = holdout?.roc_auc_interval;
  const range = interval ? ` (${interval.low.toFixed(3)} to ${interval.high.toFixed(3)})` : "";
  const facts = [
    ["Version", info.model_version],
    ["Kind", `${info.model_type.replaceAll("_", " ")}, ${info.trees} trees`],
    info.data.fitted_rows
      ? ["Trained", `${info.trained_at.slice(0, 10)} on ${info.data.fitted_rows.toLocaleString("en")} customers`]
      : ["Imported", info.trained_at.slice(0, 10)],
    ["Quality", holdout
      ? `ROC-AUC ${holdout.roc_auc.toFixed(3)}${range} on ${holdout.rows.toLocaleString("en")} customers that it has not seen`
      : info.metrics.cross_validation
        ? `cross-validated ROC-AUC ${info.metrics.cross_validation.roc_auc_mean.toFixed(3)}`
        : "not known: another program trained it"],
    ["Says yes from", percent(info.decision.threshold)],
  ];
  byId("facts").replaceChildren(...facts.flatMap(([name, fact]) => [element("dt", name), element("dd", fact)]));
  byId("state").hidden = true;
}

function showPrediction(prediction) {
  byId("answer").replaceChildren(
    element("strong", percent(prediction.churn_probability), prediction.risk_level),
    element("p", `Churn: ${prediction.churn_prediction}. Risk: ${prediction.risk_level}.`),
  );
}

function showProblem(problem) {
  const errors = problem.errors ?? [];
  const list = document.createElement("ul");
  for (const error of errors) {
    const meant = error.suggestion ? ` Did you mean “${error.suggestion}”?` : "";
    list.append(element("li", `${error.pointer.slice(1)}: ${error.detail}.${meant}`));
  }
  const text = errors.length ? problem.title : `${problem.title}: ${problem.detail}`;
  byId("answer").replaceChildren(element("p", text, "fault"), list);
}

async function predict(event) {
  event.preventDefault();
  try {
    const headers = { "content-type": "application/json" };
    const response = await fetch("predict", { method: "POST", headers, body: byId("customer").value });
    const answer = await response.json();
    if (response.ok) showPrediction(answer);
    else showProblem(answer);
  } catch {
    showProblem({ title: "No answer", detail: "the function cannot be reached" });
  }
}

byId("form").addEventListener("submit", predict);
showModel().catch(() => {
  byId("state").textContent = "The function cannot be reached.";
});
