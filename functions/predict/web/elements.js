// Building of elements, in HTML and SVG. Text is always text: nothing is parsed as markup.

const SVG = "http://www.w3.org/2000/svg";

/** An HTML element; `attributes` that are `null` or `false` are left out. */
export const html = (name, attributes, ...children) => filled(document.createElement(name), attributes, children);

/** An SVG element. */
export const svg = (name, attributes, ...children) => filled(document.createElementNS(SVG, name), attributes, children);

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}
