// Short notices in the corner, read out by screen readers.

import { fill, h, icon, iconButton } from "./dom.js";

const STAYS_MS = 8000;

export function toast(sentence, { calm = false } = {}) {
  const node = h("div", { class: calm ? "toast calm" : "toast" }, icon(calm ? "check" : "warning"), h("span", {}, sentence));
  node.append(iconButton("close", "Dismiss this notice", () => node.remove()));
  document.getElementById("toasts").append(node);
  setTimeout(() => node.remove(), STAYS_MS);
}

// Run something a person asked for; what goes wrong becomes a notice. Gives null then.
export async function tried(work) {
  try {
    return await work();
  } catch (fault) {
    report(fault);
    return null;
  }
}

// Say what went wrong; a tab that shows somebody else than the cookie is offered to start over.
export function report(fault) {
  if (fault.status === 409 && fault.message.includes("reload this tab")) wrongPerson(fault.message);
  else toast(fault.message);
}

function wrongPerson(sentence) {
  const reload = h("button", { type: "button", class: "btn slim accent", on: { click: () => location.reload() } }, "Reload");
  fill(document.getElementById("toasts"), h("div", { class: "toast", role: "alert" }, icon("warning"), h("span", {}, sentence), reload));
}
