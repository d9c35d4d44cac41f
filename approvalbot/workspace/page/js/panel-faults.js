// Faults: what is to go wrong, where, and how often.

import { get, post, remove } from "./api.js";
import { fill, h } from "./dom.js";
import { tried } from "./toast.js";

export const title = () => "Faults";
export const topics = ["faults"];

const CALLS = ["*", "chat.postMessage", "chat.update", "chat.postEphemeral", "views.open", "views.update", "views.publish", "users.info", "usergroups.users.list", "conversations.open"];
const DELIVERIES = ["*", "block_actions", "view_submission", "/access", "shortcut", "app_home_opened"];

// kind: [words, what it may strike, its own option: name, words, default]
const KINDS = {
  rate_limited: ["429, come again later", CALLS, ["retry_after", "Retry-After", "3"]],
  http_error: ["5xx instead of JSON", CALLS, ["status", "Status (500, 502, 503, 504)", "503"]],
  drop: ["Carry it out, then drop the line", CALLS],
  slow: ["Carry it out, answer late", CALLS, ["delay_s", "Seconds", "4"]],
  error: ["ok: false with a code", CALLS, ["error", "Error code", "internal_error"]],
  token_revoked: ["The token is revoked", CALLS],
  missing_scope: ["A scope is missing", CALLS],
  duplicate: ["Deliver twice", DELIVERIES],
  expired_trigger: ["The trigger is already dead", DELIVERIES],
  lost_socket: ["Lose the socket before delivering", DELIVERIES],
};
const NUMBERS = new Set(["status", "delay_s"]);

export async function draw(body) {
  const answer = await tried(() => get("faults"));
  if (!answer) return;
  if (!body.querySelector("form")) {
    const list = h("div", { class: "on" });
    fill(body, h("div", { class: "panel" }, h("p", { class: "quiet" }, "Order what Slack does on a bad day. A fault strikes the next calls or deliveries that fit, then it is gone."), form(), h("h3", {}, "Switched on"), list));
  }
  const all = answer.faults.length > 1 && h("button", { type: "button", class: "btn slim", on: { click: () => tried(() => remove("faults")) } }, "Switch all off");
  const none = h("p", { class: "quiet" }, "Nothing is broken on purpose.");
  fill(body.querySelector(".on"), ...(answer.faults.length ? answer.faults.map(row) : [none]), all);
}

function row(fault) {
  const [words, , option] = KINDS[fault.kind];
  const about = [fault.target === "*" ? "anything" : fault.target, fault.left === null ? "until switched off" : `${fault.left} more`, option && `${option[1].split(" (")[0]}: ${fault[option[0]]}`];
  const off = () => tried(() => remove(`faults/${fault.id}`));
  return h("div", { class: "tile" }, h("div", { class: "top" }, h("div", {}, h("b", {}, words), h("span", { class: "about" }, about.filter(Boolean).join(" · "))),
    h("button", { type: "button", class: "btn slim", "aria-label": `Switch off: ${words}`, on: { click: off } }, "Off")));
}

function form() {
  const kind = h("select", { class: "control", id: "fault-kind" }, ...Object.entries(KINDS).map(([name, [words]]) => h("option", { value: name }, words)));
  const target = h("select", { class: "control", id: "fault-target" });
  const times = h("input", { class: "control", id: "fault-times", type: "number", min: "1", value: "1", placeholder: "until switched off" });
  const option = h("div", { class: "field" });
  const follow = () => {
    const [, targets, own] = KINDS[kind.value];
    fill(target, ...targets.map((one) => h("option", { value: one }, one === "*" ? "anything" : one)));
    option.hidden = !own;
    if (own) fill(option, h("label", { for: "fault-option" }, own[1]), h("input", { class: "control", id: "fault-option", value: own[2] }));
  };
  const submit = (event) => {
    event.preventDefault();
    const order = { kind: kind.value, target: target.value, times: times.value ? Number(times.value) : null };
    const own = KINDS[kind.value][2];
    const value = option.querySelector("input")?.value;
    if (own) order[own[0]] = NUMBERS.has(own[0]) ? Number(value) : value;
    tried(() => post("faults", order));
  };
  kind.addEventListener("change", follow);
  follow();
  return h("form", { on: { submit } },
    h("div", { class: "field" }, h("label", { for: "fault-kind" }, "What goes wrong"), kind),
    h("div", { class: "grid2" }, h("div", { class: "field" }, h("label", { for: "fault-target" }, "Where"), target), h("div", { class: "field" }, h("label", { for: "fault-times" }, "How often"), times)),
    option,
    h("p", {}, h("button", { type: "submit", class: "btn accent" }, "Switch on")));
}
