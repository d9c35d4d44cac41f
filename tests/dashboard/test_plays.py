"""Whole plays in a real browser: a decision in two of them, an export that somebody edited, a delivery sent again."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Page, expect
from redis import Redis

from approvalbot.wiring.trail import make_keeping
from tests.bot import Bot
from tests.dashboard.access import settled
from tests.dashboard.conftest import Open
from tests.dashboard.test_requests import asked

pytestmark = pytest.mark.browser


@pytest.fixture
def cats(dashboard: Bot, context: BrowserContext) -> Iterator[Page]:
    """Cat, who is an admin, signed in as people do: by Slack's page, in the browser."""
    opened = context.new_page()
    opened.goto(f"{dashboard.house.settings.url}/deliveries")
    opened.get_by_role("link", name="Sign in with Slack").click()
    opened.get_by_role("button", name="Cat Cole").click()
    expect(opened.get_by_role("heading", name="Deliveries")).to_be_visible()
    yield opened
    opened.close()


def verified(export: Path, keys: Path) -> subprocess.CompletedProcess[str]:
    """What `approvalbot audit verify` says of a file, with nothing but the file and the public keys."""
    return subprocess.run(  # noqa: S603 - our own command, on files of this test
        [sys.executable, "-m", "approvalbot", "audit", "verify", export, "--keys", keys],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_an_export_from_the_browser_verifies_and_an_edited_one_is_found(
    dashboard: Bot, cats: Page, browser_of: Open, tmp_path: Path
) -> None:
    name = asked(dashboard)
    browser_of("U0BOB").decide(name, "deny", reason_code="not_now", reason="freeze")
    settled(dashboard)
    make_keeping(dashboard.house).round(dashboard.house.requests.now())
    url = dashboard.house.settings.url
    keys = tmp_path / "jwks.json"
    keys.write_bytes(dashboard.http.get("/.well-known/jwks.json").content)
    cats.goto(f"{url}/trail")
    cats.get_by_role("button", name="Verify the trail").click()
    expect(cats.get_by_role("heading", name="It holds")).to_be_visible()

    cats.get_by_text("Export", exact=True).first.click()
    with cats.expect_download() as waiting:
        cats.get_by_role("button", name="Export").click()
    export = tmp_path / "trail.jsonl"
    waiting.value.save_as(export)

    whole = verified(export, keys)
    assert whole.returncode == 0, whole.stdout + whole.stderr
    text = export.read_text(encoding="utf-8")
    assert text.count("freeze") >= 1
    export.write_text(text.replace("freeze", "thawed", 1), encoding="utf-8")
    edited = verified(export, keys)
    assert edited.returncode == 1
    assert "its content does not have its hash" in edited.stdout + edited.stderr
    lines = text.splitlines(keepends=True)
    cut = next(place for place, line in enumerate(lines) if '"voted"' in line or '"what":"denied"' in line)
    export.write_text("".join(lines[:cut] + lines[cut + 1 :]), encoding="utf-8")
    assert verified(export, keys).returncode == 1, "one that is missing is found too"


def test_a_delivery_that_was_given_up_is_sent_again_and_arrives(
    dashboard: Bot, cats: Page, browser_of: Open, redis: Redis
) -> None:
    name = asked(dashboard)
    with dashboard.hands("CAT") as cat:
        cat.service_answers("callbacks", status=410, times=1)
        browser_of("U0BOB").decide(name, "approve")
        settled(dashboard)
        assert dashboard.house.outbox.given_up() == 1

        cats.reload()
        expect(cats.get_by_text("1 delivery was tried to the end of its schedule.")).to_be_visible()
        expect(cats.get_by_text("410").first).to_be_visible()
        cats.get_by_role("button", name="Send again").click()
        expect(cats.get_by_role("status").first).to_have_text("1 delivery is to be sent again.")
        expect(cats.get_by_text("Nothing was given up.")).to_be_visible()
        dashboard.carrier.send([one.id for one in dashboard.house.outbox.soonest(9)])
        settled(dashboard)

        told = [one for one in cat.service()["received"] if name in json.dumps(one)]
        assert any("request.approved" in json.dumps(one) for one in told)
    cats.reload()
    expect(cats.get_by_text("Nothing waits.")).to_be_visible()
    assert "delivery_resent" in dashboard.steps("deliveries")


def test_a_decision_of_one_browser_is_seen_in_another_and_on_the_card(
    dashboard: Bot, cats: Page, browser: Chromium, context: BrowserContext
) -> None:
    name, url = asked(dashboard), dashboard.house.settings.url
    cats.goto(f"{url}/requests/{name}")
    other = browser.new_context(viewport={"width": 390, "height": 800})
    phone = other.new_page()
    phone.goto(f"{url}/requests/{name}")
    phone.get_by_role("link", name="Sign in with Slack").click()
    phone.get_by_role("button", name="Bob Bell").click()
    expect(phone.get_by_role("heading", name="Decide", exact=True)).to_be_visible()

    phone.get_by_role("button", name="Approve", exact=True).click()
    expect(phone.get_by_text("Your approval is counted.")).to_be_visible()

    expect(cats.get_by_role("heading", name="Approved")).to_be_visible(timeout=8000)
    settled(dashboard)
    with dashboard.hands("BOB") as bob:
        assert "Approved" in bob.messages("#deploys")[-1].words
    # Chromium may never answer the closing of a page that is just loading itself anew: first both are up to date.
    newest = str(dashboard.request(name).version)
    for page in (phone, cats):
        expect(page.locator("[data-live=request]")).to_have_attribute("data-version", newest, timeout=8000)
    other.close()
