// Pages work without this. With it a page says that something changed, and draws itself anew when nobody is typing.
"use strict";

const live = document.querySelector("[data-live='request']");

// A form that is on its way changes the request too; the page it leads to must not be overtaken by this one.
let leaving = false;
window.addEventListener("beforeunload", () => {
  leaving = true;
});

function busy() {
  const form = document.activeElement && document.activeElement.closest("form");
  return Boolean(form && form.closest("main"));
}

function refresh() {
  if (busy()) {
    if (!document.querySelector(".stale")) {
      const note = document.createElement("p");
      note.className = "note stale";
      note.setAttribute("role", "status");
      const link = document.createElement("a");
      link.href = location.pathname;
      link.textContent = "Look again";
      note.append("This request has changed. ", link);
      live.prepend(note);
    }
    return;
  }
  location.replace(location.pathname);
}

if (live && "EventSource" in window) {
  const source = new EventSource(`/requests/${encodeURIComponent(live.dataset.id)}/live?version=${live.dataset.version}`);
  source.addEventListener("changed", () => {
    source.close();
    if (!leaving) {
      refresh();
    }
  });
}
