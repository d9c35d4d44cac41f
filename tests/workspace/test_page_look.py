"""The page as it looks, on three widths and in both colour schemes, and its workbench."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

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


def test_people_groups_channels_and_the_app_are_changed_on_the_page(page: Page, bot: Bot, workspace: Running) -> None:
    side = page.get_by_role("navigation")
    side.get_by_role("button", name="People and groups").click()
    bob = page.get_by_role("region", name="Bob Bell")
    bob.locator("summary").click()
    bob.get_by_label("@empty").check()
    bot.wait_for("subteam_members_changed")
    bob.get_by_label("Kind").select_option("guest")
    bot.wait_for("user_change")
    expect(bob.get_by_label("Kind")).to_be_visible()
    page.locator("summary", has_text="Make a user group").click()
    page.get_by_label("Handle, without the @").fill("dba")
    with workspace.hands("U0CAT") as cat:
        cat.set_group("S0ENGINEERS", ["U0CAT"])
    expect(page.get_by_role("region", name="@engineers").locator(".chip")).to_have_text(["Cat Cole"])
    page.get_by_label("Name", exact=True).fill("Databases")
    page.get_by_role("button", name="Make a user group").click()
    expect(page.get_by_role("region", name="@dba")).to_be_visible()
    side.get_by_role("button", name="Channels and the app").click()
    room = page.get_by_role("region", name="#general")
    room.locator("summary").click()
    room.get_by_label("Posting").select_option("read_only")
    expect(page.locator(".composer .off")).to_have_text("#general is read-only: its admins write here.")
    page.get_by_role("button", name="Revoke its token").click()
    bot.wait_for("tokens_revoked")
    expect(page.get_by_role("button", name="Give its token back")).to_be_visible()

    with workspace.hands("U0CAT") as cat:
        names = cat.directory()
    people = {one["id"]: one["kind"] for one in names["people"]}
    groups = {one["handle"]: one["members"] for one in names["groups"]}
    assert people["U0BOB"] == "guest"
    assert (groups["empty"], groups["dba"]) == (["U0BOB"], [])


def test_a_thread_is_locked_from_the_messages_menu(page: Page, client: WebClient) -> None:
    card(section("head"), client=client)
    last(page).hover()
    page.get_by_role("button", name="More about this message").click()
    page.get_by_role("menuitem", name="Lock its thread").click()
    expect(last(page)).to_contain_text("thread locked")

    last(page).hover()
    page.get_by_role("button", name="Reply in a thread").click()

    expect(page.get_by_role("complementary").locator(".composer")).to_have_text("This thread is locked.")


def test_a_fault_is_chosen_from_what_slack_has(page: Page, client: WebClient, workspace: Running) -> None:
    page.get_by_role("navigation").get_by_role("button", name="Faults").click()
    page.get_by_label("What goes wrong").select_option("error")
    page.get_by_label("Where").select_option("views.publish")
    offered = page.get_by_label("Error code").locator("option").all_inner_texts()
    page.get_by_label("Error code").select_option("hash_conflict")
    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_role("button", name="Switch off: ok: false with a code")).to_be_visible()

    with pytest.raises(SlackApiError, match="hash_conflict"):
        client.views_publish(user_id="U0ANN", view={"type": "home", "blocks": []})
    assert "channel_not_found" not in offered


def test_the_inspector_shows_only_what_failed(page: Page, client: WebClient) -> None:
    client.chat_postMessage(channel="#general", text="x")
    with pytest.raises(SlackApiError):
        client.chat_postMessage(channel="#nowhere", text="x")
    page.get_by_role("navigation").get_by_role("button", name="Traffic").click()
    expect(page.locator(".line")).to_have_count(2)

    page.get_by_role("complementary").get_by_label("Show").select_option("failed")

    expect(page.locator(".line")).to_have_count(1)


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


def test_a_long_word_on_the_home_tab_is_broken_and_not_cut(
    browser: Browser, workspace: Running, client: WebClient
) -> None:
    client.views_publish(user_id="U0ANN", view={"type": "home", "blocks": [section("arn:aws:iam::" + "x" * 200)]})
    context = browser.new_context(viewport={"width": 320, "height": 700})
    page = open_page(context, workspace, path="/home")
    shown = page.locator(".homebody")
    expect(shown).to_contain_text("arn:aws:iam")

    assert shown.evaluate("element => element.scrollWidth <= element.clientWidth")
    context.close()


def test_texts_have_enough_contrast_in_both_themes(page: Page, client: WebClient) -> None:
    card(section("text"), {"type": "context", "elements": [{"type": "mrkdwn", "text": "small"}]}, client=client)
    script = (Path(__file__).parent / "contrast.js").read_text()
    expect(page.locator(".b-context")).to_be_visible()

    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
        assert page.evaluate(script) == [], theme
