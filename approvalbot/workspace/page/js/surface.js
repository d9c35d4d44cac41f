// One place where an app's blocks are shown (a message, a modal, the Home tab): what people have put in so far, and
// the way a press takes to the bot and back.

import { post } from "./api.js";
import { confirmDialog } from "./confirm.js";
import { h, icon } from "./dom.js";
import { tried } from "./toast.js";

// The plain value in a piece of Slack's state: what an input of the page holds.
function plainOf(held) {
  if (!held) return undefined;
  if ("selected_option" in held) return held.selected_option?.value ?? null;
  if ("selected_options" in held) return (held.selected_options ?? []).map((one) => one.value);
  if ("rich_text_value" in held) return held.rich_text_value ? words(held.rich_text_value) : null;
  const field = Object.keys(held).find((name) => name === "value" || name.startsWith("selected_") || name === "files");
  return field ? held[field] : null;
}

function words(value) {
  if (Array.isArray(value)) return value.map(words).join("");
  if (value && typeof value === "object") return typeof value.text === "string" ? value.text : words(value.elements ?? []);
  return "";
}

const FROM = ["initial_value", "initial_option", "initial_options", "initial_user", "initial_users", "initial_channel",
  "initial_channels", "initial_conversation", "initial_conversations", "initial_date", "initial_time", "initial_date_time"];

function initialOf(element) {
  const field = FROM.find((name) => name in element);
  if (!field) return null;
  const value = element[field];
  if (field === "initial_option") return value.value;
  if (field === "initial_options") return value.map((one) => one.value);
  return value && typeof value === "object" && !Array.isArray(value) ? words(value) : value;
}

export class Surface {
  // `where` is what the local API calls the place; `state` what the workspace holds of its inputs.
  constructor(key, where, state = {}) {
    this.key = key;
    this.where = where;
    this.state = state;
    this.typed = new Map();
    this.errors = {};
    this.shown = new Set();
  }

  id(block, element) {
    return `f-${this.key}-${block.block_id}-${element.action_id}`.replaceAll(/[^\w-]/g, "_");
  }

  value(block, element) {
    const key = JSON.stringify([block.block_id, element.action_id]);
    this.shown.add(key);
    if (this.typed.has(key)) return this.typed.get(key);
    const held = plainOf(this.state[block.block_id]?.[element.action_id]);
    return held === undefined ? initialOf(element) : held;
  }

  put(block, element, value) {
    this.typed.set(JSON.stringify([block.block_id, element.action_id]), value);
  }

  // What was put in and is still on the screen, as the local API takes it.
  given() {
    const values = {};
    for (const [key, value] of this.typed) {
      if (!this.shown.has(key)) continue;
      const [block, action] = JSON.parse(key);
      (values[block] ??= {})[action] = value;
    }
    return values;
  }

  // Called before the blocks are drawn again: inputs that are not drawn any more are not sent any more.
  forget() {
    this.shown.clear();
  }

  // What the bot offers for what was typed into an external select.
  suggest(block, element, typed) {
    return post("suggestions", { ...this.where, block_id: block.block_id, action_id: element.action_id, value: typed });
  }

  async press(block, element, value, node) {
    if (node?.getAttribute("aria-disabled") === "true") return null;
    const body = { ...this.where, block_id: block.block_id, action_id: element.action_id, value, values: this.given() };
    busy(node, true);
    clearTrouble(node);
    let outcome = await tried(() => post("actions", body));
    if (outcome?.needs_confirm) {
      busy(node, false);
      const yes = await confirmDialog(outcome.needs_confirm);
      if (!yes) return null;
      busy(node, true);
      outcome = await tried(() => post("actions", { ...body, confirmed: true }));
    }
    busy(node, false);
    if (outcome?.failure) showTrouble(node, outcome.failure);
    return outcome;
  }
}

// A busy control takes no second press. It is not disabled for that: the focus would be lost with it.
function busy(node, on) {
  node?.setAttribute("aria-busy", String(on));
  if (node?.tagName === "BUTTON") node.setAttribute("aria-disabled", String(on));
}

// Slack puts a warning triangle beside the button; here it comes with the reason.
function showTrouble(node, sentence) {
  const line = h("div", { class: "trouble", role: "alert" }, icon("warning"), h("span", {}, sentence));
  (node?.closest(".b-actions, .b-section, .field, .blocks > *") ?? node)?.after(line);
}

function clearTrouble(node) {
  const row = node?.closest(".b-actions, .b-section, .field, .blocks > *");
  if (row?.nextElementSibling?.classList.contains("trouble")) row.nextElementSibling.remove();
}
