// People and groups: who may decide is edited here, and the bot hears of every change.

import { post } from "./api.js";
import { fill, h, icon } from "./dom.js";
import { avatar, special } from "./people.js";
import { person, state } from "./state.js";
import { tried } from "./toast.js";

export const title = () => "People and groups";
export const topics = ["names"];

export function draw(body) {
  const focused = document.activeElement?.id;
  fill(
    body,
    h("div", { class: "panel" },
      h("p", { class: "quiet" }, "Changes take effect at once, and the bot gets the event that Slack would send."),
      h("h3", {}, "User groups"), ...state.names.groups.map(groupTile),
      h("h3", {}, "People"), ...state.names.people.filter((one) => one.kind !== "bot").map(personRow),
      h("h3", {}, "The app"), appRow()),
  );
  if (focused) document.getElementById(focused)?.focus();
}

function groupTile(group) {
  const set = (members) => tried(() => post(`groups/${group.id}`, { members }));
  const chip = (id) => {
    const drop = () => set(group.members.filter((one) => one !== id));
    const words = `Take ${person(id).real_name} out of ${group.handle}`;
    return h("span", { class: "chip" }, person(id).real_name, h("button", { type: "button", "aria-label": words, title: words, on: { click: drop } }, icon("close")));
  };
  const others = state.names.people.filter((one) => one.kind !== "bot" && !one.deleted && !group.members.includes(one.id));
  const add = h("select", { class: "control", id: `add-${group.id}`, "aria-label": `Add to ${group.handle}` }, h("option", { value: "" }, "Add somebody…"), ...others.map((one) => h("option", { value: one.id }, one.real_name)));
  add.addEventListener("change", () => add.value && set([...group.members, add.value]));
  const empty = !group.members.length && h("span", { class: "quiet" }, "nobody");
  return h("section", { class: "tile field" }, h("b", {}, `@${group.handle}`), h("div", { class: "chips" }, ...group.members.map(chip), empty), add);
}

function personRow(one) {
  const box = h("input", { type: "checkbox", role: "switch", id: `active-${one.id}`, checked: !one.deleted, "aria-label": `${one.real_name} is active` });
  box.addEventListener("change", () => tried(() => post(`people/${one.id}`, { active: box.checked })));
  const about = [one.title, special(one), one.tz].filter(Boolean).join(" · ");
  return h("div", { class: "person" }, avatar(one.id, "small"), h("div", { class: "who" }, one.real_name, h("span", { class: "about quiet" }, ` ${about}`)), h("label", { class: "switch" }, box));
}

function appRow() {
  const installed = state.names.installed;
  const box = h("input", { type: "checkbox", role: "switch", id: "installed", checked: installed, "aria-label": "The app is installed" });
  box.addEventListener("change", () => tried(() => post("app", { installed: box.checked })));
  return h("div", { class: "person" }, avatar(state.names.app.user_id, "small"), h("div", { class: "who" }, state.names.app.name, h("span", { class: "about quiet" }, installed ? " installed" : " removed; its token is dead")), h("label", { class: "switch" }, box));
}
