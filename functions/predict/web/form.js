// The form of one customer, made from the fields: selects for labels, a slider with a number field for numbers.

import { html } from "./elements.js";

/** Fills `form` with a control a field; `changed` is called at every input. Gives the form's `read`, `write` and `blame`. */
export function makeForm(form, fields, changed) {
  form.replaceChildren(...fields.map(row));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", ({ target }) => {
    const twin = form.elements.namedItem(target.dataset.twin ?? "");
    // An empty number is no place for a slider: it stays, and the function says what is missing.
    if (twin && target.value !== "") twin.value = target.value;
    changed();
  });
  const control = (field) => form.elements.namedItem(field.name);
  const fault = (field) => form.querySelector(`#fault-${field.name}`);

  function read() {
    const customer = {};
    for (const field of fields) {
      const value = control(field).value;
      if (value === "") continue;
      customer[field.name] = field.unit ? Number(value) : value;
    }
    return customer;
  }

  function write(customer) {
    for (const field of fields) {
      const value = customer[field.name] ?? "";
      control(field).value = value;
      const slider = form.elements.namedItem(`${field.name}-slider`);
      if (slider && value !== "") slider.value = value;
    }
  }

  /** Says beside each field what is wrong with it, and gives the faults that belong to no field. */
  function blame(errors) {
    const of = (field) => errors.filter((error) => error.pointer === `/${field.name}`);
    for (const field of fields) {
      const words = of(field).map((error) => error.detail).join("; ");
      fault(field).textContent = words;
      control(field).setAttribute("aria-invalid", words !== "");
    }
    const names = new Set(fields.map((field) => `/${field.name}`));
    return errors.filter((error) => !names.has(error.pointer));
  }

  return { read, write, blame };
}

function row(field) {
  const note = field.note ? html("span", { class: "soft" }, ` ${field.note}`) : null;
  return html("div", { class: "field" },
    html("label", { for: field.name }, field.title, note),
    ...controls(field),
    html("p", { class: "fault", id: `fault-${field.name}` }));
}

function controls(field) {
  const common = { id: field.name, name: field.name, "aria-describedby": `fault-${field.name}` };
  if (field.labels) {
    const text = (label) => (field.unit ? (label === 1 ? "Yes" : "No") : label);
    return [html("select", common, ...field.labels.map((label) => html("option", { value: label }, text(label))))];
  }
  if (field.text) {
    return [html("input", { ...common, type: "text", maxlength: field.maxLength, autocomplete: "off" })];
  }
  const slider = `${field.name}-slider`;
  const { min, max, step } = field;
  return [html("div", { class: "number" },
    html("input", { id: slider, name: slider, type: "range", ...field.slider,
      "data-twin": field.name, "aria-label": `${field.title}, slider` }),
    html("input", { ...common, type: "number", min, max, step, inputmode: "decimal", "data-twin": slider }))];
}
