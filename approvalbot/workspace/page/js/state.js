// What the page knows, and who wants to hear when a part of it is out of date.

export const state = {
  me: null, // the person this tab shows
  names: null, // GET /local/directory, plus the maps below
  channels: [], // GET /local/channels
  place: { kind: "none" }, // what the main area shows: {kind: "channel", id} or {kind: "home"}
  thread: null, // {channel, ts} of the open thread
  pane: null, // name of the open panel, "thread" for a thread
  bot: null, // how the last delivery ended: true, false, or null for none yet
};

const listeners = new Map();

// Call `listener(topic)` whenever a topic that starts with `prefix` is out of date.
export function when(prefix, listener) {
  if (!listeners.has(prefix)) listeners.set(prefix, new Set());
  listeners.get(prefix).add(listener);
}

const queued = new Set();
let scheduled = false;

// Say that topics are out of date. Several in a row are told together, once for each listener, so that a burst of
// changes draws each part of the page once.
export function changed(...topics) {
  for (const topic of topics) queued.add(topic);
  if (scheduled) return;
  scheduled = true;
  setTimeout(() => {
    scheduled = false;
    const told = [...queued];
    queued.clear();
    for (const [prefix, group] of listeners) {
      const mine = told.filter((topic) => topic === "*" || topic.startsWith(prefix));
      if (mine.length) for (const listener of group) listener(mine);
    }
  }, 20);
}

export function learn(names) {
  names.personById = new Map(names.people.map((one) => [one.id, one]));
  names.groupById = new Map(names.groups.map((one) => [one.id, one]));
  names.channelById = new Map(names.channels.map((one) => [one.id, one]));
  state.names = names;
}

export const person = (id) => state.names?.personById.get(id) ?? { id, name: id, real_name: id, kind: "unknown" };
export const group = (id) => state.names?.groupById.get(id);
export const channelName = (id) =>
  state.channels.find((one) => one.id === id)?.name ?? state.names?.channelById.get(id)?.name ?? id;
export const isApp = (id) => id === state.names?.app.user_id;
