// Moving about: which conversation, thread or panel is shown. The address bar follows, so that links work.

import { changed, state } from "./state.js";

export function openChannel(id, event) {
  event?.preventDefault();
  if (event?.metaKey || event?.ctrlKey) return;
  if (state.place.kind === "channel" && state.place.id === id) return closeSide();
  state.place = { kind: "channel", id };
  if (state.pane === "thread") closePane();
  remember(`/archives/${id}`);
}

export function openHome(tab = "home") {
  state.place = { kind: "home", tab };
  if (state.pane === "thread") closePane();
  remember("/home");
}

export function openGallery() {
  state.place = { kind: "gallery" };
  if (state.pane === "thread") closePane();
  remember("/gallery");
}

export function openThread(channel, ts) {
  state.thread = { channel, ts };
  openPane("thread");
}

export function openPane(name) {
  state.pane = name;
  closeSide();
  changed("pane");
}

export function closePane() {
  state.pane = null;
  state.thread = null;
  changed("pane");
}

export function openSide() {
  document.getElementById("app").classList.add("sideopen");
  document.querySelector("#side .row")?.focus();
}

export function closeSide() {
  document.getElementById("app").classList.remove("sideopen");
}

function remember(path) {
  if (location.pathname !== path) history.pushState(null, "", path);
  closeSide();
  changed("place");
}

// Read the address bar: /archives/C…/p1700000000123456 names a message, ?thread_ts=… its thread.
export function fromAddress() {
  const found = /^\/archives\/([A-Z0-9]+)(?:\/p(\d+)(\d{6}))?$/.exec(location.pathname);
  if (location.pathname === "/gallery") state.place = { kind: "gallery" };
  else if (location.pathname === "/home") state.place = { kind: "home", tab: "home" };
  else if (found) {
    state.place = { kind: "channel", id: found[1], target: found[2] ? `${found[2]}.${found[3]}` : null };
    const thread = new URLSearchParams(location.search).get("thread_ts");
    if (thread) {
      state.thread = { channel: found[1], ts: thread };
      state.pane = "thread";
    }
  }
}
