// Faults: what is to go wrong, where, and how often. What there is to choose from is the workspace's own list.

import { get, post, remove } from "./api.js";
import { fill, h } from "./dom.js";
import { tried } from "./toast.js";

export const title = () => "Faults";
export const topics = ["faults"];

let choices = null; // GET /local/faults/choices

// kind: [words, which list its targets stand in, its own option: name, words, default]
const KINDS = {
  rate_limited: ["429, come again later", "wire", ["retry_after", "Retry-After", "3"]],
  http_error: ["5xx instead of JSON", "wire", ["status", "Status", "503"]],
  drop: ["Carry it out, then drop the line", "wire"],
  slow: ["Carry it out, answer late", "wire", ["delay_s", "Seconds", "4"]],
  error: ["ok: false with a code", "calls", ["error", "Error code", "internal_error"]],
  token_revoked: ["The token is revoked", "calls"],
  missing_scope: ["A scope is missing", "calls"],
  duplicate: ["Deliver twice", "deliveries"],
  expired_trigger: ["The trigger is already dead", "deliveries"],
  lost_socket: ["Lose the socket before delivering", "deliveries"],
  refresh_socket: ["Move the socket, with a warning", "deliveries"],
};
const NUMBERS = new Set(["status", "delay_s"]);
const OFTEN = ["chat.postMessage", "chat.update", "chat.postEphemeral", "views.open", "users.info", "usergroups.users.list"];

function targets(list) {
  const methods = [...OFTEN, ...Object.keys(choices.methods).filter((one) => !OFTEN.includes(one))];
  return { calls: ["*", ...methods], wire: ["*", ...methods, "response_url"], deliveries: ["*", ...choices.deliveries] }[list];
}

export async function draw(body) {
  choices ??= await tried(() => get("faults/choices"));
  const answer = await tried(() => get("faults"));
  if (!answer || !choices) return;
  if (!body.querySelector("form")) {
    const list = h("div", { class: "on", "aria-live": "polite" });
    fill(body, h("div", { class: "panel" }, h("p", { class: "quiet" }, "Order what Slack does on a bad day. A fault strikes the next calls or deliveries that fit, then it is gone."), form(), h("h3", {}, "Switched on"), list));
  }
  const all = answer.faults.length > 1 && h("button", { type: "button", class: "btn slim", on: { click: () => tried(() => remove("faults")) } }, "Switch all off");
  const none = h("p", { class: "quiet" }, "Nothing is broken on purpose.");
  fill(body.querySelector(".on"), ...(answer.faults.length ? answer.faults.map(row) : [none]), all);
}

function row(fault) {
  const [words, , option] = KINDS[fault.kind];
  const about = [fault.target === "*" ? "anything" : fault.target, fault.left === null ? "until switched off" : `${fault.left} more`, option && `${option[1]}: ${fault[option[0]]}`, fault.after && "after carrying it out"];
  const off = () => tried(() => remove(`faults/${fault.id}`));
  return h("div", { class: "tile" }, h("div", { class: "top" }, h("div", {}, h("b", {}, words), h("span", { class: "about" }, about.filter(Boolean).join(" · "))),
    h("button", { type: "button", class: "btn slim", "aria-label": `Switch off: ${words}`, on: { click: off } }, "Off")));
}

// The control of a fault's own option: a list where Slack has one, else a field.
function ownControl([name, , value], target) {
  const listed = { status: ["500", "502", "503", "504"], error: choices.methods[target] ?? choices.any_method }[name];
  if (!listed) return h("input", { class: "control", id: "fault-option", value });
  return h("select", { class: "control", id: "fault-option" }, ...listed.map((one) => h("option", { value: one, selected: one === value }, one)));
}

function form() {
  const kind = h("select", { class: "control", id: "fault-kind" }, ...Object.entries(KINDS).map(([name, [words]]) => h("option", { value: name }, words)));
  const target = h("select", { class: "control", id: "fault-target" });
  const times = h("input", { class: "control", id: "fault-times", type: "number", min: "1", value: "1", placeholder: "until switched off" });
  const option = h("div", { class: "field" });
  const after = h("input", { type: "checkbox", id: "fault-after" });
  const late = h("label", { class: "choice" }, after, h("span", {}, "Carry the call out first"));
  const ask = () => {
    const own = KINDS[kind.value][2];
    option.hidden = !own;
    late.hidden = kind.value !== "http_error";
    fill(option, ...(own ? [h("label", { for: "fault-option" }, own[1]), ownControl(own, target.value)] : []));
  };
  const follow = () => {
    fill(target, ...targets(KINDS[kind.value][1]).map((one) => h("option", { value: one }, one === "*" ? "anything" : one)));
    ask();
  };
  const submit = (event) => {
    event.preventDefault();
    const order = { kind: kind.value, target: target.value, times: times.value ? Number(times.value) : null };
    const own = KINDS[kind.value][2];
    const value = document.getElementById("fault-option")?.value;
    if (own) order[own[0]] = NUMBERS.has(own[0]) ? Number(value) : value;
    if (!late.hidden) order.after = after.checked;
    tried(() => post("faults", order));
  };
  kind.addEventListener("change", follow);
  target.addEventListener("change", ask);
  follow();
  return h("form", { on: { submit } },
    h("div", { class: "field" }, h("label", { for: "fault-kind" }, "What goes wrong"), kind),
    h("div", { class: "grid2" }, h("div", { class: "field" }, h("label", { for: "fault-target" }, "Where"), target), h("div", { class: "field" }, h("label", { for: "fault-times" }, "How often"), times)),
    option, late,
    h("p", {}, h("button", { type: "submit", class: "btn accent" }, "Switch on")));
}
