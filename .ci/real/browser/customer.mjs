// One customer: what the page shows beside what the API says, and every state of it.

import fs from "node:fs";
import { check, equal, open, serious, serve, settled } from "./suite.mjs";

const CUSTOMER = { SeniorCitizen: 0, tenure: 2, MonthlyCharges: 70.7, TotalCharges: 151.65, InternetService: "Fiber optic",
  OnlineSecurity: "No", TechSupport: "No", StreamingTV: "No", Contract: "Month-to-month",
  PaymentMethod: "Electronic check", PaperlessBilling: "Yes" };

async function predict(url, customer, headers = {}) {
  const response = await fetch(`${url}predict?explain=true`, { method: "POST",
    headers: { "Content-Type": "application/json", "X-Churn-Purpose": "what-if", ...headers }, body: JSON.stringify(customer) });
  return response.json();
}

const percent = (probability) => `${(100 * probability).toFixed(1)}%`;
const points = (difference) => `${difference < 0 ? "-" : "+"}${Math.abs(100 * difference).toFixed(1)} points`;
const shown = (page) => page.locator("#probability").textContent();

async function typing(world) {
  const { page, wrongs } = await open(world.browser, world.server.url);
  await settled(page);
  for (const [name, value] of Object.entries(CUSTOMER)) {
    const control = page.locator(`#${name}`);
    if (await control.evaluate((element) => element.tagName) === "SELECT") await control.selectOption(String(value));
    else await control.fill(String(value));
  }
  await settled(page);
  const expected = await predict(world.server.url, CUSTOMER);
  equal("a customer who is typed shows the probability of POST /predict", await shown(page), percent(expected.churn_probability));
  equal("the reasons are those of the API", await page.locator("#reasons li").allTextContents(), expected.explanation.reasons);
  const bars = await page.locator("#waterfall tbody tr").evaluateAll((rows) => rows.map((row) => row.lastChild.textContent));
  equal("the waterfall goes from base value to probability", bars, [percent(expected.explanation.base_value),
    ...expected.explanation.contributions.map((part) => points(part.contribution)), percent(expected.churn_probability)]);
  const levers = await page.locator("#levers tbody tr").evaluateAll((rows) => rows.map((row) => row.lastChild.textContent));
  equal("each lever has its change", levers, expected.levers.changes.map((lever) => points(lever.difference)));
  equal("the drawn bars end where the probability is", await ends(page), true);

  await page.locator("#Contract").selectOption("Two year");
  await settled(page);
  const bound = await predict(world.server.url, { ...CUSTOMER, Contract: "Two year" });
  equal("a longer contract moves it", await shown(page), percent(bound.churn_probability));
  check("and moves it down", bound.churn_probability < expected.churn_probability);

  await page.locator("#tenure-slider").fill("40");
  await settled(page);
  const longer = { ...CUSTOMER, Contract: "Two year", tenure: 40 };
  equal("a slider moves its number field", await page.locator("#tenure").inputValue(), "40");
  equal("and the probability", await shown(page), percent((await predict(world.server.url, longer)).churn_probability));
  equal("two curves are drawn", await page.locator("#curves svg").count(), 2);

  const link = page.url();
  const other = await open(world.browser, link);
  await settled(other.page);
  equal("the address holds the customer", await shown(other.page), await shown(page));
  equal("nothing went wrong meanwhile", [...wrongs, ...other.wrongs], []);
  await other.page.context().close();
  return page;
}

/** Whether the last bar of the waterfall ends where the bar before it ends. */
const ends = (page) => page.locator("#waterfall").evaluate((table) => {
  const bars = [...table.querySelectorAll(".bar")].map((bar) => bar.getBoundingClientRect());
  const steps = [...table.querySelectorAll("tbody tr")];
  const last = steps[steps.length - 2].className === "falls" ? bars[bars.length - 2].left : bars[bars.length - 2].right;
  return Math.abs(last - bars[bars.length - 1].right) < 3;
});

const predictions = (world) => world.server.lines.map((line) => JSON.parse(line)).filter((line) => line.event?.startsWith("prediction"));

async function scoring(world, page) {
  equal("trials leave no prediction in the log", predictions(world), []);
  await page.locator("#score").click();
  await page.locator("#logged", { hasText: "Logged at" }).waitFor();
  await page.waitForTimeout(100);
  const id = /prediction ([0-9a-f-]{36})/.exec(await page.locator("#logged").textContent())?.[1];
  equal("a deliberate score is logged as the prediction that is named", predictions(world).map((line) => line.prediction_id), [id]);
  await page.locator("#link").click();
  equal("the link is copied", await page.evaluate(() => navigator.clipboard.readText()), page.url());
}

async function faults(world, page) {
  await page.locator("#tenure").fill("-3");
  await settled(page);
  check("a bad number is blamed beside its field", (await page.locator("#fault-tenure").textContent()).includes("0 to 1200"));
  equal("and marked as invalid", await page.locator("#tenure").getAttribute("aria-invalid"), "true");
  check("what is shown is marked as old", await page.locator("#results").evaluate((element) => element.classList.contains("stale")));
  await page.locator("#tenure").fill("3");
  await settled(page);
  equal("a good one takes the blame away", await page.locator("#fault-tenure").textContent(), "");
}

async function examples(world, page) {
  for (const button of await page.locator("#examples button").all()) {
    await button.click();
    await settled(page);
    const customer = Object.fromEntries(new URLSearchParams(page.url().split("?")[1]));
    for (const name of ["SeniorCitizen", "tenure", "MonthlyCharges", "TotalCharges"]) customer[name] = Number(customer[name]);
    equal(`example "${await button.textContent()}"`, await shown(page), percent((await predict(world.server.url, customer)).churn_probability));
  }
}

async function keys(world) {
  const sha256 = "2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683";  // of "key"
  const guarded = await serve({ API_KEYS_SHA256: sha256 });
  const { page, wrongs } = await open(world.browser, guarded.url);
  await page.locator("#key-dialog[open]").waitFor();
  await page.locator("#key").fill("wrong");
  await page.keyboard.press("Enter");
  await page.locator("#key-fault", { hasText: "not known" }).waitFor();
  await page.locator("#key").fill("key");
  await page.keyboard.press("Enter");
  await settled(page);
  equal("with its key the page works", await shown(page), percent((await predict(guarded.url, CUSTOMER, { "X-API-Key": "key" })).churn_probability));
  equal("the key is kept nowhere", await page.evaluate(() => JSON.stringify([localStorage, sessionStorage, document.cookie, location.href.includes("key=")])), '[{},{},"",false]');
  equal("only refusals of the key were errors", wrongs.filter((wrong) => !wrong.includes("401")), []);
  await page.context().close();
  await guarded.stop();
}

async function offline(world) {
  const short = await serve();
  const { page } = await open(world.browser, short.url);
  await settled(page);
  await short.stop();
  await page.locator("#Contract").selectOption("One year");
  await page.locator("#notice", { hasText: "cannot be reached" }).waitFor();
  check("a function that is gone is told of, and the last answer stays", (await shown(page)).includes("%"));
  await page.context().close();
}

async function looks(world) {
  for (const [width, height] of [[390, 844], [1440, 900], [360, 740], [2560, 1440]]) {
    for (const colorScheme of ["light", "dark"]) {
      const { page, wrongs } = await open(world.browser, world.server.url, { viewport: { width, height }, colorScheme });
      await settled(page);
      const name = `customer, ${width} px, ${colorScheme}`;
      equal(`${name}: nothing sticks out`, await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
      equal(`${name}: axe finds nothing serious`, await serious(page), []);
      equal(`${name}: no errors, no other host`, wrongs, []);
      if ([390, 1440].includes(width)) {
        await page.screenshot({ path: `${world.pictures}/customer-${width}-${colorScheme}.png`, fullPage: true });
      }
      await page.context().close();
    }
  }
}

async function keyboard(world) {
  const { page } = await open(world.browser, world.server.url);
  await settled(page);
  const reached = new Set();
  for (let turn = 0; turn < 60; turn += 1) {
    await page.keyboard.press("Tab");
    reached.add(await page.evaluate(() => document.activeElement.id));
  }
  const wanted = [...Object.keys(CUSTOMER), "customerID", "tenure-slider", "score", "link", "waterfall-region"];
  equal("the keyboard reaches every control", wanted.filter((id) => !reached.has(id)), []);
  await page.context().close();
}

async function weight(world) {
  const context = await world.browser.newContext();
  const page = await context.newPage();
  let bytes = 0;
  page.on("requestfinished", async (request) => {
    const sizes = await request.sizes();
    bytes += sizes.responseBodySize + sizes.responseHeadersSize;
  });
  await page.goto(world.server.url);
  await settled(page);
  const web = fs.readdirSync("functions/predict/web", { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const embedded = web.reduce((sum, entry) => sum + fs.statSync(`${entry.parentPath ?? entry.path}/${entry.name}`).size, 0);
  check("all files of pages take under 400 KB of the binary", embedded < 400_000, `${(embedded / 1000).toFixed(0)} KB`);
  check("the first view takes under 120 KB", bytes < 120_000, `${(bytes / 1000).toFixed(1)} KB`);
  const paint = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0].startTime
    - performance.getEntriesByType("navigation")[0].responseStart);
  console.log(`figure  drawn ${paint.toFixed(0)} ms after the answer`);
  await context.close();
}

/** Checks the page of `world`: the browser, the running function, and the folder of pictures. */
export async function customerPage(world) {
  const page = await typing(world);
  await scoring(world, page);
  await faults(world, page);
  await examples(world, page);
  await page.context().close();
  await keys(world);
  await offline(world);
  await keyboard(world);
  await looks(world);
  await weight(world);
}
