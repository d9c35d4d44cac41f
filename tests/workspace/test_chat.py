"""Posting, changing and deleting messages, with the real slack_sdk."""

import re

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from approvalbot.workspace.hands import Hands
from tests.workspace.conftest import actions, button

DIVIDER = {"type": "divider"}


def refusal(error: pytest.ExceptionInfo[SlackApiError]) -> str:
    return str(error.value.response["error"])


def test_a_post_by_name_answers_with_the_id(client: WebClient) -> None:
    assert client.chat_postMessage(channel="#deploys", text="x")["channel"] == "C0DEPLOYS"


def test_every_ts_of_a_channel_is_later_than_the_last(client: WebClient) -> None:
    stamps = [str(client.chat_postMessage(channel="C0DEPLOYS", text="x")["ts"]) for _ in range(5)]

    assert all(re.fullmatch(r"\d{10}\.\d{6}", ts) for ts in stamps)
    assert stamps == sorted(set(stamps))


def test_blocks_without_ids_get_some(client: WebClient) -> None:
    bare = {"type": "button", "text": {"type": "plain_text", "text": "Go"}}
    message = client.chat_postMessage(channel="C0DEPLOYS", text="x", blocks=[{"type": "actions", "elements": [bare]}])

    (block,) = message["message"]["blocks"]
    assert block["block_id"]
    assert block["elements"][0]["action_id"]


@pytest.mark.parametrize(
    ("channel", "code"),
    [
        ("C0NOWHERE", "channel_not_found"),
        ("G0LEADSPRIVATE", "channel_not_found"),
        ("#leads-private", "channel_not_found"),
        ("#no-bot", "not_in_channel"),
        ("#old-approvals", "is_archived"),
        ("U0ZED", "channel_not_found"),
    ],
)
def test_a_post_needs_a_channel_the_app_is_in(client: WebClient, channel: str, code: str) -> None:
    with pytest.raises(SlackApiError) as refused:
        client.chat_postMessage(channel=channel, text="x")

    assert refusal(refused) == code


def test_a_message_needs_something_in_it(client: WebClient) -> None:
    with pytest.raises(SlackApiError) as refused:
        client.api_call("chat.postMessage", json={"channel": "#general", "text": " "})

    assert refusal(refused) == "no_text"


def test_a_post_to_a_person_is_a_dm(client: WebClient, ann: Hands) -> None:
    client.chat_postMessage(channel="U0ANN", text="for you")

    assert [one.text for one in ann.direct_messages()] == ["for you"]


def test_a_long_text_is_cut_in_a_post_and_refused_in_an_update(client: WebClient) -> None:
    posted = client.chat_postMessage(channel="#general", text="x" * 40_001)

    with pytest.raises(SlackApiError) as refused:
        client.chat_update(channel=str(posted["channel"]), ts=str(posted["ts"]), text="x" * 4_001)

    assert len(posted["message"]["text"]) == 40_000
    assert refusal(refused) == "msg_too_long"


def test_blocks_that_are_too_long_together_are_refused(client: WebClient) -> None:
    block = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3000}}

    with pytest.raises(SlackApiError) as refused:
        client.chat_postMessage(channel="#general", text="x", blocks=[block] * 5)

    assert refusal(refused) == "msg_blocks_too_long"


def test_an_update_with_text_alone_drops_the_blocks(client: WebClient, ann: Hands) -> None:
    posted = client.chat_postMessage(channel="#general", text="x", blocks=[actions(button())])
    client.chat_update(channel="C0GENERAL", ts=str(posted["ts"]), text="y")

    assert ann.messages("#general")[-1].blocks == []


def test_edited_appears_only_when_the_text_changed(client: WebClient) -> None:
    posted = client.chat_postMessage(channel="#general", text="x", blocks=[DIVIDER])
    same = client.chat_update(channel="C0GENERAL", ts=str(posted["ts"]), text="x", blocks=[DIVIDER, DIVIDER])
    other = client.chat_update(channel="C0GENERAL", ts=str(posted["ts"]), text="y", blocks=[DIVIDER])

    assert "edited" not in same["message"]
    assert other["message"]["edited"]["user"] == "U0APPROVE"


def test_the_app_changes_its_own_messages_only(client: WebClient, ann: Hands) -> None:
    foreign = ann.write("#general", "mine")

    with pytest.raises(SlackApiError) as refused:
        client.chat_update(channel="C0GENERAL", ts=foreign.ts, text="y")
    with pytest.raises(SlackApiError) as missing:
        client.chat_update(channel="C0GENERAL", ts="1700000000.000001", text="y")

    assert refusal(refused) == "cant_update_message"
    assert refusal(missing) == "message_not_found"


def test_a_message_in_an_archived_channel_cannot_be_changed(client: WebClient, ann: Hands) -> None:
    posted = client.chat_postMessage(channel="#deploys", text="x")
    ann.change_channel("#deploys", archived=True)

    with pytest.raises(SlackApiError) as refused:
        client.chat_update(channel="C0DEPLOYS", ts=str(posted["ts"]), text="y")

    assert refusal(refused) == "is_inactive"


def test_an_ephemeral_message_is_seen_by_one_person(client: WebClient, ann: Hands, eve: Hands) -> None:
    client.chat_postEphemeral(channel="C0GENERAL", user="U0ANN", text="psst")

    (seen,) = ann.only_you("#general")
    ann.dismiss("#general", seen.ts)

    assert seen.text == "psst"
    assert eve.messages("#general") == []
    assert ann.messages("#general") == []


@pytest.mark.parametrize("user", ["U0GUS", "U0ZED", "U0NOBODY"])
def test_an_ephemeral_message_needs_a_member(client: WebClient, user: str) -> None:
    with pytest.raises(SlackApiError) as refused:
        client.chat_postEphemeral(channel="C0GENERAL", user=user, text="psst")

    assert refusal(refused) == "user_not_in_channel"


def test_an_ephemeral_message_cannot_be_changed_by_its_ts(client: WebClient) -> None:
    sent = client.chat_postEphemeral(channel="C0GENERAL", user="U0ANN", text="psst")

    with pytest.raises(SlackApiError) as refused:
        client.chat_update(channel="C0GENERAL", ts=str(sent["message_ts"]), text="y")

    assert refusal(refused) == "message_not_found"


def test_a_reply_counts_at_the_head_of_its_thread(client: WebClient, ann: Hands) -> None:
    head = client.chat_postMessage(channel="#general", text="head")
    client.chat_postMessage(channel="#general", text="reply", thread_ts=str(head["ts"]))

    (shown,) = ann.messages("#general")
    assert shown.reply_count == 1
    assert [one.text for one in ann.thread("#general", shown.ts)] == ["reply"]


def test_a_reply_needs_a_head_that_is_none_itself(client: WebClient) -> None:
    head = client.chat_postMessage(channel="#general", text="head")
    reply = client.chat_postMessage(channel="#general", text="reply", thread_ts=str(head["ts"]))

    for thread_ts in (str(reply["ts"]), "1700000000.000001"):
        with pytest.raises(SlackApiError) as refused:
            client.chat_postMessage(channel="#general", text="x", thread_ts=thread_ts)
        assert refusal(refused) == "cannot_reply_to_message"


def test_a_deleted_head_leaves_a_tombstone_over_its_replies(client: WebClient, ann: Hands) -> None:
    head = client.chat_postMessage(channel="#general", text="head")
    client.chat_postMessage(channel="#general", text="reply", thread_ts=str(head["ts"]))
    client.chat_delete(channel="C0GENERAL", ts=str(head["ts"]))

    (shown,) = ann.messages("#general")
    assert shown.raw["subtype"] == "tombstone"
    assert [one.text for one in ann.thread("#general", shown.ts)] == ["reply"]


def test_metadata_is_kept(client: WebClient) -> None:
    metadata = {"event_type": "request", "event_payload": {"id": "7K3F"}}
    posted = client.chat_postMessage(channel="#general", text="x", metadata=metadata)
    changed = client.chat_update(channel="C0GENERAL", ts=str(posted["ts"]), text="y")

    assert posted["message"]["metadata"] == metadata
    assert changed["message"]["metadata"] == metadata


def test_a_permalink_leads_to_the_page(client: WebClient) -> None:
    posted = client.chat_postMessage(channel="#general", text="x")
    link = client.chat_getPermalink(channel="C0GENERAL", message_ts=str(posted["ts"]))["permalink"]

    assert str(link).endswith(f"/archives/C0GENERAL/p{str(posted['ts']).replace('.', '')}")


def test_unread_counts_messages_of_others_until_read(client: WebClient, ann: Hands) -> None:
    client.chat_postMessage(channel="#general", text="x")
    ann.write("#deploys", "mine")

    assert ann.channels()["general"]["unread"] == 1
    assert ann.channels()["deploys"]["unread"] == 0
