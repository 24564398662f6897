// The live page beside `/metrics` of an instance of its own.

import { check, equal, open, serious, serve, sticksOut } from "./suite.mjs";

const CUSTOMER = { SeniorCitizen: 0, tenure: 2, MonthlyCharges: 70.7, TotalCharges: 151.65, InternetService: "Fiber optic",
  OnlineSecurity: "No", TechSupport: "No", StreamingTV: "No", Contract: "Month-to-month",
  PaymentMethod: "Electronic check", PaperlessBilling: "Yes" };

const post = (url, body, headers = {}) => fetch(`${url}predict`, { method: "POST",
  headers: { "Content-Type": "application/json", ...headers }, body: JSON.stringify(body) });

const table = (page, id) => page.locator(`#${id} tbody tr`).evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent)));

async function figures(world) {
  const own = await serve();
  const { page, wrongs } = await open(world.browser, `${own.url}#live`);
  await page.locator("#live-state", { hasText: "one instance" }).waitFor();
  equal("before any decision there is no histogram", await page.locator("#scores").textContent(), "No decision yet. Trials are not counted here.");
  for (let turn = 0; turn < 6; turn += 1) await post(own.url, CUSTOMER);
  for (let turn = 0; turn < 2; turn += 1) await post(own.url, { ...CUSTOMER, Contract: "Two year", tenure: 70 });
  await post(own.url, CUSTOMER, { "X-Churn-Purpose": "what-if" });
  await post(own.url, {});
  await page.locator("#requests", { hasText: "/predict" }).waitFor();
  await page.waitForFunction(() => document.getElementById("risks").textContent.includes("decisions"));
  const predict = (await table(page, "requests")).find(([route]) => route === "/predict");
  equal("requests are counted by route, those refused apart; no other page has asked", predict.slice(1, 4), ["10", "1", "0"]);
  check("and how long they took", predict.slice(4).every((text) => /ms|s$/.test(text)), predict.slice(4).join(", "));
  const decisions = (await table(page, "risks")).find(([kind]) => kind === "champion, decisions");
  equal("the mix of risk is that of decisions", decisions, ["champion, decisions", "8", "75.0%", "0.0%", "25.0%"]);
  const bars = await page.locator("#scores rect title").allTextContents();
  equal("the histogram holds every decision", bars.reduce((total, text) => total + Number(text.split(": ")[1]), 0), 8);
  equal("the fullest bin is where most are", bars[15], "75% to 80%: 6");
  await own.stop();
  await page.locator("#live-state", { hasText: "cannot be reached" }).waitFor({ timeout: 15_000 });
  check("an instance that is gone is told of", await page.locator("#live").evaluate((element) => element.classList.contains("stale")));
  equal("nothing else went wrong", wrongs.filter((wrong) => !wrong.includes("ERR_CONNECTION")), []);
  await page.context().close();
}

/** The bins of the histogram are those of `/metrics`, up to the last one, which has no bound there. */
async function bins(world) {
  const page = await measured(world, (route) => scored(route, { "0.05": 1, "0.95": 4, "+Inf": 9 }));
  await page.goto(`${world.server.url}#live`);
  await page.locator("#scores svg").waitFor();
  equal("each bin has its bounds, and the last one ends at 100%", await page.locator("#scores rect title").allTextContents(), ["0% to 5%: 1", "5% to 95%: 3", "95% to 100%: 5"]);
  const edges = await page.locator("#scores rect").evaluateAll((bars) => bars.map((bar) => Number(bar.getAttribute("x")) + Number(bar.getAttribute("width"))));
  equal("none reaches beyond the axis", edges.every((edge) => edge < 400 - 22), true);
  await page.context().close();

  const real = await (await fetch(`${world.server.url}metrics`)).text();
  const bounds = [...real.matchAll(/^churn_score_bucket\{.*le="([^"]+)"/gm)].map(([, bound]) => bound);
  equal("the function has twenty bins, of which the last is open", [bounds.slice(0, 20).length, bounds[0], bounds[18], bounds[19]], [20, "0.05", "0.95", "+Inf"]);
}

/** A page whose `/metrics` is answered by `answer`. */
async function measured(world, answer) {
  const { page } = await open(world.browser, "about:blank");
  await page.route("**/metrics", answer);
  return page;
}

const scored = (route, buckets) => route.fulfill({ contentType: "application/openmetrics-text",
  body: Object.entries(buckets).map(([bound, count]) => `churn_score_bucket{variant="champion",le="${bound}"} ${count}`).join("\n") });

/** A page that is left while a reading is on its way reads no more, and what then arrives is not shown. */
async function left(world) {
  let asked = 0, letGo, waits = false;
  const held = new Promise((resolve) => { letGo = resolve; });
  const page = await measured(world, async (route) => {
    asked += 1;
    if (waits) await held;
    await scored(route, { "0.5": asked, "+Inf": asked });
  });
  await page.clock.install({ time: 0 });
  await page.clock.pauseAt(1000);
  await page.goto(`${world.server.url}#live`);
  await page.locator("#scores title", { hasText: "0% to 50%: 1" }).waitFor({ state: "attached" });
  waits = true;
  const second = page.waitForRequest("**/metrics");
  await page.clock.runFor(5000);
  await second;
  await page.locator("nav a", { hasText: "The model" }).click();
  await page.locator("#model").waitFor();
  const before = asked;
  const arrived = page.waitForResponse("**/metrics");
  letGo();
  await (await arrived).finished();
  // Another question there and back: what came before it has been read by then.
  await page.evaluate(async () => (await fetch("health/live")).text());
  await page.clock.runFor(60_000);
  equal("a live page that was left during a reading asks no more", asked, before);
  equal("and does not show what it then got", await page.locator("#scores title").first().textContent(), "0% to 50%: 1");
  await page.locator("nav a", { hasText: "Live" }).click();
  await page.locator("#scores title", { hasText: `0% to 50%: ${before + 1}` }).waitFor({ state: "attached" });
  await page.clock.runFor(5000);
  await page.locator("#scores title", { hasText: `0% to 50%: ${before + 2}` }).waitFor({ state: "attached" });
  check("come back to, it reads again, once every five seconds", asked === before + 2, `${asked - before} readings`);
  await page.context().close();
}

async function looks(world) {
  for (const [width, height] of [[390, 844], [1440, 900], [360, 740], [2560, 1440]]) {
    for (const colorScheme of ["light", "dark"]) {
      const { page, wrongs } = await open(world.browser, `${world.server.url}#live`, { viewport: { width, height }, colorScheme });
      await page.locator("#scores svg").waitFor();
      const name = `live, ${width} px, ${colorScheme}`;
      equal(`${name}: nothing sticks out`, await sticksOut(page), []);
      equal(`${name}: axe finds nothing serious`, await serious(page), []);
      equal(`${name}: no errors, no other host`, wrongs, []);
      if ([390, 1440].includes(width)) await page.screenshot({ path: `${world.pictures}/live-${width}-${colorScheme}.png`, fullPage: true });
      await page.context().close();
    }
  }
}

/** Checks the page of `world`: the browser, the running function, and the folder of pictures. */
export async function livePage(world) {
  await figures(world);
  await bins(world);
  await left(world);
  await looks(world);
}
