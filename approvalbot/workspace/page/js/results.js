// Small pieces that several panels show: a status, a JSON text, how a wait stands.

import { exactClock } from "./dates.js";
import { h } from "./dom.js";

export function statusChip(status, failure = "") {
  if (status === null || status === undefined) return h("span", { class: failure ? "status bad" : "status warn" }, failure ? "no answer" : "under way");
  return h("span", { class: status < 300 && !failure ? "status good" : status === 429 ? "status warn" : "status bad" }, status);
}

export function answerText(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

const STATES = { waiting: "warn", released: "good", failed: "bad" };

export function waitLine(wait) {
  const outcome = wait.answer?.status;
  const words = wait.state === "waiting" ? "The service is waiting…" : wait.state === "released" ? `Released: ${outcome}` : "Gave up";
  const speed = wait.after_press_ms === null ? null : h("span", { class: "quiet" }, `${wait.after_press_ms} ms after the press`);
  const when = wait.released_at_s ? h("span", { class: "quiet" }, exactClock(wait.released_at_s)) : null;
  const good = wait.state === "released" && wait.answer?.allowed === false ? "bad" : STATES[wait.state];
  return h("span", { class: "inline" }, wait.state === "waiting" && h("span", { class: "spinner", "aria-hidden": "true" }), h("span", { class: `status ${good}` }, words), speed, when, wait.failure && h("span", { class: "quiet" }, wait.failure));
}
