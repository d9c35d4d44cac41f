// The markdown block: the common part of Markdown, drawn with nodes.

import { h, link } from "./dom.js";
import { withEmoji } from "./emoji.js";

const SPANS = [
  { pattern: /`([^`\n]+)`/, node: (found) => h("code", { class: "t-code" }, found[1]) },
  { pattern: /\[([^\]\n]+)\]\(([^)\s]+)\)/, node: (found) => link(found[2], ...spans(found[1])) },
  { pattern: /\*\*(?=\S)(.+?\S)\*\*|__(?=\S)(.+?\S)__/, node: (found) => h("strong", {}, ...spans(found[1] ?? found[2])) },
  { pattern: /~~(?=\S)(.+?)~~/, node: (found) => h("s", {}, ...spans(found[1])) },
  { pattern: /(?<![*\w])\*(?=\S)([^*\n]+)\*|(?<![_\w])_(?=\S)([^_\n]+)_/, node: (found) => h("em", {}, ...spans(found[1] ?? found[2])) },
];

function spans(text) {
  let first = null;
  for (const span of SPANS) {
    const found = span.pattern.exec(text);
    if (found && (first === null || found.index < first.found.index)) first = { found, span };
  }
  if (first === null) return withEmoji(text);
  const { found, span } = first;
  return [...withEmoji(text.slice(0, found.index)), span.node(found), ...spans(text.slice(found.index + found[0].length))];
}

const LISTS = [
  { pattern: /^\s*[-*+] +(.*)$/, tag: "ul" },
  { pattern: /^\s*\d+[.)] +(.*)$/, tag: "ol" },
  { pattern: /^> ?(.*)$/, tag: "blockquote" },
];

function lineKind(line) {
  for (const { pattern, tag } of LISTS) {
    const found = pattern.exec(line);
    if (found) return { tag, text: found[1] };
  }
  const heading = /^(#{1,6}) +(.*)$/.exec(line);
  if (heading) return { tag: "heading", text: heading[2] };
  if (/^\s*([-*_])( *\1){2,}\s*$/.test(line)) return { tag: "hr", text: "" };
  return line.trim() ? { tag: "p", text: line } : { tag: "gap", text: "" };
}

function grouped(tag, texts) {
  if (tag === "hr") return h("hr");
  if (tag === "heading") return h("div", { class: "b-header", role: "heading", "aria-level": "4" }, ...spans(texts[0]));
  if (tag === "ul" || tag === "ol") return h(tag, {}, ...texts.map((one) => h("li", {}, ...spans(one))));
  return h(tag, {}, ...texts.flatMap((one, at) => [at ? h("br") : null, ...spans(one)]));
}

export function markdown(text) {
  const root = h("div", { class: "rich" });
  for (const [index, piece] of text.split(/^```.*$/m).entries()) {
    if (index % 2) root.append(h("pre", {}, piece.replace(/^\n|\n$/g, "")));
    else root.append(...paragraphs(piece));
  }
  return root;
}

function paragraphs(text) {
  const nodes = [];
  let run = null;
  const close = () => {
    if (run && run.tag !== "gap") nodes.push(grouped(run.tag, run.texts));
    run = null;
  };
  for (const line of text.split("\n")) {
    const { tag, text: words } = lineKind(line);
    if (run?.tag === tag && tag !== "heading" && tag !== "hr") run.texts.push(words);
    else {
      close();
      run = { tag, texts: [words] };
    }
  }
  close();
  return nodes;
}
