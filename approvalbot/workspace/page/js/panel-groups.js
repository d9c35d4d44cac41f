// People and groups: who may decide is edited here, and the bot hears of every change.

import { post } from "./api.js";
import { adder, picker, redraw, toggle } from "./controls.js";
import { h, icon } from "./dom.js";
import { avatar, special } from "./people.js";
import { person, state } from "./state.js";
import { tried } from "./toast.js";

export const title = () => "People and groups";
export const topics = ["names"];

const KINDS = [["member", "Full member"], ["guest", "Guest"], ["single_channel_guest", "Single-channel guest"], ["outsider", "Other company (Slack Connect)"]];
const ROLES = [["member", "Member"], ["admin", "Admin"], ["owner", "Owner"]];

export function draw(body) {
  redraw(
    body,
    h("div", { class: "panel" },
      h("p", { class: "quiet" }, "Changes take effect at once, and the bot gets the event that Slack would send."),
      h("h3", {}, "User groups"), ...state.names.groups.map(groupTile), newGroup(),
      h("h3", {}, "People"), ...state.names.people.filter((one) => one.kind !== "bot").map(personTile), newPerson()),
  );
}

function groupTile(group) {
  const set = (changes) => tried(() => post(`groups/${group.id}`, changes));
  const chip = (id) => {
    const drop = () => set({ members: group.members.filter((one) => one !== id) });
    const words = `Take ${person(id).real_name} out of ${group.handle}`;
    return h("span", { class: "chip" }, person(id).real_name, h("button", { type: "button", "aria-label": words, title: words, on: { click: drop } }, icon("close")));
  };
  const others = state.names.people.filter((one) => one.kind !== "bot" && !one.deleted && !group.members.includes(one.id));
  const add = h("select", { class: "control", id: `add-${group.id}`, "aria-label": `Add to ${group.handle}` }, h("option", { value: "" }, "Add somebody…"), ...others.map((one) => h("option", { value: one.id }, one.real_name)));
  add.addEventListener("change", () => add.value && set({ members: [...group.members, add.value] }));
  const empty = !group.members.length && h("span", { class: "quiet" }, "nobody");
  const on = toggle(`on-${group.id}`, `@${group.handle} is in use`, !group.disabled, (used) => set({ disabled: !used }));
  return h("section", { class: "tile field", "aria-label": `@${group.handle}` },
    h("div", { class: "top" }, h("div", {}, h("b", {}, `@${group.handle}`), h("span", { class: "about" }, group.disabled ? "disabled" : group.name)), on),
    h("div", { class: "chips" }, ...group.members.map(chip), empty), !group.disabled && add);
}

function newGroup() {
  return adder("new-group", "Make a user group", [["handle", "Handle, without the @", { pattern: "[a-z][a-z0-9._\\-]*" }], ["name", "Name"]],
    (fields) => tried(() => post("groups", fields)));
}

function personTile(one) {
  const change = (changes) => tried(() => post(`people/${one.id}`, changes));
  const about = [one.title, special(one), one.tz].filter(Boolean).join(" · ");
  const active = toggle(`active-${one.id}`, `${one.real_name} is active`, !one.deleted, (on) => change({ active: on }));
  const role = one.is_owner ? "owner" : one.is_admin ? "admin" : "member";
  const more = h("details", { "data-fold": `more-${one.id}` }, h("summary", { "aria-label": `More about ${one.real_name}` }, "Kind, role, groups"),
    h("div", { class: "grid2" }, picker(`kind-${one.id}`, "Kind", KINDS, one.kind, (kind) => change({ kind })), picker(`role-${one.id}`, "Role", ROLES, role, (to) => change({ role: to }))),
    groupsOf(one, change));
  return h("section", { class: "tile", "aria-label": one.real_name },
    h("div", { class: "person" }, avatar(one.id, "small"), h("div", { class: "who" }, one.real_name, h("span", { class: "about quiet" }, about)), active), more);
}

function groupsOf(one, change) {
  const used = state.names.groups.filter((group) => !group.disabled);
  const held = used.filter((group) => group.members.includes(one.id)).map((group) => group.id);
  const choice = (group) => {
    const box = h("input", { type: "checkbox", id: `in-${one.id}-${group.id}`, checked: held.includes(group.id) });
    box.addEventListener("change", () => change({ groups: box.checked ? [...held, group.id] : held.filter((id) => id !== group.id) }));
    return h("label", { class: "choice" }, box, h("span", {}, `@${group.handle}`));
  };
  return h("fieldset", { class: "choices" }, h("legend", {}, "Groups"), ...used.map(choice));
}

function newPerson() {
  return adder("new-person", "Somebody joins", [["name", "User name", { pattern: "[a-z][a-z0-9._\\-]*" }], ["real_name", "Full name"], ["email", "E-mail", { type: "email" }]],
    (fields) => tried(() => post("people", fields)));
}
