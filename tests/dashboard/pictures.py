"""Pictures of every page of the dashboard, for docs/dashboard.md: taken by `tests/pictures.py`.

A past of some weeks is written beside the demo, so that the plots have something to say; then Cat, who sees everything,
and Bob, who may decide, look at each page on a desktop and on a phone.
"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, Page, expect
from redis import Redis

from approvalbot.cli.samples import ADMIN
from approvalbot.cli.stage import Stage
from approvalbot.policy.parse import load_policies
from approvalbot.request.request import Person
from approvalbot.store import keys
from approvalbot.store.connection import connect
from approvalbot.store.raw import text
from approvalbot.workspace.hands import Hands
from bench.past import write_past
from tests.dashboard.test_admin_pages import dead_letter

IMAGES = Path(__file__).parent.parent.parent / "docs" / "images"
SIZES = {"": (1120, 900), "-phone": (390, 1100)}
"""What is added to a picture's name, and how wide and high the window is. A picture is at most twice as high."""

PEOPLE = {"ann": "Ann Ames", "bob": "Bob Bell", "cat": "Cat Cole", "dan": "Dan Dean", "eve": "Eve Eade"}
PAST = 1800
COUNTED_WITHIN_S = 30

PAGES = {
    "dashboard-settled": "/?show=settled&outcome=denied",
    "dashboard-grants": "/grants",
    "dashboard-policies": "/policies",
    "dashboard-policy": "/policies/prod-deploy-gate",
    "dashboard-insight": "/insight?days=90",
    "dashboard-deliveries": "/deliveries",
    "dashboard-sources": "/sources",
    "dashboard-people": "/people",
    "dashboard-person": "/people/bob",
    "dashboard-system": "/system",
}


def take_dashboard(stage: Stage, browser: Browser) -> None:
    """Write the past, sign in, and take every picture."""
    _fill(stage, connect(stage.environment["REDIS_URL"]))
    _hold(browser, stage)
    for suffix, (width, height) in SIZES.items():
        cat = _signed_in(browser, stage, "Cat Cole", width, height)
        _counted(cat, stage)
        for name, path in PAGES.items():
            cat.goto(f"{stage.place.url}{path}")
            _take(cat, f"{name}{suffix}.png", height)
        _explained(cat, stage)
        _take(cat, f"dashboard-explain{suffix}.png", height)
        _verified(cat, stage)
        _take(cat, f"dashboard-trail{suffix}.png", height)
        bob = _signed_in(browser, stage, "Bob Bell", width, height)
        bob.goto(f"{stage.place.url}/?show=open")
        _take(bob, f"dashboard-waiting{suffix}.png", height)
        bob.locator(".row-link").last.click()
        expect(bob.get_by_role("heading", name="Who is asked")).to_be_visible()
        _take(bob, f"dashboard-request{suffix}.png", height)
        _access(browser, stage, suffix, width, height)
        for page in (cat, bob):
            page.context.close()


def _fill(stage: Stage, redis: "Redis") -> None:
    policies = load_policies(stage.place.policies)
    terms = [one.policy for one in policies.compiled if one.policy.mode == "enforce" and not one.policy.pack]
    terms.sort(key=lambda one: one.id != "prod-deploy-gate")
    people = [Person(key=key, name=name, slack=f"U0{key.upper()}") for key, name in PEOPLE.items()]
    write_past(redis, terms, people, count=PAST, days=90, until=datetime.now(UTC))
    with Hands(stage.place.workspace, user="U0EVE") as eve:
        for service in ("acme/shop", "acme/payments", "acme/search"):
            eve.send_sample("deploy", {"resource": {"id": service, "type": "service"}})
    (newest,) = redis.zrevrange(keys.in_state("approved"), 0, 0)
    dead_letter(redis, f"{text(newest)}:4:2", "deploy-tool answered 500.")


def _hold(browser: Browser, stage: Stage) -> None:
    """Eve holds two accesses, and one of them cannot be ended."""
    eve, dan = (_signed_in(browser, stage, who, 1120, 900) for who in ("Eve Eade", "Dan Dean"))
    for database, length in (("payments", "4 h"), ("shop", "15 min")):
        eve.goto(f"{stage.place.url}/access/prod-database")
        eve.get_by_label("For how long").select_option(length)
        eve.get_by_label("Database").select_option(database)
        eve.get_by_label("Why").fill("INC-4211: orders are stuck, looking for the oldest")
        eve.get_by_role("button", name="Request").click()
        eve.wait_for_url("**/requests/**")
        dan.goto(eve.url)
        dan.get_by_role("button", name="Approve", exact=True).click()
        # The page draws itself anew when a worker has done it.
        expect(eve.get_by_role("heading", name="Access active")).to_be_visible(timeout=20_000)
    with Hands(stage.place.workspace, user="U0EVE") as hands:
        hands.service_answers("grants", status=503, times=None)
        eve.goto(f"{stage.place.url}/grants")
        eve.get_by_role("button", name="End now").last.click()
        expect(eve.get_by_text("Still open.").first).to_be_visible(timeout=20_000)
        hands._call("DELETE", "service/behaviour")
    for page in (eve, dan):
        page.context.close()


def _access(browser: Browser, stage: Stage, suffix: str, width: int, height: int) -> None:
    """What Eve sees of access: the catalogue, its form, and what she holds."""
    eve = _signed_in(browser, stage, "Eve Eade", width, height)
    for name, path in {"access": "/access", "ask": "/access/prod-database"}.items():
        eve.goto(f"{stage.place.url}{path}")
        _take(eve, f"dashboard-{name}{suffix}.png", height)
    eve.goto(f"{stage.place.url}/grants")
    eve.locator(".row-link").last.click()
    expect(eve.get_by_role("heading", name="The access")).to_be_visible()
    _take(eve, f"dashboard-held{suffix}.png", height)
    eve.context.close()


def _signed_in(browser: Browser, stage: Stage, who: str, width: int, height: int) -> Page:
    """Somebody's page, after they have signed in as people do."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="light",
        reduced_motion="reduce",
        is_mobile=width < 500,
        has_touch=width < 500,
    )
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.goto(f"{stage.place.url}/signin")
    page.get_by_role("link", name="Sign in with Slack").click()
    page.get_by_role("button", name=who).click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    return page


def _counted(page: Page, stage: Stage) -> None:
    """Wait until a worker has counted the past."""
    for _ in range(COUNTED_WITHIN_S):
        page.goto(f"{stage.place.url}/insight?days=90")
        if not page.get_by_text("still being counted").count() and page.locator("svg.shapes g").count() > 60:
            return
        page.wait_for_timeout(1000)
    raise AssertionError(f"the past was not counted within {COUNTED_WITHIN_S} s")


def _explained(page: Page, stage: Stage) -> None:
    page.goto(f"{stage.place.url}/explain")
    page.get_by_label("Event, as JSON").fill(json.dumps(ADMIN, indent=1))
    page.get_by_role("button", name="Explain").click()
    expect(page.get_by_role("status")).to_contain_text("this source")


def _verified(page: Page, stage: Stage) -> None:
    page.goto(f"{stage.place.url}/trail")
    page.get_by_role("button", name="Verify the trail").click()
    expect(page.get_by_role("heading", name="It holds")).to_be_visible()


def _take(page: Page, name: str, height: int) -> None:
    """Photograph the page from its top, at most twice as high as the window."""
    page.mouse.move(0, 0)
    page.evaluate("document.activeElement && document.activeElement.blur()")
    whole = page.evaluate("document.documentElement.scrollHeight")
    width = page.viewport_size["width"] if page.viewport_size else 0
    clip = {"x": 0, "y": 0, "width": width, "height": min(whole, height * 2)}
    page.screenshot(path=IMAGES / name, full_page=True, clip=clip, animations="disabled")  # type: ignore[arg-type]
    sys.stdout.write(f"{IMAGES / name}\n")
