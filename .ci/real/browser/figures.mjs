// How fast the page is, for people to read: nothing here is judged, since a busy machine must not fail a build.
// figures.mjs FOLDER

import fs from "node:fs";
import { give, manyCustomers, opened } from "./files.mjs";
import { firstView, launch, serve } from "./suite.mjs";

const ROUNDS = 5;

/** Seconds from the choice of a file to its figures and rows on the page. */
async function scoring(world, path) {
  const { page } = await opened(world);
  await page.evaluate(() => document.getElementById("file").addEventListener("change", () => { globalThis.started = performance.now(); }, true));
  await give(page, path);
  await page.locator("#rows tbody tr:not(.gap)").first().waitFor();
  const seconds = await page.evaluate(() => (performance.now() - globalThis.started) / 1000);
  await page.context().close();
  return seconds;
}

/** The results of `work`, done so often, in their order of size. */
async function rounds(work) {
  const results = [];
  for (let round = 0; round < ROUNDS; round += 1) results.push(await work());
  return results.toSorted((a, b) => a - b);
}

const median = (sorted) => sorted[(sorted.length - 1) / 2];

const folder = process.argv[2];
fs.mkdirSync(folder, { recursive: true });
const world = { browser: await launch(), server: await serve() };
const { bytes } = await firstView(world);
console.log(`figure  page: the first view takes ${(bytes / 1000).toFixed(1)} KB over the wire`);
const drawn = await rounds(async () => (await firstView(world)).milliseconds);
console.log(`figure  page: drawn ${median(drawn).toFixed(0)} ms after the first byte, median of ${ROUNDS}, worst ${drawn.at(-1).toFixed(0)} ms`);
const path = manyCustomers(folder);
const scored = await rounds(() => scoring(world, path));
console.log(`figure  page: 100,000 rows of a file scored and shown in ${median(scored).toFixed(1)} s, median of ${ROUNDS}, worst ${scored.at(-1).toFixed(1)} s`);
await world.browser.close();
await world.server.stop();
