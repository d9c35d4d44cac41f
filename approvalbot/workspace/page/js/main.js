// The start of the page: sign in, draw, and keep up with what changes.

import { get, post } from "./api.js";
import { leaveChannel, showChannel } from "./channel.js";
import { watchModals } from "./dialogs.js";
import { fill, h } from "./dom.js";
import { leaveGallery, showGallery } from "./gallery.js";
import { closeSide, fromAddress } from "./going.js";
import { leaveHome, showHome } from "./home.js";
import { watchPanes } from "./panes.js";
import { refresh as refreshSidebar, watchSidebar } from "./sidebar.js";
import { changed, learn, state, when } from "./state.js";
import { toast } from "./toast.js";
import { draw as drawTopbar, startTheme, watchTopbar } from "./topbar.js";

const FIRST_CHANNEL = "general";
const main = document.getElementById("main");
let stream = null;
let since = 0; // the number of the last change before the page read anything: none between is lost
let place = ""; // what the main area shows now

async function signIn(user) {
  state.me = null;
  const answer = user ? await post("session", { user }) : await whoIsHere();
  state.me = answer.user;
  since = answer.n;
}

// The session of the cookie, or a new one: the person of last time, else the one the workspace starts with.
async function whoIsHere() {
  try {
    return await get("session");
  } catch (fault) {
    if (fault.status !== 401) throw fault;
  }
  const last = localStorage.getItem("persona");
  const user = state.names.personById.has(last) ? last : state.names.start_persona;
  return post("session", { user });
}

async function start() {
  startTheme();
  learn(await get("directory"));
  await signIn(null);
  fromAddress();
  watchSidebar();
  watchTopbar(switchPerson);
  watchModals();
  watchPanes();
  for (const topic of ["place", "channel", "people"]) when(topic, drawMain);
  when("home:", (topics) => topics.includes(`home:${state.me.id}`) && drawMain());
  when("people", relearn);
  when("app", relearn);
  when("traffic", askBot);
  addEventListener("popstate", () => {
    fromAddress();
    changed("place", "pane");
  });
  document.getElementById("app").addEventListener("click", (event) => event.target.id === "app" && closeSide());
  addEventListener("keydown", (event) => event.key === "Escape" && closeSide());
  await everything();
  listen();
}

async function everything() {
  drawTopbar();
  await refreshSidebar();
  if (state.place.kind === "none") state.place = { kind: "channel", id: firstChannel() };
  changed("place", "pane", `modal:${state.me.id}`, "traffic");
}

function firstChannel() {
  const unread = state.channels.find((one) => one.unread && !one.is_im);
  return (unread ?? state.channels.find((one) => one.name === FIRST_CHANNEL) ?? state.channels[0])?.id;
}

async function switchPerson(user) {
  await signIn(user);
  localStorage.setItem("persona", user);
  leaveChannel();
  leaveHome();
  leaveGallery();
  place = "";
  learn(await get("directory"));
  await everything();
}

async function relearn() {
  learn(await get("directory"));
  state.me = { ...state.me, ...state.names.personById.get(state.me.id) };
  drawTopbar();
  changed("names");
}

function drawMain(topics = []) {
  const now = JSON.stringify([state.me.id, state.place.kind, state.place.id]);
  const arriving = now !== place;
  place = now;
  if (state.place.kind !== "channel") leaveChannel();
  if (state.place.kind !== "home") leaveHome();
  if (state.place.kind !== "gallery") leaveGallery();
  if (state.place.kind === "home") return showHome(main, { arriving });
  if (state.place.kind === "gallery") return showGallery(main);
  const mine = [`channel:${state.place.id}`, "place", "people", "channels", "*"];
  return topics.some((topic) => mine.includes(topic)) ? showChannel(main) : null;
}

async function askBot() {
  const answer = await get("traffic?direction=delivery").catch(() => null);
  const last = answer?.entries.filter((one) => one.status !== null || one.failure).at(-1);
  const bot = last ? last.ok : null;
  if (bot !== state.bot) {
    state.bot = bot;
    changed("bot");
  }
}

// Changes arrive as server-sent events. The browser reconnects by itself and says what it saw last.
function listen() {
  stream?.close();
  stream = new EventSource(`/local/stream?since=${since}`);
  let lost = false;
  stream.addEventListener("change", (event) => changed(...JSON.parse(event.data).topics));
  stream.addEventListener("hello", async () => {
    if (!lost) return;
    lost = false;
    // Sessions end with the workspace's process: after its restart this tab goes on as whom it shows.
    if (!(await get("session").catch(() => null))) await signIn(state.me.id);
    await everything();
  });
  stream.addEventListener("error", () => {
    if (!lost) toast("The local workspace does not answer; trying again.");
    lost = true;
  });
}

start().catch((fault) => fill(main, h("div", { class: "empty" }, h("h3", {}, "The page could not start"), h("p", {}, fault.message))));
