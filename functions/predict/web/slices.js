// A CSV file on its way to the function and back: cut into slices of whole records, since browsers send a body of unknown
// length over HTTP/2 alone.

import { send } from "./api.js";
import { columnsOf } from "./columns.js";

/** Characters of the file that make a slice, about 8,000 customers. */
const CHUNK = 1 << 20;
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
 * Fails with what went wrong; what `took` got before stays right.
 */
export async function scoreFile(file, names, took, signal) {
  const Papa = await papa();
  const text = await textOf(file);
  if (file.size === 0) throw new Error("The file is empty.");
  let columns = null, width = 0;
  let order = Promise.resolve(), waiting = 0, fault = null;

  // A record with a cell too many or too few is not sent: its cells cannot be told apart.
  const isWhole = (record) => record.length === width;

  async function slice(records, share) {
    const whole = records.filter(isWhole).map((record) => columns.map(({ index }) => record[index]));
    if (!whole.length) return { answers: [], records, share };
    const body = Papa.unparse([columns.map(({ name }) => name), ...whole]);
    const answer = await send("batch_predict", body, { trial: false, signal, type: "text/csv" });
    const answers = Papa.parse(answer, { header: true, skipEmptyLines: true }).data;
    if (answers.length !== whole.length) throw new Error("The function stopped in the middle of its answer.");
    return { answers, records, share };
  }

  function hand({ answers, records, share }) {
    const next = answers.values();
    const said = (record) => (isWhole(record) ? next.next().value
      : { risk_level: "", churn_prediction: "", error: `the record has ${record.length} cells, the first line names ${width} columns` });
    took(records.map((record) => ({ cells: cellsOf(record), ...said(record) })), share);
  }

  const cellsOf = (record) => Object.fromEntries(columns.map(({ name, index }) => [name, record[index]]));

  await new Promise((resolve) => {
    let isPaused = false;
    Papa.parse(text, {
      newline: "\n",
      skipEmptyLines: true,
      chunkSize: CHUNK,
      chunk({ data, errors, meta }, parser) {
        // The rest of the file would be one cell.
        if (errors.some(({ code }) => code === "MissingQuotes")) {
          data.pop();
          fault = new Error("A quote is opened and never closed: what stands behind it cannot be told apart.");
        }
        try {
          if (columns === null) {
            const header = data.shift() ?? [];
            [columns, width] = [columnsOf(header, names), header.length];
          }
        } catch (error) {
          fault = error;
          parser.abort();
          return;
        }
        if (!data.length) return;
        waiting += 1;
        // Only a parser that is paused may be resumed: another one would cancel its next pause.
        if (waiting === AHEAD) {
          parser.pause();
          isPaused = true;
        }
        const sent = slice(data, Math.min(1, meta.cursor / text.length));
        order = order.then(() => sent).then(hand).catch((error) => {
          fault ??= error;
          parser.abort();
        }).finally(() => {
          waiting -= 1;
          if (!isPaused || fault) return;
          isPaused = false;
          parser.resume();
        });
        sent.catch(() => {});
      },
      complete: resolve,
      error(error) { fault ??= error; resolve(); },
    });
  });
  await order;
  if (fault) throw fault;
}

/** The file as text with one kind of line end. Whole, since a slice of bytes may end within a character. */
async function textOf(file) {
  const bytes = await file.arrayBuffer();
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).replace(/\r\n?/g, "\n");
  } catch {
    throw new Error("The file is not text in UTF-8: save it as CSV UTF-8.");
  }
}
