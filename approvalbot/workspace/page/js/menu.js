// A menu that opens at a button: arrows move, Enter chooses, Esc closes and gives the focus back.

import { h } from "./dom.js";

let open = null;

export function closeMenu(refocus = false) {
  if (!open) return;
  const { node, anchor, outside } = open;
  open = null;
  document.removeEventListener("pointerdown", outside, true);
  node.remove();
  anchor.setAttribute("aria-expanded", "false");
  if (refocus) anchor.focus();
}

// `items` are {label, about?, lead?, checked?, disabled?, choose} or {title}.
export function openMenu(anchor, items, { label = "Menu" } = {}) {
  if (open?.anchor === anchor) return closeMenu(true);
  closeMenu();
  const node = h("div", { class: "menu", role: "menu", "aria-label": label });
  for (const item of items) node.append(item.title ? h("div", { class: "title" }, item.title) : entry(item));
  const outside = (event) => {
    if (!node.contains(event.target) && !anchor.contains(event.target)) closeMenu();
  };
  open = { node, anchor, outside };
  node.addEventListener("keydown", onKey);
  document.addEventListener("pointerdown", outside, true);
  // Inside an open dialog the rest of the page is inert, so the menu has to stand in the dialog.
  (anchor.closest("dialog") ?? document.body).append(node);
  anchor.setAttribute("aria-expanded", "true");
  place(node, anchor);
  (node.querySelector("[aria-checked=true]") ?? node.querySelector("button"))?.focus();
}

function entry(item) {
  const role = item.checked === undefined ? "menuitem" : "menuitemradio";
  const checked = item.checked === undefined ? null : String(item.checked);
  const about = item.about ? h("span", { class: "about" }, item.about) : null;
  const choose = () => {
    closeMenu(true);
    item.choose();
  };
  return h(
    "button",
    { type: "button", role, "aria-checked": checked, tabindex: "-1", disabled: Boolean(item.disabled), on: { click: choose } },
    item.lead,
    h("span", {}, item.label, about),
  );
}

function onKey(event) {
  const items = [...event.currentTarget.querySelectorAll("button:not(:disabled)")];
  const at = items.indexOf(document.activeElement);
  const moves = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 };
  if (event.key in moves) {
    event.preventDefault();
    items[(moves[event.key] + items.length) % items.length]?.focus();
  } else if (event.key === "Escape" || event.key === "Tab") {
    event.preventDefault();
    event.stopPropagation();
    closeMenu(true);
  }
}

function place(node, anchor) {
  const at = anchor.getBoundingClientRect();
  const size = node.getBoundingClientRect();
  const below = at.bottom + 4 + size.height <= innerHeight || at.top < size.height;
  const left = Math.min(Math.max(8, at.left), innerWidth - size.width - 8);
  node.style.left = `${left}px`;
  node.style.top = `${below ? Math.min(at.bottom + 4, Math.max(8, innerHeight - size.height - 8)) : at.top - size.height - 4}px`;
}
