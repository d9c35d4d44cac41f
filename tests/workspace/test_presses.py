"""Pressing and choosing: what reaches the bot, and what the person sees when the bot does not do its part."""

from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk import WebClient
from starlette.responses import JSONResponse, Response

from approvalbot.workspace.config import Timing
from approvalbot.workspace.hands import CannotDo, Hands
from approvalbot.workspace.serving import Running, running_workspace
from tests.workspace.conftest import TOKEN, Bot, Got, actions, button, make_config, modal, says, text_input

Post = Callable[..., str]
CONFIRM = {
    "title": {"type": "plain_text", "text": "Sure?"},
    "text": {"type": "mrkdwn", "text": "*eve* on prod"},
    "confirm": {"type": "plain_text", "text": "Approve"},
    "deny": {"type": "plain_text", "text": "Cancel"},
}


def option(value: str) -> dict[str, Any]:
    return {"text": {"type": "plain_text", "text": value.title()}, "value": value}


@pytest.fixture
def post(client: WebClient) -> Post:
    """Post a card with elements into #general; gives its ts."""

    def posted(*elements: dict[str, Any]) -> str:
        return str(client.chat_postMessage(channel="#general", text="card", blocks=[actions(*elements)])["ts"])

    return posted


def test_a_press_carries_everything_slack_sends(post: Post, bot: Bot, ann: Hands) -> None:
    ts = post(button(value="7K3F", style="primary"))
    ann.press("#general", ts, "go")

    payload = bot.of_kind("block_actions")[0].payload
    (action,) = payload["actions"]
    assert {
        "action_id": "go",
        "block_id": "row",
        "type": "button",
        "value": "7K3F",
        "style": "primary",
    }.items() <= action.items()
    assert payload["api_app_id"] == "A0APPROVE"
    assert payload["team"] == {"id": "T0ACME", "domain": "acme"}
    assert payload["channel"] == {"id": "C0GENERAL", "name": "general"}
    assert payload["container"] == {
        "type": "message",
        "message_ts": ts,
        "channel_id": "C0GENERAL",
        "is_ephemeral": False,
        "is_app_unfurl": False,
    }
    assert payload["message"]["bot_id"] == "B0APPROVE"
    assert payload["message"]["blocks"][0]["block_id"] == "row"
    assert payload["is_enterprise_install"] is False
    assert payload["response_url"].startswith("http://127.0.0.1:")


def test_a_stranger_presses_with_a_foreign_team(client: WebClient, bot: Bot, workspace: Running) -> None:
    ts = client.chat_postMessage(channel="#partner-shared", text="x", blocks=[actions(button())])["ts"]
    with workspace.hands("U0OLG") as olga:
        olga.press("#partner-shared", str(ts), "go")

    payload = bot.of_kind("block_actions")[0].payload
    assert payload["user"]["team_id"] == "T0OTHER"
    assert payload["team"]["id"] == "T0ACME"


def test_a_confirm_dialog_stands_before_the_press(post: Post, bot: Bot, ann: Hands) -> None:
    ts = post(button(confirm=CONFIRM))

    asked = ann.press("#general", ts, "go")
    accepted = ann.press("#general", ts, "go", confirmed=True)

    assert asked.needs_confirm == CONFIRM
    assert not asked.delivered
    assert accepted.ok
    assert len(bot.of_kind("block_actions")) == 1


def test_a_link_button_also_tells_the_bot(post: Post, bot: Bot, ann: Hands) -> None:
    ts = post(button(url="https://example.com/dashboard"))

    outcome = ann.press("#general", ts, "go")

    assert outcome.opens == "https://example.com/dashboard"
    assert len(bot.of_kind("block_actions")) == 1


@pytest.mark.parametrize(
    ("element", "value", "expected"),
    [
        ({"type": "static_select", "options": [option("a"), option("b")]}, "b", {"selected_option": option("b")}),
        ({"type": "overflow", "options": [option("ask")]}, "ask", {"selected_option": option("ask")}),
        ({"type": "users_select"}, "U0EVE", {"selected_user": "U0EVE"}),
        ({"type": "multi_users_select"}, ["U0EVE", "U0ANN"], {"selected_users": ["U0EVE", "U0ANN"]}),
        ({"type": "conversations_select"}, "C0GENERAL", {"selected_conversation": "C0GENERAL"}),
        ({"type": "channels_select"}, "C0GENERAL", {"selected_channel": "C0GENERAL"}),
        ({"type": "datepicker"}, "2026-05-31", {"selected_date": "2026-05-31"}),
        ({"type": "timepicker"}, "14:05", {"selected_time": "14:05"}),
        ({"type": "datetimepicker"}, 1_780_000_000, {"selected_date_time": 1_780_000_000}),
        ({"type": "radio_buttons", "options": [option("a"), option("b")]}, "a", {"selected_option": option("a")}),
        ({"type": "checkboxes", "options": [option("a"), option("b")]}, ["b"], {"selected_options": [option("b")]}),
    ],
    ids=lambda value: value["type"] if isinstance(value, dict) and "type" in value else "",
)
def test_a_choice_arrives_in_slacks_own_shape(
    post: Post, bot: Bot, ann: Hands, element: dict[str, Any], value: Any, expected: dict[str, Any]
) -> None:
    ts = post({"action_id": "pick", **element})
    ann.press("#general", ts, "pick", value=value)

    payload = bot.of_kind("block_actions")[0].payload
    assert expected.items() <= payload["actions"][0].items()
    if element["type"] != "overflow":
        assert expected.items() <= payload["state"]["values"]["row"]["pick"].items()


def test_what_is_not_offered_cannot_be_chosen(post: Post, bot: Bot, ann: Hands) -> None:
    ts = post({"type": "static_select", "action_id": "pick", "options": [option("a")]})

    with pytest.raises(CannotDo, match="not one of the options"):
        ann.press("#general", ts, "pick", value="zzz")

    assert bot.got == []


def test_a_button_that_is_not_there_cannot_be_pressed(post: Post, ann: Hands) -> None:
    ts = post(button("approve"), button("deny"))

    with pytest.raises(CannotDo, match="there is: approve, deny"):
        ann.press("#general", ts, "escalate")


def test_who_is_not_in_the_channel_cannot_press(post: Post, workspace: Running) -> None:
    ts = post(button())

    with workspace.hands("U0GUS") as gus, pytest.raises(CannotDo, match="not in a channel"):
        gus.press("#general", ts, "go")


def test_a_deactivated_person_can_do_nothing(post: Post, bot: Bot, ann: Hands, eve: Hands) -> None:
    ts = post(button())
    eve.set_active("U0ANN", active=False)
    bot.got.clear()

    for act in (
        lambda: ann.press("#general", ts, "go"),
        lambda: ann.command("/access"),
        lambda: ann.write("#general", "x"),
    ):
        with pytest.raises(CannotDo, match="deactivated") as refused:
            act()
        assert refused.value.status == 403

    assert bot.of_kind("block_actions") == []


def test_only_the_one_it_was_shown_to_can_press_an_ephemeral_button(
    client: WebClient, bot: Bot, ann: Hands, eve: Hands
) -> None:
    client.chat_postEphemeral(channel="C0GENERAL", user="U0ANN", text="x", blocks=[actions(button())])
    (seen,) = ann.only_you("#general")

    ann.press("#general", seen.ts, "go")
    with pytest.raises(CannotDo, match="sees no message"):
        eve.press("#general", seen.ts, "go")

    payload = bot.of_kind("block_actions")[0].payload
    assert payload["container"]["is_ephemeral"] is True
    assert "blocks" not in payload["message"]


def test_a_dead_click_shows_what_went_wrong(post: Post, bot: Bot, ann: Hands) -> None:
    ts = post(button())
    bot.answer = lambda _got: Response(status_code=500)

    outcome = ann.press("#general", ts, "go")

    assert not outcome.ok
    assert outcome.status == 500
    assert "HTTP 500" in outcome.failure
    assert outcome.elapsed_ms is not None


def test_a_bot_that_is_not_there_is_a_failure_and_not_a_crash() -> None:
    with running_workspace(make_config()) as running, running.hands("U0ANN") as ann:
        client = WebClient(TOKEN, base_url=running.api_url)
        ts = client.chat_postMessage(channel="#general", text="x", blocks=[actions(button())])["ts"]

        pressed = ann.press("#general", str(ts), "go")
        commanded = ann.command("/access")

    assert "could not be reached" in pressed.failure
    assert "dispatch_failed" in commanded.failure


def test_a_bot_that_is_too_slow_is_given_up(bot: Bot) -> None:
    impatient = make_config(bot.url, timing=Timing(ack_s=0.000_001))
    with running_workspace(impatient) as running, running.hands("U0ANN") as ann:
        outcome = ann.command("/access")

    assert "operation_timeout" in outcome.failure
    assert outcome.status is None


def test_a_press_in_a_home_tab_carries_the_view(client: WebClient, bot: Bot, ann: Hands) -> None:
    client.views_publish(user_id="U0ANN", view={"type": "home", "blocks": [actions(button())]})

    assert ann.press_home("go").ok

    payload = bot.of_kind("block_actions")[0].payload
    assert payload["container"] == {"type": "view", "view_id": payload["view"]["id"]}
    assert "response_url" not in payload
    assert "channel" not in payload


def test_an_input_speaks_before_submit_only_where_it_is_told_to(bot: Bot, client: WebClient, ann: Hands) -> None:
    ann.command("/access")
    trigger = bot.of_kind("/access")[0].payload["trigger_id"]
    client.views_open(trigger_id=trigger, view=modal(text_input("quiet"), text_input("loud", dispatch_action=True)))

    quiet = ann.press_modal("text", block_id="quiet", value="x")
    loud = ann.press_modal("text", block_id="loud", value="y")

    assert (quiet.delivered, loud.delivered) == (False, True)
    (got,) = bot.of_kind("block_actions")
    assert got.payload["actions"][0]["value"] == "y"
    assert got.payload["view"]["state"]["values"]["quiet"]["text"]["value"] == "x"


def test_the_bot_is_asked_what_an_external_select_offers(bot: Bot, client: WebClient, ann: Hands) -> None:
    def answer(got: Got) -> Response:
        return JSONResponse({"options": [option("prod-db")]} if got.kind == "block_suggestion" else {})

    bot.answer = says({})
    ann.command("/access")
    element = {"type": "external_select", "action_id": "what", "min_query_length": 0}
    block = {"type": "input", "block_id": "what", "label": {"type": "plain_text", "text": "What"}, "element": element}
    client.views_open(trigger_id=bot.of_kind("/access")[0].payload["trigger_id"], view=modal(block))
    bot.answer = answer

    offered = ann.suggestions("what", "pro")
    bot.answer = lambda _got: Response()
    outcome = ann.submit({"what": {"what": "prod-db"}})

    assert [one["value"] for one in offered] == ["prod-db"]
    assert bot.of_kind("block_suggestion")[0].payload["value"] == "pro"
    assert outcome.ok
    state = bot.of_kind("view_submission")[0].payload["view"]["state"]["values"]
    assert state["what"]["what"]["selected_option"] == option("prod-db")
