// Building the page out of nodes. Text is only ever set as text: there is no way here from a string to markup.

const SVG = "http://www.w3.org/2000/svg";

// An element with attributes and children. `on` holds listeners; null and false attributes are left out; `value`,
// `checked`, `disabled` and the like are set as properties. Children are nodes, texts, lists, or nothing.
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) set(element, name, value);
  append(element, children);
  return element;
}

const PROPERTIES = new Set(["value", "checked", "disabled", "selected", "multiple", "required", "hidden", "open"]);
const LINKS = new Set(["href", "src"]);

function set(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name === "on") {
    for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
  } else if (PROPERTIES.has(name)) {
    element[name] = value;
  } else if (LINKS.has(name) && !safeLink(value)) {
    return;
  } else {
    element.setAttribute(name, value === true ? "" : String(value));
  }
}

export function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false || child === "") continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return element;
}

export function fill(element, ...children) {
  element.replaceChildren();
  return append(element, children);
}

// An address that may be opened: http, https or mailto, or a place on this page's own origin. Null for the rest.
export function safeLink(address) {
  let url;
  try {
    url = new URL(String(address), location.origin);
  } catch {
    return null;
  }
  return ["http:", "https:", "mailto:"].includes(url.protocol) ? url.href : null;
}

// A link to somewhere outside; plain text when the address is not one that may be opened.
export function link(address, ...children) {
  const href = safeLink(address);
  if (href === null) return h("span", { class: "nolink", title: "this address is not opened" }, ...children);
  return h("a", { href, target: "_blank", rel: "noopener noreferrer nofollow" }, ...children);
}

export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const PATHS = {
  hash: ["M5 9h14M5 15h14M10 4 8 20M16 4l-2 16"],
  lock: ["M6 11h12v9H6zM9 11V8a3 3 0 0 1 6 0v3"],
  shared: ["M9 7a3 3 0 1 0 0 .01M15 17a3 3 0 1 0 0 .01M9.500 9.500l5 5"],
  archive: ["M4 7h16M6 7v12h12V7M10 11h4M4 4h16v3H4z"],
  menu: ["M4 7h16M4 12h16M4 17h16"],
  close: ["M6 6l12 12M18 6 6 18"],
  back: ["M14 6l-6 6 6 6"],
  down: ["M6 9l6 6 6-6"],
  more: ["M6 12h.01M12 12h.01M18 12h.01"],
  reply: ["M5 5h14v11H11l-4 4v-4H5z"],
  smile: ["M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M9 10h.01M15 10h.01M8.500 14a4.500 4.500 0 0 0 7 0"],
  link: ["M10 14l4-4M8 12l-2 2a3 3 0 0 0 4 4l2-2M16 12l2-2a3 3 0 0 0-4-4l-2 2"],
  eye: ["M3 12s3.500-6 9-6 9 6 9 6-3.500 6-9 6-9-6-9-6zM12 10a2 2 0 1 0 0 4 2 2 0 0 0 0-4"],
  send: ["M4 12l16-8-6 16-3-6z"],
  bolt: ["M13 3 5 14h6l-1 7 8-11h-6z"],
  warning: ["M12 4 2.500 20h19zM12 10v4M12 17h.01"],
  sun: ["M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.500 1.500M17.500 17.500 19 19M5 19l1.500-1.500M17.500 6.500 19 5"],
  moon: ["M20 14.500A8 8 0 1 1 9.500 4a6.500 6.500 0 0 0 10.500 10.500z"],
  pulse: ["M3 12h4l3-7 4 14 3-7h4"],
  fault: ["M12 3v6l-3 2 4 3-1 7M5 7l3 2M19 7l-3 2"],
  people: ["M9 11a3 3 0 1 0 0-.01M3 20a6 6 0 0 1 12 0M16 5.500a3 3 0 0 1 0 5.500M18 14.500a6 6 0 0 1 3 5.500"],
  service: ["M5 5h14v5H5zM5 14h14v5H5zM8 7.500h.01M8 16.500h.01"],
  inward: ["M19 5 7 17M7 9v8h8"],
  outward: ["M5 19 17 7M9 7h8v8"],
  again: ["M4 12a8 8 0 0 1 13.500-5.800L20 8.500M20 4v4.500h-4.500M20 12a8 8 0 0 1-13.500 5.800L4 15.500M4 20v-4.500h4.500"],
  plus: ["M12 5v14M5 12h14"],
  check: ["M5 12.500l4.500 4.500L19 7.500"],
  clock: ["M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 7v5l3.500 2"],
  home: ["M4 11l8-7 8 7M6 10v10h12V10"],
  command: ["M5 4h14v16H5zM9 16l5-9"],
};

// A line icon by name; it is decoration, so it is hidden from screen readers.
export function icon(name) {
  const drawn = svg("svg", { viewBox: "0 0 24 24", class: `icon icon-${name}`, "aria-hidden": "true" });
  for (const d of PATHS[name] ?? []) drawn.append(svg("path", { d }));
  return drawn;
}

// A button that shows an icon only; `label` is what it is called.
export function iconButton(name, label, onClick, attributes = {}) {
  return h(
    "button",
    { type: "button", class: "iconbutton", "aria-label": label, title: label, on: { click: onClick }, ...attributes },
    icon(name),
  );
}
