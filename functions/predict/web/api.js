// Calls to the function that serves this page, with the key where one is needed, and with patience where the function asks
// for it. The key stays in this module: it is never stored, and never part of an address.

/** Refusals of one call in a row, each with a time to come again, after which it is given up. */
const MOST_REFUSALS = 5;
/** Longest time in seconds that a call waits; who is told to come later than that is told so. */
const LONGEST_WAIT = 60;
/** Shortest time in seconds that is spoken of: a file may wait a second at each of its slices. */
const SPOKEN_WAIT = 5;
/** Errors of a problem that its message names. */
const MOST_NAMED = 3;

const byId = (id) => document.getElementById(id);

let key = null;
let asking = null;
// Whoever gives no key is not asked again until he wants to be: some calls come every few seconds.
let isDeclined = false;
let waiting = 0;

/** What the function said against a request: its problem, with the status. */
export class Refused extends Error {
  /** `seconds` is when to come again, `null` where the function does not say. */
  constructor(status, problem, seconds) {
    super(asSentence(inWords(status, problem)));
    this.status = status;
    this.errors = listOf(problem.errors);
    this.seconds = seconds;
  }
}

/** The errors of a problem, as far as they are ours: what stands between the page and the function has formats of its own. */
function listOf(errors) {
  const isOurs = (error) => typeof error?.pointer === "string" && typeof error.detail === "string";
  return Array.isArray(errors) ? errors.filter(isOurs) : [];
}

/** The function could not be reached. */
class Unreachable extends Error {
  constructor() {
    super("The function cannot be reached.");
  }
}

/** The function asks for a key, and none was given. */
export class NoKey extends Error {
  constructor() {
    super("This service answers only with a key, and none was given: use “Give a key” at the top of the page.");
  }
}

/** Whether this tab has a key. */
export const hasKey = () => key !== null;

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

/** Asks until there is an answer, a refusal for good, or one refusal for now too many. */
async function call(path, options) {
  for (let refusals = 0; ;) {
    const used = key;
    try {
      return await once(path, options, used);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.status === 401) {
        await otherKey(used);
      } else if ([429, 503].includes(error.status) && error.seconds !== null) {
        refusals += 1;
        await patience(error, refusals, options.signal);
      } else {
        throw error;
      }
    }
  }
}

async function once(path, options, used) {
  const headers = { ...options.headers, ...(used === null ? {} : { "X-API-Key": used }) };
  let response, text;
  try {
    response = await fetch(path, { ...options, headers });
    text = await response.text();
  } catch (error) {
    throw error.name === "AbortError" ? error : new Unreachable();
  }
  if (!response.ok) throw new Refused(response.status, objectOf(text) ?? {}, secondsOf(response.headers.get("Retry-After")));
  const type = response.headers.get("Content-Type") ?? "";
  if (type.includes("html")) throw new Refused(response.status, { detail: "a page answered in place of the function" }, null);
  if (!type.includes("json")) return text;
  const body = objectOf(text);
  if (body === null) throw new Refused(response.status, { detail: "the function stopped in the middle of its answer" }, null);
  return body;
}

/** The object of a JSON text; `null` where it is none. */
function objectOf(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}

/** The seconds of `Retry-After`, which has a number of them or a date, at least one; `null` where it has neither. */
function secondsOf(header) {
  if (header === null) return null;
  const seconds = /^\d{1,9}$/.test(header) ? Number(header) : / GMT$/.test(header) ? (Date.parse(header) - Date.now()) / 1000 : NaN;
  return Number.isNaN(seconds) ? null : Math.max(1, Math.ceil(seconds));
}

/** Waits as `refused` asks for, and says so; fails where this was the last of too many refusals. */
async function patience(refused, refusals, signal) {
  const { seconds } = refused;
  const advice = refusals === MOST_REFUSALS ? `It was asked ${MOST_REFUSALS} times, and was as busy each time.`
    : LONGEST_WAIT < seconds ? `It can be asked again in ${seconds} seconds.` : null;
  if (advice) {
    refused.message += ` ${advice}`;
    throw refused;
  }
  const why = refused.status === 429 ? "The limit of requests a second is reached" : "The function is busy";
  waiting += 1;
  byId("waiting").ariaLive = seconds < SPOKEN_WAIT ? "off" : "polite";
  sayOnce(`${why}: it is asked again in ${seconds} s.`);
  try {
    await pause(seconds, signal);
  } finally {
    waiting -= 1;
    if (!waiting) sayOnce("");
  }
}

/** What is waited for. Calls that wait for the same are not each spoken of. */
function sayOnce(text) {
  if (byId("waiting").textContent !== text) byId("waiting").textContent = text;
}

function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => { clearTimeout(timer); reject(signal.reason); };
    const timer = setTimeout(() => { signal?.removeEventListener("abort", stop); resolve(); }, 1000 * seconds);
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}

/** Asks for another key than `used`, which was refused. Of several calls that are refused at once, one asks. */
async function otherKey(used) {
  if (used !== key) return;
  if (isDeclined) throw new NoKey();
  await (asking ??= askForKey().finally(() => { asking = null; }));
}

/** Opens the dialog, and keeps the key that it gives. Fails where it is closed without one. */
function askForKey() {
  const [dialog, field] = [byId("key-dialog"), byId("key")];
  byId("key-fault").textContent = key === null ? "" : "This key is not known. Try another.";
  dialog.returnValue = "";
  dialog.showModal();
  byId("key-form").onsubmit = (event) => {
    if (event.submitter?.value !== "given" || isSendable(field.value)) return;
    event.preventDefault();
    byId("key-fault").textContent = "A key has only unaccented letters, digits and signs of ASCII. Copy it again, without what stands around it.";
  };
  return new Promise((resolve, reject) => {
    dialog.onclose = () => {
      const given = field.value.trim();
      field.value = "";
      isDeclined = dialog.returnValue !== "given";
      byId("give-key").hidden = !isDeclined;
      if (isDeclined) return reject(new NoKey());
      key = given;
      // Who had given up may begin again.
      dispatchEvent(new Event("keygiven"));
      resolve();
    };
  });
}

/** Whether a header can carry it as it is: other characters would be refused by the browser, or arrive as other bytes. */
const isSendable = (text) => /^[\x20-\x7E]+$/.test(text.trim());

byId("give-key").addEventListener("click", () => askForKey().catch(() => {}));

/** What a problem says, with the first of the values that it does not take. */
function inWords(status, { detail, title, errors: given }) {
  const said = [detail, title].find((text) => typeof text === "string" && text !== "") ?? `the function answered with status ${status}`;
  const errors = listOf(given);
  if (!errors.length) return said;
  const named = errors.slice(0, MOST_NAMED).map(({ pointer, detail: fault, suggestion }) =>
    `${pointer.replace(/^\//, "")} ${fault}${suggestion ? `, perhaps ${suggestion} is meant` : ""}`);
  const rest = errors.length - named.length;
  return `${said}: ${named.join("; ")}${rest ? `; and ${rest} more` : ""}`;
}

const asSentence = (text) => `${text[0].toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
