// A CSV file on its way to the function and back: cut into slices of whole records, since browsers send a body of unknown
// length over HTTP/2 alone.

import { send } from "./api.js";
import { columnsOf } from "./columns.js";

/** Characters of the file that make a slice, about 8,000 customers. */
const SLICE = 1 << 20;
/** Slices that are on their way at a time. */
const AHEAD = 3;

/** Papa Parse, which reads and writes CSV; loaded when it is first needed. */
export function papa() {
  papa.loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = "papaparse.min.js";
    script.addEventListener("load", () => resolve(globalThis.Papa));
    script.addEventListener("error", () => {
      papa.loading = null;
      script.remove();
      reject(new Error("A part of this page cannot be loaded. Try again."));
    });
    document.head.append(script);
  });
  return papa.loading;
}

/**
 * Scores every record of `file`. Only the columns in `names` are sent. `took` gets the records of each slice in the order of the
 * file, each with its cells by name and with what the function said of it, and the share of the file that was read.
 * Fails with what went wrong; what `took` got before is the file's beginning without a gap.
 */
export async function scoreFile(file, names, took, signal) {
  const Papa = await papa();
  const text = await textOf(file);
  const pending = [];
  let head = null, fault = null;
  const next = async () => took(...await pending.shift());
  for (const part of partsOf(Papa, text)) {
    fault = part.fault;
    if (!head && fault && !part.records.length) break;
    head ??= headOf(part.records.shift() ?? [], names);
    if (part.records.length) pending.push(begun(scored(Papa, head, part.records, signal), part.share));
    if (pending.length === AHEAD) await next();
  }
  while (pending.length) await next();
  if (fault) throw fault;
}

/** A call that is on its way: its failure is told where its turn comes, and not before. */
function begun(records, share) {
  const both = records.then((list) => [list, share]);
  both.catch(() => {});
  return both;
}

/**
 * The file in parts of whole records, each with the share of the file that is read with it. Where quotes are set so that cells
 * cannot be told apart, the last part has the records before, and the `fault`.
 */
function* partsOf(Papa, text) {
  const { delimiter } = Papa.parse(text.slice(0, SLICE), { preview: 10, skipEmptyLines: true }).meta;
  const parser = new Papa.Parser({ delimiter, newline: "\n" });
  let from = 0, size = SLICE, records = 0;
  while (from < text.length) {
    const isLast = text.length <= from + size;
    const { data, errors, meta } = parser.parse(text.slice(from, from + size), 0, !isLast);
    // A record that the part tears is read again with the next one.
    const wrong = errors.find(({ type, row }) => type === "Quotes" && (isLast || row < data.length));
    if (!wrong && meta.cursor === 0 && !isLast) {
      // One record alone is longer.
      size *= 2;
      continue;
    }
    const whole = (wrong ? data.slice(0, wrong.row) : data).filter((record) => 1 < record.length || record[0] !== "");
    from = isLast ? text.length : from + meta.cursor;
    records += whole.length;
    yield { records: whole, share: from / text.length, fault: wrong ? faultOf(wrong, records) : null };
    if (wrong) return;
    size = SLICE;
  }
}

/** What is wrong with the quotes behind so many records, of which the first one is the line of names. */
function faultOf({ code }, records) {
  return new Error(code === "MissingQuotes"
    ? "A quote is opened and never closed: what stands behind it cannot be told apart."
    : `In ${records ? `row ${records}` : "the first line"} a quote stands within a cell in quotes: write it twice there, or leave it out.`);
}

/** Where the columns that are sent stand, and how many there are in all. */
function headOf(header, names) {
  return { columns: columnsOf(header, names), width: header.length };
}

/** The records, each with what the function says of it. */
async function scored(Papa, { columns, width }, records, signal) {
  // A record with a cell too many or too few is not sent: its cells cannot be told apart.
  const isWhole = (record) => record.length === width;
  const whole = records.filter(isWhole).map((record) => columns.map(({ index }) => record[index]));
  const answers = (whole.length ? await answersTo(Papa, [columns.map(({ name }) => name), ...whole], signal) : []).values();
  const said = (record) => (isWhole(record) ? answers.next().value
    : { risk_level: "", churn_prediction: "", error: `the record has ${record.length} cells, the first line names ${width} columns` });
  const cellsOf = (record) => Object.fromEntries(columns.map(({ name, index }) => [name, record[index]]));
  return records.map((record) => ({ cells: cellsOf(record), ...said(record) }));
}

/** What the function says of each line below the first one. An answer that is cut, or is none of ours, fails as a whole. */
async function answersTo(Papa, lines, signal) {
  const text = await send("batch_predict", Papa.unparse(lines), { trial: false, signal, type: "text/csv" });
  const { data, errors } = Papa.parse(text, { header: true, skipEmptyLines: true });
  const isWhole = ({ error, churn_probability: probability }) => error !== undefined && (error !== "" || probability !== "");
  if (errors.length || data.length !== lines.length - 1 || !data.every(isWhole)) {
    throw new Error("The function stopped in the middle of its answer.");
  }
  return data;
}

/** The file as text with one kind of line end. Whole, since a slice of bytes may end within a character. */
async function textOf(file) {
  const bytes = await file.arrayBuffer();
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes).replace(/\r\n?/g, "\n");
  } catch {
    throw new Error("The file is not text in UTF-8: save it as CSV UTF-8.");
  }
  // What a browser cannot hold as one text comes out empty.
  if (text === "" && 3 < bytes.byteLength) throw new Error("The file is too large for this page: split it.");
  if (text.trim() === "") throw new Error("The file is empty.");
  return text;
}
