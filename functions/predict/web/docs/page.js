// Shows the document with RapiDoc: its addresses made absolute, in the colours that the reader's system asks for.

const state = document.getElementById("state");
const viewer = document.getElementById("viewer");
const dark = matchMedia("(prefers-color-scheme: dark)");
const narrow = matchMedia("(max-width: 768px)");

function paint() {
  const colours = dark.matches
    ? { theme: "dark", "bg-color": "#12161d", "text-color": "#e8ecf2", "primary-color": "#7db0ff" }
    : { theme: "light", "bg-color": "#ffffff", "text-color": "#1c2330", "primary-color": "#1857b8" };
  // Two columns of a table do not fit a telephone.
  const layout = { "schema-style": narrow.matches ? "tree" : "table" };
  for (const [name, value] of Object.entries({ ...colours, ...layout })) viewer.setAttribute(name, value);
}

async function show() {
  const address = new URL(state.querySelector("a").href);
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  const api = await answer.json();
  // A server's address is relative to the document; the viewer would take it as relative to this page.
  for (const server of api.servers) server.url = new URL(server.url, address).href;
  await customElements.whenDefined("rapi-doc");
  viewer.hidden = false;
  state.hidden = true;
  await viewer.loadSpec(api);
}

paint();
for (const query of [dark, narrow]) query.addEventListener("change", paint);
show().catch(error => { state.textContent = `The document cannot be read: ${error.message}`; });
