// The pane on the right: a thread, or one of the workbench's panels. Each panel says which topics it lives by.

import { fill, h, iconButton } from "./dom.js";
import * as faults from "./panel-faults.js";
import * as groups from "./panel-groups.js";
import * as rooms from "./panel-rooms.js";
import * as samples from "./panel-samples.js";
import * as service from "./panel-service.js";
import * as traffic from "./panel-traffic.js";
import { closePane } from "./going.js";
import { state, when } from "./state.js";
import * as thread from "./thread.js";

const PANELS = { thread, samples, service, traffic, faults, groups, rooms };

let shown = null;

export function watchPanes() {
  when("pane", show);
  for (const topic of new Set(Object.values(PANELS).flatMap((one) => one.topics))) {
    when(topic, () => PANELS[state.pane]?.topics.includes(topic) && PANELS[state.pane].draw(shown.body));
  }
  document.getElementById("pane").addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.target.closest("textarea, input, select")) closePane();
  });
}

// The focus goes back to what opened the pane: a row of the sidebar, or a message's thread.
function giveBack({ name, thread }) {
  const found = name === "thread" ? document.querySelector(`#main [data-ts="${CSS.escape(thread?.ts ?? "")}"] .replies`) : document.querySelector(`[data-row="panel-${name}"]`);
  (found?.checkVisibility({ visibilityProperty: true }) ? found : document.getElementById("main")).focus();
}

function show() {
  const root = document.getElementById("pane");
  const panel = PANELS[state.pane];
  root.hidden = !panel;
  if (!panel) {
    if (shown && (root.contains(document.activeElement) || document.activeElement === document.body)) giveBack(shown);
    shown = null;
    return fill(root);
  }
  const body = h("div", { class: state.pane === "thread" ? "threadbody" : "scroll" });
  const title = panel.title();
  root.setAttribute("aria-label", title);
  const heading = h("h2", { tabindex: "-1" }, title);
  fill(root, h("div", { class: "heading" }, heading, h("span", { class: "spring" }), iconButton("close", "Close this pane", closePane)), body);
  shown = { body, name: state.pane, thread: state.thread };
  heading.focus();
  panel.draw(body);
}
