// The top bar: where this is, how the bot is, light or dark, and who sits in front of the screen.

import { post } from "./api.js";
import { fill, h, icon, iconButton } from "./dom.js";
import { openMenu } from "./menu.js";
import { avatar, special } from "./people.js";
import { state, when } from "./state.js";
import { toast, tried } from "./toast.js";

let switchTo = null;

export function watchTopbar(onSwitch) {
  switchTo = onSwitch;
  when("bot", draw);
  when("people", draw);
}

export function draw() {
  const name = state.names.team.name;
  document.title = `${name} · LOCAL DEMO`;
  const root = document.getElementById("topbar");
  const kept = root.contains(document.activeElement) ? document.activeElement.className : null;
  fill(
    root,
    h("div", { class: "brand" }, h("img", { src: "/page/icon.svg", alt: "" }), h("span", {}, name)),
    h("strong", { class: "demo" }, "LOCAL DEMO"),
    h("span", { class: "demo-note" }, "A stand-in for Slack. Nothing here leaves this machine."),
    h("span", { class: "spring" }),
    botState(),
    themeButton(),
    personaButton(),
  );
  // Who pressed one of these buttons finds it again, although it is drawn anew.
  if (kept) [...root.querySelectorAll("button")].find((one) => one.className === kept)?.focus();
}

const BOT = {
  true: ["good", "is answering", "The last delivery was taken by the bot."],
  false: ["bad", "is not answering", "The last delivery failed; open Traffic for the reason."],
  null: ["", "not asked yet", "Nothing was sent to the bot yet."],
};

function botState() {
  const [color, words, about] = BOT[String(state.bot)];
  const label = `${state.names.app.name} ${words}`;
  const check = async () => {
    const outcome = await tried(() => post("app", { verify: true }));
    if (outcome) toast(outcome.failure || "The bot answered the challenge.", { calm: outcome.ok });
  };
  return h("button", { type: "button", class: "botstate", title: `${about} Press to check its address.`, "aria-label": `${label}. Check its address`, on: { click: check } },
    h("span", { class: `dot ${color}` }), h("span", { class: "label" }, label));
}

function themeButton() {
  const dark = document.documentElement.dataset.theme === "dark";
  return iconButton(dark ? "sun" : "moon", dark ? "Light colours" : "Dark colours", () => {
    setTheme(dark ? "light" : "dark");
    localStorage.setItem("theme", dark ? "light" : "dark");
    draw();
  });
}

export function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
}

// What was chosen here before, else what the system prefers, also when that changes later.
export function startTheme() {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => setTheme(localStorage.getItem("theme") ?? (system.matches ? "dark" : "light"));
  system.addEventListener("change", () => {
    apply();
    if (state.names) draw();
  });
  apply();
}

function personaButton() {
  const words = `You are ${state.me.real_name}${state.me.deleted ? " (deactivated)" : ""}. Switch person`;
  return h("button", { type: "button", class: "persona", "aria-haspopup": "menu", "aria-expanded": "false", "aria-label": words, title: words, on: { click: (event) => openMenu(event.currentTarget, personaItems(), { label: "Who are you?" }) } },
    avatar(state.me.id, "small"), h("b", {}, state.me.real_name), icon("down"));
}

function personaItems() {
  const people = state.names.people.filter((one) => one.id !== state.names.app.user_id);
  const groups = (id) => state.names.groups.filter((one) => one.members.includes(id)).map((one) => `@${one.handle}`);
  return [
    { title: "Switching starts a new session" },
    ...people.map((one) => ({
      label: one.real_name,
      about: [one.title, special(one), groups(one.id).join(" ")].filter(Boolean).join(" · "),
      lead: avatar(one.id, "small"),
      checked: one.id === state.me.id,
      choose: () => one.id !== state.me.id && switchTo(one.id),
    })),
  ];
}
