// Pages work without this. With it a request's page and a list hear of changes and draw themselves anew, unless somebody
// is typing. A page that nobody looks at hears nothing: browsers open six connections to one host, and no more.
"use strict";

const live = document.querySelector("[data-live]");
const LIST_EVERY_MS = 1500;
let source = null;

// A form that is on its way changes the request too; the page it leads to must not be overtaken by this one.
let leaving = false;
window.addEventListener("beforeunload", () => {
  leaving = true;
});

function typing() {
  const form = document.activeElement && document.activeElement.closest("form");
  return Boolean(form && live.contains(form));
}

// A form that somebody has opened in a list must not close under their hands.
function opened() {
  return live.dataset.live === "list" && live.querySelector("details[open]") !== null;
}

function tellInstead() {
  if (document.querySelector(".stale")) return;
  const note = document.createElement("p");
  note.className = "note stale";
  note.setAttribute("role", "status");
  const link = document.createElement("a");
  link.href = location.pathname + location.search;
  link.textContent = "Look again";
  note.append(live.dataset.live === "request" ? "This request has changed. " : "This list has changed. ", link);
  live.prepend(note);
}

async function drawList() {
  const answer = await fetch(location.href, { redirect: "manual" });
  if (!answer.ok) return location.reload();
  const drawn = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-live='list']");
  if (!drawn) return location.reload();
  const held = document.activeElement && document.activeElement.getAttribute("href");
  live.dataset.mark = drawn.dataset.mark;
  live.replaceChildren(...drawn.childNodes);
  const again = held && live.querySelector(`a[href="${CSS.escape(held)}"]`);
  if (again) again.focus();
}

function changed() {
  stop();
  if (live.dataset.live === "request") {
    if (leaving) return;
    if (typing()) tellInstead();
    else location.replace(location.pathname);
    return;
  }
  if (typing() || opened()) return tellInstead();
  setTimeout(() => drawList().then(listen, () => setTimeout(listen, LIST_EVERY_MS)), LIST_EVERY_MS);
}

function listen() {
  if (source || document.hidden) return;
  const { id, version, mark } = live.dataset;
  const path = live.dataset.live === "request" ? `/requests/${encodeURIComponent(id)}/live?version=${version}` : `/live?after=${mark}`;
  source = new EventSource(path);
  source.addEventListener("changed", changed);
}

function stop() {
  if (source) source.close();
  source = null;
}

if (live && "EventSource" in window) {
  document.addEventListener("visibilitychange", () => (document.hidden ? stop() : listen()));
  listen();
}
