// A table of very many rows, of which only those in sight are elements. It is sorted by its heads.

import { html } from "./elements.js";

/** Rows kept above and below those in sight. */
const MARGIN = 12;

/** Fills `region` with a table of `columns`: `{ title, number, value(row), cell(row) }`. Gives `show(rows)`. */
export function bigTable(region, columns) {
  let rows = [], sorted = { column: null, falling: false };
  const head = html("tr", {}, ...columns.map((column) => {
    const button = html("button", { type: "button" }, column.title);
    button.addEventListener("click", () => sortBy(column));
    return html("th", { scope: "col", class: column.number ? "number" : null }, button);
  }));
  const body = html("tbody");
  const table = html("table", {}, html("thead", {}, head), body);
  region.replaceChildren(table);
  region.addEventListener("scroll", draw, { passive: true });
  // It may have been filled while it was not shown, and a larger font makes larger rows. Not at once: what is drawn resizes it.
  new ResizeObserver(() => requestAnimationFrame(draw)).observe(region);

  function sortBy(column) {
    const falling = sorted.column === column ? !sorted.falling : Boolean(column.number);
    sorted = { column, falling };
    order();
    region.scrollTop = 0;
    draw();
  }

  function order() {
    const { column, falling } = sorted;
    for (const [index, th] of [...head.children].entries()) {
      if (columns[index] === column) th.setAttribute("aria-sort", falling ? "descending" : "ascending");
      else th.removeAttribute("aria-sort");
    }
    if (!column) return;
    const sign = falling ? -1 : 1;
    const compare = (a, b) => {
      const [x, y] = [column.value(a), column.value(b)];
      // What has no value stands last, whichever way the others go.
      if (x === null || y === null) return (x === null) - (y === null);
      return x < y ? -sign : y < x ? sign : 0;
    };
    rows.sort(compare);
  }

  function draw() {
    // What is not shown has no height.
    if (!region.clientHeight) return;
    const height = heightOfRow();
    const first = Math.max(0, Math.min(Math.floor(region.scrollTop / height), rows.length - 1) - MARGIN);
    const last = Math.min(rows.length, first + Math.ceil(region.clientHeight / height) + 2 * MARGIN);
    body.replaceChildren(gap(first * height), ...rows.slice(first, last).map((row, index) => line(row, first + index)),
      gap((rows.length - last) * height));
    table.setAttribute("aria-rowcount", rows.length + 1);
  }

  /** Height of a row in pixels as it is now: the style sheet has it in units of the reader's font. */
  function heightOfRow() {
    if (!body.querySelector("tr:not(.gap)")) body.replaceChildren(...[1, 2].map(() => html("tr", {}, html("td"))));
    return body.querySelector("tr:not(.gap)").getBoundingClientRect().height;
  }

  function gap(height) {
    const cell = html("td", { colspan: columns.length });
    cell.style.height = `${height}px`;
    return html("tr", { class: "gap", "aria-hidden": "true" }, cell);
  }

  const line = (row, index) => html("tr", { "aria-rowindex": index + 2 }, ...columns.map((column) =>
    html("td", { class: column.number ? "number" : column.wraps ? "wraps" : null, title: column.wraps ? column.cell(row) : null },
      column.cell(row))));

  return {
    /** Shows these rows, in the order that was chosen last. */
    show(given) {
      rows = [...given];
      order();
      region.scrollTop = 0;
      draw();
    },
  };
}
