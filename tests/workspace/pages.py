"""Opening the page as a person, and what the page tests post to it."""

from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, expect
from slack_sdk import WebClient

from approvalbot.workspace.serving import Running


def open_page(
    context: BrowserContext, running: Running, user: str = "U0ANN", path: str = "/archives/C0GENERAL"
) -> Page:
    context.request.post(f"{running.url}/local/session", data={"user": user})
    page = context.new_page()
    page.goto(running.url + path)
    expect(page.locator(".composer, .homebody, .empty, .gallery").first).to_be_visible()
    return page


def card(*blocks: dict[str, Any], client: WebClient, text: str = "card") -> str:
    return str(client.chat_postMessage(channel="#general", text=text, blocks=list(blocks))["ts"])


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def last(page: Page) -> Locator:
    return page.locator(".message").last
