"""The page as it looks, on three widths and in both colour schemes, and its workbench."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from slack_sdk import WebClient

from approvalbot.workspace.serving import Running
from tests.workspace.conftest import Bot, actions, button
from tests.workspace.pages import card, last, open_page, section

pytestmark = pytest.mark.browser


def test_the_workbench_edits_a_group_and_orders_a_fault(page: Page, bot: Bot, workspace: Running) -> None:
    side = page.get_by_role("navigation")
    side.get_by_role("button", name="People and groups").click()
    page.get_by_role("button", name="Take Bob Bell out of sec-oncall").click()
    bot.wait_for("subteam_members_changed")
    side.get_by_role("button", name="Faults").click()
    page.get_by_label("Where").select_option("chat.postMessage")
    page.get_by_role("button", name="Switch on").click()

    expect(page.get_by_role("button", name="Switch off: 429, come again later")).to_be_visible()
    with workspace.hands("U0CAT") as cat:
        groups = {one["handle"]: one["members"] for one in cat.directory()["groups"]}
    assert groups["sec-oncall"] == ["U0ANN"]


def test_the_inspector_shows_and_replays_a_delivery(page: Page, client: WebClient, bot: Bot) -> None:
    card(actions(button("go", "Go")), client=client)
    page.get_by_role("button", name="Go").click()
    page.get_by_role("navigation").get_by_role("button", name="Traffic").click()

    page.locator(".line", has_text="block_actions").locator("summary").click()
    page.get_by_role("button", name="Replay as captured").click()

    first, second = bot.wait_for("block_actions", 2)
    assert first.body == second.body


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_and_follows_the_colour_scheme(
    browser: Browser, workspace: Running, client: WebClient, width: int, scheme: str
) -> None:
    card(section("x" * 200), actions(*(button(f"a{n}", "A longer button") for n in range(6))), client=client)
    context = browser.new_context(viewport={"width": width, "height": 700}, color_scheme=scheme)  # type: ignore[arg-type]
    page = open_page(context, workspace)
    expect(last(page).get_by_role("button", name="A longer button").first).to_be_visible()

    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("document.documentElement.dataset.theme") == scheme
    context.close()


def test_texts_have_enough_contrast_in_both_themes(page: Page, client: WebClient) -> None:
    card(section("text"), {"type": "context", "elements": [{"type": "mrkdwn", "text": "small"}]}, client=client)
    script = (Path(__file__).parent / "contrast.js").read_text()
    expect(page.locator(".b-context")).to_be_visible()

    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
        assert page.evaluate(script) == [], theme
