// The model: how good it is and on whom, what it looks at, where it comes from, and the challenger beside it.

import { html, svg } from "./elements.js";
import { asNumber, asPercent, asValue } from "./format.js";

const byId = (id) => document.getElementById(id);
const inThree = (figure) => figure.toFixed(3);
const inWords = (name) => name.replaceAll("_", " ");

/** Metrics of a hold-out by name, in the order in which they are shown. */
const METRICS = [
  ["roc_auc", "ROC-AUC", "how well those who leave are ranked above those who stay: 1 is perfect, 0.5 is a coin"],
  ["pr_auc", "PR-AUC", "the same for those who leave alone; a coin has their share"],
  ["brier", "Brier score", "mean square distance of probability and outcome: less is better"],
  ["log_loss", "Log loss", "what a wrong certainty costs: less is better"],
  ["ece", "Calibration error", "mean distance of probability and churn rate"],
  ["accuracy", "Accuracy", "share of right decisions"],
  ["precision", "Precision", "share of those counted as leaving who left"],
  ["recall", "Recall", "share of those who left who were counted as leaving"],
];

/** Fills the page from what the function says of its model. */
export function showModel(model, fields) {
  const fieldOf = (name) => fields.find((field) => field.name === name);
  const titleOf = (name) => fieldOf(name)?.title ?? name;
  byId("model-facts").replaceChildren(...factsOf(model));
  byId("metrics").replaceChildren(...metricRows(model));
  const { judged } = model;
  byId("judged").hidden = !judged;
  if (judged) {
    byId("roc").replaceChildren(roc(judged.roc, model.metrics.holdout));
    byId("calibration").replaceChildren(calibration(judged.calibration));
    byId("slices").replaceChildren(...sliceRows(judged.slices, fieldOf));
    for (const note of document.querySelectorAll("#judged .judged-on")) note.textContent = whoWasJudged(judged);
  }
  byId("importances").replaceChildren(...importanceRows(model, titleOf));
}

function factsOf(model) {
  const { data } = model;
  const left = data.churned === 0 ? "" : `, of whom ${asPercent(data.churned / data.rows)} left`;
  const facts = [
    ["Version", model.model_version],
    ["Kind", `${inWords(model.model_type)}, ${asNumber(model.trees)} trees, ${asNumber(model.nodes)} nodes`],
    ...originOf(model, left),
    ["Counted as leaving from", asPercent(model.decision.threshold)],
    ["Risk", `medium from ${asPercent(model.decision.medium)}, high from ${asPercent(model.decision.high)}`],
    ["Data", `${data.file}, SHA-256 ${data.sha256}`],
    ["Artifact", `SHA-256 ${model.artifact_sha256}`],
    ["Code", model.git_revision ?? "not known"],
  ];
  return facts.flatMap(([name, fact]) => [html("dt", {}, name), html("dd", {}, fact)]);
}

/** When it was trained and on whom, or that another program did and nobody here knows on whom. */
function originOf({ data, trained_at: at }, left) {
  const day = at.slice(0, 10);
  if (data.fitted_rows === 0) {
    return [["Trained", "by another program, on customers that are not known here"],
      ["Imported", `${day}, with ${asNumber(data.rows)} customers as its reference${left}`]];
  }
  const share = data.fitted_rows === data.rows ? `all ${asNumber(data.rows)}` : `${asNumber(data.fitted_rows)} of ${asNumber(data.rows)}`;
  return [["Trained", `${day} on ${share} customers${left}`]];
}

/** The rows that curves and groups are of. */
function whoWasJudged({ rows, calibration }) {
  const count = asNumber(calibration.rows.reduce((sum, bin) => sum + bin, 0));
  switch (rows) {
    case "hold_out": return `Judged on ${count} customers who were held out: the model was not fitted on them.`;
    case "cross_validation": return `Nobody was held out. Judged by cross-validation: each of ${count} customers was scored by a model of the `
      + "same recipe that had not seen him, not by this very model.";
    default: return `Judged on ${count} customers of a kind that this page does not know: ${rows}.`;
  }
}

/** The champion's figures, and the challenger's beside them where there is one. */
function metricRows(model) {
  const { challenger } = model;
  const columns = [[`Champion ${model.model_version}`, model.metrics]];
  if (challenger) columns.push([`Challenger ${challenger.model_version}, answers ${challenger.percent}%`, challenger.metrics]);
  const rows = [...heldOutRows(columns), ...foldRows(columns)];
  if (rows.length === 0) {
    return [html("tbody", {}, html("tr", {}, html("td", {}, "The card of this model holds no figures: nobody was held out, and nothing was cross-validated.")))];
  }
  const heads = columns.map(([title, { holdout }]) => html("th", { scope: "col", class: "number" }, title,
    html("span", { class: "soft meaning" }, holdout ? `${asNumber(holdout.rows)} customers held out` : "nobody held out")));
  return [
    html("thead", {}, html("tr", {}, html("th", { scope: "col" }, "Figure, with its 95% interval"), ...heads)),
    html("tbody", {}, ...rows)];
}

const figureRow = (title, meaning, cells) => html("tr", {},
  html("th", { scope: "row" }, title, html("span", { class: "soft meaning" }, meaning)), ...cells);

/** A row for each figure of the hold-out, where a model has one. */
function heldOutRows(columns) {
  if (columns.every(([, { holdout }]) => !holdout)) return [];
  const cell = (figures, name) => {
    if (figures?.[name] === undefined) return html("td", { class: "number" }, "");
    const interval = figures[`${name}_interval`];
    return html("td", { class: "number" }, inThree(figures[name]),
      interval ? html("span", { class: "soft" }, ` ${inThree(interval.low)} to ${inThree(interval.high)}`) : null);
  };
  return METRICS.map(([name, title, meaning]) => figureRow(title, meaning, columns.map(([, { holdout }]) => cell(holdout, name))));
}

/** The row of cross-validation, where a model has it. */
function foldRows(columns) {
  if (columns.every(([, { cross_validation: folds }]) => !folds)) return [];
  const meaning = "mean and standard deviation over folds, each judged by a model of the same recipe that was fitted on the others";
  const cell = (folds) => html("td", { class: "number" }, folds ? inThree(folds.roc_auc_mean) : "",
    folds ? html("span", { class: "soft" }, ` ± ${inThree(folds.roc_auc_sd)}, ${asNumber(folds.folds)} folds`) : null);
  return [figureRow("ROC-AUC by cross-validation", meaning, columns.map(([, { cross_validation: folds }]) => cell(folds)))];
}

const SIZE = 260, LEFT = 44, RIGHT = 22, TOP = 12, BOTTOM = 40;
const x = (share) => LEFT + (SIZE - LEFT - RIGHT) * share;
const y = (share) => SIZE - BOTTOM - (SIZE - TOP - BOTTOM) * share;

/** A square chart of two shares, with the diagonal. */
function square(label, across, up, ...parts) {
  return html("figure", {}, svg("svg", { viewBox: `0 0 ${SIZE} ${SIZE}`, role: "img", class: "curve square", "aria-label": label },
    ...[0, 0.5, 1].flatMap((share) => [
      svg("line", { x1: x(0), x2: x(1), y1: y(share), y2: y(share), class: "grid" }),
      svg("text", { x: LEFT - 6, y: y(share) + 4, "text-anchor": "end" }, `${100 * share}%`),
      svg("text", { x: x(share), y: SIZE - BOTTOM + 16, "text-anchor": "middle" }, `${100 * share}%`)]),
    svg("line", { x1: x(0), y1: y(0), x2: x(1), y2: y(1), class: "cursor" }),
    svg("text", { x: x(0.5), y: SIZE - 6, "text-anchor": "middle" }, across),
    ...parts), html("figcaption", { class: "soft" }, up));
}

function roc({ false_positive_rate: across, true_positive_rate: up }, holdout) {
  const path = across.map((share, index) => `${index ? "L" : "M"} ${x(share).toFixed(1)} ${y(up[index]).toFixed(1)}`);
  const area = holdout ? `, area ${inThree(holdout.roc_auc)}` : "";
  return square(`Receiver operating characteristic${area}`, "of those who stay, counted as leaving", "Up: share of those who leave, counted as leaving. The dashed line is a coin.",
    svg("path", { d: path.join(" "), class: "line" }));
}

function calibration({ mean_probability: mean, churn_rate: rate, interval, rows }) {
  const points = mean.map((probability, index) => [
    svg("line", { x1: x(probability), x2: x(probability), y1: y(interval[index].low), y2: y(interval[index].high), class: "line thin" }),
    svg("circle", { cx: x(probability), cy: y(rate[index]), r: 4, class: "dot" },
      svg("title", {}, `${asPercent(probability)} said, ${asPercent(rate[index])} left, of ${asNumber(rows[index])}`))]);
  return square(`Calibration: ${mean.map((p, index) => `${asPercent(p)} said and ${asPercent(rate[index])} left`).join("; ")}`,
    "probability that the model said", "Up: share that left, with its 95% interval. The dashed line is a model that is always right about it.", ...points.flat());
}

function sliceRows(slices, fieldOf) {
  const label = ({ name, value }) => {
    const field = fieldOf(name);
    return `${field?.title ?? name}: ${field?.unit === "yes or no" ? asValue(field, Number(value)) : value}`;
  };
  const cell = (figure, write) => html("td", { class: "number" }, figure === null ? "" : write(figure));
  return [
    html("thead", {}, html("tr", {}, ...["Group", "Customers", "Left", "Model said", "ROC-AUC", "Recall"].map((name, index) =>
      html("th", { scope: "col", class: index ? "number" : null }, name)))),
    html("tbody", {}, ...slices.map((slice) => html("tr", {}, html("th", { scope: "row" }, label(slice)),
      cell(slice.rows, asNumber), cell(slice.churn_rate, asPercent), cell(slice.mean_probability, asPercent),
      cell(slice.roc_auc, inThree), cell(slice.recall, asPercent))))];
}

function importanceRows({ importance, constraints }, titleOf) {
  if (!importance.length) return [html("tbody", {}, html("tr", {}, html("td", {}, "The card of this model holds none.")))];
  const sorted = importance.toSorted((a, b) => b.permutation_mean - a.permutation_mean);
  const most = Math.max(...sorted.map((each) => each.permutation_mean), 1e-9);
  const bar = (share) => {
    const span = html("span", { class: "bar importance" });
    span.style.width = `${100 * Math.max(0, share)}%`;
    return html("td", { class: "bars", "aria-hidden": "true" }, html("span", { class: "track" }, span));
  };
  return [
    html("thead", {}, html("tr", {}, html("th", { scope: "col" }, "Feature"), html("td", { "aria-hidden": "true" }),
      html("th", { scope: "col", class: "number" }, "ROC-AUC lost where shuffled"), html("th", { scope: "col", class: "number" }, "A rise may only"))),
    html("tbody", {}, ...sorted.map((each) => html("tr", {}, html("th", { scope: "row" }, titleOf(each.feature)),
      bar(each.permutation_mean / most),
      html("td", { class: "number" }, inThree(each.permutation_mean), html("span", { class: "soft" }, ` ± ${inThree(each.permutation_sd)}`)),
      html("td", { class: "number" }, { rising: "raise the risk", falling: "lower the risk" }[constraints[each.feature]] ?? ""))))];
}
