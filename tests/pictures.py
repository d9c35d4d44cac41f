"""Take the pictures of the docs anew: `.venv/bin/python -m tests.pictures`. Look at them before you commit them.

Runs the demo with data and ports of its own, sends the first sample event by the panel of the workspace's page, and
photographs the card in Debian's Chromium, at two device pixels for each CSS pixel.
"""

import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from approvalbot.cli.stage import Place, free_port, staged
from tests.browser import CHROMIUM, FLAGS
from tests.dashboard.pictures import take_dashboard

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs" / "images"
CHANNEL = "aws-approvals"
CARD = "Admin privilege escalation requested"
PATIENCE_MS = 20_000

VIEWER = "U0BOB"
"""Bob, of the on-call: one of the people who may press."""


def main() -> None:
    """Take every picture."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="approvalbot-pictures-") as folder:
        place = Place(Path(folder), ROOT / "policies", free_port(), free_port())
        with staged(place) as stage, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
            where = send_first_sample(open_page(browser, place.workspace, "/", width=1120))
            # A page opened anew shows no panel beside the card.
            take(card_of(open_page(browser, place.workspace, where, width=975)), "card.png")
            take(card_of(open_page(browser, place.workspace, where, width=390)), "phone.png")
            take_dashboard(stage, browser)
            browser.close()


def open_page(browser: Browser, workspace: str, path: str, *, width: int) -> Page:
    """A page of the workspace as the viewer sees it, tall enough for a whole card at any width."""
    context = browser.new_context(
        viewport={"width": width, "height": 1700},
        device_scale_factor=2,
        color_scheme="light",
        reduced_motion="reduce",
        timezone_id="UTC",
    )
    context.set_default_timeout(PATIENCE_MS)
    context.request.post(f"{workspace}/local/session", data={"user": VIEWER})
    page = context.new_page()
    page.goto(f"{workspace}{path}")
    return page


def send_first_sample(page: Page) -> str:
    """Press the first Send of the panel, and go to where its card appears; gives that page's path."""
    page.get_by_role("button", name="Send a sample event").click()
    page.get_by_role("button", name="Send: ").first.click()
    page.get_by_role("button", name=CHANNEL).or_(page.get_by_role("link", name=CHANNEL)).first.click()
    expect(card_of(page)).to_be_visible(timeout=PATIENCE_MS)
    return urlsplit(page.url).path


def card_of(page: Page) -> Locator:
    """The message that is the card."""
    return page.locator(".message").filter(has_text=CARD).first


def take(card: Locator, name: str) -> None:
    """Photograph the card when everything in it stands still."""
    expect(card.get_by_role("button", name="Acknowledge")).to_be_visible(timeout=PATIENCE_MS)
    # The people of the level are looked up after the card is posted, and the card is drawn anew with them.
    card.page.wait_for_timeout(1500)
    card.page.mouse.move(0, 0)
    card.screenshot(path=IMAGES / name, animations="disabled")
    sys.stdout.write(f"{IMAGES / name}\n")


if __name__ == "__main__":
    main()
