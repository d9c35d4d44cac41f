// The interactive elements: buttons, menus, and everything that holds a value.

import { h, icon, safeLink } from "./dom.js";
import { INPUTS } from "./inputs.js";
import { openMenu } from "./menu.js";
import { plainText, textObject } from "./mrkdwn.js";

function buttonLike(surface, block, element) {
  const style = element.style ? ` ${element.style}` : "";
  const attributes = { class: `btn${style}`, "aria-label": element.accessibility_label ?? null, "data-action": element.action_id };
  const address = element.url ? safeLink(element.url) : null;
  if (address && !element.confirm) {
    // Following the link and telling the app are one press, as on Slack.
    const anchor = h("a", { ...attributes, href: address, target: "_blank", rel: "noopener noreferrer" }, ...textObject(element.text));
    anchor.addEventListener("click", () => surface.press(block, element, null, anchor));
    return anchor;
  }
  const button = h("button", { ...attributes, type: "button" }, ...textObject(element.text));
  button.addEventListener("click", async () => {
    const outcome = await surface.press(block, element, null, button);
    if (outcome?.ok && address) window.open(address, "_blank", "noopener,noreferrer");
  });
  return button;
}

function overflow(surface, block, element) {
  const button = h("button", { type: "button", class: "btn", "aria-label": "More choices", "aria-haspopup": "menu", "aria-expanded": "false", "data-action": element.action_id }, icon("more"));
  button.addEventListener("click", () => {
    const items = element.options.map((option) => ({
      label: option.text.text,
      about: option.description?.text,
      choose: () => {
        if (option.url && safeLink(option.url)) window.open(safeLink(option.url), "_blank", "noopener,noreferrer");
        surface.press(block, element, option.value, button);
      },
    }));
    openMenu(button, items, { label: "More choices" });
  });
  return button;
}

function feedback(surface, block, element) {
  const one = (name) => {
    const half = element[name];
    const button = h("button", { type: "button", class: "btn slim", "aria-label": half.accessibility_label ?? null }, ...textObject(half.text));
    button.addEventListener("click", () => surface.press(block, element, half.value, button));
    return button;
  };
  return h("span", { class: "inline" }, one("positive_button"), one("negative_button"));
}

function iconic(surface, block, element) {
  const button = h("button", { type: "button", class: "btn slim", "aria-label": element.accessibility_label ?? element.text.text }, icon("close"), element.text.text);
  button.addEventListener("click", () => surface.press(block, element, null, button));
  return button;
}

const workflow = (surface, block, element) =>
  h("button", { type: "button", class: "btn", disabled: true, title: "Workflows do not run in the local workspace" }, ...textObject(element.text));

// A control outside an input block: choosing is pressing.
function held(surface, block, element) {
  const on = {
    input: (value) => surface.put(block, element, value),
    commit: (value) => surface.press(block, element, value, nodes[0]),
    enter: (value) => surface.press(block, element, value, nodes[0]),
  };
  const nodes = INPUTS[element.type](element, surface.value(block, element), on, surface.id(block, element), surface, block);
  const label = element.accessibility_label ?? element.placeholder?.text ?? element.type.replaceAll("_", " ");
  nodes[0].setAttribute("aria-label", label);
  nodes[0].dataset.action = element.action_id;
  return h("span", { class: "held" }, ...nodes);
}

const SPECIAL = {
  button: buttonLike,
  overflow,
  feedback_buttons: feedback,
  icon_button: iconic,
  workflow_button: workflow,
};

export function element(surface, block, one) {
  if (one.type in SPECIAL) return SPECIAL[one.type](surface, block, one);
  if (one.type in INPUTS) return held(surface, block, one);
  return h("span", { class: "placeholder" }, ...plainText(`an element of type ${one.type}`, false));
}
