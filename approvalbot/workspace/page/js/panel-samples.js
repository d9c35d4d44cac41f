// Sample events: one press sends one to the bot's webhook, signed as its source would.

import { get, post } from "./api.js";
import { fill, h } from "./dom.js";
import { openPane } from "./going.js";
import { answerText, statusChip, waitLine } from "./results.js";
import { tried } from "./toast.js";

export const title = () => "Send a sample event";
export const topics = ["service"];

const AUTHS = { standard_webhooks: "Standard Webhooks signature", bearer: "bearer key", header: "key in a header", none: "no proof" };
let samples = null;

export async function draw(body) {
  samples ??= (await tried(() => get("samples")))?.samples ?? null;
  const held = await tried(() => get("service"));
  if (!samples || !held) return;
  const intro = h("p", { class: "quiet" }, "Each event goes from the workspace's server to the bot's webhook with a fresh id, as its source would send it. No curl needed.");
  const none = h("p", {}, "The configuration names no sample events.");
  fill(body, h("div", { class: "panel" }, intro, ...(samples.length ? samples.map((one) => tile(one, held)) : [none])));
}

function tile(sample, held) {
  const send = async (event) => {
    const button = event.currentTarget;
    button.disabled = true;
    await tried(() => post(`samples/${encodeURIComponent(sample.id)}`));
    button.disabled = false;
  };
  const last = held.sent.filter((one) => one.sample === sample.id).at(-1);
  return h(
    "section",
    { class: "tile" },
    h("div", { class: "top" }, h("div", {}, h("b", {}, sample.title), h("span", { class: "about" }, sample.description)),
      h("button", { type: "button", class: "btn accent slim", "aria-label": `Send: ${sample.title}`, on: { click: send } }, "Send")),
    h("div", { class: "quiet" }, `${AUTHS[sample.auth]}${sample.wait ? " · a service waits for the answer" : ""}`),
    last && result(last, held),
  );
}

function result(sent, held) {
  const wait = held.waits.find((one) => one.number === sent.wait);
  const toService = h("button", { type: "button", class: "link", on: { click: () => openPane("service") } }, "waiting service");
  return h(
    "div",
    { class: "result" },
    h("div", { class: "inline" }, statusChip(sent.status, sent.failure), sent.elapsed_ms !== null && h("span", { class: "quiet" }, `${sent.elapsed_ms} ms`), sent.failure && h("span", {}, sent.failure)),
    h("details", {}, h("summary", {}, "What was sent"), h("pre", {}, JSON.stringify(sent.request, null, 2))),
    sent.answer && h("details", { open: !wait }, h("summary", {}, "What came back"), h("pre", {}, answerText(sent.answer))),
    wait && h("div", {}, waitLine(wait), h("span", { class: "quiet" }, " Also under "), toService),
  );
}
