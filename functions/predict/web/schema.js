// The customer's fields, read from the function's own OpenAPI document: nothing here repeats ranges or labels.

import { read } from "./api.js";

// A range within which most customers lie, for the sliders; the number field beside a slider takes the whole range.
const USUAL_MAX = { tenure: 72, MonthlyCharges: 120, TotalCharges: 9000 };

/** The fields in the order of the document: name, title, note, unit, and either `labels` or `min`, `max` and `step`. */
export async function readFields() {
  const { properties } = (await read("openapi.json")).components.schemas.Customer;
  return Object.entries(properties).map(([name, property]) => ({ name, title: titleOf(name), ...kindOf(name, property) }));
}

function kindOf(name, property) {
  if (property.enum) {
    const ignored = property.description.includes("not read by the model");
    return { labels: property.enum, note: ignored ? "not read by the model" : "" };
  }
  const number = property.anyOf?.find((form) => form.type === "number") ?? property;
  if (number.type !== "number" && number.type !== "integer") {
    return { text: true, maxLength: property.maxLength, note: "optional" };
  }
  const { minimum: min = 0, maximum: max } = number;
  if (number.type === "integer" && min === 0 && max === 1) {
    return { unit: "yes or no", labels: [0, 1], note: "" };
  }
  const unit = /\((.*)\)/.exec(property.description)?.[1] ?? "";
  const usual = Math.min(USUAL_MAX[name] ?? max, max);
  return { unit, min, max, usual, step: number.type === "integer" ? 1 : "any", note: unit };
}

/** `MonthlyCharges` as `Monthly charges`, `StreamingTV` as `Streaming TV`. */
function titleOf(name) {
  const words = name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g);
  const lower = words.map((word) => (word === word.toUpperCase() ? word : word.toLowerCase()));
  return lower[0][0].toUpperCase() + lower[0].slice(1) + lower.slice(1).map((word) => ` ${word}`).join("");
}
