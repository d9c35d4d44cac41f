// The gallery: every card and form that was handed to the workspace, one under the other, with what Slack would say
// against it. Nothing in it is sent anywhere.

import { get } from "./api.js";
import { blocks } from "./blocks.js";
import { confirmDialog } from "./confirm.js";
import { fill, h, icon, iconButton } from "./dom.js";
import { openSide } from "./going.js";
import { mrkdwn, textObject } from "./mrkdwn.js";
import { avatar } from "./people.js";
import { state } from "./state.js";
import { Surface } from "./surface.js";
import { toast, tried } from "./toast.js";

// A surface whose presses end here: they say what they are.
class Exhibit extends Surface {
  async press(block, element) {
    if (element.confirm && !(await confirmDialog(element.confirm))) return null;
    toast(`The gallery sends nothing. This is ${element.action_id}.`, { calm: true });
    return null;
  }

  async suggest() {
    return { options: [] };
  }
}

let shown = null; // the list on the screen

export async function showGallery(root) {
  if (shown && root.contains(shown)) return;
  const answer = await tried(() => get("gallery"));
  if (!answer || state.place.kind !== "gallery") return;
  shown = h("div", { class: "gallery" }, ...(answer.entries.length ? answer.entries.map(exhibit) : [none(answer.folder)]));
  fill(root, heading(answer.entries), h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Gallery" }, shown));
  if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
}

export function leaveGallery() {
  shown = null;
}

function none(folder) {
  const words = folder ? `There is no JSON file in ${folder}.` : "The configuration names no folder of cards and forms (gallery).";
  return h("div", { class: "empty" }, h("h3", {}, "Nothing to show"), h("p", {}, words));
}

function heading(entries) {
  const groups = [...new Set(entries.map((one) => one.group))];
  const pick = h("select", { class: "control", "aria-label": "Show" }, h("option", { value: "" }, `All ${entries.length}`), ...groups.map((one) => h("option", { value: one }, one)));
  pick.addEventListener("change", () => {
    for (const one of shown.children) one.hidden = Boolean(pick.value) && one.dataset.group !== pick.value;
  });
  const narrow = h("input", { type: "checkbox", role: "switch", id: "gallery-narrow" });
  narrow.addEventListener("change", () => shown.classList.toggle("narrow", narrow.checked));
  return h("div", { class: "heading" }, iconButton("menu", "Conversations", openSide, { class: "iconbutton menubutton" }),
    h("h1", {}, icon("eye"), "Gallery"), h("span", { class: "spring" }), h("label", { class: "switch" }, narrow, "As on a phone"), pick);
}

function exhibit(entry) {
  const surface = new Exhibit(`gallery-${entry.name}`, {});
  const title = entry.name.replaceAll("-", " ");
  return h("section", { class: "exhibit", id: entry.name, "data-group": entry.group, "aria-labelledby": `title-${entry.name}` },
    h("div", { class: "inline" }, h("h2", { id: `title-${entry.name}` }, title), verdict(entry)),
    ...entry.faults.map((one) => h("div", { class: "trouble" }, icon("warning"), h("span", {}, one))),
    entry.blocks.length > 0 && DRAW[entry.kind](entry, surface),
    entry.text && h("p", { class: "quiet" }, "Notification: ", ...mrkdwn(entry.text)),
    entry.raw && source(entry));
}

function verdict(entry) {
  const [color, words] = entry.faults.length ? ["bad", "Slack refuses it"] : ["good", "Slack takes it"];
  return h("span", { class: `status ${color}` }, words);
}

// Drawn only when it is opened: the texts are long, and most are never looked at.
function source(entry) {
  const details = h("details", {}, h("summary", {}, "JSON"));
  details.addEventListener("toggle", () => details.children.length === 1 && details.append(h("pre", { tabindex: "0" }, JSON.stringify(entry.raw, null, 2))));
  return details;
}

const DRAW = {
  message: (entry, surface) => h("div", { class: "message" }, avatar(state.names.app.user_id), h("div", { class: "body" },
    h("div", { class: "byline" }, h("b", {}, state.names.app.name), h("span", { class: "isapp" }, "APP")),
    h("div", { class: "card" }, blocks(entry.blocks, surface)))),
  modal: (entry, surface) => h("div", { class: "sheet" },
    h("div", { class: "dialog-head" }, h("h3", {}, ...textObject(entry.title)), iconButton("close", "Close", () => surface.press(null, { action_id: "the corner button" }))),
    h("div", { class: "dialog-body" }, blocks(entry.blocks, surface)),
    h("div", { class: "dialog-foot" }, h("span", { class: "from" }, `${state.names.app.name} · LOCAL DEMO`),
      foot(surface, "btn", entry.close ?? { type: "plain_text", text: "Cancel" }, "the close button"), entry.submit && foot(surface, "btn primary", entry.submit, "the submit button"))),
  home: (entry, surface) => h("div", { class: "sheet homebody" }, blocks(entry.blocks, surface)),
};

const foot = (surface, look, words, what) => h("button", { type: "button", class: look, on: { click: () => surface.press(null, { action_id: what }) } }, ...textObject(words));
