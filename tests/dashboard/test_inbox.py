"""Lists: what they are narrowed to stands in their address, and an open one draws itself anew."""

from html.parser import HTMLParser
from urllib.parse import urlencode

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from redis import Redis

from approvalbot.dashboard import inbox
from tests.bot import Bot
from tests.dashboard.conftest import Open
from tests.dashboard.test_requests import asked


class Links(HTMLParser):
    """The addresses of the rows of a list."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[str] = []
        self.others: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        if tag == "a":
            (self.rows if held.get("class") == "row-link" else self.others).append(held.get("href") or "")


def links_of(page: str) -> Links:
    parser = Links()
    parser.feed(page)
    return parser


def rows_of(page: str) -> list[str]:
    return [link.rpartition("/")[2] for link in links_of(page).rows]


@pytest.fixture
def several(dashboard: Bot, browser_of: Open) -> dict[str, str]:
    """A deploy that is open, one that Bob denied, one that Dan approved, and an escalation of an admin."""
    names = {
        "open": asked(dashboard),
        "denied": asked(dashboard, id="d2", sha="2", resource={"id": "acme/pay"}),
        "approved": asked(dashboard, id="d3", sha="3", resource={"id": "acme/search"}),
        "admin": dashboard.aws_escalation(),
    }
    dashboard.settle()
    browser_of("U0BOB").decide(names["denied"], "deny", reason_code="not_now")
    browser_of("U0DAN").decide(names["approved"], "approve")
    return names


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("show=open", {"open", "admin"}),
        ("show=settled", {"denied", "approved"}),
        ("show=settled&outcome=denied", {"denied"}),
        ("show=settled&policy=prod-deploy-gate", {"denied", "approved"}),
        ("show=settled&policy=prod-deploy-gate&outcome=approved", {"approved"}),
        ("show=open&policy=aws-admin-escalation", {"admin"}),
        ("show=open&source=deploy-tool", {"open"}),
        ("show=settled&source=aws.cloudtrail", set()),
        ("show=settled&source=deploy-tool", {"denied", "approved"}),
        ("show=open&severity=critical", {"admin"}),
        ("show=open&kind=gate", {"open"}),
        ("show=settled&person=bob bell", {"denied"}),
        ("show=settled&person=U0DAN", {"denied", "approved"}),
        ("show=open&person=EVE", {"open", "admin"}),
        ("show=settled&q=acme/pay", {"denied"}),
        ("show=settled&q=ACME&person=bob bell", {"denied"}),
        ("show=open&policy=nothing-like-it", set()),
    ],
)
def test_a_list_is_narrowed_by_its_address(
    browser_of: Open, several: dict[str, str], query: str, found: set[str]
) -> None:
    page = browser_of("U0CAT").get(f"/?{query}")

    assert page.status_code == 200
    assert set(rows_of(page.text)) == {several[name] for name in found}
    if not found:
        assert "Nothing here is what you look for." in page.text


def test_a_filter_is_shown_and_can_be_taken_away(browser_of: Open, several: dict[str, str]) -> None:
    cat = browser_of("U0CAT")

    page = cat.get("/?show=settled&outcome=denied&q=pay").text

    assert "/?show=settled&q=pay" in links_of(page).others
    assert "/?show=settled&outcome=denied" in links_of(page).others
    assert "<option selected>denied</option>" in page


@pytest.mark.parametrize(
    "query",
    [
        {"severity": "worst"},
        {"kind": "x"},
        {"show": "settled", "outcome": "pending"},
        {"q": "x" * 201},
        {"person": "x" * 5000},
        {"before": "x"},
        {"before": "1.A; DROP"},
        {"before": "9" * 40 + ".A"},
        {"show": "x" * 300},
    ],
)
def test_a_query_that_is_none_of_ours_is_refused_in_words(browser_of: Open, query: dict[str, str]) -> None:
    answer = browser_of("U0CAT").get(f"/?{urlencode(query)}")

    assert answer.status_code == 400
    assert "A parameter is not valid" in answer.text


def test_filters_never_show_what_somebody_has_no_part_in(browser_of: Open, several: dict[str, str]) -> None:
    ann = browser_of("U0ANN")

    assert rows_of(ann.get("/?show=open").text) == [several["admin"]], "she is of the on-call"
    for query in ("show=settled", "show=settled&policy=prod-deploy-gate", "show=settled&source=deploy-tool"):
        assert rows_of(ann.get(f"/?{query}").text) == []


def test_the_pages_of_a_list_lose_nothing_and_repeat_nothing(
    dashboard: Bot, browser_of: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [asked(dashboard, id=f"d{number}", sha=str(number)) for number in range(12)]
    monkeypatch.setattr(inbox, "PAGE", 5)
    cat, seen, where = browser_of("U0CAT"), [], "/?show=open"
    while where:
        page = cat.get(where).text
        seen += rows_of(page)
        where = next((link for link in links_of(page).others if "before=" in link), "")

    assert seen == names[::-1]


def test_a_search_looks_at_so_many_requests_and_goes_on_where_it_stopped(
    dashboard: Bot, browser_of: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = asked(dashboard, resource={"id": "acme/rare"})
    for number in range(8):
        asked(dashboard, id=f"d{number}", sha=str(number))
    monkeypatch.setattr(inbox, "LOOK", 4)
    cat = browser_of("U0CAT")

    page = cat.get("/?show=open&q=rare").text
    looks = 1
    while not rows_of(page):
        assert "Look further back" in page
        page = cat.get(next(link for link in links_of(page).others if "before=" in link)).text
        looks += 1

    assert rows_of(page) == [first]
    assert looks == 3


def test_an_empty_list_says_what_was_settled_last(browser_of: Open, several: dict[str, str]) -> None:
    page = browser_of("U0DAN").get("/").text
    assert several["open"] in page, "Dan is still asked"

    eve = browser_of("U0EVE").get("/").text

    assert "Nothing waits for you." in eve
    assert "Last settled:" in eve
    assert f'href="/requests/{several["approved"]}"' in eve


def test_a_list_hears_of_any_change(dashboard: Bot, browser_of: Open, redis: Redis) -> None:
    bob = browser_of("U0BOB")
    total = int(redis.hget("ab:trail:head", "number") or 0)
    cookie = "; ".join(f"{key}={value}" for key, value in bob.cookies.items())

    with bob.http.stream("GET", f"/live?after={total}", headers={"cookie": cookie}) as stream:
        lines = stream.iter_lines()
        assert next(lines) == "retry: 2000"
        dashboard.deploy()
        heard = next(line for line in lines if line.startswith("event:"))

    assert heard == "event: changed"
    assert [bob.get(f"/live?after={after}").status_code for after in ("", "x", "-1", "9" * 20)] == [400] * 4
    assert browser_of("").get("/live?after=0").status_code == 401


def signed_in(context: BrowserContext, bot: Bot, user: str, browser_of: Open, path: str = "/") -> Page:
    """A page of a real browser with a session of its own. `Secure` cookies of loopback are kept by Chromium."""
    cookies = browser_of(user).cookies
    context.add_cookies(
        [
            {"name": name, "value": value, "url": str(bot.http.base_url).replace("http:", "https:"), "secure": True}
            for name, value in cookies.items()
        ]
    )
    page = context.new_page()
    page.goto(f"{bot.http.base_url}{path}")
    return page


@pytest.mark.browser
def test_two_browsers_see_a_decision_at_once_and_keys_go_through_the_list(
    dashboard: Bot, browser_of: Open, context: BrowserContext
) -> None:
    names = [asked(dashboard, id=f"d{number}", sha=str(number)) for number in range(3)]
    page = signed_in(context, dashboard, "U0BOB", browser_of)
    rows = page.locator(".row-link")
    expect(rows).to_have_count(3)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(rows.first).to_be_focused()

    browser_of("U0DAN").decide(names[1], "deny", reason_code="not_now")

    expect(rows).to_have_count(2)
    expect(rows.first).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/requests/{names[0]}")


@pytest.mark.browser
def test_the_keys_do_nothing_while_somebody_writes_and_can_be_switched_off(
    dashboard: Bot, browser_of: Open, context: BrowserContext
) -> None:
    asked(dashboard)
    page = signed_in(context, dashboard, "U0BOB", browser_of)
    page.get_by_role("searchbox").click()
    page.keyboard.press("j")
    expect(page.get_by_role("searchbox")).to_have_value("j")

    page.get_by_role("button", name="Switch off").click()
    page.keyboard.press("j")

    expect(page.locator(".row-link").first).not_to_be_focused()
    expect(page.get_by_role("button", name="Switch on")).to_be_visible()
