"""The stage of a play: a whole bot whose workers work by themselves, and a page of the workspace for each person.

`Play.picture` photographs what the test has just looked at, when pytest runs with `--take-pictures`; the docs show
those pictures, so they are of what the tests have seen. Look at them before you commit them.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from approvalbot.store import keys
from approvalbot.wiring.homes import draw_due, make_home
from tests.bot import Bot

IMAGES = Path(__file__).parent.parent.parent / "docs" / "images"

PATIENCE_MS = 15_000
"""Within this every expectation of a play must come true: generous, for a busy machine."""

DESKTOP, PHONE = 975, 390
"""Widths in CSS pixels: without the workspace's side panel, and of a usual phone."""


class Workers:
    """Performs what is handed on, as worker processes would, until the play is over."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._over = threading.Event()
        self.lock = threading.Lock()
        self._thread = threading.Thread(target=self._work, name="workers")

    @contextmanager
    def working(self) -> Iterator[None]:
        self._thread.start()
        try:
            yield
        finally:
            self._over.set()
            self._thread.join()

    def _work(self) -> None:
        home = make_home(self._bot.house)
        while not self._over.wait(0.02):
            with self.lock:
                self._bot.settle()
                draw_due(self._bot.house, home)
                self._bot.house.redis.set(keys.AUDITOR, str(time.time()))


class Play:
    """One play."""

    def __init__(self, bot: Bot, browser: Browser, workers: Workers, *, pictures: bool) -> None:
        self.bot = bot
        self._browser = browser
        self._workers = workers
        self._pictures = pictures
        self._contexts: list[BrowserContext] = []

    def page(self, name: str, where: str = "", *, width: int = DESKTOP, scheme: str = "light") -> Page:
        """The workspace as somebody sees it: `name` is Ann, Bob, Cat, Dan or Eve, `where` a channel with its #."""
        context = self._browser.new_context(
            viewport={"width": width, "height": 900},
            device_scale_factor=1.5 if self._pictures else 1,
            color_scheme="dark" if scheme == "dark" else "light",
            reduced_motion="reduce",
            timezone_id="UTC",
        )
        context.set_default_timeout(PATIENCE_MS)
        self._contexts.append(context)
        context.request.post(f"{self.bot.workspace}/local/session", data={"user": f"U0{name.upper()}"})
        page = context.new_page()
        page.goto(f"{self.bot.workspace}{self._path(where)}")
        expect(page.locator(".composer, .homebody, .empty").first).to_be_visible(timeout=PATIENCE_MS)
        return page

    def direct(self, name: str) -> str:
        """The id of somebody's direct messages with the app."""
        with self.bot.hands(name.upper()) as hands:
            return hands.app_dm()

    def later(self, request_id: str, *, minutes: float) -> None:
        """Let time pass for one request, and do what is due then."""
        with self._workers.lock:
            self.bot.later(request_id, timedelta(minutes=minutes))

    def picture(self, shown: Locator | Page, name: str) -> None:
        """Photograph what was just seen, for `docs/images/NAME.png`."""
        if not self._pictures:
            return
        page = shown if isinstance(shown, Page) else shown.page
        # Neither the pointer nor the focus of the last press shows what a reader would not see.
        page.mouse.move(0, 0)
        page.evaluate("document.activeElement?.blur()")
        shown.screenshot(path=IMAGES / f"{name}.png", animations="disabled")

    def close(self) -> None:
        for context in self._contexts:
            context.close()

    def _path(self, where: str) -> str:
        return f"/archives/{self._id_of(where)}" if where.startswith("#") else where or "/"

    def _id_of(self, channel: str) -> str:
        with self.bot.hands("ANN") as ann:
            return str(ann.channels()[channel.removeprefix("#")]["id"])


def card(page: Page, words: str) -> Locator:
    """The newest message in the channel that says `words`."""
    return page.locator(".message").filter(has_text=words).last


def says(shown: Locator, *words: str) -> None:
    """Wait until it says all of these."""
    for one in words:
        expect(shown).to_contain_text(one, timeout=PATIENCE_MS)
