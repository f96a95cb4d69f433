/* Suggestions below a search box (WAI-ARIA combobox, list autocomplete). Without this script the box works as a plain form. */
"use strict";
for (const input of document.querySelectorAll("input[data-suggest]")) {
  const list = document.createElement("ul");
  list.id = `${input.id}-suggestions`;
  list.className = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Suggestions");
  list.hidden = true;
  input.parentElement.append(list);
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id })) input.setAttribute(name, value);
  let timer, asked = "", place = -1;

  const close = () => {
    list.hidden = true;
    place = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const mark = (number) => {
    const options = [...list.children];
    place = number < -1 ? options.length - 1 : number >= options.length ? -1 : number;
    options.forEach((option, n) => option.setAttribute("aria-selected", String(n === place)));
    if (place < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", options[place].id);
  };
  const show = (suggestions) => {
    list.replaceChildren(...suggestions.map((found, n) => {
      const option = document.createElement("li"), kind = document.createElement("small");
      option.id = `${list.id}-${n}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      kind.textContent = found.count ? `${found.kind}, ${found.count}` : found.kind;
      option.append(found.text, " ", kind);
      option.dataset.url = found.url;
      option.addEventListener("pointerdown", (event) => { event.preventDefault(); location.assign(found.url); });
      return option;
    }));
    place = -1;
    list.hidden = suggestions.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    asked = input.value.trim();
    if (asked.length < 2) return close();
    const text = asked;
    timer = setTimeout(async () => {
      try {
        const answer = await fetch(`${input.dataset.suggest}?q=${encodeURIComponent(text)}`);
        if (answer.ok && text === asked) show((await answer.json()).suggestions);
      } catch { close(); }
    }, 120);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    else if (list.hidden) return;
    else if (event.key === "ArrowDown") { event.preventDefault(); mark(place + 1); }
    else if (event.key === "ArrowUp") { event.preventDefault(); mark(place - 1); }
    else if (event.key === "Enter" && place >= 0) { event.preventDefault(); location.assign(list.children[place].dataset.url); }
  });
  input.addEventListener("blur", close);
}
