// j and k go through a list, Enter opens. Letters that act may disturb people who dictate, so they can be switched off
// (WCAG 2.1.4), and they do nothing while somebody writes.
"use strict";

const SWITCH = "approvalbot-keys";

function isOn() {
  return localStorage.getItem(SWITCH) !== "off";
}

function move(by) {
  const links = [...document.querySelectorAll("[data-live='list'] .row-link")];
  const at = links.indexOf(document.activeElement);
  const next = links[at < 0 ? (by > 0 ? 0 : links.length - 1) : at + by];
  if (next) next.focus();
}

document.addEventListener("keydown", (event) => {
  const writes = event.target.closest("input, textarea, select, [contenteditable]");
  if (!isOn() || writes || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "j" || event.key === "k") {
    event.preventDefault();
    move(event.key === "j" ? 1 : -1);
  }
});

const list = document.querySelector("[data-live='list']");
if (list) {
  const line = document.createElement("p");
  line.className = "quiet small keys";
  const words = document.createTextNode("");
  const button = document.createElement("button");
  button.className = "plain";
  const say = () => {
    words.data = isOn() ? "j and k move, Enter opens. " : "The keys j and k are off. ";
    button.textContent = isOn() ? "Switch off" : "Switch on";
  };
  line.append(words, button);
  button.addEventListener("click", () => {
    localStorage.setItem(SWITCH, isOn() ? "off" : "on");
    say();
  });
  say();
  list.after(line);
}
