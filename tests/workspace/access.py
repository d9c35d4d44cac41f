"""What a screen reader is told, what fits, what can be read: questions put to a page in the browser."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

CONTRAST = (Path(__file__).parent / "contrast.js").read_text()
NAMED = frozenset(
    {
        *("button", "link", "textbox", "combobox", "checkbox", "radio", "switch", "menuitem", "menuitemradio", "tab"),
        *("spinbutton", "listbox", "option", "Date", "InputTime", "DateTime", "dialog", "alertdialog", "region", "log"),
        *(
            "navigation",
            "complementary",
            "article",
            "radiogroup",
            "img",
            "image",
            "heading",
            "menu",
            "toolbar",
        ),
    }
)
"""Roles that are useless without a name. A folded part is a `group` of its own accord, so groups are asked apart."""

TWICE = """() => {
  const seen = new Map();
  for (const one of document.querySelectorAll("[id]")) seen.set(one.id, (seen.get(one.id) ?? 0) + 1);
  return [...seen].filter(([, count]) => count > 1).map(([id]) => id);
}"""
DANGLING = """() => {
  const missing = [];
  for (const name of ["aria-labelledby", "aria-describedby", "aria-controls", "for"])
    for (const one of document.querySelectorAll(`[${name}]`))
      for (const id of one.getAttribute(name).split(" "))
        if (!document.getElementById(id)) missing.push(`${name}=${id}`);
  return missing;
}"""
GROUPS = """() => [...document.querySelectorAll("[role=group], fieldset")].filter((one) =>
  !one.ariaLabel && !one.getAttribute("aria-labelledby") && !one.querySelector(":scope > legend")
).map((one) => one.outerHTML.slice(0, 80))"""
NESTED = """() => [...document.querySelectorAll("button button, a button, button a, a a, label label")].map(
  (one) => one.outerHTML.slice(0, 80))"""
TOO_WIDE = """() => [...document.querySelectorAll("body *")].filter((one) => {
  const box = one.getBoundingClientRect();
  if (!box.width || box.right <= innerWidth + 1 || !one.checkVisibility({ visibilityProperty: true })) return false;
  for (let at = one.parentElement; at; at = at.parentElement) {
    const style = getComputedStyle(at);
    if (/auto|scroll|hidden/.test(style.overflowX) && at.getBoundingClientRect().right <= innerWidth + 1) return false;
  }
  return true;
}).map((one) => `${one.tagName}.${one.className}`)"""
TOO_SMALL = """() => [...document.querySelectorAll("button, select, input, summary, a.btn")].filter((one) => {
  const box = (one.closest("label") ?? one).getBoundingClientRect();
  return one.checkVisibility({ visibilityProperty: true }) && box.width && (box.width < 20 || box.height < 18);
}).map((one) => `${one.tagName}.${one.className} ${one.textContent.slice(0, 30)}`)"""


def nameless(page: Page) -> list[str]:
    """The nodes of the accessibility tree whose role needs a name and that have none."""
    session = page.context.new_cdp_session(page)
    nodes: list[dict[str, Any]] = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    found = []
    for node in nodes:
        role = str(node.get("role", {}).get("value", ""))
        if role in NAMED and not node.get("ignored") and not str(node.get("name", {}).get("value", "")).strip():
            found.append(f"{role} {node.get('description', {}).get('value', '')} #{node.get('backendDOMNodeId')}")
    return found


def complaints(page: Page) -> dict[str, list[str]]:
    """Everything that is wrong with the page as it stands, by kind; empty when nothing is."""
    found = {
        "without a name": nameless(page),
        "groups without a name": page.evaluate(GROUPS),
        "ids that stand twice": page.evaluate(TWICE),
        "names that lead nowhere": page.evaluate(DANGLING),
        "controls inside controls": page.evaluate(NESTED),
        "poor contrast": page.evaluate(CONTRAST),
        "too wide": page.evaluate(TOO_WIDE),
        "too small to press": page.evaluate(TOO_SMALL),
    }
    return {kind: cases for kind, cases in found.items() if cases}
