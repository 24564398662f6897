// A function that has no room for now, or takes what is sent not at all: what the page of many customers makes of it.

import http from "node:http";
import { done, file, give, header, ids, idsTo, lines, numbered, opened, prefixKept, slices, state, tiles } from "./files.mjs";
import { check, equal, open, serious, serve, settled, sticksOut } from "./suite.mjs";

/** A refusal as the function writes it. */
const problem = (status, members, headers = {}) => ({ status, contentType: "application/problem+json", headers,
  body: JSON.stringify({ title: "Refused", status, ...members }) });
const busy = (seconds) => problem(503, { detail: "as many requests as it takes are being answered; try again soon" }, { "Retry-After": seconds });

async function rateLimit(world) {
  const limited = await serve({ RATE_LIMIT: "1" });
  const { page } = await opened(world, limited.url);
  let refused = 0;
  page.on("response", (response) => { refused += Number(response.status() === 429); });
  await page.locator("#file").setInputFiles(numbered(3));
  await page.locator("#waiting", { hasText: /^The limit of requests a second is reached: it is asked again in 1 s\.$/ }).waitFor();
  equal("a short wait is seen and not spoken", await page.locator("#waiting").getAttribute("aria-live"), "off");
  await done(page);
  check("the rate limit of the function is reached", 0 < refused, `${refused} times`);
  equal("and no row is lost, none comes twice, all in their order", await ids(page), idsTo(3 * lines.length));
  equal("afterwards nothing is waited for", await page.locator("#waiting").textContent(), "");
  await page.context().close();
  const customer = await open(world.browser, limited.url);
  await settled(customer.page);
  check("the page of one customer waits too", (await customer.page.locator("#probability").textContent()).endsWith("%"));
  await customer.page.context().close();
  await limited.stop();
}

/** Takes a place of the function at `url`: a request whose body does not end. Gives what ends it. */
async function occupy(url) {
  const request = http.request(`${url}batch_predict`, { method: "POST", headers: { "Content-Type": "text/csv" } });
  request.on("error", () => {});
  request.write(`${header}\n`);
  while ((await fetch(`${url}model_info`)).status !== 503);
  return () => request.destroy();
}

async function fullHouse(world) {
  const limited = await serve({ MAX_IN_FLIGHT: "1" });
  const { page } = await opened(world);
  await slices(page, (route) => route.continue({ url: `${limited.url}batch_predict` }));
  const leave = await occupy(limited.url);
  await page.locator("#file").setInputFiles(numbered(3));
  await page.locator("#waiting", { hasText: /^The function is busy: it is asked again in [123] s\.$/ }).waitFor();
  leave();
  await done(page);
  equal("a file waits until the function has a place, and no row is lost", await ids(page), idsTo(3 * lines.length));
  await page.context().close();
  await limited.stop();
}

async function passing(world) {
  const { page } = await opened(world);
  await slices(page, (route, number) => (number === 2 || number === 4 ? route.fulfill(busy("1")) : route.continue()));
  await page.locator("#file").setInputFiles(numbered(4));
  await page.locator("#waiting", { hasText: "The function is busy: it is asked again in 1 s." }).waitFor();
  await done(page);
  equal("a function that is busy for a while is asked again, slice by slice", await ids(page), idsTo(4 * lines.length));
  const at = new Date(Date.now() + 1000).toUTCString();
  await page.unroute("**/batch_predict");
  await slices(page, (route, number) => (number === 1 ? route.fulfill(busy(at)) : route.continue()));
  await give(page, numbered(1));
  check("so is one that names a date", (await state(page)).includes("all scored"), await state(page));
  await page.context().close();
}

async function another(world) {
  const { page } = await opened(world);
  let sent = 0;
  await slices(page, (route, number) => { sent = number; return number === 1 ? route.fulfill(busy("60")) : route.continue(); });
  await page.locator("#file").setInputFiles(numbered(1));
  await page.locator("#waiting", { hasText: "in 60 s" }).waitFor();
  equal("a long wait is spoken", await page.locator("#waiting").getAttribute("aria-live"), "polite");
  await give(page, file([header, lines[0]].join("\n"), "second.csv"));
  equal("another file ends the wait of the first", [sent, await page.locator("#waiting").textContent(), (await tiles(page))[0]], [2, "", "1"]);
  await page.context().close();
}

/** What the page says where the second slice of a file is always answered with `answer`, and how many calls that took. */
async function refusedWith(page, answer) {
  let calls = 0, second = null;
  await page.unroute("**/batch_predict");
  await slices(page, async (route) => {
    const body = route.request().postData();
    if (body.includes("\nid-1,")) return route.continue();
    second ??= body;
    calls += Number(body === second);
    return route.fulfill(answer);
  });
  await give(page, numbered(3));
  await prefixKept(page);
  return [calls, await state(page)];
}

async function forGood(world) {
  const { page } = await opened(world);
  const errors = ["tenure", "Contract", "MonthlyCharges", "TotalCharges"].map((name) => ({ pointer: `/${name}`, code: "missing", detail: "the first line names no such column" }));
  errors[1].suggestion = "contract";
  for (const [name, answer, calls, words] of [
    ["busy for ever", busy("0"), 5, ["was not scored to its end", "asked 5 times"]],
    ["busy for an hour", busy("3600"), 1, ["try again soon. It can be asked again in 3600 seconds."]],
    ["busy for an unknown time", { status: 503, body: "no healthy upstream" }, 1, ["The function answered with status 503."]],
    ["too large", problem(413, { detail: "the body may have 8388608 bytes" }), 1, ["The body may have 8388608 bytes. The"]],
    ["values that are not taken", problem(422, { detail: "4 values are not taken", errors }), 1,
      ["4 values are not taken: tenure the first line names no such column; Contract the first line names no such column, perhaps contract is meant; MonthlyCharges", "and 1 more."]],
  ]) {
    const [found, said] = await refusedWith(page, answer);
    check(`a slice that is refused, ${name}: the page says so`, words.every((each) => said.includes(each)), said);
    equal(`and has asked ${calls} times`, found, calls);
  }
  await page.context().close();
}

async function atStart(world) {
  const { page } = await open(world.browser, "about:blank");
  let asked = 0;
  await page.route("**/model_info", (route) => { asked += 1; return asked === 1 ? route.fulfill(busy("1")) : route.continue(); });
  await page.goto(`${world.server.url}#model`);
  await page.locator("#waiting", { hasText: "asked again in 1 s" }).waitFor();
  await page.locator("#metrics tbody tr").first().waitFor();
  equal("a function that is busy when the page is opened is asked again", [asked, await page.locator("nav a[aria-current]").textContent()], [2, "The model"]);
  await page.context().close();
}

async function looks(world) {
  for (const [width, height] of [[390, 844], [1440, 900]]) {
    for (const colorScheme of ["light", "dark"]) {
      const { page } = await opened(world, world.server.url, { viewport: { width, height }, colorScheme });
      await slices(page, (route, number) => (number === 2 ? route.fulfill(busy("60")) : route.continue()));
      await page.locator("#file").setInputFiles(numbered(2));
      await page.locator("#waiting", { hasText: "in 60 s" }).waitFor();
      await page.locator("#so-far", { hasText: /^[1-9]/ }).waitFor();
      const name = `a file that waits, ${width} px, ${colorScheme}`;
      equal(`${name}: axe finds nothing serious`, await serious(page), []);
      equal(`${name}: nothing sticks out`, await sticksOut(page), []);
      await page.screenshot({ path: `${world.pictures}/many-waits-${width}-${colorScheme}.png` });
      await page.context().close();
    }
  }
}

/** Checks the page of `world` beside a function that refuses. */
export async function busyFunction(world) {
  await rateLimit(world);
  await fullHouse(world);
  await passing(world);
  await another(world);
  await forGood(world);
  await atStart(world);
  await looks(world);
}
