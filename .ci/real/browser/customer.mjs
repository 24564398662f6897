// One customer: what the page shows beside what the API says, and every state of it.

import fs from "node:fs";
import { check, equal, firstView, open, serious, serve, settled, sticksOut } from "./suite.mjs";

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

/** A number that is empty has no value: its slider stays where it is, and the fault stands beside the field. */
async function emptied(world) {
  const { page } = await open(world.browser, world.server.url);
  await settled(page);
  await page.locator("#tenure").fill("41");
  await page.locator("#tenure").fill("");
  await settled(page);
  equal("an emptied number leaves its slider", await page.locator("#tenure-slider").inputValue(), "41");
  check("and is blamed beside its field", (await page.locator("#fault-tenure").textContent()) !== "", await page.locator("#fault-tenure").textContent());
  const link = await open(world.browser, page.url());
  await settled(link.page);
  check("a link to it is blamed too", (await link.page.locator("#fault-tenure").textContent()) !== "");
  await link.page.context().close();
  await page.locator("#tenure").fill("42");
  await settled(page);
  equal("filled again it is a customer", [await page.locator("#fault-tenure").textContent(), await page.locator("#tenure-slider").inputValue()], ["", "42"]);
  await page.context().close();
}

/** Sliders stop short of bounds that the schema excludes. */
async function bounds(world) {
  const { page } = await open(world.browser, world.server.url);
  await settled(page);
  await page.locator("#MonthlyCharges-slider").press("Home");
  await settled(page);
  equal("the least price of the slider is taken", [await page.locator("#MonthlyCharges").inputValue(), await page.locator("#fault-MonthlyCharges").textContent()], ["0.05", ""]);
  await page.route("**/openapi.json", async (route) => {
    const document = await (await route.fetch()).json();
    Object.assign(document.components.schemas.Customer.properties.tenure, { minimum: undefined, exclusiveMinimum: 2, exclusiveMaximum: 60 });
    await route.fulfill({ json: document });
  });
  await page.reload();
  await settled(page);
  const slider = page.locator("#tenure-slider");
  equal("excluded bounds are not on the slider", [await slider.getAttribute("min"), await slider.getAttribute("max")], ["3", "59"]);
  await page.context().close();
}

/** What the curves draw of a customer who has paid another total than months times price. */
async function curves(world) {
  const customer = { ...CUSTOMER, tenure: 10, MonthlyCharges: 70.7, TotalCharges: 1060.5 };
  const { page, wrongs } = await open(world.browser, `${world.server.url}docs`);
  const asked = page.waitForRequest("**/batch_predict");
  await page.goto(`${world.server.url}#customer?${new URLSearchParams(customer)}`);
  await settled(page);
  const { customers } = (await asked).postDataJSON();
  const of = (tenure, price) => customers.find((each) => each.tenure === tenure && each.MonthlyCharges === price)?.TotalCharges.toFixed(2);
  equal("the total keeps its ratio to months times price", [of(20, 70.7), of(10, 70.7), of(10, 100)], ["2121.00", "1060.50", "1500.00"]);
  check("the page says so", (await page.locator("#curves-note").textContent()).includes("tenure times monthly charges, times 1.5"), await page.locator("#curves-note").textContent());
  equal("both dots lie on their lines", await page.locator("#curves svg").evaluateAll((charts) => charts.map((chart) => {
    const points = chart.querySelector("path.line").getAttribute("d").split(/[ML]/).slice(1).map((text) => text.trim().split(" ").map(Number));
    const dot = ["cx", "cy"].map((name) => Number(chart.querySelector(".dot").getAttribute(name)));
    return points.some((point) => point.every((each, index) => Math.abs(each - dot[index]) <= 0.05 + 1e-9));
  })), [true, true]);

  const chart = page.locator("#curves svg").first();
  const said = async () => [await chart.getAttribute("aria-valuetext"), await page.locator("#curves figcaption").first().textContent()];
  const at = async (tenure) => {
    const { churn_probability: probability } = await predict(world.server.url, { ...customer, tenure, TotalCharges: 70.7 * 1.5 * tenure });
    return Array(2).fill(`${tenure} months: ${percent(probability)}`);
  };
  await chart.focus();
  equal("a curve that is reached by keyboard says where the customer is", await said(), await at(10));
  await page.keyboard.press("ArrowRight");
  equal("an arrow reads the next point", await said(), await at(11));
  await page.keyboard.press("End");
  equal("End reads the last point", await said(), await at(72));
  await page.keyboard.press("ArrowRight");
  equal("and there is none behind it", await said(), await at(72));
  await page.keyboard.press("Tab");
  equal("left, it is at the customer again", await said(), await at(10));
  equal("nothing went wrong with the curves", wrongs, []);
  await page.context().close();

  const joined = { ...CUSTOMER, tenure: 0, TotalCharges: 0 };
  const today = await open(world.browser, `${world.server.url}#customer?${new URLSearchParams(joined)}`);
  await settled(today.page);
  equal("a customer of today has curves too", [await today.page.locator("#curves .dot").count(), await today.page.locator("#notice").isVisible()], [2, false]);
  await today.page.context().close();
}

/** Several edits are one question, a hundred milliseconds and a bit after the last: by a clock that the test moves. */
async function prompt(world) {
  const { page } = await open(world.browser, "about:blank");
  await page.clock.install({ time: 0 });
  await page.clock.pauseAt(1000);
  await page.goto(world.server.url);
  await page.locator("#tenure").waitFor();
  await page.clock.runFor(1000);
  await page.locator("#results[aria-busy=false]").waitFor();
  const asked = [];
  page.on("request", (request) => { if (request.method() === "POST") asked.push(new URL(request.url()).pathname); });
  await page.locator("#tenure").fill("7");
  await page.clock.runFor(60);
  await page.locator("#Contract").selectOption("One year");
  await page.clock.runFor(60);
  equal("while one types nothing is asked", [...asked], []);
  await page.clock.runFor(60);
  await page.locator("#results[aria-busy=false]").waitFor();
  await page.clock.runFor(600_000);
  equal("at most 120 ms after the last edit one trial is asked for, and no other follows", asked, ["/predict", "/batch_predict"]);
  equal("and shown", await shown(page), percent((await predict(world.server.url, { ...CUSTOMER, tenure: 7, Contract: "One year" })).churn_probability));
  await page.context().close();
}

/** The page names the model that answered, and draws its thresholds: here a challenger, then one of another release. */
async function answered(world) {
  const champion = await (await fetch(`${world.server.url}model_info`)).json();
  const challenger = { ...champion, model_version: "0123456789ab", percent: 10, shadow: "off", decision: { threshold: 0.2, medium: 0.3, high: 0.6 } };
  const { page } = await open(world.browser, "about:blank");
  let version = challenger.model_version;
  await page.route("**/model_info", (route) => route.fulfill({ json: { ...champion, challenger } }));
  await page.route("**/predict?explain=true", async (route) => {
    if (route.request().headers()["x-churn-purpose"]) return route.continue();
    const prediction = await (await route.fetch()).json();
    return route.fulfill({ json: { ...prediction, variant: "challenger", model_version: version } });
  });
  await page.goto(world.server.url);
  await settled(page);
  const lines = () => page.locator("#gauge text").allTextContents();
  const who = () => page.locator("#answered").textContent();
  equal("a trial is answered by the champion, with its thresholds", await lines(), [percent(champion.decision.medium), percent(champion.decision.high)]);
  check("which is named", (await who()) === `Said by the champion, model ${champion.model_version}.`, await who());
  await page.locator("#score").click();
  await page.locator("#logged", { hasText: "Logged at" }).waitFor();
  equal("an answer of the challenger is drawn with the challenger's", await lines(), ["30.0%", "60.0%"]);
  check("and decided by it", (await page.locator("#verdict").textContent()).includes("leaving from 20.0%"), await page.locator("#verdict").textContent());
  check("and named", (await who()).startsWith("Said by the challenger, model 0123456789ab."), await who());
  version = "ffffffffffff";
  await page.locator("#logged").evaluate((element) => { element.textContent = ""; });
  await page.locator("#score").click();
  await page.locator("#logged", { hasText: "Logged at" }).waitFor();
  equal("of a model that the page does not know no threshold is drawn", [await lines(), await page.locator("#verdict .soft").textContent()], [[], ""]);
  check("and the page says so", (await who()).includes("load it again"), await who());
  await page.context().close();
}

/** A deliberate score that comes late says that it is logged, and leaves what the form has become alone; one that fails says so. */
async function late(world) {
  const { page } = await open(world.browser, world.server.url);
  await settled(page);
  let letGo;
  const held = new Promise((resolve) => { letGo = resolve; });
  await page.route("**/predict?explain=true", async (route) => {
    if (!route.request().headers()["x-churn-purpose"]) await held;
    await route.continue();
  });
  await page.locator("#score").click();
  await page.locator("#tenure").fill("");
  await page.locator("#fault-tenure:not(:empty)").waitFor();
  letGo();
  await page.locator("#logged", { hasText: "The customer as it was before: Logged at" }).waitFor();
  equal("a score that comes late takes no blame away", [await page.locator("#fault-tenure").textContent() !== "", await page.locator("#results").evaluate((results) => results.classList.contains("stale"))], [true, true]);
  await page.unroute("**/predict?explain=true");
  await page.locator("#score").click();
  await page.locator("#logged", { hasText: "Not logged: " }).waitFor();
  await page.locator("#tenure").fill("3");
  await settled(page);
  check("a changed customer is a trial again", (await page.locator("#logged").textContent()).includes("is a trial"));
  await page.context().close();
}

/** One decision for each time that somebody means one, and no word of it that is not known. */
async function once(world) {
  const { page } = await open(world.browser, world.server.url);
  await settled(page);
  let decisions = 0;
  await page.route("**/predict?explain=true", async (route) => {
    if (route.request().headers()["x-churn-purpose"]) return route.continue();
    decisions += 1;
    const response = await route.fetch();
    return decisions === 1 ? route.fulfill({ response }) : decisions === 2 ? route.abort("connectionreset") : route.fulfill({ status: 502, body: "" });
  });
  await page.locator("#score").dblclick();
  await page.locator("#logged", { hasText: "Logged at" }).waitFor();
  equal("who presses twice logs one decision", decisions, 1);
  await page.locator("#score").click();
  await page.locator("#logged", { hasText: "It is not known whether it was logged" }).waitFor();
  equal("where no answer came, no other try is offered", await page.locator("#notice button").count(), 0);
  await page.locator("#score").click();
  await page.locator("#logged", { hasText: "It is not known whether it was logged. The function answered with status 502." }).waitFor();
  await page.unroute("**/predict?explain=true");
  await page.route("**/batch_predict", (route) => route.abort());
  await page.locator("#tenure").fill("9");
  await page.locator("#notice:not([hidden])").waitFor();
  await page.unroute("**/batch_predict");
  await page.locator("#score").click();
  await page.locator("#curves figcaption", { hasText: "9 months" }).waitFor();
  check("a score brings the curves of the same customer along", (await page.locator("#logged").textContent()).startsWith("Logged at"));
  await page.context().close();
}

/** Answers of what stands between the page and the function. */
async function strangers(world) {
  const { page, wrongs } = await open(world.browser, world.server.url);
  await settled(page);
  for (const [name, answer] of [
    ["a list of errors of its own", { status: 502, json: { errors: [{ message: "no" }] } }], ["errors that are no list", { status: 400, json: { errors: {} } }],
    ["a detail that is none", { status: 400, json: { detail: [{ msg: "no" }] } }], ["nothing", { status: 500, contentType: "application/json", body: "null" }],
    ["a page with status 200", { status: 200, contentType: "text/html", body: "<p>Welcome</p>" }],
  ]) {
    await page.route("**/predict?explain=true", (route) => route.fulfill(answer));
    await page.locator("#tenure").fill(String(10 + name.length));
    await page.locator("#notice:not([hidden])").waitFor();
    await page.locator("#results[aria-busy=false]").waitFor();
    const said = await page.locator("#notice").textContent();
    check(`${name}: told in words, and no figure`, /^(The function answered|A page answered)/.test(said) && (await shown(page)).match(/^\d+\.\d%$/), said);
    equal(`${name}: what stands there is readable, and marked`, [await serious(page), await page.locator("#results").evaluate((results) => results.classList.contains("stale"))], [[], true]);
    await page.unroute("**/predict?explain=true");
    await page.locator("#notice button").click();
    await page.locator("#notice").waitFor({ state: "hidden" });
  }
  equal("and no script failed", wrongs.filter((wrong) => !wrong.includes("Failed to load resource")), []);
  await page.context().close();
}

/** A start that is refused or lost leaves a page on which one can move, and try again. */
async function start(world) {
  const busy = { status: 429, contentType: "application/problem+json", json: { title: "Too many requests", status: 429, detail: "wait a second" } };
  for (const [name, path, fail, said] of [
    ["refused", "**/model_info", (route) => route.fulfill(busy), "wait a second"],
    ["shed", "**/openapi.json", (route) => route.fulfill({ ...busy, status: 503, json: { detail: "too much at once" } }), "too much at once"],
    ["of another table", "**/openapi.json", (route) => route.fulfill({ json: { components: { schemas: { Customer: { properties: {} } } } } }), "names tenure, which is no field"],
    ["lost", "**/model_info", (route) => route.abort(), "The function cannot be reached."],
  ]) {
    const { page } = await open(world.browser, "about:blank");
    await page.route(path, fail);
    await page.goto(world.server.url);
    await page.locator("#notice", { hasText: said }).waitFor();
    equal(`a start that is ${name} shows no empty form`, await page.locator("#customer").isVisible(), false);
    await page.locator("nav a", { hasText: "Live" }).click();
    await page.locator("#live-state", { hasText: "one instance" }).waitFor();
    await page.locator("nav a", { hasText: "The model" }).click();
    equal(`${name}: the other pages open`, [page.url().split("#")[1], await page.locator("nav [aria-current]").textContent(), await page.locator("#live").isVisible()], ["model", "The model", false]);
    equal(`${name}: axe finds nothing serious`, await serious(page), []);
    await page.unroute(path);
    await page.locator("#notice button", { hasText: "Try again" }).click();
    await page.locator("#metrics tbody tr").first().waitFor();
    equal(`${name}: another try fills them`, [await page.locator("#notice").isVisible(), await page.locator("#model").isVisible()], [false, true]);
    await page.locator("nav a", { hasText: "One customer" }).click();
    await settled(page);
    equal(`${name}: and the form`, await shown(page), percent((await predict(world.server.url, CUSTOMER)).churn_probability));
    await page.context().close();
  }
}

/** The links at the foot leave what is typed alone. */
async function footer(world) {
  const { page } = await open(world.browser, world.server.url);
  await settled(page);
  await page.locator("#tenure").fill("33");
  const links = await page.locator("footer a").evaluateAll((all) => all.map((link) => [link.target, link.rel]));
  equal("every link at the foot opens beside the page", links, Array(5).fill(["_blank", "noopener"]));
  const [beside] = await Promise.all([page.context().waitForEvent("page"), page.locator("footer a", { hasText: "API documentation" }).click()]);
  await beside.waitForURL("**/docs");
  equal("and what is typed stays", await page.locator("#tenure").inputValue(), "33");
  await page.context().close();
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
  check("with a way to try again", await page.locator("#notice button", { hasText: "Try again" }).isVisible());
  await page.locator("nav a", { hasText: "The model" }).click();
  await page.locator("#model").waitFor();
  equal("and no word of it on another page", await page.locator("#notice").isVisible(), false);
  await page.context().close();
}

async function looks(world) {
  for (const [width, height] of [[390, 844], [1440, 900], [360, 740], [2560, 1440]]) {
    for (const colorScheme of ["light", "dark"]) {
      const { page, wrongs } = await open(world.browser, world.server.url, { viewport: { width, height }, colorScheme });
      await settled(page);
      const name = `customer, ${width} px, ${colorScheme}`;
      equal(`${name}: nothing sticks out`, await sticksOut(page), []);
      equal(`${name}: axe finds nothing serious`, await serious(page), []);
      equal(`${name}: no errors, no other host`, wrongs, []);
      equal(`${name}: the probability is in sight beside the form`, await inSight(page, width < 960 ? "#glance" : "#probability"), await shown(page));
      if ([390, 1440].includes(width)) {
        await page.screenshot({ path: `${world.pictures}/customer-${width}-${colorScheme}.png`, fullPage: true });
      }
      await page.context().close();
    }
  }
}

/** The probability in this element, where no scrolling is needed to see it. */
const inSight = (page, selector) => page.locator(selector).evaluate((element) => {
  const { top, bottom, height } = element.getBoundingClientRect();
  return 0 < height && 0 <= top && bottom <= innerHeight ? element.textContent.split(",")[0] : "out of sight";
});

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
  const web = fs.readdirSync("functions/predict/web", { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const embedded = web.reduce((sum, entry) => sum + fs.statSync(`${entry.parentPath ?? entry.path}/${entry.name}`).size, 0);
  check("all files of pages take under 400 KB of the binary", embedded < 400_000, `${(embedded / 1000).toFixed(0)} KB`);
  const { bytes } = await firstView(world);
  check("the first view takes under 120 KB", bytes < 120_000, `${(bytes / 1000).toFixed(1)} KB`);
}

/** Checks the page of `world`: the browser, the running function, and the folder of pictures. */
export async function customerPage(world) {
  const page = await typing(world);
  await scoring(world, page);
  await faults(world, page);
  await examples(world, page);
  await page.context().close();
  await emptied(world);
  await bounds(world);
  await curves(world);
  await prompt(world);
  await answered(world);
  await late(world);
  await once(world);
  await strangers(world);
  await start(world);
  await footer(world);
  await keys(world);
  await offline(world);
  await keyboard(world);
  await looks(world);
  await weight(world);
}
