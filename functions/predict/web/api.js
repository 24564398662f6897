// Calls to the function that serves this page, with the key where one is needed. The key stays in this module: it is
// never stored, and never part of an address.

let key = null;
let asking = null;

/** What the function said against a request: its problem, with the status. */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail ?? problem.title ?? `the function answered ${status}`);
    this.status = status;
    this.errors = problem.errors ?? [];
  }
}

/** The function could not be reached. */
export class Unreachable extends Error {
  constructor() {
    super("The function cannot be reached. What you see is its last answer.");
  }
}

/** Asks by GET and gives the JSON, or the text of what is none. */
export const read = (path) => call(path, {});

/**
 * Sends JSON and gives the JSON of the answer, or text of another `type` and gives text. A trial is no decision: it is counted
 * apart and not logged.
 */
export function send(path, body, { trial, signal, type = "application/json" }) {
  const headers = { "Content-Type": type };
  if (trial) headers["X-Churn-Purpose"] = "what-if";
  return call(path, { method: "POST", headers, body: typeof body === "string" ? body : JSON.stringify(body), signal });
}

async function call(path, options) {
  for (;;) {
    const used = key;
    const headers = { ...options.headers, ...(used === null ? {} : { "X-API-Key": used }) };
    let response;
    try {
      response = await fetch(path, { ...options, headers });
    } catch (error) {
      throw error.name === "AbortError" ? error : new Unreachable();
    }
    if (response.status !== 401) return answer(response);
    // Of several calls that are refused at once, one asks.
    if (used === key) {
      asking ??= askForKey(used !== null).finally(() => { asking = null; });
      await asking;
    }
  }
}

async function answer(response) {
  let text;
  try {
    text = await response.text();
  } catch (error) {
    throw error.name === "AbortError" ? error : new Unreachable();
  }
  const isJson = response.headers.get("Content-Type")?.includes("json");
  if (response.ok && !isJson) return text;
  let body;
  try {
    body = JSON.parse(text);
  } catch {
    throw new Refused(response.status, {});
  }
  if (!response.ok) throw new Refused(response.status, body);
  return body;
}

function askForKey(again) {
  const dialog = document.getElementById("key-dialog");
  const field = document.getElementById("key");
  document.getElementById("key-fault").textContent = again ? "This key is not known. Try another." : "";
  field.value = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => { key = field.value; field.value = ""; resolve(); }, { once: true });
  });
}
