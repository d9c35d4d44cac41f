// A conversation: its heading, its messages, its composer.

import { get, post } from "./api.js";
import { composer, whyOff } from "./composer.js";
import { day } from "./dates.js";
import { fill, h, icon, iconButton } from "./dom.js";
import { openSide } from "./going.js";
import { drawMessages } from "./message.js";
import { isApp, state } from "./state.js";
import { report, toast, tried } from "./toast.js";

let shown = null; // {id, log, scroll, foot, unreadFrom}

export async function showChannel(root) {
  const { id, target } = state.place;
  let answer;
  try {
    answer = await get(`channels/${id}`);
  } catch (fault) {
    return fault.status === 404 ? nowhere(root) : report(fault);
  }
  if (state.place.kind !== "channel" || state.place.id !== id) return;
  if (shown?.id !== id || !root.contains(shown.log)) {
    build(root, answer);
    // Opening its Messages tab is something the app hears of, as with its Home tab.
    if (isApp(answer.channel.with)) tried(() => post("home", { tab: "messages" }));
  }
  draw(answer);
  if (target) reveal(target);
  state.place.target = null;
  markRead(answer);
}

export function leaveChannel() {
  shown = null;
}

function nowhere(root) {
  leaveChannel();
  fill(root, h("div", { class: "empty" }, h("h3", {}, "Nothing to see here"), h("p", {}, `${state.me.real_name} is not in this conversation.`), h("p", {}, iconButton("menu", "Conversations", openSide, { class: "iconbutton menubutton" }))));
}

function build(root, answer) {
  const log = h("div", { class: "log", role: "log", "aria-label": "Messages", tabindex: "0" });
  const scroll = h("div", { class: "scroll" }, log);
  shown = { id: answer.channel.id, log, scroll, unreadFrom: answer.read_until, head: h("div", { class: "heading" }), foot: h("div") };
  log.addEventListener("keydown", walk);
  fill(root, shown.head, scroll, shown.foot);
  shown.fresh = true;
  // Who was at the end stays there when the space changes: a pane opens, a keyboard comes up, a picture arrives.
  new ResizeObserver(() => shown?.scroll === scroll && shown.atEnd && toEnd()).observe(scroll);
  scroll.addEventListener("scroll", () => {
    if (shown?.scroll === scroll) shown.atEnd = isAtEnd();
  });
}

const isAtEnd = () => shown.scroll.scrollHeight - shown.scroll.scrollTop - shown.scroll.clientHeight < 120;

function toEnd() {
  shown.scroll.scrollTop = shown.scroll.scrollHeight;
  shown.atEnd = true;
}

export const channelIcon = (channel) => icon(channel.is_archived ? "archive" : channel.is_private ? "lock" : channel.is_ext_shared ? "shared" : "hash");

function heading(channel) {
  const direct = channel.is_im || channel.is_mpim;
  const tags = [
    channel.is_archived && h("span", { class: "tag" }, "archived"),
    channel.posting === "read_only" && h("span", { class: "tag" }, "read-only"),
    channel.is_ext_shared && h("span", { class: "tag" }, "shared with Other Inc."),
    !channel.has_app && !direct && h("span", { class: "tag" }, "without the app"),
    !direct && h("span", { class: "tag members" }, `${channel.members.length} members`),
  ];
  fill(shown.head, iconButton("menu", "Conversations", openSide, { class: "iconbutton menubutton" }),
    h("h1", {}, direct ? null : channelIcon(channel), channel.name), h("span", { class: "topic" }, channel.topic), h("span", { class: "spring" }), ...tags);
}

function draw(answer) {
  heading(answer.channel);
  const off = whyOff(answer.channel);
  if (shown.off !== off) {
    shown.off = off;
    fill(shown.foot, composer({ channel: answer.channel }));
  }
  const atEnd = shown.fresh || isAtEnd();
  drawMessages(shown.log, answer.messages.length ? items(answer.messages) : [{ key: "empty", day: "empty", node: () => empty(answer.channel) }]);
  if (atEnd) toEnd();
  shown.fresh = false;
}

function items(messages) {
  const listed = [];
  let last = "";
  let marked = !shown.unreadFrom;
  for (const message of messages) {
    const words = day(Number(message.ts));
    if (words !== last) listed.push({ key: `day-${words}`, day: words, node: () => h("div", { class: "day", role: "separator" }, words) });
    last = words;
    if (!marked && message.ts > shown.unreadFrom && message.user !== state.me.id && !message.only_you) {
      listed.push({ key: "new", day: "new", node: () => h("div", { class: "day new", role: "separator" }, "New") });
      marked = true;
    }
    listed.push({ key: message.ts, message });
  }
  return listed;
}

function empty(channel) {
  const command = state.names.commands[0]?.command ?? "/help";
  const words = channel.has_app ? `Cards of ${state.names.app.name} appear here. Type ${command} below, or send a sample event.` : "The app is not in this channel.";
  return h("div", { class: "empty" }, h("h3", {}, `This is the beginning of ${channel.is_im ? "your conversation with " : "#"}${channel.name}`), h("p", {}, words));
}

async function markRead(answer) {
  if (document.visibilityState !== "visible" || !answer.channel.unread) return;
  await tried(() => post("read", { channel: answer.channel.id }));
}

function reveal(ts) {
  const node = shown.log.querySelector(`[data-ts="${CSS.escape(ts)}"]`);
  if (!node) return toast("That message is not here any more.");
  node.classList.add("target");
  node.scrollIntoView({ block: "center" });
  node.focus();
}

// The arrow keys walk from message to message; Tab then enters the one that has the focus.
function walk(event) {
  if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
  if (event.target.closest("input, textarea, select, [role=menu]")) return;
  const all = [...shown.log.querySelectorAll(".message")];
  if (!all.length) return;
  event.preventDefault();
  const at = all.indexOf(document.activeElement.closest(".message"));
  const next = at < 0 ? all.length - 1 : at + (event.key === "ArrowUp" ? -1 : 1);
  all[Math.min(Math.max(next, 0), all.length - 1)].focus();
}
