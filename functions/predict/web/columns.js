// What the first line of a file says: which of its columns are a customer's, and what is wrong with their names.

/** The one column that may be missing. */
const ID = "customerID";
/** Longest name that is looked at for what it may mean: other files have whole texts in their first line. */
const LONGEST_NAME = 40;

/**
 * Where the columns named in `names` stand in the file whose first line has the cells `header`: `{ name, index }` each.
 * Fails where one is there twice, or missing; a name that is nearly the one that is missing is then told.
 */
export function columnsOf(header, names) {
  const all = header.map((name, index) => ({ name: name.trim(), index }));
  const columns = all.filter(({ name }) => names.includes(name));
  const twice = columns.find(({ name }, index) => columns.findIndex((column) => column.name === name) !== index);
  if (twice) throw new Error(`Its first line names ${twice.name} twice.`);
  const others = all.map(({ name }) => name).filter((name) => !names.includes(name) && name.length <= LONGEST_NAME);
  const missing = names.filter((name) => !columns.some((column) => column.name === name))
    .map((name) => ({ name, meant: nearest(name, others) }))
    .filter(({ name, meant }) => name !== ID || meant);
  if (missing.length) throw new Error(inWords(missing));
  return columns;
}

function inWords(missing) {
  const named = missing.map(({ name }) => name).join(", ");
  const renamed = missing.filter(({ meant }) => meant).map(({ name, meant }) => `${meant} to ${name}`).join(", ");
  return `This is no file of customers: its first line names no ${named}.${renamed ? ` Perhaps rename ${renamed}.` : ""}`;
}

/** Which of the names `others` is most like `name`; `undefined` where none is like it. */
function nearest(name, others) {
  const wanted = plain(name);
  const near = others.map((other) => ({ other, changes: changesBetween(plain(other), wanted) }))
    .filter(({ changes }) => changes <= wanted.length / 4);
  return near.toSorted((a, b) => a.changes - b.changes)[0]?.other;
}

/** Letters and digits alone, in lower case. */
const plain = (name) => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");

/** How many letters have to be changed, added or taken away to make `b` of `a` (Levenshtein 1966). */
function changesBetween(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 0; i < a.length; i += 1) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j += 1) next.push(Math.min(row[j + 1] + 1, next[j] + 1, row[j] + Number(a[i] !== b[j])));
    row = next;
  }
  return row.at(-1);
}
