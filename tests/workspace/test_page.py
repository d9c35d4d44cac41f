"""The page in a real browser: it shows what it should, runs nothing foreign, and works by keyboard alone."""

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from slack_sdk import WebClient
from starlette.responses import JSONResponse, Response

from approvalbot.workspace.serving import Running
from tests.workspace.conftest import Bot, Got, actions, button, modal, says, text_input
from tests.workspace.pages import card, last, open_page, section

pytestmark = pytest.mark.browser


def test_a_card_appears_by_itself_and_a_press_reaches_the_bot(page: Page, client: WebClient, bot: Bot) -> None:
    card(
        section("*eve* wants `iam:PassRole`"),
        actions(button("request.approve", "Approve", style="primary")),
        client=client,
    )

    page.get_by_role("button", name="Approve").click()

    (got,) = bot.wait_for("block_actions")
    assert got.payload["user"]["id"] == "U0ANN"
    expect(last(page).locator("strong")).to_have_text("eve")
    expect(last(page).locator("code")).to_have_text("iam:PassRole")


def test_a_dead_click_is_said_beside_the_button(page: Page, client: WebClient, bot: Bot) -> None:
    bot.answer = lambda _got: Response(status_code=500)
    card(actions(button("go", "Go")), client=client)

    page.get_by_role("button", name="Go").click()

    expect(page.get_by_role("alert")).to_have_text("approvalbot answered with HTTP 500")
    expect(page.locator(".botstate")).to_contain_text("is not answering")


def test_the_app_is_asked_nothing_until_the_dialog_is_accepted(page: Page, client: WebClient, bot: Bot) -> None:
    words = {key: {"type": "plain_text", "text": key.title()} for key in ("title", "text", "confirm", "deny")}
    card(actions(button("go", "Go", confirm=words)), client=client)

    page.get_by_role("button", name="Go").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Deny").click()
    page.get_by_role("button", name="Go").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Confirm").click()

    assert len(bot.wait_for("block_actions")) == 1


def test_a_form_is_filled_in_by_keyboard_alone(page: Page, client: WebClient, bot: Bot) -> None:
    def answer(got: Got) -> Response:
        note = got.payload["view"]["state"]["values"]["note"]["text"]["value"] if got.kind == "view_submission" else ""
        return (
            JSONResponse({"response_action": "errors", "errors": {"note": "Say more"}}) if note == "x" else Response()
        )

    card(actions(button("go", "Go")), client=client)
    page.get_by_role("button", name="Go").focus()
    page.keyboard.press("Enter")
    trigger = bot.wait_for("block_actions")[0].payload["trigger_id"]
    client.views_open(trigger_id=trigger, view=modal(text_input(), text_input("more", optional=True)))
    bot.answer = answer

    dialog = page.get_by_role("dialog", name="Form")
    expect(dialog.get_by_label("Note").first).to_be_focused()
    page.keyboard.type("x")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_have_text("Say more")
    expect(dialog.get_by_label("Note").first).to_have_value("x")
    expect(dialog.get_by_label("Note").first).to_be_focused()
    page.keyboard.type("y")
    page.keyboard.press("Enter")
    expect(dialog).not_to_be_attached()

    values = bot.of_kind("view_submission")[-1].payload["view"]["state"]["values"]
    assert values["note"]["text"]["value"] == "xy"


def test_the_focus_stays_in_an_open_form_and_escape_closes_it(page: Page, client: WebClient, bot: Bot) -> None:
    card(actions(button("go", "Go")), client=client)
    page.get_by_role("button", name="Go").click()
    trigger = bot.wait_for("block_actions")[0].payload["trigger_id"]
    client.views_open(trigger_id=trigger, view=modal(text_input(), notify_on_close=True))
    expect(page.get_by_role("dialog")).to_be_visible()

    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).not_to_be_attached()
    bot.wait_for("view_closed")


def test_a_slash_command_is_typed_and_answered_in_private(
    context: BrowserContext, workspace: Running, bot: Bot
) -> None:
    bot.answer = says({"text": "Asked <!subteam^S0SECONCALL>"})
    page = open_page(context, workspace, "U0EVE")

    page.get_by_label("Message #general").fill("/access request db")
    page.keyboard.press("Enter")

    expect(last(page)).to_contain_text("Only visible to you")
    expect(last(page).locator(".mention")).to_have_text("@sec-oncall")
    page.get_by_role("button", name="Dismiss").click()
    expect(page.locator(".message")).to_have_count(0)


def test_nothing_in_a_message_is_markup(page: Page, client: WebClient) -> None:
    evil = (
        '<img src=x onerror="window.hurt=1"> <javascript:alert(1)|click me> &lt;script&gt;window.hurt=2&lt;/script&gt;'
    )
    rich = {"type": "text", "text": "<b onmouseover=window.hurt=3>bold</b>"}
    link = {"type": "link", "url": "https://example.com/?a=<b>"}
    client.chat_postMessage(channel="#general", text=evil)
    card(
        section(evil),
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [rich, link]}]},
        {"type": "markdown", "text": "[x](javascript:alert(1)) <img src=x onerror=window.hurt=4>"},
        client=client,
    )
    expect(page.locator(".message")).to_have_count(2)

    assert page.evaluate("window.hurt") is None
    assert page.locator(".log img[onerror], .log script, .log b[onmouseover]").count() == 0
    addresses = page.evaluate("[...document.querySelectorAll('.log a')].map(a => a.protocol)")
    assert set(addresses) <= {"https:", "http:", "mailto:"}
    expect(page.locator(".log")).to_contain_text("<script>window.hurt=2</script>")


def test_times_are_shown_in_the_readers_zone(context: BrowserContext, workspace: Running, client: WebClient) -> None:
    client.chat_postMessage(channel="#general", text="until <!date^1700000000^{date_short} {time}|soon>")

    page = open_page(context, workspace, "U0EVE")
    expect(last(page).locator(".when")).to_have_text("15 Nov 2023 07:13")
    page = open_page(context, workspace, "U0BOB")
    expect(last(page).locator(".when")).to_have_text("14 Nov 2023 17:13")


def test_switching_the_person_changes_what_is_seen(page: Page, client: WebClient) -> None:
    client.chat_postEphemeral(channel="C0GENERAL", user="U0ANN", text="for Ann alone")
    expect(last(page)).to_contain_text("for Ann alone")

    page.get_by_role("button", name="Switch person").click()
    page.get_by_role("menuitemradio", name="Bob Bell").click()

    expect(page.locator(".persona")).to_contain_text("Bob Bell")
    expect(page.locator(".message")).to_have_count(0)


def test_an_old_tab_cannot_act_as_the_new_person(
    context: BrowserContext, workspace: Running, page: Page, bot: Bot
) -> None:
    open_page(context, workspace, "U0BOB")

    page.get_by_label("Message #general").fill("hello from Ann")
    page.keyboard.press("Enter")

    expect(page.get_by_role("alert")).to_contain_text("this browser is now signed in as Bob Bell")
    with workspace.hands("U0CAT") as cat:
        assert cat.messages("#general") == []


def test_a_thread_opens_from_its_count_and_takes_a_reply(page: Page, client: WebClient) -> None:
    ts = card(section("head"), client=client)
    client.chat_postMessage(channel="#general", text="first", thread_ts=ts)

    page.get_by_role("button", name="1 reply").click()
    page.get_by_label("Reply…").fill("second, @bob")
    page.keyboard.press("Enter")

    pane = page.get_by_role("complementary")
    expect(pane.locator(".message").last).to_contain_text("second, @Bob Bell")
    expect(page.get_by_role("button", name="2 replies")).to_be_visible()


def test_a_permalink_opens_at_its_message(context: BrowserContext, workspace: Running, client: WebClient) -> None:
    posted = client.chat_postMessage(channel="#deploys", text="this one")
    link = str(client.chat_getPermalink(channel="C0DEPLOYS", message_ts=str(posted["ts"]))["permalink"])

    page = open_page(context, workspace, path=link.removeprefix(workspace.url))

    expect(page.locator(".message.target")).to_contain_text("this one")


def test_the_arrow_keys_walk_through_messages(page: Page, client: WebClient) -> None:
    for text in ("one", "two", "three"):
        client.chat_postMessage(channel="#general", text=text)
    expect(page.locator(".message")).to_have_count(3)

    page.get_by_role("log", name="Messages").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")

    expect(page.locator(".message", has_text="two")).to_be_focused()


def test_what_is_unread_is_counted_and_read_when_opened(page: Page, client: WebClient) -> None:
    client.chat_postMessage(channel="#deploys", text="x")
    row = page.get_by_role("navigation").get_by_role("button", name="deploys")
    expect(row.get_by_label("1 unread")).to_be_visible()

    row.click()

    expect(last(page)).to_contain_text("x")
    expect(row.get_by_label("1 unread")).not_to_be_attached()


def test_the_home_tab_is_opened_and_drawn(page: Page, client: WebClient, bot: Bot) -> None:
    page.get_by_role("navigation").get_by_role("button", name="approvalbot").click()
    expect(page.get_by_role("heading", name="No Home tab yet")).to_be_visible()
    bot.wait_for("app_home_opened")
    client.views_publish(
        user_id="U0ANN",
        view={"type": "home", "blocks": [section("Nothing waits for you."), actions(button("go", "Go"))]},
    )

    page.get_by_role("button", name="Go").click()

    assert bot.wait_for("block_actions")[0].payload["view"]["type"] == "home"


def test_a_message_shortcut_stands_in_the_message_menu(page: Page, client: WebClient, bot: Bot) -> None:
    card(section("about this"), client=client)
    last(page).hover()

    page.get_by_role("button", name="More about this message").click()
    page.get_by_role("menuitem", name="Request approval").click()

    assert bot.wait_for("message_action")[0].payload["callback_id"] == "request_about_message"


def test_every_element_can_be_used(page: Page, client: WebClient, bot: Bot) -> None:
    def option(value: str) -> dict[str, Any]:
        return {"text": {"type": "plain_text", "text": value}, "value": value}

    options = [option("red"), option("green")]
    card(
        actions(
            {
                "type": "static_select",
                "action_id": "select",
                "placeholder": {"type": "plain_text", "text": "Colour"},
                "options": options,
            },
            {"type": "overflow", "action_id": "overflow", "options": options},
            {"type": "datepicker", "action_id": "date"},
            {"type": "checkboxes", "action_id": "boxes", "options": options},
        ),
        client=client,
    )

    page.get_by_label("Colour", exact=True).select_option("green")
    page.get_by_role("button", name="More choices").click()
    page.get_by_role("menuitem", name="red").click()
    page.get_by_label("datepicker").fill("2026-05-31")
    page.get_by_label("green", exact=True).check()

    chosen = {
        one.payload["actions"][0]["action_id"]: one.payload["actions"][0] for one in bot.wait_for("block_actions", 4)
    }
    assert chosen["select"]["selected_option"]["value"] == "green"
    assert chosen["overflow"]["selected_option"]["value"] == "red"
    assert chosen["date"]["selected_date"] == "2026-05-31"
    assert [one["value"] for one in chosen["boxes"]["selected_options"]] == ["green"]
