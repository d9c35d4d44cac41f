// The app's Home tab.

import { get, post } from "./api.js";
import { blocks } from "./blocks.js";
import { fill, h, iconButton } from "./dom.js";
import { openChannel, openSide } from "./going.js";
import { avatar } from "./people.js";
import { isApp, state } from "./state.js";
import { Surface } from "./surface.js";
import { tried } from "./toast.js";

let shown = null; // {hash, surface}
let visited = false;

export async function showHome(root, { arriving = false } = {}) {
  if (arriving || !visited) {
    visited = true;
    shown = null;
    // The app hears that its Home was opened, and may publish a new one; it appears by itself when it comes.
    tried(() => post("home", { tab: "home" }));
  }
  const answer = await tried(() => get("home"));
  if (!answer || state.place.kind !== "home") return;
  if (shown && shown.hash === answer.view?.hash && root.contains(shown.body)) return;
  draw(root, answer.view);
}

export function leaveHome() {
  visited = false;
  shown = null;
}

function draw(root, view) {
  const surface = shown?.surface ?? new Surface("home", { home: true });
  surface.state = view?.state ?? {};
  surface.forget();
  const app = state.names.app;
  const direct = state.channels.find((one) => one.is_im && isApp(one.with));
  const head = h("div", { class: "heading" }, iconButton("menu", "Conversations", openSide, { class: "iconbutton menubutton" }), avatar(app.user_id, "small"), h("h1", {}, app.name));
  const tabs = h("div", { class: "tabs", role: "tablist" },
    h("button", { type: "button", role: "tab", "aria-selected": "true" }, "Home"),
    direct && h("button", { type: "button", role: "tab", "aria-selected": "false", on: { click: () => openChannel(direct.id) } }, "Messages"));
  const empty = h("div", { class: "empty" }, h("h3", {}, "No Home tab yet"), h("p", {}, `${app.name} has not published one for you.`));
  const body = h("div", { class: "scroll" }, view ? h("div", { class: "homebody" }, blocks(view.blocks, surface)) : empty);
  shown = { hash: view?.hash, surface, body };
  fill(root, head, tabs, body);
}
