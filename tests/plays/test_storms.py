"""Storms and outages, as approvers see them: one digest for a hundred requests, and what comes when Slack is back."""

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from redis import Redis

from approvalbot.flow.audit import sweep
from approvalbot.store.outbox import Clockwork
from tests.bot import Bot, running_bot
from tests.plays.stage import DESKTOP, PATIENCE_MS, PHONE, Play, Workers, card, says

pytestmark = pytest.mark.browser

MANY = 100
SERVICES = ("shop", "payments", "search", "login")
WAITING = re.compile(r"\d+ requests wait here")


class Sweeping(Workers):
    """Workers that also come again for what was put back, as the clock of a worker process does."""

    def _work(self) -> None:
        clockwork = Clockwork(self._bot.house.redis)
        while not self._over.wait(0.02):
            with self.lock:
                sweep(clockwork, self._bot.carrier)
                self._bot.settle(most=5000)


@pytest.fixture
def limited_play(
    redis: Redis,
    valkey_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    browser: Browser,
    request: pytest.FixtureRequest,
) -> Iterator[Play]:
    """A play on a workspace that counts calls as Slack does."""
    with running_bot(valkey_url, tmp_path, monkeypatch, limited=True) as bot:
        workers = Sweeping(bot)
        with workers.working():
            made = Play(bot, browser, workers, pictures=bool(request.config.getoption("--take-pictures")))
            yield made
            made.close()


def storm(bot: Bot) -> list[str]:
    """A hundred deploys of four services, at once."""
    sent = (
        bot.deploy(
            id=f"storm-{n}",
            sha=f"{n:08x}",
            resource={"id": f"acme/{SERVICES[n * len(SERVICES) // MANY]}"},
            actor={"id": "eve@example.com", "name": "Eve Eade"},
        )
        for n in range(MANY)
    )
    return [str(one.json()["id"]) for one in sent]


def test_a_storm_of_a_hundred_is_one_digest(limited_play: Play) -> None:
    bob = limited_play.page("bob", "#deploys")
    requests = storm(limited_play.bot)
    digest = bob.locator(".message").filter(has_text=WAITING)

    expect(digest).to_contain_text("91 requests wait here", timeout=PATIENCE_MS)
    expect(digest).to_have_count(1)
    words = " ".join(bob.locator(".message").all_inner_texts())
    assert [one for one in requests if one[:6] not in words] == []
    says(digest, "Slack is limiting posts", "acme/login")
    bob.set_viewport_size({"width": DESKTOP, "height": 1250})
    digest.get_by_text("acme/login").scroll_into_view_if_needed()
    limited_play.picture(bob, "play-storm-digest")

    # The item on top is decided here; it moves below and says how, and the next gets its buttons.
    first = digest.get_by_role("button", name="Approve", exact=False).first
    named = str(first.get_attribute("aria-label"))[len("Approve request ") :][:6]
    first.click()
    says(digest, "90 requests wait here", "Approved by", f"{named}")
    expect(digest.get_by_role("button", name=f"Approve request {named}")).to_have_count(0)

    digest.get_by_role("button", name="Deny", exact=False).first.click()
    form = bob.get_by_role("dialog")
    expect(form).to_contain_text("Deny request")
    form.get_by_role("button", name="Deny").wait_for()
    bob.keyboard.press("Escape")

    # Nobody who may not decide on a card may here.
    ann = limited_play.page("ann", "#deploys", width=PHONE)
    seen = ann.locator(".message").filter(has_text=WAITING)
    says(seen, "90 requests wait here")
    seen.get_by_role("button", name="Approve", exact=False).first.scroll_into_view_if_needed()
    limited_play.picture(ann, "play-storm-phone")
    seen.get_by_role("button", name="Approve", exact=False).first.click()
    expect(ann.locator(".message", has_text="not decide it")).to_be_visible(timeout=PATIENCE_MS)


def test_slack_fails_and_comes_back(limited_play: Play) -> None:
    bot = limited_play.bot
    bob = limited_play.page("bob", "#deploys")
    with bot.hands("BOB") as hands:
        hands.fault("http_error", "chat.postMessage", times=None, status=503)
        request = bot.deploy().json()["id"]
        tried = threading.Event()
        hands.wait_for(lambda: hands.traffic("call", what="chat.postMessage") or tried.is_set())
        assert bob.locator(".message").filter(has_text="wants to deploy").count() == 0
        limited_play.later(request, minutes=4)
        hands.clear_faults()

        late = card(bob, "acme/shop")
        says(late, "posted 4 min late")

        # A line that drops after Slack took the post: nobody knows, so it comes once more, and says so.
        hands.fault("drop", "chat.postMessage", times=1)
        bot.deploy(id="deploy-2", sha="5e1f0c2b", resource={"id": "acme/payments"})
        twice = bob.locator(".message").filter(has_text="acme/payments")
        expect(twice).to_have_count(2, timeout=PATIENCE_MS)
        says(twice.last, "repeat of a post whose delivery was uncertain")
        twice.first.get_by_role("button", name="Approve", exact=False).click()
        pointer = bob.locator(".message").filter(has_text="This is not the current card").first
        expect(pointer).to_be_visible(timeout=PATIENCE_MS)
        expect(twice).to_have_count(1, timeout=PATIENCE_MS)
        limited_play.picture(bob, "play-slack-back")

        twice.last.get_by_role("button", name="Approve", exact=False).click()
        says(twice.last, "Approved by")
        late.get_by_role("button", name="Approve", exact=False).click()
        says(late, "Approved by")
    assert bot.request(request).allowed
