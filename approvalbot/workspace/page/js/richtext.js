// rich_text blocks: sections, lists, quotes and preformatted text. Their text elements are never parsed.

import { dateToken } from "./dates.js";
import { h, link } from "./dom.js";
import { emoji } from "./emoji.js";
import { broadcast, channelMention, groupMention, plainText, userMention } from "./mrkdwn.js";

const TAGS = { bold: "strong", italic: "em", strike: "s", underline: "u", highlight: "mark" };

function styled(nodes, style = {}) {
  let shown = nodes;
  if (style.code) shown = [h("code", { class: "t-code" }, ...shown)];
  for (const [name, tag] of Object.entries(TAGS)) if (style[name]) shown = [h(tag, {}, ...shown)];
  return shown;
}

const INLINE = {
  text: (one) => plainText(one.text, false),
  link: (one) => [link(one.url, one.text || one.url)],
  emoji: (one) => [emoji(one.name)],
  user: (one) => [userMention(one.user_id)],
  usergroup: (one) => [groupMention(one.usergroup_id)],
  channel: (one) => [channelMention(one.channel_id)],
  broadcast: (one) => [broadcast(one.range)],
  team: (one) => [h("span", { class: "mention" }, one.team_id)],
  color: (one) => [swatch(one.value), one.value],
  date: (one) => [one.url ? link(one.url, dateToken(one.timestamp, one.format)) : dateToken(one.timestamp, one.format)],
};

function swatch(value) {
  const shown = h("span", { class: "swatch" });
  shown.style.background = /^#[0-9a-f]{6}$/i.test(value) ? value : "none";
  return shown;
}

const inlines = (elements) => elements.flatMap((one) => styled(INLINE[one.type]?.(one) ?? [`[${one.type}]`], one.style));
const bare = (elements) => elements.map((one) => one.text ?? one.url ?? "").join("");

const CONTAINERS = {
  rich_text_section: (one) => h("div", {}, ...inlines(one.elements)),
  rich_text_quote: (one) => h("blockquote", {}, ...inlines(one.elements)),
  rich_text_preformatted: (one) => h("pre", {}, bare(one.elements)),
  rich_text_list: (one) => {
    const classes = [one.indent ? `indent-${one.indent}` : "", one.border ? "bordered" : ""].join(" ").trim();
    const start = one.style === "ordered" && one.offset ? one.offset + 1 : null;
    const items = one.elements.map((item) => h("li", {}, ...inlines(item.elements)));
    return h(one.style === "ordered" ? "ol" : "ul", { class: classes || null, start }, ...items);
  },
};

export function richText(block) {
  const nodes = block.elements.map((one) => CONTAINERS[one.type]?.(one) ?? h("span", {}, `[${one.type}]`));
  return h("div", { class: "rich" }, ...nodes);
}
