// The sidebar: channels, people, the app, and the workbench.

import { get } from "./api.js";
import { channelIcon } from "./channel.js";
import { fill, h, icon } from "./dom.js";
import { closePane, openChannel, openGallery, openHome, openPane } from "./going.js";
import { avatar } from "./people.js";
import { isApp, state, when } from "./state.js";
import { tried } from "./toast.js";

const WORKBENCH = [
  ["samples", "Send a sample event", "bolt"],
  ["service", "Waiting service", "service"],
  ["traffic", "Traffic", "pulse"],
  ["faults", "Faults", "fault"],
  ["groups", "People and groups", "people"],
  ["rooms", "Channels and the app", "hash"],
];

export function watchSidebar() {
  for (const topic of ["channel", "read:", "people"]) when(topic, refresh);
  for (const topic of ["place", "pane"]) when(topic, draw);
}

export async function refresh() {
  const answer = await tried(() => get("channels"));
  if (!answer) return;
  state.channels = answer.channels;
  draw();
}

function draw() {
  const root = document.getElementById("side");
  const focused = document.activeElement?.dataset?.row;
  const rooms = state.channels.filter((one) => !one.is_im && !one.is_mpim);
  const direct = state.channels.filter((one) => (one.is_im && !isApp(one.with)) || one.is_mpim);
  const app = state.channels.find((one) => one.is_im && isApp(one.with));
  fill(
    root,
    section("Channels", rooms.map((one) => channelRow(one, channelIcon(one)))),
    direct.length > 0 && section("Direct messages", direct.map((one) => channelRow(one, avatar(one.with ?? one.id, "tiny")))),
    section("Apps", [state.names.home_tab && appHome(), app && state.names.messages_tab !== "off" && channelRow({ ...app, name: "Messages from the app" }, icon("reply"))]),
    section("Workbench", [...WORKBENCH.map(panelRow), state.names.has_gallery && galleryRow()]),
  );
  const again = focused && root.querySelector(`[data-row="${CSS.escape(focused)}"]`);
  if (again && document.activeElement === document.body) again.focus();
}

function section(title, rows) {
  return [h("h2", {}, title), h("ul", {}, ...rows.filter(Boolean).map((row) => h("li", {}, row)))];
}

function row(key, { current, opened = null, lead, label, unread = 0, faint = false, go }) {
  const classes = ["row", unread ? "unread" : "", faint ? "faint" : ""].join(" ").trim();
  const badge = unread ? h("span", { class: "badge", "aria-label": `${unread} unread` }, unread) : null;
  return h("button", { type: "button", class: classes, "data-row": key, "aria-current": current ? "page" : null, "aria-expanded": opened, on: { click: go } }, lead, h("span", { class: "label" }, label), badge);
}

function channelRow(channel, lead) {
  const current = state.place.kind === "channel" && state.place.id === channel.id;
  return row(channel.id, { current, lead, label: channel.name, unread: channel.unread, faint: channel.is_archived, go: () => openChannel(channel.id) });
}

function appHome() {
  return row("home", { current: state.place.kind === "home", lead: avatar(state.names.app.user_id, "tiny"), label: state.names.app.name, go: () => openHome() });
}

function galleryRow() {
  return row("gallery", { current: state.place.kind === "gallery", lead: icon("eye"), label: "Gallery", go: openGallery });
}

function panelRow([name, label, symbol]) {
  return row(`panel-${name}`, { opened: String(state.pane === name), lead: icon(symbol), label, go: () => (state.pane === name ? closePane() : openPane(name)) });
}
