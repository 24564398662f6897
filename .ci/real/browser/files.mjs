// Files for the page of many customers: what its checks share.

import fs from "node:fs";
import { equal, open } from "./suite.mjs";

/** The Telco file: its first line, and the others. */
export const [header, ...lines] = fs.readFileSync(process.env.CHURN_TELCO_CSV, "utf8").trim().split(/\r?\n/);

/** The page of many customers of the function at `url`. */
export async function opened(world, url = world.server.url, options = {}) {
  const { page, wrongs } = await open(world.browser, `${url}#many`, options);
  await page.locator("#many").waitFor();
  return { page, wrongs };
}

export const file = (text, name = "customers.csv") => ({ name, mimeType: "text/csv", buffer: Buffer.from(text) });

/** A file of the Telco customers so often over, about a slice each time, whose ids are their numbers. */
export const numbered = (times) => file([header, ...Array(times).fill(lines).flat().map((line, index) => line.replace(/^[^,]*/, `id-${index + 1}`))].join("\n"));

export const state = (page) => page.locator("#file-state").textContent();

/** Waits for the end of a file, whether the page is in sight or not. */
export const done = (page) => page.locator("#file-state", { hasText: /all scored|was not scored|has no customer/ })
  .waitFor({ timeout: 60_000, state: "attached" });

/** The figures over the table: scored, high, medium, low, loss, errors. */
export const tiles = (page) => page.locator("#tiles dd").allTextContents();

export async function give(page, given) {
  await page.locator("#file").setInputFiles(given);
  await done(page);
}

/** The text of the download. */
export async function downloaded(page) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.locator("#download").click()]);
  return fs.readFileSync(await download.path(), "utf8");
}

/** The ids in the download, row by row, of rows without quotes. */
export const ids = async (page) => (await downloaded(page)).trim().split("\n").slice(1).map((line) => line.split(",")[1]);

/** The ids of a `numbered` file of so many customers. */
export const idsTo = (count) => Array.from({ length: count }, (_, index) => `id-${index + 1}`);

/** Checks that of a `numbered` file its beginning is kept, without a gap, and no more. */
export async function prefixKept(page) {
  const kept = await ids(page);
  equal("the rows before are kept, without a gap", [kept.length > 1000, kept.every((id, index) => id === `id-${index + 1}`)], [true, true]);
}

/**
 * Has `answer(route, number)` answer each slice, which are counted from 1. What else the page asks for goes its way.
 */
export async function slices(page, answer) {
  let count = 0;
  await page.route("**/batch_predict", (route) => {
    if (route.request().headers()["content-type"] !== "text/csv") return route.continue();
    count += 1;
    return answer(route, count);
  });
}

/** A file of 100,000 customers in `folder`, whose ids are their numbers from 0; gives its path. */
export function manyCustomers(folder) {
  const rows = Array.from({ length: 100_000 }, (_, index) => lines[index % lines.length].replace(/^[^,]*/, `Ü-${index}`));
  const path = `${folder}/many.csv`;
  fs.writeFileSync(path, [header, ...rows].join("\n"));
  return path;
}

/** A promise, and what keeps it. */
export function gate() {
  let open;
  const passed = new Promise((resolve) => { open = resolve; });
  return { passed, open };
}
