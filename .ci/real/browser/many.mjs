// Many customers: files dropped on the page beside what the API says of them, and every state of the page.

import fs from "node:fs";
import { done, downloaded, file, gate, give, header, ids, lines, manyCustomers, numbered, opened, prefixKept, slices, state, tiles } from "./files.mjs";
import { check, equal, serious, serve, sticksOut } from "./suite.mjs";

const telco = [header, ...lines].join("\n");

/** What the function says of a CSV file: a list of lines, each a list of cells. */
async function scored(world, text) {
  const response = await fetch(`${world.server.url}batch_predict`, { method: "POST", body: text,
    headers: { "Content-Type": "text/csv", "X-Churn-Purpose": "what-if" } });
  return (await response.text()).trim().split("\n").slice(1).map((line) => line.split(","));
}

/** The lines of the download below its first one. */
const rowsOf = async (page) => (await downloaded(page)).trim().split("\n").slice(1);

const dollars = (amount) => new Intl.NumberFormat("en", { style: "currency", currency: "USD" }).format(amount);
const count = (number) => new Intl.NumberFormat("en").format(number);
const profit = (p) => p * (0.3 * (200 - 10) - 1) - (1 - p) * (10 + 1);

async function telcoFile(world) {
  const { page, wrongs } = await opened(world);
  await give(page, file(telco, "telco.csv"));
  const expected = await scored(world, telco);
  const of = (risk) => expected.filter((cells) => cells[4] === risk).length;
  const charges = header.split(",").indexOf("MonthlyCharges");
  const loss = expected.reduce((sum, cells, row) => sum + Number(cells[2]) * Number(lines[row].split(",")[charges]), 0);
  equal("the Telco file: all are counted, by risk, with the expected loss", await tiles(page),
    [lines.length, of("HIGH"), of("MEDIUM"), of("LOW")].map(count).concat(dollars(loss), "0"));

  const csv = await rowsOf(page);
  equal("the download has every row with the bits of the API", csv.map((line) => line.split(",").slice(0, 5)),
    expected.map((cells) => cells.slice(0, 5)));
  const profits = expected.map((cells) => profit(Number(cells[2]))).filter((each) => 0 < each);
  const total = profits.reduce((sum, each) => sum + each, 0);
  equal("the plan calls whoever is worth it", await page.locator("#plan").textContent(), `Call ${count(profits.length)} customers: expected `
    + `profit ${dollars(total)}. ${count(profits.length)} are worth more than the call.`);
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
  equal("another file then shows its own rows", await page.locator("#count").textContent(), "1 of 1 row.");
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
  equal("the download has them in their places", (await rowsOf(page)).map((line) => line.endsWith(",") ? "good" : "bad"),
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

/** What the page says of a first line in which `name` is called `instead`. */
async function renamed(page, name, instead) {
  await give(page, file([header.replace(name, instead), lines[0]].join("\n")));
  return state(page);
}

async function misspelt(world) {
  const { page } = await opened(world);
  for (const [name, instead] of [["Contract", "contract"], ["MonthlyCharges", "monthly_charges"], ["tenure", "tenur"],
    ["TotalCharges", "Total Charge"], ["customerID", "CustomerId"]]) {
    const said = await renamed(page, name, instead);
    check(`a column ${instead}: the page says what to rename`, said.includes(`names no ${name}.`) && said.includes(`rename ${instead} to ${name}.`), said);
  }
  const said = await renamed(page, "tenure", "months");
  check("a name that is like none is not guessed at", said.includes("names no tenure.") && !said.includes("rename"), said);
  await give(page, file([header.replace("customerID,", ""), lines[0].replace(/^[^,]*,/, "")].join("\n")));
  check("a file needs no ids", (await state(page)).includes("1 row, all scored"), await state(page));
  await page.context().close();
}

/** The ids of `given` as they stand in the table and in the download of the page. */
async function idsOf(page, given) {
  await give(page, file([header, ...given.map((id) => lines[0].replace(/^[^,]*/, () => id))].join("\n")));
  return [await page.locator("#rows tbody tr:not(.gap) td:nth-child(2)").allTextContents(), (await rowsOf(page)).map((line) => line.split(",")[1])];
}

async function safeIds(world) {
  const { page } = await opened(world);
  const plain = ["-123", "+49", "-1.5", "7590-VHVEG", "Ü-1"];
  equal("an id that is a number, with a sign or not, comes back as it was", await idsOf(page, plain), [plain, plain]);
  const formulae = ["=cmd|' /C calc'!A0", "-7590-VHVEG", "+A1", "@SUM(A1)", "-1+2", "=1"];
  equal("an id that a spreadsheet would compute is text in the download", await idsOf(page, formulae), [formulae, formulae.map((id) => `"'${id}"`)]);
  await page.context().close();
}

async function cells(world) {
  const { page } = await opened(world);
  const noted = (line, note) => `"${note}",${line}`;
  const quoted = [noted(header, "a note"), noted(lines[0], "calls,\nand \"\"writes\"\""), noted(lines[1], "-")].join("\n");
  await give(page, file(`\uFEFF${quoted}`));
  check("a byte order mark, and a cell with a comma, a line break and quotes, are read", (await state(page)).includes("2 rows, all scored"), await state(page));
  const expected = await scored(world, [header, lines[0], lines[1]].join("\n"));
  equal("and change no other cell", (await rowsOf(page)).map((line) => line.split(",").slice(0, 5)), expected.map((each) => each.slice(0, 5)));
  await give(page, file([header, lines[0].replace(/^[^,]*/, '"Doe, ""J"""')].join("\n")));
  check("an id in quotes comes back in quotes", (await rowsOf(page))[0].startsWith('1,"Doe, ""J""",'), (await rowsOf(page))[0]);
  await page.context().close();
}

async function stopped(world) {
  const short = await serve();
  const { page } = await opened(world, short.url);
  let stopping = null;
  await slices(page, async (route, number) => {
    if (1 < number) {
      await page.locator("#so-far", { hasText: /^[1-9]/ }).waitFor();
      await (stopping ??= short.stop());
    }
    await route.continue().catch(() => {});
  });
  await give(page, numbered(4));
  check("a function that stops in the middle is told of", (await state(page)).includes("was not scored to its end"), await state(page));
  await prefixKept(page);
  await page.context().close();
}

/** A slice that fails in the middle, while those behind it are answered. */
async function holes(world) {
  const { page } = await opened(world);
  await slices(page, (route, number) => (number === 2 ? route.fulfill({ status: 500, body: "" }) : route.continue()));
  await give(page, numbered(4));
  check("a slice that fails ends the file", (await state(page)).includes("was not scored to its end"), await state(page));
  await prefixKept(page);
  await page.context().close();
}

/** An answer that is cut, though it has a line for each customer, and one that is none of the function's. */
async function damaged(world) {
  const { page } = await opened(world);
  for (const [name, change] of [
    ["cut in its last line", (text) => text.trimEnd().replace(/,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*$/, "")],
    ["a page of somebody else", () => "<html>\n<p>Welcome</p>\n"],
  ]) {
    await page.unroute("**/batch_predict");
    await slices(page, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: change(await response.text()) });
    });
    await give(page, file([header, lines[0]].join("\n")));
    check(`an answer that is ${name} scores nobody`, (await state(page)).includes("stopped in the middle of its answer")
      && await page.locator("#found").isHidden(), await state(page));
  }
  await page.context().close();
}

/** Quotes with which cells cannot be told apart. */
async function quotes(world) {
  const { page } = await opened(world);
  const named = (name, line) => `${name},${line}`;
  await give(page, file([named("name", header), named("a", lines[0]), named('"Bob" Smith', lines[1]), named("c", lines[2]), named('"Doe, Jane"', lines[3])].join("\n")));
  check("a quote within a cell in quotes: the page says where, and keeps the row before", (await state(page)).includes("In row 2 a quote stands")
    && (await tiles(page))[0] === "1", await state(page));
  await give(page, file([`"customerID"x,${header}`, lines[0]].join("\n")));
  check("also in the first line", (await state(page)).includes("In the first line a quote stands"), await state(page));
  const blanks = " ".repeat(400);
  await give(page, file(numbered(1).buffer.toString().split("\n").map((line) => `"x"${blanks},${line}`).join("\n")));
  check("blanks behind a closing quote are none, wherever a slice ends", (await state(page)).includes(`${count(lines.length)} rows, all scored`), await state(page));
  const large = numbered(3).buffer.toString().split("\n");
  large[large.length - 50] = `"${large.at(-50)}`;
  await give(page, file(large.join("\n")));
  check("an open quote at the end of a large file ends it too", (await state(page)).includes("never closed"), await state(page));
  equal("with every row before it", (await ids(page)).length, large.length - 1 - 50);
  await page.context().close();
}

async function mixed(world) {
  const { page } = await opened(world);
  await slices(page, async (route, number) => {
    const response = await route.fetch();
    const text = await response.text();
    await route.fulfill({ response, body: 1 < number ? text.replaceAll(/,[0-9a-f]{12},/g, ",0123456789ab,") : text });
  });
  await give(page, numbered(2));
  check("a release in the middle of a file is told", /Models [0-9a-f]{12} and 0123456789ab answered/.test(await state(page)), await state(page));
  await page.context().close();
}

async function callList(world) {
  const { page } = await opened(world);
  await give(page, file([header, ...lines.slice(0, 50)].join("\n")));
  await page.locator("#budget").fill("3");
  const all = (await rowsOf(page)).map((line) => line.split(","));
  const best = all.toSorted((a, b) => Number(b[7]) - Number(a[7])).slice(0, 3);
  const [download] = await Promise.all([page.waitForEvent("download"), page.locator("#download-calls").click()]);
  const calls = fs.readFileSync(await download.path(), "utf8").trim().split("\n").slice(1).map((line) => line.split(","));
  equal("the call list has those to call, the most profitable first", calls.map((line) => line.slice(0, 4)),
    best.map((line, index) => [String(index + 1), line[1], line[7], line[2]]));
  await page.locator("#acceptance").fill("");
  equal("without a plan the download says of nobody whether to call", (await rowsOf(page)).filter((line) => line.split(",")[8] !== "").length, 0);
  await page.locator("#acceptance").fill("30");
  await page.locator("#lifetime").fill("1e306");
  check("an amount that cannot be is asked again", (await page.locator("#plan").textContent()).startsWith("Fill in every figure"));
  await page.context().close();
}

async function another(world) {
  const { page, wrongs } = await opened(world);
  const first = gate();
  await slices(page, async (route, number) => {
    if (number === 2) await first.passed;
    await route.continue().catch(() => {});
  });
  await page.locator("#file").setInputFiles(numbered(4));
  await page.locator("#so-far", { hasText: /^[1-9]/ }).waitFor();
  const broken = page.waitForEvent("requestfailed");
  await page.locator("#file").setInputFiles(file([header, ...lines.slice(0, 5)].join("\n"), "second.csv"));
  await page.locator("#file-state", { hasText: "second.csv: 5 rows, all scored" }).waitFor();
  check("a second file breaks off the calls of the first", (await broken).url().endsWith("batch_predict"));
  first.open();
  // Time for rows of the first, if any came.
  await page.waitForTimeout(300);
  equal("its figures are its own, and stay so", [(await tiles(page))[0], await page.locator("#count").textContent(), await state(page)],
    ["5", "5 of 5 rows.", "second.csv: 5 rows, all scored or with their errors."]);
  equal("nothing went wrong meanwhile", wrongs, []);
  await page.context().close();
}

async function left(world) {
  const { page, wrongs } = await opened(world);
  const rest = gate();
  await slices(page, async (route, number) => {
    if (1 < number) await rest.passed;
    await route.continue();
  });
  await page.locator("#file").setInputFiles(numbered(3));
  await page.locator("#so-far", { hasText: /^[1-9]/ }).waitFor();
  await page.locator("nav a", { hasText: "The model" }).click();
  await page.locator("#model").waitFor();
  rest.open();
  await done(page);
  equal("a file goes on while another page is looked at", [await state(page), await page.locator("#many").isVisible()],
    [`customers.csv: ${count(3 * lines.length)} rows, all scored or with their errors.`, false]);
  await page.locator("nav a", { hasText: "Many customers" }).click();
  await page.locator("#rows tbody tr:not(.gap)").first().waitFor();
  equal("and its rows are there afterwards", [(await tiles(page))[0], await inSight(page)], [count(3 * lines.length), 1]);
  equal("nothing went wrong meanwhile", wrongs, []);
  await page.context().close();
}

/** The number of the first row that is seen below the head of the table. */
const inSight = (page) => page.locator("#rows").evaluate((region) => {
  region.scrollIntoView({ block: "center" });
  const { left, bottom } = region.querySelector("thead th").getBoundingClientRect();
  return Number(document.elementFromPoint(left + 40, bottom + 5).closest("tr").firstChild.textContent.replaceAll(",", ""));
});

async function inFlight(world) {
  const { page } = await opened(world);
  let now = 0, most = 0;
  const full = gate();
  await slices(page, async (route) => {
    now += 1;
    most = Math.max(most, now);
    if (now === 3) full.open();
    await full.passed;
    // Time for a fourth one, if there were one.
    await page.waitForTimeout(200);
    const response = await route.fetch();
    now -= 1;
    await route.fulfill({ response });
  });
  await give(page, numbered(8));
  equal("three slices are on their way at a time, and no more", [most, (await tiles(page))[0]], [3, count(8 * lines.length)]);
  await page.context().close();
}

/** Drops the files at these paths on the middle of `selector`, as a hand does: what no part of the page takes, the browser opens. */
async function drop(page, selector, paths) {
  const target = page.locator(selector);
  await target.scrollIntoViewIfNeeded();
  const box = await target.boundingBox();
  const client = await page.context().newCDPSession(page);
  for (const type of ["dragEnter", "dragOver", "drop"]) {
    await client.send("Input.dispatchDragEvent", { type, x: box.x + box.width / 2, y: box.y + box.height / 2,
      data: { items: [], files: paths, dragOperationsMask: 1 } });
  }
}

async function dropped(world) {
  const { page } = await opened(world);
  const [one, other] = ["dropped.csv", "other.csv"].map((name) => `${world.pictures}/${name}`);
  for (const [path, rows] of [[one, lines.slice(0, 4)], [other, lines.slice(0, 6)]]) fs.writeFileSync(path, [header, ...rows].join("\n"));
  await drop(page, "#drop", [one]);
  await done(page);
  check("a file is taken where it is dropped", (await state(page)).startsWith("dropped.csv: 4 rows"), await state(page));
  await drop(page, "footer", [other]);
  await page.locator("#file-state", { hasText: "other.csv: 6 rows" }).waitFor();
  check("and beside that place too", page.url().endsWith("#many"), page.url());
  await drop(page, "#drop", [one, other]);
  await page.locator("#file-state", { hasText: "one at a time" }).waitFor();
  equal("of two at once none is taken", (await tiles(page))[0], "6");
  await page.locator("nav a", { hasText: "One customer" }).click();
  await page.locator("#customer").waitFor();
  await drop(page, "footer", [one]);
  // Time for the browser to open the file, if it did.
  await page.waitForTimeout(300);
  equal("on another page a file changes nothing", [page.url().includes("#customer"), await page.locator("#customer").isVisible(), await state(page)],
    [true, true, "2 files were dropped: drop one at a time."]);
  await page.context().close();
}

async function spoken(world) {
  const { page } = await opened(world);
  await page.evaluate(() => {
    globalThis.said = [];
    const region = document.getElementById("file-state");
    new MutationObserver(() => globalThis.said.push(region.textContent)).observe(region, { childList: true, characterData: true, subtree: true });
  });
  let sent = 0;
  await slices(page, (route, number) => { sent = number; return route.continue(); });
  await give(page, numbered(12));
  const said = await page.evaluate(() => globalThis.said);
  check("of many slices little is spoken", 8 < sent && said.length <= 5, `${sent} slices: ${said.join(" | ")}`);
  equal("the start and the end are", [said[0], said.at(-1)], ["Scoring customers.csv…", await state(page)]);
  equal("the count of rows is seen and not spoken", await page.locator("#so-far").evaluate((count) => count.closest("[role], [aria-live]")), null);
  await page.context().close();
}

async function largeFont(world) {
  const { page } = await opened(world);
  await page.evaluate(() => { document.documentElement.style.fontSize = "20px"; });
  await give(page, file(telco));
  const sizes = () => page.locator("#rows").evaluate((region) => ({ all: region.scrollHeight, head: region.querySelector("thead").offsetHeight,
    row: region.querySelector("tbody tr:not(.gap)").getBoundingClientRect().height }));
  const { all, head, row } = await sizes();
  check("at a root font of 20 px rows are larger", 40 <= row, `${row} px`);
  check("and the table is as high as all of them", Math.abs(head + lines.length * row - all) < 3, `${all} px instead of ${head + lines.length * row}`);
  await page.locator("#rows").evaluate((region, top) => { region.scrollTop = top; }, 5000 * row);
  await page.waitForFunction(() => document.querySelector("#rows tbody tr:not(.gap)").ariaRowIndex > 4000);
  equal("and scrolling comes to the row that is there", await inSight(page), 5001);
  await page.evaluate(() => { document.documentElement.style.fontSize = "16px"; });
  await page.waitForFunction((large) => document.querySelector("#rows tbody tr:not(.gap)").getBoundingClientRect().height < large, row);
  await page.waitForFunction((large) => document.getElementById("rows").scrollHeight < large, all - lines.length);
  const small = await sizes();
  check("a font that changes later is followed", Math.abs(small.head + lines.length * small.row - small.all) < 3, JSON.stringify(small));
  await page.context().close();
}

async function noDownload(world) {
  const { page, wrongs } = await opened(world);
  await give(page, file([header, lines[0]].join("\n")));
  await page.evaluate(() => { URL.createObjectURL = () => { throw new Error("There is no room."); }; });
  await page.locator("#download").click();
  await page.locator("#file-state", { hasText: "cannot be downloaded. There is no room." }).waitFor();
  equal("a download that fails is told of", wrongs, []);
  await page.context().close();
}

async function hundredThousand(world) {
  const { page, wrongs } = await opened(world);
  await give(page, manyCustomers(world.pictures));
  equal("100,000 rows are scored", (await tiles(page))[0], "100,000");
  await page.locator("#rows").evaluate((region) => { region.scrollTop = region.scrollHeight; });
  await page.locator("#rows tbody td", { hasText: /^100,000$/ }).waitFor();
  equal("the table scrolls to its last row", await page.locator("#rows tbody tr:not(.gap)").last().locator("td").first().textContent(), "100,000");
  check("and holds few elements", (await page.locator("#rows tbody tr").count()) < 100);
  const [expected, csv] = [await scored(world, telco), await rowsOf(page)];
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
      equal(`${name}: nothing sticks out`, await sticksOut(page), []);
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
  await misspelt(world);
  await safeIds(world);
  await cells(world);
  await stopped(world);
  await holes(world);
  await damaged(world);
  await quotes(world);
  await mixed(world);
  await callList(world);
  await another(world);
  await left(world);
  await inFlight(world);
  await dropped(world);
  await spoken(world);
  await largeFont(world);
  await noDownload(world);
  await hundredThousand(world);
  await looks(world);
}
