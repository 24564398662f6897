// The page of the model beside `/model_info`.

import { check, equal, open, serious, sticksOut } from "./suite.mjs";

const rows = (page, id) => page.locator(`#${id} tbody tr`).evaluateAll((lines) => lines.map((line) => [...line.children].map((cell) => cell.textContent)));
const inThree = (figure) => figure.toFixed(3);

const folded = (folds) => `${inThree(folds.roc_auc_mean)} ± ${inThree(folds.roc_auc_sd)}, ${folds.folds} folds`;
const notes = (page) => page.locator("#judged .judged-on").allTextContents();

async function figures(world) {
  const model = await (await fetch(`${world.server.url}model_info`)).json();
  const { page, wrongs } = await open(world.browser, `${world.server.url}#model`);
  await page.locator("#metrics tbody tr").first().waitFor();
  const { holdout } = model.metrics;
  const metrics = await rows(page, "metrics");
  equal("ROC-AUC stands with its interval", metrics[0][1], `${inThree(holdout.roc_auc)} ${inThree(holdout.roc_auc_interval.low)} to ${inThree(holdout.roc_auc_interval.high)}`);
  equal("and recall", metrics.find(([title]) => title.startsWith("Recall"))[1], inThree(holdout.recall));
  equal("cross-validation stands below", metrics.at(-1)[1], folded(model.metrics.cross_validation));
  equal("curves and groups say on whom they were judged", await notes(page), Array(2).fill(`Judged on ${holdout.rows.toLocaleString("en")} customers who were held out: the model was not fitted on them.`));
  const drawn = await page.locator("#roc path.line").getAttribute("d");
  equal("the ROC curve has its points", drawn.split(/[ML]/).length - 1, model.judged.roc.threshold.length);
  equal("the calibration has its bins", await page.locator("#calibration circle").count(), model.judged.calibration.rows.length);
  const slices = await rows(page, "slices");
  equal("every group is there, with how many", slices.map((cells) => Number(cells[1].replaceAll(",", ""))), model.judged.slices.map((slice) => slice.rows));
  const importances = await rows(page, "importances");
  const best = model.importance.toSorted((a, b) => b.permutation_mean - a.permutation_mean)[0];
  check("the most important feature comes first", importances.length === 8 && importances[0][2].startsWith(inThree(best.permutation_mean)), importances[0].join(" "));
  const facts = await page.locator("#model-facts").textContent();
  const { rows: all, fitted_rows: fitted } = model.data;
  check("so does the share that it was fitted on", facts.includes(`on ${fitted.toLocaleString("en")} of ${all.toLocaleString("en")} customers`), facts);
  equal("a group of seniors is one of yes and no", slices.filter(([name]) => name.startsWith("Senior")).map(([name]) => name), ["Senior citizen: No", "Senior citizen: Yes"]);
  check("hashes of artifact, data and code stand there", [model.artifact_sha256, model.data.sha256, model.git_revision].every((hash) => facts.includes(hash)));
  equal("nothing went wrong meanwhile", wrongs, []);
  await page.context().close();
}

/** What a page shows of models that were not made as the champion was: a challenger, one fitted on every row, an imported one. */
async function others(world) {
  const model = await (await fetch(`${world.server.url}model_info`)).json();
  const shown = async (changed) => {
    const { page, wrongs } = await open(world.browser, "about:blank");
    await page.route("**/model_info", (route) => route.fulfill({ json: changed }));
    await page.goto(`${world.server.url}#model`);
    await page.locator("#metrics tbody tr").first().waitFor();
    return { page, wrongs };
  };
  const challenger = { model_version: "0123456789ab", artifact_sha256: "0".repeat(64), model_type: "random_forest", percent: 10, shadow: "on",
    metrics: { ...model.metrics, holdout: { ...model.metrics.holdout, roc_auc: 0.875 } } };
  const beside = await shown({ ...model, challenger });
  equal("champion and challenger stand side by side", (await rows(beside.page, "metrics"))[0].slice(1).map((text) => text.slice(0, 5)),
    [inThree(model.metrics.holdout.roc_auc), "0.875"]);
  check("with the share that it answers", (await beside.page.locator("#metrics thead").textContent()).includes("answers 10%"));
  await beside.page.context().close();

  const { rows: all } = model.data;
  const everybody = await shown({ ...model, data: { ...model.data, fitted_rows: all, holdout_rows: 0 },
    metrics: { holdout: null, cross_validation: model.metrics.cross_validation }, judged: { ...model.judged, rows: "cross_validation" } });
  equal("a model of every row has the figure of cross-validation", (await rows(everybody.page, "metrics")).map((cells) => cells[1]), [folded(model.metrics.cross_validation)]);
  check("and says that nobody was held out", (await everybody.page.locator("#metrics thead").textContent()).includes("nobody held out"));
  check("so do curves and groups", (await notes(everybody.page)).every((note) => note.startsWith("Nobody was held out. Judged by cross-validation")), await notes(everybody.page));
  check("and the line at the head", (await everybody.page.locator("#served").textContent()).includes(`ROC-AUC ${inThree(model.metrics.cross_validation.roc_auc_mean)} by cross-validation`), await everybody.page.locator("#served").textContent());
  check("it was trained on all", (await everybody.page.locator("#model-facts").textContent()).includes(`on all ${all.toLocaleString("en")} customers`));
  equal("axe finds nothing serious in it", await serious(everybody.page), []);
  await everybody.page.context().close();

  const without = { metrics: { holdout: null, cross_validation: null }, judged: null, importance: [], constraints: {} };
  const imported = await shown({ ...model, ...without, data: { ...model.data, fitted_rows: 0, holdout_rows: 0, churned: 0 } });
  check("a model without figures says so", (await imported.page.locator("#metrics").textContent()).includes("holds no figures"));
  equal("and shows no empty charts", await imported.page.locator("#judged").isVisible(), false);
  const facts = await imported.page.locator("#model-facts").textContent();
  check("an imported model was trained by another program, nobody knows on whom", facts.includes("by another program, on customers that are not known here") && !facts.includes(" 0 of "), facts);
  check("and imported beside a file without labels", facts.includes(`with ${all.toLocaleString("en")} customers as its referenceCounted`), facts);
  check("the line at the head says when", (await imported.page.locator("#served").textContent()).includes("imported on"));
  await imported.page.context().close();
}

async function looks(world) {
  for (const [width, height] of [[390, 844], [1440, 900], [360, 740], [2560, 1440]]) {
    for (const colorScheme of ["light", "dark"]) {
      const { page, wrongs } = await open(world.browser, `${world.server.url}#model`, { viewport: { width, height }, colorScheme });
      await page.locator("#roc svg").waitFor();
      const name = `model, ${width} px, ${colorScheme}`;
      equal(`${name}: nothing sticks out`, await sticksOut(page), []);
      equal(`${name}: axe finds nothing serious`, await serious(page), []);
      equal(`${name}: no errors, no other host`, wrongs, []);
      if ([390, 1440].includes(width)) await page.screenshot({ path: `${world.pictures}/model-${width}-${colorScheme}.png`, fullPage: true });
      await page.context().close();
    }
  }
}

/** Checks the page of `world`: the browser, the running function, and the folder of pictures. */
export async function modelPage(world) {
  await figures(world);
  await others(world);
  await looks(world);
}
