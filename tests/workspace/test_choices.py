"""What people may put into inputs: only what the page would offer, and in the form that the element holds."""

from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.webhook import WebhookClient
from starlette.responses import JSONResponse, Response

from approvalbot.workspace.hands import CannotDo, Hands
from tests.workspace.conftest import Bot, actions, button, modal, says, text_input

Open = Callable[..., None]


def option(value: str) -> dict[str, Any]:
    return {"text": {"type": "plain_text", "text": value.title()}, "value": value}


def block(**element: Any) -> dict[str, Any]:
    label = {"type": "plain_text", "text": "Pick"}
    return {"type": "input", "block_id": "pick", "label": label, "element": {"action_id": "pick", **element}}


@pytest.fixture
def opened(client: WebClient, bot: Bot, ann: Hands) -> Open:
    """Open a modal of these blocks for Ann, who looks at #deploys."""

    def open_for_ann(*blocks: dict[str, Any], **more: Any) -> None:
        bot.answer = lambda _got: Response()
        ann.command("/access", channel="#deploys")
        trigger = str(bot.of_kind("/access")[-1].payload["trigger_id"])
        view = {key: value for key, value in modal(*blocks, **more).items() if value is not None}
        client.views_open(trigger_id=trigger, view=view)

    return open_for_ann


WRONG: list[tuple[dict[str, Any], Any]] = [
    ({"type": "datepicker"}, "2026-02-30"),
    ({"type": "datepicker"}, "tomorrow"),
    ({"type": "timepicker"}, "25:00"),
    ({"type": "datetimepicker"}, "2026-05-31"),
    ({"type": "datetimepicker"}, 12),
    ({"type": "plain_text_input"}, 7),
    ({"type": "users_select"}, "U0NOBODY"),
    ({"type": "users_select"}, "U0ZED"),
    ({"type": "channels_select"}, "G0SECPRIVATE"),
    ({"type": "channels_select"}, "C0OLDAPPROVALS"),
    ({"type": "conversations_select"}, "G0LEADSPRIVATE"),
    ({"type": "conversations_select", "filter": {"include": ["private"]}}, "C0GENERAL"),
    ({"type": "conversations_select", "filter": {"exclude_external_shared_channels": True}}, "C0PARTNERSHARED"),
    ({"type": "multi_users_select"}, ["U0ANN", "U0NOBODY"]),
    ({"type": "multi_users_select"}, ["U0ANN", "U0ANN"]),
    ({"type": "multi_users_select", "max_selected_items": 1}, ["U0ANN", "U0BOB"]),
    ({"type": "multi_static_select", "options": [option("a")]}, [{"value": "a"}]),
    ({"type": "checkboxes", "options": [option("a")]}, ["b"]),
]


@pytest.mark.parametrize(("element", "value"), WRONG, ids=lambda value: str(value)[:50])
def test_what_no_page_would_send_is_refused(
    opened: Open, bot: Bot, ann: Hands, element: dict[str, Any], value: Any
) -> None:
    opened(block(**element))

    with pytest.raises(CannotDo):
        ann.submit({"pick": {"pick": value}})

    assert bot.of_kind("view_submission") == []


RIGHT: list[tuple[dict[str, Any], Any, dict[str, Any]]] = [
    ({"type": "users_select"}, "U0GUS", {"selected_user": "U0GUS"}),
    ({"type": "channels_select"}, "C0NOBOT", {"selected_channel": "C0NOBOT"}),
    ({"type": "conversations_select"}, "G0SECPRIVATE", {"selected_conversation": "G0SECPRIVATE"}),
    (
        {"type": "multi_channels_select", "max_selected_items": 2},
        ["C0GENERAL", "C0DEPLOYS"],
        {"selected_channels": ["C0GENERAL", "C0DEPLOYS"]},
    ),
    ({"type": "number_input", "is_decimal_allowed": True}, "1.5", {"value": "1.5"}),
    ({"type": "datepicker"}, "2028-02-29", {"selected_date": "2028-02-29"}),
]


@pytest.mark.parametrize(("element", "value", "state"), RIGHT, ids=lambda value: str(value)[:40])
def test_what_is_offered_arrives(
    opened: Open, bot: Bot, ann: Hands, element: dict[str, Any], value: Any, state: dict[str, Any]
) -> None:
    opened(block(**element))

    assert ann.submit({"pick": {"pick": value}}).ok

    values = bot.of_kind("view_submission")[0].payload["view"]["state"]["values"]
    assert values["pick"]["pick"] == {"type": element["type"], **state}


def test_a_dm_with_an_app_can_be_left_out(opened: Open, ann: Hands) -> None:
    direct = ann.app_dm()
    opened(block(type="conversations_select", filter={"include": ["im"], "exclude_bot_users": True}))

    with pytest.raises(CannotDo, match="not offered"):
        ann.submit({"pick": {"pick": direct}})


def test_a_select_can_start_from_where_the_person_is(opened: Open, bot: Bot, ann: Hands) -> None:
    opened(
        block(type="conversations_select", default_to_current_conversation=True),
        text_input("note", optional=True),
    )
    ann.submit()

    values = bot.of_kind("view_submission")[0].payload["view"]["state"]["values"]
    assert values["pick"]["pick"]["selected_conversation"] == "C0DEPLOYS"


def test_a_global_shortcut_brings_where_it_was_used(bot: Bot, client: WebClient, ann: Hands) -> None:
    ann.shortcut("request_access", channel="#prod-access")
    trigger = str(bot.of_kind("shortcut")[-1].payload["trigger_id"])
    view = client.views_open(
        trigger_id=trigger,
        view=modal(block(type="multi_conversations_select", default_to_current_conversation=True)),
    )["view"]

    assert view["state"]["values"]["pick"]["pick"]["selected_conversations"] == ["C0PRODACCESS"]
    assert "channel" not in bot.of_kind("shortcut")[-1].payload


def test_a_chosen_conversation_can_be_answered_into(opened: Open, bot: Bot, ann: Hands, eve: Hands) -> None:
    opened(block(type="conversations_select", response_url_enabled=True))
    ann.submit({"pick": {"pick": "C0GENERAL"}})

    (answer,) = bot.of_kind("view_submission")[0].payload["response_urls"]
    WebhookClient(answer["response_url"]).send(text="asked", response_type="in_channel")
    assert (answer["block_id"], answer["action_id"], answer["channel_id"]) == ("pick", "pick", "C0GENERAL")
    assert [one.text for one in eve.messages("#general")] == ["asked"]


def test_without_being_asked_for_there_is_no_response_url(opened: Open, bot: Bot, ann: Hands) -> None:
    opened(block(type="conversations_select"))
    ann.submit({"pick": {"pick": "C0GENERAL"}})

    assert bot.of_kind("view_submission")[0].payload["response_urls"] == []


def test_what_an_earlier_word_found_stays_chosen(opened: Open, bot: Bot, ann: Hands) -> None:
    opened(block(type="multi_external_select", min_query_length=1))
    for value in ("prod-db", "stage-db"):
        bot.answer = says({"options": [option(value)]})
        ann.suggestions("pick", value)
    bot.answer = lambda _got: Response()

    assert ann.submit({"pick": {"pick": ["prod-db", "stage-db"]}}).ok


def test_the_bot_is_not_asked_before_enough_is_typed(opened: Open, bot: Bot, ann: Hands) -> None:
    opened(block(type="external_select"))
    bot.answer = says({"options": []})

    with pytest.raises(CannotDo, match="asks the bot for nothing"):
        ann.suggestions("pick", "pr")
    assert ann.suggestions("pick", "pro") == []

    assert [one.payload["value"] for one in bot.of_kind("block_suggestion")] == ["pro"]


@pytest.mark.parametrize(
    "answer", [{}, {"options": [{"text": "x"}]}, {"options": [option(str(n)) for n in range(101)]}]
)
def test_options_that_are_none_are_said(opened: Open, bot: Bot, ann: Hands, answer: dict[str, Any]) -> None:
    opened(block(type="external_select", min_query_length=0))
    bot.answer = lambda _got: JSONResponse(answer)

    with pytest.raises(CannotDo, match="not ones"):
        ann.suggestions("pick", "")


def test_a_form_without_a_submit_button_is_not_submitted(opened: Open, bot: Bot, ann: Hands, client: WebClient) -> None:
    opened(actions(button()), submit=None)

    with pytest.raises(CannotDo, match="no submit button"):
        ann.submit()

    assert bot.of_kind("view_submission") == []


def test_a_switched_off_submit_button_is_not_pressed(opened: Open, ann: Hands) -> None:
    opened(text_input(), submit_disabled=True)

    with pytest.raises(CannotDo, match="switched"):
        ann.submit({"note": {"text": "x"}})


def test_a_private_message_has_no_shortcuts(client: WebClient, ann: Hands, bot: Bot) -> None:
    client.chat_postEphemeral(channel="C0GENERAL", user="U0ANN", text="psst")
    (seen,) = ann.only_you("#general")

    with pytest.raises(CannotDo, match="no shortcuts"):
        ann.shortcut("request_about_message", channel="#general", ts=seen.ts)
    with pytest.raises(CannotDo, match="nobody can react"):
        ann._call("POST", "reactions", {"channel": "general", "ts": seen.ts, "name": "eyes"})

    assert bot.got == []


def test_a_press_inside_an_attachment_says_so(client: WebClient, bot: Bot, ann: Hands) -> None:
    attachments = [{"blocks": [{"type": "divider"}]}, {"blocks": [actions(button("inner"), block_id="inside")]}]
    posted = client.chat_postMessage(channel="#general", text="x", attachments=attachments)
    ann.press("#general", str(posted["ts"]), "inner")

    payload = bot.of_kind("block_actions")[0].payload
    assert payload["container"]["attachment_id"] == 2
    assert payload["actions"][0]["block_id"] == "inside"
