// What the checks of pages share: checks that are counted, the running function, a browser.

import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import net from "node:net";

const require = createRequire(`${process.env.NODE_MODULES}/`);
const { chromium } = require("playwright-core");
const axePath = require.resolve("axe-core/axe.min.js");

let passed = 0, failed = 0;

export function check(name, holds, detail = "") {
  if (holds) passed += 1; else failed += 1;
  console.log(`${holds ? "ok     " : "FAILED "} ${name}${detail === "" ? "" : `: ${detail}`}`);
}

export function equal(name, found, expected) {
  const same = JSON.stringify(found) === JSON.stringify(expected);
  check(name, same, same ? "" : `${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`);
}

export function finish() {
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
}

function freePort() {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** The function, running with these variables; `stop` ends it. */
export async function serve(variables = {}) {
  const port = await freePort();
  const child = spawn(process.env.FUNCTION, { env: { PORT: String(port), ...variables }, stdio: ["ignore", "pipe", "inherit"] });
  const lines = [];
  let begun = "";
  child.stdout.on("data", (data) => {
    const whole = (begun + data).split("\n");
    begun = whole.pop();
    lines.push(...whole.filter(Boolean));
  });
  const url = `http://127.0.0.1:${port}/`;
  for (let turn = 0; turn < 200; turn += 1) {
    try {
      await fetch(`${url}health`);
      const stop = () => new Promise((resolve) => { child.once("exit", resolve); child.kill("SIGTERM"); });
      return { url, stop, lines };
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
  throw new Error("the function does not start");
}

const QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];

export const launch = () => chromium.launch({ executablePath: "/usr/bin/chromium", args: QUIET });

/** A page on `url`, and what it did that it should not: messages of errors, requests to other hosts. */
export async function open(browser, url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const page = await context.newPage();
  const wrongs = [];
  page.on("console", (message) => { if (message.type() === "error") wrongs.push(message.text()); });
  page.on("pageerror", (error) => wrongs.push(String(error)));
  page.on("request", (request) => {
    if (new URL(request.url()).host !== new URL(url).host) wrongs.push(`asks ${request.url()}`);
  });
  await page.goto(url);
  return { page, wrongs };
}

/** The rules of axe-core that the page breaks seriously. */
export async function serious(page) {
  await page.evaluate(await (await import("node:fs/promises")).readFile(axePath, "utf8"));
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations.filter(({ impact }) => ["serious", "critical"].includes(impact))
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`);
}

/** What sticks out: the page of the window, texts of charts of the card that they are in. */
export const sticksOut = (page) => page.evaluate(() => {
  const isOut = (text) => {
    const [inner, outer] = [text, text.closest("section")].map((element) => element.getBoundingClientRect());
    return inner.width > 0 && (inner.left < outer.left || inner.right > outer.right);
  };
  const texts = [...document.querySelectorAll("section svg text")].filter(isOut).map((text) => text.textContent);
  return document.documentElement.scrollWidth > innerWidth ? ["the page", ...texts] : texts;
});

/** Waits until the page of one customer shows what its form holds. */
export async function settled(page) {
  await page.waitForTimeout(200);
  await page.locator("#results[aria-busy=false]").waitFor();
}

/** Bytes of everything that the first view asks for, and milliseconds from its first byte to its first picture. */
export async function firstView(world) {
  const context = await world.browser.newContext();
  const page = await context.newPage();
  const finished = [];
  page.on("requestfinished", (request) => finished.push(request.sizes()));
  await page.goto(world.server.url);
  await settled(page);
  const bytes = (await Promise.all(finished)).reduce((sum, sizes) => sum + sizes.responseBodySize + sizes.responseHeadersSize, 0);
  const milliseconds = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0].startTime
    - performance.getEntriesByType("navigation")[0].responseStart);
  await context.close();
  return { bytes, milliseconds };
}
