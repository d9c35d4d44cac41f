// The thread pane: the head of a thread, its replies, and where to reply.

import { get } from "./api.js";
import { composer, whyOff } from "./composer.js";
import { h } from "./dom.js";
import { drawMessages } from "./message.js";
import { channelName, state } from "./state.js";
import { tried } from "./toast.js";

let shown = null;

export const title = () => `Thread in ${channelName(state.thread.channel)}`;

export const topics = ["channel:", "people", "channels"];

export async function draw(body) {
  const { channel, ts } = state.thread;
  const answer = await tried(() => get(`channels/${channel}/threads/${ts}`));
  if (!answer || state.thread?.ts !== ts) return;
  const off = whyOff(answer.channel, answer.head);
  if (shown?.ts !== ts || shown.off !== off || !body.contains(shown.log)) {
    shown = { ts, off, log: h("div", { class: "log", role: "log", "aria-label": "Thread", tabindex: "0" }) };
    body.replaceChildren(h("div", { class: "scroll" }, shown.log), composer({ channel: answer.channel, thread: answer.head }));
  }
  const count = answer.replies.length;
  const words = count === 0 ? "No replies yet" : count === 1 ? "1 reply" : `${count} replies`;
  const listed = [{ key: answer.head.ts, message: answer.head }, { key: "count", day: words, node: () => h("div", { class: "day" }, words) }];
  const scroll = shown.log.parentElement;
  const atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80;
  drawMessages(shown.log, [...listed, ...answer.replies.map((message) => ({ key: message.ts, message }))], { inThread: true });
  if (atEnd && count > (shown.count ?? count)) scroll.scrollTop = scroll.scrollHeight;
  shown.count = count;
}
