"""Every page for everybody: axe-core finds nothing, texts have contrast, nothing is wider than a small phone.

axe-core is a tool of the tests, pinned with them; the product neither has nor serves it.
"""

from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import orjson
import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Page, expect
from redis import Redis

from approvalbot.cli.samples import ADMIN
from approvalbot.wiring.trail import make_keeping
from tests.bot import Bot
from tests.dashboard.access import held_by
from tests.dashboard.conftest import Browser, Open
from tests.dashboard.test_admin_pages import dead_letter
from tests.dashboard.test_requests import asked

pytestmark = pytest.mark.browser

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
CONTRAST = (Path(__file__).parent.parent / "workspace" / "contrast.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

Scheme = Literal["light", "dark"]

PATHS = (
    *("/", "/?show=open", "/?show=settled&outcome=denied&q=x", "/policies", "/policies/prod-deploy-gate", "/explain"),
    *("/insight", "/insight?days=90", "/trail", "/trail?what=voted", "/deliveries", "/sources", "/people"),
    *("/access", "/access?show=all", "/access/prod-database", "/grants", "/grants?show=drift", "/grants?show=ended"),
    *("/people/bob", "/system", "/passkeys", "/policies/nothing"),
)


@pytest.fixture
def full(of_roles: Bot, browser_of: Open, redis: Redis) -> Sequence[str]:
    """A bot about which every page has something to say; gives the addresses of them all."""
    names = [asked(of_roles, id=f"d{number}", sha=str(number)) for number in range(3)]
    admin = of_roles.aws_escalation()
    of_roles.settle()
    browser_of("U0BOB").decide(names[0], "approve", reason="planned")
    browser_of("U0DAN").decide(names[1], "deny", reason_code="not_now", reason="freeze")
    held = [held_by(browser_of("U0CAT"), browser_of("U0DAN")), held_by(browser_of("U0EVE"), browser_of("U0DAN"))]
    make_keeping(of_roles.house).round(of_roles.house.requests.now())
    dead_letter(redis)
    return (*PATHS, *(f"/requests/{name}" for name in (*names, admin, *held)))


def opened(chromium: Chromium, browser: Browser, width: int, scheme: Scheme, *, scripts: bool = True) -> BrowserContext:
    """A session of Chromium with the cookies of a browser without one."""
    made = chromium.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=scripts
    )
    url = browser.bot.house.settings.url.replace("http:", "https:")
    cookies = [{"name": name, "value": value, "url": url, "secure": True} for name, value in browser.cookies.items()]
    made.add_cookies(cookies)  # type: ignore[arg-type]
    return made


def faults_of(page: Page) -> list[str]:
    """What axe-core finds on a page, of whatever impact, each with where and why."""
    page.evaluate(AXE)
    found: dict[str, Any] = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    assert found["passes"], "it looked at something"
    return [
        f"{one['id']} ({one['impact']}): {node['html'][:120]} {node['failureSummary'][:200]}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


@pytest.fixture
def sessions(browser: Chromium, browser_of: Open, full: Sequence[str]) -> Iterator[Any]:
    """Opens sessions of Cat, who sees everything, and closes them."""
    cat, made = browser_of("U0CAT"), []

    def open_as(width: int, scheme: Scheme) -> Page:
        made.append(opened(browser, cat, width, scheme))
        return made[-1].new_page()

    yield open_as
    for one in made:
        one.close()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_no_page_shuts_anybody_out(
    of_roles: Bot, full: Sequence[str], sessions: Any, width: int, scheme: Scheme
) -> None:
    page, base, found = sessions(width, scheme), of_roles.house.settings.url, {}

    for path in full:
        page.goto(f"{base}{path}")
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        if faults := [*faults_of(page), *page.evaluate(CONTRAST)]:
            found[path] = faults

    assert found == {}


@pytest.mark.parametrize("width", [1280, 360])
def test_no_answer_to_a_form_shuts_anybody_out(of_roles: Bot, full: Sequence[str], sessions: Any, width: int) -> None:
    page, base = sessions(width, "light"), of_roles.house.settings.url
    page.goto(f"{base}/explain")
    page.get_by_label("Event, as JSON").fill(orjson.dumps(ADMIN).decode())
    page.get_by_role("button", name="Explain").click()
    expect(page.get_by_text("1 of 1 policy of this source matches.")).to_be_visible()
    explained = faults_of(page)
    page.get_by_label("Event, as JSON").fill("{")
    page.get_by_role("button", name="Explain").click()
    expect(page.get_by_role("alert")).to_be_visible()
    refused = faults_of(page)

    page.goto(f"{base}/access/prod-database")
    page.evaluate("document.querySelectorAll('form').forEach(one => { one.noValidate = true })")
    page.get_by_label("Why").fill("short")
    page.get_by_role("button", name="Request").click()
    expect(page.get_by_text("is required")).to_be_visible()
    refused += faults_of(page)

    page.goto(f"{base}/trail")
    page.get_by_role("button", name="Verify the trail").click()
    expect(page.get_by_role("heading", name="It holds")).to_be_visible()

    assert [*explained, *refused, *faults_of(page)] == []


def test_no_page_is_wider_than_a_small_phone(of_roles: Bot, full: Sequence[str], sessions: Any) -> None:
    page, base, wide = sessions(320, "light"), of_roles.house.settings.url, {}

    for path in full:
        page.goto(f"{base}{path}")
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if over > 0:
            wide[path] = over

    assert wide == {}


def test_every_page_can_be_used_by_keyboard_and_has_a_title_of_its_own(
    of_roles: Bot, full: Sequence[str], sessions: Any
) -> None:
    page, base, titles = sessions(1280, "light"), of_roles.house.settings.url, {}

    for path in (
        "/",
        "/access",
        "/grants",
        "/policies",
        "/insight",
        "/trail",
        "/deliveries",
        "/sources",
        "/people",
        "/system",
    ):
        page.goto(f"{base}{path}")
        titles[path] = page.title()
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        inside = page.evaluate("document.activeElement.closest('main, aside, footer, body') !== null")
        assert inside, path
        assert page.locator("h1").count() == 1, path
        current = page.locator("nav[aria-label='Pages'] [aria-current='page']")
        assert current.get_attribute("href") == path, path

    assert len(set(titles.values())) == len(titles)


def test_a_page_says_everything_without_scripts(
    of_roles: Bot, full: Sequence[str], browser: Chromium, browser_of: Open
) -> None:
    made = opened(browser, browser_of("U0CAT"), 1280, "light", scripts=False)
    page = made.new_page()

    page.goto(f"{of_roles.house.settings.url}/?show=settled")
    page.get_by_text("Narrow down").click()
    page.get_by_label("Outcome").select_option("denied")
    page.get_by_role("button", name="Find").click()
    expect(page.locator(".row-link")).to_have_count(1)
    page.get_by_role("link", name="System").first.click()
    expect(page.get_by_role("heading", name="Checks")).to_be_visible()
    made.close()


def test_the_judge_finds_what_shuts_people_out(of_roles: Bot, sessions: Any) -> None:
    page = sessions(1280, "light")
    page.goto(f"{of_roles.house.settings.url}/system")
    planted = '<img src="/static/icon.svg"><button></button>'
    page.evaluate("planted => document.querySelector('main').insertAdjacentHTML('beforeend', planted)", planted)

    found = " ".join(faults_of(page))

    assert "image-alt" in found
    assert "button-name" in found
