"""The page for everybody: named for screen readers, readable in light and dark, whole at 320 px, usable by keyboard."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from slack_sdk import WebClient

from approvalbot.workspace.blockkit import validate_message, validate_view
from approvalbot.workspace.config import SignIn
from approvalbot.workspace.serving import Running, running_workspace
from tests.workspace.access import complaints
from tests.workspace.conftest import Bot, actions, button, make_config, modal, says, text_input
from tests.workspace.everything import BLOCKS, whole_form
from tests.workspace.pages import card, open_page, section

pytestmark = pytest.mark.browser
GOLDEN = Path(__file__).parents[1] / "slack" / "golden"
Look = Callable[[Page], None]


def beside(name: str) -> Look:
    """Open a panel of the workbench, everything in it unfolded."""

    def look(page: Page) -> None:
        if page.viewport_size and page.viewport_size["width"] < 720:
            page.get_by_role("button", name="Conversations").first.click()
        page.get_by_role("navigation").get_by_role("button", name=name).click()
        expect(page.get_by_role("complementary").get_by_role("heading", level=2)).to_be_visible()
        expect(page.locator("#pane .panel")).to_be_visible()
        page.evaluate("document.querySelectorAll('#pane details').forEach((one) => { one.open = true; })")

    return look


def channel(page: Page) -> None:
    expect(page.locator(".message").last).to_be_visible()


def menu(page: Page) -> None:
    page.get_by_role("button", name="Switch person").click()
    expect(page.get_by_role("menu")).to_be_visible()


def thread(page: Page) -> None:
    page.get_by_role("button", name="1 reply").click()
    expect(page.get_by_role("log", name="Thread")).to_be_visible()


PLACES: dict[str, Look] = {
    "a channel with every block": channel,
    "a menu": menu,
    "a thread": thread,
    "traffic": beside("Traffic"),
    "faults": beside("Faults"),
    "people and groups": beside("People and groups"),
    "channels and the app": beside("Channels and the app"),
    "the waiting service": beside("Waiting service"),
    "sample events": beside("Send a sample event"),
}


@pytest.fixture
def busy(client: WebClient, workspace: Running) -> Running:
    """A workspace with every block in a message, a thread, and something only Ann sees."""
    assert validate_message(BLOCKS) == []
    ts = card(*BLOCKS, client=client)
    client.chat_postMessage(channel="#general", text="a reply", thread_ts=ts)
    client.chat_postEphemeral(channel="C0GENERAL", user="U0ANN", text="psst")
    return workspace


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (320, "light"), (320, "dark")])
def test_every_place_is_for_everybody(browser: Browser, busy: Running, width: int, scheme: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": 760}, color_scheme=scheme)  # type: ignore[arg-type]
    found = {}
    for name, look in PLACES.items():
        page = open_page(context, busy)
        look(page)
        if wrong := complaints(page):
            found[name] = wrong
        page.close()
    context.close()

    assert found == {}


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (320, "dark")])
def test_a_form_with_every_input_is_for_everybody(
    browser: Browser, workspace: Running, client: WebClient, bot: Bot, width: int, scheme: str
) -> None:
    assert validate_view(whole_form()) == []
    context = browser.new_context(viewport={"width": width, "height": 760}, color_scheme=scheme)  # type: ignore[arg-type]
    page = open_page(context, workspace)
    with workspace.hands("U0ANN") as ann:
        ann.command("/access")
    client.views_open(trigger_id=bot.wait_for("/access")[0].payload["trigger_id"], view=whole_form())
    expect(page.get_by_role("dialog", name="Form")).to_be_visible()

    found = complaints(page)
    context.close()
    assert found == {}


@pytest.mark.parametrize("path", ["/openid/connect/authorize", "/oauth/v2/authorize"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_that_ask_who_you_are_are_for_everybody(browser: Browser, path: str, scheme: str) -> None:
    back = "http://127.0.0.1:8000/back"
    scope = "openid email" if "openid" in path else "commands,chat:write"
    asked = {"client_id": "111.222", "redirect_uri": back, "scope": scope, "response_type": "code"}
    context = browser.new_context(viewport={"width": 320, "height": 700}, color_scheme=scheme)  # type: ignore[arg-type]
    with running_workspace(make_config(sign_in=SignIn(redirect_urls=(back,)))) as running:
        page = context.new_page()
        page.goto(f"{running.url}{path}?{urlencode(asked)}")
        expect(page.get_by_role("button", name="Ann Ames")).to_be_visible()
        found = complaints(page)
    context.close()

    assert found == {}


def test_every_block_is_drawn_and_none_as_a_stranger(page: Page, busy: Running) -> None:
    expect(page.locator(".message").first).to_contain_text("A header")

    strangers = page.locator(".placeholder", has_text="a block of type")
    assert strangers.all_inner_texts() == []
    assert page.locator(".placeholder", has_text="an element of type").count() == 0


@pytest.fixture(scope="module")
def museum(shared_bot: Bot) -> Iterator[Running]:
    """A workspace that was handed the bot's golden files."""
    with running_workspace(make_config(shared_bot.url, gallery=GOLDEN)) as running:
        yield running


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (320, "dark")])
def test_the_gallery_shows_every_card_and_form(browser: Browser, museum: Running, width: int, scheme: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": 760}, color_scheme=scheme)  # type: ignore[arg-type]
    page = open_page(context, museum, path="/gallery")
    names = sorted(one.stem for one in GOLDEN.glob("*.json"))
    expect(page.locator(".exhibit")).to_have_count(len(names))

    assert page.locator(".exhibit").evaluate_all("all => all.map(one => one.id)") == names
    assert page.locator(".exhibit .blocks").count() >= len(names)
    assert page.locator(".status.bad").all_inner_texts() == []
    assert page.locator(".placeholder").all_inner_texts() == []
    found = complaints(page)
    context.close()
    assert found == {}


def test_the_gallery_sends_nothing(context: BrowserContext, museum: Running, bot: Bot) -> None:
    page = open_page(context, museum, path="/gallery")
    page.get_by_label("Show").select_option("card gate")
    expect(page.locator("#form-deny")).to_be_hidden()

    page.locator("#card-gate-pending").get_by_role("button", name="Deny").click()

    expect(page.get_by_role("status")).to_contain_text("The gallery sends nothing. This is request.deny.")
    assert bot.got == []


def test_the_gallery_is_narrowed_and_linked(context: BrowserContext, museum: Running) -> None:
    page = open_page(context, museum, path="/gallery#form-deny")
    expect(page.locator("#form-deny")).to_be_in_viewport()

    page.get_by_role("switch", name="As on a phone").click()

    width = page.locator("#form-deny .sheet").evaluate("one => one.getBoundingClientRect().width")
    assert width == 320


def focused(page: Page) -> str:
    """What has the focus, by its name."""
    return str(
        page.evaluate("""() => {
          const one = document.activeElement;
          return one.getAttribute("aria-label") || one.labels?.[0]?.innerText || one.innerText || one.tagName;
        }""")
    ).strip()


def test_tab_goes_through_the_page_as_it_reads(page: Page, client: WebClient) -> None:
    card(section("a card"), actions(button("approve", "Approve"), button("deny", "Deny")), client=client)
    expect(page.locator(".message")).to_be_visible()
    # A channel is named with what is unread in it until the page has said that it was read.
    expect(page.locator(".badge")).to_have_count(0)

    stops = []
    for _ in range(40):
        page.keyboard.press("Tab")
        stops.append(focused(page))
    wanted = [
        *("Skip to messages", "approvalbot not asked yet. Check its address", "Dark colours"),
        *("You are Ann Ames. Switch person", "general", "deploys", "Messages", "Approve", "Deny", "React"),
        *("Shortcuts and commands", "Message #general", "Send"),
    ]

    places = [stops.index(one) for one in wanted]
    assert places == sorted(places)
    assert places[0] == 0


def test_the_skip_link_leads_past_the_sidebar(page: Page) -> None:
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    assert page.evaluate("!!document.activeElement.closest('#main')")


def test_a_whole_approval_needs_no_mouse(page: Page, client: WebClient, bot: Bot) -> None:
    page.get_by_role("button", name="Switch person").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".persona")).to_contain_text("Bob Bell")
    expect(page.get_by_role("button", name="Switch person")).to_be_focused()
    card(section("a card"), actions(button("approve", "Approve"), button("deny", "Deny")), client=client)
    expect(page.locator(".message")).to_be_visible()
    page.get_by_role("log", name="Messages").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert focused(page) == "Deny"
    page.keyboard.press("Enter")
    press = bot.wait_for("block_actions")[0].payload
    client.views_open(trigger_id=press["trigger_id"], view=modal(text_input()))
    expect(page.get_by_label("Note")).to_be_focused()
    page.keyboard.type("not today")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).not_to_be_attached()

    assert press["user"]["id"] == "U0BOB"
    values = bot.wait_for("view_submission")[0].payload["view"]["state"]["values"]
    assert values["note"]["text"]["value"] == "not today"
    assert focused(page) == "Deny"


def test_an_external_select_is_used_by_keyboard(page: Page, client: WebClient, bot: Bot) -> None:
    option = {"text": {"type": "plain_text", "text": "Production"}, "value": "prod"}
    select = {"type": "external_select", "action_id": "what", "min_query_length": 1}
    card(actions({**select, "placeholder": {"type": "plain_text", "text": "What"}}), client=client)
    bot.answer = says({"options": [option]})
    box = page.get_by_role("combobox", name="What")
    box.focus()
    page.keyboard.type("pro")
    expect(page.get_by_role("option", name="Production")).to_be_visible()
    page.keyboard.press("ArrowDown")
    marked = page.get_by_role("option", name="Production")
    expect(box).to_have_attribute("aria-activedescendant", str(marked.get_attribute("id")))
    page.keyboard.press("Enter")

    assert bot.wait_for("block_actions")[0].payload["actions"][0]["selected_option"] == option
    expect(box).to_have_value("Production")


def test_a_pane_gives_the_focus_back_and_closes_with_escape(page: Page) -> None:
    row = page.get_by_role("navigation").get_by_role("button", name="Faults")
    row.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("complementary", name="Faults").get_by_role("heading", name="Faults")).to_be_focused()
    page.keyboard.press("Escape")

    expect(page.locator("#pane")).to_be_hidden()
    expect(row).to_be_focused()
    expect(row).to_have_attribute("aria-expanded", "false")
