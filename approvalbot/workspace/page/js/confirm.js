// Confirm dialogs: the app's own, before a press is sent.

import { h } from "./dom.js";
import { textObject } from "./mrkdwn.js";

// Ask; gives true when the person accepts.
export function confirmDialog(confirm) {
  return new Promise((resolve) => {
    const style = confirm.style === "danger" ? "btn danger" : "btn primary";
    const dialog = h("dialog", { class: "confirm", role: "alertdialog", "aria-labelledby": "confirm-title", "aria-describedby": "confirm-text" });
    const end = (answer) => {
      dialog.close();
      dialog.remove();
      resolve(answer);
    };
    dialog.append(
      h("div", { class: "dialog-head" }, h("h2", { id: "confirm-title" }, ...textObject(confirm.title))),
      h("div", { class: "dialog-body", id: "confirm-text" }, h("p", {}, ...textObject(confirm.text))),
      h(
        "div",
        { class: "dialog-foot" },
        h("button", { type: "button", class: "btn", on: { click: () => end(false) } }, ...textObject(confirm.deny)),
        h("button", { type: "button", class: style, on: { click: () => end(true) } }, ...textObject(confirm.confirm)),
      ),
    );
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      end(false);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
