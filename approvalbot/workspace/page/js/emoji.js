// Emoji as small drawings of our own: they look the same on every machine, also where no emoji font is installed.

import { h, svg } from "./dom.js";

const disc = (fill, edge) => [["circle", { cx: 10, cy: 10, r: 8, fill, stroke: edge, "stroke-width": 1 }]];
const line = (d, stroke, width = 2) => ["path", { d, fill: "none", stroke, "stroke-width": width, "stroke-linecap": "round", "stroke-linejoin": "round" }];
const shape = (d, fill) => ["path", { d, fill }];
const box = (fill) => ["rect", { x: 2, y: 2, width: 16, height: 16, rx: 3, fill }];
const dot = (cx, cy, r, fill) => ["circle", { cx, cy, r, fill }];

const SHACKLE = "M6.500 9V6.500a3.500 3.500 0 0 1 7 0V9";
const OPEN_SHACKLE = "M6.500 9V6a3.500 3.500 0 0 1 6.700-1.400";
const HAND = "M7 18V9.500L9.800 3c1.700-.2 2.200 1 2 2.500L11.400 8h4.100c1.500 0 2 1.200 1.700 2.300l-1.500 6c-.3 1.100-1 1.700-2.100 1.700z";

const ART = {
  large_yellow_circle: disc("#f2bd33", "#d9a21b"),
  large_green_circle: disc("#35a867", "#278551"),
  red_circle: disc("#dc4b41", "#b93a32"),
  large_orange_circle: disc("#ee8a34", "#cf6f1d"),
  large_blue_circle: disc("#3f7fe0", "#2f65bd"),
  large_purple_circle: disc("#8a5bc7", "#7046a8"),
  large_brown_circle: disc("#8d5a3a", "#70462b"),
  white_circle: disc("#eceff3", "#9aa6b5"),
  black_circle: disc("#2b323c", "#14181d"),
  white_check_mark: [box("#35a867"), line("M5.800 10.400l2.800 2.800 5.600-6.200", "#fff", 2.3)],
  heavy_check_mark: [line("M4 10.500l4 4L16 6", "#278551", 3)],
  ballot_box_with_check: [box("#3f7fe0"), line("M5.800 10.400l2.800 2.800 5.600-6.200", "#fff", 2.3)],
  x: [line("M4.500 4.500l11 11M15.500 4.500l-11 11", "#dc4b41", 3)],
  warning: [shape("M10 2 1.300 17.500h17.400z", "#f2bd33"), line("M10 8v4.500", "#3c2f06", 1.9), dot(10, 15, 1.1, "#3c2f06")],
  rotating_light: [shape("M4.500 13V10a5.500 5.500 0 0 1 11 0v3z", "#dc4b41"), shape("M3 13.500h14V17H3z", "#5d6877"), line("M10 1v1.600M2.800 4l1.200 1.100M17.200 4 16 5.100", "#ee8a34", 1.500), shape("M8 12V9.500a2.500 2.500 0 0 1 2.500-2.500", "#f39b94")],
  fire: [shape("M10 1.500c.6 3.200 5.500 5 5.500 10.300a5.500 5.500 0 0 1-11 0c0-2.300 1-3.800 2.200-4.800.2 1.200.7 2 1.500 2.400C8 6.500 8.600 3.600 10 1.500z", "#ee7c2f"), shape("M10 9.500c.5 1.700 2.600 2.400 2.600 4.900a2.600 2.600 0 0 1-5.200 0c0-2 1.800-2.800 2.600-4.900z", "#fbd35b")],
  eyes: [["ellipse", { cx: 5.4, cy: 10, rx: 4.2, ry: 6, fill: "#ffffff", stroke: "#5d6877", "stroke-width": 1.4 }], ["ellipse", { cx: 14.6, cy: 10, rx: 4.2, ry: 6, fill: "#ffffff", stroke: "#5d6877", "stroke-width": 1.4 }], dot(4.4, 10.5, 2.5, "#2b323c"), dot(13, 10.5, 2.5, "#2b323c")],
  speech_balloon: [shape("M10 2.500c4.700 0 8.500 2.900 8.500 6.600s-3.800 6.600-8.500 6.600c-.8 0-1.600-.1-2.400-.3L3.500 17.500l.9-3.500C2.600 12.800 1.500 11 1.500 9.100 1.500 5.400 5.300 2.500 10 2.500z", "#cfdcf5"), dot(6.500, 9.200, 1.1, "#3d5aa0"), dot(10, 9.200, 1.1, "#3d5aa0"), dot(13.500, 9.200, 1.1, "#3d5aa0")],
  lock: [line(SHACKLE, "#7d8896"), ["rect", { x: 4, y: 9, width: 12, height: 9, rx: 2, fill: "#f2bd33" }], dot(10, 13, 1.4, "#6b4b00")],
  unlock: [line(OPEN_SHACKLE, "#7d8896"), ["rect", { x: 4, y: 9, width: 12, height: 9, rx: 2, fill: "#58c08a" }], dot(10, 13, 1.4, "#10462b")],
  key: [["circle", { cx: 6.500, cy: 8, r: 3.700, fill: "none", stroke: "#d9a21b", "stroke-width": 2.3 }], line("M9.300 10.300l7.200 6.200M14 14.300l1.700-2", "#d9a21b", 2.3)],
  hourglass_flowing_sand: [shape("M5 2h10v2.500c0 2.500-3 3.700-3 5.500s3 3 3 5.500V18H5v-2.500c0-2.500 3-3.700 3-5.500S5 7 5 4.500z", "#dbe4ee"), shape("M7 15.800c1-1.500 2-2 3-2.800 1 .8 2 1.300 3 2.800V17H7z", "#d9a21b"), line("M4.500 2h11M4.500 18h11", "#8d5a3a", 1.700)],
  alarm_clock: [dot(10, 11, 7, "#dc4b41"), dot(10, 11, 5.200, "#fff"), line("M10 7.800V11l2.300 1.600", "#2b323c", 1.500), line("M3 4.500 5.300 2.800M17 4.500l-2.300-1.700", "#dc4b41", 2)],
  bell: [shape("M10 2a5 5 0 0 1 5 5c0 4.500 1.800 5.500 1.800 7H3.200C3.200 12.500 5 11.500 5 7a5 5 0 0 1 5-5z", "#f2bd33"), dot(10, 16, 2, "#d9a21b")],
  no_bell: [shape("M10 2a5 5 0 0 1 5 5c0 4.500 1.800 5.500 1.800 7H3.200C3.200 12.500 5 11.500 5 7a5 5 0 0 1 5-5z", "#b6c0cc"), line("M3 3l14 14", "#dc4b41", 2)],
  robot_face: [["rect", { x: 3, y: 5.500, width: 14, height: 11.500, rx: 3, fill: "#9fb0c3" }], dot(7.300, 10.500, 1.700, "#24507f"), dot(12.700, 10.500, 1.700, "#24507f"), line("M7.500 14h5", "#24507f", 1.500), line("M10 2.500v3", "#6f7f92", 1.700)],
  wave: [shape("M6 18c-2.500-1.500-4-4-4-6.500l2-4.200c.7-1.300 2-.7 2 .5V4.500c0-1.500 2-1.500 2.100 0l.2-1.200c.2-1.400 2.100-1.200 2 .2l.2.7c.3-1.200 2-1 1.900.4l-.3 5 2.600-2c1.200-.8 2.300.6 1.400 1.700L12.500 16c-1.700 2-4 3-6.500 2z", "#f0b95b")],
  tada: [shape("M3 17.500 7 6.500l6.500 6.500z", "#f2bd33"), line("M11 8c1-2.500 3-2 4.500-4M12.500 10c1.500-.5 3-.3 4.500.5", "#8a5bc7", 1.600), dot(10, 3.500, 1.100, "#dc4b41"), dot(17, 7, 1.100, "#3f7fe0")],
  information_source: [box("#3f7fe0"), line("M10 9.500v5", "#fff", 2.200), dot(10, 6, 1.300, "#fff")],
  no_entry: [dot(10, 10, 8.200, "#dc4b41"), line("M5.500 10h9", "#fff", 2.800)],
  no_entry_sign: [["circle", { cx: 10, cy: 10, r: 7, fill: "none", stroke: "#dc4b41", "stroke-width": 2.400 }], line("M5 5l10 10", "#dc4b41", 2.400)],
  "+1": [shape(HAND, "#f0b95b"), shape("M2.500 9.500H6V18H2.500z", "#3f7fe0")],
  "-1": [["g", { transform: "rotate(180 10 10)" }, [shape(HAND, "#f0b95b"), shape("M2.500 9.500H6V18H2.500z", "#3f7fe0")]]],
  shield: [shape("M10 1.500 17 4v5.500c0 4.500-3 7.500-7 9-4-1.500-7-4.500-7-9V4z", "#3f7fe0"), shape("M10 1.500 17 4v5.500c0 4.500-3 7.500-7 9z", "#2f65bd")],
  page_facing_up: [shape("M4.500 2h8L16 5.500V18H4.500z", "#eef1f5"), line("M7 8h6M7 11h6M7 14h4", "#7d8896", 1.300)],
  memo: [shape("M3.500 2.500h11V18h-11z", "#eef1f5"), line("M6 7h6M6 10h5", "#7d8896", 1.300), line("M9.500 15l7-8", "#ee8a34", 2.200)],
  link: [line("M8 12l4-4M7 9.500 4.800 11.700a2.500 2.500 0 0 0 3.500 3.500L10.500 13M13 10.500l2.200-2.200a2.500 2.500 0 0 0-3.500-3.500L9.500 7", "#7d8896", 2)],
  calendar: [["rect", { x: 2.500, y: 4, width: 15, height: 13.500, rx: 2, fill: "#eef1f5" }], shape("M2.500 8V6a2 2 0 0 1 2-2h11a2 2 0 0 1 2 2v2z", "#dc4b41"), line("M6 2.500v3M14 2.500v3", "#5d6877", 1.700)],
  zzz: [line("M3 5h5l-5 6h5M10.500 9h4l-4 5h4", "#3f7fe0", 1.900)],
  mag: [["circle", { cx: 8.500, cy: 8.500, r: 5, fill: "#dbe8fb", stroke: "#5d6877", "stroke-width": 2 }], line("M12.500 12.500 17 17", "#5d6877", 2.400)],
  pencil2: [shape("M3.500 2.500h11V18h-11z", "#eef1f5"), line("M8 14l8.500-9", "#ee8a34", 2.400)],
  question: [line("M6.500 7c0-4.500 7-4.500 7 0 0 2.700-3.500 2.600-3.500 5.500", "#dc4b41", 2.400), dot(10, 16.300, 1.500, "#dc4b41")],
  exclamation: [line("M10 3v9", "#dc4b41", 3), dot(10, 16.300, 1.700, "#dc4b41")],
  repeat: [box("#3f7fe0"), line("M5.500 8.500V7.300h8L12 5.500M14.500 11.500v1.200h-8L8 14.500", "#fff", 1.500)],
  rocket: [shape("M17.500 2.500c.3 5-2 9-6.500 11.500L6 9C8.500 4.500 12.500 2.200 17.500 2.500z", "#cfd8e3"), dot(12.500, 7.500, 1.700, "#3f7fe0"), shape("M5.500 9.500 2.500 11l3 1zM10.500 14.500 9 17.500l-1-3z", "#dc4b41"), line("M4 16l2.500-2.500", "#ee8a34", 2.200)],
  gear: [["circle", { cx: 10, cy: 10, r: 4.500, fill: "none", stroke: "#7d8896", "stroke-width": 3 }], line("M10 1.800v2.400M10 15.800v2.400M1.800 10h2.400M15.800 10h2.400M4.200 4.200l1.700 1.700M14.100 14.100l1.700 1.700M4.200 15.800l1.700-1.700M14.100 5.900l1.700-1.700", "#7d8896", 2.200)],
  bulb: [shape("M10 1.500a6 6 0 0 1 3.300 11v2H6.700v-2A6 6 0 0 1 10 1.500z", "#f2d24b"), line("M7.500 16.500h5M8.500 18.500h3", "#7d8896", 1.500)],
  busts_in_silhouette: [dot(7, 6.500, 3, "#5d7fb8"), shape("M1.500 17a5.500 5.500 0 0 1 11 0z", "#5d7fb8"), dot(14, 7.500, 2.400, "#8fa8d3"), shape("M13.500 17a7 7 0 0 0-1.700-4.700c2.900-1.300 6.700.5 6.700 4.700z", "#8fa8d3")],
  bust_in_silhouette: [dot(10, 6.500, 3.700, "#5d7fb8"), shape("M3 18a7 7 0 0 1 14 0z", "#5d7fb8")],
  inbox_tray: [line("M10 2v7M7 6.500 10 9.500l3-3", "#3f7fe0", 2), shape("M2.500 11H7l1 2.500h4l1-2.500h4.500v6.500h-15z", "#9fb0c3")],
  star: [shape("M10 1.800l2.500 5.300 5.800.7-4.300 4 1.200 5.800-5.200-2.900-5.200 2.900L6 11.800l-4.300-4 5.800-.7z", "#f2bd33")],
  heart: [shape("M10 17.500C4 13 1.500 10.300 1.500 7A4.300 4.300 0 0 1 10 5.300 4.300 4.300 0 0 1 18.500 7c0 3.300-2.500 6-8.500 10.500z", "#dc4b41")],
  palm_tree: [line("M10.500 18c-.7-4-.4-7 1-10", "#8d5a3a", 2), shape("M11.500 8c-3-2.500-6-2-8 1 3-1 5-.8 8-1zM11.500 8c-.5-4-3-5.500-6-5 2.500 1 4.500 2.500 6 5zM11.500 8c.5-3.500 3-4.500 6-3-2.500.3-4.300 1-6 3zM11.500 8c3-1 5.500 0 6.500 3-2-1.500-4-2.500-6.500-3z", "#35a867")],
  package: [shape("M2.500 6 10 2.500 17.500 6v8.500L10 18l-7.500-3.500z", "#c79257"), line("M2.500 6 10 9.500 17.500 6M10 9.500V18", "#8d5a3a", 1.300)],
  arrow_right: [box("#3f7fe0"), line("M5.500 10h8M10.500 6.500 14 10l-3.500 3.500", "#fff", 1.900)],
};

const ALIASES = {
  large_red_circle: "red_circle",
  hourglass: "hourglass_flowing_sand",
  thumbsup: "+1",
  thumbsdown: "-1",
  closed_lock_with_key: "lock",
  lock_with_ink_pen: "lock",
  arrows_counterclockwise: "repeat",
  clock3: "alarm_clock",
  stopwatch: "alarm_clock",
  no_good: "no_entry_sign",
  octagonal_sign: "no_entry",
  date: "calendar",
  raised_hand: "wave",
};

const CHARACTERS = {
  "🟡": "large_yellow_circle", "🟢": "large_green_circle", "🔴": "red_circle", "🟠": "large_orange_circle",
  "🔵": "large_blue_circle", "🟣": "large_purple_circle", "⚪": "white_circle", "⚫": "black_circle",
  "✅": "white_check_mark", "✔": "heavy_check_mark", "❌": "x", "⚠": "warning", "🚨": "rotating_light", "🔥": "fire",
  "👀": "eyes", "💬": "speech_balloon", "🔒": "lock", "🔓": "unlock", "🔐": "lock", "🔑": "key", "⏳": "hourglass_flowing_sand",
  "⌛": "hourglass_flowing_sand", "⏰": "alarm_clock", "🔔": "bell", "🔕": "no_bell", "🤖": "robot_face", "👋": "wave",
  "🎉": "tada", "ℹ": "information_source", "⛔": "no_entry", "🚫": "no_entry_sign", "👍": "+1", "👎": "-1", "🛡": "shield",
  "📄": "page_facing_up", "📝": "memo", "🔗": "link", "📅": "calendar", "💤": "zzz", "🔍": "mag", "❓": "question",
  "❗": "exclamation", "🔁": "repeat", "🚀": "rocket", "⚙": "gear", "💡": "bulb", "⭐": "star", "📦": "package",
};

export const OFFERED = ["+1", "white_check_mark", "eyes", "tada", "question", "x"];

const PATTERN = new RegExp(`:([a-z0-9_+'-]+):|(${Object.keys(CHARACTERS).join("|")})\\uFE0F?`, "g");

function draw(parts) {
  return parts.map(([tag, attributes, inner]) => svg(tag, attributes, ...(inner ? draw(inner) : [])));
}

// One emoji by its Slack name; the name itself in colons when there is no drawing of it.
export function emoji(name) {
  const art = ART[name] ?? ART[ALIASES[name]];
  if (!art) return h("span", {}, `:${name}:`);
  const drawn = svg("svg", { viewBox: "0 0 20 20", class: "emoji", role: "img", "aria-label": name.replaceAll("_", " ") });
  drawn.append(svg("title"), ...draw(art));
  drawn.querySelector("title").textContent = `:${name}:`;
  return drawn;
}

// A text with its emoji drawn, both `:names:` and characters. Gives a list of nodes and texts.
export function withEmoji(text) {
  const parts = [];
  let from = 0;
  for (const found of text.matchAll(PATTERN)) {
    const name = found[1] ?? CHARACTERS[found[2]];
    if (!(name in ART) && !(name in ALIASES)) continue;
    parts.push(text.slice(from, found.index), emoji(name));
    from = found.index + found[0].length;
  }
  parts.push(text.slice(from));
  return parts;
}
