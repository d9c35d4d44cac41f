// Slack's mrkdwn: what is between < and > is a token, the rest is text with *bold*, _italic_, ~strike~ and `code`.

import { dateToken } from "./dates.js";
import { h, link } from "./dom.js";
import { withEmoji } from "./emoji.js";
import { openChannel } from "./going.js";
import { channelName, group, person, state } from "./state.js";

const unescape = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

export function userMention(id) {
  const mine = id === state.me?.id;
  return h("span", { class: mine ? "mention me" : "mention", title: person(id).title || null }, `@${person(id).real_name}`);
}

export function groupMention(id, label) {
  const held = group(id);
  const mine = held?.members.includes(state.me?.id);
  const title = held ? held.members.map((one) => person(one).real_name).join(", ") || "nobody is in it" : null;
  return h("span", { class: mine ? "mention me" : "mention", title }, held ? `@${held.handle}` : label || `@${id}`);
}

export function channelMention(id) {
  const known = state.channels.some((one) => one.id === id);
  const words = `#${channelName(id)}`;
  if (!known) return h("span", { class: "mention" }, words);
  return h("a", { class: "mention", href: `/archives/${id}`, on: { click: (event) => openChannel(id, event) } }, words);
}

export const broadcast = (range) => h("span", { class: "mention me" }, `@${range}`);

function token(inside) {
  const bar = inside.indexOf("|");
  const [what, label] = bar < 0 ? [inside, ""] : [inside.slice(0, bar), inside.slice(bar + 1)];
  if (what.startsWith("@")) return userMention(what.slice(1));
  if (what.startsWith("#")) return channelMention(what.slice(1));
  if (what.startsWith("!subteam^")) return groupMention(what.slice(9), label);
  const date = /^!date\^(\d+)\^([^^]*)(?:\^(.+))?$/.exec(what);
  if (date) {
    const shown = dateToken(Number(date[1]), unescape(date[2]));
    return date[3] ? link(unescape(date[3]), shown) : shown;
  }
  if (what.startsWith("!")) return broadcast(what.slice(1));
  return link(unescape(what), ...withEmoji(unescape(label || what)));
}

const EDGE = "(^|[\\s(\\[{'\"*_~\\u2014\\u2013:,.-])";
const AFTER = "(?=$|[\\s)\\]}'\"*_~\\u2014\\u2013:,.!?;-])";
const STYLES = [
  { pattern: new RegExp(`${EDGE}\\*(?=\\S)([^*\\n]*[^*\\s])\\*${AFTER}`), tag: "strong" },
  { pattern: new RegExp(`${EDGE}_(?=\\S)([^_\\n]*[^_\\s])_${AFTER}`), tag: "em" },
  { pattern: new RegExp(`${EDGE}~(?=\\S)([^~\\n]*[^~\\s])~${AFTER}`), tag: "s" },
];
const ADDRESS = /\bhttps?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]]/;

// Split at the first thing that is one of ours; what stands before and after it is looked at again.
function inline(text) {
  if (!text) return [];
  const code = /`([^`\n]+)`/.exec(text);
  const special = /<([^<>\n]+)>/.exec(text);
  const first = [code, special].filter(Boolean).sort((a, b) => a.index - b.index)[0];
  if (first) {
    const node = first === code ? h("code", { class: "t-code" }, unescape(code[1])) : token(special[1]);
    const styled = styledAcross(text);
    if (styled) return styled;
    return [...styles(text.slice(0, first.index)), node, ...inline(text.slice(first.index + first[0].length))];
  }
  return styles(text);
}

// Emphasis may span tokens: *see <https://…|here>*. Found before the tokens are taken out.
function styledAcross(text) {
  for (const { pattern, tag } of STYLES) {
    const found = pattern.exec(text);
    if (!found || !/[<`]/.test(found[2])) continue;
    const before = text.slice(0, found.index) + found[1];
    if ((before.match(/`/g) ?? []).length % 2 || before.lastIndexOf("<") > before.lastIndexOf(">")) continue;
    return [...inline(before), h(tag, {}, ...inline(found[2])), ...inline(text.slice(found.index + found[0].length))];
  }
  return null;
}

function styles(text) {
  for (const { pattern, tag } of STYLES) {
    const found = pattern.exec(text);
    if (!found) continue;
    const before = text.slice(0, found.index) + found[1];
    return [...styles(before), h(tag, {}, ...styles(found[2])), ...styles(text.slice(found.index + found[0].length))];
  }
  const bare = ADDRESS.exec(text);
  if (bare) {
    const address = unescape(bare[0]);
    return [...plain(text.slice(0, bare.index)), link(address, address), ...styles(text.slice(bare.index + bare[0].length))];
  }
  return plain(text);
}

const plain = (text) => withEmoji(unescape(text));

// A mrkdwn text as nodes: code fences and quotes first, then line by line.
export function mrkdwn(text) {
  const nodes = [];
  for (const [index, piece] of text.split("```").entries()) {
    if (index % 2) nodes.push(h("pre", {}, unescape(piece.replace(/^\n|\n$/g, ""))));
    else nodes.push(...lines(piece));
  }
  return nodes;
}

function lines(text) {
  const nodes = [];
  let quote = [];
  const close = () => {
    if (quote.length) nodes.push(h("blockquote", {}, ...quote.flatMap((one, at) => (at ? [h("br"), ...one] : one))));
    quote = [];
  };
  for (const [index, one] of text.split("\n").entries()) {
    const quoted = /^(?:&gt;|>) ?(.*)$/.exec(one);
    if (quoted) {
      quote.push(inline(quoted[1]));
      continue;
    }
    const after = quote.length > 0;
    close();
    if (index && !after) nodes.push(h("br"));
    nodes.push(...inline(one));
  }
  close();
  return nodes;
}

// Plain text with line breaks and, unless it says otherwise, emoji.
export function plainText(text, emoji = true) {
  const shown = text.split("\n");
  return shown.flatMap((one, index) => [index ? h("br") : null, ...(emoji ? withEmoji(one) : [one])]);
}

// A text object of Block Kit.
export function textObject(object) {
  if (!object) return [];
  return object.type === "mrkdwn" ? mrkdwn(object.text) : plainText(object.text, object.emoji !== false);
}
