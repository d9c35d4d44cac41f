// External selects: the bot is asked what to offer while the person types. A combobox with a list below it.

import { h, icon } from "./dom.js";

const AFTER_TYPING_MS = 200;

export const external = (several) => (element, value, on, id, surface, block) => {
  const combo = new Combo(several, element, value, on, id, surface, block);
  return [combo.root, combo.chips];
};

class Combo {
  constructor(several, element, value, on, id, surface, block) {
    Object.assign(this, { several, element, on, id, surface, block });
    surface.optionWords ??= new Map();
    for (const one of [element.initial_option, ...(element.initial_options ?? [])]) {
      if (one) surface.optionWords.set(one.value, one.text.text);
    }
    this.chosen = new Set(several ? value ?? [] : []);
    this.at = -1;
    this.timer = 0;
    this.list = h("div", { class: "menu", role: "listbox", id: `${id}-list`, hidden: true });
    this.chips = h("div", { class: "chips" });
    this.box = h("input", {
      id,
      class: "control",
      role: "combobox",
      autocomplete: "off",
      "aria-expanded": "false",
      "aria-controls": `${id}-list`,
      "aria-autocomplete": "list",
      placeholder: element.placeholder?.text ?? "Type to search…",
      value: several || !value ? "" : this.words(value),
    });
    this.box.addEventListener("input", () => this.typed());
    this.box.addEventListener("focus", () => element.min_query_length === 0 && this.offer());
    this.box.addEventListener("blur", () => this.close());
    this.box.addEventListener("keydown", (event) => this.key(event));
    this.root = h("div", { class: "combo" }, this.box, this.list);
    this.drawChips();
  }

  words(value) {
    return this.surface.optionWords.get(value) ?? value;
  }

  typed() {
    if (!this.several) this.on.input(null);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.offer(), AFTER_TYPING_MS);
  }

  // Ask the bot. Slack's default is to ask from the third character on.
  async offer() {
    if (this.box.value.length < (this.element.min_query_length ?? 3)) return this.close();
    try {
      const answer = await this.surface.suggest(this.block, this.element, this.box.value);
      const grouped = (answer.option_groups ?? []).flatMap((one) => one.options);
      const rows = [...(answer.options ?? []), ...grouped].map((option, index) => this.row(option, index));
      this.list.replaceChildren(...(rows.length ? rows : [h("div", { class: "title" }, "Nothing found")]));
    } catch (fault) {
      this.list.replaceChildren(h("div", { class: "title" }, fault.message));
    }
    this.open();
  }

  row(option, index) {
    const about = option.description ? h("span", { class: "about" }, option.description.text) : null;
    const row = h("div", { role: "option", id: `${this.id}-o${index}`, "aria-selected": "false" }, h("span", {}, option.text.text, about));
    row.option = option;
    row.addEventListener("pointerdown", (event) => {
      event.preventDefault(); // keeps the focus, so that the list is not closed before the choice
      this.choose(option);
    });
    return row;
  }

  open() {
    this.at = -1;
    this.list.hidden = false;
    this.box.setAttribute("aria-expanded", "true");
    const size = this.box.getBoundingClientRect();
    Object.assign(this.list.style, { left: `${size.left}px`, width: `${size.width}px`, top: `${size.bottom + 4}px` });
  }

  close() {
    this.list.hidden = true;
    this.box.setAttribute("aria-expanded", "false");
    this.box.removeAttribute("aria-activedescendant");
  }

  choose(option) {
    this.surface.optionWords.set(option.value, option.text.text);
    this.close();
    if (this.several) this.chosen.add(option.value);
    this.box.value = this.several ? "" : option.text.text;
    this.drawChips();
    this.tell(this.several ? [...this.chosen] : option.value);
  }

  tell(value) {
    this.on.input(value);
    this.on.commit(value);
  }

  drawChips() {
    const drop = (one) => {
      this.chosen.delete(one);
      this.drawChips();
      this.tell([...this.chosen]);
    };
    const chip = (one) => h("span", { class: "chip" }, this.words(one),
      h("button", { type: "button", "aria-label": `Remove ${this.words(one)}`, on: { click: () => drop(one) } }, icon("close")));
    this.chips.replaceChildren(...[...this.chosen].map(chip));
  }

  key(event) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (this.list.hidden) this.offer();
      else this.mark(this.at + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && this.at >= 0 && !this.list.hidden) {
      event.preventDefault();
      this.choose(this.list.children[this.at].option);
    } else if (event.key === "Escape" && !this.list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    }
  }

  mark(index) {
    const rows = [...this.list.querySelectorAll("[role=option]")];
    this.at = rows.length ? (index + rows.length) % rows.length : -1;
    rows.forEach((row, one) => row.setAttribute("aria-selected", String(one === this.at)));
    if (this.at < 0) return;
    this.box.setAttribute("aria-activedescendant", rows[this.at].id);
    rows[this.at].scrollIntoView({ block: "nearest" });
  }
}
