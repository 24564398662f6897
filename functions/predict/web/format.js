// How figures are written, everywhere the same.

const percent = new Intl.NumberFormat("en", { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
const points = new Intl.NumberFormat("en", { signDisplay: "exceptZero", minimumFractionDigits: 1, maximumFractionDigits: 1 });
const dollars = new Intl.NumberFormat("en", { style: "currency", currency: "USD" });
const numbers = new Intl.NumberFormat("en");
const short = { notation: "compact", maximumSignificantDigits: 3 };
const shortNumbers = new Intl.NumberFormat("en", short);
const shortDollars = new Intl.NumberFormat("en", { ...short, style: "currency", currency: "USD" });

/** A probability in [0, 1] as percent with one decimal. */
export const asPercent = (probability) => percent.format(probability);

/** A difference of probabilities as percentage points, with its sign. */
export const asPoints = (difference) => `${points.format(100 * difference)} points`;

/** A value of a field, with its unit. */
export function asValue(field, value) {
  if (typeof value !== "number") return value ?? "";
  switch (field.unit) {
    case "dollars": return dollars.format(value);
    case "months": return value === 1 ? "1 month" : `${numbers.format(value)} months`;
    case "yes or no": return value === 1 ? "Yes" : "No";
    default: return numbers.format(value);
  }
}

/** An amount in dollars. */
export const asDollars = (amount) => dollars.format(amount);

/** A number with separators. */
export const asNumber = (number) => numbers.format(number);

/** The same at an axis, where room is short: 106,913 as 107K. */
export const asShortNumber = (number) => shortNumbers.format(number);
export const asShortDollars = (amount) => shortDollars.format(amount);
