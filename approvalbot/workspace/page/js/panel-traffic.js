// The traffic inspector: every request in and out, with its answer and how long it took.

import { get, post, remove } from "./api.js";
import { exactClock } from "./dates.js";
import { h, icon } from "./dom.js";
import { answerText, statusChip } from "./results.js";
import { person } from "./state.js";
import { toast, tried } from "./toast.js";

export const title = () => "Traffic";
export const topics = ["traffic"];

const WAYS = {
  call: ["inward", "in", "The bot calls the Web API"],
  response_url: ["inward", "in", "The bot answers by response_url"],
  service: ["inward", "in", "The bot calls the waiting service"],
  delivery: ["outward", "out", "Slack delivers to the bot"],
  sample: ["outward", "out", "A source sends an event"],
};

const SHOWN = {
  "": ["Everything", () => true],
  in: ["From the bot", (entry) => WAYS[entry.direction][1] === "in"],
  out: ["To the bot", (entry) => WAYS[entry.direction][1] === "out"],
  failed: ["What failed", (entry) => !entry.ok && entry.status !== null || Boolean(entry.failure)],
};
let filter = "";

export async function draw(body) {
  const answer = await tried(() => get("traffic"));
  if (!answer) return;
  let list = body.querySelector(".lines");
  if (!list) {
    list = h("ol", { class: "lines" });
    const pick = h("select", { class: "control", "aria-label": "Show" }, ...Object.entries(SHOWN).map(([name, [words]]) => h("option", { value: name, selected: name === filter }, words)));
    pick.addEventListener("change", () => {
      filter = pick.value;
      draw(body);
    });
    const clear = h("button", { type: "button", class: "btn slim", on: { click: () => tried(() => remove("traffic")) } }, "Clear");
    const none = h("p", { class: "quiet none" }, "Nothing of that went in or out yet.");
    body.replaceChildren(h("div", { class: "panel" }, h("div", { class: "inline" }, h("span", { class: "quiet" }, "Newest first. Blue arrows come from the bot, green ones go to it."), pick, clear), none, list));
  }
  const entries = answer.entries.filter(SHOWN[filter][1]);
  body.querySelector(".none").hidden = entries.length > 0;
  // Lines are kept as they are, so that an open one stays open; only those that changed are drawn again.
  const held = new Map([...list.children].map((node) => [node.dataset.n, node]));
  list.replaceChildren(...entries.reverse().map((entry) => {
    const old = held.get(String(entry.n));
    const sign = `${entry.status} ${entry.elapsed_ms} ${entry.failure}`;
    if (old?.sign === sign) return old;
    const node = line(entry, old?.querySelector("details").open);
    node.sign = sign;
    return node;
  }));
}

function line(entry, open = false) {
  const [symbol, way, words] = WAYS[entry.direction];
  const arrow = h("span", { class: way, title: words }, icon(symbol));
  const attempt = entry.attempt ? ` (retry ${entry.attempt})` : "";
  const took = entry.elapsed_ms === null ? "" : `${entry.elapsed_ms} ms`;
  const summary = h("summary", {}, arrow, h("span", { class: "what" }, entry.what + attempt), h("span", { class: "at" }, took), statusChip(entry.status, entry.failure));
  const details = h("details", { open }, summary);
  const reveal = () => details.children.length === 1 && details.append(detail(entry, words));
  details.addEventListener("toggle", reveal);
  if (open) reveal();
  return h("li", { class: "line", "data-n": entry.n }, details);
}

function detail(entry, words) {
  const replay = (fresh) => async () => {
    const answer = await tried(() => post(`traffic/${entry.n}/replay`, { fresh }));
    if (answer) toast(answer.entry.failure || `The bot answered HTTP ${answer.entry.status}.`, { calm: answer.entry.ok });
  };
  const who = entry.user ? `, ${person(entry.user).real_name}` : "";
  const headers = Object.entries(entry.request_headers).map(([name, value]) => `${name}: ${value}`).join("\n");
  return h("div", { class: "detail" },
    h("span", { class: "quiet" }, `${exactClock(entry.at)} · ${words}${who}`),
    entry.failure && h("div", { class: "trouble" }, icon("warning"), h("span", {}, entry.failure)),
    headers && [h("h4", {}, "Headers"), h("pre", {}, headers)],
    entry.request && [h("h4", {}, "Request"), h("pre", {}, readable(entry.request))],
    entry.answer && [h("h4", {}, "Answer"), h("pre", {}, answerText(entry.answer))],
    entry.replayable && h("div", { class: "inline" },
      h("button", { type: "button", class: "btn slim", on: { click: replay(false) } }, "Replay as captured"),
      h("button", { type: "button", class: "btn slim", on: { click: replay(true) } }, "Replay, signed anew")));
}

// A form body with a payload in it is shown as the JSON it carries.
function readable(text) {
  if (!/^[\w.-]+=/.test(text)) return answerText(text);
  const fields = new URLSearchParams(text);
  if (fields.has("payload")) return answerText(fields.get("payload"));
  return [...fields].map(([name, value]) => `${name}: ${answerText(value)}`).join("\n");
}
