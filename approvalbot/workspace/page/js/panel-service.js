// The waiting service: who waits, what the bot called back, what access it told us to give.

import { get } from "./api.js";
import { exactClock } from "./dates.js";
import { fill, h } from "./dom.js";
import { answerText, statusChip, waitLine } from "./results.js";
import { tried } from "./toast.js";

export const title = () => "Waiting service";
export const topics = ["service"];

export async function draw(body) {
  const held = await tried(() => get("service"));
  if (!held) return;
  const newest = (list) => [...list].reverse();
  fill(
    body,
    h("div", { class: "panel" },
      h("p", { class: "quiet" }, "This plays the service that sent an event and will not go on without an answer, and the one that gives and takes access. It verifies every signature."),
      part("Waiting for an answer", newest(held.waits).map(waitTile), "Nobody waits. Send a sample event that does."),
      part("Access", newest(held.grants).map(grantTile), "No access was given yet."),
      part("Deliveries from the bot", newest(held.received).map(receivedTile), "The bot has not called back yet."),
      held.behaviours.length > 0 && part("Told to misbehave", held.behaviours.map((one) => h("div", { class: "tile" }, `${one.endpoint}: HTTP ${one.status}, ${one.times ?? "all"} more`)), "")),
  );
}

function part(title, tiles, otherwise) {
  return h("section", {}, h("h3", {}, title), ...(tiles.length ? tiles : [h("p", { class: "quiet" }, otherwise)]));
}

const json = (words, value) => h("details", {}, h("summary", {}, words), h("pre", {}, typeof value === "string" ? answerText(value) : JSON.stringify(value, null, 2)));

function waitTile(wait) {
  return h("div", { class: "tile" }, waitLine(wait), h("span", { class: "about" }, `since ${exactClock(wait.at_s)}, asked ${wait.polls} times`),
    wait.answer && json("The answer", wait.answer));
}

function grantTile(grant) {
  const who = grant.order.requester?.name ?? grant.order.requester?.id ?? "";
  const ended = grant.ended_at_s ? `, ended ${exactClock(grant.ended_at_s)}` : "";
  return h("div", { class: "tile" },
    h("div", { class: "inline" }, h("span", { class: grant.state === "active" ? "status good" : "status" }, grant.state), h("b", {}, grant.order.entitlement ?? grant.key), h("span", { class: "quiet" }, who)),
    h("span", { class: "about" }, `${grant.ref}, since ${exactClock(grant.started_at_s)}${ended}`),
    json("The order", grant.order));
}

function receivedTile(one) {
  return h("div", { class: "tile" },
    h("div", { class: "inline" }, statusChip(one.status), h("b", {}, one.kind || one.endpoint), h("span", { class: one.verified ? "status good" : "status bad" }, one.verified ? "verified" : "not verified"), one.repeats > 0 && h("span", { class: "status warn" }, `repeat ${one.repeats}`)),
    h("span", { class: "about" }, `${exactClock(one.at_s)} · ${one.webhook_id}${one.fault ? ` · ${one.fault}` : ""}`),
    json("The body", one.body));
}
