// The small controls of the workbench: a labelled select, a switch, and a form that makes something new.

import { fill, h } from "./dom.js";

// A select; `options` are [value, words] pairs, `change` gets the chosen value.
export function picker(id, label, options, value, change) {
  const control = h("select", { class: "control", id }, ...options.map(([one, words]) => h("option", { value: one, selected: one === value }, words)));
  control.addEventListener("change", () => change(control.value));
  return h("div", { class: "field" }, h("label", { for: id }, label), control);
}

// A switch whose name is `label`; only `words`, if any, are drawn beside it.
export function toggle(id, label, on, change, words = null) {
  const box = h("input", { type: "checkbox", role: "switch", id, checked: on, "aria-label": label });
  box.addEventListener("change", () => change(box.checked));
  return h("label", { class: "switch" }, box, words);
}

// A folded form; `fields` are [name, label, attributes], `make` gets what was filled in and says whether it is done.
export function adder(id, label, fields, make) {
  const inputs = fields.map(([name, words, attributes = {}]) => h("div", { class: "field" }, h("label", { for: `${id}-${name}` }, words),
    h("input", { class: "control", id: `${id}-${name}`, name, autocomplete: "off", required: true, ...attributes })));
  const form = h("form", {}, ...inputs, h("p", {}, h("button", { type: "submit", class: "btn accent slim" }, label)));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const made = await make(Object.fromEntries(new FormData(form)));
    // The panel may have been drawn anew meanwhile, with the same texts in another form.
    if (made) document.querySelector(`[data-fold="${id}"] form`)?.reset();
  });
  return h("details", { class: "adder", "data-fold": id }, h("summary", {}, `${label}…`), form);
}

// Draw a panel anew and leave it as it was: what is unfolded, what is typed into its forms, where the focus is.
export function redraw(root, ...children) {
  const focused = root.contains(document.activeElement) ? document.activeElement.id : null;
  const open = new Set([...root.querySelectorAll("details[open][data-fold]")].map((one) => one.dataset.fold));
  const typed = [...root.querySelectorAll(".adder input")].map((one) => [one.id, one.value]);
  fill(root, ...children);
  for (const one of root.querySelectorAll("details[data-fold]")) one.open = open.has(one.dataset.fold);
  for (const [id, value] of typed) document.getElementById(id).value = value;
  if (focused) document.getElementById(focused)?.focus();
}
