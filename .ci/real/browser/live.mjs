// The live page beside `/metrics` of an instance of its own.

import { check, equal, open, serious, serve } from "./suite.mjs";

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
  equal("before any decision there is no histogram", await page.locator("#scores").textContent(), "No decision yet.");
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

async function looks(world) {
  for (const [width, height] of [[390, 844], [1440, 900], [360, 740], [2560, 1440]]) {
    for (const colorScheme of ["light", "dark"]) {
      const { page, wrongs } = await open(world.browser, `${world.server.url}#live`, { viewport: { width, height }, colorScheme });
      await page.locator("#scores svg").waitFor();
      const name = `live, ${width} px, ${colorScheme}`;
      equal(`${name}: nothing sticks out`, await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
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
  await looks(world);
}
