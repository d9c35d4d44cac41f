// One message: who, when, what, its reactions, its thread, and the tools that appear on hover or focus.

import { post } from "./api.js";
import { blocks } from "./blocks.js";
import { clock, whole } from "./dates.js";
import { h, icon, iconButton } from "./dom.js";
import { emoji, OFFERED } from "./emoji.js";
import { openThread } from "./going.js";
import { openMenu } from "./menu.js";
import { mrkdwn } from "./mrkdwn.js";
import { avatar } from "./people.js";
import { person, state } from "./state.js";
import { Surface } from "./surface.js";
import { toast, tried } from "./toast.js";

const surfaces = new Map(); // by channel and ts: what was chosen in a message survives its being drawn again

function surfaceOf(message, inThread) {
  // The head of an open thread stands on the page twice, and no id may.
  const key = `${message.channel}-${message.ts}${inThread ? "-thread" : ""}`;
  if (!surfaces.has(key)) surfaces.set(key, new Surface(key, { channel: message.channel, ts: message.ts }));
  const surface = surfaces.get(key);
  surface.forget();
  return surface;
}

export function messageNode(message, { inThread = false } = {}) {
  const seconds = Number(message.ts);
  const name = person(message.user).real_name;
  const byline = h(
    "div",
    { class: "byline" },
    h("b", {}, message.subtype === "tombstone" ? "Deleted" : name),
    message.by_app && h("span", { class: "isapp" }, "APP"),
    h("time", { datetime: new Date(seconds * 1000).toISOString(), title: whole(seconds) }, clock(seconds)),
    message.is_broadcast && h("span", { class: "edited" }, "replied in a thread"),
    message.is_locked && h("span", { class: "edited" }, "thread locked"),
  );
  const node = h(
    "article",
    { class: message.only_you ? "message mine-only" : "message", tabindex: "-1", "data-ts": message.ts, "aria-label": `${name}, ${clock(seconds)}` },
    message.only_you && onlyYou(message),
    avatar(message.user),
    h("div", { class: "body" }, byline, ...content(message, inThread), reactions(message), !inThread && thread(message)),
    !message.only_you && message.subtype !== "tombstone" && tools(message, inThread),
  );
  return node;
}

function content(message, inThread) {
  const edited = message.edited && h("span", { class: "edited" }, " (edited)");
  const surface = surfaceOf(message, inThread);
  const nodes = message.blocks.length
    ? [h("div", { class: "card" }, blocks(message.blocks, surface), edited)]
    : [h("div", { class: "t" }, ...mrkdwn(message.text), edited)];
  for (const one of message.attachments) {
    nodes.push(h("div", { class: "attachment" }, one.pretext, one.text && h("div", {}, ...mrkdwn(one.text)), one.blocks && blocks(one.blocks, surface)));
  }
  return nodes;
}

function onlyYou(message) {
  const dismiss = () => tried(() => post("dismiss", { channel: message.channel, ts: message.ts }));
  return h("div", { class: "onlyyou" }, icon("eye"), "Only visible to you",
    h("button", { type: "button", class: "link", on: { click: dismiss } }, "Dismiss"));
}

function reactions(message) {
  const names = Object.keys(message.reactions);
  if (!names.length) return null;
  const one = (name) => {
    const users = message.reactions[name];
    const mine = users.includes(state.me.id);
    const words = `${name.replaceAll("_", " ")}: ${users.map((id) => person(id).real_name).join(", ")}`;
    return h("button", { type: "button", class: "reaction", "aria-pressed": String(mine), "aria-label": words, title: words, on: { click: () => react(message, name) } }, emoji(name), users.length);
  };
  return h("div", { class: "reactions" }, ...names.map(one));
}

const react = (message, name) => tried(() => post("reactions", { channel: message.channel, ts: message.ts, name }));

function thread(message) {
  if (!message.reply_count || message.is_broadcast) return null;
  const words = message.reply_count === 1 ? "1 reply" : `${message.reply_count} replies`;
  return h(
    "button",
    { type: "button", class: "replies", on: { click: () => openThread(message.channel, message.ts) } },
    ...message.reply_users.slice(0, 4).map((id) => avatar(id, "tiny")),
    words,
    h("span", { class: "when" }, `last at ${clock(Number(message.latest_reply))}`),
  );
}

function tools(message, inThread) {
  const offer = (event) => openMenu(event.currentTarget, OFFERED.map((name) => ({ label: name.replaceAll("_", " "), lead: emoji(name), choose: () => react(message, name) })), { label: "React" });
  const more = (event) => openMenu(event.currentTarget, moreItems(message), { label: "More about this message" });
  return h(
    "div",
    { class: "tools" },
    iconButton("smile", "React", offer, { "aria-haspopup": "menu" }),
    !inThread && iconButton("reply", "Reply in a thread", () => openThread(message.channel, message.ts)),
    iconButton("more", "More about this message", more, { "aria-haspopup": "menu" }),
  );
}

function moreItems(message) {
  const run = (shortcut) => async () => {
    const outcome = await tried(() => post("shortcuts", { callback_id: shortcut.callback_id, channel: message.channel, ts: message.ts }));
    if (outcome?.failure) toast(outcome.failure);
  };
  const shortcuts = state.names.shortcuts.filter((one) => one.kind === "message");
  const canHaveThread = !message.thread_ts || message.thread_ts === message.ts;
  const lock = () => tried(() => post("threads/lock", { channel: message.channel, ts: message.ts, locked: !message.is_locked }));
  return [
    { label: "Copy link", lead: icon("link"), choose: () => copy(message.permalink) },
    shortcuts.length && { title: state.names.app.name },
    ...shortcuts.map((one) => ({ label: one.name, lead: icon("bolt"), choose: run(one) })),
    ...(canHaveThread ? [{ title: "Workbench" }, { label: message.is_locked ? "Open its thread again" : "Lock its thread", lead: icon("lock"), choose: lock }] : []),
  ].filter(Boolean);
}

async function copy(words) {
  try {
    await navigator.clipboard.writeText(words);
    toast("The link is copied.", { calm: true });
  } catch {
    toast(`The link is ${words}`, { calm: true });
  }
}

// Put messages into a list so that only what changed is drawn again: what has the focus elsewhere keeps it.
export function drawMessages(root, items, options = {}) {
  const old = new Map([...root.children].map((node) => [node.dataset.key, node]));
  const nodes = items.map((item) => {
    const sign = JSON.stringify(item.message ?? item.day);
    const held = old.get(item.key);
    if (held?.sign === sign) return held;
    const node = item.message ? messageNode(item.message, options) : item.node();
    node.dataset.key = item.key;
    node.sign = sign;
    return node;
  });
  nodes.forEach((node, index) => {
    if (root.children[index] !== node) root.insertBefore(node, root.children[index] ?? null);
  });
  while (root.children.length > nodes.length) root.lastChild.remove();
}
