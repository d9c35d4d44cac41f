// Faces and names.

import { h } from "./dom.js";
import { isApp, person } from "./state.js";

const KINDS = { guest: "guest", single_channel_guest: "single-channel guest", outsider: "other company", bot: "app" };

function hue(id) {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + letter.charCodeAt(0)) % 8;
  return sum;
}

export function avatar(id, size = "") {
  if (isApp(id)) return h("span", { class: `avatar ${size}`, "aria-hidden": "true" }, h("img", { src: "/page/icon.svg", alt: "" }));
  const one = person(id);
  const letters = one.real_name.split(/[\s-]+/).map((word) => word[0]).join("").slice(0, 2).toUpperCase();
  return h("span", { class: `avatar hue-${hue(id)} ${size}${one.deleted ? " gone" : ""}`, "aria-hidden": "true" }, letters);
}

// What is special about a person, in two or three words; empty for a full member.
export function special(one) {
  return [KINDS[one.kind], one.is_owner ? "owner" : one.is_admin && "admin", one.deleted && "deactivated"].filter(Boolean).join(", ");
}
