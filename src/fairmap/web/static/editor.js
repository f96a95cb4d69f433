/* The editor and the results of YASGUI (Yasqe and Yasr) in place of the plain form. Without this script, or without YASGUI, the form does the same.
   Nothing is asked of another host: prefixes, classes and properties are those that the VoID description of this endpoint tells. */
"use strict";
function begin(form, { Yasqe, Yasr }) {
  const field = form.elements.query;
  const place = document.createElement("div");
  place.id = "editor";
  field.after(place);
  const answers = document.createElement("section");
  answers.id = "results";
  answers.setAttribute("aria-label", "Results");
  answers.hidden = true;
  form.after(answers);
  const status = document.createElement("p");
  status.className = "unseen";
  status.setAttribute("role", "status");
  form.after(status);

  completeFrom(Yasqe, form.dataset.void);
  const editor = new Yasqe(place, {
    value: field.value,
    persistenceId: null,
    consumeShareLink: null,
    createShareableLink: null,
    showQueryButton: false,
    resizeable: false,
    editorHeight: "auto",
    viewportMargin: Infinity,
    screenReaderLabel: "Query",
    autocompleters: ["fairmap-prefixes", "fairmap-classes", "fairmap-properties", "variables"],
    extraKeys: { Tab: false, "Shift-Tab": false },
    requestConfig: { endpoint: new URL(form.action).href, method: "POST", acceptHeaderGraph: "text/turtle", acceptHeaderSelect: "application/sparql-results+json" },
  });
  field.hidden = true;
  form.querySelector("label").addEventListener("click", () => editor.focus());
  for (const [name, plugin] of Object.entries({ table: Table, chart: Chart })) Yasr.registerPlugin(name, plugin);
  const results = new Yasr(answers, {
    persistenceId: null,
    pluginOrder: ["table", "chart", "response"],
    prefixes: () => editor.getPrefixesFromQuery(),
    errorRenderers: [explained],
  });
  results.links = (iri) => addressOf(iri, form.dataset.base, form.dataset.here);
  results.on("drawn", () => {
    answers.querySelector(".yasr_results textarea")?.setAttribute("aria-label", "Response");
    status.textContent = answers.querySelector(".yasr_response_chip").textContent || "The query was not answered";
  });

  form.addEventListener("submit", (event) => {
    field.value = editor.getValue();
    if (event.submitter?.value !== "html") return;
    event.preventDefault();
    editor.query().catch(() => {});
  });
  editor.on("query", () => {
    document.querySelector("#answer")?.remove();
    answers.hidden = false;
    status.textContent = "The query runs";
    const state = new URLSearchParams({ query: editor.getValue(), format: "html" });
    if (String(state).length < 6000) history.replaceState(null, "", `${form.action}?${state}`);
  });
  editor.on("queryResponse", (_editor, response, duration) => results.setResponse(response, duration));
  if (document.querySelector("#answer:not(.fault)")) editor.query().catch(() => {});
}

/* Completion from the description of the endpoint, which is read when it is needed first. */
function completeFrom(Yasqe, address) {
  let told;
  const terms = () => (told ??= fetch(address, { headers: { Accept: "application/n-triples" } }).then((answer) => answer.text()).then(described));
  const among = (kind) => async (_editor, token) => (await terms())[kind].filter((text) => text.startsWith(token.autocompletionString || token.string));
  Yasqe.forkAutocompleter("prefixes", { name: "fairmap-prefixes", bulk: false, persistenceId: null, get: among("prefixes") }, false);
  Yasqe.forkAutocompleter("class", { name: "fairmap-classes", get: among("classes") }, false);
  Yasqe.forkAutocompleter("property", { name: "fairmap-properties", get: among("properties") }, false);
}

function described(triples) {
  const objects = (term, form) => new Map([...triples.matchAll(new RegExp(`^(\\S+) <[^>]*${term}> ${form}`, "gm"))].map((found) => [found[1], found[2]]));
  const every = (term) => [...new Set(objects(term, "<([^>]*)>").values())].sort();
  const spaces = objects("/shacl#namespace", '"([^"]*)"');
  return {
    prefixes: [...objects("/shacl#prefix", '"([^"]*)"')].map(([thing, prefix]) => `${prefix}: <${spaces.get(thing)}>`).sort(),
    classes: every("/void#class"),
    properties: every("/void#property"),
  };
}

/* What is wrong, as the endpoint tells it (RFC 9457). */
async function explained(error) {
  let told;
  try { told = JSON.parse(error.text); } catch { return undefined; }
  const box = document.createElement("div");
  const what = told.detail || told.title, said = what.charAt(0).toUpperCase() + what.slice(1) + (/[.!?]$/.test(what) ? "" : ".");
  for (const text of [said, told.where && `At ${told.where}.`, told.expected && `Expected: ${told.expected}`]) {
    if (text) box.append(Object.assign(document.createElement("p"), { textContent: text }));
  }
  return box;
}

/* The page of this deployment that shows a thing, or the thing's own address. */
function addressOf(iri, base, here) {
  if (iri.startsWith(base)) return here + iri.slice(base.length);
  return /^(https?:\/\/|mailto:)\S+$/i.test(iri) ? iri : null;
}

const numeric = (value) => Boolean(value?.datatype) && /#(integer|decimal|double|float|int|long|nonNegativeInteger)$/.test(value.datatype) && Number.isFinite(Number(value.value));
const make = (name, fields = {}, ...children) => {
  const made = Object.assign(document.createElement(name), fields);
  made.append(...children);
  return made;
};

/* Results as a table: sorted by a click on a heading, a piece at a time, with links to the pages of this deployment. */
class Table {
  priority = 10;
  label = "Table";
  constructor(yasr) { this.yasr = yasr; }
  canHandleResults() { return (this.yasr.results?.getVariables()?.length ?? 0) > 0; }
  getIcon() { return null; }

  draw() {
    const names = this.yasr.results.getVariables();
    let rows = this.yasr.results.getBindings(), shown = 0;
    const body = make("tbody"), more = make("button", { type: "button", className: "quiet" });
    const show = () => {
      body.append(...rows.slice(shown, shown + 200).map((row) => make("tr", {}, ...names.map((name) => this.cell(name, row[name])))));
      shown = Math.min(shown + 200, rows.length);
      more.hidden = shown === rows.length;
      more.textContent = `Show more (${rows.length - shown})`;
    };
    const heads = names.map((name) => {
      const button = make("button", { type: "button", className: "sort", textContent: name }), head = make("th", { scope: "col", className: rows.length && rows.every((row) => !row[name] || numeric(row[name])) ? "number" : "" }, button);
      button.addEventListener("click", () => {
        const down = head.ariaSort === "ascending";
        for (const other of heads) other.ariaSort = null;
        head.ariaSort = down ? "descending" : "ascending";
        rows = [...rows].sort((a, b) => (down ? -1 : 1) * inOrder(a[name], b[name]));
        shown = 0;
        body.replaceChildren();
        show();
      });
      return head;
    });
    more.addEventListener("click", show);
    show();
    const table = make("table", { className: "grid" }, make("caption", { className: "unseen", textContent: "Rows of the answer" }), make("thead", {}, make("tr", {}, ...heads)), body);
    const frame = make("div", { className: "scroll", tabIndex: 0, role: "region", ariaLabel: "Rows of the answer" }, table);
    this.yasr.resultsEl.append(frame, more);
  }

  cell(name, value) {
    const cell = make("td", { className: numeric(value) ? "number" : "" });
    cell.dataset.label = name;
    if (!value) return cell;
    const target = value.type === "uri" ? this.yasr.links(value.value) : null;
    cell.append(target ? make("a", { href: target, textContent: shortened(value.value, this.yasr.getPrefixes()) }) : value.value);
    if (value["xml:lang"]) cell.append(" ", make("small", { className: "code", textContent: value["xml:lang"] }));
    return cell;
  }
}

function inOrder(a, b) {
  if (numeric(a) && numeric(b)) return Number(a.value) - Number(b.value);
  return (a?.value ?? "").localeCompare(b?.value ?? "");
}

function shortened(iri, prefixes) {
  for (const [prefix, space] of Object.entries(prefixes)) {
    if (space && iri.startsWith(space) && /^[\w-]+$/.test(iri.slice(space.length))) return `${prefix}:${iri.slice(space.length)}`;
  }
  return iri;
}

/* Bars for the last column of numbers; a table that can be read without seeing them. */
class Chart {
  priority = 5;
  label = "Chart";
  constructor(yasr) { this.yasr = yasr; }
  canHandleResults() { return this.yasr.results?.getVariables() && this.column() !== undefined; }
  getIcon() { return null; }

  column() {
    const rows = this.yasr.results.getBindings() ?? [];
    return this.yasr.results.getVariables().findLast((name) => rows.some((row) => row[name]) && rows.every((row) => !row[name] || numeric(row[name])));
  }

  draw() {
    const measure = this.column(), most = 100, prefixes = this.yasr.getPrefixes();
    const names = this.yasr.results.getVariables().filter((name) => name !== measure);
    const rows = this.yasr.results.getBindings().filter((row) => row[measure]);
    const largest = Math.max(...rows.map((row) => Math.abs(Number(row[measure].value)))) || 1;
    const lines = rows.slice(0, most).map((row) => {
      const label = names.map((name) => row[name] && shortened(row[name].value, prefixes)).filter(Boolean).join(" · ");
      const bar = document.createElementNS("http://www.w3.org/2000/svg", "svg"), rect = document.createElementNS(bar.namespaceURI, "rect");
      for (const [name, value] of Object.entries({ class: "bar", viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true", focusable: "false" })) bar.setAttribute(name, value);
      for (const [name, value] of Object.entries({ width: (100 * Math.abs(Number(row[measure].value))) / largest, height: 8 })) rect.setAttribute(name, value);
      bar.append(rect);
      return make("tr", {}, make("th", { scope: "row", textContent: label || measure }), make("td", { className: "number" }, row[measure].value), make("td", { className: "drawn-bar" }, bar));
    });
    const head = make("tr", {}, make("th", { scope: "col", textContent: names.join(" · ") }), make("th", { scope: "col", className: "number", textContent: measure }), make("td"));
    this.yasr.resultsEl.append(make("table", { className: "counts chart" }, make("caption", { className: "unseen", textContent: `Bars of ${measure}` }), make("thead", {}, head), make("tbody", {}, ...lines)));
    if (rows.length > most) this.yasr.resultsEl.append(make("p", { className: "meta", textContent: `The first ${most} of ${rows.length} rows are drawn.` }));
  }
}

const form = document.querySelector("form[data-editor]");
if (form && window.Yasgui) begin(form, window.Yasgui);
