// The customer's fields, read from the function's own OpenAPI document: nothing here repeats ranges or labels. What the document
// does not say of this table stands in the constants, and nowhere else: another table needs its own.

import { read } from "./api.js";

// A range within which most customers lie, for the sliders; the number field beside a slider takes the whole range.
const USUAL_MAX = { tenure: 72, MonthlyCharges: 120, TotalCharges: 9000 };

/** What a customer pays a month. */
export const PRICE = "MonthlyCharges";

/** Fields over which the probability is drawn: from which value to the slider's end, in how many steps. */
export const DRAWN = [{ name: "tenure", from: 0, steps: 72 }, { name: "MonthlyCharges", from: 20, steps: 50 }];

/** The field that cannot stay as it is where one of its factors is another: what was paid follows months and price. */
export const FOLLOWING = { name: "TotalCharges", factors: ["tenure", "MonthlyCharges"] };

/** Customers to begin with; the first one is shown where the address holds none. */
export const EXAMPLES = [
  ["New on fiber, pays by check", { SeniorCitizen: 0, tenure: 2, MonthlyCharges: 70.7, TotalCharges: 151.65,
    InternetService: "Fiber optic", OnlineSecurity: "No", TechSupport: "No", StreamingTV: "No",
    Contract: "Month-to-month", PaymentMethod: "Electronic check", PaperlessBilling: "Yes" }],
  ["In the middle", { SeniorCitizen: 1, tenure: 24, MonthlyCharges: 85, TotalCharges: 2040,
    InternetService: "Fiber optic", OnlineSecurity: "No", TechSupport: "Yes", StreamingTV: "Yes",
    Contract: "Month-to-month", PaymentMethod: "Credit card (automatic)", PaperlessBilling: "Yes" }],
  ["Loyal for years", { SeniorCitizen: 0, tenure: 68, MonthlyCharges: 25.1, TotalCharges: 1709.2,
    InternetService: "No", OnlineSecurity: "No internet service", TechSupport: "No internet service",
    StreamingTV: "No internet service", Contract: "Two year", PaymentMethod: "Bank transfer (automatic)",
    PaperlessBilling: "No" }],
];

/** The fields in the order of the document: name, title, note, unit, and either `labels`, or `min`, `max`, `step` and `slider`. */
export async function readFields() {
  const { properties } = (await read("openapi.json")).components.schemas.Customer;
  for (const name of namedHere()) {
    if (!(name in properties)) throw new Error(`schema.js of this page names ${name}, which is no field of the function.`);
  }
  return Object.entries(properties).map(([name, property]) => ({ name, title: titleOf(name), ...kindOf(name, property) }));
}

const namedHere = () => [...Object.keys(USUAL_MAX), PRICE, ...DRAWN.map(({ name }) => name), FOLLOWING.name, ...FOLLOWING.factors,
  ...EXAMPLES.flatMap(([, customer]) => Object.keys(customer))];

function kindOf(name, property) {
  if (property.enum) {
    const ignored = property.description.includes("not read by the model");
    return { labels: property.enum, note: ignored ? "not read by the model" : "" };
  }
  const number = property.anyOf?.find((form) => form.type === "number") ?? property;
  if (number.type !== "number" && number.type !== "integer") {
    return { text: true, maxLength: property.maxLength, note: "optional" };
  }
  const { minimum: min, maximum: max } = number;
  if (number.type === "integer" && min === 0 && max === 1) {
    return { unit: "yes or no", labels: [0, 1], note: "" };
  }
  const unit = /\((.*)\)/.exec(property.description)?.[1] ?? "";
  const step = number.type === "integer" ? 1 : "any";
  return { unit, min, max, step, slider: sliderOf(name, number), note: unit };
}

/** The slider's range: a step within a bound that itself is not taken, and no farther than most customers lie. */
function sliderOf(name, { type, minimum = -Infinity, exclusiveMinimum = -Infinity, maximum = Infinity, exclusiveMaximum = Infinity }) {
  const usual = Math.min(USUAL_MAX[name] ?? Infinity, maximum);
  const step = type === "integer" || 200 < usual ? 1 : 0.05;
  return { min: Math.max(minimum, exclusiveMinimum + step), max: Math.min(usual, exclusiveMaximum - step), step };
}

/** `MonthlyCharges` as `Monthly charges`, `StreamingTV` as `Streaming TV`. */
function titleOf(name) {
  const words = name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g);
  const lower = words.map((word) => (word === word.toUpperCase() ? word : word.toLowerCase()));
  return lower[0][0].toUpperCase() + lower[0].slice(1) + lower.slice(1).map((word) => ` ${word}`).join("");
}
