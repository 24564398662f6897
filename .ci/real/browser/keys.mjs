// The dialog that asks for a key: what is typed, what is not, and what the function says of it.

import { createHash } from "node:crypto";
import { done, gate, give, ids, idsTo, lines, numbered, slices, state, tiles } from "./files.mjs";
import { check, equal, open, serious, serve, sticksOut } from "./suite.mjs";

const API_KEYS_SHA256 = ["key", "new key"].map((key) => createHash("sha256").update(key).digest("hex")).join(",");

const dialog = (page) => page.locator("#key-dialog");

/** Types a key into the dialog, once it is there. */
async function type(page, key) {
  await page.locator("#key-dialog[open]").waitFor();
  await page.locator("#key").fill(key);
  await page.keyboard.press("Enter");
}

/** The page of many customers of a function that asks for a key, which it got. */
async function admitted(world, guarded) {
  const { page } = await open(world.browser, `${guarded.url}#many`);
  await type(page, "key");
  await page.locator("#many").waitFor();
  return page;
}

async function declined(world, guarded) {
  for (const [name, decline] of [
    ["Escape", (page) => page.keyboard.press("Escape")],
    ["Cancel", (page) => page.locator("#key-dialog button", { hasText: "Cancel" }).click()],
  ]) {
    const { page } = await open(world.browser, guarded.url);
    let asked = 0;
    page.on("request", (request) => { asked += Number(request.url().endsWith("/model_info")); });
    await page.locator("#key-dialog[open]").waitFor();
    await decline(page);
    await page.locator("#notice", { hasText: "only with a key, and none was given" }).waitFor();
    equal(`${name} ends the asking`, [await dialog(page).isVisible(), await page.locator("#give-key").isVisible(), asked], [false, true, 0]);
    await page.locator("#give-key").click();
    await type(page, "key");
    await page.locator("#customer").waitFor();
    equal(`after ${name} a key that is given starts the page`, [await page.locator("#give-key").isVisible(), await page.locator("#notice").isVisible()], [false, false]);
    await page.context().close();
  }
}

async function typed(world, guarded) {
  const { page } = await open(world.browser, `${guarded.url}#many`);
  const keys = [];
  page.on("request", async (request) => { keys.push((await request.allHeaders())["x-api-key"]); });
  await page.locator("#key-dialog[open]").waitFor();
  for (const key of ["schlüssel", "clé", "ключ", "“key”"]) {
    await type(page, key);
    check(`${key} is refused in the dialog`, (await page.locator("#key-fault").textContent()).includes("ASCII"));
  }
  equal("and never sent", keys.filter(Boolean), []);
  await type(page, " ");
  check("so is a blank", await dialog(page).isVisible());
  await type(page, " key ");
  await page.locator("#many").waitFor();
  equal("what stands around a key is cut off", keys.filter(Boolean)[0], "key");
  for (const [name, said] of [["Model as JSON", '"model_version": "'], ["Metrics of this instance", "churn_requests_total"]]) {
    const [beside] = await Promise.all([page.context().waitForEvent("page"), page.locator("footer a", { hasText: name }).click()]);
    await beside.waitForLoadState();
    check(`${name} is opened with the key`, (await beside.locator("body").textContent()).includes(said), beside.url());
  }
  await page.context().close();
}

async function replaced(world, guarded) {
  const page = await admitted(world, guarded);
  // The first slice passes; then the key is withdrawn. One slice learns of that only when the others have the new key.
  const known = gate();
  await slices(page, async (route, number) => {
    const key = (await route.request().allHeaders())["x-api-key"];
    if (key === "new key") known.open();
    if (number === 1 || key !== "key") return route.continue();
    if (number === 3) await known.passed;
    return route.fulfill({ status: 401 });
  });
  await page.locator("#file").setInputFiles(numbered(4));
  await page.locator("#key-fault", { hasText: "not known" }).waitFor();
  await type(page, "wrong");
  // The field is empty again when the dialog is there again.
  await page.waitForFunction(() => document.getElementById("key-dialog").open && document.getElementById("key").value === "");
  await type(page, "new key");
  await done(page);
  equal("a key that is withdrawn in the middle of a file is asked for once more, and no row is lost", await ids(page), idsTo(4 * lines.length));
  await page.context().close();
}

async function later(world, guarded) {
  const page = await admitted(world, guarded);
  await slices(page, (route, number) => (number === 2 ? route.fulfill({ status: 401 }) : route.continue()));
  await page.locator("#file").setInputFiles(numbered(4));
  await page.locator("#key-dialog[open]").waitFor();
  await page.keyboard.press("Escape");
  await done(page);
  check("a file ends where no key is given", (await state(page)).includes("was not scored to its end. This service answers only with a key, and none was given"), await state(page));
  await page.locator("#give-key").click();
  await type(page, "new key");
  await give(page, numbered(2));
  equal("and is scored once one is", [Number((await tiles(page))[0].replaceAll(",", "")), await page.locator("#give-key").isVisible()], [2 * lines.length, false]);
  await page.context().close();
}

async function notAgain(world, guarded) {
  const page = await admitted(world, guarded);
  await page.route("**/metrics", (route) => route.fulfill({ status: 401 }));
  await page.locator("nav a", { hasText: "Live" }).click();
  await page.locator("#key-dialog[open]").waitFor();
  await page.keyboard.press("Escape");
  await page.locator("#live-state", { hasText: "none was given" }).waitFor();
  await page.waitForResponse("**/metrics", { timeout: 15_000 });
  await page.waitForTimeout(200);
  equal("who gives no key is not asked every five seconds", await dialog(page).isVisible(), false);
  await page.context().close();
}

async function looks(world, guarded) {
  for (const [width, height] of [[390, 844], [1440, 900]]) {
    for (const colorScheme of ["light", "dark"]) {
      const { page } = await open(world.browser, guarded.url, { viewport: { width, height }, colorScheme });
      await type(page, "schlüssel");
      const name = `keys, ${width} px, ${colorScheme}`;
      equal(`${name}: axe finds nothing serious`, await serious(page), []);
      await page.screenshot({ path: `${world.pictures}/key-${width}-${colorScheme}.png` });
      await page.keyboard.press("Escape");
      await page.locator("#give-key").waitFor();
      equal(`${name}, none given: axe finds nothing serious`, await serious(page), []);
      equal(`${name}, none given: nothing sticks out`, await sticksOut(page), []);
      await page.screenshot({ path: `${world.pictures}/no-key-${width}-${colorScheme}.png` });
      await page.context().close();
    }
  }
}

/** Checks the dialog of `world`. */
export async function keyDialog(world) {
  const guarded = await serve({ API_KEYS_SHA256 });
  await declined(world, guarded);
  await typed(world, guarded);
  await replaced(world, guarded);
  await later(world, guarded);
  await notAgain(world, guarded);
  await looks(world, guarded);
  await guarded.stop();
}
