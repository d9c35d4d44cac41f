// Where a person writes: a message, or a slash command of the app.

import { post } from "./api.js";
import { h, icon, iconButton } from "./dom.js";
import { openMenu } from "./menu.js";
import { isApp, state } from "./state.js";
import { toast, tried } from "./toast.js";

// A composer for a channel, or with `thread`, its first message, for a thread of it.
export function composer({ channel, thread = null }) {
  const off = whyOff(channel, thread);
  if (off) return h("div", { class: "composer" }, h("div", { class: "off" }, off));
  const where = thread ? "Reply…" : `Message ${channel.is_im ? channel.name : `#${channel.name}`}`;
  const field = h("textarea", { rows: "1", "aria-label": where, placeholder: where, maxlength: "4000" });
  const hint = h("span", {}, thread ? "" : commandHint(""));
  const send = () => submit(field, channel, thread?.ts ?? null);
  field.addEventListener("input", () => {
    grow(field);
    if (!thread) hint.textContent = commandHint(field.value);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      send();
    }
  });
  const shortcuts = state.names.shortcuts.filter((one) => one.kind === "global");
  const start = !thread && iconButton("plus", "Shortcuts and commands", (event) => openMenu(event.currentTarget, starters(field, shortcuts, channel), { label: "Shortcuts" }), { "aria-haspopup": "menu" });
  const box = h("div", { class: "box" }, start, field, iconButton("send", "Send", send));
  return h("div", { class: "composer" }, box, h("div", { class: "hint" }, hint, h("span", {}, "Enter sends, Shift+Enter breaks the line")));
}

// Why nothing can be written there; null when it can.
export function whyOff(channel, thread = null) {
  if (state.me.deleted) return `${state.me.real_name}'s account is deactivated: nothing can be done with it.`;
  if (channel.is_archived) return `#${channel.name} is archived.`;
  if (channel.posting === "read_only" && !state.me.is_admin) return `#${channel.name} is read-only: its admins write here.`;
  if (channel.posting === "thread_only" && !thread) return `#${channel.name} takes replies in threads only.`;
  if (channel.posting === "no_threads" && thread) return `#${channel.name} takes no replies in threads.`;
  if (thread?.is_locked) return "This thread is locked.";
  if (channel.is_im && isApp(channel.with) && state.names.messages_tab !== "writable") return "Sending messages to this app has been turned off.";
  return null;
}

function commandHint(text) {
  if (!text.startsWith("/")) return "";
  const word = text.split(" ")[0];
  const known = state.names.commands.find((one) => one.command === word) ?? state.names.commands.find((one) => one.command.startsWith(word));
  return known ? `${known.command} ${known.usage_hint}` : `${word} is not a command here`;
}

function starters(field, shortcuts, channel) {
  const type = (words) => () => {
    field.value = words;
    field.dispatchEvent(new Event("input"));
    field.focus();
  };
  const run = (shortcut) => async () => {
    const outcome = await tried(() => post("shortcuts", { callback_id: shortcut.callback_id, channel: channel.id }));
    if (outcome?.failure) toast(outcome.failure);
  };
  return [
    { title: state.names.app.name },
    ...shortcuts.map((one) => ({ label: one.name, about: "shortcut", lead: icon("bolt"), choose: run(one) })),
    ...state.names.commands.map((one) => ({ label: one.command, about: one.description, lead: icon("command"), choose: type(`${one.command} `) })),
  ];
}

function grow(field) {
  field.style.height = "auto";
  field.style.height = `${Math.min(field.scrollHeight, 180)}px`;
}

async function submit(field, channel, thread) {
  const text = field.value.trim();
  if (!text) return;
  field.value = "";
  field.dispatchEvent(new Event("input"));
  const outcome = await tried(() => post("messages", { channel: channel.id, text, thread_ts: thread }));
  if (outcome === null) field.value ||= text;
  else if (outcome.failure) toast(outcome.failure);
}
