// The controls that hold a value. Each takes the element, its value and two callbacks, `input` for every change and
// `commit` when the person is done with it, and gives the nodes; the first is what a label belongs to.

import { fromWallClock, toWallClock } from "./dates.js";
import { h, icon } from "./dom.js";
import { external } from "./external.js";
import { plainText, textObject } from "./mrkdwn.js";
import { person, state } from "./state.js";

const hint = (element) => element.placeholder?.text ?? null;

function textControl(type, more = {}) {
  return (element, value, on, id) => {
    const multiline = element.multiline || element.type === "rich_text_input";
    const control = h(multiline ? "textarea" : "input", {
      id,
      class: "control",
      type: multiline ? null : type,
      placeholder: hint(element),
      maxlength: element.max_length ?? null,
      min: element.min_value ?? null,
      max: element.max_value ?? null,
      ...more,
      value: value ?? "",
    });
    control.addEventListener("input", () => on.input(control.value || null));
    control.addEventListener("keydown", (event) => {
      // Enter tells the app where the input asks for that; elsewhere it sends the form it stands in.
      if (event.key === "Enter" && !multiline && on.enter) {
        event.preventDefault();
        on.enter(control.value || null);
      }
    });
    return [control];
  };
}

function optionNodes(options, chosen) {
  return options.map((one) => h("option", { value: one.value, selected: one.value === chosen }, one.text.text));
}

function choicesOf(element) {
  if (element.options) return element.options;
  return (element.option_groups ?? []).flatMap((one) => one.options);
}

// What users_, conversations_ and channels_ selects offer. deliveries/choosing.py holds what is sent to the same rules.
function peopleAndPlaces(element) {
  const kind = element.type.replace("multi_", "");
  const open = state.names.channels.filter((one) => !one.is_private && !one.is_archived);
  const offered = {
    users_select: () => state.names.people.filter((one) => !one.deleted).map((one) => [one.id, one.real_name]),
    channels_select: () => open.map((one) => [one.id, `#${one.name}`]),
    conversations_select: () => conversations(open, element.filter ?? {}),
  }[kind]();
  return offered.map(([value, words]) => ({ value, text: { type: "plain_text", text: words } }));
}

// The public channels, and whatever else the person is in, through the element's filter.
function conversations(open, filter) {
  const own = state.channels.filter((one) => !one.is_archived);
  const all = new Map([...open, ...own].map((one) => [one.id, one]));
  const passes = (one) => {
    const sort = one.is_im ? "im" : one.is_mpim ? "mpim" : one.is_private ? "private" : "public";
    if (filter.include && !filter.include.includes(sort)) return false;
    if (filter.exclude_external_shared_channels && one.is_ext_shared) return false;
    return !(filter.exclude_bot_users && one.is_im && person(one.with).kind === "bot");
  };
  return [...all.values()].filter(passes).map((one) => [one.id, one.is_im || one.is_mpim ? one.name : `#${one.name}`]);
}

function selectControl(optionsOf) {
  return (element, value, on, id) => {
    const groups = element.option_groups?.map((one) => h("optgroup", { label: one.label.text }, ...optionNodes(one.options, value)));
    const control = h(
      "select",
      { id, class: "control" },
      h("option", { value: "", selected: !value }, hint(element) ?? "Choose…"),
      ...(groups ?? optionNodes(optionsOf(element), value)),
    );
    control.addEventListener("change", () => {
      on.input(control.value || null);
      if (control.value) on.commit(control.value);
    });
    return [control];
  };
}

// Several values: chips with a remove button each, and a select that adds one.
function multiControl(optionsOf) {
  return (element, value, on, id) => {
    const options = optionsOf(element);
    const chosen = new Set(value ?? []);
    const chips = h("div", { class: "chips" });
    const adder = h("select", { id, class: "control" });
    const draw = () => {
      chips.replaceChildren(...[...chosen].map(chip));
      const left = options.filter((one) => !chosen.has(one.value));
      adder.replaceChildren(h("option", { value: "" }, hint(element) ?? "Add…"), ...optionNodes(left, null));
      adder.disabled = !left.length || chosen.size >= (element.max_selected_items ?? Infinity);
    };
    const tell = () => {
      draw();
      on.input([...chosen]);
      on.commit([...chosen]);
    };
    const chip = (one) => {
      const words = options.find((option) => option.value === one)?.text.text ?? one;
      const drop = () => {
        chosen.delete(one);
        tell();
        adder.focus();
      };
      return h("span", { class: "chip" }, words, h("button", { type: "button", "aria-label": `Remove ${words}`, on: { click: drop } }, icon("close")));
    };
    adder.addEventListener("change", () => {
      if (adder.value) chosen.add(adder.value);
      tell();
    });
    draw();
    return [adder, chips];
  };
}

function choiceList(type) {
  return (element, value, on, id) => {
    const chosen = new Set(type === "radio" ? [value] : value ?? []);
    const items = element.options.map((option, index) => {
      const box = h("input", { type, name: id, id: index ? `${id}-${index}` : id, value: option.value, checked: chosen.has(option.value) });
      box.addEventListener("change", () => {
        if (type === "radio") chosen.clear();
        if (box.checked) chosen.add(option.value);
        else chosen.delete(option.value);
        const now = type === "radio" ? option.value : [...chosen];
        on.input(now);
        on.commit(now);
      });
      const about = option.description ? h("span", { class: "about" }, ...textObject(option.description)) : null;
      return h("label", { class: "choice" }, box, h("span", {}, ...textObject(option.text)), about);
    });
    return [h("div", { class: "choices", role: type === "radio" ? "radiogroup" : "group" }, ...items)];
  };
}

function momentControl(type, toPlain = (text) => text, fromPlain = (plain) => plain ?? "") {
  return (element, value, on, id) => {
    const control = h("input", { id, class: "control", type, value: fromPlain(value) });
    control.addEventListener("change", () => {
      const plain = control.value ? toPlain(control.value) : null;
      on.input(plain);
      if (plain !== null) on.commit(plain);
    });
    return [control];
  };
}

const files = () => [h("div", { class: "placeholder" }, ...plainText("The local workspace holds no files."))];

export const INPUTS = {
  plain_text_input: textControl("text"),
  rich_text_input: textControl("text"),
  email_text_input: textControl("email", { autocomplete: "off" }),
  url_text_input: textControl("url", { autocomplete: "off" }),
  number_input: textControl("number", { step: "any" }),
  static_select: selectControl(choicesOf),
  users_select: selectControl(peopleAndPlaces),
  conversations_select: selectControl(peopleAndPlaces),
  channels_select: selectControl(peopleAndPlaces),
  multi_static_select: multiControl(choicesOf),
  multi_users_select: multiControl(peopleAndPlaces),
  multi_conversations_select: multiControl(peopleAndPlaces),
  multi_channels_select: multiControl(peopleAndPlaces),
  external_select: external(false),
  multi_external_select: external(true),
  radio_buttons: choiceList("radio"),
  checkboxes: choiceList("checkbox"),
  datepicker: momentControl("date"),
  timepicker: momentControl("time"),
  datetimepicker: momentControl("datetime-local", fromWallClock, (plain) => (plain ? toWallClock(plain) : "")),
  file_input: files,
};
