// Many customers: a CSV file scored in slices, how the risk is spread, whom to call, and every row in a table.

import { plan, profitCurve, profitOf } from "./campaign.js";
import { html } from "./elements.js";
import { asDollars, asNumber, asPercent } from "./format.js";
import { PRICE } from "./schema.js";
import { papa, scoreFile } from "./slices.js";
import { bigTable } from "./table.js";

const byId = (id) => document.getElementById(id);
const RISKS = ["LOW", "MEDIUM", "HIGH"];
/** The largest amount in dollars that the campaign takes. */
const DEAREST = 1e6;
/** What the campaign's fields are called, beside the budget. */
const PARAMETERS = ["lifetime", "offer", "contact", "acceptance"];

/**
 * A cell that a spreadsheet would take for a formula, which the download makes text by a quote before it. A number with a sign is
 * none: an id such as -123 comes back as it was given.
 */
const FORMULA = /^(?![+-]?\d+(\.\d+)?$)[=+\-@\t\r\n]/;

const COLUMNS = [
  { title: "Row", number: true, value: (row) => row.number, cell: (row) => asNumber(row.number) },
  { title: "Customer", value: (row) => row.id, cell: (row) => row.id },
  { title: "Probability", number: true, value: (row) => row.probability, cell: (row) => given(row.probability, asPercent) },
  { title: "Risk", value: (row) => (row.error ? null : RISKS.indexOf(row.risk)), cell: (row) => html("span", { class: row.risk }, row.risk) },
  { title: "Monthly charges", number: true, value: (row) => row.monthly, cell: (row) => given(row.monthly, asDollars) },
  { title: "Expected loss a month", number: true, value: (row) => row.loss, cell: (row) => given(row.loss, asDollars) },
  { title: "Expected profit of a call", number: true, value: (row) => row.profit, cell: (row) => given(row.profit, asDollars) },
  { title: "Call", value: (row) => Number(row.call), cell: (row) => (row.call ? "yes" : "") },
  { title: "Error", wraps: true, value: (row) => row.error || null, cell: (row) => row.error },
];
const inRows = (count) => (count === 1 ? "1 row" : `${asNumber(count)} rows`);
const given = (value, write) => (value === null ? "" : write(value));

/** Makes the page work for customers of these `fields`. */
export function showMany(fields) {
  const names = fields.map((field) => field.name);
  const table = bigTable(byId("rows"), COLUMNS);
  let rows = [], running = null;

  /** Scores `file`, and shows its rows. A file before it that is still being scored is given up. */
  async function take(file) {
    running?.abort();
    const run = running = new AbortController();
    rows = [];
    byId("found").hidden = true;
    say(`Scoring ${file.name}…`);
    const progress = showProgress(file);
    try {
      await scoreFile(file, names, (scored, share) => {
        if (run !== running) return;
        for (const each of scored) rows.push(rowOf(each, rows.length + 1));
        progress(share);
      }, run.signal);
      if (run !== running) return;
      say(rows.length ? `${file.name}: ${inRows(rows.length)}, all scored or with their errors.${mixed()}` : `${file.name} names its columns and has no customer.`);
    } catch (error) {
      if (run !== running) return;
      // What was sent behind it is of no use.
      run.abort();
      const kept = rows.length ? ` The ${inRows(rows.length)} before are shown below; choose the file again to score all of it.${mixed()}` : "";
      say(`${file.name} was not scored${rows.length ? " to its end" : ""}. ${error.message}${kept}`, true);
    }
    byId("progress").hidden = true;
    if (rows.length) showFound();
  }

  /** Says where a release came in the middle of the file. */
  function mixed() {
    const versions = new Set(rows.map((row) => row.version).filter(Boolean));
    return versions.size < 2 ? "" : ` Models ${[...versions].join(" and ")} answered, since another was released meanwhile: choose the file again for one alone.`;
  }

  /** Shows how far the scoring of `file` is; gives what is to be called with the share that is done. */
  function showProgress(file) {
    let spoken = 0;
    const draw = (share) => {
      byId("share").value = share;
      byId("so-far").textContent = `${asNumber(rows.length)} customers so far`;
      // Every slice can be seen; what is spoken is spoken at each quarter alone.
      if (share < spoken + 0.25 || share === 1) return;
      spoken = Math.floor(4 * share) / 4;
      say(`Scoring ${file.name}: ${100 * spoken}% is done.`);
    };
    draw(0);
    byId("progress").hidden = false;
    return draw;
  }

  function say(text, isFault = false) {
    byId("file-state").textContent = text;
    byId("file-state").classList.toggle("fault", isFault);
  }

  function showFound() {
    byId("found").hidden = false;
    const good = rows.filter((row) => !row.error);
    const count = (risk) => good.filter((row) => row.risk === risk).length;
    const loss = good.reduce((sum, row) => sum + row.loss, 0);
    const tile = (name, figure, kind) => [html("dt", {}, name), html("dd", { class: kind }, figure)];
    const tiles = [
      ["Customers scored", asNumber(good.length)],
      ...RISKS.toReversed().map((risk) => [`${risk[0]}${risk.slice(1).toLowerCase()} risk`, asNumber(count(risk)), risk]),
      ["Expected loss a month: probability × monthly charges", asDollars(loss)],
      ["Rows with errors", asNumber(rows.length - good.length)],
    ];
    byId("tiles").replaceChildren(...tiles.map((each) => html("div", {}, ...tile(...each))));
    byId("mix").replaceChildren(...RISKS.map((risk) => {
      const part = html("span", { class: risk });
      part.style.flexGrow = count(risk);
      return part;
    }));
    planCalls();
  }

  function planCalls() {
    const figures = Object.fromEntries(PARAMETERS.map((name) => [name, byId(name).valueAsNumber]));
    const calls = byId("budget");
    const isWhole = calls.value === "" ? !calls.validity.badInput : Number.isInteger(calls.valueAsNumber) && 0 <= calls.valueAsNumber;
    if (Object.values(figures).some((figure) => !(figure >= 0)) || figures.acceptance > 100 || DEAREST < Math.max(figures.lifetime, figures.offer, figures.contact) || !isWhole) {
      byId("plan").textContent = "Fill in every figure: amounts of 0 to a million, a share of 0 to 100 percent, and a whole number of calls or none.";
      for (const row of rows) Object.assign(row, { profit: null, call: null });
      byId("profit").replaceChildren();
      filter();
      return;
    }
    figures.acceptance /= 100;
    const good = rows.filter((row) => !row.error);
    for (const row of good) row.profit = profitOf(row.probability, figures);
    good.sort((a, b) => b.profit - a.profit);
    const profits = good.map((row) => row.profit);
    const { profitable, calls: called, total } = plan(profits, calls.value === "" ? Infinity : calls.valueAsNumber);
    good.forEach((row, index) => { row.call = index < called; });
    byId("plan").textContent = `Call ${called === 1 ? "1 customer" : `${asNumber(called)} customers`}: expected profit ${asDollars(total)}. `
      + `${asNumber(profitable)} ${profitable === 1 ? "is" : "are"} worth more than the call.`;
    byId("profit").replaceChildren(profitCurve(profits, called));
    filter();
  }

  function filter() {
    const [text, kind] = [byId("search").value.trim().toLowerCase(), byId("shown").value];
    const kinds = { all: () => true, call: (row) => row.call, error: (row) => row.error !== "" };
    const isShown = kinds[kind] ?? ((row) => row.risk === kind);
    const found = rows.filter((row) => isShown(row) && row.id.toLowerCase().includes(text));
    byId("count").textContent = `${asNumber(found.length)} of ${inRows(rows.length)}.`;
    table.show(found);
  }

  /** Every row in the order of the file, with what was planned. */
  const allRows = () => [
    ["row", "customer_id", "churn_probability", "churn_prediction", "risk_level", "model_version", "expected_loss", "expected_profit", "call", "error"],
    ...rows.map((row) => [row.number, row.id, row.probability, row.decision, row.risk, row.version, row.loss, row.profit,
      row.call === null ? "" : row.call ? "Yes" : "No", row.error])];

  /** Those to call, the most profitable first. */
  const callList = () => [
    ["rank", "customer_id", "expected_profit", "churn_probability", "risk_level", "row"],
    ...rows.filter((row) => row.call).sort((a, b) => b.profit - a.profit)
      .map((row, index) => [index + 1, row.id, row.profit, row.probability, row.risk, row.number])];

  async function download(name, lines) {
    const csv = (await papa()).unparse(lines, { escapeFormulae: FORMULA, newline: "\n" });
    const link = html("a", { href: URL.createObjectURL(new Blob([csv, "\n"], { type: "text/csv" })), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }

  /** A file that is dropped anywhere on the page "Many customers" is taken; elsewhere nothing happens with it. */
  function drag(event) {
    if (!event.dataTransfer.types.includes("Files")) return;
    // The browser would open it in place of this page.
    event.preventDefault();
    const isHere = !byId("many").hidden;
    if (!isHere) event.dataTransfer.dropEffect = "none";
    byId("drop").classList.toggle("over", isHere && event.type === "dragover");
    if (!isHere || event.type !== "drop") return;
    const { files } = event.dataTransfer;
    if (files.length === 1) take(files[0]);
    else say(`${files.length} files were dropped: drop one at a time.`, true);
  }

  for (const name of ["dragenter", "dragover", "dragleave", "drop"]) addEventListener(name, drag);
  byId("file").addEventListener("change", ({ target }) => {
    if (target.files.length) take(target.files[0]);
    // The same file may be chosen again.
    target.value = "";
  });
  byId("campaign").addEventListener("input", planCalls);
  byId("filter").addEventListener("input", filter);
  for (const id of ["campaign", "filter"]) byId(id).addEventListener("submit", (event) => event.preventDefault());
  for (const [id, name, lines] of [["download", "churn.csv", allRows], ["download-calls", "calls.csv", callList]]) {
    byId(id).addEventListener("click", () => download(name, lines()).catch((error) => say(`The rows cannot be downloaded. ${error.message}`, true)));
  }
}

/** A row of the table, from the cells that were sent and what the function said of them. */
function rowOf({ cells, churn_probability, churn_prediction, risk_level, model_version, error }, number) {
  const isFault = error !== "";
  const probability = isFault ? null : Number(churn_probability);
  const monthly = isFault ? null : Number(cells[PRICE]);
  return { number, id: cells.customerID ?? "", probability, monthly, loss: isFault ? null : probability * monthly, profit: null, call: isFault ? null : false,
    decision: churn_prediction, risk: risk_level, version: model_version ?? "", error };
}
