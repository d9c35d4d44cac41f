// The blocks of Block Kit. An unknown one shows its type instead of nothing.

import { h, icon, link, safeLink } from "./dom.js";
import { element } from "./elements.js";
import { INPUTS } from "./inputs.js";
import { markdown } from "./markdown.js";
import { plainText, textObject } from "./mrkdwn.js";
import { richText } from "./richtext.js";

const text = (object) => h("div", { class: "t" }, ...textObject(object));

function section(block, surface) {
  const fields = block.fields?.map((one) => h("div", {}, ...textObject(one)));
  const left = [block.text && text(block.text), fields && h("div", { class: "fields" }, ...fields)];
  const accessory = block.accessory;
  const right = accessory && h("div", { class: "accessory" }, accessory.type === "image" ? image(accessory) : element(surface, block, accessory));
  return h("div", { class: "b-section" }, h("div", {}, ...left), right);
}

// Pictures of this machine are shown; others are links, so that the page asks nobody outside for anything.
function image(one) {
  const address = one.image_url ? safeLink(one.image_url) : null;
  if (address && new URL(address).origin === location.origin) return h("img", { src: address, alt: one.alt_text, title: one.alt_text });
  const words = `Picture: ${one.alt_text}`;
  return h("span", { class: "elsewhere" }, address ? link(address, words) : words);
}

function input(block, surface) {
  const one = block.element;
  const id = surface.id(block, one);
  const fault = surface.errors[block.block_id];
  const on = {
    input: (value) => surface.put(block, one, value),
    commit: (value) => block.dispatch_action && surface.press(block, one, value, nodes[0]),
    enter: block.dispatch_action ? (value) => surface.press(block, one, value, nodes[0]) : null,
  };
  const wants = one.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  if (block.dispatch_action && wants.includes("on_character_entered")) {
    const put = on.input;
    on.input = (value) => {
      put(value);
      surface.press(block, one, value, null);
    };
  }
  const nodes = (INPUTS[one.type] ?? (() => [h("span", { class: "placeholder" }, one.type)]))(one, surface.value(block, one), on, id, surface, block);
  const grouped = one.type === "checkboxes" || one.type === "radio_buttons";
  const label = h(grouped ? "div" : "label", { for: grouped ? null : id, id: `${id}-label`, class: grouped ? "legend" : null }, ...textObject(block.label),
    block.optional && h("span", { class: "optional" }, " (optional)"));
  const hint = block.hint && h("div", { class: "hint", id: `${id}-hint` }, ...textObject(block.hint));
  const problem = fault && h("div", { class: "fault", id: `${id}-fault`, role: "alert" }, icon("warning"), h("span", {}, fault));
  const control = grouped ? nodes[0] : nodes[0].querySelector?.("input") ?? nodes[0];
  control.setAttribute("aria-labelledby", `${id}-label`);
  const described = [problem && `${id}-fault`, hint && `${id}-hint`].filter(Boolean).join(" ");
  if (described) control.setAttribute("aria-describedby", described);
  if (fault) control.setAttribute("aria-invalid", "true");
  if (!block.optional) control.setAttribute("aria-required", "true");
  return h("div", { class: "field", "data-block": block.block_id }, label, ...nodes, problem, hint);
}

function cell(one) {
  if (one.type === "rich_text") return richText(one);
  return one.type === "raw_number" ? String(one.text ?? one.value) : h("span", {}, one.text);
}

function table(block) {
  const align = (index) => block.column_settings?.[index]?.align ?? null;
  const row = (cells, tag) => h("tr", {}, ...cells.map((one, index) => h(tag, { class: align(index) }, cell(one))));
  const [first, ...rest] = block.rows;
  const inner = h("table", {}, h("thead", {}, row(first, "th")), h("tbody", {}, ...rest.map((cells) => row(cells, "td"))));
  return h("div", { class: "tablewrap", tabindex: "0", role: "region", "aria-label": "Table" }, inner);
}

function card(block, surface) {
  const buttons = block.actions && h("div", { class: "b-actions" }, ...block.actions.map((one) => element(surface, block, one)));
  return h("div", { class: "b-card" }, block.hero_image && image(block.hero_image), h("div", { class: "inner" },
    block.title && h("b", {}, ...textObject(block.title)), block.subtitle && h("div", { class: "subtitle" }, ...textObject(block.subtitle)),
    block.body && text(block.body), buttons));
}

function container(block, surface) {
  const title = block.rich_text_title ? richText(block.rich_text_title) : h("b", {}, ...textObject(block.title));
  const subtitle = block.subtitle && h("div", { class: "subtitle" }, ...textObject(block.subtitle));
  const children = blocks(block.child_blocks, surface);
  if (!block.is_collapsible) return h("div", { class: "b-container" }, h("div", { class: "inner" }, title, subtitle, children));
  return h("details", { class: "b-container", open: !block.default_collapsed }, h("summary", { class: "inner" }, title, subtitle), h("div", { class: "inner" }, children));
}

const STATUS = { pending: ["clock", "not begun"], in_progress: ["again", "under way"], complete: ["check", "done"], error: ["warning", "failed"] };

function task(one) {
  const [symbol, words] = STATUS[one.status];
  const sources = (one.sources ?? []).map((source) => link(source.url, source.text));
  return h("div", { class: "b-task" }, h("div", { class: "inline" }, icon(symbol), h("b", {}, one.title), h("span", { class: "quiet" }, words)),
    one.details && richText(one.details), one.output && richText(one.output), sources.length > 0 && h("div", { class: "inline" }, ...sources));
}

const plan = (block) => h("div", { class: "b-container" }, h("div", { class: "inner" }, h("b", {}, block.title), ...(block.tasks ?? []).map(task)));

const BLOCKS = {
  section,
  header: (block) => h("div", { class: "b-header", role: "heading", "aria-level": "3" }, ...textObject(block.text)),
  divider: () => h("hr"),
  context: (block) => h("div", { class: "b-context" }, ...block.elements.map((one) => (one.type === "image" ? image(one) : h("span", {}, ...textObject(one))))),
  actions: (block, surface) => h("div", { class: "b-actions" }, ...block.elements.map((one) => element(surface, block, one))),
  context_actions: (block, surface) => h("div", { class: "b-actions" }, ...block.elements.map((one) => element(surface, block, one))),
  image: (block) => h("div", { class: "b-image" }, block.title && h("div", { class: "quiet" }, ...textObject(block.title)), image(block)),
  input,
  rich_text: (block) => richText(block),
  markdown: (block) => markdown(block.text),
  table: (block) => table(block),
  video: (block) => h("div", { class: "placeholder" }, icon("outward"), link(block.title_url ?? block.video_url, ...textObject(block.title))),
  alert: (block) => h("div", { class: `b-alert ${block.level ?? "default"}`, role: "note" }, icon("warning"), text(block.text)),
  card,
  carousel: (block, surface) => h("div", { class: "b-carousel", tabindex: "0", role: "group", "aria-label": "Cards" }, ...block.elements.map((one) => card(one, surface))),
  container,
  plan,
  task_card: (block) => h("div", { class: "b-container" }, h("div", { class: "inner" }, task(block))),
  file: (block) => h("div", { class: "placeholder" }, icon("archive"), `A file from elsewhere: ${block.external_id}`),
};

// All blocks of a surface.
export function blocks(list, surface) {
  return h("div", { class: "blocks" }, ...list.map((block) => {
    const draw = BLOCKS[block.type];
    return draw ? draw(block, surface) : h("div", { class: "placeholder" }, ...plainText(`a block of type ${block.type}`, false));
  }));
}
