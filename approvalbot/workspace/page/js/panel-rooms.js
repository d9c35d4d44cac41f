// Channels and the app: where may be posted, who is there, whether the app is.

import { post } from "./api.js";
import { channelIcon } from "./channel.js";
import { adder, picker, redraw, toggle } from "./controls.js";
import { h, icon } from "./dom.js";
import { avatar } from "./people.js";
import { person, state } from "./state.js";
import { tried } from "./toast.js";

export const title = () => "Channels and the app";
export const topics = ["names"];

const POSTING = [["everyone", "Everybody writes"], ["read_only", "Only admins write"], ["thread_only", "Replies in threads only"], ["no_threads", "No replies in threads"]];

export function draw(body) {
  redraw(body, h("div", { class: "panel" },
    h("p", { class: "quiet" }, "Changes take effect at once, and the bot gets the event that Slack would send, where it may know of it."),
    h("h3", {}, "The app"), appTile(),
    h("h3", {}, "Channels"), ...state.names.channels.map(tile), newChannel()));
}

const TOKENS = { good: "its token is good", token_revoked: "its token is revoked", account_inactive: "removed; its token is dead" };

function appTile() {
  const { app, installed, token, events_disabled: deaf } = state.names;
  const set = (changes) => tried(() => post("app", changes));
  const revoke = h("button", { type: "button", class: "btn slim", id: "revoke", on: { click: () => set({ revoked: true }) } }, "Revoke its token");
  const renew = h("button", { type: "button", class: "btn slim", id: "renew", on: { click: () => set({ installed: true }) } }, "Give its token back");
  return h("section", { class: "tile", "aria-label": "The app" },
    h("div", { class: "person" }, avatar(app.user_id, "small"), h("div", { class: "who" }, app.name, h("span", { class: "about quiet" }, [TOKENS[token] ?? token, deaf && "its events are switched off: it took hardly any; check its address"].filter(Boolean).join(" · "))),
      toggle("installed", "The app is installed", installed, (on) => set({ installed: on }))),
    installed && h("div", { class: "inline" }, token === "good" ? revoke : renew));
}

function tile(room) {
  const change = (changes) => tried(() => post(`channels/${room.id}`, changes));
  const about = [room.is_private && "private", room.is_archived && "archived", room.is_ext_shared && "shared with Other Inc.", `${room.members.length} members`].filter(Boolean).join(" · ");
  const erase = () => change({ deleted: true });
  const more = h("details", { "data-fold": `more-${room.id}` }, h("summary", { "aria-label": `More about ${room.name}` }, "Posting, members, archive"),
    picker(`posting-${room.id}`, "Posting", POSTING, room.posting, (posting) => change({ posting })),
    members(room, change),
    h("div", { class: "inline" },
      toggle(`archived-${room.id}`, `Archived: ${room.name}`, room.is_archived, (on) => change({ archived: on }), "Archived"),
      toggle(`shared-${room.id}`, `Shared: ${room.name}`, room.is_ext_shared, (on) => change({ shared: on }), "Shared"),
      h("button", { type: "button", class: "btn slim danger", "aria-label": `Delete #${room.name}`, on: { click: erase } }, "Delete")));
  return h("section", { class: "tile", "aria-label": `#${room.name}` },
    h("div", { class: "top" }, h("div", {}, h("b", { class: "named" }, channelIcon(room), room.name), h("span", { class: "about" }, about))), more);
}

function members(room, change) {
  const chip = (id) => {
    const words = `Take ${person(id).real_name} out of ${room.name}`;
    const drop = () => change({ members: room.members.filter((one) => one !== id) });
    return h("span", { class: "chip" }, person(id).real_name, h("button", { type: "button", "aria-label": words, title: words, on: { click: drop } }, icon("close")));
  };
  const others = state.names.people.filter((one) => !one.deleted && !room.members.includes(one.id));
  const add = h("select", { class: "control", id: `invite-${room.id}`, "aria-label": `Invite to ${room.name}` }, h("option", { value: "" }, "Invite somebody…"), ...others.map((one) => h("option", { value: one.id }, one.real_name)));
  add.addEventListener("change", () => add.value && change({ members: [...room.members, add.value] }));
  return h("div", { class: "field" }, h("div", { class: "legend" }, "Members"), h("div", { class: "chips" }, ...room.members.map(chip)), add);
}

function newChannel() {
  return adder("new-channel", "Make a channel", [["name", "Name, without the #", { pattern: "[a-z0-9_\\-]+" }]], (fields) => tried(() => post("channels", fields)));
}
