// Many customers: files dropped on the page beside what the API says of them, and every state of the page.

import fs from "node:fs";
import { check, equal, open, serious, serve } from "./suite.mjs";

const telco = fs.readFileSync(process.env.CHURN_TELCO_CSV, "utf8").trim().split(/\r?\n/);
const [header, ...lines] = telco;

async function opened(world, url = world.server.url, options = {}) {
  const { page, wrongs } = await open(world.browser, `${url}#many`, options);
  await page.locator("#many").waitFor();
  return { page, wrongs };
}

const file = (text, name = "customers.csv") => ({ name, mimeType: "text/csv", buffer: Buffer.from(text) });
const state = (page) => page.locator("#file-state").textContent();
const done = (page) => page.locator("#file-state", { hasText: /all scored|was not scored|has no customer/ }).waitFor({ timeout: 60_000 });
const tiles = (page) => page.locator("#tiles dd").allTextContents();

async function give(page, given) {
  await page.locator("#file").setInputFiles(given);
  await done(page);
}

/** What the function says of a CSV file: a list of lines, each a list of cells. */
async function scored(world, text) {
  const response = await fetch(`${world.server.url}batch_predict`, { method: "POST", body: text,
    headers: { "Content-Type": "text/csv", "X-Churn-Purpose": "what-if" } });
  return (await response.text()).trim().split("\n").slice(1).map((line) => line.split(","));
}

async function downloaded(page) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.locator("#download").click()]);
  return fs.readFileSync(await download.path(), "utf8").trim().split("\n");
}

const dollars = (amount) => new Intl.NumberFormat("en", { style: "currency", currency: "USD" }).format(amount);
const count = (number) => new Intl.NumberFormat("en").format(number);
const profit = (p) => p * (0.3 * (200 - 10) - 1) - (1 - p) * (10 + 1);

async function telcoFile(world) {
  const { page, wrongs } = await opened(world);
  await give(page, file(telco.join("\n"), "telco.csv"));
  const expected = await scored(world, telco.join("\n"));
  const of = (risk) => expected.filter((cells) => cells[4] === risk).length;
  const charges = header.split(",").indexOf("MonthlyCharges");
  const loss = expected.reduce((sum, cells, row) => sum + Number(cells[2]) * Number(lines[row].split(",")[charges]), 0);
  equal("the Telco file: all are counted, by risk, with the expected loss", await tiles(page),
    [lines.length, of("HIGH"), of("MEDIUM"), of("LOW")].map(count).concat(dollars(loss), "0"));

  const csv = await downloaded(page);
  equal("the download has every row with the bits of the API", csv.slice(1).map((line) => line.split(",").slice(0, 5)),
    expected.map((cells) => cells.slice(0, 5)));
  const profits = expected.map((cells) => profit(Number(cells[2]))).filter((each) => 0 < each);
  const total = profits.reduce((sum, each) => sum + each, 0);
  equal("the plan calls whoever is worth it", await page.locator("#plan").textContent(), `Call ${count(profits.length)} customers: expected `
    + `profit ${dollars(total)}. ${count(profits.length)} are worth more than their call.`);
  await page.locator("#budget").fill("100");
  const best = profits.toSorted((a, b) => b - a).slice(0, 100).reduce((sum, each) => sum + each, 0);
  check("with a budget only the best are called", (await page.locator("#plan").textContent()).startsWith(`Call 100 customers: expected profit ${dollars(best)}`));
  await page.locator("#shown").selectOption("call");
  equal("and are shown alone", await page.locator("#count").textContent(), `100 of ${count(lines.length)} rows.`);
  await page.locator("#shown").selectOption("all");
  await page.locator("#rows thead button", { hasText: "Probability" }).click();
  const highest = Math.max(...expected.map((cells) => Number(cells[2])));
  equal("a head sorts, the highest first", await page.locator("#rows tbody tr:not(.gap)").first().locator("td").nth(2).textContent(), `${(100 * highest).toFixed(1)}%`);
  await page.locator("#search").fill("7590-vhveg");
  equal("the search finds one", await page.locator("#rows tbody tr:not(.gap)").count(), 1);
  await page.locator("#search").fill("");
  await page.locator("#contact").fill("");
  check("a figure that is missing is asked for", (await page.locator("#plan").textContent()).startsWith("Fill in every figure"));
  await page.locator("#contact").fill("1");
  await page.locator("#budget").fill("-5");
  check("and so is a number of calls", (await page.locator("#plan").textContent()).startsWith("Fill in every figure"));
  await give(page, file([header, lines[0]].join("\n")));
  equal("another file then shows its own rows", await page.locator("#count").textContent(), "1 of 1 rows.");
  equal("nothing went wrong meanwhile", wrongs, []);
  await page.context().close();
}

async function badRows(world) {
  const { page } = await opened(world);
  const bad = [header, lines[0], lines[1].replace("Month-to-month", "monthly").replace("One year", "yearly"), "1,2", lines[2]].join("\n");
  await give(page, file(bad));
  equal("rows with errors are counted", (await tiles(page)).at(-1), "2");
  await page.locator("#shown").selectOption("error");
  const errors = await page.locator("#rows tbody tr:not(.gap) td.wraps").allTextContents();
  check("and say what is wrong with them", errors.length === 2 && errors[0].includes("Contract") && errors[1].includes("has 2 cells"), errors.join(" | "));
  equal("the download has them in their places", (await downloaded(page)).slice(1).map((line) => line.endsWith(",") ? "good" : "bad"),
    ["good", "bad", "bad", "good"]);
  await page.context().close();
}

async function wrongFiles(world) {
  const { page } = await opened(world);
  for (const [name, text, said] of [
    ["no columns", "a,b\n1,2\n", "no file of customers"],
    ["bytes of a picture", "\u0089PNG\r\n\u001a\n\u0000\u0000", "no file of customers"],
    ["an empty file", "", "empty"],
    ["a column twice", `${header},tenure\n`, "names tenure twice"],
    ["a header alone", `${header}\n`, "has no customer"],
  ]) {
    await give(page, file(text));
    check(`${name}: the page says so`, (await state(page)).includes(said), await state(page));
  }
  await give(page, { ...file(""), buffer: Buffer.from(`${header}\n\xe9${lines[0]}\n`, "latin1") });
  check("what is no UTF-8: the page says so", (await state(page)).includes("UTF-8"), await state(page));
  await give(page, file([header, lines[0], `${lines[1].replace(/[^,]*$/, "")}"No`, ...lines.slice(2, 100)].join("\n")));
  check("an open quote: the page says so, and keeps the row before", (await state(page)).includes("never closed") && (await tiles(page))[0] === "1", await state(page));
  await give(page, file([`${header}\r`, ...lines.slice(0, 5)].join("\n")));
  check("mixed line ends are taken", (await state(page)).includes("5 rows, all scored"), await state(page));
  await give(page, file([header, ...lines.slice(0, 3)].join("\r\n")));
  check("a right one after them is scored", (await state(page)).includes("3 rows, all scored"));
  await page.context().close();
}

async function stopped(world) {
  const short = await serve();
  const { page } = await opened(world, short.url);
  let slices = 0, stopping = null;
  await page.route("**/batch_predict", async (route) => {
    // The page of one customer asks too.
    slices += Number(route.request().headers()["content-type"] === "text/csv");
    if (1 < slices) {
      await page.locator("#file-state", { hasText: "so far" }).waitFor();
      await (stopping ??= short.stop());
    }
    await route.continue().catch(() => {});
  });
  await give(page, file([header, ...Array(4).fill(lines).flat()].join("\n")));
  check("a function that stops in the middle is told of", (await state(page)).includes("was not scored to its end"), await state(page));
  check("and what was scored before is kept", Number((await tiles(page))[0].replaceAll(",", "")) > 1000);
  await page.context().close();
}

async function hundredThousand(world) {
  const { page, wrongs } = await opened(world);
  const rows = Array.from({ length: 100_000 }, (_, index) => lines[index % lines.length].replace(/^[^,]*/, `Ü-${index}`));
  const path = `${world.pictures}/many.csv`;
  fs.writeFileSync(path, [header, ...rows].join("\n"));
  await page.evaluate(() => document.getElementById("file").addEventListener("change", () => { globalThis.started = performance.now(); }, true));
  await page.locator("#file").setInputFiles(path);
  await done(page);
  const took = await page.evaluate(() => (performance.now() - globalThis.started) / 1000);
  equal("100,000 rows are scored", (await tiles(page))[0], "100,000");
  console.log(`figure  100,000 rows scored and shown in ${took.toFixed(1)} s`);
  await page.locator("#rows").evaluate((region) => { region.scrollTop = region.scrollHeight; });
  await page.waitForTimeout(100);
  equal("the table scrolls to its last row", await page.locator("#rows tbody tr:not(.gap)").last().locator("td").first().textContent(), "100,000");
  check("and holds few elements", (await page.locator("#rows tbody tr").count()) < 100);
  const [expected, csv] = [await scored(world, telco.join("\n")), (await downloaded(page)).slice(1)];
  const isRow = (line, index) => line.split(",")[1] === `Ü-${index}` && line.split(",")[2] === expected[index % lines.length][2];
  equal("the download has every row, with its own probability", [csv.length, csv.findIndex((line, index) => !isRow(line, index))], [100_000, -1]);
  await page.locator("#search").fill("Ü-77777");
  equal("a search from the end of the table finds its row", await page.locator("#rows tbody tr:not(.gap)").count(), 1);
  equal("nothing went wrong meanwhile", wrongs, []);
  await page.context().close();
}

async function looks(world) {
  for (const [width, height] of [[390, 844], [1440, 900], [360, 740], [2560, 1440]]) {
    for (const colorScheme of ["light", "dark"]) {
      const { page, wrongs } = await opened(world, world.server.url, { viewport: { width, height }, colorScheme });
      const name = `many, ${width} px, ${colorScheme}`;
      if (colorScheme === "light") equal(`${name}, no file yet: axe finds nothing serious`, await serious(page), []);
      await give(page, file([header, ...lines.slice(0, 400), "1,2"].join("\n")));
      equal(`${name}: nothing sticks out`, await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
      equal(`${name}: axe finds nothing serious`, await serious(page), []);
      equal(`${name}: no errors, no other host`, wrongs, []);
      if ([390, 1440].includes(width)) await page.screenshot({ path: `${world.pictures}/many-${width}-${colorScheme}.png`, fullPage: true });
      await page.context().close();
    }
  }
}

/** Checks the page of `world`: the browser, the running function, and the folder of pictures. */
export async function manyPage(world) {
  await telcoFile(world);
  await badRows(world);
  await wrongFiles(world);
  await stopped(world);
  await hundredThousand(world);
  await looks(world);
}
