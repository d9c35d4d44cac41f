// The modal stack of the person: one <dialog>, which shows the modal on top.

import { get, post } from "./api.js";
import { blocks } from "./blocks.js";
import { fill, h, icon, iconButton } from "./dom.js";
import { textObject } from "./mrkdwn.js";
import { state, when } from "./state.js";
import { Surface } from "./surface.js";
import { tried } from "./toast.js";

let dialog = null;
let shown = null; // the hash on the screen
let opener = null; // what had the focus before
const surfaces = new Map(); // by view id, so that going back finds what was typed

export function watchModals() {
  when("modal:", refresh);
  when("place", refresh);
}

async function refresh(topics) {
  if (!state.me || !topics.some((topic) => topic === "*" || topic === `modal:${state.me.id}` || topic === "place")) return;
  const answer = await tried(() => get("modals"));
  if (answer) draw(answer.stack);
}

function draw(stack) {
  const ids = new Set(stack.map((view) => view.id));
  for (const id of surfaces.keys()) if (!ids.has(id)) surfaces.delete(id);
  const view = stack.at(-1);
  if (!view) return close();
  if (shown === `${view.id} ${view.hash}`) return;
  const isNew = !shown?.startsWith(view.id);
  shown = `${view.id} ${view.hash}`;
  const surface = surfaces.get(view.id) ?? new Surface(view.id, { view_id: view.id }, view.state);
  surfaces.set(view.id, surface);
  surface.state = view.state;
  open();
  render(view, surface, stack.length, isNew);
}

function close() {
  if (!dialog) return;
  dialog.close();
  dialog.remove();
  dialog = shown = null;
  giveBack();
}

// The focus goes back to what opened the form; a card may have been drawn anew meanwhile.
function giveBack() {
  if (!opener) return;
  const { node, ts, action } = opener;
  const again = ts && document.querySelector(`[data-ts="${CSS.escape(ts)}"]`);
  const found = node.isConnected ? node : again?.querySelector(`[data-action="${CSS.escape(action ?? "")}"]`) ?? again ?? document.getElementById("main");
  found.focus();
}

function open() {
  if (dialog) return;
  const node = document.activeElement;
  opener = node && node !== document.body ? { node, ts: node.closest("[data-ts]")?.dataset.ts, action: node.dataset.action } : null;
  dialog = h("dialog", { class: "form", "aria-labelledby": "dialog-title" });
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    tried(() => post("modals/close", {}));
  });
  document.body.append(dialog);
  dialog.showModal();
}

function render(view, surface, depth, isNew) {
  const focused = document.activeElement?.id;
  surface.forget();
  const form = h("form", { class: "dialog-body", id: "modal-form", novalidate: true, on: { submit: (event) => submit(event, view, surface) } }, blocks(view.blocks, surface));
  const back = depth > 1 && iconButton("back", "Back to the form below", () => tried(() => post("modals/close", {})));
  const head = h("div", { class: "dialog-head" }, back, h("h2", { id: "dialog-title" }, ...textObject(view.title)),
    iconButton("close", "Close", () => tried(() => post("modals/close", { all: depth > 1 }))));
  const close = h("button", { type: "button", class: "btn", on: { click: () => tried(() => post("modals/close", {})) } }, ...(view.close ? textObject(view.close) : ["Cancel"]));
  const send = view.submit && h("button", { type: "submit", form: "modal-form", class: "btn primary", disabled: view.submit_disabled }, ...textObject(view.submit));
  const from = h("span", { class: "from" }, `${state.names.app.name} · LOCAL DEMO`);
  fill(dialog, head, h("div", { class: "notice" }), form, h("div", { class: "dialog-foot" }, from, close, send));
  const again = !isNew && focused && document.getElementById(focused);
  const wanted = view.blocks.find((one) => one.element?.focus_on_load);
  const first = (wanted && document.getElementById(surface.id(wanted, wanted.element))) || [...form.querySelectorAll("input, select, textarea, button")].find((one) => !one.disabled);
  (again || first || send || close).focus();
}

async function submit(event, view, surface) {
  event.preventDefault();
  const send = dialog.querySelector("button[type=submit]");
  send?.setAttribute("aria-busy", "true");
  const outcome = await tried(() => post("modals/submit", { view_id: view.id, values: surface.given() }));
  send?.setAttribute("aria-busy", "false");
  if (!dialog || !outcome) return;
  surface.errors = outcome.errors;
  if (Object.keys(outcome.errors).length) {
    const answer = await get("modals");
    const top = answer.stack.at(-1);
    if (top?.id === view.id) {
      render(top, surface, answer.stack.length, false);
      dialog.querySelector("[aria-invalid=true]")?.focus();
    }
  } else if (outcome.failure) {
    fill(dialog.querySelector(".notice"), h("div", { class: "trouble", role: "alert" }, icon("warning"), h("span", {}, outcome.failure)));
  }
}
