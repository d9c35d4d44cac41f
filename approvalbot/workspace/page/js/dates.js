// Times in the zone of the person this tab shows, as Slack shows each reader their own.

import { h } from "./dom.js";
import { state } from "./state.js";

const zone = () => state.me?.tz || "UTC";

function format(seconds, options) {
  const moment = new Date(seconds * 1000);
  try {
    return new Intl.DateTimeFormat("en-GB", { timeZone: zone(), ...options }).format(moment);
  } catch {
    return new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", ...options }).format(moment);
  }
}

const CLOCK = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const dayKey = (seconds) => format(seconds, { year: "numeric", month: "2-digit", day: "2-digit" });

export const clock = (seconds) => format(seconds, CLOCK);
export const exactClock = (seconds) => format(seconds, { ...CLOCK, second: "2-digit" });
export const whole = (seconds) => format(seconds, { dateStyle: "full", timeStyle: "long" });

function pretty(seconds, otherwise) {
  const today = Date.now() / 1000;
  for (const [offset, word] of [[0, "today"], [86400, "tomorrow"], [-86400, "yesterday"]]) {
    if (dayKey(seconds) === dayKey(today + offset)) return word;
  }
  return otherwise;
}

const capital = (word) => word.charAt(0).toUpperCase() + word.slice(1);
const long = (seconds) => format(seconds, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const medium = (seconds) => format(seconds, { day: "numeric", month: "long", year: "numeric" });
const short = (seconds) => format(seconds, { day: "numeric", month: "short", year: "numeric" });

export const day = (seconds) => capital(pretty(seconds, format(seconds, { weekday: "long", day: "numeric", month: "long" })));

function ago(seconds) {
  const past = Math.round(Date.now() / 1000 - seconds);
  const far = Math.abs(past);
  const [count, unit] = far < 90 ? [far, "second"] : far < 5400 ? [Math.round(far / 60), "minute"]
    : far < 129600 ? [Math.round(far / 3600), "hour"] : [Math.round(far / 86400), "day"];
  const words = `${count} ${unit}${count === 1 ? "" : "s"}`;
  return past >= 0 ? `${words} ago` : `in ${words}`;
}

const TOKENS = {
  date_num: (s) => format(s, { year: "numeric", month: "2-digit", day: "2-digit" }).split("/").reverse().join("-"),
  date: medium,
  date_slash: (s) => format(s, { year: "numeric", month: "2-digit", day: "2-digit" }),
  date_short: short,
  date_long: long,
  date_pretty: (s) => pretty(s, medium(s)),
  date_short_pretty: (s) => pretty(s, short(s)),
  date_long_pretty: (s) => pretty(s, long(s)),
  day_divider_pretty: (s) => pretty(s, long(s)),
  date_long_full: long,
  time: clock,
  time_secs: exactClock,
  ago,
};

// A date token: the words around `{time}` and the like are kept, and the whole moment stands in the title.
export function dateToken(seconds, pattern) {
  const text = pattern.replace(/\{(\w+)\}/g, (found, token, at) => {
    const shown = TOKENS[token]?.(seconds);
    return shown === undefined ? found : at === 0 ? capital(shown) : shown;
  });
  const moment = new Date(seconds * 1000);
  return h("time", { class: "when", datetime: moment.toISOString(), title: whole(seconds) }, text);
}

// The Unix seconds of a wall-clock time ("2026-05-31T14:05") in the person's zone.
export function fromWallClock(text) {
  const guess = Date.parse(`${text}:00Z`) / 1000;
  if (Number.isNaN(guess)) return null;
  let seconds = guess;
  // Twice: the second pass settles a guess that fell on the other side of a change of the clocks.
  for (let pass = 0; pass < 2; pass += 1) seconds += guess - Date.parse(`${toWallClock(seconds)}:00Z`) / 1000;
  return seconds;
}

export function toWallClock(seconds) {
  const parts = Object.fromEntries(
    new Intl.DateTimeFormat("en-GB", { timeZone: zone(), year: "numeric", month: "2-digit", day: "2-digit", ...CLOCK })
      .formatToParts(new Date(seconds * 1000)).map((part) => [part.type, part.value]),
  );
  return `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`;
}
